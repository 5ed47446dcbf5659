// From events, one after the other, to the facts of the report.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cli/report_facts.hpp"
#include "cli/report_watch.hpp"

namespace mcpgov::cli {

// What has a row of its own. The defaults keep the whole below 1 GiB however long the log is.
struct GatherLimits {
  std::size_t callers = 20'000;
  std::size_t agents = 5'000;
  std::size_t tools = 10'000;
  std::size_t servers = 1'000;
  std::size_t pairs = 300'000;
  std::size_t sessions = 20'000;
  std::size_t caller_hours = 1'000'000;
  std::size_t names = 2'000;    // of methods, reasons, policies, snapshots, approvers
  std::size_t hours = 100'000;  // eleven years
};

// Takes events in the order of the logs, roughly by time.
// from_us, to_us: which events count; 0: no limit. sensitive: tools whose results are, patterns
// with `*`.
// Threads: one thread. Throws: std::bad_alloc.
class Gatherer {
 public:
  Gatherer(std::uint64_t from_us, std::uint64_t to_us, std::vector<std::string> sensitive = {},
           const GatherLimits& limits = {});

  void take(std::string_view json);
  // For rules about logs rather than events.
  Facts& facts() noexcept { return facts_; }
  // Applies the rules that need everything. Once, at the end.
  Facts finish();

 private:
  void count(const ReportEvent& event);
  void count_caller(const ReportEvent& event);
  void count_tool(const ReportEvent& event);
  void count_server(const ReportEvent& event);
  void count_pair(const ReportEvent& event);
  void count_session(const ReportEvent& event);
  void count_names(const ReportEvent& event);
  void let_sessions_go();
  void name(std::map<std::string, NamedCount>& table, std::string_view text,
            const ReportEvent& event) const;

  GatherLimits limits_;
  std::uint64_t from_us_, to_us_;
  EventReader reader_;
  ReportEvent event_;
  Facts facts_;
  Names caller_names_, agent_names_, tool_names_, server_names_;
  std::uint32_t caller_ = 0, tool_ = 0;  // of the event at hand
  std::uint64_t target_ = 0;             // hash
  CallerClock clock_;
  Watch watch_;
  std::string key_;
};

}  // namespace mcpgov::cli
