// HMAC (RFC 2104) with SHA-256, SHA-384 and SHA-512.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "crypto/sha256.hpp"
#include "mcpgov/result.hpp"

struct evp_mac_ctx_st;

namespace mcpgov::crypto {

enum class Hash : std::uint8_t { sha256, sha384, sha512 };

// Bytes of a digest: 32, 48 or 64.
std::size_t digest_size(Hash hash) noexcept;

// A secret, ready for use; its bytes are zeroed with the last copy. Copies share it.
// Threads: thread-safe.
class HmacKey {
 public:
  // secret: at least as long as the digest (RFC 7518 section 3.2).
  // Errors: identity_key. Throws: std::bad_alloc.
  static Result<HmacKey> make(Hash hash, std::string_view secret);

  // Writes the code of bytes to out, which must have digest_size(hash) bytes. False: it does not,
  // or OpenSSL has no memory; out is not to be used.
  [[nodiscard]] bool sign(std::string_view bytes, std::span<std::uint8_t> out) const noexcept;

  // Whether code is that of bytes, compared in constant time.
  [[nodiscard]] bool verify(std::string_view bytes, std::string_view code) const noexcept;

 private:
  HmacKey(Hash hash, std::shared_ptr<evp_mac_ctx_st> ready) noexcept
      : ready_(std::move(ready)), hash_(hash) {}

  std::shared_ptr<evp_mac_ctx_st> ready_;  // keyed; never used itself, but copied
  Hash hash_;
};

// HMAC-SHA-256 with a secret of any length, such as one that this process made itself.
// Throws: std::bad_alloc. Threads: thread-safe.
Digest hmac_sha256(std::string_view secret, std::string_view bytes);

// HMAC-SHA-256 with a secret of any length, its two key blocks hashed beforehand: a code of up to
// 55 bytes costs two compressions, and nothing is allocated. The state is wiped at the end.
// Threads: thread-safe.
class KeyedSha256 {
 public:
  explicit KeyedSha256(std::string_view secret) noexcept;
  KeyedSha256(const KeyedSha256&) = default;
  KeyedSha256& operator=(const KeyedSha256&) = default;
  ~KeyedSha256();

  Digest code(std::string_view bytes) const noexcept;

 private:
  // OpenSSL's SHA256_CTX as bytes, so that its headers stay out of this one.
  struct alignas(8) State {
    unsigned char bytes[112];
  };
  State inner_;
  State outer_;
};

}  // namespace mcpgov::crypto
