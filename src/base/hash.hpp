// One hash for tables of strings and ids, and the comparison that goes with it. Both are made for
// names of a few bytes, where a call of the C library costs more than the work.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace mcpgov {

// 64 x 64 -> 128 bit multiply, both halves folded. A weaker mix of sequential ids made an index
// probe 200 times slower (a cluster in every bucket), so ids go through this as well.
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
#if defined(__SIZEOF_INT128__)
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
#else
  const std::uint64_t low = (a & 0xffffffffU) * (b & 0xffffffffU);
  const std::uint64_t cross1 = (a >> 32) * (b & 0xffffffffU);
  const std::uint64_t cross2 = (a & 0xffffffffU) * (b >> 32);
  const std::uint64_t high = (a >> 32) * (b >> 32);
  const std::uint64_t middle = (low >> 32) + (cross1 & 0xffffffffU) + (cross2 & 0xffffffffU);
  const std::uint64_t low_word = (middle << 32) | (low & 0xffffffffU);
  const std::uint64_t high_word = high + (cross1 >> 32) + (cross2 >> 32) + (middle >> 32);
  return low_word ^ high_word;
#endif
}

template <class Word>
Word load(const char* at) noexcept {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Up to eight bytes as one word; the bytes may be read twice.
inline std::uint64_t short_word(const char* at, std::size_t size) noexcept {
  if (size >= 4) {
    return std::uint64_t{load<std::uint32_t>(at)} << 32 | load<std::uint32_t>(at + size - 4);
  }
  if (size == 0) return 0;
  const auto byte = [&](std::size_t place) {
    return std::uint64_t{static_cast<unsigned char>(at[place])};
  };
  return byte(0) << 16 | byte(size / 2) << 8 | byte(size - 1);
}

inline bool same_text(std::string_view a, std::string_view b) noexcept {
  constexpr std::size_t kInline = 16;
  const std::size_t size = a.size();
  if (size != b.size()) return false;
  if (size > kInline) return std::memcmp(a.data(), b.data(), size) == 0;
  if (size <= 8) return short_word(a.data(), size) == short_word(b.data(), size);
  const std::size_t last = size - 8;
  return ((load<std::uint64_t>(a.data()) ^ load<std::uint64_t>(b.data())) |
          (load<std::uint64_t>(a.data() + last) ^ load<std::uint64_t>(b.data() + last))) == 0;
}

inline std::uint64_t hash_bytes(std::string_view text, std::uint64_t seed = 0) noexcept {
  constexpr std::uint64_t k0 = 0x9e3779b97f4a7c15U;  // 2^64 / golden ratio
  constexpr std::uint64_t k1 = 0xd6e8feb86659fd93U;  // an odd constant with balanced bits
  std::uint64_t state = seed ^ (text.size() * k0);
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left > 8; at += 8, left -= 8) state = mix(state ^ load<std::uint64_t>(at), k1);
  return mix(state ^ short_word(at, left), k0 ^ k1);
}

}  // namespace mcpgov
