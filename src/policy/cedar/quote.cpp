// Strings in quotes: escaped character by character as the reference engine prints them.
// Tested by tests/policy/schema_print_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/quote.hpp"

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/utf8.hpp"

namespace mcpgov::policy::cedar {
namespace {

struct CharacterRange {
  char32_t first;
  char32_t last;
};

// Controls, format and bidirectional characters, spaces other than U+0020, private use and what is
// not assigned: what cannot be seen, or changes how the text around it looks.
constexpr CharacterRange kEscaped[] = {
#include "policy/cedar/unicode_escaped_ranges.inc"
};
// Combining marks: at the start of a string one would change the quotation mark.
constexpr CharacterRange kEscapedFirst[] = {
#include "policy/cedar/unicode_first_escaped_ranges.inc"
};

bool among(std::span<const CharacterRange> ranges, char32_t character) noexcept {
  const auto at =
      std::lower_bound(ranges.begin(), ranges.end(), character,
                       [](const CharacterRange& range, char32_t c) { return range.last < c; });
  return at != ranges.end() && at->first <= character;
}

void append_escape(std::string& out, char32_t character) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out += "\\u{";
  int shift = 20;
  while (shift > 0 && (character >> shift) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) out += kDigits[(character >> shift) & 15U];
  out += '}';
}

// The letter behind the backslash, or 0.
char short_escape(char c) noexcept {
  switch (c) {
    case 0: return '0';
    case '\t': return 't';
    case '\r': return 'r';
    case '\n': return 'n';
    case '\\':
    case '"':
    case '\'': return c;
    default: return 0;
  }
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (const char letter = short_escape(text[at]); letter != 0) {
      out += '\\';
      out += letter;
      ++at;
      continue;
    }
    if (byte >= 0x20 && byte < 0x7f) {
      out += text[at++];
      continue;
    }
    const CodePoint point = decode_utf8(text.substr(at));
    const std::size_t size = std::max<std::size_t>(1, point.size);
    if (among(kEscaped, point.value) || (at == 0 && among(kEscapedFirst, point.value))) {
      append_escape(out, point.value);
    } else {
      out += text.substr(at, size);
    }
    at += size;
  }
  out += '"';
}

void append_json_quoted(std::string& out, std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; continue;
      case '\\': out += "\\\\"; continue;
      case '\b': out += "\\b"; continue;
      case '\f': out += "\\f"; continue;
      case '\n': out += "\\n"; continue;
      case '\r': out += "\\r"; continue;
      case '\t': out += "\\t"; continue;
      default: break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      out += "\\u00";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15U];
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string shown(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::size_t end = text.size() < longest ? text.size() : longest;
  // Not in the middle of a character.
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) {
    --end;
  }
  std::string out = "`";
  for (const char c : text.substr(0, end)) {
    out += static_cast<unsigned char>(c) < 0x20 || c == '`' ? '?' : c;
  }
  return out + (end < text.size() ? "…`" : "`");
}

}  // namespace mcpgov::policy::cedar
