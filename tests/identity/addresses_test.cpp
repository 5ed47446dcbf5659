// Tests of src/identity/addresses.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/addresses.hpp"

#include <doctest/doctest.h>

namespace mcpgov::identity {
namespace {

AddressSet set_of(std::vector<std::string> texts) {
  auto set = AddressSet::from(texts);
  REQUIRE(set.has_value());
  return std::move(*set);
}

TEST_CASE("addresses: one address has many spellings") {
  const char* same[][2] = {
      {"10.0.0.1", "::ffff:10.0.0.1"},
      {"10.0.0.1", "::ffff:a00:1"},
      {"10.0.0.1", "0:0:0:0:0:FFFF:0a00:0001"},
      {"::1", "0:0:0:0:0:0:0:1"},
      {"::", "0::0"},
      {"2001:db8::", "2001:0DB8:0:0::0:0"},
      {"1::8", "1:0:0:0:0:0:0:8"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"64:ff9b::1.2.3.4", "64:ff9b::102:304"},
      {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
  };
  for (const auto& pair : same) {
    const std::string a = pair[0];
    const std::string b = pair[1];
    CAPTURE(a);
    CAPTURE(b);
    REQUIRE(parse_address(a).has_value());
    CHECK(parse_address(a) == parse_address(b));
  }
  CHECK(parse_address("0.0.0.0") != parse_address("::"));
  CHECK(parse_address("255.255.255.255").has_value());
}

TEST_CASE("addresses: what is no address") {
  for (const char* text : {"",
                           " ",
                           "unix",
                           "localhost",
                           "1",
                           "1.2.3",
                           "1.2.3.",
                           "1.2.3.4.",
                           "1.2.3.4.5",
                           ".1.2.3",
                           "1..2.3",
                           "256.1.1.1",
                           "1.2.3.256",
                           "01.2.3.4",
                           "1.2.3.04",
                           "1.2.3.4 ",
                           " 1.2.3.4",
                           "1.2.3.-4",
                           "1.2.3.0x4",
                           "1.2.3.4:80",
                           "1.2.3.1000",
                           ":",
                           ":::",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4:5:6:7:8::",
                           "::1:2:3:4:5:6:7:8",
                           "1::2::3",
                           "1:::2",
                           ":1::2",
                           "1::2:",
                           "12345::",
                           "g::",
                           "[::1]",
                           "::1%eth0",
                           "::1/128",
                           "1.2.3.4::",
                           "::1.2.3.4:5",
                           "::1.2.3",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "::ffff:01.2.3.4",
                           "1.2.3.4\n"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(parse_address(text).has_value());
  }
  CHECK_FALSE(parse_address(std::string_view("1.2.3.4\0", 8)).has_value());
}

TEST_CASE("addresses: what a set holds") {
  struct Case {
    const char* entry;
    const char* peer;
    bool held;
  };
  const Case cases[] = {
      {"10.0.0.1", "10.0.0.1", true},
      {"10.0.0.1", "::ffff:10.0.0.1", true},
      {"::ffff:10.0.0.1", "10.0.0.1", true},
      {"10.0.0.1", "10.0.0.2", false},
      {"10.0.0.1", "10.0.0.1:443", false},
      {"10.0.0.1", "", false},
      {"10.0.0.1", "unix", false},
      {"10.1.0.0/16", "10.1.255.255", true},
      {"10.1.0.0/16", "10.2.0.0", false},
      {"10.1.0.0/16", "::10.1.0.1", false},
      {"10.1.2.128/25", "10.1.2.128", true},
      {"10.1.2.128/25", "10.1.2.127", false},
      {"10.1.2.3/32", "10.1.2.3", true},
      {"10.1.2.3/32", "10.1.2.2", false},
      {"128.0.0.0/1", "255.0.0.1", true},
      {"128.0.0.0/1", "127.0.0.1", false},
      {"::ffff:10.1.0.0/112", "10.1.2.3", true},
      {"fd00::/8", "fdff::1", true},
      {"fd00::/8", "fe80::1", false},
      {"::/1", "::1", true},
      {"::/1", "10.0.0.1", false},
      {"::/1", "::ffff:10.0.0.1", false},
      {"::/1", "8000::", false},
      {"::1/128", "::1", true},
      {"::1/128", "::", false},
      {"::1", "127.0.0.1", false},
      {"unix", "unix", true},
      {"unix", "", false},
      {"unix", "Unix", false},
      {"unix", "127.0.0.1", false},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.entry));
    CAPTURE(std::string(c.peer));
    CHECK(set_of({c.entry}).contains(c.peer) == c.held);
    CHECK(set_of({"192.0.2.1", c.entry, "2001:db8::1"}).contains(c.peer) == c.held);
  }
  CHECK_FALSE(set_of({}).contains("10.0.0.1"));
  CHECK_FALSE(set_of({}).contains("unix"));
}

TEST_CASE("addresses: entries that say something else than they seem to are refused") {
  for (const char* text :
       {"", "*", "localhost", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08",
        "10.0.0.0/-1", "10.0.0.0/8/8", "/8", "fd00::1/8", "fd00::/129", "unix:/run/x", "UNIX",
        "0.0.0.0/0", "::/0", "::ffff:0.0.0.0/96"}) {
    CAPTURE(std::string(text));
    const std::vector<std::string> texts = {"10.0.0.1", text};
    const auto set = AddressSet::from(texts);
    REQUIRE_FALSE(set.has_value());
    CHECK(set.error().code == ErrorCode::identity_setting);
    CHECK(set.error().message.find("`" + std::string(text) + "`") == 0);
  }
}

}  // namespace
}  // namespace mcpgov::identity
