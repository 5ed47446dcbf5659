// Policies against schemas: verdicts, findings and their places. The verdicts are those of the
// reference engine 4.12.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "mcpgov/cedar.hpp"

namespace {

using mcpgov::policy::Compat;
using mcpgov::policy::Finding;
using mcpgov::policy::FindingKind;
using mcpgov::policy::Severity;
using mcpgov::policy::Source;
using mcpgov::policy::ValidationOptions;

constexpr const char* kSchema = R"(
  entity U in [G] {a: Long, o?: String, r: {x: Long, y?: Long}} tags String;
  entity G;
  entity R;
  entity E enum ["x"];
  action a appliesTo {principal: U, resource: R,
                      context: {n: Long, m?: Bool, str: String, s: Set<Long>}};
  action b appliesTo {principal: U, resource: R};
  action z;
)";

std::vector<Finding> findings(std::string_view policies, std::string_view schema,
                              const ValidationOptions& options = {}) {
  const Source source{"p.cedar", std::string(policies)};
  const auto out =
      mcpgov::policy::validate({&source, 1}, {"s.cedarschema", std::string(schema)}, options);
  CAPTURE(std::string(policies));
  REQUIRE_MESSAGE(out.has_value(), out.error().text());
  return *out;
}

// `E Kind, W Kind`, sorted.
std::string kinds(const std::vector<Finding>& findings) {
  std::multiset<std::string> all;
  for (const Finding& each : findings) {
    const char* severity = each.severity == Severity::error ? "E " : "W ";
    all.insert(severity + std::string(mcpgov::policy::finding_kind_text(each.kind)));
  }
  std::string out;
  for (const std::string& each : all) out += (out.empty() ? "" : ", ") + each;
  return out;
}

struct Row {
  const char* policy;  // or the condition of one for action `a`
  const char* wanted;
};

std::string whole(std::string_view text) {
  if (text.starts_with("permit(")) return std::string(text);
  return "permit(principal, action == Action::\"a\", resource) when { " + std::string(text) + " };";
}

constexpr const char* kImpossible = "W ImpossiblePolicy";

TEST_CASE("the conditions of a policy have the findings of the reference engine") {
  const Row rows[] = {
      {"true", ""},
      {"false", kImpossible},
      {"false && principal == Foo::\"x\"", "E UnrecognizedEntityType, W ImpossiblePolicy"},
      {"true || principal == Foo::\"x\"", "E UnrecognizedEntityType"},
      {"if true then true else principal == Foo::\"x\"", "E UnrecognizedEntityType"},
      {"false && E::\"bad\" == E::\"x\"", "E InvalidEnumEntity, W ImpossiblePolicy"},
      {"false && principal.zz == 1", kImpossible},
      {"false && ip(\"zzz\").isIpv4()", kImpossible},
      {"false && ip(context.str).isIpv4()", kImpossible},
      {"false && []==[]", kImpossible},
      {"false && [1,\"a\"].contains(1)", kImpossible},
      {"false && (1 + \"a\" == 1)", kImpossible},
      {"if false then [] == [] else true", ""},
      {"[] == []", "E EmptySetForbidden, E EmptySetForbidden"},
      {"[].isEmpty()", "E EmptySetForbidden"},
      {"context.s == []", "E EmptySetForbidden"},
      {"ip(context.str).isIpv4()", "E NonLitExtConstructor"},
      {"ip(\"zzz\").isIpv4()", "E FunctionArgumentValidation"},
      {"ip(\"1.1.1.1\",\"x\").isIpv4()", "E WrongNumberArguments"},
      {"principal has a", ""},
      {"principal has a && principal.a == 1", ""},
      {"principal.o == \"x\"", "E UnsafeOptionalAttributeAccess"},
      {"principal has o && principal.o == \"x\"", ""},
      {"principal has o || principal.a == 1", ""},
      {"true && principal has o && principal.o == \"x\"", ""},
      {"(principal has o && true) && principal.o == \"x\"", ""},
      {"(true && (principal has o)) && principal.o == \"x\"", ""},
      {"if principal has o then principal.o == \"x\" else false", ""},
      {"!(principal has o) || principal.o == \"x\"", "E UnsafeOptionalAttributeAccess"},
      {"principal has r.y && principal.r.y == 1", ""},
      {"principal.hasTag(\"t\") && principal.getTag(\"t\") == \"v\"", ""},
      {"principal.hasTag(context.str) && principal.getTag(context.str) == \"v\"", ""},
      {"principal.getTag(\"t\") == \"v\"", "E UnsafeTagAccess"},
      {"resource.hasTag(\"t\")", kImpossible},
      {"context has m && context.m", ""},
      {"context.m", "E UnsafeOptionalAttributeAccess"},
      {"context has zz", kImpossible},
      {"context has n", ""},
      {"principal == resource", kImpossible},
      {"principal == G::\"x\"", kImpossible},
      {"principal in G::\"x\"", ""},
      {"principal in R::\"x\"", kImpossible},
      {"resource in G::\"x\"", kImpossible},
      {"principal is U", ""},
      {"principal is R", kImpossible},
      {"principal is Foo", "E UnrecognizedEntityType, W ImpossiblePolicy"},
      {"action == Action::\"a\"", ""},
      {"action == Action::\"b\"", kImpossible},
      {"action in Action::\"b\"", kImpossible},
      {"action == Action::\"q\"", "E UnrecognizedActionId, W ImpossiblePolicy"},
      {"principal == U::\"x\" || principal in [G::\"a\", R::\"b\"]", "E IncompatibleTypes"},
      {"[principal, resource].contains(principal)", "E IncompatibleTypes"},
      {"if context.n == 1 then principal else resource == principal", "E IncompatibleTypes"},
      {"{a:1}=={a:\"x\"}", "E IncompatibleTypes"},
      {"1 == \"a\"", kImpossible},
      {"context.n == 1 || true", ""},
      {"1", "E UnexpectedType"},
      {"context.n", "E UnexpectedType"},
      {"context.n + 1", "E UnexpectedType"},
      {"context.n like \"a\"", "E UnexpectedType"},
      {"principal.r.x == 1", ""},
      {"principal.r.y == 1", "E UnsafeOptionalAttributeAccess"},
      {"principal.r == {x: 1}", "E IncompatibleTypes"},
      {"principal.r == {x: 1, y: 2}", "E IncompatibleTypes"},
      {"[1,2] == context.s", ""},
      {"context.s.contains(\"a\")", "E IncompatibleTypes"},
      {"context.s.containsAny([\"a\"])", "E IncompatibleTypes"},
      {"E::\"x\" == E::\"x\"", ""},
      {"datetime(\"2024-01-01\") < duration(\"1h\")", "E UnexpectedType"},
      {"datetime(\"2024-01-01\").offset(duration(\"1h\")) > datetime(\"2023-01-01\")", ""},
      // Beyond the published table, settled by the same engine.
      {"context has r.s && true", kImpossible},
      {"context has n.x", "E UnexpectedType"},
      {"context has m.x.y", "E UnexpectedType, E UnsafeOptionalAttributeAccess"},
      {"\"s\" has a.b", "E UnexpectedType, E UnexpectedType"},
      {"1 is U in G::\"x\"", "E UnexpectedType, E UnexpectedType"},
      {"Foo::\"x\" is Foo", "E UnrecognizedEntityType, E UnrecognizedEntityType"},
      {"resource.hasTag(\"t\") && resource.getTag(\"t\") == 1", kImpossible},
      {"-context.str == 1", "E UnexpectedType"},
      {"context.n < \"a\"", "E UnexpectedType"},
      {"context.str < context.str", "E UnexpectedType, E UnexpectedType"},
      {"principal in [principal, 1]", "E IncompatibleTypes"},
      {"action in [Action::\"b\", Action::\"a\"]", ""},
      {"(if context.n == 1 then U::\"x\" else principal) == principal", ""},
      {"principal.a.b == 1", "E UnexpectedType"},
      {"context.zz.yy == 1", "E UnsafeAttributeAccess"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.policy));
    CHECK(kinds(findings(whole(row.policy), kSchema)) == row.wanted);
  }
}

TEST_CASE("the scope of a policy has the findings of the reference engine") {
  const Row rows[] = {
      {"permit(principal == Foo::\"x\",action,resource);",
       "E InvalidActionApplication, E UnrecognizedEntityType"},
      {"permit(principal == R::\"x\",action,resource);",
       "E InvalidActionApplication, W ImpossiblePolicy"},
      {"permit(principal,action == Action::\"q\",resource);",
       "E InvalidActionApplication, E UnrecognizedActionId, W ImpossiblePolicy"},
      {"permit(principal,action == Action::\"z\",resource);",
       "E InvalidActionApplication, W ImpossiblePolicy"},
      {"permit(principal,action in [],resource);",
       "E EmptySetForbidden, E InvalidActionApplication"},
      {"permit(principal in U::\"q\",action,resource);", ""},
      {"permit(principal is E,action,resource);", "E InvalidActionApplication, W ImpossiblePolicy"},
      {"permit(principal == E::\"bad\",action,resource);",
       "E InvalidActionApplication, E InvalidEnumEntity, W ImpossiblePolicy"},
      {"permit(principal is U in R::\"x\",action,resource);",
       "E InvalidActionApplication, W ImpossiblePolicy"},
      {"permit(principal,action,resource) when {context.n == 1};", "E UnsafeAttributeAccess"},
      {"permit(principal == ?principal,action,resource) when {principal.a == 1};", ""},
      {"permit(principal is Foo in Foo::\"x\",action,resource);",
       "E InvalidActionApplication, E UnrecognizedEntityType, E UnrecognizedEntityType, "
       "W ImpossiblePolicy"},
      {"permit(principal,action in [Action::\"q\", Action::\"q\"],resource);",
       "E InvalidActionApplication, E UnrecognizedActionId, E UnrecognizedActionId"},
      {"permit(principal is R in ?principal,action,resource);",
       "E InvalidActionApplication, W ImpossiblePolicy"},
      {"permit(principal,action,resource in ?resource) when {resource.zz};",
       "E UnsafeAttributeAccess"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.policy));
    CHECK(kinds(findings(row.policy, kSchema)) == row.wanted);
  }
}

TEST_CASE("permissive validation takes subtypes and unions") {
  constexpr const char* schema = R"(
    entity U {a: Long, t: Bool, k?: Long} tags String;
    entity V {a: Long, t: String, k: Long} tags Long;
    entity W;
    action x appliesTo {principal: U, resource: V, context: {b: Bool, w: W}};
  )";
  struct Both {
    const char* condition;
    const char* strict;
    const char* permissive;
  };
  const Both rows[] = {
      {"[].isEmpty()", "E EmptySetForbidden", ""},
      {"[[], [1]].isEmpty()", "E EmptySetForbidden", ""},
      {"ip(if context.b then \"1.1.1.1\" else \"::1\").isIpv4()", "E NonLitExtConstructor", ""},
      {"[principal, resource].contains(principal)", "E IncompatibleTypes", ""},
      {"[1, \"a\"].isEmpty()", "E IncompatibleTypes", "E IncompatibleTypes"},
      {"(if context.b then principal else resource).a == 1", "E IncompatibleTypes", ""},
      {"(if context.b then principal else resource).t == true", "E IncompatibleTypes",
       "E UnsafeAttributeAccess"},
      {"(if context.b then principal else resource).k == 1", "E IncompatibleTypes",
       "E UnsafeOptionalAttributeAccess"},
      {"(if context.b then principal else resource) == context.w", "E IncompatibleTypes",
       kImpossible},
      {"(if context.b then principal else resource) is V", "E IncompatibleTypes", ""},
      {"(if context.b then principal else resource).hasTag(\"q\") && "
       "(if context.b then principal else resource).getTag(\"q\") == 1",
       "E IncompatibleTypes, E IncompatibleTypes", "E IncompatibleTypes"},
      {"(if context.b then {a: 1, b: 2} else {a: 1}).a == 1", "E IncompatibleTypes", ""},
      {"(if context.b then {a: 1, b: 2} else {a: 1}).b == 1", "E IncompatibleTypes",
       "E UnsafeAttributeAccess"},
      {"(if context.b then {a: 1, b: 2} else {a: 1}) has b", "E IncompatibleTypes", ""},
      {"{a: 1} == {a: \"x\"}", "E IncompatibleTypes", ""},
      {"context.zz", "E UnsafeAttributeAccess", "E UnsafeAttributeAccess"},
      {"ip(\"q\").isIpv4()", "E FunctionArgumentValidation", "E FunctionArgumentValidation"},
  };
  ValidationOptions permissive;
  permissive.permissive = true;
  for (const Both& row : rows) {
    CAPTURE(std::string(row.condition));
    const std::string policy =
        "permit(principal, action, resource) when { " + std::string(row.condition) + " };";
    CHECK(kinds(findings(policy, schema)) == row.strict);
    CHECK(kinds(findings(policy, schema, permissive)) == row.permissive);
  }
  CHECK(kinds(findings("permit(principal, action in [], resource);", schema, permissive)) ==
        "E InvalidActionApplication, W ImpossiblePolicy");
}

TEST_CASE("findings stand where the mistake is") {
  struct Place {
    const char* policy;
    const char* text;
  };
  const Place rows[] = {
      {"permit(principal,\n  action == Action::\"a\",\n  resource is Rx);",
       "p.cedar:3:15: error: policy `p.cedar#policy0`: unrecognized entity type `Rx`; did you mean "
       "`R`? [UnrecognizedEntityType]"},
      {"permit(principal in\n  Foo::\"x\", action, resource);",
       "p.cedar:2:3: error: policy `p.cedar#policy0`: unrecognized entity type `Foo` "
       "[UnrecognizedEntityType]"},
      {"@id(\"mine\")\npermit(principal, action in [Action::\"a\",\n Action::\"c\"], resource);",
       "p.cedar:3:2: error: policy `mine`: unrecognized action `Action::\"c\"` "
       "[UnrecognizedActionId]"},
      {"permit(principal, action == Action::\"a\", resource)\nwhen { true || principal is Ux };",
       "p.cedar:2:29: error: policy `p.cedar#policy0`: unrecognized entity type `Ux`; did you mean "
       "`U`? [UnrecognizedEntityType]"},
      {"permit(principal, action == Action::\"a\", resource)\nwhen { context.strr == \"\" };",
       "p.cedar:2:8: error: policy `p.cedar#policy0`: attribute `strr` of the context of "
       "Action::\"a\" is not declared; did you mean `str`? [UnsafeAttributeAccess]"},
      {"permit(principal, action == Action::\"a\", resource)\nwhen { principal.r.y == 1 };",
       "p.cedar:2:8: error: policy `p.cedar#policy0`: attribute `r.y` of U is optional and may be "
       "missing; test it with `has y &&` first [UnsafeOptionalAttributeAccess]"},
      {"permit(principal, action == Action::\"a\", resource)\nwhen { 1 + context.str == 1 };",
       "p.cedar:2:12: error: policy `p.cedar#policy0`: unexpected type: expected Long but found "
       "String; strings cannot be joined [UnexpectedType]"},
      {"permit(principal, action == Action::\"a\", resource)\nwhen { principal == E::\"y\" };",
       "p.cedar:2:21: error: policy `p.cedar#policy0`: `E::\"y\"` is none of the entities that the "
       "schema lists for `E` [InvalidEnumEntity]"},
      {"// first\npermit(principal == G::\"x\", action, resource);",
       "p.cedar:2:1: error: policy `p.cedar#policy0`: no action applies to the principals and "
       "resources that the scope admits; `in` in place of `==` would help for the principal "
       "[InvalidActionApplication]"},
  };
  for (const Place& row : rows) {
    CAPTURE(std::string(row.policy));
    const std::vector<Finding> all = findings(row.policy, kSchema);
    std::string texts;
    bool found = false;
    for (const Finding& each : all) {
      texts += each.text() + "\n";
      found = found || each.text() == row.text;
    }
    CHECK_MESSAGE(found, texts, "\nwanted: ", row.text);
  }
}

TEST_CASE("findings come by policy, then by position") {
  const auto all = findings(
      "permit(principal, action, resource) when { 1 } when { 2 };\n"
      "@id(\"good\") permit(principal, action, resource);\n"
      "forbid(principal, action, resource) when { principal.zz };",
      kSchema);
  REQUIRE(all.size() == 3);
  CHECK(all[0].column == 44);
  CHECK(all[1].column == 55);
  CHECK(all[2].policy == "p.cedar#policy2");
  CHECK(all[2].line == 3);
  CHECK_FALSE(mcpgov::policy::passes(all));
}

TEST_CASE("4.13 made one error a warning") {
  ValidationOptions newer;
  newer.compat = Compat::v4_13;
  const auto all = findings("permit(principal == R::\"x\", action, resource);", kSchema, newer);
  CHECK(kinds(all) == "W ImpossiblePolicy, W InvalidActionApplication");
  CHECK(mcpgov::policy::passes(all));
}

TEST_CASE("what cannot be read is an error of its own") {
  const Source bad{"p.cedar", "permit("};
  const Source good{"p.cedar", "permit(principal, action, resource);"};
  CHECK(mcpgov::policy::validate({&bad, 1}, {"s", kSchema}).error().code ==
        mcpgov::ErrorCode::policy_syntax);
  const auto schema = mcpgov::policy::validate({&good, 1}, {"s", "entity A in B;"});
  CHECK(schema.error().code == mcpgov::ErrorCode::schema_unknown_type);
  const auto json =
      mcpgov::policy::validate({&good, 1}, {"s", R"( {"": {"entityTypes": {}, "actions": {}}})"});
  REQUIRE(json.has_value());
  CHECK(kinds(*json) == "E InvalidActionApplication, W ImpossiblePolicy");
}

TEST_CASE("a set is validated as its text is, and its links besides") {
  const std::string text =
      "// first\n@id(\"one\")\npermit(principal, action, resource)\nwhen { principal.zz };\n"
      "permit(principal in ?principal, action == Action::\"q\", resource);\n"
      "@id(\"t\") permit(principal == ?principal, action, resource);\n"
      "permit(principal is Foo, action, resource) when { principal is Bar };";
  const Source source{"p.cedar", text};
  auto set = mcpgov::policy::PolicySet::from_cedar({&source, 1});
  REQUIRE(set.has_value());
  const auto schema = mcpgov::policy::Schema::from_cedar({"s", kSchema});
  REQUIRE(schema.has_value());
  const auto texts = [](const std::vector<Finding>& all) {
    std::string out;
    for (const Finding& each : all) out += each.text() + "\n";
    return out;
  };
  const auto before = mcpgov::policy::validate(*set, *schema);
  REQUIRE(before.has_value());
  CHECK(texts(*before) == texts(findings(text, kSchema)));
  CHECK(before->size() > 4);
  REQUIRE(set->link("t", "good", {mcpgov::policy::Uid{"U", "x"}, {}}));
  REQUIRE(set->link("t", "wrong", {mcpgov::policy::Uid{"R", "x"}, {}}));
  REQUIRE(set->link("t", "unknown", {mcpgov::policy::Uid{"Nobody", "x"}, {}}));
  const auto after = mcpgov::policy::validate(*set, *schema);
  REQUIRE(after.has_value());
  std::vector<Finding> links(after->begin() + static_cast<std::ptrdiff_t>(before->size()),
                             after->end());
  CHECK(kinds(links) ==
        "E InvalidActionApplication, E InvalidActionApplication, "
        "E UnrecognizedEntityType");
  for (const Finding& each : links) {
    CHECK((each.policy == "wrong" || each.policy == "unknown"));
    CHECK(each.line == 6);
  }
  ValidationOptions later;
  later.compat = Compat::v4_13;
  const auto warned = mcpgov::policy::validate(*set, *schema, later);
  REQUIRE(warned.has_value());
  CHECK(warned->back().policy == "unknown");
  mcpgov::policy::PolicySet json;
  REQUIRE(json.add("a", "permit(principal, action, resource) when { principal.zz };"));
  const auto again = mcpgov::policy::PolicySet::from_json({"p.json", *json.to_json()});
  REQUIRE(again.has_value());
  const auto placeless = mcpgov::policy::validate(*again, *schema);
  REQUIRE(placeless.has_value());
  REQUIRE(placeless->size() >= 1);
  CHECK((*placeless)[0].line == 0);
  CHECK((*placeless)[0].file == "p.json");
}

TEST_CASE("too many findings end with one that says so") {
  std::string policy = "permit(principal, action == Action::\"a\", resource) when { true";
  for (int i = 0; i < 1500; ++i) policy += " && principal.zz";
  const auto all = findings(policy + " };", kSchema);
  CHECK(all.size() == 1001);
  CHECK(std::ranges::count(all, FindingKind::too_many_findings, &Finding::kind) == 1);
}

TEST_CASE("too many environments end with a finding that says so") {
  std::string schema;
  std::string list;
  for (int i = 0; i < 400; ++i) {
    const std::string name = "T" + std::to_string(i);
    schema += "entity " + name + " {a: Long};\n";
    list += (i == 0 ? "" : ", ") + name;
  }
  schema += "action x appliesTo {principal: [" + list + "], resource: [" + list + "]};";
  std::string condition = "principal.a == resource.a";
  for (int i = 0; i < 200; ++i) condition += " || principal.a < resource.a";
  const auto all =
      findings("permit(principal, action, resource) when { " + condition + " };", schema);
  CHECK(kinds(all) == "E ValidationBudget");
  const auto few =
      findings("permit(principal, action, resource) when { principal.a == 1 };", schema);
  CHECK(few.empty());
}

TEST_CASE("long chains and deep nesting are no trouble") {
  std::string sum = "1";
  std::string path = "principal";
  for (int i = 0; i < 20000; ++i) sum += " + 1";
  for (int i = 0; i < 20000; ++i) path += ".p";
  constexpr const char* schema = "entity P {p: P}; action x appliesTo {principal: P, resource: P};";
  CHECK(findings("permit(principal, action, resource) when { " + sum + " == 1 && " + path +
                     " == resource };",
                 schema)
            .empty());
  std::string nested = "principal has p";
  for (int i = 0; i < 100; ++i) nested = "(true && (" + nested + "))";
  CHECK(findings("permit(principal, action, resource) when { " + nested + " };", schema).empty());
}

// Names of fields differ in order of declaration, types share parts: comparing them must not take
// exponential time.
TEST_CASE("types that double with each level are compared quickly") {
  std::string schema = "type T0 = {a: Long}; type S0 = {a: String};";
  for (int i = 1; i <= 60; ++i) {
    const std::string before = std::to_string(i - 1);
    for (const char* letter : {"T", "S"}) {
      schema += std::string("type ") + letter + std::to_string(i) + " = {l: " + letter + before +
                ", r: " + letter + before + "};\n";
    }
  }
  schema +=
      "entity U {t: T60, s: S60}; action x appliesTo {principal: U, resource: U, context: {b: "
      "Bool}};";
  const auto all =
      findings("permit(principal, action, resource) when { principal.t == principal.s };", schema);
  CHECK(kinds(all) == "E IncompatibleTypes");
  ValidationOptions permissive;
  permissive.permissive = true;
  CHECK(findings("permit(principal, action, resource) when { (if context.b then principal.t else "
                 "principal.s) has l };",
                 schema, permissive)
            .empty());
}

}  // namespace
