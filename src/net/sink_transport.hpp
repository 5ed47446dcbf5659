// How records get to each type of sink.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "mcpgov/net.hpp"
#include "net/sink_batch.hpp"

namespace mcpgov::net {

// A connection to one sink. Reconnects by itself when it was lost.
// Threads: one thread at a time, but for stop(). Throws: std::bad_alloc.
class Transport {
 public:
  virtual ~Transport() = default;

  virtual Delivery send(const Batch& batch) = 0;

  // What became of batches that were handed over; waits for nothing. Every batch is told of once,
  // in the order of send().
  virtual Settled settle() { return {}; }
  // How many batches may be handed over and not settled.
  virtual std::size_t window() const noexcept { return 1; }
  // Forget what was handed over: it comes again.
  virtual void forget() {}

  // Breaks off what is under way, and every later send(). From any thread.
  virtual void stop() noexcept {}
};

// Each looks at the settings that it needs. Errors: audit_sink, net_missing.
Result<std::unique_ptr<Transport>> make_otlp(const SinkSettings& settings, SinkSignal signal);
Result<std::unique_ptr<Transport>> make_splunk_hec(const SinkSettings& settings);
Result<std::unique_ptr<Transport>> make_syslog(const SinkSettings& settings);
Result<std::unique_ptr<Transport>> make_webhook(const SinkSettings& settings);
Result<std::unique_ptr<Transport>> make_lines(const SinkSettings& settings);
Result<std::unique_ptr<Transport>> make_kafka(const SinkSettings& settings);

// What is wrong with a sink's settings.
inline Error sink_error(const SinkSettings& settings, const std::string& what) {
  return {ErrorCode::audit_sink, "sink `" + settings.name + "`: " + what, {}, 0, 0};
}

}  // namespace mcpgov::net
