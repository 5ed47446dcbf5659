// The reply filter: what passes, what is withheld, and what the record says of it.
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

std::string modern_call() {
  return rpc("tools/call",
             R"({"name":"list_tables","arguments":{},)" + std::string(kModernMeta) + "}");
}

struct Answered {
  std::string bytes;
  ErrorCode reason;
  int http_status;
};

Answered answer(Session& session, const std::string& question, std::string_view body,
                ReplyFormat format = ReplyFormat::automatic) {
  Verdicts verdicts = from_client(session, question);
  REQUIRE(verdicts[0].allowed());
  Reply reply = session.reply(verdicts[0], format);
  std::string out(reply.feed(body));
  out.append(reply.end());
  return {out, reply.reason(), reply.http_status()};
}

}  // namespace

TEST_CASE("reply: an ordinary answer passes byte for byte and closes its record") {
  struct Case {
    const char* name;
    std::string body;
    const char* outcome;
  };
  const Case cases[] = {
      {"a result", result(R"({ "content" : [{"type":"text","text":"1.50"}]})"), "completed"},
      {"a tool error", result(R"({"content":[],"isError":true})"), "failed"},
      {"a protocol error", R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no"}})",
       "failed"},
      {"a result in a stream", "data: " + result(R"({"content":[]})") + "\n\n", "completed"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    World world;
    Session session = world.session(engineer());
    const Answered out = answer(session, call("list_tables"), c.body);
    CHECK(out.bytes == c.body);
    CHECK(out.reason == ErrorCode::none);
    CHECK(out.http_status == 200);
    REQUIRE(world.records.size() == 2);
    CHECK(world.records.at(0)["id"] == world.records.at(1)["id"]);
    CHECK(world.records.at(1)["outcome"] == c.outcome);
  }
}

TEST_CASE("reply: what is no answer to the request is withheld and replaced") {
  struct Case {
    const char* name;
    std::string body;
  };
  const Case cases[] = {
      {"another id", result("{}", 2)},
      {"the id as a string", R"({"jsonrpc":"2.0","id":"1","result":{}})"},
      {"no JSON", "hello"},
      {"a truncated message", R"({"jsonrpc":"2.0","id":1,"resu)"},
      {"two results", R"({"jsonrpc":"2.0","id":1,"result":{},"result":{}})"},
      {"a result and an error",
       R"({"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":"x"}})"},
      {"a member that differs by case", R"({"jsonrpc":"2.0","id":1,"Result":{}})"},
      {"invalid UTF-8", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"a\":\"\xff\"}}"},
      {"an unknown result type", R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"surprise"}})"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    World world;
    Session session = world.session(engineer());
    const Answered out = answer(session, call("list_tables"), c.body, ReplyFormat::json);
    const Json error = Json::parse(out.bytes);
    CHECK(error["error"]["code"] == 502);
    CHECK(error["id"] == 1);
    CHECK(out.http_status == 502);
    CHECK(out.reason != ErrorCode::none);
    CHECK(world.records.last()["outcome"] == "withheld");
  }
}

TEST_CASE("reply: messages of the server in the stream are decided one by one") {
  World world(configuration(std::string(kPolicies) + R"(
    permit(principal, action == shop::Action::"elicit", resource);)"));
  Session session = world.session(engineer());
  const std::string stream =
      "data: " +
      rpc("elicitation/create",
          R"({"message":"m","requestedSchema":{"type":"object","properties":{}}})", 50) +
      "\n\ndata: " + rpc("sampling/createMessage", R"({"messages":[],"maxTokens":1})", 51) +
      "\n\ndata: " + notification("notifications/message", R"({"level":"info","data":1})") +
      "\n\ndata: " + rpc("tools/nonsense", "{}", 52) + "\n\ndata: " + result("{}", 99) +
      "\n\ndata: " + result(R"({"content":[]})") + "\n\n";
  Verdicts verdicts = from_client(session, call("list_tables"));
  Reply reply = session.reply(verdicts[0]);
  std::string out(reply.feed(stream));
  const std::string to_server(reply.to_server());
  out.append(reply.end());
  CHECK(out.find("elicitation/create") != std::string::npos);
  CHECK(out.find("notifications/message") != std::string::npos);
  CHECK(out.find("sampling") == std::string::npos);
  CHECK(out.find("nonsense") == std::string::npos);
  CHECK(out.find("\"id\":99") == std::string::npos);
  CHECK(out.find(R"({"content":[]})") != std::string::npos);
  CHECK(to_server.find("\"id\":51") != std::string::npos);
  CHECK(to_server.find("\"id\":52") != std::string::npos);
  CHECK(reply.reason() == ErrorCode::method_unknown);  // the first that was withheld

  SUBCASE("the client's answer passes for the request that passed") {
    Verdicts answered =
        from_client(session, R"({"jsonrpc":"2.0","id":50,"result":{"action":"accept"}})");
    CHECK(answered[0].allowed());
    Verdicts again =
        from_client(session, R"({"jsonrpc":"2.0","id":50,"result":{"action":"accept"}})");
    CHECK(again[0].reason() == ErrorCode::response_unexpected);
  }
  SUBCASE("and for no other") {
    Verdicts answered = from_client(session, R"({"jsonrpc":"2.0","id":51,"result":{}})");
    CHECK(answered[0].reason() == ErrorCode::response_unexpected);
  }
}

TEST_CASE("reply: requests inside a result of 2026-07-28 are decided") {
  const std::string answer_body = result(
      R"({"resultType":"input_required","inputRequests":{"a":{"method":"elicitation/create",)"
      R"("params":{"message":"m"}},"b":{"method":"roots/list","params":{}}}})");
  struct Case {
    const char* permits;
    bool passes;
  };
  const Case cases[] = {
      {"permit(principal, action in [shop::Action::\"elicit\", shop::Action::\"list_roots\"], "
       "resource);",
       true},
      {"permit(principal, action == shop::Action::\"elicit\", resource);", false},
      {"", false},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.permits));
    World world(configuration(std::string(kPolicies) + c.permits));
    Session session = world.session(engineer());
    const Answered out = answer(session, modern_call(), answer_body);
    CHECK((out.bytes == answer_body) == c.passes);
    CHECK((out.reason == ErrorCode::none) == c.passes);
  }
}

TEST_CASE("reply: tasks belong to the caller who created them") {
  World world(configuration(std::string(kPolicies) + R"(
    permit(principal, action in [shop::Action::"get_task", shop::Action::"get_task_result",
           shop::Action::"cancel_task", shop::Action::"update_task"], resource);)"));
  Session eve = world.session(engineer());
  const std::string created = result(R"({"resultType":"task","taskId":"t-1","status":"working"})");
  CHECK(answer(eve, modern_call(), created).bytes == created);
  const std::string get =
      rpc("tasks/get", R"({"taskId":"t-1",)" + std::string(kModernMeta) + "}", 2);
  CHECK(from_client(eve, get)[0].allowed());
  Session mallory = world.session(user("mallory", {"engineer"}));
  Verdicts stolen = from_client(mallory, get);
  CHECK(stolen[0].reason() == ErrorCode::not_task_owner);
  Caller elsewhere = engineer();
  elsewhere.issuer = "other";
  Session twin = world.session(elsewhere);
  Verdicts twins = from_client(twin, get);
  CHECK(twins[0].reason() == ErrorCode::not_task_owner);
  // A server that hands the same id to somebody else must not move the task.
  const Answered again = answer(mallory, modern_call(), created);
  CHECK(again.reason == ErrorCode::not_task_owner);
  Verdicts still = from_client(eve, get);
  CHECK(still[0].allowed());
}

TEST_CASE("reply: a verdict or reply that is dropped closes its record as abandoned") {
  World world;
  {
    Session session = world.session(engineer());
    { Verdicts verdicts = from_client(session, call("list_tables")); }
    CHECK(world.records.last()["outcome"] == "abandoned");
    {
      Verdicts verdicts = from_client(session, call("list_tables"));
      Reply reply = session.reply(verdicts[0]);
      reply.feed("{");
    }
    CHECK(world.records.last()["outcome"] == "abandoned");
    Verdicts verdicts = from_client(session, call("list_tables"));
    session.await_answer(verdicts[0]);
    CHECK(world.records.last()["event"] == "decision");
  }
  CHECK(world.records.last()["outcome"] == "abandoned");
  CHECK(world.records.size() == 6);
}

TEST_CASE(
    "reply: events of other kinds than messages are withheld, the rest of the stream passes") {
  // Clients differ in which of these they take for messages.
  struct Case {
    const char* name;
    std::string event;
    bool passes;
    const char* instead = nullptr;  // of a heartbeat, whose words are for nobody
  };
  const std::string note = "data: " + notification("notifications/message", R"({"level":"info"})");
  const Case cases[] = {
      {"no name", note, true},
      {"`message`", "event: message\n" + note, true},
      {"a comment", ": hello", true, ":"},
      {"an event without data", "event: ping", true, ":"},
      {"`ping` with data", "event: ping\ndata: {}", false},
      {"a message under another name", "event: msg\n" + note, false},
      {"`message` in capitals", "event: Message\n" + note, false},
      {"`endpoint`, which is of 2024-11-05", "event: endpoint\ndata: /messages", false},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    World world;
    Session session = world.session(engineer());
    const std::string last = "data: " + result(R"({"content":[]})") + "\n\n";
    const Answered out =
        answer(session, call("list_tables"), c.event + "\n\n" + last, ReplyFormat::event_stream);
    const std::string passed = c.instead == nullptr ? c.event : c.instead;
    CHECK(out.bytes == (c.passes ? passed + "\n\n" + last : last));
    CHECK(code_name(out.reason) ==
          code_name(c.passes ? ErrorCode::none : ErrorCode::stream_invalid));
  }
}

TEST_CASE("reply: white space in front does not change what the bytes are, however they are cut") {
  for (const std::string& body :
       {" \r\n" + result(R"({"content":[]})"), "\n\ndata: " + result(R"({"content":[]})") + "\n\n",
        " data: " + result(R"({"content":[]})") + "\n\n"}) {
    CAPTURE(body);
    std::string whole;
    for (std::size_t cut = 0; cut < body.size(); ++cut) {
      World world;
      Session session = world.session(engineer());
      Verdicts verdicts = from_client(session, call("list_tables"));
      Reply reply = session.reply(verdicts[0]);
      std::string out(reply.feed(std::string_view(body).substr(0, cut)));
      out.append(reply.feed(std::string_view(body).substr(cut)));
      out.append(reply.end());
      if (cut == 0) whole = out;
      REQUIRE(out == whole);
    }
  }
}

TEST_CASE("reply: too much is withheld") {
  World world(configuration(kPolicies, "", "limits: {reply_bytes: 300}"));
  Session session = world.session(engineer());
  const Answered out =
      answer(session, call("list_tables"), result("\"" + std::string(400, 'x') + "\""));
  CHECK(out.reason == ErrorCode::message_too_large);
  CHECK(Json::parse(out.bytes)["error"]["code"] == 502);
  Session streaming = world.session(engineer());
  const Answered event =
      answer(streaming, call("list_tables"), "data: " + std::string(400, 'x') + "\n\n");
  CHECK(event.reason == ErrorCode::stream_event_too_large);
  CHECK(event.bytes.find("xxx") == std::string::npos);
  CHECK(event.bytes.find("502") != std::string::npos);
}

TEST_CASE("reply: spent verdicts and verdicts of other sessions pass nothing") {
  World world;
  Session session = world.session(engineer());
  Session other = world.session(engineer());
  Verdicts verdicts = from_client(session, call("list_tables"));
  Reply wrong = other.reply(verdicts[0]);
  CHECK(wrong.feed(result("{}")).empty());
  CHECK(wrong.end().empty());
  CHECK(verdicts[0].reason() == ErrorCode::verdict_spent);
  Reply spent = session.reply(verdicts[0]);
  CHECK(spent.feed(result("{}")).empty());
  Verdicts denied = from_client(session, call("nope"));
  Reply refused = session.reply(denied[0]);
  CHECK(refused.feed(result("{}")).empty());
  CHECK(refused.reason() == ErrorCode::verdict_spent);
}

TEST_CASE("reply: a finished reply may be on another thread and may outlive its session") {
  World world;
  Reply reply;
  {
    Session session = world.session(engineer());
    Verdicts verdicts = from_client(session, call("list_tables"));
    reply = session.reply(verdicts[0]);
  }
  const std::string body = result(R"({"content":[]})");
  CHECK(reply.feed(body).empty());
  CHECK(reply.end() == body);
  CHECK(world.records.last()["outcome"] == "completed");
}
