// Counts of what happened: OpenTelemetry's metrics for MCP, decisions, and the health of the log.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "audit/event.hpp"
#include "audit/project/settings.hpp"
#include "mcpgov/audit.hpp"

namespace mcpgov::audit {

// Upper bounds of the duration's buckets in seconds (OpenTelemetry, semantic conventions for MCP,
// `mcp.server.operation.duration`).
inline constexpr std::array<double, 14> kDurationBounds = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1,
                                                           2,    5,    10,   30,  60,  120, 300};
inline constexpr std::size_t kOutcomes = 9;

// All of it at one moment.
struct MetricsSnapshot {
  // The attributes of the conventions; what is empty does not apply. Every one is of a bounded set.
  struct Operation {
    bool by_server = false;  // `mcp.client.operation.duration`: the server asked the client
    std::string_view method;
    std::string tool;    // or `_OTHER`
    std::string prompt;  // or `_OTHER`
    std::string_view error_type;
    std::string_view status_code;
    std::string_view protocol;
    std::string_view transport;
    std::array<std::uint64_t, kDurationBounds.size() + 1> buckets = {};
    std::uint64_t count = 0;
    std::uint64_t sum_ns = 0;
  };
  struct Decision {
    bool allow = false;
    ErrorCode reason = ErrorCode::none;
    ToolClass tool_class = ToolClass::none;
    std::uint64_t count = 0;
  };
  // Of the calls of one tool; empty: of all other messages.
  struct Content {
    std::string tool;
    std::uint64_t argument_bytes = 0, argument_tokens = 0;
    std::uint64_t result_bytes = 0, result_tokens = 0;
    std::uint64_t reply_bytes = 0, items_removed = 0;
  };
  std::uint64_t since_us = 0;
  std::vector<Operation> operations;
  std::vector<Decision> decisions;
  std::vector<Content> content;
  std::array<std::uint64_t, kOutcomes> outcomes = {};  // by Outcome
};

// Aggregates final events in memory of a fixed size. Names of tools and prompts are told apart up
// to kNames, and not those of tools that do not exist, which anybody can invent; there are at most
// kSeries combinations. What goes beyond is counted as `_OTHER`. Nothing tells callers, sessions,
// tenants or policies apart.
// Threads: observe() by one thread, snapshot() by any at the same time.
class Metrics {
 public:
  static constexpr std::size_t kNames = 250;
  static constexpr std::size_t kSeries = 2000;

  // since_us: when counting begins. Throws: std::bad_alloc.
  explicit Metrics(std::uint64_t since_us);
  ~Metrics();

  // Intents are passed over. Allocates only for a name that it has not seen; where it cannot, the
  // name counts as `_OTHER`.
  void observe(const Event& event) noexcept;
  // Throws: std::bad_alloc.
  MetricsSnapshot snapshot() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Prometheus' text format 0.0.4, with the health of the log where there is one.
// Throws: std::bad_alloc.
std::string prometheus_text(const MetricsSnapshot& snapshot, const Health* health);

// Body of a request to `/v1/metrics`: ExportMetricsServiceRequest as JSON, cumulative, and a line
// of an OTLP file. Throws: std::bad_alloc.
std::string otlp_metrics(const MetricsSnapshot& snapshot, const Health* health,
                         std::uint64_t now_us, const ProjectionSettings& settings);

}  // namespace mcpgov::audit
