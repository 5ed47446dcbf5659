// A question of plain Cedar files, of which any part may be open.
// Tested by tests/cli/open_questions_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/plain_question.hpp"

#include <cstdio>
#include <optional>
#include <utility>

#include "base/os_file.hpp"
#include "cli/file_sizes.hpp"
#include "cli/open_answer.hpp"
#include "cli/policy_tests_file.hpp"
#include "cli/setting.hpp"
#include "mcpgov/cedar.hpp"
#include "mcpgov/policy.hpp"
#include "policy/cedar/evaluate.hpp"
#include "policy/cedar/value_json.hpp"

namespace mcpgov::cli {

namespace {

namespace cedar = policy::cedar;

Error in_file(Error error, const std::string& file) {
  if (error.file.empty()) error.file = file;
  return error;
}

Result<policy::Engine> read_engine(const PlainQuestion& question) {
  std::vector<policy::Source> sources;
  for (const std::string& file : question.policies) {
    auto text = read_file(file, kDocumentBytes);
    if (!text) return text.error();
    sources.push_back({file, *std::move(text)});
  }
  std::string entities;
  if (!question.entities.empty()) {
    auto text = read_file(question.entities, kEntitiesBytes);
    if (!text) return text.error();
    entities = *std::move(text);
  }
  std::optional<policy::Schema> schema;
  if (!question.schema.empty()) {
    auto text = read_file(question.schema, kDocumentBytes);
    if (!text) return text.error();
    auto read = policy::Schema::read({question.schema, *std::move(text)});
    if (!read) return read.error();
    schema = *std::move(read);
  }
  Result<policy::Engine> engine = schema ? policy::Engine::cedar(sources, entities, *schema)
                                         : policy::Engine::cedar(sources, entities);
  if (!engine) return in_file(engine.error(), question.entities);
  return engine;
}

// A side of the question: `Type::"id"`, or `Type`, or nothing.
struct Side {
  std::string type;
  std::optional<std::string> id;

  policy::OpenUid uid() const { return {type, id}; }
};

Result<Side> read_side(const char* option, const std::string& given) {
  Side out;
  if (given.empty()) return out;
  if (cedar::is_type_name(given)) {
    out.type = given;
    return out;
  }
  std::optional<UidText> uid = read_uid(given);
  if (!uid) {
    return Error{ErrorCode::config_value, "an entity is given as `Type::\"id\"`, or a type alone",
                 option, 0, 0};
  }
  out.type = std::move(uid->type);
  out.id = std::move(uid->id);
  return out;
}

// With the places of the policies, as other answers have them.
OpenAnswer placed(policy::OpenAnswer&& answer, const policy::Engine& engine) {
  OpenAnswer out;
  if (!answer.effect) {
    out.say = Say::depends;
  } else {
    out.say = *answer.effect == policy::Effect::allow ? Say::allowed : Say::denied;
  }
  std::size_t number = 0;
  for (policy::OpenPolicy& each : answer.policies) {
    while (engine.policy(number).id != each.policy) ++number;  // both are in source order
    const policy::PolicyFacts facts = engine.policy(number);
    const unsigned outcomes = (each.may_apply ? cedar::kSatisfied : 0U) |
                              (each.may_not_apply ? cedar::kUnmatched : 0U) |
                              (each.may_fail ? cedar::kFailed : 0U);
    out.policies.push_back({static_cast<policy::PolicyNumber>(number),
                            {std::move(each.policy), facts.forbid, std::string(facts.source),
                             facts.line, facts.column},
                            static_cast<cedar::Outcomes>(outcomes),
                            std::move(each.condition),
                            std::move(each.json)});
  }
  return out;
}

Result<OpenAnswer> ask(const PlainQuestion& question, const policy::Engine& engine) {
  Result<Side> principal = read_side("--principal", question.principal);
  if (!principal) return principal.error();
  Result<Side> action = read_side("--action", question.action);
  if (!action) return action.error();
  Result<Side> resource = read_side("--resource", question.resource);
  if (!resource) return resource.error();
  if (!action->type.empty() && !action->id) {
    return Error{ErrorCode::config_value, "an action is given as `Action::\"id\"`, or not at all",
                 "--action", 0, 0};
  }
  policy::OpenQuestion asked{principal->uid(), action->uid(), resource->uid()};
  if (!question.context.empty()) asked.context_json = question.context;
  Result<policy::OpenAnswer> answer = engine.partial(asked);
  if (!answer) return answer.error();
  return placed(*std::move(answer), engine);
}

}  // namespace

int ask_plainly(const PlainQuestion& question, bool json) {
  const Result<policy::Engine> engine = read_engine(question);
  if (!engine) return fail(engine.error());
  const Result<OpenAnswer> answer = ask(question, *engine);
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
