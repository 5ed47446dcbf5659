// The rules of the method table, message by message.
// Tested by tests/governor/methods_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "governor/call.hpp"
#include "governor/listen.hpp"
#include "governor/snapshot.hpp"

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

bool is_task_method(wire::Method method) noexcept {
  using enum wire::Method;
  return method == tasks_get || method == tasks_result || method == tasks_cancel ||
         method == tasks_update || method == note_tasks || method == note_tasks_status;
}

bool owns_task(const Call& call, std::string_view task) {
  const SessionOptions& options = call.session.options();
  return call.session.governor().tasks().owns(options.tenant, options.server, task, *call.caller);
}

// The one line that an approver reads. Names are quoted by the host's user interface, not here.
void require_approval(Call& call) {
  Arena& arena = call.bench.arena;
  const std::string_view parts[] = {
      call.caller->issuer, "#",    call.caller->subject,         " calls ",
      call.facts.target,   " on ", call.session.options().server};
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  char* const text = arena.array<char>(size);
  char* at = text;
  for (const std::string_view part : parts) {
    if (!part.empty()) std::memcpy(at, part.data(), part.size());
    at += part.size();
  }
  Step* const step = arena.create<Step>(StepKind::approval, 1U, std::string_view(text, size));
  call.facts.steps = {step, 1};
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
  if (gated && !call.approved && !call.facts.waived) return require_approval(call);
  call.facts.allowed = true;
}

void judge_decided(Call& call) {
  const wire::Message& message = *call.message;
  if (message.method == wire::Method::tools_call) return judge_tool_call(call);
  if (message.method == wire::Method::subscriptions_listen) return judge_listen(call);
  if (is_task_method(message.method) && !owns_task(call, message.target.name)) {
    return deny(call, ErrorCode::not_task_owner);
  }
  const bool with_input = message.method == wire::Method::prompts_get;
  const ErrorCode asked =
      ask(call, {message.method, message.target.kind, message.target.name, with_input});
  if (asked != ErrorCode::none) return deny(call, asked);
  call.facts.allowed = true;
}

// Requests for lists pass, their answers are filtered; notifications are decided here.
void judge_filtered(Call& call) {
  const wire::Message& message = *call.message;
  if (is_task_method(message.method)) {
    if (!owns_task(call, message.target.name)) return deny(call, ErrorCode::not_task_owner);
    return allow(call);
  }
  if (message.method != wire::Method::note_resources_updated) return allow(call);
  const ErrorCode asked = ask(
      call, {wire::Method::resources_read, wire::TargetKind::resource, message.target.name, false});
  if (asked != ErrorCode::none) return deny(call, asked);
  call.facts.allowed = true;
}

// A response passes only when it answers an open request of the other side.
void judge_response(Call& call) {
  const Direction asked_by = call.facts.direction == Direction::from_client
                                 ? Direction::from_server
                                 : Direction::from_client;
  if (!call.session.is_open(asked_by, call.message->id)) {
    return deny(call, ErrorCode::response_unexpected);
  }
  allow(call);
}

void judge_method(Call& call) {
  const auto method = static_cast<std::size_t>(call.message->method);
  switch (call.pin.server->treatments[method]) {
    case Treatment::pass: return allow(call);
    case Treatment::filter: return judge_filtered(call);
    case Treatment::decide: return judge_decided(call);
    case Treatment::deny: break;
  }
  deny(call, call.message->method == wire::Method::unknown ? ErrorCode::method_unknown
                                                           : ErrorCode::method_denied);
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
  facts.related_task = message.related_task;
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
  if (call.message == nullptr) return allow(call);
  if (call.message->kind == wire::Kind::response ||
      call.message->kind == wire::Kind::error_response) {
    return judge_response(call);
  }
  judge_method(call);
}

}  // namespace mcpgov::detail
