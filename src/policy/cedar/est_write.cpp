// Policies around their expressions: effect, scope, conditions, annotations.
// Tested by tests/policy/est_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/est_write.hpp"

#include <string_view>

#include "base/json_writer.hpp"
#include "policy/cedar/est_names.hpp"
#include "policy/cedar/quote.hpp"

namespace mcpgov::policy::cedar {
namespace {

void entity_text(std::string& out, const Symbols& symbols, EntityId entity) {
  out += symbols.text(symbols.type(entity));
  out += "::";
  append_quoted(out, symbols.id(entity));
}

// `linked` fills the slot, if there is one.
void scope_json(std::string& out, const Symbols& symbols, std::string_view variable,
                const Scope& scope, EntityId linked) {
  const auto target = [&] {
    const EntityId named = scope.entity == kNoEntity ? linked : scope.entity;
    if (named == kNoEntity) {
      out.append(R"("slot":"?)").append(variable).append("\"}");
    } else {
      out += R"("entity":)";
      append_entity_json(out, symbols, named);
      out += '}';
    }
  };
  out.append("\"").append(variable).append(R"(":{"op":)");
  switch (scope.kind) {
    case ScopeKind::any: out += R"("All"})"; break;
    case ScopeKind::equal: out += R"("==",)"; return target();
    case ScopeKind::in: out += R"("in",)"; return target();
    case ScopeKind::is:
    case ScopeKind::is_in:
      out += R"("is","entity_type":)";
      append_json_string(out, symbols.text(scope.type));
      if (scope.kind == ScopeKind::is_in) {
        out += R"(,"in":{)";
        target();
      }
      out += '}';
      break;
  }
}

// The reference engine forgets that a list of one action was a list.
void action_json(std::string& out, const Symbols& symbols, const ParsedPolicy& policy) {
  out += R"("action":{"op":)";
  if (policy.action == ActionScope::any) {
    out += R"("All"})";
    return;
  }
  out += policy.action == ActionScope::equal ? R"("==",)" : R"("in",)";
  if (policy.action != ActionScope::in_list || policy.actions.size() == 1) {
    out += R"("entity":)";
    append_entity_json(out, symbols, policy.actions.front());
  } else {
    out += R"("entities":[)";
    for (std::size_t i = 0; i < policy.actions.size(); ++i) {
      if (i > 0) out += ',';
      append_entity_json(out, symbols, policy.actions[i]);
    }
    out += ']';
  }
  out += '}';
}

void annotations_json(std::string& out, const ParsedPolicy& policy) {
  if (policy.annotations.empty()) return;
  out += R"(,"annotations":)";
  char before = '{';
  for (const AnnotationText& each : sorted_annotations(policy)) {
    out += before;
    before = ',';
    append_json_string(out, each.name);
    out += ':';
    if (each.bare) {
      out += "null";
    } else {
      append_json_string(out, each.value);
    }
  }
  out += '}';
}

void scope_text(std::string& out, const Symbols& symbols, std::string_view variable,
                const Scope& scope, EntityId linked) {
  const auto target = [&] {
    const EntityId named = scope.entity == kNoEntity ? linked : scope.entity;
    if (named == kNoEntity) {
      out.append("?").append(variable);
    } else {
      entity_text(out, symbols, named);
    }
  };
  out += variable;
  switch (scope.kind) {
    case ScopeKind::any: return;
    case ScopeKind::equal: out += " == "; return target();
    case ScopeKind::in: out += " in "; return target();
    case ScopeKind::is:
    case ScopeKind::is_in:
      out.append(" is ").append(symbols.text(scope.type));
      if (scope.kind == ScopeKind::is) return;
      out += " in ";
      return target();
  }
}

void action_text(std::string& out, const Symbols& symbols, const ParsedPolicy& policy) {
  out += "action";
  if (policy.action == ActionScope::any) return;
  out += policy.action == ActionScope::equal ? " == " : " in ";
  if (policy.action == ActionScope::in_list) out += '[';
  for (std::size_t i = 0; i < policy.actions.size(); ++i) {
    if (i > 0) out += ", ";
    entity_text(out, symbols, policy.actions[i]);
  }
  if (policy.action == ActionScope::in_list) out += ']';
}

}  // namespace

void append_entity_json(std::string& out, const Symbols& symbols, EntityId entity) {
  out += R"({"type":)";
  append_json_string(out, symbols.text(symbols.type(entity)));
  out += R"(,"id":)";
  append_json_string(out, symbols.id(entity));
  out += '}';
}

bool append_policy_json(std::string& out, const Symbols& symbols, const Ast& ast,
                        const ParsedPolicy& policy, const SlotEntities& slots) {
  const std::size_t limit = out.size() + kMaxWrittenBytes;
  out += policy.forbid ? R"({"effect":"forbid",)" : R"({"effect":"permit",)";
  scope_json(out, symbols, "principal", policy.principal, slots.principal);
  out += ',';
  action_json(out, symbols, policy);
  out += ',';
  scope_json(out, symbols, "resource", policy.resource, slots.resource);
  out += R"(,"conditions":[)";
  bool first = true;
  for (const Condition& each : policy.conditions) {
    if (!first) out += ',';
    first = false;
    out += each.unless ? R"({"kind":"unless","body":)" : R"({"kind":"when","body":)";
    append_expression_json(out, limit, symbols, ast, each.body);
    out += '}';
  }
  out += ']';
  annotations_json(out, policy);
  out += '}';
  return out.size() <= limit;
}

bool append_policy_text(std::string& out, const Symbols& symbols, const Ast& ast,
                        const ParsedPolicy& policy, const SlotEntities& slots,
                        Parentheses parentheses) {
  const std::size_t limit = out.size() + kMaxWrittenBytes;
  for (const AnnotationText& each : sorted_annotations(policy)) {
    out.append("@").append(each.name);
    if (!each.bare) {
      out += '(';
      append_quoted(out, each.value);
      out += ')';
    }
    out += '\n';
  }
  out += policy.forbid ? "forbid(" : "permit(";
  scope_text(out, symbols, "principal", policy.principal, slots.principal);
  out += ", ";
  action_text(out, symbols, policy);
  out += ", ";
  scope_text(out, symbols, "resource", policy.resource, slots.resource);
  out += ')';
  for (const Condition& each : policy.conditions) {
    out += each.unless ? " unless { " : " when { ";
    append_expression_text(out, limit, symbols, ast, each.body, parentheses);
    out += " }";
  }
  out += ';';
  return out.size() <= limit;
}

}  // namespace mcpgov::policy::cedar
