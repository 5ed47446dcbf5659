// Counts: every event in one series of a bounded number, and texts that readers accept.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/metrics.hpp"

#include <algorithm>
#include <atomic>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "audit/project/meaning.hpp"
#include "audit/project/samples.hpp"
#include "support/allocation.hpp"

namespace mcpgov::audit {
namespace {

using nlohmann::json;
using Operation = MetricsSnapshot::Operation;

// A call of a tool that is allowed and completed.
struct Call {
  Record record;
  Completion done;
  Event event;
  Call() {
    record.method = "tools/call";
    record.target = "pay";
    record.target_kind = "tool";
    record.direction = "from_client";
    record.transport = "stdio";
    record.protocol = "2026-07-28";
    record.tool_class = ToolClass::write;
    record.allowed = record.decision = true;
    record.arguments_bytes = 10;
    done.outcome = Outcome::completed;
    done.latency_ns = 20'000'000;
    done.result_bytes = 30;
    done.reply_bytes = 40;
    event = {EventKind::final, &record, &done};
    event.arguments.json = R"({"bytes":10,"tokens":3})";
    event.result.json = R"({"bytes":30,"tokens":8})";
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
};

std::uint64_t total(const MetricsSnapshot& snapshot) {
  std::uint64_t out = 0;
  for (const Operation& each : snapshot.operations) out += each.count;
  return out;
}

TEST_CASE("metrics: one call is in one series, with the attributes of the conventions") {
  Metrics metrics(5);
  const Call call;
  metrics.observe(call.event);
  const MetricsSnapshot snapshot = metrics.snapshot();
  REQUIRE(snapshot.operations.size() == 1);
  const Operation& one = snapshot.operations[0];
  CHECK(snapshot.since_us == 5);
  CHECK(one.method == "tools/call");
  CHECK(one.tool == "pay");
  CHECK(one.prompt.empty());
  CHECK(one.error_type.empty());
  CHECK(one.protocol == "2026-07-28");
  CHECK(one.transport == "pipe");
  CHECK(one.count == 1);
  CHECK(one.sum_ns == 20'000'000);
  CHECK(one.buckets[1] == 1);
  REQUIRE(snapshot.decisions.size() == 1);
  CHECK(snapshot.decisions[0].allow);
  CHECK(snapshot.decisions[0].tool_class == ToolClass::write);
  CHECK(snapshot.outcomes[static_cast<std::size_t>(Outcome::completed)] == 1);
  const auto found = std::find_if(snapshot.content.begin(), snapshot.content.end(),
                                  [](const auto& each) { return each.tool == "pay"; });
  REQUIRE(found != snapshot.content.end());
  CHECK(found->argument_bytes == 10);
  CHECK(found->argument_tokens == 3);
  CHECK(found->result_bytes == 30);
  CHECK(found->result_tokens == 8);
  CHECK(found->reply_bytes == 40);
}

TEST_CASE("metrics: bounds belong to their buckets") {
  struct Case {
    std::uint64_t ns;
    std::size_t bucket;
  };
  const Case cases[] = {{0, 0},          {10'000'000, 0},       {10'000'001, 1},
                        {50'000'000, 2}, {300'000'000'000, 13}, {300'000'000'001, 14},
                        {UINT64_MAX, 14}};
  for (const Case& c : cases) {
    Metrics metrics(0);
    Call call;
    call.done.latency_ns = c.ns;
    metrics.observe(call.event);
    CHECK(metrics.snapshot().operations[0].buckets[c.bucket] == 1);
  }
}

TEST_CASE("metrics: intents are not counted, and events without an end are unknown") {
  Metrics metrics(0);
  Call call;
  call.event.kind = EventKind::intent;
  metrics.observe(call.event);
  CHECK(metrics.snapshot().operations.empty());
  call.event.kind = EventKind::final;
  call.event.completion = nullptr;
  metrics.observe(call.event);
  CHECK(metrics.snapshot().outcomes[0] == 1);
}

TEST_CASE("metrics: names that anybody can invent do not become series") {
  Metrics metrics(0);
  Call call;
  for (int i = 0; i < 5000; ++i) {
    const std::string name = "tool-" + std::to_string(i);
    call.record.target = name;
    call.record.method = "tools/call";
    metrics.observe(call.event);
    call.record.method = name;  // a method that does not exist
    metrics.observe(call.event);
    call.record.protocol = name;
    call.done.rpc_code = i * 7919;
    call.done.outcome = Outcome::failed;
    metrics.observe(call.event);
    call.done.outcome = Outcome::completed;
    call.done.rpc_code = 0;
  }
  const MetricsSnapshot snapshot = metrics.snapshot();
  CHECK(total(snapshot) == 15000);
  CHECK(snapshot.operations.size() <= Metrics::kSeries);
  std::set<std::string> tools;
  std::set<std::string_view> methods;
  for (const Operation& each : snapshot.operations) {
    tools.insert(each.tool);
    methods.insert(each.method);
  }
  CHECK(tools.size() <= Metrics::kNames + 2);
  CHECK(tools.count("_OTHER") == 1);
  CHECK(methods == std::set<std::string_view>{"_OTHER", "tools/call"});
}

TEST_CASE("metrics: refused names are not told apart, but for tools of the catalog") {
  struct Case {
    ErrorCode reason;
    ToolClass tool_class;
    bool allowed;
    const char* wanted;
  };
  const Case cases[] = {
      {ErrorCode::tool_unknown, ToolClass::unclassified, false, "_OTHER"},
      {ErrorCode::policy_denied, ToolClass::unclassified, false, "_OTHER"},
      {ErrorCode::policy_denied, ToolClass::destructive, false, "pay"},
      {ErrorCode::none, ToolClass::unclassified, true, "pay"},
      {ErrorCode::tool_unknown, ToolClass::none, true, "_OTHER"},
  };
  for (const Case& c : cases) {
    Metrics metrics(0);
    Call call;
    call.record.reason = c.reason;
    call.record.tool_class = c.tool_class;
    call.record.allowed = c.allowed;
    metrics.observe(call.event);
    CHECK(metrics.snapshot().operations[0].tool == c.wanted);
  }
}

TEST_CASE("metrics: beyond the last series everything is still counted") {
  Metrics metrics(0);
  Call call;
  const char* const methods[] = {"tools/call", "prompts/get", "resources/read", "tools/list"};
  const std::int64_t codes[] = {0, -32000, -32001, -32603, -32020, -32021, -32022};
  std::uint64_t count = 0;
  for (int name = 0; name < 200; ++name) {
    const std::string text = "n" + std::to_string(name);
    call.record.target = text;
    for (const char* const method : methods) {
      call.record.method = method;
      for (const std::int64_t code : codes) {
        call.done.rpc_code = code;
        metrics.observe(call.event);
        ++count;
      }
    }
  }
  const MetricsSnapshot snapshot = metrics.snapshot();
  CHECK(snapshot.operations.size() == Metrics::kSeries);
  CHECK(total(snapshot) == count);
}

TEST_CASE("metrics: why a message failed is what its span says") {
  EventParser parser;
  test::visit_samples([&](const Event& sample) {
    if (sample.kind != EventKind::final) return;
    Metrics metrics(0);
    metrics.observe(sample);
    std::string text;
    append_event(text, sample);
    ParsedEvent event;
    REQUIRE(parser.parse(text, event) == ErrorCode::none);
    std::string digits;
    const std::string wanted(error_type(event, digits));
    CAPTURE(text);
    const std::string said(metrics.snapshot().operations[0].error_type);
    CHECK((said == wanted || (said == "_OTHER" && wanted == "1")));
  });
}

TEST_CASE("metrics: nothing is allocated for a name that was seen") {
  Metrics metrics(0);
  const std::string name(200, 'x');
  Call call;
  call.record.target = name;
  metrics.observe(call.event);
  const std::size_t before = mcpgov::test::allocation_count();
  call.done.rpc_code = -32000;
  metrics.observe(call.event);
  CHECK(mcpgov::test::allocation_count() == before);
}

TEST_CASE("metrics: without memory a name counts as another, and the call is counted") {
  Metrics metrics(0);
  const std::string name(200, 'x');
  Call call;
  call.record.target = name;
  {
    const mcpgov::test::FailingHeap failing(0, true);
    metrics.observe(call.event);
  }
  CHECK(metrics.snapshot().operations[0].tool == "_OTHER");
  metrics.observe(call.event);
  CHECK(total(metrics.snapshot()) == 2);
}

TEST_CASE("metrics: snapshots are whole while the log counts") {
  Metrics metrics(0);
  const Call call;
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    while (!stop) {
      const MetricsSnapshot snapshot = metrics.snapshot();
      CHECK(total(snapshot) == snapshot.outcomes[static_cast<std::size_t>(Outcome::completed)]);
    }
  });
  for (int i = 0; i < 20000; ++i) metrics.observe(call.event);
  stop = true;
  reader.join();
  CHECK(total(metrics.snapshot()) == 20000);
}

TEST_CASE("metrics: Prometheus' text escapes what callers say and ends each line") {
  Metrics metrics(0);
  Call call;
  for (const std::string& attack : test::attacks()) {
    call.record.target = attack;
    metrics.observe(call.event);
  }
  Health health;
  health.lost = 2;
  const std::string text = prometheus_text(metrics.snapshot(), &health);
  CHECK(text.ends_with('\n'));
  CHECK(text.find("\nmcpgov_audit_records_lost_total 2\n") != std::string::npos);
  CHECK(text.find("\nmcpgov_audit_state{state=\"healthy\"} 1\n") != std::string::npos);
  CHECK(text.find(R"(gen_ai_tool_name="x\"] [evil@1 a=\"b\"] msg")") != std::string::npos);
  for (const char c : text) CHECK((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
  CHECK(prometheus_text(metrics.snapshot(), nullptr).find("mcpgov_audit_") == std::string::npos);
}

TEST_CASE("metrics: OTLP has as many bucket counts as bounds and one") {
  Metrics metrics(7);
  const Call call;
  metrics.observe(call.event);
  const Health health;
  const json read = json::parse(otlp_metrics(metrics.snapshot(), &health, 9, {}));
  const json& list = read["resourceMetrics"][0]["scopeMetrics"][0]["metrics"];
  REQUIRE(list.size() > 10);
  const json& point = list[0]["histogram"]["dataPoints"][0];
  CHECK(list[0]["name"] == "mcp.server.operation.duration");
  CHECK(list[0]["unit"] == "s");
  CHECK(point["bucketCounts"].size() == point["explicitBounds"].size() + 1);
  CHECK(point["sum"].get<double>() == doctest::Approx(0.02));
  CHECK(point["startTimeUnixNano"] == "7000");
}

TEST_CASE("metrics: OTLP tells states by their names and times in seconds") {
  Health health;
  health.state = State::degraded;
  health.stalled_ns = 1'500'000'000;
  health.sync_p99_us = 2'500;
  const json read = json::parse(otlp_metrics(Metrics(0).snapshot(), &health, 9, {}));
  json named;
  for (const json& each : read["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]) {
    named[each["name"].get<std::string>()] = each;
  }
  const json& states = named["mcpgov.audit.state"]["gauge"]["dataPoints"];
  REQUIRE(states.size() == 3);
  CHECK(states[0]["asInt"] == "0");
  CHECK(states[1]["asInt"] == "1");
  CHECK(states[1]["attributes"][0]["key"] == "state");
  CHECK(states[1]["attributes"][0]["value"]["stringValue"] == "degraded");
  CHECK(named["mcpgov.audit.stalled"]["unit"] == "s");
  CHECK(named["mcpgov.audit.stalled"]["sum"]["dataPoints"][0]["asDouble"].get<double>() == 1.5);
  CHECK(named["mcpgov.audit.sync.p99"]["unit"] == "s");
  const json& sync = named["mcpgov.audit.sync.p99"]["gauge"]["dataPoints"][0];
  CHECK(sync["asDouble"].get<double>() == doctest::Approx(0.0025));
}

}  // namespace
}  // namespace mcpgov::audit
