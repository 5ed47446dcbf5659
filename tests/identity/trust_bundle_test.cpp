// Tests of src/identity/trust_bundle.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/trust_bundle.hpp"

#include <doctest/doctest.h>

#include "support/certificates.hpp"
#include "support/tokens.hpp"

namespace mcpgov::identity {
namespace {

using test::authority_spec;
using test::kCertificateTime;
using test::TestCertificate;
using test::TestKey;

const TestCertificate& root() {
  static const TestCertificate made = TestCertificate::make(authority_spec("root"));
  return made;
}

std::string authority(const std::string& base64, const std::string& type = "EC",
                      const std::string& use = "x509-svid") {
  return R"({"kty":")" + type + R"(","use":")" + use + R"(","x5c":[")" + base64 + R"("]})";
}

// The JWK of a key with another `use`.
std::string token_key(const TestKey& key, const std::string& use = "jwt-svid") {
  std::string jwk = key.jwk();
  const std::size_t at = jwk.find("\"sig\"");
  REQUIRE(at != std::string::npos);
  return jwk.replace(at, 5, "\"" + use + "\"");
}

std::string bundle_of(const std::string& entries, const std::string& more = "") {
  return R"({"keys":[)" + entries + "]" + more + "}";
}

bool vouches(const TrustBundle& bundle) {
  const auto leaf = crypto::Certificate::from_der(TestCertificate::make({}, &root()).der());
  REQUIRE(leaf.has_value());
  const auto verdict = bundle.authorities().verify(*leaf, {}, kCertificateTime);
  return verdict == crypto::ChainVerdict::trusted;
}

TEST_CASE("bundle: authorities and keys are taken by their use, sequence and hint read") {
  const auto bundle = TrustBundle::read(
      "example.org",
      bundle_of(authority(root().base64()) + "," + token_key(TestKey::ec().with_id("a")) + "," +
                    token_key(TestKey::rsa().with_id("b")),
                R"(,"spiffe_sequence":18446744073709551615,"spiffe_refresh_hint":300,"more":[])"));
  REQUIRE(bundle.has_value());
  CHECK(bundle->trust_domain() == "example.org");
  CHECK(vouches(*bundle));
  REQUIRE(bundle->token_keys().keys().size() == 2);
  CHECK(bundle->token_keys().keys()[0].algorithm() == Algorithm::es256);
  CHECK(bundle->token_keys().keys()[1].algorithm() == Algorithm::rs256);
  CHECK(bundle->sequence() == 18446744073709551615U);
  CHECK(bundle->refresh_hint_s() == 300);
}

// A modulus of 4,096 bits: making one takes a second.
constexpr const char* kLongModulus =
    "mtGnQBsiQRLZbev0AjbDwljvbXc-D_G3WLY04c7bS0AIy10-8RZybynZOCh2AuUtRa-HqbJghRbI9Uo9h5Js1D31BT"
    "6f13y3LzuJcJk8kobu70pvCGHBCjXw1-sUv-ev78KfoRGDJtDy-Jagt5_6RTC8ZNU3LMcF1cICSuQFoDYjUHeNACFl"
    "7JPHRrs8J1MICvVjMX3w05NuA9hBZi85wLpCzgSmMUhX9TDGKte2zjxXN8uBHQvE-K2qOhDNpM7yG6p_naIYghakEh"
    "rTpSYM78WTcOEu2L2G0GM61h-_5SN-rVuj1zNtVLlulNm1Gd1ZqbmIvPNcdQDWwqTzDAqrJLuqobz3UwVU_Um_BZil"
    "jOs4CxIGY9pxfGrglAaAKYMUQJFSU77SFppaztzxxb4t9Yv_vdiOVgFpzWw2UXlX03pHfB2PccN1yzvLlnL1IEXq5u"
    "gdE9iCIP4DW_3gcEE9HUxLNVA2tQ5YuCzlJPmVEdlpXZGi-cX_QSgq60SDGs5XZWjoQXAkGmyKOUvojKkEOcsw7A39"
    "drnttvWtbCFJo6sI9NRgbF-FzoMVdHJrDrwmP8ZeGsqtOjpSUgPqyRENTCluFO4kMfK7Kg9JzRsv4Dke5cl-fXyZXi"
    "5DAWwkVedSobaF9y2CnnwJQc9uxt5Zzb64GMXEbHnyxMN9bDu2uo8";

TEST_CASE("bundle: RSA keys of 4,096 bits, the longest that SPIRE makes, are taken") {
  const auto bundle = TrustBundle::read(
      "example.org", bundle_of(R"({"kty":"RSA","use":"jwt-svid","kid":"a","e":"AQAB","n":")" +
                               std::string(kLongModulus) + "\"}"));
  REQUIRE(bundle.has_value());
  CHECK(bundle->token_keys().keys().size() == 1);
}

TEST_CASE("bundle: an empty list revokes everything") {
  const auto bundle = TrustBundle::read("example.org", R"({"keys":[]})");
  REQUIRE(bundle.has_value());
  CHECK(bundle->authorities().empty());
  CHECK(bundle->token_keys().keys().empty());
  CHECK_FALSE(vouches(*bundle));
  CHECK_FALSE(bundle->sequence().has_value());
  CHECK(bundle->refresh_hint_s() == 0);
}

TEST_CASE("bundle: entries that mean something else are passed over") {
  const std::string certificate = root().base64();
  const TestKey key = TestKey::ec().with_id("a");
  struct Case {
    const char* name;
    std::string entry;
  };
  const Case cases[] = {
      {"unknown type", authority(certificate, "XYZ")},
      {"unknown use", authority(certificate, "EC", "wit-svid")},
      {"use in another case", authority(certificate, "EC", "X509-SVID")},
      {"use of other key sets", authority(certificate, "EC", "sig")},
      {"no use", R"({"kty":"EC","x5c":[")" + certificate + R"("]})"},
      {"no type", R"({"use":"x509-svid","x5c":[")" + certificate + R"("]})"},
      {"authority without certificate", R"({"kty":"EC","use":"x509-svid"})"},
      {"authority with an empty list", R"({"kty":"EC","use":"x509-svid","x5c":[]})"},
      {"token key of other key sets", token_key(key, "sig")},
      {"token key with another use", token_key(key, "x509-svid")},
      {"token key without use", TestKey::ec().jwk(true).insert(1, R"("kid":"a",)")},
      {"token key without id", token_key(TestKey::ec().with_id(""))},
      {"token key that JWT-SVID does not allow", token_key(TestKey::ed25519().with_id("e"))},
      {"weak token key", token_key(TestKey::rsa("RS256", 0, 1024).with_id("w"))},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    const auto bundle = TrustBundle::read("example.org", bundle_of(c.entry));
    REQUIRE(bundle.has_value());
    CHECK(bundle->authorities().empty());
    CHECK(bundle->token_keys().keys().empty());
  }
}

TEST_CASE("bundle: only the first certificate of an entry counts") {
  const std::string leaf = TestCertificate::make({}).base64();
  const auto with = [&](const std::string& list) {
    return TrustBundle::read("example.org",
                             bundle_of(R"({"kty":"EC","use":"x509-svid","x5c":[)" + list + "]}"));
  };
  const std::string first = "\"" + root().base64() + "\"";
  for (const std::string& rest : {std::string(",\"x\""), std::string(",1"), ",\"" + leaf + "\""}) {
    const auto bundle = with(first + rest);
    REQUIRE(bundle.has_value());
    CHECK(vouches(*bundle));
  }
  const auto other = TestCertificate::make(authority_spec("root"));
  const auto bundle = with("\"" + other.base64() + "\"," + first);
  REQUIRE(bundle.has_value());
  CHECK_FALSE(vouches(*bundle));
}

TEST_CASE("bundle: what is malformed is refused as a whole") {
  const std::string leaf = TestCertificate::make({}).base64();
  std::string unpadded = root().base64();
  while (unpadded.back() == '=') unpadded.pop_back();
  unpadded.pop_back();
  struct Case {
    const char* name;
    std::string text;
    const char* place = "";
  };
  const Case cases[] = {
      {"nothing", ""},
      {"no JSON", "{"},
      {"a list", "[]"},
      {"no keys", "{}"},
      {"keys are no list", R"({"keys":{}})"},
      {"an entry is no object", R"({"keys":[1]})"},
      {"keys twice", R"({"keys":[],"keys":[]})"},
      {"bytes follow", R"({"keys":[]}x)"},
      {"too large", R"({"keys":[],"a":")" + std::string(kLongestKeySet, 'a') + "\"}"},
      {"a secret key", bundle_of(R"({"kty":"oct","use":"jwt-svid","kid":"a","k":"AA"})")},
      {"a private key", bundle_of(TestKey::ec().with_id("a").private_jwk())},
      {"two keys of one id", bundle_of(token_key(TestKey::ec("ES256", 0).with_id("a")) + "," +
                                       token_key(TestKey::ec("ES256", 1).with_id("a")))},
      {"no base64", bundle_of(authority("!"))},
      {"base64 without padding", bundle_of(authority(unpadded))},
      {"no certificate", bundle_of(authority("AAAA"))},
      {"a list in x5c", bundle_of(R"({"kty":"EC","use":"x509-svid","x5c":[[]]})")},
      {"a leaf's certificate", bundle_of(authority(leaf)), "keys[0]: "},
      {"one good, one bad", bundle_of(authority(root().base64()) + "," + authority(leaf)),
       "keys[1]: "},
      {"the sequence is text", R"({"keys":[],"spiffe_sequence":"1"})"},
      {"the sequence is negative", R"({"keys":[],"spiffe_sequence":-1})"},
      {"the hint is a fraction", R"({"keys":[],"spiffe_refresh_hint":1.5})"},
      {"the hint is null", R"({"keys":[],"spiffe_refresh_hint":null})"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    const auto bundle = TrustBundle::read("example.org", c.text);
    REQUIRE_FALSE(bundle.has_value());
    CHECK(bundle.error().code == ErrorCode::identity_bundle);
    CHECK(bundle.error().message.starts_with(c.place));
  }
  for (const char* name : {"", "Example.org", "spiffe://example.org", "example.org/web"}) {
    CAPTURE(std::string(name));
    const auto bundle = TrustBundle::read(name, R"({"keys":[]})");
    REQUIRE_FALSE(bundle.has_value());
    CHECK(bundle.error().code == ErrorCode::identity_bundle);
  }
  const auto large = TrustBundle::read("a", R"({"keys":[],"spiffe_refresh_hint":4294967296})");
  REQUIRE(large.has_value());
  CHECK(large->refresh_hint_s() == 4294967295U);
}

}  // namespace
}  // namespace mcpgov::identity
