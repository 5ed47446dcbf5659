// The fixtures of Cedar's MCP schema generator, run against ours.
// Tested by tests/conformance/mcp_schema_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/conformance_mcp_schema.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/arena.hpp"
#include "base/os_file.hpp"
#include "cli/file_sizes.hpp"
#include "mcpgov/request.hpp"
#include "policy/cedar/schema_declarations.hpp"

namespace mcpgov::cli {

namespace {

namespace fs = std::filesystem;
using request::SchemaForm;
using request::SchemaOptions;

constexpr std::string_view kText = ".cedarschema";
constexpr std::string_view kJson = ".cedarschema.json";

struct Fixture {
  fs::path expected;
  fs::path tools;
  SchemaOptions options;
  SchemaForm form = SchemaForm::cedar;
};

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// A name says what its file is: that of the tools, then the options, if there are any.
std::optional<SchemaOptions> options_of(const fs::path& expected, std::string_view rest) {
  SchemaOptions options;
  options.deduplicate_entity_types = expected.parent_path().filename() == "dedup";
  options.include_outputs = rest == "_include_outputs" ||
                            expected.filename().string().find("_in_output") != std::string::npos;
  options.erase_annotations = rest != "_keep_annotations";
  options.flatten_namespaces = rest == "_flat" || rest == "_flattened_namespace";
  options.objects_as_records = rest == "_objects_as_records";
  options.encode_numbers_as_decimal = rest == "_encode_numbers_as_decimal";
  constexpr std::string_view kKnown[] = {"",
                                         "_default",
                                         "_include_outputs",
                                         "_keep_annotations",
                                         "_flat",
                                         "_flattened_namespace",
                                         "_objects_as_records",
                                         "_encode_numbers_as_decimal"};
  if (std::find(std::begin(kKnown), std::end(kKnown), rest) == std::end(kKnown)) return {};
  return options;
}

// The tools whose name is the longest beginning of the name of what is expected.
std::optional<Fixture> fixture_of(const fs::path& file) {
  Fixture out;
  out.expected = file;
  const std::string name = file.filename().string();
  out.form = ends_with(name, kJson) ? SchemaForm::json : SchemaForm::cedar;
  const std::string stem =
      name.substr(0, name.size() - (out.form == SchemaForm::json ? kJson : kText).size());
  for (std::size_t size = stem.size(); size > 0; --size) {
    out.tools = file.parent_path() / (stem.substr(0, size) + ".json");
    std::error_code cause;
    if (!fs::exists(out.tools, cause)) continue;
    const auto options = options_of(file, std::string_view(stem).substr(size));
    if (!options) return {};
    out.options = *options;
    return out;
  }
  return {};
}

Result<std::vector<Fixture>> read_fixtures(const std::string& folder) {
  std::vector<Fixture> out;
  std::error_code cause;
  for (fs::recursive_directory_iterator at(folder, cause), end; !cause && at != end;
       at.increment(cause)) {
    const std::string name = at->path().filename().string();
    if (name == "stub.cedarschema" || !(ends_with(name, kText) || ends_with(name, kJson))) continue;
    const std::optional<Fixture> fixture = fixture_of(at->path());
    if (!fixture) {
      return Error{ErrorCode::file_unreadable, "no tools and options fit the name of this fixture",
                   at->path().string(), 0, 0};
    }
    out.push_back(*fixture);
  }
  if (out.empty()) {
    return Error{ErrorCode::file_unreadable, "there are no fixtures in this folder", folder, 0, 0};
  }
  std::sort(out.begin(), out.end(),
            [](const Fixture& a, const Fixture& b) { return a.expected < b.expected; });
  return out;
}

// Some fixtures have comments for their readers, which no printer writes.
Result<std::string> without_comments(const std::string& text) {
  if (text.find("//") == std::string::npos) return text;
  Arena arena;
  const auto schema = policy::cedar::parse_schema(text, arena);
  return schema ? policy::cedar::schema_text(*schema) : Result<std::string>(schema.error());
}

std::string without_line_ends(std::string text) {
  text.erase(text.find_last_not_of('\n') + 1);
  return text;
}

bool passes(const Fixture& fixture, const policy::Source& stub, const std::string& tools,
            const std::string& expected) {
  const std::string name = fixture.expected.string();
  const Result<std::string> made =
      request::tool_schema(stub, {fixture.tools.string(), tools}, fixture.options, fixture.form);
  if (!made) {
    std::printf("FAILED %s: %s\n", name.c_str(), made.error().text().c_str());
    return false;
  }
  const Result<std::string> compared =
      fixture.form == SchemaForm::cedar ? without_comments(expected) : expected;
  if (!compared) {
    std::printf("FAILED %s: %s\n", name.c_str(), compared.error().text().c_str());
    return false;
  }
  const std::string ours = without_line_ends(*made);
  const std::string theirs = without_line_ends(*compared);
  if (ours == theirs) return true;
  const auto at = std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end());
  std::printf("FAILED %s: line %td differs\n", name.c_str(),
              std::count(ours.begin(), at.first, '\n') + 1);
  return false;
}

}  // namespace

Result<SuiteResult> run_mcp_schema(const McpSchemaSuite& suite) {
  const std::string stub_file = (fs::path(suite.folder) / "stub.cedarschema").string();
  Result<std::string> stub = read_file(stub_file, kDocumentBytes);
  if (!stub) return stub.error();
  const policy::Source source{stub_file, *std::move(stub)};
  const Result<std::vector<Fixture>> fixtures = read_fixtures(suite.folder);
  if (!fixtures) return fixtures.error();
  SuiteResult out;
  for (const Fixture& fixture : *fixtures) {
    const Result<std::string> tools = read_file(fixture.tools.string(), kToolsBytes);
    if (!tools) return tools.error();
    const Result<std::string> expected = read_file(fixture.expected.string(), kDocumentBytes);
    if (!expected) return expected.error();
    const bool passed = passes(fixture, source, *tools, *expected);
    if (passed && suite.verbose) std::printf("passed %s\n", fixture.expected.string().c_str());
    ++(passed ? out.passed : out.failed);
  }
  return out;
}

}  // namespace mcpgov::cli
