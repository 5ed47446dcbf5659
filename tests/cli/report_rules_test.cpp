// The rules of unusual events: what each finds, and what it leaves alone.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "cli/report_gather.hpp"
#include "report_events.hpp"

using namespace mcpgov::cli;
using made::Call;
using made::kDay;
using made::kHour;
using made::kMinute;
using made::kMonday;
using made::kSecond;

namespace {

Facts facts_of(const std::vector<Call>& calls, std::vector<std::string> sensitive = {}) {
  Gatherer gatherer(0, 0, std::move(sensitive));
  for (const Call& call : calls) gatherer.take(made::text(call));
  return gatherer.finish();
}

// Office hours of a week: 9 to 16, so many calls in each hour.
std::vector<Call> week(const Call& like, int per_hour = 10, std::uint64_t days = 7) {
  std::vector<Call> out;
  for (std::uint64_t day = 0; day < days; ++day) {
    for (std::uint64_t hour = 9; hour < 17; ++hour) {
      for (int i = 0; i < per_hour; ++i) {
        Call call = like;
        call.time_us =
            kMonday + day * kDay + hour * kHour + static_cast<std::uint64_t>(i) * kMinute;
        call.session = "day " + std::to_string(day);
        out.push_back(call);
      }
    }
  }
  return out;
}

std::uint64_t found(const Facts& facts, Rule rule) {
  return facts.of(rule).total;
}

// Denied calls, each with other arguments if asked, one every so often.
std::vector<Call> denials(int count, std::uint64_t every_us, bool varied, std::uint64_t from_us) {
  std::vector<Call> out;
  for (int i = 0; i < count; ++i) {
    out.push_back({.time_us = from_us + static_cast<std::uint64_t>(i) * every_us,
                   .tool = "drop_table",
                   .allowed = false,
                   .digest = varied ? "k1:" + std::to_string(i) : "k1:same"});
  }
  return out;
}

}  // namespace

TEST_CASE("a quiet week has nothing unusual") {
  const Facts facts = facts_of(week({}));
  for (std::size_t i = 0; i < kRules; ++i) {
    CAPTURE(std::string(rule_text(static_cast<Rule>(i)).title));
    CHECK(facts.findings[i].total == 0);
  }
  CHECK(facts.learned_until_us ==
        facts.all.first_us + (facts.all.last_us - facts.all.first_us) / 2);
}

TEST_CASE("the time of learning is at most 7 days") {
  const Facts facts = facts_of(week({}, 1, 40));
  CHECK(facts.learned_until_us == facts.all.first_us + 7 * kDay);
}

TEST_CASE("first seen: a known caller with a new tool, not a new caller") {
  std::vector<Call> calls = week({});
  calls.push_back({.time_us = kMonday + 6 * kDay + 10 * kHour, .tool = "delete_file", .id = "new"});
  calls.push_back({.time_us = kMonday + 6 * kDay + 10 * kHour, .subject = "newcomer"});
  const Facts facts = facts_of(calls);
  REQUIRE(found(facts, Rule::first_seen) == 1);
  const Finding& row = facts.of(Rule::first_seen).rows[0];
  CHECK(row.who == "ann");
  CHECK(row.what == "files / delete_file");
  CHECK(row.event_id == "new");
}

TEST_CASE("first seen: not within the time of learning") {
  std::vector<Call> calls = week({});
  calls.push_back({.time_us = kMonday + 2 * kDay + 10 * kHour, .tool = "delete_file"});
  CHECK(found(facts_of(calls), Rule::first_seen) == 0);
}

TEST_CASE("burst of denials: 11 in ten minutes, not 10, and not what is usual") {
  std::vector<Call> calls = week({});
  auto with = [&calls](int count, std::uint64_t every_us) {
    std::vector<Call> all = calls;
    for (const Call& each : denials(count, every_us, false, kMonday + 5 * kDay + 10 * kHour)) {
      all.push_back(each);
    }
    return facts_of(all);
  };
  CHECK(found(with(10, 10 * kSecond), Rule::deny_burst) == 0);
  const Facts facts = with(11, 50 * kSecond);  // spread over two cells of five minutes
  REQUIRE(found(facts, Rule::deny_burst) == 1);
  CHECK(facts.of(Rule::deny_burst).rows[0].count == 11);
  CHECK(found(with(11, 2 * kMinute), Rule::deny_burst) == 0);

  // 60 an hour every day are 10 in 10 minutes: the bound is 10 + 4 * sqrt(10), so 22.
  std::vector<Call> usual;
  for (std::uint64_t day = 0; day < 5; ++day) {
    for (const Call& each : denials(60, kMinute, false, kMonday + day * kDay + 10 * kHour)) {
      usual.push_back(each);
    }
  }
  CHECK(found(facts_of(usual), Rule::deny_burst) == 0);
  for (const Call& each : denials(23, 20 * kSecond, false, kMonday + 5 * kDay + 10 * kHour)) {
    usual.push_back(each);
  }
  CHECK(found(facts_of(usual), Rule::deny_burst) == 1);
}

TEST_CASE("retry storm: five different arguments in a minute, not one argument five times") {
  CHECK(found(facts_of(denials(20, kSecond, false, kMonday)), Rule::retry_storm) == 0);
  CHECK(found(facts_of(denials(4, kSecond, true, kMonday)), Rule::retry_storm) == 0);
  CHECK(found(facts_of(denials(20, 16 * kSecond, true, kMonday)), Rule::retry_storm) == 0);
  const Facts facts = facts_of(denials(12, kSecond, true, kMonday));
  REQUIRE(found(facts, Rule::retry_storm) == 1);
  CHECK(facts.of(Rule::retry_storm).rows[0].count == 12);
  CHECK(facts.of(Rule::retry_storm).rows[0].what == "files / drop_table");
  auto twice = denials(6, kSecond, true, kMonday);
  for (const Call& each : denials(6, kSecond, true, kMonday + kHour)) twice.push_back(each);
  CHECK(found(facts_of(twice), Rule::retry_storm) == 2);
}

TEST_CASE("retry storm: allowed calls and calls without a digest are none") {
  auto allowed = denials(12, kSecond, true, kMonday);
  for (Call& each : allowed) each.allowed = true;
  CHECK(found(facts_of(allowed), Rule::retry_storm) == 0);
  auto blind = denials(12, kSecond, true, kMonday);
  for (Call& each : blind) each.digest.clear();
  CHECK(found(facts_of(blind), Rule::retry_storm) == 0);
}

TEST_CASE("volume: an hour far above the median of the caller's hours") {
  std::vector<Call> calls = week({});
  for (int i = 0; i < 90; ++i) {
    calls.push_back({.time_us = kMonday + 5 * kDay + 12 * kHour + 30 * kMinute +
                                static_cast<std::uint64_t>(i) * kSecond});
  }
  const Facts facts = facts_of(calls);
  REQUIRE(found(facts, Rule::volume) == 1);
  const Finding& row = facts.of(Rule::volume).rows[0];
  CHECK(row.count == 100);
  CHECK(row.time_us == kMonday + 5 * kDay + 12 * kHour);
  CHECK(row.baseline == "median 10.0, spread 3.2, of 56 hours");
}

TEST_CASE("volume: few hours, and small numbers, are no baseline") {
  std::vector<Call> calls = week({}, 1);
  for (int i = 0; i < 29; ++i) calls.push_back({.time_us = kMonday + 3 * kDay + 12 * kHour});
  CHECK(found(facts_of(calls), Rule::volume) == 0);
  std::vector<Call> day = week({}, 1, 1);
  for (int i = 0; i < 500; ++i) day.push_back({.time_us = kMonday + 12 * kHour});
  CHECK(found(facts_of(day), Rule::volume) == 0);
}

TEST_CASE("off hours: at night, by one who works by day") {
  std::vector<Call> calls = week({});
  calls.push_back({.time_us = kMonday + 6 * kDay + 3 * kHour});
  const Facts facts = facts_of(calls);
  REQUIRE(found(facts, Rule::off_hours) == 1);
  CHECK(facts.of(Rule::off_hours).rows[0].what == "at 3:00 UTC");
  calls.back().time_us = kMonday + 6 * kDay + 8 * kHour;  // beside an hour that is usual
  CHECK(found(facts_of(calls), Rule::off_hours) == 0);
  calls.back().time_us = kMonday + kDay + 3 * kHour;  // learned
  CHECK(found(facts_of(calls), Rule::off_hours) == 0);
}

TEST_CASE("newly allowed: denied under one snapshot, allowed under the next") {
  const Call denied{.tool = "drop", .allowed = false};
  Call allowed{.time_us = kMonday + kHour, .tool = "drop", .snapshot = "2-bbbb", .id = "first"};
  Facts facts = facts_of({denied, denied, allowed, allowed});
  REQUIRE(found(facts, Rule::newly_allowed) == 1);
  CHECK(facts.of(Rule::newly_allowed).rows[0].event_id == "first");
  CHECK(facts.of(Rule::newly_allowed).rows[0].baseline == "2 denied before, none allowed");
  allowed.snapshot = denied.snapshot;  // the arguments made the difference, not the policy
  CHECK(found(facts_of({denied, allowed}), Rule::newly_allowed) == 0);
  allowed.snapshot = "2-bbbb";
  CHECK(found(facts_of({allowed, denied, allowed}), Rule::newly_allowed) == 0);
  Call other = allowed;
  other.subject = "bob";
  CHECK(found(facts_of({denied, other}), Rule::newly_allowed) == 0);
}

TEST_CASE("exfiltration: a secret read, then an open-world write, in one session and 30 minutes") {
  const Call read{.found = "aws-access-token"};
  const Call post{.time_us = kMonday + 10 * kMinute,
                  .tool = "post",
                  .tool_class = "write",
                  .open_world = true,
                  .id = "out"};
  const auto with = [&](auto change) {
    Call other = post;
    change(other);
    return found(facts_of({read, other}), Rule::exfiltration);
  };
  const Facts facts = facts_of({read, post, post});
  REQUIRE(found(facts, Rule::exfiltration) == 1);
  CHECK(facts.of(Rule::exfiltration).rows[0].event_id == "out");
  CHECK(facts.of(Rule::exfiltration).rows[0].what == "files / read_file, then files / post");
  CHECK(with([](Call&) {}) == 1);
  CHECK(with([](Call& c) { c.tool_class = "unclassified"; }) == 1);
  CHECK(with([](Call& c) { c.session = "another"; }) == 0);
  CHECK(with([](Call& c) { c.open_world = false; }) == 0);
  CHECK(with([](Call& c) { c.tool_class = "read_only"; }) == 0);
  CHECK(with([](Call& c) { c.allowed = false; }) == 0);
  CHECK(with([](Call& c) { c.time_us = kMonday + 31 * kMinute; }) == 0);
  CHECK(found(facts_of({post, read}), Rule::exfiltration) == 0);
}

TEST_CASE("exfiltration: tools that are named as sensitive count without a detector") {
  const Call read{.tool = "payroll_export"};
  const Call post{
      .time_us = kMonday + kMinute, .tool = "post", .tool_class = "write", .open_world = true};
  CHECK(found(facts_of({read, post}), Rule::exfiltration) == 0);
  CHECK(found(facts_of({read, post}, {"payroll_*"}), Rule::exfiltration) == 1);
}

TEST_CASE("secrets in results: one row for each tool and detector, with the count") {
  const Facts facts = facts_of({{.found = "jwt", .id = "one"},
                                {.found = "jwt"},
                                {.found = "iban"},
                                {.found = "email"},
                                {.found = "drop"},
                                {.tool = "other", .found = "jwt"},
                                {}});
  REQUIRE(found(facts, Rule::secrets) == 3);
  CHECK(facts.of(Rule::secrets).rows[0].count == 2);
  CHECK(facts.of(Rule::secrets).rows[0].event_id == "one");
}

TEST_CASE("the same id twice is found, an intent of it is not") {
  const Call call{.id = "twin"};
  auto intent = made::to_json(call);
  intent["kind"] = "intent";
  Gatherer gatherer(0, 0);
  gatherer.take(intent.dump());
  gatherer.take(made::text(call));
  gatherer.take(made::text({}));
  gatherer.take(made::text(call));
  const Facts facts = gatherer.finish();
  REQUIRE(found(facts, Rule::twice) == 1);
  CHECK(facts.of(Rule::twice).rows[0].event_id == "twin");
}

TEST_CASE("a session from two addresses, but not from two ports of one") {
  CHECK(found(facts_of({{.peer = "10.0.0.1:1"}, {.peer = "10.0.0.1:2"}, {.peer = ""}}),
              Rule::two_peers) == 0);
  CHECK(found(facts_of({{.peer = "[2001:db8::1]:1"}, {.peer = "[2001:db8::1]:2"}}),
              Rule::two_peers) == 0);
  CHECK(found(facts_of({{.peer = "10.0.0.1:1"}, {.peer = "10.0.0.2:1"}, {.peer = "10.0.0.1:3"}}),
              Rule::two_peers) == 1);
  CHECK(found(facts_of(
                  {{.session = "a", .peer = "10.0.0.1:1"}, {.session = "b", .peer = "10.0.0.2:1"}}),
              Rule::two_peers) == 0);
}

TEST_CASE("a server's tools changed: a list of another length, a tool never called before") {
  std::vector<Call> calls = week({});
  const auto list = [](std::uint64_t time_us, int items) {
    auto event = made::to_json({.time_us = time_us});
    event["method"] = "tools/list";
    event.erase("target");
    event.erase("target_kind");
    event["items"] = items;
    return event.dump();
  };
  const auto gathered = [&](int later, const char* tool) {
    Gatherer gatherer(0, 0);
    for (const Call& each : calls) gatherer.take(made::text(each));
    gatherer.take(list(kMonday, 12));
    gatherer.take(list(kMonday + 6 * kDay, later));
    gatherer.take(made::text({.time_us = kMonday + 6 * kDay + kHour * 10, .tool = tool}));
    return found(gatherer.finish(), Rule::changed_tool);
  };
  CHECK(gathered(12, "read_file") == 0);
  CHECK(gathered(13, "read_file") == 1);
  CHECK(gathered(12, "new_tool") == 1);
  CHECK(gathered(13, "new_tool") == 2);
}

TEST_CASE("a reply far larger than those of its tool") {
  std::vector<Call> calls = week({});
  calls.push_back({.time_us = kMonday + 3 * kDay, .id = "big", .reply_bytes = 9'000});
  const Facts facts = facts_of(calls);
  REQUIRE(found(facts, Rule::large_reply) == 1);
  CHECK(facts.of(Rule::large_reply).rows[0].event_id == "big");
  CHECK(facts.of(Rule::large_reply).rows[0].count == 9'000);
  calls.back().reply_bytes = 7'000;
  CHECK(found(facts_of(calls), Rule::large_reply) == 0);
}

TEST_CASE("rows of a rule are bounded, its number is not") {
  std::vector<Call> calls;
  for (int i = 0; i < 300; ++i) {
    calls.push_back({.session = "s" + std::to_string(i), .peer = "10.0.0.1:1"});
    calls.push_back({.session = "s" + std::to_string(i), .peer = "10.0.0.2:1"});
  }
  const Facts facts = facts_of(calls);
  CHECK(found(facts, Rule::two_peers) == 300);
  CHECK(facts.of(Rule::two_peers).rows.size() == RuleFindings::kRows);
}

TEST_CASE("patterns have stars and nothing else") {
  struct Case {
    const char* pattern;
    const char* text;
    bool matches;
  };
  const Case cases[] = {{"*", "", true},       {"*", "abc", true},     {"a*c", "abc", true},
                        {"a*c", "ac", true},   {"a*c", "abcd", false}, {"", "", true},
                        {"", "a", false},      {"a?c", "abc", false},  {"*b*", "abc", true},
                        {"**x", "aaax", true}, {"*ab", "aaab", true},  {"ABC", "abc", false}};
  for (const Case& each : cases) {
    CAPTURE(std::string(each.pattern));
    CAPTURE(std::string(each.text));
    CHECK(mcpgov::cli::matches(each.pattern, each.text) == each.matches);
  }
}
