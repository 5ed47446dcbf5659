// One log: its segments read by several threads, and judged in order by this one.
// Tested by tests/audit/verify_test.cpp and tests/audit/tamper_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <deque>
#include <filesystem>
#include <thread>
#include <utility>

#include "audit/log_judge.hpp"
#include "audit/retention.hpp"
#include "audit/segment_scan.hpp"
#include "audit/verify.hpp"
#include "base/os_file.hpp"
#include "base/os_log_file.hpp"

namespace mcpgov::audit {
namespace {

// Threads that read segments ahead of the one that judges: each takes the next one in order.
class Readers {
 public:
  explicit Readers(std::vector<ScanTask> tasks)
      : tasks_(std::move(tasks)), queues_(tasks_.size()) {}
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;
  ~Readers() {
    next_ = tasks_.size();
    for (BatchQueue& queue : queues_) queue.abandon();
    for (std::thread& thread : threads_) thread.join();
  }

  void start(unsigned count) {
    const std::size_t most = std::min<std::size_t>(std::clamp(count, 1U, 64U), tasks_.size());
    while (threads_.size() < most) {
      threads_.emplace_back([this] { work(); });
    }
  }

  ScanBatch take(std::size_t segment) { return queues_[segment].take(); }

 private:
  void work() noexcept {
    for (;;) {
      const std::size_t at = next_.fetch_add(1);
      if (at >= tasks_.size()) return;
      try {
        SegmentScan(tasks_[at], queues_[at]).run();
      } catch (...) {
        // No memory. Whoever waits for this segment, and only later for others, is told.
        queues_[at].fail();
        return;
      }
    }
  }

  std::vector<ScanTask> tasks_;
  std::deque<BatchQueue> queues_;
  std::vector<std::thread> threads_;
  std::atomic<std::size_t> next_ = 0;
};

// Segments of the log's folder and of its part on the spare disk.
Result<std::vector<ScanTask>> tasks_of(const LogFolders& folders, const LogVerification& log,
                                       const VerifyOptions& options) {
  std::vector<ScanTask> tasks;
  // One that another of its number has replaced is what that one's link is about.
  const auto files = list_segments(folders, Replaced::list);
  if (!files) return files.error();
  for (const SegmentFile& file : *files) {
    tasks.push_back({folders.of(file), file, ~0ULL, false, log.alive, &options.keys});
  }
  for (std::size_t at = 0; at + 1 < tasks.size(); ++at) {
    tasks[at].stop = tasks[at + 1].file.first_seq;
  }
  if (!tasks.empty()) tasks.back().newest = true;
  return tasks;
}

// What recovery has left a note of.
void note_file(const std::string& folder, const char* file, Problem problem, const char* what,
               LogVerification& out) {
  const Result<std::string> text = read_plain_file(path_in(folder, file), 64 * 1024);
  if (!text) return;
  ++out.notices;
  const std::string_view line = std::string_view(*text).substr(0, text->find('\n'));
  out.findings.push_back(
      {problem, true, out.name, file, 0, 0, 0, std::string(what) + ": " + in_quotes(line)});
}

// A part of the log that nobody has read, perhaps.
void note_spare(const LogFolders& folders, LogVerification& out) {
  if (!folders.refused.empty()) {
    ++out.problems;
    out.findings.push_back({Problem::foreign, false, out.name, "spare", 0, 0, 0, folders.refused});
  }
  const bool away = folders.spare.empty() && folders.refused.empty() && !folders.named.empty();
  std::vector<std::string> names;
  if (!away || out.ended || list_folder(folders.named, kMaxSegments, names) != ENOENT) return;
  ++out.notices;
  out.findings.push_back({Problem::unreadable, true, out.name, "spare", 0, 0, 0,
                          "the log has not ended, and its folder in the spare directory, " +
                              in_quotes(folders.named) +
                              ", is not there: what it may hold is "
                              "not read"});
}

}  // namespace

Result<LogVerification> judge_log(const std::string& folder, const VerifyOptions& options,
                                  const std::vector<Checkpoint>& handed_in,
                                  const std::vector<Witnessed>& witnessed) {
  LogVerification out;
  out.name = std::filesystem::path(folder).filename().string();
  out.alive = FileLock::is_taken(path_in(folder, "lock"));
  LogJudge judge(options, handed_in, out);
  for (const Witnessed& each : witnessed) {
    if (each.size == 0) continue;
    judge.claim({Claim::By::log, each.size, each.root, {}, 0, each.by, {}});
  }
  // Ahead of the segments: what it tells of was written before.
  const LogFolders folders = find_folders(folder, options.spare_directory);
  if (std::string note = newest_note(folders); !note.empty()) {
    judge.take_checkpoint_file(std::move(note));
  }
  if (Result<std::string> note = read_plain_file(path_in(folder, "opened"), kMaxNote)) {
    judge.take_opened_file(std::move(*note));
  }
  Result<std::vector<ScanTask>> tasks = tasks_of(folders, out, options);
  if (!tasks) return tasks.error();
  const std::size_t segments = tasks->size();
  if (Result<std::string> text = read_plain_file(path_in(folder, "retired"), kMaxRetired)) {
    judge.take_retired_file(std::move(*text));
  }
  Readers readers(std::move(*tasks));
  readers.start(options.threads);
  for (std::size_t segment = 0; segment < segments; ++segment) {
    for (bool end = false; !end;) {
      ScanBatch batch = readers.take(segment);
      end = batch.end;
      judge.take(std::move(batch));
    }
  }
  judge.finish();
  note_spare(folders, out);
  note_file(folder, "quarantine", Problem::quarantined, "recovery has set the log aside", out);
  note_file(folder, "unsigned", Problem::unsealed, "recovery has not signed the log", out);
  return out;
}

Result<LogVerification> verify_log(const std::string& folder, const VerifyOptions& options,
                                   const std::vector<Witnessed>& witnessed) {
  std::vector<Finding> findings;
  const std::vector<Checkpoint> handed_in = open_handed_in(options, findings);
  std::string path = folder;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  Result<LogVerification> out = judge_log(path, options, handed_in, witnessed);
  if (!out) return out;
  for (const Checkpoint& each : handed_in) {
    if (each.origin == out->origin) continue;
    findings.push_back(
        {Problem::vanished,
         false,
         {},
         {},
         0,
         0,
         0,
         "a checkpoint that was handed in is one of the log " + in_quotes(each.origin)});
  }
  for (Finding& each : findings) {
    each.log = out->name;
    ++out->problems;
    out->findings.push_back(std::move(each));
  }
  return out;
}

}  // namespace mcpgov::audit
