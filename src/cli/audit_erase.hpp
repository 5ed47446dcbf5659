// `mcpgov audit erase-key`: makes what was stored encrypted for a tenant unreadable for ever.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace mcpgov::cli {

struct AuditEraseOptions {
  std::string keys;        // the folder `audit.content_keys`
  std::string tenant;      // its name, or
  bool no_tenant = false;  // what was stored without one
};

// Returns 0, or 1: there is no such key, or it cannot be erased.
int audit_erase_key(const AuditEraseOptions& options);

}  // namespace mcpgov::cli
