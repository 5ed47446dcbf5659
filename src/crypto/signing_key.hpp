// A private key that signs: Ed25519 (RFC 8032 section 5.1), over the text itself.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "mcpgov/result.hpp"

struct evp_pkey_st;

namespace mcpgov::crypto {

using Ed25519Signature = std::array<std::uint8_t, 64>;
using Ed25519Public = std::array<std::uint8_t, 32>;

// Copies share the secret, which OpenSSL zeroes with the last of them. Threads: thread-safe.
class SigningKey {
 public:
  static constexpr std::size_t kSeedBytes = 32;

  // seed: RFC 8032's private key, kSeedBytes of chance; still to be wiped by whoever had it.
  // Errors: audit_key. Throws: std::bad_alloc.
  static Result<SigningKey> from_seed(std::string_view seed);

  // The same text gives the same signature. False: OpenSSL has no memory, and out is all zeros.
  [[nodiscard]] bool sign(std::string_view text, Ed25519Signature& out) const noexcept;

  const Ed25519Public& public_key() const noexcept { return public_key_; }

 private:
  explicit SigningKey(std::shared_ptr<evp_pkey_st> key) noexcept;

  std::shared_ptr<evp_pkey_st> key_;
  Ed25519Public public_key_ = {};
};

}  // namespace mcpgov::crypto
