// The caller as an entity.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "mcpgov/identity.hpp"
#include "policy/symbols.hpp"
#include "request/mapping.hpp"

namespace mcpgov::request {

// Defines the caller in the request's table: groups and roles as parents, claims as attributes,
// united with what the store knows of it. What no policy mentions is left out unless everything is
// asked for. Throws: std::bad_alloc only.
policy::EntityId define_principal(const Mapping& mapping, const Caller& caller,
                                  policy::RequestSymbols& symbols, Scratch& scratch, Detail detail);

// The uid of a party, `<namespace>::Agent::"<issuer>#<subject>"`, without saying what it is.
policy::EntityId party(const Mapping& mapping, CallerKind kind, std::string_view issuer,
                       std::string_view subject, policy::RequestSymbols& symbols);

// The parents, their ancestors in the store, and `closed` as it is: sorted, each once, without
// `self`. Throws: std::bad_alloc.
std::span<const policy::EntityId> ancestors_of(const Mapping& mapping,
                                               std::span<const policy::EntityId> parents,
                                               std::span<const policy::EntityId> closed,
                                               policy::EntityId self, Arena& arena);

}  // namespace mcpgov::request
