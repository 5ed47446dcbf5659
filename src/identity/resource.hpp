// What this server says about itself as a protected resource (RFC 9728).
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "identity/settings.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// All empty where no resource is configured.
struct ResourceMetadata {
  std::string url;   // where clients find it: absolute, for the challenge
  std::string path;  // the same without scheme and host
  std::string json;
};

// RFC 9728 sections 2 and 3.1: the well-known part comes between host and path of the resource.
// Errors: identity_setting (the URL is not https, or http to this machine; has a query, a fragment
// or a user).
Result<ResourceMetadata> describe_resource(const Settings& settings);

}  // namespace mcpgov::identity
