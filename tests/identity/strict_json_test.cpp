// Tests of identity/strict_json.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/strict_json.hpp"

#include <string>

#include <doctest/doctest.h>

namespace {

using mcpgov::identity::StrictJson;
using mcpgov::identity::StrictLimits;

std::string nested(int depth) {
  std::string text;
  for (int i = 1; i < depth; ++i) text += R"({"a":)";
  text += "{}";
  for (int i = 1; i < depth; ++i) text += '}';
  return text;
}

TEST_CASE("strict JSON: what is refused") {
  struct Row {
    const char* name;
    std::string text;
  };
  const Row rows[] = {
      {"nothing", ""},
      {"white space only", "  "},
      {"an array", "[]"},
      {"a string", R"("{}")"},
      {"two objects", "{}{}"},
      {"bytes after the object", "{} x"},
      {"a NUL after the object", std::string("{}\0", 3)},
      {"an object that does not end", R"({"a":1)"},
      {"a member twice", R"({"alg":"RS256","alg":"none"})"},
      {"a member twice, once escaped", R"({"alg":"RS256","\u0061lg":"none"})"},
      {"a member twice below", R"({"a":{"b":1,"b":1}})"},
      {"a member twice in an array", R"({"a":[0,{"b":1,"c":2,"b":1}]})"},
      {"a comma at the end", R"({"a":1,})"},
      {"a name without quotes", "{a:1}"},
      {"single quotes", "{'a':1}"},
      {"a comment", "{/**/}"},
      {"NaN", R"({"a":NaN})"},
      {"a number with leading zero", R"({"a":01})"},
      {"half of a surrogate pair", R"({"a":"\ud800"})"},
      {"bytes that are no UTF-8", "{\"a\":\"\xff\"}"},
      {"an overlong encoding", "{\"a\":\"\xc0\xaf\"}"},
      {"a control character in a string", "{\"a\":\"\x01\"}"},
      {"a byte order mark", "\xef\xbb\xbf{}"},
      {"one level too deep", nested(17)},
      {"too many members",
       [] {
         std::string text = "{";
         for (int i = 0; i < 2001; ++i) text += "\"" + std::to_string(i) + "\":1,";
         text.back() = '}';
         return text;
       }()},
      {"too many bytes", R"({"a":")" + std::string(16 * 1024, 'x') + R"("})"},
  };
  StrictJson json;
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    CHECK_FALSE(json.read(row.text, {}));
  }
}

TEST_CASE("strict JSON: what is read, also after a refusal") {
  StrictJson json;
  CHECK_FALSE(json.read("[", {}));
  REQUIRE(json.read(R"({"a":{"b":1},"c":[{"b":2},{"b":3}],"b":"x"})", {}));
  CHECK(mcpgov::identity::text_member(json.root(), "b") == "x");
  CHECK_FALSE(mcpgov::identity::text_member(json.root(), "a").has_value());
  CHECK_FALSE(mcpgov::identity::member(json.root(), "d").has_value());
  CHECK(json.read(nested(16), {}));
  StrictLimits larger;
  larger.depth = 20;
  CHECK(json.read(nested(20), larger));
  CHECK_FALSE(json.read(nested(17), {}));
}

}  // namespace
