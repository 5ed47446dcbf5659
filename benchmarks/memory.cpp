// How many bytes does an open session hold, and an open verdict?
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "mcpgov/governor.hpp"

namespace {

using namespace mcpgov;

constexpr int kOpen = 10'000;

bool drop_line(void*, std::string_view) noexcept {
  return true;
}

// Bytes that the heap has handed out, as the system counts them: headers of the allocator included.
double heap_bytes() {
  const struct mallinfo2 info = ::mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

Governor make_governor() {
  GovernorOptions options;
  options.sink = audit::to_callback(&drop_line, nullptr);
  auto governor = Governor::parse(
      "version: 1\n"
      "servers:\n"
      "  shop:\n"
      "    policies: [{text: 'permit(principal, action, resource);'}]\n"
      "    tools: {text: '[{\"name\":\"read\",\"inputSchema\":{\"type\":\"object\","
      "\"properties\":{\"note\":{\"type\":\"string\"}}}}]'}\n"
      "limits: {open_requests: 100000}\n",
      "", std::move(options));
  if (!governor) {
    std::fprintf(stderr, "%s\n", governor.error().text().c_str());
    std::abort();
  }
  return *std::move(governor);
}

Session make_session(const Governor& governor) {
  SessionOptions options;
  options.server = "shop";
  options.caller.kind = CallerKind::user;
  options.caller.issuer = "https://login.example.com";
  options.caller.subject = "ann";
  return governor.session(options);
}

std::string call_body(int id) {
  std::string body = R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
                     R"(,"method":"tools/call","params":{"name":"read","arguments":{"note":")";
  const std::string tail = "\"}}}";
  return body + std::string(500 - body.size() - tail.size(), 'x') + tail;
}

void bytes_per_session(benchmark::State& state) {
  const Governor governor = make_governor();
  for (auto _ : state) {
    std::vector<Session> sessions;
    sessions.reserve(kOpen);
    const double before = heap_bytes();
    for (int at = 0; at < kOpen; ++at) {
      sessions.push_back(make_session(governor));
      Verdicts verdicts = sessions.back().receive({.body = call_body(at)});
      if (!verdicts[0].allowed()) state.SkipWithError("the call is not allowed");
    }
    state.counters["bytes"] = (heap_bytes() - before) / kOpen;
  }
}

void bytes_per_verdict(benchmark::State& state) {
  const Governor governor = make_governor();
  for (auto _ : state) {
    Session session = make_session(governor);
    std::vector<Verdicts> open;
    open.reserve(kOpen);
    const double before = heap_bytes();
    for (int at = 0; at < kOpen; ++at) {
      open.push_back(session.receive({.body = call_body(at)}));
      if (!open.back()[0].allowed()) state.SkipWithError("the call is not allowed");
    }
    state.counters["bytes"] = (heap_bytes() - before) / kOpen;
  }
}

BENCHMARK(bytes_per_session)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(bytes_per_verdict)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
