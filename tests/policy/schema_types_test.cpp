// Schema texts: which are accepted, what their names mean, and how they type entities.
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/schema_types.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "policy/cedar/context_json.hpp"
#include "policy/cedar/entities_json.hpp"

using namespace mcpgov;
using namespace mcpgov::policy;
using namespace mcpgov::policy::cedar;

TEST_CASE("schema: texts that are accepted") {
  const char* cases[] = {
      R"()",
      R"(namespace N {})",
      R"(entity A;)",
      R"(entity A, B;)",
      R"(entity A {};)",
      R"(entity A = {};)",
      R"(entity A { a: Long, };)",
      R"(entity A { "a b": Long };)",
      R"(entity A { principal: Long };)",
      R"(entity A { "if": Long };)",
      R"(entity entity;)",
      R"(entity Set;)",
      R"(entity Bool;)",
      R"(entity Long;)",
      R"(entity String;)",
      R"(entity Record;)",
      R"(entity Entity;)",
      R"(entity Extension;)",
      R"(entity ipaddr;)",
      R"(type ipaddr = Long;)",
      R"(type decimal = String; entity A {a: decimal};)",
      R"(type T = Set<Long>; entity A { a: T };)",
      R"(entity T; type T = Long; entity A {a: T};)",
      R"(entity A {a: __cedar::Long};)",
      R"(entity A {a: __cedar::ipaddr};)",
      R"(entity A {a: Long, a: String};)",
      R"(entity A; namespace N {entity B {a: A};})",
      R"(namespace N {type T = Long; entity B {a: N::T};})",
      R"(namespace N {entity A;} entity B in [N::A]; entity C in N::A;)",
      R"(entity A in [];)",
      R"(entity A in [A];)",
      R"(entity A in [B]; entity B in [A];)",
      R"(entity A tags Long;)",
      R"(entity A {} tags Set<String>;)",
      R"(entity A tags A;)",
      R"(entity A tags {};)",
      R"(entity A enum ["x"];)",
      R"(entity A enum ["x","x"];)",
      R"(entity A, B enum ["x"];)",
      R"(entity A enum ["x"]; entity B in [A];)",
      R"(entity A enum ["x"]; entity U; action a appliesTo {principal: A, resource: U};)",
      R"(action a;)",
      R"(action "a b", c;)",
      R"(action "";)",
      R"(entity U; action a appliesTo {principal: U, resource: U};)",
      R"(entity U; action a appliesTo {principal: [U], resource: [U,U]};)",
      R"(entity U; action a appliesTo {principal: U, resource: U,};)",
      R"(entity U; type C={a:Long}; action a appliesTo {principal:U,resource:U,context:C};)",
      R"(action b; action a in b;)",
      R"(action b; action a in [b,"b"];)",
      R"(action b; action a in Action::"b";)",
      R"(namespace N {action b;} action a in N::Action::"b";)",
      R"(namespace N {action a in [b]; action b;})",
      R"(action b; namespace N {action a in [b];})",
      R"(action b; namespace N {action a in [Action::"b"];})",
      R"(action a attributes {};)",
      R"(@a entity A;)",
      R"(@if("x") entity A { @doc("z") a: Long };)",
      R"(@a namespace N {})",
      R"(entity A { a: Set<Long>, b: Set<{x: Long}>, c: {y?: Set<A>} };)",
      R"(entity A {a?: Long}; // c)",
      R"(entity A {a ?: Long};)",
      R"(entity A { "\u{41}": Long };)",
      R"(entity A {"__cedar": Long};)",
      R"(entity A {__cedar: Long};)",
      R"(action "__cedar";)",
      R"(@__cedar entity A;)",
      R"(entity A { a: N::Action }; namespace N { action x; })",
      R"(entity A { a: Action }; action x;)",
  };
  for (const char* text : cases) {
    CAPTURE(text);
    Symbols symbols;
    const Result<Schema> schema = read_schema(text, "s.cedarschema", symbols);
    if (!schema) FAIL_CHECK(schema.error().text());
  }
}

TEST_CASE("schema: texts that are malformed") {
  const char* cases[] = {
      R"(entity U; action a appliesTo {principal:U,resource:U,context:U};)",
      R"(entity A { "\q": Long };)",
      R"(entity A { "a)",
      R"(entity A)",
      R"(entity)",
      R"(namespace)",
      R"(namespace N)",
      R"(namespace N { entity A;)",
      R"(namespace N { entity A; } })",
      R"(entity 1;)",
      R"(entity A::B;)",
      R"(entity "A";)",
      R"(entity A { a: };)",
      R"(entity A { a Long };)",
      R"(entity A { a? Long };)",
      R"(entity A { a??: Long };)",
      R"(entity A { a: Set<Long };)",
      R"(entity A { a: Set<Set<Long> };)",
      R"(entity A { a: [Long] };)",
      R"(entity A { a: "Long" };)",
      R"(entity A { a: ?principal };)",
      R"(entity A = ;)",
      R"(entity A tags;)",
      R"(entity A enum ["x"] {};)",
      R"(entity A in;)",
      R"(entity A in [B;)",
      R"(type T;)",
      R"(type T = ;)",
      R"(type T = Long)",
      R"(type T::U = Long;)",
      R"(type __cedar = Long;)",
      R"(action;)",
      R"(action a in N::b::c;)",
      R"(action a in "b"::"c";)",
      R"(action a appliesTo;)",
      R"(entity U; action a appliesTo {principal: U, resource: U, other: U};)",
      R"(entity U; action a appliesTo {principal: U resource: U};)",
      R"(@ entity A;)",
      R"(@a( entity A;)",
      R"(@a() entity A;)",
      R"(@a(b) entity A;)",
      R"(entity A; @a)",
      R"(#)",
      R"(entity A; action a in a, b;)",
      R"(action a; namespace N { action a; })",
      R"(namespace N { type T = Long; type T = Long; })",
      R"(entity A,;)",
      R"(entity A { a: Long,, };)",
      R"(entity A { if: Long };)",
      R"(entity A { in: Long };)",
      R"(entity in;)",
      R"(entity __cedar;)",
      R"(entity Action;)",
      R"(entity Action::x;)",
      R"(type Bool = Long;)",
      R"(type Boolean = Long;)",
      R"(type Record = Long;)",
      R"(type Entity = Long;)",
      R"(type Extension = Long;)",
      R"(type Set = Long;)",
      R"(type T = T;)",
      R"(type T = U; type U = T;)",
      R"(type T = {a: U}; type U = Set<T>;)",
      R"(entity A; entity A;)",
      R"(namespace N {entity A;} namespace N {entity B;})",
      R"(namespace N {entity A;} namespace N {entity A;})",
      R"(entity A; namespace N {entity A;})",
      R"(type T=Long; namespace N {entity T; })",
      R"(namespace __cedar {entity A;})",
      R"(namespace N::__cedar {entity A;})",
      R"(namespace N { namespace M {} })",
      R"(entity A in [B,]; entity B;)",
      R"(entity A enum [];)",
      R"(entity A enum ["x",];)",
      R"(entity A enum ["x"] tags Long;)",
      R"(action a appliesTo {};)",
      R"(entity U; action a appliesTo {principal: U};)",
      R"(entity U; action a appliesTo {principal: [U,], resource: U};)",
      R"(entity U; action a appliesTo {principal: [], resource: []};)",
      R"(entity U; action a appliesTo {principal: [], resource: U};)",
      R"(entity U; action a appliesTo {principal: U, principal: U, resource: U};)",
      R"(entity U; action a appliesTo {principal: U, resource: U, context: {}, context: {}};)",
      R"(entity U; action a appliesTo {context: {}};)",
      R"(entity U; type C=Long; action a appliesTo {principal:U,resource:U,context:C};)",
      R"(entity U; type S = {x: Long}; entity V = S;)",
      R"(action a in b;)",
      R"(action b; action a in [b,];)",
      R"(action b; action a in [];)",
      R"(namespace N {action b;} action a in N::b;)",
      R"(action a in a;)",
      R"(action a in b; action b in a;)",
      R"(action a; action a;)",
      R"(action a, a;)",
      R"(action a attributes {x: Long};)",
      R"(action a in Foo::"b";)",
      R"(@a("x") @a("y") entity A;)",
      R"(entity A { a: Set<> };)",
      R"(/* x */ entity A;)",
      R"(entity A {a: Long;};)",
      R"(Entity A;)",
      R"(entity A { a: Long b: Long };)",
  };
  for (const char* text : cases) {
    CAPTURE(text);
    Symbols symbols;
    const Result<Schema> schema = read_schema(text, "s.cedarschema", symbols);
    REQUIRE_FALSE(schema.has_value());
    CHECK(code_name(schema.error().code) == "schema_syntax");
    CHECK(schema.error().line == 1);
    CHECK(schema.error().file == "s.cedarschema");
  }
}

TEST_CASE("schema: names that nothing declares") {
  const char* cases[] = {
      R"(entity A {a: Boolean};)",
      R"(entity A {a: B};)",
      R"(entity A {a: __cedar::Zed};)",
      R"(entity A {a: Extension};)",
      R"(entity A in B;)",
      R"(entity U; action a appliesTo {principal:Z,resource:U};)",
      R"(type PT = Long; action a appliesTo {principal:PT,resource:PT};)",
      R"(entity A { a: Set };)",
      R"(entity A in [Action]; action x;)",
      R"(entity U; action x appliesTo {principal: Action, resource: U};)",
  };
  for (const char* text : cases) {
    CAPTURE(text);
    Symbols symbols;
    const Result<Schema> schema = read_schema(text, "s.cedarschema", symbols);
    REQUIRE_FALSE(schema.has_value());
    CHECK(code_name(schema.error().code) == "schema_unknown_type");
    CHECK(schema.error().line == 1);
  }
}

TEST_CASE("schema: errors point at what is wrong") {
  struct Case {
    const char* text;
    std::uint32_t line;
    std::uint32_t column;
  };
  const Case cases[] = {
      {"", 0, 0},
      {"entity A;\nentity B { a: C };", 2, 15},
      {"entity A;\n  entity A;", 2, 10},
      {"entity A {\n a: Long,\n b: Set<Strin> };", 3, 9},
      {"entity A { \"ab\\q\": Long };", 1, 15},
      {"action a, b in a;\naction c in d;", 2, 13},
      {"entity A { a?: Long, b?: Lon };", 1, 26},
      {"type T = U;\ntype U = Set<T>;", 1, 6},
      {"entity A;\nnamespace N {\n entity A; }", 3, 9},
      {"entity A; \xff", 1, 11},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    Symbols symbols;
    const Result<Schema> schema = read_schema(c.text, "s", symbols);
    CHECK(schema.has_value() == (c.line == 0));
    if (schema) continue;
    CAPTURE(schema.error().text());
    CHECK(schema.error().line == c.line);
    CHECK(schema.error().column == c.column);
  }
}

TEST_CASE("schema: what nests, chains or multiplies without end is refused") {
  const auto repeated = [](int count, const char* open, const char* core, const char* close) {
    std::string out;
    for (int i = 0; i < count; ++i) out += open;
    out += core;
    for (int i = 0; i < count; ++i) out += close;
    return out;
  };
  std::string chain = "type T0 = Long;";
  for (int i = 1; i < 5000; ++i) {
    chain += "type T" + std::to_string(i) + " = {a: T" + std::to_string(i - 1) + "};";
  }
  std::string backward = "type T0 = Long;";
  for (int i = 1; i < 5000; ++i) {
    const std::string name = "T" + std::to_string(i);
    backward = "type " + name + " = Set<T" + std::to_string(i - 1) + ">;" + backward;
  }
  std::string product = "entity A0";
  for (int i = 1; i < 3000; ++i) product += ", A" + std::to_string(i);
  product += " enum [\"0\"";
  for (int i = 1; i < 3000; ++i) product += ", \"" + std::to_string(i) + "\"";
  product += "];";
  std::string hierarchy = "action a0;";
  for (int i = 1; i < 5000; ++i) {
    hierarchy += "action a" + std::to_string(i) + " in a" + std::to_string(i - 1) + ";";
  }
  struct Case {
    const char* sentence;
    std::string text;
    bool accepted;
  };
  const Case cases[] = {
      {"sets, as deep as allowed", "type T = " + repeated(63, "Set<", "Long", ">") + ";", true},
      {"sets, deeper", "type T = " + repeated(64, "Set<", "Long", ">") + ";", false},
      {"records, deeper", "type T = " + repeated(65, "{a: ", "Long", "}") + ";", false},
      {"records, a hundred thousand deep", "type T = " + repeated(100000, "{a: ", "", ""), false},
      {"a chain that is resolved from its start", chain, true},
      {"a chain that is resolved from its end", backward, false},
      {"three thousand types with three thousand ids each", product, false},
      {"a chain of five thousand actions", hierarchy, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.sentence);
    Symbols symbols;
    const Result<Schema> schema = read_schema(c.text, "s", symbols);
    CHECK(schema.has_value() == c.accepted);
    if (!schema) CHECK(schema.error().code == ErrorCode::schema_syntax);
  }
  Symbols symbols;
  CHECK_FALSE(read_schema(std::string((16 << 20) + 1, ' '), "s", symbols).has_value());
}

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
      action x;
      action y in x;)";
  const std::string u = R"({"type":"U","id":"a"})";
  const std::string g = R"({"type":"G","id":"g"})";
  const std::string x = R"({"type":"Action","id":"x"})";
  const std::string y = R"({"type":"Action","id":"y"})";
  constexpr ErrorCode none = ErrorCode::none;
  constexpr ErrorCode unfit = ErrorCode::entities_schema;
  constexpr ErrorCode value = ErrorCode::entities_value;
  constexpr ErrorCode shape = ErrorCode::entities_shape;
  struct Case {
    const char* sentence;
    std::string entity;
    ErrorCode code;
  };
  const Case cases[] = {
      {"nothing optional", entity(u, "{}"), none},
      {"a required attribute is missing", entity(R"({"type":"R","id":"r"})", "{}"), unfit},
      {"an attribute too many", entity(u, R"({"zz":1})"), unfit},
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
      {"a record with too much", entity(u, R"({"r":{"x":1,"z":1}})"), unfit},
      {"a record with too little", entity(u, R"({"r":{"y":"1.0"}})"), unfit},
      {"a record as a list", entity(u, R"({"r":[]})"), unfit},
      {"tags", entity(u, "{}", "", R"({"k":"v"})"), none},
      {"a tag of another kind", entity(u, "{}", "", R"({"k":1})"), unfit},
      {"tags as a list", entity(u, "{}", "", "[]"), shape},
      {"tags where the type has none", entity(g, "{}", "", R"({"k":"v"})"), unfit},
      {"no tags where the type has none", entity(g, "{}"), none},
      {"a parent of an allowed type", entity(u, "{}", g), none},
      {"a parent of another type", entity(u, "{}", R"({"type":"U","id":"b"})"), unfit},
      {"a parent of an undeclared type", entity(u, "{}", R"({"type":"Z","id":"b"})"), unfit},
      {"an undeclared type", entity(R"({"type":"Zed","id":"a"})", "{}"), unfit},
      {"an enumerated entity", entity(R"({"type":"Color","id":"red"})", "{}"), none},
      {"an enumerated entity that is not listed", entity(R"({"type":"Color","id":"green"})", "{}"),
       unfit},
      {"an enumerated entity with attributes",
       entity(R"({"type":"Color","id":"red"})", R"({"a":1})"), unfit},
      {"an enumerated entity with a parent", entity(R"({"type":"Color","id":"red"})", "{}", g),
       unfit},
      {"an action as declared", entity(y, "{}", x), none},
      {"an action without its parents", entity(y, "{}"), unfit},
      {"an action with a parent too many", entity(x, "{}", y), unfit},
      {"an action with attributes", entity(x, R"({"a":1})"), unfit},
      {"an action that is not declared", entity(R"({"type":"Action","id":"zzz"})", "{}"), unfit},
      {"a type that may lie below itself",
       entity(R"({"type":"H","id":"1"})", "{}", R"({"type":"H","id":"2"})"), none},
  };
  for (const Case& c : cases) {
    CAPTURE(c.sentence);
    CHECK(code_name(read_with(schema, "[" + c.entity + "]")) == code_name(c.code));
  }
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
      {"typed", R"({"ip": "::1", "more": 1})", ErrorCode::entities_schema},
      {"typed", "{}", ErrorCode::entities_schema},
      {"typed", "[]", ErrorCode::context_not_a_record},
      {"bare", "{}", ErrorCode::none},
      {"bare", R"({"a": 1})", ErrorCode::entities_schema},
      {"alone", "{}", ErrorCode::none},
      {"alone", R"({"a": 1})", ErrorCode::entities_schema},
      {"undeclared", "{}", ErrorCode::entities_schema},
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
