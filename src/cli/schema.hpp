// `mcpgov schema`: the Cedar schema of what a server offers; schemas from one syntax to the other.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "mcpgov/request.hpp"

namespace mcpgov::cli {

struct SchemaCommand {
  std::string stub;       // a file; empty: the stub of the `agent` mapping
  std::string tools;      // a file with a tools/list result
  std::string space;      // namespace of that stub
  std::string translate;  // not empty: only this file
  std::string out;        // empty: standard output
  bool json = false;
  bool keep_annotations = false;
  bool agent = false;  // what fits the requests made here
  request::SchemaOptions options;
};

// Returns kAllowed (0) or kFailed.
int schema(const SchemaCommand& command);

}  // namespace mcpgov::cli
