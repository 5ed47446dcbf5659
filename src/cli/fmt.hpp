// `mcpgov fmt`: policy files in the one layout of Cedar's formatter.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mcpgov::cli {

struct FmtOptions {
  bool check = false;  // say which files are not laid out, change nothing
  bool write = false;  // into the files; else to standard output
  std::uint32_t width = 80;
  std::uint32_t indent = 2;
  bool as_reference = false;       // see policy::FormatOptions::Comments
  std::vector<std::string> files;  // `-` is standard input
};

// Returns kAllowed (0), or kFailed when a file cannot be read, parsed or written, or `check` found
// one that would change. All files are looked at.
int fmt(const FmtOptions& options);

}  // namespace mcpgov::cli
