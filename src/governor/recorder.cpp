// From a decision to its record.
// Tested by tests/governor/record_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "base/os_fork.hpp"
#include "base/os_time.hpp"
#include "crypto/random.hpp"
#include "governor/call.hpp"
#include "governor/shown_target.hpp"
#include "governor/snapshot.hpp"
#include "governor/trace_context.hpp"

namespace mcpgov::detail {

namespace {

constexpr std::size_t kMethodBytes = 256;
constexpr std::size_t kIdBytes = 256;

constexpr char kHexDigits[] = "0123456789abcdef";

void write_hex(char* out, std::uint64_t value) noexcept {
  for (int at = 15; at >= 0; --at, value >>= 4) out[at] = kHexDigits[value & 0xf];
}

// 64 random bits per thread and process, then a count: unique without touching shared memory.
bool new_record_id(char (&out)[32]) noexcept {
  struct Source {
    char text[32] = {};  // of the last id
    std::uint64_t count = 0;
    std::uint64_t process = ~std::uint64_t{0};
  };
  thread_local Source source;
  if (source.process != fork_generation()) {
    std::uint64_t prefix = 0;
    std::uint8_t bytes[sizeof prefix];
    if (!crypto::random_bytes(bytes)) return false;
    std::memcpy(&prefix, bytes, sizeof bytes);
    write_hex(source.text, prefix);
    source.process = fork_generation();
    source.count = 0;
  }
  // Fifteen of sixteen times only the last digit changes.
  ++source.count;
  if ((source.count & 0xf) == 0 || source.count == 1) write_hex(source.text + 16, source.count);
  source.text[31] = kHexDigits[source.count & 0xf];
  std::memcpy(out, source.text, sizeof out);
  return true;
}

std::string_view transport_name(Transport transport) noexcept {
  switch (transport) {
    case Transport::stdio: return "stdio";
    case Transport::streamable_http: return "streamable_http";
    case Transport::http_sse: return "http_sse";
  }
  return "stdio";
}

std::span<const std::string_view> error_texts(const Call& call) {
  Arena& arena = call.bench.arena;
  auto* const out = arena.array<std::string_view>(call.errors.size());
  for (std::size_t at = 0; at < call.errors.size(); ++at) {
    const policy::PolicyError& error = call.errors[at];
    const std::string_view id = call.pin.server->policy_ids[error.policy];
    out[at] = arena.concat({id, ": ", code_name(error.code)});
  }
  return {out, call.errors.size()};
}

std::string_view target_kind_name(wire::TargetKind kind) noexcept {
  switch (kind) {
    case wire::TargetKind::tool: return "tool";
    case wire::TargetKind::prompt: return "prompt";
    case wire::TargetKind::resource:
    case wire::TargetKind::resource_template: return "resource";
    case wire::TargetKind::task: return "task";
    default: return {};
  }
}

std::string_view direction_name(Direction direction) noexcept {
  return direction == Direction::from_client ? "from_client" : "from_server";
}

}  // namespace

void record_exhaustion(const SessionCore& session, Direction direction) noexcept {
  audit::Sink* const sink = session.governor().sink();
  char id[32];
  if (sink == nullptr || !new_record_id(id)) return;
  audit::Record record;
  record.id = {id, sizeof id};
  record.time_us = session.governor().now_us();
  record.session = session.options().id;
  record.tenant = session.options().tenant;
  record.server = session.options().server;
  record.transport = transport_name(session.options().transport);
  record.direction = direction_name(direction);
  record.reason = ErrorCode::out_of_memory;
  audit::Completion completion;
  completion.outcome = audit::Outcome::denied;
  completion.reason = ErrorCode::out_of_memory;
  completion.time_us = record.time_us;
  audit::Ticket ticket;
  sink->begin(record, &completion, ticket);
}

ErrorCode open_record(Call& call, const audit::Completion* closed) {
  audit::Sink* const sink = call.session.governor().sink();
  if (!new_record_id(call.facts.record_id)) return ErrorCode::audit_unavailable;
  if (sink == nullptr) return ErrorCode::none;
  const VerdictFacts& facts = call.facts;
  const SessionOptions& options = call.session.options();
  audit::Record record;
  record.id = {facts.record_id, sizeof facts.record_id};
  record.time_us = facts.started.wall_us;
  record.caller = call.caller;
  record.session = options.id.empty() ? facts.protocol_session : std::string_view(options.id);
  record.tenant = options.tenant;
  record.server = options.server;
  record.transport = transport_name(options.transport);
  record.peer = facts.peer;
  // Messages of the older revisions do not name theirs; the handshake did.
  const bool named = facts.revision != wire::Revision::none;
  record.protocol = wire::revision_text(named ? facts.revision : call.session.negotiated());
  if (call.message != nullptr) record.client = call.message->client_name.substr(0, kMethodBytes);
  record.direction = direction_name(facts.direction);
  record.method = facts.method_text.substr(0, kMethodBytes);
  record.target = shown_target(facts.target_kind, facts.target, call.bench.arena);
  record.target_kind = target_kind_name(facts.target_kind);
  record.tool_class = facts.tool_class;
  record.open_world = facts.open_world;
  if (facts.id.raw.size() <= kIdBytes) record.request_id = facts.id.raw;
  record.arguments_bytes = facts.arguments.size();
  record.arguments = facts.arguments;
  record.line_arguments = call.pin.snapshot->config.audit.arguments;
  record.allowed = facts.allowed;
  record.decision = facts.allowed && !facts.waived;
  record.enforced = !facts.waived;
  record.reason = facts.reason;
  record.policies = facts.policies;
  record.policy_errors = error_texts(call);
  record.approver = call.approver;
  record.snapshot = call.pin.snapshot->label;
  if (call.pin.server != nullptr) record.policy_digest = call.pin.server->policy_digest;
  char span_id[16];
  record.trace = trace_of(call.message, call.http, record.id, span_id);
  record.decided_ns = steady_clock_ns() - facts.started.steady_ns;
  if (closed == nullptr) return sink->begin(record, nullptr, call.facts.ticket);
  audit::Completion completion = *closed;
  completion.time_us = record.time_us + record.decided_ns / 1000;
  completion.latency_ns = record.decided_ns;
  return sink->begin(record, &completion, call.facts.ticket);
}

}  // namespace mcpgov::detail
