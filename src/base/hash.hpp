// One hash for tables of strings and ids.
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

inline std::uint64_t hash_bytes(std::string_view text, std::uint64_t seed = 0) noexcept {
  constexpr std::uint64_t k0 = 0x9e3779b97f4a7c15U;  // 2^64 / golden ratio
  constexpr std::uint64_t k1 = 0xd6e8feb86659fd93U;  // an odd constant with balanced bits
  std::uint64_t state = seed ^ (text.size() * k0);
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    state = mix(state ^ word, k1);
  }
  std::uint64_t tail = 0;
  if (left != 0) std::memcpy(&tail, at, left);
  return mix(state ^ tail, k0 ^ k1);
}

}  // namespace mcpgov
