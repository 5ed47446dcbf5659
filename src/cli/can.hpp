// `mcpgov can`: what a caller may use of a server.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/plain_question.hpp"
#include "cli/setting.hpp"

namespace mcpgov::cli {

struct CanOptions {
  Place place;
  std::string tools;
  // The caller in pieces; without an issuer and a subject it is that of `place`.
  std::string kind;  // empty: user
  std::string issuer;
  std::string subject;
  std::vector<std::string> groups;
  std::vector<std::string> roles;
  std::vector<std::string> claims;  // `name=value`; what is no JSON is a string
  PlainQuestion plain;
  bool json = false;
};

// Returns kAllowed (0) or kFailed.
int can(const CanOptions& options);

}  // namespace mcpgov::cli
