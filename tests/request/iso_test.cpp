// Dates, durations, addresses and decimals in text: what is refused, and what the rest means.
//
// SPDX-License-Identifier: Apache-2.0
#include "request/iso.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "policy/cedar/extension.hpp"

namespace {

using mcpgov::ErrorCode;
namespace request = mcpgov::request;
using mcpgov::policy::cedar::parse_datetime;
using mcpgov::policy::cedar::parse_ip;

TEST_CASE("iso: texts that are no date-time are of the wrong type") {
  const std::string cases[] = {
      "",
      "2024",
      "2024-1-1",
      "2024-01",
      "20240101",
      "2024-01-01T",
      "2024-01-01T10",
      "2024-01-01T10:00",
      "2024-01-01 10:00:00",
      "2024-01-01T10:00:00.",
      "2024-01-01T10:00:00+1",
      "2024-01-01T10:00:00+24:00",
      "2024-01-01T10:00:00+10:60",
      "2024-01-01T24:00:00Z",
      "2024-01-01T10:60:00Z",
      "2016-12-31T23:59:60Z",
      "2023-02-29",
      "2024-13-01",
      "2024-00-01",
      "2024-01-00",
      "2024-01-32",
      "-2024-01-01",
      "+2024-01-01",
      "12024-01-01",
      "2024-01-01Z",
      " 2024-01-01",
      "2024-01-01 ",
      "2024-01-01T10:00:00Z ",
      "2024-01-01T10:00:00ZZ",
      "2024-01-01T10:00:00,5Z",
      "2024-01-01T-1:00:00Z",
      "٢٠٢٤-٠١-٠١",
      std::string("2024-01-01T10:00:00+24:00\0", 26),
      std::string("2024-01-01\0", 11),
  };
  for (const std::string& text : cases) {
    CAPTURE(text);
    CHECK(request::iso_datetime(text).code == ErrorCode::argument_type);
  }
}

TEST_CASE("iso: a fraction finer than a millisecond is a date, but no value") {
  CHECK(request::iso_datetime("2024-01-01T10:00:00.0001Z").code ==
        ErrorCode::argument_not_representable);
  CHECK(request::iso_datetime("2024-01-01T10:00:00.123456").code ==
        ErrorCode::argument_not_representable);
}

TEST_CASE("iso: dates mean what Cedar's datetime of the same moment means") {
  struct Case {
    const char* iso;
    const char* cedar;
  };
  const Case cases[] = {
      {"2024-02-29", "2024-02-29"},
      {"0000-01-01", "0000-01-01"},
      {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
      {"1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"},
      {"2024-01-01T10:00:00", "2024-01-01T10:00:00Z"},
      {"2024-01-01t10:00:00z", "2024-01-01T10:00:00Z"},
      {"2024-01-01T10:00:00.5Z", "2024-01-01T10:00:00.500Z"},
      {"2024-01-01T10:00:00.120000000Z", "2024-01-01T10:00:00.120Z"},
      {"2024-01-01T10:00:00+02:30", "2024-01-01T07:30:00Z"},
      {"2024-01-01T10:00:00-0230", "2024-01-01T12:30:00Z"},
      {"2024-01-01T00:00:00+23:59", "2023-12-31T00:01:00Z"},
      {"2024-01-01T10:00:00-00:00", "2024-01-01T10:00:00Z"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.iso));
    const auto read = request::iso_datetime(c.iso);
    CHECK(read.code == ErrorCode::none);
    REQUIRE(parse_datetime(c.cedar).has_value());
    CHECK(read.value == *parse_datetime(c.cedar));
  }
}

TEST_CASE("iso: texts that are no duration are of the wrong type") {
  for (const std::string_view text : {"",       "P",
                                      "PT",     "P1DT",
                                      "1D",     "-P1D",
                                      "+P1D",   "P-1D",
                                      "p1d",    "P1H",
                                      "PT1D",   "P1D1Y",
                                      "P1M1Y",  "PT1S1M",
                                      "PT1M1M", "P0.5D",
                                      "PT1.5H", "PT.5S",
                                      "PT1.S",  "PT1,5S",
                                      "P1",     "P1X",
                                      "P1D ",   "P1DT1H1",
                                      "1h30m",  "P1Y2M3W4DT5H6M7S8S",
                                      "PTT1S"}) {
    CAPTURE(std::string(text));
    CHECK(request::iso_duration(text).code == ErrorCode::argument_type);
  }
}

TEST_CASE("iso: durations that are too fine or too long are no values") {
  for (const std::string_view text :
       {"PT0.0001S", "P292471209Y", "PT9223372036854776S", "P99999999999999999999999999Y",
        "P106751991168DT99999999999999999H"}) {
    CAPTURE(std::string(text));
    CHECK(request::iso_duration(text).code == ErrorCode::argument_not_representable);
  }
}

TEST_CASE("iso: durations are milliseconds") {
  struct Case {
    const char* text;
    std::int64_t ms;
  };
  constexpr std::int64_t kDay = 86'400'000;
  const Case cases[] = {
      {"PT0S", 0},
      {"P0D", 0},
      {"PT0.5S", 500},
      {"PT0.001000S", 1},
      {"PT36H", 36 * 3'600'000},
      {"P1Y", 365 * kDay},
      {"P1M", 30 * kDay},
      {"PT1M", 60'000},
      {"P2W", 14 * kDay},
      {"P1Y1M1W1DT1H1M1.001S", (365 + 30 + 7 + 1) * kDay + 3'661'001},
      {"P000000000000000000000000000001D", kDay},
      {"PT9223372036854775.807S", 9223372036854775807},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.text));
    const auto read = request::iso_duration(c.text);
    CHECK(read.code == ErrorCode::none);
    CHECK(read.value == c.ms);
  }
}

TEST_CASE("iso: addresses are one address without a prefix, of the family asked for") {
  for (const std::string_view text :
       {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4/32", "1.2.3.4 ", "0x1.2.3.4",
        "::1", "::ffff:1.2.3.4", "localhost"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(request::ipv4_address(text).has_value());
  }
  for (const std::string_view text :
       {"", "1.2.3.4", ":::", "1::2::3", "::1/128", "[::1]", "fe80::1%eth0", "::ffff:1.2.3.256",
        "::ffff:1.2.3.4/128", "::1.2.3.4", "64:ff9b::1.2.3.4", "12345::", "::ffff:::1"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(request::ipv6_address(text).has_value());
  }
  CHECK(request::ipv4_address("10.1.2.3") == parse_ip("10.1.2.3"));
  CHECK(request::ipv6_address("2001:DB8::1") == parse_ip("2001:db8::1"));
}

TEST_CASE("iso: an IPv6 address that maps IPv4 is that IPv4 address, however it is written") {
  for (const std::string_view text :
       {"::ffff:10.1.2.3", "::FFFF:10.1.2.3", "::ffff:a01:203", "0:0:0:0:0:ffff:0a01:0203"}) {
    CAPTURE(std::string(text));
    CHECK(request::ipv6_address(text) == parse_ip("10.1.2.3"));
    CHECK(request::ip_address(text) == parse_ip("10.1.2.3"));
  }
}

TEST_CASE("iso: decimals in text are exact") {
  for (const std::string_view text :
       {"", ".5", "1.", "1e3", "1E3", "+1", "01.5", "1,5", " 1", "abc", "1.5f"}) {
    CAPTURE(std::string(text));
    CHECK(request::decimal_text(text).code == ErrorCode::argument_type);
  }
  for (const std::string_view text : {"1.00001", "922337203685477.5808", "99999999999999999999"}) {
    CAPTURE(std::string(text));
    CHECK(request::decimal_text(text).code == ErrorCode::argument_not_representable);
  }
  CHECK(request::decimal_text("-3").value == -30000);
  CHECK(request::decimal_text("1.50").value == 15000);
  CHECK(request::decimal_text("1.500000").code == ErrorCode::none);
}

}  // namespace
