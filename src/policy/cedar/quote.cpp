// Strings in quotes for JSON documents that are compared byte by byte.
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

}  // namespace mcpgov::policy::cedar
