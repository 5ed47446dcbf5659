// Residuals as text and JSON.
// Tested by tests/policy/partial_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <span>
#include <string>
#include <vector>

#include "policy/cedar/est_names.hpp"
#include "policy/cedar/est_write.hpp"
#include "policy/cedar/partial.hpp"

namespace mcpgov::policy::cedar {
namespace {

// The parts of a policy as operands of one `&&`.
class ClauseWriter {
 public:
  explicit ClauseWriter(const Ast& ast) : ast_(ast) {}

  void scope(Var variable, const Scope& scope) {
    if (scope.kind == ScopeKind::any) return;
    const NodeId entity = add({NodeKind::variable, static_cast<std::uint32_t>(variable)});
    const auto type = static_cast<std::uint32_t>(scope.type);
    switch (scope.kind) {
      case ScopeKind::is: return clause({NodeKind::is, entity, type});
      case ScopeKind::equal: return clause({NodeKind::equal, entity, uid(scope.entity)});
      case ScopeKind::in: return clause({NodeKind::in, entity, uid(scope.entity)});
      default: return clause({NodeKind::is_in, entity, type, uid(scope.entity)});
    }
  }

  void actions(const ParsedPolicy& policy) {
    if (policy.action == ActionScope::any) return;
    const NodeId action = add({NodeKind::variable, static_cast<std::uint32_t>(Var::action)});
    if (policy.action != ActionScope::in_list) {
      const bool equal = policy.action == ActionScope::equal;
      return clause({equal ? NodeKind::equal : NodeKind::in, action, uid(policy.actions.front())});
    }
    std::vector<NodeId> uids;
    for (const EntityId each : policy.actions) uids.push_back(uid(each));
    clause({NodeKind::in, action, add_list(NodeKind::set, uids)});
  }

  // A chain of its own becomes part of the whole one.
  void condition(const Condition& condition) {
    const Node node = ast_.nodes[condition.body];
    if (condition.unless) {
      clause({NodeKind::negation, condition.body});
    } else if (node.kind == NodeKind::all_of) {
      const std::span<const std::uint32_t> operands = ast_.list(node.a, node.b);
      clauses_.insert(clauses_.end(), operands.begin(), operands.end());
    } else {
      clauses_.push_back(condition.body);
    }
  }

  bool empty() const noexcept { return clauses_.empty(); }
  NodeId all() {
    return clauses_.size() == 1 ? clauses_.front() : add_list(NodeKind::all_of, clauses_);
  }
  const Ast& ast() const noexcept { return ast_; }

 private:
  NodeId add(const Node& node) {
    ast_.nodes.push_back(node);
    ast_.heights.push_back(static_cast<std::uint16_t>(height_of(ast_, node)));
    return static_cast<NodeId>(ast_.nodes.size() - 1);
  }
  NodeId add_list(NodeKind kind, const std::vector<NodeId>& operands) {
    const auto first = static_cast<std::uint32_t>(ast_.lists.size());
    ast_.lists.insert(ast_.lists.end(), operands.begin(), operands.end());
    return add({kind, first, static_cast<std::uint32_t>(operands.size())});
  }
  NodeId uid(EntityId entity) {
    ast_.literals.push_back(Value::of_entity(entity));
    return add({NodeKind::literal, static_cast<std::uint32_t>(ast_.literals.size() - 1)});
  }
  void clause(const Node& node) { clauses_.push_back(add(node)); }

  Ast ast_;
  std::vector<NodeId> clauses_;
};

}  // namespace

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
  ClauseWriter clauses(residual.ast);
  clauses.scope(Var::principal, residual.policy.principal);
  clauses.actions(residual.policy);
  clauses.scope(Var::resource, residual.policy.resource);
  for (const Condition& each : residual.policy.conditions) clauses.condition(each);
  if (clauses.empty()) return "true";
  std::string out;
  const NodeId all = clauses.all();
  append_expression_text(out, kMaxWrittenBytes, residuals.symbols, clauses.ast(), all,
                         Parentheses::needed);
  return out.size() > kMaxWrittenBytes ? std::string() : out;
}

}  // namespace mcpgov::policy::cedar
