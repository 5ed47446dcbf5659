// `mcpgov audit report`: what happened, as one HTML file for a security team.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace mcpgov::cli {

struct AuditReportOptions {
  std::string source;  // a directory of logs, or a file with events as JSON lines
  std::string since, until;
  std::string config;
  std::string key;      // a verifier key, or a file with it
  std::string against;  // a file with a checkpoint that was kept elsewhere
  std::vector<std::string> sensitive;
  std::string out;  // empty: standard output
  bool json = false;
};

// Returns 0, 1 (nothing was written, or the log is broken) or 2 (misuse).
int audit_report(const AuditReportOptions& options);

}  // namespace mcpgov::cli
