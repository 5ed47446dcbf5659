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

#include "base/hash.hpp"

namespace mcpgov::audit {

inline constexpr std::size_t kBlockBytes = 64;
// A block is read with this many bytes behind it, whatever they are.
inline constexpr std::size_t kBlockAhead = 3;

// What 64 bytes hold: bit i stands for byte i.
struct BlockBits {
  std::uint64_t quote = 0;
  std::uint64_t backslash = 0;
  std::uint64_t end = 0;      // of a number or literal: , : ] } and up to 0x20
  std::uint64_t control = 0;  // below 0x20
  std::uint64_t high = 0;     // not ASCII
  std::uint64_t unsafe = 0;   // DEL, or the first byte of what a terminal must not see
  std::uint64_t digit = 0;
  std::uint64_t grouped = 0;  // digits, spaces and hyphens, as in 4111 1111 1111 1111
  std::uint64_t upper = 0;    // A to Z
  std::uint64_t at_sign = 0;
  std::uint64_t plus = 0;
  std::uint64_t candidate = 0;  // a keyword may begin here
};

// The bits of `bits`, `by` bytes later; those of the block before come in.
inline std::uint64_t later(std::uint64_t bits, std::uint64_t before, unsigned by) noexcept {
  return bits << by | before >> (64U - by);
}

// Where a run of 13 digits or more, also in groups, may begin, from block to block.
// The bit is that of the 13th byte.
class LongNumbers {
 public:
  std::uint64_t next(std::uint64_t digit, std::uint64_t grouped) noexcept {
    const std::uint64_t two = grouped & later(grouped, grouped_, 1);
    const std::uint64_t four = two & later(two, two_, 2);
    const std::uint64_t eight = four & later(four, four_, 4);
    // Four digits, and none before them.
    const std::uint64_t begin = digit & later(digit, digit_, 1) & later(digit, digit_, 2) &
                                later(digit, digit_, 3) & ~later(digit, digit_, 4);
    // 13 in all: eight, the four before them, and one more.
    const std::uint64_t out =
        eight & later(four, four_, 8) & later(grouped, grouped_, 12) & later(begin, begin_, 9);
    digit_ = digit;
    grouped_ = grouped;
    two_ = two;
    four_ = four;
    eight_ = eight;
    begin_ = begin;
    return out;
  }
  static constexpr std::size_t kBack = 12;  // from the bit to the first digit

 private:
  std::uint64_t digit_ = 0, grouped_ = 0, two_ = 0, four_ = 0, eight_ = 0, begin_ = 0;
};

// Where what has no keyword may begin, from block to block: +4, AB12. The bits are those of the
// last byte of each.
class ShapeStarts {
 public:
  struct Bits {
    std::uint64_t phone;  // one byte behind the plus
    std::uint64_t iban;   // three bytes behind the first letter
  };
  Bits next(const BlockBits& bits) noexcept {
    const Bits out = {bits.digit & later(bits.plus, plus_, 1),
                      bits.digit & later(bits.digit, digit_, 1) & later(bits.upper, upper_, 2) &
                          later(bits.upper, upper_, 3)};
    plus_ = bits.plus;
    digit_ = bits.digit;
    upper_ = bits.upper;
    return out;
  }

 private:
  std::uint64_t plus_ = 0, digit_ = 0, upper_ = 0;
};

enum class Instructions : std::uint8_t { any, avx2, avx512 };

// Finds keywords by the first four bytes of each, in 16 groups, in the way of Teddy (Hyperscan):
// for each of the four positions tables of 16 give the groups that have such a byte there, by its
// halves. With AVX-512 64 bytes at a time, with AVX2 32, elsewhere one.
// Threads: thread-safe.
class Scanner {
 public:
  struct Keyword {
    std::string text;  // ASCII, at least 2 bytes
    bool any_case = false;
    std::uint16_t tag = 0;
  };
  explicit Scanner(std::vector<Keyword> keywords);

  // block: kBlockBytes + kBlockAhead bytes.
  void read(const char* block, BlockBits& out) const noexcept { read_(*this, block, out); }

  // Whether the four bytes at `at` may be those of a keyword: groups take many more.
  // at: four bytes can be read there.
  bool holds(const char* at) const noexcept {
    const std::uint32_t place = place_of(load<std::uint32_t>(at));
    return (beginnings_[place / 64] >> place % 64 & 1U) != 0;
  }

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

  // The fastest that this machine has is used; others are for tests.
  static Instructions fastest() noexcept;
  void use(Instructions instructions) noexcept;
  void read_portably(const char* block, BlockBits& out) const noexcept;

 private:
  static constexpr std::uint16_t kNone = 0xffff;
  static constexpr std::size_t kSlots = 1024;
  struct Entry {
    Keyword keyword;
    std::uint16_t next = kNone;
  };
  static constexpr unsigned kPlaceBits = 17;  // 16 KiB, of which a few per cent are set
  static std::uint32_t place_of(std::uint32_t bytes) noexcept {
    return bytes * 0x9e3779b1U >> (32U - kPlaceBits);  // 2^32 / golden ratio
  }
  using Classes = std::array<std::array<bool, 256>, 4>;

  static std::size_t slot(char first, char second) noexcept {
    const auto a = static_cast<unsigned>(static_cast<unsigned char>(first)) | 0x20U;
    const auto b = static_cast<unsigned>(static_cast<unsigned char>(second)) | 0x20U;
    return (a * 37U + b) % kSlots;
  }
  static bool same(const Keyword& keyword, std::string_view text) noexcept;
  void add_beginnings(const Classes& classes);
  void put_in_groups(const std::vector<Classes>& fingerprints);
  static void read_avx2(const Scanner& scanner, const char* block, BlockBits& out) noexcept;
  static void read_avx512(const Scanner& scanner, const char* block, BlockBits& out) noexcept;
  static std::uint32_t groups_at(const Scanner& scanner, const char* at) noexcept;

  std::vector<Entry> entries_;
  std::array<std::uint16_t, kSlots> first_;
  // By position and eight groups: the groups by the low and by the high half of a byte, twice for
  // both halves of a register; and, where there are no such instructions, by the whole byte.
  using Halves = std::array<std::array<std::array<std::uint8_t, 32>, 2>, 4>;
  alignas(32) Halves low_ = {};
  alignas(32) Halves high_ = {};
  std::array<std::array<std::uint16_t, 256>, 4> whole_ = {};
  std::vector<std::uint64_t> beginnings_;
  void (*read_)(const Scanner&, const char*, BlockBits&) noexcept;
};

// How many bytes at the beginning are letters, digits, or of +/-_ or, with `escapes`, a backslash.
std::size_t base64_size(std::string_view text, bool escapes) noexcept;
std::size_t base64_size_portably(std::string_view text, bool escapes) noexcept;

}  // namespace mcpgov::audit
