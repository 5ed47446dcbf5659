// The published goldens of Cedar's formatter, run against ours.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/conformance_cedar.hpp"

namespace mcpgov::cli {

struct FormatterSuite {
  std::string folder;  // *.cedar, snapshots/*.snap, cli-snapshots/*.snap
  bool verbose = false;
};

// Prints failures, and goldens that are left out with the reason why they are wrong.
// Errors: file_unreadable (no such folder, no goldens in it, one that names no input).
Result<SuiteResult> run_formatter(const FormatterSuite& suite);

}  // namespace mcpgov::cli
