// Writing JSON text into a string that keeps its memory.
// Tested by tests/base/json_writer_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.hpp"

#include <charconv>

#include "base/utf8.hpp"

namespace mcpgov {

namespace {

// Characters that a reader of the line must never see raw.
bool unsafe(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029 ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void append_escape(std::string& out, char32_t c) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(c >> shift) & 0xf];
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;
  std::size_t at = 0;
  const auto flush = [&] { out.append(text.substr(plain, at - plain)); };
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\') {
      ++at;
      continue;
    }
    flush();
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += static_cast<char>(byte);
      plain = ++at;
      continue;
    }
    const CodePoint c = decode_utf8(text.substr(at));
    if (c.size == 0) {
      out += "\xef\xbf\xbd";
    } else if (unsafe(c.value)) {
      append_escape(out, c.value);
    } else {
      out.append(text.substr(at, c.size));
    }
    at += c.size == 0 ? 1 : c.size;
    plain = at;
  }
  flush();
  out += '"';
}

void append_safe_json(std::string& out, std::string_view json) {
  bool inside = false;  // of a string
  for (std::size_t at = 0; at < json.size();) {
    const auto byte = static_cast<unsigned char>(json[at]);
    if (byte >= 0x80 || byte == 0x7f) {
      const CodePoint c = decode_utf8(json.substr(at));
      if (c.size == 0) {
        out += "\xef\xbf\xbd";
      } else if (unsafe(c.value)) {
        append_escape(out, c.value);
      } else {
        out.append(json.substr(at, c.size));
      }
      at += c.size == 0 ? 1 : c.size;
      continue;
    }
    ++at;
    if (byte <= 0x20 && !(inside && byte == 0x20)) continue;
    out += static_cast<char>(byte);
    if (byte == '"') inside = !inside;
    // An escape is two characters at least, and its second one may be a quote.
    if (inside && byte == '\\' && at < json.size()) out += json[at++];
  }
}

void JsonWriter::name(std::string_view key) {
  if (out_->back() != '{' && out_->back() != '[') out_->push_back(',');
  if (key.empty()) return;
  out_->push_back('"');
  out_->append(key);
  out_->append("\":");
}

void JsonWriter::string(std::string_view key, std::string_view value) {
  name(key);
  append_json_string(*out_, value);
}

void JsonWriter::number(std::string_view key, std::uint64_t value) {
  name(key);
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out_->append(digits, end);
}

void JsonWriter::boolean(std::string_view key, bool value) {
  name(key);
  out_->append(value ? "true" : "false");
}

void JsonWriter::raw(std::string_view key, std::string_view json) {
  name(key);
  append_safe_json(*out_, json);
}

void JsonWriter::open_object(std::string_view key) {
  name(key);
  out_->push_back('{');
}

void JsonWriter::close_object() {
  out_->push_back('}');
}

void JsonWriter::open_array(std::string_view key) {
  name(key);
  out_->push_back('[');
}

void JsonWriter::element(std::string_view value) {
  name({});
  append_json_string(*out_, value);
}

void JsonWriter::close_array() {
  out_->push_back(']');
}

}  // namespace mcpgov
