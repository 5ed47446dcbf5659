// The thread that sends metrics of this process.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "mcpgov/net.hpp"
#include "net/sink_http.hpp"

namespace mcpgov::net {

// Metrics are cumulative: what could not be sent is part of what is sent next, and nothing comes
// twice. Threads: start() and end() by one thread; the others from any.
class MetricsExporter {
 public:
  // host: has a metrics callback. Throws: std::bad_alloc.
  MetricsExporter(const SinkSettings& settings, HttpClient http, const SinkHost& host);
  MetricsExporter(const MetricsExporter&) = delete;
  MetricsExporter& operator=(const MetricsExporter&) = delete;

  void start();  // Throws: std::system_error.
  // Asks for a last time, then ends. Never waits.
  void drain() noexcept;
  bool wait(std::uint64_t until_ns) noexcept;
  void end() noexcept;
  // Throws: std::bad_alloc.
  SinkStatus status() const;

 private:
  void loop() noexcept;
  void send();

  const SinkHost host_;
  const std::uint32_t period_ms_;
  HttpClient http_;
  mutable std::mutex guard_;  // what follows
  std::condition_variable changed_;
  bool draining_ = false;
  bool stopping_ = false;
  bool ended_ = true;
  SinkStatus status_;
  std::thread thread_;
};

}  // namespace mcpgov::net
