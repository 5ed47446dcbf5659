// A question of plain Cedar files, of which any part may be open.
// Tested by tests/cli/open_questions_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/plain_question.hpp"

#include <cstdio>
#include <optional>
#include <utility>

#include "base/arena.hpp"
#include "base/os_file.hpp"
#include "cli/open_answer.hpp"
#include "cli/setting.hpp"
#include "policy/cedar/context_json.hpp"
#include "policy/cedar/engine.hpp"
#include "policy/cedar/entities_json.hpp"
#include "policy/cedar/parser.hpp"
#include "policy/cedar/partial.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/cedar/value_json.hpp"

namespace mcpgov::cli {

namespace {

namespace cedar = policy::cedar;

constexpr std::size_t kFileBytes = 64 * 1024 * 1024;  // as entities documents

struct World {
  std::optional<cedar::Schema> schema;
  std::optional<cedar::Engine> engine;
};

Result<World> read_world(const PlainQuestion& question) {
  World out;
  policy::Symbols symbols;
  policy::Entities entities;
  if (!question.schema.empty()) {
    const auto text = read_file(question.schema, kFileBytes);
    if (!text) return text.error();
    auto schema = question.schema.ends_with(".json")
                      ? cedar::read_schema_json(*text, question.schema, symbols)
                      : cedar::read_schema(*text, question.schema, symbols);
    if (!schema) return schema.error();
    out.schema = *std::move(schema);
  }
  if (!question.entities.empty() || out.schema) {
    std::string text = "[]";
    if (!question.entities.empty()) {
      auto read = read_file(question.entities, kFileBytes);
      if (!read) return read.error();
      text = *std::move(read);
    }
    auto read = cedar::read_entities({text, question.entities, out.schema ? &*out.schema : nullptr},
                                     symbols);
    if (!read) return read.error();
    entities = *std::move(read);
  }
  std::vector<policy::Source> sources;
  for (const std::string& file : question.policies) {
    auto text = read_file(file, kFileBytes);
    if (!text) return text.error();
    sources.push_back({file, *std::move(text)});
  }
  cedar::Engine::Options options;
  options.ids = policy::Ids::annotated;
  auto engine = cedar::Engine::build(sources, std::move(symbols), std::move(entities), options);
  if (!engine) return engine.error();
  out.engine = *std::move(engine);
  return out;
}

// `Type::"id"` gives the entity, `Type` the type of an open one.
Result<void> read_side(const char* option, const std::string& given,
                       policy::RequestSymbols& symbols, policy::EntityId& entity,
                       policy::NameId& type) {
  if (given.empty()) return {};
  if (cedar::is_type_name(given)) {
    type = symbols.name(given);
    return {};
  }
  policy::Symbols names;
  Arena arena;
  cedar::Parser parser(option, given, names, arena);
  cedar::Ast ast;
  cedar::NodeId node = 0;
  if (!parser.expression(ast, node)) return parser.error();
  const bool is_uid = ast.nodes.size() == 1 && ast.nodes[0].kind == cedar::NodeKind::literal &&
                      ast.literals[0].kind == policy::Kind::entity;
  if (!is_uid) {
    return Error{ErrorCode::config_value, "an entity is given as `Type::\"id\"`, or a type alone",
                 option, 0, 0};
  }
  const policy::EntityId uid = ast.literals[0].entity();
  entity = symbols.entity(names.text(names.type(uid)), names.id(uid));
  return {};
}

Result<OpenAnswer> ask(const PlainQuestion& question, const World& world) {
  Arena arena;
  policy::RequestSymbols symbols(world.engine->symbols(), arena);
  cedar::PartialRequest asked;
  asked.schema = world.schema ? &*world.schema : nullptr;
  policy::Request& request = asked.request;
  request.symbols = &symbols;
  policy::NameId action_type = policy::kNoName;
  struct Side {
    const char* option;
    const std::string& given;
    policy::EntityId& entity;
    policy::NameId& type;
  };
  for (const Side& side :
       {Side{"--principal", question.principal, request.principal, asked.principal_type},
        Side{"--action", question.action, request.action, action_type},
        Side{"--resource", question.resource, request.resource, asked.resource_type}}) {
    const Result<void> read = read_side(side.option, side.given, symbols, side.entity, side.type);
    if (!read) return read.error();
  }
  if (action_type != policy::kNoName) {
    return Error{ErrorCode::config_value, "an action is given as `Action::\"id\"`, or not at all",
                 "--action", 0, 0};
  }
  if (!question.context.empty()) {
    cedar::ContextInput input;
    input.text = question.context;
    if (request.action != policy::kNoEntity) input.schema = asked.schema;
    input.action = request.action;
    const Result<policy::Value> context = cedar::read_context(input, symbols);
    if (!context) return context.error();
    request.context = *context;
  }
  return answer_of(*world.engine, asked, policy::ErrorRule::cedar, arena);
}

}  // namespace

int ask_plainly(const PlainQuestion& question, bool json) {
  const Result<World> world = read_world(question);
  if (!world) return fail(world.error());
  const Result<OpenAnswer> answer = ask(question, *world);
  if (!answer) return fail(answer.error());
  if (json) {
    print_json(to_json(*answer));
    return kAllowed;
  }
  const auto shown = [](const std::string& given, const char* any) {
    return given.empty() ? std::string(any) : given;
  };
  print_answer(shown(question.principal, "any principal") + ", " +
                   shown(question.action, "any action") + ", " +
                   shown(question.resource, "any resource"),
               *answer);
  return kAllowed;
}

}  // namespace mcpgov::cli
