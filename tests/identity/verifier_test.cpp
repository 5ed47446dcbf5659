// Tests of identity::Verifier: the order of its steps, and what goes on between requests.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "mcpgov/identity.hpp"
#include "support/allocation.hpp"
#include "support/tokens.hpp"

namespace {

using mcpgov::ErrorCode;
using mcpgov::EvidenceKind;
using mcpgov::Header;
using mcpgov::identity::Fetch;
using mcpgov::identity::FetchKind;
using mcpgov::identity::Identification;
using mcpgov::identity::Presented;
using mcpgov::identity::Verifier;
using mcpgov::test::jwk_set;
using mcpgov::test::TestKey;
using nlohmann::json;

constexpr std::uint64_t kNow = 1'790'000'000;
constexpr std::uint64_t kNowUs = kNow * 1'000'000;

json issuer(const std::string& name, const std::string& keys) {
  return {{"issuer", name}, {"keys", {{"text", keys}}}};
}

json settings(const json& issuers) {
  return {{"resource", {{"url", "https://mcp.example.com/mcp"}, {"scopes", {"read", "write"}}}},
          {"issuers", issuers}};
}

Verifier make(const json& text) {
  auto made = Verifier::from_json(text.dump());
  if (!made) FAIL(made.error().text());
  return *std::move(made);
}

json claims() {
  return {{"iss", "https://idp"}, {"sub", "ann"},      {"aud", "https://mcp.example.com/mcp"},
          {"exp", kNow + 600},    {"iat", kNow},       {"scope", "read"},
          {"jti", "t-1"},         {"groups", {"ops"}}, {"client_id", "app"}};
}

// One request with a token.
struct Request {
  explicit Request(const std::string& token, const std::string& scheme = "Bearer")
      : value(scheme + " " + token), headers{{"Authorization", value}} {}
  Presented presented(std::string_view peer = "192.0.2.7") const {
    return {.http = {"POST", "https://mcp.example.com/mcp", headers}, .peer = peer};
  }
  std::string value;
  std::vector<Header> headers;
};

Identification ask(const Verifier& verifier, const std::string& token, std::uint64_t now_s = kNow,
                   std::string_view peer = "192.0.2.7") {
  return verifier.identify(Request(token).presented(peer), now_s * 1'000'000);
}

TEST_CASE("verifier: a good token names its caller and the evidence") {
  const TestKey key = TestKey::ec().with_id("k1");
  const Verifier verifier = make(settings(json::array({issuer("https://idp", key.jwk_set())})));
  for (int round = 0; round < 2; ++round) {
    const Identification seen = ask(verifier, key.token(claims().dump()));
    REQUIRE(seen.caller);
    CHECK(seen.reason == ErrorCode::none);
    CHECK(seen.caller->issuer == "https://idp");
    CHECK(seen.caller->subject == "ann");
    CHECK(seen.caller->client == "app");
    CHECK(seen.caller->scopes == std::vector<std::string>{"read"});
    CHECK(seen.caller->groups == std::vector<std::string>{"ops"});
    CHECK(seen.caller->evidence.kind == EvidenceKind::token);
    CHECK(seen.caller->evidence.token_id == "t-1");
    CHECK(seen.caller->evidence.key_id == "k1");
    CHECK(seen.caller->evidence.algorithm == "ES256");
    CHECK(seen.expires_s == kNow + 660);
  }
}

TEST_CASE("verifier: refusals, from outside all alike") {
  const TestKey key = TestKey::ec().with_id("k1");
  const TestKey other = TestKey::ec("ES256", 1).with_id("k1");
  const TestKey rsa = TestKey::rsa().with_id("k2");
  const Verifier verifier = make(settings(
      {issuer("https://idp", jwk_set({key, rsa})), issuer("https://idp2", other.jwk_set())}));
  const auto changed = [&](const char* name, const json& value) {
    json out = claims();
    out[name] = value;
    return out.dump();
  };
  std::string forged = key.token(claims().dump());
  forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
  struct Row {
    const char* name;
    std::string token;
    ErrorCode reason;
  };
  const Row rows[] = {
      {"no token at all", "x", ErrorCode::token_malformed},
      {"bytes that no token has", "a,b", ErrorCode::credentials_malformed},
      {"five parts", "a.b.c.d.e", ErrorCode::token_encrypted},
      {"an issuer that is not trusted", key.token(changed("iss", "https://idp/")),
       ErrorCode::token_issuer},
      {"no issuer", key.token(changed("iss", nullptr)), ErrorCode::token_issuer},
      {"a changed signature", forged, ErrorCode::token_signature},
      {"the key of another issuer", other.token(claims().dump()), ErrorCode::token_signature},
      {"another issuer's name over this one's key", key.token(changed("iss", "https://idp2")),
       ErrorCode::token_signature},
      {"a key that is not there", key.with_id("k9").token(claims().dump()),
       ErrorCode::token_key_unknown},
      {"an algorithm that is not allowed", rsa.with_algorithm("RS512").token(claims().dump()),
       ErrorCode::token_algorithm},
      {"expired", key.token(changed("exp", kNow - 61)), ErrorCode::token_expired},
      {"not valid yet", key.token(changed("nbf", kNow + 61)), ErrorCode::token_not_yet_valid},
      {"for somebody else", key.token(changed("aud", "https://other")), ErrorCode::token_audience},
      {"an ID token", key.token(changed("nonce", "n")), ErrorCode::token_type},
      {"a claim of a wrong type", key.token(changed("groups", json::array({1}))),
       ErrorCode::token_claim},
      {"bound to a key and shown as bearer",
       key.token(changed("cnf", {{"jkt", "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}})),
       ErrorCode::token_binding},
  };
  int peer = 0;
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    const Identification seen =
        ask(verifier, row.token, kNow, "10.0.0." + std::to_string(peer++ % 200));
    CHECK_FALSE(seen.caller);
    CHECK(std::string(code_name(seen.reason)) == std::string(code_name(row.reason)));
    CHECK(seen.pending.empty());
    if (row.reason != ErrorCode::credentials_malformed) {
      CHECK(seen.http_status == 401);
      CHECK(seen.challenge ==
            "Bearer resource_metadata=\"https://mcp.example.com/.well-known/"
            "oauth-protected-resource/mcp\", scope=\"read write\", error=\"invalid_token\"");
    }
  }
}

TEST_CASE("verifier: no credentials are a challenge without an error") {
  const Verifier verifier = make(settings(json::array()));
  const Identification seen = verifier.identify({}, kNowUs);
  CHECK(seen.reason == ErrorCode::caller_missing);
  CHECK(seen.http_status == 401);
  CHECK(seen.challenge.find("error") == std::string::npos);
  CHECK(seen.challenge.find("resource_metadata") != std::string::npos);
}

TEST_CASE("verifier: a token that was good ends with its time, also in the cache") {
  const TestKey key = TestKey::ec();
  const Verifier verifier = make(settings(json::array({issuer("https://idp", key.jwk_set())})));
  const std::string token = key.token(claims().dump());
  CHECK(ask(verifier, token, kNow).caller);
  CHECK(ask(verifier, token, kNow + 659).caller);
  CHECK(ask(verifier, token, kNow + 660).reason == ErrorCode::token_expired);
  CHECK(ask(verifier, token, kNow + 661).reason == ErrorCode::token_expired);
}

TEST_CASE("verifier: a cached token is compared whole and costs no memory") {
  const TestKey key = TestKey::ec();
  const Verifier verifier = make(settings(json::array({issuer("https://idp", key.jwk_set())})));
  const std::string token = key.token(claims().dump());
  const Request request(token);
  REQUIRE(verifier.identify(request.presented(), kNowUs).caller);
  const auto before = mcpgov::test::allocation_count();
  for (int i = 0; i < 100; ++i) CHECK(verifier.identify(request.presented(), kNowUs).caller);
  CHECK(mcpgov::test::allocation_count() == before);
  // The same signature over another payload, and the same payload under another signature.
  const std::size_t dot = token.rfind('.');
  std::string other = token;
  other[dot - 3] = other[dot - 3] == 'A' ? 'B' : 'A';
  CHECK_FALSE(ask(verifier, other).caller);
  CHECK_FALSE(ask(verifier, token.substr(0, dot + 1)).caller);
}

// Plays the issuer of `https://idp` for the fetches of a verifier.
struct Idp {
  std::vector<TestKey> keys;
  int fetched = 0;

  void answer(const Verifier& verifier, const Fetch& fetch, std::uint64_t now_s) {
    const std::string metadata = R"({"issuer":"https://idp","jwks_uri":"https://idp/keys"})";
    const std::string set = jwk_set(keys);
    ++fetched;
    const auto taken = verifier.accept(fetch,
                                       {.number = fetch.number,
                                        .status = 200,
                                        .body = fetch.kind == FetchKind::metadata ? metadata : set},
                                       now_s * 1'000'000);
    if (!taken) FAIL(taken.error().text());
  }
  void serve(const Verifier& verifier, std::uint64_t now_s) {
    for (;;) {
      const auto due = verifier.due(now_s * 1'000'000);
      if (due.empty()) return;
      for (const Fetch& each : due) answer(verifier, each, now_s);
    }
  }
};

json discovered() {
  return settings(json::array({json{{"issuer", "https://idp"}}}));
}

TEST_CASE("verifier: keys are fetched before they are needed, and rotate") {
  Idp idp{{TestKey::ec("ES256", 0).with_id("old")}};
  const Verifier verifier = make(discovered());
  idp.serve(verifier, kNow);
  CHECK(idp.fetched == 2);
  const std::string old_token = idp.keys[0].token(claims().dump());
  CHECK(ask(verifier, old_token).caller);

  const TestKey fresh = TestKey::ec("ES256", 1).with_id("new");
  idp.keys = {idp.keys[0], fresh};
  const std::string new_token = fresh.token(claims().dump());
  Identification seen = ask(verifier, new_token, kNow + 60);
  CHECK(seen.reason == ErrorCode::identity_waits);
  CHECK(seen.http_status == 503);
  REQUIRE(seen.pending.size() == 1);
  CHECK(ask(verifier, new_token, kNow + 60).pending.empty());
  CHECK(ask(verifier, old_token, kNow + 60).caller);
  idp.answer(verifier, seen.pending[0], kNow + 60);
  CHECK(ask(verifier, new_token, kNow + 60).caller);

  // A key that is taken away ends what it signed at once, cached or not.
  idp.keys = {fresh};
  idp.serve(verifier, kNow + 660 - 1 + 60);
  CHECK(ask(verifier, old_token, kNow + 659).reason != ErrorCode::none);
}

TEST_CASE("verifier: unknown keys make few fetches") {
  Idp idp{{TestKey::ec("ES256", 0).with_id("good")}};
  const Verifier verifier = make(discovered());
  idp.serve(verifier, kNow);
  const int before = idp.fetched;
  const TestKey rogue = TestKey::ec("ES256", 1);
  for (int i = 0; i < 300; ++i) {
    const auto token = rogue.with_id("rogue" + std::to_string(i)).token(claims().dump());
    const Identification seen =
        ask(verifier, token, kNow + 40, "198.51.100." + std::to_string(i % 250));
    CHECK_FALSE(seen.caller);
    for (const Fetch& each : seen.pending) idp.answer(verifier, each, kNow + 40);
  }
  CHECK(idp.fetched - before <= 1);
}

TEST_CASE("verifier: what was fetched goes over to a new generation with the same settings") {
  Idp idp{{TestKey::ec("ES256", 0).with_id("k")}};
  const Verifier former = make(discovered());
  idp.serve(former, kNow);
  Verifier next = make(discovered());
  next.inherit(former);
  CHECK(ask(next, idp.keys[0].token(claims().dump())).caller);
  json changed = discovered();
  changed["issuers"][0]["algorithms"] = {"RS256"};
  Verifier other = make(changed);
  other.inherit(former);
  CHECK_FALSE(ask(other, idp.keys[0].token(claims().dump())).caller);
}

TEST_CASE("verifier: refusals spend the peer's bucket, and good tokens do not") {
  const TestKey key = TestKey::ec();
  json text = settings(json::array({issuer("https://idp", key.jwk_set())}));
  text["failures"] = {{"peer_burst", 3}, {"peer_per_s", 0.1}};
  const Verifier verifier = make(text);
  const std::string good = key.token(claims().dump());
  CHECK(ask(verifier, good).caller);
  for (int i = 0; i < 3; ++i) CHECK(ask(verifier, "x").reason == ErrorCode::token_malformed);
  const Identification seen = ask(verifier, "x");
  CHECK(seen.reason == ErrorCode::too_many_failures);
  CHECK(seen.http_status == 429);
  CHECK(seen.retry_after_s == 10);
  CHECK(seen.challenge.empty());
  // What is known to be good is not asked for again, and other peers are not concerned.
  CHECK(ask(verifier, good).caller);
  CHECK(ask(verifier, "x", kNow, "192.0.2.8").reason == ErrorCode::token_malformed);
  CHECK(ask(verifier, "x", kNow + 10).reason == ErrorCode::token_malformed);
}

TEST_CASE("verifier: an explanation names steps and no secrets") {
  const TestKey key = TestKey::ec().with_id("k1");
  const Verifier verifier = make(settings(json::array({issuer("https://idp", key.jwk_set())})));
  json late = claims();
  late["exp"] = kNow - 100;
  const std::string token = key.token(late.dump());
  std::vector<mcpgov::identity::Check> steps;
  const Identification seen = verifier.explain(Request(token).presented(), kNowUs, steps);
  CHECK(seen.reason == ErrorCode::token_expired);
  REQUIRE(steps.size() > 3);
  CHECK(steps.front().passed);
  CHECK_FALSE(steps.back().passed);
  const std::string signature = token.substr(token.rfind('.') + 1);
  for (const auto& each : steps) {
    CHECK(each.detail.find(signature.substr(0, 12)) == std::string::npos);
  }
}

}  // namespace
