// The rules of the method table, message by message.
// Tested by tests/governor/methods_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "base/json_writer.hpp"
#include "governor/call.hpp"
#include "governor/inner_requests.hpp"
#include "governor/listen.hpp"
#include "governor/snapshot.hpp"
#include "wire/document.hpp"
#include "wire/splice.hpp"

namespace mcpgov::detail {

namespace {

void allow(Call& call) {
  call.facts.allowed = true;
  call.facts.reason = ErrorCode::none;
}

void deny(Call& call, ErrorCode reason) {
  call.facts.allowed = false;
  call.facts.reason = reason;
}

// The one line that an approver reads. Names are quoted by the host's user interface, not here.
void require_approval(Call& call) {
  Arena& arena = call.bench.arena;
  const std::string_view prompt =
      arena.concat({call.caller->issuer, "#", call.caller->subject, " calls ", call.facts.target,
                    " on ", call.session.options().server});
  Step* const step = arena.create<Step>(StepKind::approval, 1U, prompt);
  call.facts.steps = {step, 1};
  call.facts.waived = false;
  deny(call, ErrorCode::approval_required);
}

void judge_tool_call(Call& call) {
  const wire::Message& message = *call.message;
  const ErrorCode asked =
      ask(call, {message.method, message.target.kind, message.target.name, true});
  if (asked != ErrorCode::none) return deny(call, asked);
  const auto& approvals = call.pin.server->settings.approvals;
  const bool gated =
      std::find(approvals.begin(), approvals.end(), message.target.name) != approvals.end();
  // Observe mode waives what policies say, not what people have to.
  if (gated && !call.approved) return require_approval(call);
  call.facts.allowed = true;
}

void judge_decided(Call& call) {
  const wire::Message& message = *call.message;
  if (message.method == wire::Method::tools_call) return judge_tool_call(call);
  if (message.method == wire::Method::subscriptions_listen) return judge_listen(call);
  if (message.target.kind == wire::TargetKind::task &&
      !call.session.owns_task(message.target.name, *call.caller)) {
    return deny(call, ErrorCode::not_task_owner);
  }
  const bool with_input = message.method == wire::Method::prompts_get;
  const ErrorCode asked =
      ask(call, {message.method, message.target.kind, message.target.name, with_input});
  if (asked != ErrorCode::none) return deny(call, asked);
  call.facts.allowed = true;
}

Surroundings surroundings(const Call& call) {
  return {call.session, call.pin, call.caller, call.facts.peer, call.facts.started, call.bench};
}

// The server gets the cursor that it gave, and only from the caller it was given to.
void unseal_cursor(Call& call) {
  const wire::Message& message = *call.message;
  const SessionCore& session = call.session;
  const auto cursor = session.governor().cursors().open(
      {session.options().tenant, session.options().server, message.method, call.caller},
      message.cursor);
  if (!cursor) {
    // MCP "Pagination": a cursor that is not valid is an error of the parameters.
    call.refusal.code = ErrorCode::handle_invalid;
    call.refusal.http_status = 400;
    call.refusal.rpc_code = -32602;
    return deny(call, ErrorCode::handle_invalid);
  }
  std::string quoted;
  append_json_string(quoted, *cursor);
  wire::Splice splice(message.raw);
  const wire::Splice::Member member{"cursor", quoted};
  splice.set_members(message.params, {&member, 1});
  if (!splice.apply(call.bench.text)) return deny(call, ErrorCode::internal);
  call.facts.bytes = call.bench.arena.copy(std::string_view(call.bench.text));
  allow(call);
}

// Requests for lists pass, their answers are filtered; notifications are decided here.
void judge_filtered(Call& call) {
  const wire::Message& message = *call.message;
  if (message.has_cursor && seals_cursors(call.session, *call.caller)) return unseal_cursor(call);
  if (message.target.kind == wire::TargetKind::task) {
    if (!call.session.owns_task(message.target.name, *call.caller)) {
      return deny(call, ErrorCode::not_task_owner);
    }
    const ErrorCode asked =
        ask(call, {wire::Method::tasks_get, wire::TargetKind::task, message.target.name, false});
    if (asked != ErrorCode::none) return deny(call, asked);
    simdjson::dom::object params;
    if (wire::params_tree(*call.parser, message).get(params) != simdjson::SUCCESS) {
      return deny(call, ErrorCode::item_unclassified);
    }
    const ErrorCode inner = judge_inner_requests(surroundings(call), params);
    return inner == ErrorCode::none ? allow(call) : deny(call, inner);
  }
  if (message.method != wire::Method::note_resources_updated) return allow(call);
  const ErrorCode asked = ask(
      call, {wire::Method::resources_read, wire::TargetKind::resource, message.target.name, false});
  if (asked != ErrorCode::none) return deny(call, asked);
  call.facts.allowed = true;
}

// A response passes only when it answers an open request of the other side; one of the client, only
// when it comes from the caller who was asked.
void judge_response(Call& call) {
  const bool from_client = call.facts.direction == Direction::from_client;
  const Direction asked_by = from_client ? Direction::from_server : Direction::from_client;
  const auto open =
      call.session.openness(asked_by, call.message->id, from_client ? call.caller : nullptr);
  if (open != SessionCore::Openness::awaiting) return deny(call, ErrorCode::response_unexpected);
  allow(call);
}

// Cancelling what is not open, or no longer, is no fault (MCP, "Cancellation"); cancelling what
// somebody else has asked is.
void judge_cancel(Call& call) {
  const bool from_client = call.facts.direction == Direction::from_client;
  const auto open = call.session.openness(call.facts.direction, call.message->cancelled,
                                          from_client ? call.caller : nullptr);
  if (open == SessionCore::Openness::of_another) return deny(call, ErrorCode::not_request_owner);
  allow(call);
}

void judge_method(Call& call) {
  const auto method = static_cast<std::size_t>(call.message->method);
  switch (call.pin.server->treatments[method]) {
    case Treatment::pass:
      if (call.message->method == wire::Method::note_cancelled) return judge_cancel(call);
      return allow(call);
    case Treatment::filter: return judge_filtered(call);
    case Treatment::decide: return judge_decided(call);
    case Treatment::deny: break;
  }
  deny(call, call.message->method == wire::Method::unknown ? ErrorCode::method_unknown
                                                           : ErrorCode::method_denied);
}

// Session ids are handles that anybody can send. From 2026-07-28 on the field means nothing, but a
// server that goes by it all the same must not get somebody else's.
bool may_use_session(const Call& call) {
  if (call.session.options().transport == Transport::stdio ||
      call.facts.direction != Direction::from_client) {
    return true;
  }
  if (!clear_session(call.http)) return false;
  const std::string_view id = call.facts.protocol_session;
  return id.empty() ||
         call.session.owns_session(id, *call.caller, !wire::is_modern(call.facts.revision));
}

void take_facts(Call& call, const wire::Message& message) {
  VerdictFacts& facts = call.facts;
  facts.kind = message.kind;
  facts.method = message.method;
  facts.revision = message.revision;
  facts.id = message.id;
  facts.method_text = message.method_text;
  facts.raw = message.raw;
  facts.bytes = message.raw;
  if (message.refusal.refused()) return;
  facts.target_kind = message.target.kind;
  facts.target = message.target.name;
  facts.arguments = message.arguments;
  facts.task_augmented = message.task_augmented;
  if (message.method == wire::Method::tools_call) {
    facts.tool_class = audit::ToolClass::unclassified;
  }
}

}  // namespace

void judge(Call& call) {
  if (call.message != nullptr) take_facts(call, *call.message);
  if (call.session.forked()) return deny(call, ErrorCode::forked);
  if (call.message != nullptr && call.message->refusal.refused()) {
    call.refusal = call.message->refusal;
    return deny(call, call.refusal.code);
  }
  if (call.pin.server == nullptr) {
    return deny(call,
                call.pin.tenant_known ? ErrorCode::server_unknown : ErrorCode::tenant_unknown);
  }
  if (call.caller == nullptr) return deny(call, call.caller_error);
  if (!may_use_session(call)) return deny(call, ErrorCode::handle_invalid);
  if (call.message == nullptr) return allow(call);
  if (call.message->kind == wire::Kind::response ||
      call.message->kind == wire::Kind::error_response) {
    return judge_response(call);
  }
  judge_method(call);
}

}  // namespace mcpgov::detail
