// How often one mistake is told: once for each place, where a place is a span of the text. The
// counts are those of the reference engine 4.12.
//
// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "mcpgov/cedar.hpp"

namespace {

using mcpgov::policy::PolicySet;
using mcpgov::policy::Schema;

constexpr const char* kSchema = R"(
  entity U {r: {x: Long, y?: Long}, f?: U} tags Bool;
  entity R;
  action a appliesTo {principal: U, resource: R,
                      context: {n: Long, m?: Bool, str: String, s: Set<Long>, t: {t?: Bool}}};
)";

// `Kind, Kind`, sorted.
std::string kinds(const PolicySet& policies) {
  const auto schema = Schema::read({"s.cedarschema", kSchema});
  REQUIRE(schema.has_value());
  const auto findings = mcpgov::policy::validate(policies, *schema);
  REQUIRE(findings.has_value());
  std::multiset<std::string> all;
  for (const auto& each : *findings) all.emplace(mcpgov::policy::finding_kind_text(each.kind));
  std::string out;
  for (const std::string& each : all) out += (out.empty() ? "" : ", ") + each;
  return out;
}

struct Row {
  const char* condition;
  const char* text;  // kinds found in the text
  const char* json;  // the same when the policy comes as JSON
};

constexpr const char* kType = "UnexpectedType";
constexpr const char* kTypes = "UnexpectedType, UnexpectedType";
constexpr const char* kOptional = "UnsafeOptionalAttributeAccess";
constexpr const char* kOptionals = "UnsafeOptionalAttributeAccess, UnsafeOptionalAttributeAccess";
constexpr const char* kArguments = "WrongNumberArguments";
constexpr const char* kTwoArguments = "WrongNumberArguments, WrongNumberArguments";

constexpr Row kRows[] = {
    // With advice and without are two findings.
    {"context.s has x && context.s.x", kTypes, kTypes},
    {"context.s has x.y", kTypes, kTypes},
    {"context.s.x.y", kType, kType},
    // The steps of a chain share its place.
    {"(context.m.contains(1)).contains(1)", "UnexpectedType, UnsafeOptionalAttributeAccess",
     "UnexpectedType, UnsafeOptionalAttributeAccess"},
    {"context.m.contains(1).contains(1)", "UnexpectedType, UnsafeOptionalAttributeAccess",
     "UnexpectedType, UnsafeOptionalAttributeAccess"},
    {"((context.m).contains(1)).contains(1)",
     "UnexpectedType, UnexpectedType, UnsafeOptionalAttributeAccess",
     "UnexpectedType, UnsafeOptionalAttributeAccess"},
    {"principal.f.f == principal", kOptional, kOptional},
    {"principal.f[\"f\"] == principal", kOptional, kOptional},
    {"(principal.f).f == principal", kOptionals, kOptional},
    {"context.t.t.t", "UnexpectedType, UnsafeOptionalAttributeAccess",
     "UnexpectedType, UnsafeOptionalAttributeAccess"},
    // A function is the first step of its chain, its arguments are not; which function, is no
    // difference.
    {"\"s\".isIpv4(1).isIpv6(1)", kArguments, kArguments},
    {"\"s\".isIpv4(1).isInRange()", kTwoArguments, kTwoArguments},
    {"ip(\"a\", \"b\").isIpv4(1)", kArguments, kArguments},
    {"(ip(\"a\", \"b\")).isIpv4(1)", kTwoArguments, kArguments},
    {"ip(\"x\").isInRange(ip(\"x\"))", "FunctionArgumentValidation, FunctionArgumentValidation",
     "FunctionArgumentValidation"},
    {"ip(\"x\").isInRange(ip(\"y\"))", "FunctionArgumentValidation, FunctionArgumentValidation",
     "FunctionArgumentValidation, FunctionArgumentValidation"},
    // The same words at two places.
    {"context.n.x == context.n.x", kTypes, kType},
    {"context.str && (context.str || context.n == 1)", kTypes, kType},
    {"principal.r.y == principal.r.y", kOptionals, kOptional},
    {"if context.n == 1 then context.m else context.m", kOptionals, kOptional},
    {"[] == []", "EmptySetForbidden, EmptySetForbidden", "EmptySetForbidden"},
    {"principal.getTag(\"a\") && principal.getTag(\"a\")", "UnsafeTagAccess, UnsafeTagAccess",
     "UnsafeTagAccess"},
    {"principal.getTag(\"a\") && principal.getTag(\"b\")", "UnsafeTagAccess, UnsafeTagAccess",
     "UnsafeTagAccess, UnsafeTagAccess"},
};

// The key of a finding once took its reason and its first type for each other.
TEST_CASE(
    "validation report: two mismatches of one place, for different reasons, are two findings") {
  constexpr const char* kDeclared = R"(namespace N {
    type C = {e?: G};
    entity U = {"if": {type: __cedar::String, "a": Set<{e?: G}>, b?: datetime}} tags Set<decimal>;
    entity G {"odd name"?: decimal, "if": datetime, type?: N::G, a?: U};
    action read appliesTo {principal: [U, G], resource: [G, U],
                           context: {"odd name": Set<{"type": U, a?: U}>}};
    action write in ["read"] appliesTo {principal: U, resource: U, context: {"a": C}};
  })";
  const auto schema = Schema::read({"s.cedarschema", kDeclared});
  REQUIRE(schema.has_value());
  const mcpgov::policy::Source source{"p.cedar",
                                      R"(forbid (principal is N::U, action, resource)
                                         unless { resource["if"] == {"type": "a*"} };)"};
  const auto policies = PolicySet::from_cedar({&source, 1});
  REQUIRE(policies.has_value());
  const auto findings = mcpgov::policy::validate(*policies, *schema);
  REQUIRE(findings.has_value());
  CHECK(findings->size() == 2);
}

}  // namespace

TEST_CASE("a mistake is told once for each place of the text, and once in JSON") {
  for (const Row& row : kRows) {
    CAPTURE(std::string(row.condition));
    const std::string policy =
        "permit(principal, action, resource) when { " + std::string(row.condition) + " };";
    PolicySet written;
    REQUIRE(written.add("p", policy).has_value());
    CHECK(kinds(written) == row.text);
    const auto json = written.json("p");
    REQUIRE(json.has_value());
    PolicySet placeless;
    REQUIRE(placeless.add_json("p", *json).has_value());
    CHECK(kinds(placeless) == row.json);
  }
}
