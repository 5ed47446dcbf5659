// `mcpgov audit verify`.
// Tested by tests/cli/audit_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_verify.hpp"

namespace mcpgov::cli {

Result<void> verify_into(const std::string&, const std::string&, const std::string&,
                         std::vector<LogEvidence>& logs, Facts&) {
  for (LogEvidence& log : logs) log.verdict = "checked against nothing";
  return {};
}

}  // namespace mcpgov::cli
