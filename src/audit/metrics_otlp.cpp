// Metrics in the OpenTelemetry protocol's JSON form. Names and units are such that a collector's
// Prometheus exporter serves what metrics_text.cpp writes: dashboards and alerts fit either.
// Tested by tests/audit/metrics_test.cpp and tests/sinks/ready_made.py
//
// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "audit/metrics.hpp"
#include "audit/project/otlp.hpp"

namespace mcpgov::audit {

namespace {

// metrics.proto, AggregationTemporality.
constexpr std::uint64_t kCumulative = 2;

// The array `metrics`, one after the other.
class Metric {
 public:
  Metric(JsonWriter& out, std::uint64_t since_us, std::uint64_t now_us)
      : out_(out), since_ns_(since_us * 1000), now_ns_(now_us * 1000) {}

  void open(std::string_view name, std::string_view unit, std::string_view kind) {
    out_.open_object({});
    out_.string("name", name);
    out_.string("unit", unit);
    out_.open_object(kind);
    if (kind != "gauge") out_.number("aggregationTemporality", kCumulative);
    if (kind == "sum") out_.boolean("isMonotonic", true);
    out_.open_array("dataPoints");
  }
  void close() {
    out_.close_array();
    out_.close_object();
    out_.close_object();
  }
  void open_point() {
    out_.open_object({});
    append_long(out_, "startTimeUnixNano", since_ns_);
    append_long(out_, "timeUnixNano", now_ns_);
  }
  void integer(std::uint64_t value) { append_long(out_, "asInt", value); }
  void seconds(std::uint64_t nanoseconds) { out_.raw("asDouble", seconds_text(nanoseconds)); }
  void close_point() { out_.close_object(); }

  // A metric of one point without attributes.
  void single(std::string_view name, std::string_view unit, std::string_view kind,
              std::uint64_t value) {
    open(name, unit, kind);
    open_point();
    integer(value);
    close_point();
    close();
  }
  void single_time(std::string_view name, std::string_view kind, std::uint64_t nanoseconds) {
    open(name, "s", kind);
    open_point();
    seconds(nanoseconds);
    close_point();
    close();
  }

 private:
  JsonWriter& out_;
  std::uint64_t since_ns_;
  std::uint64_t now_ns_;
};

std::string decimal(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

void operation(JsonWriter& json, Metric& metric, const MetricsSnapshot::Operation& each) {
  metric.open_point();
  append_long(json, "count", each.count);
  json.raw("sum", seconds_text(each.sum_ns));
  json.open_array("bucketCounts");
  for (const std::uint64_t count : each.buckets) json.element(std::to_string(count));
  json.close_array();
  json.open_array("explicitBounds");
  for (const double bound : kDurationBounds) json.raw({}, decimal(bound));
  json.close_array();
  Attributes attributes(json);
  attributes.text("mcp.method.name", each.method);
  attributes.text("gen_ai.tool.name", each.tool);
  attributes.text("gen_ai.prompt.name", each.prompt);
  if (each.method == "tools/call") attributes.text("gen_ai.operation.name", "execute_tool");
  attributes.text("error.type", each.error_type);
  attributes.text("rpc.response.status_code", each.status_code);
  attributes.text("mcp.protocol.version", each.protocol);
  attributes.text("network.transport", each.transport);
  attributes.close();
  metric.close_point();
}

void durations(JsonWriter& json, Metric& metric, const MetricsSnapshot& snapshot, bool by_server) {
  metric.open(by_server ? "mcp.client.operation.duration" : "mcp.server.operation.duration", "s",
              "histogram");
  for (const MetricsSnapshot::Operation& each : snapshot.operations) {
    if (each.by_server == by_server) operation(json, metric, each);
  }
  metric.close();
}

void counts(JsonWriter& json, Metric& metric, const MetricsSnapshot& snapshot) {
  metric.open("mcpgov.decisions", "{decision}", "sum");
  for (const MetricsSnapshot::Decision& each : snapshot.decisions) {
    metric.open_point();
    metric.integer(each.count);
    Attributes attributes(json);
    attributes.text("effect", each.allow ? "allow" : "deny");
    attributes.text("reason", code_name(each.reason));
    attributes.text("class", class_name(each.tool_class));
    attributes.close();
    metric.close_point();
  }
  metric.close();
  metric.open("mcpgov.messages", "{message}", "sum");
  for (std::size_t at = 0; at < kOutcomes; ++at) {
    metric.open_point();
    metric.integer(snapshot.outcomes[at]);
    Attributes attributes(json);
    attributes.text("outcome", outcome_name(static_cast<Outcome>(at)));
    attributes.close();
    metric.close_point();
  }
  metric.close();
}

void content(JsonWriter& json, Metric& metric, const MetricsSnapshot& snapshot) {
  using Content = MetricsSnapshot::Content;
  struct Family {
    std::string_view name, unit;
    std::uint64_t Content::*value;
  };
  constexpr Family kFamilies[] = {
      {"mcpgov.arguments.size", "By", &Content::argument_bytes},
      {"mcpgov.arguments.tokens", "{token}", &Content::argument_tokens},
      {"mcpgov.result.size", "By", &Content::result_bytes},
      {"mcpgov.result.tokens", "{token}", &Content::result_tokens},
      {"mcpgov.reply.size", "By", &Content::reply_bytes},
      {"mcpgov.list.items_removed", "{item}", &Content::items_removed},
  };
  for (const Family& family : kFamilies) {
    metric.open(family.name, family.unit, "sum");
    for (const Content& each : snapshot.content) {
      metric.open_point();
      metric.integer(each.*family.value);
      Attributes attributes(json);
      attributes.text("gen_ai.tool.name", each.tool);
      attributes.close();
      metric.close_point();
    }
    metric.close();
  }
}

void state_of(JsonWriter& json, Metric& metric, State state) {
  constexpr std::string_view kStates[] = {"healthy", "degraded", "failed"};
  // A unit of "1" would put `_ratio` behind the name that Prometheus knows.
  metric.open("mcpgov.audit.state", "{state}", "gauge");
  for (std::size_t at = 0; at < std::size(kStates); ++at) {
    metric.open_point();
    metric.integer(static_cast<std::size_t>(state) == at ? 1 : 0);
    Attributes attributes(json);
    attributes.text("state", kStates[at]);
    attributes.close();
    metric.close_point();
  }
  metric.close();
}

void health_of(JsonWriter& json, Metric& metric, const Health& health) {
  state_of(json, metric, health.state);
  metric.single("mcpgov.audit.records.begun", "{record}", "sum", health.begun);
  metric.single("mcpgov.audit.records.ended", "{record}", "sum", health.ended);
  metric.single("mcpgov.audit.records.stored", "{record}", "sum", health.stored);
  metric.single("mcpgov.audit.records.durable", "{record}", "sum", health.durable);
  metric.single("mcpgov.audit.records.open", "{record}", "gauge", health.open);
  metric.single("mcpgov.audit.records.lost", "{record}", "sum", health.lost);
  metric.single("mcpgov.audit.messages.unrecorded", "{message}", "sum", health.missed);
  metric.single("mcpgov.audit.stalls", "{stall}", "sum", health.stalls);
  metric.single_time("mcpgov.audit.stalled", "sum", health.stalled_ns);
  metric.single("mcpgov.audit.ring", "By", "gauge", health.ring_bytes);
  metric.single("mcpgov.audit.disk.free", "By", "gauge", health.disk_free_bytes);
  metric.single_time("mcpgov.audit.sync.p99", "gauge", health.sync_p99_us * 1000);
}

}  // namespace

std::string otlp_metrics(const MetricsSnapshot& snapshot, const Health* health,
                         std::uint64_t now_us, const ProjectionSettings& settings) {
  std::string out;
  JsonWriter json(out);
  json.open_array("resourceMetrics");
  json.open_object({});
  append_otlp_resource(json, settings);
  json.open_array("scopeMetrics");
  json.open_object({});
  append_otlp_scope(json);
  json.open_array("metrics");
  Metric metric(json, snapshot.since_us, now_us);
  durations(json, metric, snapshot, false);
  durations(json, metric, snapshot, true);
  counts(json, metric, snapshot);
  content(json, metric, snapshot);
  if (health != nullptr) health_of(json, metric, *health);
  out += "]}]}]}\n";
  return out;
}

}  // namespace mcpgov::audit
