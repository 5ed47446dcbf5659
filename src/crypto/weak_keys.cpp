// Public keys that are known to be breakable.
// Tested by tests/crypto/public_key_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "crypto/weak_keys.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace mcpgov::crypto {
namespace {

constexpr std::uint32_t kSmallPrimes[] = {
    3,  5,  7,  11, 13, 17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
    73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};

// Primes whose residues tell most: in the others 65537 generates (almost) every residue. Together
// they admit one modulus in 2^27 (Nemec et al., "The Return of Coppersmith's Attack", CCS 2017,
// section 4.2; the choice is that of the authors' detector).
constexpr std::uint32_t kTellingPrimes[] = {11, 13, 17,  19,  37,  53,  61,  71, 73,
                                            79, 97, 103, 107, 109, 127, 151, 157};

using Residues = std::array<std::uint32_t, std::size(kSmallPrimes)>;

// The remainder of a big-endian number, 32 bits at a time.
std::uint64_t remainder(std::string_view number, std::uint64_t divisor) noexcept {
  std::uint64_t rest = 0;
  for (std::size_t at = 0; at < number.size();) {
    std::uint64_t word = rest;
    do {
      word = word << 8 | static_cast<std::uint8_t>(number[at]);
    } while ((number.size() - ++at) % 4 != 0);
    rest = word % divisor;
  }
  return rest;
}

// The remainders by all small primes: first by products of 32 bits, as long division is what costs.
Residues residues_of(std::string_view number) noexcept {
  Residues out{};
  for (std::size_t first = 0; first < out.size();) {
    std::uint64_t product = 1;
    std::size_t end = first;
    while (end < out.size() && product * kSmallPrimes[end] >> 32 == 0) {
      product *= kSmallPrimes[end++];
    }
    const std::uint64_t rest = remainder(number, product);
    for (; first < end; ++first)
      out[first] = static_cast<std::uint32_t>(rest % kSmallPrimes[first]);
  }
  return out;
}

// Whether the residue is a power of 65537 modulo a prime.
bool is_power(std::uint32_t residue, std::uint32_t prime) noexcept {
  const std::uint32_t base = 65537 % prime;
  std::uint32_t power = 1;
  do {
    if (power == residue) return true;
    power = power * base % prime;
  } while (power != 1);
  return false;
}

}  // namespace

bool has_roca_fingerprint(std::string_view modulus) noexcept {
  const Residues residues = residues_of(modulus);
  for (std::size_t i = 0; i < residues.size(); ++i) {
    const std::uint32_t prime = kSmallPrimes[i];
    const auto* const telling =
        std::find(std::begin(kTellingPrimes), std::end(kTellingPrimes), prime);
    if (telling != std::end(kTellingPrimes) && !is_power(residues[i], prime)) return false;
  }
  return true;
}

bool has_small_factor(std::string_view modulus) noexcept {
  if (modulus.empty() || (static_cast<std::uint8_t>(modulus.back()) & 1) == 0) return true;
  const Residues residues = residues_of(modulus);
  return std::find(residues.begin(), residues.end(), 0U) != residues.end();
}

bool is_small_order(std::string_view key) noexcept {
  // The y coordinates, little-endian (RFC 8032 section 5.1.2), of the points whose order divides
  // 8, and those that are equal to one of them modulo p = 2^255 - 19. The sign bit is left out.
  constexpr std::uint8_t kPoints[][32] = {
      {0x00},
      {0x01},
      {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
       0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
       0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
      {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
       0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
       0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
  };
  constexpr std::size_t kSize = 32;
  if (key.size() != kSize) return true;
  std::uint8_t y[kSize];
  std::copy(key.begin(), key.end(), y);
  y[kSize - 1] &= 0x7f;
  for (const auto& point : kPoints) {
    if (std::equal(std::begin(point), std::end(point), y)) return true;
  }
  // p - 1, p and p + 1: 0xec to 0xee, then ff … ff 7f.
  return y[0] >= 0xec && y[0] <= 0xee && y[kSize - 1] == 0x7f &&
         std::all_of(y + 1, y + kSize - 1, [](std::uint8_t byte) { return byte == 0xff; });
}

}  // namespace mcpgov::crypto
