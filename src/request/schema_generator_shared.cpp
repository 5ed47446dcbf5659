// Entity types that several places would declare: one for all of them, in the namespace that holds
// these places. Tested by tests/request/schema_generator_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "policy/cedar/schema_sorted.hpp"
#include "request/schema_generator.hpp"

namespace mcpgov::request {
namespace {

using catalog::Shape;
using Json = catalog::Json;
using Form = cedar::DeclaredType::Form;
using Kind = Shape::Kind;

bool is_primitive(Kind kind) {
  return kind != Kind::enumeration && kind != Kind::set && kind != Kind::tuple &&
         kind != Kind::choice && kind != Kind::object && kind != Kind::reference &&
         kind != Kind::never;
}

// Kinds that are one type get one number.
int number_of(Kind kind) {
  return static_cast<int>(kind == Kind::ipv6 ? Kind::ipv4 : kind);
}

Kind kind_of(const Json& schema) {
  Shape shape;
  const char* problem = nullptr;
  return catalog::read_shape(schema, {}, shape, problem) ? shape.kind : Kind::never;
}

// A text that no other list of texts has.
void append(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

// The namespace that holds both.
std::string_view common_space(std::string_view a, std::string_view b) {
  std::size_t same = 0;
  for (std::size_t at = 0; at <= a.size(); ++at) {
    const bool ends_a = at == a.size() || a.substr(at, 2) == "::";
    const bool ends_b = at == b.size() || b.substr(at, 2) == "::";
    if (ends_a && ends_b) same = at;
    if (at == a.size() || at >= b.size() || a[at] != b[at]) break;
  }
  return a.substr(0, same);
}

bool is_named(const cedar::DeclaredType& type, Form form, std::string_view name) {
  return type.form == form && type.name.text == name;
}

// Numbers never are, unless they are opaque, as in the reference generator.
bool is_type_of(const cedar::DeclaredType& type, Kind kind) {
  switch (kind) {
    case Kind::boolean: return is_named(type, Form::entity_or_common, "Bool");
    case Kind::integer: return is_named(type, Form::entity_or_common, "Long");
    case Kind::string: return is_named(type, Form::entity_or_common, "String");
    case Kind::decimal_text: return is_named(type, Form::entity_or_common, "decimal");
    case Kind::date: return is_named(type, Form::entity_or_common, "datetime");
    case Kind::duration: return is_named(type, Form::entity_or_common, "duration");
    case Kind::ipv4:
    case Kind::ipv6: return is_named(type, Form::entity_or_common, "ipaddr");
    case Kind::floating: return is_named(type, Form::entity, "Float");
    case Kind::number: return is_named(type, Form::entity, "Number");
    case Kind::null: return is_named(type, Form::entity, "Null");
    case Kind::unknown: return is_named(type, Form::entity, "Unknown");
    default: return false;
  }
}

}  // namespace

// An enumeration by its name and values in their order; an object of primitive properties by its
// name and those.
std::string SchemaGenerator::fingerprint(const Shape& shape, std::string_view name) {
  std::string out;
  if (shape.kind == Kind::enumeration) {
    out = "e";
    append(out, name);
    for (const Json& value : *shape.values) append(out, value.get_ref<const std::string&>());
    return out;
  }
  if (shape.kind != Kind::object || shape.rest != nullptr) return {};
  if (shape.properties == nullptr || shape.properties->empty()) return {};
  out = "r";
  append(out, name);
  const std::set<std::string_view> required = shape.required_names();
  for (const auto& [key, property] : shape.properties->items()) {
    const Kind kind = kind_of(property);
    if (!is_primitive(kind)) return {};
    append(out, key);
    out += std::to_string(number_of(kind));
    out += required.count(key) != 0 ? '!' : '?';
  }
  return out;
}

const std::string_view* SchemaGenerator::shared_space(const std::string& fingerprint) const {
  const auto found = fingerprint.empty() ? placed_.end() : placed_.find(fingerprint);
  return found == placed_.end() ? nullptr : &found->second;
}

bool SchemaGenerator::collect_tools(const catalog::ToolList& list) {
  for (std::size_t i = 0; i < list.tools.size(); ++i) {
    types_ = 0;
    const Json& tool = *list.tools[i];
    const std::string& pointer = list.pointers[i];
    const std::string_view* part =
        part_of(tool.find("name")->get_ref<const std::string&>(), pointer + "/name");
    if (part == nullptr) return false;
    const std::string_view space = join(root_, *part);
    const Part input = catalog::input_schema(tool);
    const Part output = catalog::output_schema(tool);
    if (!collect_parameters(input, join(space, "Input"), pointer)) return false;
    if (options_.include_outputs && !collect_parameters(output, join(space, "Output"), pointer)) {
      return false;
    }
    // Of the definitions of a tool only these are looked at, as in the reference generator.
    const Json* definitions = catalog::member_of(tool, "$defs");
    if (definitions == nullptr || !definitions->is_object()) continue;
    for (const auto& [name, schema] : definitions->items()) {
      if (kind_of(schema) != Kind::enumeration) continue;
      const std::string_view* own = part_of(name, pointer + "/$defs");
      if (own == nullptr || !collect({&schema, {}, {}}, *own, space, pointer)) return false;
    }
  }
  return true;
}

bool SchemaGenerator::collect_parameters(const Part& schema, std::string_view space,
                                         const std::string& pointer) {
  if (schema.schema == nullptr) return true;
  for (const char* key : {"properties", "$defs"}) {
    const Json* all = catalog::member_of(*schema.schema, key);
    if (all == nullptr || !all->is_object()) continue;
    for (const auto& [name, property] : all->items()) {
      const std::string_view* part = part_of(name, pointer + schema.step + "/" + key);
      if (part == nullptr || !collect({&property, {}, {}}, *part, space, pointer)) return false;
    }
  }
  return true;
}

bool SchemaGenerator::collect(const Part& part, std::string_view name, std::string_view space,
                              const std::string& pointer) {
  if (!spend(pointer)) return false;
  Shape shape;
  const char* problem = nullptr;
  if (!catalog::read_shape(*part.schema, part.as, shape, problem)) {
    return fail(ErrorCode::tool_schema_invalid, pointer, problem);
  }
  if (shape.kind == Kind::object && !collect_object(shape, name, space, pointer)) return false;
  if (shape.kind == Kind::set && shape.item != nullptr) {
    return collect({shape.item, {}, {}}, name, space, pointer);
  }
  const bool tuple = shape.kind == Kind::tuple;
  for (std::size_t i = 0; i < shape.parts.size(); ++i) {
    const std::string_view inner =
        arena_.concat({tuple ? "Proj" : "TypeChoice", std::to_string(i)});
    if (!collect(shape.parts[i], inner, join(space, name), pointer)) return false;
  }
  const std::string fingerprint = this->fingerprint(shape, name);
  if (fingerprint.empty()) return true;
  Shared& shared = seen_[fingerprint];
  shared.space = ++shared.places == 1 ? space : common_space(shared.space, space);
  shared.name = name;
  shared.part = part;
  return true;
}

bool SchemaGenerator::collect_object(const Shape& shape, std::string_view name,
                                     std::string_view space, const std::string& pointer) {
  const std::string_view inner = join(space, name);
  if (shape.rest != nullptr &&
      !collect({shape.rest, {}, {}}, arena_.concat({name, "Tag"}), inner, pointer)) {
    return false;
  }
  if (shape.properties == nullptr) return true;
  for (const auto& [key, property] : shape.properties->items()) {
    if (property.is_boolean() && !property.get<bool>()) continue;
    const std::string_view* part = part_of(key, pointer);
    if (part == nullptr || !collect({&property, {}, {}}, *part, inner, pointer)) return false;
  }
  return true;
}

// What several places have moves, unless the name is taken: by a type that is there already and
// says something else, or by another one that would move there.
bool SchemaGenerator::place_shared() {
  std::map<std::pair<std::string_view, std::string_view>, int> taken;
  const auto moves = [&](const std::string& fingerprint, const Shared& shared) {
    return shared.places > 1 && !(options_.objects_as_records && fingerprint.front() == 'r');
  };
  for (const auto& [fingerprint, shared] : seen_) {
    if (moves(fingerprint, shared)) ++taken[{shared.name, shared.space}];
  }
  std::vector<const std::pair<const std::string, Shared>*> fresh;
  for (const auto& each : seen_) {
    const Shared& shared = each.second;
    if (!moves(each.first, shared) || taken[{shared.name, shared.space}] > 1) continue;
    const auto there = spaces_.find(shared.space);
    if (there != spaces_.end()) {
      if (there->second.commons.count(shared.name) != 0) continue;
      const auto entity = there->second.entities.find(shared.name);
      if (entity != there->second.entities.end()) {
        if (matches(shared, entity->second)) placed_[each.first] = shared.space;
        continue;
      }
    }
    fresh.push_back(&each);
  }
  for (const auto* each : fresh) {
    if (!declare_shared(each->second)) return false;
    placed_[each->first] = each->second.space;
  }
  return true;
}

bool SchemaGenerator::declare_shared(const Shared& shared) {
  types_ = 0;
  Shape shape;
  const char* problem = nullptr;
  if (!catalog::read_shape(*shared.part.schema, shared.part.as, shape, problem)) return false;
  Place place;
  place.space = shared.space;
  place.name = shared.name;
  Type found;
  if (shape.kind == Kind::enumeration) return enumeration(shape, place, found);
  cedar::DeclaredEntity entity;
  place.space = {};  // names in it are whole, as in the reference generator
  if (!members(shape, place, shared.space, entity.shape.attributes)) return false;
  return add_entity(shared.space, shared.name, entity, {});
}

// True for an entity type that says the same already.
bool SchemaGenerator::matches(const Shared& shared, const cedar::DeclaredEntity& entity) const {
  Shape shape;
  const char* problem = nullptr;
  if (!catalog::read_shape(*shared.part.schema, shared.part.as, shape, problem)) return false;
  if (shape.kind == Kind::enumeration) {
    return entity.enumerated &&
           std::equal(entity.ids.begin(), entity.ids.end(), shape.values->begin(),
                      shape.values->end(), [](std::string_view id, const Json& value) {
                        return id == value.get_ref<const std::string&>();
                      });
  }
  if (entity.enumerated || entity.shape.form != Form::record) return false;
  const auto& attributes = entity.shape.attributes;
  if (attributes.size() != shape.properties->size()) return false;
  const std::set<std::string_view> required = shape.required_names();
  return std::all_of(attributes.begin(), attributes.end(), [&](const auto& each) {
    const Json* property = catalog::member_of(*shape.properties, each.name.text);
    return property != nullptr && each.required == (required.count(each.name.text) != 0) &&
           is_type_of(each.type, kind_of(*property));
  });
}

}  // namespace mcpgov::request
