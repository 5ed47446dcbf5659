// Base64, encoded, decoded and compared without decoding into memory.
//
// SPDX-License-Identifier: Apache-2.0
#include "base/base64.hpp"

#include <string>

#include <doctest/doctest.h>

namespace mcpgov {
namespace {

TEST_CASE("base64: the vectors of RFC 4648 §10 are equal, and only to their own text") {
  struct Case {
    const char* plain;
    const char* encoded;
  };
  const Case cases[] = {{"", ""},
                        {"f", "Zg=="},
                        {"fo", "Zm8="},
                        {"foo", "Zm9v"},
                        {"foob", "Zm9vYg=="},
                        {"fooba", "Zm9vYmE="},
                        {"foobar", "Zm9vYmFy"}};
  for (const Case& c : cases) {
    CAPTURE(c.plain);
    CHECK(match_base64(c.encoded, c.plain) == Base64Match::equal);
    std::string decoded = "before ";
    CHECK(decode_base64(c.encoded, decoded));
    CHECK(decoded == std::string("before ") + c.plain);
    CHECK(encode_base64(c.plain) == c.encoded);
    CHECK(match_base64(c.encoded, std::string(c.plain) + "x") == Base64Match::different);
    std::string other = c.plain;
    if (other.empty()) continue;
    other.back() = 'X';
    CHECK(match_base64(c.encoded, other) == Base64Match::different);
  }
  CHECK(match_base64("+/+/", "\xfb\xff\xbf") == Base64Match::equal);
  CHECK(encode_base64("\xfb\xff\xbf") == "+/+/");
}

TEST_CASE("base64: what no encoder writes is malformed, equal or not") {
  for (const char* encoded : {"Z",      "Zg",   "Zg=",   "Zm8",      "Zg===",    "====",   "=",
                              "==",     "Z===", "Zm9v=", "Zm=v",     "Zh==",     "Zm9=",   "Zm 9v",
                              "Zm9v\n", "Zm9-", "Zm9_",  "Zm9v====", "Zg==Zg==", "Zm9\xff"}) {
    CAPTURE(encoded);
    CHECK(match_base64(encoded, "f") == Base64Match::malformed);
    CHECK(match_base64(encoded, "foo") == Base64Match::malformed);
    std::string decoded = "before";
    CHECK_FALSE(decode_base64(encoded, decoded));
    CHECK(decoded == "before");
  }
}

}  // namespace
}  // namespace mcpgov
