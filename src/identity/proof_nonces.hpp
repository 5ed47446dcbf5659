// Nonces that proofs have to carry (RFC 9449 section 9), without remembering any.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "crypto/hmac.hpp"

namespace mcpgov::identity {

enum class NonceAge : std::uint8_t { unknown, former, current };

// A nonce is 128 bits of the HMAC of the period in which it was made. It is taken in that period
// and the next. Processes with different keys do not know each other's nonces: their clients are
// told the right one with each refusal, so replicas behind one address want one key.
// Threads: immutable, share freely.
class ProofNonces {
 public:
  // period_s: at least 1.
  ProofNonces(crypto::HmacKey key, std::uint32_t period_s) noexcept
      : key_(std::move(key)), period_s_(period_s) {}

  // 22 characters of base64url. Throws: std::bad_alloc.
  std::string current(std::uint64_t now_s) const;

  // until_s: the last second at which it will be taken, unless unknown. Compared in constant time.
  // Throws: std::bad_alloc.
  NonceAge age(std::string_view nonce, std::uint64_t now_s, std::uint64_t& until_s) const;

 private:
  std::string of_period(std::uint64_t period) const;

  crypto::HmacKey key_;
  std::uint32_t period_s_;
};

}  // namespace mcpgov::identity
