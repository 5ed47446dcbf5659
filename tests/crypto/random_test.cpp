// Tests of src/crypto/random.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "crypto/random.hpp"

#include <array>
#include <cstdint>
#include <set>
#include <span>
#include <string_view>

#include <doctest/doctest.h>

namespace {

using mcpgov::crypto::equal_in_constant_time;
using mcpgov::crypto::random_bytes;

TEST_CASE("random: a hundred draws of 16 bytes are all different") {
  std::set<std::array<std::uint8_t, 16>> seen;
  for (int draw = 0; draw < 100; ++draw) {
    std::array<std::uint8_t, 16> bytes{};
    REQUIRE(random_bytes(bytes));
    seen.insert(bytes);
  }
  CHECK(seen.size() == 100);
}

TEST_CASE("random: every byte of a draw is filled") {
  // A byte that stays zero in 64 draws: once in 2^512.
  std::array<std::uint8_t, 33> ever{};
  for (int draw = 0; draw < 64; ++draw) {
    std::array<std::uint8_t, 33> bytes{};
    REQUIRE(random_bytes(bytes));
    for (std::size_t at = 0; at < bytes.size(); ++at) ever[at] |= bytes[at];
  }
  for (const std::uint8_t bits : ever) CHECK(bits != 0);
}

TEST_CASE("random: drawing nothing succeeds") {
  CHECK(random_bytes({}));
}

TEST_CASE("equal in constant time: only the same bytes are equal") {
  struct Case {
    const char* name;
    std::string_view a, b;
    bool equal;
  };
  const Case cases[] = {
      {"the same", "secret", "secret", true},
      {"both empty", "", "", true},
      {"the first byte differs", "secret", "Secret", false},
      {"the last byte differs", "secret", "secreT", false},
      {"a prefix", "secret", "secre", false},
      {"an extension", "secret", "secrets", false},
      {"empty against something", "", "s", false},
      {"equal up to a zero byte", std::string_view("a\0b", 3), std::string_view("a\0c", 3), false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(equal_in_constant_time(c.a, c.b) == c.equal);
    CHECK(equal_in_constant_time(c.b, c.a) == c.equal);
  }
}

}  // namespace
