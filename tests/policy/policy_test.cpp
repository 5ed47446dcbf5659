// The public engine, as a host would use it.
//
// SPDX-License-Identifier: Apache-2.0
#include "mcpgov/policy.hpp"

#include <string>
#include <utility>

#include <doctest/doctest.h>

namespace mcpgov::policy {
namespace {

constexpr std::string_view kEntities = R"([
  {"uid": {"type": "User", "id": "ann"}, "attrs": {"level": 3},
   "parents": [{"type": "Group", "id": "staff"}]}])";
const Source kPolicies{"docs.cedar", R"(
@id("staff-read")
permit(principal in Group::"staff", action == Action::"read", resource)
when { context.mfa };
forbid(principal, action, resource == Doc::"secret") unless { principal.level > 5 };
)"};

constexpr Question kQuestion{{"User", "ann"}, {"Action", "read"}, {"Doc", "plan"}};

Engine open_engine() {
  Result<Engine> engine = Engine::cedar({&kPolicies, 1}, kEntities);
  REQUIRE_MESSAGE(engine.has_value(), engine.error().text());
  return std::move(*engine);
}

}  // namespace

TEST_CASE("policy: a question gets an effect with its reasons") {
  const Engine engine = open_engine();
  CHECK(engine.policy_count() == 2);
  CHECK(engine.policy(0).id == "staff-read");
  CHECK(engine.policy(1).id == "docs.cedar#policy1");
  CHECK(engine.policy(1).forbid);
  CHECK(engine.policy(1).line == 5);

  Result<Answer> answer = engine.authorize(kQuestion, R"({"mfa": true})");
  REQUIRE(answer.has_value());
  CHECK(answer->effect == Effect::allow);
  REQUIRE(answer->reasons.size() == 1);
  CHECK(answer->reasons[0] == "staff-read");

  Question secret = kQuestion;
  secret.resource.id = "secret";
  answer = engine.authorize(secret, R"({"mfa": true})");
  REQUIRE(answer.has_value());
  CHECK(answer->effect == Effect::deny);
  CHECK(answer->reasons[0] == "docs.cedar#policy1");

  answer = engine.authorize(kQuestion, R"({"mfa": false})");
  REQUIRE(answer.has_value());
  CHECK(answer->effect == Effect::deny);
  CHECK(answer->reasons.empty());
}

TEST_CASE("policy: a policy that fails is told with its code and no values") {
  const Engine engine = open_engine();
  const Result<Answer> answer = engine.authorize(kQuestion, "");
  REQUIRE(answer.has_value());
  CHECK(answer->effect == Effect::deny);
  REQUIRE(answer->failures.size() == 1);
  CHECK(answer->failures[0].policy == "staff-read");
  CHECK(answer->failures[0].code == ErrorCode::eval_attribute_missing);
  CHECK(answer->failures[0].message ==
        "policy `staff-read` (docs.cedar:3:1): the attribute does not exist");
}

TEST_CASE("policy: questions that are none are refused") {
  const Engine engine = open_engine();
  for (const std::string_view type :
       {"", "1", "A::", "::A", "A::B::", "A B", "if", "A::__cedar", "A::\"b\"", "A:B", "A ::B"}) {
    CAPTURE(std::string(type));
    for (Uid Question::*part : {&Question::principal, &Question::action, &Question::resource}) {
      Question question = kQuestion;
      (question.*part).type = type;
      const Result<Answer> answer = engine.authorize(question, "{}");
      REQUIRE_FALSE(answer.has_value());
      CHECK(answer.error().code == ErrorCode::entities_shape);
    }
  }
  Question question = kQuestion;
  question.principal.id = "\xff";
  CHECK_FALSE(engine.authorize(question, "{}").has_value());
  for (const std::string_view context :
       {"{", "{\"a\": 1.5}", "{\"a\": null}", "{\"a\": 1, \"a\": 2}"}) {
    CHECK_FALSE(engine.authorize(kQuestion, context).has_value());
  }
  CHECK(engine.authorize(kQuestion, "[]").error().code == ErrorCode::context_not_a_record);
}

TEST_CASE("policy: sets that are none are refused with their place") {
  const Source broken{"x.cedar", "permit(principal, action, resource) when { 1 + };"};
  const Result<Engine> engine = Engine::cedar({&broken, 1}, "");
  REQUIRE_FALSE(engine.has_value());
  CHECK(engine.error().text() ==
        "x.cedar:1:48: unexpected `}`, wanted an expression [policy_syntax]");
  CHECK(Engine::cedar({}, "{}").error().code == ErrorCode::entities_shape);
  CHECK(Engine::cedar({}, "[").error().code == ErrorCode::entities_json);
}

TEST_CASE("policy: no policies deny, and an engine moves") {
  Result<Engine> empty = Engine::cedar({}, "");
  REQUIRE(empty.has_value());
  Engine moved = std::move(*empty);
  CHECK(moved.authorize(kQuestion, "{}")->effect == Effect::deny);
  moved = open_engine();
  CHECK(moved.authorize(kQuestion, R"({"mfa": true})")->effect == Effect::allow);
  CHECK(Answer{}.effect == Effect::deny);
}

}  // namespace mcpgov::policy
