// What each kind of JSON Schema is in Cedar: the table of docs/request.md.
// Tested by tests/request/schema_generator_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "catalog/schema_reader.hpp"
#include "policy/cedar/lexer.hpp"
#include "policy/cedar/schema_sorted.hpp"
#include "request/schema_generator.hpp"

namespace mcpgov::request {

using catalog::Shape;
using cedar::DeclaredAttribute;
using cedar::DeclaredEntity;
using Form = cedar::DeclaredType::Form;
using Kind = Shape::Kind;

namespace {

SchemaGenerator::Type built_in(std::string_view name) {
  SchemaGenerator::Type type;
  type.form = Form::entity_or_common;
  type.name.text = name;
  return type;
}

}  // namespace

// Every type counts, so that types inside types, each of several kinds, come to an end.
bool SchemaGenerator::spend(const std::string& pointer) {
  if (++types_ <= catalog::Limits{}.types) return true;
  return fail(ErrorCode::tool_schema_invalid, pointer, "the schema has too many types");
}

// An entity type that says nothing but whether two values are equal. The stub can declare it; a
// definition of that name would give null and numbers what they do not have.
bool SchemaGenerator::opaque(std::string_view name, const Place& place, Type& out) {
  const auto [path, flat_name] = flat(root_, name);
  const bool fresh = opaque_.insert(flat_name).second;
  if (fresh && stub_entities_.count(flat_name) == 0 &&
      !add_entity(path, flat_name, {}, place.pointer)) {
    return false;
  }
  out = {};
  out.form = Form::entity;
  out.name.text = join(root_, name);
  return true;
}

bool SchemaGenerator::number(std::string_view name, const Place& place, Type& out) {
  if (!options_.encode_numbers_as_decimal) return opaque(name, place, out);
  out = built_in("decimal");
  return true;
}

bool SchemaGenerator::type(const Part& part, const Place& place, Type& out) {
  if (!spend(place.pointer)) return false;
  Shape shape;
  const char* problem = nullptr;
  if (!catalog::read_shape(*part.schema, part.as, shape, problem)) {
    return fail(ErrorCode::tool_schema_invalid, place.pointer, problem);
  }
  switch (shape.kind) {
    case Kind::boolean: out = built_in("Bool"); return true;
    case Kind::integer: out = built_in("Long"); return true;
    case Kind::floating: return number("Float", place, out);
    case Kind::number: return number("Number", place, out);
    case Kind::string: out = built_in("String"); return true;
    case Kind::date: out = built_in("datetime"); return true;
    case Kind::duration: out = built_in("duration"); return true;
    case Kind::ipv4:
    case Kind::ipv6: out = built_in("ipaddr"); return true;
    case Kind::decimal_text: out = built_in("decimal"); return true;
    case Kind::null: return opaque("Null", place, out);
    case Kind::unknown: return opaque("Unknown", place, out);
    case Kind::never:
      return fail(ErrorCode::tool_schema_invalid, place.pointer, "the schema allows no value");
    case Kind::enumeration: return enumeration(shape, place, out);
    case Kind::tuple:
    case Kind::choice: return parts(shape, place, out);
    case Kind::object: return object(part, shape, place, out);
    case Kind::reference: return refer(shape.reference, place, out);
    case Kind::set: break;
  }
  Type element;
  if (shape.item == nullptr) {
    if (!opaque("Unknown", place, element)) return false;
  } else {
    Place inner = place;  // a set of X is named as X
    inner.pointer += "/items";
    if (!type({shape.item, {}, {}}, inner, element)) return false;
  }
  out = {};
  out.form = Form::set;
  out.element = arena_.create<Type>(element);
  return true;
}

bool SchemaGenerator::enumeration(const Shape& shape, const Place& place, Type& out) {
  out = {};
  out.form = Form::entity;
  if (const std::string_view* there = shared_space(fingerprint(shape, place.name))) {
    out.name.text = qualified(*there, place.name);
    return true;
  }
  std::vector<std::string_view> ids;
  for (const Json& value : *shape.values) {
    ids.push_back(arena_.copy(value.get_ref<const std::string&>()));
  }
  DeclaredEntity entity;
  entity.enumerated = true;
  entity.ids = arena_.copy(std::span<const std::string_view>(ids));
  out.name.text = qualified(place.space, place.name);
  return add_entity(place.space, place.name, entity, place.pointer);
}

// Parts of tuples and alternatives: one attribute for each.
bool SchemaGenerator::parts(const Shape& shape, const Place& place, Type& out) {
  const bool tuple = shape.kind == Kind::tuple;
  std::vector<DeclaredAttribute> attributes;
  const std::string_view inner_space = join(place.space, place.name);
  for (const Part& part : shape.parts) {
    const std::string number = std::to_string(attributes.size());
    Place inner = place;
    inner.space = inner_space;
    inner.name = arena_.concat({tuple ? "Proj" : "TypeChoice", number});
    inner.pointer += part.step;
    Type found;
    if (!type(part, inner, found)) return false;
    DeclaredAttribute attribute;
    attribute.name.text = arena_.concat({tuple ? "proj" : "typeChoice", number});
    attribute.required = tuple;
    attribute.type = shortened(place.space, found);
    attributes.push_back(attribute);
  }
  out = {};
  out.attributes =
      cedar::sorted_attributes(arena_.copy(std::span<const DeclaredAttribute>(attributes)));
  return true;
}

bool SchemaGenerator::object(const Part& part, const Shape& shape, const Place& place, Type& out) {
  out = {};
  out.form = Form::entity;
  const bool record = options_.objects_as_records && shape.rest == nullptr;
  if (!options_.objects_as_records) {
    const std::string_view* there = shared_space(fingerprint(shape, place.name));
    if (there != nullptr) {
      out.name.text = qualified(*there, place.name);
      return true;
    }
  }
  const std::string_view inner = join(place.space, place.name);
  DeclaredEntity entity;
  if (shape.rest != nullptr) {
    Place rest = place;
    rest.space = inner;
    rest.name = arena_.concat({place.name, "Tag"});
    rest.pointer += "/additionalProperties";
    Type tags;
    if (!type({shape.rest, {}, {}}, rest, tags)) return false;
    entity.tags = arena_.create<Type>(tags);
  }
  if (!members(shape, place, inner, entity.shape.attributes)) return false;
  out.name.text = qualified(place.space, place.name);
  if (!record || loops(part, place)) {
    return add_entity(place.space, place.name, entity, place.pointer);
  }
  out.form = Form::entity_or_common;
  return add_common(place.space, place.name, entity.shape, place.pointer);
}

// inner: the namespace of types that properties declare.
bool SchemaGenerator::members(const Shape& shape, const Place& place, std::string_view inner,
                              std::span<const DeclaredAttribute>& out) {
  if (shape.properties == nullptr) return true;
  const std::set<std::string_view> required = shape.required_names();
  std::vector<DeclaredAttribute> attributes;
  for (const auto& [name, property] : shape.properties->items()) {
    // A property that allows no value is a property that may not be there.
    if (property.is_boolean() && !property.get<bool>()) continue;
    Place there = place;
    there.pointer += "/properties" + catalog::pointer_part(name);
    const std::string_view* part = part_of(name, there.pointer);
    if (part == nullptr) return false;
    there.space = inner;
    there.name = *part;
    DeclaredAttribute attribute;
    attribute.name.text = arena_.copy(name);
    attribute.required = required.count(name) != 0;
    if (!type({&property, {}, {}}, there, attribute.type)) return false;
    // Not for parameters, whose record stands in the stub's namespace.
    if (!place.space.empty()) attribute.type = shortened(place.space, attribute.type);
    attributes.push_back(attribute);
  }
  out = cedar::sorted_attributes(arena_.copy(std::span<const DeclaredAttribute>(attributes)));
  return true;
}

// The reference generator shortens names of alternatives too, whose record can stand in another
// namespace, so that they then name nothing.
SchemaGenerator::Type SchemaGenerator::shortened(std::string_view space, const Type& type) {
  return options_.names == SchemaOptions::Names::agent ? type : unqualified(space, type);
}

// A type that stands in the namespace itself is named without it, also inside of records and sets.
SchemaGenerator::Type SchemaGenerator::unqualified(std::string_view space, Type type) {
  switch (type.form) {
    case Form::entity:
    case Form::common:
    case Form::entity_or_common:
      if (cedar::prefix(type.name.text) == space) type.name.text = cedar::basename(type.name.text);
      break;
    case Form::set: type.element = arena_.create<Type>(unqualified(space, *type.element)); break;
    case Form::record: {
      const std::span<DeclaredAttribute> copied = arena_.copy(type.attributes);
      for (DeclaredAttribute& each : copied) each.type = unqualified(space, each.type);
      type.attributes = copied;
      break;
    }
    default: break;
  }
  return type;
}

}  // namespace mcpgov::request
