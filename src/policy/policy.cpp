// The public engine: texts in, texts out, around the Cedar engine.
// Tested by tests/policy/policy_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "mcpgov/policy.hpp"

#include <optional>
#include <utility>

#include "base/arena.hpp"
#include "mcpgov/cedar.hpp"
#include "policy/cedar/context_json.hpp"
#include "policy/cedar/engine.hpp"
#include "policy/cedar/entities_json.hpp"
#include "policy/cedar/lexer.hpp"
#include "policy/cedar/schema_request.hpp"
#include "policy/cedar/value_json.hpp"
#include "policy/engine_parts.hpp"
#include "policy/entities.hpp"
#include "policy/schema_parts.hpp"

namespace mcpgov::policy {
namespace {

Error bad_uid(std::string_view role) {
  return Error{ErrorCode::entities_shape,
               "the type of the " + std::string(role) + " is not a name, or its id is not UTF-8",
               {},
               0,
               0};
}

// What policies are read into: the entities, and the schema over the same symbols.
struct World {
  Symbols symbols;
  std::optional<cedar::Schema> schema;
  Entities entities;
};

Result<World> read_world(std::string_view entities_json, const Schema* schema) {
  World out;
  cedar::EntitiesInput input;
  input.text = entities_json;
  if (schema != nullptr) {
    const cedar::SchemaParts& parts = cedar::parts_of(*schema);
    Result<cedar::Schema> resolved = cedar::resolve_schema(parts.declared, parts.text, out.symbols);
    if (!resolved) return std::move(resolved).error();
    out.schema = std::move(*resolved);
    input.schema = &*out.schema;
    if (entities_json.empty()) input.text = "[]";  // the actions of the schema are entities, too
  }
  if (input.text.empty()) return out;
  Result<Entities> read = cedar::read_entities(input, out.symbols);
  if (!read) return std::move(read).error();
  out.entities = std::move(*read);
  return out;
}

}  // namespace

Result<Engine> Engine::build(std::span<const Source> sources, std::string_view entities_json,
                             const Schema* schema, Ids ids) {
  Result<World> world = read_world(entities_json, schema);
  if (!world) return std::move(world).error();
  cedar::Engine::Options options;
  options.ids = ids;
  Result<cedar::Engine> built =
      cedar::Engine::build(sources, std::move(world->symbols), std::move(world->entities), options);
  if (!built) return std::move(built).error();
  return Engine(std::make_unique<const Parts>(Parts{std::move(*built), std::move(world->schema)}));
}

Result<Engine> Engine::build(const PolicySet& policies, std::string_view entities_json,
                             const Schema* schema) {
  Result<World> world = read_world(entities_json, schema);
  if (!world) return std::move(world).error();
  return Engine(std::make_unique<const Parts>(
      Parts{cedar::Engine::build(cedar::set_of(policies), std::move(world->symbols),
                                 std::move(world->entities), cedar::Engine::Options{}),
            std::move(world->schema)}));
}

Result<Engine> Engine::cedar(std::span<const Source> sources, std::string_view entities_json,
                             Ids ids) {
  return build(sources, entities_json, nullptr, ids);
}

Result<Engine> Engine::cedar(std::span<const Source> sources, std::string_view entities_json,
                             const Schema& schema, Ids ids) {
  return build(sources, entities_json, &schema, ids);
}

Result<Engine> Engine::from(const PolicySet& policies, std::string_view entities_json) {
  return build(policies, entities_json, nullptr);
}

Result<Engine> Engine::from(const PolicySet& policies, std::string_view entities_json,
                            const Schema& schema) {
  return build(policies, entities_json, &schema);
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
  const cedar::Schema* schema = parts_->schema ? &*parts_->schema : nullptr;
  input.schema = schema;
  input.action = request.action;
  Result<Value> context = cedar::read_context(input, symbols);
  if (!context) return std::move(context).error();
  request.context = *context;
  if (schema != nullptr) {
    const Result<void> admitted = cedar::validate_request(*schema, request);
    if (!admitted) return admitted.error();
  }

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
