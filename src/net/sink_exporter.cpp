// The thread that serves one sink.
// Tested by tests/net/sink_exporter_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "net/sink_exporter.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "base/os_time.hpp"
#include "crypto/random.hpp"
#include "net/signals_elsewhere.hpp"

namespace mcpgov::net {

namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;  // ns
// What a sink may ask for with Retry-After; more is a mistake of its clock or its settings.
constexpr std::uint32_t kLongestAsked = 600'000;  // ms
constexpr std::uint64_t kLockPeriod = 1000 * kMillisecond;
// How often a sink is asked what became of what it was given.
constexpr std::uint64_t kSettlePeriod = 50 * kMillisecond;

// Between half of it and all of it, so that many processes do not come back at the same time.
std::uint64_t with_jitter(std::uint64_t wait_ms) noexcept {
  std::array<std::uint8_t, 2> random = {};
  static_cast<void>(crypto::random_bytes(random));  // zeros do no harm here
  const std::uint64_t part = random[0] | (std::uint64_t{random[1]} << 8);
  return wait_ms / 2 + wait_ms * part / 131'072;
}

}  // namespace

Exporter::Exporter(ExporterParts parts, SinkFiles files, const SinkHost& host)
    : parts_(std::move(parts)),
      files_(std::move(files)),
      host_(host),
      lock_(files_.lock_path()),
      feed_(parts_.settings, files_, std::move(parts_.source), parts_.skip_control,
            parts_.skip_intents) {
  status_.name = parts_.name;
}

void Exporter::start() {
  const SignalsElsewhere here;
  ended_ = false;
  try {
    thread_ = std::thread([this]() noexcept { loop(); });
  } catch (...) {
    ended_ = true;
    throw;
  }
}

void Exporter::wake() noexcept {
  {
    const std::lock_guard hold(guard_);
    woken_ = true;
  }
  changed_.notify_all();
}

void Exporter::drain() noexcept {
  {
    const std::lock_guard hold(guard_);
    draining_ = woken_ = true;
  }
  changed_.notify_all();
}

bool Exporter::wait(std::uint64_t until_ns) noexcept {
  std::unique_lock hold(guard_);
  const std::uint64_t now = steady_clock_ns();
  const std::chrono::nanoseconds left(until_ns > now ? until_ns - now : 0);
  changed_.wait_for(hold, left, [this] { return ended_; });
  return ended_ && complete_;
}

void Exporter::end() noexcept {
  stopping_.store(true, std::memory_order_relaxed);
  parts_.transport->stop();
  wake();
  if (!thread_.joinable()) return;
  thread_.join();
  lock_.unlock();
}

SinkStatus Exporter::status() const {
  const std::lock_guard hold(guard_);
  SinkStatus out = status_;
  const std::uint64_t now_ns = wall_clock_us() * 1000;
  // At least 1: less than a millisecond is not nothing.
  if (oldest_ns_ != 0) {
    out.behind_ms = now_ns > oldest_ns_ ? (now_ns - oldest_ns_) / kMillisecond + 1 : 1;
  }
  return out;
}

void Exporter::pause(std::uint64_t until_ns) {
  std::unique_lock hold(guard_);
  const std::uint64_t now = steady_clock_ns();
  const std::chrono::nanoseconds left(until_ns > now ? until_ns - now : 0);
  changed_.wait_for(hold, left, [this] { return woken_ || stopping(); });
}

void Exporter::loop() noexcept {
  while (!stopping()) {
    try {
      serve();
      break;
    } catch (...) {
      // Out of memory: from the last cursor again, a little later.
      handed_.clear();
      next_.clear();
      parts_.transport->forget();
      feed_.rewind();
      not_before_ns_ = steady_clock_ns() + kLockPeriod;
    }
  }
  {
    const std::lock_guard hold(guard_);
    ended_ = true;
    complete_ = all_taken_;
  }
  changed_.notify_all();
}

// Until it is stopped, or drained.
void Exporter::serve() {
  while (!stopping()) {
    bool draining = false;
    bool list = false;
    {
      const std::lock_guard hold(guard_);
      draining = draining_;
      list = std::exchange(woken_, false) || draining;
    }
    if (!lock_.try_lock()) {
      // Another process serves this sink, and goes on to.
      all_taken_ = true;
      if (draining) return;
      pause(steady_clock_ns() + kLockPeriod);
      continue;
    }
    const std::string unread = feed_.refresh(list);
    bool moved = false;
    do {
      moved = settle();
      if (steady_clock_ns() >= not_before_ns_) moved = send_next() || moved;
    } while (moved && !stopping());
    const std::string trouble(feed_.trouble());
    {
      const std::lock_guard hold(guard_);
      status_.exporting = true;
      oldest_ns_ = feed_.oldest_ns();
      if (failures_ == 0) status_.error = !unread.empty() ? unread : trouble;
    }
    all_taken_ =
        next_.empty() && handed_.empty() && unread.empty() && trouble.empty() && failures_ == 0;
    // Now that what is sealed is out, the next leaf of each log is one that waits to be.
    if (draining && all_taken_ && !std::exchange(awaited_, true)) feed_.await_seal();
    if (draining) all_taken_ = all_taken_ && !feed_.awaits_seal();
    if (draining && all_taken_) return;
    const std::uint64_t now = steady_clock_ns();
    std::uint64_t until = now + parts_.settings.period_ms * kMillisecond;
    if (!handed_.empty()) until = std::min(until, now + kSettlePeriod);
    if (failures_ != 0) until = std::max(until, not_before_ns_);
    pause(until);
  }
}

// True: something was taken.
bool Exporter::settle() {
  const auto parked_first = [this] {
    bool any = false;
    while (!handed_.empty() && handed_.front().parked) {
      take(handed_.front());
      handed_.pop_front();
      any = true;
    }
    return any;
  };
  bool any = parked_first();
  if (handed_.empty()) return any;
  Settled settled = parts_.transport->settle();
  for (std::size_t i = 0; i < settled.batches && !handed_.empty(); ++i) {
    take(handed_.front());
    handed_.pop_front();
    failures_ = 0;
    any = true;
    parked_first();
  }
  if (settled.lost) {
    handed_.clear();
    next_.clear();
    parts_.transport->forget();
    feed_.rewind();
    retry(settled.why, 0, false);
  }
  return any;
}

// False: there is nothing to send now, or no room for it.
bool Exporter::send_next() {
  if (stopping() || handed_.size() >= parts_.transport->window()) return false;
  if (next_.empty()) {
    Batch batch;
    if (!feed_.next(batch)) return false;
    next_.push_back(std::move(batch));
  }
  Batch batch = std::move(next_.front());
  next_.pop_front();
  {
    const std::lock_guard hold(guard_);
    oldest_ns_ = feed_.oldest_ns();
  }
  if (batch.size() == 0) {
    handed_.push_back({batch.log, batch.last_seq, 0, true, batch.whole});
    return true;
  }
  const Delivery delivery = parts_.transport->send(batch);
  const bool went_on = delivery.fate != Fate::again && delivery.fate != Fate::closed;
  conclude(std::move(batch), delivery);
  return went_on;
}

void Exporter::conclude(Batch batch, const Delivery& delivery) {
  switch (delivery.fate) {
    case Fate::handed:
      handed_.push_back({batch.log, batch.last_seq, batch.size(), false, batch.whole});
      break;
    case Fate::taken: {
      failures_ = 0;
      if (delivery.rejected != 0) {
        files_.reject(batch.log, batch[0].seq, batch.last_seq, delivery.rejected, delivery.why);
        const std::lock_guard hold(guard_);
        status_.rejected += delivery.rejected;
      }
      const std::uint64_t in =
          batch.size() - std::min<std::uint64_t>(batch.size(), delivery.rejected);
      const bool whole = batch.whole && delivery.rejected == 0;
      handed_.push_back({batch.log, batch.last_seq, in, true, whole});
      break;
    }
    case Fate::refused: refuse(std::move(batch), delivery.why); break;
    case Fate::again:
    case Fate::closed:
      next_.push_front(std::move(batch));
      retry(delivery.why, delivery.after_ms, delivery.fate == Fate::closed);
      break;
  }
}

// One bad record must not take the others with it: each half comes by itself.
void Exporter::refuse(Batch batch, const std::string& why) {
  if (batch.size() > 1) {
    auto [first, second] = batch.halves();
    next_.push_front(std::move(second));
    next_.push_front(std::move(first));
    return;
  }
  failures_ = 0;
  files_.reject(batch.log, batch[0].seq, batch[0].seq, 1, why);
  handed_.push_back({batch.log, batch.last_seq, 0, true, false});
  const std::lock_guard hold(guard_);
  ++status_.rejected;
}

void Exporter::take(const Handed& handed) {
  const bool kept = feed_.taken(handed.log, handed.last_seq, handed.whole);
  if (host_.taken != nullptr) {
    host_.taken(host_.context, parts_.name, handed.log, handed.last_seq);
  }
  const std::lock_guard hold(guard_);
  status_.sent += handed.records;
  oldest_ns_ = feed_.oldest_ns();
  status_.error = kept ? std::string() : "its cursor cannot be written";
}

void Exporter::retry(const std::string& why, std::uint32_t after_ms, bool longest) {
  const std::uint64_t cap = parts_.settings.longest_retry_ms;
  const std::uint64_t doubled = std::uint64_t{parts_.settings.retry_ms} << std::min(failures_, 20U);
  const std::uint64_t wait = after_ms != 0 ? std::min(after_ms, kLongestAsked)
                             : longest     ? cap
                                           : with_jitter(std::min(doubled, cap));
  ++failures_;
  not_before_ns_ = steady_clock_ns() + wait * kMillisecond;
  const std::lock_guard hold(guard_);
  ++status_.retries;
  status_.error = why;
}

}  // namespace mcpgov::net
