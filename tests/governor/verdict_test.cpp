// Verdicts: always a decision, whatever was done to them.
//
// SPDX-License-Identifier: Apache-2.0
#include <thread>
#include <type_traits>

#include "governor/support.hpp"

using namespace mcpgov;
using namespace mcpgov::test;

static_assert(!std::is_convertible_v<Verdict, bool>);
static_assert(!std::is_constructible_v<bool, Verdict>);
static_assert(!std::is_copy_constructible_v<Verdict>);
static_assert(std::is_nothrow_move_constructible_v<Verdict>);

TEST_CASE("verdict: default and moved-from verdicts deny") {
  Verdict empty;
  CHECK_FALSE(empty.allowed());
  CHECK(empty.reason() == ErrorCode::verdict_spent);
  CHECK(empty.denial().http_status == 503);
  CHECK_FALSE(empty.denial().body.empty());
  CHECK(empty.message().bytes.empty());
  CHECK(empty.policies().empty());
  CHECK(empty.pending().empty());
  CHECK(empty.record_id().empty());
  World world;
  Session session = world.session(engineer());
  Verdicts verdicts = from_client(session, call("list_tables"));
  Verdict moved = std::move(verdicts[0]);
  CHECK(moved.allowed());
  CHECK_FALSE(verdicts[0].allowed());
  CHECK(verdicts[0].reason() == ErrorCode::verdict_spent);
  CHECK_FALSE(Verdicts()[0].allowed());
}

TEST_CASE("verdict: what it shows is its own, whatever comes after") {
  World world;
  Session session = world.session(engineer());
  std::string body = call("execute_query", R"({"sql":"first"})", 1);
  Verdicts first = from_client(session, body);
  const std::string expected = body;
  body.assign(body.size(), 'x');
  for (int at = 2; at < 50; ++at) {
    Verdicts other = from_client(session, call("list_tables", "{}", at));
  }
  CHECK(first[0].message().bytes == expected);
  CHECK(first[0].message().arguments == R"({"sql":"first"})");
  CHECK(first[0].policies()[0] == "engineer");
}

TEST_CASE("verdict: it outlives the reload of what decided it, and its session") {
  World world;
  Verdicts verdicts;
  {
    Session session = world.session(engineer());
    verdicts = from_client(session, call("list_tables"));
  }
  REQUIRE(world.governor->replace(configuration("forbid(principal, action, resource);"), ""));
  CHECK(verdicts[0].allowed());
  CHECK(verdicts[0].policies()[0] == "engineer");
}

TEST_CASE("verdict: it may be finished on another thread") {
  World world;
  Session session = world.session(engineer());
  for (int round = 0; round < 50; ++round) {
    Verdicts verdicts = from_client(session, call("list_tables", "{}", round));
    REQUIRE(verdicts[0].allowed());
    std::thread([&session, verdict = std::move(verdicts[0])]() mutable {
      Reply reply = session.reply(verdict);
      reply.feed("");
      reply.end();
    }).join();
  }
  CHECK(world.records.size() == 100);
}

TEST_CASE("verdict: large messages and many policies fit") {
  std::string policies;
  for (int at = 0; at < 200; ++at) {
    policies += "@id(\"policy-with-a-rather-long-name-" + std::to_string(at) +
                "\") permit(principal, action, resource);\n";
  }
  World world(configuration(policies));
  Session session = world.session(engineer());
  const std::string sql(200'000, 'q');
  Verdicts verdicts = from_client(session, call("execute_query", R"({"sql":")" + sql + "\"}"));
  REQUIRE(verdicts[0].allowed());
  CHECK(verdicts[0].policies().size() == 200);
  CHECK(verdicts[0].policies()[199] == "policy-with-a-rather-long-name-199");
  CHECK(verdicts[0].message().arguments.size() == sql.size() + 10);
}
