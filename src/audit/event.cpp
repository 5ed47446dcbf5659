// The canonical JSON of a governed message.
// Tested by tests/audit/event_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/event.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>

#include "audit/frame.hpp"
#include "audit/record_members.hpp"
#include "base/json_buffer.hpp"
#include "base/utf8.hpp"
#include "wire/spans.hpp"

namespace mcpgov::audit {

namespace {

// What is left out, one after the other, until the event fits: what callers can make long first,
// who did what and what was decided never. `texts` cuts every string that is left.
enum Cut : std::size_t {
  result_value,
  arguments_value,
  result,
  arguments,
  credential,
  limits,
  policy_errors,
  policies,
  standing,
  trace_state,
  texts,
  kCuts,
};
constexpr std::array<std::string_view, kCuts> kCutNames = {
    "result.value",  "arguments.value", "result",   "arguments",   "credential", "limits",
    "policy_errors", "policies",        "standing", "trace.state", "texts"};

// With `texts`, 30 strings of this size at their longest, six bytes for one, are within
// kMaxPayload.
constexpr std::size_t kTextBytes = 256;

// The first `bytes` of a text, without half a character at the end.
std::string_view first_bytes(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

// One event under one choice of what is left out. cuts: how many of kCutNames.
class Emitter {
 public:
  Emitter(const Event& event, std::size_t cuts, std::span<char> memory)
      : event_(event), record_(*event.record), cuts_(cuts), out_(memory) {}

  const JsonBuffer& emit() {
    head();
    caller();
    session();
    trace();
    decision();
    if (!record_.limits.empty() && !left_out(limits)) out_.raw("limits", record_.limits);
    if (!record_.credential.empty() && !left_out(credential)) {
      out_.raw("credential", record_.credential);
    }
    content("arguments", event_.arguments, arguments_value, arguments);
    content("result", event_.result, result_value, result);
    if (event_.kind == EventKind::final) completion();
    if (event_.waited) out_.boolean("waited", true);
    if (event_.reconstructed) out_.boolean("reconstructed", true);
    if (cuts_ != 0) {
      out_.open_array("cut");
      for (std::size_t at = 0; at < cuts_; ++at) out_.element(kCutNames[at]);
      out_.close_array();
    }
    out_.finish();
    return out_;
  }

 private:
  bool left_out(Cut what) const { return what < cuts_; }

  std::string_view cut(std::string_view text) const {
    return left_out(texts) ? first_bytes(text, kTextBytes) : text;
  }
  void text(std::string_view key, std::string_view value) { out_.string(key, cut(value)); }
  void text_if(std::string_view key, std::string_view value) {
    if (!value.empty()) text(key, value);
  }

  void head() {
    out_.number("v", 1);
    out_.plain("kind", event_.kind == EventKind::intent ? "intent" : "call");
    text("id", record_.id);
    out_.time("time", record_.time_us);
    text_if("tenant", record_.tenant);
    text_if("server", record_.server);
    text("transport", record_.transport);
    text("direction", record_.direction);
    text_if("protocol", record_.protocol);
    text_if("method", record_.method);
    text_if("target", record_.target);
    text_if("target_kind", record_.target_kind);
    if (record_.tool_class != ToolClass::none) {
      out_.open_object("tool");
      out_.plain("class", class_name(record_.tool_class));
      if (record_.open_world) out_.boolean("open_world", true);
      out_.close_object();
    }
    // A governor's is at most 256 bytes; of JSON text a part would be none.
    if (!record_.request_id.empty() && record_.request_id.size() <= kTextBytes) {
      out_.raw("request_id", record_.request_id);
    }
  }

  void caller() {
    out_.open_object("caller");
    const Caller* const caller = record_.caller;
    out_.plain("kind", kind_name(caller == nullptr ? CallerKind::none : caller->kind));
    if (caller != nullptr) {
      text_if("issuer", caller->issuer);
      text_if("subject", caller->subject);
      text_if("client", caller->client);
      if (!left_out(standing)) append_standing(out_, *caller);
    }
    text_if("claimed", record_.client);
    out_.close_object();
  }

  // The agent's session, where somebody vouches for one; the connection's is only a claim.
  void session() {
    const bool known = record_.caller != nullptr && !record_.caller->agent_session.empty();
    const std::string_view id = known ? record_.caller->agent_session : record_.session;
    if (!id.empty()) {
      out_.open_object("session");
      text("id", id);
      text("source", known ? record_.caller->agent_session_source : std::string_view("claim"));
      out_.close_object();
    }
    if (known && record_.session != id) text_if("connection", record_.session);
    text_if("peer", record_.peer);
  }

  void trace() {
    const Trace& trace = record_.trace;
    if (trace.trace_id.empty()) return;
    out_.open_object("trace");
    text("trace_id", trace.trace_id);
    text("span_id", trace.span_id);
    text_if("parent_id", trace.parent_id);
    if (!left_out(trace_state)) text_if("state", trace.state);
    out_.number("flags", trace.flags);
    out_.close_object();
  }

  void decision() {
    out_.open_object("decision");
    out_.plain("effect", record_.decision ? "allow" : "deny");
    out_.boolean("allowed", record_.allowed);
    out_.boolean("enforced", record_.enforced);
    out_.plain("reason", code_name(record_.reason));
    if (!left_out(policies)) strings_if(out_, "policies", record_.policies);
    if (!left_out(policy_errors)) strings_if(out_, "policy_errors", record_.policy_errors);
    text_if("approver", record_.approver);
    text("snapshot", record_.snapshot);
    text_if("policy_digest", record_.policy_digest);
    out_.number("latency_ns", record_.decided_ns);
    out_.close_object();
  }

  void content(std::string_view key, const Captured& captured, Cut value, Cut whole) {
    if (captured.json.empty() || left_out(whole)) return;
    if (!left_out(value)) return out_.raw(key, captured.json);
    out_.open_object(key);
    wire::MemberSpans members(captured.json);
    for (wire::MemberSpans::Member member; members.next(member);) {
      const std::string_view name = member.key.substr(1, member.key.size() - 2);
      if (name != "value" && name != "sealed" && name.size() <= 32) out_.raw(name, member.value);
    }
    out_.close_object();
  }

  void completion() {
    static constexpr Completion kNone;
    const Completion& done = event_.completion == nullptr ? kNone : *event_.completion;
    out_.plain("outcome", outcome_name(done.outcome));
    if (done.reason != ErrorCode::none) out_.plain("outcome_reason", code_name(done.reason));
    if (done.rpc_code != 0) out_.integer("rpc_code", done.rpc_code);
    if (done.tool_error) out_.boolean("tool_error", true);
    out_.number("latency_ns", done.latency_ns);
    if (done.reply_bytes != 0) out_.number("reply_bytes", done.reply_bytes);
    if (done.items != 0) out_.number("items", done.items);
    if (done.items_removed != 0) out_.number("items_removed", done.items_removed);
  }

  const Event& event_;
  const Record& record_;
  std::size_t cuts_;
  JsonBuffer out_;
};

}  // namespace

void append_event(std::string& out, const Event& event) {
  static constexpr std::size_t kMemory = kMaxPayload + JsonBuffer::kSlack;
  thread_local const auto memory = std::make_unique<char[]>(kMemory);
  for (std::size_t cuts = 0; cuts <= kCuts; ++cuts) {
    Emitter emitter(event, cuts, {memory.get(), kMemory});
    const JsonBuffer& done = emitter.emit();
    if (!done.overflowed()) return static_cast<void>(out.append(done.text()));
  }
}

}  // namespace mcpgov::audit
