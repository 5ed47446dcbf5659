// The checks every caller passes before it may become a principal.
// Tested by tests/identity/caller_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "base/utf8.hpp"
#include "mcpgov/identity.hpp"

namespace mcpgov {

namespace {

// Bounds of what a token can reasonably carry (tokens are limited to 16 KiB).
constexpr std::size_t kNameBytes = 1024;
constexpr std::size_t kNames = 1000;
constexpr std::size_t kClaims = 100;
constexpr std::size_t kClaimBytes = 4096;
constexpr std::size_t kActors = 8;

bool well_formed(std::string_view text) noexcept {
  if (text.size() > kNameBytes || find_invalid_utf8(text) != text.size()) return false;
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool name(std::string_view text) noexcept {
  return !text.empty() && well_formed(text);
}

bool names(const std::vector<std::string>& list) noexcept {
  return list.size() <= kNames && std::all_of(list.begin(), list.end(), name);
}

// The first thing wrong, as a static sentence; null when nothing is.
const char* flaw(const Caller& caller) noexcept {
  const bool anonymous = caller.kind == CallerKind::anonymous;
  if (caller.kind > CallerKind::workload) return "the kind is not known";
  if (anonymous && !(caller.issuer.empty() && caller.subject.empty())) {
    return "an anonymous caller has no issuer and no subject";
  }
  if (anonymous && !(caller.groups.empty() && caller.roles.empty() && caller.scopes.empty() &&
                     caller.actors.empty() && caller.claims.empty() && caller.client.empty())) {
    return "an anonymous caller has no groups, roles, scopes, actors, claims or client";
  }
  if (!anonymous && !name(caller.issuer)) return "`issuer` is missing or malformed";
  if (!anonymous && !name(caller.subject)) return "`subject` is missing or malformed";
  if (!well_formed(caller.tenant)) return "`tenant` is malformed";
  if (!well_formed(caller.client)) return "`client` is malformed";
  if (!names(caller.groups)) return "`groups` are malformed or too many";
  if (!names(caller.roles)) return "`roles` are malformed or too many";
  if (!names(caller.scopes)) return "`scopes` are malformed or too many";
  if (caller.workload.kind != CallerKind::none &&
      (caller.workload.kind != CallerKind::workload || !name(caller.workload.issuer) ||
       !name(caller.workload.subject))) {
    return "`workload` is incomplete";
  }
  if (!well_formed(caller.acr)) return "`acr` is malformed";
  if (!names(caller.amr)) return "`amr` are malformed or too many";
  const Evidence& seen = caller.evidence;
  if (seen.kind > EvidenceKind::forwarded_certificate || !well_formed(seen.token_id) ||
      !well_formed(seen.key_id) || !well_formed(seen.algorithm) || !well_formed(seen.bound_to)) {
    return "the evidence is malformed";
  }
  if (!well_formed(caller.agent_session)) return "`agent_session` is malformed";
  if (!well_formed(caller.agent_session_source)) return "`agent_session_source` is malformed";
  if (caller.actors.size() > kActors) return "there are too many `actors`";
  for (const Actor& actor : caller.actors) {
    const bool kind = actor.kind > CallerKind::anonymous && actor.kind <= CallerKind::workload;
    if (!kind || !name(actor.issuer) || !name(actor.subject)) return "an actor is incomplete";
  }
  if (caller.claims.size() > kClaims) return "there are too many `claims`";
  for (const Claim& claim : caller.claims) {
    if (!name(claim.name)) return "the name of a claim is malformed";
    if (claim.json.empty() || claim.json.size() > kClaimBytes) return "a claim is too large";
  }
  return nullptr;
}

}  // namespace

std::string_view kind_name(CallerKind kind) noexcept {
  switch (kind) {
    case CallerKind::none: return "none";
    case CallerKind::anonymous: return "anonymous";
    case CallerKind::user: return "user";
    case CallerKind::agent: return "agent";
    case CallerKind::workload: return "workload";
  }
  return "none";
}

std::string_view evidence_name(EvidenceKind kind) noexcept {
  switch (kind) {
    case EvidenceKind::host: return "host";
    case EvidenceKind::configuration: return "configuration";
    case EvidenceKind::token: return "token";
    case EvidenceKind::introspection: return "introspection";
    case EvidenceKind::api_key: return "api_key";
    case EvidenceKind::certificate: return "certificate";
    case EvidenceKind::forwarded_certificate: return "forwarded_certificate";
  }
  return "host";
}

ErrorCode check_code(const Caller& caller) noexcept {
  if (caller.kind == CallerKind::none) return ErrorCode::caller_missing;
  return flaw(caller) == nullptr ? ErrorCode::none : ErrorCode::caller_invalid;
}

Result<void> check(const Caller& caller) {
  const ErrorCode code = check_code(caller);
  if (code == ErrorCode::none) return {};
  const char* const sentence =
      code == ErrorCode::caller_missing ? "the caller has no `kind`" : flaw(caller);
  return Error{code, sentence, {}, 0, 0};
}

}  // namespace mcpgov
