// `mcpgov audit verify`, `prove` and `check-proof`: what the signed tree says of the logs.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/report_evidence.hpp"

namespace mcpgov::cli {

// What verification says, into the evidence of each log. key: a verifier key, a file with it, or
// empty: that of the directory. Errors: audit_key, file_unreadable.
Result<void> verify_into(const std::string& directory, const std::string& key,
                         const std::string& against, std::vector<LogEvidence>& logs, Facts& facts);

}  // namespace mcpgov::cli
