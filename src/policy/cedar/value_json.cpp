// Which JSON means which value, with and without a type to go by.
// Tested by tests/policy/entities_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/value_json.hpp"

#include <algorithm>
#include <utility>

#include "policy/cedar/extension.hpp"
#include "policy/cedar/lexer.hpp"
#include "policy/cedar/quote.hpp"

namespace mcpgov::policy::cedar {
namespace {

using Json = JsonNode::Type;

// The inside of `__entity`, or of a reference whose type is known.
bool is_reference(const JsonNode& node) noexcept {
  return node.find_string("type") != nullptr && node.find_string("id") != nullptr;
}

// The inside of `__extn`: `{"fn": …, "arg": …}` or `{"fn": …, "args": […]}`.
bool is_call(const JsonNode& node) noexcept {
  if (node.find_string("fn") == nullptr) return false;
  if (node.find("arg") != nullptr) return true;
  const JsonNode* args = node.find("args");
  return args != nullptr && args->type == Json::array;
}

enum class Escape : std::uint8_t { none, entity, extension, expression };

// An escape is one only as the single member of an object, and with the right inside; everything
// else is a record, even if it looks like a mistake.
Escape escape_in(const JsonNode& object) noexcept {
  if (object.size != 1) return Escape::none;
  const JsonMember& member = object.members().front();
  if (member.key == "__entity" && is_reference(member.value)) return Escape::entity;
  if (member.key == "__extn" && is_call(member.value)) return Escape::extension;
  if (member.key == "__expr" && member.value.type == Json::string) return Escape::expression;
  return Escape::none;
}

std::string_view kind_name(Kind kind) noexcept {
  switch (kind) {
    case Kind::unknown: return "unknown";
    case Kind::boolean: return "Bool";
    case Kind::integer: return "Long";
    case Kind::string: return "String";
    case Kind::entity: return "entity";
    case Kind::decimal: return "decimal";
    case Kind::datetime: return "datetime";
    case Kind::duration: return "duration";
    case Kind::ip: return "ipaddr";
    case Kind::set: return "Set";
    case Kind::record: return "record";
  }
  return "unknown";
}

std::string_view constructor_of(Kind kind) noexcept {
  return kind == Kind::ip ? "ip" : kind_name(kind);
}

bool is_extension(Kind kind) noexcept {
  return kind == Kind::decimal || kind == Kind::datetime || kind == Kind::duration ||
         kind == Kind::ip;
}

// Types of the parameters of extension functions, for arguments that are read by type.
const Type& type_of(Kind kind) noexcept {
  static constexpr auto scalar = [](Kind of) { return Type{of, kNoName, nullptr, {}}; };
  static constexpr Type kTypes[] = {scalar(Kind::decimal), scalar(Kind::datetime),
                                    scalar(Kind::duration), scalar(Kind::ip), scalar(Kind::string)};
  return *std::find_if(std::begin(kTypes), std::end(kTypes) - 1,
                       [&](const Type& type) { return type.kind == kind; });
}

}  // namespace

bool is_type_name(std::string_view text) noexcept {
  for (;;) {
    const std::size_t end = text.find("::");
    const std::string_view part = text.substr(0, end);
    if (!is_identifier(part) || is_reserved(part)) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 2);
  }
}

bool is_action_type(std::string_view type) noexcept {
  return type == "Action" || type.ends_with("::Action");
}

bool ValueReader::fail(ErrorCode code, std::string reason, const JsonNode& node) {
  code_ = code;
  offset_ = node.offset;
  reason_ = std::move(reason);
  return false;
}

bool ValueReader::read_entity(const JsonNode& node, EntityId& out) {
  if (node.find_string("__expr") != nullptr) {
    return fail(ErrorCode::entities_value, "the `__expr` escape is not supported", node);
  }
  const JsonNode* reference = node.find("__entity");
  if (reference == nullptr || !is_reference(*reference)) reference = &node;
  if (!is_reference(*reference)) {
    return fail(ErrorCode::entities_shape, "expected an entity reference", node);
  }
  const std::string_view type = reference->find_string("type")->string();
  if (!is_type_name(type)) {
    return fail(ErrorCode::entities_shape, "the entity type is not a name in normal form",
                *reference);
  }
  out = symbols_.entity(symbols_.name(type), reference->find_string("id")->string());
  return true;
}

bool ValueReader::read(const JsonNode& node, const Type* type, int depth, Value& out) {
  if (type == nullptr) return untyped(node, depth, out);
  if (type->kind == Kind::entity) return typed_entity(node, *type, out);
  if (is_extension(type->kind)) return extension(node, *type, depth, out);
  if (type->kind == Kind::set && node.type == Json::array) {
    return set(node, type->element, depth, out);
  }
  if (type->kind == Kind::record && node.type == Json::object) {
    // What looks like an escape is one, even where a record of that shape would fit.
    if (escape_in(node) == Escape::none) return record(node, type, depth, out);
  }
  if (!untyped(node, depth, out)) return false;
  if (out.kind == type->kind && type->kind != Kind::set && type->kind != Kind::record) return true;
  return fail(ErrorCode::entities_schema,
              "the schema expects " + std::string(kind_name(type->kind)), node);
}

bool ValueReader::untyped(const JsonNode& node, int depth, Value& out) {
  switch (node.type) {
    case Json::null: return fail(ErrorCode::entities_value, "null is not a value", node);
    case Json::boolean: out = Value::of_boolean(node.integer != 0); return true;
    case Json::integer: out = Value::of_integer(node.integer); return true;
    case Json::number:
      return fail(ErrorCode::entities_value, "a number that is no 64-bit integer", node);
    case Json::string: out = Value::of_string(arena_->copy(node.string())); return true;
    case Json::array: return set(node, nullptr, depth, out);
    case Json::object: return object(node, depth, out);
  }
  return false;
}

bool ValueReader::object(const JsonNode& node, int depth, Value& out) {
  switch (escape_in(node)) {
    case Escape::none: return record(node, nullptr, depth, out);
    case Escape::extension: return call(node.members()[0].value, false, depth, out);
    case Escape::expression:
      return fail(ErrorCode::entities_value, "the `__expr` escape is not supported", node);
    case Escape::entity: break;
  }
  EntityId id = kNoEntity;
  if (!read_entity(node, id)) return false;
  out = Value::of_entity(id);
  return check_entity(id, node);
}

bool ValueReader::set(const JsonNode& node, const Type* element, int depth, Value& out) {
  if (depth >= kMaxValueDepth) {
    return fail(ErrorCode::entities_too_deep, "nested too deeply", node);
  }
  Value* items = arena_->array<Value>(node.size);
  for (std::uint32_t i = 0; i < node.size; ++i) {
    if (!read(node.items()[i], element, depth + 1, items[i])) return false;
  }
  out = Value::of_set({items, node.size});
  return true;
}

bool ValueReader::record(const JsonNode& node, const Type* type, int depth, Value& out) {
  if (node.type != Json::object) {
    return fail(ErrorCode::entities_shape, "expected an object", node);
  }
  if (depth >= kMaxValueDepth) {
    return fail(ErrorCode::entities_too_deep, "nested too deeply", node);
  }
  Field* fields = arena_->array<Field>(node.size);
  for (std::uint32_t i = 0; i < node.size; ++i) {
    const JsonMember& member = node.members()[i];
    const NameId name = symbols_.name(member.key);
    const Type* field_type = nullptr;
    if (type != nullptr) {
      const auto at = std::lower_bound(type->attributes.begin(), type->attributes.end(), name,
                                       [](const Attribute& a, NameId n) { return a.name < n; });
      if (at == type->attributes.end() || at->name != name) {
        return fail(ErrorCode::entities_attribute_unknown,
                    "an attribute that the schema does not know", member.value);
      }
      field_type = at->type;
    }
    fields[i].name = name;
    if (!read(member.value, field_type, depth + 1, fields[i].value)) return false;
  }
  out = Value::of_record({fields, node.size});
  if (type == nullptr) return true;
  for (const Attribute& attribute : type->attributes) {
    if (!attribute.required || out.field(attribute.name) != nullptr) continue;
    return fail(ErrorCode::entities_attribute_missing,
                "the required attribute " + shown(symbols_.text(attribute.name)) + " is missing",
                node);
  }
  return true;
}

// Where the schema expects an extension type: the escape, the inside of the escape, or only the
// argument of the type's constructor.
bool ValueReader::extension(const JsonNode& node, const Type& type, int depth, Value& out) {
  if (node.find_string("__expr") != nullptr) {
    return fail(ErrorCode::entities_value, "the `__expr` escape is not supported", node);
  }
  const JsonNode* inside = node.find("__extn");
  if (inside == nullptr || !is_call(*inside)) inside = is_call(node) ? &node : nullptr;
  if (inside != nullptr) {
    if (!call(*inside, true, depth, out)) return false;
  } else {
    Value argument;
    if (!untyped(node, depth, argument)) return false;
    const ExtensionFunction* function = find_extension_function(constructor_of(type.kind));
    if (function->call({&argument, 1}, *arena_, out) != ErrorCode::none) {
      return fail(ErrorCode::entities_value, "not a valid " + std::string(kind_name(type.kind)),
                  node);
    }
  }
  if (out.kind == type.kind) return true;
  return fail(ErrorCode::entities_schema, "the schema expects " + std::string(kind_name(type.kind)),
              node);
}

// Calls nest as deep as the JSON does, which read_json() has bounded.
bool ValueReader::call(const JsonNode& call, bool typed, int depth, Value& out) {
  const ExtensionFunction* function = find_extension_function(call.find_string("fn")->string());
  if (function == nullptr) {
    return fail(ErrorCode::entities_value, "an extension function that does not exist", call);
  }
  const JsonNode* arg = call.find("arg");
  const std::span<const JsonNode> given =
      arg != nullptr ? std::span(arg, 1) : call.find("args")->items();
  Value args[std::tuple_size_v<decltype(ExtensionFunction::parameters)>];
  if (given.size() != function->arity) {
    return fail(ErrorCode::entities_value, "an extension function with a wrong number of arguments",
                call);
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    const Type* type = typed ? &type_of(function->parameters[i]) : nullptr;
    if (!read(given[i], type, depth, args[i])) return false;
  }
  if (function->call({args, given.size()}, *arena_, out) == ErrorCode::none) return true;
  return fail(ErrorCode::entities_value,
              "the extension function `" + std::string(function->name) + "` failed", call);
}

bool ValueReader::typed_entity(const JsonNode& node, const Type& type, Value& out) {
  EntityId id = kNoEntity;
  if (!read_entity(node, id)) return false;
  if (symbols_.type(id) != type.entity) {
    return fail(
        ErrorCode::entities_schema,
        "the schema expects an entity of type `" + std::string(symbols_.text(type.entity)) + "`",
        node);
  }
  out = Value::of_entity(id);
  return check_entity(id, node);
}

// Enumerated types and actions list their entities, wherever they are mentioned.
bool ValueReader::check_entity(EntityId id, const JsonNode& node) {
  if (schema_ == nullptr) return true;
  const NameId name = symbols_.type(id);
  if (const EntityType* type = schema_->entity_type(name); type != nullptr) {
    if (!type->enumerated || std::binary_search(type->ids.begin(), type->ids.end(), id))
      return true;
    return fail(ErrorCode::entities_enum_id, "an id that the enumerated type does not list", node);
  }
  if (!is_action_type(symbols_.text(name)) || schema_->action(id) != nullptr) return true;
  return fail(ErrorCode::entities_action, "an action that the schema does not declare", node);
}

}  // namespace mcpgov::policy::cedar
