// What the scope of a policy admits, before its conditions are looked at.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "policy/cedar/ast.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/symbols.hpp"

namespace mcpgov::policy::cedar::validation {

// `Action` in any namespace.
bool is_action_type(std::string_view name) noexcept;

// True for the type of an entity of that type, and for one of those that may lie above it.
bool may_lie_below(const Schema& schema, NameId low, NameId high) noexcept;

// The constraint on principal or resource. An entity whose type or action the schema does not know
// rules nothing out: that is told as an error, and what stands behind it is checked all the same.
class EntityScope {
 public:
  EntityScope(const Scope& scope, const Schema& schema, const Symbols& symbols);

  // False when no entity of the type can satisfy the constraint.
  bool admits(NameId type) const noexcept;
  bool unknown_entity() const noexcept { return unknown_; }

 private:
  const Scope* scope_;
  const Schema* schema_;
  NameId entity_type_ = kNoName;
  bool unknown_ = false;
};

// The constraint on the action.
class ActionScopes {
 public:
  ActionScopes(const ParsedPolicy& policy, const Schema& schema);

  // The only actions to look at.
  std::span<const ActionType> candidates() const noexcept { return candidates_; }
  // True when the constraint holds for the action.
  bool satisfied_by(const ActionType& action) const noexcept;
  bool unknown_action() const noexcept { return unknown_; }

 private:
  ActionScope kind_;
  std::span<const ActionType> candidates_;
  std::vector<EntityId> actions_;  // sorted
  bool unknown_ = false;
};

// Where the type of the n-th `is`, or the first entity, stands in the constraint that begins at
// `from`; or `from` when the text is not there.
std::uint32_t offset_of_type(std::string_view text, std::uint32_t from, std::size_t n) noexcept;
std::uint32_t offset_of_entity(std::string_view text, std::uint32_t from) noexcept;
// Where each of the first `count` entities stands. Reads the constraint once.
std::vector<std::uint32_t> offsets_of_entities(std::string_view text, std::uint32_t from,
                                               std::size_t count);

}  // namespace mcpgov::policy::cedar::validation
