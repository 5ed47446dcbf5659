// CRC32C: published sums, pieces, and both ways of computing it.
//
// SPDX-License-Identifier: Apache-2.0
#include "base/crc32c.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

namespace mcpgov {
namespace {

TEST_CASE("CRC32C is that of RFC 3720, appendix B.4") {
  std::string ascending(32, '\0'), descending(32, '\0');
  for (int each = 0; each < 32; ++each) {
    ascending[static_cast<std::size_t>(each)] = static_cast<char>(each);
    descending[static_cast<std::size_t>(each)] = static_cast<char>(31 - each);
  }
  const struct {
    std::string bytes;
    std::uint32_t sum;
  } rows[] = {
      {"", 0},
      {"123456789", 0xE3069283},
      {std::string(32, '\0'), 0x8A9136AA},
      {std::string(32, '\xFF'), 0x62A8AB43},
      {ascending, 0x46DD794E},
      {descending, 0x113FDB5C},
  };
  for (const auto& row : rows) {
    CAPTURE(row.bytes);
    CHECK(crc32c(0, row.bytes) == row.sum);
    CHECK(crc32c_portable(0, row.bytes) == row.sum);
  }
}

TEST_CASE("a sum of pieces is the sum of the whole, with and without the instruction") {
  std::string bytes;
  std::uint64_t state = 7;
  for (int each = 0; each < 300; ++each) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    bytes += static_cast<char>(state >> 56);
  }
  const std::string_view whole = bytes;
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const std::uint32_t sum = crc32c(0, whole);
    CHECK(crc32c(crc32c(0, whole.substr(0, cut)), whole.substr(cut)) == sum);
    CHECK(crc32c_portable(0, whole.substr(0, cut)) == crc32c(0, whole.substr(0, cut)));
  }
}

}  // namespace
}  // namespace mcpgov
