// How a schema types entities and contexts: short forms, and everything that does not fit.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "policy/cedar/context_json.hpp"
#include "policy/cedar/entities_json.hpp"
#include "policy/cedar/schema_types.hpp"
#include "support/allocation.hpp"

using namespace mcpgov;
using namespace mcpgov::policy;
using namespace mcpgov::policy::cedar;

namespace {

// Reads entities by a schema; the code of the failure, or `none`.
ErrorCode read_with(const std::string& schema_text, const std::string& entities_text) {
  Symbols symbols;
  const Result<Schema> schema = read_schema(schema_text, "s", symbols);
  if (!schema) FAIL(schema.error().text());
  const Result<Entities> entities = read_entities({entities_text, "e", &*schema}, symbols);
  if (entities) return ErrorCode::none;
  INFO(entities.error().text());
  CHECK(entities.error().line == 1);
  return entities.error().code;
}

std::string entity(const std::string& uid, const std::string& attributes,
                   const std::string& parents = "", const std::string& tags = "{}") {
  return R"({"uid":)" + uid + R"(,"attrs":)" + attributes + R"(,"parents":[)" + parents +
         R"(],"tags":)" + tags + "}";
}

}  // namespace

TEST_CASE("schema: an attribute means what the nearest declaration of its type says") {
  struct Case {
    const char* schema;
    const char* value;
    bool fits;
  };
  const Case cases[] = {
      {"entity A {a: Long, a: String};", "1", false},
      {"entity A {a: Long, a: String};", R"("s")", true},
      {"entity A {a: Long, a?: String};", R"("s")", true},
      {"entity Long; entity A {a: Long};", "1", false},
      {"entity Long; entity A {a: Long};", R"({"type":"Long","id":"q"})", true},
      {"entity Long; entity A {a: __cedar::Long};", "1", true},
      {"entity ipaddr; entity A {a: ipaddr};", R"("1.1.1.1")", false},
      {"entity ipaddr; entity A {a: ipaddr};", R"({"type":"ipaddr","id":"q"})", true},
      {"type ipaddr = String; entity A {a: ipaddr};", R"("zzz")", true},
      {"type decimal = String; entity A {a: __cedar::decimal};", R"("zzz")", false},
      {"type decimal = String; entity A {a: __cedar::decimal};", R"("1.0")", true},
      {"entity T; type T = Long; entity A {a: T};", "1", true},
      {"entity T; type T = Long; entity A {a: T};", R"({"type":"T","id":"q"})", false},
      {"action x; entity A {a: Action};", R"({"type":"Action","id":"x"})", true},
      {"action x; entity A {a: Action};", R"({"type":"Action","id":"nope"})", false},
      {R"(entity E enum ["x"]; entity A {a: E};)", R"({"type":"E","id":"x"})", true},
      {R"(entity E enum ["x"]; entity A {a: E};)", R"({"type":"E","id":"y"})", false},
      {R"(entity E enum ["x"]; entity A {a: Set<E>};)", R"([{"type":"E","id":"y"}])", false},
      {"entity A {a: Set<{x: Long}>};", R"([{"x":1},{"x":1,"y":2}])", false},
      {"entity A {a: Set<{x: Long}>};", R"([{"x":1},{"x":2}])", true},
      {"entity A {a: Bool};", "true", true},
      {"entity A {a: Bool};", "0", false},
      {"entity A {a: {b?: Long}};", "{}", true},
      {"entity A {a: {b: Long}};", "{}", false},
      {"entity A {a: Long};", "9007199254740993", true},
      {"namespace N {type T = String;} entity A {a: N::T};", R"("s")", true},
      {"type T = {u: U}; type U = Set<Long>; entity A {a: T};", R"({"u":[1]})", true},
      {"type T = {u: U}; type U = Set<Long>; entity A {a: T};", R"({"u":["1"]})", false},
      // What looks like an escape is one, even where a record would fit.
      {"entity A {a: {__extn: {fn: String, arg: String}}};",
       R"({"__extn":{"fn":"ip","arg":"::1"}})", false},
      {"entity A {a: {__entity: {type: String, id: String}}};",
       R"({"__entity":{"type":"A","id":"b"}})", false},
      {"entity A {a: {__expr: String}};", R"({"__expr":"1"})", false},
      {"entity A {a: {__extn: {fn: String}}};", R"({"__extn":{"fn":"ip"}})", true},
      {"entity A {a: {type: String, id: String}};", R"({"type":"A","id":"b"})", true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.schema);
    CAPTURE(c.value);
    const std::string text =
        "[" + entity(R"({"type":"A","id":"x"})", std::string(R"({"a":)") + c.value + "}") + "]";
    CHECK((read_with(c.schema, text) == ErrorCode::none) == c.fits);
  }
}

TEST_CASE("schema: short forms, and entities that do not fit") {
  const std::string schema = R"(
      entity G;
      entity U in [G] {
        a?: Long, b?: String, d?: decimal, i?: ipaddr, t?: datetime, l?: duration, e?: U,
        s?: Set<Long>, us?: Set<U>, r?: {x: Long, y?: decimal}
      } tags String;
      entity R {must: Long};
      entity H in [H];
      entity Color enum ["red", "blue"];
      entity P in [Color] {c?: Color, k?: Action, deep?: Set<{c: Color}>} tags Color;
      action x;
      action y in x;)";
  const std::string u = R"({"type":"U","id":"a"})";
  const std::string g = R"({"type":"G","id":"g"})";
  const std::string p = R"({"type":"P","id":"p"})";
  const std::string x = R"({"type":"Action","id":"x"})";
  const std::string y = R"({"type":"Action","id":"y"})";
  constexpr ErrorCode none = ErrorCode::none;
  constexpr ErrorCode unfit = ErrorCode::entities_schema;
  constexpr ErrorCode missing = ErrorCode::entities_attribute_missing;
  constexpr ErrorCode unknown = ErrorCode::entities_attribute_unknown;
  constexpr ErrorCode parent = ErrorCode::entities_parent_type;
  constexpr ErrorCode undeclared = ErrorCode::entities_type_undeclared;
  constexpr ErrorCode unlisted = ErrorCode::entities_enum_id;
  constexpr ErrorCode action = ErrorCode::entities_action;
  constexpr ErrorCode value = ErrorCode::entities_value;
  constexpr ErrorCode shape = ErrorCode::entities_shape;
  struct Case {
    const char* sentence;
    std::string entity;
    ErrorCode code;
  };
  const Case cases[] = {
      {"nothing optional", entity(u, "{}"), none},
      {"a required attribute is missing", entity(R"({"type":"R","id":"r"})", "{}"), missing},
      {"an attribute too many", entity(u, R"({"zz":1})"), unknown},
      {"a string attribute that is a number", entity(u, R"({"b":1})"), unfit},
      {"a number attribute that is a string", entity(u, R"({"a":"1"})"), unfit},
      {"a number attribute that is null", entity(u, R"({"a":null})"), value},
      {"a decimal as text", entity(u, R"({"d":"1.5"})"), none},
      {"a decimal as text that is none", entity(u, R"({"d":"1"})"), value},
      {"a decimal without its escape", entity(u, R"({"d":{"fn":"decimal","arg":"1.5"}})"), none},
      {"a decimal without its escape, more inside",
       entity(u, R"({"d":{"fn":"decimal","arg":"1.5","z":1}})"), none},
      {"a decimal in its escape", entity(u, R"({"d":{"__extn":{"fn":"decimal","arg":"1.5"}}})"),
       none},
      {"a decimal in its escape, more around",
       entity(u, R"({"d":{"__extn":{"fn":"decimal","arg":"1.5"},"z":1}})"), none},
      {"a decimal by another function", entity(u, R"({"d":{"fn":"ip","arg":"1.1.1.1"}})"), unfit},
      {"a decimal by an unknown function", entity(u, R"({"d":{"fn":"dec","arg":"1.1"}})"), value},
      {"a decimal as a number", entity(u, R"({"d":1})"), value},
      {"a decimal as an object", entity(u, R"({"d":{"x":1}})"), value},
      {"a decimal as `__expr`", entity(u, R"({"d":{"__expr":"1"}})"), value},
      {"an ip as text", entity(u, R"({"i":"::1/8"})"), none},
      {"a datetime as text", entity(u, R"({"t":"2024-01-01"})"), none},
      {"a datetime by offset, arguments as text",
       entity(u, R"({"t":{"fn":"offset","args":["2024-01-01","1d"]}})"), none},
      {"a datetime by offset, one argument escaped",
       entity(u, R"({"t":{"__extn":{"fn":"offset","args":[)"
                 R"({"__extn":{"fn":"datetime","arg":"2024-01-01"}},"1d"]}}})"),
       none},
      {"a datetime by offset, arguments exchanged",
       entity(u, R"({"t":{"fn":"offset","args":["1d","2024-01-01"]}})"), value},
      {"a datetime by offset, one argument",
       entity(u, R"({"t":{"fn":"offset","args":["2024-01-01"]}})"), value},
      {"a duration as text", entity(u, R"({"l":"1h"})"), none},
      {"a duration by a function of another type",
       entity(u, R"({"l":{"fn":"toDate","arg":"2024-01-01"}})"), unfit},
      {"an entity without its escape", entity(u, R"({"e":{"type":"U","id":"b"}})"), none},
      {"an entity without its escape, more inside",
       entity(u, R"({"e":{"type":"U","id":"b","z":null}})"), none},
      {"an entity in its escape", entity(u, R"({"e":{"__entity":{"type":"U","id":"b"}}})"), none},
      {"an entity in its escape, more around",
       entity(u, R"({"e":{"__entity":{"type":"U","id":"b"},"z":1}})"), none},
      {"an entity of another type", entity(u, R"({"e":{"type":"G","id":"b"}})"), unfit},
      {"an entity as text", entity(u, R"({"e":"b"})"), shape},
      {"an entity without id", entity(u, R"({"e":{"type":"U"}})"), shape},
      {"an entity as `__expr`", entity(u, R"({"e":{"__expr":"1"}})"), value},
      {"a set of entities", entity(u, R"({"us":[{"type":"U","id":"b"},{"type":"U","id":"b"}]})"),
       none},
      {"a set with another kind inside", entity(u, R"({"s":[1,"a"]})"), unfit},
      {"an empty set", entity(u, R"({"s":[]})"), none},
      {"a set as an object", entity(u, R"({"s":{}})"), unfit},
      {"a record", entity(u, R"({"r":{"x":1,"y":"1.0"}})"), none},
      {"a record with too much", entity(u, R"({"r":{"x":1,"z":1}})"), unknown},
      {"a record with too little", entity(u, R"({"r":{"y":"1.0"}})"), missing},
      {"a record as a list", entity(u, R"({"r":[]})"), unfit},
      {"tags", entity(u, "{}", "", R"({"k":"v"})"), none},
      {"a tag of another kind", entity(u, "{}", "", R"({"k":1})"), unfit},
      {"tags as a list", entity(u, "{}", "", "[]"), shape},
      {"tags where the type has none", entity(g, "{}", "", R"({"k":"v"})"), unknown},
      {"no tags where the type has none", entity(g, "{}"), none},
      {"a parent of an allowed type", entity(u, "{}", g), none},
      {"a parent of another type", entity(u, "{}", R"({"type":"U","id":"b"})"), parent},
      {"a parent of an undeclared type", entity(u, "{}", R"({"type":"Z","id":"b"})"), parent},
      {"an undeclared type", entity(R"({"type":"Zed","id":"a"})", "{}"), undeclared},
      {"an enumerated entity", entity(R"({"type":"Color","id":"red"})", "{}"), none},
      {"an enumerated entity that is not listed", entity(R"({"type":"Color","id":"green"})", "{}"),
       unlisted},
      {"an enumerated entity with attributes",
       entity(R"({"type":"Color","id":"red"})", R"({"a":1})"), unknown},
      {"an enumerated entity with a parent", entity(R"({"type":"Color","id":"red"})", "{}", g),
       parent},
      {"an action as declared", entity(y, "{}", x), none},
      {"an action without its parents", entity(y, "{}"), action},
      {"an action with a parent too many", entity(x, "{}", y), action},
      {"an action with attributes", entity(x, R"({"a":1})"), unknown},
      {"an action that is not declared", entity(R"({"type":"Action","id":"zzz"})", "{}"), action},
      {"an enumerated parent", entity(p, "{}", R"({"type":"Color","id":"red"})"), none},
      {"an enumerated parent that is not listed",
       entity(p, "{}", R"({"type":"Color","id":"pink"})"), unlisted},
      {"an attribute that is not listed", entity(p, R"({"c":{"type":"Color","id":"pink"}})"),
       unlisted},
      {"deep in an attribute, an id that is not listed",
       entity(p, R"({"deep":[{"c":{"type":"Color","id":"red"}},{"c":{"type":"Color","id":""}}]})"),
       unlisted},
      {"a tag that is not listed", entity(p, "{}", "", R"({"t":{"type":"Color","id":"pink"}})"),
       unlisted},
      {"an action as an attribute", entity(p, R"({"k":{"type":"Action","id":"y"}})"), none},
      {"an undeclared action as an attribute", entity(p, R"({"k":{"type":"Action","id":"z"}})"),
       action},
      {"an action of another namespace", entity(R"({"type":"N::Action","id":"x"})", "{}"), action},
      {"a type that may lie below itself",
       entity(R"({"type":"H","id":"1"})", "{}", R"({"type":"H","id":"2"})"), none},
  };
  for (const Case& c : cases) {
    CAPTURE(c.sentence);
    CHECK(code_name(read_with(schema, "[" + c.entity + "]")) == code_name(c.code));
  }
}

TEST_CASE("schema: an action's parent that is given many times counts once") {
  std::string schema = "action a0;\n";
  constexpr int height = 1000;
  for (int i = 1; i <= height; ++i) {
    schema += "action a" + std::to_string(i) + " in [a" + std::to_string(i - 1) + "];\n";
  }
  const auto action = [](int number) {
    return R"({"type":"Action","id":"a)" + std::to_string(number) + "\"}";
  };
  std::string parents = action(height - 1);
  for (int i = 0; i < 5000; ++i) parents += "," + action(height - 1);
  const std::size_t before = test::allocated_bytes();
  const auto code = read_with(schema, "[" + entity(action(height), "{}", parents) + "]");
  CHECK(code_name(code) == code_name(ErrorCode::none));
  // Five millions of ancestors took more than 20 MB.
  CHECK(test::allocated_bytes() - before < 15'000'000);
}

TEST_CASE("schema: its actions join the store, with all that lies above them") {
  Symbols symbols;
  const Result<Schema> schema = read_schema(
      R"(action top; namespace N { action a, "b c" in [mid]; action mid in Action::"top"; })", "s",
      symbols);
  REQUIRE(schema.has_value());
  const Result<Entities> entities = read_entities({"[]", "e", &*schema}, symbols);
  REQUIRE(entities.has_value());
  CHECK(entities->ids().size() == 4);
  const NameId type = symbols.find_name("N::Action");
  const EntityId top = symbols.find_entity(symbols.find_name("Action"), "top");
  const EntityId mid = symbols.find_entity(type, "mid");
  for (const char* id : {"a", "b c"}) {
    CAPTURE(id);
    const Entity* action = entities->find(symbols.find_entity(type, id));
    REQUIRE(action != nullptr);
    CHECK(action->ancestors.size() == 2);
    CHECK(std::count(action->ancestors.begin(), action->ancestors.end(), top) == 1);
    CHECK(std::count(action->ancestors.begin(), action->ancestors.end(), mid) == 1);
    CHECK(action->attributes.kind == Kind::record);
    CHECK(action->attributes.size == 0);
  }
  REQUIRE(entities->find(top) != nullptr);
  CHECK(entities->find(top)->ancestors.empty());
}

TEST_CASE("schema: an action types its context") {
  Symbols symbols;
  const Result<Schema> schema = read_schema(
      R"(entity U;
         type Common = {ip: ipaddr, who?: U};
         action typed appliesTo {principal: U, resource: U, context: Common};
         action bare appliesTo {principal: U, resource: U};
         action alone;)",
      "s", symbols);
  REQUIRE(schema.has_value());
  const NameId type = symbols.find_name("Action");
  struct Case {
    const char* action;
    const char* context;
    ErrorCode code;
  };
  const Case cases[] = {
      {"typed", R"({"ip": "::1", "who": {"type": "U", "id": "a"}})", ErrorCode::none},
      {"typed", R"({"ip": {"__extn": {"fn": "ip", "arg": "::1"}}})", ErrorCode::none},
      {"typed", R"({"ip": "zzz"})", ErrorCode::entities_value},
      {"typed", R"({"ip": "::1", "who": "a"})", ErrorCode::entities_shape},
      {"typed", R"({"ip": "::1", "more": 1})", ErrorCode::entities_attribute_unknown},
      {"typed", "{}", ErrorCode::entities_attribute_missing},
      {"typed", "[]", ErrorCode::context_not_a_record},
      {"bare", "{}", ErrorCode::none},
      {"bare", R"({"a": 1})", ErrorCode::entities_attribute_unknown},
      {"alone", "{}", ErrorCode::none},
      {"alone", R"({"a": 1})", ErrorCode::entities_attribute_unknown},
      {"undeclared", "{}", ErrorCode::request_action_undeclared},
  };
  for (const Case& c : cases) {
    CAPTURE(c.action);
    CAPTURE(c.context);
    Arena arena;
    RequestSymbols request(symbols, arena);
    const Result<Value> context =
        read_context({c.context, &*schema, request.entity(type, c.action)}, request);
    const ErrorCode code = context ? ErrorCode::none : context.error().code;
    CHECK(code_name(code) == code_name(c.code));
    if (context && context->size != 0) {
      const Value* ip = context->field(symbols.find_name("ip"));
      REQUIRE(ip != nullptr);
      CHECK(ip->kind == Kind::ip);
    }
  }
}
