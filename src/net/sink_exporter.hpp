// The thread that serves one sink.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "mcpgov/net.hpp"
#include "net/sink_feed.hpp"
#include "net/sink_transport.hpp"

namespace mcpgov::net {

// Which sink, under which name its files stand, and how it is reached.
struct ExporterParts {
  SinkSettings settings;
  std::string name;
  std::unique_ptr<Transport> transport;
  std::unique_ptr<LogSource> source;
  bool skip_control = false, skip_intents = false;  // see SinkFeed
};

// Threads: start() and end() by one thread; the others from any.
class Exporter {
 public:
  // Throws: std::bad_alloc.
  Exporter(ExporterParts parts, SinkFiles files, const SinkHost& host);
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;

  void start();  // Throws: std::system_error.
  void wake() noexcept;

  // Asks it to end when everything is taken. Never waits.
  void drain() noexcept;
  // Until it has ended, or the time of the steady clock has come. True: everything was taken.
  bool wait(std::uint64_t until_ns) noexcept;
  // Breaks off what it does, and waits for the thread.
  void end() noexcept;

  // Throws: std::bad_alloc.
  SinkStatus status() const;

 private:
  // A batch that was handed over. parked: it needs no answer of the sink any more.
  struct Handed {
    std::string log;
    std::uint64_t last_seq = 0;
    std::uint64_t records = 0;
    bool parked = false;
    bool whole = true;  // see SinkFeed::taken
  };

  void loop() noexcept;
  void serve();
  bool settle();
  bool send_next();
  void conclude(Batch batch, const Delivery& delivery);
  void refuse(Batch batch, const std::string& why);
  void take(const Handed& handed);
  void retry(const std::string& why, std::uint32_t after_ms, bool longest);
  void pause(std::uint64_t until_ns);
  bool stopping() const noexcept { return stopping_.load(std::memory_order_relaxed); }

  ExporterParts parts_;
  const SinkFiles files_;
  const SinkHost host_;
  SinkLock lock_;
  SinkFeed feed_;
  std::deque<Batch> next_;      // what was read and not sent
  std::deque<Handed> handed_;   // oldest first
  std::uint32_t failures_ = 0;  // since the last success
  std::uint64_t not_before_ns_ = 0;
  bool all_taken_ = false;
  bool awaited_ = false;  // the feed knows which checkpoints to wait for
  std::atomic<bool> stopping_ = false;

  mutable std::mutex guard_;  // what follows
  std::condition_variable changed_;
  bool woken_ = false;
  bool draining_ = false;
  bool ended_ = true;
  bool complete_ = false;
  SinkStatus status_;
  std::uint64_t oldest_ns_ = 0;
  std::thread thread_;
};

}  // namespace mcpgov::net
