// Tests of identity/claim_values.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/claim_values.hpp"

#include <string>

#include <doctest/doctest.h>

namespace mcpgov::identity {
namespace {

// {"v":value}, kept alive until the next one.
const JsonObject claims_of(const std::string& value) {
  static StrictJson json;
  REQUIRE(json.read("{\"v\":" + value + "}", {}));
  return json.root();
}

constexpr Reading kAbsent = Reading::absent;
constexpr Reading kSound = Reading::sound;
constexpr Reading kMalformed = Reading::malformed;

TEST_CASE("claims as names: strings and nothing else") {
  struct Row {
    const char* value;
    Reading reading;
  };
  const Row rows[] = {
      {R"("ann")", kSound},           {R"("李")", kSound},
      {R"("a b")", kSound},           {"null", kAbsent},
      {R"("")", kMalformed},          {"1", kMalformed},
      {"true", kMalformed},           {R"(["ann"])", kMalformed},
      {R"({"a":"ann"})", kMalformed}, {R"("a\u0000b")", kMalformed},
      {R"("a\nb")", kMalformed},      {R"("a\u007f")", kMalformed},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.value));
    std::string out = "before";
    CHECK(read_name(claims_of(row.value), "/v", out) == row.reading);
    CHECK((out == "before") == (row.reading != kSound));
  }
  std::string out;
  CHECK(read_name(claims_of('"' + std::string(1024, 'x') + '"'), "/v", out) == kSound);
  CHECK(read_name(claims_of('"' + std::string(1025, 'x') + '"'), "/v", out) == kMalformed);
  CHECK(read_name(claims_of("1"), "/w", out) == kAbsent);
}

TEST_CASE("claims as lists of names") {
  using Names = std::vector<std::string>;
  struct Row {
    const char* value;
    Reading names;
    Names as_names;
    Reading scopes;
    Names as_scopes;
  };
  const Row rows[] = {
      {R"(["a","b"])", kSound, {"a", "b"}, kSound, {"a", "b"}},
      {R"("a b")", kSound, {"a b"}, kSound, {"a", "b"}},
      {R"("a")", kSound, {"a"}, kSound, {"a"}},
      {R"("  a   b ")", kSound, {"  a   b "}, kSound, {"a", "b"}},
      {R"("a,b")", kSound, {"a,b"}, kSound, {"a,b"}},
      {R"(["a b"])", kSound, {"a b"}, kMalformed, {}},
      {"[]", kSound, {}, kSound, {}},
      {R"("")", kMalformed, {}, kSound, {}},
      {R"(" ")", kSound, {" "}, kSound, {}},
      {"null", kAbsent, {}, kAbsent, {}},
      {"1", kMalformed, {}, kMalformed, {}},
      {"true", kMalformed, {}, kMalformed, {}},
      {R"({"a":"b"})", kMalformed, {}, kMalformed, {}},
      {R"(["a",1])", kMalformed, {}, kMalformed, {}},
      {R"(["a",null])", kMalformed, {}, kMalformed, {}},
      {R"(["a",["b"]])", kMalformed, {}, kMalformed, {}},
      {R"(["a",""])", kMalformed, {}, kMalformed, {}},
      {R"(["a\u0001"])", kMalformed, {}, kMalformed, {}},
      {R"("a\tb")", kMalformed, {}, kMalformed, {}},
      {R"([{"id":"a"}])", kMalformed, {}, kMalformed, {}},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.value));
    Names names;
    Names scopes;
    CHECK(read_names(claims_of(row.value), "/v", names) == row.names);
    CHECK(read_scopes(claims_of(row.value), "/v", scopes) == row.scopes);
    if (row.names == kSound) CHECK(names == row.as_names);
    if (row.scopes == kSound) CHECK(scopes == row.as_scopes);
  }
}

TEST_CASE("claims as times") {
  struct Row {
    const char* value;
    Reading reading;
    Reading with_digits;
    double time;
  };
  const Row rows[] = {
      {"1700000000", kSound, kSound, 1700000000},
      {"1700000000.5", kSound, kSound, 1700000000.5},
      {"0", kSound, kSound, 0},
      {"9007199254740992", kSound, kSound, 9007199254740992.0},
      {"1.7e9", kSound, kSound, 1700000000},
      {R"("1700000000")", kMalformed, kSound, 1700000000},
      {"null", kAbsent, kAbsent, 0},
      {"9007199254740994", kMalformed, kMalformed, 0},
      {"18446744073709551615", kMalformed, kMalformed, 0},
      {"1e300", kMalformed, kMalformed, 0},
      {"-1", kMalformed, kMalformed, 0},
      {"-0.5", kMalformed, kMalformed, 0},
      {"true", kMalformed, kMalformed, 0},
      {"[1700000000]", kMalformed, kMalformed, 0},
      {R"("")", kMalformed, kMalformed, 0},
      {R"("-1")", kMalformed, kMalformed, 0},
      {R"("1700000000 ")", kMalformed, kMalformed, 0},
      {R"("1.7e9")", kMalformed, kMalformed, 0},
      {R"("99999999999999999999")", kMalformed, kMalformed, 0},
      {R"("2026-11-20T13:45:00Z")", kMalformed, kMalformed, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.value));
    double time = 0;
    CHECK(read_time(claims_of(row.value), "/v", time) == row.reading);
    CHECK(read_time(claims_of(row.value), "/v", time, true) == row.with_digits);
    if (row.with_digits == kSound) CHECK(time == row.time);
  }
}

TEST_CASE("dates of answers, in seconds since 1970") {
  CHECK(utc_seconds("1970-01-01T00:00:00Z") == 0U);
  CHECK(utc_seconds("2026-11-20T13:45:07Z") == 1795182307U);
  CHECK(utc_seconds("2024-02-29T23:59:59Z") == 1709251199U);
  for (const char* text :
       {"", "2026-11-20", "2026-11-20T13:45:00", "2026-11-20 13:45:00Z", "2026-11-20T13:45:00z",
        "2026-11-20T13:45:00+00:00", "2026-11-20T13:45:00.5Z", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-11-31T00:00:00Z",
        "2026-11-20T24:00:00Z", "2026-11-20T00:60:00Z", "2026-11-20T00:00:60Z",
        "1969-12-31T23:59:59Z", "-026-11-20T13:45:00Z", "2026-11-20T13:45:00ZZ"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(utc_seconds(text).has_value());
  }
}

TEST_CASE("ids of Entra ID are in one form") {
  CHECK(is_guid("9188040d-6c67-4c5b-b112-36a304b66dad"));
  for (const char* text :
       {"", "9188040D-6c67-4c5b-b112-36a304b66dad", "9188040d6c674c5bb11236a304b66dad",
        "{9188040d-6c67-4c5b-b112-36a304b66dad}", "9188040d-6c67-4c5b-b112-36a304b66da",
        "9188040d-6c67-4c5b-b112-36a304b66dadd", "9188040g-6c67-4c5b-b112-36a304b66dad",
        "9188040d-6c67-4c5b-b112/36a304b66dad", "../.."}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(is_guid(text));
  }
}

}  // namespace
}  // namespace mcpgov::identity
