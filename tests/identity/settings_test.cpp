// Tests of identity/settings_json.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <doctest/doctest.h>

#include "identity/settings_json.hpp"

namespace {

using mcpgov::Error;
using mcpgov::ErrorCode;
using mcpgov::Result;
using mcpgov::identity::Algorithm;
using mcpgov::identity::KeyOrigin;
using mcpgov::identity::read_settings;

Result<std::string> documents(void*, std::string_view source, const std::string& name) {
  if (name == "missing") {
    return Error{ErrorCode::file_unreadable, "`missing` cannot be read", {}, 0, 0};
  }
  return std::string(source) + " of " + name + "\n";
}

TEST_CASE("identity settings: what is refused, and where") {
  struct Row {
    const char* json;
    const char* place;
    ErrorCode code = ErrorCode::identity_setting;
  };
  const Row rows[] = {
      {R"([])", ""},
      {R"({)", "", ErrorCode::json_syntax},
      {R"({"cache":{},"cache":{}})", "", ErrorCode::json_syntax},
      {R"({"issuer":[]})", "issuer"},
      {R"({"issuers":{}})", "issuers"},
      {R"({"issuers":[{}]})", "issuers[0]"},
      {R"({"issuers":[{"issuer":""}]})", "issuers[0].issuer"},
      {R"({"issuers":[{"issuer":"i","colour":"red"}]})", "issuers[0].colour"},
      {R"({"issuers":[{"issuer":"i","profile":"adfs"}]})", "issuers[0].profile"},
      {R"({"issuers":[{"issuer":"i","audiences":"a"}]})", "issuers[0].audiences"},
      {R"({"issuers":[{"issuer":"i","algorithms":[]}]})", "issuers[0].algorithms"},
      {R"({"issuers":[{"issuer":"i","algorithms":["none"]}]})", "issuers[0].algorithms[0]"},
      {R"({"issuers":[{"issuer":"i","algorithms":["rs256"]}]})", "issuers[0].algorithms[0]"},
      {R"({"issuers":[{"issuer":"i","algorithms":["HS256"]}]})", "issuers[0]"},
      {R"({"issuers":[{"issuer":"i","secret":{"env":"S"}}]})", "issuers[0]"},
      {R"({"issuers":[{"issuer":"i","secret":"s","algorithms":["HS256"]}]})", "issuers[0].secret"},
      {R"({"issuers":[{"issuer":"i","secret":{"text":"s"}}]})", "issuers[0].secret.text"},
      {R"({"issuers":[{"issuer":"i","secret":{"file":"a","env":"b"}}]})", "issuers[0].secret"},
      {R"({"issuers":[{"issuer":"i","secret":{"file":"missing"}}]})", "issuers[0].secret.file",
       ErrorCode::file_unreadable},
      {R"({"issuers":[{"issuer":"i","algorithms":["HS256"],"secret":{"env":"S"},)"
       R"("keys":{"url":"u"}}]})",
       "issuers[0].keys"},
      {R"({"issuers":[{"issuer":"i","keys":{"url":"u","file":"f"}}]})", "issuers[0].keys"},
      {R"({"issuers":[{"issuer":"i","keys":{"max_age_s":5}}]})", "issuers[0].keys.max_age_s"},
      {R"({"issuers":[{"issuer":"i","leeway_s":121}]})", "issuers[0].leeway_s"},
      {R"({"issuers":[{"issuer":"i","max_rsa_bits":1024}]})", "issuers[0].max_rsa_bits"},
      {R"({"issuers":[{"issuer":"i","leeway_s":-1}]})", "issuers[0].leeway_s"},
      {R"({"issuers":[{"issuer":"i","leeway_s":1.5}]})", "issuers[0].leeway_s"},
      {R"({"issuers":[{"issuer":"i","dpop":true}]})", "issuers[0].dpop"},
      {R"({"issuers":[{"issuer":"i","required_claims":{"a":[]}}]})",
       "issuers[0].required_claims.a"},
      {R"({"issuers":[{"issuer":"i","required_claims":{"a":{"present":false}}}]})",
       "issuers[0].required_claims.a"},
      {R"({"issuers":[{"issuer":"i","secret":{"env":"S"},"algorithms":["HS256","RS256"]}]})",
       "issuers[0]"},
      {R"({"trust_domains":[{"name":"a","bundle":{"url":"u","file":"f"}}]})",
       "trust_domains[0].bundle"},
      {R"({"issuers":[{"issuer":"i","groups_overage":"ignore"}]})", "issuers[0].groups_overage"},
      {R"({"issuers":[{"issuer":"i","groups_overage":{"directory":"d"}}]})",
       "issuers[0].groups_overage"},
      {R"({"issuers":[{"issuer":"i","network":{"timeout_ms":1}}]})",
       "issuers[0].network.timeout_ms"},
      {R"({"api_keys":[{"id":"a","sha256":"b"}]})", "api_keys[0]"},
      {R"({"api_keys":[{"id":"a","sha256":"b","caller":{"kind":"user"}}]})", "api_keys[0].caller"},
      {R"({"trust_domains":[{"name":"a"}]})", "trust_domains[0]"},
      {R"({"forwarded_certificates":{"proxies":[]}})", "forwarded_certificates.proxies"},
      {R"({"dpop":{"algorithms":["HS256"]}})", "dpop.algorithms"},
      {R"({"failures":{"peer_per_s":0}})", "failures.peer_per_s"},
      {R"({"cache":{"tokens":-1}})", "cache.tokens"},
      {R"({"resource":{"scopes":["a"]}})", "resource"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.json));
    std::string place = "unset";
    const auto read = read_settings(row.json, &documents, nullptr, &place);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == row.code);
    if (row.code != ErrorCode::json_syntax) {
      CHECK(place == row.place);
      if (*row.place != '\0') {
        CHECK(read.error().message.find("`" + place + "`: ") == 0);
      }
    }
  }
}

TEST_CASE("identity settings: without a reader no document can be named") {
  CHECK_FALSE(
      read_settings(R"({"issuers":[{"issuer":"i","keys":{"file":"f"}}]})", nullptr, nullptr));
}

TEST_CASE("identity settings: what is read") {
  const auto read = read_settings(R"({
    "anonymous": true, "stdio": {"kind": "user"},
    "resource": {"url": "https://mcp.example.com", "scopes": ["a", "b"]},
    "issuers": [
      {"issuer": "https://a", "keys": {"file": "keys.json"}, "algorithms": ["RS256", "ES384"],
       "claims": {"groups": "teams", "attributes": {"team": "/team/name"}},
       "required_claims": {"email_verified": true, "tenant": "x", "/a/b": {"present": true}},
       "dpop": "required"},
      {"issuer": "https://b", "secret": {"env": "SECRET"}, "algorithms": ["HS256"]},
      {"issuer": "https://c"}],
    "api_keys": [{"id": "ci", "sha256": "00", "caller":
      {"kind": "workload", "issuer": "us", "subject": "ci"}}]})",
                                  &documents, nullptr);
  if (!read) FAIL(read.error().text());
  REQUIRE(read->issuers.size() == 3);
  const auto& first = read->issuers[0];
  CHECK(first.keys == KeyOrigin::text);
  CHECK(first.keys_text == "file of keys.json\n");
  CHECK(first.algorithms.has(Algorithm::es384));
  CHECK_FALSE(first.algorithms.has(Algorithm::es256));
  CHECK(first.claims.groups == "/teams");
  REQUIRE(first.claims.attributes.size() == 1);
  CHECK(first.claims.attributes[0].second == "/team/name");
  REQUIRE(first.required.size() == 3);
  CHECK(first.required[0].pointer == "/a/b");
  CHECK(first.required[0].values.empty());
  CHECK(first.required[1].values == std::vector<std::string>{"true"});
  CHECK(first.required[2].values == std::vector<std::string>{"\"x\""});
  CHECK(first.require_dpop);
  CHECK(read->issuers[1].secret == "env of SECRET");
  CHECK(read->issuers[1].keys == KeyOrigin::none);
  CHECK(read->issuers[2].keys == KeyOrigin::discovery);
  CHECK(read->resource.scopes.size() == 2);
  CHECK(read->api_keys[0].caller.subject == "ci");
}

}  // namespace
