// The runner of validation verdicts sees every verdict that differs from ours.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <doctest/doctest.h>

#include "cli/conformance_validation.hpp"
#include "support/temporary_folder.hpp"

using namespace mcpgov;
using namespace mcpgov::cli;

namespace {

constexpr const char* kSchema =
    "entity U {a: Long}; action x appliesTo {principal: U, resource: U, context: {n: Long}};";
constexpr const char* kTest =
    R"({"requests": [{"principal": {"type": "U", "id": "1"}, "action": {"type": "Action",)"
    R"( "id": "x"}, "resource": {"type": "U", "id": "2"}, "context": {"n": 1}}]})";
constexpr const char* kEntities =
    R"([{"uid": {"type": "U", "id": "1"}, "attrs": {"a": 1}, "parents": []}])";

// strict, permissive: members of the verdict; entity, request: their verdicts.
std::string verdicts(const std::string& policy, const std::string& entity,
                     const std::string& request) {
  return R"({"policyValidation": {"perPolicy": {"policy0": )" + policy + "}, " + policy.substr(1) +
         R"(, "entityValidation": {"perEntity": {"U::1": )" + entity +
         R"(}}, "requestValidation": [)" + request + "]}";
}

}  // namespace

TEST_CASE("conformance: a case passes only if every verdict and every kind of error is ours") {
  const std::string empty_set =
      R"(["for policy `policy0`, empty set literals are forbidden in policies"])";
  const std::string other = R"(["for policy `policy0`, unrecognized entity type `V`"])";
  const std::string good = R"({"strict": true, "permissive": true})";
  const std::string half =
      R"({"strict": false, "permissive": true, "strictErrors": )" + empty_set + "}";
  struct Case {
    const char* sentence;
    const char* condition;
    std::string verdicts;
    bool passes;
  };
  const Case cases[] = {
      {"all is well", "true", verdicts(good, "{}", good), true},
      {"strict alone refuses", "[] == []",
       verdicts(R"({"strict": false, "permissive": true, "strictErrors": )" +
                    empty_set.substr(0, empty_set.size() - 1) + ", " + empty_set.substr(1) + "}",
                "{}", good),
       true},
      {"an error less than ours", "[] == []", verdicts(half, "{}", good), false},
      {"another kind than ours", "[].isEmpty()",
       verdicts(R"({"strict": false, "permissive": true, "strictErrors": )" + other + "}", "{}",
                good),
       false},
      {"another verdict on a policy", "1", verdicts(good, "{}", good), false},
      {"another verdict on an entity", "true", verdicts(good, R"({"errors": ["no"]})", good),
       false},
      {"another verdict on a request", "true",
       verdicts(good, "{}", R"({"strict": false, "permissive": false})"), false},
      {"a message nobody knows", "[].isEmpty()",
       verdicts(R"({"strict": false, "permissive": true, "strictErrors": ["what?"]})", "{}", good),
       false},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.sentence));
    const test::TemporaryFolder folder;
    folder.write("1.cedarschema", kSchema);
    folder.write("1.cedar",
                 "permit(principal, action, resource) when { " + std::string(c.condition) + " };");
    folder.write("1.json", kTest);
    folder.write("1.entities.json", kEntities);
    folder.write("1.validation.json", c.verdicts);
    folder.write("._1.validation.json", "no verdicts");
    const Result<SuiteResult> result = run_validator_cases({folder.path(""), false});
    REQUIRE(result.has_value());
    CHECK(result->passed == (c.passes ? 1 : 0));
    CHECK(result->failed == (c.passes ? 0 : 1));
  }
}

TEST_CASE("conformance: a folder without verdicts is an error") {
  const test::TemporaryFolder folder;
  CHECK(run_validator_cases({folder.path("missing"), false}).error().code ==
        ErrorCode::file_unreadable);
  CHECK(run_validation({folder.path("missing"), false}).error().code == ErrorCode::file_unreadable);
}
