// One question to the policies, and the governor's rules on top of their answer.
// Tested by tests/governor/ask_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "governor/call.hpp"
#include "governor/snapshot.hpp"
#include "request/principal.hpp"
#include "wire/document.hpp"

namespace mcpgov::detail {

namespace {

// Whether any policy that failed denies, under the configured rule.
bool errors_deny(const ServerSnapshot& server, std::span<const policy::PolicyError> errors) {
  switch (server.settings.policy_errors) {
    case policy::ErrorRule::cedar: return false;
    case policy::ErrorRule::any: return !errors.empty();
    case policy::ErrorRule::forbid: break;
  }
  return std::any_of(errors.begin(), errors.end(), [&](const policy::PolicyError& error) {
    return server.engine->forbids(error.policy);
  });
}

ErrorCode ruling(const ServerSnapshot& server, const policy::Decision& decision,
                 const Caller& caller) {
  if (decision.effect != policy::Effect::allow) {
    return decision.reasons.empty() ? ErrorCode::policy_denied : ErrorCode::policy_forbidden;
  }
  if (errors_deny(server, decision.errors)) return ErrorCode::policy_error;
  // Checked when policies are loaded, and again here, where nothing can slip past it.
  if (caller.kind == CallerKind::anonymous) {
    const bool named =
        std::any_of(decision.reasons.begin(), decision.reasons.end(),
                    [&](policy::PolicyNumber at) { return server.names_anonymous[at]; });
    if (!named) return ErrorCode::policy_denied;
  }
  return ErrorCode::none;
}

// `Mcp-Param-*` agree with the arguments, as the tool's schema asks (MCP 2026-07-28).
ErrorCode check_param_headers(Call& call, const catalog::Tool* tool) {
  if (tool == nullptr || call.parser == nullptr || call.headers_agreed ||
      call.session.options().transport != Transport::streamable_http ||
      !wire::is_modern(call.message->revision)) {
    return ErrorCode::none;
  }
  const wire::Refusal refusal =
      call.parser->check_param_headers(*call.message, call.http, tool->param_headers);
  if (refusal.refused()) call.refusal = refusal;
  return refusal.code;
}

void show_policies(Call& call, std::span<const policy::PolicyNumber> reasons) {
  auto* const ids = call.bench.arena.array<std::string_view>(reasons.size());
  for (std::size_t at = 0; at < reasons.size(); ++at) {
    ids[at] = call.pin.server->policy_ids[reasons[at]];
  }
  call.facts.policies = {ids, reasons.size()};
}

}  // namespace

Workbench& workbench() {
  thread_local Workbench bench;
  return bench;
}

namespace {

request::SessionFacts session_facts(const SessionCore& session, const Caller* caller,
                                    const Moment& started, std::string_view peer,
                                    std::string_view protocol_session) {
  request::SessionFacts facts;
  // The most trustworthy source first: the host, the issuer of the caller's identity, the
  // transport.
  if (!session.options().id.empty()) {
    facts.id = session.options().id;
    facts.source = "host";
  } else if (caller != nullptr && !caller->agent_session.empty()) {
    facts.id = caller->agent_session;
    facts.source = "agent";
  } else if (!protocol_session.empty()) {
    facts.id = protocol_session;
    facts.source = "transport";
  }
  facts.time_ms = static_cast<std::int64_t>(started.wall_us / 1000);
  facts.source_ip = peer;
  if (caller != nullptr && caller->workload.kind != CallerKind::none) {
    facts.workload = &caller->workload;
  }
  facts.transport = session.options().transport;
  return facts;
}

}  // namespace

Asking::Asking(const SessionCore& session, const Pin& pinned, const Caller* caller,
               const Moment& started, std::string_view peer, std::string_view protocol_session,
               Workbench& bench)
    : pin(pinned),
      symbols(pinned.server->engine->symbols(), bench.arena),
      facts(session_facts(session, caller, started, peer, protocol_session)),
      question(pinned.server->mapping, caller, facts, symbols, bench.scratch) {}

namespace {

request::Question question_of(const Call& call, const request::SessionFacts& facts,
                              policy::RequestSymbols& symbols) {
  const request::Mapping& mapping = call.pin.server->mapping;
  if (call.caller == nullptr || call.principal == nullptr) {
    return {mapping, call.caller, facts, symbols, call.bench.scratch};
  }
  return {mapping, *call.caller, *call.principal, facts, symbols, call.bench.scratch};
}

}  // namespace

Asking::Asking(const Call& call)
    : pin(call.pin),
      symbols(call.pin.server->engine->symbols(), call.bench.arena),
      facts(session_facts(call.session, call.caller, call.facts.started, call.facts.peer,
                          call.facts.protocol_session)),
      question(question_of(call, facts, symbols)) {}

namespace {

ErrorCode ruling_of(Call& call, const policy::Request& request) {
  const ServerSnapshot& server = *call.pin.server;
  const policy::Decision decision = server.engine->authorize(request, call.bench.arena);
  call.errors = decision.errors;
  show_policies(call, decision.reasons);
  return ruling(server, decision, *call.caller);
}

ErrorCode ruling_of_unknown(Call& call, const policy::Request& request) {
  const ServerSnapshot& server = *call.pin.server;
  const policy::Possible possible =
      server.engine->possible(request, server.settings.policy_errors, call.bench.arena);
  return possible.certain ? ErrorCode::none : ErrorCode::policy_denied;
}

// Reviewed annotations alone count. What a tool that is not read-only says nothing about, it may do
// (MCP, ToolAnnotations: destructiveHint is true by default).
void classify(const catalog::Tool& pinned, VerdictFacts& facts) {
  using enum audit::ToolClass;
  const catalog::Hints& hints = pinned.hints;
  facts.open_world = hints.open_world.value_or(false);
  if (hints.read_only.value_or(false)) {
    facts.tool_class = read_only;
  } else if (hints.destructive || hints.read_only) {
    facts.tool_class = hints.destructive.value_or(true) ? destructive : write;
  }
}

}  // namespace

ErrorCode ask(Call& call, const Subject& subject) {
  const ServerSnapshot& server = *call.pin.server;
  request::Call about{.method = subject.method, .target = {subject.kind, subject.target}};
  if (subject.method == wire::Method::tools_call) {
    if (server.pinned) about.pinned = server.pinned->find(subject.target);
    if (call.pin.claimed) about.claimed = call.pin.claimed->find(subject.target);
    if (about.pinned != nullptr) classify(*about.pinned, call.facts);
  }
  // What a template will expand to is not known: it has to be permitted whatever it is.
  about.input_unknown = subject.kind == wire::TargetKind::resource_template;
  simdjson::dom::element arguments;
  if (subject.with_input &&
      wire::arguments_tree(*call.parser, *call.message).get(arguments) == simdjson::SUCCESS) {
    about.arguments = &arguments;
    about.arguments_text = call.message->arguments;
  }
  if (!call.asking) call.asking.emplace(call);
  policy::Request request;
  if (const ErrorCode made = call.asking->question.ask(about, request); made != ErrorCode::none) {
    return made;
  }
  call.facts.reason =
      about.input_unknown ? ruling_of_unknown(call, request) : ruling_of(call, request);
  if (call.facts.reason != ErrorCode::none) {
    if (server.settings.observe_until_us <= call.facts.started.wall_us) return call.facts.reason;
    call.facts.waived = true;
  }
  // Only a caller who may use the tool learns which of its arguments are mirrored in headers.
  return check_param_headers(call, about.pinned != nullptr ? about.pinned : about.claimed);
}

}  // namespace mcpgov::detail
