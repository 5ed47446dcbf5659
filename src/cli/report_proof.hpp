// Where in the logs the events of findings stand, so that each can be proven, and what the sessions
// of the gravest ones did.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cli/report_evidence.hpp"

namespace mcpgov::cli {

// One event in its log. checkpoint: the size of the first one that covers it; 0: none yet.
struct EventPlace {
  std::string log;
  std::uint64_t seq = 0;
  std::string leaf;  // digest, hexadecimal
  std::uint64_t checkpoint = 0;
};

struct TraceCall {
  std::uint64_t time_us = 0;
  std::string id, agent, server, target;  // target: with what it is, such as the method
  Verdict verdict = Verdict::allowed;
  audit::ToolClass tool = audit::ToolClass::none;
};

// The calls of one session, in the order of time.
struct SessionTrace {
  static constexpr std::size_t kCalls = 400;  // the first ones; `cut` if there are more
  std::string session, caller;
  std::string event_id, rule;  // why it is shown
  std::vector<TraceCall> calls;
  bool cut = false;
};

struct Proofs {
  static constexpr std::size_t kTraces = 3;
  std::map<std::string, EventPlace> places;  // by event id
  std::vector<SessionTrace> traces;
};

// Asks the logs for the events of findings, at most RuleFindings::kRows for each rule, by their
// indexes. Errors: file_unreadable. Throws: std::bad_alloc.
Result<Proofs> find_proofs(const std::string& directory, const Facts& facts,
                           const std::vector<LogEvidence>& logs);

// `mcpgov audit prove …`, quoted for a POSIX shell.
std::string prove_command(const std::string& directory, const std::string& id);

}  // namespace mcpgov::cli
