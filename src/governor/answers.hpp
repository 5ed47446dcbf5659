// Messages on their way: the facts around a message, and what becomes of answers.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "governor/call.hpp"

namespace mcpgov::detail {

// What all messages of one body have in common. Borrowed.
struct MessageContext {
  SessionCore& session;
  const std::shared_ptr<const Pin>& pin;
  const std::shared_ptr<const Caller>& caller;
  const request::PreparedPrincipal* principal = nullptr;  // the caller's; null: none is prepared
  ErrorCode caller_error = ErrorCode::none;
  Workbench& bench;
  HttpHead http = {};
  std::string_view peer = {};
  Direction direction = Direction::from_client;
  Moment started = {};
  std::string_view protocol_session = {};
  bool approved = false;
  std::string_view approver = {};
  bool headers_agreed = false;
  ErrorCode refused = ErrorCode::none;  // an approval that was not given
  // What the verifier says of credentials that were looked at; null: none were.
  const identity::Identification* identification = nullptr;
  const Incoming* incoming = nullptr;  // whose credentials these are
};

// Decides one message, records it and gives its verdict; a null message is one refused as a whole.
// Throws: std::bad_alloc.
VerdictState* decide_message(const MessageContext& context, const wire::Message* message,
                             const wire::Refusal& refusal);

// The same for GET and DELETE of the legacy HTTP transports, which carry no message.
VerdictState* decide_bodyless(const MessageContext& context, const wire::ParseContext& parse);
inline bool bodyless(const HttpHead& http, Direction direction) noexcept {
  return !http.method.empty() && http.method != "POST" && direction == Direction::from_client;
}

// Owns a state until it is handed on, so that an exception leaves no record and no table entry.
struct Holder {
  VerdictState* state = nullptr;
  ~Holder() { abandon(state); }
  VerdictState* give() noexcept { return std::exchange(state, nullptr); }
};

// Denial or admission of a judged call: table, record, block. Throws: std::bad_alloc.
VerdictState* settle(Call& call, const std::shared_ptr<const Pin>& pin,
                     const std::shared_ptr<const Caller>& caller);

// The verdict about a response whose question is open: filters it by that question's rules and
// closes its record. Throws: std::bad_alloc.
VerdictState* settle_answer(Call& call, const MessageContext& context);

// What a filter made of an answer. bytes: in the arena, or the message's own.
struct FilteredAnswer {
  std::string_view bytes = {};
  audit::Outcome outcome = audit::Outcome::withheld;
  ErrorCode reason = ErrorCode::internal;
  std::uint32_t removed = 0;
  std::uint32_t items = 0;    // of a list, as the server sent it
  std::int64_t rpc_code = 0;  // of an error
  bool tool_error = false;    // `isError`
};

// What the record says of an answer. message: whose result or error it is; shown, not copied.
audit::Completion completion_of(const FilteredAnswer& answer,
                                const wire::Message& message) noexcept;

// Filters the answer to `question`: lists by policy and owner, requests inside of results, tasks
// bound to their creator; what cannot be classified is replaced by an error with the same id.
// message: of the parser's last parse. Throws: std::bad_alloc.
FilteredAnswer filter_answer(const VerdictState& question, const wire::Message& message,
                             Workbench& bench);

}  // namespace mcpgov::detail
