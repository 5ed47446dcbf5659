// One pass over the JSON of an event.
// Tested by tests/audit/project/parsed_event_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/project/event_cursor.hpp"

#include <charconv>
#include <system_error>

#include "wire/spans.hpp"

namespace mcpgov::audit {

namespace {

bool read_unsigned(std::string_view text, std::uint64_t& out) noexcept {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

bool read_signed(std::string_view text, std::int64_t& out) noexcept {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

bool read_boolean(std::string_view text, bool& out) noexcept {
  out = text == "true";
  return out || text == "false";
}

bool scalar(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '+' || c == '.';
}

}  // namespace

bool EventCursor::text(std::string_view& out) {
  std::string_view written;
  bool escapes = false;
  if (!string(written, escapes)) return false;
  if (!escapes) {
    out = written.substr(1, written.size() - 2);
    return true;
  }
  const std::size_t start = decoded_.size();
  if (!wire::append_decoded(written, decoded_)) return false;
  out = std::string_view(decoded_).substr(start);
  return true;
}

bool EventCursor::texts(std::vector<std::string_view>& out) {
  return array([&] { return text(out.emplace_back()); });
}

bool EventCursor::raw(std::string_view& out) {
  space();
  const char* const start = at_;
  if (!skip()) return false;
  out = {start, static_cast<std::size_t>(at_ - start)};
  return true;
}

bool EventCursor::structure(std::string_view& out) {
  return raw(out) && (out.front() == '{' || out.front() == '[');
}

bool EventCursor::count(std::uint64_t& out) {
  std::string_view json;
  return raw(json) && read_unsigned(json, out);
}

bool EventCursor::integer(std::int64_t& out) {
  std::string_view json;
  return raw(json) && read_signed(json, out);
}

bool EventCursor::boolean(bool& out) {
  std::string_view json;
  return raw(json) && read_boolean(json, out);
}

bool EventCursor::string(std::string_view& out, bool& escapes) noexcept {
  space();
  if (at_ == end_ || *at_ != '"') return false;
  const char* const start = at_;
  for (++at_; at_ != end_ && *at_ != '"'; ++at_) {
    if (*at_ != '\\') continue;
    escapes = true;
    if (++at_ == end_) return false;
  }
  if (at_ == end_) return false;
  ++at_;
  out = {start, static_cast<std::size_t>(at_ - start)};
  return true;
}

bool EventCursor::skip() {
  space();
  std::size_t depth = 0;
  do {
    if (at_ == end_) return false;
    std::string_view passed;
    bool escapes = false;
    switch (*at_) {
      case '"':
        if (!string(passed, escapes)) return false;
        break;
      case '{':
      case '[':
        ++depth;
        ++at_;
        break;
      case '}':
      case ']':
        if (depth == 0) return false;
        --depth;
        ++at_;
        break;
      default:
        // A number or a word, or what is between values.
        if (scalar(*at_)) {
          while (at_ != end_ && scalar(*at_)) ++at_;
        } else {
          ++at_;
        }
    }
  } while (depth > 0);
  return true;
}

}  // namespace mcpgov::audit
