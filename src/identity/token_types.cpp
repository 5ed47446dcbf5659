// Telling access tokens from other tokens.
// Tested by tests/identity/claims_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/token_types.hpp"

#include <algorithm>

#include "identity/claim_values.hpp"
#include "identity/profile_rows.hpp"

namespace mcpgov::identity {

namespace {

std::string_view without_application(std::string_view type) noexcept {
  constexpr std::string_view kPrefix = "application/";
  const std::string_view start = type.substr(0, kPrefix.size());
  return same_without_case(start, kPrefix) ? type.substr(kPrefix.size()) : type;
}

constexpr std::string_view kOtherTypes[] = {
    "oauth-id-jag+jwt",                  // Identity Assertion Authorization Grant
    "dpop+jwt",                          // RFC 9449 section 4.2
    "client-authentication+jwt",         // draft-ietf-oauth-rfc7523bis
    "authorization-grant+jwt",           // the same
    "logout+jwt",                        // OpenID Connect Back-Channel Logout 1.0 section 2.4
    "secevent+jwt",                      // RFC 8417 section 2.3
    "token-introspection+jwt",           // RFC 9701 section 5
    "oauth-authz-req+jwt",               // RFC 9101 section 10.8
    "entity-statement+jwt",              // OpenID Federation 1.0 section 3
    "trust-mark+jwt",                    // the same, section 7
    "kb+jwt",                            // RFC 9901 section 4.3
    "dc+sd-jwt",                         // draft-ietf-oauth-sd-jwt-vc
    "vc+sd-jwt",                         // the same, earlier
    "openid4vci-proof+jwt",              // OpenID for Verifiable Credential Issuance 1.0
    "wit+jwt",                           // draft-ietf-wimse-s2s-protocol
    "wpt+jwt",                           // the same
    "txntoken+jwt",                      // draft-ietf-oauth-transaction-tokens
    "oauth-client-attestation+jwt",      // draft-ietf-oauth-attestation-based-client-auth
    "oauth-client-attestation-pop+jwt",  // the same
    "statuslist+jwt",                    // draft-ietf-oauth-status-list
};

// OpenID Connect Core 1.0 sections 2, 3.3.2.11; FAPI 1.0 part 2 section 5.1.1.
constexpr std::string_view kIdTokenClaims[] = {"/nonce", "/at_hash", "/c_hash", "/s_hash"};

// Values of the claim `typ`, which Keycloak and others write.
constexpr std::string_view kOtherUses[] = {
    "ID",          "Refresh",       "Offline",
    "Logout",      "id_token",      "refresh_token",
    "UserInfo",    "Serialized-ID", "RegistrationAccessToken",
    "logout_token"};

// Absent, or a string that says what `wanted` are.
template <class Says>
bool absent_or(const JsonObject& claims, std::string_view pointer, const Says& says) noexcept {
  return !has_claim(claims, pointer) || says(claim_text(claims, pointer));
}

}  // namespace

bool same_type(std::string_view a, std::string_view b) noexcept {
  return same_without_case(without_application(a), without_application(b));
}

bool is_no_access_token(std::string_view typ) noexcept {
  return std::any_of(std::begin(kOtherTypes), std::end(kOtherTypes),
                     [&](std::string_view other) { return same_type(typ, other); });
}

bool is_access_token_type(const JsonObject& claims, std::string_view pointer) noexcept {
  const std::string_view type = claim_text(claims, pointer);
  return same_without_case(type, "Bearer") || same_without_case(type, "DPoP") ||
         same_without_case(type, "access_token");
}

std::string_view sign_of_other_token(const JsonObject& claims, Profile profile) noexcept {
  if (has_claim(claims, "/events")) return "`events`, as in logout and event tokens";
  if (!profile_row(profile).id_tokens) {
    for (const std::string_view claim : kIdTokenClaims) {
      if (has_claim(claims, claim)) return "`nonce`, `at_hash`, `c_hash` or `s_hash`";
    }
  }
  const auto good_typ = [&](std::string_view typ) {
    if (profile == Profile::keycloak) return is_access_token_type(claims, "/typ");
    return !typ.empty() &&
           std::none_of(std::begin(kOtherUses), std::end(kOtherUses),
                        [&](std::string_view other) { return same_without_case(typ, other); });
  };
  if (!absent_or(claims, "/typ", good_typ)) return "the claim `typ`";
  // Amazon Cognito and Ory Hydra; ForgeRock.
  const auto is_access = [](std::string_view use) {
    return use == "access" || use == "access_token";
  };
  if (!absent_or(claims, "/token_use", is_access)) return "the claim `token_use`";
  if (!absent_or(claims, "/tokenName", is_access)) return "the claim `tokenName`";
  return {};
}

}  // namespace mcpgov::identity
