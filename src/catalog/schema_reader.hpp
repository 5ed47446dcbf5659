// From the JSON Schema of a tool's input to its flat type array.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/arena.hpp"
#include "catalog/shape.hpp"
#include "catalog/type.hpp"
#include "mcpgov/catalog.hpp"

namespace mcpgov::catalog {

// A part of an entity type name: what Cedar allows in an identifier stays, every other byte becomes
// `_`, and reserved words get one behind them. So `get-sum` gives `get_sum`: policies must be able
// to name the type. Two names may give one part; entities of both then compare by value alone.
std::string identifier(std::string_view name);

// Reads one schema. Use one reader for one tool.
// Supported and how: the table of docs/request.md. Threads: one thread. Throws: std::bad_alloc.
class SchemaReader {
 public:
  // arena: owns what schemas point to. tool: the tool's name. limits: borrowed.
  SchemaReader(Arena& arena, std::string_view tool, const Limits& limits);

  // A scope of definitions that `#/$defs/NAME` may name, inner scopes last: a name is looked up in
  // the last scope that has it, among those that the definition or schema is in.
  // prefix: of the entity types in it. older: more of them, hidden by the others. Null or no
  // object: nothing.
  void add_definitions(const Json* definitions, const std::string& prefix,
                       const Json* older = nullptr);

  // Null when the schema cannot be understood; sentence() and pointer() say why and where.
  const Schema* read(const Json& schema);

  const std::string& sentence() const noexcept { return sentence_; }
  const std::string& pointer() const noexcept { return pointer_; }
  std::uint32_t type_count() const noexcept { return static_cast<std::uint32_t>(types_.size()); }
  // Of a schema that was read; lives in the arena.
  std::span<const wire::ParamHeader> param_headers() const noexcept { return param_headers_; }

 private:
  // Where a schema stands.
  struct Place {
    std::string path;      // its entity type, should it need one
    std::string last;      // the last part of the path
    std::string pointer;   // of the schema, for errors
    std::string argument;  // JSON pointer of the argument, while `plain`
    bool plain = false;    // reached through `properties` alone, as header annotations must be
    bool root = false;
    std::uint32_t depth = 0;
    std::size_t scopes = 0;   // how many scopes of definitions its references see
    bool definition = false;  // part of one, so that it could contain itself

    Place inner(const std::string& part, const std::string& step) const;
  };
  struct Definition {
    const Json* schema;
    std::string path;
    std::size_t scopes;
    TypeIndex type = kNoType;
  };
  using Definitions = std::map<std::string, Definition, std::less<>>;

  static Place definition_place(const Definition& definition);
  // Each returns false, or kNoType, after fail().
  TypeIndex add(const Part& part, const Place& place);
  TypeIndex reserve(const Place& place);
  TypeIndex refer(std::string_view reference, const Place& place);
  bool fill(TypeIndex index, const Json& schema, const Shape& shape, const Place& place);
  bool fill_parts(TypeIndex index, const Shape& shape, const Place& place);
  bool fill_enumeration(TypeIndex index, const Shape& shape, const Place& place);
  bool fill_set(TypeIndex index, const Shape& shape, const Place& place);
  bool fill_object(TypeIndex index, const Shape& shape, const Place& place);
  bool read_members(Type& type, const Shape& shape, const Place& place);
  bool read_param_header(const Json& schema, const Place& place);
  bool choices_end(const Place& place);
  Definition* find(std::string_view reference, std::size_t scopes);
  void mark_loops();
  bool fail(const Place& place, std::string sentence);

  Arena& arena_;
  const Limits& limits_;
  std::string tool_part_;
  std::vector<Type> types_;
  std::vector<Definitions> scopes_;   // inner ones last
  std::vector<Definition*> pending_;  // referred to and reserved, not read yet
  std::vector<wire::ParamHeader> headers_;
  std::span<const wire::ParamHeader> param_headers_;
  std::string sentence_;
  std::string pointer_;
};

}  // namespace mcpgov::catalog
