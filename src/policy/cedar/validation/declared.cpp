// Entity types, actions and enumerated ids that the schema does not declare, wherever a policy
// names them: also in what is never evaluated. Tested by tests/policy/validation_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "policy/cedar/quote.hpp"
#include "policy/cedar/validation/text.hpp"
#include "policy/cedar/validation/validator.hpp"

namespace mcpgov::policy::cedar::validation {

std::string Validator::uid_text(EntityId entity) const {
  std::string out(symbols_->text(symbols_->type(entity)));
  out += "::";
  append_text(out, symbols_->id(entity));
  return out;
}

void Validator::names(const Ast& ast, const ParsedPolicy& policy) {
  scope_names(policy.principal, kPrincipalScope, policy.principal_offset);
  scope_names(policy.resource, kResourceScope, policy.resource_offset);
  std::vector<std::uint32_t> offsets;  // of the actions; looked for when one is needed
  for (std::size_t i = 0; i < policy.actions.size(); ++i) {
    if (schema_->action(policy.actions[i]) != nullptr) continue;
    if (offsets.empty()) {
      offsets = offsets_of_entities(text_, policy.action_offset, policy.actions.size());
    }
    entity_name(policy.actions[i], kActionScope, offsets[i]);
  }
  for (NodeId id = 0; id < ast.nodes.size(); ++id) {
    const Node& node = ast.nodes[id];
    if (node.kind == NodeKind::is || node.kind == NodeKind::is_in) {
      if (schema_->entity_type(NameId{node.b}) != nullptr) continue;
      type_name(NameId{node.b}, id, offset_of_tested_type(policy, node));
    } else if (node.kind == NodeKind::literal && ast.literals[node.a].kind == Kind::entity) {
      entity_name(ast.literals[node.a].entity(), id, node.offset);
    }
  }
}

// The `is` of a tree stand in the text in the order of their operands.
std::uint32_t Validator::offset_of_tested_type(const ParsedPolicy& policy, const Node& tested) {
  constexpr std::uint32_t kMostSearches = 20;  // each reads the policy once more
  if (searches_++ >= kMostSearches || text_.empty()) return tested.offset;
  std::size_t before =
      policy.resource.kind == ScopeKind::is || policy.resource.kind == ScopeKind::is_in;
  for (const Node& node : ast_->nodes) {
    const bool is = node.kind == NodeKind::is || node.kind == NodeKind::is_in;
    if (is && node.a < tested.a) ++before;
  }
  const std::uint32_t found = offset_of_type(text_, policy.resource_offset, before);
  return found == policy.resource_offset ? tested.offset : found;
}

void Validator::scope_names(const Scope& scope, Place place, std::uint32_t offset) {
  if (scope.kind == ScopeKind::is || scope.kind == ScopeKind::is_in) {
    if (schema_->entity_type(scope.type) == nullptr) {
      type_name(scope.type, place, offset_of_type(text_, offset, 0));
    }
  }
  if (scope.entity != kNoEntity) {
    entity_name(scope.entity, place, offset_of_entity(text_, offset));
  }
}

void Validator::type_name(NameId type, std::uint32_t place, std::uint32_t offset) {
  const std::string_view name = symbols_->text(type);
  if (schema_->entity_type(type) != nullptr || is_action_type(name)) return;
  const auto word = static_cast<std::uint32_t>(type);
  if (!report_.fresh(FindingKind::unrecognized_entity_type, place, {word, offset})) return;
  std::vector<std::string_view> candidates;
  for (const EntityType& each : schema_->entity_types()) {
    candidates.push_back(symbols_->text(each.name));
  }
  std::string message = "unrecognized entity type `" + std::string(name) + "`";
  const std::string_view meant = nearest(name, candidates);
  if (!meant.empty()) message += "; did you mean `" + std::string(meant) + "`?";
  report_.say(FindingKind::unrecognized_entity_type, place, offset, std::move(message));
}

void Validator::entity_name(EntityId entity, std::uint32_t place, std::uint32_t offset) {
  const NameId type = symbols_->type(entity);
  const auto word = static_cast<std::uint32_t>(entity);
  if (!is_action_type(symbols_->text(type))) {
    const EntityType* declared = schema_->entity_type(type);
    if (declared == nullptr) return type_name(type, place, offset);
    if (!declared->enumerated || std::ranges::binary_search(declared->ids, entity)) return;
    if (!report_.fresh(FindingKind::invalid_enum_entity, place, {word, offset})) return;
    std::vector<std::string_view> ids;
    for (const EntityId each : declared->ids) ids.push_back(symbols_->id(each));
    std::string message =
        "`" + uid_text(entity) + "` is none of the entities that the schema lists for `";
    message += std::string(symbols_->text(type)) + "`";
    const std::string_view meant = nearest(symbols_->id(entity), ids);
    if (!meant.empty()) {
      message += "; did you mean ";
      append_text(message, meant);
      message += "?";
    }
    return report_.say(FindingKind::invalid_enum_entity, place, offset, std::move(message));
  }
  if (schema_->action(entity) != nullptr) return;
  if (!report_.fresh(FindingKind::unrecognized_action_id, place, {word, offset})) return;
  std::vector<std::string_view> ids;
  for (const ActionType& each : schema_->actions()) ids.push_back(symbols_->id(each.id));
  std::string message = "unrecognized action `" + uid_text(entity) + "`";
  const std::string_view meant = nearest(symbols_->id(entity), ids);
  if (!meant.empty()) {
    for (const ActionType& each : schema_->actions()) {
      if (symbols_->id(each.id) != meant) continue;
      message += "; did you mean `" + uid_text(each.id) + "`?";
      break;
    }
  } else if (symbols_->id(entity).find("::") != std::string_view::npos) {
    message += "; the id of an action holds no type";
  }
  report_.say(FindingKind::unrecognized_action_id, place, offset, std::move(message));
}

}  // namespace mcpgov::policy::cedar::validation
