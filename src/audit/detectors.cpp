// Detection secrets and personal data: keywords in one pass, patterns only where one was seen.
// Tested by tests/audit/detectors_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/detectors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <re2/re2.h>

namespace mcpgov::audit {

namespace {

// Of RE2's memory for one pattern: the automata of ours are small, and there are many.
constexpr std::int64_t kPatternMemory = 2 << 20;
// A try costs about as much as reading this many bytes.
constexpr std::uint64_t kTryCost = 200;

// What a detector does once its keyword was seen.
struct Rule {
  std::string name;
  std::unique_ptr<re2::RE2> pattern;  // null: a shape, checked by its own function
  Likely likely = nullptr;
  double entropy = 0;
  bool (*check)(std::string_view) noexcept = nullptr;
  std::size_t before = 0;
  std::size_t after = 0;
  bool everywhere = false;  // of the settings: tried on the whole text, once
};

Error refused(const std::string& name, const std::string& why) {
  return {ErrorCode::audit_capture, "detector `" + name + "`: " + why, {}, 0, 0};
}

// Keywords that JSON text could hold in another form, or that say too little.
bool is_plain(const std::string& keyword) noexcept {
  return keyword.size() >= 2 && std::all_of(keyword.begin(), keyword.end(), [](char c) {
           return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '/';
         });
}

}  // namespace

struct Detectors::Parts {
  std::vector<Rule> rules;
  std::vector<std::uint16_t> always;  // rules without a keyword
  std::uint16_t card = 0, iban = 0, phone = 0, email = 0;
  bool shapes = false;
  std::vector<Scanner::Keyword> keywords;
  std::unique_ptr<Scanner> scanner;
  std::vector<bool> tried;  // rules that were tried everywhere in this text

  std::uint16_t add(Rule rule) {
    rules.push_back(std::move(rule));
    return static_cast<std::uint16_t>(rules.size() - 1);
  }
  Result<void> add_rows();
  Result<void> add_custom(const Detector& detector);

  void try_rule(std::uint16_t number, std::string_view text, std::size_t at, Work& work,
                std::vector<Detection>& out);
  std::size_t take(std::uint16_t number, std::string_view text, std::size_t from, std::size_t to,
                   re2::RE2::Anchor anchor, Work& work, std::vector<Detection>& out);
  void find_shapes(std::string_view text, std::size_t at, const BlockBits& bits,
                   ShapeStarts::Bits starts, std::uint64_t numbers, Work& work,
                   std::vector<Detection>& out);
  void try_candidate(std::string_view text, std::size_t at, Work& work,
                     std::vector<Detection>& out);
  void join(std::string_view text, std::vector<Detection>& out) const;
};

Result<void> Detectors::Parts::add_rows() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);  // they are ASCII; text may be cut
  options.set_max_mem(kPatternMemory);
  for (const DetectorRow& row : detector_rows()) {
    Rule rule;
    rule.name = row.name;
    rule.pattern = std::make_unique<re2::RE2>(row.pattern, options);
    if (!rule.pattern->ok()) return refused(row.name, rule.pattern->error());
    rule.likely = row.likely;
    rule.entropy = row.entropy;
    rule.check = row.check;
    rule.before = row.before;
    rule.after = row.after;
    const std::uint16_t number = add(std::move(rule));
    for (const char* keyword : row.keywords) {
      if (keyword == nullptr) break;
      keywords.push_back({keyword, row.any_case, number});
      // The one character of these keywords that JSON text may hold escaped.
      if (std::strcmp(keyword, "://") == 0) keywords.push_back({":\\/\\/", false, number});
    }
    if (row.keywords[0] == nullptr) email = number;
  }
  const auto shape = [&](const char* name) {
    Rule rule;
    rule.name = name;
    return add(std::move(rule));
  };
  card = shape("payment-card");
  iban = shape("iban");
  phone = shape("phone");
  shapes = true;
  return {};
}

Result<void> Detectors::Parts::add_custom(const Detector& detector) {
  if (detector.name.empty() || !std::all_of(detector.name.begin(), detector.name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
      })) {
    return refused(detector.name, "a name has letters, digits, `-`, `_` and `.` only");
  }
  // `name` and `drop` are the rules' own in `found`.
  if (detector.name == "name" || detector.name == "drop" || detector.name == "cut" ||
      std::any_of(rules.begin(), rules.end(),
                  [&](const Rule& each) { return each.name == detector.name; })) {
    return refused(detector.name, "there is another one of this name");
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternMemory);
  Rule rule;
  rule.name = detector.name;
  rule.pattern = std::make_unique<re2::RE2>(detector.pattern, options);
  if (!rule.pattern->ok()) return refused(detector.name, rule.pattern->error());
  if (detector.pattern.empty()) return refused(detector.name, "it has no pattern");
  rule.entropy = detector.entropy;
  rule.everywhere = true;
  const std::uint16_t number = add(std::move(rule));
  if (is_plain(detector.keyword)) {
    keywords.push_back({detector.keyword, true, number});
  } else {
    always.push_back(number);
  }
  return {};
}

Detectors::Detectors(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
Detectors::Detectors(Detectors&&) noexcept = default;
Detectors& Detectors::operator=(Detectors&&) noexcept = default;
Detectors::~Detectors() = default;

Result<Detectors> Detectors::make(const CaptureSettings& settings) {
  // Tags are 16 bits, and each has a pattern's memory.
  constexpr std::size_t kMostDetectors = 1000;
  if (settings.detectors.size() > kMostDetectors) {
    return Error{ErrorCode::audit_capture, "there are more than 1,000 detectors", {}, 0, 0};
  }
  auto parts = std::make_unique<Parts>();
  if (settings.default_detectors) {
    Result<void> added = parts->add_rows();
    if (!added) return added.error();
  }
  for (const Detector& each : settings.detectors) {
    Result<void> added = parts->add_custom(each);
    if (!added) return added.error();
  }
  parts->scanner = std::make_unique<Scanner>(std::move(parts->keywords));
  parts->tried.resize(parts->rules.size());
  return Detectors(std::move(parts));
}

Detectors Detectors::none() {
  auto parts = std::make_unique<Parts>();
  parts->scanner = std::make_unique<Scanner>(std::vector<Scanner::Keyword>());
  return Detectors(std::move(parts));
}

const Scanner& Detectors::scanner() const noexcept {
  return *parts_->scanner;
}

bool Detectors::always() const noexcept {
  return !parts_->always.empty();
}

bool Detectors::shapes() const noexcept {
  return parts_->shapes;
}

std::string_view Detectors::name(std::uint16_t detector) const noexcept {
  return parts_->rules[detector].name;
}

std::size_t Detectors::count() const noexcept {
  return parts_->rules.size();
}

bool Detectors::suspect(std::string_view json, std::size_t at) const noexcept {
  const Parts& parts = *parts_;
  bool out = false;
  parts.scanner->keywords_at(json, at, [&](std::uint16_t tag, std::size_t size) {
    const Rule& rule = parts.rules[tag];
    out = out || rule.likely == nullptr || rule.likely(json, at, at + size, true);
  });
  return out;
}

// Returns where the search may go on; npos: nothing was found.
std::size_t Detectors::Parts::take(std::uint16_t number, std::string_view text, std::size_t from,
                                   std::size_t to, re2::RE2::Anchor anchor, Work& work,
                                   std::vector<Detection>& out) {
  constexpr int kGroups = 5;
  const Rule& rule = rules[number];
  re2::StringPiece groups[kGroups];
  const int wanted = std::min(kGroups, rule.pattern->NumberOfCapturingGroups() + 1);
  // A pattern that fails has seldom read the rest, but may have.
  work.done += kTryCost + (to - from) / 4;
  if (!rule.pattern->Match({text.data(), text.size()}, from, to, anchor, groups, wanted)) {
    return std::string_view::npos;
  }
  std::string_view part(groups[0].data(), groups[0].size());
  const auto end = static_cast<std::size_t>(part.data() + part.size() - text.data());
  for (int i = 1; i < wanted; ++i) {
    if (groups[i].data() == nullptr) continue;
    part = {groups[i].data(), groups[i].size()};
    break;
  }
  if (!part.empty() && (rule.entropy <= 0 || entropy_of(part) >= rule.entropy) &&
      (rule.check == nullptr || rule.check(part))) {
    const auto begin = static_cast<std::size_t>(part.data() - text.data());
    out.push_back({begin, begin + part.size(), number});
  }
  return end;
}

void Detectors::Parts::try_rule(std::uint16_t number, std::string_view text, std::size_t at,
                                Work& work, std::vector<Detection>& out) {
  const Rule& rule = rules[number];
  if (!rule.everywhere) {
    const std::size_t from = at - std::min(at, rule.before);
    const std::size_t to = rule.after == 0 ? text.size() : std::min(text.size(), at + rule.after);
    const auto anchor = rule.before == 0 ? re2::RE2::ANCHOR_START : re2::RE2::UNANCHORED;
    take(number, text, from, to, anchor, work, out);
    return;
  }
  if (tried[number]) return;
  tried[number] = true;
  for (std::size_t from = 0; from <= text.size() && !work.over();) {
    const std::size_t end = take(number, text, from, text.size(), re2::RE2::UNANCHORED, work, out);
    if (end == std::string_view::npos) return;
    // An empty match would be found again for ever.
    from = end > from ? end : from + 1;
  }
}

// What has no keyword, in the block of text at `at`.
void Detectors::Parts::find_shapes(std::string_view text, std::size_t at, const BlockBits& bits,
                                   ShapeStarts::Bits starts, std::uint64_t numbers, Work& work,
                                   std::vector<Detection>& out) {
  const auto each_of = [&](std::uint64_t rest, std::size_t back, auto&& look) {
    for (; rest != 0; rest &= rest - 1) {
      const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(rest)) - back;
      if (place < text.size()) look(place);
    }
  };
  const auto take_size = [&](std::size_t place, std::size_t size, std::uint16_t rule) {
    if (size != 0) out.push_back({place, place + size, rule});
  };
  each_of(bits.at_sign, 0, [&](std::size_t place) {
    if (!work.over() && address_around(text, place, place + 1, false)) {
      try_rule(email, text, place, work, out);
    }
  });
  each_of(starts.phone, 1, [&](auto place) { take_size(place, phone_at(text, place), phone); });
  each_of(starts.iban, 3, [&](auto place) { take_size(place, iban_at(text, place), iban); });
  each_of(numbers, LongNumbers::kBack,
          [&](auto place) { take_size(place, card_number_at(text, place), card); });
}

void Detectors::Parts::try_candidate(std::string_view text, std::size_t at, Work& work,
                                     std::vector<Detection>& out) {
  scanner->keywords_at(text, at, [&](std::uint16_t tag, std::size_t size) {
    if (work.over()) return;
    const Rule& rule = rules[tag];
    if (rule.likely != nullptr && !rule.likely(text, at, at + size, false)) return;
    try_rule(tag, text, at, work, out);
  });
}

bool Detectors::find(std::string_view text, Work& work, std::vector<Detection>& out) {
  Parts& parts = *parts_;
  out.clear();
  std::fill(parts.tried.begin(), parts.tried.end(), false);
  work.done += text.size();
  for (const std::uint16_t number : parts.always) parts.try_rule(number, text, 0, work, out);
  LongNumbers numbers;
  ShapeStarts shapes;
  for (std::size_t at = 0; at < text.size() && !work.over(); at += kBlockBytes) {
    char padded[kBlockBytes + kBlockAhead] = {};
    const char* block = text.data() + at;
    if (text.size() - at < sizeof padded) {
      std::memcpy(padded, block, text.size() - at);
      block = padded;
    }
    BlockBits bits;
    parts.scanner->read(block, bits);
    for (std::uint64_t rest = bits.candidate; rest != 0; rest &= rest - 1) {
      const auto bit = static_cast<std::size_t>(std::countr_zero(rest));
      const std::size_t place = at + bit;
      if (place < text.size() && parts.scanner->holds(block + bit))
        parts.try_candidate(text, place, work, out);
    }
    if (!parts.shapes) continue;
    const ShapeStarts::Bits starts = shapes.next(bits);
    const std::uint64_t long_numbers = numbers.next(bits.digit, bits.grouped);
    parts.find_shapes(text, at, bits, starts, long_numbers, work, out);
  }
  parts.join(text, out);
  return !work.over();
}

// Parts that overlap become one, under the name of the one that begins first.
void Detectors::Parts::join(std::string_view text, std::vector<Detection>& out) const {
  std::stable_sort(out.begin(), out.end(),
                   [](const Detection& a, const Detection& b) { return a.begin < b.begin; });
  std::size_t kept = 0;
  for (const Detection& each : out) {
    if (kept == 0 || each.begin >= out[kept - 1].end) {
      out[kept++] = each;
      continue;
    }
    // In ://ann:secret@host the end of the secret and the host are no address.
    if (shapes && each.detector == email && out[kept - 1].end < text.size() &&
        text[out[kept - 1].end] == '@') {
      continue;
    }
    out[kept - 1].end = std::max(out[kept - 1].end, each.end);
  }
  out.resize(kept);
}

}  // namespace mcpgov::audit
