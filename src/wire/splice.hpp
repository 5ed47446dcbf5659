// New bytes from old ones: values removed or replaced, everything else byte for byte.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcpgov::wire {

// Collects edits of one accepted JSON text, then applies them at once. Every span handed in must
// lie inside `text`; edits must not overlap: apply() says so rather than write something else.
// Borrows the text and all replacements. Reusable: start() keeps the memory.
// Threads: one thread. Throws: std::bad_alloc only.
class Splice {
 public:
  Splice() = default;
  explicit Splice(std::string_view text) { start(text); }
  void start(std::string_view text);

  // A member to set: `key` plain, without quotes or characters that need an escape; `value` JSON.
  struct Member {
    std::string_view key;
    std::string_view value;
  };

  // Replaces one value.
  void replace(std::string_view value, std::string_view with);

  // Removes the elements of `array` whose mark is not 0, with their commas and the white space in
  // front of the next element. marks: one for each element; missing ones count as 0.
  void remove_elements(std::string_view array, std::span<const unsigned char> marks);

  // Sets members of an object: the value is replaced where the member exists, otherwise the member
  // is added at the end. The object's other values may be edited as well, but not those.
  void set_members(std::string_view object, std::span<const Member> members);

  bool empty() const noexcept { return edits_.empty(); }

  // Writes the edited text to `out` (replaced, not appended to). False, with `out` empty, when a
  // span lay outside the text, an object was none, or edits overlap.
  bool apply(std::string& out);

 private:
  struct Edit {
    std::size_t begin;
    std::size_t end;
    std::string_view with;  // borrowed
    std::size_t added;      // 1 + index into added_, or 0
  };
  bool offset_of(std::string_view part, std::size_t& offset) noexcept;

  std::string_view text_;
  std::vector<Edit> edits_;
  std::vector<std::string> added_;  // members that did not exist
  bool valid_ = true;
};

}  // namespace mcpgov::wire
