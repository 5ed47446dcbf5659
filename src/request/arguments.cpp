// Arguments against a schema: objects, arrays, alternatives. Scalars and plain JSON are in
// scalars.cpp. Tested by tests/request/arguments_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "request/arguments.hpp"

#include <charconv>
#include <cstring>

namespace mcpgov::request {

using catalog::Member;
using catalog::Type;
using catalog::TypeKind;
using policy::Field;
using policy::NameId;
using policy::Value;
using simdjson::dom::element_type;

// The fields of a record in the making; at most the number given.
class ArgumentReader::Fields {
 public:
  Fields(Arena& arena, std::size_t at_most) : items_(arena.array<Field>(at_most)) {}
  void add(NameId name, const Value& value) { items_[size_++] = {name, value}; }
  Value record() const { return Value::of_record({items_, size_}); }

 private:
  Field* items_;
  std::size_t size_ = 0;
};

namespace {

// Deeper values no policy may hold (value.hpp); the context and its `input` are two of the levels.
constexpr std::uint32_t kMostDepth = policy::kMaxValueDepth - 2;
// Levels of a document, whatever the limits of the wire: what bounds the recursion here.
constexpr std::uint32_t kMostLevels = 256;

// `typeChoice3`, `proj0`.
std::string_view numbered(std::string_view word, std::size_t number, Arena& arena) {
  char* to = arena.array<char>(word.size() + 20);
  std::memcpy(to, word.data(), word.size());
  const auto end = std::to_chars(to + word.size(), to + word.size() + 20, number).ptr;
  return {to, static_cast<std::size_t>(end - to)};
}

bool is_mismatch(ErrorCode code) {
  return code == ErrorCode::argument_type || code == ErrorCode::argument_missing ||
         code == ErrorCode::argument_not_in_schema;
}

}  // namespace

std::string_view type_text(const Mapping& mapping, std::string_view path, Arena& arena) {
  const std::string& space = mapping.options().space;
  if (space.empty()) return path;
  return arena.concat({space, "::", path});
}

ErrorCode ArgumentReader::typed(const catalog::Schema& schema, Element document, Wanted wanted,
                                Value& out) {
  if (document.type() != element_type::OBJECT) return ErrorCode::argument_type;
  schema_ = &schema;
  // The input itself is a record whatever the schema allows beside its properties.
  return visit_object(schema[schema.root], document, wanted, {nullptr, 0}, false, out);
}

ErrorCode ArgumentReader::visit(const Type& type, Element value, Wanted wanted, At at, Value& out) {
  if (!spend() || at.depth > kMostLevels) return ErrorCode::argument_too_complex;
  if (wanted.any() && at.depth > kMostDepth) return ErrorCode::argument_not_representable;
  const element_type is = value.type();
  const auto expect = [&](element_type must) {
    return is == must ? ErrorCode::none : ErrorCode::argument_type;
  };
  switch (type.kind) {
    case TypeKind::unknown: return visit_unknown(value, wanted, at, out);
    case TypeKind::boolean:
      out = Value::of_boolean(is == element_type::BOOL && value.get_bool().value_unsafe());
      return expect(element_type::BOOL);
    case TypeKind::integer: return visit_number(true, value, wanted, out);
    case TypeKind::decimal: return visit_number(false, value, wanted, out);
    case TypeKind::null:
      if (is == element_type::NULL_VALUE && wanted.any()) out = null_entity();
      return expect(element_type::NULL_VALUE);
    case TypeKind::set: return visit_set(type, value, wanted, at, out);
    case TypeKind::tuple: return visit_tuple(type, value, wanted, at, out);
    case TypeKind::choice: return visit_choice(type, value, wanted, at, out);
    case TypeKind::record: return visit_object(type, value, wanted, at, false, out);
    case TypeKind::tagged: return visit_object(type, value, wanted, at, true, out);
    default:
      if (is != element_type::STRING) return ErrorCode::argument_type;
      return visit_text(type, value.get_string().value_unsafe(), wanted, out);
  }
}

ErrorCode ArgumentReader::visit_set(const Type& type, Element value, Wanted wanted, At at,
                                    Value& out) {
  if (value.type() != element_type::ARRAY) return ErrorCode::argument_type;
  const simdjson::dom::array array = value.get_array().value_unsafe();
  if (array.size() > kVisits) return ErrorCode::argument_too_complex;
  // A set has no parts to read: whoever asks for one gets the error the language has for it.
  const bool convert = wanted.any() && !wanted.presence();
  const Wanted inner = convert ? Wanted::everything() : Wanted();
  Value* items = convert ? arena_.array<Value>(array.size()) : nullptr;
  std::uint32_t count = 0;
  for (const Element item : array) {
    const Step step{at.step, {}, count, true};
    Value made;
    const ErrorCode code = visit((*schema_)[type.item], item, inner, {&step, at.depth + 1}, made);
    if (code != ErrorCode::none) return code;
    if (convert) items[count] = made;
    ++count;
  }
  if (convert) out = Value::of_set({items, count});
  return ErrorCode::none;
}

ErrorCode ArgumentReader::visit_tuple(const Type& type, Element value, Wanted wanted, At at,
                                      Value& out) {
  if (value.type() != element_type::ARRAY) return ErrorCode::argument_type;
  const simdjson::dom::array array = value.get_array().value_unsafe();
  if (array.size() > kVisits) return ErrorCode::argument_too_complex;
  if (array.size() != type.items.size()) return ErrorCode::argument_type;
  Fields fields(arena_, wanted.at_most(type.items.size()));
  std::uint32_t number = 0;
  for (const Element item : array) {
    const NameId name =
        wanted.any() ? name_of(numbered("proj", number, arena_), wanted) : policy::kNoName;
    const Wanted inner = wanted.field(name);
    const Step step{at.step, {}, number, true};
    Value made;
    const ErrorCode code =
        visit((*schema_)[type.items[number]], item, inner, {&step, at.depth + 1}, made);
    if (code != ErrorCode::none) return code;
    if (inner.any()) fields.add(name, made);
    ++number;
  }
  if (wanted.any()) out = fields.record();
  return ErrorCode::none;
}

// The first alternative whose type fits. Whether a value can be represented does not choose: the
// choice would then depend on what policies read.
ErrorCode ArgumentReader::visit_choice(const Type& type, Element value, Wanted wanted, At at,
                                       Value& out) {
  const std::size_t number = number_;
  for (std::size_t choice = 0; choice < type.items.size(); ++choice) {
    number_ = number;
    const NameId name =
        wanted.any() ? name_of(numbered("typeChoice", choice, arena_), wanted) : policy::kNoName;
    const Wanted inner = wanted.field(name);
    Value made;
    const ErrorCode code =
        visit((*schema_)[type.items[choice]], value, inner, {at.step, at.depth + 1}, made);
    if (is_mismatch(code)) continue;
    if (code != ErrorCode::none || !wanted.any()) return code;
    Fields fields(arena_, 1);
    if (inner.any()) fields.add(name, made);
    out = fields.record();
    return ErrorCode::none;
  }
  return ErrorCode::argument_type;
}

// entity: what is not a property becomes a tag of an entity; otherwise a field like the others.
ErrorCode ArgumentReader::visit_object(const Type& type, Element value, Wanted wanted, At at,
                                       bool entity, Value& out) {
  if (value.type() != element_type::OBJECT) return ErrorCode::argument_type;
  const simdjson::dom::object object = value.get_object().value_unsafe();
  if (object.size() > kVisits) return ErrorCode::argument_too_complex;
  // Any part of an entity makes the whole of it: tags are read by names that policies compute.
  if (entity && wanted.any() && !wanted.presence()) wanted = Wanted::everything();
  Fields fields(arena_, wanted.at_most(object.size()));
  Fields tags(arena_, entity ? wanted.at_most(object.size()) : 0);
  const Type rest{};  // of unknown type
  std::uint32_t required = 0;
  for (const simdjson::dom::key_value_pair member : object) {
    const Member* property = type.member(member.key);
    const bool tag = property == nullptr && entity && type.item != catalog::kNoType;
    if (property == nullptr && type.item == catalog::kNoType && !type.open) {
      return ErrorCode::argument_not_in_schema;
    }
    if (property != nullptr && property->required) ++required;
    const Type& inner_type = property != nullptr             ? (*schema_)[property->type]
                             : type.item != catalog::kNoType ? (*schema_)[type.item]
                                                             : rest;
    const NameId name = wanted.any() ? name_of(member.key, wanted) : policy::kNoName;
    const Wanted inner = wanted.field(name);
    const Step step{at.step, member.key, 0, false};
    Value made;
    const ErrorCode code = visit(inner_type, member.value, inner, {&step, at.depth + 1}, made);
    if (code != ErrorCode::none) return code;
    if (inner.any()) (tag ? tags : fields).add(name, made);
  }
  if (required != type.required) return ErrorCode::argument_missing;
  if (!wanted.any()) return ErrorCode::none;
  out = fields.record();
  if (!entity || wanted.presence()) return ErrorCode::none;
  const Value attributes = out;
  out = this->entity(type.path, pointer(at.step));
  symbols_.define(out.entity(), {attributes, tags.record(), {}});
  return ErrorCode::none;
}

ErrorCode ArgumentReader::strings(Element document, Wanted wanted, Value& out) {
  if (document.type() != element_type::OBJECT) return ErrorCode::argument_type;
  const simdjson::dom::object object = document.get_object().value_unsafe();
  if (object.size() > kVisits) return ErrorCode::argument_too_complex;
  Fields fields(arena_, wanted.at_most(object.size()));
  for (const simdjson::dom::key_value_pair member : object) {
    if (!spend()) return ErrorCode::argument_too_complex;
    if (member.value.type() != element_type::STRING) return ErrorCode::argument_type;
    const NameId name = wanted.any() ? name_of(member.key, wanted) : policy::kNoName;
    if (!wanted.field(name).any()) continue;
    fields.add(name, Value::of_string(member.value.get_string().value_unsafe()));
  }
  if (wanted.any()) out = fields.record();
  return ErrorCode::none;
}

ErrorCode ArgumentReader::natural(Element document, Wanted wanted, bool record, Value& out) {
  if (record && document.type() != element_type::OBJECT) return ErrorCode::argument_type;
  return visit_natural(document, wanted, 0, out);
}

// Arrays and objects as they are; the rest of plain JSON is in scalars.cpp.
ErrorCode ArgumentReader::visit_natural(Element value, Wanted wanted, std::uint32_t depth,
                                        Value& out) {
  if (!wanted.any()) return skip(value, depth);
  if (!spend() || depth > kMostLevels) return ErrorCode::argument_too_complex;
  if (depth > kMostDepth) return ErrorCode::argument_not_representable;
  if (value.type() == element_type::ARRAY) {
    const simdjson::dom::array array = value.get_array().value_unsafe();
    if (array.size() > kVisits) return ErrorCode::argument_too_complex;
    Value* items = arena_.array<Value>(array.size());
    std::size_t count = 0;
    for (const Element item : array) {
      const ErrorCode code = visit_natural(
          item, wanted.presence() ? Wanted() : Wanted::everything(), depth + 1, items[count]);
      if (code != ErrorCode::none) return code;
      ++count;
    }
    out = wanted.presence() ? Value::of_boolean(false) : Value::of_set({items, count});
    return ErrorCode::none;
  }
  if (value.type() == element_type::OBJECT) {
    const simdjson::dom::object object = value.get_object().value_unsafe();
    if (object.size() > kVisits) return ErrorCode::argument_too_complex;
    Fields fields(arena_, wanted.at_most(object.size()));
    for (const simdjson::dom::key_value_pair member : object) {
      const NameId name = name_of(member.key, wanted);
      const Wanted inner = wanted.field(name);
      Value made;
      const ErrorCode code = visit_natural(member.value, inner, depth + 1, made);
      if (code != ErrorCode::none) return code;
      if (inner.any()) fields.add(name, made);
    }
    out = fields.record();
    return ErrorCode::none;
  }
  if (value.type() == element_type::BOOL) {
    out = Value::of_boolean(value.get_bool().value_unsafe());
  } else if (value.type() == element_type::STRING) {
    out = Value::of_string(value.get_string().value_unsafe());
  } else if (value.type() == element_type::NULL_VALUE) {
    out = null_entity();
  } else {
    const ErrorCode code = visit_number(true, value, wanted, out);
    if (code != ErrorCode::argument_type) return code;
    --number_;  // passed, but not whole
    return visit_number(false, value, wanted, out);
  }
  return ErrorCode::none;
}

}  // namespace mcpgov::request
