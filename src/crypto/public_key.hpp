// Public keys that verify signatures: RSA, ECDSA on the NIST curves, Ed25519.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "mcpgov/result.hpp"

struct evp_md_ctx_st;

namespace mcpgov::crypto {

// What a key is used for, to the last parameter. PSS has MGF1 with the same hash and a salt of the
// hash's length (RFC 7518 section 3.5).
enum class Scheme : std::uint8_t {
  rsa_pkcs1_sha256,
  rsa_pkcs1_sha384,
  rsa_pkcs1_sha512,
  rsa_pss_sha256,
  rsa_pss_sha384,
  rsa_pss_sha512,
  ecdsa_p256_sha256,
  ecdsa_p384_sha384,
  ecdsa_p521_sha512,
  ed25519,
};

// One key for one scheme: that a key is never used with another algorithm is a matter of types.
// Keys are checked when they are made; numbers are big-endian bytes. Copies share the key.
// Threads: thread-safe; verify() keeps one scratch context per thread.
class PublicKey {
 public:
  // modulus: 2,048 to 8,192 bits (NIST SP 800-131A; the upper bound limits the cost), without small
  // factors, not of a generator known to be broken. exponent: odd, 3 to 2^32.
  // Errors: identity_key. Throws: std::bad_alloc.
  static Result<PublicKey> rsa(Scheme scheme, std::string_view modulus, std::string_view exponent);

  // x, y: of the scheme's curve, full length (RFC 7518 section 6.2.1.2), a point on it.
  // Errors: identity_key. Throws: std::bad_alloc.
  static Result<PublicKey> elliptic(Scheme scheme, std::string_view x, std::string_view y);

  // x: 32 bytes (RFC 8032 section 5.1.5), not of small order.
  // Errors: identity_key. Throws: std::bad_alloc.
  static Result<PublicKey> ed25519(std::string_view x);

  // Whether signature is one of bytes. RSA: as long as the modulus. ECDSA: R and S one after the
  // other, each as long as the curve's order and in [1, order - 1] (RFC 7518 section 3.4). Ed25519:
  // 64 bytes with S below the order. False also when OpenSSL has no memory.
  // Leaves OpenSSL's queue of errors as it was: a TLS connection of this thread reads it, too.
  [[nodiscard]] bool verify(std::string_view bytes, std::string_view signature) const noexcept;

  Scheme scheme() const noexcept { return scheme_; }
  // Of the modulus or of the curve's order.
  std::uint32_t bits() const noexcept { return bits_; }

 private:
  PublicKey(Scheme scheme, std::uint32_t bits, std::shared_ptr<evp_md_ctx_st> ready) noexcept
      : ready_(std::move(ready)), bits_(bits), scheme_(scheme) {}

  // Initialized with key and parameters; never used itself, but copied: that saves what
  // initialization costs (2 us of 16 for RSA of 2,048 bits).
  std::shared_ptr<evp_md_ctx_st> ready_;
  std::uint32_t bits_;
  Scheme scheme_;
};

}  // namespace mcpgov::crypto
