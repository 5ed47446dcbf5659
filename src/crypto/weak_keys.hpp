// Public keys that are known to be breakable although they look well-formed.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mcpgov::crypto {

// Whether an RSA modulus (big-endian) bears the mark of Infineon's generator of CVE-2017-15361
// ("ROCA"), whose keys can be factored. A sound modulus bears it by chance once in 2^27.
// Threads: thread-safe.
bool has_roca_fingerprint(std::string_view modulus) noexcept;

// Whether a prime of at most 167 divides the modulus: then its factors are at hand.
// Threads: thread-safe.
bool has_small_factor(std::string_view modulus) noexcept;

// Whether 32 bytes of an Ed25519 public key are a point of order 8 or less, in any encoding: for
// those there are signatures that hold for many messages, and that anybody can write down.
// Threads: thread-safe.
bool is_small_order(std::string_view key) noexcept;

}  // namespace mcpgov::crypto
