// Tests of src/crypto/hmac.hpp against the test cases of RFC 4231.
//
// SPDX-License-Identifier: Apache-2.0
#include "crypto/hmac.hpp"

#include <array>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

namespace {

using mcpgov::ErrorCode;
using mcpgov::crypto::Hash;
using mcpgov::crypto::hex;
using mcpgov::crypto::hmac_sha256;
using mcpgov::crypto::HmacKey;
using mcpgov::crypto::KeyedSha256;

struct Example {
  const char* name;
  std::string secret;
  std::string text;
  std::string_view code;
};

// RFC 4231 sections 4.2, 4.3, 4.4 and 4.7.
const Example examples[] = {
    {"case 1", std::string(20, '\x0b'), "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"case 2: a secret shorter than the code", "Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"case 3: more than a block", std::string(20, '\xaa'), std::string(50, '\xdd'),
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"case 6: a secret longer than a block", std::string(131, '\xaa'),
     "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
};

TEST_CASE("hmac: the published examples") {
  for (const Example& each : examples) {
    CAPTURE(std::string(each.name));
    CHECK(hex(hmac_sha256(each.secret, each.text)) == each.code);
    CHECK(hex(KeyedSha256(each.secret).code(each.text)) == each.code);
  }
}

TEST_CASE("hmac: a kept state serves many texts, and its copies, too") {
  const KeyedSha256 key(std::string(32, 'k'));
  const KeyedSha256 copy = key;
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string text(size, 't');
    CHECK(key.code(text) == hmac_sha256(std::string(32, 'k'), text));
    CHECK(copy.code(text) == key.code(text));
  }
  CHECK(KeyedSha256("").code("x") == hmac_sha256("", "x"));
}

TEST_CASE("hmac: a secret is at least as long as the digest") {
  constexpr std::pair<Hash, std::size_t> kSizes[] = {
      {Hash::sha256, 32}, {Hash::sha384, 48}, {Hash::sha512, 64}};
  for (const auto& row : kSizes) {
    const Hash hash = row.first;
    const std::size_t size = row.second;
    CAPTURE(size);
    CHECK(HmacKey::make(hash, std::string(size, 'k')).has_value());
    for (const std::size_t fewer : {std::size_t{0}, std::size_t{1}, size - 1}) {
      const auto refused = HmacKey::make(hash, std::string(fewer, 'k'));
      REQUIRE_FALSE(refused.has_value());
      CHECK(refused.error().code == ErrorCode::identity_key);
    }
  }
}

TEST_CASE("hmac: a code holds for its text, its secret and its whole length only") {
  for (const Hash hash : {Hash::sha256, Hash::sha384, Hash::sha512}) {
    const auto key = HmacKey::make(hash, std::string(64, 'k'));
    const auto other = HmacKey::make(hash, std::string(63, 'k') + "l");
    REQUIRE(key.has_value());
    REQUIRE(other.has_value());
    std::array<std::uint8_t, 64> out{};
    const std::size_t size = mcpgov::crypto::digest_size(hash);
    REQUIRE(key->sign("text", {out.data(), size}));
    CHECK_FALSE(key->sign("text", {out.data(), size - 1}));
    const std::string code(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(key->verify("text", code));
    CHECK_FALSE(key->verify("texts", code));
    CHECK_FALSE(key->verify("", code));
    CHECK_FALSE(key->verify("text", ""));
    CHECK_FALSE(key->verify("text", std::string_view(code).substr(1)));
    CHECK_FALSE(key->verify("text", code.substr(0, size - 1)));
    CHECK_FALSE(key->verify("text", code + std::string(1, '\0')));
    CHECK_FALSE(other->verify("text", code));
    for (std::size_t i = 0; i < size; ++i) {
      std::string flipped = code;
      flipped[i] = static_cast<char>(flipped[i] ^ 1);
      CHECK_FALSE(key->verify("text", flipped));
    }
  }
}

TEST_CASE("hmac: a secret kept by HmacKey gives what the secret itself gives") {
  const std::string secret(131, '\xaa');
  const auto key = HmacKey::make(Hash::sha256, secret);
  REQUIRE(key.has_value());
  for (int round = 0; round < 2; ++round) {
    mcpgov::crypto::Digest out{};
    REQUIRE(key->sign(examples[3].text, out));
    CHECK(hex(out) == examples[3].code);
  }
}

}  // namespace
