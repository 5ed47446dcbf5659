// One pass over the nodes: operands stand before what they are operands of.
// Tested by tests/policy/validation_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/validation/shapes.hpp"

#include <algorithm>
#include <utility>

namespace mcpgov::policy::cedar::validation {

namespace {

constexpr std::uint32_t number(ShapeId shape) noexcept {
  return static_cast<std::uint32_t>(shape);
}

// First words of what is no node: they stand above every NodeKind.
enum Extra : std::uint32_t { kText = 0x100, kPiece, kItem, kLiteral };

}  // namespace

void Shapes::open(const Ast& ast) {
  ast_ = &ast;
  interning_.clear();
  shapes_.resize(ast.nodes.size());
  for (std::size_t i = 0; i < ast.nodes.size(); ++i) shapes_[i] = shape(ast.nodes[i]);
}

ShapeId Shapes::pair(NodeKind kind, std::uint32_t a, std::uint32_t b) {
  return ShapeId{interning_.id({static_cast<std::uint32_t>(kind), a, b})};
}

ShapeId Shapes::member(ShapeId expression, NameId name) {
  return pair(NodeKind::get, number(expression), static_cast<std::uint32_t>(name));
}

ShapeId Shapes::chain(NodeKind kind, std::span<const std::uint32_t> operands) {
  ShapeId left = shapes_[operands[0]];
  for (const NodeId operand : operands.subspan(1)) {
    left = pair(kind, number(left), number(shapes_[operand]));
  }
  return left;
}

ShapeId Shapes::text(std::string_view text) {
  words_.assign({kText, static_cast<std::uint32_t>(text.size())});
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::uint32_t word = 0;
    for (const char c : text.substr(at, 4)) word = (word << 8) | static_cast<unsigned char>(c);
    words_.push_back(word);
  }
  return ShapeId{interning_.id(words_)};
}

ShapeId Shapes::literal(const Value& value) {
  const auto kind = static_cast<std::uint32_t>(value.kind);
  if (value.kind == Kind::string) {
    return ShapeId{interning_.id({kLiteral, kind, number(text(value.string()))})};
  }
  if (value.kind == Kind::entity) return ShapeId{interning_.id({kLiteral, kind, value.size})};
  const auto bits = static_cast<std::uint64_t>(value.integer);
  return ShapeId{interning_.id(
      {kLiteral, kind, static_cast<std::uint32_t>(bits), static_cast<std::uint32_t>(bits >> 32)})};
}

ShapeId Shapes::pattern(ShapeId operand, Pattern pattern) {
  ShapeId pieces{0};
  std::uint32_t count = 0;
  for (const std::string_view piece : pattern) {
    pieces = ShapeId{interning_.id({kPiece, number(pieces), count++, number(text(piece))})};
  }
  return pair(NodeKind::like, number(operand), number(pieces));
}

ShapeId Shapes::has(const Node& node) {
  ShapeId operand = shapes_[node.a];
  const auto names = ast_->list(node.b, node.c);
  ShapeId out = pair(NodeKind::has, number(operand), names[0]);
  for (std::size_t i = 1; i < names.size(); ++i) {
    operand = member(operand, NameId{names[i - 1]});
    out =
        pair(NodeKind::all_of, number(out), number(pair(NodeKind::has, number(operand), names[i])));
  }
  return out;
}

ShapeId Shapes::is_in(const Node& node) {
  const std::uint32_t left = number(shapes_[node.a]);
  const ShapeId is = pair(NodeKind::is, left, node.b);
  const ShapeId in = pair(NodeKind::in, left, number(shapes_[node.c]));
  return pair(NodeKind::all_of, number(is), number(in));
}

ShapeId Shapes::list(NodeKind kind, std::span<const std::uint32_t> operands) {
  words_.assign({kItem, static_cast<std::uint32_t>(kind)});
  for (const NodeId operand : operands) words_.push_back(number(shapes_[operand]));
  return ShapeId{interning_.id(words_)};
}

ShapeId Shapes::call(const Node& node) {
  const ShapeId arguments = list(NodeKind::call, ast_->list(node.b, node.c));
  return pair(NodeKind::call, node.a, number(arguments));
}

// Fields in the order of their names: how they are written does not matter.
ShapeId Shapes::record(const Node& node) {
  const auto pairs = ast_->list(node.a, 2 * node.b);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> fields;
  fields.reserve(node.b);
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    fields.emplace_back(pairs[i], number(shapes_[pairs[i + 1]]));
  }
  std::ranges::sort(fields);
  words_.assign({kItem, static_cast<std::uint32_t>(NodeKind::record)});
  for (const auto& [name, value] : fields) words_.insert(words_.end(), {name, value});
  return ShapeId{interning_.id(words_)};
}

ShapeId Shapes::shape(const Node& node) {
  switch (node.kind) {
    case NodeKind::literal: return literal(ast_->literals[node.a]);
    case NodeKind::variable: return pair(node.kind, node.a);
    case NodeKind::all_of:
    case NodeKind::any_of: return chain(node.kind, ast_->list(node.a, node.b));
    case NodeKind::get: return member(shapes_[node.a], NameId{node.b});
    case NodeKind::is: return pair(node.kind, number(shapes_[node.a]), node.b);
    case NodeKind::is_in: return is_in(node);
    case NodeKind::like: return pattern(shapes_[node.a], ast_->patterns[node.b]);
    case NodeKind::has: return has(node);
    case NodeKind::call: return call(node);
    case NodeKind::set: return list(node.kind, ast_->list(node.a, node.b));
    case NodeKind::record: return record(node);
    case NodeKind::negation:
    case NodeKind::minus:
    case NodeKind::is_empty: return pair(node.kind, number(shapes_[node.a]));
    case NodeKind::choice:
      return ShapeId{interning_.id({static_cast<std::uint32_t>(node.kind), number(shapes_[node.a]),
                                    number(shapes_[node.b]), number(shapes_[node.c])})};
    default:  // two operands
      return pair(node.kind, number(shapes_[node.a]), number(shapes_[node.b]));
  }
}

// Trees are at most kMaxTreeHeight high, and this stops at the first operand that is no literal.
std::optional<Value> literal_of(const Ast& ast, NodeId id) {
  const Node& node = ast.nodes[id];
  if (node.kind == NodeKind::literal) return ast.literals[node.a];
  if (node.kind != NodeKind::all_of && node.kind != NodeKind::any_of) return std::nullopt;
  const bool conjunction = node.kind == NodeKind::all_of;
  bool out = conjunction;
  for (const NodeId operand : ast.list(node.a, node.b)) {
    const std::optional<Value> value = literal_of(ast, operand);
    if (!value || value->kind != Kind::boolean) return std::nullopt;
    out = conjunction ? out && value->boolean() : out || value->boolean();
  }
  return Value::of_boolean(out);
}

}  // namespace mcpgov::policy::cedar::validation
