// `mcpgov whoami`: who a token says it is, and whether it is believed.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mcpgov::cli {

struct WhoamiOptions {
  std::string config = "mcpgov.yaml";
  std::string scheme = "bearer";     // bearer, dpop, api-key, none
  std::vector<std::string> headers;  // `Name: value`
  std::string method = "POST";
  std::string url;         // needed for proofs of possession, which name it
  std::string peer;        // address
  std::uint64_t at_s = 0;  // the time that counts, since 1970; 0: now
  bool offline = false;
  bool json = false;
};

// Reads the token from standard input. Returns kAllowed (0), kDenied (2) when the credentials are
// refused or nobody can tell, or kFailed (1).
int whoami(const WhoamiOptions& options);

struct ApiKeyOptions {
  std::string prefix = "mcpgov_";
};

// `mcpgov api-key`: a new key on standard output, and what the configuration needs of it.
int api_key(const ApiKeyOptions& options);

}  // namespace mcpgov::cli
