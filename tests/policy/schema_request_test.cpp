// Requests that a schema admits, and every reason why it does not.
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/schema_request.hpp"

#include <string>

#include <doctest/doctest.h>

#include "policy/cedar/context_json.hpp"

using namespace mcpgov;
using namespace mcpgov::policy;

namespace {

constexpr const char* kSchema = R"(
  entity U, V;
  entity Color enum ["red", "blue"];
  action read appliesTo {principal: [U, Color], resource: [V, Color], context: {
    n: Long, u?: U, c?: Set<Color>, k?: Action, d?: decimal, r?: {x: {y: String}}}};
  action bare appliesTo {principal: U, resource: U};
  action group;
  namespace N { entity U2; action read2 appliesTo {principal: U2, resource: U2}; })";

struct Uids {
  Uid principal;
  Uid action;
  Uid resource;
};

// context: read without the schema, so that only the check of the request sees it.
ErrorCode verdict(const Uids& uids, const std::string& context) {
  Symbols symbols;
  const Result<cedar::Schema> schema = cedar::read_schema(kSchema, "s", symbols);
  REQUIRE(schema.has_value());
  Arena arena;
  RequestSymbols request_symbols(symbols, arena);
  Request request;
  request.symbols = &request_symbols;
  const auto id_of = [&](const Uid& uid) {
    return uid.type.empty() ? kNoEntity : request_symbols.entity(uid.type, uid.id);
  };
  request.principal = id_of(uids.principal);
  request.action = id_of(uids.action);
  request.resource = id_of(uids.resource);
  cedar::ContextInput input;
  input.text = context;
  const Result<Value> read = cedar::read_context(input, request_symbols);
  REQUIRE(read.has_value());
  request.context = *read;
  const Result<void> result = cedar::validate_request(*schema, request);
  if (!result) CHECK_FALSE(result.error().message.empty());
  return result ? ErrorCode::none : result.error().code;
}

}  // namespace

TEST_CASE("request against a schema: types, ids and what the action applies to") {
  constexpr ErrorCode none = ErrorCode::none;
  constexpr ErrorCode type = ErrorCode::request_type_undeclared;
  constexpr ErrorCode action = ErrorCode::request_action_undeclared;
  constexpr ErrorCode applies = ErrorCode::request_not_applicable;
  constexpr ErrorCode unlisted = ErrorCode::request_enum_id;
  const Uid u{"U", "a"};
  const Uid v{"V", "b"};
  const Uid red{"Color", "red"};
  const Uid read{"Action", "read"};
  const Uid bare{"Action", "bare"};
  struct Case {
    const char* sentence;
    Uids uids;
    const char* context;
    ErrorCode code;
  };
  const Case cases[] = {
      {"as declared", {u, read, v}, R"({"n": 1})", none},
      {"an id of an enumerated type", {red, read, red}, R"({"n": 1})", none},
      {"another namespace", {{"N::U2", "a"}, {"N::Action", "read2"}, {"N::U2", "b"}}, "{}", none},
      {"a principal of no type", {{"W", "a"}, read, v}, R"({"n": 1})", type},
      {"a resource of no type", {u, read, {"W", "a"}}, R"({"n": 1})", type},
      {"an action as the principal", {read, read, v}, R"({"n": 1})", type},
      {"an id that is not listed, of the principal",
       {{"Color", "pink"}, read, v},
       R"({"n": 1})",
       unlisted},
      {"an id that is not listed, of the resource",
       {u, read, {"Color", "pink"}},
       R"({"n": 1})",
       unlisted},
      {"an action that is not declared", {u, {"Action", "write"}, v}, "{}", action},
      {"an action of another namespace", {u, {"N::Action", "read"}, v}, "{}", action},
      {"an action of no action type", {u, {"U", "read"}, v}, "{}", action},
      {"a principal to which it does not apply", {v, read, v}, R"({"n": 1})", applies},
      {"a resource to which it does not apply", {u, read, u}, R"({"n": 1})", applies},
      {"an enumerated type to which it does not apply", {red, bare, u}, "{}", applies},
      {"an action that applies to nothing", {u, {"Action", "group"}, v}, "{}", applies},
      {"the undeclared type comes before the undeclared action",
       {{"W", "a"}, {"Action", "write"}, v},
       "{}",
       type},
      {"nothing known yet but the context", {{}, read, {}}, R"({"n": 1})", none},
      {"only the principal known, and it is wrong", {v, read, {}}, R"({"n": 1})", applies},
      {"no action", {u, {}, v}, R"({"whatever": 1})", none},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.sentence));
    CHECK(code_name(verdict(c.uids, c.context)) == code_name(c.code));
  }
}

TEST_CASE("request against a schema: the context has the type of the action") {
  constexpr ErrorCode none = ErrorCode::none;
  constexpr ErrorCode unfit = ErrorCode::request_context;
  struct Case {
    const char* action;
    const char* context;
    ErrorCode code;
  };
  const Case cases[] = {
      {"bare", "{}", none},
      {"bare", R"({"a": 1})", unfit},
      {"read", "{}", unfit},
      {"read", R"({"n": "1"})", unfit},
      {"read", R"({"n": 1, "more": 1})", unfit},
      {"read", R"({"n": 1, "u": {"__entity": {"type": "U", "id": "x"}}})", none},
      {"read", R"({"n": 1, "u": {"__entity": {"type": "V", "id": "x"}}})", unfit},
      {"read", R"({"n": 1, "u": {"type": "U", "id": "x"}})", unfit},
      {"read", R"({"n": 1, "c": []})", none},
      {"read", R"({"n": 1, "c": [{"__entity": {"type": "Color", "id": "red"}}]})", none},
      {"read", R"({"n": 1, "c": [{"__entity": {"type": "Color", "id": "pink"}}]})",
       ErrorCode::request_enum_id},
      {"read", R"({"n": 1, "zz": [{"q": {"__entity": {"type": "Color", "id": "pink"}}}]})",
       ErrorCode::request_enum_id},
      {"read", R"({"n": 1, "c": [1]})", unfit},
      {"read", R"({"n": 1, "c": {}})", unfit},
      {"read", R"({"n": 1, "k": {"__entity": {"type": "Action", "id": "bare"}}})", none},
      {"read", R"({"n": 1, "k": {"__entity": {"type": "Action", "id": "zz"}}})",
       ErrorCode::request_action_undeclared},
      {"read", R"({"n": 1, "d": {"__extn": {"fn": "decimal", "arg": "1.0"}}})", none},
      {"read", R"({"n": 1, "d": {"__extn": {"fn": "ip", "arg": "::1"}}})", unfit},
      {"read", R"({"n": 1, "d": "1.0"})", unfit},
      {"read", R"({"n": 1, "r": {"x": {"y": "z"}}})", none},
      {"read", R"({"n": 1, "r": {"x": {"y": 1}}})", unfit},
      {"read", R"({"n": 1, "r": {"x": {}}})", unfit},
      {"read", R"({"n": 1, "r": {}})", unfit},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.context));
    const bool read = std::string_view(c.action) == "read";
    const Uids uids{{"U", "a"}, {"Action", c.action}, {read ? "V" : "U", "b"}};
    CHECK(code_name(verdict(uids, c.context)) == code_name(c.code));
  }
}

TEST_CASE("request against a schema: what is not known yet may be anything") {
  Symbols symbols;
  const Result<cedar::Schema> schema = cedar::read_schema(kSchema, "s", symbols);
  REQUIRE(schema.has_value());
  Arena arena;
  RequestSymbols request_symbols(symbols, arena);
  Request request;
  request.symbols = &request_symbols;
  request.action = request_symbols.entity("Action", "read");
  CHECK(cedar::validate_request(*schema, request).has_value());  // an unknown context
  Field fields[] = {{request_symbols.name("n"), Value()}};
  request.context = Value::of_record(fields);
  CHECK(cedar::validate_request(*schema, request).has_value());
  fields[0].name = request_symbols.name("u");
  request.context = Value::of_record(fields);
  CHECK(code_name(cedar::validate_request(*schema, request).error().code) == "request_context");
}
