// An event as one line for people.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "cli/report_event.hpp"

namespace mcpgov::cli {

// Time, caller (and who acts for it), server, method and target, decision, outcome, time taken.
// Text of callers cannot act on a terminal.
std::string event_line(const ReportEvent& event);

// Shows the events of canonical JSON on standard output, as lines or as they are stored.
// Threads: one thread.
class EventPrinter {
 public:
  explicit EventPrinter(bool json) : json_(json) {}
  // False: standard output is closed, and there is no use in going on.
  bool print(std::string_view payload);

 private:
  bool json_;
  EventReader reader_;
  ReportEvent event_;
  std::string line_;
};

}  // namespace mcpgov::cli
