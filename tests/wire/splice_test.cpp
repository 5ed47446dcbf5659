// Edited messages: what is not edited stays byte for byte.
//
// SPDX-License-Identifier: Apache-2.0
#include "wire/splice.hpp"

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "wire/spans.hpp"
#include "wire/support.hpp"

namespace mcpgov::wire::test {
namespace {

std::string_view at(std::string_view json, std::string_view pointer) {
  std::string_view value;
  REQUIRE(find_value(json, pointer, value));
  return value;
}

TEST_CASE("splice: elements go with their commas") {
  struct Case {
    const char* json;
    std::vector<unsigned char> marks;
    const char* wanted;
  };
  const Case cases[] = {
      {"[1,2,3]", {0, 0, 0}, "[1,2,3]"},
      {"[1,2,3]", {}, "[1,2,3]"},
      {"[1,2,3]", {1, 0, 0}, "[2,3]"},
      {"[1,2,3]", {0, 1, 0}, "[1,3]"},
      {"[1,2,3]", {0, 0, 1}, "[1,2]"},
      {"[1,2,3]", {1, 1, 0}, "[3]"},
      {"[1,2,3]", {1, 0, 1}, "[2]"},
      {"[1,2,3]", {0, 1, 1}, "[1]"},
      {"[1,2,3]", {1, 1, 1}, "[]"},
      {"[1,2,3]", {1}, "[2,3]"},
      {"[ 1 , 2 , 3 ]", {1, 0, 0}, "[ 2 , 3 ]"},
      {"[ 1 , 2 , 3 ]", {0, 1, 0}, "[ 1 , 3 ]"},
      {"[ 1 , 2 , 3 ]", {0, 0, 1}, "[ 1 , 2 ]"},
      {"[ 1 , 2 , 3 ]", {1, 1, 1}, "[  ]"},
      {"[1]", {1}, "[]"},
      {"[]", {1, 1}, "[]"},
      {R"([{"a":"],["},"\"",[1,[2]]])", {0, 1, 0}, R"([{"a":"],["},[1,[2]]])"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.json);
    Splice splice(c.json);
    splice.remove_elements(c.json, c.marks);
    std::string out = "left over";
    REQUIRE(splice.apply(out));
    CHECK(out == c.wanted);
  }
}

TEST_CASE("splice: every choice of six elements leaves what plain code leaves") {
  const std::string json =
      R"({"before":0.10,"list":[ 1, "two" ,{"three":3},[4],5.0,null ],"after":1e2})";
  for (unsigned choice = 0; choice < 64; ++choice) {
    CAPTURE(choice);
    std::vector<unsigned char> marks;
    nlohmann::json wanted = nlohmann::json::parse(json);
    nlohmann::json kept = nlohmann::json::array();
    for (unsigned i = 0; i < 6; ++i) {
      marks.push_back(choice >> i & 1U);
      if (marks.back() == 0) kept.push_back(wanted["list"][i]);
    }
    wanted["list"] = kept;
    Splice splice(json);
    splice.remove_elements(at(json, "/list"), marks);
    std::string out;
    REQUIRE(splice.apply(out));
    CHECK(nlohmann::json::parse(out) == wanted);
    CHECK(out.substr(0, 24) == json.substr(0, 24));
    CHECK(out.substr(out.size() - 13) == json.substr(json.size() - 13));
  }
}

TEST_CASE("splice: members are replaced or added") {
  struct Case {
    const char* json;
    std::vector<Splice::Member> members;
    const char* wanted;
  };
  const Case cases[] = {
      {"{}", {{"a", "1"}}, R"({"a":1})"},
      {"{ }", {{"a", "1"}, {"b", "2"}}, R"({"a":1,"b":2 })"},
      {R"({"x":[1]})", {{"a", "1"}}, R"({"x":[1],"a":1})"},
      {R"({"x":[1] })", {{"a", "1"}, {"b", "\"s\""}}, R"({"x":[1],"a":1,"b":"s" })"},
      {R"({ "a" : 7 , "x":2})", {{"a", "1"}}, R"({ "a" : 1 , "x":2})"},
      {R"({"\u0061":7})", {{"a", "1"}}, R"({"\u0061":1})"},
      {R"({"b":7,"c":{"a":8}})", {{"a", "1"}, {"b", "2"}}, R"({"b":2,"c":{"a":8},"a":1})"},
      {R"({"a":1})", {}, R"({"a":1})"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.json);
    Splice splice(c.json);
    splice.set_members(c.json, c.members);
    std::string out;
    REQUIRE(splice.apply(out));
    CHECK(out == c.wanted);
  }
}

TEST_CASE("splice: a filtered list of 2026-07-28 becomes private and is not cached") {
  const std::string json =
      R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","ttlMs":5000 ,)"
      R"("tools":[{"name":"a","x":1.0}, {"name":"b"},{"name":"c"}],"nextCursor":"n"}})";
  Splice splice(json);
  const std::vector<unsigned char> marks = {0, 1, 0};
  splice.remove_elements(at(json, "/result/tools"), marks);
  const std::vector<Splice::Member> members = {{"cacheScope", "\"private\""}, {"ttlMs", "0"}};
  splice.set_members(at(json, "/result"), members);
  std::string out;
  REQUIRE(splice.apply(out));
  CHECK(
      out ==
      R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","ttlMs":0 ,)"
      R"("tools":[{"name":"a","x":1.0}, {"name":"c"}],"nextCursor":"n","cacheScope":"private"}})");
}

TEST_CASE("splice: a list at the end of its object and a new member behind it") {
  const std::string json = R"({"tools":[1,2]})";
  Splice splice(json);
  const std::vector<unsigned char> marks = {0, 1};
  const std::vector<Splice::Member> members = {{"ttlMs", "0"}};
  splice.set_members(json, members);
  splice.remove_elements(at(json, "/tools"), marks);
  std::string out;
  REQUIRE(splice.apply(out));
  CHECK(out == R"({"tools":[1],"ttlMs":0})");
}

TEST_CASE("splice: what cannot be done is refused, not guessed") {
  const std::string json = R"({"a":[1,2],"b":3})";
  const std::string elsewhere = "[1]";
  const std::vector<unsigned char> marks = {1};
  std::string out = "left over";

  Splice outside(json);
  outside.remove_elements(elsewhere, marks);
  CHECK(!outside.apply(out));
  CHECK(out.empty());

  Splice overlapping(json);
  overlapping.replace(at(json, "/a"), "[]");
  overlapping.remove_elements(at(json, "/a"), marks);
  CHECK(!overlapping.apply(out));

  Splice twice(json);
  twice.replace(at(json, "/b"), "4");
  twice.replace(at(json, "/b"), "5");
  CHECK(!twice.apply(out));

  Splice no_object(json);
  const std::vector<Splice::Member> members = {{"x", "0"}};
  no_object.set_members(at(json, "/a"), members);
  CHECK(!no_object.apply(out));

  Splice reused(json);
  reused.replace(elsewhere, "4");
  CHECK(!reused.apply(out));
  reused.start(json);
  CHECK(reused.empty());
  reused.replace(at(json, "/b"), "4");
  REQUIRE(reused.apply(out));
  CHECK(out == R"({"a":[1,2],"b":4})");
}

}  // namespace
}  // namespace mcpgov::wire::test
