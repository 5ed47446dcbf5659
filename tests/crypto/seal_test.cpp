// Tests of src/crypto/seal.hpp against the published vectors of c2sp.org/XAES-256-GCM.
//
// SPDX-License-Identifier: Apache-2.0
#include "crypto/seal.hpp"

#include <cstring>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

namespace mcpgov::crypto {
namespace {

std::string hex_of(std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char each : bytes) {
    out += digits[static_cast<unsigned char>(each) >> 4];
    out += digits[static_cast<unsigned char>(each) & 0xf];
  }
  return out;
}

SealNonce nonce_of(std::string_view text) {
  SealNonce nonce{};
  REQUIRE(text.size() == nonce.size());
  std::memcpy(nonce.data(), text.data(), nonce.size());
  return nonce;
}

TEST_CASE("seal: the published vectors") {
  const SealNonce nonce = nonce_of("ABCDEFGHIJKLMNOPQRSTUVWX");
  std::string out;
  // The most significant bit of the first encrypted block is clear for this key, and set for the
  // next one.
  REQUIRE(seal_with(std::string(32, '\x01'), "", "XAES-256-GCM", nonce, out));
  CHECK(hex_of(out) == "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
  out.clear();
  REQUIRE(seal_with(std::string(32, '\x03'), "c2sp.org/XAES-256-GCM", "XAES-256-GCM", nonce, out));
  CHECK(hex_of(out) == "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
}

TEST_CASE("seal: what was sealed opens, whatever its length, and never twice the same") {
  const std::string key(32, 'k');
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 4096U, 70000U}) {
    CAPTURE(size);
    const std::string text(size, 't');
    SealNonce first{};
    SealNonce second{};
    std::string one = "before";
    std::string two;
    REQUIRE(seal(key, "acme", text, first, one));
    REQUIRE(seal(key, "acme", text, second, two));
    CHECK(first != second);
    CHECK(one.substr(6) != two);
    CHECK(one.size() == 6 + size + kSealTag);
    std::string opened = "x";
    REQUIRE(open_sealed(key, "acme", first, std::string_view(one).substr(6), opened));
    CHECK(opened == "x" + text);
  }
}

TEST_CASE("seal: another key, tenant, nonce, bit or length does not open, and nothing is left") {
  const std::string key(32, 'k');
  SealNonce nonce{};
  std::string sealed;
  REQUIRE(seal(key, "acme", "content", nonce, sealed));
  SealNonce other_nonce = nonce;
  other_nonce[0] ^= 1U;
  SealNonce other_end = nonce;
  other_end[23] ^= 1U;
  std::string flipped = sealed;
  flipped[0] = static_cast<char>(flipped[0] ^ 1);
  std::string flipped_tag = sealed;
  flipped_tag.back() = static_cast<char>(flipped_tag.back() ^ 1);
  struct Case {
    const char* name;
    std::string key;
    std::string bound;
    SealNonce nonce;
    std::string sealed;
  };
  const Case cases[] = {
      {"another key", std::string(31, 'k') + "l", "acme", nonce, sealed},
      {"a shorter key", std::string(31, 'k'), "acme", nonce, sealed},
      {"no key", "", "acme", nonce, sealed},
      {"another tenant", key, "acmf", nonce, sealed},
      {"no tenant", key, "", nonce, sealed},
      {"another first half of the nonce", key, "acme", other_nonce, sealed},
      {"another second half of the nonce", key, "acme", other_end, sealed},
      {"a flipped bit of the text", key, "acme", nonce, flipped},
      {"a flipped bit of the tag", key, "acme", nonce, flipped_tag},
      {"one byte less", key, "acme", nonce, sealed.substr(0, sealed.size() - 1)},
      {"one byte more", key, "acme", nonce, sealed + "x"},
      {"less than a tag", key, "acme", nonce, sealed.substr(0, 15)},
      {"nothing", key, "acme", nonce, ""},
  };
  for (const Case& each : cases) {
    CAPTURE(std::string(each.name));
    std::string out = "before";
    CHECK_FALSE(open_sealed(each.key, each.bound, each.nonce, each.sealed, out));
    CHECK(out == "before");
  }
}

TEST_CASE("seal: a key of another length seals nothing") {
  for (const std::size_t size : {0U, 16U, 31U, 33U}) {
    SealNonce nonce{};
    std::string out = "before";
    CHECK_FALSE(seal(std::string(size, 'k'), "", "text", nonce, out));
    CHECK(out == "before");
  }
}

}  // namespace
}  // namespace mcpgov::crypto
