// Decisions of whole policy sets: effect, reasons, errors, ids, and the facts about policies.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/cedar_world.hpp"

namespace mcpgov::policy::cedar {
namespace {

constexpr std::string_view kEntities = R"([
  {"uid": {"type": "U", "id": "a"}, "attrs": {}, "parents": [{"type": "G", "id": "g"}]},
  {"uid": {"type": "Action", "id": "act"}, "attrs": {},
   "parents": [{"type": "Action", "id": "all"}, {"type": "Action", "id": "some"}]}])";

using Numbers = std::vector<PolicyNumber>;

struct Case {
  const char* name;
  const char* policies;
  Effect effect;
  Numbers reasons;
  Numbers errors;
};

Numbers numbers_of(std::span<const PolicyError> errors) {
  Numbers out;
  for (const PolicyError& error : errors) out.push_back(error.policy);
  return out;
}

void check(const Case& c, bool index) {
  CAPTURE(std::string(c.name));
  Engine::Options options;
  options.index = index;
  Result<Engine> engine = engine_of(c.policies, kEntities, options);
  REQUIRE_MESSAGE(engine.has_value(), engine.error().text());
  Asked asked(*engine);
  const Decision found = engine->authorize(asked.request, asked.arena());
  CHECK(found.effect == c.effect);
  CHECK((Numbers(found.reasons.begin(), found.reasons.end()) == c.reasons));
  CHECK((numbers_of(found.errors) == c.errors));
  CHECK(engine->decide(asked.request, asked.arena()) == c.effect);
}

Error refusal(std::span<const Source> sources, Ids ids) {
  Engine::Options options;
  options.ids = ids;
  Result<Engine> engine = Engine::build(sources, Symbols(), Entities(), options);
  REQUIRE_FALSE(engine.has_value());
  return engine.error();
}

}  // namespace

TEST_CASE("authorize: nothing permits unless a policy does, and a forbid always wins") {
  const Case cases[] = {
      {"no policies", "", Effect::deny, {}, {}},
      {"a permit out of scope",
       "permit(principal == U::\"b\", action, resource);",
       Effect::deny,
       {},
       {}},
      {"a permit of another type",
       "permit(principal is G, action, resource);",
       Effect::deny,
       {},
       {}},
      {"a permit of another action",
       "permit(principal, action == Action::\"no\", resource);",
       Effect::deny,
       {},
       {}},
      {"a permit of no action", "permit(principal, action in [], resource);", Effect::deny, {}, {}},
      {"a permit of another resource",
       "permit(principal, action, resource in R::\"x\");",
       Effect::deny,
       {},
       {}},
      {"a permit that does not hold",
       "permit(principal, action, resource) when { false };",
       Effect::deny,
       {},
       {}},
      {"a permit that fails",
       "permit(principal, action, resource) when { context.x };",
       Effect::deny,
       {},
       {0}},
      {"a type that matches in a group that does not",
       "permit(principal is U in G::\"h\", action, resource);",
       Effect::deny,
       {},
       {}},
      {"only a forbid", "forbid(principal, action, resource);", Effect::deny, {0}, {}},
      {"a forbid after a permit",
       "permit(principal, action, resource); forbid(principal, action, resource);",
       Effect::deny,
       {1},
       {}},
      {"two forbids, all are reasons",
       "forbid(principal, action, resource); permit(principal, action, resource);"
       "forbid(principal == U::\"a\", action, resource);",
       Effect::deny,
       {0, 2},
       {}},
      {"errors of permits and forbids are all told",
       "forbid(principal, action, resource); permit(principal, action, resource) when { 1 };"
       "forbid(principal == U::\"a\", action, resource) when { 1 };",
       Effect::deny,
       {0},
       {1, 2}},
      {"an error out of scope is none",
       "permit(principal == U::\"b\", action, resource) when { context.x };",
       Effect::deny,
       {},
       {}},
      {"a permit", "permit(principal, action, resource);", Effect::allow, {0}, {}},
      {"a forbid that does not hold",
       "permit(principal, action, resource); forbid(principal, action, resource) when { false };",
       Effect::allow,
       {0},
       {}},
      {"a forbid that fails is skipped",
       "permit(principal, action, resource); forbid(principal, action, resource) when { 1 };",
       Effect::allow,
       {0},
       {1}},
      {"every way to be in scope, in source order",
       "permit(principal, action, resource == R::\"r\");"
       "permit(principal in G::\"g\", action in Action::\"all\", resource);"
       "permit(principal is U, action == Action::\"act\", resource);"
       "permit(principal is U in G::\"g\", action, resource is R);"
       "permit(principal == U::\"a\", action in [Action::\"x\", Action::\"some\"], resource);"
       "permit(principal, action, resource is R in R::\"r\");",
       Effect::allow,
       {0, 1, 2, 3, 4, 5},
       {}},
      {"a policy found by two groups of the action counts once",
       "permit(principal, action in [Action::\"all\", Action::\"some\", Action::\"act\"], "
       "resource);"
       "permit(principal, action in [Action::\"all\", Action::\"some\"], resource) when { 1 };",
       Effect::allow,
       {0},
       {1}},
  };
  for (const Case& c : cases) {
    check(c, true);
    check(c, false);
  }
}

TEST_CASE("authorize: a request that is incomplete is denied") {
  Result<Engine> engine = engine_of("permit(principal, action, resource);");
  REQUIRE(engine.has_value());
  Asked asked(*engine);
  const auto denied = [&](const Request& request) {
    CHECK(engine->authorize(request, asked.arena()).effect == Effect::deny);
    CHECK(engine->decide(request, asked.arena()) == Effect::deny);
  };
  CHECK(engine->decide(asked.request, asked.arena()) == Effect::allow);
  denied(Request{});
  for (EntityId Request::*part : {&Request::principal, &Request::action, &Request::resource}) {
    Request request = asked.request;
    request.*part = kNoEntity;
    denied(request);
  }
  Request request = asked.request;
  request.context = Value{};
  denied(request);
  request.context = Value::of_integer(1);
  denied(request);
  request = asked.request;
  request.symbols = nullptr;
  denied(request);
  CHECK(Decision{}.effect == Effect::deny);
}

TEST_CASE("authorize: an unknown value is an error of the policy that reads it") {
  Result<Engine> engine = engine_of(
      "permit(principal, action, resource) when { context.x != 1 };"
      "permit(principal, action, resource) when { context != {x: 1} };"
      "permit(principal, action, resource) when { !([context.y].contains([context.x])) };"
      "permit(principal, action, resource) when { !(context.z == {b: 1}) };"
      "permit(principal, action, resource) when { ![context.z].contains({b: 1}) };"
      "permit(principal, action, resource) unless { context has x };");
  REQUIRE(engine.has_value());
  Asked asked(*engine, {"U", "a"}, {"Action", "act"}, {"R", "r"}, R"({"y": 1})");
  auto* inner = asked.arena().create<Field>(Field{asked.symbols().name("b"), Value{}});
  auto* fields = asked.arena().array<Field>(3);
  fields[0] = {asked.symbols().name("x"), Value{}};
  fields[1] = {asked.symbols().name("y"), Value::of_integer(1)};
  fields[2] = {asked.symbols().name("z"), Value::of_record({inner, 1})};
  asked.request.context = Value::of_record({fields, 3});
  const Decision found = engine->authorize(asked.request, asked.arena());
  CHECK(found.effect == Effect::deny);
  CHECK((numbers_of(found.errors) == Numbers{0, 1, 2, 3, 4}));
}

TEST_CASE("authorize: what the request says of an entity hides the store") {
  Result<Engine> engine = engine_of(
      "permit(principal in G::\"g\", action, resource) when { resource.open };", kEntities);
  REQUIRE(engine.has_value());
  Asked asked(*engine);
  CHECK(engine->authorize(asked.request, asked.arena()).errors.size() == 1);
  Entity facts;
  auto* open =
      asked.arena().create<Field>(Field{asked.symbols().name("open"), Value::of_boolean(true)});
  facts.attributes = Value::of_record({open, 1});
  facts.tags = Value::of_record({});
  asked.symbols().define(asked.request.resource, facts);
  CHECK(engine->decide(asked.request, asked.arena()) == Effect::allow);
  facts.attributes = Value::of_record({});
  asked.symbols().define(asked.request.principal, facts);  // no ancestors any more
  CHECK(engine->decide(asked.request, asked.arena()) == Effect::deny);
}

TEST_CASE("authorize: tags of an entity that came with the request are found by any name") {
  Result<Engine> engine =
      engine_of("permit(principal, action, resource) when { principal.getTag(context.tag) == 1 };");
  REQUIRE(engine.has_value());
  Asked asked(*engine, {"U", "a"}, {"Action", "act"}, {"R", "r"}, R"({"tag": "unheard of"})");
  Entity facts;
  auto* tag =
      asked.arena().create<Field>(Field{asked.symbols().name("unheard of"), Value::of_integer(1)});
  facts.attributes = Value::of_record({});
  facts.tags = Value::of_record({tag, 1});
  asked.symbols().define(asked.request.principal, facts);
  CHECK(engine->decide(asked.request, asked.arena()) == Effect::allow);
}

TEST_CASE("engine: policies are numbered in their source or called by their @id") {
  const Source sources[] = {
      {"",
       "permit(principal, action, resource); @id(\"second\")\n forbid(principal, action, "
       "resource);"},
      {"b.cedar", "@id permit(principal, action, resource); permit(principal, action, resource);"}};
  Engine::Options options;
  Result<Engine> positional = Engine::build(sources, Symbols(), Entities());
  options.ids = Ids::annotated;
  Result<Engine> annotated = Engine::build(sources, Symbols(), Entities(), options);
  REQUIRE(positional.has_value());
  REQUIRE(annotated.has_value());
  REQUIRE(positional->policy_count() == 4);
  const char* by_place[] = {"policy0", "policy1", "b.cedar#policy0", "b.cedar#policy1"};
  const char* by_note[] = {"policy0", "second", "", "b.cedar#policy1"};
  for (PolicyNumber i = 0; i < 4; ++i) {
    CHECK(positional->policy(i).id == std::string_view(by_place[i]));
    CHECK(annotated->policy(i).id == std::string_view(by_note[i]));
    CHECK(positional->forbids(i) == (i == 1));
  }
  CHECK(annotated->policy(1).line == 2);
  CHECK(annotated->policy(1).column == 2);
  CHECK(annotated->policy(3).source == "b.cedar");
  REQUIRE(annotated->annotations(1).size() == 1);
  CHECK(annotated->annotations(1)[0].name == "id");
  CHECK(annotated->annotations(1)[0].value == "second");
}

TEST_CASE("engine: what it refuses") {
  const char* permit = "permit(principal, action, resource);";
  const Source same_name[] = {{"a", permit}, {"a", permit}};
  CHECK(refusal(same_name, Ids::positional).code == ErrorCode::policy_duplicate_id);
  const std::string annotated = std::string("@id(\"x\") ") + permit + "\n@id(\"x\") " + permit;
  const Source same_id[] = {{"f", annotated}};
  const Error twice = refusal(same_id, Ids::annotated);
  CHECK(twice.text() == "f:2:10: two policies have the id `x` [policy_duplicate_id]");
  const Source clash[] = {{"", std::string("@id(\"policy1\") ") + permit + permit}};
  CHECK(refusal(clash, Ids::annotated).code == ErrorCode::policy_duplicate_id);
  const Source slot[] = {{"t", "permit(principal == ?principal, action, resource);"}};
  CHECK(refusal(slot, Ids::positional).code == ErrorCode::policy_template_unlinked);
  const Source broken[] = {{"ok", permit}, {"bad", "permit"}};
  CHECK(refusal(broken, Ids::positional).file == "bad");
}

TEST_CASE("engine: which policies name a type of principal") {
  Result<Engine> engine = engine_of(
      "permit(principal, action, resource);"
      "permit(principal is Anonymous, action, resource);"
      "permit(principal == Shop::Anonymous::\"x\", action, resource);"
      "permit(principal in Group::\"Anonymous\", action, resource);"
      "permit(principal is Anonymous::User, action, resource);"
      "permit(principal is Shop::Anonymous in Group::\"g\", action, resource);"
      "permit(principal is NotAnonymous, action, resource);");
  REQUIRE(engine.has_value());
  const bool expected[] = {false, true, true, false, false, true, false};
  for (PolicyNumber i = 0; i < 7; ++i) {
    CAPTURE(i);
    CHECK(engine->principal_scope_names(i, "Anonymous") == expected[i]);
  }
}

TEST_CASE("index: thousands of policies, each found by its own key") {
  std::string policies;
  for (int i = 0; i < 2000; ++i) {
    const std::string n = std::to_string(i);
    policies += "permit(principal, action == Action::\"call\", resource == R::\"" + n + "\");";
    policies += "permit(principal, action == Action::\"t" + n + "\", resource);";
    policies += "permit(principal in G::\"" + n + "\", action == Action::\"go\", resource);";
    policies += "permit(principal is T" + n + ", action, resource == R::\"x\");";
    policies += "permit(principal, action == Action::\"of\", resource is T" + n + ");";
  }
  Result<Engine> engine = engine_of(policies, R"([
    {"uid": {"type": "U", "id": "a"}, "attrs": {}, "parents": [{"type": "G", "id": "7"}]}])");
  REQUIRE(engine.has_value());
  struct Question {
    Uid principal;
    Uid action;
    Uid resource;
    Numbers reasons;
  };
  const Question questions[] = {
      {{"U", "a"}, {"Action", "call"}, {"R", "1234"}, {1234 * 5}},
      {{"U", "a"}, {"Action", "call"}, {"R", "nobody"}, {}},
      {{"U", "a"}, {"Action", "t77"}, {"R", "z"}, {77 * 5 + 1}},
      {{"U", "a"}, {"Action", "go"}, {"R", "z"}, {7 * 5 + 2}},
      {{"G", "9"}, {"Action", "go"}, {"R", "z"}, {9 * 5 + 2}},
      {{"U", "b"}, {"Action", "go"}, {"R", "z"}, {}},
      {{"T5", "b"}, {"Action", "any"}, {"R", "x"}, {5 * 5 + 3}},
      {{"T5", "b"}, {"Action", "any"}, {"R", "y"}, {}},
      {{"T5", "b"}, {"Action", "call"}, {"R", "1"}, {5}},
      {{"U", "b"}, {"Action", "of"}, {"T8", "y"}, {8 * 5 + 4}},
      {{"U", "b"}, {"Action", "unheard"}, {"V", "y"}, {}},
  };
  for (const Question& q : questions) {
    Asked asked(*engine, q.principal, q.action, q.resource);
    const Decision found = engine->authorize(asked.request, asked.arena());
    CHECK((Numbers(found.reasons.begin(), found.reasons.end()) == q.reasons));
  }
}

}  // namespace mcpgov::policy::cedar
