// A stored event, read back: what projections and reports are made of.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/result.hpp"

namespace mcpgov::audit {

struct ParsedParty {
  std::string_view kind;
  std::string_view issuer;
  std::string_view subject;
};

// What is stored of arguments or result. json: all of it, as stored; empty: nothing. value, sealed,
// keys, found: JSON text, or empty.
struct ParsedContent {
  std::string_view json;
  std::uint64_t bytes = 0;
  std::uint64_t tokens = 0;
  std::string_view digest;
  std::string_view value;
  std::string_view sealed;
  std::string_view keys;
  std::string_view found;
  bool cut = false;
};

// docs/audit-format.md. What an event does not say is empty, zero or false. Views point into the
// text that was read, or into the parser where the text had escapes.
struct ParsedEvent {
  std::string_view text;  // the event itself
  std::string_view log;   // of which log it is the seq-th leaf; of the reader, or of an export
  std::uint64_t seq = 0;
  bool names_log = false;  // the text has a member `log`, as the first record of a log does

  std::string_view kind;  // call, intent, or of another frame: config, heartbeat, loss, …
  std::string_view id;
  std::string_view time;  // as stored
  std::uint64_t time_us = 0;
  std::string_view tenant;
  std::string_view server;
  std::string_view transport;
  std::string_view direction;
  std::string_view protocol;
  std::string_view method;
  std::string_view target;
  std::string_view target_kind;
  std::string_view tool_class;
  bool open_world = false;
  std::string_view request_id;  // JSON text

  ParsedParty caller;
  std::string_view client;
  std::string_view claimed;
  std::vector<ParsedParty> actors;  // outermost first
  ParsedParty workload;
  std::string_view token_id;
  std::string_view session;
  std::string_view session_source;
  std::string_view connection;
  std::string_view peer;

  std::string_view trace_id;
  std::string_view span_id;
  std::string_view parent_id;
  std::string_view trace_state;
  std::uint64_t trace_flags = 0;

  bool decided_allow = false;
  bool allowed = false;
  bool enforced = true;
  std::string_view reason;
  std::vector<std::string_view> policies;
  std::vector<std::string_view> policy_errors;
  std::string_view approver;
  std::string_view snapshot;
  std::string_view policy_digest;
  std::uint64_t decision_ns = 0;

  std::string_view limits;      // JSON text
  std::string_view credential;  // JSON text
  ParsedContent arguments;
  ParsedContent result;

  std::string_view outcome;
  std::string_view outcome_reason;
  std::int64_t rpc_code = 0;
  bool tool_error = false;
  std::uint64_t latency_ns = 0;
  std::uint64_t reply_bytes = 0;
  std::uint64_t items = 0;
  std::uint64_t items_removed = 0;
  bool waited = false;
  bool reconstructed = false;
  std::vector<std::string_view> cut;

  bool is_call() const noexcept { return kind == "call"; }
  bool is_message() const noexcept { return kind == "call" || kind == "intent"; }
};

// How the text of an event stands: as a log stores it, or as an export or another program may have
// written it again, with the members in any order, `log` and `seq` among them, and any escapes.
enum class EventForm : std::uint8_t { stored, exported };

// Reads events, also such as an attacker may have written: text that is no event is refused, and
// none is understood in two ways (no member twice) or, if stored, breaks a line or steers a
// terminal. Members that are not known are passed over. Of events that are not about a message only
// v, kind and time are read. Threads: one thread.
class EventParser {
 public:
  EventParser();
  EventParser(EventParser&&) noexcept;
  EventParser& operator=(EventParser&&) noexcept;
  ~EventParser();

  // text: borrowed by out, which lives until the next call. At most kMaxPayload bytes, if exported
  // four times as many.
  // Returns none, or audit_damaged with out unspecified. Throws: std::bad_alloc.
  ErrorCode parse(std::string_view text, ParsedEvent& out, EventForm form = EventForm::stored);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mcpgov::audit
