// Work that small schemas and policies can ask of validation: it is counted, and ends.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "mcpgov/cedar.hpp"

namespace {

using mcpgov::policy::Finding;
using mcpgov::policy::FindingKind;
using mcpgov::policy::Source;
using mcpgov::policy::ValidationOptions;

std::vector<Finding> findings(std::string_view policies, std::string_view schema,
                              const ValidationOptions& options = {}) {
  const Source source{"p.cedar", std::string(policies)};
  const auto out =
      mcpgov::policy::validate({&source, 1}, {"s.cedarschema", std::string(schema)}, options);
  REQUIRE_MESSAGE(out.has_value(), out.error().text());
  return *out;
}

bool has(const std::vector<Finding>& all, FindingKind kind) {
  return std::ranges::count(all, kind, &Finding::kind) == 1;
}

std::string when(std::string_view condition) {
  return "permit(principal, action, resource) when { " + std::string(condition) + " };";
}

// One action that n entity types with `shape` may take on each other.
std::string all_on_all(std::size_t n, std::string_view shape) {
  std::string list;
  for (std::size_t i = 0; i < n; ++i) list += (i == 0 ? "T" : ", T") + std::to_string(i);
  return "entity " + list + " = " + std::string(shape) + ";\naction x appliesTo {principal: [" +
         list + "], resource: [" + list + "]};";
}

std::string path(std::string_view step, std::size_t n) {
  std::string out(step);
  for (std::size_t i = 1; i < n; ++i) out += "." + std::string(step);
  return out;
}

// These took minutes when only actions were counted.
TEST_CASE("the types of one action are counted pair by pair") {
  const std::string schema = all_on_all(4000, "{x: Long}");
  const auto all = findings(when("principal.x == resource.x"), schema);
  REQUIRE(all.size() == 1);
  CHECK(all[0].kind == FindingKind::validation_budget);
  ValidationOptions levels;
  levels.level = 0;
  CHECK(has(findings(when("principal.x == resource.x"), schema, levels),
            FindingKind::validation_budget));
  // What the conditions cannot see makes no environment of its own.
  CHECK(findings(when("principal.x == 1"), all_on_all(8000, "{x: Long}")).empty());
  CHECK(findings("permit(principal, action, resource);", all_on_all(8000, "{x: Long}")).empty());
}

TEST_CASE("each name of a path is counted") {
  const std::string schema = all_on_all(300, "{a: T0}");
  const std::string condition = "(principal has " + path("a", 10000) + ") || principal == resource";
  const auto all = findings(when(condition), schema);
  REQUIRE(all.size() == 1);
  CHECK(all[0].kind == FindingKind::validation_budget);
  CHECK(findings(when(condition), all_on_all(10, "{a: T0}")).empty());
}

// The constraints of the scope are asked once per type, not once per pair: 8,000 x 8,000 here.
TEST_CASE("the level of a scope takes time in proportion to the schema") {
  ValidationOptions levels;
  levels.level = 0;
  const std::string schema = all_on_all(8000, "{x: Long}");
  const auto all = findings("permit(principal, action, resource in T1::\"a\");", schema, levels);
  REQUIRE(all.size() == 1);
  CHECK(all[0].kind == FindingKind::entity_deref_level_violation);
}

// The list was read from its start for each action that is not declared: this took minutes.
TEST_CASE("actions of a list are told where they stand, however many there are") {
  std::string policy = "permit(principal, action in [\n";
  constexpr std::size_t count = 100000;
  for (std::size_t i = 0; i < count; ++i) {
    policy += "Action::\"" + std::to_string(i) + "\"" + (i + 1 < count ? ",\n" : "], resource);");
  }
  const auto all = findings(policy, "entity T; action x appliesTo {principal: T, resource: T};");
  REQUIRE(all.size() == 1001);
  for (std::size_t i = 0; i < 900; ++i) {
    CHECK(all[i].kind == FindingKind::unrecognized_action_id);
    CHECK(all[i].line == i + 2);
    CHECK(all[i].column == 1);
  }
}

// Going back over the names for each name: 64,000 names are two milliards of steps.
TEST_CASE("the level of a path counts its names") {
  ValidationOptions levels;
  levels.level = 100000;
  const std::string schema = "entity T {a: T}; action x appliesTo {principal: T, resource: T};";
  CHECK(has(findings(when("principal has " + path("a", 64000)), schema, levels),
            FindingKind::validation_budget));
  CHECK(findings(when("principal has " + path("a", 1000)), schema, levels).empty());
}

// Each union of the first n types was remembered: 232 MB for 8,000 of them.
TEST_CASE("a set of entities of many types is one union") {
  ValidationOptions permissive;
  permissive.permissive = true;
  std::string entities;
  std::string records;
  for (int i = 0; i < 8000; ++i) {
    const std::string entity = "T" + std::to_string(i) + "::\"\"";
    entities += (i == 0 ? "" : ", ") + entity;
    records += (i == 0 ? "" : ", ") + ("{a: " + entity + "}");
  }
  const std::string schema = all_on_all(8000, "{x: Long}");
  CHECK(findings(when("action in [Action::\"x\"] && [" + entities + "].contains(T1::\"\")"), schema,
                 permissive)
            .empty());
  CHECK(findings(when("[" + records + "].contains({a: T1::\"\"})"), schema, permissive).empty());
}

}  // namespace
