// Lists: what a caller sees, in JSON and in event streams, page by page.
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/support.hpp"

using namespace mcpgov;
using namespace mcpgov::test;

namespace {

using Json = nlohmann::json;

constexpr std::string_view kPage =
    R"({"tools":[ {"name":"read_schema","inputSchema":{"type":"object"},"x":[1,{"y":2.50}]} ,)"
    R"( {"name":"list_tables","inputSchema":{"type":"object"}},)"
    R"({"name":"execute_query","inputSchema":{"type":"object"}}, {"name":"never_seen"}],)"
    R"("nextCursor":"p2","_meta":{"k":1.0}})";

std::vector<std::string> names(const Json& items, const char* member = "name") {
  std::vector<std::string> out;
  for (const Json& item : items) out.push_back(item[member].get<std::string>());
  return out;
}

std::string filtered(Session& session, const std::string& question, const std::string& answer) {
  Verdicts verdicts = from_client(session, question);
  REQUIRE(verdicts[0].allowed());
  Reply reply = session.reply(verdicts[0]);
  std::string out(reply.feed(answer));
  return out.append(reply.end());
}

}  // namespace

TEST_CASE("lists: a caller sees the tools that some arguments could be allowed for") {
  World world;
  Session ann = world.session(analyst());
  Session eve = world.session(engineer());
  Session bob = world.session(user("bob", {}));
  const std::string answer = result(kPage);
  const Json for_ann = Json::parse(filtered(ann, rpc("tools/list"), answer));
  const Json for_eve = Json::parse(filtered(eve, rpc("tools/list"), answer));
  const Json for_bob = Json::parse(filtered(bob, rpc("tools/list"), answer));
  CHECK(names(for_ann["result"]["tools"]) ==
        std::vector<std::string>{"read_schema", "list_tables"});
  CHECK(names(for_eve["result"]["tools"]) ==
        std::vector<std::string>{"read_schema", "list_tables", "execute_query"});
  CHECK(names(for_bob["result"]["tools"]).empty());
  CHECK(world.records.last()["items_removed"] == 4);
}

TEST_CASE("lists: cursors stay, also on a page that becomes empty, and so does all the rest") {
  World world;
  Session bob = world.session(user("bob", {}));
  const Json out = Json::parse(filtered(bob, rpc("tools/list"), result(kPage)));
  CHECK(out["result"]["nextCursor"] == "p2");
  CHECK(out["result"]["_meta"]["k"] == 1.0);
  CHECK(out["result"]["tools"].empty());
}

TEST_CASE("lists: what is shown is shown byte for byte") {
  World world;
  Session ann = world.session(analyst());
  const std::string out = filtered(ann, rpc("tools/list"), result(kPage));
  CHECK(out.find(R"({"name":"read_schema","inputSchema":{"type":"object"},"x":[1,{"y":2.50}]})") !=
        std::string::npos);
  CHECK(out.find("execute_query") == std::string::npos);
  CHECK(out.find("never_seen") == std::string::npos);
}

TEST_CASE("lists: `certain` shows only what every argument may call") {
  World world(configuration(kPolicies, "lists: certain"));
  Session eve = world.session(engineer());
  const Json out = Json::parse(filtered(eve, rpc("tools/list"), result(kPage)));
  CHECK(names(out["result"]["tools"]) == std::vector<std::string>{"read_schema", "list_tables"});
}

TEST_CASE("lists: verdicts are equal before and after a list was seen") {
  struct Case {
    const char* tools;
    const char* unknown_tools;
  };
  const Case cases[] = {{"pinned", "unknown_tools: deny"},
                        {"none", "unknown_tools: deny"},
                        {"none", "unknown_tools: natural"}};
  const std::string calls[] = {
      call("read_schema", R"({"table":"t"})", 5), call("execute_query", R"({"sql":"x"})", 5),
      call("execute_query", R"({"sql":"x","destructive":true})", 5), call("never_seen", "{}", 5)};
  for (const Case& c : cases) {
    CAPTURE(std::string(c.tools));
    CAPTURE(std::string(c.unknown_tools));
    const bool pinned = std::string_view(c.tools) == "pinned";
    World world(configuration(kPolicies, c.unknown_tools, "", pinned ? kTools : ""));
    for (const std::string& body : calls) {
      CAPTURE(body);
      Session fresh = world.session(engineer());
      Session listed = world.session(engineer());
      filtered(listed, rpc("tools/list"), result(kPage));
      Verdicts before = from_client(fresh, body);
      Verdicts after = from_client(listed, body);
      CHECK(before[0].allowed() == after[0].allowed());
      CHECK(code_name(before[0].reason()) == code_name(after[0].reason()));
    }
  }
}

TEST_CASE("lists: an event stream is filtered event by event, however it is cut") {
  World world;
  const std::string note = R"({"jsonrpc":"2.0","method":"notifications/progress",)"
                           R"("params":{"progressToken":1,"progress":1}})";
  const std::string stream = ": hello\n\nid: 1\ndata: " + note +
                             "\n\nevent: message\r\nid: 2\r\ndata: " + result(kPage) + "\r\n\r\n";
  std::string whole;
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    Session ann = world.session(analyst());
    Verdicts verdicts = from_client(ann, rpc("tools/list"));
    Reply reply = ann.reply(verdicts[0], ReplyFormat::event_stream);
    std::string out(reply.feed(std::string_view(stream).substr(0, cut)));
    out.append(reply.feed(std::string_view(stream).substr(cut)));
    out.append(reply.end());
    CHECK(reply.reason() == ErrorCode::none);
    if (whole.empty()) whole = out;
    REQUIRE(out == whole);
  }
  CHECK(whole.find(":\n\nid: 1\n") == 0);
  CHECK(whole.find(note) != std::string::npos);
  CHECK(whole.find("list_tables") != std::string::npos);
  CHECK(whole.find("execute_query") == std::string::npos);
  CHECK(whole.find("id: 2\r\n") != std::string::npos);
}

TEST_CASE("lists: prompts, resources and templates") {
  World world(configuration(R"(
    permit(principal, action == shop::Action::"get_prompt", resource == shop::Prompt::"greet");
    permit(principal, action == shop::Action::"read_resource", resource)
    when { resource.scheme == "file" };
  )"));
  struct Case {
    const char* method;
    const char* answer;
    const char* member;
    const char* name;
    std::vector<std::string> shown;
  };
  const Case cases[] = {
      {"prompts/list",
       R"({"prompts":[{"name":"greet"},{"name":"other"},{"title":"nameless"}]})",
       "prompts",
       "name",
       {"greet"}},
      {"resources/list",
       R"({"resources":[{"uri":"file:///a","name":"a"},{"uri":"https://h/b","name":"b"},)"
       R"({"uri":"file:///a/../b","name":"c"},{"uri":7}]})",
       "resources",
       "uri",
       {"file:///a"}},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.method));
    Session session = world.session(user("u", {}));
    const Json out = Json::parse(filtered(session, rpc(c.method), result(c.answer)));
    CHECK(names(out["result"][c.member], c.name) == c.shown);
  }
}

TEST_CASE("lists: what cannot be classified is withheld") {
  const char* answers[] = {
      R"({"tools":{}})", R"({})",   R"({"tools":[{"name":"a"}],"tools":[]})",
      R"([])",           R"(null)", R"({"Tools":[],"tools":[{"name":"read_schema"}]})"};
  for (const char* answer : answers) {
    CAPTURE(std::string(answer));
    World world;
    Session ann = world.session(analyst());
    Verdicts verdicts = from_client(ann, rpc("tools/list"));
    Reply reply = ann.reply(verdicts[0]);
    reply.feed(result(answer));
    const std::string out(reply.end());
    CHECK(Json::parse(out)["error"]["code"] == 502);
    CHECK(Json::parse(out)["id"] == 1);
    CHECK(reply.http_status() == 502);
    CHECK(world.records.last()["outcome"] == "withheld");
  }
}

TEST_CASE("lists: in 2026-07-28 a filtered list is marked private to the caller") {
  World world;
  Session ann = world.session(analyst());
  const std::string question =
      rpc("tools/list", R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                        R"("io.modelcontextprotocol/clientCapabilities":{}}})");
  const Json out =
      Json::parse(filtered(ann, question,
                           result(R"({"resultType":"complete","tools":[{"name":"list_tables"}],)"
                                  R"("ttlMs":3600000,"cacheScope":"public"})")));
  CHECK(out["result"]["cacheScope"] == "private");
  CHECK(out["result"]["ttlMs"] == 0);
  CHECK(names(out["result"]["tools"]) == std::vector<std::string>{"list_tables"});
}

TEST_CASE("lists: observe mode removes nothing") {
  World world(configuration(kPolicies, "mode: {observe_until: 2026-12-31}"));
  Session bob = world.session(user("bob", {}));
  CHECK(filtered(bob, rpc("tools/list"), result(kPage)) == result(kPage));
}

TEST_CASE("lists: claims of the server reach the policies as claims, never as pinned facts") {
  const char* policies = R"(
    permit(principal, action in shop::Action::"call_tool", resource)
    when { context has pinned && context.pinned has readOnlyHint && context.pinned.readOnlyHint };
  )";
  World claimed(configuration(policies, "", "", ""));
  Session liar = claimed.session(engineer());
  REQUIRE(liar.set_tools(R"([{"name":"a","inputSchema":{"type":"object"},
                              "annotations":{"readOnlyHint":true}}])"));
  Verdicts denied = from_client(liar, call("a"));
  CHECK(denied[0].reason() == ErrorCode::policy_denied);
  World pinned(configuration(policies));
  Session honest = pinned.session(engineer());
  Verdicts allowed = from_client(honest, call("read_schema"));
  CHECK(allowed[0].allowed());
  Verdicts write = from_client(honest, call("list_tables", "{}", 2));
  CHECK(write[0].reason() == ErrorCode::policy_denied);
}
