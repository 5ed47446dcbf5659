// The runner of Cedar's suites sees every difference: a suite of one test, altered in each way.
//
// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "cli/conformance_cedar.hpp"
#include "support/temporary_folder.hpp"

using namespace mcpgov;
using namespace mcpgov::cli;

namespace {

constexpr const char* kTest = R"({
  "policies": "tests/p.cedar", "entities": "tests/e.json", "schema": "tests/s.cedarschema",
  "shouldValidate": true,
  "requests": [
    {"description": "allowed by the first", "principal": {"type": "U", "id": "a"},
     "action": {"type": "Action", "id": "x"}, "resource": {"type": "U", "id": "b"},
     "context": {"n": 9223372036854775807, "i": "10.0.0.1"},
     "decision": "allow", "reason": ["policy0"], "errors": ["policy1"]},
    {"description": "denied", "principal": {"type": "U", "id": "b"},
     "action": {"type": "Action", "id": "x"}, "resource": {"type": "U", "id": "a"},
     "context": {"n": 1, "i": "11.0.0.1"},
     "decision": "deny", "reason": [], "errors": []}]
})";
constexpr const char* kPolicies = R"(
  permit(principal == U::"a", action, resource) when { context.i.isInRange(ip("10.0.0.0/8")) };
  permit(principal, action, resource) when { context.n + 1 == 0 };)";
constexpr const char* kEntities =
    R"([{"uid": {"type": "U", "id": "a"}, "attrs": {}, "parents": []}])";
constexpr const char* kSchema = R"(
  entity U;
  action x appliesTo {principal: U, resource: U, context: {n: Long, i: ipaddr}};)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("conformance: a suite passes as it is, and fails with any one thing altered") {
  struct Case {
    const char* sentence;
    const char* file;
    const char* from;
    const char* to;
    bool passes;
  };
  const Case cases[] = {
      {"as it is", "tests/t.json", "allow", "allow", true},
      {"another decision", "tests/t.json", R"("decision": "allow")", R"("decision": "deny")",
       false},
      {"a reason missing", "tests/t.json", R"("reason": ["policy0"])", R"("reason": [])", false},
      {"a reason too many", "tests/t.json", R"("reason": [])", R"("reason": ["policy0"])", false},
      {"another reason", "tests/t.json", R"(["policy0"])", R"(["policy1"])", false},
      {"an error missing", "tests/t.json", R"("errors": ["policy1"])", R"("errors": [])", false},
      {"an error too many", "tests/t.json", R"("errors": [])", R"("errors": ["policy1"])", false},
      {"a context that does not fit", "tests/t.json", R"("10.0.0.1")", R"("10.0.0.256")", false},
      {"a member missing", "tests/t.json", R"("reason")", R"("raison")", false},
      {"no JSON", "tests/t.json", "{", "", false},
      {"a file that does not exist", "tests/t.json", "tests/p.cedar", "tests/q.cedar", false},
      {"other policies", "tests/p.cedar", "10.0.0.0/8", "12.0.0.0/8", false},
      {"policies that do not parse", "tests/p.cedar", "permit", "allow", false},
      {"entities that do not parse", "tests/e.json", "[", "", false},
      {"a schema that does not parse", "tests/s.cedarschema", "entity U;", "entity U", false},
      {"a schema without the short form", "tests/s.cedarschema", "i: ipaddr", "i: String", false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.sentence);
    const test::TemporaryFolder folder;
    const std::pair<const char*, const char*> files[] = {{"tests/t.json", kTest},
                                                         {"tests/p.cedar", kPolicies},
                                                         {"tests/e.json", kEntities},
                                                         {"tests/s.cedarschema", kSchema}};
    for (const auto& [name, text] : files) {
      folder.write(name, std::string(name) == c.file ? replaced(text, c.from, c.to) : text);
    }
    // The entities lie beside the test and end in .json: their name tells them apart.
    std::filesystem::rename(folder.path("tests/e.json"), folder.path("tests/e.entities.json"));
    folder.write("tests/t.json",
                 replaced(std::string(c.file) == "tests/t.json" ? replaced(kTest, c.from, c.to)
                                                                : std::string(kTest),
                          "tests/e.json", "tests/e.entities.json"));
    for (const bool index_off : {false, true}) {
      CedarSuite suite;
      suite.folder = folder.path("");
      suite.index_off = index_off;
      const Result<SuiteResult> result = run_cedar(suite);
      REQUIRE(result.has_value());
      CHECK(result->passed == (c.passes ? 1 : 0));
      CHECK(result->failed == (c.passes ? 0 : 1));
    }
  }
}

TEST_CASE("conformance: a folder that holds no suite is an error, and so is a broken archive") {
  const test::TemporaryFolder folder;
  CedarSuite suite;
  suite.folder = folder.path("missing");
  CHECK(run_cedar(suite).error().code == ErrorCode::file_unreadable);
  suite.folder = folder.path("");
  CHECK(run_cedar(suite).error().code == ErrorCode::file_unreadable);
  folder.write("corpus-tests.tar.gz", "this is no archive");
  const Result<SuiteResult> broken = run_cedar(suite);
  REQUIRE_FALSE(broken.has_value());
  CHECK(broken.error().code == ErrorCode::file_unreadable);
  CHECK(broken.error().file.ends_with("corpus-tests.tar.gz"));
}
