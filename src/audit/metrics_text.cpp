// Metrics in Prometheus' text format 0.0.4.
// Tested by tests/audit/metrics_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "audit/metrics.hpp"
#include "audit/project/escapes.hpp"
#include "audit/project/otlp.hpp"

namespace mcpgov::audit {

namespace {

std::string shortest(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

// One sample after the other, labels that are empty left out.
class Text {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    out_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ");
    out_.append(name).append(" ").append(type).append("\n");
  }
  Text& sample(std::string_view name) {
    out_ += name;
    labels_ = 0;
    return *this;
  }
  Text& label(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    out_ += labels_++ == 0 ? '{' : ',';
    out_.append(name).append("=\"");
    append_escaped(out_, value, "\\\"");
    out_ += '"';
    return *this;
  }
  void value(std::string_view text) {
    if (labels_ != 0) out_ += '}';
    out_.append(" ").append(text).append("\n");
  }
  void value(std::uint64_t number) { value(std::to_string(number)); }

  void single(std::string_view name, std::string_view type, std::string_view help,
              std::string_view text) {
    family(name, type, help);
    sample(name).value(text);
  }
  void single(std::string_view name, std::string_view type, std::string_view help,
              std::uint64_t number) {
    single(name, type, help, std::to_string(number));
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
  int labels_ = 0;
};

Text& operation_labels(Text& out, const MetricsSnapshot::Operation& each) {
  return out.label("mcp_method_name", each.method)
      .label("gen_ai_tool_name", each.tool)
      .label("gen_ai_prompt_name", each.prompt)
      .label("gen_ai_operation_name", each.method == "tools/call" ? "execute_tool" : "")
      .label("error_type", each.error_type)
      .label("rpc_response_status_code", each.status_code)
      .label("mcp_protocol_version", each.protocol)
      .label("network_transport", each.transport);
}

void durations(Text& out, const MetricsSnapshot& snapshot, bool by_server) {
  const std::string name =
      by_server ? "mcp_client_operation_duration_seconds" : "mcp_server_operation_duration_seconds";
  out.family(name, "histogram",
             by_server ? "Requests of servers, from sent to answered."
                       : "MCP messages, from received to answered.");
  for (const MetricsSnapshot::Operation& each : snapshot.operations) {
    if (each.by_server != by_server) continue;
    std::uint64_t below = 0;
    for (std::size_t at = 0; at <= kDurationBounds.size(); ++at) {
      below += each.buckets[at];
      const bool last = at == kDurationBounds.size();
      operation_labels(out.sample(name + "_bucket"), each)
          .label("le", last ? "+Inf" : shortest(kDurationBounds[at]))
          .value(below);
    }
    operation_labels(out.sample(name + "_sum"), each).value(seconds_text(each.sum_ns));
    operation_labels(out.sample(name + "_count"), each).value(each.count);
  }
}

void decisions(Text& out, const MetricsSnapshot& snapshot) {
  out.family("mcpgov_decisions_total", "counter", "Decisions by effect, reason and tool class.");
  for (const MetricsSnapshot::Decision& each : snapshot.decisions) {
    out.sample("mcpgov_decisions_total")
        .label("effect", each.allow ? "allow" : "deny")
        .label("reason", code_name(each.reason))
        .label("class", class_name(each.tool_class))
        .value(each.count);
  }
  out.family("mcpgov_messages_total", "counter", "Messages by how they ended.");
  for (std::size_t at = 0; at < kOutcomes; ++at) {
    out.sample("mcpgov_messages_total")
        .label("outcome", outcome_name(static_cast<Outcome>(at)))
        .value(snapshot.outcomes[at]);
  }
}

void content(Text& out, const MetricsSnapshot& snapshot) {
  using Content = MetricsSnapshot::Content;
  struct Family {
    std::string_view name, help;
    std::uint64_t Content::*value;
  };
  constexpr Family kFamilies[] = {
      {"mcpgov_arguments_size_bytes_total", "Arguments as sent.", &Content::argument_bytes},
      {"mcpgov_arguments_tokens_total", "Arguments, estimated or counted by the host.",
       &Content::argument_tokens},
      {"mcpgov_result_size_bytes_total", "Results as the server sent them.",
       &Content::result_bytes},
      {"mcpgov_result_tokens_total", "Results, estimated or counted by the host.",
       &Content::result_tokens},
      {"mcpgov_reply_size_bytes_total", "Answers passed on to callers.", &Content::reply_bytes},
      {"mcpgov_list_items_removed_total", "Items taken out of lists.", &Content::items_removed},
  };
  for (const Family& family : kFamilies) {
    out.family(family.name, "counter", family.help);
    for (const Content& each : snapshot.content) {
      out.sample(family.name).label("gen_ai_tool_name", each.tool).value(each.*family.value);
    }
  }
}

void health_of(Text& out, const Health& health) {
  out.family("mcpgov_audit_state", "gauge", "1 for the state that the log is in.");
  constexpr std::string_view kStates[] = {"healthy", "degraded", "failed"};
  for (std::size_t at = 0; at < std::size(kStates); ++at) {
    const bool now = static_cast<std::size_t>(health.state) == at;
    out.sample("mcpgov_audit_state").label("state", kStates[at]).value(now ? 1 : 0);
  }
  const std::string p = "mcpgov_audit_";
  out.single(p + "records_begun_total", "counter", "Records begun.", health.begun);
  out.single(p + "records_ended_total", "counter", "Records ended.", health.ended);
  out.single(p + "records_stored_total", "counter", "Records in the file.", health.stored);
  out.single(p + "records_durable_total", "counter", "Records on the disk.", health.durable);
  out.single(p + "records_open", "gauge", "Records begun and not ended.", health.open);
  out.single(p + "records_lost_total", "counter", "Records lost; must be 0.", health.lost);
  out.single(p + "messages_unrecorded_total", "counter",
             "Messages that went on without a record, as configured.", health.missed);
  out.single(p + "stalls_total", "counter", "Waits for room in the ring.", health.stalls);
  out.single(p + "stalled_seconds_total", "counter", "Time waited for room in the ring.",
             seconds_text(health.stalled_ns));
  out.single(p + "ring_bytes", "gauge", "Ring memory in use.", health.ring_bytes);
  out.single(p + "disk_free_bytes", "gauge", "Room on the log's disk.", health.disk_free_bytes);
  out.single(p + "sync_p99_seconds", "gauge", "Slow syncs to the disk, 99th percentile.",
             seconds_text(health.sync_p99_us * 1000));
}

}  // namespace

std::string prometheus_text(const MetricsSnapshot& snapshot, const Health* health) {
  Text out;
  durations(out, snapshot, false);
  durations(out, snapshot, true);
  decisions(out, snapshot);
  content(out, snapshot);
  if (health != nullptr) health_of(out, *health);
  return out.take();
}

}  // namespace mcpgov::audit
