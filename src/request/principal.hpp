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

// A caller's entity made once and kept for later requests, as far as it names nothing that only one
// request knows: beside its own uid (and the type of that), everything in it is of the policies or
// the store. Any other caller is defined anew in each request.
// Borrows mapping and caller. Threads: immutable, share freely.
class PreparedPrincipal {
 public:
  // Throws: std::bad_alloc.
  PreparedPrincipal(const Mapping& mapping, const Caller& caller, Scratch& scratch);
  PreparedPrincipal(const PreparedPrincipal&) = delete;
  PreparedPrincipal& operator=(const PreparedPrincipal&) = delete;

  // Does what define_principal() does with the same mapping and caller, or nothing: then it gives
  // kNoEntity. symbols: of the same mapping, new. Throws: std::bad_alloc.
  policy::EntityId define_in(policy::RequestSymbols& symbols) const;

 private:
  // Most entities take a few hundred bytes.
  Arena arena_{512};
  std::string_view type_;
  std::string_view id_;
  policy::EntityId self_ = policy::kNoEntity;
  policy::Entity facts_;
};

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
