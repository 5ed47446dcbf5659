// Escapes in strings and patterns: the rules of Rust string literals, which Cedar takes over.
// Tested by tests/policy/lexer_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "policy/cedar/lexer.hpp"

namespace mcpgov::policy::cedar {
namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_utf8(std::string& out, std::uint32_t scalar) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
  if (scalar < 0x80) {
    byte(scalar);
  } else if (scalar < 0x800) {
    byte(0xc0 | (scalar >> 6));
    byte(0x80 | (scalar & 0x3f));
  } else if (scalar < 0x10000) {
    byte(0xe0 | (scalar >> 12));
    byte(0x80 | ((scalar >> 6) & 0x3f));
    byte(0x80 | (scalar & 0x3f));
  } else {
    byte(0xf0 | (scalar >> 18));
    byte(0x80 | ((scalar >> 12) & 0x3f));
    byte(0x80 | ((scalar >> 6) & 0x3f));
    byte(0x80 | (scalar & 0x3f));
  }
}

// `\u{…}`, with `at` on the brace: one to six digits, underscores anywhere but first.
bool unicode_escape(std::string_view raw, std::size_t& at, std::uint32_t& scalar) noexcept {
  if (at >= raw.size() || raw[at] != '{') return false;
  if (++at < raw.size() && raw[at] == '_') return false;
  int digits = 0;
  for (scalar = 0; at < raw.size() && raw[at] != '}'; ++at) {
    if (raw[at] == '_') continue;
    const int digit = hex_digit(raw[at]);
    if (digit < 0 || ++digits > 6) return false;
    scalar = scalar * 16 + static_cast<std::uint32_t>(digit);
  }
  if (at >= raw.size() || digits == 0) return false;
  ++at;
  return scalar <= 0x10ffff && (scalar < 0xd800 || scalar > 0xdfff);
}

// `\xHH`, with `at` on the first digit: ASCII only.
bool byte_escape(std::string_view raw, std::size_t& at, std::uint32_t& scalar) noexcept {
  if (at + 2 > raw.size()) return false;
  const int high = hex_digit(raw[at]);
  const int low = hex_digit(raw[at + 1]);
  if (high < 0 || high > 7 || low < 0) return false;
  scalar = static_cast<std::uint32_t>(high * 16 + low);
  at += 2;
  return true;
}

// What follows a backslash, except `\*`. at: behind the backslash; moved behind the escape.
bool escape(std::string_view raw, std::size_t& at, std::uint32_t& scalar) noexcept {
  if (at >= raw.size()) return false;
  switch (raw[at++]) {
    case 'n': scalar = '\n'; return true;
    case 'r': scalar = '\r'; return true;
    case 't': scalar = '\t'; return true;
    case '\\': scalar = '\\'; return true;
    case '0': scalar = 0; return true;
    case '\'': scalar = '\''; return true;
    case '"': scalar = '"'; return true;
    case 'x': return byte_escape(raw, at, scalar);
    case 'u': return unicode_escape(raw, at, scalar);
    default: return false;
  }
}

}  // namespace

bool unescape(std::string_view raw, std::string& out, std::size_t& bad) {
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t plain = raw.find_first_of("\\\r", at);
    out.append(raw.substr(at, plain - at));
    if (plain == std::string_view::npos) return true;
    bad = plain;
    std::uint32_t scalar = 0;
    at = plain + 1;
    // A carriage return as it is counts as an invalid escape.
    if (raw[plain] == '\r' || !escape(raw, at, scalar)) return false;
    append_utf8(out, scalar);
  }
  return true;
}

bool unescape_pattern(std::string_view raw, std::vector<std::string>& pieces, std::size_t& bad) {
  pieces.emplace_back();
  for (std::size_t at = 0; at < raw.size();) {
    bad = at;
    const char c = raw[at++];
    std::uint32_t scalar = 0;
    if (c == '\r') return false;
    if (c == '*') {
      pieces.emplace_back();
    } else if (c != '\\') {
      pieces.back() += c;
    } else if (at < raw.size() && raw[at] == '*') {
      pieces.back() += '*';
      ++at;
    } else if (!escape(raw, at, scalar)) {
      return false;
    } else if (scalar == '*') {
      pieces.emplace_back();
    } else {
      append_utf8(pieces.back(), scalar);
    }
  }
  return true;
}

std::size_t invalid_utf8(std::string_view text) noexcept {
  // Unicode 15, table 3-7: well-formed byte sequences.
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  for (std::size_t at = 0; at < text.size();) {
    constexpr std::uint64_t kHighBits = 0x8080808080808080U;
    std::uint64_t word = 0;
    while (text.size() - at >= sizeof word) {
      std::memcpy(&word, text.data() + at, sizeof word);
      if ((word & kHighBits) != 0) break;
      at += sizeof word;
    }
    if (at == text.size()) break;
    const unsigned char lead = byte(at);
    if (lead < 0x80) {
      ++at;
      continue;
    }
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || at + length > text.size()) return at;
    for (std::size_t i = 1; i < length; ++i) {
      if ((byte(at + i) & 0xc0) != 0x80) return at;
    }
    const unsigned char second = byte(at + 1);
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f)) return at;
    if ((lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) return at;
    at += length;
  }
  return std::string_view::npos;
}

}  // namespace mcpgov::policy::cedar
