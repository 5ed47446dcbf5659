// The runner of schema suites sees every difference between the two forms of a schema.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <doctest/doctest.h>

#include "cli/conformance_schemas.hpp"
#include "support/temporary_folder.hpp"

using namespace mcpgov;
using namespace mcpgov::cli;

TEST_CASE("conformance: a schema passes only if both forms mean the same and print the same") {
  struct Case {
    const char* sentence;
    const char* cedar;
    const char* json;
    bool passes;
  };
  const Case cases[] = {
      {"the same", "entity A tags Long;",
       R"({"":{"entityTypes":{"A":{"tags":{"type":"EntityOrCommon","name":"Long"}}},)"
       R"("actions":{}}})",
       true},
      {"the same types in another form", "entity A tags Long;",
       R"({"":{"entityTypes":{"A":{"tags":{"type":"Long"}}},"actions":{}}})", false},
      {"another type", "entity A tags Long;",
       R"({"":{"entityTypes":{"A":{"tags":{"type":"String"}}},"actions":{}}})", false},
      {"an entity type more", "entity A;", R"({"":{"entityTypes":{"A":{},"B":{}},"actions":{}}})",
       false},
      {"an action less", "entity A; action a;", R"({"":{"entityTypes":{"A":{}},"actions":{}}})",
       false},
      {"an annotation less", "@a entity A;", R"({"":{"entityTypes":{"A":{}},"actions":{}}})",
       false},
      {"JSON that is refused", "entity A;", R"({"":{"entityTypes":{"A":{}}}})", false},
      {"Cedar syntax that is refused", "entity A", R"({"":{"entityTypes":{"A":{}},"actions":{}}})",
       false},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.sentence));
    const test::TemporaryFolder folder;
    folder.write("corpus-tests/1.cedarschema", c.cedar);
    folder.write("corpus-tests-json-schemas/1.cedarschema.json", c.json);
    folder.write("corpus-tests-json-schemas/._1.cedarschema.json", "not a schema");
    const Result<SuiteResult> result = run_schemas({folder.path(""), false});
    REQUIRE(result.has_value());
    CHECK(result->passed == (c.passes ? 1 : 0));
    CHECK(result->failed == (c.passes ? 0 : 1));
  }
}

TEST_CASE("conformance: a folder without schemas is an error") {
  const test::TemporaryFolder folder;
  CHECK(run_schemas({folder.path("missing"), false}).error().code == ErrorCode::file_unreadable);
  folder.write("corpus-tests/1.cedarschema", "");
  folder.write("corpus-tests-json-schemas/readme.txt", "");
  CHECK(run_schemas({folder.path(""), false}).error().code == ErrorCode::file_unreadable);
}
