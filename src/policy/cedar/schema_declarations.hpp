// What a schema text declares, before names are resolved.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/result.hpp"

namespace mcpgov::policy::cedar {

// A name as written, `A::B` without spaces or comments, and where it stands.
struct SchemaName {
  std::string text;
  std::uint32_t offset = 0;
};

struct DeclaredAttribute;

struct DeclaredType {
  enum class Form : std::uint8_t { name, set, record };
  Form form = Form::record;
  SchemaName name;                            // name
  std::vector<DeclaredType> element;          // set: exactly one
  std::vector<DeclaredAttribute> attributes;  // record; of equal names the last counts
};

struct DeclaredAttribute {
  std::string name;
  bool required;
  DeclaredType type;
};

// `entity A, B in [C] {…} tags T;` or `entity A enum ["x"];`
struct DeclaredEntities {
  std::vector<SchemaName> names;
  std::vector<SchemaName> parents;
  bool enumerated = false;
  std::vector<std::string> ids;
  DeclaredType shape;
  std::vector<DeclaredType> tags;  // none or one
};

// type: empty where only the id is given.
struct DeclaredParent {
  std::string type;
  SchemaName id;
};

struct DeclaredActions {
  std::vector<SchemaName> names;
  std::vector<DeclaredParent> parents;
  std::vector<SchemaName> principals;
  std::vector<SchemaName> resources;
  DeclaredType context;
};

struct DeclaredCommon {
  SchemaName name;
  DeclaredType type;
};

// path: empty for what stands outside of every namespace.
struct DeclaredNamespace {
  SchemaName path;
  std::vector<DeclaredEntities> entities;
  std::vector<DeclaredActions> actions;
  std::vector<DeclaredCommon> commons;
};

// The first is the empty namespace. Duplicate declarations are left to the resolver.
// Errors: schema_syntax, with line and column. Throws: std::bad_alloc only.
Result<std::vector<DeclaredNamespace>> parse_schema(std::string_view text);

// Types inside each other, as values are.
inline constexpr int kMaxTypeDepth = 64;

}  // namespace mcpgov::policy::cedar
