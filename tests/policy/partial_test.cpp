// Residuals: what is left of policies while parts of the question are open.
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/partial.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "policy/cedar/schema_request.hpp"
#include "support/cedar_world.hpp"
#include "support/random_cedar.hpp"
#include "support/random_schema.hpp"

namespace mcpgov::policy::cedar {
namespace {

// The same value with some of its parts unknown. Items of sets are left alone: a set with unknown
// items is no canonical set.
Value forget_some(const Value& value, Choices& choices, Arena& arena, bool whole) {
  if (whole && choices.one_in(4)) return Value{};
  if (value.kind != Kind::record) return value;
  std::span<Field> fields = arena.copy(value.record());
  for (Field& field : fields) field.value = forget_some(field.value, choices, arena, true);
  return Value::of_record(fields);
}

Value random_value(Choices& choices, Asked& asked, const std::string& text) {
  ContextInput input;
  const std::string value =
      text.empty() ? "{\"v\": " + RandomCedar(Choices(choices.of(1U << 30))).value_json(2) + "}"
                   : text;
  input.text = value;
  Result<Value> read = read_context(input, asked.symbols());
  REQUIRE(read.has_value());
  return text.empty() ? read->fields[0].value : *read;
}

// The unknown parts filled with values of any shape.
Value fill(const Value& value, Choices& choices, Asked& asked) {
  if (value.kind == Kind::unknown) return random_value(choices, asked, {});
  if (value.kind != Kind::record) return value;
  std::span<Field> fields = asked.arena().copy(value.record());
  for (Field& field : fields) field.value = fill(field.value, choices, asked);
  return Value::of_record(fields);
}

std::string told(const Engine& engine, const Decision& decision) {
  std::string out = decision.effect == Effect::allow ? "allow" : "deny";
  for (const PolicyNumber number : decision.reasons) {
    out += " " + std::string(engine.policy(number).id);
  }
  for (const PolicyError& error : decision.errors) {
    out += " " + std::string(engine.policy(error.policy).id) + "!" +
           std::string(code_name(error.code));
  }
  return out;
}

Outcomes came_of(const Engine& engine, const Decision& decision, PolicyNumber number) {
  (void)engine;
  const auto is = [&](PolicyNumber each) { return each == number; };
  if (std::any_of(decision.reasons.begin(), decision.reasons.end(), is)) return kSatisfied;
  const bool failed = std::any_of(decision.errors.begin(), decision.errors.end(),
                                  [&](const PolicyError& each) { return each.policy == number; });
  return failed ? kFailed : Outcomes{0};
}

std::string text_of(const Residuals& residuals) {
  std::string out;
  for (const Residual& each : residuals.policies) out += residual_text(residuals, each) + "\n";
  return out;
}

// A random question with random parts of it open, and its completions.
struct OpenCase {
  explicit OpenCase(std::uint64_t seed) : random(Choices(seed)), choices(seed * 7919) {
    entities = random.entities_json();
    const std::uint32_t count = 1 + random.choices().of(4);
    for (std::uint32_t i = 0; i < count; ++i) policies += random.policy();
  }

  // Into asked.request and open.
  PartialRequest forget(Asked& asked) {
    PartialRequest open;
    open.request = asked.request;
    open.request.context =
        forget_some(asked.request.context, choices, asked.arena(), choices.one_in(8));
    if (choices.of(3) == 0) {
      open.request.principal = kNoEntity;
      if (choices.of(2) == 0) open.principal_type = asked.symbols().type(asked.request.principal);
    }
    if (choices.of(3) == 0) {
      open.request.resource = kNoEntity;
      if (choices.of(2) == 0) open.resource_type = asked.symbols().type(asked.request.resource);
    }
    if (choices.one_in(4)) open.request.action = kNoEntity;
    return open;
  }

  EntityId complete(EntityId known, NameId type, Asked& asked) {
    if (known != kNoEntity) return known;
    const RandomCedar::Name name = random.uid();
    if (type == kNoName) return asked.entity({name.type, name.id});
    return asked.symbols().entity(type, name.id);
  }

  Request complete(const PartialRequest& open, Asked& asked) {
    Request out = open.request;
    out.principal = complete(out.principal, open.principal_type, asked);
    out.resource = complete(out.resource, open.resource_type, asked);
    if (out.action == kNoEntity) {
      const RandomCedar::Name name = random.action_uid();
      out.action = asked.entity({name.type, name.id});
    }
    out.context = out.context.kind == Kind::unknown
                      ? random_value(choices, asked, random.context_json())
                      : fill(out.context, choices, asked);
    return out;
  }

  RandomCedar random;
  Choices choices;
  std::string entities;
  std::string policies;
};

// The request in the ids of another engine: both know it by its texts.
Request moved(const Request& request, const RequestSymbols& from, Asked& to);

Value moved(const Value& value, const RequestSymbols& from, Asked& to) {
  switch (value.kind) {
    case Kind::entity: {
      const EntityId id = value.entity();
      return Value::of_entity(to.entity({from.text(from.type(id)), from.id(id)}));
    }
    case Kind::set: {
      std::span<Value> items = to.arena().copy(value.set());
      for (Value& item : items) item = moved(item, from, to);
      return Value::of_set(items);
    }
    case Kind::record: {
      std::span<Field> fields = to.arena().copy(value.record());
      for (Field& field : fields) {
        field = {to.symbols().name(from.text(field.name)), moved(field.value, from, to)};
      }
      return Value::of_record(fields);
    }
    default: return value;
  }
}

Request moved(const Request& request, const RequestSymbols& from, Asked& to) {
  const auto entity = [&](EntityId id) {
    return to.entity({from.text(from.type(id)), from.id(id)});
  };
  Request out;
  out.symbols = &to.symbols();
  out.principal = entity(request.principal);
  out.action = entity(request.action);
  out.resource = entity(request.resource);
  out.context = moved(request.context, from, to);
  return out;
}

Engine residual_engine(const Residuals& residuals, const std::string& entities) {
  Engine::Options options;
  options.ids = Ids::annotated;
  const std::string text = text_of(residuals);
  CAPTURE(text);
  Result<Engine> engine = engine_of(text, entities, options);
  REQUIRE_MESSAGE(engine.has_value(), engine.error().text());
  return std::move(*engine);
}

}  // namespace

TEST_CASE("residuals: for every completion they decide, and fail, as the policies do") {
  int open = 0;
  int certain = 0;
  int shorter = 0;
  for (std::uint64_t seed = 1; seed <= 4000; ++seed) {
    OpenCase random(seed);
    CAPTURE(seed);
    CAPTURE(random.policies);
    Result<Engine> engine = engine_of(random.policies, random.entities);
    REQUIRE(engine.has_value());
    for (int question = 0; question < 2; ++question) {
      const RandomCedar::Name who = random.random.uid();
      const RandomCedar::Name what = random.random.action_uid();
      const RandomCedar::Name which = random.random.uid();
      Asked asked(*engine, {who.type, who.id}, {what.type, what.id}, {which.type, which.id},
                  random.random.context_json());
      const PartialRequest partial = random.forget(asked);
      const Result<Residuals> residuals = engine->partial(partial, ErrorRule::cedar, asked.arena());
      REQUIRE(residuals.has_value());
      const std::string left = text_of(*residuals);
      CAPTURE(left);
      const Possible possible = engine->possible(partial.request, ErrorRule::cedar, asked.arena());
      // What the lists say is never sharper than what residuals say.
      REQUIRE((possible.some || !residuals->possible.some));
      REQUIRE((!possible.certain || residuals->possible.certain));
      (residuals->possible.some == residuals->possible.certain ? certain : open) += 1;
      if (left.size() < random.policies.size()) ++shorter;
      const Engine rest = residual_engine(*residuals, random.entities);
      for (int completion = 0; completion < 5; ++completion) {
        const Request full = random.complete(partial, asked);
        const Decision whole = engine->authorize(full, asked.arena());
        Asked again(rest);
        const Request same = moved(full, asked.symbols(), again);
        CAPTURE(value_text(asked.symbols(), full.context));
        const Decision reduced = rest.authorize(same, again.arena());
        REQUIRE(told(rest, reduced) == told(*engine, whole));
        const bool allows = whole.effect == Effect::allow;
        REQUIRE((!allows || residuals->possible.some));
        REQUIRE((allows || !residuals->possible.certain));
        for (const Residual& each : residuals->policies) {
          const Outcomes came = came_of(*engine, whole, each.number);
          REQUIRE((came & ~each.outcomes) == 0);
        }
      }
    }
  }
  CHECK(open > 500);
  CHECK(certain > 500);
  CHECK(shorter > 5000);
}

namespace {

// An engine over a random schema, or none where the schema or the entities have a mistake.
struct TypedWorld {
  TypedWorld(const std::string& schema_text, const std::string& entities_json,
             const std::string& policies) {
    Symbols symbols;
    Result<Schema> read = read_schema(schema_text, "", symbols);
    if (!read) return;
    schema = std::move(*read);
    Result<Entities> entities = read_entities({entities_json, "", &*schema}, symbols);
    if (!entities) return;
    Engine::Options options;
    options.ids = Ids::annotated;
    const Source source{"", policies};
    Result<Engine> built =
        Engine::build({&source, 1}, std::move(symbols), std::move(*entities), options);
    REQUIRE_MESSAGE(built.has_value(), built.error().text());
    engine = std::move(*built);
  }
  std::optional<Schema> schema;
  std::optional<Engine> engine;
};

// Requests that the schema admits, in one table of symbols.
std::vector<Request> admitted(RandomSchema& random, const TypedWorld& world, Asked& asked) {
  std::vector<Request> out;
  for (int i = 0; i < 24; ++i) {
    const RandomSchema::Request made = random.request();
    Request request;
    request.symbols = &asked.symbols();
    request.principal = asked.entity({made.principal.type, made.principal.id});
    request.action = asked.entity({made.action.type, made.action.id});
    request.resource = asked.entity({made.resource.type, made.resource.id});
    ContextInput input;
    input.text = made.context;
    input.schema = &*world.schema;
    input.action = request.action;
    const Result<Value> context = read_context(input, asked.symbols());
    if (!context) continue;
    request.context = *context;
    if (validate_request(*world.schema, request)) out.push_back(request);
  }
  return out;
}

// The unknown parts filled with what stands there in another context of the same action, or else
// with what stood there before.
Value fill_from(const Value& open, const Value& before, const Value& other, Arena& arena) {
  if (open.kind == Kind::unknown) return other;
  if (open.kind != Kind::record || other.kind != Kind::record) return before;
  std::span<Field> fields = arena.copy(open.record());
  for (Field& field : fields) {
    const Value* there = other.field(field.name);
    const Value* here = before.field(field.name);
    field.value = fill_from(field.value, *here, there == nullptr ? *here : *there, arena);
  }
  return Value::of_record(fields);
}

PartialRequest open_some(const Request& request, const TypedWorld& world, Choices& choices,
                         Asked& asked) {
  PartialRequest out;
  out.request = request;
  out.schema = &*world.schema;
  if (choices.of(2) == 0) {
    out.principal_type = asked.symbols().type(request.principal);
    out.request.principal = kNoEntity;
  }
  if (choices.of(2) == 0) {
    out.resource_type = asked.symbols().type(request.resource);
    out.request.resource = kNoEntity;
  }
  out.request.context = forget_some(request.context, choices, asked.arena(), choices.of(2) == 0);
  return out;
}

// False when `other` is no completion.
bool complete_from(const PartialRequest& open, const Request& before, const Request& other,
                   Asked& asked, Request& out) {
  const auto side = [&](EntityId known, NameId type, EntityId there, EntityId& to) {
    to = known == kNoEntity ? there : known;
    return known != kNoEntity || asked.symbols().type(there) == type;
  };
  out = before;
  if (other.action != before.action) return false;
  if (!side(open.request.principal, open.principal_type, other.principal, out.principal) ||
      !side(open.request.resource, open.resource_type, other.resource, out.resource)) {
    return false;
  }
  out.context = fill_from(open.request.context, before.context, other.context, asked.arena());
  return true;
}

}  // namespace

TEST_CASE("residuals: with a schema they hold for every completion that it admits") {
  int completions = 0;
  int sharper = 0;  // than without the schema
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    RandomSchema random{Choices(seed)};
    Choices choices(seed * 104729);
    const std::string schema = random.schema();
    const std::string entities = random.entities_json();
    std::string policies;
    for (int i = 0; i < 4; ++i) {
      policies += "@id(\"p" + std::to_string(i) + "\")\n" + random.policy() + "\n";
    }
    CAPTURE(seed);
    CAPTURE(schema);
    CAPTURE(policies);
    const TypedWorld world(schema, entities, policies);
    if (!world.engine) continue;
    Asked asked(*world.engine);
    const std::vector<Request> requests = admitted(random, world, asked);
    for (std::size_t i = 0; i < requests.size() && i < 4; ++i) {
      const PartialRequest open = open_some(requests[i], world, choices, asked);
      const Result<Residuals> residuals =
          world.engine->partial(open, ErrorRule::cedar, asked.arena());
      REQUIRE(residuals.has_value());
      const std::string left = text_of(*residuals);
      CAPTURE(left);
      PartialRequest untyped = open;
      untyped.schema = nullptr;
      const Result<Residuals> wider =
          world.engine->partial(untyped, ErrorRule::cedar, asked.arena());
      if (text_of(*wider).size() > left.size()) ++sharper;
      const TypedWorld rest(schema, entities, left);
      REQUIRE(rest.engine.has_value());
      for (const Request& other : requests) {
        Request full;
        if (!complete_from(open, requests[i], other, asked, full)) continue;
        REQUIRE(validate_request(*world.schema, full));
        const Decision whole = world.engine->authorize(full, asked.arena());
        Asked again(*rest.engine);
        const Request same = moved(full, asked.symbols(), again);
        const Decision reduced = rest.engine->authorize(same, again.arena());
        REQUIRE(told(*rest.engine, reduced) == told(*world.engine, whole));
        const bool allows = whole.effect == Effect::allow;
        REQUIRE((!allows || residuals->possible.some));
        REQUIRE((allows || !residuals->possible.certain));
        ++completions;
      }
    }
  }
  CHECK(completions > 20000);
  CHECK(sharper > 500);
}

namespace {

struct Fold {
  const char* name;
  const char* condition;
  const char* left;  // empty: the policy cannot match; `true`: it always does
};

constexpr Fold kFolds[] = {
    {"what is known and true goes", "context.known == 1 && context.input.x", "context.input.x"},
    {"what is known and false decides", "context.known == 2 && context.input.x", ""},
    {"a false behind what may fail stays", "context.input.x && context.known == 2",
     "context.input.x && false"},
    {"a false behind what cannot fail decides", "context.input == 1 && context.known == 2", ""},
    {"a true behind what may fail stays", "context.input.x || context.known == 1",
     "context.input.x || true"},
    {"nothing behind a certain end is kept", "context.input.x || true || context.input.y",
     "context.input.x || true"},
    {"what certainly fails is kept behind what is open", "context.input.x && 1 + \"a\" == 2",
     "context.input.x && 1 + \"a\""},
    {"an operand that fails is the whole", "[context.input, 1 + \"a\"].contains(1)", "1 + \"a\""},
    {"an operand that fails behind one that may", "context.input.x + (1 + \"a\") == 1",
     "context.input.x + (1 + \"a\")"},
    {"a truth has to be one: a condition tests it", "true && context.input", "context.input"},
    {"a truth has to be one: equality does not", "(true && context.input) == context.known",
     "(true && context.input) == 1"},
    {"arithmetic of the known", "context.input.x == context.known + 2 * 3", "context.input.x == 7"},
    {"an attribute of the known principal", "context.input == principal.n", "context.input == 1"},
    {"known choices", "if context.known == 1 then context.input.x else context.input.y",
     "context.input.x"},
    {"open choices with one value", "(if context.input == 1 then 2 else 2) == 2", "true"},
    {"a path is followed as far as it is known", "context has input.x.y", "context.input has x.y"},
    {"comparisons keep their spelling", "context.input.x != context.known && context.input.y > 1",
     "context.input.x != 1 && context.input.y > 1"},
    {"constants keep theirs", "ip(\"10.0.0.1\").isInRange(context.input.net)",
     "ip(\"10.0.0.1\").isInRange(context.input.net)"},
};

}  // namespace

TEST_CASE("residuals: what is left of conditions") {
  for (const Fold& row : kFolds) {
    CAPTURE(std::string(row.name));
    const Source source{
        "", "permit(principal, action, resource) when { " + std::string(row.condition) + " };"};
    const auto engine = policy::Engine::cedar(
        {&source, 1}, R"([{"uid": {"type": "U", "id": "a"}, "attrs": {"n": 1}, "parents": []}])");
    REQUIRE_MESSAGE(engine.has_value(), engine.error().text());
    const std::string_view unknown[] = {"input"};
    const auto answer = engine->partial({.principal = {"U", "a"},
                                         .action = {"Action", "act"},
                                         .resource = {"R", "r"},
                                         .context_json = R"({"known": 1})",
                                         .unknown = unknown});
    REQUIRE(answer.has_value());
    CHECK((answer->policies.empty() ? "" : answer->policies.front().condition) == row.left);
  }
}

TEST_CASE("partial questions: the public form") {
  const Source source{"p.cedar",
                      "permit(principal in G::\"g\", action, resource) when { context.a.b };"
                      "forbid(principal == U::\"x\", action == Action::\"w\", resource is R);"};
  const auto engine = policy::Engine::cedar({&source, 1}, {});
  REQUIRE(engine.has_value());
  const std::string_view deep[] = {"a/b"};
  const auto open = engine->partial({.principal = {"U"}, .context_json = "{}", .unknown = deep});
  REQUIRE(open.has_value());
  CHECK_FALSE(open->effect.has_value());
  REQUIRE(open->policies.size() == 2);
  CHECK(open->policies[0].condition == "principal in G::\"g\" && context.a.b");
  CHECK(open->policies[0].may_fail);
  CHECK(open->policies[1].text ==
        "@id(\"p.cedar#policy1\")\nforbid(principal == U::\"x\", action == Action::\"w\", "
        "resource is R);");
  CHECK(open->policies[1].json.find("\"forbid\"") != std::string::npos);
  CHECK_FALSE(open->policies[1].may_fail);
  const auto nobody = engine->partial({.principal = {"V", "v"}});
  REQUIRE(nobody.has_value());
  CHECK(nobody->effect == Effect::deny);
  CHECK(nobody->policies.empty());

  CHECK(engine->partial({.principal = {"not a name"}}).error().code == ErrorCode::entities_shape);
  CHECK(engine->partial({.action = {"Action"}}).error().code == ErrorCode::entities_shape);
  CHECK(engine->partial({.resource = {"R", "\xff"}}).error().code == ErrorCode::entities_shape);
  CHECK(engine->partial({.context_json = "[]"}).error().code == ErrorCode::context_not_a_record);
  CHECK(engine->partial({.context_json = R"({"a": 1})", .unknown = deep}).error().code ==
        ErrorCode::context_not_a_record);
}

}  // namespace mcpgov::policy::cedar
