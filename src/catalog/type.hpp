// The input schema of a tool as a flat array of types, the shape its arguments are checked against.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mcpgov::catalog {

using TypeIndex = std::uint32_t;
inline constexpr TypeIndex kNoType = 0xffffffff;

// The kinds the MCP schema generator of Cedar distinguishes (docs/request.md has the table).
enum class TypeKind : std::uint8_t {
  unknown,  // any value; policies see only that it is there
  boolean,
  integer,
  decimal,       // a JSON number
  string,        // text of any format Cedar has no type for
  enumeration,   // one of `values`, an entity of type `path`
  date,          // text: ISO 8601 date or date-time
  duration,      // text: ISO 8601 duration
  ipv4,          // text: an address without a prefix
  ipv6,          // the same; an address that maps IPv4 becomes that one
  decimal_text,  // text: a decimal
  null,
  set,     // an array of `item`
  tuple,   // an array of exactly `items`: a record proj0, proj1, …
  choice,  // the first of `items` that fits: a record typeChoice0?, typeChoice1?, …
  record,  // an object with `members`
  // An object with `members`, anything else is an `item`: an entity of type `path`. An object that
  // contains itself is one too, and may have no `item`.
  tagged,
};

// A property of an object.
struct Member {
  std::string_view name;
  TypeIndex type;
  bool required;
};

// One node. References are resolved: a recursive schema is a cycle of indices, and every cycle
// passes through a node that consumes a level of the document.
struct Type {
  TypeKind kind = TypeKind::unknown;
  bool open = false;                              // of objects: other members are of unknown type
  std::uint32_t required = 0;                     // how many members are
  TypeIndex item = kNoType;                       // of set and tagged
  std::span<const TypeIndex> items = {};          // of tuple and choice
  std::span<const Member> members = {};           // of record and tagged, sorted by name
  std::span<const std::string_view> values = {};  // of enumeration, sorted
  // Entity type of enumeration and tagged, without the server's namespace:
  // `read_file::Input::mode`.
  std::string_view path = {};

  // The property of that name, or null.
  const Member* member(std::string_view name) const noexcept;
  bool has_value(std::string_view text) const noexcept;
};

// types[root] is a record or tagged. Borrowed from the catalog.
// Threads: immutable, share freely.
struct Schema {
  std::span<const Type> types;
  TypeIndex root = 0;

  const Type& operator[](TypeIndex index) const noexcept { return types[index]; }
};

}  // namespace mcpgov::catalog
