// Asking the directory for groups.
// Tested by tests/identity/overage_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/overage.hpp"

#include <algorithm>
#include <string_view>

#include "identity/claim_values.hpp"
#include "identity/pointer.hpp"

namespace mcpgov::identity {

namespace {

constexpr std::size_t kGroups = 1000;  // as check(const Caller&) demands
// A thousand ids of 36 characters, with quotes, commas and line breaks.
constexpr std::size_t kAnswerBytes = std::size_t{64} * 1024;

}  // namespace

ErrorCode object_with_groups(const JsonObject& claims, const IssuerSettings& settings,
                             const Caller& caller, DirectoryObject& out) {
  if (settings.overage != Overage::resolve) return ErrorCode::groups_incomplete;
  out.tenant = claim_text(claims, "/tid");
  out.id = claim_text(claims, "/oid");
  out.application = caller.kind == CallerKind::workload ||
                    (caller.kind == CallerKind::agent && claim_text(claims, "/idtyp") == "app");
  const auto& tenants = settings.tenants;
  const bool ours =
      tenants.empty() || std::find(tenants.begin(), tenants.end(), out.tenant) != tenants.end();
  const bool ids = is_guid(out.tenant) && is_guid(out.id);
  return ours && ids ? ErrorCode::none : ErrorCode::groups_incomplete;
}

// The ids have a fixed length, so that the issuer at the end cannot be mistaken for them.
crypto::Digest group_key(const IssuerSettings& settings, const DirectoryObject& object) {
  return crypto::sha256(object.tenant + object.id + (object.application ? "a" : "u") +
                        settings.issuer);
}

Fetch overage_fetch(const IssuerSettings& settings, const DirectoryObject& object) {
  Fetch out;
  out.kind = FetchKind::groups;
  out.issuer = settings.issuer;
  out.method = "POST";
  out.url = settings.directory_url;
  while (out.url.ends_with('/')) out.url.pop_back();
  out.url += object.application ? "/v1.0/servicePrincipals/" : "/v1.0/users/";
  out.url += object.id + "/getMemberObjects";
  out.headers = {{"Accept", "application/json"},
                 {"Content-Type", "application/json"},
                 {"Authorization", "Bearer " + settings.directory_secret}};
  // Groups of a token can be distribution lists as well (Entra ID, groupMembershipClaims `All`).
  out.body = R"({"securityEnabledOnly":false})";
  out.max_bytes = kAnswerBytes;
  out.timeout_ms = settings.reach.timeout_ms;
  out.private_addresses = settings.reach.private_addresses;
  out.ca_pem = settings.reach.ca_pem;
  out.pin_sha256 = settings.reach.pin_sha256;
  out.secret = true;
  return out;
}

ErrorCode read_overage(const FetchAnswer& answer, StrictJson& scratch,
                       std::vector<std::string>& groups) {
  groups.clear();
  StrictLimits limits;
  limits.bytes = kAnswerBytes;
  if (answer.status != 200 || !scratch.read(answer.body, limits)) return ErrorCode::identity_answer;
  const JsonObject root = scratch.root();
  const auto value = member(root, "value");
  // A next page would be groups left out again.
  if (!value || !value->is_array() || member(root, "@odata.nextLink") ||
      read_names(root, "/value", groups) != Reading::sound) {
    groups.clear();
    return ErrorCode::identity_answer;
  }
  if (groups.size() <= kGroups) return ErrorCode::none;
  groups.clear();
  return ErrorCode::groups_incomplete;
}

}  // namespace mcpgov::identity
