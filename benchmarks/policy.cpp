// What a decision costs by the number of policies, what reading a policy costs, and what a list
// of tools costs.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include <benchmark/benchmark.h>

#include "percentiles.hpp"
#include "policy/cedar/context_json.hpp"
#include "policy/cedar/engine.hpp"
#include "policy/cedar/entities_json.hpp"
#include "policy/entities.hpp"

namespace mcpgov::policy::cedar {
namespace {

constexpr std::string_view kEntities = R"([
  {"uid": {"type": "User", "id": "ann"}, "attrs": {"level": 3},
   "parents": [{"type": "Role", "id": "r1"}, {"type": "Role", "id": "r2"}]},
  {"uid": {"type": "Role", "id": "r1"}, "attrs": {}, "parents": []},
  {"uid": {"type": "Role", "id": "r2"}, "attrs": {}, "parents": []},
  {"uid": {"type": "McpServer", "id": "files"}, "attrs": {}, "parents": []}])";

// One permit per tool, and one forbid for all of them. by_resource: tools are resources of one
// action, as some models have it; else every tool is an action.
std::string policies_of(std::int64_t count, bool by_resource) {
  std::string out = "forbid(principal, action, resource) when { context.input.size > 100000 };\n";
  for (std::int64_t i = 1; i < count; ++i) {
    const std::string tool = std::to_string(i);
    out += "permit(principal in Role::\"r" + std::to_string(i % 10) + "\", action == Action::\"";
    out += by_resource ? "call_tool\", resource == Tool::\"t" + tool + "\")"
                       : "t" + tool + "\", resource == McpServer::\"files\")";
    out += " when { context.input.path like \"/data/*\" && context.input.size < 1000 };\n";
  }
  return out;
}

Engine build(const std::string& policies) {
  Symbols symbols;
  EntitiesInput input;
  input.text = kEntities;
  Result<Entities> entities = read_entities(input, symbols);
  if (!entities) std::abort();
  const Source source{"", policies};
  Result<Engine> engine = Engine::build({&source, 1}, std::move(symbols), std::move(*entities));
  if (!engine) std::abort();
  return std::move(*engine);
}

// What a mapping has at hand when it decides: a request in an arena.
struct Question {
  Question(const Engine& engine, bool by_resource) : symbols(engine.symbols(), facts) {
    request.symbols = &symbols;
    request.principal = symbols.entity("User", "ann");
    request.action = symbols.entity("Action", by_resource ? "call_tool" : "t1");
    request.resource =
        symbols.entity(by_resource ? "Tool" : "McpServer", by_resource ? "t1" : "files");
    ContextInput input;
    input.text = R"({"input": {"path": "/data/reports/2026.txt", "size": 512},
                     "session": {"id": "s", "transport": "stdio"}})";
    Result<Value> context = read_context(input, symbols);
    if (!context) std::abort();
    request.context = *context;
  }
  Arena facts;
  RequestSymbols symbols;
  Request request;
};

void authorize(benchmark::State& state, bool by_resource) {
  const Engine engine = build(policies_of(state.range(0), by_resource));
  const Question question(engine, by_resource);
  Arena arena;
  if (engine.authorize(question.request, arena).effect != Effect::allow) std::abort();
  bench::measure(state, [&] {
    arena.reset();
    benchmark::DoNotOptimize(engine.authorize(question.request, arena));
  });
}

void authorize_by_action(benchmark::State& state) {
  authorize(state, false);
}
void authorize_by_resource(benchmark::State& state) {
  authorize(state, true);
}

void decide_by_action(benchmark::State& state) {
  const Engine engine = build(policies_of(state.range(0), false));
  const Question question(engine, false);
  Arena arena;
  bench::measure(state, [&] {
    arena.reset();
    benchmark::DoNotOptimize(engine.decide(question.request, arena));
  });
}

// Which of n tools to show: arguments unknown, one policy per tool.
void list(benchmark::State& state) {
  const std::int64_t tools = state.range(0);
  const Engine engine = build(policies_of(tools + 1, false));
  const Question question(engine, false);
  Arena facts;
  RequestSymbols symbols(engine.symbols(), facts);
  auto* input = facts.create<Field>(Field{symbols.name("input"), Value{}});
  const Value context = Value::of_record({input, 1});
  const auto count = static_cast<std::size_t>(tools);
  auto* actions = facts.array<EntityId>(count);
  for (std::size_t i = 0; i < count; ++i) {
    actions[i] = symbols.entity("Action", "t" + std::to_string(i + 1));
  }
  Arena arena;
  bench::measure(state, [&] {
    arena.reset();
    ListQuestion each(engine, question.request.principal, symbols, {}, ErrorRule::forbid, arena);
    std::size_t shown = 0;
    for (std::size_t i = 0; i < count; ++i) {
      shown += each.probe(actions[i], question.request.resource, context).some ? 1 : 0;
    }
    benchmark::DoNotOptimize(shown);
  });
  state.counters["p50_per_tool_ns"] = state.counters["p50_ns"] / static_cast<double>(tools);
}

// Reading and compiling, per policy.
void build_engine(benchmark::State& state) {
  const std::string policies = policies_of(state.range(0), false);
  for (auto _ : state) benchmark::DoNotOptimize(build(policies));
  state.counters["per_policy"] = benchmark::Counter(
      static_cast<double>(state.range(0)),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

BENCHMARK(authorize_by_action)->Arg(3)->Arg(10)->Arg(100)->Arg(1000)->Arg(10000);
BENCHMARK(authorize_by_resource)->Arg(3)->Arg(10)->Arg(100)->Arg(1000)->Arg(10000);
BENCHMARK(decide_by_action)->Arg(3)->Arg(10000);
BENCHMARK(list)->Arg(10)->Arg(100)->Arg(1000);
BENCHMARK(build_engine)->Arg(100)->Arg(10000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace mcpgov::policy::cedar

BENCHMARK_MAIN();
