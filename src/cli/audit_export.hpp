// `mcpgov audit export`: events in the forms of other systems.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace mcpgov::cli {

struct AuditExportOptions {
  std::string directory;
  std::string format;
  std::string out;  // empty: standard output
  std::string since, until;
  bool with_control = false;  // frames that are no messages, too
};

// Returns 0, 1 (nothing was exported, or not everything could be read) or 2 (misuse).
int audit_export(const AuditExportOptions& options);

}  // namespace mcpgov::cli
