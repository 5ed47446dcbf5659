// Cedar's integration tests and corpus, run against our engine.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "mcpgov/result.hpp"

namespace mcpgov::cli {

struct CedarSuite {
  std::string folder;  // paths in the tests are relative to it
  std::string only;
  bool verbose = false;
  bool index_off = false;
};

struct SuiteResult {
  std::size_t passed = 0;  // tests, one per JSON file
  std::size_t failed = 0;
};

// Prints failures, progress and the time of each phase.
// Errors: file_unreadable (no such folder, no tests in it, an archive that cannot be extracted).
Result<SuiteResult> run_cedar(const CedarSuite& suite);

}  // namespace mcpgov::cli
