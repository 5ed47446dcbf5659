// Heights of syntax trees.
// Tested by tests/policy/parser_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/ast.hpp"

#include <algorithm>

namespace mcpgov::policy::cedar {

int height_of(const Ast& ast, const Node& node) noexcept {
  const auto of = [&](NodeId child) { return static_cast<int>(ast.heights[child]); };
  const auto of_list = [&](std::uint32_t first, std::uint32_t count, std::uint32_t step) {
    int highest = 0;
    for (std::uint32_t i = step - 1; i < count * step; i += step) {
      highest = std::max(highest, of(ast.lists[first + i]));
    }
    return highest + 1;
  };
  switch (node.kind) {
    case NodeKind::literal:
    case NodeKind::variable: return 1;
    case NodeKind::get: return of(node.a);
    case NodeKind::add:
    case NodeKind::subtract:
    case NodeKind::multiply: return std::max(of(node.a), of(node.b) + 1);
    case NodeKind::all_of:
    case NodeKind::any_of:
    case NodeKind::set: return of_list(node.a, node.b, 1);
    case NodeKind::record: return of_list(node.a, node.b, 2);
    case NodeKind::call: return of_list(node.b, node.c, 1);
    case NodeKind::negation:
    case NodeKind::minus:
    case NodeKind::is:
    case NodeKind::like:
    case NodeKind::has:
    case NodeKind::is_empty: return of(node.a) + 1;
    case NodeKind::is_in: return std::max(of(node.a), of(node.c)) + 1;
    case NodeKind::choice: return std::max({of(node.a), of(node.b), of(node.c)}) + 1;
    default: return std::max(of(node.a), of(node.b)) + 1;  // two operands
  }
}

}  // namespace mcpgov::policy::cedar
