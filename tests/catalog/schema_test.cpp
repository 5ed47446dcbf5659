// JSON Schema as types: the table of docs/request.md, row by row, and what is no schema.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "catalog/schema_reader.hpp"
#include "catalog/type.hpp"

namespace {

using mcpgov::Arena;
using mcpgov::catalog::identifier;
using mcpgov::catalog::Limits;
using mcpgov::catalog::Member;
using mcpgov::catalog::Schema;
using mcpgov::catalog::SchemaReader;
using mcpgov::catalog::Type;
using mcpgov::catalog::TypeIndex;
using mcpgov::catalog::TypeKind;
using Json = nlohmann::json;

// A type as text, `{a?:string,b:set<integer>}`; deeper than that is a recursive schema.
std::string text_of(const Schema& schema, TypeIndex index, int depth = 8) {
  if (depth == 0) return "…";
  const Type& type = schema[index];
  const auto list = [&](std::string_view brackets) {
    std::string text(1, brackets[0]);
    for (const TypeIndex item : type.items) {
      text += (text.size() == 1 ? "" : "|") + text_of(schema, item, depth - 1);
    }
    return text + brackets[1];
  };
  switch (type.kind) {
    case TypeKind::unknown: return "unknown";
    case TypeKind::boolean: return "boolean";
    case TypeKind::integer: return "integer";
    case TypeKind::decimal: return "decimal";
    case TypeKind::string: return "string";
    case TypeKind::date: return "date";
    case TypeKind::duration: return "duration";
    case TypeKind::ipv4: return "ipv4";
    case TypeKind::ipv6: return "ipv6";
    case TypeKind::decimal_text: return "decimal_text";
    case TypeKind::null: return "null";
    case TypeKind::set: return "set<" + text_of(schema, type.item, depth - 1) + ">";
    case TypeKind::tuple: return "tuple" + list("()");
    case TypeKind::choice: return "choice" + list("()");
    case TypeKind::enumeration: {
      std::string text(type.path);
      for (const std::string_view value : type.values) text += "|" + std::string(value);
      return "enum(" + text + ")";
    }
    case TypeKind::record:
    case TypeKind::tagged: break;
  }
  std::string text = type.kind == TypeKind::tagged ? std::string(type.path) + "{" : "{";
  for (const Member& member : type.members) {
    if (text.back() != '{') text += ',';
    text += std::string(member.name) + (member.required ? ":" : "?:") +
            text_of(schema, member.type, depth - 1);
  }
  if (type.open) text += "…";
  if (type.item != mcpgov::catalog::kNoType) text += "…" + text_of(schema, type.item, depth - 1);
  return text + "}";
}

// The whole input, or what is wrong with it.
std::string read(const std::string& json, const Limits& limits = {},
                 const std::string& tool = "t") {
  Arena arena;
  SchemaReader reader(arena, tool, limits);
  const Json schema = Json::parse(json);
  const Schema* read = reader.read(schema);
  return read == nullptr ? "! " + reader.pointer() + ": " + reader.sentence()
                         : text_of(*read, read->root);
}

std::string property(const std::string& json) {
  const std::string text = read(R"({"type":"object","properties":{"p":)" + json + "}}");
  return text.substr(0, 4) == "{p?:" ? text.substr(4, text.size() - 5) : text;
}

TEST_CASE("schema: what cannot be understood is refused, and the message says where") {
  struct Case {
    std::string name;
    std::string schema;
    std::string message;
  };
  const Case cases[] = {
      {"a list", "[]", "! : the schema is no object"},
      {"nothing", "{}", "! : the input of a tool must be an object"},
      {"a string", R"({"type":"string"})", "! : the input of a tool must be an object"},
      {"a choice of objects", R"({"anyOf":[{"type":"object"}]})",
       "! : the input of a tool must be an object"},
      {"an object or nothing", R"({"type":["object","null"]})",
       "! : the input of a tool must be an object"},
      {"a type that is a number", R"({"type":1})", "! : `type` is no name and no list of names"},
      {"an empty list of types", R"({"type":"object","properties":{"p":{"type":[]}}})",
       "! /properties/p: a choice has no alternatives"},
      {"a list of types with a number", R"({"type":"object","properties":{"p":{"type":[1]}}})",
       "! /properties/p: `type` is no name and no list of names"},
      {"an unknown type among known ones",
       R"({"type":"object","properties":{"p":{"type":["string","String"]}}})",
       "! /properties/p: `type` names no type of JSON Schema"},
      {"properties that are a list", R"({"type":"object","properties":[]})",
       "! : `properties` is no object"},
      {"a property that is a string", R"({"type":"object","properties":{"p":"string"}})",
       "! /properties/p: the schema is no object"},
      {"required: true", R"({"type":"object","required":true})",
       "! : `required` is no list of names"},
      {"required with a number", R"({"type":"object","required":[1]})",
       "! : `required` is no list of names"},
      {"an empty enum", R"({"type":"object","properties":{"p":{"type":"string","enum":[]}}})",
       "! /properties/p: `enum` has no values"},
      {"an enum with null",
       R"({"type":"object","properties":{"p":{"type":"string","enum":[null]}}})",
       "! /properties/p: `enum` of a string has another value"},
      {"an empty choice", R"({"type":"object","properties":{"p":{"oneOf":[]}}})",
       "! /properties/p: a choice has no alternatives"},
      {"a choice that is an object", R"({"type":"object","properties":{"p":{"anyOf":{}}}})",
       "! /properties/p: a choice has no alternatives"},
      {"an alternative that allows nothing",
       R"({"type":"object","properties":{"p":{"anyOf":[false]}}})",
       "! /properties/p/anyOf/0: the schema allows no value"},
      {"a reference into the network",
       R"({"type":"object","properties":{"p":{"$ref":"https://example.com/s.json"}}})",
       "! /properties/p: a reference names no definition of the schema"},
      {"a reference to nothing", R"({"type":"object","properties":{"p":{"$ref":"#/$defs/X"}}})",
       "! /properties/p: a reference names no definition of the schema"},
      {"a reference to the root", R"({"type":"object","properties":{"p":{"$ref":"#"}}})",
       "! /properties/p: a reference names no definition of the schema"},
      {"a reference into a definition",
       R"({"type":"object","properties":{"p":{"$ref":"#/$defs/X/y"}},"$defs":{"X":{}}})",
       "! /properties/p: a reference names no definition of the schema"},
      {"a reference with a bad escape",
       R"({"type":"object","properties":{"p":{"$ref":"#/$defs/X~"}},"$defs":{"X~":{}}})",
       "! /properties/p: a reference names no definition of the schema"},
      {"a reference that is a number", R"({"type":"object","properties":{"p":{"$ref":1}}})",
       "! /properties/p: a reference names no definition of the schema"},
      {"references in a circle",
       R"({"type":"object","properties":{"p":{"$ref":"#/$defs/X"}},
           "$defs":{"X":{"$ref":"#/$defs/Y"},"Y":{"$ref":"#/$defs/X"}}})",
       "! /properties/p: references lead nowhere"},
      {"a choice of itself",
       R"({"type":"object","properties":{"p":{"$ref":"#/$defs/X"}},
           "$defs":{"X":{"anyOf":[{"type":"null"},{"$ref":"#/$defs/X"}]}}})",
       "! : a choice leads back to itself"},
      {"two choices of each other",
       R"({"type":"object","properties":{"p":{"$ref":"#/$defs/X"}},
           "$defs":{"X":{"anyOf":[{"$ref":"#/$defs/Y"}]},"Y":{"oneOf":[{"$ref":"#/$defs/X"}]}}})",
       "! : a choice leads back to itself"},
      {"a definition nobody can read",
       R"({"type":"object","properties":{"p":{"$ref":"#/$defs/X"}},"$defs":{"X":{"type":"x"}}})",
       "! /$defs/X: `type` names no type of JSON Schema"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(read(c.schema) == c.message);
  }
}

TEST_CASE("schema: each property has the type the MCP schema generator gives it") {
  struct Case {
    std::string schema;
    std::string type;
  };
  const Case cases[] = {
      {R"({"type":"boolean"})", "boolean"},
      {R"({"type":"integer"})", "integer"},
      {R"({"type":"integer","enum":[1,2]})", "integer"},
      {R"({"type":"number"})", "decimal"},
      {R"({"type":"float"})", "decimal"},
      {R"({"type":"string"})", "string"},
      {R"({"type":"string","format":"uri","pattern":"^a"})", "string"},
      {R"({"type":"string","format":"time"})", "string"},
      {R"({"type":"string","format":"date"})", "date"},
      {R"({"type":"string","format":"date-time"})", "date"},
      {R"({"type":"string","format":"duration"})", "duration"},
      {R"({"type":"string","format":"ipv4"})", "ipv4"},
      {R"({"type":"string","format":"ipv6"})", "ipv6"},
      {R"({"type":"string","format":"decimal"})", "decimal_text"},
      {R"({"type":"string","enum":["b","a"]})", "enum(t::Input::p|a|b)"},
      {R"({"type":"string","format":"date","enum":["2020-01-01"]})",
       "enum(t::Input::p|2020-01-01)"},
      {R"({"type":"null"})", "null"},
      {"{}", "unknown"},
      {"true", "unknown"},
      {R"({"enum":["a"]})", "unknown"},
      {R"({"const":"a"})", "unknown"},
      {R"({"allOf":[{"type":"string"}]})", "unknown"},
      {R"({"type":"array","items":{"type":"string"}})", "set<string>"},
      {R"({"type":"array"})", "set<unknown>"},
      {R"({"type":"array","items":true})", "set<unknown>"},
      {R"({"type":"array","items":false})", "set<unknown>"},
      {R"({"type":"array","items":[{"type":"string"}]})", "set<unknown>"},
      {R"({"type":"array","items":{"type":"string","enum":["x"]}})", "set<enum(t::Input::p|x)>"},
      {R"({"type":"array","prefixItems":[{"type":"string","enum":["x"]},)"
       R"({"type":"integer"}],"items":false})",
       "tuple(enum(t::Input::p::Proj0|x)|integer)"},
      {R"({"type":"array","prefixItems":[],"items":false})", "tuple()"},
      {R"({"type":"array","prefixItems":[{"type":"string"}],"items":{"type":"string"}})",
       "set<string>"},
      {R"({"type":"array","prefixItems":[{"type":"integer"}],"items":{"type":"string"}})",
       "set<unknown>"},
      {R"({"type":"array","prefixItems":[{"type":"string","title":"x"}],)"
       R"("items":{"type":"string"}})",
       "set<string>"},
      {R"({"type":"array","prefixItems":[{"type":"string","format":"ipv4"}],)"
       R"("items":{"type":"string","format":"ipv6"}})",
       "set<ipv6>"},
      {R"({"type":"array","prefixItems":[{"type":"object","properties":{"a":{"type":"null"}}}],)"
       R"("items":{"type":"object","properties":{"a":{"type":"null"}},"title":"x"}})",
       "set<{a?:null}>"},
      {R"({"type":"array","prefixItems":[{"type":"object","properties":{"a":{"type":"null"}}}],)"
       R"("items":{"type":"object","properties":{"a":{"type":"null"}},"required":["a"]}})",
       "set<unknown>"},
      {R"({"type":"array","prefixItems":[{"type":"array","prefixItems":[{"type":"null"}]}],)"
       R"("items":{"type":"array","prefixItems":[{"type":"string"}]}})",
       "set<set<unknown>>"},
      {R"({"type":"array","prefixItems":[{"type":"string"},{"type":"string"}]})", "set<unknown>"},
      {R"({"type":"array","prefixItems":{},"items":{"type":"string"}})", "set<string>"},
      {R"({"type":null})", "unknown"},
      {R"({"type":["string","null"],"format":"date"})", "choice(string|null)"},
      {R"({"type":["null",{"type":"string","format":"date"}]})", "choice(null|date)"},
      {R"({"type":"object","properties":false,"additionalProperties":null})", "{}"},
      {R"({"type":["string","null"]})", "choice(string|null)"},
      {R"({"type":["string","null"],"enum":["a",null]})", "choice(string|null)"},
      {R"({"type":["string"]})", "choice(string)"},
      {R"({"type":"string","anyOf":[{"type":"null"}]})", "string"},
      {R"({"oneOf":[{"type":"string","enum":["x"]},{"type":"integer"}]})",
       "choice(enum(t::Input::p::TypeChoice0|x)|integer)"},
      {R"({"type":["object","null"],"properties":{"e":{"type":"string","enum":["q"]}}})",
       "choice({e?:enum(t::Input::p::TypeChoice0::e|q)}|null)"},
      {R"({"type":"object","properties":{"b":{"type":"string"},"a":{"type":"null"}},)"
       R"("required":["b","z"]})",
       "{a?:null,b:string}"},
      {R"({"type":"object","properties":{"a":{}},"required":false})", "{a?:unknown}"},
      {R"({"type":"object","properties":{"a":false,"b":true}})", "{b?:unknown}"},
      {R"({"type":"object"})", "{…}"},
      {R"({"type":"object","properties":{}})", "{}"},
      {R"({"type":"object","additionalProperties":true})", "{…}"},
      {R"({"type":"object","additionalProperties":false})", "{}"},
      {R"({"type":"object","properties":{"a":{}},"patternProperties":{"^x":{}}})", "{a?:unknown…}"},
      {R"({"type":"object","additionalProperties":{}})", "t::Input::p{…unknown}"},
      {R"({"type":"object","additionalProperties":{"type":"string","enum":["b"]}})",
       "t::Input::p{…enum(t::Input::p::pTag|b)}"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.schema);
    CHECK(property(c.schema) == c.type);
  }
}

TEST_CASE("schema: the input itself is closed unless it says otherwise") {
  CHECK(read(R"({"type":"object"})") == "{}");
  CHECK(read(R"({"type":"object","additionalProperties":false})") == "{}");
  CHECK(read(R"({"type":"object","additionalProperties":true})") == "{…}");
  CHECK(read(R"({"type":"object","additionalProperties":{"type":"string"}})") ==
        "t::Input{…string}");
}

TEST_CASE("schema: references share a type, also with themselves") {
  CHECK(read(
            R"({"type":"object","properties":{"a":{"$ref":"#/$defs/E"},
                                            "b":{"$ref":"#/definitions/E"}},
                 "$defs":{"E":{"type":"string","enum":["x"]}}})") ==
        "{a?:enum(t::Input::E|x),b?:enum(t::Input::E|x)}");
  CHECK(read(R"({"type":"object","properties":{"a":{"$ref":"#/$defs/X"}},
                 "$defs":{"X":{"$ref":"#/$defs/a~1b~0"},"a/b~":{"type":"null"}}})") == "{a?:null}");
  CHECK(read(R"({"type":"object","properties":{"n":{"$ref":"#/$defs/N"}},
                 "$defs":{"N":{"type":"object","properties":{"n":{"$ref":"#/$defs/N"}},
                               "required":["n"]}}})") ==
        "{n?:t::Input::N{n:t::Input::N{n:t::Input::N{n:t::Input::N{n:t::Input::N{n:t::Input::N{n:"
        "t::Input::N{n:…}}}}}}}}");
  // Only what contains itself is an entity; and a reference sees what its definition sees.
  CHECK(read(R"({"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},
                 "$defs":{"A":{"type":"object","properties":{"b":{"$ref":"#/$defs/B"}}},
                          "B":{"type":"array","items":{"type":"object","properties":{
                                 "b":{"$ref":"#/$defs/B"}}}}}})",
             {}, "t")
            .substr(0, 33) == "{a?:{b?:set<t::Input::B{b?:set<t:");
}

TEST_CASE("schema: inner definitions hide outer ones, and names say whose they are") {
  Arena arena;
  const Limits limits;
  SchemaReader reader(arena, "get-sum", limits);
  const Json shared = Json::parse(R"({"A":{"type":"string","enum":["1"]},"B":{"type":"null"}})");
  const Json own = Json::parse(R"({"B":{"type":"string","enum":["2"]},"C":{"type":"null"}})");
  reader.add_definitions(&shared, "");
  reader.add_definitions(&own, "get_sum::");
  const Schema* schema = reader.read(Json::parse(
      R"({"type":"object","properties":{"a":{"$ref":"#/$defs/A"},"b":{"$ref":"#/$defs/B"},
          "c":{"$ref":"#/$defs/C"}},"$defs":{"C":{"type":"string","enum":["3"]}}})"));
  REQUIRE(schema != nullptr);
  CHECK(text_of(*schema, schema->root) ==
        "{a?:enum(A|1),b?:enum(get_sum::B|2),c?:enum(get_sum::Input::C|3)}");

  // What an outer definition refers to cannot be changed by an inner one.
  SchemaReader outer(arena, "t", limits);
  const Json chain = Json::parse(R"({"A":{"type":"array","items":{"$ref":"#/$defs/B"}},"B":{}})");
  outer.add_definitions(&chain, "");
  schema = outer.read(Json::parse(
      R"({"type":"object","properties":{"a":{"$ref":"#/$defs/A"},"b":{"$ref":"#/$defs/B"}},
          "$defs":{"B":{"type":"null"}}})"));
  REQUIRE(schema != nullptr);
  CHECK(text_of(*schema, schema->root) == "{a?:set<unknown>,b?:null}");
}

TEST_CASE("schema: names become identifiers that policies can write") {
  struct Case {
    std::string name;
    std::string part;
  };
  const Case cases[] = {
      {"read_file", "read_file"},
      {"get-sum", "get_sum"},
      {"a.b/c", "a_b_c"},
      {"", "_"},
      {"2fa", "_2fa"},
      {"if", "if_"},
      {"is", "is_"},
      {"Action", "Action_"},
      {"String", "String_"},
      {"Record", "Record_"},
      {"string", "string"},
      {"__cedar", "__cedar_"},
      {"\xc3\xa9", "__"},
      {"a::b", "a__b"},
      {"If", "If"},
      {"true", "true_"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(identifier(c.name) == c.part);
  }
  CHECK(read(R"({"type":"object","properties":{"my-mode":{"type":"string","enum":["a"]}}})", {},
             "get-sum") == "{my-mode?:enum(get_sum::Input::my_mode|a)}");
}

TEST_CASE("schema: members with the names of JavaScript's prototypes are only members") {
  CHECK(read(R"({"type":"object","properties":{"__proto__":{"type":"null"},"constructor":{},"":{}},
                 "required":["__proto__"]})") == "{?:unknown,__proto__:null,constructor?:unknown}");
}

TEST_CASE("schema: depth and size are limited") {
  std::string deep;
  for (int i = 0; i < 30; ++i) deep += R"({"type":"array","items":)";
  deep += "{}" + std::string(30, '}');
  Limits limits;
  limits.depth = 16;
  CHECK(read(R"({"type":"object","properties":{"p":)" + deep + "}}", limits)
            .find("the schema exceeds the nesting limit") != std::string::npos);
  limits = {};
  limits.types = 5;
  CHECK(read(R"({"type":"object","properties":{"a":{},"b":{},"c":{},"d":{},"e":{}}})", limits) ==
        "! /properties/e: the schema has too many types");

  // Comparing such schemas takes a while for each kind of type, at each level.
  std::string kinds = R"({"type":"null"})";
  for (int i = 0; i < 12; ++i) {
    kinds = R"({"type":["object","object","array"],"properties":{"a":)" + kinds + R"(},"items":)" +
            kinds + "}";
  }
  CHECK(property(R"({"type":"array","prefixItems":[)" + kinds + R"(],"items":)" + kinds + "}") ==
        "set<unknown>");

  // A chain of definitions is long, not deep.
  std::string chain = R"({"type":"object","properties":{"p":{"$ref":"#/$defs/d0"}},"$defs":{)";
  for (int i = 0; i < 1000; ++i) {
    chain += "\"d" + std::to_string(i) + R"(":{"type":"array","items":{"$ref":"#/$defs/d)" +
             std::to_string(i + 1) + "\"}},";
  }
  CHECK(read(chain + R"("d1000":{}}})").substr(0, 12) == "{p?:set<set<");
}

TEST_CASE("schema: header annotations are read, and refused where MCP forbids them") {
  const auto headers = [](const std::string& properties) {
    Arena arena;
    const Limits limits;
    SchemaReader reader(arena, "t", limits);
    const Json schema = Json::parse(R"({"type":"object","properties":)" + properties + "}");
    if (reader.read(schema) == nullptr) return "! " + reader.sentence();
    std::string text;
    for (const auto& header : reader.param_headers()) {
      text += std::string(header.name) + "=" + std::string(header.pointer) + ":" +
              std::to_string(static_cast<int>(header.type)) + " ";
    }
    return text;
  };
  CHECK(headers(R"({"region":{"type":"string","x-mcp-header":"Region"},
                    "o":{"type":"object",
                          "properties":{"a/b":{"type":"integer","x-mcp-header":"N"}}},
                    "flag":{"type":"boolean","x-mcp-header":"X-Flag"}})") ==
        "X-Flag=/flag:2 N=/o/a~1b:1 Region=/region:0 ");
  struct Case {
    std::string name;
    std::string properties;
    std::string message;
  };
  const Case cases[] = {
      {"a number", R"({"a":{"type":"number","x-mcp-header":"A"}})",
       "! `x-mcp-header` is on no string, integer or boolean"},
      {"several types", R"({"a":{"type":["string","null"],"x-mcp-header":"A"}})",
       "! `x-mcp-header` is on no string, integer or boolean"},
      {"an empty name", R"({"a":{"type":"string","x-mcp-header":""}})",
       "! `x-mcp-header` is no header name"},
      {"a name with a space", R"({"a":{"type":"string","x-mcp-header":"a b"}})",
       "! `x-mcp-header` is no header name"},
      {"a name with a line break", R"({"a":{"type":"string","x-mcp-header":"a\r\nb"}})",
       "! `x-mcp-header` is no header name"},
      {"a name that is a number", R"({"a":{"type":"string","x-mcp-header":1}})",
       "! `x-mcp-header` is no header name"},
      {"two names that differ in case",
       R"({"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"a"}})",
       "! two parameters have the same `x-mcp-header`"},
      {"inside items", R"({"a":{"type":"array","items":{"type":"string","x-mcp-header":"A"}}})",
       "! `x-mcp-header` is not allowed here"},
      {"inside a choice", R"({"a":{"anyOf":[{"type":"string","x-mcp-header":"A"}]}})",
       "! `x-mcp-header` is not allowed here"},
      {"inside additional properties",
       R"({"a":{"type":"object","additionalProperties":{"type":"string","x-mcp-header":"A"}}})",
       "! `x-mcp-header` is not allowed here"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(headers(c.properties) == c.message);
  }
  std::string many = "{";
  for (int i = 0; i < 65; ++i) {
    many += (i == 0 ? "\"p" : ",\"p") + std::to_string(i) +
            R"(":{"type":"string","x-mcp-header":"H)" + std::to_string(i) + "\"}";
  }
  CHECK(headers(many + "}") == "! too many header parameters");
}

}  // namespace
