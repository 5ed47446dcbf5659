// Residuals as text and JSON.
// Tested by tests/policy/partial_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "policy/cedar/est_names.hpp"
#include "policy/cedar/est_write.hpp"
#include "policy/cedar/partial.hpp"

namespace mcpgov::policy::cedar {

std::string residual_text(const Residuals& residuals, const Residual& residual) {
  std::string out;
  const bool complete = append_policy_text(out, residuals.symbols, residual.ast, residual.policy,
                                           {}, Parentheses::needed);
  return complete ? out : std::string();
}

std::string residual_json(const Residuals& residuals, const Residual& residual) {
  std::string out;
  if (!append_policy_json(out, residuals.symbols, residual.ast, residual.policy, {})) return {};
  return out;
}

std::string residual_condition(const Residuals& residuals, const Residual& residual) {
  if (residual.policy.conditions.empty()) return "true";
  // One expression of all clauses, so that only what has to stands in parentheses.
  Ast ast = residual.ast;
  std::vector<NodeId> clauses;
  const auto add = [&](const Node& node) {
    ast.nodes.push_back(node);
    ast.heights.push_back(static_cast<std::uint16_t>(height_of(ast, node)));
    return static_cast<NodeId>(ast.nodes.size() - 1);
  };
  for (const Condition& each : residual.policy.conditions) {
    clauses.push_back(each.unless ? add({NodeKind::negation, each.body}) : each.body);
  }
  NodeId all = clauses.front();
  if (clauses.size() > 1) {
    const auto first = static_cast<std::uint32_t>(ast.lists.size());
    ast.lists.insert(ast.lists.end(), clauses.begin(), clauses.end());
    all = add({NodeKind::all_of, first, static_cast<std::uint32_t>(clauses.size())});
  }
  std::string out;
  append_expression_text(out, kMaxWrittenBytes, residuals.symbols, ast, all, Parentheses::needed);
  return out.size() > kMaxWrittenBytes ? std::string() : out;
}

std::string residual_scope(const Residuals& residuals, const Scope& scope, Var variable) {
  std::string out;
  append_scope_text(out, residuals.symbols, variable_name(static_cast<std::uint32_t>(variable)),
                    scope, kNoEntity);
  return out;
}

}  // namespace mcpgov::policy::cedar
