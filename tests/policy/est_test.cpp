// JSON policies: what is read, what is refused and where, and how both forms are written.
// The verdicts and texts are those of the official engine 4.12, asked case by case.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "mcpgov/cedar.hpp"
#include "mcpgov/policy.hpp"

using namespace mcpgov;
using namespace mcpgov::policy;

namespace {

// With an expression as its only condition.
std::string policy_of(std::string_view body) {
  return R"({"effect":"permit","principal":{"op":"All"},"action":{"op":"All"},)"
         R"("resource":{"op":"All"},"conditions":[{"kind":"when","body":)" +
         std::string(body) + "}]}";
}

// With other parts than `All`.
std::string scoped(std::string_view principal, std::string_view action, std::string_view resource) {
  return R"({"effect":"permit","principal":)" + std::string(principal) + R"(,"action":)" +
         std::string(action) + R"(,"resource":)" + std::string(resource) + R"(,"conditions":[]})";
}

constexpr std::string_view kAll = R"({"op":"All"})";

std::string printed(std::string_view json) {
  PolicySet set;
  const Result<void> added = set.add_json("p", json);
  if (!added) return added.error().text();
  return *set.text("p");
}

std::string condition(std::string_view body) {
  const std::string text = printed(policy_of(body));
  constexpr std::string_view kBefore = "permit(principal, action, resource) when { ";
  if (!text.starts_with(kBefore)) return text;
  return text.substr(kBefore.size(), text.size() - kBefore.size() - 3);
}

// The code, or none when it is accepted.
ErrorCode refusal(std::string_view json) {
  PolicySet set;
  const Result<void> added = set.add_json("p", json);
  return added ? ErrorCode::none : added.error().code;
}

ErrorCode template_refusal(std::string_view json) {
  PolicySet set;
  const Result<void> added = set.add_template_json("p", json);
  return added ? ErrorCode::none : added.error().code;
}

// An expression in text, as JSON.
std::string json_of(std::string_view expression) {
  PolicySet set;
  const Result<void> added =
      set.add("p", "permit(principal, action, resource) when { " + std::string(expression) + " };");
  if (!added) return added.error().text();
  const std::string json = *set.json("p");
  const std::string before = policy_of("");
  return json.substr(before.size() - 3, json.size() - before.size());
}

}  // namespace

TEST_CASE("est: expressions are printed as the reference engine prints them") {
  struct Case {
    std::string_view json;
    std::string_view text;
  };
  const Case cases[] = {
      {R"({"Value":true})", "true"},
      {R"({"Value":-5})", "(-5)"},
      {R"({"Value":9223372036854775807})", "9223372036854775807"},
      {R"({"Value":-9223372036854775808})", "(-9223372036854775808)"},
      {R"({"Value":"a'\"b"})", R"("a\'\"b")"},
      {R"({"Value":[1,"a",-1,[true]]})", R"([1, "a", (-1), [true]])"},
      {R"({"Value":{"b":1,"a":{"c":2}}})", R"({"a": {"c": 2}, "b": 1})"},
      {R"({"Value":{"__entity":{"type":"N::U","id":"a"}}})", R"(N::U::"a")"},
      {R"({"Value":{"__entity":{"type":"U","id":"a","x":1}}})", R"(U::"a")"},
      {R"({"Value":{"__entity":{"type":"U","id":"a"},"x":1}})",
       R"({"__entity": {"id": "a", "type": "U"}, "x": 1})"},
      {R"({"Value":{"__entity":{"type":"U"}}})", R"({"__entity": {"type": "U"}})"},
      {R"({"Value":{"__extn":{"fn":"ip","arg":"1.2.3.4"}}})", R"(ip("1.2.3.4"))"},
      {R"({"Value":{"__extn":{"fn":"ip","args":["1.2.3.4","x"],"arg":"1"}}})", R"(ip("1"))"},
      {R"({"Value":{"__extn":{"fn":"isIpv4","arg":{"__extn":{"fn":"ip","arg":"1"}}}}})",
       R"(ip("1").isIpv4())"},
      {R"({"Value":{"__extn":{"fn":"lessThan","args":[1,2]}}})", "1.lessThan(2)"},
      {R"({"Value":{"__extn":{"fn":"ip","args":[]}}})", "ip()"},
      {R"({"Value":{"__extn":{"arg":1,"x":2}}})", R"({"__extn": {"arg": 1, "x": 2}})"},
      {R"({"Value":{"__expr":"x","y":1}})", R"({"__expr": "x", "y": 1})"},
      {R"({"Var":"context"})", "context"},
      {R"({"neg":{"arg":{"Value":1}}})", "-(1)"},
      {R"({"neg":{"arg":{"neg":{"arg":{"Value":-1}}}}})", "-(-((-1)))"},
      {R"({"!":{"arg":{"!":{"arg":{"Value":true}}}}})", "!(!true)"},
      {R"({"!":{"arg":{"Value":-1}}})", "!(-1)"},
      {R"({"&&":{"left":{"&&":{"left":{"Value":true},"right":{"Value":false}}},)"
       R"("right":{"Value":true}}})",
       "(true && false) && true"},
      {R"({"&&":{"left":{"Value":true},"right":{"&&":{"left":{"Value":false},)"
       R"("right":{"Value":true}}}}})",
       "true && (false && true)"},
      {R"({">":{"left":{"Value":1},"right":{">=":{"left":{"Value":1},"right":{"Value":2}}}}})",
       "1 > (1 >= 2)"},
      {R"({"!=":{"left":{"Value":1},"right":{"!":{"arg":{"==":{"left":{"Value":1},)"
       R"("right":{"Value":2}}}}}}})",
       "1 != (!(1 == 2))"},
      {R"({"-":{"left":{"+":{"left":{"Value":1},"right":{"Value":2}}},)"
       R"("right":{"*":{"left":{"Value":3},"right":{"Value":4}}}}})",
       "(1 + 2) - (3 * 4)"},
      {R"({".":{"left":{".":{"left":{"Var":"context"},"attr":"a"}},"attr":"b c"}})",
       R"((context.a)["b c"])"},
      {R"({".":{"left":{"Var":"context"},"attr":"if"}})", R"(context["if"])"},
      {R"({".":{"left":{"Var":"context"},"attr":""}})", R"(context[""])"},
      {R"({".":{"left":{"Value":-1},"attr":"a"}})", "(-1).a"},
      {R"({"has":{"left":{"Var":"context"},"attr":"a b"}})", R"(context has "a b")"},
      {R"({"has":{"left":{"Var":"context"},"attr":"__cedar"}})", R"(context has "__cedar")"},
      {R"({"has":{"left":{"Var":"context"},"attr":"a","x":1}})", "context has a"},
      {R"({"has":{"left":{"Var":"context"},"attr":["a"]}})", "context has a"},
      {R"({"has":{"left":{"Var":"context"},"attr":["a","b"]}})", "context has a.b"},
      {R"({"like":{"left":{"Value":"a"},"pattern":[{"Literal":"a*b"},"Wildcard",)"
       R"({"Literal":""},"Wildcard"]}})",
       R"("a" like "a\*b**")"},
      {R"({"like":{"left":{"Value":"a"},"pattern":[]}})", R"("a" like "")"},
      {R"({"is":{"left":{"Var":"principal"},"entity_type":"U","in":null}})", "principal is U"},
      {R"({"is":{"left":{"Var":"principal"},"entity_type":"U","in":{"Set":[]}}})",
       "principal is U in []"},
      {R"({"if-then-else":{"if":{"Value":true},"then":{"!":{"arg":{"Value":true}}},)"
       R"("else":{"Value":2}}})",
       "if true then (!true) else 2"},
      {R"({"Set":[{"Value":1},{"+":{"left":{"Value":1},"right":{"Value":2}}}]})", "[1, 1 + 2]"},
      {R"({"Record":{"b":{"Value":1},"a":{"Value":2},"if":{"Value":4},"x y":{"Value":3}}})",
       R"({a: 2, b: 1, "if": 4, "x y": 3})"},
      {R"({"Record":{"__extn":{"Value":{"fn":"ip","arg":"x"}}}})",
       R"({__extn: {"arg": "x", "fn": "ip"}})"},
      {R"({"contains":{"left":{"Set":[{"Value":-1}]},"right":{"+":{"left":{"Value":1},)"
       R"("right":{"Value":2}}}}})",
       "[(-1)].contains(1 + 2)"},
      {R"({"isEmpty":{"arg":{"Set":[]}}})", "[].isEmpty()"},
      {R"({"hasTag":{"left":{"Var":"principal"},"right":{"Value":"a"}}})",
       R"(principal.hasTag("a"))"},
      {R"({"ip":[{"Value":"1.2.3.4"}]})", R"(ip("1.2.3.4"))"},
      {R"({"ip":[]})", "ip()"},
      {R"({"isIpv4":[]})", "isIpv4()"},
      {R"({"isIpv4":[{"ip":[{"Value":"1.1.1.1"}]}]})", R"((ip("1.1.1.1")).isIpv4())"},
      {R"({"isInRange":[{"Var":"context"},{"Value":1},{"Value":2}]})", "context.isInRange(1, 2)"},
      {R"({"==":{"left":{"Value":{"__extn":{"fn":"ip","arg":"1"}}},)"
       R"("right":{"ip":[{"Value":"1"}]}}})",
       R"(ip("1") == (ip("1")))"},
      // Where the reference engine prints what nobody can read, ours says the same in other words.
      {R"({"has":{"left":{"Var":"context"},"attr":["a","b c"]}})",
       R"((context has a) && ((context.a) has "b c"))"},
      {R"({"has":{"left":{"Var":"context"},"attr":["if","b","c"]}})",
       R"(((context has "if") && ((context["if"]) has b)) && (((context["if"]).b) has c))"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.json);
    CHECK(condition(c.json) == c.text);
  }
}

TEST_CASE("est: scopes and annotations are printed as the reference engine prints them") {
  struct Case {
    std::string json;
    std::string_view text;
  };
  const std::string entity = R"({"op":"==","entity":{"type":"U","id":"a"}})";
  const Case cases[] = {
      {scoped(R"({"op":"all","x":1})", kAll, kAll), "permit(principal, action, resource);"},
      {scoped(entity, kAll, kAll), R"(permit(principal == U::"a", action, resource);)"},
      {scoped(R"({"op":"in","entity":{"__entity":{"type":"U","id":"a"}},"x":1})", kAll, kAll),
       R"(permit(principal in U::"a", action, resource);)"},
      {scoped(kAll, R"({"op":"in","entity":{"type":"N::Action","id":"a"}})", kAll),
       R"(permit(principal, action in N::Action::"a", resource);)"},
      {scoped(kAll, R"({"op":"in","entities":[]})", kAll),
       "permit(principal, action in [], resource);"},
      {scoped(kAll, R"({"op":"in","entities":[{"type":"Action","id":"a"}]})", kAll),
       R"(permit(principal, action in [Action::"a"], resource);)"},
      {scoped(kAll, kAll, R"({"op":"is","entity_type":"N::R","in":null})"),
       "permit(principal, action, resource is N::R);"},
      {scoped(kAll, kAll, R"({"op":"is","entity_type":"R","in":{"entity":{"type":"G","id":"1"}}})"),
       R"(permit(principal, action, resource is R in G::"1");)"},
      {R"({"effect":"forbid","principal":{"op":"All"},"action":{"op":"All"},)"
       R"("resource":{"op":"All"},"conditions":[{"kind":"when","body":{"Value":true}},)"
       R"({"kind":"unless","body":{"Value":1}}],)"
       R"("annotations":{"a":null,"Z":"x'\n","b":"","if":"1"}})",
       "@Z(\"x\\'\\n\")\n@a\n@b(\"\")\n@if(\"1\")\n"
       "forbid(principal, action, resource) when { true } unless { 1 };"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.json);
    CHECK(printed(c.json) == c.text);
  }
}

TEST_CASE("est: text becomes the JSON of the reference engine") {
  struct Case {
    std::string_view text;
    std::string_view json;
  };
  const Case cases[] = {
      {"-1", R"({"Value":-1})"},
      {"- - 5", R"({"neg":{"arg":{"Value":-5}}})"},
      {"-(1)", R"({"neg":{"arg":{"Value":1}}})"},
      {"-1.a", R"({"neg":{"arg":{".":{"left":{"Value":1},"attr":"a"}}}})"},
      {"1 > 2", R"({">":{"left":{"Value":1},"right":{"Value":2}}})"},
      {"1 >= 2", R"({">=":{"left":{"Value":1},"right":{"Value":2}}})"},
      {"1 != 2", R"({"!=":{"left":{"Value":1},"right":{"Value":2}}})"},
      {"!(1 == 2)", R"({"!":{"arg":{"==":{"left":{"Value":1},"right":{"Value":2}}}}})"},
      {"true || false || true",
       R"({"||":{"left":{"||":{"left":{"Value":true},"right":{"Value":false}}},)"
       R"("right":{"Value":true}}})"},
      {"context has a.b",
       R"({"&&":{"left":{"has":{"left":{"Var":"context"},"attr":"a"}},)"
       R"("right":{"has":{"left":{".":{"left":{"Var":"context"},"attr":"a"}},"attr":"b"}}}})"},
      {R"("a" like "é*\**")",
       R"({"like":{"left":{"Value":"a"},"pattern":[{"Literal":"é"},"Wildcard",)"
       R"({"Literal":"*"},"Wildcard"]}})"},
      {R"("a" like "")", R"({"like":{"left":{"Value":"a"},"pattern":[]}})"},
      {R"({b: 1, "a": [2]})", R"({"Record":{"a":{"Set":[{"Value":2}]},"b":{"Value":1}}})"},
      {R"(principal is N :: U in G::"a")",
       R"({"is":{"left":{"Var":"principal"},"entity_type":"N::U",)"
       R"("in":{"Value":{"__entity":{"type":"G","id":"a"}}}}})"},
      {R"(ip("a").isInRange(ip("b"), 1))",
       R"({"isInRange":[{"ip":[{"Value":"a"}]},{"ip":[{"Value":"b"}]},{"Value":1}]})"},
      {"if 1 then 2 else 3",
       R"({"if-then-else":{"if":{"Value":1},"then":{"Value":2},"else":{"Value":3}}})"},
      {R"(context.getTag("a").isEmpty())",
       R"({"isEmpty":{"arg":{"getTag":{"left":{"Var":"context"},"right":{"Value":"a"}}}}})"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(json_of(c.text) == c.json);
  }
  PolicySet set;
  REQUIRE(set.add("p",
                  "@b @a(\"x\") forbid(principal is U in G::\"g\", action in [Action::\"a\"], "
                  "resource);"));
  CHECK(*set.json("p") ==
        R"({"effect":"forbid","principal":{"op":"is","entity_type":"U","in":{"entity":{"type":"G",)"
        R"("id":"g"}}},"action":{"op":"in","entity":{"type":"Action","id":"a"}},)"
        R"("resource":{"op":"All"},"conditions":[],"annotations":{"a":"x","b":null}})");
}

TEST_CASE("est: what a JSON policy keeps from JSON") {
  for (const std::string_view body :
       {R"({"Value":[1,{"a":{"__extn":{"fn":"ip","arg":"1"}},"b":{"__entity":{"type":"U",)"
        R"("id":""}}}]})",
        R"({"Value":{"__extn":{"fn":"offset","args":[1,-2]}}})",
        R"({"has":{"left":{"Var":"context"},"attr":["a","b"]}})", R"({"isIpv4":[]})"}) {
    CAPTURE(body);
    PolicySet set;
    REQUIRE(set.add_json("p", policy_of(body)));
    CHECK(*set.json("p") == policy_of(body));
  }
}

TEST_CASE("est: an escape says which entity; what else is in it says nothing") {
  PolicySet set;
  REQUIRE(set.add_json(
      "p", policy_of(R"({"==":{"left":{"Var":"principal"},"right":{"Value":{"__entity":)"
                     R"({"type":"A","id":"b","__entity":{"type":"X","id":"y"}}}}}})")));
  const std::string text = *set.text("p");
  CHECK(text.find(R"(A::"b")") != std::string::npos);
  CHECK(text.find('X') == std::string::npos);
}

TEST_CASE("est: malformed expressions are refused") {
  struct Case {
    std::string_view name;
    std::string_view json;
    ErrorCode code;
  };
  const ErrorCode shape = ErrorCode::policy_json_shape;
  const ErrorCode op = ErrorCode::policy_json_operator;
  const ErrorCode value = ErrorCode::policy_json_value;
  const Case cases[] = {
      {"an empty object", "{}", op},
      {"two operators", R"({"Value":1,"Var":"principal"})", op},
      {"an unknown operator", R"({"foo":[]})", op},
      {"a function with a path", R"({"foo::bar":[]})", op},
      {"a function of the experimental engine", R"({"unknown":[{"Value":"x"}]})", op},
      {"a string", R"("x")", op},
      {"a list", "[]", op},
      {"null", "null", op},
      {"no list of arguments", R"({"ip":{"Value":"1"}})", shape},
      {"an argument that is no expression", R"({"ip":["1"]})", op},
      {"an unknown variable", R"({"Var":"ctx"})", op},
      {"a variable that is no string", R"({"Var":null})", shape},
      {"a slot in a condition", R"({"Slot":"?principal"})", ErrorCode::policy_slot},
      {"a member too many", R"({"!":{"arg":{"Value":true},"x":1}})", shape},
      {"no argument", R"({"!":{}})", shape},
      {"the member of another operator", R"({"isEmpty":{"left":{"Set":[]}}})", shape},
      {"no right side", R"({"==":{"left":{"Value":1}}})", shape},
      {"no left side in a chain", R"({"&&":{"right":{"Value":1}}})", shape},
      {"a chain with a third member", R"({"||":{"left":{"Value":1},"right":{"Value":1},"x":1}})",
       shape},
      {"operands as a list", R"({"==":[{"Value":1},{"Value":2}]})", shape},
      {"arithmetic without a right side", R"({"+":{"left":{"Value":1}}})", shape},
      {"an attribute that is null", R"({".":{"left":{"Var":"context"},"attr":null}})", shape},
      {"an attribute with a third member", R"({".":{"left":{"Var":"context"},"attr":"a","x":1}})",
       shape},
      {"has: no attribute", R"({"has":{"left":{"Var":"context"}}})", shape},
      {"has: an empty path", R"({"has":{"left":{"Var":"context"},"attr":[]}})", shape},
      {"has: a number", R"({"has":{"left":{"Var":"context"},"attr":1}})", shape},
      {"has: a number in the path", R"({"has":{"left":{"Var":"context"},"attr":["a",1]}})", shape},
      {"like: a string", R"({"like":{"left":{"Value":"a"},"pattern":"a*"}})", shape},
      {"like: an unknown piece", R"({"like":{"left":{"Value":"a"},"pattern":["x"]}})", shape},
      {"like: two members", R"({"like":{"left":{"Value":"a"},"pattern":[{"Literal":"a","x":1}]}})",
       shape},
      {"like: a number", R"({"like":{"left":{"Value":"a"},"pattern":[{"Literal":1}]}})", shape},
      {"is: an entity", R"({"is":{"left":{"Var":"principal"},"entity_type":"U::\"a\""}})",
       ErrorCode::policy_json_name},
      {"is: a reserved word", R"({"is":{"left":{"Var":"principal"},"entity_type":"in"}})",
       ErrorCode::policy_json_name},
      {"is: a member too many", R"({"is":{"left":{"Var":"principal"},"entity_type":"U","x":1}})",
       shape},
      {"if: no else", R"({"if-then-else":{"if":{"Value":true},"then":{"Value":1}}})", shape},
      {"a set that is an object", R"({"Set":{}})", shape},
      {"a set with null", R"({"Set":[null]})", op},
      {"a record that is a list", R"({"Record":[]})", shape},
      {"a record with null", R"({"Record":{"a":null}})", op},
      {"a record with a key twice", R"({"Record":{"a":{"Value":1},"a":{"Value":2}}})",
       ErrorCode::policy_json},
      {"an operator twice", R"({"!":{"arg":{"Value":true},"arg":{"Value":true}}})",
       ErrorCode::policy_json},
      {"value: null", R"({"Value":null})", value},
      {"value: null inside", R"({"Value":[null]})", value},
      {"value: a fraction", R"({"Value":1.5})", value},
      {"value: an integer with a point", R"({"Value":1.0})", value},
      {"value: an exponent", R"({"Value":1e3})", value},
      {"value: beyond 64 bits", R"({"Value":9223372036854775808})", value},
      {"value: a key twice", R"({"Value":{"a":1,"a":1}})", ErrorCode::policy_json},
      {"value: the old escape", R"({"Value":{"__expr":"x"}})", value},
      {"value: an entity type with a space", R"({"Value":{"__entity":{"type":"U ","id":"a"}}})",
       ErrorCode::policy_json_name},
      {"value: an unknown function", R"({"Value":{"__extn":{"fn":"foo","arg":"1"}}})",
       ErrorCode::policy_unknown_function},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(refusal(policy_of(c.json)) == c.code);
  }
}

TEST_CASE("est: malformed policies are refused") {
  struct Case {
    std::string_view name;
    std::string json;
    ErrorCode code;
  };
  const ErrorCode shape = ErrorCode::policy_json_shape;
  const ErrorCode op = ErrorCode::policy_json_operator;
  const auto with = [](std::string_view members) {
    return R"({"effect":"permit","principal":{"op":"All"},"action":{"op":"All"},)"
           R"("resource":{"op":"All"})" +
           std::string(members) + "}";
  };
  const auto principal = [](std::string_view scope) { return scoped(scope, kAll, kAll); };
  const auto action = [](std::string_view scope) { return scoped(kAll, scope, kAll); };
  const Case cases[] = {
      {"no JSON", "permit", ErrorCode::policy_json},
      {"nothing", "", ErrorCode::policy_json},
      {"more than one value", with(R"(,"conditions":[])") + "{}", ErrorCode::policy_json},
      {"a list", "[]", shape},
      {"null", "null", shape},
      {"no conditions", with(""), shape},
      {"an unknown member", with(R"(,"conditions":[],"x":1)"), shape},
      {"a member twice", with(R"(,"conditions":[],"conditions":[])"), ErrorCode::policy_json},
      {"conditions that are an object", with(R"(,"conditions":{})"), shape},
      {"a condition that is null", with(R"(,"conditions":[null])"), shape},
      {"a condition without kind", with(R"(,"conditions":[{"body":{"Value":true}}])"), shape},
      {"a condition without body", with(R"(,"conditions":[{"kind":"when"}])"), shape},
      {"a condition of another kind",
       with(R"(,"conditions":[{"kind":"When","body":{"Value":true}}])"), op},
      {"a condition with a third member",
       with(R"(,"conditions":[{"kind":"when","body":{"Value":true},"x":1}])"), shape},
      {"annotations that are null", with(R"(,"conditions":[],"annotations":null)"), shape},
      {"an annotation that is a number", with(R"(,"conditions":[],"annotations":{"a":1})"), shape},
      {"an annotation with a space", with(R"(,"conditions":[],"annotations":{"a b":"x"})"),
       ErrorCode::policy_json_name},
      {"an annotation twice", with(R"(,"conditions":[],"annotations":{"a":"x","a":"y"})"),
       ErrorCode::policy_json},
      {"an unknown effect",
       R"({"effect":"Permit","principal":{"op":"All"},"action":{"op":"All"},)"
       R"("resource":{"op":"All"},"conditions":[]})",
       op},
      {"an effect that is null",
       R"({"effect":null,"principal":{"op":"All"},"action":{"op":"All"},)"
       R"("resource":{"op":"All"},"conditions":[]})",
       shape},
      {"a scope without op", principal("{}"), shape},
      {"a scope that is a string", principal(R"("all")"), shape},
      {"an unknown constraint", principal(R"({"op":"any"})"), op},
      {"no entity", principal(R"({"op":"=="})"), shape},
      {"an entity that is a string", principal(R"({"op":"==","entity":"U::\"a\""})"), shape},
      {"an entity without id", principal(R"({"op":"==","entity":{"type":"U"}})"), shape},
      {"an entity in the old escape", principal(R"({"op":"==","entity":{"__expr":"U::\"a\""}})"),
       shape},
      {"an entity type with a space",
       principal(R"({"op":"==","entity":{"type":"U ::V","id":"a"}})"), ErrorCode::policy_json_name},
      {"an entity type that is reserved",
       principal(R"({"op":"==","entity":{"type":"if","id":"a"}})"), ErrorCode::policy_json_name},
      {"an entity type of Cedar's own",
       principal(R"({"op":"==","entity":{"type":"__cedar::U","id":"a"}})"),
       ErrorCode::policy_json_name},
      {"several entities for a principal",
       principal(R"({"op":"in","entities":[{"type":"U","id":"a"}]})"), shape},
      {"is: an unknown member", principal(R"({"op":"is","entity_type":"U","x":1})"), shape},
      {"is: no type", principal(R"({"op":"is"})"), shape},
      {"is: a type that ends early", principal(R"({"op":"is","entity_type":"U::"})"),
       ErrorCode::policy_json_name},
      {"is in: nothing", principal(R"({"op":"is","entity_type":"U","in":{}})"), shape},
      {"a slot in a policy", principal(R"({"op":"==","slot":"?principal"})"),
       ErrorCode::policy_template_unlinked},
      {"the slot of the resource", principal(R"({"op":"==","slot":"?resource"})"),
       ErrorCode::policy_slot},
      {"is in: the slot of the resource",
       principal(R"({"op":"is","entity_type":"U","in":{"slot":"?resource"}})"),
       ErrorCode::policy_slot},
      {"an unknown slot", principal(R"({"op":"==","slot":"?foo"})"), ErrorCode::policy_slot},
      {"a slot that is no string", principal(R"({"op":"==","slot":1})"), shape},
      {"an action that is a slot", action(R"({"op":"==","slot":"?principal"})"),
       ErrorCode::policy_slot},
      {"an action in a slot", action(R"({"op":"in","slot":"?principal"})"), shape},
      {"an action of another type", action(R"({"op":"==","entity":{"type":"U","id":"a"}})"),
       ErrorCode::policy_action_type},
      {"a list with an action of another type",
       action(R"({"op":"in","entities":[{"type":"Action","id":"a"},{"type":"U","id":"a"}]})"),
       ErrorCode::policy_action_type},
      {"an action with is", action(R"({"op":"is","entity_type":"Action"})"), op},
      {"an action without entity", action(R"({"op":"=="})"), shape},
      {"an action that is a string", action(R"("all")"), shape},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(refusal(c.json) == c.code);
  }
  CHECK(template_refusal(scoped(R"({"op":"==","slot":"?principal","x":1})", kAll, kAll)) ==
        ErrorCode::none);
  CHECK(template_refusal(
            scoped(kAll, kAll, R"({"op":"is","entity_type":"U","in":{"slot":"?resource"}})")) ==
        ErrorCode::none);
  CHECK(template_refusal(scoped(kAll, kAll, kAll)) == ErrorCode::policy_not_a_template);
}

TEST_CASE("est: errors say where in the JSON") {
  PolicySet set;
  const Result<void> added = set.add_json("p",
                                          "{\"effect\": \"permit\",\n"
                                          " \"principal\": {\"op\": \"All\"},\n"
                                          " \"action\": {\"op\": \"nope\"},\n"
                                          " \"resource\": {\"op\": \"All\"}, \"conditions\": []}");
  REQUIRE(!added);
  CHECK(added.error().line == 3);
  CHECK(added.error().column == 19);
  CHECK(added.error().message == "`nope` is no constraint");
  CHECK(set.size() == 0);
}

TEST_CASE("est: chains are as long as they like, other nesting has a limit") {
  const auto nested = [](std::string_view open, std::string_view close, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += open;
    out += R"({"Value":1})";
    for (std::size_t i = 0; i < count; ++i) out += close;
    return policy_of(out);
  };
  const std::string_view right = R"(,"right":{"Value":1}}})";
  for (const std::string_view open : {R"({"&&":{"left":)", R"({"||":{"left":)", R"({"+":{"left":)",
                                      R"({"-":{"left":)", R"({"*":{"left":)"}) {
    CAPTURE(open);
    CHECK(refusal(nested(open, right, 20'000)) == ErrorCode::none);
  }
  CHECK(refusal(nested(R"({".":{"left":)", R"(,"attr":"a"}})", 20'000)) == ErrorCode::none);
  CHECK(refusal(nested(R"({"!":{"arg":)", "}}", 500)) == ErrorCode::none);
  CHECK(refusal(nested(R"({"!":{"arg":)", "}}", 5'000)) == ErrorCode::policy_too_deep);
  CHECK(refusal(nested(R"({"Set":[)", "]}", 5'000)) == ErrorCode::policy_too_deep);
  CHECK(refusal(policy_of(R"({"Value":)" + std::string(5'000, '[') + std::string(5'000, ']') +
                          "}")) == ErrorCode::policy_too_deep);
  // What text can say, JSON can say, there and back.
  std::string chain = "true";
  for (int i = 0; i < 5'000; ++i) chain += " && context.a.b == 1 + 2 + 3";
  PolicySet set;
  REQUIRE(set.add("p", "permit(principal, action, resource) when { " + chain + " };"));
  const std::string json = *set.json("p");
  REQUIRE(set.add_json("q", json));
  CHECK(*set.json("q") == json);
}

TEST_CASE("est: what would grow without bound is refused") {
  // Every `has` path repeats its receiver, so that the JSON doubles with each level.
  std::string expression = "context";
  for (int i = 0; i < 60; ++i) expression = "(" + expression + " has a.b)";
  PolicySet set;
  REQUIRE(set.add("p", "permit(principal, action, resource) when { " + expression + " };"));
  CHECK(set.json("p").error().code == ErrorCode::policy_too_large);
  CHECK(set.to_json().error().code == ErrorCode::policy_too_large);
}
