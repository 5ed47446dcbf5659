// Replacing what decides, also while it decides.
//
// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <thread>

#include "governor/support.hpp"

using namespace mcpgov;
using namespace mcpgov::test;

TEST_CASE("reload: a bad generation keeps the old one and is recorded") {
  World world;
  struct Case {
    const char* name;
    std::string config;
    ErrorCode code;
  };
  const Case cases[] = {
      {"no YAML", "servers: [", ErrorCode::config_syntax},
      {"an unknown key", configuration(kPolicies, "polices: []"), ErrorCode::config_unknown_key},
      {"a policy that is malformed", configuration("permit(principal, action);"),
       ErrorCode::policy_syntax},
      {"a tool list that is malformed", configuration(kPolicies, "", "", "{\"tools\": 5}"),
       ErrorCode::tool_list_invalid},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    const auto replaced = world.governor->replace(c.config, "");
    REQUIRE_FALSE(replaced);
    CHECK(code_name(replaced.error().code) == code_name(c.code));
    // A list that is JSON, but no tool list, has no place to point at.
    CHECK((replaced.error().line > 0) == (c.code != ErrorCode::tool_list_invalid));
    CHECK(world.records.last()["method"] == "mcpgov/replace");
    CHECK(world.records.last()["reason"] == code_name(c.code));
    CHECK(reason_for(world, engineer(), call("list_tables")) == ErrorCode::none);
  }
  CHECK(world.governor->generation().number == 1);
}

TEST_CASE("reload: sessions use the new generation from their next message on") {
  World world;
  Session session = world.session(engineer());
  Verdicts before = from_client(session, call("list_tables", "{}", 1));
  CHECK(before[0].allowed());
  const auto replaced = world.governor->replace(configuration(""), "");
  REQUIRE(replaced);
  CHECK(replaced->number == 2);
  CHECK(replaced->warnings.size() == 1);
  CHECK(replaced->digest != std::string());
  Verdicts after = from_client(session, call("list_tables", "{}", 2));
  CHECK(after[0].reason() == ErrorCode::policy_denied);
  CHECK(world.records.last()["snapshot"].get<std::string>().starts_with("2:"));
}

TEST_CASE("reload: a caller is known anew to each generation, whose names have other numbers") {
  World world;
  Caller caller = engineer();
  caller.roles = {"a"};
  Session session = world.session(caller);
  const auto permit = [&](const std::string& role) {
    return "permit(principal in shop::Role::\"" + caller.issuer + "#" + role +
           "\", action, resource);";
  };
  const std::string other_names = R"(forbid(principal, action, resource) when {
      ["x", "y"].contains("z") || (context has n1 && context.n1 has n2) };)";
  struct Row {
    std::string policies;
    bool allowed;
  };
  const Row rows[] = {{permit("a"), true},
                      {permit("b"), false},
                      {other_names + permit("b") + permit("a"), true},
                      {other_names + permit("c") + permit("b"), false},
                      {permit("b") + permit("a"), true}};
  int id = 0;
  for (const Row& row : rows) {
    CAPTURE(row.policies);
    REQUIRE(world.governor->replace(configuration(row.policies), ""));
    for (int twice = 0; twice < 2; ++twice) {
      Verdicts verdicts = from_client(session, call("list_tables", "{}", ++id));
      CHECK(verdicts[0].allowed() == row.allowed);
    }
  }
}

TEST_CASE("reload: under load every verdict is that of one generation") {
  // In each generation exactly one of the two tools is permitted.
  const std::string generations[] = {
      configuration(R"(permit(principal, action == shop::Action::"list_tables", resource);)"),
      configuration(R"(permit(principal, action == shop::Action::"read_schema", resource);)")};
  World world(generations[0]);
  std::atomic<bool> stop{false};
  std::atomic<int> mixed{0};
  std::atomic<int> decided{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&] {
      Session session = world.session(engineer());
      const std::string batch_init =
          rpc("initialize", R"({"protocolVersion":"2025-03-26","capabilities":{},)"
                            R"("clientInfo":{"name":"c","version":"1"}})");
      {
        Verdicts asked = from_client(session, batch_init);
        session.await_answer(asked[0]);
        Verdicts answered = from_server(session, result(R"({"protocolVersion":"2025-03-26"})"));
      }
      const std::string both =
          "[" + call("list_tables", "{}", 1) + "," + call("read_schema", "{}", 2) + "]";
      while (!stop) {
        Verdicts verdicts = from_client(session, both);
        if (verdicts.size() != 2 || verdicts[0].allowed() == verdicts[1].allowed()) ++mixed;
        ++decided;
      }
    });
  }
  // Bounded by generations, not by time; the deciding threads keep up because they must be heard.
  for (int round = 0; round < 40; ++round) {
    const int seen = decided;
    REQUIRE(world.governor->replace(generations[round % 2], ""));
    while (decided < seen + 10) std::this_thread::yield();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(mixed == 0);
  CHECK(decided >= 400);
}
