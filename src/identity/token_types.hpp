// Telling access tokens from the other tokens that issuers sign with the same keys.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "identity/settings.hpp"
#include "identity/strict_json.hpp"

namespace mcpgov::identity {

// Whether two values of `typ` name one media type: without regard to case, and with or without
// `application/` (RFC 7515 section 4.1.9).
bool same_type(std::string_view a, std::string_view b) noexcept;

// Types that a specification gives to tokens for another use. They are no access tokens whatever
// an issuer's settings say.
bool is_no_access_token(std::string_view typ) noexcept;

// Whether the claim is a string that says Bearer, DPoP or access token.
bool is_access_token_type(const JsonObject& claims, std::string_view pointer) noexcept;

// What in the claims shows that they are of another token, for explain(); empty: nothing does.
// Keycloak: `typ` must say Bearer or DPoP unless it is absent.
std::string_view sign_of_other_token(const JsonObject& claims, Profile profile) noexcept;

}  // namespace mcpgov::identity
