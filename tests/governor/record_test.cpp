// Records: what is in them, what is not, and what happens when they cannot be written.
//
// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "governor/support.hpp"

using namespace mcpgov;
using namespace mcpgov::test;

namespace {

// A call whose arguments hold something that must not leak.
const std::string kQuery = call("execute_query", R"({"sql":"hunter2"})");

}  // namespace

TEST_CASE("record: who, what, decided by what, and how it ended") {
  World world;
  SessionOptions options;
  options.server = "shop";
  options.id = "s-1";
  options.caller = engineer();
  options.caller.client = "app";
  Session session = world.governor->session(options);
  {
    Verdicts verdicts = from_client(session, kQuery);
    Reply reply = session.reply(verdicts[0]);
    reply.feed(result(R"({"content":[]})"));
    reply.end();
  }
  const auto decision = world.records.at(0);
  CHECK(decision["event"] == "decision");
  CHECK(decision["id"].get<std::string>().size() == 32);
  CHECK(decision["time"] == "2026-11-20T00:00:00.000000Z");
  CHECK(decision["caller"]["kind"] == "user");
  CHECK(decision["caller"]["issuer"] == "idp");
  CHECK(decision["caller"]["subject"] == "eve");
  CHECK(decision["caller"]["client"] == "app");
  CHECK(decision["session"] == "s-1");
  CHECK(decision["server"] == "shop");
  CHECK(decision["transport"] == "stdio");
  CHECK(decision["direction"] == "from_client");
  CHECK(decision["method"] == "tools/call");
  CHECK(decision["target"] == "execute_query");
  CHECK(decision["request_id"] == 1);
  CHECK(decision["decision"] == "allow");
  CHECK(decision["allowed"] == true);
  CHECK(decision["reason"] == "none");
  CHECK(decision["policies"][0] == "engineer");
  CHECK(decision["arguments_bytes"] == 17);
  CHECK(decision["snapshot"].get<std::string>().starts_with("1:"));
  CHECK(decision["decided_ns"].get<std::uint64_t>() > 0);
  const auto outcome = world.records.at(1);
  CHECK(outcome["event"] == "outcome");
  CHECK(outcome["id"] == decision["id"]);
  CHECK(outcome["outcome"] == "completed");
  CHECK(outcome["reply_bytes"].get<std::uint64_t>() > 0);
}

TEST_CASE("record: arguments appear as configured, by default not at all") {
  struct Case {
    const char* audit;
    const char* expected;  // JSON; null: no member
  };
  const Case cases[] = {{"", nullptr},
                        {"audit: {arguments: none}", nullptr},
                        {"audit: {arguments: names}", R"(["sql"])"},
                        {"audit: {arguments: full}", R"({"sql":"hunter2"})"}};
  for (const Case& c : cases) {
    CAPTURE(std::string(c.audit));
    World world(configuration(kPolicies, "", c.audit));
    Session session = world.session(engineer());
    Verdicts verdicts = from_client(session, kQuery);
    const auto record = world.records.at(0);
    if (c.expected == nullptr) {
      CHECK_FALSE(record.contains("arguments"));
      CHECK(world.records.lines[0].find("hunter2") == std::string::npos);
    } else {
      CHECK(record["arguments"] == nlohmann::json::parse(c.expected));
    }
  }
}

TEST_CASE("record: one that cannot be written denies when records are required") {
  World world;
  Session session = world.session(engineer());
  world.records.refuse = true;
  Verdicts verdicts = from_client(session, kQuery);
  CHECK(verdicts[0].reason() == ErrorCode::audit_unavailable);
  CHECK(verdicts[0].denial().http_status == 503);
  world.records.refuse = false;
  Verdicts again = from_client(session, kQuery);
  CHECK(again[0].allowed());
}

TEST_CASE("record: one that cannot be written allows only where the configuration says so") {
  World world(configuration(kPolicies, "", "audit: {required: false}"));
  Session session = world.session(engineer());
  world.records.refuse = true;
  Verdicts verdicts = from_client(session, kQuery);
  CHECK(verdicts[0].allowed());
}

TEST_CASE("record: an outcome that cannot be written is kept and written later") {
  World world;
  Session session = world.session(engineer());
  std::string id;
  {
    Verdicts verdicts = from_client(session, kQuery);
    id = verdicts[0].record_id();
    world.records.refuse = true;
  }
  CHECK(world.records.size() == 1);
  world.records.refuse = false;
  Verdicts next = from_client(session, call("list_tables", "{}", 2));
  REQUIRE(world.records.size() == 3);
  CHECK(world.records.at(1)["id"] == id);
  CHECK(world.records.at(1)["outcome"] == "abandoned");
  CHECK(world.records.at(2)["event"] == "decision");
}

TEST_CASE("record: a governor without a sink is refused unless the configuration says so") {
  auto silent = Governor::parse(configuration(), "");
  REQUIRE_FALSE(silent);
  CHECK(silent.error().code == ErrorCode::config_missing_key);
  auto said = Governor::parse(configuration(kPolicies, "", "audit: {required: false}"), "");
  CHECK(said.has_value());
}

TEST_CASE("record: every message has exactly one, and ids are unique") {
  World world;
  Session session = world.session(engineer());
  const std::string bodies[] = {call("list_tables", "{}", 1),
                                call("nope", "{}", 2),
                                "{",
                                rpc("ping", "{}", 3),
                                notification("notifications/initialized"),
                                R"({"jsonrpc":"2.0","id":77,"result":{}})"};
  for (const std::string& body : bodies) {
    Verdicts verdicts = from_client(session, body);
    session.await_answer(verdicts[0]);
  }
  std::set<std::string> ids;
  for (std::size_t at = 0; at < world.records.size(); ++at) {
    CHECK(world.records.at(at)["event"] == "decision");
    ids.insert(world.records.at(at)["id"].get<std::string>());
  }
  CHECK(world.records.size() == std::size(bodies));
  CHECK(ids.size() == std::size(bodies));
}

TEST_CASE("record: hostile text cannot forge lines or hide in a terminal") {
  World world;
  Session session = world.session(engineer());
  Verdicts verdicts = session.receive(
      {.body = R"({"jsonrpc":"2.0","id":1,"method":"x\n{\"event\":\"forged\"}\u202e\u0007"})"});
  REQUIRE(world.records.size() == 1);
  const std::string& line = world.records.lines[0];
  CHECK(line.find('\n') == std::string::npos);
  CHECK(line.find('\x07') == std::string::npos);
  CHECK(line.find("\xe2\x80\xae") == std::string::npos);
  CHECK(world.records.at(0)["event"] == "decision");
}
