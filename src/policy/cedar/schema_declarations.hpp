// What a schema declares, before names are resolved: both readers make it, both printers write it,
// and the resolver turns it into types.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::policy::cedar {

// Everything below is borrowed: texts and lists live in the text that was read or in an arena.
// Whoever makes a schema by program leaves the offsets 0.

// A name in normal form, `A::B` without spaces, and the first byte of where it was written.
struct SchemaName {
  std::string_view text;
  std::uint32_t offset = 0;
};

// `@name("value")`. JSON knows annotations without a value, which Cedar syntax reads as "".
struct SchemaAnnotation {
  std::string_view name;
  std::string_view value;
  bool has_value = true;
};

struct DeclaredAttribute;

// What a name refers to is open for `entity_or_common`, which is what Cedar syntax writes. JSON
// can say which it means, and can name what is built in by a form of its own.
struct DeclaredType {
  enum class Form : std::uint8_t {
    entity_or_common,
    entity,
    common,
    extension,
    boolean,
    integer,
    string,
    set,
    record,
  };
  Form form = Form::record;
  SchemaName name;                                // of the first four; the others have the offset
  const DeclaredType* element = nullptr;          // set
  std::span<const DeclaredAttribute> attributes;  // record; see sorted_attributes()
};

struct DeclaredAttribute {
  SchemaName name;
  bool required = true;
  std::span<const SchemaAnnotation> annotations;  // sorted by name
  DeclaredType type;
};

// Sorts in place by name, as printers and resolver want it; of equal names the last one remains.
std::span<DeclaredAttribute> sorted_attributes(std::span<DeclaredAttribute> attributes);

struct DeclaredCommon {
  SchemaName name;
  std::span<const SchemaAnnotation> annotations;
  DeclaredType type;
};

// An enumerated type has ids and none of the rest.
struct DeclaredEntity {
  SchemaName name;
  std::span<const SchemaAnnotation> annotations;
  bool enumerated = false;
  std::span<const std::string_view> ids;
  std::span<const SchemaName> parents;
  DeclaredType shape;
  const DeclaredType* tags = nullptr;
};

// type: empty where only the id is given.
struct DeclaredParent {
  std::string_view type;
  SchemaName id;
};

// Cedar syntax makes no difference between an action that applies to nothing and one without
// `appliesTo`, JSON does; the same holds of parents.
struct DeclaredAction {
  SchemaName name;
  std::span<const SchemaAnnotation> annotations;
  bool has_applies_to = true;
  bool has_parents = false;
  std::span<const SchemaName> principals;
  std::span<const SchemaName> resources;
  DeclaredType context;
  std::span<const DeclaredParent> parents;
};

// path: empty for what stands outside of every namespace. Lists: in any order.
struct DeclaredNamespace {
  SchemaName path;
  std::span<const SchemaAnnotation> annotations;
  std::span<const DeclaredCommon> commons;
  std::span<const DeclaredEntity> entities;
  std::span<const DeclaredAction> actions;
};

struct DeclaredSchema {
  std::span<const DeclaredNamespace> namespaces;
};

// Bytes of a schema, and types inside each other. Values nest as deep (kMaxValueDepth), so a
// deeper type could have none.
inline constexpr std::size_t kMaxSchemaBytes = std::size_t{16} << 20;
inline constexpr int kMaxTypeDepth = 64;

// Which syntax a schema is in: none in Cedar's begins with a brace.
inline bool is_schema_json(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

// Read a schema. text: borrowed by the result. Whether names are declared, and only once, is for
// the resolver to find out.
// Errors: schema_syntax, schema_string_escape, schema_reserved_name, schema_duplicate_annotation,
//         schema_empty_list, schema_applies_to, schema_too_large, schema_too_deep; for JSON
//         schema_json, schema_shape and schema_unsupported as well; with line and column.
// Throws: std::bad_alloc only. Spec: Cedar 4.5, "Schema grammar" and "JSON schema".
Result<DeclaredSchema> parse_schema(std::string_view text, Arena& arena);
Result<DeclaredSchema> parse_schema_json(std::string_view text, Arena& arena);

// Bytes that a schema may have when it is written, as policies. What is declared together is
// written once for each name, so a short text can become the square of its length.
inline constexpr std::size_t kMaxWrittenSchemaBytes = std::size_t{64} << 20;

// Write a schema, sorted by name, as the reference engine prints it.
// Errors: schema_too_large; schema_not_expressible (Cedar syntax only): an entity type and a
//         common type of one name in a namespace, or a shape that is given by name.
Result<std::string> schema_text(const DeclaredSchema& schema);
Result<std::string> schema_json(const DeclaredSchema& schema);
Error schema_written_too_large();

}  // namespace mcpgov::policy::cedar
