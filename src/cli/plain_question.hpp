// A question of plain Cedar files, of which any part may be open.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace mcpgov::cli {

// principal, action, resource: `Type::"id"`, or `Type` for any of that type (no action), or empty
// for any at all. context: a JSON object; empty: nothing is known of it.
struct PlainQuestion {
  std::vector<std::string> policies;  // files
  std::string entities;               // a file, or empty
  std::string schema;                 // a file, or empty; either syntax
  std::string principal;
  std::string action;
  std::string resource;
  std::string context;
};

// Prints the answer. Returns kAllowed (0) or kFailed.
int ask_plainly(const PlainQuestion& question, bool json);

}  // namespace mcpgov::cli
