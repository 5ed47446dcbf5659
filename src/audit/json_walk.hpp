// Where the strings and tokens of a JSON text end, and which of them have to be looked at closely:
// found 64 bytes at a time, as far as a reader goes.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
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
  std::size_t next_quote(std::size_t from) {
    std::size_t found = next_ready<&Marks::quotes>(from);
    while (found == kNone) {
      from = std::max(from, bytes_read());
      if (!read_more()) return kNone;
      found = next_ready<&Marks::quotes>(from);
    }
    return found;
  }
  // The same for the string that begins at `from`. blob: it is base64 of that many bytes or more,
  // which is found sooner; noted() knows nothing of such a string.
  std::size_t end_of_string(std::size_t from, std::size_t least_blob, bool& blob) {
    blob = false;
    const std::size_t found = next_ready<&Marks::quotes>(from);
    if (found != kNone) return found;
    const std::size_t end = end_of_blob(from);
    blob = end != kNone && end - from >= least_blob;
    if (!blob) return next_quote(from);
    skip_to(end);
    return end;
  }
  // The next byte that ends a number or a literal; the text's size when there is none.
  std::size_t next_end(std::size_t from) {
    std::size_t found = next_ready<&Marks::ends>(from);
    while (found == kNone) {
      from = std::max(from, bytes_read());
      if (!read_more()) return text_.size();
      found = next_ready<&Marks::ends>(from);
    }
    return found;
  }

  // Whether something in [from, to) keeps these bytes of a string from being stored as they are: a
  // possible finding, an escape that could hide one, or a character that must not be seen raw.
  // to: not beyond what next_quote() or next_end() have returned.
  bool noted(std::size_t from, std::size_t to) const noexcept {
    for (; to - from > kBlockBytes; from += kBlockBytes) {
      if (window<&Marks::notes>(from) != 0) return true;
    }
    return from < to && window<&Marks::notes>(from) << (kBlockBytes - (to - from)) != 0;
  }
  // Nothing but digits, likewise; of one block's size at most, else false.
  bool all_digits(std::size_t from, std::size_t to) const noexcept {
    const std::size_t size = to - from;
    return size - 1 < kBlockBytes && ~window<&Marks::digits>(from) << (kBlockBytes - size) == 0;
  }

  // How many digits, or bytes of a string before its quote, come from `from` on, where a block's
  // size was read; that size: as many or more.
  std::size_t digits(std::size_t from) const noexcept {
    return static_cast<std::size_t>(std::countr_one(window<&Marks::digits>(from)));
  }
  std::size_t text_size(std::size_t from) const noexcept {
    return static_cast<std::size_t>(std::countr_zero(window<&Marks::quotes>(from)));
  }

  // Reads on to this place, or to the text's end.
  void reach(std::size_t to) {
    while (to > bytes_read() && read_more()) {
    }
  }
  std::size_t bytes_read() const noexcept { return ready_ * kBlockBytes; }

 private:
  // Of one block: bit i stands for byte i.
  struct Marks {
    std::uint64_t quotes = 0, ends = 0, notes = 0, digits = 0;
  };

  // The bits of the block's size of bytes from `from` on, which was read. Tokens are seldom longer:
  // no branch depends on where in its block one begins.
  template <std::uint64_t Marks::*kBits>
  std::uint64_t window(std::size_t from) const noexcept {
    const Marks* const marks = &marks_[from / kBlockBytes];
    const std::size_t bit = from % kBlockBytes;
    return marks[0].*kBits >> bit | marks[1].*kBits << 1U << (kBlockBytes - 1 - bit);
  }

  // Within what was read.
  template <std::uint64_t Marks::*kBits>
  std::size_t next_ready(std::size_t from) const noexcept {
    for (; from < bytes_read(); from += kBlockBytes) {
      const std::uint64_t bits = window<kBits>(from);
      if (bits != 0) return from + static_cast<std::size_t>(std::countr_zero(bits));
    }
    return kNone;
  }

  bool read_more();
  std::size_t end_of_blob(std::size_t from) const noexcept;
  void skip_to(std::size_t end) noexcept;
  void read_block(std::size_t word);
  void note(std::size_t at) noexcept;
  void note_shapes(std::size_t at, const BlockBits& bits) noexcept;
  std::uint64_t escaped(std::uint64_t backslashes) noexcept;
  bool is_unsafe(std::size_t at) const noexcept;
  bool stays_escaped(std::size_t at) const noexcept;

  std::string_view text_;
  const Detectors* detectors_ = nullptr;
  const Scanner* scanner_ = nullptr;
  bool shapes_ = false;
  std::size_t blocks_ = 0;
  std::size_t ready_ = 0;  // blocks that were read
  bool escape_open_ = false;
  bool checked_utf8_ = false;
  bool valid_utf8_ = true;
  LongNumbers numbers_;
  ShapeStarts starts_;
  std::vector<Marks> marks_;  // and one of zeros behind those that were read
};

}  // namespace mcpgov::audit
