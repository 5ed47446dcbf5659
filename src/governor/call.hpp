// One message on its way to a verdict.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "governor/session_core.hpp"
#include "governor/verdict_state.hpp"
#include "policy/request.hpp"
#include "request/mapping.hpp"

namespace mcpgov::detail {

// What a thread keeps between messages. reset() comes before a verdict is returned.
struct Workbench {
  wire::Parser parser;
  Arena arena;
  std::string text;  // for filtered messages
  request::Scratch scratch;
};
Workbench& workbench();

struct Call;

// The questions of one caller about one message: one for a call, one per item of a list.
struct Asking {
  Asking(const SessionCore& session, const Pin& pin, const Caller* caller, const Moment& started,
         std::string_view peer, std::string_view protocol_session, Workbench& bench);
  // The question of the call itself.
  explicit Asking(const Call& call);
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

  const Pin& pin;
  policy::RequestSymbols symbols;
  request::SessionFacts facts;
  request::Question question;
};

// Everything one decision needs, borrowed for the call, and what came of it.
struct Call {
  SessionCore& session;
  const Pin& pin;
  const Caller* caller = nullptr;  // null: there is none, and caller_error says why
  const request::PreparedPrincipal* principal = nullptr;  // the caller's; null: none is prepared
  ErrorCode caller_error = ErrorCode::caller_missing;
  const wire::Message* message = nullptr;  // null: a request without a body
  const wire::Parser* parser = nullptr;
  HttpHead http = {};
  bool approved = false;
  std::string_view approver = {};
  bool headers_agreed = false;  // they were compared when the message came first
  const identity::Identification* identification =
      nullptr;                      // of the credentials, if there were any
  std::string_view challenge = {};  // of a denial that scopes would lift
  Workbench& bench;

  std::optional<Asking> asking = {};  // made by the first ask()
  VerdictFacts facts = {};
  wire::Refusal refusal = {};  // of the wire, when that is the reason
  std::span<const policy::PolicyError> errors = {};
};

// The value of the first field of that name, given in lower case; empty: there is none.
std::string_view first_field(const HttpHead& http, std::string_view name) noexcept;

// The session id that the client claims (`Mcp-Session-Id`), at most 256 bytes; empty: none.
std::string_view claimed_session(const HttpHead& http) noexcept;
// Whether everybody reads the same id: one field at most, of visible ASCII (MCP, "Session
// Management"), and no longer than what is compared.
bool clear_session(const HttpHead& http) noexcept;

// Whether the cursors of this caller are sealed: those of callers whom the library has verified.
// A host that says who calls also keeps its handles.
inline bool seals_cursors(const SessionCore& session, const Caller& caller) noexcept {
  return session.options().transport != Transport::stdio &&
         caller.evidence.kind >= EvidenceKind::token;
}

// Decides: sets facts.allowed and facts.reason, and what goes with them. Throws: std::bad_alloc.
void judge(Call& call);

// One question to the policies of the server, without the method's other rules: none when they
// permit it. Sets facts.policies, facts.waived and errors. Throws: std::bad_alloc.
struct Subject;
ErrorCode ask(Call& call, const Subject& subject);

// What is asked about.
struct Subject {
  wire::Method method = wire::Method::unknown;
  wire::TargetKind kind = wire::TargetKind::none;
  std::string_view target = {};
  bool with_input = false;  // the arguments of call.message are the context's input
};

// Whether further scopes, and which, would allow a request that policy denies (step-up). Only for
// what the caller may list: anybody else must not learn that it exists. Sets facts.reason and
// challenge. Throws: std::bad_alloc.
void consider_step_up(Call& call);

// A message that waited for its record goes on.
void open_gate(VerdictState& state) noexcept;

// Opens the record of the decision, or writes it closed when the message ends here.
// Returns none, or why the sink refused. Throws: std::bad_alloc.
ErrorCode open_record(Call& call, const audit::Completion* closed);

// The record of a message that was denied because memory ran out: what can be said without any.
void record_exhaustion(const SessionCore& session, Direction direction) noexcept;

}  // namespace mcpgov::detail
