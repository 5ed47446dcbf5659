// The public schema: read, printed and converted, its warnings, and engines that decide by it.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <doctest/doctest.h>

#include "mcpgov/cedar.hpp"
#include "mcpgov/policy.hpp"
#include "support/allocation.hpp"

using mcpgov::code_name;
using mcpgov::ErrorCode;
using mcpgov::Result;
using mcpgov::policy::Answer;
using mcpgov::policy::Effect;
using mcpgov::policy::Engine;
using mcpgov::policy::PolicySet;
using mcpgov::policy::Question;
using mcpgov::policy::Schema;
using mcpgov::policy::SchemaWarning;
using mcpgov::policy::Source;

TEST_CASE("public schema: both forms are read and turned into each other") {
  const std::string text =
      "entity A = {\n  a?: Set<A>\n};\n\naction \"x\" appliesTo {\n  principal: [A],\n"
      "  resource: [A],\n  context: {}\n};\n";
  const std::string json =
      R"({"":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{"a":{"type":"Set",)"
      R"("element":{"type":"EntityOrCommon","name":"A"},"required":false}}}}},"actions":{"x":)"
      R"({"appliesTo":{"resourceTypes":["A"],"principalTypes":["A"]}}}}})";
  const Result<Schema> from_text = Schema::from_cedar({"s.cedarschema", text});
  REQUIRE(from_text.has_value());
  CHECK(*from_text->to_text() == text);
  CHECK(*from_text->to_json() == json);
  const Result<Schema> from_json = Schema::from_json({"s.json", json});
  REQUIRE(from_json.has_value());
  CHECK(*from_json->to_text() == text);
  CHECK(*from_json->to_json() == json);
}

TEST_CASE("public schema: errors carry code, file and place") {
  const Result<Schema> syntax =
      Schema::from_cedar({"s.cedarschema", "entity A;\nentity A {b Long};"});
  REQUIRE_FALSE(syntax.has_value());
  CHECK(syntax.error().text() == "s.cedarschema:2:13: expected `:`, found `Long` [schema_syntax]");
  const Result<Schema> name = Schema::from_cedar({"s.cedarschema", "entity A in B;"});
  REQUIRE_FALSE(name.has_value());
  CHECK(name.error().text() == "s.cedarschema:1:13: `B` is not declared [schema_unknown_type]");
  const Result<Schema> json = Schema::from_json({"s.json", R"({"": {"actions": {}}})"});
  REQUIRE_FALSE(json.has_value());
  CHECK(json.error().text() == "s.json:1:6: the member `entityTypes` is missing [schema_shape]");
}

TEST_CASE("public schema: what is declared together may be too long when written out") {
  std::string names = "T0";
  std::string attributes;
  for (int i = 1; i < 3000; ++i) names += ",T" + std::to_string(i);
  for (int i = 0; i < 3000; ++i) attributes += "a" + std::to_string(i) + ":Long,";
  const std::string text = "entity " + names + " = {" + attributes + "};";
  const std::size_t before = mcpgov::test::allocated_bytes();
  const Result<Schema> schema = Schema::from_cedar({"s.cedarschema", text});
  REQUIRE(schema.has_value());
  for (const auto& written : {schema->to_text(), schema->to_json()}) {
    REQUIRE_FALSE(written.has_value());
    CHECK(written.error().text() ==
          "s.cedarschema: the schema would be longer than 67108864 bytes when written "
          "[schema_too_large]");
  }
  // Twice a string that doubles up to 128 MiB; it was 528 MB long.
  CHECK(mcpgov::test::allocated_bytes() - before < std::size_t{600} << 20);
  const std::string lists = "entity " + names + "; action " + names + " appliesTo {principal: [" +
                            names + "], resource: [" + names + "]};";
  const Result<Schema> actions = Schema::from_cedar({"s.cedarschema", lists});
  REQUIRE(actions.has_value());
  CHECK(actions->to_text().error().code == ErrorCode::schema_too_large);
  CHECK(actions->to_json().error().code == ErrorCode::schema_too_large);
}

TEST_CASE("public schema: what JSON can say and Cedar syntax cannot") {
  const char* cases[] = {
      R"({"":{"commonTypes":{"T":{"type":"Record","attributes":{}}},
          "entityTypes":{"A":{"shape":{"type":"T"}}},"actions":{}}})",
      R"({"N":{"commonTypes":{"A":{"type":"Long"}},"entityTypes":{"A":{}},"actions":{}}})",
  };
  for (const char* text : cases) {
    CAPTURE(std::string(text));
    const Result<Schema> schema = Schema::from_json({"s.json", text});
    REQUIRE(schema.has_value());
    const Result<std::string> printed = schema->to_text();
    REQUIRE_FALSE(printed.has_value());
    CHECK(code_name(printed.error().code) == "schema_not_expressible");
    CHECK(printed.error().file == "s.json");
  }
}

TEST_CASE("public schema: warnings say what hides what, and where") {
  const Result<Schema> schema = Schema::from_cedar(
      {"s", "entity T, ipaddr;\ntype T = Long;\nnamespace N { type decimal = String; entity U; }"});
  REQUIRE(schema.has_value());
  const std::vector<SchemaWarning> warnings = schema->warnings();
  REQUIRE(warnings.size() == 3);
  CHECK(warnings[0].text() ==
        "s:1:11: warning: `ipaddr` hides what is built in, which can still be named with "
        "`__cedar::`");
  CHECK(warnings[0].kind == SchemaWarning::Kind::shadows_builtin);
  CHECK(warnings[0].line == 1);
  CHECK(warnings[0].column == 11);
  CHECK(warnings[1].kind == SchemaWarning::Kind::shadows_entity);
  CHECK(warnings[1].message == "`T` hides the entity type of the same name");
  CHECK(warnings[1].line == 2);
  CHECK(warnings[2].kind == SchemaWarning::Kind::shadows_builtin);
  CHECK(warnings[2].line == 3);
  CHECK(Schema::from_cedar({"s", "entity A; type B = Long;"})->warnings().empty());
  CHECK(Schema::from_json({"s", R"({"":{"entityTypes":{"ipaddr":{}},"actions":{}}})"})
            ->warnings()
            .empty());
}

TEST_CASE("public schema: an engine reads entities and contexts by it and checks requests") {
  const Result<Schema> schema = Schema::from_cedar({"s", R"(
      entity Team;
      entity User in [Team] {from: ipaddr};
      entity Doc;
      action view;
      action read in view appliesTo {principal: User, resource: Doc, context: {at: datetime}};)"});
  REQUIRE(schema.has_value());
  const Source source{"p.cedar", R"(
      permit(principal in Team::"a", action in Action::"view", resource)
      when { principal.from.isLoopback() && context.at > datetime("2020-01-01") };)"};
  const std::string entities =
      R"([{"uid": {"type": "User", "id": "ann"}, "attrs": {"from": "127.0.0.1"},
           "parents": [{"type": "Team", "id": "a"}]}])";
  const Result<PolicySet> set = PolicySet::from_cedar({&source, 1});
  REQUIRE(set.has_value());
  Result<Engine> engines[] = {Engine::cedar({&source, 1}, entities, *schema),
                              Engine::from(*set, entities, *schema)};
  struct Case {
    Question question;
    const char* context;
    ErrorCode code;
    Effect effect;
  };
  const Question read{{"User", "ann"}, {"Action", "read"}, {"Doc", "d"}};
  const Case cases[] = {
      {read, R"({"at": "2024-01-01"})", ErrorCode::none, Effect::allow},
      {read, R"({"at": "2019-01-01"})", ErrorCode::none, Effect::deny},
      {read, R"({"at": "2019"})", ErrorCode::entities_value, Effect::deny},
      {read, R"({"at": 1})", ErrorCode::entities_value, Effect::deny},
      {read, R"({"at": "2019-01-01", "more": 1})", ErrorCode::entities_attribute_unknown,
       Effect::deny},
      {read, "{}", ErrorCode::entities_attribute_missing, Effect::deny},
      {read, "", ErrorCode::request_context, Effect::deny},
      {{{"Doc", "ann"}, {"Action", "read"}, {"Doc", "d"}},
       R"({"at": "2024-01-01"})",
       ErrorCode::request_not_applicable,
       Effect::deny},
      {{{"Dog", "ann"}, {"Action", "read"}, {"Doc", "d"}},
       R"({"at": "2024-01-01"})",
       ErrorCode::request_type_undeclared,
       Effect::deny},
      {{{"User", "ann"}, {"Action", "reed"}, {"Doc", "d"}},
       "{}",
       ErrorCode::request_action_undeclared,
       Effect::deny},
  };
  for (const Result<Engine>& engine : engines) {
    REQUIRE(engine.has_value());
    for (const Case& c : cases) {
      CAPTURE(std::string(c.context));
      const Result<Answer> answer = engine.value().authorize(c.question, c.context);
      CHECK(code_name(answer ? ErrorCode::none : answer.error().code) == code_name(c.code));
      if (answer) CHECK(answer.value().effect == c.effect);
    }
  }
  const char* unfit = R"([{"uid": {"type": "User", "id": "ann"}, "attrs": {}, "parents": []}])";
  CHECK(code_name(Engine::cedar({&source, 1}, unfit, *schema).error().code) ==
        "entities_attribute_missing");
  CHECK(Engine::cedar({&source, 1}, "", *schema).has_value());
}
