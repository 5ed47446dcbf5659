// Tool lists: what is refused, what is kept as unusable, and how tools are found.
//
// SPDX-License-Identifier: Apache-2.0
#include "mcpgov/catalog.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace {

using mcpgov::ErrorCode;
using mcpgov::catalog::Catalog;
using mcpgov::catalog::Limits;
using mcpgov::catalog::Origin;
using mcpgov::catalog::Tool;

constexpr Origin kBoth[] = {Origin::pinned, Origin::claimed};

std::string tool(const std::string& name) {
  return R"({"name":")" + name + R"(","inputSchema":{"type":"object"}})";
}

TEST_CASE("catalog: a list that is malformed is refused whole, whoever made it") {
  struct Case {
    std::string name;
    std::string json;
    ErrorCode code;
    std::string message;
  };
  const Case cases[] = {
      {"no JSON", "{\"tools\":\n[}", ErrorCode::tool_list_invalid, "the text is not valid JSON"},
      {"a number", "7", ErrorCode::tool_list_invalid, "the text is no list of tools"},
      {"an empty object", "{}", ErrorCode::tool_list_invalid, "the text is no list of tools"},
      {"an error reply", R"({"error":{"code":1}})", ErrorCode::tool_list_invalid,
       "the text is no list of tools"},
      {"tools that are no list", R"({"tools":{}})", ErrorCode::tool_list_invalid,
       "the text is no list of tools"},
      {"a tool that is no object", "[7]", ErrorCode::tool_list_invalid,
       "tool number 1 has no name"},
      {"a tool without a name", R"([{"inputSchema":{"type":"object"}}])",
       ErrorCode::tool_list_invalid, "tool number 1 has no name"},
      {"an empty name", "[" + tool("a") + "," + tool("") + "]", ErrorCode::tool_list_invalid,
       "tool number 2 has no name"},
      {"a name that is a number", R"([{"name":7}])", ErrorCode::tool_list_invalid,
       "tool number 1 has no name"},
      {"a huge name", "[" + tool(std::string(1025, 'x')) + "]", ErrorCode::tool_list_invalid,
       "the name of tool number 1 exceeds the size limit"},
      {"two tools of one name", "[" + tool("a") + "," + tool("b") + "," + tool("a") + "]",
       ErrorCode::tool_duplicate, "two tools are called `a`"},
      {"one name, spelled with an escape", "[" + tool("a") + "," + tool("\\u0061") + "]",
       ErrorCode::tool_duplicate, "two tools are called `a`"},
      {"a member named twice", R"([{"name":"a","name":"b","inputSchema":{"type":"object"}}])",
       ErrorCode::tool_list_invalid, "an object names a member twice"},
      {"deep nesting", std::string(100, '[') + std::string(100, ']'), ErrorCode::tool_list_invalid,
       "the text exceeds the nesting limit"},
  };
  for (const Case& c : cases) {
    for (const Origin origin : kBoth) {
      CAPTURE(c.name);
      const auto read = Catalog::from_tools_json(c.json, origin, "tools.json");
      REQUIRE_FALSE(read);
      CHECK(read.error().code == c.code);
      CHECK(read.error().message == c.message);
      CHECK(read.error().file == "tools.json");
    }
  }
}

TEST_CASE("catalog: text that is no JSON is refused with its line and column") {
  const auto read = Catalog::from_tools_json("{\"tools\":\n [}", Origin::pinned, "t.json");
  REQUIRE_FALSE(read);
  CHECK(read.error().text() == "t.json:2:3: the text is not valid JSON [tool_list_invalid]");
}

TEST_CASE("catalog: a tool that cannot be understood is an error when pinned, unusable else") {
  struct Case {
    std::string name;
    std::string definition;  // behind the name
    std::string message;
  };
  const Case cases[] = {
      {"no schema", "", "tool `x`: it has no `inputSchema`"},
      {"a schema that is true", R"(,"inputSchema":true)",
       "tool `x`: /inputSchema: the schema is no object"},
      {"a schema of an array", R"(,"inputSchema":{"type":"array"})",
       "tool `x`: /inputSchema: the input of a tool must be an object"},
      {"an unknown type", R"(,"inputSchema":{"type":"object","properties":{"a":{"type":"any"}}})",
       "tool `x`: /inputSchema/properties/a: `type` names no type of JSON Schema"},
      {"inside `parameters.json`",
       R"(,"parameters":{"json":{"type":"object","properties":{"a/b":{"$ref":"#/x"}}}})",
       "tool `x`: /parameters/json/properties/a~1b: a reference names no definition of the schema"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const std::string list = "[" + tool("good") + R"(,{"name":"x")" + c.definition + "}]";
    const auto pinned = Catalog::from_tools_json(list, Origin::pinned);
    REQUIRE_FALSE(pinned);
    CHECK(pinned.error().code == ErrorCode::tool_schema_invalid);
    CHECK(pinned.error().message == c.message);

    const auto claimed = Catalog::from_tools_json(list, Origin::claimed);
    REQUIRE(claimed);
    REQUIRE(claimed->find("x") != nullptr);
    CHECK_FALSE(claimed->find("x")->usable());
    CHECK(claimed->find("x")->unusable == c.message);
    REQUIRE(claimed->find("good") != nullptr);
    CHECK(claimed->find("good")->usable());
  }
}

TEST_CASE("catalog: every shape of a list gives the same tools") {
  const std::string one = tool("read_file");
  const std::string shapes[] = {
      R"({"jsonrpc":"2.0","id":1,"result":{"tools":[)" + one + R"(],"nextCursor":"x"}})",
      R"({"tools":[)" + one + "]}",
      "[" + one + "]",
      one,
      R"({"name":"read_file","parameters":{"type":"object"}})",
      R"({"name":"read_file","inputSchema":{"json":{"type":"object"}}})",
  };
  for (const std::string& shape : shapes) {
    CAPTURE(shape);
    const auto read = Catalog::from_tools_json(shape, Origin::pinned);
    REQUIRE(read);
    REQUIRE(read->tools().size() == 1);
    CHECK(read->tools()[0].name == "read_file");
    CHECK(read->find("read_file") == &read->tools()[0]);
  }
}

TEST_CASE("catalog: names are compared byte by byte") {
  const auto read =
      Catalog::from_tools_json("[" + tool("read_file") + "," + tool("Read_File") + "," +
                                   tool("r\xc3\xa9"
                                        "ad") +
                                   "]",
                               Origin::claimed);
  REQUIRE(read);
  CHECK(read->find("read_file") == &read->tools()[0]);
  CHECK(read->find("Read_File") == &read->tools()[1]);
  CHECK(read->find("r\xc3\xa9"
                   "ad") == &read->tools()[2]);
  for (const std::string_view absent : {"", "read_fil", "read_file ", "READ_FILE",
                                        "re\xcc\x81"
                                        "ad",
                                        "__proto__", "constructor"}) {
    CAPTURE(std::string(absent));
    CHECK(read->find(absent) == nullptr);
  }
  CHECK(read->find(std::string_view("read_file\0", 10)) == nullptr);
  CHECK(Catalog().find("read_file") == nullptr);
  CHECK(Catalog().tools().empty());
}

TEST_CASE("catalog: hints are what the tool says, and nothing is assumed") {
  const auto read = Catalog::from_tools_json(
      R"([{"name":"a","inputSchema":{"type":"object"},"title":"Shown",
           "annotations":{"readOnlyHint":true,"destructiveHint":false,"title":"Older"}},
          {"name":"b","inputSchema":{"type":"object"},
           "annotations":{"readOnlyHint":"true","destructiveHint":1,"idempotentHint":null,
                          "openWorldHint":[],"ReadOnlyHint":true,"title":7}},
          {"name":"c","inputSchema":{"type":"object"},"annotations":{"title":"Older"}},
          {"name":"d","inputSchema":{"type":"object"},"annotations":[]}])",
      Origin::claimed);
  REQUIRE(read);
  const Tool& a = *read->find("a");
  CHECK(a.hints.read_only == true);
  CHECK(a.hints.destructive == false);
  CHECK_FALSE(a.hints.idempotent.has_value());
  CHECK_FALSE(a.hints.open_world.has_value());
  CHECK(a.hints.title == "Shown");
  for (const char* name : {"b", "d"}) {
    const Tool& said_nothing = *read->find(name);
    CHECK_FALSE(said_nothing.hints.read_only.has_value());
    CHECK_FALSE(said_nothing.hints.destructive.has_value());
    CHECK_FALSE(said_nothing.hints.idempotent.has_value());
    CHECK_FALSE(said_nothing.hints.open_world.has_value());
    CHECK(said_nothing.hints.title.empty());
  }
  CHECK(read->find("c")->hints.title == "Older");
}

TEST_CASE("catalog: pages are one list") {
  const std::string first = "[" + tool("a") + "]";
  const std::string second = R"({"tools":[)" + tool("b") + "]}";
  const std::string_view pages[] = {first, second};
  const auto read = Catalog::from_pages(pages, Origin::claimed);
  REQUIRE(read);
  CHECK(read->tools().size() == 2);
  CHECK(read->find("b") != nullptr);

  const std::string_view repeated[] = {first, second, first};
  const auto twice = Catalog::from_pages(repeated, Origin::claimed);
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == ErrorCode::tool_duplicate);
  CHECK(Catalog::from_pages({}, Origin::claimed)->tools().empty());
}

TEST_CASE("catalog: limits count from zero, which admits nothing") {
  std::string list = "[" + tool("a") + "," + tool("b") + "]";
  const std::string_view page = list;
  const auto code = [&](const Limits& limits) {
    const auto read = Catalog::from_pages({&page, 1}, Origin::claimed, "", limits);
    return read ? ErrorCode::none : read.error().code;
  };
  Limits limits;
  CHECK(code(limits) == ErrorCode::none);
  limits = {};
  limits.tools = 1;
  CHECK(code(limits) == ErrorCode::tool_list_invalid);
  limits = {};
  limits.bytes = list.size() - 1;
  CHECK(code(limits) == ErrorCode::tool_list_invalid);
  limits = {};
  limits.depth = 2;
  CHECK(code(limits) == ErrorCode::tool_list_invalid);
  limits = {};
  limits.name_bytes = 0;
  CHECK(code(limits) == ErrorCode::tool_list_invalid);

  // Limits of types make tools unusable one by one.
  limits = {};
  limits.types = 0;
  auto read = Catalog::from_pages({&page, 1}, Origin::claimed, "", limits);
  REQUIRE(read);
  CHECK(read->find("a")->unusable == "tool `a`: /inputSchema: the schema has too many types");
  limits = {};
  limits.all_types = 1;
  read = Catalog::from_pages({&page, 1}, Origin::claimed, "", limits);
  REQUIRE(read);
  CHECK(read->find("a")->usable());
  CHECK(read->find("b")->unusable == "tool `b`: the list has too many types");
}

TEST_CASE("catalog: ten thousand tools are found, and one more is refused") {
  std::string list = "[";
  for (int i = 0; i < 10'000; ++i) list += (i == 0 ? "" : ",") + tool("t" + std::to_string(i));
  const auto read = Catalog::from_tools_json(list + "]", Origin::claimed);
  REQUIRE(read);
  for (int i = 0; i < 10'000; ++i) {
    const std::string name = "t" + std::to_string(i);
    REQUIRE(read->find(name) == &read->tools()[static_cast<std::size_t>(i)]);
  }
  CHECK(read->find("t10000") == nullptr);
  const auto more = Catalog::from_tools_json(list + "," + tool("x") + "]", Origin::claimed);
  REQUIRE_FALSE(more);
  CHECK(more.error().message == "the list has too many tools");
}

TEST_CASE("catalog: a copy shares what a tool points to") {
  const Tool* found = nullptr;
  Catalog kept;
  {
    const auto read = Catalog::from_tools_json(tool("a"), Origin::pinned);
    REQUIRE(read);
    kept = *read;
    found = kept.find("a");
  }
  CHECK(found->name == "a");
  CHECK(kept.origin() == Origin::pinned);
}

}  // namespace
