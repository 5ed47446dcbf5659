// From JSON Schema to types: references, choices and scalars. Objects and arrays are in
// schema_objects.cpp. Tested by tests/catalog/schema_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "catalog/schema_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mcpgov::catalog {
namespace {

bool is_identifier_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// `X` of `#/$defs/X` or, in older drafts, `#/definitions/X`; empty: neither.
std::string definition_name(std::string_view reference) {
  for (const std::string_view prefix : {"#/$defs/", "#/definitions/"}) {
    if (reference.substr(0, prefix.size()) != prefix) continue;
    std::string name;
    for (std::size_t at = prefix.size(); at < reference.size(); ++at) {
      const char c = reference[at];
      if (c == '/') return {};
      if (c != '~') {
        name += c;
        continue;
      }
      // RFC 6901 section 3: ~0 is a tilde, ~1 a slash.
      if (++at == reference.size() || (reference[at] != '0' && reference[at] != '1')) return {};
      name += reference[at] == '0' ? '~' : '/';
    }
    return name;
  }
  return {};
}

}  // namespace

std::string identifier(std::string_view name) {
  // Cedar 4.5 grammar, "Reserved words", and `__cedar`, which no part of a name may be.
  constexpr std::array<std::string_view, 10> kReserved = {
      "true", "false", "if", "then", "else", "in", "like", "has", "is", "__cedar"};
  std::string part;
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) part = "_";
  for (const char c : name) part += is_identifier_byte(c) ? c : '_';
  if (std::find(kReserved.begin(), kReserved.end(), part) != kReserved.end()) part += '_';
  return part;
}

SchemaReader::SchemaReader(Arena& arena, std::string_view tool, const Limits& limits)
    : arena_(arena), limits_(limits), tool_part_(identifier(tool)) {}

void SchemaReader::add_definitions(const Json* definitions, const std::string& prefix) {
  if (definitions == nullptr || !definitions->is_object()) return;
  for (const auto& [name, schema] : definitions->items()) {
    definitions_[name] = {&schema, prefix + identifier(name), kNoType};
  }
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
  return place;
}

const Schema* SchemaReader::read(const Json& schema) {
  if (!schema.is_object()) {
    fail({}, "the schema is no object");
    return nullptr;
  }
  const std::string input = tool_part_ + "::Input";
  for (const char* key : {"definitions", "$defs"}) {
    const auto found = schema.find(key);
    if (found != schema.end()) add_definitions(&*found, input + "::");
  }
  Place place;
  place.path = input;
  place.last = "Input";
  place.plain = true;
  place.root = true;
  const TypeIndex root = add(schema, place);
  if (root == kNoType) return nullptr;
  if (types_[root].kind != TypeKind::record && types_[root].kind != TypeKind::tagged) {
    fail(place, "the input of a tool must be an object");
    return nullptr;
  }
  // One after the other instead of nested, so that a chain of references needs no stack.
  while (!pending_.empty()) {
    Definition& definition = *pending_.back();
    pending_.pop_back();
    Place there;
    there.path = definition.path;
    there.last = definition.path.substr(definition.path.rfind(':') + 1);
    there.pointer = "/$defs/" + there.last;
    if (!fill(definition.type, *definition.schema, there)) return nullptr;
  }
  if (!choices_end(place)) return nullptr;
  param_headers_ = arena_.copy(std::span<const wire::ParamHeader>(headers_));
  Schema* out = arena_.create<Schema>();
  out->types = arena_.copy(std::span<const Type>(types_));
  out->root = root;
  return out;
}

TypeIndex SchemaReader::reserve(const Place& place) {
  if (types_.size() >= limits_.types) {
    fail(place, "the schema has too many types");
    return kNoType;
  }
  types_.emplace_back();
  return static_cast<TypeIndex>(types_.size() - 1);
}

TypeIndex SchemaReader::add(const Json& schema, const Place& place) {
  if (place.depth >= limits_.depth) {
    fail(place, "the schema exceeds the nesting limit");
    return kNoType;
  }
  if (schema.is_object()) {
    const auto reference = schema.find("$ref");
    if (reference != schema.end()) return refer(*reference, place);
  }
  const TypeIndex index = reserve(place);
  if (index == kNoType || !fill(index, schema, place)) return kNoType;
  return index;
}

TypeIndex SchemaReader::refer(const Json& reference, const Place& place) {
  const Json* at = &reference;
  for (std::uint32_t step = 0; step < limits_.depth; ++step) {
    const std::string name =
        at->is_string() ? definition_name(at->get_ref<const std::string&>()) : std::string();
    const auto found = name.empty() ? definitions_.end() : definitions_.find(name);
    if (found == definitions_.end()) {
      fail(place, "a reference names no definition of the schema");
      return kNoType;
    }
    Definition& definition = found->second;
    if (definition.type != kNoType) return definition.type;
    if (definition.schema->is_object()) {
      const auto further = definition.schema->find("$ref");
      if (further != definition.schema->end()) {
        at = &*further;
        continue;
      }
    }
    definition.type = reserve(place);
    if (definition.type != kNoType) pending_.push_back(&definition);
    return definition.type;
  }
  fail(place, "references lead nowhere");
  return kNoType;
}

bool SchemaReader::fill(TypeIndex index, const Json& schema, const Place& place) {
  if (schema.is_boolean()) {
    return schema.get<bool>() || fail(place, "the schema allows no value");
  }
  if (!schema.is_object()) return fail(place, "the schema is no object");
  if (!read_param_header(schema, place)) return false;
  const auto type = schema.find("type");
  if (type != schema.end()) {
    if (type->is_string()) return fill_typed(index, *type, schema, place, true);
    if (type->is_array()) return fill_types(index, *type, schema, place);
    return fail(place, "`type` is no name and no list of names");
  }
  for (const char* key : {"anyOf", "oneOf"}) {
    const auto choices = schema.find(key);
    if (choices != schema.end()) return fill_choice(index, *choices, place, key);
  }
  // `{}`, and what only other keywords describe (const, enum without a type, allOf, not, if).
  types_[index].kind = TypeKind::unknown;
  return true;
}

bool SchemaReader::fill_choice(TypeIndex index, const Json& choices, const Place& place,
                               const char* step) {
  if (!choices.is_array() || choices.empty()) return fail(place, "a choice has no alternatives");
  std::vector<TypeIndex> items;
  for (const Json& choice : choices) {
    const std::string number = std::to_string(items.size());
    const Place inner = place.inner("TypeChoice" + number, "/" + std::string(step) + "/" + number);
    items.push_back(add(choice, inner));
    if (items.back() == kNoType) return false;
  }
  types_[index].kind = TypeKind::choice;
  types_[index].items = arena_.copy(std::span<const TypeIndex>(items));
  return true;
}

// `"type": ["string", "null"]`: a choice between the same schema read as each type.
bool SchemaReader::fill_types(TypeIndex index, const Json& names, const Json& schema,
                              const Place& place) {
  if (names.empty()) return fail(place, "`type` is an empty list");
  std::vector<TypeIndex> items;
  for (const Json& name : names) {
    if (!name.is_string()) return fail(place, "`type` is no name and no list of names");
    Place inner = place.inner("TypeChoice" + std::to_string(items.size()), "");
    if (inner.depth >= limits_.depth) return fail(place, "the schema exceeds the nesting limit");
    items.push_back(reserve(inner));
    if (items.back() == kNoType || !fill_typed(items.back(), name, schema, inner, false)) {
      return false;
    }
  }
  types_[index].kind = TypeKind::choice;
  types_[index].items = arena_.copy(std::span<const TypeIndex>(items));
  return true;
}

bool SchemaReader::fill_typed(TypeIndex index, const std::string& type, const Json& schema,
                              const Place& place, bool alone) {
  if (type == "string") return fill_string(index, schema, place, alone);
  if (type == "array") return fill_array(index, schema, place);
  if (type == "object") return fill_object(index, schema, place);
  TypeKind& kind = types_[index].kind;
  if (type == "boolean") {
    kind = TypeKind::boolean;
  } else if (type == "integer") {
    kind = TypeKind::integer;
  } else if (type == "number" || type == "float") {
    kind = TypeKind::decimal;
  } else if (type == "null") {
    kind = TypeKind::null;
  } else {
    return fail(place, "`type` names no type of JSON Schema");
  }
  return true;
}

// alone: not one of several types, whose common `enum` mixes their values and is left alone.
bool SchemaReader::fill_string(TypeIndex index, const Json& schema, const Place& place,
                               bool alone) {
  Type& type = types_[index];
  type.kind = TypeKind::string;
  const auto values = schema.find("enum");
  if (alone && values != schema.end()) {
    if (!values->is_array() || values->empty()) return fail(place, "`enum` has no values");
    std::vector<std::string_view> texts;
    for (const Json& value : *values) {
      if (!value.is_string()) return fail(place, "`enum` of a string has another value");
      texts.push_back(arena_.copy(value.get_ref<const std::string&>()));
    }
    std::sort(texts.begin(), texts.end());
    type.kind = TypeKind::enumeration;
    type.values = arena_.copy(std::span<const std::string_view>(texts));
    type.path = arena_.copy(place.path);
    return true;
  }
  const auto format = schema.find("format");
  if (format == schema.end() || !format->is_string()) return true;
  const std::string& name = format->get_ref<const std::string&>();
  if (name == "date" || name == "date-time") type.kind = TypeKind::date;
  if (name == "duration") type.kind = TypeKind::duration;
  if (name == "ipv4") type.kind = TypeKind::ipv4;
  if (name == "ipv6") type.kind = TypeKind::ipv6;
  if (name == "decimal") type.kind = TypeKind::decimal_text;
  return true;
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
