// The part of a Cedar schema that says what type a value has.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "base/arena.hpp"
#include "mcpgov/result.hpp"
#include "policy/symbols.hpp"
#include "policy/value.hpp"

namespace mcpgov::policy::cedar {

struct Attribute;

// Resolved: no names of common types are left. `kind` selects which of the others counts.
struct Type {
  Kind kind = Kind::unknown;
  NameId entity = kNoName;                // entity
  const Type* element = nullptr;          // set
  std::span<const Attribute> attributes;  // record; sorted by name

  // Equal parts of one schema are stored once, so this takes one step however deep the types are.
  // Of types of different schemas it says nothing.
  friend bool operator==(const Type& a, const Type& b) noexcept {
    return a.kind == b.kind && a.entity == b.entity && a.element == b.element &&
           a.attributes.data() == b.attributes.data() && a.attributes.size() == b.attributes.size();
  }
};

// `Long`, `ipaddr` and so on, without `__cedar::`; or null. Static storage.
const Type* builtin_type(std::string_view name) noexcept;

struct Attribute {
  NameId name;
  bool required;
  const Type* type;
};

// attributes: sorted by name. tags: null when the type has none.
// ancestors: types an entity may lie below, transitively; sorted. An enumerated type has none of
// these, only its ids.
struct EntityType {
  NameId name;
  bool enumerated = false;
  std::span<const EntityId> ids;  // sorted
  Type shape;                     // a record
  const Type* tags = nullptr;
  std::span<const NameId> ancestors;
};

// ancestors: transitively closed; sorted. context: a record, empty where the schema has none.
struct ActionType {
  EntityId id;
  std::span<const EntityId> ancestors;
  std::span<const NameId> principals;  // sorted
  std::span<const NameId> resources;   // sorted
  Type context;
};

// Threads: immutable, share freely.
class Schema {
 public:
  // By name or uid, or null.
  const EntityType* entity_type(NameId name) const noexcept;
  const ActionType* action(EntityId id) const noexcept;

  std::span<const EntityType> entity_types() const noexcept { return entity_types_; }  // sorted
  std::span<const ActionType> actions() const noexcept { return actions_; }            // sorted

 private:
  friend class SchemaResolver;
  std::unique_ptr<Arena> arena_;
  std::span<const EntityType> entity_types_;
  std::span<const ActionType> actions_;
};

struct DeclaredSchema;

// Resolves names: what each means, and that it is declared once. New names go to `symbols`.
// text: what was read, for the lines of messages; or empty.
// Errors: schema_duplicate, schema_shadowing, schema_reserved_name, schema_unknown_type,
//         schema_unknown_action, schema_unknown_extension, schema_common_cycle,
//         schema_action_cycle, schema_not_a_record, schema_too_deep, schema_too_large (more than
//         2^24 ids and pairs of type and ancestor).
// Throws: std::bad_alloc only.
// Spec: Cedar 4.5; RFC 24 (common types first), 53 (enumerated), 70 (shadowing), 82 (tags).
Result<Schema> resolve_schema(const DeclaredSchema& declared, std::string_view text,
                              Symbols& symbols);

// Read and resolve. file: what errors show. text: at most 16 MiB, types nested at most 64 deep.
// Errors: those above and those of parse_schema() and parse_schema_json()
// (policy/cedar/schema_declarations.hpp), with line and column.
Result<Schema> read_schema(std::string_view text, std::string_view file, Symbols& symbols);
Result<Schema> read_schema_json(std::string_view text, std::string_view file, Symbols& symbols);

}  // namespace mcpgov::policy::cedar
