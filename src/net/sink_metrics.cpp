// The thread that sends metrics of this process.
// Tested by tests/net/sinks_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "net/sink_metrics.hpp"

#include <chrono>
#include <utility>

#include "base/os_time.hpp"
#include "net/signals_elsewhere.hpp"

namespace mcpgov::net {

MetricsExporter::MetricsExporter(const SinkSettings& settings, HttpClient http,
                                 const SinkHost& host)
    : host_(host), period_ms_(settings.metrics_period_ms), http_(std::move(http)) {
  status_.name = settings.name + ".metrics";
  status_.exporting = true;
}

void MetricsExporter::start() {
  const SignalsElsewhere here;
  ended_ = false;
  try {
    thread_ = std::thread([this]() noexcept { loop(); });
  } catch (...) {
    ended_ = true;
    throw;
  }
}

void MetricsExporter::drain() noexcept {
  {
    const std::lock_guard hold(guard_);
    draining_ = true;
  }
  changed_.notify_all();
}

bool MetricsExporter::wait(std::uint64_t until_ns) noexcept {
  std::unique_lock hold(guard_);
  const std::uint64_t now = steady_clock_ns();
  const std::chrono::nanoseconds left(until_ns > now ? until_ns - now : 0);
  changed_.wait_for(hold, left, [this] { return ended_; });
  return ended_ && status_.error.empty();
}

void MetricsExporter::end() noexcept {
  {
    const std::lock_guard hold(guard_);
    stopping_ = true;
  }
  http_.stop();
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

SinkStatus MetricsExporter::status() const {
  const std::lock_guard hold(guard_);
  return status_;
}

void MetricsExporter::loop() noexcept {
  std::unique_lock hold(guard_);
  bool last = false;
  while (!stopping_ && !last) {
    changed_.wait_for(hold, std::chrono::milliseconds(period_ms_),
                      [this] { return draining_ || stopping_; });
    if (stopping_) break;
    last = draining_;
    hold.unlock();
    try {
      send();
    } catch (...) {
      // Out of memory: they come with the next ones.
    }
    hold.lock();
  }
  ended_ = true;
  changed_.notify_all();
}

void MetricsExporter::send() {
  const std::string body = host_.metrics(host_.context);
  if (body.empty()) return;
  const HttpReply reply = http_.post(http_.url(), {{"Content-Type", "application/json"}}, body);
  const Delivery delivery = judge(reply);
  const std::lock_guard hold(guard_);
  const bool taken = delivery.fate == Fate::taken;
  status_.sent += taken ? 1 : 0;
  status_.retries += taken ? 0 : 1;
  status_.error = delivery.why;
}

}  // namespace mcpgov::net
