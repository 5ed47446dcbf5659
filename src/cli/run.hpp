// `mcpgov run`: a stdio server, governed without touching it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/setting.hpp"

namespace mcpgov::cli {

struct RunOptions {
  Place place;
  double tools_timeout_s = 10;  // how long calls wait for the list of tools
  double exit_timeout_s = 5;    // for each step of the shutdown
  std::vector<std::string> command;
};

// Returns the exit code of the server, kFailed or kNotStarted.
int run(const RunOptions& options);

}  // namespace mcpgov::cli
