// `mcpgov audit tail`: the newest events, then those that come.
// Tested by tests/report/audit_verbs_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdio>
#include <map>
#include <thread>
#include <vector>

#include "audit/log_folder.hpp"
#include "audit/log_reader.hpp"
#include "base/os_time.hpp"
#include "cli/audit_line.hpp"
#include "cli/audit_query.hpp"
#include "cli/setting.hpp"

namespace mcpgov::cli {

namespace {

// How often a log is asked whether it has grown: soon enough for a person.
constexpr std::chrono::milliseconds kPause(200);

struct Shown {
  std::vector<std::string> payloads;           // newest first
  std::map<std::string, std::uint64_t> until;  // the last seq of each log that was shown
};

bool keep_hit(void* context, const audit::Hit& hit) {
  auto* shown = static_cast<Shown*>(context);
  shown->payloads.emplace_back(hit.payload);
  std::uint64_t& until = shown->until[std::string(hit.log)];
  until = std::max(until, hit.seq);
  return true;
}

// Readers of the logs that may grow. What was there before `started_ns` and was not shown is older
// than what was.
class Follower {
 public:
  Follower(std::string directory, Shown shown, std::uint64_t started_ns)
      : directory_(std::move(directory)), shown_(std::move(shown)), started_ns_(started_ns) {}

  // False: standard output is closed.
  bool once(EventPrinter& printer) {
    find_logs();
    for (auto& [name, reader] : readers_) {
      const std::uint64_t shown = shown_.until.count(name) != 0 ? shown_.until[name] : 0;
      audit::Frame frame;
      while (reader.next(frame) == audit::ReadState::frame) {
        const bool old = shown != 0 ? frame.seq <= shown : frame.time_ns < started_ns_;
        if (frame.type != audit::FrameType::event || old) continue;
        if (!printer.print(frame.payload)) return false;
      }
    }
    return std::fflush(stdout) == 0;
  }

 private:
  // A log that is dead and was not shown has nothing to come.
  void find_logs() {
    const auto logs = audit::list_logs(directory_);
    if (!logs) return;
    for (const audit::LogEntry& log : *logs) {
      if (readers_.count(log.name) != 0 || !log.alive) continue;
      const auto segments = audit::list_segments(audit::find_folders(log.folder));
      if (!segments || segments->empty()) continue;
      auto reader = audit::LogReader::open(log.folder, {segments->back().first_seq});
      if (reader) readers_.emplace(log.name, *std::move(reader));
    }
  }

  std::string directory_;
  Shown shown_;
  std::uint64_t started_ns_;
  std::map<std::string, audit::LogReader> readers_;
};

}  // namespace

int audit_tail(const AuditTailOptions& options) {
  const std::uint64_t started_ns = wall_clock_us() * 1000;
  Shown shown;
  audit::Question question;
  question.newest_first = true;
  question.limit = options.last;
  if (options.last != 0) {
    const auto answer = audit::query(options.directory, question, keep_hit, &shown);
    if (!answer) return fail(answer.error());
    for (const Error& damage : answer->damage) fail(damage);
  }
  EventPrinter printer(options.json);
  for (auto at = shown.payloads.rbegin(); at != shown.payloads.rend(); ++at) {
    if (!printer.print(*at)) return kFailed;
  }
  const bool any = !shown.payloads.empty();
  if (!options.follow) return any ? kAllowed : kFailed;
  shown.payloads.clear();
  Follower follower(options.directory, std::move(shown), started_ns);
  while (follower.once(printer)) std::this_thread::sleep_for(kPause);
  return kAllowed;
}

}  // namespace mcpgov::cli
