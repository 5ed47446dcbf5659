// Tests of identity/compact.hpp, base64url.hpp and algorithm.hpp: what is no token.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/compact.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "identity/base64url.hpp"
#include "support/allocation.hpp"
#include "support/tokens.hpp"

namespace {

using namespace mcpgov::identity;
using mcpgov::ErrorCode;
using mcpgov::test::base64url;

std::string token_of(std::string_view header, std::string_view payload = "{}",
                     std::string_view signature = "sig") {
  return base64url(header) + "." + base64url(payload) + "." + base64url(signature);
}

ErrorCode read(std::string_view token, Use use = Use::access_token) {
  CompactReader reader;
  Compact out;
  return reader.read(token, use, out);
}

TEST_CASE("compact: what a token says") {
  const std::string token = token_of(R"({"alg":"RS256","kid":"k\u0031","typ":"at+jwt","x":[1]})",
                                     R"({"sub":"ann"})", "signature");
  CompactReader reader;
  Compact out;
  REQUIRE(reader.read(token, Use::access_token, out) == ErrorCode::none);
  CHECK(out.algorithm == Algorithm::rs256);
  CHECK(out.algorithm_name == "RS256");
  CHECK(out.kid == "k1");
  CHECK(out.typ == "at+jwt");
  CHECK(text_member(out.payload, "sub") == "ann");
  CHECK(member(out.header, "x").has_value());
  CHECK(out.payload_bytes == R"({"sub":"ann"})");
  CHECK(out.signing_input == std::string_view(token).substr(0, token.rfind('.')));
  CHECK(out.signature == "signature");
  // What is read next has nothing of what was read before.
  REQUIRE(reader.read(token_of(R"({"alg":"ES256"})"), Use::access_token, out) == ErrorCode::none);
  CHECK_FALSE(out.kid.has_value());
  CHECK_FALSE(out.typ.has_value());
  CHECK(out.payload.size() == 0);
}

TEST_CASE("compact: forms that are no signed token") {
  struct Row {
    const char* name;
    std::string token;
    ErrorCode code;
  };
  const std::string header = base64url(R"({"alg":"RS256"})");
  const std::string good = token_of(R"({"alg":"RS256"})");
  const Row rows[] = {
      {"nothing", "", ErrorCode::token_malformed},
      {"one part", header, ErrorCode::token_malformed},
      {"two parts", header + "." + header, ErrorCode::token_malformed},
      {"four parts", good + ".x", ErrorCode::token_malformed},
      {"five parts, which is JWE", good + "..", ErrorCode::token_encrypted},
      {"five empty parts", "....", ErrorCode::token_encrypted},
      {"six parts", good + "...", ErrorCode::token_malformed},
      {"dots only", std::string(1000, '.'), ErrorCode::token_malformed},
      {"two dots", "..", ErrorCode::token_malformed},
      {"no header", "." + base64url("{}") + ".c2ln", ErrorCode::token_malformed},
      {"no payload", header + "..c2ln", ErrorCode::token_malformed},
      {"JSON serialization",
       R"({"payload":"e30","protected":")" + header + R"(","signature":"c2ln"})",
       ErrorCode::token_malformed},
      {"JSON serialization with two dots",
       R"({"payload":"e30","protected":")" + header + R"(","signature":"c2ln","a":".."})",
       ErrorCode::token_malformed},
      {"a space before", " " + good, ErrorCode::token_malformed},
      {"a space after", good + " ", ErrorCode::token_malformed},
      {"a line end after", good + "\n", ErrorCode::token_malformed},
      {"a NUL after", good + std::string(1, '\0'), ErrorCode::token_malformed},
      {"padding", header + "=." + base64url("{}") + ".c2ln", ErrorCode::token_malformed},
      {"the alphabet of base64", header + "." + base64url("{}") + ".+/+/",
       ErrorCode::token_malformed},
      {"bits that no encoder sets in the signature", header + ".e30.c2lnYR",
       ErrorCode::token_malformed},
      {"a character that adds no byte", good + "A", ErrorCode::token_malformed},
      {"a header that is a list", token_of("[]"), ErrorCode::token_malformed},
      {"a header with `alg` twice", token_of(R"({"alg":"RS256","alg":"RS256"})"),
       ErrorCode::token_malformed},
      {"a header with bytes after it", token_of(R"({"alg":"RS256"}{})"),
       ErrorCode::token_malformed},
      {"a header that is no UTF-8", token_of("{\"alg\":\"RS256\",\"a\":\"\xff\"}"),
       ErrorCode::token_malformed},
      {"a payload that is text", token_of(R"({"alg":"RS256"})", "text"),
       ErrorCode::token_malformed},
      {"a payload that is a list", token_of(R"({"alg":"RS256"})", "[]"),
       ErrorCode::token_malformed},
      {"a payload with `sub` twice", token_of(R"({"alg":"RS256"})", R"({"sub":"a","sub":"b"})"),
       ErrorCode::token_malformed},
      {"a payload with `sub` twice, once escaped",
       token_of(R"({"alg":"RS256"})", R"({"sub":"a","\u0073ub":"b"})"), ErrorCode::token_malformed},
      {"a token above the limit", good + std::string(16 * 1024, 'A'), ErrorCode::token_too_large},
      {"dots above the limit", std::string(16 * 1024 + 1, '.'), ErrorCode::token_too_large},
      {"a good token", good, ErrorCode::none},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    CHECK(read(row.token) == row.code);
  }
}

TEST_CASE("compact: headers, by what the token is for") {
  constexpr ErrorCode kOk = ErrorCode::none;
  constexpr ErrorCode kHeader = ErrorCode::token_header;
  constexpr ErrorCode kAlgorithm = ErrorCode::token_algorithm;
  struct Row {
    const char* name;
    std::string header;
    ErrorCode access_token;
    ErrorCode jwt_svid;
    ErrorCode proof;
    ErrorCode bytes;
  };
  const std::string jwk = R"(,"jwk":{"kty":"EC"}})";
  const std::string long_id(256, 'k');
  const Row rows[] = {
      {"an algorithm", R"({"alg":"RS256"})", kOk, kOk, kHeader, kOk},
      {"id and type", R"({"alg":"ES512","kid":"a","typ":"JWT"})", kOk, kOk, kHeader, kOk},
      {"EdDSA", R"({"alg":"EdDSA"})", kOk, kAlgorithm, kHeader, kOk},
      {"Ed25519", R"({"alg":"Ed25519"})", kOk, kAlgorithm, kHeader, kOk},
      {"HMAC", R"({"alg":"HS256"})", kOk, kAlgorithm, kAlgorithm, kOk},
      {"a key", R"({"alg":"ES256")" + jwk, kHeader, kHeader, kOk, kHeader},
      {"a key for HMAC", R"({"alg":"HS256")" + jwk, kHeader, kHeader, kAlgorithm, kHeader},
      {"a key that is text", R"({"alg":"ES256","jwk":"x"})", kHeader, kHeader, kHeader, kHeader},
      {"a key that is null", R"({"alg":"ES256","jwk":null})", kHeader, kHeader, kHeader, kHeader},
      {"no algorithm", "{}", kAlgorithm, kAlgorithm, kAlgorithm, kAlgorithm},
      {"none", R"({"alg":"none"})", kAlgorithm, kAlgorithm, kAlgorithm, kAlgorithm},
      {"None", R"({"alg":"None"})", kAlgorithm, kAlgorithm, kAlgorithm, kAlgorithm},
      {"nOnE", R"({"alg":"nOnE"})", kAlgorithm, kAlgorithm, kAlgorithm, kAlgorithm},
      {"no name", R"({"alg":""})", kAlgorithm, kAlgorithm, kAlgorithm, kAlgorithm},
      {"another case", R"({"alg":"rs256"})", kAlgorithm, kAlgorithm, kAlgorithm, kAlgorithm},
      {"a space", R"({"alg":"RS256 "})", kAlgorithm, kAlgorithm, kAlgorithm, kAlgorithm},
      {"a NUL", R"({"alg":"RS256\u0000"})", kAlgorithm, kAlgorithm, kAlgorithm, kAlgorithm},
      {"a list", R"({"alg":["RS256"]})", kAlgorithm, kAlgorithm, kAlgorithm, kAlgorithm},
      {"a number", R"({"alg":256})", kAlgorithm, kAlgorithm, kAlgorithm, kAlgorithm},
      {"null", R"({"alg":null})", kAlgorithm, kAlgorithm, kAlgorithm, kAlgorithm},
      {"ES256K", R"({"alg":"ES256K"})", kAlgorithm, kAlgorithm, kAlgorithm, kAlgorithm},
      {"RSA1_5", R"({"alg":"RSA1_5"})", kAlgorithm, kAlgorithm, kAlgorithm, kAlgorithm},
      {"PBES2", R"({"alg":"PBES2-HS256+A128KW"})", kAlgorithm, kAlgorithm, kAlgorithm, kAlgorithm},
      {"dir", R"({"alg":"dir"})", kAlgorithm, kAlgorithm, kAlgorithm, kAlgorithm},
      {"Ed448", R"({"alg":"Ed448"})", kAlgorithm, kAlgorithm, kAlgorithm, kAlgorithm},
      {"crit", R"({"alg":"RS256","crit":["b64"]})", kHeader, kHeader, kHeader, kHeader},
      {"an empty crit", R"({"alg":"RS256","crit":[]})", kHeader, kHeader, kHeader, kHeader},
      {"crit of `exp`", R"({"alg":"RS256","crit":["exp"],"exp":1})", kHeader, kHeader, kHeader,
       kHeader},
      {"b64 false", R"({"alg":"RS256","b64":false})", kHeader, kHeader, kHeader, kHeader},
      {"b64 true", R"({"alg":"RS256","b64":true})", kHeader, kHeader, kHeader, kHeader},
      {"zip", R"({"alg":"RS256","zip":"DEF"})", kHeader, kHeader, kHeader, kHeader},
      {"enc", R"({"alg":"RS256","enc":"A128GCM"})", kHeader, kHeader, kHeader, kHeader},
      {"cty", R"({"alg":"RS256","cty":"JWT"})", kHeader, kHeader, kHeader, kHeader},
      {"jku", R"({"alg":"RS256","jku":"https://a.example"})", kHeader, kHeader, kHeader, kHeader},
      {"x5u", R"({"alg":"RS256","x5u":"https://a.example"})", kHeader, kHeader, kHeader, kHeader},
      {"x5c", R"({"alg":"RS256","x5c":["MIIB"]})", kHeader, kHeader, kHeader, kHeader},
      {"x5t", R"({"alg":"RS256","x5t":"abc"})", kOk, kHeader, kHeader, kOk},
      {"what nobody knows", R"({"alg":"RS256","nonce":"abc"})", kOk, kHeader, kHeader, kOk},
      {"a long id", R"({"alg":"RS256","kid":")" + long_id + "\"}", kOk, kOk, kHeader, kOk},
      {"too long an id", R"({"alg":"RS256","kid":"k)" + long_id + "\"}", kHeader, kHeader, kHeader,
       kHeader},
      {"an empty id", R"({"alg":"RS256","kid":""})", kHeader, kHeader, kHeader, kHeader},
      {"an id that is a number", R"({"alg":"RS256","kid":1})", kHeader, kHeader, kHeader, kHeader},
      {"an id with a NUL", R"({"alg":"RS256","kid":"a\u0000b"})", kHeader, kHeader, kHeader,
       kHeader},
      {"an id with a line end", R"({"alg":"RS256","kid":"a\nb"})", kHeader, kHeader, kHeader,
       kHeader},
      {"an id that is a path", R"({"alg":"RS256","kid":"../../etc/passwd"})", kOk, kOk, kHeader,
       kOk},
      {"a type that is a list", R"({"alg":"RS256","typ":["JWT"]})", kHeader, kHeader, kHeader,
       kHeader},
      {"a type that is null", R"({"alg":"RS256","typ":null})", kHeader, kHeader, kHeader, kHeader},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    const std::string token = token_of(row.header);
    CHECK(read(token, Use::access_token) == row.access_token);
    CHECK(read(token, Use::jwt_svid) == row.jwt_svid);
    CHECK(read(token, Use::proof) == row.proof);
    CHECK(read(token, Use::bytes) == row.bytes);
  }
}

TEST_CASE("compact: a payload of bytes is handed out as it is") {
  CompactReader reader;
  Compact out;
  const std::string token = token_of(R"({"alg":"RS256"})", "\xff not JSON");
  REQUIRE(reader.read(token, Use::bytes, out) == ErrorCode::none);
  CHECK(out.payload_bytes == "\xff not JSON");
}

TEST_CASE("compact: a warm reader does not allocate") {
  const std::string token = token_of(R"({"alg":"RS256","kid":"a"})",
                                     R"({"sub":"ann","groups":["a","b"]})", std::string(256, 's'));
  CompactReader reader;
  Compact out;
  REQUIRE(reader.read(token, Use::access_token, out) == ErrorCode::none);
  const std::size_t before = mcpgov::test::allocation_count();
  const ErrorCode code = reader.read(token, Use::access_token, out);
  const std::size_t after = mcpgov::test::allocation_count();
  CHECK(code == ErrorCode::none);
  CHECK(after == before);
}

TEST_CASE("compact: media types are compared without case and without their usual prefix") {
  CHECK(is_type("at+jwt", "at+jwt"));
  CHECK(is_type("AT+JWT", "at+jwt"));
  CHECK(is_type("application/at+jwt", "at+jwt"));
  CHECK(is_type("Application/At+Jwt", "at+jwt"));
  CHECK_FALSE(is_type("", "at+jwt"));
  CHECK_FALSE(is_type("jwt", "at+jwt"));
  CHECK_FALSE(is_type("at+jwt ", "at+jwt"));
  CHECK_FALSE(is_type("at+jwtx", "at+jwt"));
  CHECK_FALSE(is_type("application/application/at+jwt", "at+jwt"));
  CHECK_FALSE(is_type("text/at+jwt", "at+jwt"));
  CHECK_FALSE(is_type("application/", "at+jwt"));
}

TEST_CASE("base64url: every length there and back") {
  std::string bytes;
  for (int size = 0; size < 70; ++size) {
    const std::string text = encode_base64url(bytes);
    CHECK(text == base64url(bytes));
    std::string back;
    CHECK(decode_base64url(text, back));
    CHECK(back == bytes);
    CHECK(bytes.size() <= base64url_room(text.size()));
    bytes += static_cast<char>(size * 37 + 200);
  }
}

TEST_CASE("base64url: what is refused") {
  std::string out = "before";
  for (const std::string_view text : {"A",
                                      "AAAAA",
                                      "AA==",
                                      "AAA=",
                                      "AA=",
                                      "AA\n",
                                      "A A",
                                      " AA",
                                      "AA+A",
                                      "AA/A",
                                      "AAAA=",
                                      "=",
                                      "AAAA\n",
                                      "AB",
                                      "AP",
                                      "AAB",
                                      "AAD",
                                      "AAA\x80",
                                      "\xff\xff\xff\xff",
                                      "AA,A",
                                      "AA.A",
                                      "A_-\x7f"}) {
    CAPTURE(std::string(text));
    out = "before";
    CHECK_FALSE(decode_base64url(text, out));
    CHECK(out.empty());
  }
  CHECK_FALSE(decode_base64url(std::string_view("AA\0A", 4), out));
  // One character left over, with digits behind it that do not belong to the text.
  CHECK_FALSE(decode_base64url(std::string_view("AAAAAAAA").substr(0, 5), out));
  // Exactly 64 characters are digits, at each place of a group.
  for (std::size_t place = 0; place < 4; ++place) {
    int accepted = 0;
    for (int each = 0; each < 256; ++each) {
      std::string text = "AAAA";
      text[place] = static_cast<char>(each);
      accepted += decode_base64url(text, out);
    }
    CHECK(accepted == 64);
  }
  // Of the last characters, those that leave the unused bits clear.
  int two = 0;
  int three = 0;
  for (int each = 0; each < 256; ++each) {
    two += decode_base64url(std::string("A") + static_cast<char>(each), out);
    three += decode_base64url(std::string("AA") + static_cast<char>(each), out);
  }
  CHECK(two == 4);
  CHECK(three == 16);
}

TEST_CASE("algorithm: names there and back, and nothing else") {
  for (int each = 1; each <= static_cast<int>(Algorithm::hs512); ++each) {
    const auto algorithm = static_cast<Algorithm>(each);
    CHECK_FALSE(algorithm_name(algorithm).empty());
    CHECK(algorithm_from(algorithm_name(algorithm)) == algorithm);
  }
  CHECK(algorithm_from("Ed25519") == Algorithm::eddsa);
  for (const char* name :
       {"", "none", "RS25", "RS2566", "rs256", "RS256\n", "ES521", "ESP256", "Ed448"}) {
    CAPTURE(std::string(name));
    CHECK(algorithm_from(name) == Algorithm::none);
  }
  CHECK(algorithm_name(Algorithm::none).empty());
  CHECK_FALSE(AlgorithmSet().has(Algorithm::none));
  CHECK_FALSE(AlgorithmSet().with(Algorithm::none).has(Algorithm::none));
}

}  // namespace
