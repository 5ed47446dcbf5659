// Bytes as choices of a random policy and request: the compiled program gives what the reference
// evaluator gives.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "policy/cedar/context_json.hpp"
#include "policy/cedar/engine.hpp"
#include "policy/cedar/entities_json.hpp"
#include "policy/cedar/parser.hpp"
#include "policy/entities.hpp"
#include "support/random_cedar.hpp"
#include "support/reference_evaluator.hpp"

using namespace mcpgov;
using namespace mcpgov::policy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size > 4096) return 0;
  cedar::RandomCedar random{
      cedar::Choices(std::string_view(reinterpret_cast<const char*>(bytes), size))};
  const std::string policy = random.policy();
  const cedar::RandomCedar::Name principal = random.uid();
  const cedar::RandomCedar::Name action = random.action_uid();
  const cedar::RandomCedar::Name resource = random.uid();
  const std::string context_json = random.context_json();
  const std::string entities_json = random.entities_json();

  Symbols symbols;
  cedar::EntitiesInput input;
  input.text = entities_json;
  Result<Entities> entities = cedar::read_entities(input, symbols);
  if (!entities) std::abort();
  const Source source{"", policy};
  Result<cedar::Engine> engine =
      cedar::Engine::build({&source, 1}, std::move(symbols), std::move(*entities));
  if (!engine) std::abort();
  Arena arena;
  RequestSymbols names(engine->symbols(), arena);
  Request request;
  request.symbols = &names;
  request.principal = names.entity(principal.type, principal.id);
  request.action = names.entity(action.type, action.id);
  request.resource = names.entity(resource.type, resource.id);
  cedar::ContextInput context_input;
  context_input.text = context_json;
  Result<Value> context = cedar::read_context(context_input, names);
  if (!context) std::abort();
  request.context = *context;

  Symbols own;
  Arena scratch;
  cedar::Parser parser("", policy, own, scratch);
  cedar::Ast ast;
  cedar::ParsedPolicy parsed;
  if (!parser.next(ast, parsed)) std::abort();
  const cedar::reference::Outcome expected = cedar::reference::evaluate(
      ast, parsed, own, cedar::reference::world_of(engine->entities(), request));
  const Decision found = engine->authorize(request, arena);
  const ErrorCode error = found.errors.empty() ? ErrorCode::none : found.errors[0].code;
  if (error != expected.error) std::abort();
  if (error == ErrorCode::none && found.reasons.empty() == expected.satisfied) std::abort();
  return 0;
}
