// Entity types of arguments are those that Cedar's MCP schema generator declares.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

#include "catalog/type.hpp"
#include "mcpgov/catalog.hpp"

namespace {

namespace catalog = mcpgov::catalog;

std::string conformance(const std::string& name) {
  const char* root = std::getenv("MCPGOV_CONFORMANCE");
  const std::string folder =
      root != nullptr ? root : std::string(MCPGOV_SOURCE_DIR) + "/../shared/conformance";
  std::ifstream file(folder + "/cedar-mcp-schema/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The block `namespace NAME { … }` of a printed schema.
std::string block(const std::string& schema, const std::string& name) {
  const std::size_t start = schema.find("namespace " + name + " {");
  if (start == std::string::npos) return {};
  return schema.substr(start, schema.find("\n}\n", start) - start);
}

TEST_CASE("agreement: every entity type of our arguments is one the generator declares") {
  struct Case {
    std::string tools;
    std::string schema;
    int least;  // so that the comparison cannot become empty
  };
  const Case cases[] = {
      {"simple/tool.json", "simple/tool_objects_as_records.cedarschema", 2},
      {"simple/tool.json", "simple/tool_default.cedarschema", 2},
      {"strands/strands_tools.json", "strands/strands_tools.cedarschema", 25},
  };
  for (const Case& c : cases) {
    CAPTURE(c.schema);
    const std::string schema = conformance(c.schema);
    if (schema.empty()) {
      MESSAGE("SKIPPED: no conformance data, set MCPGOV_CONFORMANCE");
      return;
    }
    const auto read =
        catalog::Catalog::from_tools_json(conformance(c.tools), catalog::Origin::pinned);
    REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().message));
    int compared = 0;
    for (const catalog::Tool& tool : read->tools()) {
      for (const catalog::Type& type : tool.input->types) {
        if (type.path.empty()) continue;
        const std::string path = "MyMcpServer::" + std::string(type.path);
        CAPTURE(path);
        const std::size_t cut = path.rfind("::");
        const std::string space = block(schema, path.substr(0, cut));
        const std::string entity = "entity " + path.substr(cut + 2);
        const bool enumeration = type.kind == catalog::TypeKind::enumeration;
        const std::size_t at = space.find("\n  " + entity + (enumeration ? " enum [" : ""));
        CHECK(at != std::string::npos);
        for (const std::string_view value : type.values) {
          CHECK(space.find("\"" + std::string(value) + "\"", at) < space.find(';', at));
        }
        ++compared;
      }
    }
    CHECK(compared >= c.least);
  }
}

}  // namespace
