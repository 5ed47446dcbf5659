// Scope constraints against the types of a schema.
// Tested by tests/policy/validation_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/validation/scope.hpp"

#include <algorithm>

#include "policy/cedar/lexer.hpp"

namespace mcpgov::policy::cedar::validation {

bool is_action_type(std::string_view name) noexcept {
  return name == "Action" || name.ends_with("::Action");
}

bool may_lie_below(const Schema& schema, NameId low, NameId high) noexcept {
  if (low == high) return true;
  const EntityType* type = schema.entity_type(low);
  return type != nullptr && std::ranges::binary_search(type->ancestors, high);
}

EntityScope::EntityScope(const Scope& scope, const Schema& schema, const Symbols& symbols)
    : scope_(&scope), schema_(&schema) {
  if (scope.entity == kNoEntity) return;
  entity_type_ = symbols.type(scope.entity);
  unknown_ = schema.entity_type(entity_type_) == nullptr && schema.action(scope.entity) == nullptr;
}

bool EntityScope::admits(NameId type) const noexcept {
  const bool any_entity = entity_type_ == kNoName || unknown_;
  switch (scope_->kind) {
    case ScopeKind::any: return true;
    case ScopeKind::equal: return any_entity || type == entity_type_;
    case ScopeKind::in: return any_entity || may_lie_below(*schema_, type, entity_type_);
    case ScopeKind::is: return type == scope_->type;
    case ScopeKind::is_in:
      return type == scope_->type && (any_entity || may_lie_below(*schema_, type, entity_type_));
  }
  return false;
}

ActionScopes::ActionScopes(const ParsedPolicy& policy, const Schema& schema)
    : kind_(policy.action), candidates_(schema.actions()) {
  if (kind_ == ActionScope::any) return;
  unknown_ = std::ranges::any_of(policy.actions,
                                 [&](EntityId action) { return schema.action(action) == nullptr; });
  if (kind_ == ActionScope::equal) {
    const ActionType* only = schema.action(policy.actions[0]);
    candidates_ = only == nullptr ? std::span<const ActionType>() : std::span(only, 1);
  }
  actions_ = policy.actions;
  std::ranges::sort(actions_);
}

bool ActionScopes::satisfied_by(const ActionType& action) const noexcept {
  if (kind_ == ActionScope::any) return true;
  if (kind_ == ActionScope::equal) return action.id == actions_[0];
  const auto listed = [&](EntityId each) { return std::ranges::binary_search(actions_, each); };
  return listed(action.id) || std::ranges::any_of(action.ancestors, listed);
}

std::uint32_t offset_of_type(std::string_view text, std::uint32_t from, std::size_t n) noexcept {
  if (from >= text.size()) return from;
  Lexer lexer(text.substr(from));
  bool behind_is = false;
  for (;;) {
    const Lexeme next = lexer.next();
    if (next.token == Token::end || next.token == Token::failed) return from;
    if (behind_is) return from + next.offset;
    behind_is = next.token == Token::identifier && next.text == "is" && n-- == 0;
  }
}

namespace {

// Calls found(offset) for each entity, until that returns false.
template <class Found>
void each_entity(std::string_view text, std::uint32_t from, Found found) {
  if (from >= text.size()) return;
  Lexer lexer(text.substr(from));
  Token before = Token::end;
  std::uint32_t start = 0;
  for (;;) {
    const Lexeme next = lexer.next();
    if (next.token == Token::end || next.token == Token::failed) return;
    if (next.token == Token::identifier && before != Token::path) start = next.offset;
    if (next.token == Token::string && !found(from + start)) return;
    before = next.token;
  }
}

}  // namespace

std::uint32_t offset_of_entity(std::string_view text, std::uint32_t from) noexcept {
  std::uint32_t out = from;
  each_entity(text, from, [&](std::uint32_t offset) {
    out = offset;
    return false;
  });
  return out;
}

std::vector<std::uint32_t> offsets_of_entities(std::string_view text, std::uint32_t from,
                                               std::size_t count) {
  std::vector<std::uint32_t> out;
  if (count == 0) return out;
  out.reserve(count);
  each_entity(text, from, [&](std::uint32_t offset) {
    out.push_back(offset);
    return out.size() < count;
  });
  out.resize(count, from);
  return out;
}

}  // namespace mcpgov::policy::cedar::validation
