// Level validation: how many entities a policy looks through, one behind the other (RFC 76).
// Tested by tests/policy/validation_level_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "policy/cedar/validation/validator.hpp"

namespace mcpgov::policy::cedar::validation {

// In the scope only `in` looks anything up, and it begins at a variable: this exceeds level 0
// alone. A constraint that is false for the types at hand hides those behind it.
void Validator::scope_levels(const ParsedPolicy& policy, const EntityScope& principal,
                             const ActionScopes& actions) {
  const auto looks_up = [](const Scope& scope, NameId type) {
    return scope.kind == ScopeKind::in || (scope.kind == ScopeKind::is_in && scope.type == type);
  };
  const bool groups = policy.action == ActionScope::in || policy.action == ActionScope::in_list;
  for (const ActionType& action : schema_->actions()) {
    if (action.resources.empty() || checker_.exhausted()) continue;
    checker_.spend(action.principals.size() + action.resources.size());
    bool admitted = false;
    for (const NameId type : action.principals) {
      if (looks_up(policy.principal, type)) exceeds(kPrincipalScope, policy.principal_offset, 0);
      admitted = admitted || principal.admits(type);
    }
    if (!admitted) continue;
    if (groups) exceeds(kActionScope, policy.action_offset, 0);
    if (!actions.satisfied_by(action)) continue;
    for (const NameId type : action.resources) {
      if (looks_up(policy.resource, type)) exceeds(kResourceScope, policy.resource_offset, 0);
    }
  }
}

void Validator::condition_levels(const ParsedPolicy& policy, const Environment& environment) {
  level_action_ = environment.action->id;
  for (const Condition& condition : policy.conditions) {
    level_of(condition.body);
    // What follows a condition that is always false was not checked.
    if (checker_.type_at(condition.body) == (condition.unless ? kTrue : kFalse)) break;
  }
}

// target: the level of what is looked through last.
void Validator::exceeds(std::uint32_t place, std::uint32_t offset, std::uint32_t target) {
  if (target < *options_.level) return;
  if (!report_.fresh(FindingKind::entity_deref_level_violation, place, {1, target})) return;
  report_.say(FindingKind::entity_deref_level_violation, place, offset,
              "this looks through entities to level " + std::to_string(target + 1) +
                  ", but level " + std::to_string(*options_.level) + " is the highest allowed");
}

void Validator::literal_target(NodeId id) {
  if (!report_.fresh(FindingKind::entity_deref_level_violation, id)) return;
  report_.say(FindingKind::entity_deref_level_violation, id, ast_->nodes[id].offset,
              "nothing of an entity literal can be looked up, whatever the level");
}

void Validator::invariant(NodeId id) {
  if (!report_.fresh(FindingKind::internal_invariant_violation, id)) return;
  report_.say(FindingKind::internal_invariant_violation, id, ast_->nodes[id].offset,
              "the level of this expression cannot be told");
}

// The operands of a chain up to the one that settled it.
std::span<const std::uint32_t> Validator::reached(const Node& node) const {
  const auto operands = ast_->list(node.a, node.b);
  const TypeId settles = node.kind == NodeKind::all_of ? kFalse : kTrue;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (checker_.type_at(operands[i]) == settles) return operands.first(i + 1);
  }
  return operands;
}

void Validator::level_of(NodeId id) {
  if (checker_.exhausted()) return;
  checker_.spend(1);
  const Node& node = ast_->nodes[id];
  switch (node.kind) {
    case NodeKind::literal:
    case NodeKind::variable: return;
    case NodeKind::all_of:
    case NodeKind::any_of:
      for (const NodeId operand : reached(node)) level_of(operand);
      return;
    case NodeKind::choice: {
      const TypeId test = checker_.type_at(node.a);
      level_of(node.a);
      if (test != kFalse) level_of(node.b);
      if (test != kTrue) level_of(node.c);
      return;
    }
    case NodeKind::get: return member_level(id);
    case NodeKind::has: return has_level(id, node);
    case NodeKind::is_in:
      if (checker_.type_at(id) != kFalse || is_below(node)) in_level(id, node.a, node.c);
      return;
    case NodeKind::in:
    case NodeKind::has_tag:
    case NodeKind::get_tag: return in_level(id, node.a, node.b);
    case NodeKind::set:
      for (const NodeId item : ast_->list(node.a, node.b)) level_of(item);
      return;
    case NodeKind::call:
      for (const NodeId argument : ast_->list(node.b, node.c)) level_of(argument);
      return;
    case NodeKind::record:
      for (std::size_t i = 0; i < node.b; ++i) level_of(ast_->lists[node.a + 2 * i + 1]);
      return;
    case NodeKind::negation:
    case NodeKind::minus:
    case NodeKind::is:
    case NodeKind::like:
    case NodeKind::is_empty: return level_of(node.a);
    case NodeKind::add:
    case NodeKind::subtract:
    case NodeKind::multiply: return sum_level(id);
    default: level_of(node.a); level_of(node.b);
  }
}

// Left operands in a loop, as everywhere.
void Validator::sum_level(NodeId id) {
  NodeId at = id;
  for (;;) {
    const Node& node = ast_->nodes[at];
    const bool sum = node.kind == NodeKind::add || node.kind == NodeKind::subtract ||
                     node.kind == NodeKind::multiply;
    if (!sum) return level_of(at);
    level_of(node.b);
    at = node.a;
  }
}

// `e is T in f` where e has another type: `e in f` is not reached.
bool Validator::is_below(const Node& node) const {
  const TypeId type = checker_.type_at(node.a);
  return types_.kind(type) == TypeKind::entity &&
         std::ranges::binary_search(types_.entity_types(type), node.b);
}

void Validator::in_level(NodeId id, NodeId target, NodeId other) {
  std::vector<NameId> path;
  exceeds(id, ast_->nodes[id].offset, target_level(target, path));
  level_of(other);
}

// Attributes of records are no entities to look through: what the record is made of counts.
void Validator::member_level(NodeId id) {
  for (NodeId at = id;; at = ast_->nodes[at].a) {
    const Node& node = ast_->nodes[at];
    if (node.kind != NodeKind::get) return level_of(at);
    const TypeKind kind = types_.kind(checker_.type_at(node.a));
    if (kind == TypeKind::record) continue;
    if (kind != TypeKind::entity) return invariant(at);
    std::vector<NameId> path;
    return exceeds(at, node.offset, target_level(node.a, path));
  }
}

void Validator::has_level(NodeId id, const Node& node) {
  const auto names = ast_->list(node.b, node.c);
  TypeId type = checker_.type_at(node.a);
  std::vector<TypeId> types;  // of e, e.a, e.a.b
  for (std::size_t i = 0; i < names.size() && !checker_.exhausted(); ++i) {
    checker_.spend(1 + i / 8);  // the way back below is short work for each name
    const TypeKind kind = types_.kind(type);
    types.push_back(type);
    if (kind == TypeKind::entity) {
      std::uint32_t deeper = 0;
      std::vector<NameId> path;
      for (std::size_t j = i; j-- > 0;) {
        if (types_.kind(types[j]) == TypeKind::entity) {
          ++deeper;
        } else {
          path.push_back(NameId{names[j]});
        }
      }
      exceeds(id, node.offset, deeper + target_level(node.a, path));
    } else if (kind != TypeKind::record) {
      return invariant(id);
    } else if (i == 0) {
      level_of(node.a);
    }
    const NameId name{names[i]};
    const Member found = types_.member(type, name);
    if (found.type == kNone) return;
    type = found.type;
  }
}

// The level of an entity that is looked through: one more for each entity on the way to it. path:
// attributes of records that were stepped over, so that the right part of a record is followed.
std::uint32_t Validator::target_level(NodeId id, std::vector<NameId>& path) {
  std::uint32_t deeper = 0;
  for (; ast_->nodes[id].kind == NodeKind::get; id = ast_->nodes[id].a) {
    const Node& node = ast_->nodes[id];
    const TypeKind kind = types_.kind(checker_.type_at(node.a));
    if (kind == TypeKind::entity) {
      ++deeper;
    } else if (kind == TypeKind::record) {
      path.push_back(NameId{node.b});
    } else {
      invariant(id);
      return deeper;
    }
  }
  if (checker_.exhausted()) return deeper;
  checker_.spend(1);
  const Node& node = ast_->nodes[id];
  switch (node.kind) {
    case NodeKind::variable: return deeper;
    case NodeKind::literal: {
      const Value& value = ast_->literals[node.a];
      if (value.kind != Kind::entity) break;
      if (value.entity() != level_action_) literal_target(id);
      return deeper;
    }
    case NodeKind::choice: {
      const TypeId test = checker_.type_at(node.a);
      level_of(node.a);
      std::vector<NameId> same = path;
      const std::uint32_t yes = test == kFalse ? 0 : target_level(node.b, path);
      const std::uint32_t no = test == kTrue ? 0 : target_level(node.c, same);
      return deeper + std::max(yes, no);
    }
    case NodeKind::get_tag: {
      const std::uint32_t target = target_level(node.a, path);
      level_of(node.b);
      return deeper + target + 1;
    }
    case NodeKind::record: return deeper + record_target(id, node, path);
    default: break;
  }
  invariant(id);
  return deeper;
}

std::uint32_t Validator::record_target(NodeId id, const Node& node, std::vector<NameId>& path) {
  const auto pairs = ast_->list(node.a, 2 * node.b);
  NodeId followed = id;
  for (std::size_t i = 0; !path.empty() && i < pairs.size(); i += 2) {
    if (NameId{pairs[i]} == path.back()) followed = pairs[i + 1];
  }
  if (followed == id) {
    invariant(id);
    return 0;
  }
  path.pop_back();
  for (std::size_t i = 1; i < pairs.size(); i += 2) {
    if (pairs[i] != followed) level_of(pairs[i]);
  }
  return target_level(followed, path);
}

}  // namespace mcpgov::policy::cedar::validation
