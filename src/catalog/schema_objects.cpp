// From JSON Schema to types: objects, arrays and header annotations.
// Tested by tests/catalog/schema_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>

#include "catalog/schema_reader.hpp"

namespace mcpgov::catalog {
namespace {

// RFC 6901 section 3.
std::string pointer_part(std::string_view name) {
  std::string part = "/";
  for (const char c : name) {
    if (c == '~') {
      part += "~0";
    } else if (c == '/') {
      part += "~1";
    } else {
      part += c;
    }
  }
  return part;
}

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

bool is_scalar(TypeKind kind) {
  return kind != TypeKind::set && kind != TypeKind::tuple && kind != TypeKind::choice &&
         kind != TypeKind::record && kind != TypeKind::tagged && kind != TypeKind::enumeration;
}

}  // namespace

bool SchemaReader::fill_array(TypeIndex index, const Json& schema, const Place& place) {
  const auto items = schema.find("items");
  const auto prefix = schema.find("prefixItems");
  const bool has_items = items != schema.end() && items->is_object();
  TypeIndex item = kNoType;
  if (has_items) {
    Place inner = place.inner("", "/items");
    inner.path = place.path;  // a set of X is named as X
    inner.last = place.last;
    item = add(*items, inner);
    if (item == kNoType) return false;
  }
  if (prefix != schema.end()) {
    if (!prefix->is_array()) return fail(place, "`prefixItems` is no list");
    std::vector<TypeIndex> parts;
    for (const Json& part : *prefix) {
      const std::string number = std::to_string(parts.size());
      parts.push_back(add(part, place.inner("Proj" + number, "/prefixItems/" + number)));
      if (parts.back() == kNoType) return false;
    }
    if (items != schema.end() && items->is_boolean() && !items->get<bool>()) {
      types_[index].kind = TypeKind::tuple;
      types_[index].items = arena_.copy(std::span<const TypeIndex>(parts));
      return true;
    }
    const bool same = item != kNoType && is_scalar(types_[item].kind) &&
                      std::all_of(parts.begin(), parts.end(), [&](TypeIndex part) {
                        return types_[part].kind == types_[item].kind;
                      });
    if (!same) item = kNoType;
  }
  if (item == kNoType) {
    item = reserve(place);  // of unknown type
    if (item == kNoType) return false;
  }
  types_[index].kind = TypeKind::set;
  types_[index].item = item;
  return true;
}

bool SchemaReader::fill_object(TypeIndex index, const Json& schema, const Place& place) {
  Type type;
  type.kind = TypeKind::record;
  if (!read_members(type, schema, place) || !read_rest(type, schema, place)) return false;
  types_[index] = type;
  return true;
}

bool SchemaReader::read_required(const Json& schema, const Place& place,
                                 std::set<std::string>& required) {
  const auto names = schema.find("required");
  // Draft 3 had a boolean here; the generator accepts `false`.
  if (names == schema.end() || (names->is_boolean() && !names->get<bool>())) return true;
  if (!names->is_array()) return fail(place, "`required` is no list of names");
  for (const Json& name : *names) {
    if (!name.is_string()) return fail(place, "`required` is no list of names");
    required.insert(name);
  }
  return true;
}

bool SchemaReader::read_members(Type& type, const Json& schema, const Place& place) {
  std::set<std::string> required;
  if (!read_required(schema, place, required)) return false;
  const auto properties = schema.find("properties");
  if (properties == schema.end()) return true;
  if (!properties->is_object()) return fail(place, "`properties` is no object");
  std::vector<Member> members;
  for (const auto& [name, property] : properties->items()) {
    // A property that allows no value is a property that may not be there.
    if (property.is_boolean() && !property.get<bool>()) continue;
    Place inner = place.inner(identifier(name), "/properties" + pointer_part(name));
    inner.plain = place.plain;
    inner.argument = place.argument + pointer_part(name);
    const TypeIndex index = add(property, inner);
    if (index == kNoType) return false;
    members.push_back({arena_.copy(name), index, required.count(name) != 0});
    type.required += members.back().required ? 1U : 0U;
  }
  std::sort(members.begin(), members.end(),
            [](const Member& a, const Member& b) { return a.name < b.name; });
  type.members = arena_.copy(std::span<const Member>(members));
  return true;
}

// What an object may hold beside its properties. JSON Schema allows anything unless told otherwise;
// here what is not in the schema is refused, except where the schema says that it is open, or says
// nothing at all about an inner object.
bool SchemaReader::read_rest(Type& type, const Json& schema, const Place& place) {
  const auto rest = schema.find("additionalProperties");
  if (rest == schema.end()) {
    const bool silent = !place.root && !schema.contains("properties");
    type.open = silent || schema.contains("patternProperties");
    return true;
  }
  if (rest->is_boolean()) {
    type.open = rest->get<bool>();
    return true;
  }
  type.item = add(*rest, place.inner(place.last + "Tag", "/additionalProperties"));
  if (type.item == kNoType) return false;
  type.kind = TypeKind::tagged;
  type.path = arena_.copy(place.path);
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
