// Values, uids and errors as text.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "support/cedar_world.hpp"

namespace mcpgov::policy::cedar {

TEST_CASE("print: uids have one normal form, and hide nothing") {
  Symbols frozen;
  Arena arena;
  RequestSymbols symbols(frozen, arena);
  using namespace std::string_view_literals;
  struct Case {
    std::string_view id;
    const char* text;
  };
  // Expected texts of the reference engine, 4.12.
  const Case cases[] = {
      {"a", R"(U::"a")"},
      {"'", R"(U::"\'")"},
      {"\"", R"(U::"\"")"},
      {"\\", R"(U::"\\")"},
      {"\n\r\t", R"(U::"\n\r\t")"},
      {"\0"sv, R"(U::"\0")"},
      {"\x7f", R"(U::"\u{7f}")"},
      {"\u0080", R"(U::"\u{80}")"},
      {"\u00e9", "U::\"\u00e9\""},
      {"\u200b", R"(U::"\u{200b}")"},
      {"\u0301x", R"(U::"\u{301}x")"},
      {"x\u0301", "U::\"x\u0301\""},
      {"\U0001F600", "U::\"\U0001F600\""},
      {"\u2028", R"(U::"\u{2028}")"},
      {"\ufeff", R"(U::"\u{feff}")"},
      {"\u202e", R"(U::"\u{202e}")"},
      {"*", R"(U::"*")"},
      {"a b", R"(U::"a b")"},
      {"", R"(U::"")"},
      {"\U000e0001", R"(U::"\u{e0001}")"},
  };
  for (const Case& c : cases) {
    CHECK(uid_text(symbols, symbols.entity("U", c.id)) == c.text);
  }
  CHECK(uid_text(symbols, symbols.entity("A::B", "c")) == "A::B::\"c\"");
  CHECK(uid_text(symbols, kNoEntity) == "unknown");
}

TEST_CASE("print: values are written as the language writes them, in an order of their own") {
  Result<Engine> engine = engine_of("");
  REQUIRE(engine.has_value());
  Asked asked(
      *engine, {"U", "a"}, {"Action", "act"}, {"R", "r"},
      R"({"z": [3, 1, "b", true], "a b": {"if": -1, "x": {"__entity": {"type": "U", "id": "q"}}},
      "d": {"__extn": {"fn": "decimal", "arg": "-0.50"}},
      "e": {"__extn": {"fn": "decimal", "arg": "12.3456"}},
      "i": {"__extn": {"fn": "ip", "arg": "10.0.0.1/8"}},
      "j": {"__extn": {"fn": "ip", "arg": "::a0b"}},
      "t": {"__extn": {"fn": "datetime", "arg": "1970-01-02"}},
      "u": {"__extn": {"fn": "duration", "arg": "-1s"}}, "n": [], "o": {}})");
  CHECK(value_text(asked.symbols(), asked.request.context) ==
        R"({"a b": {"if": -1, x: U::"q"}, d: decimal("-0.5"), e: decimal("12.3456"), )"
        R"(i: ip("10.0.0.1/8"), j: ip("0:0:0:0:0:0:0:a0b/128"), n: [], o: {}, )"
        R"(t: datetime("1970-01-01").offset(duration("86400000ms")), )"
        R"(u: duration("-1000ms"), z: ["b", 1, 3, true]})");
  CHECK(value_text(asked.symbols(), Value{}) == "unknown");
  CHECK(value_text(asked.symbols(), Value::of_scalar(Kind::decimal, INT64_MIN)) ==
        "decimal(\"-922337203685477.5808\")");
}

TEST_CASE("print: what is printed evaluates to what was printed") {
  const char* values[] = {"decimal(\"-0.0001\")",     "ip(\"1:2:3:4:5:6:7:8/64\")",
                          "datetime(\"9999-12-31\")", "duration(\"-9223372036854775808ms\")",
                          "\"\\u{301}\\n'\"",         "{\"a b\": [1, {}], c: U::\"x\\\"y\"}"};
  for (const char* text : values) {
    const std::string value(text);
    Result<Engine> engine =
        engine_of("permit(principal, action, resource) when { context.v == " + value + " };");
    REQUIRE(engine.has_value());
    Asked asked(*engine);
    // The constant of a policy reaches us through the error-free side: as a printed literal.
    Arena& arena = asked.arena();
    Value made = Value::of_string("x");
    const auto read = [&](const char* json) {
      ContextInput input;
      input.text = json;
      Result<Value> context = read_context(input, asked.symbols());
      REQUIRE(context.has_value());
      made = context->fields[0].value;
    };
    if (value.starts_with("decimal")) made = Value::of_scalar(Kind::decimal, -1);
    if (value.starts_with("ip"))
      read(R"({"v": {"__extn": {"fn": "ip", "arg": "1:2:3:4:5:6:7:8/64"}}})");
    if (value.starts_with("datetime"))
      read(R"({"v": {"__extn": {"fn": "datetime", "arg": "9999-12-31"}}})");
    if (value.starts_with("duration")) made = Value::of_scalar(Kind::duration, INT64_MIN);
    if (value.starts_with("\"")) made = Value::of_string("\u0301\n'");
    if (value.starts_with("{"))
      read(R"({"v": {"a b": [1, {}], "c": {"__entity": {"type": "U", "id": "x\"y"}}}})");
    const std::string printed = value_text(asked.symbols(), made);
    CAPTURE(printed);
    Result<Engine> again =
        engine_of("permit(principal, action, resource) when { " + printed + " == " + value + " };");
    REQUIRE_MESSAGE(again.has_value(), again.error().text());
    Asked other(*again);
    CHECK(again->decide(other.request, arena) == Effect::allow);
  }
}

TEST_CASE("print: an error is one sentence with the policy and its place, without values") {
  const Source source{"f.cedar", "\n permit(principal, action, resource) when { \"secret\" };"};
  Result<Engine> engine = Engine::build({&source, 1}, Symbols(), Entities());
  REQUIRE(engine.has_value());
  Asked asked(*engine);
  const Decision found = engine->authorize(asked.request, asked.arena());
  REQUIRE(found.errors.size() == 1);
  CHECK(error_text(*engine, found.errors[0]) ==
        "policy `f.cedar#policy0` (f.cedar:2:2): type error");
}

}  // namespace mcpgov::policy::cedar
