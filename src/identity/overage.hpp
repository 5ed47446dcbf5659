// Groups that an issuer left out of its token because there are too many: asking the directory
// (Microsoft Graph). What `_claim_sources` in the token points to is never followed.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "crypto/sha256.hpp"
#include "identity/answer_cache.hpp"
#include "identity/settings.hpp"
#include "identity/strict_json.hpp"
#include "mcpgov/identity.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// Whose groups are asked for.
struct DirectoryObject {
  std::string tenant;        // `tid`
  std::string id;            // `oid`
  bool application = false;  // a service principal and no user
};

using GroupCache = AnswerCache<std::vector<std::string>>;

// After map_claims() said that groups were left out. caller: as mapped. Without `resolve` in the
// settings, or with ids that are none, or of a tenant that is not the directory's, that is the end.
// Errors: groups_incomplete. Throws: std::bad_alloc.
ErrorCode object_with_groups(const JsonObject& claims, const IssuerSettings& settings,
                             const Caller& caller, DirectoryObject& out);

// For GroupCache. The same object of two issuers has two keys.
crypto::Digest group_key(const IssuerSettings& settings, const DirectoryObject& object);

// The question: getMemberObjects, which answers for nested groups and roles too. All but `number`
// is set. Throws: std::bad_alloc.
Fetch overage_fetch(const IssuerSettings& settings, const DirectoryObject& object);

// Reads the answer. Errors: identity_answer; groups_incomplete where there are more than 1,000,
// which is more than a caller has. groups is empty after an error. Throws: std::bad_alloc.
ErrorCode read_overage(const FetchAnswer& answer, StrictJson& scratch,
                       std::vector<std::string>& groups);

}  // namespace mcpgov::identity
