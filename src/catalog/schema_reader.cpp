// From JSON Schema to types: references, choices and scalars. Objects and arrays are in
// schema_objects.cpp. Tested by tests/catalog/schema_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "catalog/schema_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "catalog/loops.hpp"

namespace mcpgov::catalog {
namespace {

const Json kNothing;

bool is_identifier_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::string identifier(std::string_view name) {
  // Cedar 4.5 grammar, "Reserved words", and `__cedar`, which no part of a name may be; `Action`,
  // which no entity type may be called; and what no common type may be called.
  constexpr std::array<std::string_view, 19> kReserved = {
      "true",      "false", "if",      "then",   "else",  "in",      "like",
      "has",       "is",    "__cedar", "Action", "Bool",  "Boolean", "Entity",
      "Extension", "Long",  "Record",  "Set",    "String"};
  std::string part;
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) part = "_";
  for (const char c : name) part += is_identifier_byte(c) ? c : '_';
  if (std::find(kReserved.begin(), kReserved.end(), part) != kReserved.end()) part += '_';
  return part;
}

SchemaReader::SchemaReader(Arena& arena, std::string_view tool, const Limits& limits)
    : arena_(arena), limits_(limits), tool_part_(identifier(tool)) {}

void SchemaReader::add_definitions(const Json* definitions, const std::string& prefix,
                                   const Json* older) {
  Definitions& scope = scopes_.emplace_back();
  for (const Json* each : {definitions, older}) {
    if (each == nullptr || !each->is_object()) continue;
    for (const auto& [name, schema] : each->items()) {
      scope.emplace(name, Definition{&schema, prefix + identifier(name), scopes_.size(), kNoType});
    }
  }
}

SchemaReader::Definition* SchemaReader::find(std::string_view reference, std::size_t scopes) {
  const std::string name = read_reference(reference).name;
  while (scopes-- > 0) {
    const auto found = scopes_[scopes].find(name);
    if (found != scopes_[scopes].end()) return &found->second;
  }
  return nullptr;
}

bool SchemaReader::fail(const Place& place, std::string sentence) {
  if (sentence_.empty()) {
    sentence_ = std::move(sentence);
    pointer_ = place.pointer;
  }
  return false;
}

SchemaReader::Place SchemaReader::Place::inner(const std::string& part,
                                               const std::string& step) const {
  Place place;
  place.path = path + "::" + part;
  place.last = part;
  place.pointer = pointer + step;
  place.depth = depth + 1;
  place.scopes = scopes;
  place.definition = definition;
  return place;
}

const Schema* SchemaReader::read(const Json& schema) {
  if (!schema.is_object()) {
    fail({}, "the schema is no object");
    return nullptr;
  }
  const std::string input = tool_part_ + "::Input";
  add_definitions(member_of(schema, "$defs"), input + "::", member_of(schema, "definitions"));
  Place place;
  place.path = input;
  place.last = "Input";
  place.plain = true;
  place.root = true;
  place.scopes = scopes_.size();
  const TypeIndex root = add({&schema, {}, {}}, place);
  if (root == kNoType) return nullptr;
  if (types_[root].kind != TypeKind::record && types_[root].kind != TypeKind::tagged) {
    fail(place, "the input of a tool must be an object");
    return nullptr;
  }
  // One after the other instead of nested, so that a chain of references needs no stack.
  while (!pending_.empty()) {
    Definition& definition = *pending_.back();
    pending_.pop_back();
    const Place there = definition_place(definition);
    Shape shape;
    const char* problem = nullptr;
    if (!read_shape(*definition.schema, {}, shape, problem)) fail(there, problem);
    if (problem != nullptr || !fill(definition.type, *definition.schema, shape, there)) {
      return nullptr;
    }
  }
  if (!choices_end(place)) return nullptr;
  mark_loops();
  param_headers_ = arena_.copy(std::span<const wire::ParamHeader>(headers_));
  Schema* out = arena_.create<Schema>();
  out->types = arena_.copy(std::span<const Type>(types_));
  out->root = root;
  return out;
}

SchemaReader::Place SchemaReader::definition_place(const Definition& definition) {
  Place place;
  place.path = definition.path;
  place.scopes = definition.scopes;
  place.definition = true;
  place.last = definition.path.substr(definition.path.rfind(':') + 1);
  place.pointer = "/$defs/" + place.last;
  return place;
}

TypeIndex SchemaReader::reserve(const Place& place) {
  if (types_.size() >= limits_.types) {
    fail(place, "the schema has too many types");
    return kNoType;
  }
  types_.emplace_back();
  return static_cast<TypeIndex>(types_.size() - 1);
}

// Reads the schema unless it is a reference, which gives the type it refers to.
TypeIndex SchemaReader::add(const Part& part, const Place& place) {
  if (place.depth >= limits_.depth) {
    fail(place, "the schema exceeds the nesting limit");
    return kNoType;
  }
  Shape shape;
  const char* problem = nullptr;
  if (!read_shape(*part.schema, part.as, shape, problem)) {
    fail(place, problem);
    return kNoType;
  }
  if (shape.kind == Shape::Kind::reference) return refer(shape.reference, place);
  const TypeIndex index = reserve(place);
  // What `type` lists shares one schema, whose annotations would be read once for each.
  const Json& annotated = part.as.empty() ? *part.schema : kNothing;
  if (index == kNoType || !fill(index, annotated, shape, place)) return kNoType;
  return index;
}

TypeIndex SchemaReader::refer(std::string_view reference, const Place& place) {
  std::size_t scopes = place.scopes;
  for (std::uint32_t step = 0; step < limits_.depth; ++step) {
    Definition* const found = find(reference, scopes);
    if (found == nullptr) {
      fail(place, "a reference names no definition of the schema");
      return kNoType;
    }
    Definition& definition = *found;
    if (definition.type != kNoType) return definition.type;
    Shape shape;
    const char* problem = nullptr;
    if (!read_shape(*definition.schema, {}, shape, problem)) {
      fail(definition_place(definition), problem);
      return kNoType;
    }
    if (shape.kind == Shape::Kind::reference) {
      reference = shape.reference;  // which lives in the document
      scopes = definition.scopes;
      continue;
    }
    definition.type = reserve(place);
    if (definition.type != kNoType) pending_.push_back(&definition);
    return definition.type;
  }
  fail(place, "references lead nowhere");
  return kNoType;
}

bool SchemaReader::fill(TypeIndex index, const Json& schema, const Shape& shape,
                        const Place& place) {
  if (!read_param_header(schema, place)) return false;
  using Kind = Shape::Kind;
  TypeKind& kind = types_[index].kind;
  switch (shape.kind) {
    case Kind::unknown: kind = TypeKind::unknown; return true;
    case Kind::boolean: kind = TypeKind::boolean; return true;
    case Kind::integer: kind = TypeKind::integer; return true;
    case Kind::number:
    case Kind::floating: kind = TypeKind::decimal; return true;
    case Kind::string: kind = TypeKind::string; return true;
    case Kind::date: kind = TypeKind::date; return true;
    case Kind::duration: kind = TypeKind::duration; return true;
    case Kind::ipv4: kind = TypeKind::ipv4; return true;
    case Kind::ipv6: kind = TypeKind::ipv6; return true;
    case Kind::decimal_text: kind = TypeKind::decimal_text; return true;
    case Kind::null: kind = TypeKind::null; return true;
    case Kind::enumeration: return fill_enumeration(index, shape, place);
    case Kind::set: return fill_set(index, shape, place);
    case Kind::tuple:
    case Kind::choice: return fill_parts(index, shape, place);
    case Kind::object: return fill_object(index, shape, place);
    case Kind::never: return fail(place, "the schema allows no value");
    case Kind::reference: break;
  }
  return fail(place, "a reference stands where none can be");
}

// A record cannot contain itself, an entity can: types of the policy language are finite. So an
// object that does is an entity.
void SchemaReader::mark_loops() {
  const auto open = [](const Type& type) {
    return type.kind == TypeKind::record && !type.path.empty();
  };
  if (std::none_of(types_.begin(), types_.end(), open)) return;
  std::vector<std::vector<TypeIndex>> edges;
  for (const Type& type : types_) {
    std::vector<TypeIndex>& out = edges.emplace_back(type.items.begin(), type.items.end());
    if (type.item != kNoType) out.push_back(type.item);
    for (const Member& member : type.members) out.push_back(member.type);
  }
  const std::vector<std::uint32_t> loops = loops_of(edges);
  for (std::size_t i = 0; i < types_.size(); ++i) {
    if (!open(types_[i])) continue;
    if (loops[i] != 0)
      types_[i].kind = TypeKind::tagged;
    else
      types_[i].path = {};
  }
}

// A choice that leads back to itself without a level of the document between would never end.
bool SchemaReader::choices_end(const Place& place) {
  enum class Mark : std::uint8_t { fresh, open, done };
  std::vector<Mark> marks(types_.size(), Mark::fresh);
  std::vector<std::pair<TypeIndex, std::size_t>> stack;
  for (TypeIndex start = 0; start < types_.size(); ++start) {
    if (marks[start] != Mark::fresh) continue;
    stack.emplace_back(start, 0);
    marks[start] = Mark::open;
    while (!stack.empty()) {
      auto& [index, next] = stack.back();
      const Type& type = types_[index];
      if (type.kind != TypeKind::choice || next == type.items.size()) {
        marks[index] = Mark::done;
        stack.pop_back();
        continue;
      }
      const TypeIndex item = type.items[next++];
      if (marks[item] == Mark::open) return fail(place, "a choice leads back to itself");
      if (marks[item] == Mark::done) continue;
      marks[item] = Mark::open;
      stack.emplace_back(item, 0);
    }
  }
  return true;
}

}  // namespace mcpgov::catalog
