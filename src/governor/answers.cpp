// What becomes of the answers to governed requests.
// Tested by tests/governor/reply_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/answers.hpp"

#include "base/os_time.hpp"
#include "governor/denials.hpp"
#include "governor/inner_requests.hpp"
#include "governor/lists.hpp"
#include "governor/snapshot.hpp"
#include "wire/document.hpp"

namespace mcpgov::detail {

namespace {

using Object = simdjson::dom::object;

FilteredAnswer withhold(ErrorCode reason) {
  return {.reason = reason};
}

// What `resultType` of 2026-07-28 says; absent means complete (basic, "Result Types").
enum class ResultType { complete, input_required, task, unknown };

ResultType result_type(const Object& result) {
  std::string_view text;
  const auto member = result["resultType"];
  if (member.error() == simdjson::NO_SUCH_FIELD) return ResultType::complete;
  if (member.get(text) != simdjson::SUCCESS) return ResultType::unknown;
  if (text == "complete") return ResultType::complete;
  if (text == "input_required") return ResultType::input_required;
  if (text == "task") return ResultType::task;
  return ResultType::unknown;
}

// Only these methods can come back with requests (MCP 2026-07-28, multi round-trip requests).
bool may_want_input(wire::Method method) noexcept {
  using enum wire::Method;
  return method == tools_call || method == prompts_get || method == resources_read;
}

Surroundings surroundings(const VerdictState& question, Workbench& bench) {
  return {*question.session,   *question.pin,          question.caller.get(),
          question.facts.peer, question.facts.started, bench};
}

// What a result may be, and what it carries for the client: the same for every method.
ErrorCode judge_result(const VerdictState& question, const Object& result, ResultType type,
                       Workbench& bench) {
  const wire::Method method = question.facts.method;
  if (type == ResultType::unknown ||
      (type == ResultType::input_required && !may_want_input(method)) ||
      (type == ResultType::task && method != wire::Method::tools_call)) {
    return ErrorCode::item_unclassified;
  }
  const ErrorCode inner = judge_inner_requests(surroundings(question, bench), result);
  if (inner != ErrorCode::none) return inner;
  // A finished task carries the result of its call (tasks extension, `tasks/get`).
  Object nested;
  if (result["result"].get(nested) != simdjson::SUCCESS) return ErrorCode::none;
  return judge_inner_requests(surroundings(question, bench), nested);
}

// The id of a task that this result creates; empty: none. A result that merely looks like one does
// not claim an id: the call must have asked for a task, or the result must say that it is one.
std::string_view created_task(const VerdictState& question, const Object& result, ResultType type) {
  if (type != ResultType::task && !question.facts.task_augmented) return {};
  std::string_view id;
  if (result["task"]["taskId"].get(id) == simdjson::SUCCESS) return id;
  if (type == ResultType::task && result["taskId"].get(id) == simdjson::SUCCESS) return id;
  return {};
}

ErrorCode bind_task(const VerdictState& question, const Object& result, ResultType type) {
  const std::string_view id = created_task(question, result, type);
  if (id.empty()) {
    return type == ResultType::task ? ErrorCode::item_unclassified : ErrorCode::none;
  }
  const SessionOptions& options = question.session->options();
  TaskOwners& tasks = question.session->governor().tasks();
  const bool mine = tasks.bind(options.tenant, options.server, id, *question.caller);
  return mine ? ErrorCode::none : ErrorCode::not_task_owner;
}

FilteredAnswer filter_result(const VerdictState& question, const wire::Message& message,
                             const Object& result, ResultType type) {
  if (question.facts.method == wire::Method::tools_call) {
    const ErrorCode bound = bind_task(question, result, type);
    if (bound != ErrorCode::none) return withhold(bound);
  }
  bool failed = false;
  if (result["isError"].get(failed) != simdjson::SUCCESS) failed = false;
  const audit::Outcome outcome = failed ? audit::Outcome::failed
                                 : type == ResultType::input_required
                                     ? audit::Outcome::input_required
                                     : audit::Outcome::completed;
  return {
      .bytes = message.raw, .outcome = outcome, .reason = ErrorCode::none, .tool_error = failed};
}

// -32042 of 2025-11-25 asks the client to open URLs: an elicitation in the clothes of an error.
FilteredAnswer filter_error(const VerdictState& question, const wire::Message& message,
                            Workbench& bench) {
  constexpr std::int64_t kUrlElicitationRequired = -32042;
  simdjson::dom::element whole;
  std::int64_t code = 0;
  const bool read = wire::tree(bench.parser, message).get(whole) == simdjson::SUCCESS &&
                    whole["error"]["code"].get(code) == simdjson::SUCCESS;
  if (!read) return withhold(ErrorCode::item_unclassified);
  if (code == kUrlElicitationRequired) {
    const ErrorCode judged =
        judge_inner_request(surroundings(question, bench), wire::Method::elicitation_create);
    if (judged != ErrorCode::none) return withhold(judged);
  }
  return {.bytes = message.raw,
          .outcome = audit::Outcome::failed,
          .reason = ErrorCode::none,
          .rpc_code = code};
}

void note_revision(const VerdictState& question, const wire::Message& message, Workbench& bench) {
  std::string_view revision;
  const auto result = wire::result_tree(bench.parser, message);
  if (result["protocolVersion"].get(revision) == simdjson::SUCCESS) {
    question.session->negotiate(wire::revision_from(revision));
  }
}

FilteredAnswer filter_by_method(const VerdictState& question, const wire::Message& message,
                                Workbench& bench) {
  Object result;
  if (wire::result_tree(bench.parser, message).get(result) != simdjson::SUCCESS) {
    return withhold(ErrorCode::item_unclassified);
  }
  const ResultType type = result_type(result);
  const ErrorCode judged = judge_result(question, result, type, bench);
  if (judged != ErrorCode::none) return withhold(judged);
  using enum wire::Method;
  switch (question.facts.method) {
    case tools_list:
    case prompts_list:
    case resources_list:
    case resources_templates_list:
    case tasks_list:
      if (question.pin->server->treatments[static_cast<std::size_t>(question.facts.method)] ==
          Treatment::pass) {
        break;
      }
      return filter_list(question, message, bench);
    case initialize: note_revision(question, message, bench); break;
    default: break;
  }
  return filter_result(question, message, result, type);
}

}  // namespace

FilteredAnswer filter_answer(const VerdictState& question, const wire::Message& message,
                             Workbench& bench) {
  FilteredAnswer out = message.refusal.refused() ? withhold(message.refusal.code)
                       : message.kind == wire::Kind::error_response
                           ? filter_error(question, message, bench)
                           : filter_by_method(question, message, bench);
  if (out.outcome != audit::Outcome::withheld) return out;
  // 502: between client and server, somebody could not accept the server's answer (RFC 9110
  // section 15.6.3); a positive code, because MCP reserves the negative ones.
  out.bytes = error_response(question.facts.id.raw, 502, "The answer was withheld", bench.arena);
  return out;
}

audit::Completion completion_of(const FilteredAnswer& answer,
                                const wire::Message& message) noexcept {
  audit::Completion out;
  out.outcome = answer.outcome;
  out.reason = answer.reason;
  out.items = answer.items;
  out.items_removed = answer.removed;
  out.rpc_code = answer.rpc_code;
  out.tool_error = answer.tool_error;
  out.result = message.kind == wire::Kind::error_response ? message.error : message.result;
  out.result_bytes = out.result.size();
  return out;
}

VerdictState* settle_answer(Call& call, const MessageContext& context) {
  const bool from_server = call.facts.direction == Direction::from_server;
  struct Question {
    VerdictState* state;
    ~Question() { abandon(state); }
  } question{call.session.take_awaiting(
      from_server ? Direction::from_client : Direction::from_server, call.message->id)};
  if (question.state == nullptr) {
    call.facts.allowed = false;
    call.facts.reason = ErrorCode::response_unexpected;
    return settle(call, context.pin, context.caller);
  }
  const bool failed = call.message->kind == wire::Kind::error_response;
  FilteredAnswer answer{.bytes = call.message->raw,
                        .outcome = failed ? audit::Outcome::failed : audit::Outcome::completed,
                        .reason = ErrorCode::none};
  if (from_server) answer = filter_answer(*question.state, *call.message, call.bench);
  call.facts.allowed = true;
  call.facts.bytes = answer.bytes;
  call.facts.reason = answer.reason;
  std::copy(std::begin(question.state->facts.record_id), std::end(question.state->facts.record_id),
            std::begin(call.facts.record_id));
  VerdictState* const state = seal(call.facts);
  state->session = call.session.shared_from_this();
  // Over HTTP there is an answer to this answer, so that a host may ask for its reply.
  state->pin = context.pin;
  state->caller = context.caller;
  audit::Completion completion = completion_of(answer, *call.message);
  completion.reply_bytes = answer.bytes.size();
  call.session.finish(std::exchange(question.state, nullptr), completion);
  return state;
}

}  // namespace mcpgov::detail
