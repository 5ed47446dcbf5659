// Tests of identity/credentials.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/credentials.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace {

using mcpgov::ErrorCode;
using mcpgov::Header;
using mcpgov::identity::Credentials;
using mcpgov::identity::is_token;
using mcpgov::identity::read_credentials;
using mcpgov::identity::Scheme;

ErrorCode read(const std::vector<Header>& headers, Credentials& out) {
  const ErrorCode code = read_credentials({"POST", "/?access_token=x", headers}, out);
  if (code == ErrorCode::none && out.scheme != Scheme::none && !is_token(out.text)) {
    return ErrorCode::credentials_malformed;
  }
  return code;
}

TEST_CASE("credentials: what is refused") {
  struct Row {
    const char* name;
    std::vector<Header> headers;
  };
  const Row rows[] = {
      {"two Authorization fields", {{"Authorization", "Bearer a"}, {"authorization", "Bearer a"}}},
      {"two API keys", {{"X-API-Key", "a"}, {"x-api-key", "b"}}},
      {"a token and a key", {{"Authorization", "Bearer a"}, {"X-API-Key", "b"}}},
      {"another scheme", {{"Authorization", "Basic YTpi"}}},
      {"a scheme that starts alike", {{"Authorization", "Bearerx a"}}},
      {"a scheme without a token", {{"Authorization", "Bearer"}}},
      {"a scheme and white space", {{"Authorization", "Bearer  "}}},
      {"a token without a scheme", {{"Authorization", "eyJhbGciOi"}}},
      {"two tokens", {{"Authorization", "Bearer a b"}}},
      {"a list of credentials", {{"Authorization", "Bearer a, Bearer b"}}},
      {"a parameter", {{"Authorization", "Bearer token=\"a\""}}},
      {"bytes that no token has", {{"Authorization", "Bearer \xc3\xa9"}}},
      {"a NUL", {{"Authorization", {"Bearer a\0b", 10}}}},
      {"a tab between scheme and token", {{"Authorization", "Bearer\ta"}}},
      {"a key with a space", {{"X-API-Key", "a b"}}},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    Credentials out;
    CHECK(read(row.headers, out) == ErrorCode::credentials_malformed);
  }
}

TEST_CASE("credentials: what is read") {
  struct Row {
    std::vector<Header> headers;
    Scheme scheme;
    std::string text;
  };
  const Row rows[] = {
      {{}, Scheme::none, ""},
      {{{"X-Authorization", "Bearer a"}, {"Cookie", "Bearer=a"}}, Scheme::none, ""},
      {{{"Authorization", ""}}, Scheme::none, ""},
      {{{"Authorization", "Bearer a.b-c_d~e+f/g="}}, Scheme::bearer, "a.b-c_d~e+f/g="},
      {{{"AUTHORIZATION", "  bEARER   abc  "}}, Scheme::bearer, "abc"},
      {{{"authorization", "DPoP abc"}}, Scheme::dpop, "abc"},
      {{{"X-Api-Key", "abc"}}, Scheme::api_key, "abc"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    Credentials out;
    REQUIRE(read(row.headers, out) == ErrorCode::none);
    CHECK(out.scheme == row.scheme);
    CHECK(std::string(out.text) == row.text);
  }
}

}  // namespace
