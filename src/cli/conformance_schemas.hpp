// The published JSON forms of the corpus' schemas, against ours.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/conformance_cedar.hpp"

namespace mcpgov::cli {

struct SchemaSuite {
  std::string folder;  // corpus-tests and corpus-tests-json-schemas, or their .tar.gz
  bool verbose = false;
};

// Each JSON schema must be read, mean the same types as its twin in Cedar syntax, and be what our
// printer makes of the twin. Prints failures, and what reading and resolving took.
// Errors: file_unreadable (no such folder, no schemas in it, an archive that cannot be extracted).
Result<SuiteResult> run_schemas(const SchemaSuite& suite);

}  // namespace mcpgov::cli
