// The threads of a log that write and sync, and that tidy up.
// Tested by tests/audit/log_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <new>

#include "audit/closing.hpp"
#include "audit/log_core.hpp"
#include "audit/log_folder.hpp"
#include "audit/retention.hpp"
#include "base/os_machine.hpp"
#include "base/os_time.hpp"

namespace mcpgov::audit {

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

std::uint64_t wall_ns() noexcept {
  return wall_clock_us() * 1000;
}

}  // namespace

// What the writing thread has in hand from one round to the next.
struct LogCore::Writing {
  std::vector<std::unique_ptr<Batch>> batches;
  std::uint64_t interval_ns = 0;
  std::uint64_t dirty_since = 0;  // 0: everything is durable
};

void LogCore::write_loop() {
  settle_thread("mcpgov-write", false);
  Writing now;
  now.interval_ns = std::uint64_t{settings_.sync_interval_us} * 1000;
  next_seal_ns_ = steady_clock_ns() + std::uint64_t{settings_.seal_interval_ms} * 1'000'000;
  for (bool last = false; !last;) {
    try {
      now.batches.reserve(kMaxFull);  // full_ has this memory the next time
      last = write_once(now);
      if (last) closed_ = write_rest();
    } catch (const std::bad_alloc&) {
      // What was taken is with the stream or in hand; there may be memory again soon.
      last = false;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
}

// One round. True: it is to end, and nothing is in hand.
bool LogCore::write_once(Writing& round) {
  bool urgent = false;
  bool stop = false;
  {
    std::unique_lock hold(lock_);
    const std::uint64_t now = steady_clock_ns();
    const std::uint64_t until =
        round.dirty_since != 0 ? round.dirty_since + round.interval_ns : now + kSecond / 4;
    const auto time = std::chrono::nanoseconds(until > now ? until - now : 0);
    const auto ready = [this] {
      return stop_writer_ || sync_asked_ || (!full_.empty() && !stuck_);
    };
    (void)writer_wakes_.wait_for(hold, time, ready);
    if (!stuck_ && round.batches.empty()) round.batches.swap(full_);
    urgent = std::exchange(sync_asked_, false);
    stop = stop_writer_;
  }
  room_.notify_one();
  for (const auto& batch : round.batches) urgent = urgent || (batch && batch->urgent);
  if (!round.batches.empty() && round.dirty_since == 0) round.dirty_since = steady_clock_ns();
  const bool last = stop && round.batches.empty();
  write_batches(round.batches);
  // The ring keeps what is not durable: long before that fills it, there is a sync.
  const bool due =
      (round.dirty_since != 0 && steady_clock_ns() - round.dirty_since >= round.interval_ns) ||
      stream_->unsynced_bytes() > settings_.ring_bytes / 4;
  if (urgent || due || last) {
    sync_now();
    round.dirty_since = 0;
  }
  stream_->tend(wall_ns());
  seal_if_due(false);
  publish();
  return last;
}

// The end: the encoding thread is gone, and what waited for a disk that failed is tried once more.
// False: some of it is nowhere but in the ring, and the log is not ended.
bool LogCore::write_rest() {
  stream_->retry(wall_ns());
  bool whole = false;
  {
    const std::lock_guard hold(lock_);
    whole = !dropped_;
  }
  write_batches(full_);
  sync_now();
  seal_if_due(true);
  const bool ended = whole && stream_->close(wall_ns());
  publish();
  return ended;
}

// When it throws, what the stream has not taken is still in batches.
void LogCore::write_batches(std::vector<std::unique_ptr<Batch>>& batches) {
  while (!batches.empty()) {
    if (batches.front()) (void)stream_->write(std::move(batches.front()), wall_ns());
    publish();  // callers may wait for just this
    batches.erase(batches.begin());
    unwritten_.fetch_sub(1, std::memory_order_relaxed);
  }
}

void LogCore::sync_now() {
  const std::uint64_t begin = steady_clock_ns();
  if (stream_->sync(wall_ns())) sync_times_.add((steady_clock_ns() - begin) / 1000);
  publish();
}

void LogCore::seal_if_due(bool last) {
  const std::uint64_t now = steady_clock_ns();
  if (!last && now < next_seal_ns_) return;
  next_seal_ns_ = now + std::uint64_t{settings_.seal_interval_ms} * 1'000'000;
  try {
    const std::string note = stream_->seal(wall_ns());
    if (note.empty()) return;
    (void)replace_durably(files_, path_in(stream_->folder(), kCheckpointFile), note);
  } catch (const std::bad_alloc&) {
    // The next one says as much and more.
  }
}

// What the stream has come to, told to callers and to the encoding thread.
void LogCore::publish() {
  for (const std::uint32_t run : stream_->freed()) ring_->free(run);
  stream_->freed().clear();
  // Never back, also where a segment that failed is written again.
  stored_records_.store(
      std::max(stored_records_.load(std::memory_order_relaxed), stream_->written_records()),
      std::memory_order_relaxed);
  durable_records_.store(stream_->durable_records(), std::memory_order_relaxed);
  salt_.store(stream_->salt(), std::memory_order_relaxed);
  const State state = stream_->state();
  if (state != state_.load(std::memory_order_relaxed)) {  // each store takes it from every core
    state_.store(state, std::memory_order_relaxed);
  }
  const std::lock_guard hold(lock_);
  remarks_.reserve(remarks_.size() + stream_->remarks().size());
  detail_ = stream_->detail();
  // From here on nothing can fail.
  for (std::string& remark : stream_->remarks()) remarks_.push_back(std::move(remark));
  stream_->remarks().clear();
  written_.store(stream_->written_seq(), std::memory_order_release);
  durable_.store(stream_->durable_seq(), std::memory_order_release);
  stuck_ = stream_->stuck();
  for (std::unique_ptr<Batch>& batch : stream_->spent()) {
    batch->clear();
    if (empty_.size() < empty_.capacity()) empty_.push_back(std::move(batch));
  }
  stream_->spent().clear();
  if (stream_->take_closed() != 0) {
    closed_segments_ = true;
    tidy_wakes_.notify_one();
  }
  if (stuck_) room_.notify_all();
  reached_.notify_all();
}

bool LogCore::stops_tidying() noexcept {
  const std::lock_guard hold(lock_);
  return stop_tidy_;
}

// False: another process is at it.
bool LogCore::tidy(const std::vector<std::string>& folders) {
  {
    const std::lock_guard hold(tidy_guard_);
    if (tidy_lock_.take(path_in(settings_.directory, "tidy.lock")) != 0) return false;
  }
  const auto stopping = [](void* core) noexcept {
    return static_cast<LogCore*>(core)->stops_tidying();
  };
  try {
    for (const std::string& folder : folders) {
      (void)finish_segments(files_, folder, {settings_.compress}, stopping, this);
    }
    if (settings_.retain_days != 0 || settings_.retain_bytes != 0) {
      RetentionSettings retention{settings_.retain_days, settings_.retain_bytes, nullptr, this};
      retention.exported = [](void* core, std::string_view log) noexcept -> std::uint64_t {
        try {
          return lowest_unsent(static_cast<LogCore*>(core)->settings_.directory, log);
        } catch (const std::bad_alloc&) {
          return 0;
        }
      };
      (void)retire_segments(files_, settings_.directory, retention, wall_ns());
    }
  } catch (const std::bad_alloc&) {
    // Tidying can wait.
  }
  const std::lock_guard hold(tidy_guard_);
  tidy_lock_.release();
  return true;
}

void LogCore::tidy_loop() {
  settle_thread("mcpgov-tidy", true);
  constexpr std::chrono::seconds kPause(3600), kTurn(1);
  std::vector<std::string> folders = std::move(left_folders_);
  bool done = false;
  for (bool own = false;; own = true) {
    try {
      if (own && (folders.empty() || folders.back() != place_.folder)) {
        folders.push_back(place_.folder);
      }
      done = tidy(folders);
      if (done) folders.clear();
    } catch (const std::bad_alloc&) {
      done = false;
    }
    std::unique_lock hold(lock_);
    const auto woken = [this] { return stop_tidy_ || closed_segments_; };
    (void)tidy_wakes_.wait_for(hold, done ? kPause : kTurn, woken);
    if (stop_tidy_) return;
    closed_segments_ = false;
  }
}

}  // namespace mcpgov::audit
