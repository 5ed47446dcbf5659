// Tests of src/identity/spiffe_id.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/spiffe_id.hpp"

#include <string>

#include <doctest/doctest.h>

namespace mcpgov::identity {
namespace {

TEST_CASE("SPIFFE ID: parts of what is in normal form") {
  struct Case {
    std::string text, trust_domain, path;
  };
  const std::string longest =
      "spiffe://" + std::string(255, 'a') + "/" + std::string(2048 - 9 - 255 - 1, 'b');
  const Case cases[] = {
      {"spiffe://example.org", "example.org", ""},
      {"spiffe://example.org/web", "example.org", "/web"},
      {"spiffe://a/b/c-d_e.f/G9", "a", "/b/c-d_e.f/G9"},
      {"spiffe://1.2.3.4/x", "1.2.3.4", "/x"},
      {"spiffe://a_b-c/...", "a_b-c", "/..."},
      {longest, std::string(255, 'a'), longest.substr(9 + 255)},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const auto id = parse_spiffe_id(c.text);
    REQUIRE(id.has_value());
    CHECK(id->trust_domain == c.trust_domain);
    CHECK(id->path == c.path);
    CHECK(id->issuer == "spiffe://" + c.trust_domain);
  }
}

TEST_CASE("SPIFFE ID: everything else is refused") {
  const std::string cases[] = {
      "",
      "spiffe:",
      "spiffe:/a/b",
      "spiffe://",
      "spiffe:///web",
      "Spiffe://example.org/web",
      "https://example.org/web",
      " spiffe://example.org/web",
      "spiffe://example.org/web ",
      "spiffe://Example.org/web",
      "spiffe://user@example.org/web",
      "spiffe://example.org:443/web",
      "spiffe://[::1]/web",
      "spiffe://ex%61mple.org/web",
      "spiffe://exämple.org/web",
      "spiffe://example.org/",
      "spiffe://example.org/web/",
      "spiffe://example.org//web",
      "spiffe://example.org/a//b",
      "spiffe://example.org/.",
      "spiffe://example.org/../web",
      "spiffe://example.org/web/..",
      "spiffe://example.org/w%65b",
      "spiffe://example.org/web?x=1",
      "spiffe://example.org/web#x",
      "spiffe://example.org?x",
      "spiffe://example.org/web~1",
      "spiffe://example.org/wéb",
      "spiffe://example.org/web\n",
      std::string("spiffe://example.org/web\0", 25),
      "spiffe://" + std::string(256, 'a') + "/web",
      "spiffe://a/" + std::string(2048 - 10, 'b'),
  };
  for (const std::string& text : cases) {
    CAPTURE(text);
    CHECK_FALSE(parse_spiffe_id(text).has_value());
  }
}

}  // namespace
}  // namespace mcpgov::identity
