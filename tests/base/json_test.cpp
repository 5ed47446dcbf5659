// Set-up JSON: what is refused, with which sentence, and where.
//
// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <string>

#include <doctest/doctest.h>

namespace {

using mcpgov::ErrorCode;
using mcpgov::JsonLimits;
using mcpgov::parse_json;

TEST_CASE("json: what is not exactly one reading is refused, with its place") {
  struct Case {
    std::string name;
    std::string text;
    const char* sentence;
    unsigned line;
    unsigned column;
  };
  const Case cases[] = {
      {"nothing", "", "the text is not valid JSON", 1, 1},
      {"only space", " \n ", "the text is not valid JSON", 2, 1},
      {"a member named twice", R"({"a":1,
 "a":2})",
       "an object names a member twice", 2, 4},
      {"the same name by an escape", R"({"a":1,"\u0061":2})", "an object names a member twice", 1,
       15},
      {"twice in an inner object", R"([{"x":{"b":1,"b":1}}])", "an object names a member twice", 1,
       16},
      {"a second value", "{} {}", "the text is not valid JSON", 1, 4},
      {"a comment", "{} // x", "the text is not valid JSON", 1, 4},
      {"a trailing comma", "[1,]", "the text is not valid JSON", 1, 4},
      {"a single quote", "{'a':1}", "the text is not valid JSON", 1, 2},
      {"NaN", "[NaN]", "the text is not valid JSON", 1, 2},
      {"a leading zero", "[01]", "the text is not valid JSON", 1, 4},
      {"a number beyond a double", "[1e999]", "a number is out of range", 1, 7},
      {"a raw control character", "[\"a\x01\"]", "the text is not valid JSON", 1, 4},
      {"invalid UTF-8", "[\"\xff\"]", "the text is not valid JSON", 1, 3},
      {"half of a surrogate pair", R"(["\ud800"])", "the text is not valid JSON", 1, 9},
      {"a byte order mark", "\xef\xbb\xbf{}", "the text starts with a byte order mark", 1, 1},
      {"an unclosed object", "{\"a\":{", "the text is not valid JSON", 1, 6},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const auto result = parse_json(c.text, {}, "x.json", ErrorCode::tool_list_invalid);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::tool_list_invalid);
    CHECK(result.error().message == c.sentence);
    CHECK(result.error().file == "x.json");
    CHECK(result.error().line == c.line);
    CHECK(result.error().column == c.column);
  }
}

TEST_CASE("json: limits count from zero, which admits nothing") {
  const auto sentence = [](const std::string& text, const JsonLimits& limits) {
    const auto result = parse_json(text, limits, "");
    return result ? std::string("read") : result.error().message;
  };
  CHECK(sentence("[[1]]", {100, 1, 100}) == "the text exceeds the nesting limit");
  CHECK(sentence("[[1]]", {100, 2, 100}) == "read");
  CHECK(sentence("[]", {100, 0, 100}) == "the text exceeds the nesting limit");
  CHECK(sentence("[1,2]", {100, 9, 1}) == "the text exceeds the limit of members");
  CHECK(sentence(R"({"a":1,"b":2})", {100, 9, 1}) == "the text exceeds the limit of members");
  CHECK(sentence(R"({"a":1,"b":2})", {100, 9, 2}) == "read");
  CHECK(sentence("[1]", {2, 9, 9}) == "the text exceeds the size limit");
  CHECK(sentence(std::string(1'000'000, '['), {2'000'000, 64, 9'000'000}) ==
        "the text exceeds the nesting limit");
}

TEST_CASE("json: trees are complete, and names of JavaScript's prototypes are only names") {
  const auto result = parse_json(
      R"({"__proto__":[1,[2,[]],{"constructor":null}],"":-5,"b":true,"s":"\u00e9","d":1.5})", {},
      "");
  REQUIRE(result);
  CHECK(result->dump() ==
        R"({"":-5,"__proto__":[1,[2,[]],{"constructor":null}],"b":true,"d":1.5,"s":"é"})");
}

}  // namespace
