// Deep and wide hierarchies: the index leaves out ancestors that no policy names, and changes no
// answer by it.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/cedar_world.hpp"

namespace mcpgov::policy::cedar {
namespace {

constexpr int kGroups = 120;
constexpr int kUsers = 12;

std::string group(int number) {
  return R"({"type": "G", "id": "g)" + std::to_string(number) + "\"}";
}

// Users and resources below up to 100 groups, and groups below each other: with as few ancestors as
// are looked at one by one, and with many.
std::string hierarchy(std::mt19937_64& dice) {
  std::string out = "[";
  const auto entity = [&](const std::string& uid, int lowest, int count) {
    out += out.size() == 1 ? "" : ",\n";
    out += R"({"uid": )" + uid + R"(, "attrs": {}, "parents": [)";
    for (int i = 0; i < count && lowest < kGroups; ++i) {
      const int above = lowest + static_cast<int>(dice() % static_cast<unsigned>(kGroups - lowest));
      out += (i == 0 ? "" : ", ") + group(above);
    }
    out += "]}";
  };
  for (int i = 0; i < kGroups; ++i) entity(group(i), i + 1, static_cast<int>(dice() % 3));
  for (int i = 0; i < kUsers; ++i) {
    const std::string id = std::to_string(i) + "\"}";
    entity(R"({"type": "U", "id": "u)" + id, 0, i * i);
    entity(R"({"type": "R", "id": "r)" + id, 0, i);
  }
  return out + "]";
}

// names: of so many groups, often the same.
std::string policies(std::mt19937_64& dice, unsigned names) {
  std::string out;
  const auto one_of_them = [&] {
    return "G::\"g" + std::to_string(dice() % names * 7 % kGroups) + "\"";
  };
  for (int i = 0; i < 40; ++i) {
    out += dice() % 40 == 0 ? "forbid(" : "permit(";
    out += dice() % 3 == 0 ? "principal" : "principal in " + one_of_them();
    out += dice() % 2 == 0 ? ", action" : ", action == Action::\"act\"";
    out += dice() % 3 == 0 ? ", resource in " + one_of_them() + ");\n" : ", resource);\n";
  }
  return out;
}

struct Engines {
  Engine indexed;
  Engine scanning;
};

Engines engines_of(const std::string& policies, const std::string& entities) {
  Result<Engine> indexed = engine_of(policies, entities);
  Engine::Options options;
  options.index = false;
  Result<Engine> scanning = engine_of(policies, entities, options);
  REQUIRE_MESSAGE(indexed.has_value(), indexed.error().text());
  REQUIRE(scanning.has_value());
  return {std::move(*indexed), std::move(*scanning)};
}

// Both engines were built from the same texts, so their ids are the same.
bool agree(const Engines& engines, Asked& asked) {
  const Decision found = engines.indexed.authorize(asked.request, asked.arena());
  const Decision wanted = engines.scanning.authorize(asked.request, asked.arena());
  return found.effect == wanted.effect && std::ranges::equal(found.reasons, wanted.reasons) &&
         engines.indexed.decide(asked.request, asked.arena()) == wanted.effect;
}

}  // namespace

TEST_CASE("index: any hierarchy has the answers that looking at every policy has") {
  int allowed = 0;
  int asked_for = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 dice(seed);
    const std::string entities = hierarchy(dice);
    const Engines engines = engines_of(policies(dice, seed % 2 == 0 ? 5 : kGroups), entities);
    for (int i = 0; i < kUsers; ++i) {
      const std::string user = "u" + std::to_string(i);
      const std::string resource = "r" + std::to_string(dice() % kUsers);
      Asked asked(engines.indexed, {"U", user}, {"Action", "act"}, {"R", resource});
      CAPTURE(user);
      CAPTURE(resource);
      REQUIRE(agree(engines, asked));
      ++asked_for;
      const Decision found = engines.indexed.authorize(asked.request, asked.arena());
      allowed += found.effect == Effect::allow ? 1 : 0;
    }
  }
  // The generator must not have drifted into saying nothing.
  CHECK(allowed > 100);
  CHECK(asked_for - allowed > 100);
}

TEST_CASE("index: what a request says of an entity hides its groups in the store") {
  std::mt19937_64 dice(7);
  std::string named;
  for (int i = 0; i < 20; ++i) {
    named += "permit(principal in G::\"g" + std::to_string(i) + "\", action, resource);\n";
  }
  named += "permit(principal in G::\"other\", action, resource);\n";
  const Engines engines = engines_of(named, hierarchy(dice));
  const std::string user = "u" + std::to_string(kUsers - 1);
  Asked asked(engines.indexed, {"U", user});
  CHECK(engines.indexed.decide(asked.request, asked.arena()) == Effect::allow);

  // As many groups as the store gives it, of which policies name the last one only.
  const Entity* stored = engines.indexed.entities().find(asked.request.principal);
  REQUIRE(stored != nullptr);
  REQUIRE(stored->ancestors.size() > 50);
  std::vector<EntityId> groups(stored->ancestors.size() - 1, asked.entity({"G", "unheard of"}));
  groups.push_back(asked.entity({"G", "other"}));
  std::ranges::sort(groups);
  Asked another(engines.indexed, {"U", user});
  another.symbols().define(another.request.principal, {stored->attributes, stored->tags, groups});
  const Decision found = engines.indexed.authorize(another.request, another.arena());
  REQUIRE(found.reasons.size() == 1);
  CHECK(found.reasons[0] == 20);
  CHECK(agree(engines, another));

  // Fewer than the store gives it, at the very place where the store keeps them.
  Asked less(engines.indexed, {"U", user});
  const auto few = stored->ancestors.first(stored->ancestors.size() - 20);
  less.symbols().define(less.request.principal, {stored->attributes, stored->tags, few});
  CHECK(agree(engines, less));
  less.symbols().define(less.request.principal, {stored->attributes, stored->tags, {}});
  CHECK(engines.indexed.decide(less.request, less.arena()) == Effect::deny);
}

}  // namespace mcpgov::policy::cedar
