// The runner of the fixtures of Cedar's MCP schema generator sees every difference.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <doctest/doctest.h>

#include "cli/conformance_mcp_schema.hpp"
#include "support/temporary_folder.hpp"

using namespace mcpgov;
using namespace mcpgov::cli;

namespace {

constexpr const char* kStub = "namespace N { @mcp_principal @mcp_resource entity A; }";
constexpr const char* kTools = R"([{"name":"t","inputSchema":{}}])";
const std::string kSchema =
    "namespace N {\n  type tInput = {  };\n\n  entity A;\n\n  action \"t\" appliesTo {\n"
    "    principal: [A],\n    resource: [A],\n    context: {\n      input: tInput\n    }\n  "
    "};\n}\n";

}  // namespace

TEST_CASE("conformance: a fixture passes when the schema is equal in every byte but comments") {
  struct Case {
    const char* sentence;
    const char* name;
    std::string expected;
    bool passes;
  };
  const Case cases[] = {
      {"equal", "t.cedarschema", kSchema, true},
      {"with comments", "t.cedarschema", "// why\n" + kSchema, true},
      {"a line end less", "t_default.cedarschema", kSchema.substr(0, kSchema.size() - 1), true},
      {"outputs are asked for", "t_include_outputs.cedarschema", kSchema, false},
      {"another name", "t.cedarschema", "namespace M" + kSchema.substr(11), false},
      {"a space more", "t.cedarschema", " " + kSchema, false},
      {"no schema", "t.cedarschema", "// namespace", false},
      {"Cedar syntax where JSON is expected", "t.cedarschema.json", kSchema, false},
  };
  for (const Case& each : cases) {
    CAPTURE(std::string(each.sentence));
    const test::TemporaryFolder folder;
    folder.write("stub.cedarschema", kStub);
    folder.write("a/t.json", kTools);
    folder.write("a/" + std::string(each.name), each.expected);
    const Result<SuiteResult> result = run_mcp_schema({folder.path(""), false});
    REQUIRE(result.has_value());
    CHECK(result->passed == (each.passes ? 1 : 0));
    CHECK(result->failed == (each.passes ? 0 : 1));
  }
}

TEST_CASE("conformance: a folder that is no suite of schemas for MCP is an error") {
  const test::TemporaryFolder folder;
  CHECK_FALSE(run_mcp_schema({folder.path("nowhere"), false}).has_value());
  folder.write("stub.cedarschema", kStub);
  CHECK_FALSE(run_mcp_schema({folder.path(""), false}).has_value());
  folder.write("a/t.json", kTools);
  folder.write("a/t_unheard_of.cedarschema", kSchema);
  CHECK_FALSE(run_mcp_schema({folder.path(""), false}).has_value());
  folder.write("a/u.cedarschema", kSchema);
  CHECK_FALSE(run_mcp_schema({folder.path(""), false}).has_value());
}
