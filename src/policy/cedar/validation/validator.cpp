// One policy through all environments its scope admits.
// Tested by tests/policy/validation_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/validation/validator.hpp"

#include <algorithm>

namespace mcpgov::policy::cedar::validation {

namespace {

template <class Id>
constexpr std::uint32_t number(Id id) noexcept {
  return static_cast<std::uint32_t>(id);
}

// An environment is remembered in some 50 bytes: a million and a half of them at most.
constexpr std::uint64_t kStepsOfEnvironment = 20;

// Types that the conditions do not look at make no difference: one stands for all.
std::span<const NameId> seen_types(std::span<const NameId> all, bool mentioned) noexcept {
  return mentioned || all.empty() ? all : all.first(1);
}

}  // namespace

Validator::Validator(const Schema& schema, const Symbols& symbols, const ValidationOptions& options)
    : schema_(&schema),
      symbols_(&symbols),
      options_(options),
      types_(schema, symbols, !options.permissive),
      checker_(types_, symbols, report_) {}

void Validator::policy(const Ast& ast, const ParsedPolicy& policy, const Subject& subject,
                       std::vector<Finding>& out) {
  report_.open(&ast, subject.text);
  ast_ = &ast;
  text_ = subject.text;
  searches_ = 0;
  mentions_ = mentions(ast);
  checker_.open(ast);
  names(ast, policy);
  const Verdict verdict = environments(policy);
  if (!verdict.applicable && !checker_.exhausted()) inapplicable(policy);
  if (checker_.exhausted()) {
    report_.say(
        FindingKind::validation_budget, kWholePolicy, policy.offset,
        "checking the policy in all combinations of action and entity types takes too long");
  } else if (!verdict.possible) {
    report_.say(FindingKind::impossible_policy, kWholePolicy, policy.offset,
                "the policy is impossible: no request that the schema allows can satisfy it",
                Severity::warning);
  }
  report_.close(subject, out);
}

Validator::Mentions Validator::mentions(const Ast& ast) {
  Mentions out;
  for (const Node& node : ast.nodes) {
    if (node.kind != NodeKind::variable) continue;
    switch (static_cast<Var>(node.a)) {
      case Var::principal: out.principal = true; break;
      case Var::action: out.action = true; break;
      case Var::resource: out.resource = true; break;
      case Var::context: out.context = true; break;
    }
  }
  return out;
}

void Validator::admit(const ActionType& action, const EntityScope& principal,
                      const EntityScope& resource) {
  admitted_.principals.clear();
  admitted_.resources.clear();
  for (const NameId type : action.principals) {
    if (principal.admits(type)) admitted_.principals.push_back(type);
  }
  for (const NameId type : action.resources) {
    if (resource.admits(type)) admitted_.resources.push_back(type);
  }
}

// Constraints are checked from left to right, and one that is false for the types at hand hides
// what stands behind it: so a wrong list of actions is told only where a principal fits.
Validator::Verdict Validator::environments(const ParsedPolicy& policy) {
  Verdict out;
  const EntityScope principal(policy.principal, *schema_, *symbols_);
  const EntityScope resource(policy.resource, *schema_, *symbols_);
  const ActionScopes actions(policy, *schema_);
  const bool known = !principal.unknown_entity() && !resource.unknown_entity();
  seen_.clear();
  answers_.clear();
  int list = -1;  // whether the list of actions is sound; asked when it matters first
  for (const ActionType& action : actions.candidates()) {
    if (checker_.exhausted()) return out;
    if (action.principals.empty() || action.resources.empty()) continue;
    checker_.spend(1 + action.principals.size() + action.resources.size());
    admit(action, principal, resource);
    if (admitted_.principals.empty()) continue;
    if (list < 0) list = action_list(policy) ? 1 : 0;
    const bool satisfied = actions.satisfied_by(action);
    const bool fits = !admitted_.resources.empty();
    out.applicable = out.applicable || (satisfied && fits && known && !actions.unknown_action());
    if (list != 0 && !satisfied) continue;
    const bool scope_ok = known && list != 0;
    for (const NameId first : seen_types(admitted_.principals, mentions_.principal)) {
      for (const NameId second : seen_types(admitted_.resources, mentions_.resource)) {
        if (checker_.exhausted()) return out;
        if (conditions(policy, {first, &action, second}, scope_ok)) out.possible = true;
      }
    }
  }
  if (options_.level == 0U) scope_levels(policy, principal, actions);
  return out;
}

// `action in [..]` is a set of literals and follows the rules of sets.
bool Validator::action_list(const ParsedPolicy& policy) {
  if (policy.action != ActionScope::in && policy.action != ActionScope::in_list) return true;
  std::vector<TypeId> types;
  for (const EntityId action : policy.actions) {
    const TypeId type = checker_.type_of_entity(action);
    if (type == kNone) return false;
    if (types.empty() || types.back() != type) types.push_back(type);
  }
  if (policy.action == ActionScope::in) return true;
  if (!types.empty() || !types_.strict()) {
    return checker_.join_or_report(kActionScope, policy.action_offset, types,
                                   "the actions of a list") != kNone;
  }
  if (report_.fresh(FindingKind::empty_set_forbidden, kActionScope)) {
    report_.say(FindingKind::empty_set_forbidden, kActionScope, policy.action_offset,
                "an empty list of actions matches none; strict validation forbids it");
  }
  return false;
}

// True when the conditions may be true in the environment.
bool Validator::conditions(const ParsedPolicy& policy, const Environment& environment,
                           bool scope_ok) {
  checker_.spend(1);
  if (policy.conditions.empty()) return true;
  std::uint32_t action = 0;
  if (mentions_.action || options_.level.has_value()) {
    action = number(environment.action->id);
  } else if (mentions_.context) {
    action = number(types_.of(environment.action->context));
  }
  const std::uint32_t id =
      seen_.id({mentions_.principal ? number(environment.principal) : 0, action,
                mentions_.resource ? number(environment.resource) : 0});
  // What is wrong in several contexts of one type is told for each action.
  const bool again = id == answers_.size();
  if (again) {
    checker_.spend(kStepsOfEnvironment);
    answers_.emplace_back();
  }
  Answer& answer = answers_[id];
  if (again || (!answer.ok && mentions_.context)) {
    answer = checker_.conditions(policy, environment);
    const bool failed = !(answer.ok && scope_ok) && answer.type != kFalse;
    if (options_.level && !failed) condition_levels(policy, environment);
  }
  return answer.type != kFalse;
}

void Validator::inapplicable(const ParsedPolicy& policy) {
  std::string message = "no action applies to the principals and resources that the scope admits";
  const bool principal = wider_fits(policy, policy.principal, true);
  const bool resource = wider_fits(policy, policy.resource, false);
  if (principal || resource) {
    message += "; `in` in place of `==` would help for the ";
    message += principal ? "principal" : "resource";
    if (principal && resource) message += " and the resource";
  }
  report_.say(FindingKind::invalid_action_application, kWholePolicy, policy.offset,
              std::move(message),
              options_.compat == Compat::v4_13 ? Severity::warning : Severity::error);
}

// True for `== Group::"x"` where the actions apply to what lies below groups.
bool Validator::wider_fits(const ParsedPolicy& policy, const Scope& scope, bool principal) const {
  if (scope.kind != ScopeKind::equal || scope.entity == kNoEntity) return false;
  const NameId type = symbols_->type(scope.entity);
  const ActionScopes actions(policy, *schema_);
  bool below = false;
  for (const ActionType& action : actions.candidates()) {
    if (actions.unknown_action() || !actions.satisfied_by(action)) continue;
    for (const NameId each : principal ? action.principals : action.resources) {
      if (each == type) return false;
      below = below || may_lie_below(*schema_, each, type);
    }
  }
  return below;
}

// What fills a slot must be declared, and leave the template an action to apply to.
void Validator::link(const ParsedPolicy& linked, EntityId principal, EntityId resource,
                     const Subject& subject, std::vector<Finding>& out) {
  report_.open(nullptr, subject.text);
  text_ = {};
  for (const auto& [entity, place] :
       {std::pair(principal, kPrincipalScope), std::pair(resource, kResourceScope)}) {
    if (entity != kNoEntity) type_name(symbols_->type(entity), place, linked.offset);
  }
  ParsedPolicy filled;
  filled.offset = linked.offset;
  filled.principal = linked.principal;
  filled.resource = linked.resource;
  filled.action = linked.action;
  filled.actions = linked.actions;
  if (principal != kNoEntity) filled.principal.entity = principal;
  if (resource != kNoEntity) filled.resource.entity = resource;
  const EntityScope first(filled.principal, *schema_, *symbols_);
  const EntityScope second(filled.resource, *schema_, *symbols_);
  const ActionScopes actions(filled, *schema_);
  bool applicable = false;
  for (const ActionType& action : actions.candidates()) {
    if (applicable || actions.unknown_action() || !actions.satisfied_by(action)) continue;
    admit(action, first, second);
    applicable = !admitted_.principals.empty() && !admitted_.resources.empty() &&
                 !first.unknown_entity() && !second.unknown_entity();
  }
  if (!applicable) inapplicable(filled);
  report_.close(subject, out);
}

}  // namespace mcpgov::policy::cedar::validation
