// The URL of a request as its client has seen it, for proofs that name it (RFC 9449 section 4.2,
// `htu`).
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// Writes url without query and fragment, normalized by syntax and scheme (RFC 3986 sections 6.2.2
// and 6.2.3): lower case of scheme and host, no default port, escapes in upper case and only where
// they are needed, no dot segments, `/` for an empty path. False: no http or https URL that
// parse_fetch_url() takes; out is unspecified then. Throws: std::bad_alloc.
bool normalize_url(std::string_view url, std::string& out);

// Scheme, host and port under which clients reach us: `https://mcp.example:8443`. TLS may end
// before us, and a `Host` field is what the sender of a request says, so neither is taken from it.
// Threads: immutable after construction, share freely.
class ExternalOrigin {
 public:
  // base_url: empty: the origin of resource_url; both empty: that of absolute URLs of requests.
  // Errors: identity_setting (no http or https URL; base_url with path, query or fragment).
  static Result<ExternalOrigin> from(std::string_view base_url, std::string_view resource_url);

  // url: absolute, or the target of the request line. Writes the normalized URL of the request:
  // ours, with the path of url. False: url is neither, or the origin is not known.
  // Throws: std::bad_alloc.
  bool url_of(std::string_view url, std::string& out) const;

 private:
  std::string origin_;  // without a slash at its end; empty: not known
};

}  // namespace mcpgov::identity
