// The syntax tree of Cedar policies: flat, 32-bit indices, names already interned.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "policy/cedar/extension.hpp"
#include "policy/value.hpp"

namespace mcpgov::policy::cedar {

using NodeId = std::uint32_t;

enum class Var : std::uint8_t { principal, action, resource, context };

// a, b, c by kind; a node stands behind its operands, so that every index points backwards.
enum class NodeKind : std::uint8_t {
  literal,     // a: Ast::literals
  variable,    // a: Var
  all_of,      // &&      a: first of b operands in Ast::lists
  any_of,      // ||      likewise
  negation,    // !a
  minus,       // -a
  choice,      // if a then b else c
  equal,       // a == b
  less,        // a < b
  less_equal,  // a <= b
  add,
  subtract,
  multiply,
  in,
  is,            // a is name b
  is_in,         // a is name b in c
  like,          // a like Ast::patterns[b]
  get,           // a.name b
  has,           // a has: first of c names in Ast::lists[b]
  contains,      // a.contains(b)
  contains_all,  // a.containsAll(b)
  contains_any,  // a.containsAny(b)
  is_empty,      // a.isEmpty()
  has_tag,       // a.hasTag(b)
  get_tag,       // a.getTag(b)
  call,          // extension_functions()[a] of c arguments in Ast::lists[b], receiver first
  set,           // b items in Ast::lists[a]
  record,        // b pairs (name, value) in Ast::lists[a], sorted by the names' text
};

// How a node was written, where two ways mean the same. A negation: `!a`, or as the opposite of the
// comparison below it. constant: forms that only JSON policies have; a set, record or call that is
// part of one `Value`, and the path of `has` as a list.
enum class Spelling : std::uint8_t { plain, not_equal, greater, greater_equal, constant };

struct Node {
  NodeKind kind;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
  std::uint32_t offset = 0;  // of its first byte in the source text
  Spelling spelling = Spelling::plain;
  // A step behind its receiver, written in one chain with it: `a.b.c` is read as one member.
  bool chained = false;
};

// Bounds the stack of every walk over a tree: chains of method calls nest without parentheses.
inline constexpr std::uint16_t kMaxTreeHeight = 1024;

// Literal pieces between wildcards; one piece means no wildcard. Borrowed from the arena.
using Pattern = std::span<const std::string_view>;

struct Ast {
  std::vector<Node> nodes;
  // Per node: how deep a walk over the tree recurses below it, where left operands of arithmetic
  // and of attribute access are walked in a loop. At most kMaxTreeHeight.
  std::vector<std::uint16_t> heights;
  std::vector<std::uint32_t> lists;
  std::vector<Value> literals;
  std::vector<Pattern> patterns;

  // Keeps the memory for the next policy.
  void clear() noexcept {
    nodes.clear();
    heights.clear();
    lists.clear();
    literals.clear();
    patterns.clear();
  }
  std::span<const std::uint32_t> list(std::uint32_t first, std::uint32_t count) const {
    return std::span(lists).subspan(first, count);
  }
};

// What Ast::heights says of a node whose operands are in the tree already.
int height_of(const Ast& ast, const Node& node) noexcept;

enum class ScopeKind : std::uint8_t {
  any,
  equal,  // == entity
  in,     // in entity
  is,     // is type
  is_in,  // is type in entity
};

// entity: kNoEntity where the kind takes one and the variable's slot stands in its place.
struct Scope {
  ScopeKind kind = ScopeKind::any;
  NameId type = kNoName;
  EntityId entity = kNoEntity;
};

enum class ActionScope : std::uint8_t { any, equal, in, in_list };

struct Condition {
  NodeId body;
  bool unless;
};

struct AnnotationText {
  std::string_view name;
  std::string_view value;
  bool bare = false;  // `@name`, which means `@name("")`
};

// One policy as written. Strings live in the source text or in the parser's arena, nodes in its
// Ast.
struct ParsedPolicy {
  bool forbid = false;
  bool is_template = false;  // names a slot
  std::uint32_t offset = 0;  // of its effect
  std::uint32_t begin = 0;   // with its annotations
  std::uint32_t end = 0;
  std::uint32_t principal_offset = 0;  // of the parts of the scope
  std::uint32_t action_offset = 0;
  std::uint32_t resource_offset = 0;
  std::vector<AnnotationText> annotations;
  Scope principal;
  Scope resource;
  ActionScope action = ActionScope::any;
  std::vector<EntityId> actions;  // one for equal and in
  std::vector<Condition> conditions;
};

}  // namespace mcpgov::policy::cedar
