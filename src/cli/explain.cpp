// Why a message is decided as it is.
// Tested by tests/cli/command_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/explain.hpp"

#include "base/arena.hpp"
#include "policy/cedar/engine.hpp"
#include "request/mapping.hpp"
#include "request/render.hpp"
#include "wire/document.hpp"

namespace mcpgov::cli {

namespace {

NamedPolicy named(const policy::cedar::Engine& engine, policy::PolicyNumber number) {
  const policy::PolicyFacts facts = engine.policy(number);
  return {std::string(facts.id), facts.forbid, std::string(facts.source), facts.line, facts.column};
}

request::SessionFacts session_facts(const Circumstances& given) {
  request::SessionFacts facts;
  facts.time_ms = static_cast<std::int64_t>(given.now_us / 1000);
  facts.source_ip = given.peer;
  facts.transport = given.transport;
  return facts;
}

// What the message asks for: the tool's facts, and arguments where a policy may read them.
request::Call call_about(const wire::Message& message, const Circumstances& given) {
  request::Call call{.method = message.method, .target = message.target};
  // An update of a resource is shown to whoever may read it.
  if (message.method == wire::Method::note_resources_updated) {
    call.method = wire::Method::resources_read;
  }
  if (message.method == wire::Method::tools_call) {
    if (given.server.pinned) call.pinned = given.server.pinned->find(message.target.name);
    if (given.claimed != nullptr) call.claimed = given.claimed->find(message.target.name);
  }
  return call;
}

bool with_arguments(wire::Method method) noexcept {
  return method == wire::Method::tools_call || method == wire::Method::prompts_get;
}

std::vector<FailedPolicy> failures_of(const policy::cedar::Engine& engine,
                                      const policy::Decision& decision) {
  std::vector<FailedPolicy> out;
  for (const policy::PolicyError& error : decision.errors) {
    out.push_back(
        {named(engine, error.policy), error.code, policy::cedar::error_text(engine, error)});
  }
  return out;
}

}  // namespace

std::optional<Explanation> explain(std::string_view body, std::size_t index,
                                   const Circumstances& given) {
  wire::Parser parser;
  const wire::Batch batch = parser.parse(body, {.direction = given.direction,
                                                .transport = given.transport,
                                                .negotiated = wire::Revision::none,
                                                .http = given.http,
                                                .limits = given.limits});
  if (batch.refusal.refused() || index >= batch.messages.size()) return {};
  const wire::Message& message = batch.messages[index];
  const auto method = static_cast<std::size_t>(message.method);
  const bool updated = message.method == wire::Method::note_resources_updated;
  if (message.refusal.refused() || given.caller == nullptr ||
      (given.server.treatments[method] != Treatment::decide && !updated)) {
    return {};
  }
  request::Call call = call_about(message, given);
  simdjson::dom::element arguments;
  if (with_arguments(message.method) &&
      wire::arguments_tree(parser, message).get(arguments) == simdjson::SUCCESS) {
    call.arguments = &arguments;
    call.arguments_text = message.arguments;
  }
  Arena arena;
  request::Scratch scratch;
  const policy::cedar::Engine& engine = *given.server.engine;
  policy::RequestSymbols symbols(engine.symbols(), arena);
  const request::SessionFacts facts = session_facts(given);
  request::Question question(given.server.mapping, given.caller, facts, symbols, scratch,
                             request::Detail::everything);
  policy::Request request;
  if (question.ask(call, request) != ErrorCode::none) return {};
  Explanation out;
  out.question = request::render(request, engine.entities());
  out.failures = failures_of(engine, engine.authorize(request, arena));
  return out;
}

NamedPolicy find_policy(const detail::ServerSnapshot& server, std::string_view id) {
  for (policy::PolicyNumber number = 0; number < server.engine->policy_count(); ++number) {
    if (server.policy_ids[number] == id) return named(*server.engine, number);
  }
  return {std::string(id), false, {}, 0, 0};
}

}  // namespace mcpgov::cli
