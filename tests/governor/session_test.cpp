// Sessions: pairing of requests and responses, revisions, tools.
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/support.hpp"

using namespace mcpgov;
using namespace mcpgov::test;

namespace {

std::string initialize(std::string_view revision) {
  return rpc("initialize", R"({"protocolVersion":")" + std::string(revision) +
                               R"(","capabilities":{},"clientInfo":{"name":"c","version":"1"}})");
}

}  // namespace

TEST_CASE(
    "session: on stdio an awaited answer comes through receive, filtered, and closes the record") {
  World world;
  Session session = world.session(analyst());
  Verdicts asked = from_client(session, rpc("tools/list"));
  session.await_answer(asked[0]);
  Verdicts answered = from_server(
      session, result(R"({"tools":[{"name":"list_tables"},{"name":"execute_query"}]})"));
  REQUIRE(answered[0].allowed());
  CHECK(answered[0].message().bytes == result(R"({"tools":[{"name":"list_tables"}]})"));
  CHECK(world.records.last()["outcome"] == "completed");
  CHECK(world.records.last()["items_removed"] == 1);
  Verdicts twice = from_server(session, result("{}"));
  CHECK(twice[0].reason() == ErrorCode::response_unexpected);
}

TEST_CASE("session: an answer that is malformed reaches the client as an error") {
  World world;
  Session session = world.session(engineer());
  Verdicts asked = from_client(session, call("list_tables"));
  session.await_answer(asked[0]);
  Verdicts answered = from_server(session, R"({"jsonrpc":"2.0","id":1,"result":{"a":1,"a":2}})");
  CAPTURE(code_name(answered[0].reason()));
  if (answered[0].allowed()) {
    CHECK(answered[0].message().bytes.find("502") != std::string_view::npos);
    CHECK(world.records.last()["outcome"] == "withheld");
  } else {
    CHECK(answered[0].reason() == ErrorCode::duplicate_member);
  }
}

TEST_CASE("session: an id is open once") {
  World world;
  Session session = world.session(engineer());
  Verdicts first = from_client(session, call("list_tables", "{}", 7));
  Verdicts second = from_client(session, call("list_tables", "{}", 7));
  CHECK(second[0].reason() == ErrorCode::id_in_use);
  CHECK(second[0].denial().http_status == 400);
  Verdicts text = from_client(
      session,
      R"({"jsonrpc":"2.0","id":"7","method":"tools/call","params":{"name":"list_tables"}})");
  CHECK(text[0].allowed());
  { Reply reply = session.reply(first[0]); }
  Verdicts third = from_client(session, call("list_tables", "{}", 7));
  CHECK(third[0].allowed());
}

TEST_CASE("session: too many open requests are denied") {
  World world(configuration(kPolicies, "", "limits: {open_requests: 2}"));
  Session session = world.session(engineer());
  Verdicts one = from_client(session, call("list_tables", "{}", 1));
  Verdicts two = from_client(session, call("list_tables", "{}", 2));
  Verdicts three = from_client(session, call("list_tables", "{}", 3));
  CHECK(three[0].reason() == ErrorCode::too_many_open);
  CHECK(three[0].denial().http_status == 503);
}

TEST_CASE("session: the answer to initialize decides the revision, and with it about batches") {
  struct Case {
    const char* revision;
    bool batches;
  };
  const Case cases[] = {
      {"2024-11-05", false}, {"2025-03-26", true}, {"2025-06-18", false}, {"2025-11-25", false}};
  for (const Case& c : cases) {
    CAPTURE(std::string(c.revision));
    World world;
    Session session = world.session(engineer());
    Verdicts asked = from_client(session, initialize("2025-11-25"));
    session.await_answer(asked[0]);
    Verdicts answered = from_server(
        session, result(R"({"protocolVersion":")" + std::string(c.revision) +
                        R"(","capabilities":{},"serverInfo":{"name":"s","version":"1"}})"));
    REQUIRE(answered[0].allowed());
    Verdicts batch = from_client(
        session, "[" + call("list_tables", "{}", 10) + "," + call("nope", "{}", 11) + "]");
    if (c.batches) {
      REQUIRE(batch.size() == 2);
      CHECK(batch.batch());
      CHECK(batch[0].allowed());
      CHECK(batch[1].reason() == ErrorCode::tool_unknown);
    } else {
      REQUIRE(batch.size() == 1);
      CHECK(batch[0].reason() == ErrorCode::batch_not_allowed);
    }
  }
}

TEST_CASE("session: a server's request passes once decided, and its answer closes it") {
  World world(
      configuration(R"(permit(principal, action == shop::Action::"list_roots", resource);)"));
  Session session = world.session(engineer());
  Verdicts asked = from_server(session, rpc("roots/list", "{}", 40));
  REQUIRE(asked[0].allowed());
  session.await_answer(asked[0]);
  Verdicts wrong = from_client(session, R"({"jsonrpc":"2.0","id":41,"result":{"roots":[]}})");
  CHECK(wrong[0].reason() == ErrorCode::response_unexpected);
  Verdicts answered = from_client(session, R"({"jsonrpc":"2.0","id":40,"result":{"roots":[]}})");
  CHECK(answered[0].allowed());
  CHECK(world.records.last()["outcome"] == "completed");
}

TEST_CASE("session: set_tools replaces the claims, and keeps them when the list is malformed") {
  World world(configuration(kPolicies, "", "", ""));
  Session session = world.session(engineer());
  CHECK(session.wants_tools());
  Verdicts before = from_client(session, call("list_tables", "{}", 1));
  CHECK(before[0].reason() == ErrorCode::tool_unknown);
  REQUIRE(session.set_tools(kTools));
  CHECK_FALSE(session.wants_tools());
  Verdicts after = from_client(session, call("list_tables", "{}", 2));
  CHECK(after[0].allowed());
  const auto bad =
      session.set_tools(R"([{"name":"a","inputSchema":{}},{"name":"a","inputSchema":{}}])");
  REQUIRE_FALSE(bad);
  CHECK(bad.error().code == ErrorCode::tool_duplicate);
  Verdicts still = from_client(session, call("list_tables", "{}", 3));
  CHECK(still[0].allowed());
}

TEST_CASE("session: an empty session and an empty reply deny") {
  Session session;
  Verdicts verdicts = from_client(session, call("list_tables"));
  CHECK_FALSE(verdicts[0].allowed());
  CHECK(verdicts[0].reason() == ErrorCode::verdict_spent);
  CHECK_FALSE(session.set_tools("[]"));
  Reply reply;
  CHECK(reply.feed("x").empty());
  CHECK(reply.end().empty());
}

TEST_CASE("session: the caller of the configuration is for stdio only") {
  World world(configuration(
      kPolicies, "",
      "identity: {stdio: {kind: user, issuer: idp, subject: cfg, roles: [analyst]}}"));
  Session stdio = world.session({});
  Verdicts allowed = from_client(stdio, call("list_tables"));
  CHECK(allowed[0].allowed());
  Session http = world.session({}, Transport::streamable_http);
  const Header headers[] = {{"content-type", "application/json"}};
  Verdicts denied = http.receive(
      {.http = {.method = "POST", .url = "/", .headers = headers}, .body = call("list_tables")});
  CHECK(denied[0].reason() == ErrorCode::caller_missing);
}

TEST_CASE("session: a caller given with a message overrides the session's") {
  World world;
  Session session = world.session(analyst());
  const Caller eve = engineer();
  const std::string query = call("execute_query", R"({"sql":"x"})");
  Verdicts as_ann = session.receive({.body = query});
  CHECK_FALSE(as_ann[0].allowed());
  Verdicts as_eve = session.receive({.body = query, .caller = &eve});
  CHECK(as_eve[0].allowed());
  const Caller none;
  Verdicts as_none = session.receive({.body = query, .caller = &none});
  CHECK(as_none[0].reason() == ErrorCode::caller_missing);
}

TEST_CASE("session: GET opens a filtered stream, DELETE passes, both need a caller") {
  World world;
  Session session = world.session(engineer(), Transport::streamable_http);
  Verdicts get = session.receive({.http = {.method = "GET", .url = "/mcp"}});
  REQUIRE(get[0].allowed());
  Reply reply = session.reply(get[0], ReplyFormat::event_stream);
  const std::string note = notification("notifications/tools/list_changed");
  std::string out(reply.feed("data: " + note + "\n\ndata: " + result("{}", 3) + "\n\n"));
  CHECK(out == "data: " + note + "\n\n");
  reply.end();
  CHECK(world.records.last()["outcome"] == "withheld");
  Session nobody = world.session({}, Transport::streamable_http);
  Verdicts denied = nobody.receive({.http = {.method = "GET", .url = "/mcp"}});
  CHECK(denied[0].denial().http_status == 401);
}
