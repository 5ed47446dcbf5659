// What a refused client is told: the value of WWW-Authenticate.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "identity/algorithm.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// Everything may be empty. error: of RFC 6750 section 3.1 or RFC 9449 section 7.1. scopes: what the
// operation needs. metadata_url: RFC 9728 section 5.1. proofs: what a DPoP proof may be signed
// with; when it is not empty, the scheme is DPoP.
struct Challenge {
  std::string_view error = {};
  std::span<const std::string> scopes = {};
  std::string_view metadata_url = {};
  AlgorithmSet proofs = {};
};

// `Bearer resource_metadata="…", scope="a b", error="invalid_token"`. What cannot stand in a quoted
// string (RFC 9110 section 5.6.4) is left out. Throws: std::bad_alloc.
std::string challenge_text(const Challenge& challenge);

// How a refusal looks from outside: the status, and the standard's word for it, which tells whether
// to get a new token and nothing about why.
struct OutwardRefusal {
  int http_status;
  std::string_view error;  // empty: none, as when no credentials came at all (RFC 6750 section 3)
};
OutwardRefusal outward(ErrorCode reason) noexcept;

}  // namespace mcpgov::identity
