// Tests of src/crypto/signing_key.hpp with the examples of RFC 8032 section 7.1.
//
// SPDX-License-Identifier: Apache-2.0
#include "crypto/signing_key.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

#include <doctest/doctest.h>
#include <openssl/err.h>

#include "crypto/public_key.hpp"
#include "crypto/sha256.hpp"

namespace {

using mcpgov::ErrorCode;
using mcpgov::crypto::Ed25519Signature;
using mcpgov::crypto::PublicKey;
using mcpgov::crypto::SigningKey;

std::string bytes_of(std::string_view digits) {
  const auto value = [](char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
  std::string out;
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2) {
    out += static_cast<char>(value(digits[at]) * 16 + value(digits[at + 1]));
  }
  return out;
}

template <class Bytes>
std::string_view view(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct Example {
  const char* name;
  std::string_view seed, public_key, text, signature;
};

const Example examples[] = {
    {"TEST 1: an empty text", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"TEST 2: one byte", "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"TEST 3: two bytes", "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
    {"TEST SHA(abc): a digest", "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
     "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
     "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"},
};

TEST_CASE("signing key: the examples of RFC 8032") {
  for (const Example& example : examples) {
    CAPTURE(example.name);
    const auto key = SigningKey::from_seed(bytes_of(example.seed));
    REQUIRE(key.has_value());
    CHECK(view(key->public_key()) == bytes_of(example.public_key));
    Ed25519Signature signature;
    REQUIRE(key->sign(bytes_of(example.text), signature));
    CHECK(view(signature) == bytes_of(example.signature));
    const auto verifier = PublicKey::ed25519(view(key->public_key()));
    REQUIRE(verifier.has_value());
    CHECK(verifier->verify(bytes_of(example.text), view(signature)));
  }
}

TEST_CASE("signing key: only 32 bytes are a seed") {
  for (const std::size_t size : {0U, 1U, 31U, 33U, 64U}) {
    CAPTURE(size);
    const auto key = SigningKey::from_seed(std::string(size, 's'));
    REQUIRE_FALSE(key.has_value());
    CHECK(key.error().code == ErrorCode::audit_key);
    CHECK(key.error().message.find(std::to_string(size)) != std::string::npos);
  }
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("signing key: a changed text, key or signature does not verify") {
  const auto key = SigningKey::from_seed(std::string(32, 's'));
  const auto other = SigningKey::from_seed(std::string(31, 's') + "t");
  REQUIRE(key.has_value());
  REQUIRE(other.has_value());
  CHECK(key->public_key() != other->public_key());
  Ed25519Signature signature;
  REQUIRE(key->sign("text", signature));
  const auto verifier = PublicKey::ed25519(view(key->public_key()));
  REQUIRE(verifier.has_value());
  CHECK(verifier->verify("text", view(signature)));
  CHECK_FALSE(verifier->verify("texT", view(signature)));
  CHECK_FALSE(verifier->verify("text ", view(signature)));
  CHECK_FALSE(PublicKey::ed25519(view(other->public_key()))->verify("text", view(signature)));
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    CAPTURE(bit);
    Ed25519Signature flipped = signature;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
    REQUIRE_FALSE(verifier->verify("text", view(flipped)));
  }
}

TEST_CASE("signing key: copies in several threads give the same signature") {
  const auto key = SigningKey::from_seed(std::string(32, 's'));
  REQUIRE(key.has_value());
  Ed25519Signature first;
  REQUIRE(key->sign("text", first));
  int equal = 0;
  std::thread other([copy = *key, &first, &equal] {
    Ed25519Signature again;
    for (int round = 0; round < 200; ++round) {
      equal += copy.sign("text", again) && again == first ? 1 : 0;
    }
  });
  Ed25519Signature again;
  for (int round = 0; round < 200; ++round) CHECK((key->sign("text", again) && again == first));
  other.join();
  CHECK(equal == 200);
}

}  // namespace
