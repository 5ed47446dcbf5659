// Writing JSON text into a string that keeps its memory.
// Tested by tests/base/json_writer_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.hpp"

#include <algorithm>
#include <array>
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

namespace {

enum : std::uint8_t { kPlain = 0, kBackslashed = 1, kOther = 2 };
constexpr auto kClasses = [] {
  std::array<std::uint8_t, 256> out = {};
  for (std::size_t byte = 0; byte < out.size(); ++byte) {
    if (byte < 0x20 || byte >= 0x7f) out[byte] = kOther;
  }
  out['"'] = out['\\'] = kBackslashed;
  return out;
}();

// Appends what is printable ASCII, with a backslash where one is needed, up to the first byte that
// is not; returns how many bytes of the text that was. One loop without a call for each run: stored
// JSON inside JSON has a quote every few bytes. In pieces, so that making room costs no more than
// what comes into it, whatever the text.
std::size_t append_printable(std::string& out, std::string_view text) {
  constexpr std::size_t kPiece = 256;
  text = text.substr(0, kPiece);
  const std::size_t before = out.size();
  out.resize(before + text.size() * 2);
  char* to = out.data() + before;
  const char* from = text.data();
  const char* const end = from + text.size();
  for (; from != end; ++from) {
    const std::uint8_t kind = kClasses[static_cast<unsigned char>(*from)];
    if (kind == kOther) break;
    *to = '\\';
    to += kind;
    *to++ = *from;
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
  return static_cast<std::size_t>(from - text.data());
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    text.remove_prefix(append_printable(out, text));
    // What JSON escapes by number, or is not ASCII.
    while (!text.empty() && kClasses[static_cast<unsigned char>(text.front())] == kOther) {
      const CodePoint c = decode_utf8(text);
      if (c.size == 0) {
        out += "\xef\xbf\xbd";
      } else if (unsafe(c.value)) {
        append_escape(out, c.value);
      } else {
        out.append(text.substr(0, c.size));
      }
      text.remove_prefix(c.size == 0 ? 1 : c.size);
    }
  }
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
  const bool comma = out_->back() != '{' && out_->back() != '[';
  if (key.empty()) {
    if (comma) out_->push_back(',');
    return;
  }
  const std::size_t before = out_->size();
  out_->resize(before + key.size() + (comma ? 4 : 3));
  char* to = out_->data() + before;
  if (comma) *to++ = ',';
  *to++ = '"';
  to = std::copy(key.begin(), key.end(), to);
  *to++ = '"';
  *to = ':';
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
