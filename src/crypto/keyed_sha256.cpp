// HMAC-SHA-256 from kept states, through OpenSSL's plain SHA-256: the EVP interface allocates for
// each copy of a state.
// Tested by tests/crypto/hmac_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
// The plain functions are marked as old since 3.0, and there are no others without an allocation.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <cstring>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "crypto/hmac.hpp"

namespace mcpgov::crypto {

namespace {

constexpr std::size_t kBlock = 64;  // RFC 2104 section 2: B of SHA-256

// None of these can fail for memory; they return 1.
Digest finish(SHA256_CTX& state, std::string_view bytes) noexcept {
  Digest digest{};
  SHA256_Update(&state, bytes.data(), bytes.size());
  SHA256_Final(digest.data(), &state);
  return digest;
}

// RFC 2104 section 2: 0x36 for the inner, 0x5c for the outer hash.
void begin(unsigned char* state, const unsigned char (&block)[kBlock], unsigned char pad) noexcept {
  unsigned char padded[kBlock];
  for (std::size_t i = 0; i < kBlock; ++i) padded[i] = static_cast<unsigned char>(block[i] ^ pad);
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, padded, sizeof padded);
  std::memcpy(state, &context, sizeof context);
  OPENSSL_cleanse(&context, sizeof context);
  OPENSSL_cleanse(padded, sizeof padded);
}

}  // namespace

KeyedSha256::KeyedSha256(std::string_view secret) noexcept {
  static_assert(sizeof(State) == sizeof(SHA256_CTX));
  unsigned char block[kBlock] = {};
  if (secret.size() > kBlock) {
    SHA256_CTX context;
    SHA256_Init(&context);
    const Digest digest = finish(context, secret);
    std::memcpy(block, digest.data(), digest.size());
  } else if (!secret.empty()) {
    std::memcpy(block, secret.data(), secret.size());
  }
  begin(inner_.bytes, block, 0x36);
  begin(outer_.bytes, block, 0x5c);
  OPENSSL_cleanse(block, sizeof block);
}

KeyedSha256::~KeyedSha256() {
  OPENSSL_cleanse(&inner_, sizeof inner_);
  OPENSSL_cleanse(&outer_, sizeof outer_);
}

Digest KeyedSha256::code(std::string_view bytes) const noexcept {
  SHA256_CTX state;
  std::memcpy(&state, &inner_, sizeof state);
  const Digest inner = finish(state, bytes);
  std::memcpy(&state, &outer_, sizeof state);
  return finish(state, {reinterpret_cast<const char*>(inner.data()), inner.size()});
}

}  // namespace mcpgov::crypto
