// `mcpgov-conformance`: runs published conformance suites against the engines of this library.
// Tested by tests/conformance
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/conformance_cedar.hpp"
#include "cli/conformance_formatter.hpp"
#include "cli/conformance_mcp_schema.hpp"
#include "cli/conformance_schemas.hpp"
#include "cli/conformance_validation.hpp"

namespace {

constexpr int kPassed = 0;
constexpr int kFailed = 1;
constexpr int kUsage = 2;

int run(int argc, char** argv) {
  CLI::App app(
      "Runs published conformance suites. Exit code: 0 all passed, 1 some failed, "
      "2 the command line or the suite cannot be used.");
  app.require_subcommand(1);
  mcpgov::cli::CedarSuite suite;
  CLI::App* cedar = app.add_subcommand(
      "cedar", "Cedar integration tests: decision, reasons and errors of every request");
  cedar
      ->add_option("DIR", suite.folder,
                   "holds corpus-tests/ (or corpus-tests.tar.gz), or tests/ with sample-data/")
      ->required();
  cedar->add_option("--only", suite.only, "run tests whose path contains this text");
  cedar->add_flag("--verbose", suite.verbose, "name every test and list every failure");
  cedar->add_flag("--index-off", suite.index_off, "look at every policy in every request");
  mcpgov::cli::FormatterSuite formatter_suite;
  CLI::App* formatter =
      app.add_subcommand("cedar-formatter", "The goldens of Cedar's formatter, byte for byte");
  formatter->add_option("DIR", formatter_suite.folder, "holds *.cedar, snapshots/, cli-snapshots/")
      ->required();
  formatter->add_flag("--verbose", formatter_suite.verbose, "name every golden");
  mcpgov::cli::SchemaSuite schema_suite;
  CLI::App* schemas = app.add_subcommand(
      "cedar-json-schemas", "The corpus' schemas in JSON: read, resolved and printed as theirs");
  schemas
      ->add_option("DIR", schema_suite.folder,
                   "holds corpus-tests and corpus-tests-json-schemas, or their .tar.gz")
      ->required();
  schemas->add_flag("--verbose", schema_suite.verbose, "name every schema");
  mcpgov::cli::McpSchemaSuite mcp_suite;
  CLI::App* mcp_schema = app.add_subcommand(
      "cedar-mcp-schema", "The fixtures of Cedar's generator of schemas for MCP, byte for byte");
  mcp_schema
      ->add_option("DIR", mcp_suite.folder, "holds stub.cedarschema, simple/, dedup/, strands/")
      ->required();
  mcp_schema->add_flag("--verbose", mcp_suite.verbose, "name every fixture");
  mcpgov::cli::ValidationSuite validation_suite;
  CLI::App* validation = app.add_subcommand(
      "cedar-validation", "The corpus' verdicts on policies, entities and requests, both modes");
  validation
      ->add_option("DIR", validation_suite.folder,
                   "holds corpus-tests and corpus-tests-validation, or their .tar.gz")
      ->required();
  validation->add_flag("--verbose", validation_suite.verbose, "list every failure");
  CLI::App* cases = app.add_subcommand("cedar-validator-cases",
                                       "Handwritten verdicts on policies, entities and requests");
  cases->add_option("DIR", validation_suite.folder, "holds *.validation.json")->required();
  cases->add_flag("--verbose", validation_suite.verbose, "list every failure");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? kPassed : kUsage;
  }
  const mcpgov::Result<mcpgov::cli::SuiteResult> result =
      formatter->parsed()    ? mcpgov::cli::run_formatter(formatter_suite)
      : mcp_schema->parsed() ? mcpgov::cli::run_mcp_schema(mcp_suite)
      : validation->parsed() ? mcpgov::cli::run_validation(validation_suite)
      : cases->parsed()      ? mcpgov::cli::run_validator_cases(validation_suite)
      : schemas->parsed()    ? mcpgov::cli::run_schemas(schema_suite)
                             : mcpgov::cli::run_cedar(suite);
  if (!result) {
    std::fprintf(stderr, "mcpgov-conformance: %s\n", result.error().text().c_str());
    return kUsage;
  }
  std::printf("%zu passed, %zu failed\n", result->passed, result->failed);
  return result->failed == 0 ? kPassed : kFailed;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "mcpgov-conformance: %s\n", problem.what());
    return kUsage;
  }
}
