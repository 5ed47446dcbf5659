// Looking up the declarations of a schema.
// Tested by tests/policy/schema_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/schema_types.hpp"

#include <algorithm>
#include <utility>

namespace mcpgov::policy::cedar {

const EntityType* Schema::entity_type(NameId name) const noexcept {
  const auto at = std::lower_bound(entity_types_.begin(), entity_types_.end(), name,
                                   [](const EntityType& type, NameId n) { return type.name < n; });
  return at != entity_types_.end() && at->name == name ? &*at : nullptr;
}

const ActionType* Schema::action(EntityId id) const noexcept {
  const auto at =
      std::lower_bound(actions_.begin(), actions_.end(), id,
                       [](const ActionType& action, EntityId i) { return action.id < i; });
  return at != actions_.end() && at->id == id ? &*at : nullptr;
}

const Type* builtin_type(std::string_view name) noexcept {
  static constexpr auto of = [](Kind kind) { return Type{kind, kNoName, nullptr, {}}; };
  static constexpr std::pair<std::string_view, Type> kBuiltin[] = {
      {"Bool", of(Kind::boolean)},    {"Long", of(Kind::integer)},
      {"String", of(Kind::string)},   {"datetime", of(Kind::datetime)},
      {"decimal", of(Kind::decimal)}, {"duration", of(Kind::duration)},
      {"ipaddr", of(Kind::ip)},
  };
  for (const auto& [known, type] : kBuiltin) {
    if (known == name) return &type;
  }
  return nullptr;
}

}  // namespace mcpgov::policy::cedar
