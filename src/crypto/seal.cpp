// AES-256-GCM with derived keys, as c2sp.org/XAES-256-GCM, through OpenSSL.
// Tested by tests/crypto/seal_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "crypto/seal.hpp"

#include <cstring>
#include <memory>

#include <climits>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "crypto/random.hpp"

namespace mcpgov::crypto {

namespace {

constexpr std::size_t kBlock = 16;  // of AES
constexpr std::size_t kHalf = 12;   // of the nonce: one derives the key, one is AES-GCM's
using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// A key for this nonce alone: CMAC in counter mode (NIST SP 800-108r1), written out, as both of its
// inputs are one block long.
struct DerivedKey {
  unsigned char bytes[kSealKey] = {};
  bool ready = false;

  DerivedKey(std::string_view key, const SealNonce& nonce) {
    const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    if (!context || key.size() != kSealKey ||
        EVP_EncryptInit_ex(context.get(), EVP_aes_256_ecb(), nullptr, bytes_of(key), nullptr) !=
            1 ||
        EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1) {
      return;
    }
    unsigned char mask[kBlock] = {};
    if (!encrypt(context.get(), mask, mask)) return;
    double_in_field(mask);
    ready = true;
    for (unsigned char part = 1; part <= 2; ++part) {
      unsigned char block[kBlock] = {0, part, 'X', 0};
      std::memcpy(block + 4, nonce.data(), kHalf);
      for (std::size_t i = 0; i < kBlock; ++i) {
        block[i] = static_cast<unsigned char>(block[i] ^ mask[i]);
      }
      ready = ready && encrypt(context.get(), block, bytes + (part - 1) * kBlock);
    }
    OPENSSL_cleanse(mask, sizeof mask);
  }
  DerivedKey(const DerivedKey&) = delete;
  DerivedKey& operator=(const DerivedKey&) = delete;
  ~DerivedKey() { OPENSSL_cleanse(bytes, sizeof bytes); }

 private:
  static bool encrypt(EVP_CIPHER_CTX* context, const unsigned char* in, unsigned char* out) {
    int size = 0;
    return EVP_EncryptUpdate(context, out, &size, in, kBlock) == 1 && size == kBlock;
  }

  // NIST SP 800-38B section 6.1: the subkey of a whole last block.
  static void double_in_field(unsigned char (&block)[kBlock]) noexcept {
    const bool carry = (block[0] & 0x80U) != 0;
    for (std::size_t i = 0; i < kBlock; ++i) {
      const unsigned here = block[i];
      const unsigned next = i + 1 < kBlock ? block[i + 1] : 0U;
      block[i] = static_cast<unsigned char>(here << 1U | next >> 7U);
    }
    if (carry) block[kBlock - 1] ^= 0x87U;
  }
};

bool start(EVP_CIPHER_CTX* context, const DerivedKey& key, const SealNonce& nonce,
           std::string_view bound, int encrypting) {
  int size = 0;
  return bound.size() <= INT_MAX &&
         EVP_CipherInit_ex(context, EVP_aes_256_gcm(), nullptr, key.bytes, nonce.data() + kHalf,
                           encrypting) == 1 &&
         (bound.empty() || EVP_CipherUpdate(context, nullptr, &size, bytes_of(bound),
                                            static_cast<int>(bound.size())) == 1);
}

bool pass(EVP_CIPHER_CTX* context, std::string_view in, unsigned char* out) {
  int size = 0;
  return in.empty() ||
         (EVP_CipherUpdate(context, out, &size, bytes_of(in), static_cast<int>(in.size())) == 1 &&
          size == static_cast<int>(in.size()));
}

}  // namespace

bool seal_with(std::string_view key, std::string_view bound, std::string_view text,
               const SealNonce& nonce, std::string& out) {
  if (text.size() > INT_MAX) return false;
  const DerivedKey derived(key, nonce);
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  if (!derived.ready || !context) return false;
  const std::size_t before = out.size();
  out.resize(before + text.size() + kSealTag);
  auto* at = reinterpret_cast<unsigned char*>(out.data() + before);
  int size = 0;
  const bool done =
      start(context.get(), derived, nonce, bound, 1) && pass(context.get(), text, at) &&
      EVP_CipherFinal_ex(context.get(), at + text.size(), &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kSealTag, at + text.size()) == 1;
  if (!done) out.resize(before);
  return done;
}

bool seal(std::string_view key, std::string_view bound, std::string_view text, SealNonce& nonce,
          std::string& out) {
  return random_bytes(nonce) && seal_with(key, bound, text, nonce, out);
}

bool open_sealed(std::string_view key, std::string_view bound, const SealNonce& nonce,
                 std::string_view sealed, std::string& out) {
  if (sealed.size() < kSealTag || sealed.size() > INT_MAX) return false;
  const DerivedKey derived(key, nonce);
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  if (!derived.ready || !context) return false;
  const std::string_view text = sealed.substr(0, sealed.size() - kSealTag);
  unsigned char tag[kSealTag];
  std::memcpy(tag, sealed.data() + text.size(), kSealTag);
  const std::size_t before = out.size();
  out.resize(before + text.size());
  auto* at = reinterpret_cast<unsigned char*>(out.data() + before);
  unsigned char rest[kBlock];
  int size = 0;
  const bool done = start(context.get(), derived, nonce, bound, 0) &&
                    pass(context.get(), text, at) &&
                    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kSealTag, tag) == 1 &&
                    EVP_CipherFinal_ex(context.get(), rest, &size) == 1;
  if (!done) {
    // What was decrypted before the tag was seen to be wrong belongs to nobody.
    if (!text.empty()) OPENSSL_cleanse(at, text.size());
    out.resize(before);
  }
  return done;
}

}  // namespace mcpgov::crypto
