// Requests to the client that travel inside other messages.
// Tested by tests/governor/reply_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/inner_requests.hpp"

#include "governor/snapshot.hpp"

namespace mcpgov::detail {

namespace {

ErrorCode decide(Call& call, wire::Method method) {
  switch (call.pin.server->treatments[static_cast<std::size_t>(method)]) {
    case Treatment::pass: return ErrorCode::none;
    case Treatment::decide: return ask(call, {method, wire::TargetKind::none, {}, false});
    default: return ErrorCode::method_denied;
  }
}

}  // namespace

ErrorCode judge_inner_request(const Surroundings& around, wire::Method method) {
  Call call{.session = around.session, .pin = around.pin, .bench = around.bench};
  call.caller = around.caller;
  call.facts.direction = Direction::from_server;
  call.facts.method = method;
  call.facts.method_text = wire::method_row(method).name;
  call.facts.peer = around.peer;
  call.facts.started = around.started;
  const ErrorCode decided = decide(call, method);
  call.facts.allowed = decided == ErrorCode::none;
  // A waived denial keeps its reason.
  if (!call.facts.waived) call.facts.reason = decided;
  audit::Completion completion;
  completion.outcome = call.facts.allowed ? audit::Outcome::completed : audit::Outcome::denied;
  completion.reason = decided;
  const ErrorCode recorded = open_record(call, &completion);
  const bool required =
      around.pin.snapshot->config.audit.on_failure[0] != OnAuditFailure::allow_marked;
  return decided == ErrorCode::none && required ? recorded : decided;
}

ErrorCode judge_inner_requests(const Surroundings& around, const simdjson::dom::object& holder) {
  const auto member = holder["inputRequests"];
  if (member.error() == simdjson::NO_SUCH_FIELD) return ErrorCode::none;
  simdjson::dom::object requests;
  if (member.get(requests) != simdjson::SUCCESS) return ErrorCode::item_unclassified;
  for (const auto [key, value] : requests) {
    std::string_view name;
    if (value["method"].get(name) != simdjson::SUCCESS) return ErrorCode::item_unclassified;
    const wire::Method method = wire::method_from(name);
    using enum wire::Method;
    if (method != elicitation_create && method != sampling_create_message && method != roots_list) {
      return ErrorCode::item_unclassified;
    }
    const ErrorCode judged = judge_inner_request(around, method);
    if (judged != ErrorCode::none) return judged;
  }
  return ErrorCode::none;
}

}  // namespace mcpgov::detail
