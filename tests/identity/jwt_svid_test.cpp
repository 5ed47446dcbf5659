// Tests of src/identity/svid.hpp: tokens of workloads.
//
// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include <doctest/doctest.h>

#include "identity/svid.hpp"
#include "support/tokens.hpp"

namespace mcpgov::identity {
namespace {

using test::TestKey;

constexpr std::uint64_t kNow = 1'800'000'000;
constexpr std::uint32_t kLeeway = 60;

TrustBundle bundle_of(const std::string& name, const TestKey& key) {
  std::string jwk = key.jwk();
  jwk.replace(jwk.find("\"sig\""), 5, "\"jwt-svid\"");
  auto bundle = TrustBundle::read(name, R"({"keys":[)" + jwk + "]}");
  REQUIRE(bundle.has_value());
  REQUIRE(bundle->token_keys().keys().size() == 1);
  return std::move(*bundle);
}

const TestKey& key() {
  static const TestKey made = TestKey::ec("ES256", 0).with_id("k1");
  return made;
}

const TestKey& other_key() {
  static const TestKey made = TestKey::ec("ES256", 1).with_id("k2");
  return made;
}

// Two domains that are trusted, each for itself, and one whose bundle is not there yet.
ErrorCode check(const std::string& token, Workload& out, Trace* trace = nullptr) {
  static const TrustBundle bundle = bundle_of("example.org", key());
  static const TrustBundle other = bundle_of("other.example", other_key());
  static const std::vector<std::string> ours = {"https://mcp.example/mcp", "mcp"};
  static const std::vector<std::string> nothing = {""};
  const TrustDomain domains[] = {{"example.org", &bundle, ours},
                                 {"other.example", &other, nothing},
                                 {"late.example", nullptr, ours}};
  CompactReader reader;
  Compact read;
  const ErrorCode code = reader.read(token, Use::jwt_svid, read);
  if (code != ErrorCode::none) return code;
  return check_jwt_svid(read, domains, kNow, kLeeway, out, trace);
}

std::string claims(const std::string& sub = R"("spiffe://example.org/web")",
                   const std::string& aud = R"("mcp")", const std::string& exp = "1800000100",
                   const std::string& more = "") {
  return R"({"sub":)" + sub + R"(,"aud":)" + aud + R"(,"exp":)" + exp + more + "}";
}

TEST_CASE("JWT-SVID: a workload is its trust domain and its whole ID") {
  Workload out;
  REQUIRE(check(key().token(claims(R"("spiffe://example.org/web")", R"(["a","mcp"])", "1800000100",
                                   R"(,"jti":"j1","iat":1800000000,"nbf":1800000060)")),
                out) == ErrorCode::none);
  CHECK(out.caller.kind == CallerKind::workload);
  CHECK(out.caller.issuer == "spiffe://example.org");
  CHECK(out.caller.subject == "spiffe://example.org/web");
  CHECK(out.caller.workload ==
        Actor{CallerKind::workload, "spiffe://example.org", "spiffe://example.org/web"});
  CHECK(out.caller.evidence == Evidence{EvidenceKind::token, "j1", "k1", "ES256", ""});
  CHECK(out.expires_s == 1'800'000'100 + kLeeway);
  CHECK(check_code(out.caller) == ErrorCode::none);
}

TEST_CASE("JWT-SVID: what a token may be like") {
  struct Case {
    const char* name;
    std::string token;
  };
  const Case cases[] = {
      {"type JWT", key().token(claims(), "JWT")},
      {"type JOSE", key().token(claims(), "JOSE")},
      {"no type", key().token(claims(), "")},
      {"no key id, one key", key().with_id("").token(claims())},
      {"a URL as audience, host in upper case",
       key().token(claims(R"("spiffe://example.org/web")", R"("https://MCP.example:443/mcp")"))},
      {"another issuer's name in `iss`, which is not looked at",
       key().token(claims(R"("spiffe://example.org/web")", R"("mcp")", "1800000100",
                          R"(,"iss":"https://login.example")"))},
      {"ended within the leeway",
       key().token(claims(R"("spiffe://example.org/web")", R"("mcp")", "1799999941"))},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    Workload out;
    CHECK(check(c.token, out) == ErrorCode::none);
  }
}

TEST_CASE("JWT-SVID: refusals") {
  const auto with = [](const std::string& sub, const std::string& aud = R"("mcp")",
                       const std::string& exp = "1800000100", const std::string& more = "") {
    return key().token(claims(sub, aud, exp, more));
  };
  const std::string web = R"("spiffe://example.org/web")";
  const std::string mcp = R"("mcp")";
  const auto header = [](const std::string& more) {
    return key().sign(R"({"alg":"ES256","kid":"k1")" + more + "}", claims());
  };
  std::string forged = key().token(claims());
  forged.back() = forged.back() == 'A' ? 'Q' : 'A';
  struct Case {
    const char* name;
    std::string token;
    ErrorCode code;
  };
  const Case cases[] = {
      {"no subject", key().token(R"({"aud":"mcp","exp":1800000100})"), ErrorCode::token_claim},
      {"the subject is no text", with("1"), ErrorCode::token_claim},
      {"the subject is no SPIFFE ID", with(R"("web")"), ErrorCode::token_claim},
      {"the subject is the trust domain", with(R"("spiffe://example.org")"),
       ErrorCode::token_claim},
      {"the subject is not normal", with(R"("spiffe://example.org/../web")"),
       ErrorCode::token_claim},
      {"the domain is not configured", with(R"("spiffe://example.com/web")"),
       ErrorCode::token_issuer},
      {"the bundle is not there yet", with(R"("spiffe://late.example/web")"),
       ErrorCode::identity_waits},
      {"another domain's subject", with(R"("spiffe://other.example/web")"),
       ErrorCode::token_key_unknown},
      {"another domain's subject, no key id",
       key().with_id("").token(claims(R"("spiffe://other.example/web")")),
       ErrorCode::token_signature},
      {"another domain's key", other_key().token(claims()), ErrorCode::token_key_unknown},
      {"another domain's key under our key id", other_key().with_id("k1").token(claims()),
       ErrorCode::token_signature},
      {"a changed signature", forged, ErrorCode::token_signature},
      {"another algorithm than the key's", TestKey::ec("ES384").with_id("k1").token(claims()),
       ErrorCode::token_algorithm},
      {"EdDSA", TestKey::ed25519().with_id("k1").token(claims()), ErrorCode::token_algorithm},
      {"HS256", TestKey::secret(std::string(64, 's')).with_id("k1").token(claims()),
       ErrorCode::token_algorithm},
      {"none", key().sign(R"({"alg":"none"})", claims()), ErrorCode::token_algorithm},
      {"an own key in the header", header(R"(,"jwk":{})"), ErrorCode::token_header},
      {"a header that is not allowed", header(R"(,"x5t":"a")"), ErrorCode::token_header},
      {"critical headers", header(R"(,"crit":["exp"])"), ErrorCode::token_header},
      {"the type of an access token", key().token(claims(), "at+jwt"), ErrorCode::token_type},
      {"the type of a WIT-SVID", key().token(claims(), "wit+jwt"), ErrorCode::token_type},
      {"an empty type", header(R"(,"typ":"")"), ErrorCode::token_type},
      {"no audience", key().token(R"({"sub":"spiffe://example.org/web","exp":1800000100})"),
       ErrorCode::token_audience},
      {"an empty list of audiences", with(web, "[]"), ErrorCode::token_audience},
      {"another audience", with(web, R"("mcp2")"), ErrorCode::token_audience},
      {"another audience in a list", with(web, R"(["a","MCP"])"), ErrorCode::token_audience},
      {"the audience is an object", with(web, R"({"mcp":"mcp"})"), ErrorCode::token_audience},
      {"an empty audience, where the settings have one",
       other_key().token(claims(R"("spiffe://other.example/web")", R"("")")),
       ErrorCode::token_audience},
      {"no end", key().token(R"({"sub":"spiffe://example.org/web","aud":"mcp"})"),
       ErrorCode::token_claim},
      {"the end is text", with(web, mcp, R"("1800000100")"), ErrorCode::token_claim},
      {"the end is null", with(web, mcp, "null"), ErrorCode::token_claim},
      {"the end is negative", with(web, mcp, "-1"), ErrorCode::token_claim},
      {"the end is beyond exact numbers", with(web, mcp, "1e300"), ErrorCode::token_claim},
      {"ended", with(web, mcp, "1799999940"), ErrorCode::token_expired},
      {"ended within its last second", with(web, mcp, "1799999940.9"), ErrorCode::token_expired},
      {"begins after the leeway", with(web, mcp, "1800000100", R"(,"nbf":1800000061)"),
       ErrorCode::token_not_yet_valid},
      {"issued after the leeway", with(web, mcp, "1800000100", R"(,"iat":1800000060.1)"),
       ErrorCode::token_not_yet_valid},
      {"begins at a text", with(web, mcp, "1800000100", R"(,"nbf":"1")"), ErrorCode::token_claim},
      {"issued at a text", with(web, mcp, "1800000100", R"(,"iat":"1")"), ErrorCode::token_claim},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    std::vector<Check> steps;
    Trace trace(steps);
    Workload out;
    CHECK(check(c.token, out, &trace) == c.code);
    CHECK(out.caller == Caller());
    const bool read = !steps.empty();  // the reader of tokens tells nothing
    if (read) CHECK_FALSE(steps.back().passed);
    for (const Check& step : steps) CHECK(step.detail.find("eyJ") == std::string::npos);
  }
}

TEST_CASE("JWT-SVID: tokens are told apart by their subject") {
  struct Case {
    const char* sub;
    bool named;
  };
  const Case cases[] = {{R"("spiffe://example.org/web")", true},
                        {R"("spiffe://example.org")", true},
                        {R"("SPIFFE://example.org/web")", false},
                        {R"("user-1")", false},
                        {"1", false}};
  for (const Case& c : cases) {
    CAPTURE(std::string(c.sub));
    CompactReader reader;
    Compact read;
    const std::string token = key().token(claims(c.sub));
    REQUIRE(reader.read(token, Use::access_token, read) == ErrorCode::none);
    CHECK(names_spiffe_id(read) == c.named);
  }
}

}  // namespace
}  // namespace mcpgov::identity
