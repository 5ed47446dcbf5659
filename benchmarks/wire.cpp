// How long it takes to read a message: a tools/call of 500 bytes, legacy and modern.
//
// SPDX-License-Identifier: Apache-2.0
#include "mcpgov/wire.hpp"

#include <string>

#include <benchmark/benchmark.h>

namespace {

using namespace mcpgov::wire;

// 500 bytes, as an agent sends them: a few arguments, one of them text.
std::string call(std::string_view meta) {
  std::string body = R"({"jsonrpc":"2.0","id":42,"method":"tools/call","params":{"_meta":{)" +
                     std::string(meta) +
                     R"("progressToken":7},"name":"search_issues","arguments":{"owner":"example",)"
                     R"("repo":"mcp-server","state":"open","labels":["bug","security"],)"
                     R"("limit":25,"since":"2026-07-28T00:00:00Z","include_closed":false,)"
                     R"("query":")";
  body.append(500 - 4 - body.size(), 'x');
  return body + "\"}}}";
}

void parse(benchmark::State& state, const std::string& body,
           const mcpgov::wire::ParseContext& context) {
  Parser parser;
  for (auto _ : state) {
    Batch batch = parser.parse(body, context);
    benchmark::DoNotOptimize(batch);
    if (batch.refusal.refused() || batch.messages[0].refusal.refused()) {
      state.SkipWithError("refused");
      return;
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.size()));
}

void legacy_call(benchmark::State& state) {
  ParseContext context;
  context.negotiated = Revision::v2025_11_25;
  parse(state, call(""), context);
}
BENCHMARK(legacy_call);

void modern_call_over_http(benchmark::State& state) {
  ParseContext context;
  context.transport = mcpgov::Transport::streamable_http;
  const Header fields[] = {{"Host", "example"},
                           {"Content-Type", "application/json"},
                           {"Accept", "application/json"},
                           {"MCP-Protocol-Version", "2026-07-28"},
                           {"Mcp-Method", "tools/call"},
                           {"Mcp-Name", "search_issues"},
                           {"Authorization", "Bearer x"}};
  context.http = {"POST", "/mcp", fields};
  parse(state,
        call(R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
             R"("io.modelcontextprotocol/clientCapabilities":{},)"),
        context);
}
BENCHMARK(modern_call_over_http);

void list_of_tools(benchmark::State& state) {
  std::string body = R"({"jsonrpc":"2.0","id":1,"result":{"tools":[)";
  for (int i = 0; i < state.range(0); ++i) {
    body += (i == 0 ? "" : ",") + std::string(R"({"name":"tool_)") + std::to_string(i) +
            R"(","description":"does one thing","inputSchema":{"type":"object",)"
            R"("properties":{"a":{"type":"string"},"b":{"type":"integer"}},"required":["a"]}})";
  }
  ParseContext context;
  context.direction = mcpgov::Direction::from_server;
  parse(state, body + "]}}", context);
}
BENCHMARK(list_of_tools)->Arg(10)->Arg(100)->Arg(1000);

}  // namespace

BENCHMARK_MAIN();
