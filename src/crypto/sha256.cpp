// SHA-256 through OpenSSL's EVP interface.
// Tested by tests/crypto/sha256_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "crypto/sha256.hpp"

#include <new>

#include <openssl/evp.h>

namespace mcpgov::crypto {
namespace {

// Fetched once: EVP_sha256() would search the providers again for every digest.
const EVP_MD* algorithm() {
  static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> fetched(
      EVP_MD_fetch(nullptr, "SHA2-256", nullptr), &EVP_MD_free);
  return fetched.get();
}

void require(bool succeeded) {
  if (!succeeded) throw std::bad_alloc();
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept {
  EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  require(context_ != nullptr);
  start();
}

void Sha256::start() {
  const EVP_MD* sha = algorithm();
  require(sha != nullptr && EVP_DigestInit_ex2(context_.get(), sha, nullptr) == 1);
}

void Sha256::update(std::string_view bytes) {
  require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

Digest Sha256::finish() {
  Digest digest{};
  unsigned int size = 0;
  const int done = EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
  require(done == 1 && size == digest.size());
  start();
  return digest;
}

Digest sha256(std::string_view bytes) {
  thread_local Sha256 reused;
  try {
    reused.update(bytes);
    return reused.finish();
  } catch (const std::bad_alloc&) {
    // What is half fed must not leak into the thread's next digest.
    reused = Sha256();
    throw;
  }
}

std::string hex(const Digest& digest) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(digest.size() * 2);
  for (const std::uint8_t byte : digest) {
    text += digits[byte >> 4];
    text += digits[byte & 0xF];
  }
  return text;
}

}  // namespace mcpgov::crypto
