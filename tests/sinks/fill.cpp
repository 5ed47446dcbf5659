// Writes records to a log, as a server would: sinks_fill DIRECTORY COUNT PREFIX [METRICS]
// Ids are PREFIX (hexadecimal) and a number, 32 digits; every third message is denied. METRICS:
// a file that gets the log's metrics for Prometheus.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "mcpgov/audit.hpp"

namespace {

using namespace mcpgov;

std::string id_of(const std::string& prefix, int number) {
  std::string digits = std::to_string(number);
  return prefix + std::string(32 - prefix.size() - digits.size(), '0') + digits;
}

bool write_one(audit::Log& log, const std::string& id, bool denied) {
  audit::Record record;
  record.id = id;
  record.time_us = 1'763'627'072'664'720;
  record.server = "shop";
  record.transport = "streamable_http";
  record.peer = "192.0.2.7";
  record.protocol = "2025-06-18";
  record.direction = "from_client";
  record.method = "tools/call";
  record.target = "query_orders";
  record.target_kind = "tool";
  record.request_id = "7";
  record.arguments = R"({"customer":"42"})";
  record.arguments_bytes = record.arguments.size();
  record.tool_class = audit::ToolClass::read_only;
  record.allowed = record.decision = !denied;
  record.reason = denied ? ErrorCode::policy_denied : ErrorCode::none;
  record.snapshot = "1-9f";
  record.policy_digest = "0123456789abcdef";
  record.decided_ns = 800;
  record.trace = {id, std::string_view(id).substr(16), {}, {}, 1, true};
  audit::Completion completion;
  completion.outcome = denied ? audit::Outcome::denied : audit::Outcome::completed;
  completion.reason = record.reason;
  completion.time_us = record.time_us + 13'000;
  completion.latency_ns = 13'000'000;
  audit::Ticket ticket;
  if (log.begin(record, denied ? &completion : nullptr, ticket) != ErrorCode::none) return false;
  if (!denied) log.end(ticket, completion);
  return true;
}

}  // namespace

int main(int count, char** words) {
  if (count != 4 && count != 5) {
    return std::fputs("usage: sinks_fill DIRECTORY COUNT PREFIX [METRICS]\n", stderr), 2;
  }
  audit::LogSettings settings;
  settings.directory = words[1];
  settings.seal_interval_ms = 50;
  settings.max_stall_ms = 20'000;
  auto log = audit::Log::open(settings);
  if (!log) return std::fprintf(stderr, "%s\n", log.error().text().c_str()), 1;
  const int records = std::atoi(words[2]);
  for (int i = 1; i <= records; ++i) {
    if (!write_one(**log, id_of(words[3], i), i % 3 == 0)) return std::fputs("denied\n", stderr), 1;
  }
  const bool flushed = (*log)->flush(20'000);
  if (count == 5) std::ofstream(words[4]) << (*log)->metrics();
  std::printf("%s\n", (*log)->health().log.c_str());
  return flushed ? 0 : 1;
}
