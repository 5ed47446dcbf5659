// SHA-256 (FIPS 180-4), at once and in pieces.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

// OpenSSL's type of a digest in progress; its headers stay out of this one.
struct evp_md_ctx_st;

namespace mcpgov::crypto {

using Digest = std::array<std::uint8_t, 32>;

// A digest over bytes that come in pieces; reusable after finish().
// Throws std::bad_alloc when OpenSSL has no memory, or no provider of SHA-256 at all: either way
// there is no digest, and nothing that needs one may go on.
// Threads: one thread.
class Sha256 {
 public:
  Sha256();

  void update(std::string_view bytes);

  // The digest of everything since the last finish(). Starts the next one.
  Digest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  void start();

  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

// The digest of bytes. Keeps one context per thread, so that only a thread's first call allocates.
// Throws as Sha256. Threads: thread-safe.
Digest sha256(std::string_view bytes);

// The digest of a byte and two texts after it: the leaves and nodes of Merkle trees (RFC 6962
// section 2.1), millions of short texts. Allocates nothing. Threads: thread-safe.
Digest sha256_tagged(std::uint8_t tag, std::string_view first,
                     std::string_view second = {}) noexcept;

// 64 lower-case hexadecimal digits.
std::string hex(const Digest& digest);

}  // namespace mcpgov::crypto
