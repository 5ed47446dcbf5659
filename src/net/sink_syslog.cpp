// Syslog, RFC 5424, over TLS (RFC 5425) or TCP (RFC 6587, octet counting).
// Tested by tests/net/sinks_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <deque>
#include <utility>

#include "base/os_time.hpp"
#include "net/sink_line.hpp"
#include "net/sink_text.hpp"
#include "net/sink_transport.hpp"

namespace mcpgov::net {

namespace {

// The protocol has no acknowledgement. What the other system has acknowledged may still be lost
// with its syslog server; a server that dies closes its connections, so a batch counts as taken
// when the connection is still there this long afterwards.
constexpr std::uint64_t kGrace = 1'000'000'000;  // ns
constexpr std::size_t kWindow = 64;
constexpr std::uint64_t kNothing = 1;  // of a batch that had nothing to say

class Syslog final : public Transport {
 public:
  Syslog(SinkLine line, const SinkSettings& settings)
      : line_(std::move(line)), text_(settings, audit::Format::syslog) {}

  Delivery send(const Batch& batch) override {
    std::string text;
    if (!text_.append(text, batch)) {
      sent_.push_back(kNothing);
      return {Fate::handed, 0, 0, {}};
    }
    // On a connection that was closed nothing more may go out: what went before is not settled.
    if (!sent_.empty() && !line_.alive()) return {Fate::again, 0, 1, "it closed the connection"};
    std::string why = line_.alive() ? std::string() : line_.connect();
    if (why.empty()) why = line_.write(text);
    if (!why.empty()) return {Fate::again, 0, 0, std::move(why)};
    sent_.push_back(0);
    return {Fate::handed, 0, 0, {}};
  }

  Settled settle() override {
    Settled out;
    pop(0, out);
    if (sent_.empty()) return out;
    if (!line_.alive()) {
      out.lost = true;
      out.why = "it closed the connection";
      return out;
    }
    const std::uint64_t now = steady_clock_ns();
    const bool arrived = line_.arrived();
    for (std::uint64_t& each : sent_) {
      if (each == 0 && arrived) each = now;
    }
    pop(now, out);
    return out;
  }

  std::size_t window() const noexcept override { return kWindow; }

  void forget() override {
    sent_.clear();
    line_.close();
  }

  void stop() noexcept override { line_.stop(); }

 private:
  void pop(std::uint64_t now, Settled& out) {
    while (!sent_.empty() && (sent_.front() == kNothing ||
                              (sent_.front() > kNothing && now >= sent_.front() + kGrace))) {
      sent_.pop_front();
      ++out.batches;
    }
  }

  SinkLine line_;
  SinkText text_;
  std::deque<std::uint64_t> sent_;  // when they had arrived; 0: not yet
};

}  // namespace

Result<std::unique_ptr<Transport>> make_syslog(const SinkSettings& settings) {
  if (settings.format != SinkFormat::json && settings.format != SinkFormat::cef) {
    return sink_error(settings, "`format` is neither json nor cef");
  }
  auto line = SinkLine::open(settings);
  if (!line) return line.error();
  return std::unique_ptr<Transport>(std::make_unique<Syslog>(std::move(line.value()), settings));
}

}  // namespace mcpgov::net
