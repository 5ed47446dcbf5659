// The frozen table and the overlay of a request.
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/symbols.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/hash.hpp"

using namespace mcpgov;
using namespace mcpgov::policy;

TEST_CASE("symbols: a text has one id, found again and read back, and unknown texts have none") {
  Symbols symbols;
  CHECK(symbols.find_name("a") == kNoName);
  const NameId a = symbols.name("a");
  const NameId empty = symbols.name("");
  const NameId zero = symbols.name(std::string_view("a\0", 2));
  CHECK(symbols.name("a") == a);
  CHECK(symbols.find_name("a") == a);
  CHECK(symbols.text(a) == "a");
  CHECK(symbols.text(empty).empty());
  CHECK(symbols.text(zero) == std::string_view("a\0", 2));
  CHECK(symbols.name_count() == 3);
  CHECK(symbols.find_name("A") == kNoName);
  CHECK(symbols.find_name("a ") == kNoName);
}

TEST_CASE("symbols: an entity is its type and its id, not one of them") {
  Symbols symbols;
  const NameId user = symbols.name("User");
  const NameId group = symbols.name("Group");
  const EntityId a = symbols.entity(user, "a");
  const EntityId b = symbols.entity(group, "a");
  CHECK(a != b);
  CHECK(symbols.entity(user, "a") == a);
  CHECK(symbols.find_entity(group, "a") == b);
  CHECK(symbols.find_entity(user, "b") == kNoEntity);
  CHECK(symbols.find_entity(kNoName, "a") == kNoEntity);
  CHECK(symbols.type(b) == group);
  CHECK(symbols.id(b) == "a");
  CHECK(symbols.entity_count() == 2);
}

TEST_CASE("symbols: texts survive growth and a move of the table") {
  Symbols symbols;
  const NameId type = symbols.name("T");
  for (int i = 0; i < 5000; ++i) {
    CHECK(static_cast<std::uint32_t>(symbols.name("n" + std::to_string(i))) ==
          static_cast<std::uint32_t>(i) + 1);
    CHECK(static_cast<std::uint32_t>(symbols.entity(type, std::to_string(i))) ==
          static_cast<std::uint32_t>(i));
  }
  const Symbols moved = std::move(symbols);
  for (int i = 0; i < 5000; ++i) {
    CHECK(moved.find_name("n" + std::to_string(i)) == NameId(i + 1));
    CHECK(moved.id(moved.find_entity(type, std::to_string(i))) == std::to_string(i));
  }
}

TEST_CASE("symbols: sequential ids spread over the slots of a table") {
  // A multiplicative hash without folding leaves such ids in one cluster, and probes grow linear.
  constexpr std::uint64_t kSlots = 1 << 16;
  for (const std::uint64_t step : {1ULL, 2ULL, 1ULL << 16, 1ULL << 20}) {
    CAPTURE(step);
    std::vector<int> load(kSlots);
    for (std::uint64_t i = 0; i < kSlots / 2; ++i) {
      ++load[mix(i * step + 1, 0x9e3779b97f4a7c15U) & (kSlots - 1)];
    }
    // Random placement of n/2 balls in n bins has a fullest bin of about 7.
    CHECK(*std::max_element(load.begin(), load.end()) < 16);
  }
}

TEST_CASE("request symbols: frozen texts keep their ids, new ones follow and are copied") {
  Symbols frozen;
  const NameId user = frozen.name("User");
  const EntityId alice = frozen.entity(user, "alice");
  Arena arena;
  RequestSymbols symbols(frozen, arena);
  CHECK(symbols.name("User") == user);
  CHECK(symbols.entity("User", "alice") == alice);
  std::string text = "Agent";
  const NameId agent = symbols.name(text);
  text = "xxxxx";
  CHECK(agent == NameId(frozen.name_count()));
  CHECK(symbols.name("Agent") == agent);
  CHECK(symbols.text(agent) == "Agent");
  CHECK(symbols.text(user) == "User");
  const EntityId bot = symbols.entity(agent, "alice");
  const EntityId bob = symbols.entity(user, "bob");
  CHECK(bot != alice);
  CHECK(bot != bob);
  CHECK(symbols.entity("Agent", "alice") == bot);
  CHECK(symbols.type(bot) == agent);
  CHECK(symbols.id(bob) == "bob");
  CHECK(symbols.type(alice) == user);
  CHECK(symbols.id(alice) == "alice");
  CHECK(frozen.find_name("Agent") == kNoName);
  CHECK(frozen.entity_count() == 1);
}

TEST_CASE("request symbols: ids are the same on both sides of the linear scan's limit") {
  Symbols frozen;
  frozen.name("T");
  Arena arena;
  RequestSymbols symbols(frozen, arena);
  constexpr int kCount = 3000;
  std::vector<NameId> names;
  std::vector<EntityId> uids;
  for (int i = 0; i < kCount; ++i) {
    names.push_back(symbols.name("n" + std::to_string(i)));
    uids.push_back(symbols.entity("T", std::to_string(i)));
    // Everything so far is still found, at every size from one to well above the limit.
    for (int k = i; k >= 0 && k > i - 40; --k) {
      CHECK(symbols.name("n" + std::to_string(k)) == names[static_cast<std::size_t>(k)]);
      CHECK(symbols.entity("T", std::to_string(k)) == uids[static_cast<std::size_t>(k)]);
    }
  }
  CHECK(std::set<NameId>(names.begin(), names.end()).size() == kCount);
  CHECK(std::set<EntityId>(uids.begin(), uids.end()).size() == kCount);
  for (int i = 0; i < kCount; ++i) {
    CHECK(symbols.text(names[static_cast<std::size_t>(i)]) == "n" + std::to_string(i));
    CHECK(symbols.id(uids[static_cast<std::size_t>(i)]) == std::to_string(i));
  }
}

TEST_CASE("request symbols: the last definition of an entity counts, few or many") {
  Symbols frozen;
  const NameId type = frozen.name("T");
  Arena arena;
  RequestSymbols symbols(frozen, arena);
  for (const int count : {1, 16, 17, 500}) {
    CAPTURE(count);
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < count; ++i) {
        Entity facts;
        facts.attributes = Value::of_integer(i + round);
        symbols.define(symbols.entity(type, std::to_string(i)), facts);
      }
    }
    for (int i = 0; i < count; ++i) {
      const Entity* found = symbols.defined(symbols.entity(type, std::to_string(i)));
      REQUIRE(found != nullptr);
      CHECK(found->attributes.integer == i + 1);
    }
    CHECK(symbols.defined(symbols.entity(type, "undefined")) == nullptr);
  }
}
