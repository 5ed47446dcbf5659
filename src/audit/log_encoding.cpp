// The thread of a log that turns records into frames.
// Tested by tests/audit/log_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <new>
#include <span>

#include "audit/log_core.hpp"
#include "base/os_machine.hpp"
#include "base/os_time.hpp"

namespace mcpgov::audit {

namespace {

constexpr std::size_t kMaxRuns = 4096;  // of one batch
// audit.md measured 0.6 ms for a write of 256 KiB with its sync; larger ones gain little.
constexpr std::size_t kBatchBytes = 256 * 1024;
constexpr std::uint64_t kBatchAge = 1'000'000;        // ns
constexpr std::uint64_t kControlEvery = 100'000'000;  // ns
constexpr std::uint64_t kPrepareEvery = 1'000'000;    // ns
constexpr std::uint64_t kLossEvery = 1'000'000'000;   // ns

bool is_full(const Batch& batch) noexcept {
  return batch.frames.size() >= kBatchBytes || batch.runs.size() >= kMaxRuns;
}

bool is_numbered(std::uint64_t intent_seq) noexcept {
  return intent_seq != 0 && intent_seq != kIntentInHand;
}

}  // namespace

std::unique_ptr<Batch> LogCore::fresh_batch() {
  {
    const std::lock_guard hold(lock_);
    if (!empty_.empty()) {
      std::unique_ptr<Batch> batch = std::move(empty_.back());
      empty_.pop_back();
      return batch;
    }
  }
  auto batch = std::make_unique<Batch>();
  // All that encode() may put in, so that it does not fail half done.
  batch->frames.reserve(kBatchBytes + frame_size(kMaxPayload));
  batch->runs.reserve(kMaxRuns);
  batch->leaves.reserve(kMaxRuns);
  return batch;
}

void LogCore::encode_loop() {
  settle_thread("mcpgov-log", false);
  next_heartbeat_ns_ = steady_clock_ns() + std::uint64_t{settings_.heartbeat_s} * 1'000'000'000;
  for (unsigned idle = 0;;) {
    std::uint64_t wanted = 0;
    bool stop = false;
    {
      const std::lock_guard hold(lock_);
      wanted = flush_wanted_;
      stop = stop_encoder_;
      urgent_ = false;
    }
    try {
      const std::size_t taken = encode_some();
      const std::uint64_t now = steady_clock_ns();
      add_control(now);
      const bool old = now - batch_since_ns_ > kBatchAge;
      if (batch_->urgent || taken == 0 || old) hand_over();
      if (taken == 0) {
        if (stop) break;
        note_flush(wanted);
      }
      idle = taken == 0 ? idle + 1 : 0;
      if (taken < kRunsAtOnce) doze(idle);
    } catch (const std::bad_alloc&) {
      // Nothing was lost: what is not encoded is in the ring. There may be memory again soon.
      doze(~0U);
    }
  }
  for (bool done = false; !done;) {
    try {
      encode_open();
      done = true;
    } catch (const std::bad_alloc&) {
      doze(~0U);
    }
  }
}

// At the end: whoever had these records never ended them.
void LogCore::encode_open() {
  do {
    while (next_run_ < taken_runs_) encode(runs_[next_run_++]);
    next_run_ = 0;
    taken_runs_ = ring_->take_open(runs_);
  } while (taken_runs_ != 0);
  const std::uint64_t time = wall_clock_us();
  encoder_->add_frame(*batch_, FrameType::heartbeat, heartbeat_payload(health(), time),
                      time * 1000);
  hand_over();
}

// What was taken when memory ended comes first.
std::size_t LogCore::encode_some() {
  encoder_->set_salt(salt_.load(std::memory_order_relaxed));
  if (next_run_ == taken_runs_) {
    next_run_ = 0;
    taken_runs_ = ring_->take(runs_);
  }
  const std::size_t count = taken_runs_ - next_run_;
  while (next_run_ < taken_runs_) encode(runs_[next_run_++]);
  return count;
}

void LogCore::encode(const TakenRun& run) {
  while (is_full(*batch_)) {  // there was no memory for the next one
    try {
      hand_over();
    } catch (const std::bad_alloc&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  RunHead& head = ring_->head(run.block);
  const std::string_view bytes = ring_->bytes(run.block);
  if (batch_->frames.empty()) batch_since_ns_ = steady_clock_ns();
  for (;;) {
    try {
      if (!stored_.read(bytes.data(), bytes.size(), !run.intent)) {
        // Somebody wrote over our memory.
        lost_.fetch_add(1, std::memory_order_relaxed);
        batch_->runs.push_back(run.block);
        return;
      }
      const bool waited = !run.intent && is_numbered(head.intent_seq.load());
      const std::string_view result = run.intent ? std::string_view() : ring_->content(head.end);
      const std::uint64_t seq =
          encoder_->add_event(*batch_, {&stored_, result, run.intent, waited, false});
      if (run.intent) {
        head.intent_seq.store(seq, std::memory_order_release);
        batch_->urgent = true;
      } else {
        head.seq.store(seq, std::memory_order_release);
        batch_->runs.push_back(run.block);
        metrics_->observe(encoder_->event());
      }
      break;
    } catch (const std::bad_alloc&) {
      // The record stays where it is until there is memory.
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  if (is_full(*batch_)) hand_over();
}

// Frames about the log itself.
void LogCore::add_control(std::uint64_t now_ns) {
  if (now_ns >= next_prepare_ns_) {
    ring_->prepare();
    next_prepare_ns_ = now_ns + kPrepareEvery;
    if (any_acked_) read_acked();
  }
  if (now_ns < next_control_ns_) return;
  next_control_ns_ = now_ns + kControlEvery;
  const std::uint64_t time = wall_clock_us();
  const auto add = [&](FrameType type, const std::string& payload) {
    encoder_->add_frame(*batch_, type, payload, time * 1000);
  };
  if (const std::int64_t step = clock_.step_ms(); step != 0) {
    add(FrameType::heartbeat, clock_payload(step, time));
  }
  std::vector<std::string> remarks;
  {
    const std::lock_guard hold(lock_);
    remarks.swap(remarks_);
  }
  for (const std::string& remark : remarks) add(FrameType::recovery, remark);
  const std::uint64_t lost = lost_.load(std::memory_order_relaxed);
  const std::uint64_t missed = missed_.load(std::memory_order_relaxed);
  if ((lost != told_lost_ || missed != told_missed_) && now_ns >= next_loss_ns_) {
    add(FrameType::loss, loss_payload(lost, missed, time));
    told_lost_ = lost;
    told_missed_ = missed;
    next_loss_ns_ = now_ns + kLossEvery;
  }
  if (now_ns >= next_heartbeat_ns_) {
    add(FrameType::heartbeat, heartbeat_payload(health(), time));
    next_heartbeat_ns_ = now_ns + std::uint64_t{settings_.heartbeat_s} * 1'000'000'000;
  }
}

// Gives the batch to the writing thread, which has at most kMaxFull of them waiting.
void LogCore::hand_over() {
  if (batch_->frames.empty()) return;
  std::unique_ptr<Batch> next = fresh_batch();  // throws before anything is moved
  // While batches wait for the writing thread, this one has the time.
  if (unwritten_.load(std::memory_order_relaxed) > 1) hash_leaves(*batch_);
  {
    std::unique_lock hold(lock_);
    room_.wait(hold, [this] { return full_.size() < kMaxFull || (stop_encoder_ && stuck_); });
    // At the end of a log that cannot be written, its records stay in the ring for recovery.
    dropped_ = dropped_ || full_.size() == kMaxFull;
    if (dropped_) return batch_->clear();
    full_.push_back(std::move(batch_));
    unwritten_.fetch_add(1, std::memory_order_relaxed);
  }
  writer_wakes_.notify_one();
  batch_ = std::move(next);
}

// Everything that had ended when the flush was asked for is in front of this number.
void LogCore::note_flush(std::uint64_t wanted) {
  const std::lock_guard hold(lock_);
  if (wanted == flush_taken_) return;
  flush_taken_ = wanted;
  flush_seq_ = encoder_->last_seq();
  sync_asked_ = true;
  writer_wakes_.notify_one();
  reached_.notify_all();
}

// Sleeps for as long as nobody should notice: a poller that never rests makes callers wait for
// their own lines of memory.
void LogCore::doze(unsigned idle) {
  using std::chrono::microseconds;
  constexpr unsigned kRecently = 1000;
  const microseconds longest(std::max<std::uint32_t>(settings_.sync_interval_us, 500));
  // A round costs the caller one slow record, of 0.5 us: the core that reads the newest run fetches
  // lines behind it, too, which are the next record's. Who waits for a record wakes this thread.
  const microseconds time = std::min(microseconds(idle < kRecently ? 1000 : 5000), longest);
  std::unique_lock hold(lock_);
  encoder_wakes_.wait_for(
      hold, time, [this] { return urgent_ || stop_encoder_ || flush_wanted_ != flush_taken_; });
}

void LogCore::read_acked() {
  if (acked_.load(std::memory_order_relaxed) >= durable_.load(std::memory_order_relaxed)) return;
  const std::uint64_t seq =
      read_sink_file(settings_.directory, settings_.acked_by, place_.name, kSinkAcked);
  if (seq <= acked_.load(std::memory_order_relaxed)) return;
  const std::lock_guard hold(lock_);
  acked_.store(seq, std::memory_order_release);
  reached_.notify_all();
}

}  // namespace mcpgov::audit
