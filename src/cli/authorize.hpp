// `mcpgov authorize`: decides one message and says why.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/setting.hpp"

namespace mcpgov::cli {

struct AuthorizeOptions {
  Place place;
  std::string tools;
  bool from_server = false;
  std::vector<std::string> headers;  // `Name: value`; not empty: streamable HTTP
  std::string peer;
  std::string time;  // RFC 3339; empty: now
  bool json = false;
  std::string message;  // a file, or `-`
};

// Returns kAllowed, kDenied (one message of a batch is enough) or kFailed.
int authorize(const AuthorizeOptions& options);

}  // namespace mcpgov::cli
