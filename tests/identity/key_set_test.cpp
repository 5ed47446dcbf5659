// Tests of identity/key_set.hpp: sets that are refused, and the attacks on tokens that a signature
// alone would not stop.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/key_set.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "support/tokens.hpp"

namespace {

using namespace mcpgov::identity;
using mcpgov::ErrorCode;
using mcpgov::Result;
using mcpgov::test::base64url;
using mcpgov::test::TestKey;

constexpr AlgorithmSet kHmac =
    AlgorithmSet().with(Algorithm::hs256).with(Algorithm::hs384).with(Algorithm::hs512);
constexpr AlgorithmSet kAll = default_algorithms()
                                  .with(Algorithm::rs384)
                                  .with(Algorithm::rs512)
                                  .with(Algorithm::ps384)
                                  .with(Algorithm::ps512)
                                  .with(Algorithm::es384)
                                  .with(Algorithm::es512)
                                  .with(Algorithm::hs256)
                                  .with(Algorithm::hs384)
                                  .with(Algorithm::hs512);

KeyRules rules_of(AlgorithmSet algorithms, bool pass_over_bad = false) {
  KeyRules rules;
  rules.algorithms = algorithms;
  rules.pass_over_bad = pass_over_bad;
  return rules;
}

KeySet set_of(const std::vector<TestKey>& keys, AlgorithmSet algorithms = kAll) {
  Result<KeySet> set = KeySet::read(mcpgov::test::jwk_set(keys), rules_of(algorithms));
  REQUIRE(set.has_value());
  return *std::move(set);
}

// What becomes of a token.
ErrorCode verdict(std::string_view token, const KeySet& keys, AlgorithmSet allowed = kAll) {
  CompactReader reader;
  Compact compact;
  const ErrorCode code = reader.read(token, Use::access_token, compact);
  if (code != ErrorCode::none) return code;
  const Key* used = nullptr;
  const ErrorCode checked = check_signature(compact, keys, allowed, used);
  CHECK((used != nullptr) == (checked == ErrorCode::none));
  return checked;
}

TEST_CASE("key set: tokens of every algorithm, by their key and by no other") {
  std::vector<TestKey> owners;
  for (const char* name :
       {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}) {
    owners.push_back(TestKey::of(name).with_id(name));
  }
  const KeySet keys = set_of(owners);
  CHECK(keys.keys().size() == owners.size());
  for (const TestKey& owner : owners) {
    CAPTURE(owner.algorithm());
    const std::string token = owner.token(R"({"sub":"ann"})");
    CHECK(verdict(token, keys) == ErrorCode::none);
    CHECK(verdict(owner.with_id("").token("{}"), keys) == ErrorCode::none);
    CHECK(verdict(TestKey::of(owner.algorithm(), 1).with_id(owner.id()).token("{}"), keys) ==
          ErrorCode::token_signature);
    CHECK(verdict(owner.with_id("other").token("{}"), keys) == ErrorCode::token_key_unknown);
    const std::string other = owner.id() == "RS256" ? "ES256" : "RS256";
    CHECK(verdict(owner.with_id(other).token("{}"), keys) == ErrorCode::token_algorithm);
    std::string changed = token;
    changed[changed.find('.') + 3] = changed[changed.find('.') + 3] == 'A' ? 'B' : 'A';
    CHECK(verdict(changed, keys) != ErrorCode::none);
  }
}

TEST_CASE("key set: a token without key id needs the only key of its algorithm") {
  const TestKey first = TestKey::ec("ES256", 0).with_id("a");
  const TestKey second = TestKey::ec("ES256", 1).with_id("b");
  const TestKey rsa = TestKey::rsa();
  const std::string token = first.with_id("").token("{}");
  CHECK(verdict(token, set_of({first, rsa})) == ErrorCode::none);
  CHECK(verdict(token, set_of({first, second})) == ErrorCode::token_key_unknown);
  CHECK(verdict(token, set_of({rsa})) == ErrorCode::token_key_unknown);
  // A key without id is found by tokens without id only.
  CHECK(verdict(token, set_of({first.with_id("")})) == ErrorCode::none);
  CHECK(verdict(first.token("{}"), set_of({first.with_id("")})) == ErrorCode::token_key_unknown);
}

TEST_CASE("key set: what the issuer may not use is refused whatever its keys are") {
  for (const char* name : {"RS256", "PS256", "ES256", "EdDSA"}) {
    CAPTURE(std::string(name));
    const TestKey owner = TestKey::of(name);
    const KeySet keys = set_of({owner});
    CHECK(verdict(owner.token("{}"), keys, AlgorithmSet()) == ErrorCode::token_algorithm);
    CHECK(verdict(owner.token("{}"), keys, kHmac) == ErrorCode::token_algorithm);
    CHECK(verdict(owner.token("{}"), keys, AlgorithmSet().with(algorithm_from(name))) ==
          ErrorCode::none);
  }
  CHECK_FALSE(KeySet::read(TestKey::ec("ES384").jwk_set(), rules_of(default_algorithms())));
}

TEST_CASE("key set: attacks whose signature is right, or needs no key") {
  const TestKey rsa = TestKey::rsa().with_id("a");
  const TestKey ec = TestKey::ec().with_id("b");
  const KeySet keys = set_of({rsa, ec});
  const TestKey attacker = TestKey::ec("ES256", 5).with_id("b");
  const std::string payload = R"({"sub":"ann"})";
  const auto header = [](std::string_view algorithm, std::string_view kid, std::string_view more) {
    return R"({"alg":")" + std::string(algorithm) + R"(","kid":")" + std::string(kid) + "\"" +
           std::string(more) + "}";
  };
  const auto with_signature = [&](const std::string& head, std::string_view signature) {
    return base64url(head) + "." + base64url(payload) + "." + base64url(signature);
  };
  // HMAC with what everybody has: the key's JWK, or its modulus (CVE-2016-10555).
  const auto hmac = [&](std::string_view secret) {
    return TestKey::secret(secret).sign(header("HS256", "a", ""), payload);
  };
  const std::string good = rsa.sign(header("RS256", "a", ""), payload);
  const std::string signature = good.substr(good.rfind('.') + 1);
  struct Row {
    const char* name;
    std::string token;
    ErrorCode code;
  };
  const Row rows[] = {
      {"none of these", good, ErrorCode::none},
      {"no signature (CVE-2015-9235)", with_signature(header("none", "a", ""), ""),
       ErrorCode::token_algorithm},
      {"no signature, another case", with_signature(header("NoNe", "a", ""), ""),
       ErrorCode::token_algorithm},
      {"no signature, and an algorithm", with_signature(header("RS256", "a", ""), ""),
       ErrorCode::token_signature},
      {"HMAC with the JWK", hmac(rsa.jwk()), ErrorCode::token_algorithm},
      {"HMAC with the bare JWK", hmac(rsa.jwk(true)), ErrorCode::token_algorithm},
      {"HMAC with nothing", hmac(""), ErrorCode::token_algorithm},
      {"a key in the header (CVE-2018-0114)",
       attacker.sign(header("ES256", "b", R"(,"jwk":)" + attacker.jwk()), payload),
       ErrorCode::token_header},
      {"the right key in the header",
       ec.sign(header("ES256", "b", R"(,"jwk":)" + ec.jwk()), payload), ErrorCode::token_header},
      {"a key from elsewhere",
       rsa.sign(header("RS256", "a", R"(,"jku":"https://e.example")"), payload),
       ErrorCode::token_header},
      {"a certificate from elsewhere",
       rsa.sign(header("RS256", "a", R"(,"x5u":"https://e.example")"), payload),
       ErrorCode::token_header},
      {"a certificate", rsa.sign(header("RS256", "a", R"(,"x5c":["MIIB"])"), payload),
       ErrorCode::token_header},
      {"an extension that must be understood",
       rsa.sign(header("RS256", "a", R"(,"crit":["exp"],"exp":1)"), payload),
       ErrorCode::token_header},
      {"a payload that is not encoded", rsa.sign(header("RS256", "a", R"(,"b64":false)"), payload),
       ErrorCode::token_header},
      {"a compressed payload", rsa.sign(header("RS256", "a", R"(,"zip":"DEF")"), payload),
       ErrorCode::token_header},
      {"an encrypted payload", rsa.sign(header("RS256", "a", R"(,"enc":"A128GCM")"), payload),
       ErrorCode::token_header},
      {"a token in a token", rsa.sign(header("RS256", "a", R"(,"cty":"JWT")"), payload),
       ErrorCode::token_header},
      {"`alg` twice", rsa.sign(header("RS256", "a", R"(,"alg":"none")"), payload),
       ErrorCode::token_malformed},
      {"`kid` twice", rsa.sign(header("RS256", "a", R"(,"kid":"a")"), payload),
       ErrorCode::token_malformed},
      {"a claim twice", rsa.sign(header("RS256", "a", ""), R"({"sub":"ann","sub":"root"})"),
       ErrorCode::token_malformed},
      {"a claim twice below",
       rsa.sign(header("RS256", "a", ""), R"({"act":{"sub":"a","sub":"b"}})"),
       ErrorCode::token_malformed},
      {"JSON after the header", rsa.sign(header("RS256", "a", "") + "{}", payload),
       ErrorCode::token_malformed},
      {"zeros (CVE-2022-21449)", with_signature(header("ES256", "b", ""), std::string(64, '\0')),
       ErrorCode::token_signature},
      {"PSS with a key for PKCS #1",
       rsa.with_algorithm("PS256").sign(header("PS256", "a", ""), payload),
       ErrorCode::token_algorithm},
      {"another hash with a key for SHA-256",
       rsa.with_algorithm("RS512").sign(header("RS512", "a", ""), payload),
       ErrorCode::token_algorithm},
      {"an algorithm that the header does not tell",
       rsa.with_algorithm("RS512").sign(header("RS256", "a", ""), payload),
       ErrorCode::token_signature},
      {"the id of another key", rsa.sign(header("RS256", "b", ""), payload),
       ErrorCode::token_algorithm},
      {"an id that is a path", rsa.sign(header("RS256", "../a", ""), payload),
       ErrorCode::token_key_unknown},
      {"an id that is almost the key's", rsa.sign(header("RS256", "A", ""), payload),
       ErrorCode::token_key_unknown},
      {"padding after the signature", good + "==", ErrorCode::token_malformed},
      {"a part more", good + ".e30", ErrorCode::token_malformed},
      {"two parts more, as if encrypted", good + ".e30.e30", ErrorCode::token_encrypted},
      {"the signature of another token",
       ec.token("{}").substr(0, ec.token("{}").rfind('.') + 1) + signature,
       ErrorCode::token_signature},
      {"bytes after the signature", good + "AAAA", ErrorCode::token_signature},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    CHECK(verdict(row.token, keys) == row.code);
  }
}

TEST_CASE("key set: an ECDSA signature in DER, which some libraries send, is none") {
  const TestKey ec = TestKey::ec();
  const std::string header = R"({"alg":"ES256","kid":")" + ec.id() + "\"}";
  const std::string input = base64url(header) + "." + base64url("{}");
  const std::string fixed = ec.signature(input);
  const std::string der =
      std::string("\x30\x44\x02\x20") + fixed.substr(0, 32) + "\x02\x20" + fixed.substr(32);
  CHECK(verdict(input + "." + base64url(fixed), set_of({ec})) == ErrorCode::none);
  CHECK(verdict(input + "." + base64url(der), set_of({ec})) == ErrorCode::token_signature);
}

TEST_CASE("key set: secrets are for HMAC, by configuration only") {
  const std::string bytes(64, 's');
  for (const Algorithm each : {Algorithm::hs256, Algorithm::hs384, Algorithm::hs512}) {
    const std::string name(algorithm_name(each));
    CAPTURE(name);
    const auto keys = KeySet::from_secrets({{each, bytes}});
    REQUIRE(keys.has_value());
    const TestKey owner = TestKey::secret(bytes, name);
    CHECK(verdict(owner.token("{}"), *keys) == ErrorCode::none);
    CHECK(verdict(owner.with_id("any").token("{}"), *keys) == ErrorCode::none);
    CHECK(verdict(owner.token("{}"), *keys, default_algorithms()) == ErrorCode::token_algorithm);
    CHECK(verdict(TestKey::secret(bytes + "s", name).token("{}"), *keys) ==
          ErrorCode::token_signature);
    CHECK(verdict(TestKey::rsa().token("{}"), *keys) == ErrorCode::token_key_unknown);
    const std::string other = each == Algorithm::hs256 ? "HS512" : "HS256";
    CHECK(verdict(TestKey::secret(bytes, other).token("{}"), *keys) ==
          ErrorCode::token_key_unknown);
  }
  const auto two = KeySet::from_secrets(
      {{Algorithm::hs256, bytes, "a"}, {Algorithm::hs256, std::string(64, 't'), "b"}});
  REQUIRE(two.has_value());
  CHECK(verdict(TestKey::secret(bytes).with_id("a").token("{}"), *two) == ErrorCode::none);
  CHECK(verdict(TestKey::secret(bytes).with_id("b").token("{}"), *two) ==
        ErrorCode::token_signature);
  CHECK(verdict(TestKey::secret(bytes).with_id("c").token("{}"), *two) ==
        ErrorCode::token_key_unknown);
  CHECK(verdict(TestKey::secret(bytes).token("{}"), *two) == ErrorCode::token_key_unknown);

  CHECK(KeySet::from_secrets({}).error().code == ErrorCode::identity_keys);
  CHECK(KeySet::from_secrets({{Algorithm::hs512, bytes.substr(1)}}).error().code ==
        ErrorCode::identity_key);
  CHECK(KeySet::from_secrets({{Algorithm::rs256, bytes}}).error().code == ErrorCode::identity_key);
  CHECK(KeySet::from_secrets({{Algorithm::none, bytes}}).error().code == ErrorCode::identity_key);
  CHECK(KeySet::from_secrets({{Algorithm::hs256, bytes, "a"}, {Algorithm::hs256, bytes, "a"}})
            .error()
            .code == ErrorCode::identity_keys);
  CHECK(KeySet::from_secrets({{Algorithm::hs256, bytes, "a"}, {Algorithm::hs256, bytes}})
            .error()
            .code == ErrorCode::identity_keys);
}

TEST_CASE("key set: sets that are refused as a whole, whatever is passed over") {
  const std::string ec = TestKey::ec().jwk();
  const std::string rsa = TestKey::rsa().jwk();
  const std::string secret = TestKey::secret(std::string(64, 's')).jwk();
  std::string many = ec;
  for (int i = 0; i < 100; ++i) many += R"(,{"kty":"other"})";
  struct Row {
    const char* name;
    std::string text;
  };
  const Row rows[] = {
      {"nothing", ""},
      {"text", "keys"},
      {"a list", "[" + ec + "]"},
      {"a key", ec},
      {"no keys", R"({"key":[]})"},
      {"keys that are an object", R"({"keys":)" + ec + "}"},
      {"keys that are null", R"({"keys":null})"},
      {"no key", R"({"keys":[]})"},
      {"a key that is text", R"({"keys":[)" + ec + R"(,"x"]})"},
      {"`keys` twice", R"({"keys":[)" + ec + R"(],"keys":[]})"},
      {"`alg` twice in a key", R"({"keys":[{"kty":"EC","alg":"ES256","alg":"ES384"},)" + ec + "]}"},
      {"the same id twice",
       R"({"keys":[)" + ec + "," + TestKey::ec("ES256", 1).with_id("ec-0").jwk() + "]}"},
      {"the same key twice", R"({"keys":[)" + ec + "," + ec + "]}"},
      {"the same id for keys of two types",
       R"({"keys":[)" + ec + "," + TestKey::rsa().with_id("ec-0").jwk() + "]}"},
      {"a secret beside a public key", R"({"keys":[)" + ec + "," + secret + "]}"},
      {"secrets only", R"({"keys":[)" + secret + "]}"},
      {"a private key beside a public one",
       R"({"keys":[)" + rsa + "," + TestKey::ec().private_jwk() + "]}"},
      {"a private key of a type that nobody knows",
       R"({"keys":[)" + rsa + R"(,{"kty":"AKP","d":"AA"}]})"},
      {"keys for something else only", R"({"keys":[{"kty":"AKP","pub":"AA"}]})"},
      {"too many keys", R"({"keys":[)" + many + "]}"},
      {"too many bytes", R"({"keys":[)" + ec + R"(],"x":")" + std::string(256 * 1024, 'x') + "\"}"},
      {"bytes after it", R"({"keys":[)" + ec + "]} {}"},
  };
  for (const Row& row : rows) {
    for (const bool pass_over_bad : {false, true}) {
      CAPTURE(std::string(row.name));
      const auto set = KeySet::read(row.text, rules_of(kAll, pass_over_bad));
      REQUIRE_FALSE(set.has_value());
      CHECK(set.error().code == ErrorCode::identity_keys);
      // No key material in sentences.
      CHECK(set.error().message.size() < 100);
    }
  }
  many.resize(many.rfind(','));
  CHECK(KeySet::read(R"({"keys":[)" + many + "]}", rules_of(kAll)).has_value());
}

TEST_CASE("key set: bad keys are refused with their place, or passed over beside good ones") {
  const std::string good = TestKey::ec().jwk();
  const std::string bad[] = {TestKey::rsa("RS256", 0, 1024).jwk(),
                             R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})",
                             R"({"kty":"RSA","n":"AA","e":"AQ"})", R"({"kty":1})"};
  for (const std::string& each : bad) {
    CAPTURE(each);
    const std::string text = R"({"keys":[)" + good + "," + each + "]}";
    const auto strict = KeySet::read(text, rules_of(kAll));
    REQUIRE_FALSE(strict.has_value());
    CHECK(strict.error().code == ErrorCode::identity_key);
    CHECK(strict.error().message.starts_with("keys[1]: "));
    const auto lenient = KeySet::read(text, rules_of(kAll, true));
    REQUIRE(lenient.has_value());
    CHECK(lenient->keys().size() == 1);
    REQUIRE(lenient->passed_over().size() == 1);
    CHECK(lenient->passed_over()[0].starts_with("keys[1]: "));
    CHECK_FALSE(KeySet::read(R"({"keys":[)" + each + "]}", rules_of(kAll, true)).has_value());
  }
  KeyRules rules = rules_of(kAll, true);
  rules.may_be_empty = true;
  CHECK(KeySet::read(R"({"keys":[)" + bad[0] + "]}", rules).has_value());
  CHECK(KeySet::read(R"({"keys":[]})", rules).has_value());
}

}  // namespace
