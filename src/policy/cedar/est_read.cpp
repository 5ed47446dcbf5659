// JSON policies around their expressions: effect, scope, conditions, annotations.
// Tested by tests/policy/est_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/est_read.hpp"

#include <algorithm>
#include <utility>

#include "policy/cedar/quote.hpp"
#include "policy/cedar/value_json.hpp"

namespace mcpgov::policy::cedar {
Result<JsonNode> read_policy_json(std::string_view text, Arena& arena) {
  // A million levels take 40 MB while they are read.
  constexpr int kMaxNesting = 1'000'000;
  Result<JsonNode> root = read_json(text, {kMaxPolicyJsonBytes, kMaxNesting}, arena);
  if (root) return root;
  Error error = std::move(root).error();
  error.code = error.code == ErrorCode::entities_too_large  ? ErrorCode::policy_too_large
               : error.code == ErrorCode::entities_too_deep ? ErrorCode::policy_too_deep
                                                            : ErrorCode::policy_json;
  return error;
}

bool EstReader::fail_at(std::size_t offset, ErrorCode code, std::string message) {
  error_ = error_at(code, std::move(message), text_, offset);
  error_.file = name_;
  return false;
}

Position EstReader::place(std::size_t offset) noexcept {
  position_ = offset < placed_ ? position_of(text_, offset)
                               : position_after(text_, placed_, position_, offset);
  placed_ = offset;
  return position_;
}

bool EstReader::fail(const JsonNode& at, ErrorCode code, std::string message) {
  return fail_at(at.offset, code, std::move(message));
}

bool EstReader::members(const JsonNode& node, std::initializer_list<std::string_view> known,
                        std::size_t required) {
  if (node.type != JsonNode::Type::object) {
    return fail(node, ErrorCode::policy_json_shape, "wanted an object");
  }
  for (const JsonMember& member : node.members()) {
    if (std::find(known.begin(), known.end(), member.key) == known.end()) {
      return fail_at(member.offset, ErrorCode::policy_json_shape,
                     "unknown member " + shown(member.key));
    }
  }
  for (const std::string_view name : std::span(known.begin(), required)) {
    if (node.find(name) == nullptr) {
      return fail(node, ErrorCode::policy_json_shape, "missing member " + shown(name));
    }
  }
  return true;
}

bool EstReader::string(const JsonNode& node, std::string_view& out) {
  if (node.type != JsonNode::Type::string) {
    return fail(node, ErrorCode::policy_json_shape, "wanted a string");
  }
  out = node.string();
  return true;
}

bool EstReader::type_name(const JsonNode& node, NameId& out) {
  std::string_view text;
  if (!string(node, text)) return false;
  if (!is_type_name(text)) {
    return fail(node, ErrorCode::policy_json_name, shown(text) + " is no name of an entity type");
  }
  out = symbols_.name(text);
  return true;
}

bool EstReader::entity(const JsonNode& node, EntityId& out) {
  const JsonNode* inner = node.find("__entity");
  return uid(inner == nullptr ? node : *inner, out);
}

bool EstReader::uid(const JsonNode& node, EntityId& out) {
  const JsonNode* type = node.find("type");
  const JsonNode* id = node.find_string("id");
  if (type == nullptr || id == nullptr) {
    return fail(node, ErrorCode::policy_json_shape,
                "wanted an entity: an object with `type` and `id`");
  }
  NameId name = kNoName;
  if (!type_name(*type, name)) return false;
  out = symbols_.entity(name, id->string());
  return true;
}

// Members that are not known here are ignored, as the reference engine does.
bool EstReader::target(const JsonNode& node, std::string_view variable, EntityId& out,
                       ParsedPolicy& policy) {
  if (const JsonNode* named = node.find("entity"); named != nullptr) return entity(*named, out);
  const JsonNode* slot = node.find("slot");
  if (slot == nullptr) {
    return fail(node, ErrorCode::policy_json_shape, "missing member `entity` or `slot`");
  }
  std::string_view text;
  if (!string(*slot, text)) return false;
  if (!text.starts_with('?') || text.substr(1) != variable) {
    return fail(*slot, ErrorCode::policy_slot, shown(text) + " cannot stand here");
  }
  out = kNoEntity;
  policy.is_template = true;
  return true;
}

bool EstReader::scope(const JsonNode& node, std::string_view variable, Scope& out,
                      ParsedPolicy& policy) {
  const JsonNode* op = node.find_string("op");
  if (op == nullptr) {
    return fail(node, ErrorCode::policy_json_shape, "wanted a constraint: an object with `op`");
  }
  if (op->string() == "All" || op->string() == "all") return true;
  if (op->string() == "==" || op->string() == "in") {
    out.kind = op->string() == "in" ? ScopeKind::in : ScopeKind::equal;
    return target(node, variable, out.entity, policy);
  }
  if (op->string() != "is") {
    return fail(*op, ErrorCode::policy_json_operator, shown(op->string()) + " is no constraint");
  }
  if (!members(node, {"op", "entity_type", "in"}, 2)) return false;
  out.kind = ScopeKind::is;
  if (!type_name(*node.find("entity_type"), out.type)) return false;
  const JsonNode* in = node.find("in");
  if (in == nullptr || in->type == JsonNode::Type::null) return true;
  out.kind = ScopeKind::is_in;
  return target(*in, variable, out.entity, policy);
}

bool EstReader::action_entity(const JsonNode& node, ParsedPolicy& out) {
  EntityId action = kNoEntity;
  if (!entity(node, action)) return false;
  if (!is_action_type(symbols_.text(symbols_.type(action)))) {
    return fail(node, ErrorCode::policy_action_type, "an action must have the type `Action`");
  }
  out.actions.push_back(action);
  return true;
}

bool EstReader::action(const JsonNode& node, ParsedPolicy& out) {
  const JsonNode* op = node.find_string("op");
  if (op == nullptr) {
    return fail(node, ErrorCode::policy_json_shape, "wanted a constraint: an object with `op`");
  }
  if (op->string() == "All" || op->string() == "all") return true;
  const bool in = op->string() == "in";
  if (!in && op->string() != "==") {
    return fail(*op, ErrorCode::policy_json_operator, shown(op->string()) + " is no constraint");
  }
  out.action = in ? ActionScope::in : ActionScope::equal;
  if (const JsonNode* one = node.find("entity"); one != nullptr) return action_entity(*one, out);
  if (const JsonNode* slot = node.find("slot"); slot != nullptr && !in) {
    return fail(*slot, ErrorCode::policy_slot, "an action cannot be a slot");
  }
  const JsonNode* list = node.find("entities");
  if (!in || list == nullptr || list->type != JsonNode::Type::array) {
    return fail(node, ErrorCode::policy_json_shape,
                in ? "missing member `entity` or list `entities`" : "missing member `entity`");
  }
  out.action = ActionScope::in_list;
  return std::all_of(list->items().begin(), list->items().end(),
                     [&](const JsonNode& each) { return action_entity(each, out); });
}

bool EstReader::condition(const JsonNode& node, ParsedPolicy& out) {
  if (!members(node, {"kind", "body"}, 2)) return false;
  const JsonNode& kind_node = *node.find("kind");
  std::string_view kind;
  if (!string(kind_node, kind)) return false;
  if (kind != "when" && kind != "unless") {
    return fail(kind_node, ErrorCode::policy_json_operator, "wanted `when` or `unless`");
  }
  NodeId body = 0;
  if (!expr(*node.find("body"), 0, body)) return false;
  out.conditions.push_back({body, kind == "unless"});
  return true;
}

bool EstReader::annotations(const JsonNode& node, ParsedPolicy& out) {
  if (node.type != JsonNode::Type::object) {
    return fail(node, ErrorCode::policy_json_shape, "wanted an object");
  }
  for (const JsonMember& member : node.members()) {
    if (!is_identifier(member.key)) {
      return fail_at(member.offset, ErrorCode::policy_json_name,
                     shown(member.key) + " is no identifier");
    }
    AnnotationText annotation{member.key, {}, true};
    if (member.value.type != JsonNode::Type::null) {
      annotation.bare = false;
      if (!string(member.value, annotation.value)) return false;
    }
    out.annotations.push_back(annotation);
  }
  return true;
}

bool EstReader::policy(const JsonNode& node, Ast& ast, ParsedPolicy& out) {
  ast_ = &ast;
  out = ParsedPolicy{};
  out.offset = node.offset;
  if (!members(node, {"effect", "principal", "action", "resource", "conditions", "annotations"},
               5)) {
    return false;
  }
  const JsonNode& effect_node = *node.find("effect");
  std::string_view effect;
  if (!string(effect_node, effect)) return false;
  if (effect != "permit" && effect != "forbid") {
    return fail(effect_node, ErrorCode::policy_json_operator, "wanted `permit` or `forbid`");
  }
  out.forbid = effect == "forbid";
  if (!scope(*node.find("principal"), "principal", out.principal, out) ||
      !action(*node.find("action"), out) ||
      !scope(*node.find("resource"), "resource", out.resource, out)) {
    return false;
  }
  const JsonNode& conditions = *node.find("conditions");
  if (conditions.type != JsonNode::Type::array) {
    return fail(conditions, ErrorCode::policy_json_shape, "wanted a list");
  }
  for (const JsonNode& each : conditions.items()) {
    if (!condition(each, out)) return false;
  }
  const JsonNode* given = node.find("annotations");
  return given == nullptr || annotations(*given, out);
}

}  // namespace mcpgov::policy::cedar
