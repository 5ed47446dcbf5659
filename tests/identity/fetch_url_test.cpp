// Tests of identity/fetch_url.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/fetch_url.hpp"

#include <initializer_list>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace {

using mcpgov::identity::may_fetch;
using mcpgov::identity::metadata_urls;
using mcpgov::identity::names_loopback;
using mcpgov::identity::parse_fetch_url;

TEST_CASE("URLs to fetch: what is no such URL") {
  const std::string rows[] = {
      "",
      "https://",
      "https:///keys",
      "HTTPS://login.example.com/",
      "ftp://login.example.com/",
      "file:///etc/passwd",
      "//login.example.com/",
      "https:login.example.com",
      "https://user@login.example.com/",
      "https://user:secret@login.example.com/",
      "https://login.example.com\\@evil.example/",
      "https://login.example.com/#fragment",
      "https://login.example.com#fragment",
      "https://login.example.com/a b",
      std::string("https://login.example.com/\0", 27),
      "https://login.example.com/\r\nHost: evil",
      "https://login.example.com/\xc3\xa9",
      "https://b\xc3\xbc"
      "cher.example/",
      "https://login.example.com/%",
      "https://login.example.com/%2",
      "https://login.example.com/%zz",
      "https://login.example.com/{tenantid}",
      "https://login.example.com:/",
      "https://login.example.com:0/",
      "https://login.example.com:0443/",
      "https://login.example.com:65536/",
      "https://login.example.com:443443/",
      "https://login.example.com:+443/",
      "https://login.example.com:443:443/",
      "https://login..example.com/",
      "https://.example.com/",
      "https://login.example.com./",
      "https://login.exam%70le.com/",
      "https://" + std::string(64, 'a') + ".example/",
      "https://" + std::string(254, 'a') + "/",
      "https://login.example.com/" + std::string(2048, 'a'),
      "https://127.1/",
      "https://2130706433/",
      "https://0x7f000001/",
      "https://0x7f.0.0.1/",
      "https://0177.0.0.1/",
      "https://127.0.0.01/",
      "https://256.0.0.1/",
      "https://127.0.0.1.2/",
      "https://[::1/",
      "https://::1/",
      "https://[]/",
      "https://[::1]a/",
      "https://[fe80::1%25eth0]/",
      "https://[127.0.0.1]/",
      "https://[v1.a:b]/",
  };
  for (const std::string& url : rows) {
    CAPTURE(url);
    CHECK(!parse_fetch_url(url));
    CHECK(!may_fetch(url, true));
  }
}

TEST_CASE("URLs to fetch: their parts") {
  struct Row {
    std::string_view url;
    bool https;
    std::string_view host;
    std::uint16_t port;
    std::string_view target;
  };
  const Row rows[] = {
      {"https://login.example.com", true, "login.example.com", 443, ""},
      {"https://login.example.com/keys?v=1", true, "login.example.com", 443, "/keys?v=1"},
      {"https://Login.Example.com:8443?a", true, "Login.Example.com", 8443, "?a"},
      {"http://localhost:8080/keys", false, "localhost", 8080, "/keys"},
      {"https://key_cloak/realms/a%20b", true, "key_cloak", 443, "/realms/a%20b"},
      {"https://10.0.0.1/", true, "10.0.0.1", 443, "/"},
      {"https://[2001:db8::1]:444/x", true, "[2001:db8::1]", 444, "/x"},
      {"https://[::ffff:127.0.0.1]/", true, "[::ffff:127.0.0.1]", 443, "/"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.url));
    const auto parts = parse_fetch_url(row.url);
    REQUIRE(parts);
    CHECK(parts->https == row.https);
    CHECK(parts->host == row.host);
    CHECK(parts->port == row.port);
    CHECK(parts->target == row.target);
  }
}

TEST_CASE("URLs to fetch: without TLS only this machine, and only where that is allowed") {
  for (const std::string_view host :
       {"localhost", "LocalHost", "127.0.0.1", "127.8.9.10", "[::1]"}) {
    CAPTURE(std::string(host));
    CHECK(names_loopback(host));
    CHECK(may_fetch("http://" + std::string(host) + ":8080/keys", true));
    CHECK(!may_fetch("http://" + std::string(host) + ":8080/keys", false));
    CHECK(may_fetch("https://" + std::string(host) + ":8080/keys", false));
  }
  for (const std::string_view host :
       {"login.example.com", "localhost.example.com", "127.example.com", "127.0.0.1.nip.example",
        "10.0.0.1", "[::]", "[::2]", "0.0.0.0", "localhosts", "localhos", "[::ffff:127.0.0.1]"}) {
    CAPTURE(std::string(host));
    CHECK(!names_loopback(host));
    CHECK(!may_fetch("http://" + std::string(host) + "/keys", true));
  }
}

TEST_CASE("metadata: where it is looked for, in order") {
  using Urls = std::vector<std::string>;
  CHECK(metadata_urls("https://login.example.com") ==
        Urls{"https://login.example.com/.well-known/oauth-authorization-server",
             "https://login.example.com/.well-known/openid-configuration"});
  CHECK(metadata_urls("https://login.example.com/") == metadata_urls("https://login.example.com"));
  CHECK(metadata_urls("https://login.example.com:8443/realms/shop") ==
        Urls{"https://login.example.com:8443/.well-known/oauth-authorization-server/realms/shop",
             "https://login.example.com:8443/.well-known/openid-configuration/realms/shop",
             "https://login.example.com:8443/realms/shop/.well-known/openid-configuration"});
  CHECK(metadata_urls("https://login.example.com/realms/shop/").back() ==
        "https://login.example.com/realms/shop/.well-known/openid-configuration");
  CHECK(metadata_urls("https://login.microsoftonline.com/{tenantid}/v2.0").back() ==
        "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration");
}

TEST_CASE("metadata: an issuer that is no URL has none") {
  for (const std::string_view issuer :
       {"", "login.example.com", "urn:example:issuer", "https://login.example.com/?a=b",
        "https://login.example.com#a", "https://user@login.example.com",
        "https://login.example.com/{other}"}) {
    CAPTURE(std::string(issuer));
    CHECK(metadata_urls(issuer).empty());
  }
}

}  // namespace
