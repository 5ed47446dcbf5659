// The fixtures of Cedar's MCP schema generator, run against ours.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/conformance_cedar.hpp"

namespace mcpgov::cli {

struct McpSchemaSuite {
  std::string folder;  // stub.cedarschema, and folders with tools and expected schemas
  bool verbose = false;
};

// Prints failures. Errors: file_unreadable (no such folder, no stub or no fixtures in it).
Result<SuiteResult> run_mcp_schema(const McpSchemaSuite& suite);

}  // namespace mcpgov::cli
