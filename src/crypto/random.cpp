// Random bytes and constant-time comparison through OpenSSL.
// Tested by tests/crypto/random_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "crypto/random.hpp"

#include <algorithm>

#include <climits>
#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace mcpgov::crypto {

bool random_bytes(std::span<std::uint8_t> out) noexcept {
  if (out.size() <= INT_MAX && RAND_bytes(out.data(), static_cast<int>(out.size())) == 1) {
    return true;
  }
  std::fill(out.begin(), out.end(), std::uint8_t{0});
  return false;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace mcpgov::crypto
