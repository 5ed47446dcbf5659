// CRC32C with the instruction of SSE 4.2 where there is one, else eight table steps at a time.
// Tested by tests/base/crc32c_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "base/crc32c.hpp"

#include <array>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define MCPGOV_CRC32C_SSE42 1
#include <nmmintrin.h>
#endif

namespace mcpgov {

namespace {

// 0x1EDC6F41 with its bits reversed, as the sum is kept lowest bit first.
constexpr std::uint32_t kPolynomial = 0x82F63B78U;

using Table = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Table make_table() {
  Table table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t sum = byte;
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1U) != 0 ? kPolynomial : 0U);
    table[0][byte] = sum;
  }
  for (std::size_t row = 1; row < 8; ++row) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = table[row - 1][byte];
      table[row][byte] = (before >> 8) ^ table[0][before & 0xFFU];
    }
  }
  return table;
}

constexpr Table kTable = make_table();

std::uint32_t byte_of(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<unsigned char>(bytes[at]);
}

#if defined(MCPGOV_CRC32C_SSE42)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(std::uint32_t former,
                                                             std::string_view bytes) noexcept {
  std::uint64_t sum = ~former;
  while (bytes.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), sizeof word);
    sum = _mm_crc32_u64(sum, word);
    bytes.remove_prefix(8);
  }
  auto rest = static_cast<std::uint32_t>(sum);
  for (const char each : bytes) rest = _mm_crc32_u8(rest, static_cast<unsigned char>(each));
  return ~rest;
}
#endif

}  // namespace

std::uint32_t crc32c_portable(std::uint32_t former, std::string_view bytes) noexcept {
  std::uint32_t sum = ~former;
  while (bytes.size() >= 8) {
    // Bytes one by one, so that the order of the machine's words does not matter.
    std::uint32_t next = 0;
    for (std::size_t at = 0; at < 4; ++at) {
      next ^= kTable[7 - at][(byte_of(bytes, at) ^ (sum >> (8 * at))) & 0xFFU];
      next ^= kTable[3 - at][byte_of(bytes, at + 4)];
    }
    sum = next;
    bytes.remove_prefix(8);
  }
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    sum = (sum >> 8) ^ kTable[0][(sum ^ byte_of(bytes, at)) & 0xFFU];
  }
  return ~sum;
}

std::uint32_t crc32c(std::uint32_t former, std::string_view bytes) noexcept {
#if defined(MCPGOV_CRC32C_SSE42)
  static const bool can = __builtin_cpu_supports("sse4.2");
  if (can) return crc32c_sse42(former, bytes);
#endif
  return crc32c_portable(former, bytes);
}

}  // namespace mcpgov
