// What the C ABI adds to the same receive: one allocation, one conversion of a struct.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <string>

#include <benchmark/benchmark.h>

#include "mcpgov.h"
#include "mcpgov/mcpgov.hpp"

namespace {

constexpr int kTools = 100;

// A policy per tool; the call of the benchmark is permitted by one of them.
std::string configuration() {
  std::string out = "version: 1\nservers:\n  shop:\n    policies:\n      - text: |\n";
  std::string tools = "[";
  for (int at = 0; at < kTools; ++at) {
    const std::string name = "tool_" + std::to_string(at);
    out +=
        "          permit(principal in shop::Role::\"idp#engineer\", action == shop::Action::\"" +
        name + "\", resource) when { context.input.limit < 100 };\n";
    tools += std::string(at == 0 ? "" : ",") + R"({"name":")" + name +
             R"(","inputSchema":{"type":"object","properties":{"query":{"type":"string"},)"
             R"("limit":{"type":"integer"}}}})";
  }
  return out + "    tools: {text: '" + tools + "]'}\n";
}

std::string call() {
  std::string out =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"tool_42","arguments":)"
      R"({"limit":10,"query":")";
  out.append(500 - out.size() - 4, 'q');
  return out + "\"}}}";
}

// MCPGOV_INIT leaves members out, which C++ compilers warn of.
template <class Struct>
Struct sized() {
  Struct out = {};
  out.struct_size = sizeof out;
  return out;
}

bool take(void*, std::string_view) noexcept {
  return true;
}
int take_line(void*, mcpgov_str) {
  return 1;
}

mcpgov::Caller eve() {
  mcpgov::Caller out;
  out.kind = mcpgov::CallerKind::user;
  out.issuer = "idp";
  out.subject = "eve";
  out.roles = {"engineer"};
  return out;
}

void by_cpp(benchmark::State& state) {
  mcpgov::GovernorOptions options;
  options.sink = mcpgov::audit::to_callback(&take, nullptr);
  auto governor = mcpgov::Governor::parse(configuration(), "", std::move(options));
  if (!governor) return state.SkipWithError(governor.error().text().c_str());
  mcpgov::SessionOptions of_session;
  of_session.server = "shop";
  of_session.caller = eve();
  mcpgov::Session session = governor->session(of_session);
  const std::string body = call();
  for (auto _ : state) {
    mcpgov::Verdicts verdicts = session.receive({.body = body});
    if (!verdicts[0].allowed()) return state.SkipWithError("denied");
  }
}
BENCHMARK(by_cpp);

void by_c(benchmark::State& state) {
  const std::string text = configuration();
  const std::string body = call();
  const std::string json = R"({"kind":"user","issuer":"idp","subject":"eve","roles":["engineer"]})";
  auto error = sized<mcpgov_error>();
  auto options = sized<mcpgov_options>();
  options.write = take_line;
  mcpgov_governor* const governor =
      mcpgov_governor_parse({text.data(), text.size()}, {nullptr, 0}, &options, &error);
  if (governor == nullptr) return state.SkipWithError(error.message);
  mcpgov_caller* const caller = mcpgov_caller_parse({json.data(), json.size()}, nullptr);
  auto of_session = sized<mcpgov_session_options>();
  of_session.server = {"shop", 4};
  of_session.caller = caller;
  mcpgov_session* const session = mcpgov_governor_session(governor, &of_session);
  auto incoming = sized<mcpgov_incoming>();
  incoming.body = {body.data(), body.size()};
  for (auto _ : state) {
    mcpgov_verdicts* const verdicts = mcpgov_session_receive(session, &incoming);
    const bool allowed = mcpgov_verdict_allowed(mcpgov_verdicts_at(verdicts, 0)) == MCPGOV_ALLOW;
    mcpgov_verdicts_free(verdicts);
    if (!allowed) return state.SkipWithError("denied");
  }
  mcpgov_session_free(session);
  mcpgov_caller_free(caller);
  mcpgov_governor_free(governor);
}
BENCHMARK(by_c);

}  // namespace

BENCHMARK_MAIN();
