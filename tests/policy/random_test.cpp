// Random policies: compiled programs against the reference evaluator, and every way of asking
// against every other.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "policy/cedar/parser.hpp"
#include "support/cedar_world.hpp"
#include "support/random_cedar.hpp"
#include "support/reference_evaluator.hpp"

namespace mcpgov::policy::cedar {
namespace {

// Random texts, read once for the engine and once for the reference.
struct Case {
  explicit Case(std::uint64_t seed) : random(Choices(seed)) {
    entities = random.entities_json();
    const std::uint32_t count = 1 + random.choices().of(6);
    for (std::uint32_t i = 0; i < count; ++i) policies += random.policy();
  }
  Asked ask(const Engine& engine) {
    const RandomCedar::Name principal = random.uid();
    const RandomCedar::Name action = random.action_uid();
    const RandomCedar::Name resource = random.uid();
    context = random.context_json();
    return Asked(engine, {principal.type, principal.id}, {action.type, action.id},
                 {resource.type, resource.id}, context);
  }

  RandomCedar random;
  std::string entities;
  std::string policies;
  std::string context;
};

// What the language says of the whole set, by the slow evaluator.
struct Expected {
  Effect effect = Effect::deny;
  std::vector<PolicyNumber> reasons;
  std::vector<PolicyError> errors;
};

Expected expected_of(const std::string& policies, const Entities& entities,
                     const Request& request) {
  // The parser interns into a table of its own; the reference compares names as text.
  Symbols symbols;
  Arena arena;
  Parser parser("", policies, symbols, arena);
  const reference::World world = reference::world_of(entities, request);
  std::vector<PolicyNumber> forbids;
  std::vector<PolicyNumber> permits;
  Expected out;
  Ast ast;
  ParsedPolicy policy;
  for (PolicyNumber number = 0; parser.next(ast, policy); ++number) {
    const reference::Outcome outcome = reference::evaluate(ast, policy, symbols, world);
    if (outcome.error != ErrorCode::none) {
      out.errors.push_back({number, outcome.error});
    } else if (outcome.satisfied) {
      (policy.forbid ? forbids : permits).push_back(number);
    }
    ast.clear();
  }
  REQUIRE_MESSAGE(!parser.failed(), parser.error().text());
  if (forbids.empty() && !permits.empty()) out.effect = Effect::allow;
  out.reasons = forbids.empty() ? permits : forbids;
  return out;
}

bool agree(const Decision& found, const Expected& expected) {
  return found.effect == expected.effect &&
         std::equal(found.reasons.begin(), found.reasons.end(), expected.reasons.begin(),
                    expected.reasons.end()) &&
         std::equal(found.errors.begin(), found.errors.end(), expected.errors.begin(),
                    expected.errors.end(), [](const PolicyError& a, const PolicyError& b) {
                      return a.policy == b.policy && a.code == b.code;
                    });
}

}  // namespace

TEST_CASE("random policies: compiled and walked agree, with the index and without") {
  int allowed = 0;
  int failed = 0;
  for (std::uint64_t seed = 1; seed <= 6000; ++seed) {
    Case random(seed);
    CAPTURE(seed);
    CAPTURE(random.policies);
    Result<Engine> indexed = engine_of(random.policies, random.entities);
    Engine::Options options;
    options.index = false;
    Result<Engine> scanning = engine_of(random.policies, random.entities, options);
    REQUIRE_MESSAGE(indexed.has_value(), indexed.error().text());
    REQUIRE(scanning.has_value());
    for (int question = 0; question < 4; ++question) {
      Asked asked = random.ask(*indexed);
      CAPTURE(random.context);
      const Decision found = indexed->authorize(asked.request, asked.arena());
      const Expected expected = expected_of(random.policies, indexed->entities(), asked.request);
      REQUIRE(agree(found, expected));
      REQUIRE(indexed->decide(asked.request, asked.arena()) == expected.effect);
      // Both engines were built from the same texts, so their ids are the same.
      REQUIRE(agree(scanning->authorize(asked.request, asked.arena()), expected));
      REQUIRE(scanning->decide(asked.request, asked.arena()) == expected.effect);
      const Possible possible = indexed->possible(asked.request, ErrorRule::cedar, asked.arena());
      REQUIRE(possible.some == (expected.effect == Effect::allow));
      REQUIRE(possible.certain == possible.some);
      allowed += expected.effect == Effect::allow ? 1 : 0;
      failed += expected.errors.empty() ? 0 : 1;
    }
  }
  // The generator must not have drifted into saying nothing.
  CHECK(allowed > 1000);
  CHECK(failed > 3000);
}

}  // namespace mcpgov::policy::cedar
