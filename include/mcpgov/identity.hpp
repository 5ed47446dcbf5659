// Who is calling: the principal of every decision and every record.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/result.hpp"

namespace mcpgov {

// What stands behind a call. The zero value is no identity, which is always refused.
enum class CallerKind : std::uint8_t { none = 0, anonymous, user, agent, workload };

// `none`, `anonymous`, `user`, `agent`, `workload`. Static storage.
MCPGOV_API std::string_view kind_name(CallerKind kind) noexcept;

// A party that acts for the caller (RFC 8693 section 4.1). Only the outermost one may drive policy.
// Threads: thread-compatible.
struct Actor {
  CallerKind kind = CallerKind::agent;
  std::string issuer;
  std::string subject;
  friend bool operator==(const Actor&, const Actor&) = default;
};

// A further fact about the caller, vouched for by the issuer. json: one JSON value, at most 4 KiB.
// Threads: thread-compatible.
struct Claim {
  std::string name;
  std::string json;
  friend bool operator==(const Claim&, const Claim&) = default;
};

// A verified caller. Identity is (issuer, subject) - with the tenant where there is one - and never
// the subject alone, an e-mail address or a display name. Whoever fills this in vouches for it:
// the host (it authenticated the connection), the configuration (stdio), later the token verifier.
// Threads: thread-compatible.
struct Caller {
  CallerKind kind = CallerKind::none;
  std::string issuer;   // for example https://login.example.com; required except for anonymous
  std::string subject;  // the issuer's stable id of the caller; required except for anonymous
  std::string tenant;   // empty: none. Must equal the session's tenant
  std::string client;   // OAuth client or application id, as verified; empty: not known
  std::vector<std::string> groups;
  std::vector<std::string> roles;
  std::vector<std::string> scopes;
  bool groups_complete = true;  // false: the issuer left groups out (Entra ID's groups overage)
  std::vector<Actor> actors;    // outermost first
  std::vector<Claim> claims;    // become attributes of the principal
  std::string agent_session;    // id of the agent's session, and who says so
  std::string agent_session_source;
  friend bool operator==(const Caller&, const Caller&) = default;

  // Reads {"kind":"user","issuer":"…","subject":"…","tenant","client","groups":[…],"roles":[…],
  // "scopes":[…],"groups_complete":true,"actors":[{kind,issuer,subject}],"claims":{name:value},
  // "agent_session","agent_session_source"}; unknown and duplicate members are errors.
  // json: borrowed for the call, at most 64 KiB.
  // Errors: caller_invalid, with line and column where the text is no JSON.
  MCPGOV_API static Result<Caller> from_json(std::string_view json);
};

// Whether the caller is complete: a kind, issuer and subject unless anonymous, no control
// characters, at most 1,024 bytes a name, 1,000 groups and roles each, 100 claims, 8 actors.
// Errors: caller_missing (kind none), caller_invalid.
MCPGOV_API Result<void> check(const Caller& caller);

// The same without a sentence, for the request path: never allocates.
MCPGOV_API ErrorCode check_code(const Caller& caller) noexcept;

}  // namespace mcpgov
