// Tests of src/base/hash.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "base/hash.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

namespace {

using mcpgov::hash_bytes;
using mcpgov::mix;
using mcpgov::same_text;

TEST_CASE("mix: both halves of the product of two 64-bit numbers, folded") {
  constexpr std::uint64_t all = ~std::uint64_t{0};
  CHECK(mix(0, 12345) == 0);
  CHECK(mix(3, 5) == 15);
  // (2^64 - 1)^2 = (2^64 - 2) * 2^64 + 1
  CHECK(mix(all, all) == ((all - 1) ^ 1));
  // 2^32 * 2^32 = 1 * 2^64 + 0
  CHECK(mix(std::uint64_t{1} << 32, std::uint64_t{1} << 32) == 1);
}

TEST_CASE("hash: the same bytes hash the same wherever they lie") {
  const std::string text = "the quick brown fox jumps";
  for (std::size_t shift = 0; shift < 8; ++shift) {
    const std::string moved = std::string(shift, '.') + text;
    CHECK(hash_bytes(std::string_view(moved).substr(shift)) == hash_bytes(text));
  }
}

TEST_CASE("hash: texts of equal bytes and other length, and seeds, differ") {
  std::set<std::uint64_t> seen;
  std::size_t texts = 0;
  for (std::size_t length = 0; length <= 40; ++length) {
    for (const char byte : {'\0', 'a', '\xff'}) {
      if (length == 0 && byte != 'a') continue;
      seen.insert(hash_bytes(std::string(length, byte)));
      ++texts;
    }
  }
  CHECK(seen.size() == texts);
  CHECK(hash_bytes("a", 1) != hash_bytes("a", 2));
}

TEST_CASE("hash: any changed byte changes the hash") {
  const std::string text(23, 'x');
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = 'y';
    CAPTURE(at);
    CHECK(hash_bytes(changed) != hash_bytes(text));
  }
}

TEST_CASE("hash: numbered names spread over the buckets of a table") {
  // 4,096 names in 1,024 buckets: 4 on average; a random spread exceeds 24 about once in 10^9.
  std::array<int, 1024> buckets{};
  for (int number = 0; number < 4096; ++number) {
    ++buckets[hash_bytes("tool_" + std::to_string(number)) % buckets.size()];
  }
  CHECK(*std::max_element(buckets.begin(), buckets.end()) <= 24);
}

TEST_CASE("mix: sequential ids spread over the buckets of a table") {
  std::array<int, 1024> buckets{};
  for (std::uint64_t id = 0; id < 4096; ++id) ++buckets[mix(id, 0x9e3779b97f4a7c15U) % 1024];
  CHECK(*std::max_element(buckets.begin(), buckets.end()) <= 24);
}

TEST_CASE("same_text: equal only when every byte is, whatever the size") {
  for (std::size_t size = 0; size <= 40; ++size) {
    CAPTURE(size);
    std::string text(size, 'a');
    for (std::size_t at = 0; at < size; ++at) text[at] = static_cast<char>('a' + at % 26);
    const std::string same = text;
    CHECK(same_text(text, same));
    CHECK_FALSE(same_text(text, same + "a"));
    CHECK_FALSE(same_text(text + std::string(1, '\0'), same));
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = same;
      other[at] = static_cast<char>(other[at] ^ '\x80');
      CHECK_FALSE(same_text(text, other));
      CHECK(hash_bytes(text) != hash_bytes(other));
    }
  }
}

}  // namespace
