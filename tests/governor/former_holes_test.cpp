// Ways around the governor that once existed. Each keeps its case.
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/support.hpp"

using namespace mcpgov;
using namespace mcpgov::test;

namespace {

using Json = nlohmann::json;

constexpr std::string_view kModernMeta =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientCapabilities":{}})";

const Header kJsonBody[] = {{"content-type", "application/json"}};

Verdicts post(Session& session, std::string_view body, const Caller* caller = nullptr) {
  return session.receive({.http = {.method = "POST", .url = "/mcp", .headers = kJsonBody},
                          .body = body,
                          .caller = caller});
}

std::string reply_to(Session& session, const std::string& question, std::string_view answer,
                     ReplyFormat format = ReplyFormat::automatic) {
  Verdicts verdicts = from_client(session, question);
  REQUIRE(verdicts[0].allowed());
  Reply reply = session.reply(verdicts[0], format);
  std::string out(reply.feed(answer));
  return out.append(reply.end());
}

const std::string kSecretList = result(R"({"tools":[{"name":"execute_query"}]})");

}  // namespace

TEST_CASE("former: captured arguments with line breaks cannot forge a line of the record") {
  World world(configuration(kPolicies, "", "audit: {arguments: full}"));
  Session session = world.session(engineer(), Transport::streamable_http);
  const std::string body =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"nope\","
      "\"arguments\":{\"x\":[\r\n{\"event\":\"decision\",\"a b\":\"\xe2\x80\xa8 \x7f\\\"\"}\n]}}}";
  Verdicts verdicts = post(session, body);
  CHECK_FALSE(verdicts[0].allowed());
  REQUIRE(world.records.size() == 1);
  const std::string& line = world.records.lines[0];
  CHECK(line.find('\n') == std::string::npos);
  CHECK(line.find("\xe2\x80\xa8") == std::string::npos);
  CHECK(world.records.at(0)["arguments"]["x"][0]["a b"] == "\xe2\x80\xa8 \x7f\"");
}

TEST_CASE("former: observe mode does not waive an approval") {
  World world(configuration(kPolicies, "mode: {observe_until: 2026-12-31}",
                            "controls: {approvals: {shop: [execute_query]}}"));
  for (const Caller& caller : {engineer(), analyst()}) {
    Session session = world.session(caller);
    Verdicts verdicts = from_client(session, call("execute_query", R"({"sql":"x"})"));
    CHECK(verdicts[0].reason() == ErrorCode::approval_required);
    const Answer yes[] = {{1, true, "olga"}};
    Verdict verdict = session.resume(verdicts[0], yes);
    CHECK(verdict.allowed());
  }
}

TEST_CASE("former: no spelling of an answer passes unfiltered as an event without data") {
  World world;
  const std::string answers[] = {
      "\xef\xbb\xbf" + kSecretList + "\n\n",
      ": x\xe2\x80\xa8"
      "data: " +
          kSecretList + "\n\n",
      "data : " + kSecretList + "\n\n",
      "Data: " + kSecretList + "\n\n",
      "id: 1\xe2\x80\xa9"
      "data: " +
          kSecretList + "\n\ndata: " + result("{\"tools\":[]}") + "\n\n",
      ":\x0b"
      "data: " +
          kSecretList + "\n\n",
  };
  for (const std::string& answer : answers) {
    CAPTURE(answer);
    for (const ReplyFormat format : {ReplyFormat::automatic, ReplyFormat::event_stream}) {
      Session session = world.session(analyst());
      const std::string out = reply_to(session, rpc("tools/list"), answer, format);
      CHECK(out.find("execute_query") == std::string::npos);
    }
  }
}

TEST_CASE("former: a string that some clients take for several lines is escaped") {
  World world;
  Session session = world.session(engineer());
  const std::string inner = result(
      "{\"content\":[],\"x\":\"\xe2\x80\xa8\xe2\x80\xa8"
      "data: evil\"}");
  const std::string out = reply_to(session, call("list_tables"), "id: 7\ndata: " + inner + "\n\n",
                                   ReplyFormat::event_stream);
  CHECK(out.find("\xe2\x80\xa8") == std::string::npos);
  const std::size_t data = out.find("data: ");
  REQUIRE(data != std::string::npos);
  CHECK(Json::parse(out.substr(data + 6)) == Json::parse(inner));
  CHECK(out.find("id: 7") != std::string::npos);
}

TEST_CASE("former: requests to the client are decided in whatever message they travel") {
  const std::string denied_elicit =
      R"("inputRequests":{"a":{"method":"elicitation/create","params":{"message":"m"}}})";
  World world(configuration(std::string(kPolicies) + R"(
    permit(principal, action == shop::Action::"get_task", resource);)"));
  SUBCASE("an error that asks to open a URL") {
    Session session = world.session(engineer());
    const std::string out =
        reply_to(session, call("list_tables"),
                 R"({"jsonrpc":"2.0","id":1,)"
                 R"("error":{"code":-32042,"message":"m","data":{"elicitations":[]}}})");
    CHECK(Json::parse(out)["error"]["code"] == 502);
  }
  SUBCASE("a list that wants input") {
    Session session = world.session(engineer());
    const std::string out =
        reply_to(session, rpc("tools/list", "{" + std::string(kModernMeta) + "}"),
                 result(R"({"resultType":"input_required","tools":[],)" + denied_elicit + "}"));
    CHECK(Json::parse(out)["error"]["code"] == 502);
  }
  SUBCASE("a notification about a task") {
    Session session = world.session(engineer());
    const std::string create = rpc(
        "tools/call", R"({"name":"list_tables","arguments":{},)" + std::string(kModernMeta) + "}");
    reply_to(session, create, result(R"({"resultType":"task","taskId":"t"})"));
    const std::string get =
        rpc("tasks/get", R"({"taskId":"t",)" + std::string(kModernMeta) + "}", 2);
    const std::string note = notification(
        "notifications/tasks", R"({"taskId":"t","status":"input_required",)" + denied_elicit + "," +
                                   std::string(kModernMeta) + "}");
    Verdicts verdicts = from_client(session, get);
    REQUIRE(verdicts[0].allowed());
    Reply reply = session.reply(verdicts[0], ReplyFormat::event_stream);
    CHECK(reply.feed("data: " + note + "\n\n").find("elicitation") == std::string_view::npos);
  }
  SUBCASE("the result of a finished task") {
    Session session = world.session(engineer());
    const std::string create = rpc(
        "tools/call", R"({"name":"list_tables","arguments":{},)" + std::string(kModernMeta) + "}");
    reply_to(session, create, result(R"({"resultType":"task","taskId":"t"})"));
    const std::string out = reply_to(
        session, rpc("tasks/get", R"({"taskId":"t",)" + std::string(kModernMeta) + "}", 2),
        result(R"({"resultType":"complete","status":"completed","result":{)" + denied_elicit + "}}",
               2));
    CHECK(Json::parse(out)["error"]["code"] == 502);
  }
  CHECK(world.records.lines.back().find("event") != std::string::npos);
}

TEST_CASE("former: decisions about inner requests have records of their own") {
  World world;
  Session session = world.session(engineer());
  reply_to(
      session,
      rpc("tools/call",
          R"({"name":"list_tables","arguments":{},)" + std::string(kModernMeta) + "}"),
      result(R"({"resultType":"input_required","inputRequests":{"a":{"method":"roots/list"}}})"));
  REQUIRE(world.records.size() == 3);
  CHECK(world.records.at(1)["method"] == "roots/list");
  CHECK(world.records.at(1)["direction"] == "from_server");
  CHECK(world.records.at(1)["outcome"] == "denied");
}

TEST_CASE("former: a long list of subscriptions is refused, not compared pair by pair") {
  World world(configuration("permit(principal, action, resource);"));
  Session session = world.session(engineer());
  std::string uris = "\"file:///a\"";
  for (int at = 0; at < 50'000; ++at) uris += ",\"\"";
  Verdicts verdicts = from_client(
      session, rpc("subscriptions/listen", R"({"notifications":{"resourceSubscriptions":[)" + uris +
                                               "]}," + std::string(kModernMeta) + "}"));
  CHECK(verdicts[0].reason() == ErrorCode::message_too_many_members);
}

TEST_CASE("former: no query hides the path of a resource") {
  World world(configuration(R"(
    permit(principal, action, resource);
    forbid(principal, action, resource)
    when { resource is shop::Resource && resource.path like "/secret/*" };)"));
  for (const char* uri : {"file:///secret/a", "file:///public?/../secret/a",
                          "file:///public#/../secret/a", "demo://h/p?../secret/a"}) {
    CAPTURE(std::string(uri));
    Session session = world.session(engineer());
    Verdicts verdicts =
        from_client(session, rpc("resources/read", R"({"uri":")" + std::string(uri) + "\"}"));
    CHECK_FALSE(verdicts[0].allowed());
  }
  Session session = world.session(engineer());
  Verdicts plain =
      from_client(session, rpc("resources/read", R"({"uri":"https://h/p?q=1&r=../x"})"));
  CHECK(plain[0].allowed());
}

TEST_CASE("former: a cancelled request is closed and makes room") {
  World world(configuration(kPolicies, "", "limits: {open_requests: 2}"));
  Session session = world.session(engineer());
  for (int id = 1; id <= 10; ++id) {
    Verdicts verdicts = from_client(session, call("list_tables", "{}", id));
    REQUIRE(verdicts[0].allowed());
    session.await_answer(verdicts[0]);
    Verdicts cancelled = from_client(
        session,
        notification("notifications/cancelled", R"({"requestId":)" + std::to_string(id) + "}"));
    CHECK(cancelled[0].allowed());
    CHECK(world.records.last()["outcome"] == "cancelled");
  }
  Verdicts late = from_server(session, result("{}", 10));
  CHECK(late[0].reason() == ErrorCode::response_unexpected);
}

TEST_CASE("former: open requests are bounded in bytes as well") {
  World world(configuration(kPolicies, "", "limits: {open_bytes: 1000}"));
  Session session = world.session(engineer());
  const std::string sql(400, 'x');
  Verdicts one = from_client(session, call("execute_query", R"({"sql":")" + sql + "\"}", 1));
  CHECK(one[0].allowed());
  Verdicts two = from_client(session, call("execute_query", R"({"sql":")" + sql + "\"}", 2));
  CHECK(two[0].reason() == ErrorCode::too_many_open);
}

TEST_CASE("former: callers who share a session cannot answer or cancel for each other") {
  World world(configuration(std::string(kPolicies) + R"(
    permit(principal, action == shop::Action::"list_roots", resource);)"));
  Session session = world.session(engineer());
  const Caller ann = analyst();
  Verdicts asked = from_server(session, rpc("roots/list", "{}", 5));
  REQUIRE(asked[0].allowed());
  session.await_answer(asked[0]);
  const std::string answer = R"({"jsonrpc":"2.0","id":5,"result":{"roots":[]}})";
  Verdicts wrong = session.receive({.body = answer, .caller = &ann});
  CHECK(wrong[0].reason() == ErrorCode::response_unexpected);
  Verdicts right = from_client(session, answer);
  CHECK(right[0].allowed());
  Verdicts open = from_client(session, call("list_tables", "{}", 9));
  session.await_answer(open[0]);
  const std::string cancel = notification("notifications/cancelled", R"({"requestId":9})");
  Verdicts foreign = session.receive({.body = cancel, .caller = &ann});
  CHECK(foreign[0].reason() == ErrorCode::not_request_owner);
  Verdicts own = from_client(session, cancel);
  CHECK(own[0].allowed());
}

TEST_CASE(
    "former: a resumed call is the call that was made, its session and line breaks included") {
  const std::string gated = configuration(std::string(kPolicies) + R"(
    forbid(principal, action, resource)
    when { context.session has id && context.session.id == "bad" };)",
                                          "", "controls: {approvals: {shop: [execute_query]}}");
  World world(configuration(kPolicies, "", "controls: {approvals: {shop: [execute_query]}}"));
  Session session = world.session(engineer(), Transport::streamable_http);
  const Header headers[] = {{"content-type", "application/json"}, {"Mcp-Session-Id", "bad"}};
  const std::string body =
      "{\"jsonrpc\":\"2.0\",\n \"id\":1,\"method\":\"tools/call\",\n"
      "\"params\":{\"name\":\"execute_query\",\"arguments\":{\"sql\":\"x\"}}}";
  const auto pending = [&] {
    return session.receive(
        {.http = {.method = "POST", .url = "/", .headers = headers}, .body = body});
  };
  const Answer yes[] = {{1, true, "olga"}};
  Verdicts first = pending();
  CHECK(first[0].reason() == ErrorCode::approval_required);
  {
    Verdict granted = session.resume(first[0], yes);
    CHECK(granted.allowed());
    CHECK(world.records.last()["session"] == "bad");
  }
  Verdicts second = pending();
  REQUIRE(world.governor->replace(gated, ""));
  Verdict verdict = session.resume(second[0], yes);
  CHECK(verdict.reason() == ErrorCode::policy_forbidden);
}

TEST_CASE("former: header checks do not tell which tools exist") {
  constexpr std::string_view kMirrored = R"([{"name":"secret","inputSchema":{"type":"object",
    "properties":{"region":{"type":"string","x-mcp-header":"Region"}}}}])";
  World world(configuration("", "", "", kMirrored));
  const auto denial = [&](const char* tool) {
    Session session = world.session(engineer(), Transport::streamable_http);
    const Header headers[] = {{"content-type", "application/json"},
                              {"MCP-Protocol-Version", "2026-07-28"},
                              {"Mcp-Method", "tools/call"},
                              {"Mcp-Name", tool}};
    Verdicts verdicts =
        session.receive({.http = {.method = "POST", .url = "/", .headers = headers},
                         .body = rpc("tools/call", R"({"name":")" + std::string(tool) +
                                                       R"(","arguments":{"region":"eu"},)" +
                                                       std::string(kModernMeta) + "}")});
    const Denial given = verdicts[0].denial();
    return std::to_string(given.http_status) + std::string(given.body);
  };
  CHECK(denial("secret") == denial("nothing"));
}

TEST_CASE("former: a malformed answer in a stream does not leave the client waiting") {
  World world;
  Session session = world.session(engineer());
  Verdicts verdicts = from_client(session, call("list_tables"));
  Reply reply = session.reply(verdicts[0], ReplyFormat::event_stream);
  std::string out(
      reply.feed("data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"a\":1,\"a\":2}}\n\n"));
  CHECK(reply.to_server().empty());
  out.append(reply.end());
  CHECK(out.find("502") != std::string::npos);
  CHECK(world.records.last()["outcome"] == "withheld");
  CHECK(world.records.last()["outcome_reason"] == "duplicate_member");
}

TEST_CASE("former: one tenant's tasks do not push out another's; a result alone claims no task") {
  World world(configuration(std::string(kPolicies) + R"(
      permit(principal, action == shop::Action::"get_task", resource);)"));
  Session session = world.session(engineer());
  reply_to(session, call("list_tables"), result(R"({"task":{"taskId":"t"},"content":[]})"));
  Verdicts verdicts = from_client(
      session, rpc("tasks/get", R"({"taskId":"t",)" + std::string(kModernMeta) + "}", 2));
  CHECK(verdicts[0].reason() == ErrorCode::not_task_owner);
}

TEST_CASE("former: completing a template needs a permit for whatever it expands to") {
  World world(configuration(R"(
    permit(principal is shop::User, action == shop::Action::"read_resource", resource);
    forbid(principal, action, resource) when { resource.path like "/secret/*" };)"));
  Session session = world.session(engineer());
  Verdicts verdicts =
      from_client(session, rpc("completion/complete",
                               R"({"ref":{"type":"ref/resource","uri":"file:///{+path}"},)"
                               R"("argument":{"name":"path","value":"secret/"}})"));
  CHECK(verdicts[0].reason() == ErrorCode::policy_denied);
  World open(configuration("permit(principal, action, resource);"));
  Session free = open.session(engineer());
  Verdicts allowed = from_client(
      free, rpc("completion/complete", R"({"ref":{"type":"ref/resource","uri":"file:///{+path}"},)"
                                       R"("argument":{"name":"path","value":"a"}})"));
  CHECK(allowed[0].allowed());
}

TEST_CASE("former: the password of a URI is not recorded") {
  World world;
  Session session = world.session(engineer());
  Verdicts verdicts =
      from_client(session, rpc("resources/read", R"({"uri":"db://ann:hunter2@h/t"})"));
  CHECK(world.records.last()["target"] == "db://***@h/t");
  CHECK(verdicts[0].message().target == "db://ann:hunter2@h/t");
}

TEST_CASE("former: the address of the peer counts in streams as well") {
  World world(configuration(R"(
    permit(principal, action == shop::Action::"list_roots", resource)
    when { context.session has source_ip && context.session.source_ip == ip("192.0.2.7") };)"));
  Session session = world.session(engineer(), Transport::streamable_http);
  Verdicts verdicts =
      session.receive({.http = {.method = "GET", .url = "/mcp"}, .peer = "192.0.2.7"});
  Reply reply = session.reply(verdicts[0], ReplyFormat::event_stream);
  const std::string asked = "data: " + rpc("roots/list", "{}", 5) + "\n\n";
  CHECK(reply.feed(asked) == asked);
}

TEST_CASE("former: HTTP on a session that was opened for stdio is refused") {
  World world(configuration(
      kPolicies, "",
      "identity: {stdio: {kind: user, issuer: idp, subject: cfg, roles: [engineer]}}"));
  Session session = world.session({});
  Verdicts verdicts = post(session, call("list_tables"));
  CHECK_FALSE(verdicts[0].allowed());
  CHECK(verdicts[0].reason() == ErrorCode::http_method_not_allowed);
}

TEST_CASE("former: a caller that a policy names is judged by its claims like any other") {
  // The kept entity of such a caller held the number of an entity of one request: a null claim.
  Caller named = engineer();
  named.claims = {{"manager", "null"}, {"grant", "null"}};
  Caller other = named;
  other.subject = "somebody-else";
  const std::string names_one = "forbid(principal == shop::User::\"" + named.issuer + "#" +
                                named.subject + "\", action, resource) when { false };";
  struct Row {
    const char* policies;
    bool allowed;
  };
  const Row rows[] = {
      {"permit(principal, action, resource) unless { principal.manager is shop::Null };", false},
      {"permit(principal, action, resource) when { principal.manager is shop::Null };", true},
      {"permit(principal, action, resource) when { principal.grant == action || "
       "principal.grant == resource || principal.grant is shop::Unheard };"
       "forbid(principal, action, resource) unless { principal.manager is shop::Null };",
       false},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.policies));
    World world(configuration(row.policies + names_one));
    for (const Caller& caller : {named, other}) {
      Session session = world.session(caller);
      for (int id = 1; id < 4; ++id) {
        Verdicts verdicts = from_client(session, call("list_tables", "{}", id));
        CHECK(verdicts[0].allowed() == row.allowed);
      }
    }
  }
}

TEST_CASE("former: claims are read by a parser of the size that its library gives it") {
  Caller caller = engineer();
  caller.claims = {{"team", R"({"name": "storage", "floors": [1, 2, 3]})"}, {"level", "7"}};
  World world(configuration(R"(permit(principal, action, resource)
      when { principal.team.name == "storage" && principal.team.floors.contains(2) &&
             principal.level > 6 };)"));
  Session session = world.session(caller);
  Verdicts verdicts = from_client(session, call("list_tables"));
  CHECK(verdicts[0].allowed());
  caller.claims[1].json = "6";
  Session lower = world.session(caller);
  Verdicts denied = from_client(lower, call("list_tables"));
  CHECK_FALSE(denied[0].allowed());
}
