// Takes the logs of a directory to sinks until its standard input ends:
// sinks_export DIRECTORY SETTINGS.json, where SETTINGS is what `audit.sinks` says.
// A line of input is answered with a line of JSON that tells how the sinks are.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include <nlohmann/json.hpp>

#include "mcpgov/net.hpp"
#include "net/sink_settings.hpp"

namespace {

using namespace mcpgov;
using nlohmann::json;

std::string status_line(const net::Sinks& sinks, bool ended, bool complete) {
  json out = {{"ended", ended}, {"complete", complete}, {"sinks", json::object()}};
  for (const net::SinkStatus& each : sinks.status()) {
    out["sinks"][each.name] = {{"exporting", each.exporting}, {"sent", each.sent},
                               {"rejected", each.rejected},   {"retries", each.retries},
                               {"behind_ms", each.behind_ms}, {"error", each.error}};
  }
  return out.dump();
}

// Metrics such as a process has, in OTLP's JSON.
std::string metrics(void*) {
  return R"({"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":)"
         R"({"stringValue":"mcpgov"}}]},"scopeMetrics":[{"scope":{"name":"mcpgov"},"metrics":[)"
         R"({"name":"mcpgov.test","unit":"1","sum":{"aggregationTemporality":2,"isMonotonic":true,)"
         R"("dataPoints":[{"timeUnixNano":"1763627072664720000","asInt":"3"}]}}]}]}]})";
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) return std::fputs("usage: sinks_export DIRECTORY SETTINGS.json\n", stderr), 2;
  std::ifstream file(words[2]);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const json whole = {
      {"directory", words[1]}, {"base", ""}, {"sinks", json::parse(text, nullptr, false)}};
  const auto settings = net::read_sinks(whole.dump());
  if (!settings) return std::fprintf(stderr, "%s\n", settings.error().text().c_str()), 1;
  auto sinks =
      net::Sinks::start(settings->directory, settings->sinks, {nullptr, &metrics, nullptr});
  if (!sinks) return std::fprintf(stderr, "%s\n", sinks.error().text().c_str()), 1;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::cout << status_line(*sinks, false, false) << std::endl;
  }
  const bool complete = sinks->stop(50'000);
  std::cout << status_line(*sinks, true, complete) << std::endl;
  return complete ? 0 : 1;
}
