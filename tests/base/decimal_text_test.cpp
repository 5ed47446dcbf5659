// Exact numbers: no digit of a JSON number is lost on the way to a policy.
//
// SPDX-License-Identifier: Apache-2.0
#include "base/decimal_text.hpp"

#include <cstdint>
#include <limits>
#include <string>

#include <doctest/doctest.h>

namespace {

using mcpgov::Exactness;
using mcpgov::scaled_number;

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

TEST_CASE("decimal: what is not exact, or no number, has no value") {
  struct Case {
    std::string text;
    int digits;
    Exactness exactness;
  };
  const Case cases[] = {
      {"", 4, Exactness::malformed},
      {"-", 4, Exactness::malformed},
      {"+1", 4, Exactness::malformed},
      {"01", 4, Exactness::malformed},
      {"-01.5", 4, Exactness::malformed},
      {".5", 4, Exactness::malformed},
      {"1.", 4, Exactness::malformed},
      {"1e", 4, Exactness::malformed},
      {"1e+", 4, Exactness::malformed},
      {"1 ", 4, Exactness::malformed},
      {" 1", 4, Exactness::malformed},
      {"0x10", 4, Exactness::malformed},
      {"1_000", 4, Exactness::malformed},
      {"1,5", 4, Exactness::malformed},
      {"NaN", 4, Exactness::malformed},
      {"1.00001", 4, Exactness::fractional},
      {"0.00009", 4, Exactness::fractional},
      {"1e-5", 4, Exactness::fractional},
      {"1e-400", 4, Exactness::fractional},
      {"1e-99999999999999999999", 4, Exactness::fractional},
      {"0.1000000000000000055511151231257827", 4, Exactness::fractional},
      {"0.30000000000000004", 4, Exactness::fractional},
      {"5.5", 0, Exactness::fractional},
      {"9999999999999999999999.00001", 4, Exactness::fractional},
      {"1e400", 4, Exactness::out_of_range},
      {"1e99999999999999999999", 4, Exactness::out_of_range},
      {"922337203685477.5808", 4, Exactness::out_of_range},
      {"-922337203685477.5809", 4, Exactness::out_of_range},
      {"9223372036854775808", 0, Exactness::out_of_range},
      {"-9223372036854775809", 0, Exactness::out_of_range},
      {"18446744073709551616", 0, Exactness::out_of_range},
      {std::string(100'000, '9'), 0, Exactness::out_of_range},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text.substr(0, 50));
    const auto result = scaled_number(c.text, c.digits);
    CHECK(result.exactness == c.exactness);
    CHECK(result.value == 0);
  }
}

TEST_CASE("decimal: every spelling of a number has the same value") {
  struct Case {
    std::string text;
    int digits;
    std::int64_t value;
  };
  const Case cases[] = {
      {"0", 4, 0},
      {"-0", 4, 0},
      {"-0.0000000", 4, 0},
      {"0e99999999999999999999", 4, 0},
      {"0.000e-99999999999999999999", 4, 0},
      {"1.50", 4, 15000},
      {"1.5", 4, 15000},
      {"15e-1", 4, 15000},
      {"0.15E+1", 4, 15000},
      {"1e3", 4, 10'000'000},
      {"1e3", 0, 1000},
      {"5.0", 0, 5},
      {"-0.0001", 4, -1},
      {"0.1", 4, 1000},
      {"0.2", 4, 2000},
      {"1.000000000000000000000000000000", 4, 10000},
      {"1" + std::string(1000, '0') + "e-1000", 4, 10000},
      {"0." + std::string(1000, '0') + "1e1001", 4, 10000},
      {"922337203685477.5807", 4, kMost},
      {"-922337203685477.5808", 4, kLeast},
      {"9223372036854775807", 0, kMost},
      {"-9223372036854775808", 0, kLeast},
      {"-9.223372036854775808e18", 0, kLeast},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text.substr(0, 50));
    const auto result = scaled_number(c.text, c.digits);
    CHECK(result.exactness == Exactness::exact);
    CHECK(result.value == c.value);
  }
}

}  // namespace
