// The types of expressions while a policy is checked: finer than those of a schema, and equal when
// their ids are.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "policy/cedar/schema_types.hpp"
#include "policy/cedar/validation/interning.hpp"
#include "policy/symbols.hpp"

namespace mcpgov::policy::cedar::validation {

enum class TypeKind : std::uint8_t {
  none,   // could not be found out; what is wrong has been said already
  never,  // of no value: the elements of an empty set
  yes,    // Bool, but always true
  no,     // Bool, but always false
  boolean,
  integer,
  string,
  decimal,
  datetime,
  duration,
  ip,
  entity,  // of one or several entity types
  set,
  record,
};

// The kinds before `entity` are types by themselves, with the id of their place.
enum class TypeId : std::uint32_t {};
constexpr TypeId type_of(TypeKind kind) noexcept {
  return static_cast<TypeId>(kind);
}
inline constexpr TypeId kNone = type_of(TypeKind::none);
inline constexpr TypeId kTrue = type_of(TypeKind::yes);
inline constexpr TypeId kFalse = type_of(TypeKind::no);
inline constexpr TypeId kBool = type_of(TypeKind::boolean);

// An attribute; type kNone when there is none of the name.
struct Member {
  TypeId type = kNone;
  bool required = false;
};

// Why two types have no bound in common (the reference engine tells these apart too).
enum class Mismatch : std::uint8_t {
  none,
  optionality,    // an attribute is required in one record and optional in the other
  record_width,   // records with different attributes
  entity_type,    // different entity types
  entity_record,  // an entity and a record
  different,
};

// Strict: a bound exists only for types that are equal but for the precision of Bool.
// Borrowed: schema and symbols. Threads: one thread. Throws: std::bad_alloc.
class Types {
 public:
  Types(const Schema& schema, const Symbols& symbols, bool strict);

  // Forgets every type when they have become many; for between policies.
  void trim();
  // How much is remembered: four bytes each.
  std::size_t words() const noexcept { return interning_.word_count(); }

  TypeKind kind(TypeId type) const noexcept;
  const Schema& schema() const noexcept { return *schema_; }
  bool strict() const noexcept { return strict_; }

  TypeId entity(NameId name);
  TypeId set(TypeId element);
  // fields: three words each: name, type, 1 when required; sorted by name.
  // open: values may have more fields than these.
  TypeId record(std::span<const std::uint32_t> fields, bool open);
  TypeId of(const Type& declared);

  // Entity types, sorted. Until the next type is made, as the following.
  std::span<const std::uint32_t> entity_types(TypeId entity) const noexcept;
  TypeId element(TypeId set) const noexcept;
  std::span<const std::uint32_t> fields(TypeId record) const noexcept;
  bool is_open(TypeId record) const noexcept;

  // Of an entity or record.
  Member member(TypeId type, NameId name);
  // True when a value may have the attribute though member() knows none.
  bool may_have(TypeId type, NameId name) const noexcept;
  // Names of all its attributes, for suggestions.
  std::vector<NameId> member_names(TypeId type);
  // Different types of the tags of an entity.
  std::vector<TypeId> tags(TypeId entity);

  // True when no entity can have both types.
  bool disjoint(TypeId a, TypeId b) const noexcept;
  bool subtype(TypeId a, TypeId b);
  // The least type above both, or kNone and why there is none.
  TypeId join(TypeId a, TypeId b, Mismatch& why);
  // Of all. Unions that only lead to the last one are made for few of them.
  TypeId join(std::span<const TypeId> all, Mismatch& why);

  // `Set<Long>`, `{name: String, age?: Long}`, cut after some 200 bytes.
  std::string text(TypeId type) const;

 private:
  TypeId known(std::initializer_list<std::uint32_t> words) { return TypeId{interning_.id(words)}; }
  void scalars();
  bool subtype_records(TypeId a, TypeId b);
  TypeId join_entities(TypeId a, TypeId b, Mismatch& why);
  TypeId join_records(TypeId a, TypeId b, Mismatch& why);
  void append_text(std::string& out, TypeId type, int depth) const;
  void append_fields(std::string& out, TypeId type, int depth) const;

  const Schema* schema_;
  const Symbols* symbols_;
  bool strict_;
  Interning interning_;
  // Schemas share parts of their types: each is read once.
  Interning declared_;
  std::vector<TypeId> declared_types_;
  // Records share fields: each pair is compared once.
  Interning pairs_;
  struct Outcome {
    TypeId type;
    Mismatch why;
  };
  std::vector<Outcome> outcomes_;
};

}  // namespace mcpgov::policy::cedar::validation
