// Where each kind of issuer puts what a caller consists of.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "identity/settings.hpp"
#include "identity/strict_json.hpp"

namespace mcpgov::identity {

// JSON pointers, of which the first that leads to something counts; empty: none.
using Places = std::array<std::string_view, 2>;

struct AttributePlace {
  std::string_view name;
  std::string_view pointer;
};

// What the rows cannot say: the kind of the caller, and claims of an unusual shape. caller: mapped
// so far. own: what the settings map themselves, which stays as it is.
// Codes: none, token_claim, token_type. Throws: std::bad_alloc.
using Finish = ErrorCode (*)(const JsonObject& claims, const ClaimMap& own, Caller& caller);

struct ProfileRow {
  Places subject;
  Places client;
  Places scopes;
  Places groups;
  Places roles;
  std::string_view session;
  Places token_id;
  // A signed access token has one of these, and an ID token of the same issuer has not.
  Places access_token_has = {};
  // What the issuer signs for others are ID tokens, or may be.
  bool id_tokens = false;
  bool subject_is_number = false;
  std::span<const AttributePlace> attributes = {};
  Finish finish = nullptr;
};

const ProfileRow& profile_row(Profile profile) noexcept;

// For answers of introspection: the row of the profile with RFC 7662, and the form's own otherwise.
const ProfileRow& introspection_row(const IssuerSettings& settings) noexcept;

}  // namespace mcpgov::identity
