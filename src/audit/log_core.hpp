// One open log of one process: the ring, the threads behind it, and what is known of both.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "audit/capture.hpp"
#include "audit/encoder.hpp"
#include "audit/log_parts.hpp"
#include "audit/log_stream.hpp"
#include "audit/metrics.hpp"
#include "audit/ring.hpp"
#include "mcpgov/audit.hpp"

namespace mcpgov::audit {

// Threads: begin(), end(), settled(), wait(), flush(), health() and metrics() from any. Three
// threads of its own: one encodes records, one writes and syncs, one tidies closed segments.
class LogCore {
 public:
  // parent: name of the log that was open when the process was forked; empty: none.
  // Errors: as Log::open.
  static Result<std::unique_ptr<LogCore>> open(const LogSettings& settings, FileSystem& files,
                                               const std::string& parent);
  // Writes everything, then ends the log. What cannot be written stays in the ring for whoever
  // opens the directory next.
  ~LogCore();

  ErrorCode begin(const Record& record, const Completion* closed, Ticket& ticket) noexcept;
  void end(const Ticket& ticket, const Completion& completion) noexcept;
  bool waits(ToolClass tool_class) const noexcept { return waits_[index_of(tool_class)]; }
  bool settled(const Ticket& ticket) const noexcept;
  bool wait(const Ticket& ticket, std::uint32_t within_ms) noexcept;
  bool flush(std::uint32_t within_ms) noexcept;
  void missed() noexcept { missed_.fetch_add(1, std::memory_order_relaxed); }
  Health health() const;
  std::string metrics() const;
  std::string metrics_otlp() const;
  const std::string& name() const noexcept { return place_.name; }

  // In a forked child: lets go of what is the parent's and keeps the rest untouched for ever; the
  // threads and locks in here belong to the parent.
  void abandon() noexcept;
  // Around a fork, so that no lock is taken whose descriptor nobody knows in the child.
  void hold_locks() noexcept { tidy_guard_.lock(); }
  void let_go_locks() noexcept { tidy_guard_.unlock(); }

 private:
  static constexpr std::size_t kRunsAtOnce = 256;
  static constexpr std::size_t kMaxFull = 8;  // batches that wait for the writing thread

  explicit LogCore(const LogSettings& settings, FileSystem& files)
      : settings_(settings), files_(files) {}
  static std::size_t index_of(ToolClass tool_class) noexcept {
    const auto index = static_cast<std::size_t>(tool_class);
    return index < kToolClasses ? index : 0;
  }
  Result<void> make_captures();
  Result<void> start(const std::string& parent);
  void set_classes();
  Handed handed(std::string_view text, bool wanted) noexcept;
  std::uint64_t reached(ToolClass tool_class) const noexcept;
  void wake_encoder() noexcept;

  // The thread that encodes.
  void encode_loop();
  std::size_t encode_some();
  void encode(const TakenRun& run);
  void encode_open();
  void add_control(std::uint64_t now_ns);
  void hand_over();
  void note_flush(std::uint64_t wanted);
  void doze(unsigned idle);
  void read_acked();
  std::unique_ptr<Batch> fresh_batch();

  // The thread that writes.
  void write_loop();
  struct Writing;
  bool write_once(Writing& now);
  void write_batches(std::vector<std::unique_ptr<Batch>>& batches);
  void sync_now();
  void seal_if_due(bool last);
  bool write_rest();
  void publish();

  // The thread that tidies.
  void tidy_loop();
  bool tidy(const std::vector<std::string>& folders);
  bool stops_tidying() noexcept;

  const LogSettings settings_;
  FileSystem& files_;
  LogPlace place_;
  std::string left_;  // logs that could not be recovered, and why the first; set by start()
  std::unique_ptr<LogKeys> keys_;
  // What callers read with each record. No thread writes to these lines of cache, so that each core
  // keeps them.
  alignas(64) std::unique_ptr<Ring> ring_;
  std::unique_ptr<Capture> for_callers_;
  bool wants_all_ = false;  // content of every tool: the usual case, known without a look at rules
  std::array<bool, kToolClasses> waits_ = {};
  std::array<Mode, kToolClasses> modes_ = {};
  std::atomic<State> state_{State::healthy};  // changes with the fortunes of the disk
  bool any_acked_ = false;

  alignas(64) std::unique_ptr<LogStream> stream_;  // the writing thread's, as the next ones
  std::uint64_t next_seal_ns_ = 0;
  bool closed_ = false;
  alignas(64) std::unique_ptr<Encoder> encoder_;  // the encoding thread's, as the next ones
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Batch> batch_;
  std::array<TakenRun, kRunsAtOnce> runs_;  // in hand; those before next_run_ are encoded
  std::size_t next_run_ = 0, taken_runs_ = 0;
  StoredRecord stored_;
  LogClock clock_;
  std::uint64_t batch_since_ns_ = 0;
  std::uint64_t next_prepare_ns_ = 0, next_control_ns_ = 0;
  std::uint64_t next_heartbeat_ns_ = 0, next_loss_ns_ = 0;
  std::uint64_t told_lost_ = 0, told_missed_ = 0;
  std::vector<std::string> left_folders_;  // the tidying thread's
  // One process at a time tidies a directory: files that are being made have fixed names, and
  // `retired` is read and written again.
  FileLock tidy_lock_;
  std::mutex tidy_guard_;  // of tidy_lock_

  // What is told to everybody.
  alignas(64) std::atomic<std::uint64_t> written_{0}, durable_{0}, acked_{0}, durable_records_{0};
  std::atomic<std::uint64_t> stored_records_{0}, lost_{0}, missed_{0};
  std::atomic<std::uint32_t> salt_{0};
  std::atomic<std::uint32_t> unwritten_{0};  // batches that were handed to the writing thread
  SyncTimes sync_times_;

  // Between the threads. Everything below is guarded by lock_.
  alignas(64) mutable std::mutex lock_;
  std::condition_variable encoder_wakes_, writer_wakes_, tidy_wakes_, room_, reached_;
  std::vector<std::unique_ptr<Batch>> full_, empty_;
  std::vector<std::string> remarks_;
  std::string detail_;
  bool urgent_ = false;  // somebody waits for what is in the ring
  std::uint64_t flush_wanted_ = 0, flush_taken_ = 0, flush_seq_ = 0;
  bool sync_asked_ = false;
  bool stuck_ = false;  // nothing goes into files at the moment
  // At the end of a log that could not be written, numbers were given away that no file will have.
  // Nothing is written behind them: the rest is in the ring, for recovery.
  bool dropped_ = false;
  bool closed_segments_ = false;
  bool stop_encoder_ = false, stop_writer_ = false, stop_tidy_ = false;

  std::thread encoder_thread_, writer_thread_, tidy_thread_;
};

}  // namespace mcpgov::audit
