// `mcpgov who-can`: which callers may call a tool.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/plain_question.hpp"
#include "cli/setting.hpp"

namespace mcpgov::cli {

struct WhoCanOptions {
  Place place;
  std::string tools;
  std::string tool;
  std::string arguments;  // JSON; empty: any
  PlainQuestion plain;
  bool json = false;
};

// Returns kAllowed (0) or kFailed.
int who_can(const WhoCanOptions& options);

}  // namespace mcpgov::cli
