// Exact bytes of values: where a member, an element or a number lies in a JSON text.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mcpgov::wire {

// simdjson keeps neither positions nor the text of numbers. These scanners do, over text that a
// parser has accepted: they check no grammar, never read outside the text, use no recursion, and
// stop at the first byte that cannot be. All views they give lie inside the text they were given.

// The end of the value that starts at `at`; npos when the text ends before it.
std::size_t value_end(std::string_view json, std::size_t at) noexcept;

// Elements of an array, in order: `ElementSpans spans(json); while (spans.next(raw)) …`.
class ElementSpans {
 public:
  explicit ElementSpans(std::string_view array) noexcept;
  // False after the last element, and when the text is no array.
  bool next(std::string_view& element) noexcept;

 private:
  std::string_view json_;
  std::size_t at_;
};

// Members of an object, in order.
class MemberSpans {
 public:
  struct Member {
    std::string_view key;  // as written, with its quotes
    std::string_view value;
  };
  explicit MemberSpans(std::string_view object) noexcept;
  bool next(Member& member) noexcept;

 private:
  std::string_view json_;
  std::size_t at_;
};

// Whether a string as written (with quotes and escapes) stands for the bytes `text`.
bool string_equals(std::string_view written, std::string_view text) noexcept;

// Appends what a string as written stands for. False, with part of it appended, when an escape is
// malformed.
bool append_decoded(std::string_view written, std::string& out);

// The value of a member, as written. False when the text is no object or has no such member.
bool find_member(std::string_view object, std::string_view name, std::string_view& value) noexcept;

// The value at a JSON pointer (RFC 6901), as written; the empty pointer is the whole text. This is
// how rooms read the exact decimals of a number.
bool find_value(std::string_view json, std::string_view pointer, std::string_view& value) noexcept;

}  // namespace mcpgov::wire
