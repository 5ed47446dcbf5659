// `mcpgov audit query` and `mcpgov audit tail`: events, by who did what and when, or the newest.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "audit/query.hpp"

namespace mcpgov::cli {

struct AuditQueryOptions {
  std::string directory;
  audit::Question question;
  std::string trace;
  std::string since, until;
  bool count = false;
  bool json = false;
};

struct AuditTailOptions {
  std::string directory;
  std::uint64_t last = 20;
  bool follow = false;
  bool json = false;
};

// Both return 0, 1 (nothing was found, or not everything could be read) or 2 (misuse).
int audit_query(AuditQueryOptions options);
int audit_tail(const AuditTailOptions& options);

}  // namespace mcpgov::cli
