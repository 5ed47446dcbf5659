// `mcpgov test`: policy tests as data, with a report and the coverage of the policies.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace mcpgov::cli {

inline constexpr int kUnexpected = 2;  // of `test`

struct PolicyTestsOptions {
  std::vector<std::string> paths;  // files, and folders with *.test.yaml, *.test.yml, *.test.json
  std::string filter;              // only cases whose `file: name` contains it
  std::string junit;               // a file to write; empty: none
  bool coverage = false;
  std::optional<double> min_coverage;  // percent
  bool quiet = false;                  // only what failed
};

// Returns kAllowed (0) when every case comes out as written, kUnexpected (2) when not or when the
// coverage is too low, kFailed (1) when a file cannot be used or there is no case at all.
int policy_tests(const PolicyTestsOptions& options);

}  // namespace mcpgov::cli
