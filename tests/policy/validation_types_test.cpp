// The types of the validator, the table they live in, names in messages, and links of templates.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "base/arena.hpp"
#include "mcpgov/cedar.hpp"
#include "policy/cedar/parser.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/cedar/validation/interning.hpp"
#include "policy/cedar/validation/text.hpp"
#include "policy/cedar/validation/types.hpp"
#include "policy/cedar/validation/validator.hpp"
#include "policy/symbols.hpp"

using namespace mcpgov;
using namespace mcpgov::policy;
using namespace mcpgov::policy::cedar;
using namespace mcpgov::policy::cedar::validation;

namespace {

struct World {
  Symbols symbols;
  Result<cedar::Schema> schema = read_schema(R"(
    entity A in [B] {x: Long, y?: {k: String}}; entity B {x: Long}; entity C;
    action go appliesTo {principal: A, resource: B, context: {s: Set<A>, d: decimal}};)",
                                             "schema", symbols);
  NameId name(std::string_view text) { return symbols.name(text); }
};

TEST_CASE("interning: equal sequences and only those have equal ids, also after growing") {
  Interning table;
  std::vector<std::uint32_t> ids;
  for (std::uint32_t i = 0; i < 5000; ++i) ids.push_back(table.id({i, i / 7, 3}));
  for (std::uint32_t i = 0; i < 5000; ++i) CHECK(table.id({i, i / 7, 3}) == ids[i]);
  CHECK(table.size() == 5000);
  CHECK(table.id({1, 2}) != table.id({1, 2, 0}));
  CHECK(table.words(ids[9])[0] == 9);
  table.clear();
  CHECK(table.size() == 0);
  CHECK(table.id({4, 0, 3}) == 0);
}

TEST_CASE("types: equal ones are one, and their text is Cedar's") {
  World world;
  REQUIRE(world.schema.has_value());
  Types types(*world.schema, world.symbols, true);
  const TypeId a = types.entity(world.name("A"));
  CHECK(a == types.entity(world.name("A")));
  CHECK(types.set(a) == types.set(a));
  CHECK(types.set(a) != a);
  const auto context = types.of(world.schema->actions()[0].context);
  CHECK(context == types.of(world.schema->actions()[0].context));
  CHECK(types.member(context, world.name("d")).type == type_of(TypeKind::decimal));
  CHECK(types.member(context, world.name("zz")).type == kNone);
  CHECK(types.text(types.set(a)) == "Set<A>");
  CHECK(types.text(types.member(a, world.name("y")).type) == "{k: String}");
  CHECK_FALSE(types.member(a, world.name("y")).required);
}

TEST_CASE("types: strict bounds are equality, permissive ones unions") {
  World world;
  Types strict(*world.schema, world.symbols, true);
  Types permissive(*world.schema, world.symbols, false);
  Mismatch why = Mismatch::none;
  const auto entity = [&](Types& types, const char* name) {
    return types.entity(world.name(name));
  };
  CHECK(strict.join(entity(strict, "A"), entity(strict, "B"), why) == kNone);
  CHECK(why == Mismatch::entity_type);
  const TypeId both = permissive.join(entity(permissive, "A"), entity(permissive, "B"), why);
  CHECK(permissive.entity_types(both).size() == 2);
  CHECK(permissive.subtype(entity(permissive, "A"), both));
  CHECK_FALSE(permissive.subtype(both, entity(permissive, "A")));
  CHECK(permissive.member(both, world.name("x")).required);
  CHECK(permissive.member(both, world.name("y")).type == kNone);
  CHECK(permissive.may_have(both, world.name("y")));
  CHECK(permissive.disjoint(both, entity(permissive, "C")));
  CHECK_FALSE(permissive.disjoint(both, entity(permissive, "A")));
  CHECK(strict.join(kTrue, kFalse, why) == kBool);
  CHECK(strict.join(kBool, type_of(TypeKind::integer), why) == kNone);
  CHECK(why == Mismatch::different);
  const auto word = [](auto id) { return static_cast<std::uint32_t>(id); };
  const std::uint32_t required[] = {word(world.name("x")), word(kBool), 1};
  const std::uint32_t optional[] = {word(world.name("x")), word(kBool), 0};
  const TypeId one = strict.record(required, false);
  CHECK(strict.join(one, strict.record(optional, false), why) == kNone);
  CHECK(why == Mismatch::optionality);
  CHECK(strict.join(one, strict.record({}, false), why) == kNone);
  CHECK(why == Mismatch::record_width);
  const TypeId open =
      permissive.join(permissive.record(required, false), permissive.record({}, false), why);
  CHECK(permissive.is_open(open));
  CHECK(strict.join(one, entity(strict, "A"), why) == kNone);
  CHECK(why == Mismatch::entity_record);
}

TEST_CASE("types: the bound of many is made of few unions, and trim() forgets them") {
  World world;
  Types types(*world.schema, world.symbols, false);
  constexpr std::size_t count = 1 << 13;
  std::vector<TypeId> entities;
  std::vector<TypeId> sets;
  for (std::size_t i = 0; i < count; ++i) {
    entities.push_back(types.entity(world.name("T" + std::to_string(i))));
    sets.push_back(types.set(entities.back()));
  }
  const std::size_t before = types.words();
  Mismatch why = Mismatch::none;
  const TypeId all = types.join(entities, why);
  CHECK(types.entity_types(all).size() == count);
  CHECK(types.join(sets, why) == types.set(all));
  CHECK(types.words() - before < 20 * count);  // one after the other: count * count / 2
  for (std::size_t i = 0; i < 200; ++i) {
    types.join(std::span(entities).subspan(0, count - i - 1), why);
  }
  types.trim();
  CHECK(types.words() < 100);
  CHECK(types.text(types.set(types.entity(world.name("A")))) == "Set<A>");
  CHECK(types.join(std::span<const TypeId>{}, why) == type_of(TypeKind::never));
}

TEST_CASE("names in messages: plain ones are bare, others quoted, long ones cut") {
  const auto name = [](std::string_view text) {
    std::string out;
    append_name(out, text);
    return out;
  };
  CHECK(name("plain_1") == "plain_1");
  CHECK(name("two words") == "\"two words\"");
  CHECK(name("if") == "\"if\"");
  CHECK(name(std::string(500, 'x')).size() < 100);
  std::string step;
  append_step(step, "a b");
  append_step(step, "c");
  CHECK(step == "[\"a b\"].c");
}

TEST_CASE("the nearest name is suggested only when it is near") {
  const std::vector<std::string_view> names{"name", "owner", "path"};
  CHECK(nearest("nmae", names).empty());  // two letters of four
  CHECK(nearest("namee", names) == "name");
  CHECK(nearest("ownr", names) == "owner");
  CHECK(nearest("zzz", names).empty());
  CHECK(nearest("", names).empty());
  CHECK(nearest("name", std::vector<std::string_view>(1001, "name")).empty());
}

TEST_CASE("links: what fills a slot is declared and leaves the template an action") {
  World world;
  Arena arena;
  Parser parser("", "permit(principal in ?principal, action, resource == ?resource);",
                world.symbols, arena);
  Ast ast;
  ParsedPolicy policy;
  REQUIRE(parser.next(ast, policy));
  const auto uid = [&](const char* type) { return world.symbols.entity(world.name(type), "1"); };
  struct Case {
    const char* principal;
    const char* resource;
    std::vector<FindingKind> kinds;
  };
  const Case cases[] = {
      {"A", "B", {}},
      {"B", "B", {}},
      {"C", "B", {FindingKind::invalid_action_application}},
      {"A", "C", {FindingKind::invalid_action_application}},
      {"Nope",
       "B",
       {FindingKind::unrecognized_entity_type, FindingKind::invalid_action_application}},
  };
  for (const Case& each : cases) {
    CAPTURE(std::string(each.principal));
    CAPTURE(std::string(each.resource));
    Validator validator(*world.schema, world.symbols, {});
    std::vector<Finding> findings;
    validator.link(policy, uid(each.principal), uid(each.resource), {"link1", "file", ""},
                   findings);
    REQUIRE(findings.size() == each.kinds.size());
    for (std::size_t i = 0; i < findings.size(); ++i) {
      CHECK(findings[i].kind == each.kinds[i]);
      CHECK(findings[i].policy == "link1");
      CHECK(findings[i].line == 0);
    }
  }
}

TEST_CASE("report: a mistake in several steps of one chain is told once") {
  struct Case {
    const char* condition;
    std::size_t findings;
  };
  const Case cases[] = {
      {"principal.o.o.a", 1},
      {"principal[\"o\"].o[\"o\"].a", 1},
      {"principal has o && principal.o.o.o.a", 1},
      {"principal.o.r.o.a", 2},  // two attributes
      {"(principal.o).o.a", 2},  // parentheses make two chains
      {"((principal.o).o).o == principal", 3},
      {"principal.o == principal.o", 2},
      {"principal.getTag(\"x\").getTag(\"x\").a", 1},
      {"ip(\"::1\").isIpv4(1).isIpv4(1)", 1},
      {"principal.contains(1).contains(1)", 2},  // of an entity, of a truth value
  };
  for (const Case& each : cases) {
    CAPTURE(std::string(each.condition));
    const Source policy{
        "p", "permit(principal, action, resource) when { " + std::string(each.condition) + " };"};
    const auto found = policy::validate({&policy, 1}, {"s", R"(
        entity U = {o?: U, a: Bool, r: {o?: U}} tags U;
        action act appliesTo {principal: U, resource: U};)"});
    REQUIRE(found.has_value());
    CHECK(found->size() == each.findings);
  }
}

}  // namespace
