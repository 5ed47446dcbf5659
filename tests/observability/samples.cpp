// Prints events of every shape in one format, as a batch, for validators of other projects:
// `observability_samples FORMAT`, or `events` for the stored texts, one a line; with `-` instead of
// samples, events are read from standard input. `metrics` and `otlp-metrics` are counts of them.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/project/samples.hpp"

#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

#include "audit/metrics.hpp"
#include "audit/project/format.hpp"

namespace {

using namespace mcpgov::audit;

// The counts of all samples, and the health of a log that has lost two records.
std::string metrics(bool otlp) {
  Metrics counted(1'795'159'000'000'000);
  test::visit_samples([&](const Event& event) { counted.observe(event); });
  Health health;
  health.state = State::degraded;
  health.begun = health.ended = 100;
  health.lost = 2;
  health.stalled_ns = 1'500'000'000;
  const MetricsSnapshot snapshot = counted.snapshot();
  return otlp ? otlp_metrics(snapshot, &health, 1'795'159'400'000'000, {})
              : prometheus_text(snapshot, &health);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string wanted = argc > 1 ? argv[1] : "";
  std::vector<std::string> events;
  if (argc > 2 && std::strcmp(argv[2], "-") == 0) {
    for (std::string line; std::getline(std::cin, line);) events.push_back(line);
  } else {
    events = test::sample_events();
  }
  std::string out;
  if (wanted == "events") {
    for (const std::string& event : events) out.append(event).append("\n");
  } else if (wanted.ends_with("metrics")) {
    out = metrics(wanted == "otlp-metrics");
  } else {
    const std::string base = wanted.substr(0, wanted.find('+'));
    const auto format = format_from(base);
    if (!format) return std::fprintf(stderr, "usage: %s FORMAT|events [-]\n", argv[0]), 2;
    ProjectionSettings settings;
    settings.host_name = "host-7";
    settings.service_version = "1.2";
    settings.resource = {{"deployment.environment.name", "test"}};
    // `+all`: what is off by default.
    if (wanted.ends_with("+all")) {
      settings.identity_on_spans = settings.content_on_spans = settings.syslog_cef = true;
      settings.ocsf = OcsfVersion::v1_9_0_dev;
    }
    EventParser parser;
    open_batch(out, *format, settings);
    std::uint64_t seq = 0;
    for (const std::string& text : events) {
      ParsedEvent event;
      event.log = "boot-1-uuid";
      event.seq = ++seq;
      if (parser.parse(text, event) != mcpgov::ErrorCode::none) return 1;
      append_to_batch(out, *format, event, settings);
    }
    close_batch(out, *format);
  }
  return std::fwrite(out.data(), 1, out.size(), stdout) == out.size() ? 0 : 1;
}
