// From the claims of an issuer to a caller.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "identity/settings.hpp"
#include "identity/strict_json.hpp"
#include "identity/trace.hpp"
#include "mcpgov/identity.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// Maps claims that passed check_claims() by the profile of the issuer and the pointers of its
// settings, which replace those of the profile (docs/identity-providers.md has the tables).
// out: passes mcpgov::check(). Its issuer is `iss`, its evidence has kind and token id; algorithm,
// key and binding are for others to add. Where there is no `jti`, token_id stays empty.
// groups_left_out: the issuer says that it left groups out (Entra ID's overage); then
// groups_complete is false, and the settings say whether that refuses the caller (overage.hpp).
// A claim of another type than it should have refuses the token; `null` counts as absent. `act` is
// read to eight parties (RFC 8693 section 4.1), `may_act` says nothing about this call.
// Errors: token_claim, token_type, token_scope. Throws: std::bad_alloc.
ErrorCode map_claims(const JsonObject& claims, const IssuerSettings& settings, Caller& out,
                     bool& groups_left_out, Trace* trace = nullptr);

// The same for an answer that passed check_introspected().
ErrorCode map_introspected(const JsonObject& claims, const IssuerSettings& settings, Caller& out,
                           bool& groups_left_out, Trace* trace = nullptr);

}  // namespace mcpgov::identity
