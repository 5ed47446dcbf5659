// Tests of src/crypto/sha256.hpp against the examples published for FIPS 180-4.
//
// SPDX-License-Identifier: Apache-2.0
#include "crypto/sha256.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <thread>

#include <doctest/doctest.h>

namespace {

using mcpgov::crypto::hex;
using mcpgov::crypto::sha256;
using mcpgov::crypto::Sha256;
using mcpgov::crypto::sha256_tagged;

struct Example {
  const char* name;
  std::string text;
  std::string_view digest;
};

// csrc.nist.gov, "Cryptographic Standards and Guidelines", example values: SHA256.pdf, and the
// long message of the former FIPS 180-2, appendix B.3.
const Example examples[] = {
    {"nothing", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"one block", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"padding in a second block", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"two blocks",
     "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
     "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
     "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    {"a million times a", std::string(1'000'000, 'a'),
     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

TEST_CASE("sha256: the published examples, at once") {
  for (const Example& example : examples) {
    CAPTURE(example.name);
    CHECK(hex(sha256(example.text)) == example.digest);
  }
}

TEST_CASE("sha256: the published examples, cut in two at every byte") {
  Sha256 pieces;
  for (const Example& example : examples) {
    CAPTURE(example.name);
    const std::string_view text = example.text;
    // Past the first blocks only the cut's place in a block matters (64 bytes).
    for (std::size_t cut = 0; cut <= text.size() && cut <= 200; ++cut) {
      CAPTURE(cut);
      pieces.update(text.substr(0, cut));
      pieces.update(text.substr(cut));
      REQUIRE(hex(pieces.finish()) == example.digest);
    }
  }
}

TEST_CASE("sha256: an unfinished digest does not change another") {
  Sha256 unfinished;
  unfinished.update("secret");
  CHECK(hex(sha256("abc")) == examples[1].digest);
  Sha256 fresh;
  CHECK(hex(fresh.finish()) == examples[0].digest);
}

TEST_CASE("sha256: every thread has its own digest in progress") {
  // Sharing one would show within a few digests; with ThreadSanitizer, in the first.
  constexpr int rounds = 20'000;
  int right_there = 0;
  std::thread other([&right_there] {
    for (int round = 0; round < rounds; ++round)
      right_there += hex(sha256("abc")) == examples[1].digest;
  });
  int right_here = 0;
  for (int round = 0; round < rounds; ++round) {
    right_here += hex(sha256(examples[3].text)) == examples[3].digest;
  }
  other.join();
  CHECK(right_there == rounds);
  CHECK(right_here == rounds);
}

TEST_CASE("sha256, tagged: the digest of all parts one after the other") {
  // Around the blocks of 64 bytes, where padding moves into another block.
  for (std::size_t size = 0; size <= 200; ++size) {
    CAPTURE(size);
    const std::string text = std::string(examples[3].text).append(examples[3].text).substr(0, size);
    for (const std::size_t cut : {std::size_t{0}, size / 2, size}) {
      const std::string_view whole = text;
      REQUIRE(sha256_tagged(1, whole.substr(0, cut), whole.substr(cut)) == sha256('\x01' + text));
    }
    REQUIRE(sha256_tagged(0, text) == sha256(std::string(1, '\0') + text));
    REQUIRE(sha256_tagged(0, text) != sha256_tagged(1, text));
  }
}

TEST_CASE("sha256: one changed bit gives another digest") {
  CHECK(hex(sha256("abb")) != examples[1].digest);
  CHECK(hex(sha256(std::string_view("abc\0", 4))) != examples[1].digest);
}

}  // namespace
