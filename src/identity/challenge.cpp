// What a refused client is told.
// Tested by tests/identity/challenge_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/challenge.hpp"

#include <algorithm>

namespace mcpgov::identity {

namespace {

// Printable ASCII but the two characters that would need an escape. Scopes (RFC 6749 section 3.3)
// and URIs have no others.
bool quotable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

void add(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty() || !quotable(value)) return;
  out += out.find('=') == std::string::npos ? " " : ", ";
  out.append(name).append("=\"").append(value).append("\"");
}

std::string joined(std::span<const std::string> scopes) {
  std::string out;
  for (const std::string& scope : scopes) {
    if (!quotable(scope) || scope.find(' ') != std::string::npos) continue;
    out += (out.empty() ? "" : " ") + scope;
  }
  return out;
}

std::string names(AlgorithmSet set) {
  std::string out;
  for (auto each = Algorithm::rs256; each <= Algorithm::eddsa;
       each = static_cast<Algorithm>(static_cast<int>(each) + 1)) {
    if (!set.has(each)) continue;
    out.append(out.empty() ? "" : " ").append(algorithm_name(each));
  }
  return out;
}

}  // namespace

std::string challenge_text(const Challenge& challenge) {
  std::string out = challenge.proofs.empty() ? "Bearer" : "DPoP";
  add(out, "resource_metadata", challenge.metadata_url);
  add(out, "scope", joined(challenge.scopes));
  add(out, "error", challenge.error);
  if (!challenge.proofs.empty()) add(out, "algs", names(challenge.proofs));
  return out;
}

OutwardRefusal outward(ErrorCode reason) noexcept {
  switch (reason) {
    case ErrorCode::caller_missing:
    case ErrorCode::anonymous_not_enabled: return {401, {}};
    case ErrorCode::credentials_malformed: return {400, "invalid_request"};
    case ErrorCode::token_scope:
    case ErrorCode::scope_insufficient: return {403, "insufficient_scope"};
    case ErrorCode::proof_missing:
    case ErrorCode::proof_invalid:
    case ErrorCode::proof_replayed: return {401, "invalid_dpop_proof"};
    case ErrorCode::proof_nonce: return {401, "use_dpop_nonce"};
    // No new token would help: groups that the issuer leaves out, a proxy that is not ours.
    case ErrorCode::groups_incomplete:
    case ErrorCode::forwarded_untrusted: return {403, {}};
    case ErrorCode::too_many_failures: return {429, {}};
    case ErrorCode::proofs_exhausted:
    case ErrorCode::identity_waits:
    case ErrorCode::out_of_memory: return {503, {}};
    default: return {401, "invalid_token"};
  }
}

}  // namespace mcpgov::identity
