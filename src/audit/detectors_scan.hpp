// One pass over text for all keywords at once, and for what a reader of JSON looks for besides.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mcpgov::audit {

inline constexpr std::size_t kBlockBytes = 64;
// A block is read with this many bytes behind it, whatever they are.
inline constexpr std::size_t kBlockAhead = 2;

// What 64 bytes hold: bit i stands for byte i.
struct BlockBits {
  std::uint64_t quote = 0;
  std::uint64_t backslash = 0;
  std::uint64_t end = 0;      // of a number or literal: , : ] } and white space
  std::uint64_t control = 0;  // below 0x20
  std::uint64_t high = 0;     // not ASCII
  std::uint64_t unsafe = 0;   // DEL, or the first byte of what a terminal must not see
  std::uint64_t digit = 0;
  std::uint64_t grouped = 0;    // digits, spaces and hyphens, as in 4111 1111 1111 1111
  std::uint64_t candidate = 0;  // a keyword or a shape may begin here
};

// Where a run of 13 digits or more, also in groups, may begin, from block to block.
// The bit is that of the 13th byte.
class LongNumbers {
 public:
  std::uint64_t next(std::uint64_t digit, std::uint64_t grouped) noexcept;
  static constexpr std::size_t kBack = 12;  // from the bit to the first digit

 private:
  std::uint64_t digit_ = 0, grouped_ = 0, two_ = 0, four_ = 0, eight_ = 0, begin_ = 0;
};

// What is looked for without a keyword, by its first three bytes.
enum class Shape : std::uint8_t { none, at_sign, plus_digit, upper_upper_digit };

// Finds keywords by the first three bytes of each, in eight groups, as described for Teddy
// (Hyperscan): for each of three positions two tables of 16 give the groups that have such a byte
// there, by its halves. With AVX2 32 bytes at a time, elsewhere one at a time.
// Threads: thread-safe.
class Scanner {
 public:
  struct Keyword {
    std::string text;  // ASCII, at least 2 bytes
    bool any_case = false;
    std::uint16_t tag = 0;
  };
  Scanner(std::vector<Keyword> keywords, bool shapes);

  // block: kBlockBytes + kBlockAhead bytes.
  void read(const char* block, BlockBits& out) const noexcept { read_(*this, block, out); }

  static Shape shape_at(std::string_view text, std::size_t at) noexcept;

  // Calls found(tag, keyword's size) for each keyword that begins at `at`.
  template <class Found>
  void keywords_at(std::string_view text, std::size_t at, Found&& found) const {
    if (at + 1 >= text.size()) return;
    for (std::uint16_t next = first_[slot(text[at], text[at + 1])]; next != kNone;) {
      const Entry& entry = entries_[next];
      if (same(entry.keyword, text.substr(at))) {
        found(entry.keyword.tag, entry.keyword.text.size());
      }
      next = entry.next;
    }
  }

  // For tests: what runs here, and the portable way.
  static bool fast() noexcept;
  void read_portably(const char* block, BlockBits& out) const noexcept;

 private:
  static constexpr std::uint16_t kNone = 0xffff;
  static constexpr std::size_t kSlots = 1024;
  struct Entry {
    Keyword keyword;
    std::uint16_t next = kNone;
  };
  using Classes = std::array<std::array<bool, 256>, 3>;

  static std::size_t slot(char first, char second) noexcept {
    const auto a = static_cast<unsigned>(static_cast<unsigned char>(first)) | 0x20U;
    const auto b = static_cast<unsigned>(static_cast<unsigned char>(second)) | 0x20U;
    return (a * 37U + b) % kSlots;
  }
  static bool same(const Keyword& keyword, std::string_view text) noexcept;
  void put_in_groups(const std::vector<Classes>& fingerprints);
  static void read_fast(const Scanner& scanner, const char* block, BlockBits& out) noexcept;

  std::vector<Entry> entries_;
  std::array<std::uint16_t, kSlots> first_;
  // By position: groups by the low and by the high half of a byte, twice for both halves of a
  // register; and, where there are no such instructions, by the whole byte.
  alignas(32) std::array<std::array<std::uint8_t, 32>, 3> low_ = {};
  alignas(32) std::array<std::array<std::uint8_t, 32>, 3> high_ = {};
  std::array<std::array<std::uint8_t, 256>, 3> whole_ = {};
  void (*read_)(const Scanner&, const char*, BlockBits&) noexcept;
};

}  // namespace mcpgov::audit
