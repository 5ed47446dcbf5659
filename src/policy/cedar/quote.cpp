// Strings in quotes for JSON documents that are compared byte by byte, and for messages.
// Tested by tests/policy/schema_print_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/quote.hpp"

namespace mcpgov::policy::cedar {

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
