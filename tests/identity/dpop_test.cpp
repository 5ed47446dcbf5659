// Tests of src/identity/dpop.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/dpop.hpp"

#include <doctest/doctest.h>

#include "identity/jwk.hpp"
#include "support/tokens.hpp"

namespace mcpgov::identity {
namespace {

using test::base64url;
using test::sha256_bytes;
using test::TestKey;

constexpr std::uint64_t kNow = 1'800'000'000;
constexpr const char* kToken = "eyJhbGciOiJFUzI1NiJ9.e30.AAAA";
constexpr const char* kUrl = "https://mcp.example/mcp";

// A proof in order, of which one part is then made wrong.
struct Proof {
  TestKey key = TestKey::ec("ES256", 0);
  std::string algorithm = R"("ES256")";
  std::string type = R"("dpop+jwt")";
  std::string jwk = TestKey::ec("ES256", 0).jwk(true);
  std::string more_header;
  // JSON texts of claims; empty: absent.
  std::string jti = R"("id-1")";
  std::string htm = R"("POST")";
  std::string htu = R"("https://mcp.example/mcp")";
  std::string iat = "1800000000";
  std::string ath = "\"" + base64url(sha256_bytes(kToken)) + "\"";
  std::string nonce;

  std::string text() const {
    std::string header = "{\"x\":0";
    const auto add = [](std::string& to, const char* name, const std::string& value) {
      if (!value.empty()) to += std::string(",\"") + name + "\":" + value;
    };
    add(header, "alg", algorithm);
    add(header, "typ", type);
    add(header, "jwk", jwk);
    std::string claims = "{\"x\":0";
    add(claims, "jti", jti);
    add(claims, "htm", htm);
    add(claims, "htu", htu);
    add(claims, "iat", iat);
    add(claims, "ath", ath);
    add(claims, "nonce", nonce);
    return key.sign(header + more_header + "}", claims + "}");
  }
};

// A proof by another key, with its algorithm.
Proof proof_by(const TestKey& key) {
  Proof proof;
  proof.key = key;
  proof.algorithm = "\"" + key.algorithm() + "\"";
  proof.jwk = key.jwk(true);
  return proof;
}

DpopSettings settings() {
  DpopSettings settings;
  settings.base_url = "https://mcp.example";
  return settings;
}

ProofChecker checker(const DpopSettings& from = settings()) {
  auto made = ProofChecker::make(from, "");
  REQUIRE(made.has_value());
  return std::move(*made);
}

struct Request {
  std::vector<std::string> proofs;
  std::string method = "POST";
  std::string url = kUrl;
  std::string token = kToken;
  std::string thumbprint = TestKey::ec("ES256", 0).thumbprint();
  std::uint64_t now_s = kNow;
};

ErrorCode check(const ProofChecker& checker, const Request& request, std::string& nonce) {
  std::vector<Header> headers = {{"Authorization", "DPoP x"}};
  for (const std::string& proof : request.proofs) headers.push_back({"DPoP", proof});
  const HttpHead http{request.method, request.url, headers};
  std::vector<Check> steps;
  Trace trace(steps);
  const ErrorCode code =
      checker.check({http, request.token, request.thumbprint, request.now_s}, nonce, &trace);
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].passed == (code == ErrorCode::none));
  CHECK(steps[0].detail.find("eyJ") == std::string::npos);
  return code;
}

ErrorCode check(const ProofChecker& checker, const Request& request) {
  std::string nonce = "untouched";
  const ErrorCode code = check(checker, request, nonce);
  CHECK(nonce == "untouched");
  return code;
}

TEST_CASE("DPoP: a proof with any usual key is taken") {
  for (const TestKey& key : {TestKey::ec("ES256", 1), TestKey::ed25519(), TestKey::rsa("RS256"),
                             TestKey::rsa("PS256")}) {
    CAPTURE(key.algorithm());
    Request request;
    request.thumbprint = key.thumbprint();
    request.proofs = {proof_by(key).text()};
    CHECK(check(checker(), request) == ErrorCode::none);
    // Nobody has to listen.
    std::string nonce;
    const std::vector<Header> headers = {{"dpop", request.proofs[0]}};
    const HttpHead http{request.method, request.url, headers};
    CHECK(checker().check({http, request.token, request.thumbprint, kNow}, nonce) ==
          ErrorCode::none);
  }
}

TEST_CASE("DPoP: the example of RFC 9449 section 4.1 has the key that section 6.1 names") {
  const std::string jwk = R"({"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",)"
                          R"("y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"})";
  StrictJson json;
  REQUIRE(json.read(jwk, {}));
  KeyRules rules;
  rules.algorithms = AlgorithmSet().with(Algorithm::es256);
  const auto key = read_jwk(json.root(), rules);
  REQUIRE(key.has_value());
  REQUIRE(key->has_value());
  CHECK((*key)->thumbprint() == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
}

TEST_CASE("DPoP: the request of RFC 9449 section 7.1 is in order") {
  DpopSettings resource = settings();
  resource.base_url = "https://resource.example.org";
  Request request;
  request.method = "GET";
  request.url = "/protectedresource";
  request.token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
  request.thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
  request.now_s = 1'562'262'618;
  request.proofs = {
      "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNo"
      "UklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERW"
      "clUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR"
      "1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCw"
      "iYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-E"
      "y71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"};
  CHECK(check(checker(resource), request) == ErrorCode::none);
}

TEST_CASE("DPoP: each of the checks of section 4.3 refuses alone") {
  struct Case {
    const char* name;
    ErrorCode code;
    std::string (*change)();
  };
  const auto none = ErrorCode::none;
  const auto invalid = ErrorCode::proof_invalid;
  const auto binding = ErrorCode::token_binding;
#define WITH(member, ...)       \
  [] {                          \
    Proof proof;                \
    proof.member = __VA_ARGS__; \
    return proof.text();        \
  }
  const Case cases[] = {
      {"all in order", none, WITH(more_header, "")},
      {"the type in upper case, as RFC 7515 section 4.1.9 allows", none,
       WITH(type, R"("application/DPOP+JWT")")},
      {"the URL in another spelling", none, WITH(htu, R"("HTTPS://MCP.example:443/%6dcp")")},
      {"the URL with query and fragment", none, WITH(htu, R"("https://mcp.example/mcp?a=b#c")")},
      {"made at the end of the window", none, WITH(iat, "1799999700")},
      {"made by a clock that is ahead", none, WITH(iat, "1800000300")},
      {"a nonce that nobody asked for", none, WITH(nonce, R"("of-another-server")")},
      {"no type", invalid, WITH(type, "")},
      {"the type of other tokens", invalid, WITH(type, R"("JWT")")},
      {"the type of access tokens", invalid, WITH(type, R"("at+jwt")")},
      {"the type is no text", invalid, WITH(type, "1")},
      {"no algorithm", invalid, WITH(algorithm, "")},
      {"algorithm none", invalid, WITH(algorithm, R"("none")")},
      {"algorithm in lower case", invalid, WITH(algorithm, R"("es256")")},
      {"HMAC with the public key", invalid, WITH(algorithm, R"("HS256")")},
      {"another algorithm than the key's", invalid, WITH(algorithm, R"("RS256")")},
      {"an algorithm of another curve", invalid, WITH(algorithm, R"("ES384")")},
      {"no key", invalid, WITH(jwk, "")},
      {"the key is no object", invalid, WITH(jwk, R"("key")")},
      {"the key is empty", invalid, WITH(jwk, "{}")},
      {"a private key", invalid, WITH(jwk, TestKey::ec("ES256", 0).private_jwk())},
      {"a secret key", invalid, WITH(jwk, R"({"kty":"oct","k":"AAAA"})")},
      {"a key off the curve", invalid,
       WITH(jwk, R"({"kty":"EC","crv":"P-256","x":")" + std::string(43, 'A') + R"(","y":")" +
                     std::string(43, 'A') + "\"}")},
      {"a key for encryption", invalid,
       WITH(jwk,
            [] {
              std::string jwk = TestKey::ec("ES256", 0).jwk(true);
              return jwk.insert(1, R"("use":"enc",)");
            }())},
      {"another key, which signed", binding,
       [] { return proof_by(TestKey::ec("ES256", 1)).text(); }},
      {"another key of another kind, which signed", binding,
       [] { return proof_by(TestKey::ed25519()).text(); }},
      {"the right key, another signed", invalid, WITH(key, TestKey::ec("ES256", 1))},
      {"another key named, the right one signed", binding,
       WITH(jwk, TestKey::ec("ES256", 1).jwk(true))},
      {"critical headers", invalid, WITH(more_header, R"(,"crit":["x"])")},
      {"a key elsewhere", invalid, WITH(more_header, R"(,"jku":"https://evil.example")")},
      {"a header twice", invalid, WITH(more_header, R"(,"typ":"dpop+jwt")")},
      {"no id", invalid, WITH(jti, "")},
      {"an empty id", invalid, WITH(jti, R"("")")},
      {"the id is no text", invalid, WITH(jti, "1")},
      {"the id is too long", invalid, WITH(jti, "\"" + std::string(257, 'a') + "\"")},
      {"the longest id", none, WITH(jti, "\"" + std::string(256, 'a') + "\"")},
      {"no method", invalid, WITH(htm, "")},
      {"another method", invalid, WITH(htm, R"("GET")")},
      {"the method in lower case", invalid, WITH(htm, R"("post")")},
      {"no URL", invalid, WITH(htu, "")},
      {"the URL is no text", invalid, WITH(htu, "[]")},
      {"another host", invalid, WITH(htu, R"("https://evil.example/mcp")")},
      {"our host as the begin of another", invalid, WITH(htu, R"("https://mcp.example.evil/mcp")")},
      {"our host as a user", invalid, WITH(htu, R"("https://mcp.example@evil.example/mcp")")},
      {"another scheme", invalid, WITH(htu, R"("http://mcp.example/mcp")")},
      {"another port", invalid, WITH(htu, R"("https://mcp.example:8443/mcp")")},
      {"another path", invalid, WITH(htu, R"("https://mcp.example/mcp/")")},
      {"the path in upper case", invalid, WITH(htu, R"("https://mcp.example/MCP")")},
      {"a path only", invalid, WITH(htu, R"("/mcp")")},
      {"no time", invalid, WITH(iat, "")},
      {"the time is text", invalid, WITH(iat, R"("1800000000")")},
      {"the time is null", invalid, WITH(iat, "null")},
      {"made before the window", invalid, WITH(iat, "1799999699")},
      {"made just before the window", invalid, WITH(iat, "1799999699.9")},
      {"made after the window", invalid, WITH(iat, "1800000301")},
      {"made just after the window", invalid, WITH(iat, "1800000300.1")},
      {"no digest of the token", invalid, WITH(ath, "")},
      {"the digest is no text", invalid, WITH(ath, "1")},
      {"an empty digest", invalid, WITH(ath, R"("")")},
      {"the digest of another token", invalid,
       WITH(ath, "\"" + base64url(sha256_bytes("other")) + "\"")},
      {"the token instead of its digest", invalid, WITH(ath, std::string("\"") + kToken + "\"")},
      {"an unfinished token", invalid,
       [] {
         const std::string text = Proof().text();
         return text.substr(0, text.rfind('.'));
       }},
      {"no signature", invalid,
       [] {
         const std::string text = Proof().text();
         return text.substr(0, text.rfind('.') + 1);
       }},
      {"an empty field", invalid, [] { return std::string(); }},
      {"larger than the limit", invalid,
       WITH(more_header, R"(,"y":")" + std::string(kProofBytes, 'y') + "\"")},
  };
#undef WITH
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    Request request;
    request.proofs = {c.change()};
    CHECK(check(checker(), request) == c.code);
  }
}

TEST_CASE("DPoP: the request decides, too") {
  const std::string proof = Proof().text();
  struct Case {
    const char* name;
    ErrorCode code;
    Request request;
  };
  const auto invalid = ErrorCode::proof_invalid;
  const std::string thumbprint = TestKey::ec("ES256", 0).thumbprint();
  const Case cases[] = {
      {"the target of the request line", ErrorCode::none, {{proof}, "POST", "/mcp?session=1"}},
      {"an inner address, under which a proxy asks",
       ErrorCode::none,
       {{proof}, "POST", "http://10.0.0.1:8080/mcp"}},
      {"no proof", ErrorCode::proof_missing, {{}}},
      {"two proofs", invalid, {{proof, proof}}},
      {"another method", invalid, {{proof}, "DELETE"}},
      {"no method", invalid, {{proof}, ""}},
      {"another path", invalid, {{proof}, "POST", "/other"}},
      {"no URL", invalid, {{proof}, "POST", ""}},
      {"another token", invalid, {{proof}, "POST", kUrl, "other"}},
      {"a token that is bound to another key",
       ErrorCode::token_binding,
       {{proof}, "POST", kUrl, kToken, TestKey::ec("ES256", 1).thumbprint()}},
      {"a token that is bound to nothing",
       ErrorCode::token_binding,
       {{proof}, "POST", kUrl, kToken, ""}},
      {"later", ErrorCode::none, {{proof}, "POST", kUrl, kToken, thumbprint, kNow + 300}},
      {"too late", invalid, {{proof}, "POST", kUrl, kToken, thumbprint, kNow + 301}},
      {"too early", invalid, {{proof}, "POST", kUrl, kToken, thumbprint, kNow - 301}},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    CHECK(check(checker(), c.request) == c.code);
  }
  Proof without_method;
  without_method.htm = R"("")";
  Request unknown_method;
  unknown_method.proofs = {without_method.text()};
  unknown_method.method = "";
  CHECK(check(checker(), unknown_method) == invalid);
  DpopSettings nowhere = settings();
  nowhere.base_url = "";
  Request request;
  request.proofs = {proof};
  CHECK(check(checker(nowhere), request) == ErrorCode::none);
  request.url = "/mcp";
  CHECK(check(checker(nowhere), request) == invalid);
}

TEST_CASE("DPoP: algorithms are those of the settings") {
  DpopSettings some = settings();
  some.algorithms = AlgorithmSet().with(Algorithm::es384);
  const TestKey key = TestKey::ec("ES384");
  Request request;
  request.proofs = {proof_by(key).text()};
  request.thumbprint = key.thumbprint();
  CHECK(check(checker(some), request) == ErrorCode::none);
  CHECK(check(checker(), request) == ErrorCode::proof_invalid);
  request = {};
  request.proofs = {Proof().text()};
  CHECK(check(checker(some), request) == ErrorCode::proof_invalid);
  CHECK(checker(some).algorithms() == some.algorithms);
  CHECK(checker().algorithms() == default_algorithms());
}

TEST_CASE("DPoP: a proof is taken once, by successors as well, and only a good one counts") {
  const ProofChecker ours = checker();
  Proof proof;
  Request request;
  proof.key = TestKey::ec("ES256", 1);
  request.proofs = {proof.text()};
  CHECK(check(ours, request) == ErrorCode::proof_invalid);
  proof = {};
  request.proofs = {proof.text()};
  CHECK(check(ours, request) == ErrorCode::none);
  CHECK(check(ours, request) == ErrorCode::proof_replayed);
  request.now_s = kNow + 300;
  CHECK(check(ours, request) == ErrorCode::proof_replayed);
  ProofChecker successor = checker();
  successor.inherit(ours);
  CHECK(check(successor, request) == ErrorCode::proof_replayed);
  const ProofChecker copy = successor;
  CHECK(check(copy, request) == ErrorCode::proof_replayed);
  // Signed again, with the same id: the signature does not tell proofs apart, the id does.
  request.proofs = {Proof().text()};
  CHECK(check(ours, request) == ErrorCode::proof_replayed);
  proof.jti = R"("id-2")";
  request.proofs = {proof.text()};
  CHECK(check(ours, request) == ErrorCode::none);
}

TEST_CASE("DPoP: without room to remember it, a proof is refused") {
  DpopSettings small = settings();
  small.proofs = 2;
  const ProofChecker ours = checker(small);
  const auto with_id = [](const char* id, const char* iat) {
    Proof proof;
    proof.jti = id;
    proof.iat = iat;
    return proof.text();
  };
  Request request;
  for (const char* id : {"\"a\"", "\"b\""}) {
    request.proofs = {with_id(id, "1800000000")};
    CHECK(check(ours, request) == ErrorCode::none);
  }
  request.proofs = {with_id("\"c\"", "1800000000")};
  CHECK(check(ours, request) == ErrorCode::proofs_exhausted);
  request.now_s = kNow + 301;
  request.proofs = {with_id("\"c\"", "1800000301")};
  CHECK(check(ours, request) == ErrorCode::none);
}

TEST_CASE("DPoP: nonces") {
  DpopSettings strict = settings();
  strict.require_nonce = true;
  const ProofChecker ours = checker(strict);
  Proof proof;
  Request request;
  std::string nonce;
  request.proofs = {proof.text()};
  CHECK(check(ours, request, nonce) == ErrorCode::proof_nonce);
  CHECK(nonce.size() == 22);
  proof.nonce = "\"" + nonce + "\"";
  request.proofs = {proof.text()};
  CHECK(check(ours, request) == ErrorCode::none);
  CHECK(check(ours, request) == ErrorCode::proof_replayed);

  struct Case {
    const char* name;
    std::string nonce;
  };
  const Case refused[] = {{"none", ""},
                          {"empty", R"("")"},
                          {"no text", "1"},
                          {"made up", R"("AAAAAAAAAAAAAAAAAAAAAA")"},
                          {"with padding", "\"" + nonce + "==\""}};
  for (const Case& c : refused) {
    CAPTURE(std::string(c.name));
    proof.nonce = c.nonce;
    proof.jti = R"("id-2")";
    request.proofs = {proof.text()};
    std::string told;
    CHECK(check(ours, request, told) == ErrorCode::proof_nonce);
    CHECK(told == nonce);
  }
  // Soon over: taken, and the next one is told. Then over.
  proof.nonce = "\"" + nonce + "\"";
  proof.jti = R"("id-3")";
  request.proofs = {proof.text()};
  request.now_s = kNow + 150;
  std::string next;
  CHECK(check(ours, request, next) == ErrorCode::none);
  CHECK(next.size() == 22);
  CHECK(next != nonce);
  proof.jti = R"("id-4")";
  proof.iat = "1800000300";
  request.proofs = {proof.text()};
  request.now_s = kNow + 300;
  CHECK(check(ours, request, next) == ErrorCode::proof_nonce);
  // A successor knows the nonces; another process does not.
  ProofChecker successor = checker(strict);
  successor.inherit(ours);
  proof.nonce = "\"" + next + "\"";
  request.proofs = {proof.text()};
  CHECK(check(successor, request) == ErrorCode::none);
  CHECK(check(checker(strict), request, next) == ErrorCode::proof_nonce);
}

TEST_CASE("DPoP: a nonce that ends sooner than the window lets the proof be forgotten sooner") {
  DpopSettings strict = settings();
  strict.require_nonce = true;
  strict.proofs = 1;
  const ProofChecker ours = checker(strict);
  Proof proof;
  Request request;
  std::string nonce;
  request.proofs = {proof.text()};
  CHECK(check(ours, request, nonce) == ErrorCode::proof_nonce);
  // In the period after that of its nonce, by a clock that is ahead.
  proof.nonce = "\"" + nonce + "\"";
  proof.iat = "1800000440";
  request.proofs = {proof.text()};
  request.now_s = kNow + 150;
  CHECK(check(ours, request, nonce) == ErrorCode::none);
  proof.jti = R"("id-2")";
  proof.nonce = "\"" + nonce + "\"";
  request.proofs = {proof.text()};
  request.now_s = kNow + 299;
  CHECK(check(ours, request) == ErrorCode::proofs_exhausted);
  request.now_s = kNow + 300;
  CHECK(check(ours, request, nonce) == ErrorCode::none);
}

TEST_CASE("DPoP: settings that cannot be meant") {
  DpopSettings hmac = settings();
  hmac.algorithms = default_algorithms().with(Algorithm::hs256);
  DpopSettings window = settings();
  window.window_s = 0;
  DpopSettings proofs = settings();
  proofs.proofs = 0;
  DpopSettings url = settings();
  url.base_url = "https://mcp.example/path";
  for (const DpopSettings& each : {hmac, window, proofs, url}) {
    const auto made = ProofChecker::make(each, "https://mcp.example");
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().code == ErrorCode::identity_setting);
  }
}

}  // namespace
}  // namespace mcpgov::identity
