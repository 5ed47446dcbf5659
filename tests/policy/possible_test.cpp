// What could come out while parts of a request are unknown.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/cedar_world.hpp"
#include "support/random_cedar.hpp"

namespace mcpgov::policy::cedar {
namespace {

constexpr std::string_view kEntities = R"([
  {"uid": {"type": "U", "id": "a"}, "attrs": {"n": 1}, "parents": [{"type": "G", "id": "g"}]}])";

// `context` with `input` unknown and `known` = 1.
Value context_of(Asked& asked) {
  auto* fields = asked.arena().array<Field>(2);
  fields[0] = {asked.symbols().name("input"), Value{}};
  fields[1] = {asked.symbols().name("known"), Value::of_integer(1)};
  return Value::of_record({fields, 2});
}

Possible look(const std::string& policies, ErrorRule rule) {
  Result<Engine> engine = engine_of(policies, kEntities);
  REQUIRE_MESSAGE(engine.has_value(), engine.error().text());
  Asked asked(*engine);
  asked.request.context = context_of(asked);
  return engine->possible(asked.request, rule, asked.arena());
}

struct Row {
  const char* name;
  const char* policies;
  ErrorRule rule;
  bool some;
  bool certain;
};

bool allowed(const Engine& engine, const Decision& decision, ErrorRule rule) {
  if (decision.effect != Effect::allow) return false;
  return std::none_of(decision.errors.begin(), decision.errors.end(), [&](const PolicyError& e) {
    return rule == ErrorRule::any || (rule == ErrorRule::forbid && engine.forbids(e.policy));
  });
}

// The same value with some of its parts unknown. Items of sets are left alone: a set with unknown
// items is no canonical set.
Value forget_some(const Value& value, Choices& choices, Arena& arena) {
  if (choices.one_in(4)) return Value{};
  if (value.kind != Kind::record) return value;
  std::span<Field> fields = arena.copy(value.record());
  for (Field& field : fields) field.value = forget_some(field.value, choices, arena);
  return Value::of_record(fields);
}

// The unknown parts filled from another value of any shape.
Value fill(const Value& value, Choices& choices, Asked& asked) {
  if (value.kind == Kind::unknown) {
    ContextInput input;
    const std::string text =
        "{\"v\": " + RandomCedar(Choices(choices.of(1U << 30))).value_json(2) + "}";
    input.text = text;
    Result<Value> read = read_context(input, asked.symbols());
    REQUIRE(read.has_value());
    return read->fields[0].value;
  }
  if (value.kind != Kind::record) return value;
  std::span<Field> fields = asked.arena().copy(value.record());
  for (Field& field : fields) field.value = fill(field.value, choices, asked);
  return Value::of_record(fields);
}

}  // namespace

TEST_CASE("possible: what unknowns leave open, and what they do not") {
  const Row rows[] = {
      {"no policy", "", ErrorRule::cedar, false, false},
      {"a permit that reads nothing", "permit(principal, action, resource);", ErrorRule::forbid,
       true, true},
      {"a permit out of scope", "permit(principal == U::\"b\", action, resource);",
       ErrorRule::cedar, false, false},
      {"a known condition that fails",
       "permit(principal, action, resource) when { context.known == 2 };", ErrorRule::cedar, false,
       false},
      {"a known condition that holds",
       "permit(principal, action, resource) when { context.known == 1 };", ErrorRule::any, true,
       true},
      {"an unknown condition", "permit(principal, action, resource) when { context.input.x == 1 };",
       ErrorRule::cedar, true, false},
      {"an unknown condition behind a false one",
       "permit(principal, action, resource) when { context.known == 2 && context.input.x == 1 };",
       ErrorRule::cedar, false, false},
      {"an unknown condition before a false one",
       "permit(principal, action, resource) when { context.input.x == 1 && context.known == 2 };",
       ErrorRule::cedar, false, false},
      {"an unknown condition that no answer changes",
       "permit(principal, action, resource) when { context.input == 1 || context.known == 1 };",
       ErrorRule::cedar, true, true},
      {"an unknown condition that could fail before",
       "permit(principal, action, resource) when { context.input.x == 1 || context.known == 1 };",
       ErrorRule::cedar, true, false},
      {"an unknown value is there",
       "permit(principal, action, resource) when { context has input };", ErrorRule::any, true,
       true},
      {"a field that is not there fails",
       "permit(principal, action, resource) when { context.nothing == 1 };", ErrorRule::cedar,
       false, false},
      {"a certain forbid",
       "permit(principal, action, resource); forbid(principal, action, resource);",
       ErrorRule::cedar, false, false},
      {"an uncertain forbid",
       "permit(principal, action, resource);"
       "forbid(principal, action, resource) when { context.input == 1 };",
       ErrorRule::cedar, true, false},
      {"a forbid that fails is skipped by Cedar",
       "permit(principal, action, resource);"
       "forbid(principal, action, resource) when { context.nothing };",
       ErrorRule::cedar, true, true},
      {"a forbid that fails denies by default",
       "permit(principal, action, resource);"
       "forbid(principal, action, resource) when { context.nothing };",
       ErrorRule::forbid, false, false},
      {"a forbid that holds or fails denies by default",
       "permit(principal, action, resource);"
       "forbid(principal, action, resource) when { context.input == 1 || context.nothing };",
       ErrorRule::forbid, false, false},
      {"a permit that fails is skipped by default",
       "permit(principal, action, resource);"
       "permit(principal, action, resource) when { context.nothing };",
       ErrorRule::forbid, true, true},
      {"a permit that fails denies under `any`",
       "permit(principal, action, resource);"
       "permit(principal, action, resource) when { context.nothing };",
       ErrorRule::any, false, false},
      {"a permit that may fail is not certain under `any`",
       "permit(principal, action, resource);"
       "permit(principal, action, resource) when { context.input.x == 1 };",
       ErrorRule::any, true, false},
      {"a choice whose ways agree",
       "permit(principal, action, resource) when"
       "{ (if context.input == 1 then 1 else 1) == 1 };",
       ErrorRule::any, true, true},
      {"a choice whose ways differ",
       "permit(principal, action, resource) when"
       "{ (if context.input == 1 then 1 else 2) == 3 };",
       ErrorRule::any, true, false},
      {"a choice in a choice: three ways to one place",
       "permit(principal, action, resource) when"
       "{ (if context.input == 1 then 1 else (if context.input == 2 then 2 else 2)) == 2 };",
       ErrorRule::any, true, false},
      {"a choice with a truth as its test and both ways false",
       "permit(principal, action, resource) when"
       "{ if context.input == 1 then false else context.known == 2 };",
       ErrorRule::any, false, false},
      {"a stored truth is true or false and nothing else",
       "permit(principal, action, resource) when"
       "{ (context.input == 1) == true || !(context.input == 1) || true };",
       ErrorRule::any, true, true},
      {"an unknown truth stored in a variable place may be tested",
       "permit(principal, action, resource) unless"
       "{ if (context.input == 1) then (context.input == 2) else false };",
       ErrorRule::any, true, false},
      {"types that no value mends",
       "permit(principal, action, resource) when { context.input < \"a\" };", ErrorRule::cedar,
       false, false},
      {"a sum with a text",
       "permit(principal, action, resource) when { context.input + \"a\" == 1 };", ErrorRule::cedar,
       false, false},
      {"a group of no entity", "permit(principal, action, resource) when { context.input in [1] };",
       ErrorRule::cedar, false, false},
      {"a set with an unknown item is not empty",
       "permit(principal, action, resource) when { ![context.input].isEmpty() };", ErrorRule::any,
       true, true},
      {"a set with an unknown item holds what it holds",
       "permit(principal, action, resource) when { [context.input, 1].contains(1) };",
       ErrorRule::any, true, true},
      {"and may hold other things",
       "permit(principal, action, resource) when { [context.input, 1].contains(2) };",
       ErrorRule::any, true, false},
      {"an empty set holds no unknown",
       "permit(principal, action, resource) when { [].contains(context.input) };", ErrorRule::any,
       false, false},
      {"a record with an unknown field equals no number",
       "permit(principal, action, resource) when { context == 1 };", ErrorRule::any, false, false},
      {"a record with an unknown field may equal another record",
       "permit(principal, action, resource) when { context == {input: 1, known: 1} };",
       ErrorRule::any, true, false},
      {"an unknown pattern text",
       "permit(principal, action, resource) when { context.input like \"a*\" };", ErrorRule::cedar,
       true, false},
      {"an unknown extension call",
       "permit(principal, action, resource) when { ip(context.input).isLoopback() };",
       ErrorRule::cedar, true, false},
      {"an unknown tag",
       "permit(principal, action, resource) when { principal.hasTag(context.input) };",
       ErrorRule::cedar, true, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Possible found = look(row.policies, row.rule);
    CHECK(found.some == row.some);
    CHECK(found.certain == row.certain);
  }
}

TEST_CASE("possible: a request that nobody can decide is impossible") {
  Result<Engine> engine = engine_of("permit(principal, action, resource);");
  REQUIRE(engine.has_value());
  Asked asked(*engine);
  CHECK(engine->possible(asked.request, ErrorRule::cedar, asked.arena()).certain);
  asked.request.context = Value::of_integer(1);
  CHECK_FALSE(engine->possible(asked.request, ErrorRule::cedar, asked.arena()).some);
  asked.request.context = Value{};
  CHECK(engine->possible(asked.request, ErrorRule::cedar, asked.arena()).some);
  asked.request.symbols = nullptr;
  CHECK_FALSE(engine->possible(asked.request, ErrorRule::cedar, asked.arena()).some);
  CHECK_FALSE(Possible{}.some);
  CHECK_FALSE(Possible{}.certain);
}

TEST_CASE("possible: unknown entities match every scope and no scope") {
  Result<Engine> engine = engine_of(
      "permit(principal == U::\"a\", action, resource);"
      "forbid(principal, action == Action::\"drop\", resource);",
      kEntities);
  REQUIRE(engine.has_value());
  Asked asked(*engine);
  const auto look = [&] {
    return engine->possible(asked.request, ErrorRule::forbid, asked.arena());
  };
  CHECK(look().certain);
  asked.request.principal = kNoEntity;
  CHECK(look().some);
  CHECK_FALSE(look().certain);
  asked.request.principal = asked.entity({"U", "a"});
  asked.request.action = kNoEntity;
  CHECK(look().some);
  CHECK_FALSE(look().certain);
  asked.request.action = asked.entity({"Action", "drop"});
  asked.request.resource = kNoEntity;
  CHECK_FALSE(look().some);
}

TEST_CASE("possible: no completion of random unknowns comes out otherwise") {
  int open = 0;
  int certain = 0;
  int impossible = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    RandomCedar random{Choices(seed)};
    Choices choices(seed * 7919);
    const std::string entities = random.entities_json();
    std::string policies;
    for (std::uint32_t i = 0; i < 3; ++i) policies += random.policy();
    CAPTURE(seed);
    CAPTURE(policies);
    Result<Engine> engine = engine_of(policies, entities);
    REQUIRE(engine.has_value());
    for (int question = 0; question < 4; ++question) {
      const RandomCedar::Name who = random.uid();
      const RandomCedar::Name what = random.uid();
      Asked asked(*engine, {who.type, who.id}, {"Action", "read"}, {what.type, what.id},
                  random.context_json());
      const Request known = asked.request;
      asked.request.context = forget_some(known.context, choices, asked.arena());
      if (choices.one_in(8)) asked.request.principal = kNoEntity;
      if (choices.one_in(8)) asked.request.resource = kNoEntity;
      const auto rule = static_cast<ErrorRule>(choices.of(3));
      const Possible possible = engine->possible(asked.request, rule, asked.arena());
      (possible.certain ? certain : possible.some ? open : impossible) += 1;
      for (int completion = 0; completion < 6; ++completion) {
        Request full = known;
        if (completion > 0) full.context = fill(asked.request.context, choices, asked);
        if (full.context.kind != Kind::record) continue;
        const bool allows = allowed(*engine, engine->authorize(full, asked.arena()), rule);
        REQUIRE((!allows || possible.some));
        REQUIRE((allows || !possible.certain));
      }
    }
  }
  CHECK(open > 300);
  CHECK(certain > 100);
  CHECK(impossible > 1000);
}

TEST_CASE("possible: unknown attributes of entities leave open what they decide") {
  Result<Engine> engine = engine_of(
      "permit(principal, action, resource) when { resource.owner == principal };"
      "forbid(principal, action, resource) when { principal.getTag(\"x\") == 1 };");
  REQUIRE(engine.has_value());
  Asked asked(*engine);
  Entity facts;
  auto* owner = asked.arena().create<Field>(Field{asked.symbols().name("owner"), Value{}});
  facts.attributes = Value::of_record({owner, 1});
  facts.tags = Value::of_record({});
  asked.symbols().define(asked.request.resource, facts);
  const auto look = [&] {
    return engine->possible(asked.request, ErrorRule::cedar, asked.arena());
  };
  CHECK(look().some);
  CHECK_FALSE(look().certain);
  owner->value = Value::of_entity(asked.request.principal);
  CHECK(look().certain);
  Entity tagged;
  tagged.attributes = Value::of_record({});
  asked.symbols().define(asked.request.principal, tagged);  // tags unknown
  CHECK(look().some);
  CHECK_FALSE(look().certain);
  CHECK(engine->authorize(asked.request, asked.arena()).errors.size() == 1);
}

TEST_CASE("lists: one question about n items is n questions") {
  int shown = 0;
  for (std::uint64_t seed = 1; seed <= 800; ++seed) {
    RandomCedar random{Choices(seed)};
    const std::string entities = random.entities_json();
    std::string policies;
    for (std::uint32_t i = 0; i < 8; ++i) policies += random.policy();
    CAPTURE(seed);
    CAPTURE(policies);
    Result<Engine> engine = engine_of(policies, entities);
    REQUIRE(engine.has_value());
    const RandomCedar::Name who = random.uid();
    Asked asked(*engine, {who.type, who.id}, {"Action", "read"}, {"R", "1"}, random.context_json());
    Choices choices(seed);
    const Value context = forget_some(asked.request.context, choices, asked.arena());
    if (context.kind != Kind::record) continue;
    const NameId varying[] = {asked.symbols().name("a"), asked.symbols().name("r")};
    const auto rule = static_cast<ErrorRule>(choices.of(3));
    ListQuestion list(*engine, asked.request.principal, asked.symbols(), varying, rule,
                      asked.arena());
    for (int item = 0; item < 12; ++item) {
      Request single = asked.request;
      const RandomCedar::Name action = random.action_uid();
      const RandomCedar::Name resource = random.uid();
      single.action = asked.entity({action.type, action.id});
      single.resource = asked.entity({resource.type, resource.id});
      std::span<Field> fields = asked.arena().copy(context.record());
      for (Field& field : fields) {
        if (field.name == varying[0] || field.name == varying[1]) {
          field.value = fill(Value{}, choices, asked);
        }
      }
      single.context = Value::of_record(fields);
      const Possible found = list.probe(single.action, single.resource, single.context);
      const Possible expected = engine->possible(single, rule, asked.arena());
      REQUIRE(found.some == expected.some);
      REQUIRE(found.certain == expected.certain);
      shown += found.some ? 1 : 0;
    }
  }
  CHECK(shown > 500);
}

TEST_CASE("lists: what is said of an item's resource counts for policies that name it too") {
  Result<Engine> engine = engine_of(
      "permit(principal, action, resource) when { R::\"two\" has open && R::\"two\".open };");
  REQUIRE(engine.has_value());
  Asked asked(*engine);
  ListQuestion list(*engine, asked.request.principal, asked.symbols(), {}, ErrorRule::forbid,
                    asked.arena());
  CHECK_FALSE(
      list.probe(asked.request.action, asked.entity({"R", "one"}), Value::of_record({})).some);
  Entity facts;
  auto* open =
      asked.arena().create<Field>(Field{asked.symbols().name("open"), Value::of_boolean(true)});
  facts.attributes = Value::of_record({open, 1});
  facts.tags = Value::of_record({});
  asked.symbols().define(asked.entity({"R", "two"}), facts);
  CHECK(list.probe(asked.request.action, asked.entity({"R", "two"}), Value::of_record({})).some);
}

TEST_CASE("possible: an unknown entity in a set does not hide what is none") {
  const char* const sets[] = {"[principal, true]", "[principal, true, G::\"g\"]",
                              "[principal, 1, \"a\", G::\"g\"]"};
  for (const char* set : sets) {
    CAPTURE(std::string(set));
    Result<Engine> engine = engine_of("permit(principal, action, resource) when { resource in " +
                                      std::string(set) + " || true };");
    REQUIRE(engine.has_value());
    Asked asked(*engine);
    asked.request.principal = kNoEntity;
    const Possible found = engine->possible(asked.request, ErrorRule::cedar, asked.arena());
    CHECK_FALSE(found.some);
    CHECK_FALSE(found.certain);
  }
}

}  // namespace mcpgov::policy::cedar
