// Arguments against the schema of a tool: what is refused, and what the rest becomes.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "request/world.hpp"

namespace {

using mcpgov::ErrorCode;
using mcpgov::request::Detail;
using mcpgov::request::UnknownTools;
using world::Asked;
using world::Server;
using world::tool_with;
using world::tools;

// Everything but the session, which other tests look at.
std::string input_of(const Asked& asked) {
  const std::string context = asked.text().context;
  const std::size_t start = context.find("input: ") + 7;
  return context.substr(start, context.find(", pinned: ") - start);
}

TEST_CASE("arguments: whatever the schema does not allow is refused, read or not") {
  struct Case {
    std::string name;
    std::string property;  // the schema of `p`
    std::string arguments;
    ErrorCode code;
  };
  const ErrorCode type = ErrorCode::argument_type;
  const ErrorCode extra = ErrorCode::argument_not_in_schema;
  const ErrorCode missing = ErrorCode::argument_missing;
  const std::string string = R"({"type":"string"})";
  const std::string mode = R"({"type":"string","enum":["ro","rw"]})";
  const std::string object =
      R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"]})";
  const std::string tuple =
      R"({"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":false})";
  const Case cases[] = {
      {"arguments that are a list", string, "[]", ErrorCode::params_invalid},
      {"an unknown argument", string, R"({"q":1})", extra},
      {"a name in other case", string, R"({"P":"x"})", extra},
      {"a name with a space behind", string, R"({"p ":"x"})", extra},
      {"an empty name", string, R"({"":"x"})", extra},
      {"__cedar", string, R"({"__cedar":"x"})", extra},
      {"__proto__", string, R"({"__proto__":{"p":"x"}})", extra},
      {"constructor", string, R"({"constructor":"x"})", extra},
      {"a name in decomposed Unicode", R"({"type":"string"},"é":{"type":"string"})",
       "{\"e\xcc\x81\":\"x\"}", extra},
      {"null for a string", string, R"({"p":null})", type},
      {"a number for a string", string, R"({"p":1})", type},
      {"a list for a string", string, R"({"p":["x"]})", type},
      {"a string for a boolean", R"({"type":"boolean"})", R"({"p":"true"})", type},
      {"a number for a boolean", R"({"type":"boolean"})", R"({"p":1})", type},
      {"a string for an integer", R"({"type":"integer"})", R"({"p":"1"})", type},
      {"a fraction for an integer", R"({"type":"integer"})", R"({"p":1.5})", type},
      {"a tiny fraction for an integer", R"({"type":"integer"})", R"({"p":1.0000000000000000001})",
       type},
      {"a boolean for a number", R"({"type":"number"})", R"({"p":true})", type},
      {"a string for a number", R"({"type":"number"})", R"({"p":"1.5"})", type},
      {"a value for null", R"({"type":"null"})", R"({"p":0})", type},
      {"a value that is not in the enum", mode, R"({"p":"x"})", type},
      {"a value in other case", mode, R"({"p":"RO"})", type},
      {"the beginning of a value", mode, R"({"p":"r"})", type},
      {"an empty value", mode, R"({"p":""})", type},
      {"a value with NUL behind", mode, R"({"p":"ro\u0000"})", type},
      {"a number for an enum", R"({"type":"string","enum":["1"]})", R"({"p":1})", type},
      {"no date", R"({"type":"string","format":"date"})", R"({"p":"yesterday"})", type},
      {"no duration", R"({"type":"string","format":"duration"})", R"({"p":"1h"})", type},
      {"IPv6 for IPv4", R"({"type":"string","format":"ipv4"})", R"({"p":"::1"})", type},
      {"IPv4 for IPv6", R"({"type":"string","format":"ipv6"})", R"({"p":"10.0.0.1"})", type},
      {"a network for an address", R"({"type":"string","format":"ipv4"})", R"({"p":"10.0.0.0/8"})",
       type},
      {"no decimal", R"({"type":"string","format":"decimal"})", R"({"p":"1e3"})", type},
      {"an object for a list", R"({"type":"array"})", R"({"p":{}})", type},
      {"a wrong item", R"({"type":"array","items":{"type":"string"}})", R"({"p":["x",1]})", type},
      {"a tuple too short", tuple, R"({"p":["x"]})", type},
      {"a tuple too long", tuple, R"({"p":["x",1,2]})", type},
      {"a tuple in other order", tuple, R"({"p":[1,"x"]})", type},
      {"no tuple", tuple, R"({"p":{"proj0":"x","proj1":1}})", type},
      {"a list for an object", object, R"({"p":[]})", type},
      {"an inner argument missing", object, R"({"p":{}})", missing},
      {"an unknown inner argument", object, R"({"p":{"a":"x","b":1}})", extra},
      {"a wrong inner type", object, R"({"p":{"a":1}})", type},
      {"null for a required one", object, R"({"p":{"a":null}})", type},
      {"no alternative", R"({"anyOf":[{"type":"string"},{"type":"null"}]})", R"({"p":1})", type},
      {"no inner alternative",
       R"({"anyOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},
                    {"type":"null"}]})",
       R"({"p":{"b":1}})", type},
      {"a tag of the wrong type", R"({"type":"object","additionalProperties":{"type":"integer"}})",
       R"({"p":{"a":"x"}})", type},
  };
  for (const Detail detail : {Detail::read, Detail::everything}) {
    const Server server({});
    for (const Case& c : cases) {
      CAPTURE(c.name);
      const auto catalog = tools(tool_with("\"p\":" + c.property));
      Asked asked(server);
      asked.detail = detail;
      CHECK(asked.tool(&catalog, c.arguments) == c.code);
      CHECK(asked.request.principal == mcpgov::policy::kNoEntity);
    }
  }
}

TEST_CASE("arguments: a required one that is missing is refused") {
  const auto catalog = tools(tool_with(R"("p":{"type":"string"},"q":{})", R"(,"required":["p"])"));
  const Server server({});
  Asked asked(server);
  CHECK(asked.tool(&catalog, "") == ErrorCode::argument_missing);
  CHECK(asked.tool(&catalog, "{}") == ErrorCode::argument_missing);
  CHECK(asked.tool(&catalog, R"({"q":1})") == ErrorCode::argument_missing);
  CHECK(asked.tool(&catalog, R"({"p":"x"})") == ErrorCode::none);
}

TEST_CASE("arguments: each type becomes the value that docs/request.md says") {
  struct Case {
    std::string property;
    std::string value;
    std::string input;
  };
  const Case cases[] = {
      {R"({"type":"boolean"})", "true", "true"},
      {R"({"type":"integer"})", "5", "5"},
      {R"({"type":"integer"})", "5.0", "5"},
      {R"({"type":"integer"})", "1e3", "1000"},
      {R"({"type":"integer"})", "-0", "0"},
      {R"({"type":"integer"})", "-9223372036854775808", "-9223372036854775808"},
      {R"({"type":"number"})", "0.1", R"(decimal("0.1"))"},
      {R"({"type":"number"})", "1.50", R"(decimal("1.5"))"},
      {R"({"type":"number"})", "7", R"(decimal("7.0"))"},
      {R"({"type":"number"})", "-1E-4", R"(decimal("-0.0001"))"},
      {R"({"type":"number"})", "922337203685477.5807", R"(decimal("922337203685477.5807"))"},
      {R"({"type":"string"})", R"("a\"b\u00e9")", R"("a\"bé")"},
      {R"({"type":"string","format":"date"})", R"("2024-01-01")",
       R"(datetime("1970-01-01").offset(duration("1704067200000ms")))"},
      {R"({"type":"string","format":"duration"})", R"("PT90M")", R"(duration("5400000ms"))"},
      {R"({"type":"string","format":"ipv6"})", R"("::ffff:10.0.0.1")", R"(ip("10.0.0.1/32"))"},
      {R"({"type":"string","format":"decimal"})", R"("2.5")", R"(decimal("2.5"))"},
      {R"({"type":"string","enum":["ro","rw"]})", R"("rw")", R"(Shop::t::Input::p::"rw")"},
      {R"({"type":"null"})", "null", R"(Shop::Null::"null")"},
      {"{}", "[1,{}]", R"(Shop::Unknown::"/p")"},
      {R"({"type":"array","items":{"type":"integer"}})", "[3,1,3,2.0]", "[1, 2, 3]"},
      {R"({"type":"array"})", "[1,1]", R"([Shop::Unknown::"/p/0", Shop::Unknown::"/p/1"])"},
      {R"({"type":"array","prefixItems":[{"type":"string"},{"type":"number"}],"items":false})",
       R"(["x",1.5])", R"({proj0: "x", proj1: decimal("1.5")})"},
      {R"({"type":["null","string"]})", R"("x")", R"({typeChoice1: "x"})"},
      {R"({"type":["null","string"]})", "null", R"({typeChoice0: Shop::Null::"null"})"},
      {R"({"anyOf":[{"type":"integer"},{"type":"number"}]})", "2.0", "{typeChoice0: 2}"},
      {R"({"anyOf":[{"type":"integer"},{"type":"number"}]})", "2.5",
       R"({typeChoice1: decimal("2.5")})"},
      {R"({"anyOf":[{"type":"object","properties":{"a":{"type":"number"}}},
                    {"type":"object","properties":{"b":{"type":"number"}}}]})",
       R"({"b":0.25})", R"({typeChoice1: {b: decimal("0.25")}})"},
      {R"({"type":"object","properties":{"b":{"type":"null"},"a":{"type":"string"}}})",
       R"({"a":"x"})", R"({a: "x"})"},
      {R"({"type":"object"})", R"({"a":{"b":1}})", R"({a: Shop::Unknown::"/p/a"})"},
      {R"({"type":"object","properties":{"":{"type":"string"},"a b":{"type":"string"}}})",
       R"({"a b":"1","":"2"})", R"({"": "2", "a b": "1"})"},
      {R"({"type":"object","properties":{"x":{"type":"integer"}},)"
       R"("additionalProperties":{"type":"number"}})",
       R"({"x":1,"y":0.5})", R"(Shop::t::Input::p::"/p")"},
  };
  const Server server({});
  for (const Case& c : cases) {
    CAPTURE(c.property);
    CAPTURE(c.value);
    const auto catalog = tools(tool_with("\"p\":" + c.property));
    Asked asked(server);
    asked.detail = Detail::everything;
    REQUIRE(asked.tool(&catalog, "{\"p\":" + c.value + "}") == ErrorCode::none);
    CHECK(input_of(asked) == "{p: " + c.input + "}");
  }
}

TEST_CASE("arguments: an object with additional properties is an entity with tags") {
  const auto catalog = tools(tool_with(
      R"("p":{"type":"array","items":{"type":"object","properties":{"x":{"type":"integer"}},
                                      "additionalProperties":{"type":"number"}}})"));
  const Server server({R"(permit(principal, action, resource)
      when { context.input.p.containsAny([]) ||
             resource in resource && context.input has p };)"});
  Asked asked(server);
  asked.detail = Detail::everything;
  REQUIRE(asked.tool(&catalog, R"({"p":[{"x":1,"y/z":0.5},{"~":2}]})") == ErrorCode::none);
  CHECK(input_of(asked) == R"({p: [Shop::t::Input::p::"/p/0", Shop::t::Input::p::"/p/1"]})");
  const std::string entities = asked.text().entities;
  CHECK(entities.find("Shop::t::Input::p::\"/p/0\" = {x: 1} tags {\"y/z\": decimal(\"0.5\")}\n") !=
        std::string::npos);
  CHECK(entities.find("Shop::t::Input::p::\"/p/1\" tags {\"~\": decimal(\"2.0\")}\n") !=
        std::string::npos);
}

TEST_CASE("arguments: tags can be asked for by policies that read a part of the entity") {
  const auto catalog = tools(tool_with(
      R"("env":{"type":"object","properties":{"x":{"type":"integer"}},
                "additionalProperties":{"type":"string"}})"));
  const Server server({R"(
      permit(principal, action, resource) when { context.input has env };
      forbid(principal, action, resource) when { context.input.env.hasTag("PATH") };
      forbid(principal, action, resource)
      when { context.input.env has x && context.input.env.x > 3 };
  )"});
  Asked asked(server);
  REQUIRE(asked.tool(&catalog, R"({"env":{"PATH":"/x"}})") == ErrorCode::none);
  CHECK_FALSE(asked.allowed());
  REQUIRE(asked.tool(&catalog, R"({"env":{"x":4}})") == ErrorCode::none);
  CHECK_FALSE(asked.allowed());
  REQUIRE(asked.tool(&catalog, R"({"env":{"x":3,"LANG":"C"}})") == ErrorCode::none);
  CHECK(asked.allowed());
}

TEST_CASE("arguments: what the top level allows beside its properties are fields of input") {
  const Server server({});
  Asked asked(server);
  asked.detail = Detail::everything;
  auto catalog =
      tools(tool_with(R"("p":{"type":"string"})", R"(,"additionalProperties":{"type":"number"})"));
  REQUIRE(asked.tool(&catalog, R"({"p":"x","q":0.5})") == ErrorCode::none);
  CHECK(input_of(asked) == R"({p: "x", q: decimal("0.5")})");
  CHECK(asked.tool(&catalog, R"({"p":"x","q":"0.5"})") == ErrorCode::argument_type);

  catalog = tools(tool_with(R"("p":{"type":"string"})", R"(,"additionalProperties":true)"));
  REQUIRE(asked.tool(&catalog, R"({"p":"x","q":[1]})") == ErrorCode::none);
  CHECK(input_of(asked) == R"({p: "x", q: Shop::Unknown::"/q"})");
}

TEST_CASE("arguments: what cannot be represented is refused only where a policy reads it") {
  struct Case {
    std::string property;
    std::string value;
  };
  const Case cases[] = {
      {R"({"type":"number"})", "1.00001"},
      {R"({"type":"number"})", "0.30000000000000004"},
      {R"({"type":"number"})", "1e300"},
      {R"({"type":"number"})", "922337203685477.5808"},
      {R"({"type":"number"})", "922337203685478"},
      {R"({"type":"number"})", "-922337203685478"},
      {R"({"type":"number"})", "5e-324"},
      {R"({"type":"integer"})", "9223372036854775808"},
      {R"({"type":"integer"})", "18446744073709551615"},
      {R"({"type":"integer"})", "1e30"},
      {R"({"type":"string","format":"decimal"})", "\"0.00001\""},
      {R"({"type":"string","format":"date-time"})", "\"2024-01-01T00:00:00.0001Z\""},
      {R"({"type":"string","format":"duration"})", "\"PT0.0001S\""},
      {R"({"type":"array","items":{"type":"number"}})", "[1,1.00001]"},
      {R"({"anyOf":[{"type":"number"},{}]})", "1.00001"},
  };
  const Server reads({"permit(principal, action, resource) when { context.input.p == 1 };"});
  const Server asks({"permit(principal, action, resource) when { context.input has p };"});
  const Server ignores({"permit(principal, action, resource) when { context.input has q };"});
  for (const Case& c : cases) {
    CAPTURE(c.property);
    CAPTURE(c.value);
    const auto catalog = tools(tool_with("\"p\":" + c.property + ",\"q\":{}"));
    const std::string arguments = "{\"p\":" + c.value + "}";
    CHECK(Asked(reads).tool(&catalog, arguments) == ErrorCode::argument_not_representable);
    Asked other(ignores);
    CHECK(other.tool(&catalog, arguments) == ErrorCode::none);
    CHECK_FALSE(other.allowed());
    Asked asked(asks);
    CHECK(asked.tool(&catalog, arguments) == ErrorCode::none);
    CHECK(asked.allowed());
  }
}

TEST_CASE("arguments: numbers beyond a double never get as far as a policy") {
  const Server server({});
  const auto catalog = tools(tool_with(R"("p":{"type":"number"})"));
  CHECK(Asked(server).tool(&catalog, R"({"p":1e400})") != ErrorCode::none);
  CHECK(Asked(server).tool(&catalog, R"({"p":99999999999999999999})") != ErrorCode::none);
}

TEST_CASE("arguments: digits are found behind strings, skipped parts and failed alternatives") {
  const auto catalog = tools(tool_with(
      R"("s":{"type":"string"},"u":{},"n":{"type":"number"},
         "c":{"anyOf":[{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"string"}}},
                       {"type":"object",
                         "properties":{"a":{"type":"number"},"b":{"type":"number"}}}]},
         "z":{"type":"array","items":{"type":"number"}})"));
  const Server server({"permit(principal, action, resource) when { context.input.z == [] };"});
  Asked asked(server);
  asked.detail = Detail::everything;
  REQUIRE(asked.tool(&catalog,
                     R"({"s":"1.5 \" 2.5","u":[3.5,{"4.5":[5.5,-6e0]}],"n":7.25,)"
                     R"("c":{"a":8.5,"b":9.75},"z":[0.1,0.2,1e-1,2]})") == ErrorCode::none);
  CHECK(input_of(asked) ==
        R"({c: {typeChoice1: {a: decimal("8.5"), b: decimal("9.75")}}, n: decimal("7.25"), )"
        R"(s: "1.5 \" 2.5", u: Shop::Unknown::"/u", )"
        R"(z: [decimal("0.1"), decimal("0.2"), decimal("2.0")]})");
}

TEST_CASE("arguments: the first alternative that fits is chosen whatever policies read") {
  const auto catalog = tools(tool_with(R"("p":{"anyOf":[{"type":"number"},{"type":"integer"}]})"));
  for (const char* path : {"context.input.p.typeChoice0 == decimal(\"1.5\")",
                           "context.input.p.typeChoice1 == 1", "context.input.p has typeChoice0"}) {
    CAPTURE(std::string(path));
    const Server server(
        {"permit(principal, action, resource) when { " + std::string(path) + " };"});
    Asked asked(server);
    REQUIRE(asked.tool(&catalog, R"({"p":1})") == ErrorCode::none);
    CHECK(asked.allowed() == (std::string(path).find("has") != std::string::npos));
  }
}

TEST_CASE("arguments: nobody can send an object for a value a policy compares") {
  const auto catalog = tools(tool_with(
      R"("p":{"type":"object","properties":{"a":{"type":"string"}}},"q":{"type":"string"})"));
  const Server server({R"(
      permit(principal, action, resource);
      forbid(principal, action, resource)
      when { context.input has p.a && context.input.p.a == "x" };
  )"});
  Asked asked(server);
  REQUIRE(asked.tool(&catalog, R"({"p":{"a":"x"}})") == ErrorCode::none);
  CHECK_FALSE(asked.allowed());
  REQUIRE(asked.tool(&catalog, R"({"p":{}})") == ErrorCode::none);
  CHECK(asked.allowed());
  CHECK(asked.tool(&catalog, R"({"p":"x"})") == ErrorCode::argument_type);
}

TEST_CASE("arguments: without a schema JSON is taken as it is, where that is allowed") {
  world::Setting setting;
  setting.unknown_tools = UnknownTools::natural;
  setting.policies = "permit(principal, action, resource) when { context.input == {} };";
  const Server server(setting);
  Asked asked(server);
  REQUIRE(asked.tool(nullptr, R"({"b":true,"i":5,"w":5.0,"d":0.5,"s":"x","n":null,)"
                              R"("l":[2,1,[1]],"o":{"a":{"":1e2}}})") == ErrorCode::none);
  CHECK(input_of(asked).find(R"(b: true, d: decimal("0.5"), i: 5, l: [)") == 1);
  CHECK(input_of(asked).find(R"(n: Shop::Null::"null", o: {a: {"": 100}}, s: "x", w: 5})") !=
        std::string::npos);
  for (const char* arguments :
       {R"({"d":1.00001})", R"({"d":[1e30]})", R"({"i":9223372036854775808})"}) {
    CAPTURE(std::string(arguments));
    CHECK(asked.tool(nullptr, arguments) == ErrorCode::argument_not_representable);
  }
  REQUIRE(asked.tool(nullptr, "") == ErrorCode::none);
  CHECK(asked.allowed());
}

TEST_CASE("arguments: hostile documents are refused in bounded time") {
  const Server server({"permit(principal, action, resource) when { context.input.p == 1 };"});
  const Server ignores({});
  const auto catalog = tools(tool_with(
      R"("p":{"$ref":"#/$defs/T"},"u":{},"l":{"type":"array","items":{"type":"integer"}})",
      R"(,"$defs":{"T":{"anyOf":[
            {"type":"object","properties":{"a":{"$ref":"#/$defs/T"},"x":{"type":"string"}},
             "required":["x"]},
            {"type":"object","properties":{"a":{"$ref":"#/$defs/T"},"y":{"type":"string"}},
             "required":["y"]},
            {"type":"null"}]}})"));
  // Each level is tried as two alternatives, and each of those tries the level below twice.
  std::string doubling;
  for (int i = 0; i < 55; ++i) doubling += R"({"a":)";
  doubling += "1" + std::string(55, '}');
  CHECK(Asked(ignores).tool(&catalog, "{\"p\":" + doubling + "}") ==
        ErrorCode::argument_too_complex);

  std::string many = "{\"u\":{\"a\":1";
  for (int i = 0; i < 10'000; ++i) many += ",\"m" + std::to_string(i) + "\":[1.5]";
  CHECK(Asked(server).tool(&catalog, many + "}}") == ErrorCode::none);

  std::string longest = "{\"l\":[1";
  for (int i = 0; i < 300'000; ++i) longest += ",1";
  CHECK(Asked(server).tool(&catalog, longest + "]}") == ErrorCode::argument_too_complex);

  CHECK(Asked(server).tool(&catalog, "{\"u\":\"" + std::string(4'000'000, 'x') + "\"}") ==
        ErrorCode::none);
  CHECK(Asked(server).tool(&catalog, "{\"u\":" + std::string(100, '[') + std::string(100, ']') +
                                         "}") == ErrorCode::message_too_deep);
}

TEST_CASE("arguments: values deeper than policies can hold are refused where they are read") {
  const auto catalog = tools(tool_with(R"("p":{"$ref":"#/$defs/T"})",
                                       R"(,"$defs":{"T":{"anyOf":[{"type":"null"},{"type":"array",)"
                                       R"("items":{"$ref":"#/$defs/T"}}]}})"));
  const std::string arguments =
      "{\"p\":" + std::string(40, '[') + "null" + std::string(40, ']') + "}";
  const Server reads({"permit(principal, action, resource) when { context.input.p == 1 };"});
  CHECK(Asked(reads).tool(&catalog, arguments) == ErrorCode::argument_not_representable);
  const Server ignores({});
  CHECK(Asked(ignores).tool(&catalog, arguments) == ErrorCode::none);
}

}  // namespace
