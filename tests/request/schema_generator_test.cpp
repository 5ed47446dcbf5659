// Schemas from tool lists: what is refused, what each option does, and that our requests fit.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "mcpgov/request.hpp"
#include "policy/cedar/schema_request.hpp"
#include "request/world.hpp"

namespace {

using namespace mcpgov;
using request::SchemaForm;
using request::SchemaOptions;

const std::string kStub =
    "namespace NS { @mcp_principal entity User; @mcp_resource entity Server;\n"
    "@mcp_context(\"now\") type Now = { at: datetime };\n"
    "@mcp_context(\"who\") @mcp_optional(\"who\") entity Who; @mcp_action action call_tool; }";

std::string made(const std::string& tools, const SchemaOptions& options = {},
                 const std::string& stub = kStub) {
  const auto schema = request::tool_schema({"stub", stub}, {"tools.json", tools}, options);
  return schema ? *schema : "! " + schema.error().text();
}

std::string one_tool(const std::string& schema, const std::string& name = "t") {
  return R"([{"name":")" + name + R"(","inputSchema":)" + schema + "}]";
}

std::string property(const std::string& schema) {
  return one_tool(R"({"type":"object","properties":{"p":)" + schema + "}}");
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("tool schema: what is no stub or no list of tools is refused with its own code") {
  struct Case {
    const char* sentence;
    std::string stub;
    std::string tools;
    std::string message;
  };
  const std::string user = "@mcp_principal entity U;";
  const std::string empty = "[]";
  const Case cases[] = {
      {"an empty stub", "", empty, "! stub:1:1: the stub has no namespace [stub_namespace]"},
      {"something outside", "entity A;", empty,
       "! stub:1:1: the stub declares something outside of namespaces [stub_namespace]"},
      {"two namespaces", "namespace A {}\nnamespace B {}", empty,
       "! stub:2:11: the stub has more than one namespace [stub_namespace]"},
      {"no principal", "namespace A { @mcp_resource entity R; }", empty,
       "! stub:1:1: no entity type of the stub is annotated `@mcp_principal` "
       "[stub_principal_missing]"},
      {"no resource", "namespace A {" + user + "}", empty,
       "! stub:1:1: no entity type of the stub is annotated `@mcp_resource` "
       "[stub_resource_missing]"},
      {"a type twice", "namespace A {\nentity U;" + user + "}", empty,
       "! stub:2:32: `U` is declared twice [schema_duplicate]"},
      {"a stub that cannot be read", "namespace A {", empty, "[schema_syntax]"},
      {"a list that cannot be read", kStub, "[", "[tool_list_invalid]"},
      {"no list", kStub, "3", "the text is no list of tools [tool_list_invalid]"},
      {"a tool without a name", kStub, "[{}]", "tool number 1 has no name [tool_list_invalid]"},
      {"two tools of one name", kStub, R"([{"name":"t","inputSchema":{}},{"name":"t"}])",
       "two tools are called `t` [tool_duplicate]"},
      {"a tool without a schema", kStub, R"([{"name":"t"}])",
       "! tools.json: /0: the tool has no `inputSchema` [tool_schema_invalid]"},
      {"a schema that is a list", kStub, one_tool("[]"),
       "! tools.json: /0/inputSchema: the schema is no object [tool_schema_invalid]"},
      {"definitions that are a list", kStub, one_tool(R"({"$defs":[]})"),
       "/0/inputSchema/$defs: the definitions are no object [tool_schema_invalid]"},
      {"an unknown type", kStub, property(R"({"type":"text"})"),
       "! tools.json: /0/inputSchema/properties/p: `type` names no type of JSON Schema "
       "[tool_schema_invalid]"},
      {"an enumeration of nothing", kStub, property(R"({"type":"string","enum":[]})"),
       "/0/inputSchema/properties/p: `enum` has no values [tool_schema_invalid]"},
      {"a reference to nothing", kStub, property(R"({"anyOf":[{"$ref":"#/$defs/X"}]})"),
       "/0/inputSchema/properties/p/anyOf/0: the reference names no definition of the schema "
       "[tool_schema_reference]"},
      {"a reference as older drafts have it", kStub,
       one_tool(R"({"properties":{"p":{"$ref":"#/definitions/X"}},"definitions":{"X":{}}})"),
       "[tool_schema_reference]"},
      {"definitions in a circle", kStub,
       one_tool(R"({"$defs":{"X":{"$ref":"#/$defs/Y"},"Y":{"$ref":"#/$defs/X"}}})"),
       "/0/inputSchema/$defs/X: the definition refers to nothing but itself [tool_schema_cycle]"},
      {"a tool whose name is no identifier", kStub, one_tool("{}", "get-sum"),
       "! tools.json: /0/name: the name is no identifier of Cedar [tool_schema_name]"},
      {"a property whose name is reserved", kStub, one_tool(R"({"properties":{"if":{}}})"),
       "/0/inputSchema/properties/if: the name is no identifier of Cedar [tool_schema_name]"},
      {"a definition no common type can be", kStub, one_tool(R"({"$defs":{"Set":{}}})"),
       "/0/inputSchema/$defs/Set: no common type can be called `Set` [tool_schema_name]"},
      {"two types of one name", kStub, one_tool(R"({"$defs":{"x":{"type":"string","enum":["a"]}},
                    "properties":{"x":{"type":"string","enum":["b"]}}})"),
       "/0/inputSchema/properties/x: the name `NS::t::Input::x` is taken [tool_schema_conflict]"},
      {"a definition called like what stands for null", kStub,
       R"({"result":{"$defs":{"Null":{"type":"object"}},"tools":[{"name":"t",)"
       R"("inputSchema":{"properties":{"p":{"type":"null"}}}}]}})",
       "the name `NS::Null` is taken [tool_schema_conflict]"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.sentence));
    const std::string text = made(c.tools, {}, c.stub);
    CAPTURE(text);
    CHECK(text.substr(0, 2) == "! ");
    CHECK(has(text, c.message));
  }
}

TEST_CASE("tool schema: types inside types, each of several kinds, come to an end") {
  std::string kinds = "{}";
  for (int i = 0; i < 18; ++i) {
    kinds = R"({"type":["object","object"],"properties":{"a":)" + kinds + "}}";
  }
  CHECK(has(made(property(kinds)), "the schema has too many types [tool_schema_invalid]"));
  SchemaOptions options;
  options.deduplicate_entity_types = true;
  CHECK(has(made(property(kinds), options), "the schema has too many types"));
}

TEST_CASE("tool schema: with our names, only what has no type at all is refused") {
  SchemaOptions agent = SchemaOptions::agent();
  CHECK(
      has(made(one_tool(R"({"$defs":{"X":{"type":"array","items":{"$ref":"#/$defs/X"}}}})"), agent),
          "the definition contains itself without an object between [tool_schema_cycle]"));
  CHECK(has(made(one_tool(R"({"$defs":{"a-b":{},"a_b":{}}})"), agent), "[tool_schema_conflict]"));
  CHECK(has(made(one_tool("{}", "call_tool"), agent), R"(action "tool:call_tool" in)"));
  const std::string odd = made(one_tool(
                                   R"({"properties":{"a-b":{"type":"string","enum":["x"]},
                        "if":{"$ref":"#/definitions/D"}},
                   "definitions":{"D":{"type":"object","properties":{
                     "next":{"$ref":"#/$defs/D"}}}}})",
                                   "get-sum"),
                               agent);
  CAPTURE(odd);
  CHECK(has(odd, "\"a-b\"?: NS::get_sum::Input::a_b,"));
  CHECK(has(odd, "action \"get-sum\" in"));
  CHECK(has(odd, "entity D = {\n    next?: NS::get_sum::Input::D\n"));
  CHECK(has(odd, "who?: Who"));
  CHECK(has(made(one_tool("{}")), "who: Who"));
  CHECK_FALSE(has(odd, "mcp_optional"));
}

TEST_CASE("tool schema: a type that hides a built-in one does not hide it from its neighbours") {
  const std::string tools = one_tool(
      R"({"properties":{"duration":{"type":"string","enum":["x"]},
          "o":{"type":"object","properties":{"d":{"type":"string","format":"duration"}}}}})");
  CHECK(has(made(tools, SchemaOptions::agent()), "d?: __cedar::duration"));
  SchemaOptions options;
  options.objects_as_records = true;
  CHECK(has(made(tools, options), "d?: duration"));
  const std::string named = one_tool(
      R"({"properties":{"p":{"$ref":"#/$defs/decimal"}},"$defs":{"decimal":{"type":"number"}}})");
  CHECK(has(made(named, SchemaOptions::agent()), "type decimal = __cedar::decimal;"));
}

TEST_CASE("tool schema: the built-in stub with a namespace of one's own resolves") {
  CHECK(request::default_stub("if").error().code == ErrorCode::config_value);
  CHECK(request::default_stub("").error().code == ErrorCode::config_value);
  const auto stub = request::default_stub("Acme::Shop");
  REQUIRE(stub);
  const auto schema =
      request::tool_schema(*stub, {"tools.json", one_tool("{}")}, SchemaOptions::agent());
  REQUIRE_MESSAGE(schema.has_value(), (schema ? "" : schema.error().text()));
  CHECK(has(*schema, "namespace Acme::Shop {"));
  CHECK(has(*schema, "actor?: Agent,\n      claimed?: ClaimedHints,\n      input: tInput,\n"));
  policy::Symbols symbols;
  const auto resolved = policy::cedar::read_schema(*schema, "made", symbols);
  CHECK_MESSAGE(resolved.has_value(), (resolved ? "" : resolved.error().text()));
}

// The result of asking and of validating what was asked.
struct Outcome {
  ErrorCode asked = ErrorCode::none;
  std::string refused;
};

Outcome call(const std::string& tools, const std::string& arguments) {
  const auto stub = request::default_stub("Shop");
  const auto schema = request::tool_schema(*stub, {"tools.json", tools}, SchemaOptions::agent());
  REQUIRE_MESSAGE(schema.has_value(), (schema ? "" : schema.error().text()));
  world::Setting setting;
  setting.schema = *schema;
  const world::Server server(setting);
  world::Asked asked(server);
  asked.detail = request::Detail::everything;
  const catalog::Catalog catalog = world::tools(tools);
  Outcome out;
  out.asked = asked.tool(&catalog, arguments);
  if (out.asked != ErrorCode::none) return out;
  const auto valid = policy::cedar::validate_request(server.schema(), asked.request);
  if (!valid) out.refused = valid.error().text() + "\n" + asked.text().context + "\n" + *schema;
  return out;
}

TEST_CASE("tool schema: requests fit the schema of the same tools") {
  struct Case {
    std::string schema;
    std::string argument;
  };
  const Case cases[] = {
      {R"({"type":"boolean"})", "true"},
      {R"({"type":"integer"})", "5.0"},
      {R"({"type":"number"})", "1.5"},
      {R"({"type":"float"})", "-3"},
      {R"({"type":"string"})", "\"x\""},
      {R"({"type":"string","enum":["b","a"]})", "\"a\""},
      {R"({"type":"string","format":"date-time"})", "\"2026-01-01T00:00:00Z\""},
      {R"({"type":"string","format":"duration"})", "\"P1D\""},
      {R"({"type":"string","format":"ipv6"})", "\"::1\""},
      {R"({"type":"string","format":"decimal"})", "\"1.5\""},
      {R"({"type":"null"})", "null"},
      {"{}", R"({"any":[1]})"},
      {R"({"type":"array","items":{"type":"string","enum":["a","b"]}})", R"(["a","b","a"])"},
      {R"({"type":"array"})", R"([1,"x"])"},
      {R"({"type":"array","prefixItems":[{"type":"string"},{"type":"null"}],"items":false})",
       R"(["x",null])"},
      {R"({"type":["string","null"]})", "null"},
      {R"({"anyOf":[{"type":"integer"},{"type":"object","properties":{"a":{"type":"null"}}}]})",
       R"({"a":null})"},
      {R"({"anyOf":[{"$ref":"#/$defs/E"},{"type":"null"}]})", "\"x\""},
      {R"({"type":"object","properties":{"m":{"type":"string","enum":["q"]},"n":{"type":"number"}},
          "required":["m"]})",
       R"({"m":"q"})"},
      {R"({"type":"object","properties":{"a":{"type":"integer"}},
          "additionalProperties":{"type":"string","enum":["t"]}})",
       R"({"a":1,"b":"t","c":"t"})"},
      {R"({"type":"array","items":{"type":"array","items":{"type":"object","additionalProperties":
          {"type":"integer"}}}})",
       R"([[{"a":1}],[],[{"b":2},{"a":1}]])"},
      {R"({"$ref":"#/$defs/N"})", R"({"v":1,"next":{"v":2,"next":{"v":3}}})"},
      {R"({"$ref":"#/$defs/T"})", R"({"children":[{"children":[]},{}]})"},
      {R"({"type":"object","properties":{"duration":{"type":"string","enum":["d"]},
          "x":{"type":"object","properties":{"y":{"type":"string","format":"duration"}}}}})",
       R"({"duration":"d","x":{"y":"PT1S"}})"},
      {R"({"type":"object","properties":{"Action":{"type":"string","enum":["d"]}}})",
       R"({"Action":"d"})"},
  };
  const std::string definitions =
      R"("$defs":{"E":{"type":"string","enum":["x"]},
          "N":{"type":"object","properties":{"v":{"type":"integer"},"next":{"$ref":"#/$defs/N"}},
               "required":["v"]},
          "T":{"type":"object","properties":{
              "children":{"type":"array","items":{"$ref":"#/$defs/T"}}}}})";
  for (const Case& c : cases) {
    CAPTURE(c.schema);
    const std::string tools = one_tool(R"({"type":"object","properties":{"p-1":)" + c.schema +
                                       R"(,"q":{"type":"string"}},)" + definitions + "}");
    const Outcome outcome = call(tools, R"({"p-1":)" + c.argument + "}");
    CHECK(outcome.asked == ErrorCode::none);
    CHECK(outcome.refused == "");
    CHECK(call(tools, "{}").refused == "");
  }
}

TEST_CASE("tool schema: what does not fit the schema is refused before it is asked") {
  const std::string tools = one_tool(
      R"({"type":"object","required":["n"],"properties":{"n":{"type":"integer"},
          "e":{"type":"string","enum":["a"]},"l":{"$ref":"#/$defs/N"}},
          "$defs":{"N":{"type":"object","properties":{"l":{"$ref":"#/$defs/N"}}}}})");
  CHECK(call(tools, R"({"n":1})").refused == "");
  CHECK(call(tools, "{}").asked == ErrorCode::argument_missing);
  CHECK(call(tools, R"({"n":1.5})").asked == ErrorCode::argument_type);
  CHECK(call(tools, R"({"n":1,"e":"b"})").asked == ErrorCode::argument_type);
  CHECK(call(tools, R"({"n":1,"x":"b"})").asked == ErrorCode::argument_not_in_schema);
  CHECK(call(tools, R"({"n":1,"l":{"l":{"x":1}}})").asked == ErrorCode::argument_not_in_schema);
}

}  // namespace
