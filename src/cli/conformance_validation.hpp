// Validation verdicts of the reference engine: policies, entities and requests against schemas.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/conformance_cedar.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::cli {

struct ValidationSuite {
  std::string folder;
  bool verbose = false;
};

// The corpus: folder holds corpus-tests and corpus-tests-validation, or their .tar.gz.
// Errors: file_unreadable, as those of the next.
Result<SuiteResult> run_validation(const ValidationSuite& suite);

// Handwritten cases: folder holds <name>.cedar, .cedarschema, .entities.json, .json and
// .validation.json.
Result<SuiteResult> run_validator_cases(const ValidationSuite& suite);

}  // namespace mcpgov::cli
