// Tests of src/identity/confirmation.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/confirmation.hpp"

#include <doctest/doctest.h>

namespace mcpgov::identity {
namespace {

// SHA-256 of nothing (FIPS 180-4), hexadecimal e3b0c442…7852b855.
constexpr const char* kEmptyText = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

ErrorCode read(const std::string& claims, Confirmation& out) {
  StrictJson json;
  REQUIRE(json.read(claims, {}));
  return read_confirmation(json.root(), out);
}

TEST_CASE("confirmation: thumbprints of key and certificate are read") {
  const std::string text = kEmptyText;
  struct Case {
    std::string claims, key, certificate;
  };
  const Case cases[] = {
      {R"({"sub":"a"})", "", ""},
      {R"({"cnf":{"jkt":")" + text + R"("}})", text, ""},
      {R"({"cnf":{"x5t#S256":")" + text + R"("}})", "", text},
      {R"({"cnf":{"x5t#S256":")" + text + R"(","jkt":")" + text + R"("}})", text, text},
  };
  for (const Case& c : cases) {
    CAPTURE(c.claims);
    Confirmation out{"before", "before"};
    CHECK(read(c.claims, out) == ErrorCode::none);
    CHECK(out.key == c.key);
    CHECK(out.certificate == c.certificate);
  }
}

TEST_CASE("confirmation: a binding that cannot be checked is a refusal, not an unbound token") {
  struct Case {
    const char* name;
    std::string cnf;
    ErrorCode code;
  };
  const std::string text = kEmptyText;
  const Case cases[] = {
      {"null", "null", ErrorCode::token_claim},
      {"a text", "\"" + text + "\"", ErrorCode::token_claim},
      {"a list", "[]", ErrorCode::token_claim},
      {"an empty object", "{}", ErrorCode::token_claim},
      {"no text", R"({"jkt":1})", ErrorCode::token_claim},
      {"an empty text", R"({"jkt":""})", ErrorCode::token_claim},
      {"an empty text of a certificate", R"({"x5t#S256":""})", ErrorCode::token_claim},
      {"too short", R"({"jkt":")" + text.substr(1) + "\"}", ErrorCode::token_claim},
      {"too long", R"({"jkt":"A)" + text + "\"}", ErrorCode::token_claim},
      {"padding", R"({"jkt":")" + text + "=\"}", ErrorCode::token_claim},
      {"standard base64", R"({"jkt":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"})",
       ErrorCode::token_claim},
      {"bits that no encoder sets", R"({"jkt":"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFV"})",
       ErrorCode::token_claim},
      {"one good, one bad", R"({"jkt":")" + text + R"(","x5t#S256":""})", ErrorCode::token_claim},
      {"a whole key (RFC 7800 3.2)", R"({"jwk":{"kty":"EC"}})", ErrorCode::token_binding},
      {"a key id (RFC 7800 3.4)", R"({"kid":"1"})", ErrorCode::token_binding},
      {"an older thumbprint of certificates", R"({"x5t":")" + text + "\"}",
       ErrorCode::token_binding},
      {"letter case", R"({"JKT":")" + text + "\"}", ErrorCode::token_binding},
      {"a known and an unknown one", R"({"jkt":")" + text + R"(","kid":"1"})",
       ErrorCode::token_binding},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    Confirmation out;
    CHECK(read(R"({"cnf":)" + c.cnf + "}", out) == c.code);
  }
}

TEST_CASE("confirmation: thumbprints are compared as digests") {
  const crypto::Digest empty = crypto::sha256("");
  CHECK(thumbprint_text(empty) == kEmptyText);
  CHECK(is_thumbprint_of(kEmptyText, empty));
  CHECK_FALSE(is_thumbprint_of(kEmptyText, crypto::sha256("a")));
  CHECK_FALSE(is_thumbprint_of("", empty));
  CHECK_FALSE(is_thumbprint_of("e3b0c44298fc1c149afbf4c8996fb924", empty));
  crypto::Digest other = empty;
  other.back() ^= 1;
  CHECK_FALSE(is_thumbprint_of(kEmptyText, other));
}

TEST_CASE("confirmation: a token bound to a certificate needs that certificate") {
  const crypto::Digest right = crypto::sha256("");
  const crypto::Digest wrong = crypto::sha256("other");
  struct Case {
    const char* name;
    const char* thumbprint;
    bool required;
    const crypto::Digest* shown;
    ErrorCode code;
  };
  const Case cases[] = {
      {"not bound, none shown", "", false, nullptr, ErrorCode::none},
      {"not bound, one shown", "", false, &wrong, ErrorCode::none},
      {"bound and shown", kEmptyText, false, &right, ErrorCode::none},
      {"bound, required and shown", kEmptyText, true, &right, ErrorCode::none},
      {"not bound but required", "", true, &right, ErrorCode::token_binding},
      {"bound, none shown", kEmptyText, false, nullptr, ErrorCode::token_binding},
      {"bound, another shown", kEmptyText, false, &wrong, ErrorCode::token_binding},
      {"bound to what is no thumbprint", "x", false, &right, ErrorCode::token_binding},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    CHECK(check_certificate_binding(c.thumbprint, c.required, c.shown) == c.code);
  }
}

TEST_CASE("confirmation: the scheme says whether the token is bound, and may not lie") {
  struct Case {
    const char* name;
    const char* thumbprint;
    bool required, dpop;
    ErrorCode code;
  };
  const Case cases[] = {
      {"bearer", "", false, false, ErrorCode::none},
      {"bound", kEmptyText, false, true, ErrorCode::none},
      {"bound and required", kEmptyText, true, true, ErrorCode::none},
      {"bound, as bearer", kEmptyText, false, false, ErrorCode::token_binding},
      {"bound and required, as bearer", kEmptyText, true, false, ErrorCode::token_binding},
      {"not bound, as DPoP", "", false, true, ErrorCode::token_binding},
      {"not bound but required", "", true, false, ErrorCode::token_binding},
      {"not bound but required, as DPoP", "", true, true, ErrorCode::token_binding},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    CHECK(check_scheme(c.thumbprint, c.required, c.dpop) == c.code);
  }
}

}  // namespace
}  // namespace mcpgov::identity
