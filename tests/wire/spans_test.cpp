// Exact bytes of members, elements and numbers.
//
// SPDX-License-Identifier: Apache-2.0
#include "wire/spans.hpp"

#include <string>
#include <vector>

#include "wire/support.hpp"

namespace mcpgov::wire::test {
namespace {

TEST_CASE("spans: elements are given as written") {
  struct Case {
    std::string_view json;
    std::vector<std::string_view> elements;
  };
  const Case cases[] = {
      {"[]", {}},
      {" [ \n ] ", {}},
      {"[1]", {"1"}},
      {R"([ 1.50 , "a,]\"" ,{"x":[1,"}"]}, [[]],null ])",
       {"1.50", R"("a,]\"")", R"({"x":[1,"}"]})", "[[]]", "null"}},
      {R"(["\\"])", {R"("\\")"}},
      {"{}", {}},
      {"7", {}},
      {"", {}},
      {"[", {}},
      {"[\"a", {}},
      {"[1,[2", {"1"}},
      {"[1,\"\\", {"1"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.json);
    std::vector<std::string_view> found;
    ElementSpans spans(c.json);
    for (std::string_view element; spans.next(element);) found.push_back(element);
    CHECK(found == c.elements);
  }
}

TEST_CASE("spans: members are given as written") {
  MemberSpans members(R"( { "a" : 1e3 , "b\u0063" :{"x":[]},"":"" } )");
  MemberSpans::Member member;
  REQUIRE(members.next(member));
  CHECK(member.key == R"("a")");
  CHECK(member.value == "1e3");
  REQUIRE(members.next(member));
  CHECK(member.key == R"("b\u0063")");
  CHECK(member.value == R"({"x":[]})");
  REQUIRE(members.next(member));
  CHECK(member.value == R"("")");
  CHECK(!members.next(member));
  CHECK(!members.next(member));
  for (const char* text :
       {"", "[]", "{", "{\"a\"", "{\"a\":", "{\"a", "{1:2}", "{\"a\" 1}", "{}"}) {
    CAPTURE(text);
    MemberSpans broken(text);
    CHECK(!broken.next(member));
  }
}

TEST_CASE("spans: strings as written compare and decode") {
  struct Case {
    std::string_view written;
    std::string_view text;
  };
  const Case cases[] = {
      {R"("")", ""},
      {R"("abc")", "abc"},
      {R"("a\u0062c")", "abc"},
      {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
      {R"("\u00e9\u20ac\ud83d\ude00!")", "é€😀!"},
      {R"("\uD83D\uDE00")", "😀"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.written);
    std::string decoded;
    CHECK(append_decoded(c.written, decoded));
    CHECK(decoded == c.text);
    CHECK(string_equals(c.written, c.text));
    CHECK(!string_equals(c.written, std::string(c.text) + "x"));
    if (!c.text.empty()) CHECK(!string_equals(c.written, c.text.substr(1)));
  }
  for (const char* written : {"", "\"", "abc", R"("\x")", R"("\u12")", R"("\ud800")", R"("\udc00")",
                              R"("\ud800A")", R"("\)"}) {
    CAPTURE(written);
    std::string decoded;
    CHECK(!append_decoded(written, decoded));
    CHECK(!string_equals(written, decoded));
  }
}

TEST_CASE("spans: pointers reach every value, numbers keep their text") {
  constexpr std::string_view json =
      R"({"a":{"b":[1, 0.10 ,{"c/d":-1E+2,"~":"t"}]},"x\u0079":"z","0":"zero","":{"":5}})";
  struct Case {
    const char* pointer;
    std::string_view value;
  };
  const Case cases[] = {
      {"", json},
      {"/a/b/1", "0.10"},
      {"/a/b/2/c~1d", "-1E+2"},
      {"/a/b/2/~0", R"("t")"},
      {"/xy", R"("z")"},
      {"/0", R"("zero")"},
      {"//", "5"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.pointer);
    std::string_view value;
    REQUIRE(find_value(json, c.pointer, value));
    CHECK(value == c.value);
  }
  for (const char* pointer : {"a", "/b", "/a/b/3", "/a/b/-", "/a/b/01", "/a/b/+1", "/a/b/1x",
                              "/a/b/2/c~2d", "/a/b/2/c~", "/a/b/1/x", "/x", "/xyz", "/"}) {
    CAPTURE(pointer);
    std::string_view value;
    const bool found = find_value(json, pointer, value);
    CHECK(found == (std::string_view(pointer) == "/"));  // the member with the empty name
  }
  std::string_view value;
  CHECK(find_member(json, "xy", value));
  CHECK(!find_member(json, "XY", value));
  CHECK(!find_member("[1]", "0", value));
}

TEST_CASE("spans: deep nesting needs no stack") {
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  ElementSpans spans(deep);
  std::string_view element;
  REQUIRE(spans.next(element));
  CHECK(element.size() == deep.size() - 2);
  CHECK(value_end(std::string(1'000'000, '['), 0) == std::string_view::npos);
}

}  // namespace
}  // namespace mcpgov::wire::test
