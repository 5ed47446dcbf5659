// Events as lines.
// Tested by tests/cli/audit_source_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_line.hpp"

#include <cstdio>

#include "base/json_writer.hpp"
#include "cli/report_html.hpp"

namespace mcpgov::cli {

namespace {

std::string safe(std::string_view text, std::size_t most) {
  return visible_text(shortened(text, most));
}

std::string_view decision_of(const ReportEvent& event) {
  if (event.is_intent()) return "intent";
  switch (event.verdict) {
    case Verdict::allowed: return "allow";
    case Verdict::observed: return "observe";
    case Verdict::denied: return "deny";
    case Verdict::pending: return "pending";
  }
  return "deny";
}

void column(std::string& line, std::string text, std::size_t width) {
  std::size_t characters = 0;
  for (const char byte : text) characters += (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
  if (characters < width) text.append(width - characters, ' ');
  line += text + "  ";
}

}  // namespace

std::string event_line(const ReportEvent& event) {
  std::string line = time_text(event.time_us) + "  ";
  std::string caller(event.caller.subject.empty() ? event.caller.kind : event.caller.subject);
  caller = safe(caller.empty() ? "nobody" : caller, 40);
  if (!event.agent.subject.empty() && event.agent.subject != event.caller.subject) {
    caller += " (" + safe(event.agent.subject, 30) + ")";
  }
  column(line, std::move(caller), 20);
  column(line, safe(event.server.empty() ? "-" : event.server, 30), 10);
  std::string what = safe(event.method.empty() ? "-" : event.method, 40);
  if (!event.target.empty()) what += " " + safe(event.target, 80);
  column(line, std::move(what), 30);
  std::string decision(decision_of(event));
  if (event.verdict != Verdict::allowed && !event.reason.empty() && event.reason != "none") {
    decision += " " + safe(event.reason, 40);
  }
  column(line, std::move(decision), 10);
  if (event.is_intent()) return line.substr(0, line.find_last_not_of(' ') + 1);
  column(line, safe(event.outcome, 20), 9);
  return line + duration_text(event.latency_ns);
}

bool EventPrinter::print(std::string_view payload) {
  line_.clear();
  if (json_) {
    append_safe_json(line_, payload);
  } else if (reader_.read(payload, event_)) {
    line_ = event_line(event_);
  } else {
    line_ = "(a record that is not understood)";
  }
  line_ += '\n';
  return std::fwrite(line_.data(), 1, line_.size(), stdout) == line_.size();
}

}  // namespace mcpgov::cli
