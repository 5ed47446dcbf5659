// HMAC through OpenSSL's EVP_MAC.
// Tested by tests/crypto/hmac_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "crypto/hmac.hpp"

#include <new>
#include <string>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "crypto/random.hpp"

namespace mcpgov::crypto {
namespace {

constexpr std::size_t kLongestDigest = 64;

// Fetched once, as searching the providers costs more than the code of a short text.
EVP_MAC* algorithm() {
  static const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> fetched(
      EVP_MAC_fetch(nullptr, "HMAC", nullptr), &EVP_MAC_free);
  return fetched.get();
}

const char* name_of(Hash hash) noexcept {
  return hash == Hash::sha256 ? "SHA2-256" : hash == Hash::sha384 ? "SHA2-384" : "SHA2-512";
}

std::shared_ptr<EVP_MAC_CTX> keyed(Hash hash, std::string_view secret) {
  if (algorithm() == nullptr) throw std::bad_alloc();
  std::shared_ptr<EVP_MAC_CTX> context(EVP_MAC_CTX_new(algorithm()), &EVP_MAC_CTX_free);
  std::string digest = name_of(hash);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  // OpenSSL takes a null key for "the one set before", even with length 0.
  const char* bytes = secret.empty() ? "" : secret.data();
  if (!context || EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(bytes),
                               secret.size(), parameters) != 1) {
    throw std::bad_alloc();
  }
  return context;
}

bool code_of(const EVP_MAC_CTX* ready, std::string_view bytes, std::span<std::uint8_t> out) {
  const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(EVP_MAC_CTX_dup(ready),
                                                                          &EVP_MAC_CTX_free);
  std::size_t size = 0;
  return context &&
         EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(bytes.data()),
                        bytes.size()) == 1 &&
         EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1 && size == out.size();
}

}  // namespace

std::size_t digest_size(Hash hash) noexcept {
  return hash == Hash::sha256 ? 32 : hash == Hash::sha384 ? 48 : kLongestDigest;
}

Result<HmacKey> HmacKey::make(Hash hash, std::string_view secret) {
  if (secret.size() < digest_size(hash)) {
    return Error{ErrorCode::identity_key,
                 "the secret has " + std::to_string(secret.size()) + " bytes; at least " +
                     std::to_string(digest_size(hash)) + " are needed",
                 {},
                 0,
                 0};
  }
  return HmacKey(hash, keyed(hash, secret));
}

bool HmacKey::sign(std::string_view bytes, std::span<std::uint8_t> out) const noexcept {
  return out.size() == digest_size(hash_) && code_of(ready_.get(), bytes, out);
}

bool HmacKey::verify(std::string_view bytes, std::string_view code) const noexcept {
  std::uint8_t wanted[kLongestDigest];
  const std::size_t size = digest_size(hash_);
  return code.size() == size && sign(bytes, {wanted, size}) &&
         equal_in_constant_time({reinterpret_cast<const char*>(wanted), size}, code);
}

Digest hmac_sha256(std::string_view secret, std::string_view bytes) {
  Digest out{};
  if (!code_of(keyed(Hash::sha256, secret).get(), bytes, out)) throw std::bad_alloc();
  return out;
}

}  // namespace mcpgov::crypto
