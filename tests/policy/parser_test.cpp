// What is a policy, what is not, and how a refusal says so.
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/parser.hpp"

#include <string>

#include <doctest/doctest.h>

namespace mcpgov::policy::cedar {
namespace {

struct Reading {
  std::size_t policies = 0;
  Error error{ErrorCode::none, {}, {}, 0, 0};
};

Reading read(std::string_view text, bool refuse_templates = true) {
  Symbols symbols;
  Arena arena;
  Parser parser("f.cedar", text, symbols, arena);
  Ast ast;
  ParsedPolicy policy;
  Reading out;
  while (parser.next(ast, policy)) {
    ++out.policies;
    CHECK(policy.is_template != refuse_templates);
  }
  if (parser.failed()) out.error = parser.error();
  return out;
}

std::string permit(std::string_view condition) {
  return "permit(principal, action, resource) when { " + std::string(condition) + " };";
}

struct Refusal {
  const char* text;
  ErrorCode code;
};

void check_conditions(std::span<const Refusal> refusals) {
  for (const Refusal& each : refusals) {
    CAPTURE(each.text);
    const Reading found = read(permit(each.text));
    CHECK(code_name(found.error.code) == code_name(each.code));
    CHECK(found.error.line >= 1);
    CHECK_FALSE(found.error.message.empty());
  }
}

void check_policies(std::span<const Refusal> refusals) {
  for (const Refusal& each : refusals) {
    CAPTURE(each.text);
    CHECK(code_name(read(each.text).error.code) == code_name(each.code));
  }
}

}  // namespace

TEST_CASE("parser: texts that are policies") {
  const char* policies[] = {
      "permit(principal, action, resource);",
      "forbid(principal, action, resource,);",
      "permit ( principal , action , resource ) when { true } unless { false } when { true };",
      "@id(\"a\") @note @if(\"x\") @__cedar permit(principal, action, resource);",
      "permit(principal == U::\"a\", action == Action::\"b\", resource == R::\"c\");",
      "permit(principal == (U::\"a\"), action in (Action::\"b\"), resource in ((R::\"c\")));",
      "permit(principal in G::\"g\", action in [Action::\"a\", (Action::\"b\"),], resource);",
      "permit(principal, action in [], resource);",
      "permit(principal, action in ([Action::\"a\"]), resource);",
      "permit(principal, action == N::M::Action::\"a\", resource);",
      "permit(principal is U, action, resource is N::R in R::\"c\");",
      "permit(principal == N :: // comment\n U\t::\n\"a\", action, resource);",
      "permit(principal is principal, action, resource is when);",
      "permit(principal == action::\"a\", action, resource == permit::\"a\");",
  };
  for (const char* text : policies) {
    CAPTURE(text);
    const Reading found = read(text);
    CHECK_MESSAGE(found.error.code == ErrorCode::none, found.error.text());
    CHECK(found.policies == 1);
  }
  CHECK(read("").policies == 0);
  CHECK(read(" // nothing").error.code == ErrorCode::none);
}

TEST_CASE("parser: expressions that are some") {
  const char* expressions[] = {
      "1",
      "-1",
      "--1",
      "----1",
      "!!!!true",
      "- 9223372036854775808 == 1",
      "--9223372036854775808 == 1",
      "9223372036854775807 == 1",
      "0001 == 1",
      "1.foo",
      "\"s\".foo",
      "-5.foo == 1",
      "(-5).foo",
      "context.principal.when.unless",
      "context[\"a b\"][\"\"]",
      "context has a.b.c",
      "context has \"a b\"",
      "context has principal",
      "principal is N::U in G::\"g\"",
      "principal is U in [G::\"g\"]",
      "\"a\" like \"*\\**\"",
      "[1, 2,].contains(1)",
      "[]",
      "[1,].containsAll([2,],)",
      "{}",
      "{a: 1, \"b c\": 2, principal: 3,}.a",
      "{\"__cedar\": 1}",
      "context[\"__cedar\"]",
      "context has \"__cedar\"",
      "if true then 1 else if false then 2 else 3",
      "(if true then false else true) && true",
      "true && (if true then false else true)",
      "1 + 2 * 3 - -4 < 5 * 6",
      "ip(\"a\", \"b\").isIpv4(1, 2)",
      "ip(\"a\",).isIpv4()",
      "ip()",
      "context.contains",
      "context::\"a\" == action::\"b\"",
      "true || false && true",
      "principal.hasTag(\"a\") && principal.getTag(\"a\") == 1",
      "[].isEmpty()",
      "a::b::c::\"d\" == 1",
      "\"\\u{1F600}\" == 1",
      "1 * 2 * 3",
      "(1 < 2) == (2 < 3)",
      "true\xc2\xa0&&\xe2\x80\xa8true",
  };
  for (const char* text : expressions) {
    CAPTURE(text);
    const Reading found = read(permit(text));
    CHECK_MESSAGE(found.error.code == ErrorCode::none, found.error.text());
  }
}

TEST_CASE("parser: texts that are no policies") {
  const Refusal refusals[] = {
      {"permit", ErrorCode::policy_syntax},
      {"permit(principal, action, resource)", ErrorCode::policy_syntax},
      {"permit(principal, action, resource);;", ErrorCode::policy_syntax},
      {"allow(principal, action, resource);", ErrorCode::policy_syntax},
      {"permit();", ErrorCode::policy_syntax},
      {"permit(principal, action);", ErrorCode::policy_syntax},
      {"permit(action, principal, resource);", ErrorCode::policy_syntax},
      {"permit(principal, action, resource, context);", ErrorCode::policy_syntax},
      {"permit(principal,, action, resource);", ErrorCode::policy_syntax},
      {"permit(principal, action, resource) when {};", ErrorCode::policy_syntax},
      {"permit(principal, action, resource) when true;", ErrorCode::policy_syntax},
      {"permit(principal, action, resource) if { true };", ErrorCode::policy_syntax},
      {"permit(principal, action, resource) when { true }", ErrorCode::policy_syntax},
      {"@a() permit(principal, action, resource);", ErrorCode::policy_syntax},
      {"@a(b) permit(principal, action, resource);", ErrorCode::policy_syntax},
      {"@\"a\" permit(principal, action, resource);", ErrorCode::policy_syntax},
      {"@a", ErrorCode::policy_syntax},
      {"@a @b @a permit(principal, action, resource);", ErrorCode::policy_duplicate_annotation},
      {"@a(\"\\q\") permit(principal, action, resource);", ErrorCode::policy_string_escape},
      {"/* no */ permit(principal, action, resource);", ErrorCode::policy_syntax},
      {"\xef\xbb\xbfpermit(principal, action, resource);", ErrorCode::policy_token},
      {"permit(principal, action, resource); # no", ErrorCode::policy_token},
      {"permit(principal, action, resource); \xff", ErrorCode::policy_token},
      {"permit(principal: U, action, resource);", ErrorCode::policy_scope},
      {"permit(principal < U::\"a\", action, resource);", ErrorCode::policy_scope},
      {"permit(principal == U, action, resource);", ErrorCode::policy_scope},
      {"permit(principal == \"a\", action, resource);", ErrorCode::policy_scope},
      {"permit(principal == [U::\"a\"], action, resource);", ErrorCode::policy_scope},
      {"permit(principal in [U::\"a\"], action, resource);", ErrorCode::policy_scope},
      {"permit(principal == principal, action, resource);", ErrorCode::policy_scope},
      {"permit(principal is U == U::\"a\", action, resource);", ErrorCode::policy_scope},
      {"permit(principal in G::\"g\" is U, action, resource);", ErrorCode::policy_scope},
      {"permit(principal is U is U, action, resource);", ErrorCode::policy_scope},
      {"permit(principal == U::\"a\" == U::\"a\", action, resource);", ErrorCode::policy_scope},
      {"permit(principal is \"U\", action, resource);", ErrorCode::policy_syntax},
      {"permit(principal is U::\"a\", action, resource);", ErrorCode::policy_syntax},
      {"permit(principal is (U), action, resource);", ErrorCode::policy_syntax},
      {"permit(principal is if, action, resource);", ErrorCode::policy_reserved_identifier},
      {"permit(principal is __cedar::U, action, resource);", ErrorCode::policy_reserved_identifier},
      {"permit(principal == in::\"a\", action, resource);", ErrorCode::policy_reserved_identifier},
      {"permit(principal, action is Action, resource);", ErrorCode::policy_scope},
      {"permit(principal, action == [Action::\"a\"], resource);", ErrorCode::policy_scope},
      {"permit(principal, action in [[Action::\"a\"]], resource);", ErrorCode::policy_scope},
      {"permit(principal, action in [,], resource);", ErrorCode::policy_scope},
      {"permit(principal, action in [Action::\"a\",,], resource);", ErrorCode::policy_scope},
      {"permit(principal, action == Foo::\"a\", resource);", ErrorCode::policy_action_type},
      {"permit(principal, action in [Action::\"a\", Actions::\"a\"], resource);",
       ErrorCode::policy_action_type},
      {"permit(principal, action in Action::N::\"a\", resource);", ErrorCode::policy_action_type},
      {"permit(principal == ?resource, action, resource);", ErrorCode::policy_slot},
      {"permit(principal, action, resource in ?principal);", ErrorCode::policy_slot},
      {"permit(principal == ?other, action, resource);", ErrorCode::policy_slot},
      {"permit(principal, action == ?action, resource);", ErrorCode::policy_slot},
      {"permit(principal, action in [?action], resource);", ErrorCode::policy_slot},
      {"permit(principal is ?principal, action, resource);", ErrorCode::policy_syntax},
  };
  check_policies(refusals);
}

TEST_CASE("parser: expressions that are none") {
  const Refusal refusals[] = {
      {"", ErrorCode::policy_syntax},
      {"true &&", ErrorCode::policy_syntax},
      {"&& true", ErrorCode::policy_syntax},
      {"true && if true then true else true", ErrorCode::policy_syntax},
      {"!if true then true else true", ErrorCode::policy_syntax},
      {"if true then true", ErrorCode::policy_syntax},
      {"if true else true", ErrorCode::policy_syntax},
      {"1 < 2 < 3", ErrorCode::policy_syntax},
      {"1 == 2 == 3", ErrorCode::policy_syntax},
      {"1 == 2 != 3", ErrorCode::policy_syntax},
      {"principal in G::\"g\" in G::\"h\"", ErrorCode::policy_syntax},
      {"principal is U is U", ErrorCode::policy_syntax},
      {"context has a == true", ErrorCode::policy_syntax},
      {"context has (a)", ErrorCode::policy_syntax},
      {"context has \"a\".b", ErrorCode::policy_syntax},
      {"context has a[\"b\"]", ErrorCode::policy_syntax},
      {"context has a.\"b\"", ErrorCode::policy_syntax},
      {"context has 1", ErrorCode::policy_syntax},
      {"context has if", ErrorCode::policy_reserved_identifier},
      {"context has a.__cedar", ErrorCode::policy_reserved_identifier},
      {"context like a", ErrorCode::policy_syntax},
      {"context like (\"a\")", ErrorCode::policy_syntax},
      {"context like \"a\" + \"b\"", ErrorCode::policy_syntax},
      {"principal is \"U\"", ErrorCode::policy_syntax},
      {"principal is (U)", ErrorCode::policy_syntax},
      {"principal is U::\"a\"", ErrorCode::policy_syntax},
      {"!-1", ErrorCode::policy_syntax},
      {"-!true", ErrorCode::policy_syntax},
      {"!!!!!true", ErrorCode::policy_syntax},
      {"-----1", ErrorCode::policy_syntax},
      {"+1", ErrorCode::policy_syntax},
      {"1 / 2", ErrorCode::policy_syntax},
      {"1 % 2", ErrorCode::policy_syntax},
      {"1 = 2", ErrorCode::policy_syntax},
      {"9223372036854775808 == 1", ErrorCode::policy_integer_range},
      {"-(9223372036854775808) == 1", ErrorCode::policy_integer_range},
      {"-9223372036854775809 == 1", ErrorCode::policy_integer_range},
      {"-9223372036854775808.foo == 1", ErrorCode::policy_integer_range},
      {"-9223372036854775808[\"foo\"] == 1", ErrorCode::policy_integer_range},
      {"1 - 9223372036854775808 == 1", ErrorCode::policy_integer_range},
      {"18446744073709551616 == 1", ErrorCode::policy_integer_range},
      {"-18446744073709551616 == 1", ErrorCode::policy_integer_range},
      {"[,]", ErrorCode::policy_syntax},
      {"[,1]", ErrorCode::policy_syntax},
      {"[1,,2]", ErrorCode::policy_syntax},
      {"[1", ErrorCode::policy_syntax},
      {"{,}", ErrorCode::policy_syntax},
      {"{a}", ErrorCode::policy_syntax},
      {"{a: 1, b}", ErrorCode::policy_syntax},
      {"{1: 1}", ErrorCode::policy_syntax},
      {"{a.b: 1}", ErrorCode::policy_syntax},
      {"{(\"a\"): 1}", ErrorCode::policy_syntax},
      {"{if: 1}", ErrorCode::policy_reserved_identifier},
      {"{__cedar: 1}", ErrorCode::policy_reserved_identifier},
      {"{a: 1, a: 2}", ErrorCode::policy_duplicate_key},
      {"{a: 1, b: 3, \"a\": 1}", ErrorCode::policy_duplicate_key},
      {"{\"a\": 1, \"\\u{61}\": 1}", ErrorCode::policy_duplicate_key},
      {"context[(\"a\")]", ErrorCode::policy_syntax},
      {"context[a]", ErrorCode::policy_syntax},
      {"context[1]", ErrorCode::policy_syntax},
      {"context[]", ErrorCode::policy_syntax},
      {"context.\"a\"", ErrorCode::policy_syntax},
      {"context.", ErrorCode::policy_syntax},
      {"context.if", ErrorCode::policy_reserved_identifier},
      {"context.__cedar", ErrorCode::policy_reserved_identifier},
      {"__cedar::U::\"a\" == 1", ErrorCode::policy_reserved_identifier},
      {"if::\"a\" == 1", ErrorCode::policy_syntax},
      {"A::in::\"a\" == 1", ErrorCode::policy_reserved_identifier},
      {"user == 1", ErrorCode::policy_syntax},
      {"A::B == 1", ErrorCode::policy_syntax},
      {"permit", ErrorCode::policy_syntax},
      {"U::{a: 1}", ErrorCode::policy_syntax},
      {"unknown(\"x\")", ErrorCode::policy_unknown_function},
      {"isIpv4(ip(\"1.2.3.4\"))", ErrorCode::policy_unknown_function},
      {"contains([1], 1)", ErrorCode::policy_unknown_function},
      {"A::ip(\"1.2.3.4\")", ErrorCode::policy_unknown_function},
      {"principal(1)", ErrorCode::policy_unknown_function},
      {"\"1.2.3.4\".ip()", ErrorCode::policy_unknown_function},
      {"context.size()", ErrorCode::policy_unknown_function},
      {"(ip)(\"1.2.3.4\")", ErrorCode::policy_syntax},
      {"context.a()()", ErrorCode::policy_unknown_function},
      {"[1].contains()", ErrorCode::policy_wrong_arity},
      {"[1].contains(1, 2)", ErrorCode::policy_wrong_arity},
      {"[1].containsAll()", ErrorCode::policy_wrong_arity},
      {"[1].containsAny([], [])", ErrorCode::policy_wrong_arity},
      {"[1].isEmpty(1)", ErrorCode::policy_wrong_arity},
      {"principal.hasTag()", ErrorCode::policy_wrong_arity},
      {"principal.getTag(\"a\", \"b\")", ErrorCode::policy_wrong_arity},
      {"principal == ?principal", ErrorCode::policy_slot},
      {"?foo", ErrorCode::policy_slot},
      {"\"\\q\" == 1", ErrorCode::policy_string_escape},
      {"\"\\*\" == 1", ErrorCode::policy_string_escape},
      {"\"a\rb\" == 1", ErrorCode::policy_string_escape},
      {"\"a\" like \"\\q\"", ErrorCode::policy_string_escape},
      {"context[\"\\q\"]", ErrorCode::policy_string_escape},
      {"U::\"\\q\" == 1", ErrorCode::policy_string_escape},
      {"\"a", ErrorCode::policy_token},
      {"1 & 2", ErrorCode::policy_token},
      {"1 | 2", ErrorCode::policy_token},
      {"a /* b */", ErrorCode::policy_syntax},
      {"'a' == 1", ErrorCode::policy_token},
  };
  check_conditions(refusals);
}

TEST_CASE("parser: refusals point at the place") {
  const Reading found =
      read("permit(principal, action, resource);\n  permit(principal, action,\n   where);");
  CHECK(found.policies == 1);
  CHECK(found.error.text() == "f.cedar:3:4: unexpected `where`, wanted `resource` [policy_syntax]");
  const Reading key = read(permit("\n {a: 1} == {\"\\q\": 2}"));
  CHECK(key.error.line == 2);
  CHECK(key.error.column == 14);
}

TEST_CASE("parser: templates are read and marked") {
  for (const char* text :
       {"permit(principal == ?principal, action, resource);",
        "permit(principal in (?principal), action, resource == ?resource);",
        "permit(principal is U in ?principal, action, resource is R in ?resource);"}) {
    CAPTURE(text);
    const Reading found = read(text, false);
    CHECK(found.error.code == ErrorCode::none);
    CHECK(found.policies == 1);
  }
}

TEST_CASE("parser: nesting has a limit, and the stack never ends before it") {
  const auto wrap = [](const char* open, const char* close, int depth) {
    std::string out;
    for (int i = 0; i < depth; ++i) out += open;
    out += "1";
    for (int i = 0; i < depth; ++i) out += close;
    return out;
  };
  struct Case {
    const char* open;
    const char* close;
  };
  const Case cases[] = {{"(", ")"},
                        {"[", "]"},
                        {"{a: ", "}"},
                        {"ip(", ")"},
                        {"!(", ")"},
                        {"if ", " then 1 else 1"},
                        {"[1].contains(", ")"}};
  for (const Case& c : cases) {
    CAPTURE(c.open);
    // The operand and the condition itself count as a level each.
    CHECK(read(permit(wrap(c.open, c.close, kMaxExpressionDepth - 1))).error.code ==
          ErrorCode::none);
    CHECK(read(permit(wrap(c.open, c.close, kMaxExpressionDepth))).error.code ==
          ErrorCode::policy_too_deep);
    CHECK(read(permit(wrap(c.open, c.close, 100000))).error.code == ErrorCode::policy_too_deep);
  }
  std::string chain = "context";
  for (int i = 0; i < kMaxTreeHeight - 1; ++i) chain += ".contains(1)";
  CHECK(read(permit(chain)).error.code == ErrorCode::none);
  CHECK(read(permit(chain + ".contains(1)")).error.code == ErrorCode::policy_too_deep);
  const std::string scope = wrap("(", ")", 100000);
  CHECK(read("permit(principal == " + scope + ", action, resource);").error.code ==
        ErrorCode::policy_too_deep);
  CHECK(read("permit(principal, action in " + scope + ", resource);").error.code ==
        ErrorCode::policy_too_deep);
}

TEST_CASE("parser: a name is one name however its parts are spaced") {
  const std::string text =
      "permit(principal == N::M::U::\"a\", action, resource);"
      "permit(principal == N :: M // U::\n ::U:: \"a\", action, resource);"
      "permit(principal == N::M ::U::\"a\", action, resource is N\t::M::U);";
  Symbols symbols;
  Arena arena;
  Parser parser("", text, symbols, arena);
  Ast ast;
  ParsedPolicy policy;
  REQUIRE(parser.next(ast, policy));
  const EntityId first = policy.principal.entity;
  CHECK(symbols.text(symbols.type(first)) == "N::M::U");
  REQUIRE(parser.next(ast, policy));
  CHECK(policy.principal.entity == first);
  REQUIRE(parser.next(ast, policy));
  CHECK(policy.principal.entity == first);
  CHECK(policy.resource.type == symbols.type(first));
}

TEST_CASE("parser: a pattern is cut alike with escapes and without") {
  struct Case {
    const char* plain;
    const char* escaped;
    std::vector<std::string_view> pieces;
  };
  const Case cases[] = {
      {"\"\"", "", {""}},
      {"\"*\"", "\"\\u{2a}\"", {"", ""}},
      {"\"a*b\"", "\"\\x61*b\"", {"a", "b"}},
      {"\"**ab\"", "\"**\\u{61}b\"", {"", "", "ab"}},
      {"\"ab*\"", "\"\\x61b*\"", {"ab", ""}},
      {"\"ab\"", "\"a\\x62\"", {"ab"}},
  };
  for (const Case& each : cases) {
    for (const std::string pattern : {each.plain, each.escaped}) {
      if (pattern.empty()) continue;
      CAPTURE(pattern);
      const std::string text = "context like " + pattern;
      Symbols symbols;
      Arena arena;
      Parser parser("", text, symbols, arena);
      Ast ast;
      NodeId node = 0;
      REQUIRE(parser.expression(ast, node));
      REQUIRE(ast.patterns.size() == 1);
      const Pattern found = ast.patterns[0];
      CHECK(std::vector<std::string_view>(found.begin(), found.end()) == each.pieces);
    }
  }
}

TEST_CASE("parser: what one policy has does not show in the next") {
  const std::string text =
      "@id(\"a\") permit(principal == U::\"a\", action == Action::\"b\", resource is R) when { "
      "true };"
      "forbid(principal, action, resource);";
  Symbols symbols;
  Arena arena;
  Parser parser("", text, symbols, arena);
  Ast ast;
  ParsedPolicy policy;
  REQUIRE(parser.next(ast, policy));
  REQUIRE(parser.next(ast, policy));
  CHECK(policy.forbid);
  CHECK(policy.annotations.empty());
  CHECK(policy.actions.empty());
  CHECK(policy.conditions.empty());
  CHECK(policy.principal.kind == ScopeKind::any);
  CHECK(policy.resource.kind == ScopeKind::any);
  CHECK(policy.action == ActionScope::any);
}

TEST_CASE("parser: a text has a limit of bytes") {
  std::string text(kMaxPolicyBytes, ' ');
  CHECK(read(text).error.code == ErrorCode::none);
  text += ' ';
  CHECK(read(text).error.code == ErrorCode::policy_too_large);
}

TEST_CASE("parser: a node knows where it begins, and how its comparison was written") {
  struct Row {
    const char* text;
    std::uint32_t offset;
    Spelling spelling;
  };
  const Row rows[] = {
      {" context.a != 1", 1, Spelling::not_equal},
      {" ((context.a).b)", 2, Spelling::plain},
      {" (context).a.contains(1)", 1, Spelling::plain},
      {"  (context.a) >= 1", 3, Spelling::greater_equal},
      {" 1 + 2 > 3", 1, Spelling::greater},
      {" !(1 == 2)", 1, Spelling::plain},
      {"  if true then [1, 2] else [[3]]", 2, Spelling::plain},
      {"   [[1], [2, 3]]", 3, Spelling::plain},
      {" { a: { b: 1 } }", 1, Spelling::plain},
      {"  ip(\"::1\").isLoopback()", 2, Spelling::plain},
      {"  - - 5", 2, Spelling::plain},
      {" -5", 1, Spelling::plain},
      {" true && false", 1, Spelling::plain},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.text));
    Symbols symbols;
    Arena arena;
    Ast ast;
    NodeId root = 0;
    Parser parser("", row.text, symbols, arena);
    REQUIRE(parser.expression(ast, root));
    CHECK(ast.nodes[root].offset == row.offset);
    CHECK(ast.nodes[root].spelling == row.spelling);
  }
}

TEST_CASE("parser: a long path written with spaces takes room once, not for each of its parts") {
  std::string path = "A";
  for (int part = 0; part < 20'000; ++part) path += " ::B";
  Symbols symbols;
  Arena arena;
  Ast ast;
  ParsedPolicy policy;
  const std::string text = "permit(principal is " + path + ", action, resource);";
  Parser parser("", text, symbols, arena);
  REQUIRE(parser.next(ast, policy));
  CHECK(symbols.text(policy.principal.type).size() == 1 + 3 * 20'000);
  CHECK(arena.held() < 1024 * 1024);
}

}  // namespace mcpgov::policy::cedar
