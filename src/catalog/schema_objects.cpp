// From JSON Schema to types: enumerations, objects, arrays and header annotations.
// Tested by tests/catalog/schema_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "catalog/schema_reader.hpp"

namespace mcpgov::catalog {
namespace {

// RFC 9110 section 5.6.2, `token`.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool equal_without_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

bool SchemaReader::fill_enumeration(TypeIndex index, const Shape& shape, const Place& place) {
  std::vector<std::string_view> texts;
  for (const Json& value : *shape.values) {
    texts.push_back(arena_.copy(value.get_ref<const std::string&>()));
  }
  std::sort(texts.begin(), texts.end());
  types_[index].kind = TypeKind::enumeration;
  types_[index].values = arena_.copy(std::span<const std::string_view>(texts));
  types_[index].path = arena_.copy(place.path);
  return true;
}

bool SchemaReader::fill_parts(TypeIndex index, const Shape& shape, const Place& place) {
  const bool tuple = shape.kind == Shape::Kind::tuple;
  if (!tuple && shape.parts.empty()) return fail(place, "a choice has no alternatives");
  std::vector<TypeIndex> items;
  for (const Part& part : shape.parts) {
    const std::string number = std::to_string(items.size());
    items.push_back(add(part, place.inner((tuple ? "Proj" : "TypeChoice") + number, part.step)));
    if (items.back() == kNoType) return false;
  }
  types_[index].kind = tuple ? TypeKind::tuple : TypeKind::choice;
  types_[index].items = arena_.copy(std::span<const TypeIndex>(items));
  return true;
}

bool SchemaReader::fill_set(TypeIndex index, const Shape& shape, const Place& place) {
  TypeIndex item = kNoType;
  if (shape.item == nullptr) {
    item = reserve(place);  // of unknown type
  } else {
    Place inner = place.inner("", "/items");
    inner.path = place.path;  // a set of X is named as X
    inner.last = place.last;
    item = add({shape.item, {}, {}}, inner);
  }
  if (item == kNoType) return false;
  types_[index].kind = TypeKind::set;
  types_[index].item = item;
  return true;
}

// What an object may hold beside its properties. JSON Schema allows anything unless told otherwise;
// here what is not in the schema is refused, except where the schema says that it is open, or says
// nothing at all about an inner object.
bool SchemaReader::fill_object(TypeIndex index, const Shape& shape, const Place& place) {
  Type type;
  type.kind = TypeKind::record;
  if (!read_members(type, shape, place)) return false;
  type.open = shape.open || (shape.silent && !place.root);
  if (shape.rest != nullptr) {
    type.item = add({shape.rest, {}, {}}, place.inner(place.last + "Tag", "/additionalProperties"));
    if (type.item == kNoType) return false;
    type.kind = TypeKind::tagged;
  }
  if (shape.rest != nullptr || place.definition) type.path = arena_.copy(place.path);
  types_[index] = type;
  return true;
}

bool SchemaReader::read_members(Type& type, const Shape& shape, const Place& place) {
  if (shape.properties == nullptr) return true;
  const std::set<std::string_view> required = shape.required_names();
  std::vector<Member> members;
  for (const auto& [name, property] : shape.properties->items()) {
    // A property that allows no value is a property that may not be there.
    if (property.is_boolean() && !property.get<bool>()) continue;
    Place inner = place.inner(identifier(name), "/properties" + pointer_part(name));
    inner.plain = place.plain;
    inner.argument = place.argument + pointer_part(name);
    const TypeIndex index = add({&property, {}, {}}, inner);
    if (index == kNoType) return false;
    members.push_back({arena_.copy(name), index, required.count(name) != 0});
    type.required += members.back().required ? 1U : 0U;
  }
  std::sort(members.begin(), members.end(),
            [](const Member& a, const Member& b) { return a.name < b.name; });
  type.members = arena_.copy(std::span<const Member>(members));
  return true;
}

// Spec: MCP 2026-07-28 streamable HTTP, "Custom Headers from Tool Parameters": a token, unique
// without case, on a string, integer or boolean that `properties` alone leads to. Clients must drop
// tools that break this, so they cannot be called here.
bool SchemaReader::read_param_header(const Json& schema, const Place& place) {
  const auto annotation = schema.find("x-mcp-header");
  if (annotation == schema.end()) return true;
  if (!place.plain || place.argument.empty()) {
    return fail(place, "`x-mcp-header` is not allowed here");
  }
  if (!annotation->is_string() || !is_token(annotation->get_ref<const std::string&>())) {
    return fail(place, "`x-mcp-header` is no header name");
  }
  wire::ParamHeader header;
  header.name = arena_.copy(annotation->get_ref<const std::string&>());
  header.pointer = arena_.copy(place.argument);
  const auto type = schema.find("type");
  const std::string name =
      type != schema.end() && type->is_string() ? type->get<std::string>() : std::string();
  if (name == "string") {
    header.type = wire::ParamHeader::Type::string;
  } else if (name == "integer") {
    header.type = wire::ParamHeader::Type::integer;
  } else if (name == "boolean") {
    header.type = wire::ParamHeader::Type::boolean;
  } else {
    return fail(place, "`x-mcp-header` is on no string, integer or boolean");
  }
  // Servers commonly take at most 100 header fields; and the comparison below is of all with all.
  constexpr std::size_t kParamHeaders = 64;
  if (headers_.size() == kParamHeaders) return fail(place, "too many header parameters");
  for (const wire::ParamHeader& other : headers_) {
    if (equal_without_case(other.name, header.name)) {
      return fail(place, "two parameters have the same `x-mcp-header`");
    }
  }
  headers_.push_back(header);
  return true;
}

}  // namespace mcpgov::catalog
