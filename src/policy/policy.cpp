// The public engine: texts in, texts out, around the Cedar engine.
// Tested by tests/policy/policy_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "mcpgov/policy.hpp"

#include <utility>

#include "base/arena.hpp"
#include "policy/cedar/context_json.hpp"
#include "policy/cedar/engine.hpp"
#include "policy/cedar/entities_json.hpp"
#include "policy/cedar/lexer.hpp"
#include "policy/cedar/value_json.hpp"
#include "policy/entities.hpp"
#include "policy/policy_set_parts.hpp"

namespace mcpgov::policy {
namespace {

Error bad_uid(std::string_view role) {
  return Error{ErrorCode::entities_shape,
               "the type of the " + std::string(role) + " is not a name, or its id is not UTF-8",
               {},
               0,
               0};
}

}  // namespace

struct Engine::Parts {
  cedar::Engine engine;
};

Result<Engine> Engine::cedar(std::span<const Source> sources, std::string_view entities_json,
                             Ids ids) {
  Symbols symbols;
  Entities entities;
  if (!entities_json.empty()) {
    cedar::EntitiesInput input;
    input.text = entities_json;
    Result<Entities> read = cedar::read_entities(input, symbols);
    if (!read) return std::move(read).error();
    entities = std::move(*read);
  }
  cedar::Engine::Options options;
  options.ids = ids;
  Result<cedar::Engine> built =
      cedar::Engine::build(sources, std::move(symbols), std::move(entities), options);
  if (!built) return std::move(built).error();
  return Engine(std::make_unique<const Parts>(Parts{std::move(*built)}));
}

Result<Engine> Engine::from(const PolicySet& policies, std::string_view entities_json) {
  Symbols symbols;
  Entities entities;
  if (!entities_json.empty()) {
    cedar::EntitiesInput input;
    input.text = entities_json;
    Result<Entities> read = cedar::read_entities(input, symbols);
    if (!read) return std::move(read).error();
    entities = std::move(*read);
  }
  return Engine(std::make_unique<const Parts>(Parts{cedar::Engine::build(
      policies.parts_->set, std::move(symbols), std::move(entities), cedar::Engine::Options{})}));
}

Result<Answer> Engine::authorize(const Question& question, std::string_view context_json) const {
  const cedar::Engine& engine = parts_->engine;
  Arena arena;
  RequestSymbols symbols(engine.symbols(), arena);
  Request request;
  request.symbols = &symbols;
  struct Part {
    std::string_view role;
    const Uid& uid;
    EntityId& id;
  };
  for (const Part& part : {Part{"principal", question.principal, request.principal},
                           Part{"action", question.action, request.action},
                           Part{"resource", question.resource, request.resource}}) {
    if (!cedar::is_type_name(part.uid.type) ||
        cedar::invalid_utf8(part.uid.id) != std::string_view::npos) {
      return bad_uid(part.role);
    }
    part.id = symbols.entity(part.uid.type, part.uid.id);
  }
  cedar::ContextInput input;
  input.text = context_json;
  Result<Value> context = cedar::read_context(input, symbols);
  if (!context) return std::move(context).error();
  request.context = *context;

  const Decision decision = engine.authorize(request, arena);
  Answer answer;
  answer.effect = decision.effect;
  for (const PolicyNumber number : decision.reasons) {
    answer.reasons.emplace_back(engine.policy(number).id);
  }
  for (const PolicyError& error : decision.errors) {
    answer.failures.push_back({std::string(engine.policy(error.policy).id), error.code,
                               cedar::error_text(engine, error)});
  }
  return answer;
}

std::size_t Engine::policy_count() const noexcept {
  return parts_->engine.policy_count();
}

PolicyFacts Engine::policy(std::size_t number) const& noexcept {
  return parts_->engine.policy(static_cast<PolicyNumber>(number));
}

Engine::Engine(std::unique_ptr<const Parts> parts) noexcept : parts_(std::move(parts)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

}  // namespace mcpgov::policy
