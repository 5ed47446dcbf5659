// Tests of src/identity/request_url.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/request_url.hpp"

#include <doctest/doctest.h>

namespace mcpgov::identity {
namespace {

TEST_CASE("URL: one normal form of what RFC 3986 section 6.2 calls equal") {
  struct Case {
    const char* url;
    const char* normal;
  };
  const Case cases[] = {
      {"https://mcp.example/mcp", "https://mcp.example/mcp"},
      {"HTTPS://MCP.Example/mcp", "https://mcp.example/mcp"},
      {"https://mcp.example:443/mcp", "https://mcp.example/mcp"},
      {"http://mcp.example:80/mcp", "http://mcp.example/mcp"},
      {"https://mcp.example:80/mcp", "https://mcp.example:80/mcp"},
      {"https://mcp.example", "https://mcp.example/"},
      {"https://mcp.example?a=b", "https://mcp.example/"},
      {"https://mcp.example/mcp?a=b#c", "https://mcp.example/mcp"},
      {"https://mcp.example/mcp#c?d", "https://mcp.example/mcp"},
      {"https://mcp.example/mcp/", "https://mcp.example/mcp/"},
      {"https://mcp.example/a//b", "https://mcp.example/a//b"},
      {"https://mcp.example/Mcp", "https://mcp.example/Mcp"},
      {"https://mcp.example/%7eme/%6D%2d%2D%5f%2E", "https://mcp.example/~me/m--_."},
      {"https://mcp.example/a%2fb%c3%A4", "https://mcp.example/a%2Fb%C3%A4"},
      {"https://mcp.example/a/./b/../c", "https://mcp.example/a/c"},
      {"https://mcp.example/a/b/..", "https://mcp.example/a/"},
      {"https://mcp.example/a/.", "https://mcp.example/a/"},
      {"https://mcp.example/../../a", "https://mcp.example/a"},
      {"https://mcp.example/a/%2e%2E/b", "https://mcp.example/b"},
      {"https://mcp.example/..", "https://mcp.example/"},
      {"https://mcp.example/a/b/c/./../../g", "https://mcp.example/a/g"},
      {"https://mcp.example/...", "https://mcp.example/..."},
      {"http://[2001:DB8::1]:8080/a", "http://[2001:db8::1]:8080/a"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.url));
    std::string out = "before";
    CHECK(normalize_url(c.url, out));
    CHECK(out == c.normal);
    std::string again;
    CHECK(normalize_url(out, again));
    CHECK(again == out);
  }
}

TEST_CASE("URL: what is no http or https URL") {
  for (const char* url : {"",
                          "/mcp",
                          "mcp.example/mcp",
                          "https:",
                          "https:/mcp.example/",
                          "https://",
                          "ftp://a/",
                          "https://user@mcp.example/",
                          "https://mcp.example:/",
                          "https://mcp.example:0/",
                          "https://mcp.example:65536/",
                          "https://mcp example/",
                          "https://mcp.example/a b",
                          "https://mcp.example/%",
                          "https://mcp.example/%4",
                          "https://mcp.example/%zz",
                          "https://mcp.example\\@evil.example/",
                          "https://mcp.example/\n",
                          "//mcp.example/",
                          "https://mcp.ex\xc3\xa4mple/",
                          " https://mcp.example/"}) {
    CAPTURE(std::string(url));
    std::string out;
    CHECK_FALSE(normalize_url(url, out));
  }
}

TEST_CASE("URL: a request is seen under the origin of the settings, whatever it says itself") {
  struct Case {
    const char* base;
    const char* resource;
    const char* url;
    const char* seen;  // null: not known
  };
  const Case cases[] = {
      {"https://mcp.example", "", "/mcp?x=1", "https://mcp.example/mcp"},
      {"https://mcp.example/", "", "/mcp", "https://mcp.example/mcp"},
      {"https://MCP.example:8443", "", "/a/../mcp", "https://mcp.example:8443/mcp"},
      {"https://mcp.example", "https://other.example/x", "/mcp", "https://mcp.example/mcp"},
      {"", "https://mcp.example/mcp", "/mcp", "https://mcp.example/mcp"},
      {"", "https://mcp.example/v1/mcp?x", "/mcp", "https://mcp.example/mcp"},
      {"https://mcp.example", "", "http://10.0.0.1:8080/mcp", "https://mcp.example/mcp"},
      {"https://mcp.example", "", "http://10.0.0.1", "https://mcp.example/"},
      {"https://mcp.example", "", "//evil.example/mcp", "https://mcp.example//evil.example/mcp"},
      {"", "", "https://mcp.example/mcp?x", "https://mcp.example/mcp"},
      {"", "", "/mcp", nullptr},
      {"https://mcp.example", "", "", nullptr},
      {"https://mcp.example", "", "*", nullptr},
      {"https://mcp.example", "", "mcp.example:443", nullptr},
      {"https://mcp.example", "", "/a b", nullptr},
      {"https://mcp.example", "", "ftp://mcp.example/mcp", nullptr},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.base));
    CAPTURE(std::string(c.resource));
    CAPTURE(std::string(c.url));
    const auto origin = ExternalOrigin::from(c.base, c.resource);
    REQUIRE(origin.has_value());
    std::string seen;
    REQUIRE(origin->url_of(c.url, seen) == (c.seen != nullptr));
    if (c.seen != nullptr) CHECK(seen == c.seen);
  }
}

TEST_CASE("URL: settings of the origin") {
  const char* refused[][2] = {{"mcp.example", ""},
                              {"https://mcp.example/mcp", ""},
                              {"https://mcp.example?x", ""},
                              {"https://mcp.example/#x", ""},
                              {"https://user@mcp.example", ""},
                              {"ftp://mcp.example", ""},
                              {"", "urn:mcp"}};
  for (const auto& pair : refused) {
    const std::string base = pair[0];
    CAPTURE(base);
    const auto origin = ExternalOrigin::from(base, pair[1]);
    REQUIRE_FALSE(origin.has_value());
    CHECK(origin.error().code == ErrorCode::identity_setting);
  }
}

}  // namespace
}  // namespace mcpgov::identity
