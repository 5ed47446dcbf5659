// The public engine asked with parts of the question open.
// Tested by tests/policy/partial_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/partial.hpp"

#include <algorithm>
#include <utility>

#include "base/arena.hpp"
#include "mcpgov/policy.hpp"
#include "policy/cedar/context_json.hpp"
#include "policy/cedar/lexer.hpp"
#include "policy/cedar/quote.hpp"
#include "policy/cedar/schema_request.hpp"
#include "policy/cedar/value_json.hpp"
#include "policy/engine_parts.hpp"

namespace mcpgov::policy {
namespace {

// The side of a question: an entity, or the type of an open one.
bool read_side(const OpenUid& given, RequestSymbols& symbols, EntityId& entity, NameId& type) {
  if (given.type.empty() && !given.id) return true;
  if (!cedar::is_type_name(given.type)) return false;
  if (!given.id) {
    type = symbols.name(given.type);
    return true;
  }
  if (cedar::invalid_utf8(*given.id) != std::string_view::npos) return false;
  entity = symbols.entity(given.type, *given.id);
  return true;
}

// `record` with an unknown value at the path. False where the path leads through what is no record.
bool forget(Value& record, std::string_view path, RequestSymbols& symbols) {
  Value* at = &record;
  for (;;) {
    if (at->kind != Kind::record) return false;
    const std::size_t slash = path.find('/');
    const NameId name = symbols.name(path.substr(0, slash));
    const std::span<const Field> old = at->record();
    const bool known = at->field(name) != nullptr;
    auto* fields = symbols.arena().array<Field>(old.size() + 1);
    std::copy(old.begin(), old.end(), fields);
    if (!known) fields[old.size()] = {name, Value::of_record({})};
    *at = Value::of_record({fields, old.size() + (known ? 0 : 1)});
    at = const_cast<Value*>(at->field(name));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  *at = Value{};
  return true;
}

Result<Value> read_open_context(const OpenQuestion& question, const cedar::Schema* schema,
                                EntityId action, RequestSymbols& symbols) {
  if (!question.context_json) return Value{};
  cedar::ContextInput input;
  input.text = *question.context_json;
  input.action = action;
  if (question.unknown.empty() && action != kNoEntity) input.schema = schema;
  Result<Value> context = cedar::read_context(input, symbols);
  if (!context) return context;
  for (const std::string_view path : question.unknown) {
    if (forget(*context, path, symbols)) continue;
    return Error{ErrorCode::context_not_a_record,
                 "an unknown part of the context lies in what is no record",
                 {},
                 0,
                 0};
  }
  return context;
}

// An open principal or resource has a type that the schema knows, and that the action applies to.
Result<void> admit_type(const cedar::Schema& schema, const RequestSymbols& symbols, NameId type,
                        const std::span<const NameId>* applies, const char* role) {
  if (type == kNoName) return {};
  const std::string text(symbols.text(type));
  if (schema.entity_type(type) == nullptr) {
    return Error{ErrorCode::request_type_undeclared,
                 "the type " + cedar::shown(text) + " of the " + role + " is not declared",
                 {},
                 0,
                 0};
  }
  if (applies == nullptr || std::binary_search(applies->begin(), applies->end(), type)) return {};
  return Error{
      ErrorCode::request_not_applicable,
      std::string("the action does not apply to a ") + role + " of the type " + cedar::shown(text),
      {},
      0,
      0};
}

Result<void> admit(const cedar::PartialRequest& asked) {
  const cedar::Schema& schema = *asked.schema;
  Result<void> admitted = cedar::validate_request(schema, asked.request);
  if (!admitted) return admitted;
  const RequestSymbols& symbols = *asked.request.symbols;
  const cedar::ActionType* action =
      asked.request.action == kNoEntity ? nullptr : schema.action(asked.request.action);
  admitted = admit_type(schema, symbols, asked.principal_type,
                        action == nullptr ? nullptr : &action->principals, "principal");
  if (!admitted) return admitted;
  return admit_type(schema, symbols, asked.resource_type,
                    action == nullptr ? nullptr : &action->resources, "resource");
}

}  // namespace

Result<OpenAnswer> Engine::partial(const OpenQuestion& question) const {
  Arena arena;
  RequestSymbols symbols(parts_->engine.symbols(), arena);
  cedar::PartialRequest asked;
  asked.request.symbols = &symbols;
  asked.schema = parts_->schema ? &*parts_->schema : nullptr;
  NameId action_type = kNoName;  // no policy asks for it
  if (!read_side(question.principal, symbols, asked.request.principal, asked.principal_type) ||
      !read_side(question.action, symbols, asked.request.action, action_type) ||
      !read_side(question.resource, symbols, asked.request.resource, asked.resource_type) ||
      (action_type != kNoName && asked.request.action == kNoEntity)) {
    return Error{ErrorCode::entities_shape,
                 "a type of the question is not a name, an id is not UTF-8, or an action has none",
                 {},
                 0,
                 0};
  }
  Result<Value> context = read_open_context(question, asked.schema, asked.request.action, symbols);
  if (!context) return std::move(context).error();
  asked.request.context = *context;
  if (asked.schema != nullptr) {
    const Result<void> admitted = admit(asked);
    if (!admitted) return admitted.error();
  }
  const Result<cedar::Residuals> found = parts_->engine.partial(asked, ErrorRule::cedar, arena);
  if (!found) return found.error();
  OpenAnswer out;
  if (found->possible.certain) out.effect = Effect::allow;
  if (!found->possible.some) out.effect = Effect::deny;
  for (const cedar::Residual& each : found->policies) {
    const PolicyFacts facts = parts_->engine.policy(each.number);
    out.policies.push_back(
        {std::string(facts.id), facts.forbid, (each.outcomes & cedar::kSatisfied) != 0,
         (each.outcomes & cedar::kUnmatched) != 0, (each.outcomes & cedar::kFailed) != 0,
         cedar::residual_condition(*found, each), cedar::residual_text(*found, each),
         cedar::residual_json(*found, each)});
  }
  return out;
}

}  // namespace mcpgov::policy
