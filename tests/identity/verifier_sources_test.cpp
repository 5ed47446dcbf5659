// Tests of identity::Verifier: callers that are no signed token of an issuer, and what is fetched
// for them.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "crypto/sha256.hpp"
#include "identity/confirmation.hpp"
#include "mcpgov/identity.hpp"
#include "support/certificates.hpp"
#include "support/tokens.hpp"

namespace {

using mcpgov::CallerKind;
using mcpgov::ErrorCode;
using mcpgov::EvidenceKind;
using mcpgov::Header;
using mcpgov::identity::Fetch;
using mcpgov::identity::FetchKind;
using mcpgov::identity::Identification;
using mcpgov::identity::Presented;
using mcpgov::identity::Verifier;
using mcpgov::test::TestCertificate;
using mcpgov::test::TestKey;
using nlohmann::json;

constexpr std::uint64_t kNow = mcpgov::test::kCertificateTime;
const std::string kUrl = "https://mcp.example.com/mcp";

mcpgov::Result<std::string> secrets(void*, std::string_view, const std::string& name) {
  return "secret of " + name;
}

Verifier make(json settings) {
  settings["resource"] = {{"url", kUrl}};
  auto made = Verifier::from_json(settings.dump(), &secrets);
  if (!made) FAIL(made.error().text());
  return *std::move(made);
}

struct Request {
  std::vector<std::pair<std::string, std::string>> fields;
  std::string peer = "192.0.2.7";
  std::string certificate = {};

  Identification ask(const Verifier& verifier, std::uint64_t now_s = kNow) const {
    std::vector<Header> headers;
    for (const auto& [name, value] : fields) headers.push_back({name, value});
    Presented shown{.http = {"POST", kUrl, headers}, .peer = peer};
    shown.certificate = certificate;
    return verifier.identify(shown, now_s * 1'000'000);
  }
};

Request bearer(const std::string& token, const std::string& peer = "192.0.2.7") {
  return {{{"Authorization", "Bearer " + token}}, peer};
}

ErrorCode answer(const Verifier& verifier, const Fetch& fetch, const std::string& body,
                 int status = 200, std::uint64_t now_s = kNow) {
  const auto taken = verifier.accept(
      fetch, {.number = fetch.number, .status = status, .body = body}, now_s * 1'000'000);
  return taken ? ErrorCode::none : taken.error().code;
}

json asking() {
  return {{"issuers", json::array({json{{"issuer", "https://idp"},
                                        {"keys", {{"discovery", false}}},
                                        {"introspection",
                                         {{"url", "https://idp/introspect"},
                                          {"client_id", "us"},
                                          {"client_secret", {{"file", "secret"}}},
                                          {"cache_s", 30}}}}})}};
}

std::string active(const std::string& subject) {
  return json{{"active", true},
              {"iss", "https://idp"},
              {"sub", subject},
              {"aud", kUrl},
              {"exp", kNow + 600}}
      .dump();
}

TEST_CASE("opaque tokens: asked for once, believed for a while, then asked for again") {
  const Verifier verifier = make(asking());
  const Request request = bearer("opaque-1");
  const Identification first = request.ask(verifier);
  CHECK(first.reason == ErrorCode::identity_waits);
  REQUIRE(first.pending.size() == 1);
  CHECK(first.pending[0].kind == FetchKind::introspection);
  CHECK(first.pending[0].secret);
  CHECK(request.ask(verifier).pending.empty());
  CHECK(answer(verifier, first.pending[0], active("ann")) == ErrorCode::none);
  const Identification seen = request.ask(verifier);
  REQUIRE(seen.caller);
  CHECK(seen.caller->subject == "ann");
  CHECK(seen.caller->evidence.kind == EvidenceKind::introspection);
  CHECK(seen.expires_s == kNow + 30);
  CHECK(request.ask(verifier, kNow + 29).caller);
  CHECK(request.ask(verifier, kNow + 30).pending.size() == 1);
}

TEST_CASE("opaque tokens: refusals and useless answers are remembered for a moment") {
  const Verifier verifier = make(asking());
  const Request request = bearer("opaque-2");
  Identification seen = request.ask(verifier);
  CHECK(answer(verifier, seen.pending[0], R"({"active":false})") == ErrorCode::none);
  CHECK(request.ask(verifier).reason == ErrorCode::token_inactive);
  const Request other = bearer("opaque-3");
  seen = other.ask(verifier);
  CHECK(answer(verifier, seen.pending[0], "oops", 500) == ErrorCode::identity_answer);
  seen = other.ask(verifier);
  CHECK(seen.reason == ErrorCode::identity_waits);
  CHECK(seen.pending.empty());
  CHECK(other.ask(verifier, kNow + 3).pending.size() == 1);
}

TEST_CASE("opaque tokens: an answer serves its own question, also after a reload") {
  const Verifier former = make(asking());
  const Identification asked = bearer("of-ann").ask(former);
  REQUIRE(asked.pending.size() == 1);
  Verifier next = make(asking());
  next.inherit(former);
  const Request eve = bearer("of-eve");
  const Identification waiting = eve.ask(next);
  REQUIRE(waiting.pending.size() == 1);
  CHECK(waiting.pending[0].number != asked.pending[0].number);
  CHECK(answer(next, asked.pending[0], active("ann")) == ErrorCode::identity_answer);
  CHECK(eve.ask(next).reason == ErrorCode::identity_waits);
}

TEST_CASE("API keys: in their own field or as bearer token, and to nobody else") {
  json settings = asking();
  settings["api_keys"] = json::array(
      {json{{"id", "ci"},
            {"sha256", mcpgov::crypto::hex(mcpgov::crypto::sha256("mcpgov_0123456789abcdefghij"))},
            {"caller", {{"kind", "workload"}, {"issuer", "us"}, {"subject", "ci"}}}}});
  const Verifier verifier = make(settings);
  const Request field{{{"X-API-Key", "mcpgov_0123456789abcdefghij"}}};
  REQUIRE(field.ask(verifier).caller);
  CHECK(field.ask(verifier).caller->evidence.key_id == "ci");
  CHECK(bearer("mcpgov_0123456789abcdefghij").ask(verifier).caller);
  const Identification mistyped = bearer("mcpgov_0123456789abcdefghix").ask(verifier);
  CHECK(mistyped.reason == ErrorCode::api_key_unknown);
  CHECK(mistyped.pending.empty());
}

// A trust domain whose bundle is in the settings.
struct Domain {
  TestCertificate root = TestCertificate::make(mcpgov::test::authority_spec("root"));
  TestCertificate web = TestCertificate::make({}, &root);
  TestCertificate proxy = TestCertificate::make(
      {.common_name = "proxy", .names = "URI:spiffe://example.org/proxy"}, &root);

  json bundle() const {
    return {{"keys",
             json::array({json{
                 {"kty", "EC"}, {"use", "x509-svid"}, {"x5c", json::array({root.base64()})}}})}};
  }
  json settings() const {
    return {{"trust_domains",
             json::array({json{{"name", "example.org"}, {"bundle", {{"text", bundle().dump()}}}}})},
            {"client_certificates", true}};
  }
};

TEST_CASE("certificates: a workload of its own, and beside a token where that comes from") {
  const Domain domain;
  const TestKey key = TestKey::ec();
  json settings = domain.settings();
  settings["issuers"] =
      json::array({json{{"issuer", "https://idp"}, {"keys", {{"text", key.jwk_set()}}}}});
  const Verifier verifier = make(settings);
  Request request;
  request.certificate = domain.web.der();
  const Identification alone = request.ask(verifier);
  REQUIRE(alone.caller);
  CHECK(alone.caller->kind == CallerKind::workload);
  CHECK(alone.caller->subject == "spiffe://example.org/web");
  CHECK(alone.caller->evidence.kind == EvidenceKind::certificate);
  request = bearer(key.token(
      json{{"iss", "https://idp"}, {"sub", "ann"}, {"aud", kUrl}, {"exp", kNow + 600}}.dump()));
  request.certificate = domain.web.der();
  for (int round = 0; round < 2; ++round) {
    const Identification both = request.ask(verifier);
    REQUIRE(both.caller);
    CHECK(both.caller->subject == "ann");
    CHECK(both.caller->workload.subject == "spiffe://example.org/web");
  }
  request.certificate = {};
  CHECK(request.ask(verifier).caller->workload.kind == CallerKind::none);
}

TEST_CASE("certificates: behind a proxy the client is who the proxy tells, never the proxy") {
  const Domain domain;
  json settings = domain.settings();
  settings["forwarded_certificates"] = {{"proxies", {"10.0.0.1"}}};
  const Verifier verifier = make(settings);
  Request through{{}, "10.0.0.1", domain.proxy.der()};
  CHECK(through.ask(verifier).reason == ErrorCode::caller_missing);
  through.fields = {{"x-forwarded-client-cert", "URI=spiffe://example.org/web"}};
  const Identification seen = through.ask(verifier);
  REQUIRE(seen.caller);
  CHECK(seen.caller->subject == "spiffe://example.org/web");
  CHECK(seen.caller->evidence.kind == EvidenceKind::forwarded_certificate);
  Request stranger{through.fields, "192.0.2.66", {}};
  CHECK(stranger.ask(verifier).reason == ErrorCode::forwarded_untrusted);
}

TEST_CASE("certificates: refused ones spend the peer's bucket") {
  const Domain domain;
  const TestCertificate foreign = TestCertificate::make({});
  json settings = domain.settings();
  settings["failures"] = {{"peer_burst", 2}, {"peer_per_s", 0.1}};
  const Verifier verifier = make(settings);
  Request request;
  request.certificate = foreign.der();
  CHECK(request.ask(verifier).reason == ErrorCode::certificate_untrusted);
  CHECK(request.ask(verifier).reason == ErrorCode::certificate_untrusted);
  CHECK(request.ask(verifier).reason == ErrorCode::too_many_failures);
}

TEST_CASE(
    "trust bundles: fetched, believed for a while, and what they vouched for ends with them") {
  const Domain domain;
  const TestKey key = TestKey::ec().with_id("j1");
  json jwt_key = json::parse(key.jwk());
  jwt_key["use"] = "jwt-svid";
  jwt_key.erase("alg");
  const json settings = {
      {"trust_domains",
       json::array({json{{"name", "example.org"}, {"bundle", {{"url", "https://b/bundle"}}}}})}};
  const Verifier verifier = make(settings);
  const Request request = bearer(key.token(
      json{{"sub", "spiffe://example.org/job"}, {"aud", kUrl}, {"exp", kNow + 9000}}.dump()));
  const Identification first = request.ask(verifier);
  CHECK(first.reason == ErrorCode::identity_waits);
  CHECK(first.retry_after_s == 1);
  REQUIRE(first.pending.size() == 1);
  CHECK(first.pending[0].kind == FetchKind::trust_bundle);
  CHECK(answer(verifier, first.pending[0], "{") == ErrorCode::identity_bundle);
  CHECK(answer(verifier, first.pending[0], "{}", 200) == ErrorCode::identity_answer);
  const std::string bundle = json{{"keys", json::array({jwt_key})}}.dump();
  auto due = verifier.due((kNow + 60) * 1'000'000);
  REQUIRE(due.size() == 1);
  CHECK(answer(verifier, due[0], bundle, 200, kNow + 60) == ErrorCode::none);
  const Identification seen = request.ask(verifier, kNow + 61);
  REQUIRE(seen.caller);
  CHECK(seen.caller->subject == "spiffe://example.org/job");
  CHECK(seen.expires_s <= kNow + 60 + 3900);
  Verifier next = make(settings);
  next.inherit(verifier);
  CHECK(request.ask(next, kNow + 62).caller);
  // An empty bundle revokes everything, what is in the cache too.
  due = verifier.due((kNow + 400) * 1'000'000);
  REQUIRE(due.size() == 1);
  CHECK(answer(verifier, due[0], R"({"keys":[]})", 200, kNow + 400) == ErrorCode::none);
  CHECK_FALSE(request.ask(verifier, kNow + 401).caller);
}

// A token bound to a key, and proofs of that key.
struct Bound {
  TestKey issuer_key = TestKey::ec("ES256", 0);
  TestKey key = TestKey::ec("ES256", 1);
  std::string token = issuer_key.token(json{
      {"iss", "https://idp"},
      {"sub", "ann"},
      {"aud", kUrl},
      {"exp", kNow + 600},
      {"cnf", {{"jkt", key.thumbprint()}}}}.dump());

  Verifier verifier(const json& more = json::object()) const {
    json settings = {{"issuers", json::array({json{{"issuer", "https://idp"},
                                                   {"keys", {{"text", issuer_key.jwk_set()}}}}})}};
    settings.update(more);
    return make(settings);
  }
  std::string proof(const std::string& id) const {
    const json header = {
        {"typ", "dpop+jwt"}, {"alg", "ES256"}, {"jwk", json::parse(key.jwk(true))}};
    const json claims = {{"jti", id},
                         {"htm", "POST"},
                         {"htu", kUrl},
                         {"iat", kNow},
                         {"ath", mcpgov::test::base64url(mcpgov::test::sha256_bytes(token))}};
    return key.sign(header.dump(), claims.dump());
  }
  Request request(const std::string& proof_text, const std::string& peer = "192.0.2.7") const {
    return {{{"Authorization", "DPoP " + token}, {"DPoP", proof_text}}, peer};
  }
};

TEST_CASE("bound tokens: each request needs its own proof, cached or not") {
  const Bound bound;
  const Verifier verifier = bound.verifier();
  const Identification seen = bound.request(bound.proof("1")).ask(verifier);
  REQUIRE(seen.caller);
  CHECK(seen.caller->evidence.bound_to == bound.key.thumbprint());
  CHECK(bound.request(bound.proof("2")).ask(verifier).caller);
  CHECK(bound.request(bound.proof("2")).ask(verifier).reason == ErrorCode::proof_replayed);
  const Identification missing = Request{{{"Authorization", "DPoP " + bound.token}}}.ask(verifier);
  CHECK(missing.reason == ErrorCode::proof_missing);
  CHECK(missing.challenge.find("DPoP") == 0);
  CHECK(missing.challenge.find("error=\"invalid_dpop_proof\"") != std::string::npos);
  CHECK(bearer(bound.token).ask(verifier).reason == ErrorCode::token_binding);
}

TEST_CASE("bound tokens: a nonce is asked for where it is required") {
  const Bound bound;
  const Verifier verifier = bound.verifier({{"dpop", {{"require_nonce", true}}}});
  const Identification seen = bound.request(bound.proof("1")).ask(verifier);
  CHECK(seen.reason == ErrorCode::proof_nonce);
  CHECK(seen.challenge.find("use_dpop_nonce") != std::string::npos);
  CHECK_FALSE(seen.dpop_nonce.empty());
}

TEST_CASE("bound tokens: whoever has one cannot lock out the others of its issuer") {
  const Bound bound;
  const Verifier verifier = bound.verifier(
      {{"failures",
        {{"peer_burst", 3}, {"peer_per_s", 0.1}, {"issuer_burst", 5}, {"issuer_per_s", 0.1}}}});
  for (int i = 0; i < 3; ++i) {
    CHECK(bearer(bound.token, "192.0.2.66").ask(verifier).reason == ErrorCode::token_binding);
  }
  for (int i = 0; i < 20; ++i) {
    CHECK(bearer(bound.token, "192.0.2.66").ask(verifier).reason == ErrorCode::too_many_failures);
  }
  CHECK(bound.request(bound.proof("1")).ask(verifier).caller);
}

}  // namespace
