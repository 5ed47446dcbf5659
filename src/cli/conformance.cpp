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
#include "cli/conformance_jose.hpp"
#include "cli/conformance_mcp_schema.hpp"
#include "cli/conformance_schemas.hpp"
#include "cli/conformance_validation.hpp"

namespace {

constexpr int kPassed = 0;
constexpr int kFailed = 1;
constexpr int kUsage = 2;

// What most suites take.
template <class Suite>
CLI::App* add(CLI::App& app, const char* word, const char* what, const char* holds, Suite& suite) {
  CLI::App* command = app.add_subcommand(word, what);
  command->add_option("DIR", suite.folder, holds)->required();
  command->add_flag("--verbose", suite.verbose, "name every test, list every failure");
  return command;
}

int told(const mcpgov::Result<mcpgov::cli::SuiteResult>& result) {
  if (!result) {
    std::fprintf(stderr, "mcpgov-conformance: %s\n", result.error().text().c_str());
    return kUsage;
  }
  std::printf("%zu passed, %zu failed\n", result->passed, result->failed);
  return result->failed == 0 ? kPassed : kFailed;
}

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
  const CLI::App* formatter =
      add(app, "cedar-formatter", "The goldens of Cedar's formatter, byte for byte",
          "holds *.cedar, snapshots/, cli-snapshots/", formatter_suite);
  mcpgov::cli::JoseSuite jose_suite;
  const CLI::App* jose =
      add(app, "jose", "Project Wycheproof's vectors of signed tokens, keys and encrypted tokens",
          "holds json_web_*_test.json", jose_suite);
  mcpgov::cli::SchemaSuite schema_suite;
  const CLI::App* schemas =
      add(app, "cedar-json-schemas",
          "The corpus' schemas in JSON: read, resolved and printed as theirs",
          "holds corpus-tests and corpus-tests-json-schemas, or their .tar.gz", schema_suite);
  mcpgov::cli::McpSchemaSuite mcp_suite;
  const CLI::App* mcp_schema =
      add(app, "cedar-mcp-schema",
          "The fixtures of Cedar's generator of schemas for MCP, byte for byte",
          "holds stub.cedarschema, simple/, dedup/, strands/", mcp_suite);
  mcpgov::cli::ValidationSuite validation_suite;
  const CLI::App* validation =
      add(app, "cedar-validation",
          "The corpus' verdicts on policies, entities and requests, both modes",
          "holds corpus-tests and corpus-tests-validation, or their .tar.gz", validation_suite);
  const CLI::App* cases =
      add(app, "cedar-validator-cases", "Handwritten verdicts on policies, entities and requests",
          "holds *.validation.json", validation_suite);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? kPassed : kUsage;
  }
  return told(formatter->parsed()    ? mcpgov::cli::run_formatter(formatter_suite)
              : jose->parsed()       ? mcpgov::cli::run_jose(jose_suite)
              : mcp_schema->parsed() ? mcpgov::cli::run_mcp_schema(mcp_suite)
              : validation->parsed() ? mcpgov::cli::run_validation(validation_suite)
              : cases->parsed()      ? mcpgov::cli::run_validator_cases(validation_suite)
              : schemas->parsed()    ? mcpgov::cli::run_schemas(schema_suite)
                                     : mcpgov::cli::run_cedar(suite));
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
