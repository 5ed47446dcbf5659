// Prints events of every shape in one format, as a batch, for validators of other projects:
// `observability_samples FORMAT`, or `events` for the stored texts, one a line; with `-` instead of
// samples, events are read from standard input.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/project/samples.hpp"

#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

#include "audit/project/format.hpp"

int main(int argc, char** argv) {
  using namespace mcpgov::audit;
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
