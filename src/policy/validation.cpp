// Findings as text, and validation of policy texts against a schema text.
// Tested by tests/policy/validation_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "mcpgov/cedar.hpp"

namespace mcpgov::policy {

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

}  // namespace mcpgov::policy
