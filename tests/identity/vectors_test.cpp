// Published examples: RFC 7515 appendix A and E, RFC 7520 section 4, RFC 7797 section 4, RFC 8037
// appendix A, RFC 7638 section 3.1. Those of a form that is not accepted here are refused.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "identity/base64url.hpp"
#include "identity/key_set.hpp"

namespace {

using namespace mcpgov::identity;
using mcpgov::ErrorCode;
using mcpgov::Result;
using namespace std::string_literals;

// RFC 7515 appendix A.1: the claims of joe, in lines of their own.
const std::string kJoe =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
    "cnVlfQ";
// Appendix A.2.
const std::string kRsaA2 =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt"
    "0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSX"
    "ndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5"
    "IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const std::string kSignatureA2 =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W"
    "2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkS"
    "jtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnv"
    "Wh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
// Appendix A.4.
const std::string kSignatureA4 =
    "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7Xdt"
    "AG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn";
// RFC 7520 section 4: the payload of all examples. Section 3.3: the RSA key.
const std::string kFrodo =
    "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAg"
    "b250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dp"
    "bmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4";
const std::string kBilboN =
    "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_"
    "AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpP"
    "e7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg"
    "_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw";
// Sections 4.1, 4.2 and 4.3.
const std::string kSignature41 =
    "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83"
    "xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJ"
    "Dt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12"
    "podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg";
const std::string kSignature42 =
    "cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6"
    "O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqi"
    "VJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_"
    "jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw";
const std::string kSignature43 =
    "AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJ"
    "AQy3mtPBu_u_sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2";
// RFC 7638 section 3.1.
const std::string kRsa7638 =
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_B"
    "JECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_F"
    "DW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4"
    "vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

const std::string kEc521 = R"({"kty":"EC","crv":"P-521","kid":"bilbo.baggins@hobbiton.example",)"
                           R"("x":"AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTK)"
                           R"(qjqvjyekWF-7ytDyRXYgCF5cj0Kt",)"
                           R"("y":"AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQ)"
                           R"(kAgDPrwQrJmbnX9cwlGfP-HqHZR1"})";

// JSON Web Keys of the examples, without an algorithm: what is allowed decides.
std::string rsa_key(const std::string& n) {
  return R"({"kty":"RSA","e":"AQAB","n":")" + n + "\"}";
}

std::string with_id(std::string jwk) {
  return jwk.insert(1, R"("kid":"bilbo.baggins@hobbiton.example",)");
}

const std::string kEcA3 =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
const std::string kEcA4 = R"({"kty":"EC","crv":"P-521",)"
                          R"("x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ)"
                          R"(6OvLFV1jSfS9tsz4qUxcWceqwQGk",)"
                          R"("y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79a)"
                          R"(jL4Kkd0AZMaZmh9ubmf63e3kyMj2"})";
const std::string kOkp8037 =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
const std::string kSecretA1 =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
const std::string kSecret7520 = "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg";
const std::string kSecret7520Id = "018c0ae5-4d9b-471b-bfd6-eef314bc7037";

// The key of one algorithm from the text of a JWK, or from a secret in base64url.
Result<KeySet> keys_of(const std::string& key, Algorithm algorithm) {
  if (!is_symmetric(algorithm)) {
    KeyRules rules;
    rules.algorithms = AlgorithmSet().with(algorithm);
    return KeySet::read(R"({"keys":[)" + key + "]}", rules);
  }
  std::string bytes;
  REQUIRE(decode_base64url(key, bytes));
  return KeySet::from_secrets({{algorithm, bytes}});
}

ErrorCode verdict(const std::string& token, const Result<KeySet>& keys, Algorithm algorithm) {
  REQUIRE(keys.has_value());
  CompactReader reader;
  Compact compact;
  const ErrorCode code = reader.read(token, Use::bytes, compact);
  if (code != ErrorCode::none) return code;
  const Key* used = nullptr;
  return check_signature(compact, *keys, AlgorithmSet().with(algorithm), used);
}

struct Example {
  const char* name;
  std::string key;
  Algorithm algorithm;
  std::string token;
};

const std::string kHeader44 =
    "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9";
const std::string kSignature44 = "s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0";

const Example kExamples[] = {
    {"RFC 7515 A.1", kSecretA1, Algorithm::hs256,
     "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + kJoe +
         ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
    {"RFC 7515 A.2", rsa_key(kRsaA2), Algorithm::rs256,
     "eyJhbGciOiJSUzI1NiJ9." + kJoe + "." + kSignatureA2},
    {"RFC 7515 A.3", kEcA3, Algorithm::es256,
     "eyJhbGciOiJFUzI1NiJ9." + kJoe +
         ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
    {"RFC 7515 A.4", kEcA4, Algorithm::es512, "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA." + kSignatureA4},
    {"RFC 7520 4.1", with_id(rsa_key(kBilboN)), Algorithm::rs256,
     "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9." + kFrodo + "." +
         kSignature41},
    {"RFC 7520 4.2", with_id(rsa_key(kBilboN)), Algorithm::ps384,
     "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9." + kFrodo + "." +
         kSignature42},
    {"RFC 7520 4.3", kEc521, Algorithm::es512,
     "eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9." + kFrodo + "." +
         kSignature43},
    {"RFC 7520 4.4", kSecret7520, Algorithm::hs256, kHeader44 + "." + kFrodo + "." + kSignature44},
    {"RFC 8037 A.4", kOkp8037, Algorithm::eddsa,
     "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
     "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"},
};

TEST_CASE("vectors: the signed examples hold, and with one character changed they do not") {
  for (const Example& each : kExamples) {
    CAPTURE(std::string(each.name));
    const Result<KeySet> keys = keys_of(each.key, each.algorithm);
    CHECK(verdict(each.token, keys, each.algorithm) == ErrorCode::none);
    for (std::size_t at = 5; at < each.token.size(); at += each.token.size() / 9) {
      std::string changed = each.token;
      changed[at] = changed[at] == 'x' ? 'y' : 'x';
      CHECK(verdict(changed, keys, each.algorithm) != ErrorCode::none);
    }
  }
}

TEST_CASE("vectors: examples of forms that are not accepted here") {
  const Result<KeySet> joe = keys_of(kSecretA1, Algorithm::hs256);
  const Result<KeySet> frodo = keys_of(kSecret7520, Algorithm::hs256);
  struct Row {
    const char* name;
    std::string token;
    const Result<KeySet>& keys;
    ErrorCode code;
  };
  const std::string unprotected = R"("header":{"kid":")" + kSecret7520Id + R"("})";
  const Row rows[] = {
      {"RFC 7515 A.5: unsecured", "eyJhbGciOiJub25lIn0." + kJoe + ".", joe,
       ErrorCode::token_algorithm},
      {"RFC 7515 A.6: JSON serialization, signatures in a list",
       R"({"payload":")" + kJoe +
           R"(","signatures":[{"protected":"eyJhbGciOiJSUzI1NiJ9","header":{"kid":"2010-12-29"},)" +
           R"("signature":")" + kSignatureA2 + R"("}]})",
       joe, ErrorCode::token_malformed},
      {"RFC 7515 E: an extension that nobody knows",
       "eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQogImh0dHA6Ly9"
       "leGFtcGxlLmNvbS9VTkRFRklORUQiOnRydWUNCn0.RkFJTA.",
       joe, ErrorCode::token_header},
      {"RFC 7520 4.5: a payload that is sent apart", kHeader44 + ".." + kSignature44, frodo,
       ErrorCode::token_signature},
      {"RFC 7520 4.6: some headers are not protected",
       R"({"payload":")" + kFrodo + R"(","protected":"eyJhbGciOiJIUzI1NiJ9",)" + unprotected +
           R"(,"signature":"bWUSVaxorn7bEF1djytBd0kHv70Ly5pvbomzMWSOr20"})",
       frodo, ErrorCode::token_malformed},
      {"RFC 7520 4.7: no header is protected",
       R"({"payload":")" + kFrodo + R"(","header":{"alg":"HS256","kid":")" + kSecret7520Id +
           R"("},"signature":"xuLifqLGiblpv9zBpuZczWhNj1gARaLV3UxvxhJxZuk"})",
       frodo, ErrorCode::token_malformed},
      {"RFC 7520 4.8: several signatures",
       R"({"payload":")" + kFrodo + R"(","signatures":[{"protected":"eyJhbGciOiJSUzI1NiJ9",)" +
           unprotected + R"(,"signature":")" + kSignature41 + R"("}]})",
       frodo, ErrorCode::token_malformed},
      {"RFC 7797 4.2: a payload that is not encoded",
       "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19.."
       "A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY",
       joe, ErrorCode::token_header},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    CHECK(verdict(row.token, row.keys, Algorithm::hs256) == row.code);
  }
}

TEST_CASE(
    "vectors: the claims of RFC 7515 are read, as its tokens are those of RFC 7519 section 3.1") {
  CompactReader reader;
  Compact compact;
  REQUIRE(reader.read(kExamples[0].token, Use::access_token, compact) == ErrorCode::none);
  CHECK(text_member(compact.payload, "iss") == "joe");
  CHECK(compact.typ == "JWT");
}

TEST_CASE("vectors: thumbprints") {
  const auto thumbprint = [](const std::string& key, Algorithm algorithm) {
    const Result<KeySet> keys = keys_of(key, algorithm);
    REQUIRE(keys.has_value());
    return keys->keys().front().thumbprint();
  };
  // RFC 7638 section 3.1, RFC 8037 appendix A.3.
  CHECK(thumbprint(rsa_key(kRsa7638), Algorithm::rs256) ==
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  CHECK(thumbprint(kOkp8037, Algorithm::eddsa) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

}  // namespace
