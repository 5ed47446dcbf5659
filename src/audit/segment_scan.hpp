// One segment as verification sees it: the hashes of its leaves in order, and what stands among
// them, in batches from a thread that reads to the one that judges.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "audit/frame.hpp"
#include "audit/frame_label.hpp"
#include "audit/frame_walk.hpp"
#include "audit/log_folder.hpp"
#include "audit/tree.hpp"
#include "audit/verify.hpp"

namespace mcpgov::audit {

// The note, if a key signed it that vouches for this origin (VerifyOptions::keys).
// Errors: audit_checkpoint. Throws: std::bad_alloc.
Result<Checkpoint> open_with(const std::vector<VerifierKey>& keys, const std::string& origin,
                             std::string_view note);

// The longest stretch of time that a process which seals every so often leaves unsigned when it
// dies: two intervals and a minute, as heartbeats are a minute apart, and what a loaded machine may
// add.
constexpr std::uint64_t most_unsigned_ns(std::uint64_t seal_interval_ms) noexcept {
  constexpr std::uint64_t kMostMs = 3'600'000;  // of the setting
  return (65'000 + 2 * (seal_interval_ms < kMostMs ? seal_interval_ms : kMostMs)) * 1'000'000;
}

// The longest time between two heartbeats that is no silence: twice the interval, and what a loaded
// machine may add.
constexpr std::uint64_t most_silent_ns(std::uint64_t heartbeat_s) noexcept {
  constexpr std::uint64_t kMostS = 1U << 30;  // anybody may have written it; the sum must fit
  return (5 + 2 * (heartbeat_s < kMostS ? heartbeat_s : kMostS)) * 1'000'000'000;
}

// Whether a recovery frame stands for the end of a log whose process died; the same type tells of a
// segment that a process itself has written again.
bool is_of_dead_log(std::string_view payload) noexcept;

struct Mark {
  enum class Kind : std::uint8_t {
    checkpoint,
    sync,
    config,
    heartbeat,
    recovery,
    trailer,
    problem
  };
  Kind kind = Kind::problem;
  std::size_t before = 0;    // leaves of the batch that stand before it
  std::uint64_t offset = 0;  // in the segment
  std::uint64_t seq = 0;     // of the last leaf, in order, before it
  std::uint64_t time_ns = 0;
  std::string text;  // config, sync, trailer: payload. Checkpoint: why it does not count, or empty
  Checkpoint checkpoint;
  Finding finding;      // problem; without names of log and file
  bool breaks = false;  // leaves are unknown there: no root can be made from here on
};

struct ScanBatch {
  std::optional<SegmentHeader> header;  // the first batch of a segment that can be read
  std::string file;                     // in the first batch: its name
  std::vector<Digest> leaves;
  std::vector<std::uint64_t> times;  // of leaves; 0: by whoever recovered the log
  std::vector<Mark> marks;
  std::array<std::uint64_t, 10> counts = {};
  std::uint64_t first_time_ns = ~0ULL, last_time_ns = 0;
  bool end = false;  // of the segment
  std::uint64_t next_seq = 0, bytes = 0;
};

// Batches of one segment on their way. Threads: one puts, one takes.
class BatchQueue {
 public:
  // Waits while as many as may be are there. False: nobody wants them any more.
  bool put(ScanBatch batch);
  // Throws std::bad_alloc where fail() was called.
  ScanBatch take();
  void abandon();
  void fail() noexcept;

 private:
  // 64 of 4,096 hashes: two segments of the usual size at once stay below 20 MB.
  static constexpr std::size_t kMost = 64;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<ScanBatch> batches_;
  bool abandoned_ = false;
  bool failed_ = false;
};

struct ScanTask {
  std::string folder;
  SegmentFile file;
  std::uint64_t stop = ~0ULL;  // where the next segment begins: from there on leaves do not count
  bool newest = false;
  bool alive = false;
  const std::vector<VerifierKey>* keys = nullptr;
};

// Threads: one thread. Throws: std::bad_alloc.
class SegmentScan {
 public:
  SegmentScan(const ScanTask& task, BatchQueue& out) : task_(task), out_(out) {}
  // Puts at least one batch, the last one with `end`.
  void run();

 private:
  bool open();
  void walk_frames(FrameWalk& walk);
  bool pass_damage(FrameWalk& walk, FrameState state, const char* why);
  void take(const Frame& frame, std::uint64_t offset);
  bool in_order(const Frame& frame, std::uint64_t offset, bool leaf);
  void take_leaf(const Frame& frame, std::uint64_t offset);
  void take_other(const Frame& frame, std::uint64_t offset);
  Mark& mark(Mark::Kind kind, std::uint64_t offset, std::uint64_t time_ns);
  void report(Problem problem, std::uint64_t offset, std::uint64_t first, std::uint64_t last,
              std::string message, bool breaks);
  void report_damage();
  bool flush(bool end);
  bool ignores() const noexcept { return next_seq_ >= task_.stop; }

  const ScanTask& task_;
  BatchQueue& out_;
  std::optional<SegmentSource> source_;
  SegmentHeader header_;
  ScanBatch batch_;
  std::size_t batch_text_ = 0;
  std::uint64_t next_seq_ = 1;
  FrameLabels labels_;
  std::uint64_t stray_seq_ = 0;  // the next one of a run that was reported
  bool trailer_ = false;
  bool wanted_ = true;
  // Bytes that are no frame, until it is known which records they were.
  std::optional<std::uint64_t> damaged_at_;
  std::string damage_;
};

}  // namespace mcpgov::audit
