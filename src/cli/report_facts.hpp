// What the report is about: facts gathered from logs, and nothing of how they are shown.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "cli/report_counts.hpp"

namespace mcpgov::cli {

inline constexpr std::uint64_t kHourUs = 3'600'000'000;
inline constexpr std::uint64_t kDayUs = 24 * kHourUs;

// Texts are split once, when they are first seen.
struct CallerFacts {
  std::string kind, issuer, subject;
  Use use;
  Distinct targets, sessions, servers;
  std::array<std::uint64_t, 24> by_hour = {};  // of the day, UTC
};

struct AgentFacts {
  std::string issuer, name;
  Use use;
  Distinct callers;
};

struct LargestReply {
  std::uint64_t bytes = 0, time_us = 0;
  std::uint32_t caller = 0;
  std::string id;
};

struct ToolFacts {
  std::string server, name;
  audit::ToolClass tool_class = audit::ToolClass::none;
  bool open_world = false;
  Use use;
  Distinct callers;
  Sizes latency_ns;  // of calls that ran
  Sizes reply_bytes;
  LargestReply largest_reply;
};

// A length that a server's list of tools had.
struct ListFacts {
  std::uint64_t count = 0, removed = 0, first_us = 0;
  std::string first_id;
};

struct ServerFacts {
  std::string name, tenant;
  std::set<std::string> transports, protocols;  // the first few
  Use use;
  Distinct callers, tools, targets;
  std::map<std::uint64_t, ListFacts> lists;  // of tools, by items as the server sent them
};

// A caller and a tool.
struct PairFacts {
  std::uint64_t ran = 0, denied = 0;
  std::uint64_t first_us = 0, last_us = 0, first_ran_us = 0;
  std::string first_id;
};

struct SessionFacts {
  std::uint32_t caller = 0;
  std::string agent;
  Use use;
  Distinct tools, targets, servers;
  std::string peer, second_peer;
};

struct NamedCount {
  std::uint64_t count = 0;
  std::uint64_t first_us = 0, last_us = 0;
};

// By hour: what became of the messages.
struct HourFacts {
  std::array<std::uint64_t, kVerdicts> verdicts = {};
  std::uint64_t failed = 0;
};

// The rules of unusual events, in the order of the report. docs/audit.md says what each asks.
enum class Rule : std::uint8_t {
  damage,
  lost,
  gap,
  silence,
  clock,
  twice,
  exfiltration,
  secrets,
  retry_storm,
  deny_burst,
  changed_tool,
  newly_allowed,
  two_peers,
  first_seen,
  volume,
  large_reply,
  off_hours,
};
inline constexpr std::size_t kRules = 17;

enum class Severity : std::uint8_t { note, warning, serious };

struct RuleText {
  const char* title;
  const char* asks;  // the rule as a sentence, with its numbers
  Severity severity;
};
const RuleText& rule_text(Rule rule) noexcept;

struct Finding {
  std::uint64_t time_us = 0;
  std::string who, what;
  std::string baseline;  // what it was compared with
  std::string event_id;  // of the first event that shows it
  std::uint64_t count = 1;
};

// rows: the first kRows of `total`.
struct RuleFindings {
  static constexpr std::size_t kRows = 25;
  std::uint64_t total = 0;
  std::vector<Finding> rows;
  std::string limits;  // where the rule could not look at everything

  void add(Finding finding) {
    ++total;
    if (rows.size() < kRows) rows.push_back(std::move(finding));
  }
};

// Tables by Names' numbers; [0] is everything that has no row of its own.
struct Facts {
  std::uint64_t intents = 0, unreadable = 0, outside = 0;  // outside: of the time asked for
  Use all;
  std::map<std::uint64_t, HourFacts> hours;  // by time_us / kHourUs
  std::vector<CallerFacts> callers = std::vector<CallerFacts>(1);
  std::vector<AgentFacts> agents = std::vector<AgentFacts>(1);
  std::vector<ToolFacts> tools = std::vector<ToolFacts>(1);
  std::vector<ServerFacts> servers = std::vector<ServerFacts>(1);
  std::unordered_map<std::uint64_t, PairFacts> pairs;  // caller << 32 | tool
  std::uint64_t pairs_left_out = 0;                    // events of pairs beyond the limit
  std::unordered_map<std::string, SessionFacts> sessions;
  Distinct session_names;
  Use other_sessions;  // of those that were let go
  std::map<std::string, NamedCount> methods, reasons, policies, snapshots, approvers, outcomes;
  std::map<std::string, NamedCount> clients;  // what clients call themselves
  Distinct targets;
  Sizes decided_ns, latency_ns;
  std::array<RuleFindings, kRules> findings;
  std::uint64_t learned_until_us = 0;

  RuleFindings& of(Rule rule) { return findings[static_cast<std::size_t>(rule)]; }
  const RuleFindings& of(Rule rule) const { return findings[static_cast<std::size_t>(rule)]; }
};

std::string caller_text(const CallerFacts& caller);
std::string tool_text(const ToolFacts& tool);

}  // namespace mcpgov::cli
