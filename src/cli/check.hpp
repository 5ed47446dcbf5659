// `mcpgov check`: whether a configuration, and all it names, can be used.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mcpgov/cedar.hpp"

namespace mcpgov::cli {

struct CheckOptions {
  std::string config = "mcpgov.yaml";
  std::string tools;
  std::string stub;                   // of the schema that policies are validated against
  std::vector<std::string> policies;  // not empty: only these
  std::string schema;                 // not empty: policies are validated against it
  policy::ValidationOptions validation;
};

// Returns kAllowed (0) or kFailed.
int check(const CheckOptions& options);

}  // namespace mcpgov::cli
