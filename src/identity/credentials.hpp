// Finding the credentials in the header fields of a request.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "mcpgov/result.hpp"
#include "mcpgov/wire.hpp"

namespace mcpgov::identity {

enum class Scheme : std::uint8_t { none, bearer, dpop, api_key };

// Borrowed from the request.
struct Credentials {
  Scheme scheme = Scheme::none;
  std::string_view text;  // the token or key
};

// Reads `Authorization: Bearer …` (RFC 6750 section 2.1), `Authorization: DPoP …` (RFC 9449
// section 7.1) and `X-API-Key: …`. Tokens in the body or the query of the URL are never looked for
// (MCP authorization, "Access Token Usage").
// Errors: credentials_malformed (two fields, both fields, another scheme, no token).
ErrorCode read_credentials(const HttpHead& http, Credentials& out) noexcept;

// Whether all bytes may stand in a token (RFC 6750 section 2.1). To be asked before a token is
// read; one that equals a verified token needs no such look at each of its bytes.
bool is_token(std::string_view text) noexcept;

// The value of the only field of this name (lower case); empty: absent. several: there are more.
std::string_view only_field(const HttpHead& http, std::string_view name, bool& several) noexcept;

}  // namespace mcpgov::identity
