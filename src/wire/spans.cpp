// Scanning accepted JSON for the bytes of its values.
// Tested by tests/wire/spans_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "wire/spans.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace mcpgov::wire {
namespace {

constexpr std::size_t npos = std::string_view::npos;

bool space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::size_t skip_space(std::string_view json, std::size_t at) noexcept {
  while (at < json.size() && space(json[at])) ++at;
  return at;
}

// Past the closing quote of the string that starts at `at`.
std::size_t string_end(std::string_view json, std::size_t at) noexcept {
  for (++at; at < json.size(); ++at) {
    if (json[at] == '"') return at + 1;
    if (json[at] == '\\') ++at;
  }
  return npos;
}

std::size_t container_end(std::string_view json, std::size_t at) noexcept {
  std::size_t depth = 0;
  while (at < json.size()) {
    switch (json[at]) {
      case '"': at = string_end(json, at); continue;
      case '{':
      case '[': ++depth; break;
      case '}':
      case ']':
        if (--depth == 0) return at + 1;
        break;
      default: break;
    }
    ++at;
  }
  return npos;
}

// Steps from one value to the next: over white space and one comma.
std::size_t next_start(std::string_view json, std::size_t at) noexcept {
  at = skip_space(json, at);
  if (at < json.size() && json[at] == ',') ++at;
  return skip_space(json, at);
}

std::size_t enter(std::string_view json, char bracket) noexcept {
  const std::size_t at = skip_space(json, 0);
  return at < json.size() && json[at] == bracket ? skip_space(json, at + 1) : npos;
}

unsigned hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return 16;
}

// Decodes a string as written, a few bytes at a time.
class Decoder {
 public:
  explicit Decoder(std::string_view written) noexcept {
    const bool quoted = written.size() >= 2 && written.front() == '"' && written.back() == '"';
    if (quoted) text_ = written.substr(1, written.size() - 2);
    failed_ = !quoted;
  }

  // The next piece; empty at the end and after a malformed escape, which failed() tells apart.
  std::string_view next() noexcept {
    if (failed_ || text_.empty()) return {};
    if (text_.front() == '\\') return escape();
    const std::string_view piece = text_.substr(0, text_.find('\\'));
    text_.remove_prefix(piece.size());
    return piece;
  }
  bool failed() const noexcept { return failed_; }

 private:
  std::string_view escape() noexcept {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
    if (text_.size() < 2) return fail();
    if (text_[1] == 'u') return code_point();
    const std::size_t index = kLetters.find(text_[1]);
    if (index == npos) return fail();
    text_.remove_prefix(2);
    return kValues.substr(index, 1);
  }

  std::string_view fail() noexcept {
    failed_ = true;
    return {};
  }

  bool unit(char32_t& value) noexcept {
    if (text_.size() < 6 || text_[0] != '\\' || text_[1] != 'u') return false;
    value = 0;
    for (std::size_t i = 2; i < 6; ++i) {
      const unsigned nibble = hex_digit(text_[i]);
      if (nibble > 15) return false;
      value = value << 4 | nibble;
    }
    text_.remove_prefix(6);
    return true;
  }

  std::string_view code_point() noexcept {
    char32_t point = 0;
    if (!unit(point)) return fail();
    if (point >= 0xd800 && point <= 0xdbff) {
      char32_t low = 0;
      if (!unit(low) || low < 0xdc00 || low > 0xdfff) return fail();
      point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
    } else if (point >= 0xdc00 && point <= 0xdfff) {
      return fail();
    }
    return encode(point);
  }

  // UTF-8 (RFC 3629 §3).
  std::string_view encode(char32_t point) noexcept {
    const auto put = [&](std::size_t at, char32_t byte) { bytes_[at] = static_cast<char>(byte); };
    if (point < 0x80) {
      put(0, point);
      return {bytes_.data(), 1};
    }
    const std::size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (std::size_t i = size - 1; i > 0; --i, point >>= 6) put(i, 0x80 | (point & 0x3f));
    constexpr std::array<unsigned, 5> kLead = {0, 0, 0xc0, 0xe0, 0xf0};
    put(0, kLead[size] | point);
    return {bytes_.data(), size};
  }

  std::string_view text_;
  std::array<char, 4> bytes_ = {};
  bool failed_ = false;
};

// Takes one token off a JSON pointer and tells whether it names `key` (as written).
// `~1` is `/` and `~0` is `~` (RFC 6901 §4).
bool token_names(std::string_view token, std::string_view written) noexcept {
  Decoder decoder(written);
  for (std::string_view piece = decoder.next(); !piece.empty(); piece = decoder.next()) {
    for (char c : piece) {
      if (token.empty()) return false;
      char expected = token.front();
      token.remove_prefix(1);
      if (expected == '~') {
        if (token.empty() || (token.front() != '0' && token.front() != '1')) return false;
        expected = token.front() == '0' ? '~' : '/';
        token.remove_prefix(1);
      }
      if (c != expected) return false;
    }
  }
  return token.empty() && !decoder.failed();
}

bool step_into(std::string_view json, std::string_view token, std::string_view& value) noexcept {
  MemberSpans members(json);
  for (MemberSpans::Member member; members.next(member);) {
    if (!token_names(token, member.key)) continue;
    value = member.value;
    return true;
  }
  std::size_t index = 0;
  const auto parsed = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool leading_zero = token.size() > 1 && token.front() == '0';
  if (parsed.ec != std::errc() || parsed.ptr != token.data() + token.size() || leading_zero) {
    return false;
  }
  ElementSpans elements(json);
  while (elements.next(value)) {
    if (index-- == 0) return true;
  }
  return false;
}

}  // namespace

std::size_t value_end(std::string_view json, std::size_t at) noexcept {
  if (at >= json.size()) return npos;
  const char c = json[at];
  if (c == '"') return string_end(json, at);
  if (c == '{' || c == '[') return container_end(json, at);
  const std::size_t end = std::min(json.find_first_of(" \t\n\r,]}", at), json.size());
  return end == at ? npos : end;
}

ElementSpans::ElementSpans(std::string_view array) noexcept
    : json_(array), at_(enter(array, '[')) {}

bool ElementSpans::next(std::string_view& element) noexcept {
  if (at_ == npos) return false;
  const std::size_t end = value_end(json_, at_);
  if (end == npos) {
    at_ = npos;
    return false;
  }
  element = json_.substr(at_, end - at_);
  at_ = next_start(json_, end);
  return true;
}

MemberSpans::MemberSpans(std::string_view object) noexcept
    : json_(object), at_(enter(object, '{')) {}

bool MemberSpans::next(Member& member) noexcept {
  if (at_ == npos || at_ >= json_.size() || json_[at_] != '"') return false;
  const std::size_t key = at_;
  const std::size_t key_end = string_end(json_, key);
  at_ = npos;
  if (key_end == npos) return false;
  std::size_t value = skip_space(json_, key_end);
  if (value >= json_.size() || json_[value] != ':') return false;
  value = skip_space(json_, value + 1);
  const std::size_t end = value_end(json_, value);
  if (end == npos) return false;
  member = {json_.substr(key, key_end - key), json_.substr(value, end - value)};
  at_ = next_start(json_, end);
  return true;
}

bool string_equals(std::string_view written, std::string_view text) noexcept {
  Decoder decoder(written);
  for (std::string_view piece = decoder.next(); !piece.empty(); piece = decoder.next()) {
    if (text.substr(0, piece.size()) != piece) return false;
    text.remove_prefix(piece.size());
  }
  return text.empty() && !decoder.failed();
}

bool append_decoded(std::string_view written, std::string& out) {
  Decoder decoder(written);
  for (std::string_view piece = decoder.next(); !piece.empty(); piece = decoder.next()) {
    out += piece;
  }
  return !decoder.failed();
}

bool find_member(std::string_view object, std::string_view name, std::string_view& value) noexcept {
  MemberSpans members(object);
  for (MemberSpans::Member member; members.next(member);) {
    if (!string_equals(member.key, name)) continue;
    value = member.value;
    return true;
  }
  return false;
}

bool find_value(std::string_view json, std::string_view pointer, std::string_view& value) noexcept {
  const std::size_t start = skip_space(json, 0);
  const std::size_t end = value_end(json, start);
  if (end == npos) return false;
  value = json.substr(start, end - start);
  while (!pointer.empty()) {
    if (pointer.front() != '/') return false;
    pointer.remove_prefix(1);
    const std::string_view token = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(token.size());
    if (!step_into(value, token, value)) return false;
  }
  return true;
}

}  // namespace mcpgov::wire
