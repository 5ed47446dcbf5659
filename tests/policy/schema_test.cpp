// Schema texts: which are accepted, which refused and why, and what their names mean.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "policy/cedar/schema_declarations.hpp"
#include "policy/cedar/schema_types.hpp"

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

TEST_CASE("schema: texts that are refused, each with its code") {
  struct Case {
    ErrorCode code;
    const char* text;
  };
  const Case cases[] = {
      {ErrorCode::schema_unknown_type,
       R"(entity U; action a appliesTo {principal:U,resource:U,context:U};)"},
      {ErrorCode::schema_unknown_type, R"(entity A {a: Boolean};)"},
      {ErrorCode::schema_unknown_type, R"(entity A {a: B};)"},
      {ErrorCode::schema_unknown_type, R"(entity A {a: __cedar::Zed};)"},
      {ErrorCode::schema_unknown_type, R"(entity A {a: Extension};)"},
      {ErrorCode::schema_unknown_type, R"(entity A in B;)"},
      {ErrorCode::schema_unknown_type, R"(entity U; action a appliesTo {principal:Z,resource:U};)"},
      {ErrorCode::schema_unknown_type,
       R"(type PT = Long; action a appliesTo {principal:PT,resource:PT};)"},
      {ErrorCode::schema_unknown_type, R"(entity A { a: Set };)"},
      {ErrorCode::schema_unknown_type, R"(entity A in [Action]; action x;)"},
      {ErrorCode::schema_unknown_type,
       R"(entity U; action x appliesTo {principal: Action, resource: U};)"},
      {ErrorCode::schema_string_escape, R"(entity A { "\q": Long };)"},
      {ErrorCode::schema_syntax, R"(entity A { "a)"},
      {ErrorCode::schema_syntax, R"(entity A)"},
      {ErrorCode::schema_syntax, R"(entity)"},
      {ErrorCode::schema_syntax, R"(namespace)"},
      {ErrorCode::schema_syntax, R"(namespace N)"},
      {ErrorCode::schema_syntax, R"(namespace N { entity A;)"},
      {ErrorCode::schema_syntax, R"(namespace N { entity A; } })"},
      {ErrorCode::schema_syntax, R"(entity 1;)"},
      {ErrorCode::schema_syntax, R"(entity A::B;)"},
      {ErrorCode::schema_syntax, R"(entity "A";)"},
      {ErrorCode::schema_syntax, R"(entity A { a: };)"},
      {ErrorCode::schema_syntax, R"(entity A { a Long };)"},
      {ErrorCode::schema_syntax, R"(entity A { a? Long };)"},
      {ErrorCode::schema_syntax, R"(entity A { a??: Long };)"},
      {ErrorCode::schema_syntax, R"(entity A { a: Set<Long };)"},
      {ErrorCode::schema_syntax, R"(entity A { a: Set<Set<Long> };)"},
      {ErrorCode::schema_syntax, R"(entity A { a: [Long] };)"},
      {ErrorCode::schema_syntax, R"(entity A { a: "Long" };)"},
      {ErrorCode::schema_syntax, R"(entity A { a: ?principal };)"},
      {ErrorCode::schema_syntax, R"(entity A = ;)"},
      {ErrorCode::schema_syntax, R"(entity A tags;)"},
      {ErrorCode::schema_syntax, R"(entity A enum ["x"] {};)"},
      {ErrorCode::schema_syntax, R"(entity A in;)"},
      {ErrorCode::schema_syntax, R"(entity A in [B;)"},
      {ErrorCode::schema_syntax, R"(type T;)"},
      {ErrorCode::schema_syntax, R"(type T = ;)"},
      {ErrorCode::schema_syntax, R"(type T = Long)"},
      {ErrorCode::schema_syntax, R"(type T::U = Long;)"},
      {ErrorCode::schema_syntax, R"(action;)"},
      {ErrorCode::schema_syntax, R"(action a in N::b::c;)"},
      {ErrorCode::schema_syntax, R"(action a appliesTo;)"},
      {ErrorCode::schema_syntax,
       R"(entity U; action a appliesTo {principal: U, resource: U, other: U};)"},
      {ErrorCode::schema_syntax, R"(entity U; action a appliesTo {principal: U resource: U};)"},
      {ErrorCode::schema_syntax, R"(@ entity A;)"},
      {ErrorCode::schema_syntax, R"(@a( entity A;)"},
      {ErrorCode::schema_syntax, R"(@a() entity A;)"},
      {ErrorCode::schema_syntax, R"(@a(b) entity A;)"},
      {ErrorCode::schema_syntax, R"(entity A; @a)"},
      {ErrorCode::schema_syntax, R"(#)"},
      {ErrorCode::schema_syntax, R"(entity A; action a in a, b;)"},
      {ErrorCode::schema_syntax, R"(entity A,;)"},
      {ErrorCode::schema_syntax, R"(entity A { a: Long,, };)"},
      {ErrorCode::schema_syntax, R"(entity Action::x;)"},
      {ErrorCode::schema_syntax, R"(namespace N { namespace M {} })"},
      {ErrorCode::schema_syntax, R"(entity A in [B,]; entity B;)"},
      {ErrorCode::schema_syntax, R"(entity A enum ["x",];)"},
      {ErrorCode::schema_syntax, R"(entity A enum ["x"] tags Long;)"},
      {ErrorCode::schema_syntax, R"(action a appliesTo {};)"},
      {ErrorCode::schema_syntax, R"(entity U; action a appliesTo {principal: [U,], resource: U};)"},
      {ErrorCode::schema_syntax, R"(entity U; type S = {x: Long}; entity V = S;)"},
      {ErrorCode::schema_syntax, R"(action b; action a in [b,];)"},
      {ErrorCode::schema_syntax, R"(namespace N {action b;} action a in N::b;)"},
      {ErrorCode::schema_syntax, R"(action a attributes {x: Long};)"},
      {ErrorCode::schema_syntax, R"(entity A { a: Set<> };)"},
      {ErrorCode::schema_syntax, R"(/* x */ entity A;)"},
      {ErrorCode::schema_syntax, R"(entity A {a: Long;};)"},
      {ErrorCode::schema_syntax, R"(Entity A;)"},
      {ErrorCode::schema_syntax, R"(entity A { a: Long b: Long };)"},
      {ErrorCode::schema_reserved_name, R"(type __cedar = Long;)"},
      {ErrorCode::schema_reserved_name, R"(entity A { if: Long };)"},
      {ErrorCode::schema_reserved_name, R"(entity A { in: Long };)"},
      {ErrorCode::schema_reserved_name, R"(entity in;)"},
      {ErrorCode::schema_reserved_name, R"(entity __cedar;)"},
      {ErrorCode::schema_reserved_name, R"(entity Action;)"},
      {ErrorCode::schema_reserved_name, R"(type Bool = Long;)"},
      {ErrorCode::schema_reserved_name, R"(type Boolean = Long;)"},
      {ErrorCode::schema_reserved_name, R"(type Record = Long;)"},
      {ErrorCode::schema_reserved_name, R"(type Entity = Long;)"},
      {ErrorCode::schema_reserved_name, R"(type Extension = Long;)"},
      {ErrorCode::schema_reserved_name, R"(type Set = Long;)"},
      {ErrorCode::schema_reserved_name, R"(namespace __cedar {entity A;})"},
      {ErrorCode::schema_reserved_name, R"(namespace N::__cedar {entity A;})"},
      {ErrorCode::schema_unknown_action, R"(action a in "b"::"c";)"},
      {ErrorCode::schema_unknown_action, R"(action a in b;)"},
      {ErrorCode::schema_unknown_action, R"(action a in Foo::"b";)"},
      {ErrorCode::schema_shadowing, R"(action a; namespace N { action a; })"},
      {ErrorCode::schema_shadowing, R"(entity A; namespace N {entity A;})"},
      {ErrorCode::schema_shadowing, R"(type T=Long; namespace N {entity T; })"},
      {ErrorCode::schema_duplicate, R"(namespace N { type T = Long; type T = Long; })"},
      {ErrorCode::schema_duplicate, R"(entity A; entity A;)"},
      {ErrorCode::schema_duplicate, R"(namespace N {entity A;} namespace N {entity B;})"},
      {ErrorCode::schema_duplicate, R"(namespace N {entity A;} namespace N {entity A;})"},
      {ErrorCode::schema_duplicate, R"(action a; action a;)"},
      {ErrorCode::schema_duplicate, R"(action a, a;)"},
      {ErrorCode::schema_common_cycle, R"(type T = T;)"},
      {ErrorCode::schema_common_cycle, R"(type T = U; type U = T;)"},
      {ErrorCode::schema_common_cycle, R"(type T = {a: U}; type U = Set<T>;)"},
      {ErrorCode::schema_empty_list, R"(entity A enum [];)"},
      {ErrorCode::schema_empty_list,
       R"(entity U; action a appliesTo {principal: [], resource: []};)"},
      {ErrorCode::schema_empty_list,
       R"(entity U; action a appliesTo {principal: [], resource: U};)"},
      {ErrorCode::schema_empty_list, R"(action b; action a in [];)"},
      {ErrorCode::schema_applies_to, R"(entity U; action a appliesTo {principal: U};)"},
      {ErrorCode::schema_applies_to,
       R"(entity U; action a appliesTo {principal: U, principal: U, resource: U};)"},
      {ErrorCode::schema_applies_to,
       R"(entity U; action a appliesTo {principal: U, resource: U, context: {}, context: {}};)"},
      {ErrorCode::schema_applies_to, R"(entity U; action a appliesTo {context: {}};)"},
      {ErrorCode::schema_not_a_record,
       R"(entity U; type C=Long; action a appliesTo {principal:U,resource:U,context:C};)"},
      {ErrorCode::schema_action_cycle, R"(action a in a;)"},
      {ErrorCode::schema_action_cycle, R"(action a in b; action b in a;)"},
      {ErrorCode::schema_duplicate_annotation, R"(@a("x") @a("y") entity A;)"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.text));
    Symbols symbols;
    const Result<Schema> schema = read_schema(c.text, "s.cedarschema", symbols);
    REQUIRE_FALSE(schema.has_value());
    CHECK(code_name(schema.error().code) == code_name(c.code));
    CHECK(schema.error().line == 1);
    CHECK(schema.error().file == "s.cedarschema");
    CHECK_FALSE(schema.error().message.empty());
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
  for (int i = 1; i < 5000; ++i) product += ", A" + std::to_string(i);
  product += " enum [\"0\"";
  for (int i = 1; i < 5000; ++i) product += ", \"" + std::to_string(i) + "\"";
  product += "];";
  std::string hierarchy = "action a0;";
  for (int i = 1; i < 10000; ++i) {
    hierarchy += "action a" + std::to_string(i) + " in a" + std::to_string(i - 1) + ";";
  }
  std::string names = "type T0 = Long;";
  for (int i = 1; i < 20000; ++i) {
    const std::string name = "T" + std::to_string(i);
    names = "type " + name + " = T" + std::to_string(i - 1) + ";" + names;
  }
  std::string ring = "type T0 = T4999;";
  for (int i = 1; i < 5000; ++i) {
    ring += "type T" + std::to_string(i) + " = Set<T" + std::to_string(i - 1) + ">;";
  }
  struct Case {
    const char* sentence;
    std::string text;
    ErrorCode code;
  };
  constexpr ErrorCode none = ErrorCode::none;
  constexpr ErrorCode deep = ErrorCode::schema_too_deep;
  constexpr ErrorCode large = ErrorCode::schema_too_large;
  const Case cases[] = {
      {"sets, as deep as allowed", "type T = " + repeated(64, "Set<", "Long", ">") + ";", none},
      {"sets, deeper", "type T = " + repeated(65, "Set<", "Long", ">") + ";", deep},
      {"records, as deep as allowed", "type T = " + repeated(64, "{a: ", "Long", "}") + ";", none},
      {"records, deeper", "type T = " + repeated(65, "{a: ", "Long", "}") + ";", deep},
      {"records, a hundred thousand deep", "type T = " + repeated(100000, "{a: ", "", ""), deep},
      {"a chain that nests, from its start", chain, deep},
      {"a chain that nests, from its end", backward, deep},
      {"a chain of twenty thousand names", names, none},
      {"a ring of five thousand names", ring, ErrorCode::schema_common_cycle},
      {"five thousand types with five thousand ids each", product, large},
      {"a chain of ten thousand actions", hierarchy, large},
      {"a text of 16 MiB and one byte", std::string((16 << 20) + 1, ' '), large},
  };
  for (const Case& c : cases) {
    CAPTURE(c.sentence);
    Symbols symbols;
    const Result<Schema> schema = read_schema(c.text, "s", symbols);
    CHECK(code_name(schema.error().code) == code_name(c.code));
  }
}

TEST_CASE("schema: equal types of a schema are one") {
  Symbols symbols;
  const Result<Schema> schema = read_schema(
      R"(type R = {b?: Set<{x: Long}>, a: A};
         entity A {a: A, b?: Set<{x: Long}>};
         entity B {r: R, s: {a: A, b?: Set<{x: Long}>}, t: {a: A, b: Set<{x: Long}>}};
         entity C, D {r: R};)",
      "s", symbols);
  REQUIRE(schema.has_value());
  const auto shape = [&](const char* name) -> const Type& {
    return schema->entity_type(symbols.find_name(name))->shape;
  };
  const auto attribute = [&](const char* type, const char* name) -> const Type* {
    for (const Attribute& each : shape(type).attributes) {
      if (each.name == symbols.find_name(name)) return each.type;
    }
    return nullptr;
  };
  CHECK(attribute("B", "r") == attribute("B", "s"));
  CHECK(attribute("B", "r") != attribute("B", "t"));
  CHECK(*attribute("B", "r") == shape("A"));
  CHECK_FALSE(*attribute("B", "t") == shape("A"));
  CHECK(shape("C") == shape("D"));
  CHECK(attribute("A", "b") == attribute("B", "s")->attributes[1].type);
}

// Whoever makes declarations by program may share parts of them.
TEST_CASE("schema: actions that share their principals keep their own resources and contexts") {
  const SchemaName names[] = {{"A"}, {"B"}};
  DeclaredEntity entities[2];
  DeclaredAttribute fields[2];
  for (std::size_t i = 0; i < 2; ++i) {
    entities[i].name = names[i];
    fields[i].name = names[i];
    fields[i].type.form = DeclaredType::Form::integer;
  }
  DeclaredAction actions[4];
  const std::string_view ids[] = {"a", "b", "c", "d"};
  for (std::size_t i = 0; i < 4; ++i) {
    actions[i].name = {ids[i]};
    actions[i].principals = names;
    actions[i].resources = names;
    actions[i].context.attributes = {fields, 1};
  }
  actions[1].context.attributes = fields;
  actions[2].context.attributes = {};
  actions[3].resources = {names, 1};
  DeclaredNamespace space;
  space.entities = entities;
  space.actions = actions;
  Symbols symbols;
  const Result<Schema> schema = resolve_schema({{&space, 1}}, "", symbols);
  if (!schema) FAIL(schema.error().text());
  const auto action = [&](std::string_view id) {
    return schema->action(symbols.entity(symbols.name("Action"), id));
  };
  const std::size_t attributes[] = {1, 2, 0, 1};
  const std::size_t resources[] = {2, 2, 2, 1};
  for (std::size_t i = 0; i < 4; ++i) {
    CAPTURE(i);
    REQUIRE(action(ids[i]) != nullptr);
    CHECK(action(ids[i])->context.attributes.size() == attributes[i]);
    CHECK(action(ids[i])->principals.size() == 2);
    CHECK(action(ids[i])->resources.size() == resources[i]);
  }
}

TEST_CASE("schema: enumerated ids, ancestors and applicable types are sorted and complete") {
  Symbols symbols;
  const Result<Schema> schema = read_schema(
      R"(namespace N { entity Z enum ["c", "a", "b", "a"]; entity A in [B, Z]; entity B in C;
                       entity C in [A]; action x, y in [w] appliesTo {principal: [C, A, C],
                       resource: Z, context: {k: Long}}; action w in Action::"v"; action v; })",
      "s", symbols);
  REQUIRE(schema.has_value());
  const NameId type = symbols.find_name("N::Z");
  CHECK(schema->entity_type(type)->enumerated);
  CHECK(schema->entity_type(type)->ids.size() == 4);
  CHECK(schema->entity_type(type)->ancestors.empty());
  for (const char* name : {"N::A", "N::B", "N::C"}) {
    CAPTURE(std::string(name));
    const EntityType* entity = schema->entity_type(symbols.find_name(name));
    REQUIRE(entity != nullptr);
    CHECK(entity->ancestors.size() == 4);
    CHECK(std::is_sorted(entity->ancestors.begin(), entity->ancestors.end()));
  }
  const NameId actions = symbols.find_name("N::Action");
  for (const char* id : {"x", "y"}) {
    CAPTURE(std::string(id));
    const ActionType* action = schema->action(symbols.find_entity(actions, id));
    REQUIRE(action != nullptr);
    CHECK(action->principals.size() == 2);
    CHECK(std::is_sorted(action->principals.begin(), action->principals.end()));
    CHECK(action->resources.size() == 1);
    CHECK(action->ancestors.size() == 2);
    CHECK(action->context.attributes.size() == 1);
  }
}

TEST_CASE("schema: a long path written with spaces takes room once, not for each of its parts") {
  std::string path = "A";
  for (int part = 0; part < 20'000; ++part) path += " ::B";
  for (const std::string& text :
       {"entity E in " + path + ";", "action a in [" + path + "::\"b\"];"}) {
    Arena arena;
    CHECK(parse_schema(text, arena).has_value());
    CHECK(arena.held() < 1024 * 1024);
  }
}
