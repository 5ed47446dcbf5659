// Whether the claims of a token, or of an issuer's answer about one, are acceptable: type, issuer,
// times, audience, subject, required claims. Who the caller is, profile.hpp tells.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "identity/settings.hpp"
#include "identity/strict_json.hpp"
#include "identity/trace.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

struct Times {
  std::uint64_t issued_s = 0;   // `iat`; 0: not said
  std::uint64_t expires_s = 0;  // from this second on the token is refused: `exp` and the leeway
};

// What every signed token of the issuer has to fulfil. Spec: RFC 7519 section 4.1, RFC 9068
// section 4, RFC 8725 sections 3.8 to 3.12.
// typ: of the token's header; empty: absent. Without `types` in the settings it may be absent, JWT
// or at+jwt. Types that are no access tokens are refused whatever the settings say, and so are
// claims that only other tokens have (`nonce`, `at_hash`, `events`, `typ: Refresh`, …).
// Times: `exp` is required. A token is good while now < exp + leeway, nbf <= now + leeway and
// iat <= now + leeway; fractions are rounded against the token.
// default_audiences: where the settings of the issuer name none. With none at all, every token is
// refused.
// Throws: std::bad_alloc.
ErrorCode check_claims(const JsonObject& claims, std::string_view typ,
                       const IssuerSettings& settings,
                       std::span<const std::string> default_audiences, std::uint64_t now_s,
                       Times& out, Trace* trace = nullptr);

// The same for the answer of an introspection endpoint, in the form of the settings. RFC 7662: as
// above, with `iss` and `exp` required, and `token_type` Bearer or DPoP if it is there. The GitHub
// and Google forms name no issuer, which is the one that was asked. GitHub's audience is the client
// id of the settings, and its tokens may be without end: then expires_s is now + cache_s. Google's
// audience is one of the settings and never a default.
// Throws: std::bad_alloc.
ErrorCode check_introspected(const JsonObject& claims, const IssuerSettings& settings,
                             std::span<const std::string> default_audiences, std::uint64_t now_s,
                             Times& out, Trace* trace = nullptr);

// Whether the issuer of a token is this one: equal bytes; or, where the settings have `{tenantid}`,
// a GUID in its place and all else equal. tenant: set to that GUID.
bool is_issuer(std::string_view settings, std::string_view iss, std::string_view& tenant) noexcept;

// Whether two audiences are the same: equal bytes; or http(s) URLs that differ only in the case of
// scheme and host or by the default port (RFC 3986 section 6.2.2.1). Paths are compared as they
// are: `https://a.example` is not `https://a.example/`.
bool same_audience(std::string_view a, std::string_view b) noexcept;

// What of the settings belongs to claims: issuer, leeway, types, tenants, pointers, required
// claims, attributes, scopes, introspection, directory.
// Errors: identity_setting.
Result<void> check_claim_settings(const IssuerSettings& settings);

}  // namespace mcpgov::identity
