// Findings as text, and policies against a schema.
// Tested by tests/policy/validation_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "mcpgov/cedar.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/cedar/validation/validator.hpp"

namespace mcpgov::policy {

namespace {

// No schema in Cedar syntax begins with a brace.
Result<cedar::Schema> read_any_schema(const Source& schema, Symbols& symbols) {
  const std::size_t first = schema.text.find_first_not_of(" \t\r\n");
  const bool json = first != std::string::npos && schema.text[first] == '{';
  return json ? cedar::read_schema_json(schema.text, schema.name, symbols)
              : cedar::read_schema(schema.text, schema.name, symbols);
}

}  // namespace

std::string_view finding_kind_text(FindingKind kind) noexcept {
  static constexpr std::string_view kTexts[] = {
#define MCPGOV_FINDING_KIND(name, text) text,
      MCPGOV_FINDING_KINDS(MCPGOV_FINDING_KIND)
#undef MCPGOV_FINDING_KIND
  };
  return kTexts[static_cast<std::size_t>(kind)];
}

std::string Finding::text() const {
  std::string out = file;
  if (line != 0) out += ":" + std::to_string(line) + ":" + std::to_string(column);
  if (!out.empty()) out += ": ";
  out += severity == Severity::error ? "error: policy `" : "warning: policy `";
  out += policy + "`: " + message + " [" + std::string(finding_kind_text(kind)) + "]";
  return out;
}

bool passes(std::span<const Finding> findings) noexcept {
  return std::none_of(findings.begin(), findings.end(),
                      [](const Finding& each) { return each.severity == Severity::error; });
}

Result<std::vector<Finding>> validate(std::span<const Source> policies, const Source& schema,
                                      const ValidationOptions& options) {
  Symbols symbols;
  const Result<cedar::Schema> resolved = read_any_schema(schema, symbols);
  if (!resolved) return resolved.error();
  cedar::validation::Validator validator(*resolved, symbols, options);
  std::vector<Finding> out;
  for (const Source& source : policies) {
    const Result<void> read = validator.source(source, symbols, out);
    if (!read) return read.error();
  }
  return out;
}

}  // namespace mcpgov::policy
