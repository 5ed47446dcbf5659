// The JSON form of a record.
// Tested by tests/audit/record_json_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/record_json.hpp"

#include "audit/record_members.hpp"
#include "base/json_writer.hpp"
#include "base/os_time.hpp"
#include "wire/spans.hpp"

namespace mcpgov::audit {

std::string_view outcome_name(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::unknown: return "unknown";
    case Outcome::denied: return "denied";
    case Outcome::completed: return "completed";
    case Outcome::failed: return "failed";
    case Outcome::withheld: return "withheld";
    case Outcome::abandoned: return "abandoned";
    case Outcome::pending: return "pending";
    case Outcome::cancelled: return "cancelled";
    case Outcome::input_required: return "input_required";
  }
  return "unknown";
}

std::string_view class_name(ToolClass tool_class) noexcept {
  switch (tool_class) {
    case ToolClass::none: return "none";
    case ToolClass::unclassified: return "unclassified";
    case ToolClass::read_only: return "read_only";
    case ToolClass::write: return "write";
    case ToolClass::destructive: return "destructive";
  }
  return "none";
}

namespace {

void time(JsonWriter& out, std::string_view key, std::uint64_t time_us) {
  char text[kTimestampSize];
  write_timestamp(time_us, text);
  out.string(key, {text, sizeof text});
}

// The identity and its evidence; never claims, whose values are the caller's own business.
void append_caller(JsonWriter& out, const Caller* caller) {
  out.open_object("caller");
  out.string("kind", kind_name(caller == nullptr ? CallerKind::none : caller->kind));
  if (caller != nullptr) {
    string_if(out, "issuer", caller->issuer);
    string_if(out, "subject", caller->subject);
    string_if(out, "client", caller->client);
    string_if(out, "agent_session", caller->agent_session);
    string_if(out, "agent_session_source", caller->agent_session_source);
    append_standing(out, *caller);
  }
  out.close_object();
}

// The names of members are JSON text already, as sent.
void append_arguments(JsonWriter& out, std::string_view arguments, LineArguments wanted) {
  if (arguments.empty() || wanted == LineArguments::none) return;
  if (wanted == LineArguments::full) return out.raw("arguments", arguments);
  std::string names = "[";
  wire::MemberSpans members(arguments);
  for (wire::MemberSpans::Member member; members.next(member);) {
    if (names.size() > 1) names += ',';
    names.append(member.key);
  }
  names += ']';
  out.raw("arguments", names);
}

void append_completion(JsonWriter& out, const Completion& completion) {
  out.string("outcome", outcome_name(completion.outcome));
  if (completion.reason != ErrorCode::none) {
    out.string("outcome_reason", code_name(completion.reason));
  }
  out.number("latency_ns", completion.latency_ns);
  if (completion.reply_bytes != 0) out.number("reply_bytes", completion.reply_bytes);
  if (completion.items_removed != 0) out.number("items_removed", completion.items_removed);
}

}  // namespace

void append_decision(std::string& line, const Record& record, const Completion* closed) {
  JsonWriter out(line);
  out.string("event", "decision");
  out.string("id", record.id);
  time(out, "time", record.time_us);
  append_caller(out, record.caller);
  string_if(out, "session", record.session);
  string_if(out, "tenant", record.tenant);
  out.string("server", record.server);
  out.string("transport", record.transport);
  out.string("direction", record.direction);
  string_if(out, "method", record.method);
  string_if(out, "target", record.target);
  if (!record.request_id.empty()) out.raw("request_id", record.request_id);
  out.number("arguments_bytes", record.arguments_bytes);
  append_arguments(out, record.arguments, record.line_arguments);
  out.string("decision", record.decision ? "allow" : "deny");
  out.boolean("allowed", record.allowed);
  out.boolean("enforced", record.enforced);
  out.string("reason", code_name(record.reason));
  strings_if(out, "policies", record.policies);
  strings_if(out, "policy_errors", record.policy_errors);
  string_if(out, "approver", record.approver);
  out.string("snapshot", record.snapshot);
  out.number("decided_ns", record.decided_ns);
  if (closed != nullptr) append_completion(out, *closed);
  out.finish();
}

void append_lost(std::string& line, std::uint64_t outcomes) {
  JsonWriter out(line);
  out.string("event", "lost");
  out.number("outcomes", outcomes);
  out.finish();
}

void append_outcome(std::string& line, const Ticket& ticket, const Completion& completion) {
  JsonWriter out(line);
  out.string("event", "outcome");
  out.string("id", {ticket.id, sizeof ticket.id});
  time(out, "time", completion.time_us);
  append_completion(out, completion);
  out.finish();
}

}  // namespace mcpgov::audit
