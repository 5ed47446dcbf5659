// The tree that a residual is written to, and the ids on both sides.
// Tested by tests/policy/partial_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <initializer_list>
#include <string>

#include "policy/cedar/engine.hpp"
#include "policy/cedar/parser.hpp"
#include "policy/cedar/partial_fold.hpp"

namespace mcpgov::policy::cedar {

// Everything that a policy names is in the frozen table.
NameId Folder::in_request(NameId name) const {
  return request_.request.symbols->frozen().find_name(names_.text(name));
}

EntityId Folder::in_request(EntityId entity) const {
  const Symbols& frozen = request_.request.symbols->frozen();
  return frozen.find_entity(frozen.find_name(names_.text(names_.type(entity))), names_.id(entity));
}

NodeId Folder::add(const Node& node) {
  out_->nodes.push_back(node);
  out_->heights.push_back(static_cast<std::uint16_t>(height_of(*out_, node)));
  return static_cast<NodeId>(out_->nodes.size() - 1);
}

std::uint32_t Folder::add_list(std::span<const std::uint32_t> list) {
  const auto first = static_cast<std::uint32_t>(out_->lists.size());
  out_->lists.insert(out_->lists.end(), list.begin(), list.end());
  return first;
}

NodeId Folder::add_chain(NodeKind kind, std::span<const NodeId> operands) {
  return add({kind, add_list(operands), static_cast<std::uint32_t>(operands.size())});
}

NodeId Folder::add_truth(bool value) {
  out_->literals.push_back(Value::of_boolean(value));
  return add({NodeKind::literal, static_cast<std::uint32_t>(out_->literals.size() - 1)});
}

// A value is written as text and read again: there is one notation of values, and one reader.
NodeId Folder::write(Part& part) {
  if (part.node != kUnwritten) return part.node;
  const std::string_view text = arena_.copy(value_text(*request_.request.symbols, part.value));
  Parser parser({}, text, names_, arena_);
  if (!parser.expression(*out_, part.node)) part.node = add_truth(false);
  return part.node;
}

// The node with its operands as they were written.
NodeId Folder::copy(NodeId id) {
  Node node = at(id);
  const auto operand = [&](std::uint32_t& slot) { slot = write(parts_[slot]); };
  const auto operands = [&](std::uint32_t& first, std::uint32_t count, bool fields) {
    std::vector<std::uint32_t> list;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (fields) list.push_back(ast_->lists[first + 2 * i]);
      const NodeId item = ast_->lists[fields ? first + 2 * i + 1 : first + i];
      list.push_back(write(parts_[item]));
    }
    first = add_list(list);
  };
  switch (node.kind) {
    case NodeKind::variable: break;
    case NodeKind::literal:
      out_->literals.push_back(ast_->literals[node.a]);
      node.a = static_cast<std::uint32_t>(out_->literals.size() - 1);
      break;
    case NodeKind::all_of:
    case NodeKind::any_of:
    case NodeKind::set: operands(node.a, node.b, false); break;
    case NodeKind::record: operands(node.a, node.b, true); break;
    case NodeKind::call: operands(node.b, node.c, false); break;
    case NodeKind::like:
      operand(node.a);
      out_->patterns.push_back(ast_->patterns[node.b]);
      node.b = static_cast<std::uint32_t>(out_->patterns.size() - 1);
      break;
    case NodeKind::has:
      operand(node.a);
      node.b = add_list(ast_->list(node.b, node.c));
      break;
    case NodeKind::choice:
      operand(node.a);
      operand(node.b);
      operand(node.c);
      break;
    case NodeKind::is_in:
      operand(node.a);
      operand(node.c);
      break;
    case NodeKind::negation:
      operand(node.a);
      // `a != b` is a negation written as a comparison, as long as there is one below it.
      if (out_->nodes[node.a].kind != at(at(id).a).kind) node.spelling = Spelling::plain;
      break;
    case NodeKind::minus:
    case NodeKind::is:
    case NodeKind::get:
    case NodeKind::is_empty: operand(node.a); break;
    default:
      operand(node.a);
      operand(node.b);
      break;
  }
  return add(node);
}

}  // namespace mcpgov::policy::cedar
