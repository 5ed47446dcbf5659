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

void LogCore::write_loop() {
  settle_thread("mcpgov-write", false);
  const std::uint64_t interval = std::uint64_t{settings_.sync_interval_us} * 1000;
  std::vector<std::unique_ptr<Batch>> batches;
  std::uint64_t dirty_since = 0;  // 0: everything is durable
  next_seal_ns_ = steady_clock_ns() + std::uint64_t{settings_.seal_interval_ms} * 1'000'000;
  for (;;) {
    bool urgent = false;
    bool stop = false;
    {
      std::unique_lock hold(lock_);
      const std::uint64_t now = steady_clock_ns();
      const std::uint64_t until = dirty_since != 0 ? dirty_since + interval : now + kSecond / 4;
      const auto time = std::chrono::nanoseconds(until > now ? until - now : 0);
      const auto ready = [this] {
        return stop_writer_ || sync_asked_ || (!full_.empty() && !stuck_);
      };
      (void)writer_wakes_.wait_for(hold, time, ready);
      if (!stuck_) batches.swap(full_);
      urgent = std::exchange(sync_asked_, false);
      stop = stop_writer_;
    }
    room_.notify_one();
    for (const auto& batch : batches) urgent = urgent || batch->urgent;
    if (!batches.empty() && dirty_since == 0) dirty_since = steady_clock_ns();
    const bool last = stop && batches.empty();
    write_batches(batches);
    // The ring keeps what is not durable: long before that fills it, there is a sync.
    const bool due = (dirty_since != 0 && steady_clock_ns() - dirty_since >= interval) ||
                     stream_->unsynced_bytes() > settings_.ring_bytes / 4;
    if (urgent || due || last) {
      sync_now();
      dirty_since = 0;
    }
    stream_->tend(wall_ns());
    seal_if_due(false);
    publish();
    if (last) break;
  }
  closed_ = write_rest();
}

// The end: the encoding thread is gone, and what waited for a disk that failed is tried once more.
// False: some of it is nowhere but in the ring, and the log is not ended.
bool LogCore::write_rest() {
  stream_->retry(wall_ns());
  std::vector<std::unique_ptr<Batch>> rest;
  bool whole = false;
  {
    const std::lock_guard hold(lock_);
    rest.swap(full_);
    whole = !dropped_;
  }
  write_batches(rest);
  sync_now();
  seal_if_due(true);
  const bool ended = whole && stream_->close(wall_ns());
  publish();
  return ended;
}

void LogCore::write_batches(std::vector<std::unique_ptr<Batch>>& batches) {
  for (std::unique_ptr<Batch>& batch : batches) {
    (void)stream_->write(std::move(batch), wall_ns());
    publish();  // callers may wait for just this
  }
  batches.clear();
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
  state_.store(stream_->state(), std::memory_order_relaxed);
  const std::uint64_t closed = stream_->take_closed();
  const std::lock_guard hold(lock_);
  written_.store(stream_->written_seq(), std::memory_order_release);
  durable_.store(stream_->durable_seq(), std::memory_order_release);
  stuck_ = stream_->stuck();
  detail_ = stream_->detail();
  for (std::unique_ptr<Batch>& batch : stream_->spent()) {
    batch->clear();
    if (empty_.size() < empty_.capacity()) empty_.push_back(std::move(batch));
  }
  stream_->spent().clear();
  for (std::string& remark : stream_->remarks()) remarks_.push_back(std::move(remark));
  stream_->remarks().clear();
  closed_segments_ = closed_segments_ || closed != 0;
  if (closed != 0) tidy_wakes_.notify_one();
  if (stuck_) room_.notify_all();
  reached_.notify_all();
}

void LogCore::tidy_loop() {
  settle_thread("mcpgov-tidy", true);
  const auto stopping = [](void* core) noexcept {
    auto* const self = static_cast<LogCore*>(core);
    const std::lock_guard hold(self->lock_);
    return self->stop_tidy_;
  };
  std::vector<std::string> folders = std::move(left_folders_);
  for (;;) {
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
    std::unique_lock hold(lock_);
    const auto woken = [this] { return stop_tidy_ || closed_segments_; };
    (void)tidy_wakes_.wait_for(hold, std::chrono::hours(1), woken);
    if (stop_tidy_) return;
    closed_segments_ = false;
    folders.assign({place_.folder});
  }
}

}  // namespace mcpgov::audit
