// Project Wycheproof's vectors of JOSE, run against our reader of tokens and keys.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/conformance_cedar.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::cli {

struct JoseSuite {
  std::string folder;  // json_web_{signature,key,crypto,encryption}_test.json; one is enough
  bool verbose = false;
};

// A signed token passes when it is accepted or refused as published; an encrypted one when it is
// refused, and as encrypted where it has the form. Vectors whose label is wrong are listed with the
// reason; they are counted apart, and fail when they come out as labelled.
// Errors: file_unreadable (no such folder, none of the files in it, one that is no such file).
Result<SuiteResult> run_jose(const JoseSuite& suite);

}  // namespace mcpgov::cli
