// Findings as text, and policies against a schema.
// Tested by tests/policy/validation_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "mcpgov/cedar.hpp"
#include "policy/cedar/policy_set.hpp"
#include "policy/cedar/schema_declarations.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/cedar/validation/validator.hpp"
#include "policy/schema_parts.hpp"

namespace mcpgov::policy {

namespace {

Result<cedar::Schema> read_any_schema(const Source& schema, Symbols& symbols) {
  return cedar::is_schema_json(schema.text)
             ? cedar::read_schema_json(schema.text, schema.name, symbols)
             : cedar::read_schema(schema.text, schema.name, symbols);
}

// Offsets count from the first byte of the policy, which is all the text that a set keeps.
void move_to_start(cedar::Ast& ast, cedar::ParsedPolicy& policy) {
  const std::uint32_t by = policy.begin;
  const auto move = [&](std::uint32_t& offset) { offset -= std::min(offset, by); };
  for (cedar::Node& node : ast.nodes) move(node.offset);
  move(policy.offset);
  move(policy.principal_offset);
  move(policy.action_offset);
  move(policy.resource_offset);
}

}  // namespace

std::string_view finding_kind_text(FindingKind kind) noexcept {
  static constexpr std::string_view kTexts[] = {
#define MCPGOV_FINDING_KIND(name, text) text,
      MCPGOV_FINDING_KINDS(MCPGOV_FINDING_KIND)
#undef MCPGOV_FINDING_KIND
  };
  return kTexts[static_cast<std::size_t>(kind)];
}

std::string Finding::text() const {
  std::string out = file;
  if (line != 0) out += ":" + std::to_string(line) + ":" + std::to_string(column);
  if (!out.empty()) out += ": ";
  out += severity == Severity::error ? "error: policy `" : "warning: policy `";
  out += policy + "`: " + message + " [" + std::string(finding_kind_text(kind)) + "]";
  return out;
}

bool passes(std::span<const Finding> findings) noexcept {
  return std::none_of(findings.begin(), findings.end(),
                      [](const Finding& each) { return each.severity == Severity::error; });
}

Result<std::vector<Finding>> validate(std::span<const Source> policies, const Source& schema,
                                      const ValidationOptions& options) {
  Symbols symbols;
  const Result<cedar::Schema> resolved = read_any_schema(schema, symbols);
  if (!resolved) return resolved.error();
  cedar::validation::Validator validator(*resolved, symbols, options);
  std::vector<Finding> out;
  for (const Source& source : policies) {
    const Result<void> read = validator.source(source, symbols, out);
    if (!read) return read.error();
  }
  return out;
}

Result<std::vector<Finding>> validate(const PolicySet& policies, const Schema& schema,
                                      const ValidationOptions& options) {
  const cedar::PolicySet& set = cedar::set_of(policies);
  const cedar::SchemaParts& parts = cedar::parts_of(schema);
  Symbols symbols;
  const Result<cedar::Schema> resolved = cedar::resolve_schema(parts.declared, parts.text, symbols);
  if (!resolved) return resolved.error();  // not reached: it was resolved when it was read
  cedar::Translation translation(set.symbols(), symbols);
  cedar::validation::Validator validator(*resolved, symbols, options);
  std::vector<Finding> out;
  for (const cedar::PolicySet::Entry& entry : set.entries()) {
    if (entry.body == nullptr) continue;
    const cedar::PolicyBody& body = *entry.body;
    cedar::Ast ast;
    cedar::ParsedPolicy policy;
    translation.translate(body, ast, policy);
    move_to_start(ast, policy);
    const std::string_view file = set.source_names()[body.source];
    const cedar::validation::Subject subject{entry.id,      file,      body.text,
                                             policy.offset, body.line, body.column};
    if (entry.role != PolicyRole::link) {
      validator.policy(ast, policy, subject, out);
      continue;
    }
    validator.link(policy, translation.entity(entry.slots.principal),
                   translation.entity(entry.slots.resource), subject, out);
  }
  return out;
}

}  // namespace mcpgov::policy
