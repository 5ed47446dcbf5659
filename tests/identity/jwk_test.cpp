// Tests of identity/jwk.hpp: which keys are taken, for which algorithm, and which are refused.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/jwk.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "identity/compact.hpp"
#include "support/tokens.hpp"

namespace {

using namespace mcpgov::identity;
using mcpgov::ErrorCode;
using mcpgov::Result;
using mcpgov::test::base64url;
using mcpgov::test::TestKey;

constexpr AlgorithmSet kAll = AlgorithmSet()
                                  .with(Algorithm::rs256)
                                  .with(Algorithm::rs384)
                                  .with(Algorithm::rs512)
                                  .with(Algorithm::ps256)
                                  .with(Algorithm::ps384)
                                  .with(Algorithm::ps512)
                                  .with(Algorithm::es256)
                                  .with(Algorithm::es384)
                                  .with(Algorithm::es512)
                                  .with(Algorithm::eddsa)
                                  .with(Algorithm::hs256)
                                  .with(Algorithm::hs384)
                                  .with(Algorithm::hs512);

Result<std::optional<Key>> read(const std::string& text, const KeyRules& rules) {
  StrictJson json;
  REQUIRE(json.read(text, {256 * 1024, 16, 10'000}));
  return read_jwk(json.root(), rules);
}

KeyRules rules_of(AlgorithmSet algorithms) {
  KeyRules rules;
  rules.algorithms = algorithms;
  return rules;
}

// The text with one part replaced, which must be there.
std::string with(std::string text, std::string_view part, std::string_view instead) {
  const std::size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.replace(at, part.size(), instead);
}

enum class Outcome { taken, passed_over, refused };

Outcome outcome(const Result<std::optional<Key>>& key) {
  if (!key) {
    CHECK(key.error().code == ErrorCode::identity_key);
    CHECK_FALSE(key.error().message.empty());
    return Outcome::refused;
  }
  return *key ? Outcome::taken : Outcome::passed_over;
}

TEST_CASE("jwk: a key of every kind verifies what its owner signs") {
  for (const char* name :
       {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}) {
    CAPTURE(std::string(name));
    const TestKey owner = TestKey::of(name);
    const auto key = read(owner.jwk(), rules_of(kAll));
    REQUIRE(outcome(key) == Outcome::taken);
    CHECK((*key)->algorithm() == algorithm_from(name));
    CHECK((*key)->id() == owner.id());
    CHECK((*key)->thumbprint() == owner.thumbprint());
    CHECK((*key)->verify("text", owner.signature("text")));
    CHECK_FALSE((*key)->verify("text", TestKey::of(name, 1).signature("text")));
  }
}

TEST_CASE("jwk: the algorithm of a key that names none") {
  struct Row {
    const char* name;
    std::string jwk;
    AlgorithmSet allowed;
    Algorithm algorithm;  // none: passed over
  };
  constexpr AlgorithmSet kNone;
  const std::string rsa = TestKey::rsa().jwk(true);
  const Row rows[] = {
      {"RSA, all allowed", rsa, kAll, Algorithm::rs256},
      {"RSA, what is allowed by default", rsa, default_algorithms(), Algorithm::rs256},
      {"RSA, one allowed", rsa, kNone.with(Algorithm::ps384), Algorithm::ps384},
      {"RSA, one allowed beside other types", rsa,
       kNone.with(Algorithm::ps256).with(Algorithm::es256).with(Algorithm::hs256),
       Algorithm::ps256},
      {"RSA, several without RS256", rsa, kNone.with(Algorithm::rs512).with(Algorithm::ps256),
       Algorithm::none},
      {"RSA, none allowed", rsa, kNone.with(Algorithm::es256), Algorithm::none},
      {"P-256", TestKey::ec("ES256").jwk(true), kAll, Algorithm::es256},
      {"P-384", TestKey::ec("ES384").jwk(true), kAll, Algorithm::es384},
      {"P-521", TestKey::ec("ES512").jwk(true), kAll, Algorithm::es512},
      {"P-521, not allowed", TestKey::ec("ES512").jwk(true), default_algorithms(), Algorithm::none},
      {"Ed25519", TestKey::ed25519().jwk(true), default_algorithms(), Algorithm::eddsa},
      {"nothing allowed", rsa, kNone, Algorithm::none},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    const auto key = read(row.jwk, rules_of(row.allowed));
    REQUIRE(key.has_value());
    CHECK((*key ? (*key)->algorithm() : Algorithm::none) == row.algorithm);
  }
}

TEST_CASE("jwk: members that decide") {
  const std::string rsa = TestKey::rsa().jwk();
  const std::string ec = TestKey::ec().jwk();
  const std::string okp = TestKey::ed25519().jwk();
  const std::string use = R"("use":"sig")";
  const std::string long_id(257, 'k');
  struct Row {
    const char* name;
    std::string jwk;
    Outcome outcome;
  };
  const Row rows[] = {
      {"use sig", ec, Outcome::taken},
      {"no use", with(ec, "," + use, ""), Outcome::taken},
      {"use enc", with(ec, use, R"("use":"enc")"), Outcome::passed_over},
      {"use in capitals", with(ec, use, R"("use":"SIG")"), Outcome::passed_over},
      {"use empty", with(ec, use, R"("use":"")"), Outcome::passed_over},
      {"use that is a list", with(ec, use, R"("use":["sig"])"), Outcome::refused},
      {"operations with verify", with(ec, use, R"("key_ops":["sign","verify"])"), Outcome::taken},
      {"verify twice", with(ec, use, R"("key_ops":["verify","verify"])"), Outcome::refused},
      {"sign twice", with(ec, use, R"("key_ops":["sign","verify","sign"])"), Outcome::refused},
      {"verify and encrypt", with(ec, use, R"("key_ops":["encrypt","verify"])"),
       Outcome::passed_over},
      {"operations without verify", with(ec, use, R"("key_ops":["encrypt"])"),
       Outcome::passed_over},
      {"no operations", with(ec, use, R"("key_ops":[])"), Outcome::passed_over},
      {"operations in one text", with(ec, use, R"("key_ops":["sign, verify"])"),
       Outcome::passed_over},
      {"operations that are text", with(ec, use, R"("key_ops":"verify")"), Outcome::refused},
      {"operations that are numbers", with(ec, use, R"("key_ops":["verify",1])"), Outcome::refused},
      {"another type", with(ec, R"("kty":"EC")", R"("kty":"AKP")"), Outcome::refused},
      {"another type and algorithm", R"({"kty":"AKP","alg":"ML-DSA-44","pub":"AA"})",
       Outcome::passed_over},
      {"another type without algorithm", R"({"kty":"AKP","pub":"AA"})", Outcome::passed_over},
      {"another curve", R"({"kty":"OKP","crv":"Ed448","x":"AA"})", Outcome::passed_over},
      {"secp256k1", R"({"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"})", Outcome::passed_over},
      {"X25519", with(okp, "Ed25519", "X25519"), Outcome::refused},
      {"another algorithm", with(rsa, R"("alg":"RS256")", R"("alg":"RSA-OAEP")"),
       Outcome::passed_over},
      {"an algorithm that is none", with(rsa, R"("alg":"RS256")", R"("alg":"none")"),
       Outcome::passed_over},
      {"an algorithm of another type", with(rsa, R"("alg":"RS256")", R"("alg":"ES256")"),
       Outcome::refused},
      {"an algorithm of another curve", with(ec, R"("alg":"ES256")", R"("alg":"ES384")"),
       Outcome::refused},
      {"an HMAC algorithm for RSA", with(rsa, R"("alg":"RS256")", R"("alg":"HS256")"),
       Outcome::passed_over},
      {"an algorithm that is a number", with(rsa, R"("alg":"RS256")", R"("alg":256)"),
       Outcome::refused},
      {"another curve's point", with(ec, R"("crv":"P-256")", R"("crv":"P-384")"), Outcome::refused},
      {"a curve without coordinates", R"({"kty":"EC","crv":"P-256"})", Outcome::refused},
      {"a coordinate that is a number", R"({"kty":"EC","crv":"P-256","x":1,"y":2})",
       Outcome::refused},
      {"a coordinate with padding", with(okp, R"(","alg")", R"(=","alg")"), Outcome::refused},
      {"RSA without exponent", with(rsa, R"("e":"AQAB",)", ""), Outcome::refused},
      {"RSA with the exponent 1", with(rsa, "AQAB", "AQ"), Outcome::refused},
      {"RSA of 1,024 bits", TestKey::rsa("RS256", 0, 1024).jwk(), Outcome::refused},
      {"RSA of 4,096 bits", TestKey::rsa("RS256", 0, 4096).jwk(), Outcome::refused},
      {"no type", R"({"crv":"P-256"})", Outcome::refused},
      {"a type that is a number", R"({"kty":1})", Outcome::refused},
      {"an empty id", with(ec, R"("kid":"ec-0")", R"("kid":"")"), Outcome::refused},
      {"an id that is a number", with(ec, R"("kid":"ec-0")", R"("kid":7)"), Outcome::refused},
      {"too long an id", with(ec, "ec-0", long_id), Outcome::refused},
      {"an id with a NUL", with(ec, "ec-0", R"(a\u0000)"), Outcome::refused},
      {"a private RSA key", TestKey::rsa().private_jwk(), Outcome::refused},
      {"a private EC key", TestKey::ec().private_jwk(), Outcome::refused},
      {"a private Ed25519 key", TestKey::ed25519().private_jwk(), Outcome::refused},
      {"one prime", with(rsa, R"("e":)", R"("p":"AA","e":)"), Outcome::refused},
      {"a secret", TestKey::secret(std::string(64, 's')).jwk(), Outcome::refused},
      {"a secret without its bytes", R"({"kty":"oct"})", Outcome::refused},
      {"a secret in an RSA key", with(rsa, R"("e":)", R"("k":"AA","e":)"), Outcome::refused},
      {"certificates, which are not looked at", with(rsa, R"("e":)", R"("x5c":["AA"],"e":)"),
       Outcome::taken},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    CHECK(outcome(read(row.jwk, rules_of(kAll))) == row.outcome);
  }
}

TEST_CASE("jwk: what the rules ask for") {
  const std::string ec = TestKey::ec().jwk();
  KeyRules rules = rules_of(kAll);
  rules.use = "jwt-svid";
  const std::string svid = with(ec, R"("use":"sig")", R"("use":"jwt-svid")");
  const std::string no_use = with(ec, R"(,"use":"sig")", "");
  CHECK(outcome(read(svid, rules)) == Outcome::taken);
  CHECK(outcome(read(no_use, rules)) == Outcome::taken);
  CHECK(outcome(read(ec, rules)) == Outcome::passed_over);
  rules.use_required = true;
  CHECK(outcome(read(svid, rules)) == Outcome::taken);
  CHECK(outcome(read(no_use, rules)) == Outcome::passed_over);
  rules.id_required = true;
  CHECK(outcome(read(with(svid, R"(,"kid":"ec-0")", ""), rules)) == Outcome::refused);
  rules = rules_of(kAll);
  rules.max_rsa_bits = 4096;
  CHECK(outcome(read(TestKey::rsa("RS256", 0, 4096).jwk(), rules)) == Outcome::taken);
  CHECK(outcome(read(TestKey::rsa().jwk(), rules_of(AlgorithmSet().with(Algorithm::es256)))) ==
        Outcome::passed_over);
}

TEST_CASE("jwk: zeros before the numbers of an RSA key change neither key nor thumbprint") {
  const TestKey owner = TestKey::rsa();
  const std::string jwk = with(owner.jwk(), "AQAB", "AAEAAQ");
  const auto key = read(jwk, rules_of(kAll));
  REQUIRE(outcome(key) == Outcome::taken);
  CHECK((*key)->thumbprint() == owner.thumbprint());
  CHECK((*key)->verify("text", owner.signature("text")));
}

TEST_CASE("jwk: the issuer that Entra ID gives each key is kept") {
  const std::string jwk =
      with(TestKey::rsa().jwk(), R"("e":)", R"("issuer":"https://a.example/{tenantid}/v2.0","e":)");
  const auto key = read(jwk, rules_of(kAll));
  REQUIRE(outcome(key) == Outcome::taken);
  CHECK((*key)->issuer() == "https://a.example/{tenantid}/v2.0");
}

TEST_CASE("jwk: private members are seen in every kind of key") {
  for (const char* name : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    CAPTURE(std::string(name));
    StrictJson json;
    REQUIRE(json.read(std::string(R"({"kty":"other",")") + name + R"(":null})", {}));
    CHECK(has_private_members(json.root()));
  }
  StrictJson json;
  REQUIRE(json.read(TestKey::rsa().jwk(), {}));
  CHECK_FALSE(has_private_members(json.root()));
}

}  // namespace
