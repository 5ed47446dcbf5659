// Ed25519 signatures through OpenSSL's EVP interface.
// Tested by tests/crypto/signing_key_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "crypto/signing_key.hpp"

#include <new>
#include <string>
#include <utility>

#include <openssl/err.h>
#include <openssl/evp.h>

namespace mcpgov::crypto {
namespace {

const unsigned char* raw(std::string_view bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

SigningKey::SigningKey(std::shared_ptr<evp_pkey_st> key) noexcept : key_(std::move(key)) {}

Result<SigningKey> SigningKey::from_seed(std::string_view seed) {
  if (seed.size() != kSeedBytes) {
    return Error{
        ErrorCode::audit_key,
        "the seed of a signing key has " + std::to_string(seed.size()) + " bytes; 32 are needed",
        {},
        0,
        0};
  }
  ERR_set_mark();
  SigningKey out(std::shared_ptr<EVP_PKEY>(
      EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, raw(seed), seed.size()),
      &EVP_PKEY_free));
  std::size_t size = out.public_key_.size();
  const bool made =
      out.key_ && EVP_PKEY_get_raw_public_key(out.key_.get(), out.public_key_.data(), &size) == 1;
  ERR_pop_to_mark();
  // Every seed is a key, so that only memory can be missing.
  if (!made || size != out.public_key_.size()) throw std::bad_alloc();
  return out;
}

bool SigningKey::sign(std::string_view text, Ed25519Signature& out) const noexcept {
  ERR_set_mark();
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  std::size_t size = out.size();
  const bool signed_it =
      context &&
      EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key_.get(),
                            nullptr) == 1 &&
      EVP_DigestSign(context.get(), out.data(), &size, raw(text), text.size()) == 1 &&
      size == out.size();
  ERR_pop_to_mark();
  if (!signed_it) out.fill(0);
  return signed_it;
}

}  // namespace mcpgov::crypto
