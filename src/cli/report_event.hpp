// One canonical event (docs/audit-format.md) as the report reads it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "mcpgov/audit.hpp"

namespace mcpgov::cli {

// What became of a message: observed would have been denied but passed (observe mode); pending was
// refused until steps outside are done.
enum class Verdict : std::uint8_t { allowed, observed, denied, pending };
inline constexpr std::size_t kVerdicts = 4;

// What capture says of one side. found: detectors and how often each of them matched.
struct ReportContent {
  std::uint64_t bytes = 0;
  std::uint64_t tokens = 0;
  std::string_view digest;
  std::vector<std::pair<std::string_view, std::uint64_t>> found;
};

// Borrowed from the reader until its next call. Text is whatever callers sent.
struct ReportEvent {
  bool intent = false;
  std::string_view id;
  std::uint64_t time_us = 0;
  std::string_view tenant, server, transport, protocol, method, target, target_kind;
  audit::ToolClass tool_class = audit::ToolClass::none;
  bool open_world = false;
  std::string_view caller_kind, issuer, subject, client, claimed;
  std::string_view agent_issuer, agent;  // who acts for the caller: actor, workload or client
  std::string_view session, peer, trace_id;
  Verdict verdict = Verdict::allowed;
  std::string_view effect, reason, approver, snapshot;
  std::vector<std::string_view> policies;
  std::uint64_t decided_ns = 0;
  ReportContent arguments, result;
  std::string_view outcome;
  std::uint64_t latency_ns = 0;
  std::uint64_t reply_bytes = 0;
  std::uint64_t items = 0, items_removed = 0;  // of a list
  bool reconstructed = false;
};

// Reads events that an attacker may have written.
// Threads: one thread.
class EventReader {
 public:
  EventReader();
  ~EventReader();
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;

  // False: the text is no event. What is missing or of another type stays empty.
  bool read(std::string_view json, ReportEvent& out);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// `2026-11-20T08:24:32.664720Z`, with any number of decimals, as microseconds since 1970. 0: it is
// no such time.
std::uint64_t parse_event_time(std::string_view text) noexcept;

}  // namespace mcpgov::cli
