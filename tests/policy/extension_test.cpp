// The texts the four extension types accept and refuse, and their functions.
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/extension.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace mcpgov;
using namespace mcpgov::policy;
using namespace mcpgov::policy::cedar;

namespace {

constexpr std::int64_t kMin = INT64_MIN;
constexpr std::int64_t kMax = INT64_MAX;
constexpr std::int64_t kDay = 86400000;

struct Reading {
  const char* text;
  std::int64_t value;
};

// Calls a function by name; the arena lives as long as the test needs its ip.
ErrorCode call(const char* name, std::vector<Value> args, Value& out) {
  static Arena arena;
  const ExtensionFunction* function = find_extension_function(name);
  REQUIRE(function != nullptr);
  return function->call(args, arena, out);
}

Value made(const char* function, const char* text) {
  Value out;
  CAPTURE(text);
  REQUIRE(call(function, {Value::of_string(text)}, out) == ErrorCode::none);
  return out;
}

}  // namespace

TEST_CASE("decimal: accepted texts and their values in ten-thousandths") {
  const Reading cases[] = {
      {"1.0", 10000},
      {"-1.0", -10000},
      {"1.0000", 10000},
      {"-0.0", 0},
      {"-0.5", -5000},
      {"-0.0001", -1},
      {"00.1", 1000},
      {"0001.1", 11000},
      {"1.23", 12300},
      {"1.2345", 12345},
      {"922337203685477.5807", kMax},
      {"-922337203685477.5808", kMin},
      {"000000000000000000000000000001.0", 10000},
  };
  for (const Reading& c : cases) {
    CAPTURE(c.text);
    CHECK(parse_decimal(c.text) == c.value);
  }
}

TEST_CASE("decimal: refused texts") {
  const char* cases[] = {"1",
                         "1.",
                         ".1",
                         "+1.0",
                         "1.00000",
                         "922337203685477.5808",
                         "-922337203685477.5809",
                         "922337203685478.0",
                         "1.0\n",
                         " 1.0",
                         "1.0 ",
                         "1e3",
                         "1_0.0",
                         "\xd9\xa3.\xd9\xa1",
                         "-.1",
                         "--1.0",
                         "9223372036854775807.0",
                         "99999999999999999999999999.0",
                         "1.2.3",
                         "1,0",
                         "-",
                         ".",
                         ""};
  for (const char* text : cases) {
    CAPTURE(text);
    CHECK_FALSE(parse_decimal(text).has_value());
  }
  CHECK_FALSE(parse_decimal(std::string_view("1.0\0", 4)).has_value());
}

TEST_CASE("datetime: accepted texts and their milliseconds since 1970") {
  const Reading cases[] = {
      {"1970-01-01", 0},
      {"1970-01-01T00:00:00Z", 0},
      {"1969-12-31T23:59:59.999Z", -1},
      {"2000-02-29", 951782400000},
      {"2024-01-01", 1704067200000},
      {"2024-02-29", 1709164800000},
      {"2024-01-01T00:00:00Z", 1704067200000},
      {"2024-01-01T00:00:00.000Z", 1704067200000},
      {"2024-01-01T00:00:00+0000", 1704067200000},
      {"2024-01-01T00:00:00-0000", 1704067200000},
      {"2024-01-01T00:00:00+2359", 1704067200000 - (24 * 60 - 1) * 60000},
      {"2024-01-01T00:00:00.123-0800", 1704067200123 + 8 * 3600000},
      {"2024-12-31T23:59:59Z", 1735689599000},
      {"0000-01-01", -62167219200000},
      {"0000-02-29", -62167219200000 + 59 * kDay},
      {"0000-01-01T00:00:00+2359", -62167219200000 - (24 * 60 - 1) * 60000},
      {"1900-03-01", -2203891200000},
      {"9999-12-31T23:59:59.999Z", 253402300799999},
  };
  for (const Reading& c : cases) {
    CAPTURE(c.text);
    CHECK(parse_datetime(c.text) == c.value);
  }
}

TEST_CASE("datetime: every day from year 0 to 9999 follows the one before it") {
  static constexpr int kLength[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  std::int64_t expected = -62167219200000;
  bool consecutive = true;
  bool refused_after_last = true;
  char text[16];
  for (int year = 0; year <= 9999; ++year) {
    const bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
    for (int month = 1; month <= 12; ++month) {
      const int days = kLength[month - 1] + (month == 2 && leap ? 1 : 0);
      for (int day = 1; day <= days + 1; ++day) {
        std::snprintf(text, sizeof(text), "%04d-%02d-%02d", year % 10000, month, day % 100);
        if (day > days) {
          refused_after_last = refused_after_last && !parse_datetime(text);
        } else {
          consecutive = consecutive && parse_datetime(text) == expected;
          expected += kDay;
        }
      }
    }
  }
  CHECK(consecutive);
  CHECK(refused_after_last);
}

TEST_CASE("datetime: refused texts") {
  const char* cases[] = {"2024-1-1",
                         "24-01-01",
                         "2024-13-01",
                         "2024-00-01",
                         "2024-01-00",
                         "2024-01-32",
                         "2023-02-29",
                         "1900-02-29",
                         "2024-01-01T00:00:00",
                         "2024-01-01T00:00:00z",
                         "2024-01-01t00:00:00Z",
                         "2024-01-01 00:00:00Z",
                         "2024-01-01T00:00:00.1Z",
                         "2024-01-01T00:00:00.1234Z",
                         "2024-01-01T00:00:00.Z",
                         "2024-01-01T24:00:00Z",
                         "2024-01-01T23:60:00Z",
                         "2024-01-01T23:59:60Z",
                         "2024-01-01T00:00:00+00:00",
                         "2024-01-01T00:00:00+2400",
                         "2024-01-01T00:00:00+0060",
                         "2024-01-01T00:00Z",
                         "2024-01-01Z",
                         "10000-01-01",
                         "-0001-01-01",
                         "+2024-01-01",
                         "2024-01-01T00:00:00+01",
                         "2024-01-01T00:00:00Z0",
                         "2024/01/01",
                         "",
                         "2024-01-01T",
                         "2024-01-01T00:00:00Z ",
                         " 2024-01-01",
                         "2024-01-01\n",
                         "\xd9\xa2\xd9\xa0\xd9\xa2\xd9\xa4-01-01"};
  for (const char* text : cases) {
    CAPTURE(text);
    CHECK_FALSE(parse_datetime(text).has_value());
  }
}

TEST_CASE("duration: accepted texts and their milliseconds") {
  const Reading cases[] = {
      {"1d", kDay},
      {"1d2h3m4s5ms", 93784005},
      {"-1d", -kDay},
      {"0ms", 0},
      {"-0ms", 0},
      {"106751991167d", 106751991167 * kDay},
      {"9223372036854775807ms", kMax},
      {"-9223372036854775808ms", kMin},
      {"-9223372036854775s808ms", kMin},
      {"1s1ms", 1001},
      {"1m1ms", 60001},
      {"00001d", kDay},
      {"-1d2h", -kDay - 7200000},
      {"1m", 60000},
      {"1ms", 1},
      {"000000000000000000000000000000000001h", 3600000},
  };
  for (const Reading& c : cases) {
    CAPTURE(c.text);
    CHECK(parse_duration(c.text) == c.value);
  }
}

TEST_CASE("duration: refused texts") {
  const char* cases[] = {"+1d",
                         "1h1d",
                         "1d1d",
                         "d",
                         "1",
                         "",
                         "-",
                         "1.5h",
                         "106751991168d",
                         "9223372036854775808ms",
                         "-9223372036854775809ms",
                         "9223372036854775s808ms",
                         "18446744073709551616ms",
                         "18446744073709551615d",
                         "1ms1s",
                         "1mm",
                         "1sm",
                         "1D",
                         "1d 2h",
                         "--1d",
                         "1d-2h",
                         "1us",
                         "1d2",
                         "1h\n",
                         " 1h"};
  for (const char* text : cases) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text).has_value());
  }
}

TEST_CASE("ip: accepted texts, their family and prefix") {
  struct Case {
    const char* text;
    bool v6;
    int prefix;
    std::vector<int> bytes;
  };
  const Case cases[] = {
      {"127.0.0.1", false, 32, {127, 0, 0, 1}},
      {"127.0.0.1/32", false, 32, {127, 0, 0, 1}},
      {"127.0.0.1/0", false, 0, {127, 0, 0, 1}},
      {"0.0.0.0/0", false, 0, {}},
      {"255.255.255.255", false, 32, {255, 255, 255, 255}},
      {"::", true, 128, {}},
      {"::1", true, 128, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
      {"::1/128", true, 128, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
      {"::/0", true, 0, {}},
      {"1:2:3:4:5:6:7:8", true, 128, {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}},
      {"1:2:3:4:5:6:7::", true, 128, {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7}},
      {"::2:3:4:5:6:7:8", true, 128, {0, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}},
      {"1::8/64", true, 64, {0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8}},
      {"1::7:8", true, 128, {0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 8}},
      {"ABCD::", true, 128, {0xab, 0xcd}},
      {"abcd:EF01::", true, 128, {0xab, 0xcd, 0xef, 1}},
      {"0000:0000:0000:0000:0000:0000:0000:0001",
       true,
       128,
       {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
      {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", true, 128, std::vector<int>(16, 255)},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto ip = parse_ip(c.text);
    REQUIRE(ip.has_value());
    CHECK(ip->v6 == c.v6);
    CHECK(ip->prefix == c.prefix);
    for (std::size_t i = 0; i < 16; ++i) {
      CAPTURE(i);
      CHECK(ip->bytes[i] == (i < c.bytes.size() ? c.bytes[i] : 0));
    }
  }
}

TEST_CASE("ip: refused texts") {
  const char* cases[] = {"127.0.0.01",
                         "127.0.0.1/33",
                         "127.0.0.1/032",
                         "127.0.0.1/00",
                         "127.0.0.1/",
                         "127.0.0.1/-1",
                         "127.0.0.1/+8",
                         "127.0.0.1/8 ",
                         "127.0.0.1/99999999999999999999",
                         "1.2.3",
                         "1.2.3.",
                         "1.2.3.4.5",
                         "1..3.4",
                         ".1.2.3",
                         "256.1.1.1",
                         "1000.1.1.1",
                         "::1/129",
                         "::1/0128",
                         "::1/",
                         "1::2::3",
                         ":::",
                         "1:::2",
                         ":",
                         ":1",
                         "1:",
                         "::1:",
                         ":1:2:3:4:5:6:7",
                         "1:2:3:4:5:6:7:",
                         "1:2:3:4:5:6:7",
                         "1:2:3:4:5:6:7:8:9",
                         "1:2:3:4:5:6:7:8::",
                         "1:2:3:4::5:6:7:8",
                         "::1:2:3:4:5:6:7:8",
                         "::ffff:1.2.3.4",
                         "::1.2.3.4",
                         "12345::",
                         "g::",
                         "fe80::1%eth0",
                         "[::1]",
                         "0x7f.1.1.1",
                         "1.2.3.4/8/8",
                         "",
                         "/8",
                         " 1.2.3.4",
                         "1.2.3.4 ",
                         "00000::1",
                         "1:2.3.4",
                         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/0128"};
  for (const char* text : cases) {
    CAPTURE(text);
    CHECK_FALSE(parse_ip(text).has_value());
  }
}

TEST_CASE("ip: ranges, loopback, multicast and family") {
  struct Case {
    const char* sentence;
    const char* function;
    std::vector<const char*> texts;
    bool expected;
  };
  const Case cases[] = {
      {"a v4 address is v4", "isIpv4", {"1.2.3.4"}, true},
      {"a v6 address is not v4", "isIpv4", {"::1"}, false},
      {"a v6 address is v6", "isIpv6", {"::1"}, true},
      {"a v4 address is not v6", "isIpv6", {"1.2.3.4"}, false},
      {"127/8 is loopback", "isLoopback", {"127.0.0.1/8"}, true},
      {"any address of 127/8 is loopback", "isLoopback", {"127.255.0.9"}, true},
      {"a range wider than 127/8 is not", "isLoopback", {"127.0.0.1/7"}, false},
      {"128.0.0.1 is not loopback", "isLoopback", {"128.0.0.1"}, false},
      {"::1 is loopback", "isLoopback", {"::1"}, true},
      {"a range around ::1 is not", "isLoopback", {"::1/127"}, false},
      {":: is not loopback", "isLoopback", {"::"}, false},
      {"a mapped v4 loopback is not", "isLoopback", {"::ffff:7f00:1"}, false},
      {"224/4 is multicast", "isMulticast", {"224.0.0.0/4"}, true},
      {"239.1.1.1 is multicast", "isMulticast", {"239.1.1.1"}, true},
      {"240.0.0.0 is not", "isMulticast", {"240.0.0.0"}, false},
      {"a range wider than 224/4 is not", "isMulticast", {"224.0.0.0/3"}, false},
      {"ff00::/8 is multicast", "isMulticast", {"ff00::/8"}, true},
      {"a range wider than ff00::/8 is not", "isMulticast", {"ff00::/7"}, false},
      {"fe00:: is not", "isMulticast", {"fe00::"}, false},
      {"an address is in its range", "isInRange", {"10.0.0.1", "10.0.0.0/24"}, true},
      {"a range is in itself", "isInRange", {"10.0.0.0/24", "10.0.0.0/24"}, true},
      {"host bits of the range do not count", "isInRange", {"10.0.0.1", "10.0.0.200/24"}, true},
      {"a wider range is not inside", "isInRange", {"10.0.0.0/23", "10.0.0.0/24"}, false},
      {"the next network is not inside", "isInRange", {"10.0.1.0", "10.0.0.0/24"}, false},
      {"odd prefixes compare bits", "isInRange", {"10.0.1.0", "10.0.0.0/23"}, true},
      {"odd prefixes compare bits to the end", "isInRange", {"10.0.2.0", "10.0.0.0/23"}, false},
      {"v4 is not in v6", "isInRange", {"10.0.0.1", "::/0"}, false},
      {"v6 is not in v4", "isInRange", {"::1", "0.0.0.0/0"}, false},
      {"everything is in /0", "isInRange", {"1.2.3.4", "0.0.0.0/0"}, true},
      {"a v6 address is in its range", "isInRange", {"1:2:3::9", "1:2:3::/48"}, true},
      {"a v6 address of another range", "isInRange", {"1:2:4::9", "1:2:3::/48"}, false},
      {"a v6 address is in itself", "isInRange", {"1::9", "1::9/128"}, true},
      {"a v6 address is not in its neighbour", "isInRange", {"1::9", "1::8/128"}, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.sentence);
    std::vector<Value> args;
    for (const char* text : c.texts) args.push_back(made("ip", text));
    Value out;
    CHECK(call(c.function, args, out) == ErrorCode::none);
    CHECK(out.kind == Kind::boolean);
    CHECK(out.boolean() == c.expected);
  }
}

TEST_CASE("decimal, datetime, duration: functions and where they overflow") {
  constexpr Kind date = Kind::datetime;
  constexpr Kind span = Kind::duration;
  constexpr Kind dec = Kind::decimal;
  constexpr Kind num = Kind::integer;
  constexpr Kind boolean = Kind::boolean;
  constexpr Kind error = Kind::unknown;
  struct Case {
    const char* function;
    std::vector<Value> args;
    Kind kind;
    std::int64_t value;
  };
  const auto of = [](Kind kind, std::int64_t value) { return Value::of_scalar(kind, value); };
  const Case cases[] = {
      {"lessThan", {of(dec, 1), of(dec, 2)}, boolean, 1},
      {"lessThan", {of(dec, 2), of(dec, 2)}, boolean, 0},
      {"lessThanOrEqual", {of(dec, 2), of(dec, 2)}, boolean, 1},
      {"lessThanOrEqual", {of(dec, 3), of(dec, 2)}, boolean, 0},
      {"greaterThan", {of(dec, kMax), of(dec, kMin)}, boolean, 1},
      {"greaterThan", {of(dec, 2), of(dec, 2)}, boolean, 0},
      {"greaterThanOrEqual", {of(dec, 2), of(dec, 2)}, boolean, 1},
      {"greaterThanOrEqual", {of(dec, 1), of(dec, 2)}, boolean, 0},
      {"offset", {of(date, 1), of(span, 2)}, date, 3},
      {"offset", {of(date, 1), of(span, -2)}, date, -1},
      {"offset", {of(date, kMax), of(span, 0)}, date, kMax},
      {"offset", {of(date, kMax), of(span, 1)}, error, 0},
      {"offset", {of(date, kMin), of(span, -1)}, error, 0},
      {"offset", {of(date, kMin), of(span, kMax)}, date, -1},
      {"offset", {of(date, 0), of(span, kMin)}, date, kMin},
      {"durationSince", {of(date, kDay), of(date, 0)}, span, kDay},
      {"durationSince", {of(date, 0), of(date, kDay)}, span, -kDay},
      {"durationSince", {of(date, kMin), of(date, 1)}, error, 0},
      {"durationSince", {of(date, kMax), of(date, -1)}, error, 0},
      {"durationSince", {of(date, 0), of(date, kMin)}, error, 0},
      {"durationSince", {of(date, -1), of(date, kMin)}, span, kMax},
      {"toDate", {of(date, kDay + 1)}, date, kDay},
      {"toDate", {of(date, kDay)}, date, kDay},
      {"toDate", {of(date, -1)}, date, -kDay},
      {"toDate", {of(date, -kDay)}, date, -kDay},
      {"toDate", {of(date, kMin)}, error, 0},
      {"toDate", {of(date, kMax)}, date, kMax - kMax % kDay},
      {"toTime", {of(date, kDay + 1)}, span, 1},
      {"toTime", {of(date, -1)}, span, kDay - 1},
      {"toTime", {of(date, -kDay)}, span, 0},
      {"toTime", {of(date, kMin)}, span, kDay + kMin % kDay},
      {"toMilliseconds", {of(span, kMin)}, num, kMin},
      {"toSeconds", {of(span, -1500)}, num, -1},
      {"toSeconds", {of(span, 1999)}, num, 1},
      {"toMinutes", {of(span, -90000)}, num, -1},
      {"toHours", {of(span, 7199999)}, num, 1},
      {"toDays", {of(span, -kDay + 1)}, num, 0},
      {"toDays", {of(span, -kDay)}, num, -1},
      {"toDays", {of(span, kMin)}, num, -106751991167},
  };
  for (const Case& c : cases) {
    CAPTURE(c.function);
    CAPTURE(c.args[0].integer);
    Value out;
    const ErrorCode code = call(c.function, c.args, out);
    CHECK(code == (c.kind == error ? ErrorCode::eval_extension : ErrorCode::none));
    CHECK(out.kind == c.kind);
    if (out.kind == c.kind) CHECK(out.integer == c.value);
  }
}

TEST_CASE("extension functions: each refuses wrong counts and wrong kinds, and returns its kind") {
  Arena arena;
  const Ip ip{};
  const Value samples[] = {Value::of_boolean(true),
                           Value::of_integer(1),
                           Value::of_string("1d"),
                           Value::of_entity(EntityId{0}),
                           Value::of_scalar(Kind::decimal, 1),
                           Value::of_scalar(Kind::datetime, 1),
                           Value::of_scalar(Kind::duration, 1),
                           Value::of_ip(&ip),
                           Value::of_set({}),
                           Value::of_record({}),
                           Value{}};
  for (const ExtensionFunction& f : extension_functions()) {
    CAPTURE(f.name);
    CHECK(find_extension_function(f.name) == &f);
    Value out;
    CHECK(f.call({}, arena, out) == ErrorCode::eval_arity);
    CHECK(f.call(std::span(samples, 3), arena, out) == ErrorCode::eval_arity);
    CHECK(f.call(std::span(samples, f.arity == 1 ? 2 : 1), arena, out) == ErrorCode::eval_arity);
    for (const Value& first : samples) {
      for (const Value& second : samples) {
        const Value args[] = {first, second};
        const bool fits =
            first.kind == f.parameters[0] && (f.arity == 1 || second.kind == f.parameters[1]);
        out = Value{};
        const ErrorCode code = f.call(std::span(args, f.arity), arena, out);
        if (!fits) {
          CHECK(code == ErrorCode::eval_type);
        } else {
          CHECK(code != ErrorCode::eval_type);
          CHECK(code != ErrorCode::eval_arity);
          if (code == ErrorCode::none) CHECK(out.kind == f.result);
        }
        if (code != ErrorCode::none) CHECK(out.kind == Kind::unknown);
      }
    }
  }
}

TEST_CASE("extension functions: 22 names, sorted, and no other") {
  const auto all = extension_functions();
  CHECK(all.size() == 22);
  CHECK(std::is_sorted(all.begin(), all.end(),
                       [](const auto& a, const auto& b) { return a.name < b.name; }));
  for (const char* name : {"", "unknown", "IP", "ipaddr", "contains", "todate", "zzz", "a"}) {
    CAPTURE(name);
    CHECK(find_extension_function(name) == nullptr);
  }
}

TEST_CASE("extension functions: a text no constructor accepts is an extension error") {
  for (const char* name : {"decimal", "ip", "datetime", "duration"}) {
    CAPTURE(name);
    Value out;
    CHECK(call(name, {Value::of_string("zzz")}, out) == ErrorCode::eval_extension);
    CHECK(out.kind == Kind::unknown);
  }
  CHECK(equal(made("ip", "127.0.0.1"), made("ip", "127.0.0.1/32")));
  CHECK_FALSE(equal(made("ip", "10.0.0.0/24"), made("ip", "10.0.0.5/24")));
  CHECK(equal(made("ip", "::1"), made("ip", "0:0:0:0:0:0:0:1")));
  CHECK(equal(made("duration", "1h"), made("duration", "60m")));
  CHECK(equal(made("decimal", "-0.0"), made("decimal", "0.0")));
}
