// One record read back from the bytes of a ring, which anything may have written.
// Tested by tests/audit/run_codec_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "audit/run_codec.hpp"

namespace mcpgov::audit {

namespace {

constexpr std::size_t kLength = sizeof(std::uint16_t);  // in front of each text of a list

// A number of an enumeration that another version, or an attacker, may have written.
template <class Enum>
Enum known(std::uint8_t value, Enum last) noexcept {
  return value <= static_cast<std::uint8_t>(last) ? static_cast<Enum>(value) : Enum{};
}

std::size_t left(const char* at, const char* end) noexcept {
  return static_cast<std::size_t>(end - at);
}

bool take_length(const char*& at, const char* end, std::size_t& size) noexcept {
  std::uint16_t length = 0;
  if (left(at, end) < kLength) return false;
  std::memcpy(&length, at, kLength);
  at += kLength;
  size = length;
  return true;
}

bool take_text(const char*& at, const char* end, std::size_t size, std::string_view& out) noexcept {
  if (left(at, end) < size) return false;
  out = {at, size};
  at += size;
  return true;
}

Completion completion_of(const RunEnd& end) noexcept {
  Completion out;
  out.outcome = known(end.outcome, Outcome::input_required);
  out.reason = static_cast<ErrorCode>(end.reason);
  out.time_us = end.time_us;
  out.latency_ns = end.latency_ns;
  out.reply_bytes = end.reply_bytes;
  out.items = end.items;
  out.items_removed = end.items_removed;
  out.result_bytes = end.result_bytes;
  out.rpc_code = end.rpc_code;
  out.tool_error = end.tool_error != 0;
  return out;
}

}  // namespace

bool StoredRecord::read(const char* run, std::size_t available, bool ended) {
  if (available < sizeof(RunHead)) return false;
  const auto& head = *reinterpret_cast<const RunHead*>(run);
  const std::size_t behind = available - sizeof(RunHead);
  if (head.text_bytes > behind || head.arguments_size > kMaxContent ||
      head.arguments_size > behind - head.text_bytes) {
    return false;
  }
  const char* at = run + sizeof(RunHead);
  const char* const end = at + head.text_bytes;
  if (!read_texts(head, at, end)) return false;
  record_.id = {head.id, sizeof head.id};
  record_.arguments = {end, head.arguments_size};
  completion_ = ended ? completion_of(head.end) : Completion();
  flags_ = ended ? static_cast<std::uint16_t>(head.flags | head.end.flags) : head.flags;
  record_.time_us = head.time_us;
  record_.arguments_bytes = head.arguments_bytes;
  record_.decided_ns = head.decided_ns;
  record_.reason = static_cast<ErrorCode>(head.reason);
  record_.tool_class = known(head.tool_class, ToolClass::destructive);
  record_.open_world = (head.flags & kOpenWorld) != 0;
  record_.allowed = (head.flags & kAllowed) != 0;
  record_.decision = (head.flags & kDecidedAllow) != 0;
  record_.enforced = (head.flags & kEnforced) != 0;
  record_.trace.flags = head.trace_flags;
  record_.trace.from_message = (head.flags & kTraceFromMessage) != 0;
  return true;
}

bool StoredRecord::read_texts(const RunHead& head, const char*& at, const char* end) {
  for (std::size_t place = 0; place < kRunTexts; ++place) {
    if (!take_text(at, end, head.lengths[place], texts_[place])) return false;
  }
  record_.client = texts_[kClient];
  record_.session = texts_[kSession];
  record_.tenant = texts_[kTenant];
  record_.server = texts_[kServer];
  record_.transport = texts_[kTransport];
  record_.peer = texts_[kPeer];
  record_.protocol = texts_[kProtocol];
  record_.direction = texts_[kDirection];
  record_.method = texts_[kMethod];
  record_.target = texts_[kTarget];
  record_.target_kind = texts_[kTargetKind];
  record_.request_id = texts_[kRequestId];
  record_.approver = texts_[kApprover];
  record_.snapshot = texts_[kSnapshot];
  record_.policy_digest = texts_[kPolicyDigest];
  record_.limits = texts_[kLimits];
  record_.credential = texts_[kCredential];
  record_.trace.trace_id = texts_[kTraceId];
  record_.trace.span_id = texts_[kSpanId];
  record_.trace.parent_id = texts_[kParentId];
  record_.trace.state = texts_[kTraceState];
  if (!read_caller(head, at, end)) return false;
  if (!read_list(head.policies, at, end, policies_)) return false;
  if (!read_list(head.policy_errors, at, end, policy_errors_)) return false;
  if ((head.flags & kListCut) != 0) policies_.push_back("…");
  record_.policies = policies_;
  record_.policy_errors = policy_errors_;
  return true;
}

bool StoredRecord::read_list(std::size_t count, const char*& at, const char* end,
                             std::vector<std::string_view>& out) {
  out.clear();
  for (; count > 0; --count) {
    std::size_t size = 0;
    std::string_view element;
    if (!take_length(at, end, size) || !take_text(at, end, size, element)) return false;
    out.push_back(element);
  }
  return true;
}

// Finds the actors first, so that the bytes of the whole caller can be compared with the last
// one's.
bool StoredRecord::read_caller(const RunHead& head, const char*& at, const char* end) {
  record_.caller = nullptr;
  if ((head.flags & kHasCaller) == 0) return true;
  Party actors[kMaxActors];
  if (head.actors > kMaxActors) return false;
  for (std::size_t actor = 0; actor < head.actors; ++actor) {
    Party& party = actors[actor];
    std::size_t issuer = 0;
    std::size_t subject = 0;
    if (at == end) return false;
    party.kind = known(static_cast<std::uint8_t>(*at++), CallerKind::workload);
    if (!take_length(at, end, issuer) || !take_length(at, end, subject) ||
        !take_text(at, end, issuer, party.issuer) || !take_text(at, end, subject, party.subject)) {
      return false;
    }
  }
  record_.caller = &caller_;
  caller_.kind = known(head.caller_kind, CallerKind::workload);
  caller_.workload.kind = known(head.workload_kind, CallerKind::workload);
  caller_.evidence.kind = known(head.evidence_kind, EvidenceKind::forwarded_certificate);
  caller_.auth_time_s = head.auth_time_s;
  const char* const begin = texts_[kCallerIssuer].data();
  const std::string_view lengths(reinterpret_cast<const char*>(head.lengths + kCallerIssuer),
                                 (kRunTexts - kCallerIssuer) * kLength);
  const std::string_view bytes(begin, left(begin, at));
  const std::string_view last(caller_bytes_);
  const bool same = last.size() == lengths.size() + bytes.size() && last.starts_with(lengths) &&
                    last.ends_with(bytes) && caller_.actors.size() == head.actors;
  if (same) return true;
  caller_bytes_.clear();  // until it is whole, should memory end in between
  copy_caller({actors, head.actors});
  caller_bytes_.append(lengths).append(bytes);
  return true;
}

void StoredRecord::copy_caller(std::span<const Party> actors) {
  caller_.issuer = texts_[kCallerIssuer];
  caller_.subject = texts_[kCallerSubject];
  caller_.tenant = texts_[kCallerTenant];
  caller_.client = texts_[kCallerClient];
  caller_.agent_session = texts_[kAgentSession];
  caller_.agent_session_source = texts_[kAgentSessionSource];
  caller_.workload.issuer = texts_[kWorkloadIssuer];
  caller_.workload.subject = texts_[kWorkloadSubject];
  caller_.acr = texts_[kAcr];
  caller_.evidence.token_id = texts_[kTokenId];
  caller_.evidence.key_id = texts_[kKeyId];
  caller_.evidence.algorithm = texts_[kAlgorithm];
  caller_.evidence.bound_to = texts_[kBoundTo];
  caller_.actors.resize(actors.size());
  for (std::size_t at = 0; at < actors.size(); ++at) {
    caller_.actors[at].kind = actors[at].kind;
    caller_.actors[at].issuer = actors[at].issuer;
    caller_.actors[at].subject = actors[at].subject;
  }
}

}  // namespace mcpgov::audit
