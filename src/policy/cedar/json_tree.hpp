// A JSON document as a tree that keeps what Cedar's readers need: positions, exact integers, and
// the knowledge that no member is named twice.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::policy::cedar {

struct JsonMember;

// Borrowed from the arena of read_json(). Threads: immutable.
struct JsonNode {
  enum class Type : std::uint8_t {
    null,
    boolean,
    integer,
    number,  // a number that is no 64-bit integer, which no Cedar value is
    string,
    array,
    object,
  };
  Type type = Type::null;
  std::uint32_t offset = 0;  // of its first byte in the text
  std::uint32_t size = 0;    // bytes, items or members
  union {
    std::int64_t integer = 0;  // also boolean
    const char* text;
    const JsonNode* items_at;
    const JsonMember* members_at;
  };

  std::string_view string() const noexcept { return {text, size}; }
  std::span<const JsonNode> items() const noexcept { return {items_at, size}; }
  std::span<const JsonMember> members() const noexcept;
  // The member's value, or null when this is no object or has no such member.
  const JsonNode* find(std::string_view key) const noexcept;
  // The member's value if it is a string, or null.
  const JsonNode* find_string(std::string_view key) const noexcept;
};

struct JsonMember {
  std::string_view key;
  std::uint32_t offset;  // of the key
  JsonNode value;
};

inline std::span<const JsonMember> JsonNode::members() const noexcept {
  return {members_at, size};
}

struct JsonLimits {
  std::size_t bytes;
  int depth;  // arrays and objects inside each other
};

// Reads one complete document. Refuses what is not JSON, byte order marks, trailing bytes, members
// named twice in one object, and half surrogate pairs.
// Errors: entities_json, entities_too_large, entities_too_deep, with line and column.
// Throws: std::bad_alloc only. Spec: RFC 8259.
Result<JsonNode> read_json(std::string_view text, const JsonLimits& limits, Arena& arena);

// An error at a place of the text.
Error error_at(ErrorCode code, std::string message, std::string_view text, std::size_t offset);

}  // namespace mcpgov::policy::cedar
