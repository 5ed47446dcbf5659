// Escapes of the line formats.
// Tested by tests/audit/project/escapes_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/project/escapes.hpp"

#include <algorithm>

#include "base/json_writer.hpp"
#include "base/utf8.hpp"

namespace mcpgov::audit {

void append_escaped(std::string& out, std::string_view text, std::string_view special,
                    bool newlines) {
  for (std::size_t at = 0; at < text.size();) {
    const char byte = text[at];
    if (byte >= 0x20 && byte < 0x7f) {
      if (special.find(byte) != std::string_view::npos) out += '\\';
      out += byte;
      ++at;
      continue;
    }
    if (newlines && (byte == '\n' || byte == '\r')) {
      out += byte == '\n' ? "\\n" : "\\r";
      ++at;
      continue;
    }
    // What JSON would escape, as JSON does; the backslash is text here.
    const std::size_t size = std::max<std::size_t>(decode_utf8(text.substr(at)).size, 1);
    std::string json;
    append_json_string(json, text.substr(at, size));
    const std::string_view inner = std::string_view(json).substr(1, json.size() - 2);
    if (inner.front() == '\\') out += '\\';
    out += inner;
    at += size;
  }
}

std::string_view whole_characters(std::string_view text, std::size_t bytes) noexcept {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

void append_header_field(std::string& out, std::string_view text, std::size_t bytes) {
  if (text.empty()) {
    out += '-';
    return;
  }
  for (const char c : text.substr(0, bytes)) out += c > 0x20 && c < 0x7f ? c : '_';
}

}  // namespace mcpgov::audit
