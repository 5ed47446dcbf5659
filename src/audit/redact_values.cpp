// Values of JSON while they are copied: which stay as they are, and what stands for the others.
// Tested by tests/audit/redact_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "audit/redact.hpp"

namespace mcpgov::audit {

namespace {

constexpr std::size_t kNone = TextMap::kNone;
// From here on a string is looked at as base64; a shorter one costs little to keep.
constexpr std::size_t kBlob = 256;
constexpr std::string_view kDropped = R"({"$redacted":"drop"})";

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// RFC 8259 section 6.
bool is_number(std::string_view text) noexcept {
  std::size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at > from;
  };
  const std::size_t whole = at;
  if (!digits() || (text[whole] == '0' && at > whole + 1)) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

bool is_word(std::string_view text) noexcept {
  return text == "true" || text == "false" || text == "null";
}

}  // namespace

Redactor::Step Redactor::value(const Fate& fate) {
  if (fate.dropped) {
    flush(at_);
    const Step step = skip_value();
    copied_ = at_;
    out_->append(kDropped);
    ++tally_->dropped;
    return step;
  }
  if (fate.name_rule != nullptr && !reveals_nothing()) return take_out(*fate.name_rule);
  const char c = order_.text[at_];
  return c == '{' || c == '[' ? open(fate) : plain_value();
}

// A secret that is not there is no secret.
bool Redactor::reveals_nothing() const noexcept {
  const std::string_view rest = order_.text.substr(at_);
  return rest.starts_with("null") || rest.starts_with("true") || rest.starts_with("false") ||
         rest.starts_with("\"\"");
}

Redactor::Step Redactor::take_out(const std::string& rule) {
  flush(at_);
  const std::size_t begin = at_;
  const Step step = skip_value();
  if (step != Step::go_on) return step;
  std::string_view text = order_.text.substr(begin, at_ - begin);
  if (text[0] == '"') {
    // Of a string the text that it stands for, so that equal secrets have equal digests.
    text = text.substr(1, text.size() - 2);
    name_.clear();
    std::size_t read = 0;
    if (!decode_string(text, text.size(), name_, read)) return Step::broken;
    text = name_;
  }
  append_redacted(*out_, "name:" + rule, text, *order_.digests);
  copied_ = at_;
  ++tally_->by_name;
  return Step::go_on;
}

// Takes the children that come next as long as they are what nearly all are and stay as they are.
void Redactor::plain_children(Level& level) {
  const std::uint32_t most = level.object ? kStoredMembers : kStoredItems;
  // In a variable of its own: the way through memory is what a child would wait for.
  std::size_t here = at_;
  while (level.count < most && !over(here)) {
    good_out_ = out_->size();
    good_copied_ = copied_;
    good_at_ = here;
    std::size_t at = here;
    if (level.count > 0) {
      if (at >= order_.text.size() || order_.text[at] != ',') break;
      ++at;
    }
    const std::size_t value = level.object ? after_expected_name(at) : at;
    const std::size_t end = value != kNone ? after_plain_value(value) : kNone;
    if (end == kNone || map_.noted(at, end)) break;
    if (level.object) plain_names_.expect_next();
    here = end;
    ++level.count;
  }
  at_ = here;
}

// Behind a name and its colon, where the name is the one that followed last time; else kNone.
std::size_t Redactor::after_expected_name(std::size_t at) const noexcept {
  const std::string_view name = plain_names_.expected();
  const std::size_t value = at + name.size() + 3;
  if (name.empty() || name[0] == '$' || value > order_.text.size()) return kNone;
  const char* const text = order_.text.data();
  const bool here = text[at] == '"' && text[value - 2] == '"' && text[value - 1] == ':' &&
                    same_text({text + at + 1, name.size()}, name);
  return here ? value : kNone;
}

// Behind a short string, a number without exponent, or a word, where another child or the end of
// all follows; kNone: look closely.
std::size_t Redactor::after_plain_value(std::size_t at) {
  const std::size_t size = order_.text.size();
  if (at + sizeof(std::uint64_t) > size) return kNone;
  // Two runs of digits at most, each seen through a window.
  map_.reach(at + 4 * kBlockBytes);
  const char* const text = order_.text.data();
  std::size_t end = at;
  if (text[at] == '"') {
    const std::size_t length = map_.text_size(at + 1);
    if (length >= std::min(kBlockBytes, order_.value_bytes)) return kNone;
    end += length + 2;
  } else if (text[at] > '0' && text[at] <= '9') {
    end += map_.digits(at);
    if (end < size && text[end] == '.') {
      const std::size_t places = map_.digits(end + 1);
      if (places == 0) return kNone;
      end += 1 + places;
    }
  } else {
    const auto word = load<std::uint32_t>(text + at);
    if (word == load<std::uint32_t>("true") || word == load<std::uint32_t>("null")) end += 4;
    if (word == load<std::uint32_t>("fals") && text[at + 4] == 'e') end += 5;
    if (end == at) return kNone;
  }
  const bool followed = end < size && (text[end] == ',' || text[end] == '}' || text[end] == ']');
  return followed ? end : kNone;
}

Redactor::Step Redactor::open(const Fate& fate) {
  if (order_.places_only && levels_.size() >= kReadDepth) return Step::broken;
  if (!order_.places_only && levels_.size() >= kStoredDepth) {
    flush(at_);
    const std::size_t begin = at_;
    const Step step = skip_value();
    if (step != Step::go_on) return step;
    out_->append(R"({"$cut":"depth","bytes":)" + std::to_string(at_ - begin) + '}');
    copied_ = at_;
    tally_->cut = true;
    return Step::go_on;
  }
  Level level;
  level.object = order_.text[at_] == '{';
  level.picky = fate.picky;
  level.keep = fate.picky ? fate.keep : 0;
  level.drop = fate.drop;
  levels_.push_back(level);
  ++at_;
  keep_so_far();
  return Step::go_on;
}

Redactor::Step Redactor::string_value() {
  const std::size_t begin = at_ + 1;
  const std::size_t blob = order_.detect ? kBlob : order_.value_bytes + 1;
  bool is_blob = false;
  const std::size_t end = map_.end_of_string(begin, blob, is_blob);
  if (end == TextMap::kNone) return cut_string(begin);
  const std::size_t size = end - begin;
  at_ = end + 1;
  if (order_.places_only) return Step::go_on;
  const bool plain = !is_blob && size <= order_.value_bytes && !always_ && !map_.noted(begin, end);
  if (plain && size < blob) return Step::go_on;
  const std::string_view raw = order_.text.substr(begin, size);
  // Prose ends this with its first blank.
  if (size >= blob && (is_base64(raw.substr(0, 32)) || raw.starts_with("data:"))) {
    const std::size_t out_before = out_->size();
    const std::size_t copied_before = copied_;
    flush(begin - 1);
    if (strings_.write_blob(raw, *order_.digests, *out_)) {
      copied_ = at_;
      return Step::go_on;
    }
    out_->resize(out_before);
    copied_ = copied_before;
  }
  if (plain) return Step::go_on;
  flush(begin - 1);
  Strings::Order order;
  order.raw = raw;
  order.detect = order_.detect;
  order.most = order_.value_bytes;
  order.digests = order_.digests;
  if (!strings_.write(order, *out_, *tally_, *work_)) return Step::broken;
  copied_ = at_;
  return Step::go_on;
}

// A string whose end is not there. What is sure of it is stored.
Redactor::Step Redactor::cut_string(std::size_t begin) {
  if (!order_.cut) return Step::ended;
  flush(begin - 1);
  Strings::Order order;
  order.raw = order_.text.substr(begin);
  order.ended = false;
  order.detect = order_.detect;
  order.most = order_.value_bytes;
  order.digests = order_.digests;
  if (!strings_.write(order, *out_, *tally_, *work_)) return Step::broken;
  copied_ = at_ = order_.text.size();
  if (!over(at_)) keep_so_far();
  return Step::ended;
}

Redactor::Step Redactor::scalar() {
  const std::size_t begin = at_;
  const std::size_t end = map_.next_end(begin);
  // What comes next of a cut text might belong to it.
  if (end == order_.text.size() && (order_.cut || !levels_.empty())) return Step::ended;
  const std::string_view text = order_.text.substr(begin, end - begin);
  // Nearly all numbers are whole; one that begins with 0 may not go on.
  const bool number =
      order_.text[begin] != '0' && map_.all_digits(begin, end) ? true : is_number(text);
  if (!number && !is_word(text)) return Step::broken;
  at_ = end;
  if (!number || !order_.detect) return Step::go_on;
  // 4.111111111111111e15
  const bool may_hide = text.size() > 15 && text.find_first_of("eE") != std::string_view::npos;
  const bool search = may_hide || always_ || map_.noted(begin, end);
  if (!search) return Step::go_on;
  const std::size_t out_before = out_->size();
  const std::size_t copied_before = copied_;
  flush(begin);
  bool found = false;
  if (!strings_.write_number(text, *order_.digests, *out_, *tally_, *work_, found)) {
    return Step::broken;
  }
  if (found) {
    copied_ = end;
  } else {
    out_->resize(out_before);
    copied_ = copied_before;
  }
  return Step::go_on;
}

// Without writing anything, and without a look at what is inside.
Redactor::Step Redactor::skip_value() {
  std::uint64_t objects = 0;  // a bit for each open bracket: it is a brace
  std::size_t depth = 0;
  const std::size_t most = kReadDepth - std::min(kReadDepth, levels_.size());
  do {
    if (at_ >= order_.text.size()) return Step::ended;
    const char c = order_.text[at_];
    if (c == '"') {
      const std::size_t end = map_.next_quote(at_ + 1);
      if (end == TextMap::kNone) return Step::ended;
      at_ = end + 1;
    } else if (c == '{' || c == '[') {
      if (++depth > most) return Step::broken;
      objects = objects << 1U | (c == '{' ? 1U : 0U);
      ++at_;
    } else if (c == '}' || c == ']') {
      if (depth == 0 || (objects & 1U) != (c == '}' ? 1U : 0U)) return Step::broken;
      objects >>= 1U;
      --depth;
      ++at_;
    } else if (depth == 0) {
      const std::size_t end = map_.next_end(at_);
      if (end == order_.text.size() && (order_.cut || !levels_.empty())) return Step::ended;
      if (end == at_) return Step::broken;
      at_ = end;
    } else {
      ++at_;
    }
  } while (depth > 0);
  return Step::go_on;
}

}  // namespace mcpgov::audit
