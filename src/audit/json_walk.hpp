// Where the strings and tokens of a JSON text end, and which of them have to be looked at closely:
// found 64 bytes at a time, as far as a reader goes.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "audit/detectors.hpp"

namespace mcpgov::audit {

// Bits over one text. Reusable: begin() keeps the memory. Offsets may be those of its end.
// Threads: one thread.
class TextMap {
 public:
  static constexpr std::size_t kNone = ~std::size_t{0};

  // text, detectors: borrowed until the next begin(). detectors null: nothing but quotes, ends and
  // what cannot stay as it is.
  void begin(std::string_view text, const Detectors* detectors);

  // The next quote that is not escaped; kNone: there is none.
  std::size_t next_quote(std::size_t from) { return next(quotes_, from); }
  // The next byte that ends a number or a literal; the text's size when there is none.
  std::size_t next_end(std::size_t from) {
    const std::size_t found = next(ends_, from);
    return found == kNone ? text_.size() : found;
  }

  // Whether something in [from, to) keeps these bytes of a string from being stored as they are: a
  // possible finding, an escape that could hide one, or a character that must not be seen raw.
  // to: not beyond what next_quote() or next_end() have returned.
  bool noted(std::size_t from, std::size_t to) const noexcept { return any(notes_, from, to); }

  std::size_t bytes_read() const noexcept { return ready_ * kBlockBytes; }

 private:
  using Words = std::vector<std::uint64_t>;

  std::size_t next(const Words& words, std::size_t from) {
    std::size_t word = from / kBlockBytes;
    if (from >= text_.size() || (word >= ready_ && !read_more(word))) return kNone;
    std::uint64_t bits = words[word] & (~std::uint64_t{0} << from % kBlockBytes);
    while (bits == 0) {
      ++word;
      if (word >= ready_ && !read_more(word)) return kNone;
      bits = words[word];
    }
    return word * kBlockBytes + static_cast<std::size_t>(std::countr_zero(bits));
  }

  static bool any(const Words& words, std::size_t from, std::size_t to) noexcept {
    if (from >= to) return false;
    const std::size_t last = (to - 1) / kBlockBytes;
    std::uint64_t mask = ~std::uint64_t{0} << from % kBlockBytes;
    for (std::size_t word = from / kBlockBytes; word < last; ++word) {
      if ((words[word] & mask) != 0) return true;
      mask = ~std::uint64_t{0};
    }
    mask &= ~std::uint64_t{0} >> (kBlockBytes - 1 - (to - 1) % kBlockBytes);
    return (words[last] & mask) != 0;
  }

  bool read_more(std::size_t word);
  void read_block(std::size_t word);
  void note(std::size_t at) noexcept;
  void note_shapes(std::size_t at, const BlockBits& bits) noexcept;
  std::uint64_t escaped(std::uint64_t backslashes) noexcept;
  bool is_unsafe(std::size_t at) const noexcept;
  bool stays_escaped(std::size_t at) const noexcept;

  std::string_view text_;
  const Detectors* detectors_ = nullptr;
  std::size_t blocks_ = 0;
  std::size_t ready_ = 0;  // blocks that were read
  bool escape_open_ = false;
  bool checked_utf8_ = false;
  bool valid_utf8_ = true;
  LongNumbers numbers_;
  ShapeStarts starts_;
  Words quotes_, ends_, notes_;
};

}  // namespace mcpgov::audit
