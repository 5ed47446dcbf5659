// Taking secrets out of JSON text while it is copied.
// Tested by tests/audit/redact_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/redact.hpp"

#include <algorithm>
#include <charconv>

namespace mcpgov::audit {

namespace {

// Names of members at level metadata, and their bytes.
constexpr std::size_t kListedNames = 64;
constexpr std::size_t kListedBytes = 4096;

bool is_space(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

void append_number(std::string& out, std::uint32_t number) {
  char digits[10];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

}  // namespace

void Redactor::start(const RedactOrder& order, std::string& out, Tally& tally, Work& work) {
  order_ = order;
  order_.value_bytes = std::min(order.value_bytes, order.content_bytes);
  out_ = &out;
  tally_ = &tally;
  work_ = &work;
  tally.by_detector.resize(strings_.detectors().count());
  always_ = order.detect && strings_.detectors().always();
  quick_ = order.detect && !always_ && !order.places_only;
  map_.begin(order.text, order.detect ? &strings_.detectors() : nullptr);
  levels_.clear();
  first_ = out.size();
  at_ = copied_ = 0;
  keep_so_far();
}

RedactEnd Redactor::run(const RedactOrder& order, std::string& out, Tally& tally, Work& work) {
  start(order, out, tally, work);
  const Step step = walk();
  work.done += std::min(map_.bytes_read(), order.text.size());
  if (step == Step::broken || work.over()) return RedactEnd::failed;
  if (step == Step::ended) {
    if (!order.cut && !tally.cut) return RedactEnd::failed;
    end_early();
  }
  return tally.cut ? RedactEnd::cut : RedactEnd::whole;
}

Redactor::Step Redactor::walk() {
  if (!spaces()) return Step::ended;
  Fate fate;
  if (order_.drop != nullptr) {
    fate.dropped = order_.drop->root();
    fate.drop = order_.drop->all();
  }
  if (order_.keep != nullptr && !order_.keep->root()) {
    fate.picky = true;
    fate.keep = order_.keep->all();
    const char c = order_.text[at_];
    if (c != '{' && c != '[') {
      const Step step = skip_value();
      copied_ = at_;
      out_->append("null");
      return step == Step::go_on ? end_of_text() : step;
    }
  }
  Step step = value(fate);
  while (step == Step::go_on && !levels_.empty()) step = next_child();
  return step == Step::go_on ? end_of_text() : step;
}

// Nothing may follow but spaces.
Redactor::Step Redactor::end_of_text() {
  flush(at_);
  while (at_ < order_.text.size() && is_space(order_.text[at_])) ++at_;
  return at_ == order_.text.size() ? Step::go_on : Step::broken;
}

bool Redactor::more_spaces() {
  flush(at_);
  while (at_ < order_.text.size() && is_space(order_.text[at_])) ++at_;
  copied_ = at_;
  return at_ < order_.text.size();
}

// Behind a value or an opening bracket: what comes next in the innermost level.
Redactor::Step Redactor::next_child() {
  Level& level = levels_.back();
  if (quick_ && !level.picky && level.drop == 0) plain_children(level);
  if (over(at_)) {
    tally_->cut = true;
    return Step::ended;
  }
  keep_so_far();
  if (!spaces()) return Step::ended;
  const char c = order_.text[at_];
  if (c == (level.object ? '}' : ']')) {
    close(level);
    return Step::go_on;
  }
  if (level.count > 0) {
    if (c != ',') return Step::broken;
    if (!order_.places_only && level.count >= (level.object ? kStoredMembers : kStoredItems)) {
      return too_many(level.object);
    }
    if (level.picky) flush(at_);
    ++at_;
    if (level.picky) copied_ = at_;
    if (!spaces()) return Step::ended;
  }
  ++level.count;
  return level.object ? member(level) : item(level);
}

void Redactor::close(Level& level) {
  if (level.left_out != 0) {
    flush(at_);
    write_left_out(level);
  }
  ++at_;
  levels_.pop_back();
  keep_so_far();
}

void Redactor::write_left_out(Level& level) {
  if (level.left_out == 0) return;
  if (level.wrote) out_->push_back(',');
  out_->append(R"({"$left_out":)");
  append_number(*out_, level.left_out);
  out_->push_back('}');
  level.left_out = 0;
  level.wrote = true;
}

Redactor::Step Redactor::member(Level& level) {
  if (order_.text[at_] != '"') return Step::broken;
  if (level.picky) flush(at_);
  const std::size_t out_before = out_->size();
  if (level.wrote) out_->push_back(',');
  const std::size_t begin = at_ + 1;
  const std::size_t end = map_.next_quote(begin);
  if (end == TextMap::kNone) return Step::ended;
  const bool noted = map_.noted(begin, end);
  // Nearly every member of nearly every message.
  if (!noted && !level.picky && level.drop == 0 && is_plain_name(begin, end)) {
    at_ = end + 1;
    if (!spaces()) return Step::ended;
    if (order_.text[at_] != ':') return Step::broken;
    ++at_;
    return spaces() ? plain_value() : Step::ended;
  }
  Fate fate;
  const std::string_view raw = order_.text.substr(begin, end - begin);
  Step step = compare_name(raw, level, fate);
  if (step == Step::go_on) step = write_name(begin, end, noted);
  if (step != Step::go_on) return step;
  at_ = end + 1;
  if (!spaces()) return Step::ended;
  if (order_.text[at_] != ':') return Step::broken;
  ++at_;
  if (!spaces()) return Step::ended;
  return level.picky ? picky_value(level, fate, out_before) : value(fate);
}

Redactor::Step Redactor::compare_name(std::string_view raw, Level& level, Fate& fate) {
  const bool places = (level.drop | level.keep) != 0;
  const bool compare = order_.detect && !plain_names_.has(raw);
  fate.picky = level.picky;
  if (!places && !compare) return Step::go_on;
  name_.clear();
  std::size_t read = 0;
  if (!decode_string(raw, raw.size(), name_, read)) return Step::broken;
  if (compare) {
    fate.name_rule = names_.find(name_);
    if (fate.name_rule == nullptr) plain_names_.add(raw);
  }
  const std::size_t depth = levels_.size() - 1;
  if (level.drop != 0) fate.drop = order_.drop->enter(level.drop, depth, name_, fate.dropped);
  if (level.keep != 0) {
    bool here = false;
    fate.keep = order_.keep->enter(level.keep, depth, name_, here);
    fate.picky = !here;
  }
  return Step::go_on;
}

// Of no rule, and stored as it stands.
bool Redactor::is_plain_name(std::size_t begin, std::size_t end) noexcept {
  if (order_.places_only) return true;
  const std::string_view raw = order_.text.substr(begin, end - begin);
  return !always_ && raw.size() <= kStoredKey && !raw.starts_with('$') &&
         (!order_.detect || plain_names_.has(raw));
}

// The name as it stands, or, where it cannot, written anew.
Redactor::Step Redactor::write_name(std::size_t begin, std::size_t end, bool noted) {
  const bool ours = begin < end && order_.text[begin] == '$';
  if (order_.places_only) return Step::go_on;
  if (!noted && !ours && !always_ && end - begin <= kStoredKey) return Step::go_on;
  flush(begin - 1);
  Strings::Order order;
  order.raw = order_.text.substr(begin, end - begin);
  order.is_key = true;
  order.detect = order_.detect;
  order.most = kStoredKey;
  order.digests = order_.digests;
  if (!strings_.write(order, *out_, *tally_, *work_)) return Step::broken;
  copied_ = end + 1;
  return Step::go_on;
}

Redactor::Step Redactor::item(Level& level) {
  Fate fate;
  fate.picky = level.picky;
  if (!level.picky && level.drop == 0) return plain_value();
  char digits[10];
  const auto end = std::to_chars(digits, digits + sizeof digits, level.count - 1).ptr;
  const std::string_view index(digits, static_cast<std::size_t>(end - digits));
  const std::size_t depth = levels_.size() - 1;
  if (level.drop != 0) fate.drop = order_.drop->enter(level.drop, depth, index, fate.dropped);
  if (!level.picky) return value(fate);
  flush(at_);
  bool here = false;
  if (level.keep != 0) fate.keep = order_.keep->enter(level.keep, depth, index, here);
  fate.picky = !here;
  return picky_value(level, fate, out_->size());
}

// A child of a level of which only some are stored. out_before: without the child's name.
Redactor::Step Redactor::picky_value(Level& level, const Fate& fate, std::size_t out_before) {
  const char c = order_.text[at_];
  if (fate.picky && (fate.keep == 0 || (c != '{' && c != '['))) {
    out_->resize(out_before);
    const Step step = skip_value();
    copied_ = at_;
    if (!level.object) ++level.left_out;
    return step;
  }
  if (!level.object) {
    write_left_out(level);
    if (level.wrote) out_->push_back(',');
  }
  level.wrote = true;
  return value(fate);
}

// At the comma before a child that is one too many.
Redactor::Step Redactor::too_many(bool object) {
  flush(at_);
  const char closing = object ? '}' : ']';
  const auto skip_spaces = [&] {
    while (at_ < order_.text.size() && is_space(order_.text[at_])) ++at_;
    return at_ < order_.text.size();
  };
  std::uint32_t count = 0;
  while (order_.text[at_] == ',') {
    ++at_;
    for (int part = object ? 0 : 1; part < 2; ++part) {
      if (!skip_spaces()) return Step::ended;
      if (part == 0 && order_.text[at_] != '"') return Step::broken;
      const Step step = skip_value();
      if (step != Step::go_on) return step;
      if (!skip_spaces()) return Step::ended;
      if (part == 0 && order_.text[at_++] != ':') return Step::broken;
    }
    ++count;
  }
  if (order_.text[at_] != closing) return Step::broken;
  const char before = out_->back();
  if (before != '{' && before != '[') out_->push_back(',');
  out_->append(object ? R"("$cut":{"members":)" : R"({"$cut":{"items":)");
  append_number(*out_, count);
  out_->append(object ? "}" : "}}");
  copied_ = at_;
  tally_->cut = true;
  return Step::go_on;
}

// Ends the document behind the last value that is stored whole.
void Redactor::end_early() {
  out_->resize(good_out_);
  copied_ = good_copied_;
  flush(good_at_);
  tally_->cut = true;
  if (levels_.empty()) {
    if (out_->size() == first_) out_->append(R"({"$cut":"bytes"})");
    return;
  }
  if (levels_.back().left_out != 0) write_left_out(levels_.back());
  const char before = out_->back();
  if (before != '{' && before != '[') out_->push_back(',');
  out_->append(levels_.back().object ? R"("$cut":"bytes")" : R"({"$cut":"bytes"})");
  while (!levels_.empty()) {
    out_->push_back(levels_.back().object ? '}' : ']');
    levels_.pop_back();
  }
}

bool drop_places(const Places& drop, std::string_view text, std::string& out) {
  static const NameRules kNoNames({});
  thread_local Detectors none = Detectors::none();
  thread_local Redactor redactor(none, kNoNames);
  RedactOrder order;
  order.text = text;
  order.detect = false;
  order.places_only = true;
  order.drop = &drop;
  order.value_bytes = order.content_bytes = ~std::size_t{0};
  Tally tally;
  Work work{0, ~std::uint64_t{0}};
  return redactor.run(order, out, tally, work) == RedactEnd::whole;
}

bool Redactor::write_keys(const RedactOrder& order, std::string& out, Tally& tally, Work& work) {
  start(order, out, tally, work);
  if (!spaces() || order.text[at_] != '{') return true;
  ++at_;
  const std::size_t from = out.size();
  out += '[';
  Step step = Step::go_on;
  for (std::size_t count = 0; step == Step::go_on; ++count) {
    copied_ = at_;
    if (!spaces()) {
      step = Step::ended;
    } else if (order.text[at_] == '}') {
      break;
    } else if (count >= kListedNames || out.size() - from > kListedBytes) {
      tally.cut = true;
      break;
    } else {
      step = list_name(count > 0);
    }
  }
  work.done += std::min(map_.bytes_read(), order.text.size());
  if (step == Step::ended && order.cut) {
    tally.cut = true;
    step = Step::go_on;
  }
  out += ']';
  return step == Step::go_on && !work.over();
}

// At a member, or at the comma before it: its name to out, without its value.
Redactor::Step Redactor::list_name(bool comma) {
  if (comma) {
    if (order_.text[at_] != ',') return Step::broken;
    copied_ = ++at_;
    if (!spaces()) return Step::ended;
  }
  if (order_.text[at_] != '"') return Step::broken;
  const std::size_t begin = at_ + 1;
  const std::size_t end = map_.next_quote(begin);
  if (end == TextMap::kNone) return Step::ended;
  copied_ = at_;
  const std::size_t out_before = out_->size();
  if (comma) out_->push_back(',');
  const Step step = write_name(begin, end, map_.noted(begin, end));
  if (step != Step::go_on) return step;
  at_ = end + 1;
  flush(at_);
  if (!spaces() || order_.text[at_] != ':') {
    out_->resize(out_before);
    return at_ == order_.text.size() ? Step::ended : Step::broken;
  }
  copied_ = ++at_;
  if (!spaces()) return Step::ended;
  const Step skipped = skip_value();
  copied_ = at_;
  return skipped;
}

}  // namespace mcpgov::audit
