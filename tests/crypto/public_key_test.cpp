// Tests of src/crypto/public_key.hpp and weak_keys.hpp: keys that are refused, signatures that are
// refused, and that nothing is left behind.
//
// SPDX-License-Identifier: Apache-2.0
#include "crypto/public_key.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "crypto/weak_keys.hpp"
#include "support/tokens.hpp"

namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using mcpgov::ErrorCode;
using mcpgov::Result;
using mcpgov::crypto::PublicKey;
using mcpgov::crypto::Scheme;
using mcpgov::test::TestKey;

std::string number_of(const TestKey& key, const char* name, int size) {
  BIGNUM* number = nullptr;
  REQUIRE(EVP_PKEY_get_bn_param(key.native(), name, &number) == 1);
  std::string out(static_cast<std::size_t>(size == 0 ? BN_num_bytes(number) : size), '\0');
  REQUIRE(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()),
                       static_cast<int>(out.size())) >= 0);
  BN_free(number);
  return out;
}

std::string modulus(const TestKey& key) {
  return number_of(key, OSSL_PKEY_PARAM_RSA_N, 0);
}

std::string ed25519_bytes(const TestKey& key) {
  std::string out(32, '\0');
  std::size_t size = out.size();
  REQUIRE(EVP_PKEY_get_raw_public_key(key.native(), reinterpret_cast<unsigned char*>(out.data()),
                                      &size) == 1);
  return out;
}

struct Kind {
  const char* algorithm;
  Scheme scheme;
  int coordinate;  // bytes; 0: RSA, -1: Ed25519
};

constexpr Kind kKinds[] = {
    {"RS256", Scheme::rsa_pkcs1_sha256, 0},   {"RS384", Scheme::rsa_pkcs1_sha384, 0},
    {"RS512", Scheme::rsa_pkcs1_sha512, 0},   {"PS256", Scheme::rsa_pss_sha256, 0},
    {"PS384", Scheme::rsa_pss_sha384, 0},     {"PS512", Scheme::rsa_pss_sha512, 0},
    {"ES256", Scheme::ecdsa_p256_sha256, 32}, {"ES384", Scheme::ecdsa_p384_sha384, 48},
    {"ES512", Scheme::ecdsa_p521_sha512, 66}, {"EdDSA", Scheme::ed25519, -1},
};

Result<PublicKey> imported(const TestKey& key, const Kind& kind) {
  if (kind.coordinate < 0) return PublicKey::ed25519(ed25519_bytes(key));
  if (kind.coordinate == 0) return PublicKey::rsa(kind.scheme, modulus(key), "\x01\x00\x01"sv);
  return PublicKey::elliptic(kind.scheme, number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, kind.coordinate),
                             number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, kind.coordinate));
}

bool refused(const Result<PublicKey>& key) {
  return !key.has_value() && key.error().code == ErrorCode::identity_key &&
         !key.error().message.empty();
}

std::string flipped(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  return bytes;
}

TEST_CASE("public key: a signature holds for its bytes, its key and its length only") {
  for (const Kind& kind : kKinds) {
    CAPTURE(std::string(kind.algorithm));
    const TestKey key = TestKey::of(kind.algorithm);
    const auto ours = imported(key, kind);
    const auto other = imported(TestKey::of(kind.algorithm, 1), kind);
    REQUIRE(ours.has_value());
    REQUIRE(other.has_value());
    CHECK(ours->scheme() == kind.scheme);
    for (const std::string& text : {std::string(), std::string("text"), std::string(5000, 't')}) {
      const std::string signature = key.signature(text);
      CHECK(ours->verify(text, signature));
      CHECK_FALSE(ours->verify(text + "s", signature));
      CHECK_FALSE(other->verify(text, signature));
      CHECK_FALSE(ours->verify(text, ""));
      CHECK_FALSE(ours->verify(text, signature + std::string(1, '\0')));
      CHECK_FALSE(ours->verify(text, std::string(1, '\0') + signature));
      CHECK_FALSE(ours->verify(text, signature.substr(1)));
      CHECK_FALSE(ours->verify(text, signature.substr(0, signature.size() - 1)));
      CHECK_FALSE(ours->verify(text, std::string(signature.size(), '\0')));
      CHECK_FALSE(ours->verify(text, std::string(signature.size(), '\xff')));
      for (std::size_t at = 0; at < signature.size(); at += 7) {
        CHECK_FALSE(ours->verify(text, flipped(signature, at)));
      }
    }
  }
}

TEST_CASE("public key: a key that is made for one scheme refuses the signatures of every other") {
  const std::string n = modulus(TestKey::rsa());
  for (const Kind& signs : kKinds) {
    if (signs.coordinate != 0) continue;
    const std::string signature = TestKey::rsa(signs.algorithm).signature("text");
    for (const Kind& verifies : kKinds) {
      if (verifies.coordinate != 0) continue;
      CAPTURE(std::string(signs.algorithm) + " for " + verifies.algorithm);
      const auto key = PublicKey::rsa(verifies.scheme, n, "\x01\x00\x01"sv);
      REQUIRE(key.has_value());
      CHECK(key->verify("text", signature) == (signs.scheme == verifies.scheme));
    }
  }
}

TEST_CASE("public key: the salt of PSS is as long as the hash") {
  const TestKey key = TestKey::rsa("PS256");
  const auto ours = PublicKey::rsa(Scheme::rsa_pss_sha256, modulus(key), "\x01\x00\x01"sv);
  REQUIRE(ours.has_value());
  const auto with = [&](const char* salt, const char* mask) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    std::string mode = "pss";
    std::string size = salt;
    std::string hash = mask;
    const OSSL_PARAM options[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, mode.data(), 0),
        OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, size.data(), 0),
        OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, hash.data(), 0),
        OSSL_PARAM_construct_end()};
    REQUIRE(EVP_DigestSignInit_ex(context, nullptr, "SHA256", nullptr, nullptr, key.native(),
                                  options) == 1);
    std::string out(256, '\0');
    std::size_t length = out.size();
    REQUIRE(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &length,
                           reinterpret_cast<const unsigned char*>("text"), 4) == 1);
    EVP_MD_CTX_free(context);
    return out;
  };
  CHECK(ours->verify("text", with("32", "SHA256")));
  CHECK_FALSE(ours->verify("text", with("0", "SHA256")));
  CHECK_FALSE(ours->verify("text", with("20", "SHA256")));
  CHECK_FALSE(ours->verify("text", with("31", "SHA256")));
  CHECK_FALSE(ours->verify("text", with("33", "SHA256")));
  CHECK_FALSE(ours->verify("text", with("max", "SHA256")));
  CHECK_FALSE(ours->verify("text", with("32", "SHA1")));
  CHECK_FALSE(ours->verify("text", with("32", "SHA512")));
}

TEST_CASE("public key: RSA keys that are refused") {
  const std::string n = modulus(TestKey::rsa());
  const std::string_view e = "\x01\x00\x01"sv;
  constexpr Scheme kScheme = Scheme::rsa_pkcs1_sha256;
  CHECK(PublicKey::rsa(kScheme, n, e).has_value());
  CHECK(PublicKey::rsa(kScheme, n, e)->bits() == 2048);
  CHECK(PublicKey::rsa(kScheme, std::string(1, '\0') + n, e)->bits() == 2048);
  CHECK(PublicKey::rsa(kScheme, n, "\x03"sv).has_value());
  CHECK(PublicKey::rsa(kScheme, n, "\x00\x01\x00\x01"sv).has_value());
  struct Row {
    const char* name;
    std::string modulus;
    std::string exponent;
  };
  std::string even = n;
  even.back() = static_cast<char>(even.back() & ~1);
  // 2^2047 + 2^2046 + r, divisible by 3.
  std::string by_three = "\xc0" + std::string(255, '\0');
  by_three.back() = 0x03;
  // Of 8,200 bits, and nothing else is wrong with it.
  std::string large = std::string(769, '\xff') + n;
  while (mcpgov::crypto::has_small_factor(large)) large[1] = static_cast<char>(large[1] - 1);
  const Row rows[] = {
      {"no modulus", "", "\x01\x00\x01"s},
      {"zeros", std::string(256, '\0'), std::string(e)},
      {"1,024 bits", modulus(TestKey::rsa("RS256", 0, 1024)), std::string(e)},
      {"2,047 bits", "\x7f" + n.substr(1), std::string(e)},
      {"1,024 bits behind zeros", std::string(128, '\0') + n.substr(128), std::string(e)},
      {"8,200 bits", large, std::string(e)},
      {"an even modulus", even, std::string(e)},
      {"a modulus with the factor 3", by_three, std::string(e)},
      {"no exponent", n, ""},
      {"the exponent 0", n, std::string(1, '\0')},
      {"the exponent 1", n, "\x01"},
      {"the exponent 2", n, "\x02"},
      {"an even exponent", n, "\x01\x00\x02"s},
      {"an exponent of 33 bits", n, "\x01\x00\x00\x00\x01"s},
      {"an exponent that is 65,537 in its last 64 bits", n,
       "\x01\x00\x00\x00\x00\x00\x01\x00\x01"s},
      {"an exponent as long as the modulus", n, n},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    CHECK(refused(PublicKey::rsa(kScheme, row.modulus, row.exponent)));
  }
  CHECK(refused(PublicKey::rsa(Scheme::ecdsa_p256_sha256, n, e)));
  CHECK(refused(PublicKey::rsa(Scheme::ed25519, n, e)));
}

TEST_CASE("public key: the mark of the broken generator (ROCA)") {
  // Its primes are k * M + (65537^a mod M) with M the product of the first primes; a product of two
  // has the mark in every prime, whatever k is. M of 39 primes serves keys of 512 to 960 bits.
  BN_CTX* context = BN_CTX_new();
  BIGNUM* product = BN_new();
  BIGNUM* generator = BN_new();
  BIGNUM* power = BN_new();
  BIGNUM* step = BN_new();
  REQUIRE(BN_set_word(product, 1) == 1);
  int primes = 0;
  for (unsigned candidate = 2; primes < 39; ++candidate) {
    bool prime = true;
    for (unsigned d = 2; d * d <= candidate; ++d) prime = prime && candidate % d != 0;
    if (!prime) continue;
    ++primes;
    REQUIRE(BN_mul_word(product, candidate) == 1);
  }
  REQUIRE(BN_set_word(generator, 65537) == 1);
  REQUIRE(BN_set_word(step, 12345) == 1);
  REQUIRE(BN_mod_exp(power, generator, step, product, context) == 1);
  // n = K * M + 65537^12345 mod M, of 2,048 bits.
  REQUIRE(BN_lshift(step, product, 2047 - BN_num_bits(product)) == 1);
  REQUIRE(BN_lshift(generator, product, 2047 - BN_num_bits(product) - 9) == 1);
  while (BN_num_bits(step) < 2048) REQUIRE(BN_add(step, step, generator) == 1);
  REQUIRE(BN_add(step, step, power) == 1);
  std::string marked(static_cast<std::size_t>(BN_num_bytes(step)), '\0');
  BN_bn2bin(step, reinterpret_cast<unsigned char*>(marked.data()));
  REQUIRE(marked.size() == 256);
  BN_free(product);
  BN_free(generator);
  BN_free(power);
  BN_free(step);
  BN_CTX_free(context);
  CHECK(mcpgov::crypto::has_roca_fingerprint(marked));
  CHECK_FALSE(mcpgov::crypto::has_small_factor(marked));
  const auto key = PublicKey::rsa(Scheme::rsa_pkcs1_sha256, marked, "\x01\x00\x01"sv);
  REQUIRE(refused(key));
  CHECK(key.error().message.find("ROCA") != std::string::npos);
  for (int number = 0; number < 4; ++number) {
    CHECK_FALSE(mcpgov::crypto::has_roca_fingerprint(modulus(TestKey::rsa("RS256", number))));
  }
}

TEST_CASE("public key: a modulus that a small prime divides, for each of them and every length") {
  // Numbers around 2^(8 * bytes) - 1, in which OpenSSL finds the factors.
  BIGNUM* number = BN_new();
  for (int bytes : {1, 2, 3, 4, 5, 8, 31, 256}) {
    for (unsigned less = 0; less < 400; less += 2) {
      if (bytes == 1 && less > 250) break;
      REQUIRE(BN_set_word(number, 1) == 1);
      REQUIRE(BN_lshift(number, number, 8 * bytes) == 1);
      REQUIRE(BN_sub_word(number, less + 1) == 1);
      bool divided = false;
      for (unsigned prime = 3; prime <= 167; prime += 2) {
        divided = divided || BN_mod_word(number, prime) == 0;
      }
      std::string text(static_cast<std::size_t>(bytes), '\0');
      REQUIRE(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(text.data()), bytes) == bytes);
      CAPTURE(bytes);
      CAPTURE(less);
      // An odd number of 3 to 167 divides where a prime does, and where a prime does only.
      REQUIRE(mcpgov::crypto::has_small_factor(text) == divided);
    }
  }
  BN_free(number);
  CHECK(mcpgov::crypto::has_small_factor(""));
  CHECK(mcpgov::crypto::has_small_factor("\x04"));
}

TEST_CASE("public key: points that are refused") {
  const TestKey key = TestKey::ec();
  const std::string x = number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, 32);
  const std::string y = number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32);
  const std::string zeros(32, '\0');
  constexpr Scheme kScheme = Scheme::ecdsa_p256_sha256;
  CHECK(PublicKey::elliptic(kScheme, x, y).has_value());
  struct Row {
    const char* name;
    Scheme scheme;
    std::string x;
    std::string y;
  };
  const Row rows[] = {
      {"not on the curve", kScheme, x, flipped(y, 31)},
      {"swapped", kScheme, y, x},
      {"zeros", kScheme, zeros, zeros},
      {"not reduced", kScheme, std::string(32, '\xff'), y},
      {"x too short", kScheme, x.substr(1), y},
      {"y too short", kScheme, x, y.substr(0, 31)},
      {"a zero before x", kScheme, std::string(1, '\0') + x, y},
      {"the sizes of another cut", kScheme, x + y.substr(0, 1), y.substr(1)},
      {"nothing", kScheme, "", ""},
      {"another curve", Scheme::ecdsa_p384_sha384, x, y},
      {"another curve with its size", Scheme::ecdsa_p384_sha384, std::string(16, '\0') + x,
       std::string(16, '\0') + y},
      {"no curve", Scheme::rsa_pkcs1_sha256, x, y},
      {"a curve of another kind", Scheme::ed25519, x, y},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    CHECK(refused(PublicKey::elliptic(row.scheme, row.x, row.y)));
  }
}

TEST_CASE("public key: ECDSA signatures whose numbers are out of range") {
  const TestKey key = TestKey::ec();
  const auto ours = imported(key, kKinds[6]);
  REQUIRE(ours.has_value());
  const std::string good = key.signature("text");
  const std::string order(
      "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
      "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51"sv);
  const std::string zeros(32, '\0');
  const std::string one = std::string(31, '\0') + "\x01";
  const std::string_view r = std::string_view(good).substr(0, 32);
  const std::string_view s = std::string_view(good).substr(32);
  CHECK(ours->verify("text", good));
  CHECK_FALSE(ours->verify("text", zeros + zeros));
  CHECK_FALSE(ours->verify("text", zeros + one));
  CHECK_FALSE(ours->verify("text", one + zeros));
  CHECK_FALSE(ours->verify("text", std::string(r) + zeros));
  CHECK_FALSE(ours->verify("text", zeros + std::string(s)));
  CHECK_FALSE(ours->verify("text", order + order));
  CHECK_FALSE(ours->verify("text", order + std::string(s)));
  CHECK_FALSE(ours->verify("text", std::string(r) + order));
  CHECK_FALSE(ours->verify("text", std::string(s) + std::string(r)));
  // R + order is the same number to a reader that reduces it, where it fits 32 bytes. It does with
  // probability 2^-32, so only the longer form can be tried: a size of its own, refused as such.
  CHECK_FALSE(ours->verify(
      "text", std::string(1, '\0') + std::string(r) + std::string(1, '\0') + std::string(s)));
}

TEST_CASE("public key: numbers of every length are converted for OpenSSL as they are") {
  // Leading zeros and set first bits of R and S, each of which one signature in 256 or 2 has.
  for (const std::size_t kind : {std::size_t{6}, std::size_t{8}}) {
    const TestKey key = TestKey::of(kKinds[kind].algorithm);
    const auto ours = imported(key, kKinds[kind]);
    REQUIRE(ours.has_value());
    int right = 0;
    constexpr int kRounds = 600;
    for (int round = 0; round < kRounds; ++round) {
      const std::string text = std::to_string(round);
      right += ours->verify(text, key.signature(text));
    }
    CHECK(right == kRounds);
  }
}

// One of the points of order 8 (RFC 8032's curve), which anybody can sign for.
const std::string kOrderEight(
    "\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0"
    "\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05"sv);

TEST_CASE("public key: Ed25519 keys of small order, for which anybody can sign, are refused") {
  const std::string zeros(32, '\0');
  const std::string one = "\x01" + std::string(31, '\0');
  const auto last = [](std::string bytes, char byte) {
    bytes.back() = byte;
    return bytes;
  };
  const std::string prime = last(std::string(32, '\xff'), '\x7f');  // with its first byte below
  const std::string keys[] = {
      zeros,
      one,
      last(zeros, '\x80'),
      last(one, '\x80'),
      kOrderEight,
      last(kOrderEight, '\x85'),
      "\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f"
      "\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a"s,
      "\xec" + prime.substr(1),
      "\xed" + prime.substr(1),
      "\xee" + prime.substr(1),
      "\xec" + last(prime, '\xff').substr(1),
      zeros.substr(1),
      "",
      zeros + "\x02",
  };
  for (const std::string& key : keys) {
    CHECK(refused(PublicKey::ed25519(key)));
  }
  CHECK(PublicKey::ed25519(ed25519_bytes(TestKey::ed25519())).has_value());

  // Why: with R the neutral point and S zero, one message in eight has a valid signature.
  EVP_PKEY* key = EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(kOrderEight.data()), 32);
  REQUIRE(key != nullptr);
  const std::string forged = one + zeros;
  int accepted = 0;
  for (int round = 0; round < 100; ++round) {
    const std::string text = std::to_string(round);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    REQUIRE(EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, key) == 1);
    accepted +=
        EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(forged.data()), 64,
                         reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
    EVP_MD_CTX_free(context);
  }
  EVP_PKEY_free(key);
  ERR_clear_error();
  CHECK(accepted > 0);
}

TEST_CASE("public key: the S of Ed25519 is below the order of the group") {
  const TestKey key = TestKey::ed25519();
  const auto ours = imported(key, kKinds[9]);
  REQUIRE(ours.has_value());
  // S + L, which is the same number to a reader that reduces it.
  constexpr unsigned char kOrder[] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                      0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14};
  std::string good = key.signature("text");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    const unsigned add = i < 16 ? kOrder[i] : i == 31 ? 0x10U : 0U;
    const unsigned sum = static_cast<unsigned char>(good[32 + i]) + add + carry;
    good[32 + i] = static_cast<char>(sum & 0xFF);
    carry = sum >> 8;
  }
  REQUIRE(carry == 0);
  CHECK_FALSE(ours->verify("text", good));
}

TEST_CASE("public key: OpenSSL's queue of errors stays as it was") {
  ERR_clear_error();
  const TestKey key = TestKey::rsa();
  const auto ours = imported(key, kKinds[0]);
  REQUIRE(ours.has_value());
  CHECK_FALSE(ours->verify("text", std::string(256, '\x01')));
  CHECK(refused(PublicKey::elliptic(Scheme::ecdsa_p256_sha256, std::string(32, '\x01'),
                                    std::string(32, '\x01'))));
  CHECK(ERR_peek_error() == 0);
  ERR_raise(ERR_LIB_USER, 1);
  CHECK_FALSE(ours->verify("text", std::string(256, '\x01')));
  CHECK(ERR_GET_LIB(ERR_peek_error()) == ERR_LIB_USER);
  CHECK(ERR_peek_error() == ERR_peek_last_error());
  ERR_clear_error();
}

TEST_CASE("public key: several threads verify with one key") {
  const TestKey key = TestKey::ec();
  const auto ours = imported(key, kKinds[6]);
  REQUIRE(ours.has_value());
  const std::string signature = key.signature("text");
  std::vector<std::thread> threads;
  std::vector<int> right(4);
  for (int& each : right) {
    threads.emplace_back([&each, &ours, &signature] {
      for (int round = 0; round < 200; ++round) {
        each += ours->verify("text", signature) && !ours->verify("next", signature);
      }
    });
  }
  for (std::thread& each : threads) each.join();
  CHECK(std::all_of(right.begin(), right.end(), [](int count) { return count == 200; }));
}

}  // namespace
