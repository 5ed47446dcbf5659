// `mcpgov check`: whether a configuration, and all it names, can be used.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace mcpgov::cli {

struct CheckOptions {
  std::string config = "mcpgov.yaml";
  std::string tools;
  std::vector<std::string> policies;  // not empty: only these
};

// Returns kAllowed (0) or kFailed.
int check(const CheckOptions& options);

}  // namespace mcpgov::cli
