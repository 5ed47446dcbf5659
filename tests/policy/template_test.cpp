// Links decide as the policies they stand for; one template is one program.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "mcpgov/cedar.hpp"
#include "mcpgov/policy.hpp"
#include "policy/cedar/context_json.hpp"
#include "policy/cedar/engine.hpp"
#include "policy/cedar/entities_json.hpp"
#include "policy/cedar/policy_set.hpp"
#include "policy/entities.hpp"
#include "support/random_cedar.hpp"

using namespace mcpgov;
using namespace mcpgov::policy;
using mcpgov::policy::cedar::Choices;
using mcpgov::policy::cedar::RandomCedar;

namespace {

std::string joined(const std::vector<std::string>& ids) {
  std::string out;
  for (const std::string& id : ids) out += id + " ";
  return out;
}

constexpr std::string_view kEntities = R"([
  {"uid": {"type": "User", "id": "ann"}, "attrs": {}, "parents": [{"type": "Team", "id": "a"}]},
  {"uid": {"type": "Doc", "id": "plan"}, "attrs": {}, "parents": []}])";

}  // namespace

TEST_CASE("links: reasons and errors carry the link's id") {
  PolicySet set;
  REQUIRE(set.add_template("view",
                           "permit(principal in ?principal, action, resource == ?resource)"
                           " when { context.n > 1 };"));
  REQUIRE(set.add_template("is",
                           "forbid(principal is User in ?principal, action, resource)"
                           " when { context.stop };"));
  REQUIRE(set.link("view", "ann-plan", {Uid{"Team", "a"}, Uid{"Doc", "plan"}}));
  REQUIRE(set.link("view", "ann-other", {Uid{"Team", "a"}, Uid{"Doc", "other"}}));
  REQUIRE(set.link("view", "bob-plan", {Uid{"Team", "b"}, Uid{"Doc", "plan"}}));
  REQUIRE(set.link("is", "stop-a", {Uid{"Team", "a"}, {}}));
  REQUIRE(set.link("is", "stop-b", {Uid{"Team", "b"}, {}}));
  const Result<Engine> engine = Engine::from(set, kEntities);
  REQUIRE(engine);
  CHECK(engine->policy_count() == 5);
  CHECK(engine->policy(0).id == "ann-plan");
  const Question question{{"User", "ann"}, {"Action", "view"}, {"Doc", "plan"}};
  Result<Answer> answer = engine->authorize(question, R"({"n": 2, "stop": false})");
  CHECK(answer->effect == Effect::allow);
  CHECK(joined(answer->reasons) == "ann-plan ");
  answer = engine->authorize(question, R"({"n": 2, "stop": true})");
  CHECK(answer->effect == Effect::deny);
  CHECK(joined(answer->reasons) == "stop-a ");
  answer = engine->authorize(question, "{}");
  CHECK(answer->effect == Effect::deny);
  REQUIRE(answer->failures.size() == 2);
  CHECK(answer->failures[0].policy == "ann-plan");
  CHECK(answer->failures[1].policy == "stop-a");
}

TEST_CASE("links: templates alone decide nothing") {
  PolicySet set;
  REQUIRE(set.add_template("t", "permit(principal == ?principal, action, resource);"));
  const Result<Engine> engine = Engine::from(set, "");
  REQUIRE(engine);
  CHECK(engine->policy_count() == 0);
  CHECK(Engine::from(set, "[").error().code == ErrorCode::entities_json);
}

TEST_CASE("links: a template is compiled once") {
  PolicySet set;
  REQUIRE(set.add_template("t",
                           "permit(principal == ?principal, action, resource)"
                           " when { context has a && context.a.b == 1 };"));
  const auto code_size = [&] {
    return cedar::Engine::build(cedar::set_of(set), Symbols(), Entities(), {}).program_size();
  };
  REQUIRE(set.link("t", "l0", {Uid{"U", "0"}, {}}));
  const std::size_t one = code_size();
  CHECK(one > 0);
  for (int i = 1; i < 100; ++i) {
    REQUIRE(set.link("t", "l" + std::to_string(i), {Uid{"U", std::to_string(i)}, {}}));
  }
  CHECK(code_size() == one);
}

namespace {

// Some random templates and policies with links, and the same as static policies.
struct Twins {
  PolicySet linked;
  PolicySet written;
};

Twins random_twins(RandomCedar& random) {
  Twins out;
  Choices& choices = random.choices();
  for (std::uint32_t i = 0, count = 1 + choices.of(4); i < count; ++i) {
    const std::string id = "p" + std::to_string(i);
    std::string text = random.policy();
    constexpr std::string_view kScopes[] = {" == ?", " in ?", " is U in ?"};
    const auto slot = [&](std::string_view variable, std::size_t at, std::size_t end) {
      text.replace(
          at, end - at,
          std::string(variable) + std::string(choices.from(kScopes)) + std::string(variable));
    };
    const bool principal = choices.of(2) == 0;
    const bool resource = choices.of(2) == 0;
    if (resource) slot("resource", text.find("resource"), text.find(')', text.find("resource")));
    if (principal) slot("principal", text.find("principal"), text.find(','));
    if (!principal && !resource) {
      REQUIRE(out.linked.add(id, text));
      REQUIRE(out.written.add(id, text));
      continue;
    }
    REQUIRE(out.linked.add_template(id, text));
    for (std::uint32_t k = 0, links = choices.of(8); k < links; ++k) {
      const std::string link = id + "-" + std::to_string(k);
      LinkValues values;
      const RandomCedar::Name one = random.uid();
      const RandomCedar::Name other = random.uid();
      if (principal) values.principal = Uid{one.type, one.id};
      if (resource) values.resource = Uid{other.type, other.id};
      REQUIRE(out.linked.link(id, link, values));
      REQUIRE(out.written.add(link, *out.linked.text(link)));
    }
  }
  return out;
}

cedar::Engine engine_of(const PolicySet& set, std::string_view entities, bool index) {
  Symbols symbols;
  cedar::EntitiesInput input;
  input.text = entities;
  Result<Entities> read = cedar::read_entities(input, symbols);
  REQUIRE(read);
  cedar::Engine::Options options;
  options.index = index;
  return cedar::Engine::build(cedar::set_of(set), std::move(symbols), std::move(*read), options);
}

std::string told(const cedar::Engine& engine, const Decision& decision) {
  std::string out = decision.effect == Effect::allow ? "allow:" : "deny:";
  for (const PolicyNumber number : decision.reasons) {
    out += " " + std::string(engine.policy(number).id);
  }
  for (const PolicyError& error : decision.errors) {
    out += " " + std::string(engine.policy(error.policy).id) + "!" +
           std::to_string(static_cast<int>(error.code));
  }
  return out;
}

}  // namespace

TEST_CASE("links: decide as the policies they stand for, with and without index, from JSON too") {
  int allowed = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    CAPTURE(seed);
    RandomCedar random{Choices(seed)};
    const Twins twins = random_twins(random);
    const Result<PolicySet> read = PolicySet::from_json({"", *twins.linked.to_json()});
    REQUIRE(read);
    const std::string entities = random.entities_json();
    const cedar::Engine engines[] = {
        engine_of(twins.linked, entities, true), engine_of(twins.linked, entities, false),
        engine_of(twins.written, entities, true), engine_of(*read, entities, true)};
    const RandomCedar::Name names[] = {random.uid(), random.action_uid(), random.uid()};
    const std::string context = random.context_json();
    std::string first;
    for (const cedar::Engine& engine : engines) {
      Arena arena;
      RequestSymbols symbols(engine.symbols(), arena);
      Request request;
      request.symbols = &symbols;
      request.principal = symbols.entity(names[0].type, names[0].id);
      request.action = symbols.entity(names[1].type, names[1].id);
      request.resource = symbols.entity(names[2].type, names[2].id);
      cedar::ContextInput input;
      input.text = context;
      request.context = *cedar::read_context(input, symbols);
      const Decision decision = engine.authorize(request, arena);
      CHECK(engine.decide(request, arena) == decision.effect);
      std::string came = told(engine, decision);
      if (&engine == engines) {
        first = came;
        if (decision.effect == Effect::allow) ++allowed;
      }
      // The order of a JSON set is static policies first.
      if (&engine == &engines[3]) {
        std::sort(came.begin(), came.end());
        std::sort(first.begin(), first.end());
      }
      CHECK(came == first);
    }
  }
  CHECK(allowed > 20);
}
