// Finding the first fault of a refused text.
// Tested by tests/wire/strictness_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "wire/diagnosis.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/utf8.hpp"

namespace mcpgov::wire {
namespace {

bool digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

unsigned hex_digit(char c) noexcept {
  if (digit(c)) return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return 16;
}

// The value of `\uXXXX` at the offset, or -1.
int unicode_escape(std::string_view text, std::size_t at) noexcept {
  if (text.size() < 6 || at > text.size() - 6 || text[at] != '\\' || text[at + 1] != 'u') return -1;
  unsigned value = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    const unsigned nibble = hex_digit(text[i]);
    if (nibble > 15) return -1;
    value = value << 4 | nibble;
  }
  return static_cast<int>(value);
}

// Consumes tokens and remembers which one may come next (RFC 8259 §2).
class Scanner {
 public:
  Scanner(std::string_view text, std::size_t depth) : text_(text), depth_(depth) {}

  Diagnosis run() {
    while (true) {
      while (at_ < text_.size() && space(text_[at_])) ++at_;
      if (at_ == text_.size()) return {ErrorCode::json_syntax, done() ? 0 : at_};
      if (done()) return {ErrorCode::trailing_bytes, at_};
      const std::size_t token = at_;
      if (!step()) return {code_, code_ == ErrorCode::json_syntax ? at_ : token};
    }
  }

 private:
  enum class Expect : std::uint8_t { value, value_or_close, key, key_or_close, colon, next, end };

  static bool space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  bool done() const noexcept { return expect_ == Expect::end; }

  bool step() {
    const char c = text_[at_];
    if (c == '}' || c == ']') return close(c);
    switch (expect_) {
      case Expect::key:
      case Expect::key_or_close: return c == '"' && string() && become(Expect::colon);
      case Expect::colon: return c == ':' && punctuation(Expect::value);
      case Expect::next:
        return c == ',' && punctuation(open_.back() == '{' ? Expect::key : Expect::value);
      default: return value(c);
    }
  }

  bool value(char c) {
    if (c == '{' || c == '[') {
      if (open_.size() >= depth_) return fail(ErrorCode::message_too_deep);
      open_.push_back(c);
      return punctuation(c == '{' ? Expect::key_or_close : Expect::value_or_close);
    }
    const bool read = c == '"'   ? string()
                      : c == 't' ? literal("true")
                      : c == 'f' ? literal("false")
                      : c == 'n' ? literal("null")
                                 : number();
    return read && after_value();
  }

  bool close(char c) {
    const bool object = c == '}';
    const bool may = expect_ == Expect::next ||
                     expect_ == (object ? Expect::key_or_close : Expect::value_or_close);
    if (!may || open_.empty() || open_.back() != (object ? '{' : '[')) return false;
    open_.pop_back();
    ++at_;
    return after_value();
  }

  bool after_value() { return become(open_.empty() ? Expect::end : Expect::next); }
  bool become(Expect expect) {
    expect_ = expect;
    return true;
  }
  bool punctuation(Expect expect) {
    ++at_;
    return become(expect);
  }
  bool fail(ErrorCode code) {
    code_ = code;
    return false;
  }

  bool literal(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  bool string() {
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\' && !escape()) return false;
    }
    return false;
  }

  bool escape() {
    if (at_ + 1 == text_.size()) return false;
    if (text_[at_ + 1] == 'u') {
      if (unicode_escape(text_, at_) < 0) return false;
      at_ += 5;
      return true;
    }
    if (std::string_view("\"\\/bfnrt").find(text_[at_ + 1]) == std::string_view::npos) return false;
    ++at_;
    return true;
  }

  // A number that has the right form was refused for its size.
  bool number() {
    std::size_t at = at_;
    if (at < text_.size() && text_[at] == '-') ++at;
    const std::size_t whole = at;
    while (at < text_.size() && digit(text_[at])) ++at;
    const std::size_t digits = at - whole;
    if (digits == 0 || (digits > 1 && text_[whole] == '0')) return false;
    bool fraction = false;
    if (at < text_.size() && text_[at] == '.') {
      fraction = true;
      const std::size_t start = ++at;
      while (at < text_.size() && digit(text_[at])) ++at;
      if (at == start) return false;
    }
    bool exponent = false;
    if (at < text_.size() && (text_[at] == 'e' || text_[at] == 'E')) {
      exponent = true;
      if (++at < text_.size() && (text_[at] == '+' || text_[at] == '-')) ++at;
      const std::size_t start = at;
      while (at < text_.size() && digit(text_[at])) ++at;
      if (at == start) return false;
    }
    if (at < text_.size() && std::string_view(" \t\n\r,]}").find(text_[at]) == text_.npos) {
      return false;
    }
    const std::string_view token = text_.substr(at_, at - at_);
    if (fraction || exponent ? infinite(token) : beyond_64_bits(token)) {
      return fail(ErrorCode::number_out_of_range);
    }
    at_ = at;
    return true;
  }

  // Digits compare like numbers when they are equally many; leading zeros were refused above.
  static bool beyond_64_bits(std::string_view token) noexcept {
    const bool negative = token.front() == '-';
    if (negative) token.remove_prefix(1);
    const std::string_view most = negative ? "9223372036854775808" : "18446744073709551615";
    return token.size() != most.size() ? token.size() > most.size() : token > most;
  }
  static bool infinite(std::string_view token) noexcept;

  std::string_view text_;
  std::size_t depth_;
  std::size_t at_ = 0;
  Expect expect_ = Expect::value;
  ErrorCode code_ = ErrorCode::json_syntax;
  std::vector<char> open_;
};

// Whether the decimal exponent of the first significant digit exceeds that of a double (308). Not
// exact next to the limit; there simdjson has already refused, and another fault is less likely.
bool Scanner::infinite(std::string_view token) noexcept {
  constexpr long kLargest = 308;
  constexpr long kCap = 100'000'000;  // of what is counted, far beyond any limit
  if (token.front() == '-') token.remove_prefix(1);
  const std::size_t mark = std::min(token.find_first_of("eE"), token.size());
  const std::string_view mantissa = token.substr(0, mark);
  const std::size_t dot = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos) return false;
  long magnitude =
      first < dot ? static_cast<long>(dot - first) - 1 : -static_cast<long>(first - dot);
  if (mark == token.size()) return magnitude >= kLargest;
  std::string_view digits = token.substr(mark + 1);
  const bool negative = digits.front() == '-';
  if (negative || digits.front() == '+') digits.remove_prefix(1);
  long exponent = 0;
  for (char c : digits) exponent = std::min(exponent * 10 + (c - '0'), kCap);
  magnitude += negative ? -exponent : exponent;
  return magnitude >= kLargest;
}

}  // namespace

Diagnosis diagnose(std::string_view text, std::size_t depth) {
  const std::size_t invalid = find_invalid_utf8(text);
  if (invalid != text.size()) return {ErrorCode::utf8_invalid, invalid};
  return Scanner(text, depth).run();
}

std::size_t find_unpaired_surrogate(std::string_view text) noexcept {
  std::size_t at = text.find('\\');
  while (at != std::string_view::npos && at + 1 < text.size()) {
    const int unit = unicode_escape(text, at);
    if (unit < 0) {
      at = text.find('\\', at + 2);
      continue;
    }
    const bool high = unit >= 0xd800 && unit <= 0xdbff;
    if (unit >= 0xdc00 && unit <= 0xdfff) return at;
    if (high) {
      const int low = unicode_escape(text, at + 6);
      if (low < 0xdc00 || low > 0xdfff) return at;
      at += 6;
    }
    at = text.find('\\', at + 6);
  }
  return std::string_view::npos;
}

}  // namespace mcpgov::wire
