// What does the whole governed call cost, and its list filter, by policies, tools and sink?
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/governor.hpp"
#include "percentiles.hpp"

namespace {

using namespace mcpgov;

// Takes every record and keeps nothing: what is left is the cost of deciding.
class NullSink final : public audit::Sink {
 public:
  ErrorCode begin(const audit::Record& record, const audit::Completion*,
                  audit::Ticket& ticket) noexcept override {
    benchmark::DoNotOptimize(record.id.data());
    ticket.number = 1;
    return ErrorCode::none;
  }
  void end(const audit::Ticket&, const audit::Completion& completion) noexcept override {
    benchmark::DoNotOptimize(completion.latency_ns);
  }
};

bool drop_line(void*, std::string_view line) noexcept {
  benchmark::DoNotOptimize(line.data());
  return true;
}

std::string indented(const std::string& text, const std::string& pad) {
  std::string out = pad;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += pad;
  }
  return out;
}

// tools: one permit each for one of ten roles, and one forbid over all.
std::string policies(int count) {
  std::string out;
  for (int at = 0; at < count; ++at) {
    out += "permit(principal in shop::Role::\"idp#r" + std::to_string(at % 10) +
           "\", action == shop::Action::\"tool" + std::to_string(at) +
           "\", resource) when { context.input.path like \"/data/*\" && context.input.size < 1000 "
           "};\n";
  }
  return out + "forbid(principal, action, resource) when { context.input.size > 100000 };\n";
}

std::string tools(int count) {
  std::string out = "[";
  for (int at = 0; at < count; ++at) {
    out += (at == 0 ? "" : ",");
    out += R"({"name":"tool)" + std::to_string(at) +
           R"(","description":"Reads a part of a file and tells what is in it.","inputSchema":)"
           R"({"type":"object","properties":{"path":{"type":"string"},"size":{"type":"integer"},)"
           R"("note":{"type":"string"}},"required":["path","size"]}})";
  }
  return out + "]";
}

Governor make_governor(int count, std::unique_ptr<audit::Sink> sink) {
  const std::string config = "version: 1\nservers:\n  shop:\n    policies:\n      - text: |\n" +
                             indented(policies(count), "          ") +
                             "\n    tools:\n      text: |\n" + indented(tools(count), "        ") +
                             "\nlimits: {open_requests: 100000}\n";
  GovernorOptions options;
  options.sink = std::move(sink);
  auto governor = Governor::parse(config, "", std::move(options));
  if (!governor) {
    std::fprintf(stderr, "%s\n", governor.error().text().c_str());
    std::abort();
  }
  return *std::move(governor);
}

Caller caller() {
  Caller out;
  out.kind = CallerKind::user;
  out.issuer = "idp";
  out.subject = "ann";
  out.roles = {"r3", "r7"};
  return out;
}

Session make_session(const Governor& governor) {
  SessionOptions options;
  options.server = "shop";
  options.caller = caller();
  return governor.session(options);
}

// 500 bytes, as clients send them.
std::string call_body() {
  std::string body =
      R"({"jsonrpc":"2.0","id":42,"method":"tools/call","params":{"name":"tool3","arguments":)"
      R"({"path":"/data/reports/2026/q3.csv","size":512,"note":")";
  const std::string tail = R"("},"_meta":{"progressToken":7}}})";
  body += std::string(500 - body.size() - tail.size(), 'x') + tail;
  return body;
}

void run_receive(benchmark::State& state, std::unique_ptr<audit::Sink> sink) {
  Governor governor = make_governor(static_cast<int>(state.range(0)), std::move(sink));
  Session session = make_session(governor);
  const std::string body = call_body();
  {
    Verdicts verdicts = session.receive({.body = body});
    if (!verdicts[0].allowed()) state.SkipWithError("the call is not allowed");
  }
  bench::measure(state, [&] {
    Verdicts verdicts = session.receive({.body = body});
    benchmark::DoNotOptimize(verdicts[0].allowed());
  });
}

// From bytes to verdict and recorded decision, without what the host does with the verdict.
void receive_alone(benchmark::State& state) {
  Governor governor = make_governor(static_cast<int>(state.range(0)), std::make_unique<NullSink>());
  Session session = make_session(governor);
  std::vector<std::string> bodies;
  for (int id = 10; id < 10 + bench::kBatch; ++id) {
    bodies.push_back(call_body());
    bodies.back().replace(bodies.back().find("42"), 2, std::to_string(id));
  }
  std::vector<Verdicts> open;
  open.reserve(bodies.size());
  bench::measure(
      state, [&] { open.push_back(session.receive({.body = bodies[open.size()]})); },
      [&] {
        if (!open.back()[0].allowed()) state.SkipWithError("the call is not allowed");
        open.clear();
      });
}

void receive_null_sink(benchmark::State& state) {
  run_receive(state, std::make_unique<NullSink>());
}
void receive_line_sink(benchmark::State& state) {
  run_receive(state, audit::to_callback(&drop_line, nullptr));
}
void receive_file_sink(benchmark::State& state) {
  const std::string path = "receive_bench.jsonl";
  std::remove(path.c_str());
  auto sink = audit::open_file(path);
  if (!sink) return state.SkipWithError("the file cannot be opened");
  run_receive(state, *std::move(sink));
  std::remove(path.c_str());
}

void receive_denied(benchmark::State& state) {
  Governor governor = make_governor(100, std::make_unique<NullSink>());
  Session session = make_session(governor);
  std::string body = call_body();
  body.replace(body.find("tool3"), 5, "tool4");
  bench::measure(state, [&] {
    Verdicts verdicts = session.receive({.body = body});
    benchmark::DoNotOptimize(verdicts[0].denial().body.data());
  });
}

void list_filter(benchmark::State& state) {
  const int count = static_cast<int>(state.range(0));
  Governor governor = make_governor(count, std::make_unique<NullSink>());
  Session session = make_session(governor);
  const std::string question = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";
  const std::string answer = R"({"jsonrpc":"2.0","id":1,"result":{"tools":)" + tools(count) + "}}";
  bench::measure(state, [&] {
    Verdicts verdicts = session.receive({.body = question});
    Reply reply = session.reply(verdicts[0]);
    reply.feed(answer);
    benchmark::DoNotOptimize(reply.end().data());
  });
  state.counters["answer_bytes"] = static_cast<double>(answer.size());
}

void session_per_request(benchmark::State& state) {
  Governor governor = make_governor(100, std::make_unique<NullSink>());
  const std::string body = call_body();
  bench::measure(state, [&] {
    Session session = make_session(governor);
    Verdicts verdicts = session.receive({.body = body});
    benchmark::DoNotOptimize(verdicts[0].allowed());
  });
}

BENCHMARK(receive_alone)->Arg(100)->Arg(10000);
BENCHMARK(receive_null_sink)->Arg(10)->Arg(100)->Arg(1000)->Arg(10000);
BENCHMARK(receive_line_sink)->Arg(100);
BENCHMARK(receive_file_sink)->Arg(100);
BENCHMARK(receive_denied);
BENCHMARK(session_per_request);
BENCHMARK(list_filter)->Arg(10)->Arg(100)->Arg(1000);

}  // namespace

BENCHMARK_MAIN();
