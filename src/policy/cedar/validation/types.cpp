// Making types, and looking into them.
// Tested by tests/policy/validation_types_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/validation/types.hpp"

#include <algorithm>

#include "policy/cedar/validation/text.hpp"

namespace mcpgov::policy::cedar::validation {

namespace {

constexpr std::uint32_t word(TypeKind kind) noexcept {
  return static_cast<std::uint32_t>(kind);
}
template <class Id>
constexpr std::uint32_t number(Id id) noexcept {
  return static_cast<std::uint32_t>(id);
}

constexpr std::uint32_t kOpen = 0x100;  // beside the kind of a record
constexpr std::size_t kFieldWords = 3;

const Attribute* find(std::span<const Attribute> attributes, NameId name) noexcept {
  const auto at = std::ranges::lower_bound(attributes, name, {}, &Attribute::name);
  return at != attributes.end() && at->name == name ? &*at : nullptr;
}

// Words of the field of that name, or null.
const std::uint32_t* find_field(std::span<const std::uint32_t> fields, NameId name) noexcept {
  std::size_t low = 0;
  std::size_t high = fields.size() / kFieldWords;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    (fields[middle * kFieldWords] < number(name) ? low : high) =
        fields[middle * kFieldWords] < number(name) ? middle + 1 : middle;
  }
  const std::size_t at = low * kFieldWords;
  return at < fields.size() && fields[at] == number(name) ? &fields[at] : nullptr;
}

TypeKind kind_of_scalar(Kind kind) noexcept {
  switch (kind) {
    case Kind::boolean: return TypeKind::boolean;
    case Kind::integer: return TypeKind::integer;
    case Kind::string: return TypeKind::string;
    case Kind::decimal: return TypeKind::decimal;
    case Kind::datetime: return TypeKind::datetime;
    case Kind::duration: return TypeKind::duration;
    case Kind::ip: return TypeKind::ip;
    default: return TypeKind::none;
  }
}

}  // namespace

Types::Types(const Schema& schema, const Symbols& symbols, bool strict)
    : schema_(&schema), symbols_(&symbols), strict_(strict) {
  scalars();
}

void Types::scalars() {
  for (std::uint32_t kind = 0; kind < word(TypeKind::entity); ++kind) known({kind});
}

void Types::trim() {
  constexpr std::size_t kKeptWords = std::size_t{1} << 20;  // 4 MiB
  if (words() + pairs_.word_count() <= kKeptWords) return;
  interning_.clear();
  declared_.clear();
  declared_types_.clear();
  pairs_.clear();
  outcomes_.clear();
  scalars();
}

TypeKind Types::kind(TypeId type) const noexcept {
  if (type < type_of(TypeKind::entity)) return static_cast<TypeKind>(type);
  return static_cast<TypeKind>(interning_.words(number(type))[0] & 0xff);
}

TypeId Types::entity(NameId name) {
  return known({word(TypeKind::entity), number(name)});
}

TypeId Types::set(TypeId element) {
  return known({word(TypeKind::set), number(element)});
}

TypeId Types::record(std::span<const std::uint32_t> fields, bool open) {
  std::vector<std::uint32_t> words;
  words.reserve(fields.size() + 1);
  words.push_back(word(TypeKind::record) | (open ? kOpen : 0));
  words.insert(words.end(), fields.begin(), fields.end());
  return TypeId{interning_.id(words)};
}

TypeId Types::of(const Type& declared) {
  if (declared.kind == Kind::entity) return entity(declared.entity);
  if (declared.kind != Kind::set && declared.kind != Kind::record) {
    return type_of(kind_of_scalar(declared.kind));
  }
  const bool set_of = declared.kind == Kind::set;
  // The address of no attributes at all may be that of something else.
  if (!set_of && declared.attributes.empty()) return record({}, false);
  const auto place = set_of ? reinterpret_cast<std::uintptr_t>(declared.element)
                            : reinterpret_cast<std::uintptr_t>(declared.attributes.data());
  const std::uint64_t wide = place;
  const std::uint32_t id =
      declared_.id({static_cast<std::uint32_t>(wide), static_cast<std::uint32_t>(wide >> 32),
                    static_cast<std::uint32_t>(declared.attributes.size())});
  if (id < declared_types_.size() && declared_types_[id] != kNone) return declared_types_[id];
  TypeId type = kNone;
  if (set_of) {
    type = set(of(*declared.element));
  } else {
    std::vector<std::uint32_t> fields;
    fields.reserve(declared.attributes.size() * kFieldWords);
    for (const Attribute& attribute : declared.attributes) {
      const TypeId field = of(*attribute.type);
      fields.insert(fields.end(),
                    {number(attribute.name), number(field), attribute.required ? 1U : 0U});
    }
    type = record(fields, false);
  }
  if (declared_types_.size() < declared_.size()) declared_types_.resize(declared_.size(), kNone);
  declared_types_[id] = type;
  return type;
}

std::span<const std::uint32_t> Types::entity_types(TypeId entity) const noexcept {
  return interning_.words(number(entity)).subspan(1);
}

TypeId Types::element(TypeId set) const noexcept {
  return TypeId{interning_.words(number(set))[1]};
}

std::span<const std::uint32_t> Types::fields(TypeId record) const noexcept {
  return interning_.words(number(record)).subspan(1);
}

bool Types::is_open(TypeId record) const noexcept {
  return (interning_.words(number(record))[0] & kOpen) != 0;
}

Member Types::member(TypeId type, NameId name) {
  if (kind(type) == TypeKind::record) {
    const std::uint32_t* field = find_field(fields(type), name);
    return field == nullptr ? Member{} : Member{TypeId{field[1]}, field[2] != 0};
  }
  if (kind(type) != TypeKind::entity) return {};
  // Several entity types: what all of them have, at the type that fits all.
  Member out{kNone, true};
  std::vector<TypeId> all;
  const std::size_t count = entity_types(type).size();
  for (std::size_t i = 0; i < count; ++i) {
    const EntityType* entity = schema_->entity_type(NameId{entity_types(type)[i]});
    const Attribute* found = entity == nullptr ? nullptr : find(entity->shape.attributes, name);
    if (found == nullptr) return {};
    const TypeId next = of(*found->type);
    if (all.empty() || all.back() != next) all.push_back(next);
    out.required = out.required && found->required;
  }
  Mismatch why = Mismatch::none;
  out.type = join(all, why);
  return out.type == kNone ? Member{} : out;
}

bool Types::may_have(TypeId type, NameId name) const noexcept {
  switch (kind(type)) {
    case TypeKind::never: return true;
    case TypeKind::record: return is_open(type) || find_field(fields(type), name) != nullptr;
    case TypeKind::entity:
      for (const std::uint32_t each : entity_types(type)) {
        const EntityType* entity = schema_->entity_type(NameId{each});
        if (entity != nullptr && find(entity->shape.attributes, name) != nullptr) return true;
      }
      return false;
    default: return false;
  }
}

std::vector<NameId> Types::member_names(TypeId type) {
  std::vector<NameId> out;
  if (kind(type) == TypeKind::record) {
    const auto all = fields(type);
    for (std::size_t i = 0; i < all.size(); i += kFieldWords) out.push_back(NameId{all[i]});
  } else if (kind(type) == TypeKind::entity) {
    const EntityType* first = schema_->entity_type(NameId{entity_types(type)[0]});
    if (first == nullptr) return out;
    for (const Attribute& attribute : first->shape.attributes) {
      if (member(type, attribute.name).type != kNone) out.push_back(attribute.name);
    }
  }
  return out;
}

std::vector<TypeId> Types::tags(TypeId entity) {
  std::vector<TypeId> out;
  const std::size_t count = entity_types(entity).size();
  for (std::size_t i = 0; i < count; ++i) {
    const EntityType* each = schema_->entity_type(NameId{entity_types(entity)[i]});
    if (each == nullptr || each->tags == nullptr) continue;
    out.push_back(of(*each->tags));
  }
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

bool Types::disjoint(TypeId a, TypeId b) const noexcept {
  if (a == b || kind(a) != TypeKind::entity || kind(b) != TypeKind::entity) return false;
  for (const std::uint32_t each : entity_types(a)) {
    if (std::ranges::binary_search(entity_types(b), each)) return false;
  }
  return true;
}

std::string Types::text(TypeId type) const {
  std::string out;
  append_text(out, type, 0);
  return out;
}

// Records share fields, so a type may be exponentially longer as text than in memory.
void Types::append_text(std::string& out, TypeId type, int depth) const {
  constexpr std::size_t kMostBytes = 200;
  constexpr int kMostDepth = 16;
  if (out.size() > kMostBytes || depth > kMostDepth) {
    if (!out.ends_with("…")) out += "…";
    return;
  }
  static constexpr std::string_view kScalars[] = {"unknown",  "Never",    "True",   "False",
                                                  "Bool",     "Long",     "String", "decimal",
                                                  "datetime", "duration", "ipaddr"};
  switch (kind(type)) {
    case TypeKind::set:
      out += "Set<";
      append_text(out, element(type), depth + 1);
      out += ">";
      return;
    case TypeKind::record: return append_fields(out, type, depth);
    case TypeKind::entity: {
      std::string_view separator;
      for (const std::uint32_t each : entity_types(type)) {
        out += separator;
        if (out.size() > kMostBytes) {
          out += "…";
          return;
        }
        out += symbols_->text(NameId{each});
        separator = " or ";
      }
      return;
    }
    default: out += kScalars[number(type)]; return;
  }
}

void Types::append_fields(std::string& out, TypeId type, int depth) const {
  const auto all = fields(type);
  std::string_view separator;
  out += "{";
  for (std::size_t i = 0; i < all.size() && !out.ends_with("…"); i += kFieldWords) {
    out += separator;
    append_name(out, symbols_->text(NameId{all[i]}));
    out += all[i + 2] != 0 ? ": " : "?: ";
    append_text(out, TypeId{all[i + 1]}, depth + 1);
    separator = ", ";
  }
  if (is_open(type)) out += all.empty() ? "…" : ", …";
  out += "}";
}

}  // namespace mcpgov::policy::cedar::validation
