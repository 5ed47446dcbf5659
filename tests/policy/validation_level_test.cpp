// Level validation (RFC 76): the cases of the reference engine.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "mcpgov/cedar.hpp"

namespace {

using mcpgov::policy::Finding;
using mcpgov::policy::FindingKind;
using mcpgov::policy::Source;
using mcpgov::policy::ValidationOptions;

constexpr const char* kSchema = R"(
  entity User in User {user: User, bool: Bool, other: String, ip: ipaddr, nested: {user: User}}
    tags User;
  entity Photo {user: User};
  action view appliesTo {principal: User, resource: Photo,
                         context: {user: User, nested: {user: User}}};
)";

std::vector<Finding> at_level(const std::string& policy, std::uint32_t level) {
  ValidationOptions options;
  options.level = level;
  const Source source{"", policy};
  const auto out = mcpgov::policy::validate({&source, 1}, {"schema", kSchema}, options);
  CAPTURE(policy);
  REQUIRE_MESSAGE(out.has_value(), out.error().text());
  return *out;
}

std::string when(const std::string& condition) {
  return "permit(principal, action, resource) when { " + condition + " };";
}

struct Row {
  const char* condition;
  std::uint32_t level;   // passes here, and not one below
  std::size_t findings;  // one below
};

TEST_CASE("a policy needs the level of the longest chain of entities") {
  const Row rows[] = {
      {"1 > 0", 0, 0},
      {"User::\"alice\" is User", 0, 0},
      {"context has user", 0, 0},
      {"context.user is User", 0, 0},
      {"context.nested.user is User", 0, 0},
      {"{foo: principal} has foo", 0, 0},
      {"{foo: principal}.foo is User", 0, 0},
      {"principal.bool", 1, 1},
      {"principal.nested.user is User", 1, 1},
      {"principal has user", 1, 1},
      {"principal.hasTag(\"tag\") && principal.getTag(\"tag\") is User", 1, 2},
      {"principal in User::\"other\"", 1, 1},
      {"principal in [User::\"other\"]", 1, 1},
      {"action in Action::\"view\"", 1, 1},
      {"context.user.bool", 1, 1},
      {"context.nested.user.bool", 1, 1},
      {"Action::\"view\" in action", 1, 1},
      {"principal.user.bool", 2, 1},
      {"principal.nested.user.bool", 2, 1},
      {"principal.hasTag(\"tag\") && principal.getTag(\"tag\").bool", 2, 1},
      {"principal.user.hasTag(\"tag\") && principal.user.getTag(\"tag\") is User", 2, 2},
      {"context.user.user.bool", 2, 1},
      {"context.nested.user.nested.user.bool", 2, 1},
      {"principal.user.hasTag(\"t\") && principal.user.getTag(\"t\") in resource.user", 3, 1},
      {"principal.nested.user.nested.user.bool", 3, 1},
      {"principal has user.user.bool && principal.user.user.bool", 3, 2},
      {"principal.hasTag(\"foo\") && principal.getTag(\"foo\").hasTag(\"bar\") && "
       "principal.getTag(\"foo\").getTag(\"bar\").bool",
       3, 1},
      {"principal.hasTag(principal.user.other) && "
       "principal.getTag(principal[\"user\"][\"other\"]) is User",
       2, 2},
      {"principal in principal.user.user", 2, 1},
      {"if principal.user.user.bool then principal.bool else resource.user.bool", 3, 1},
      {"if principal.bool then principal.bool else resource.user.user.bool", 3, 1},
      {"(if principal.bool then principal.user else resource.user).bool", 2, 1},
      {"(if principal.bool then principal.user else resource.user.user).bool", 3, 1},
      {"(if principal.user.user.bool then principal.user.user else resource.user.user).bool", 3, 2},
      {"{foo: principal, bar: principal.user.user.user.user}.foo.bool", 4, 1},
      {"{foo: principal, bar: principal.user.user, baz: resource.user.user}.foo.bool", 2, 2},
      {"{foo: principal.user, bar: principal.bool} == {foo: principal.nested.user, bar: false}", 1,
       3},
      {"{foo: {bar: principal}}.foo.bar is User", 0, 0},
      {"{foo: {bar: principal}}.foo.bar.bool", 1, 1},
      {"{foo: principal.user}.foo.bool", 2, 1},
      {"{biz: {foo: {bar: principal.user}}.foo}.biz.bar.bool", 2, 1},
      {"{biz: {foo: {bar: principal}.bar.user}.foo}.biz.bool", 2, 1},
      {"{biz: {baz: {bar: {foo: principal.nested.user}.foo.nested.user}}.baz}.biz.bar.nested.user."
       "bool",
       4, 1},
      {"[principal.bool].contains(true)", 1, 1},
      {"[context.user.user, principal.user].containsAny([resource.user])", 1, 3},
      {"principal.ip.isInRange(ip(\"192.168.0.0/12\"))", 1, 1},
      {"ip(\"192.168.0.0\").isInRange(principal.ip)", 1, 1},
      {"principal.other like \"*\"", 1, 1},
      {"!(principal.bool)", 1, 1},
      {"(principal.bool || true) || true", 1, 1},
      {"if true then principal.bool else false", 1, 1},
      {"if false then true else principal.bool", 1, 1},
      {"true || principal.bool", 0, 0},
      {"if false then principal.bool else true", 0, 0},
      {"if true then true else principal.bool", 0, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.condition));
    for (const Finding& each : at_level(when(row.condition), row.level)) {
      CHECK_MESSAGE(false, each.text());
    }
    if (row.level == 0) continue;
    const auto below = at_level(when(row.condition), row.level - 1);
    CHECK(below.size() == row.findings);
    for (const Finding& each : below) {
      CHECK(each.kind == FindingKind::entity_deref_level_violation);
    }
  }
}

TEST_CASE("nothing can be looked up of an entity literal, whatever the level") {
  const Row rows[] = {
      {"User::\"alice\".bool", 9, 1},
      {"User::\"alice\" has user", 9, 1},
      {"User::\"alice\" has user.user", 9, 1},
      {"User::\"alice\".hasTag(\"foo\")", 9, 1},
      {"User::\"alice\" in User::\"bob\"", 9, 1},
      {"(if principal.bool then User::\"alice\" else principal).bool", 9, 1},
      {"(if principal.bool then User::\"alice\" else User::\"bob\").bool", 9, 2},
      {"{foo: User::\"alice\", bar: User::\"bob\"}.foo.bool", 9, 1},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.condition));
    CHECK(at_level(when(row.condition), row.level).size() == row.findings);
  }
}

TEST_CASE("`in` of the scope needs level 1") {
  CHECK(at_level("permit(principal, action, resource);", 0).empty());
  CHECK(at_level("permit(principal == User::\"a\", action, resource);", 0).empty());
  CHECK(at_level("permit(principal is User, action == Action::\"view\", resource);", 0).empty());
  CHECK(at_level("permit(principal in User::\"a\", action, resource);", 0).size() == 1);
  CHECK(at_level("permit(principal in ?principal, action, resource);", 0).size() == 1);
  CHECK(at_level("permit(principal, action in [Action::\"view\"], resource);", 0).size() == 1);
  CHECK(at_level("permit(principal, action, resource in Photo::\"p\");", 0).size() == 1);
  CHECK(at_level("permit(principal in User::\"a\", action, resource);", 1).empty());
}

TEST_CASE("a dead branch asks for no level, and what failed is told once") {
  const auto dead = at_level(when("false && principal.bool"), 0);
  REQUIRE(dead.size() == 1);
  CHECK(dead[0].kind == FindingKind::impossible_policy);
  const auto wrong = at_level(when("principal.nothing"), 0);
  REQUIRE(wrong.size() == 1);
  CHECK(wrong[0].kind == FindingKind::unsafe_attribute_access);
  CHECK(at_level(when("principal.user.user.user.user.user.bool"), 2)[0].message ==
        "this looks through entities to level 6, but level 2 is the highest allowed");
}

}  // namespace
