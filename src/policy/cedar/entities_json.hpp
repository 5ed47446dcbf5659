// Cedar's JSON form of entities, read into the store.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "mcpgov/result.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/entities.hpp"
#include "policy/symbols.hpp"

namespace mcpgov::policy::cedar {

// Bytes of an entities document. A store of half a million small entities fits.
inline constexpr std::size_t kMaxEntitiesBytes = std::size_t{64} << 20;

// text: a JSON list of `{"uid", "attrs", "parents", "tags"?}`; borrowed for the call.
// file: what errors show, may be empty.
// schema: read into the same `symbols`, or null. With it, values may take the short forms its types
// allow, entities must fit it, and its actions are added.
struct EntitiesInput {
  std::string_view text;
  std::string_view file;
  const Schema* schema = nullptr;
};

// Reads and closes the hierarchy. Members of an entity that Cedar does not know are ignored, as the
// reference engine does. Values nest at most kMaxValueDepth deep.
// Errors: entities_json, entities_shape, entities_duplicate, entities_cycle, entities_value,
//         entities_too_large, entities_too_deep, entities_action_parent; with a schema also
//         entities_schema, entities_type_undeclared, entities_attribute_missing,
//         entities_attribute_unknown, entities_parent_type, entities_enum_id, entities_action;
//         with line and column, except a cycle.
// Throws: std::bad_alloc only. Spec: Cedar 4.5, "Entities and context JSON".
Result<Entities> read_entities(const EntitiesInput& input, Symbols& symbols);

}  // namespace mcpgov::policy::cedar
