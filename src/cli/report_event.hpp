// One event (docs/audit-format.md), with what the reading commands make of it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/project/parsed_event.hpp"
#include "mcpgov/audit.hpp"

namespace mcpgov::cli {

// What became of a message: observed would have been denied but passed (observe mode); pending was
// refused until steps outside are done.
enum class Verdict : std::uint8_t { allowed, observed, denied, pending };
inline constexpr std::size_t kVerdicts = 4;

// Borrowed from the text and the reader until its next call. Text is whatever callers sent.
struct ReportEvent : audit::ParsedEvent {
  Verdict verdict = Verdict::denied;
  audit::ToolClass tool = audit::ToolClass::none;
  audit::ParsedParty agent;  // who acts for the caller: actor, workload or client
  std::vector<std::pair<std::string, std::uint64_t>> found;  // in the result: detector, times

  bool is_intent() const noexcept { return kind == "intent"; }
};

// Threads: one thread.
class EventReader {
 public:
  // False: the text is no event about a message. Throws: std::bad_alloc.
  bool read(std::string_view json, ReportEvent& out);

 private:
  audit::EventParser parser_;
};

}  // namespace mcpgov::cli
