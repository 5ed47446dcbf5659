// Facts from made-up events with known answers.
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/report_gather.hpp"

#include <string>

#include <doctest/doctest.h>

#include "cli/audit_time.hpp"
#include "report_events.hpp"

using namespace mcpgov::cli;
using made::Call;

namespace {

Facts facts_of(const std::vector<Call>& calls, const GatherLimits& limits = {}) {
  Gatherer gatherer(0, 0, {}, limits);
  for (const Call& call : calls) gatherer.take(made::text(call));
  return gatherer.finish();
}

const ToolFacts* tool_of(const Facts& facts, std::string_view name) {
  for (const ToolFacts& tool : facts.tools) {
    if (tool.name == name) return &tool;
  }
  return nullptr;
}

const CallerFacts* caller_of(const Facts& facts, std::string_view subject) {
  for (const CallerFacts& caller : facts.callers) {
    if (caller.subject == subject) return &caller;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("times are read exactly, and what is no time is none") {
  struct Case {
    const char* text;
    std::uint64_t us;
  };
  const Case cases[] = {
      {"1970-01-01T00:00:00.000001Z", 1},
      {"2026-11-20T08:24:32.664720Z", 1'795'163'072'664'720},
      {"2026-11-20T08:24:32Z", 1'795'163'072'000'000},
      {"2024-02-29T23:59:59.999999Z", 1'709'251'199'999'999},
      {"2000-03-01T00:00:00.5Z", 951'868'800'500'000},
      {"2026-11-20T08:24:32.664720", 0},
      {"2026-11-20 08:24:32.664720Z", 0},
      {"2026-13-20T08:24:32Z", 0},
      {"2026-11-00T08:24:32Z", 0},
      {"2026-11-20T24:00:00Z", 0},
      {"1969-12-31T23:59:59Z", 0},
      {"2026-11-20T08:24:32.66x720Z", 0},
      {"2026-11-20T08:24:3-Z", 0},
      {"-026-11-20T08:24:32Z", 0},
      {"", 0},
  };
  for (const Case& each : cases) {
    CAPTURE(std::string(each.text));
    CHECK(parse_time(each.text) == each.us);
    if (each.us != 0) CHECK(parse_time(made::timestamp(each.us)) == each.us);
  }
}

TEST_CASE("sums are those of the events, by what became of them") {
  Call denied{.subject = "bob", .allowed = false, .reason = "policy_denied", .reply_bytes = 0};
  Call observed{.effect = "deny"};
  Call pending{.allowed = false, .outcome = "pending", .reason = "approval_required"};
  Call failed{.tool = "write_file", .tool_class = "write", .outcome = "failed"};
  Call dropped{.tool = "drop", .tool_class = "destructive", .open_world = true};
  Call refused{.tool = "drop", .tool_class = "destructive", .open_world = true, .allowed = false};
  const Facts facts = facts_of({{}, denied, observed, pending, failed, dropped, refused});
  CHECK(facts.all.calls == 7);
  CHECK(facts.all.allowed == 3);
  CHECK(facts.all.denied == 2);
  CHECK(facts.all.observed == 1);
  CHECK(facts.all.pending == 1);
  CHECK(facts.all.failed == 1);
  CHECK(facts.all.destructive == 1);  // the refused one did nothing
  CHECK(facts.all.open_world == 1);
  CHECK(facts.all.writes == 1);
  CHECK(facts.all.read_only == 2);
  CHECK(facts.all.bytes_in == 700);
  CHECK(facts.all.bytes_out == 4000);
  CHECK(facts.all.tokens_in == 175);
  CHECK(facts.all.tokens_out == 1000);
  REQUIRE(caller_of(facts, "bob") != nullptr);
  CHECK(caller_of(facts, "bob")->use.denied == 1);
  CHECK(caller_of(facts, "ann")->use.calls == 6);
  REQUIRE(tool_of(facts, "drop") != nullptr);
  CHECK(tool_of(facts, "drop")->use.calls == 2);
  CHECK(tool_of(facts, "drop")->latency_ns.total() == 1);
  CHECK(facts.reasons.at("approval_required").count == 1);
  CHECK(facts.reasons.count("policy_denied") == 1);
  CHECK(facts.policies.at("readers").count == 7);
  CHECK(facts.servers.size() == 2);
  CHECK(facts.servers[1].tools.count() == 3);
}

TEST_CASE("what is no event, an intent, or outside of the time is not a call") {
  Gatherer gatherer(made::kMonday, made::kMonday + made::kHour);
  gatherer.take("");
  gatherer.take("{");
  gatherer.take("[]");
  gatherer.take(R"({"v":1,"kind":"heartbeat","time":"2025-11-17T00:00:00Z"})");
  gatherer.take(R"({"v":1,"kind":"call","time":"yesterday"})");
  auto intent = made::to_json({});
  intent["kind"] = "intent";
  gatherer.take(intent.dump());
  gatherer.take(made::text({.time_us = made::kMonday - 1}));
  gatherer.take(made::text({.time_us = made::kMonday + made::kHour}));
  gatherer.take(made::text({.time_us = made::kMonday}));
  gatherer.take(made::text({.time_us = made::kMonday + made::kHour - 1}));
  const Facts facts = gatherer.finish();
  CHECK(facts.unreadable == 5);
  CHECK(facts.intents == 1);
  CHECK(facts.outside == 2);
  CHECK(facts.all.calls == 2);
}

TEST_CASE("an event with a member of the wrong type is none, which is counted") {
  for (const char* member : {"id", "server", "method", "target", "tool", "caller", "session",
                             "peer", "trace", "decision", "arguments", "result", "outcome"}) {
    CAPTURE(std::string(member));
    for (const auto& wrong : {nlohmann::ordered_json(7), nlohmann::ordered_json(nullptr),
                              nlohmann::ordered_json::array({1, "a"})}) {
      auto event = made::to_json({});
      event[member] = wrong;
      Gatherer gatherer(0, 0);
      gatherer.take(event.dump());
      const Facts facts = gatherer.finish();
      CHECK(facts.all.calls == 0);
      CHECK(facts.unreadable == 1);
    }
  }
}

TEST_CASE("callers of the same subject at two issuers are two, whatever their names hold") {
  auto first = made::to_json({});
  auto second = made::to_json({});
  second["caller"]["issuer"] = "https://other.example";
  auto third = made::to_json({});
  third["caller"] = {{"kind", "anonymous"}};
  Gatherer gatherer(0, 0);
  gatherer.take(first.dump());
  gatherer.take(second.dump());
  gatherer.take(third.dump());
  const Facts facts = gatherer.finish();
  CHECK(facts.callers.size() == 4);
  CHECK(caller_text(facts.callers[3]) == "anonymous");
}

TEST_CASE("tables are bounded, and their sums are still those of all events") {
  std::vector<Call> calls;
  for (int i = 0; i < 500; ++i) {
    calls.push_back({.time_us = made::kMonday + static_cast<std::uint64_t>(i) * made::kMinute,
                     .subject = "user " + std::to_string(i),
                     .tool = "tool " + std::to_string(i % 50),
                     .server = "server " + std::to_string(i % 7),
                     .session = "session " + std::to_string(i)});
  }
  GatherLimits limits;
  limits.callers = 20;
  limits.tools = 10;
  limits.servers = 3;
  limits.pairs = 25;
  limits.sessions = 25;
  limits.names = 5;
  const Facts facts = facts_of(calls, limits);
  CHECK(facts.callers.size() == 21);
  CHECK(facts.tools.size() == 11);
  CHECK(facts.servers.size() == 4);
  CHECK(facts.pairs.size() == 25);
  CHECK(facts.pairs_left_out > 0);
  CHECK(facts.sessions.size() <= 50);
  Use callers, tools, servers, sessions = facts.other_sessions;
  for (const CallerFacts& each : facts.callers) callers.merge(each.use);
  for (const ToolFacts& each : facts.tools) tools.merge(each.use);
  for (const ServerFacts& each : facts.servers) servers.merge(each.use);
  for (const auto& [name, each] : facts.sessions) sessions.merge(each.use);
  for (const Use& use : {callers, tools, servers, sessions}) {
    CHECK(use.calls == 500);
    CHECK(use.bytes_out == 500'000);
    CHECK(use.first_us == facts.all.first_us);
    CHECK(use.last_us == facts.all.last_us);
  }
  CHECK(facts.callers[0].use.calls == 480);
  std::uint64_t pairs = facts.pairs_left_out;
  for (const auto& [key, pair] : facts.pairs) pairs += pair.ran + pair.denied;
  CHECK(pairs == 500);
}

TEST_CASE("hours, agents and sessions count what was in them") {
  std::vector<Call> calls;
  for (std::uint64_t i = 0; i < 48; ++i) {
    calls.push_back({.time_us = made::kMonday + i * made::kHour,
                     .allowed = i % 4 != 0,
                     .session = i < 24 ? "first" : "second",
                     .agent = i % 2 == 0 ? "bot" : ""});
  }
  const Facts facts = facts_of(calls);
  CHECK(facts.hours.size() == 48);
  CHECK(facts.hours.begin()->second.verdicts[static_cast<std::size_t>(Verdict::denied)] == 1);
  CHECK(facts.callers[1].by_hour[0] == 2);
  CHECK(facts.callers[1].sessions.count() == 2);
  REQUIRE(facts.agents.size() == 2);
  CHECK(facts.agents[1].name == "bot");
  CHECK(facts.agents[1].use.calls == 24);
  CHECK(facts.sessions.at("first").use.calls == 24);
  CHECK(facts.sessions.at("second").use.denied == 6);
}
