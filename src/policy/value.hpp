// The value of every policy language: sixteen bytes, tagged, without ownership.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.hpp"

namespace mcpgov::policy {

// Ids into a symbol table (policy/symbols.hpp). Equal ids mean equal text within one request.
enum class NameId : std::uint32_t {};    // attribute, tag or entity type name
enum class EntityId : std::uint32_t {};  // (entity type, id) pair
inline constexpr NameId kNoName{0xffffffff};
inline constexpr EntityId kNoEntity{0xffffffff};

enum class Kind : std::uint8_t {
  unknown,  // not known yet; only three-valued evaluation may see it
  boolean,
  integer,
  string,
  entity,
  decimal,   // integer * 10^-4
  datetime,  // milliseconds since 1970-01-01T00:00:00Z
  duration,  // milliseconds
  ip,
  set,
  record,
};

struct Value;
struct Field;

// An address with its prefix; equality is on the pair. v4 keeps its bytes in the first four.
struct Ip {
  std::uint8_t bytes[16];
  std::uint8_t prefix;
  bool v6;
  friend bool operator==(const Ip&, const Ip&) = default;
};

// Borrowed: text, items, fields and ip belong to an arena or to the snapshot that made them.
// A default value is unknown, which never permits.
// Threads: immutable, share freely while the owner of the bytes lives.
struct Value {
  Kind kind = Kind::unknown;
  std::uint32_t size = 0;  // bytes of a string, items of a set, fields of a record, EntityId
  union {
    std::int64_t integer = 0;  // also boolean, decimal, datetime, duration
    const char* text;          // UTF-8, not terminated
    const Value* items;        // sorted by order(), without duplicates
    const Field* fields;       // sorted by name, without duplicates
    const Ip* ip;
  };

  static Value of_boolean(bool value) noexcept;
  static Value of_integer(std::int64_t value) noexcept;
  static Value of_string(std::string_view borrowed) noexcept;
  static Value of_entity(EntityId id) noexcept;
  static Value of_scalar(Kind kind, std::int64_t value) noexcept;  // decimal, datetime, duration
  static Value of_ip(const Ip* borrowed) noexcept;
  // Takes items in any order, sorts them in place and drops duplicates.
  static Value of_set(std::span<Value> borrowed);
  // Takes fields in any order and sorts them in place. Names must differ (see duplicate_name).
  static Value of_record(std::span<Field> borrowed);

  bool boolean() const noexcept { return integer != 0; }
  std::string_view string() const noexcept { return {text, size}; }
  EntityId entity() const noexcept { return EntityId{size}; }
  std::span<const Value> set() const noexcept { return {items, size}; }
  std::span<const Field> record() const noexcept;
  // The field of that name, or null. A record only.
  const Value* field(NameId name) const noexcept;
};
static_assert(sizeof(Value) == 16);

struct Field {
  NameId name;
  Value value;
};

// Cedar's `==`: never errs, compares any two kinds. Values nest at most kMaxValueDepth deep, which
// every reader enforces, so this recursion is bounded.
bool equal(const Value& a, const Value& b) noexcept;

// A total order over all values, used only inside sets; it is not an order of the language and,
// being built on ids, not stable between snapshots: nothing printed may depend on it.
int order(const Value& a, const Value& b) noexcept;

// Membership in a canonical set, by binary search.
bool contains(std::span<const Value> set, const Value& item) noexcept;

// True when two of the sorted fields share a name.
bool duplicate_name(std::span<const Field> sorted) noexcept;

// A copy whose bytes, items and fields all live in the arena.
Value copy(const Value& value, Arena& arena);

// Nesting of sets and records, and of policy expressions. The reference engine bounds both by its
// remaining stack; the deepest of its 6,379 published tests nests 11 brackets and 8 values.
inline constexpr int kMaxValueDepth = 64;

inline Value Value::of_boolean(bool value) noexcept {
  Value out;
  out.kind = Kind::boolean;
  out.integer = value ? 1 : 0;
  return out;
}
inline Value Value::of_integer(std::int64_t value) noexcept {
  Value out;
  out.kind = Kind::integer;
  out.integer = value;
  return out;
}
inline Value Value::of_string(std::string_view borrowed) noexcept {
  Value out;
  out.kind = Kind::string;
  out.size = static_cast<std::uint32_t>(borrowed.size());
  out.text = borrowed.data();
  return out;
}
inline Value Value::of_entity(EntityId id) noexcept {
  Value out;
  out.kind = Kind::entity;
  out.size = static_cast<std::uint32_t>(id);
  return out;
}
inline Value Value::of_scalar(Kind kind, std::int64_t value) noexcept {
  Value out;
  out.kind = kind;
  out.integer = value;
  return out;
}
inline Value Value::of_ip(const Ip* borrowed) noexcept {
  Value out;
  out.kind = Kind::ip;
  out.ip = borrowed;
  return out;
}
inline std::span<const Field> Value::record() const noexcept {
  return {fields, size};
}

}  // namespace mcpgov::policy
