// What the reading commands make of an event.
// Tested by tests/cli/report_gather_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/report_event.hpp"

#include "audit/project/event_cursor.hpp"

namespace mcpgov::cli {

namespace {

audit::ToolClass class_of(std::string_view name) {
  using audit::ToolClass;
  for (const ToolClass each :
       {ToolClass::unclassified, ToolClass::read_only, ToolClass::write, ToolClass::destructive}) {
    if (name == audit::class_name(each)) return each;
  }
  return ToolClass::none;
}

// The first actor is the one who acts now (RFC 8693 section 4.1).
audit::ParsedParty agent_of(const audit::ParsedEvent& event) {
  if (!event.actors.empty()) return event.actors.front();
  if (!event.workload.subject.empty()) return event.workload;
  return {{}, {}, event.client};
}

Verdict verdict_of(const audit::ParsedEvent& event) {
  if (event.outcome == "pending") return Verdict::pending;
  if (!event.allowed) return Verdict::denied;
  return event.decided_allow ? Verdict::allowed : Verdict::observed;
}

// `{"email":2}`. What else a log may hold there counts nothing.
void read_found(std::string_view json, std::vector<std::pair<std::string, std::uint64_t>>& out) {
  out.clear();
  if (json.empty()) return;
  std::string decoded;
  decoded.reserve(json.size());
  audit::EventCursor in(json, decoded);
  (void)in.object([&](std::string_view detector) {
    std::uint64_t times = 0;
    if (!in.count(times)) return false;
    if (times != 0) out.emplace_back(detector, times);
    return true;
  });
}

}  // namespace

bool EventReader::read(std::string_view json, ReportEvent& out) {
  if (parser_.parse(json, out, audit::EventForm::exported) != ErrorCode::none) return false;
  if (!out.is_message()) return false;
  out.verdict = verdict_of(out);
  out.tool = class_of(out.tool_class);
  out.agent = agent_of(out);
  read_found(out.result.found, out.found);
  return true;
}

}  // namespace mcpgov::cli
