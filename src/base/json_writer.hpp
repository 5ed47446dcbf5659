// Writing JSON text into a string that keeps its memory.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mcpgov {

// Appends one JSON object to `out`, members in the order of the calls. Strings are escaped so that
// a line can be read safely in a terminal: control characters, line and paragraph separators
// (U+2028, U+2029) and bidirectional controls (U+202A to U+202E, U+2066 to U+2069) as \u; invalid
// UTF-8 as U+FFFD. Keys are our own and written as they are.
// Throws: std::bad_alloc. Threads: one thread.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(&out) { out_->push_back('{'); }

  void string(std::string_view key, std::string_view value);
  void number(std::string_view key, std::uint64_t value);
  void boolean(std::string_view key, bool value);
  // json: complete JSON text; written without white space between its tokens, so that it cannot
  // break the line, and with unsafe characters of its strings escaped as above.
  void raw(std::string_view key, std::string_view json);

  void open_object(std::string_view key);
  void close_object();
  void open_array(std::string_view key);
  void element(std::string_view value);
  void close_array();

  // The end of the object.
  void finish() { out_->push_back('}'); }

 private:
  void name(std::string_view key);
  std::string* out_;
};

// Appends accepted JSON text on one line, its values unchanged: no white space between tokens, and
// unsafe characters inside strings as \u escapes.
void append_safe_json(std::string& out, std::string_view json);

// Appends a quoted and escaped JSON string.
void append_json_string(std::string& out, std::string_view text);

}  // namespace mcpgov
