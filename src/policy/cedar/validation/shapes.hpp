// Expressions that are written alike as equal small integers: what is proven of one holds for all.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "policy/cedar/ast.hpp"
#include "policy/cedar/validation/interning.hpp"

namespace mcpgov::policy::cedar::validation {

enum class ShapeId : std::uint32_t {};

// Chains of `&&` are pairs that lean left, and `has a.b` and `is T in e` what they stand for, so
// that spelling does not matter.
// Borrowed: the tree, until the next open(). Threads: one thread. Throws: std::bad_alloc.
class Shapes {
 public:
  // Takes time in proportion to the tree.
  void open(const Ast& ast);

  ShapeId of(NodeId node) const noexcept { return shapes_[node]; }
  // expression.name
  ShapeId member(ShapeId expression, NameId name);

 private:
  ShapeId pair(NodeKind kind, std::uint32_t a, std::uint32_t b = 0);
  ShapeId chain(NodeKind kind, std::span<const std::uint32_t> operands);
  ShapeId literal(const Value& value);
  ShapeId text(std::string_view text);
  ShapeId pattern(ShapeId operand, Pattern pattern);
  ShapeId has(const Node& node);
  ShapeId is_in(const Node& node);
  ShapeId call(const Node& node);
  ShapeId record(const Node& node);
  ShapeId list(NodeKind kind, std::span<const std::uint32_t> operands);
  ShapeId shape(const Node& node);

  const Ast* ast_ = nullptr;
  std::vector<ShapeId> shapes_;
  Interning interning_;
  std::vector<std::uint32_t> words_;
};

// The value of a literal. `true && false` is one too: the reference engine's reader folds chains
// of literals, and its validator compares what it read.
std::optional<Value> literal_of(const Ast& ast, NodeId node);

}  // namespace mcpgov::policy::cedar::validation
