// Every row of the method table, the context, and what is the same whoever says it first.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "request/world.hpp"

namespace {

using mcpgov::Direction;
using mcpgov::ErrorCode;
using mcpgov::catalog::Origin;
using mcpgov::request::Detail;
using mcpgov::wire::Method;
using mcpgov::wire::TargetKind;
using world::Asked;
using world::Server;
using world::tool_with;
using world::tools;

TEST_CASE("question: each method asks for its action on its resource") {
  struct Case {
    std::string method;
    std::string params;
    std::string action;
    std::string resource;
  };
  const Case cases[] = {
      {"prompts/get", R"({"name":"review","arguments":{"a":"1"}})", "get_prompt",
       R"(Prompt::"review")"},
      {"resources/read", R"({"uri":"file:///etc/motd"})", "read_resource",
       R"(Resource::"file:///etc/motd")"},
      {"resources/subscribe", R"({"uri":"file:///a"})", "subscribe_resource",
       R"(Resource::"file:///a")"},
      {"resources/unsubscribe", R"({"uri":"file:///a"})", "subscribe_resource",
       R"(Resource::"file:///a")"},
      {"completion/complete",
       R"({"ref":{"type":"ref/prompt","name":"review"},"argument":{"name":"a","value":"x"}})",
       "get_prompt", R"(Prompt::"review")"},
      {"completion/complete",
       R"({"ref":{"type":"ref/resource","uri":"file:///{path}"},)"
       R"("argument":{"name":"path","value":"x"}})",
       "read_resource", R"(Resource::"file:///{path}")"},
      {"tasks/get", R"({"taskId":"7"})", "get_task", R"(Task::"7")"},
      {"tasks/result", R"({"taskId":"7"})", "get_task_result", R"(Task::"7")"},
      {"tasks/cancel", R"({"taskId":"7"})", "cancel_task", R"(Task::"7")"},
      {"tools/call", R"({"name":"t","arguments":{}})", "t", R"(McpServer::"shop")"},
  };
  const Server server({});
  const auto catalog = tools(tool_with(""));
  for (const Case& c : cases) {
    CAPTURE(c.method);
    Asked asked(server);
    asked.call.pinned = catalog.find("t");
    REQUIRE(asked.message(R"({"jsonrpc":"2.0","id":1,"method":")" + c.method + R"(","params":)" +
                          c.params + "}") == ErrorCode::none);
    const auto text = asked.text();
    CHECK(text.principal == R"(Shop::User::"https://login.example.com#ann")");
    CHECK(text.action == "Shop::Action::\"" + c.action + "\"");
    CHECK(text.resource == "Shop::" + c.resource);
  }
}

TEST_CASE("question: what a server asks is asked of the server, items of lists as their use is") {
  struct Case {
    Method method;
    TargetKind kind;
    std::string name;
    std::string action;
    std::string resource;
  };
  const Case cases[] = {
      {Method::roots_list, TargetKind::none, "", "list_roots", R"(Shop::McpServer::"shop")"},
      {Method::sampling_create_message, TargetKind::none, "", "create_message",
       R"(Shop::McpServer::"shop")"},
      {Method::elicitation_create, TargetKind::none, "", "elicit", R"(Shop::McpServer::"shop")"},
      {Method::tools_list, TargetKind::tool, "t", "t", R"(Shop::McpServer::"shop")"},
      {Method::prompts_list, TargetKind::prompt, "p", "get_prompt", R"(Shop::Prompt::"p")"},
      {Method::resources_list, TargetKind::resource, "a:b", "read_resource",
       R"(Shop::Resource::"a:b")"},
      {Method::resources_templates_list, TargetKind::resource_template, "a:{b}", "read_resource",
       "unknown"},
      {Method::tasks_list, TargetKind::task, "7", "get_task", R"(Shop::Task::"7")"},
      {Method::tasks_update, TargetKind::task, "7", "update_task", R"(Shop::Task::"7")"},
      {Method::subscriptions_listen, TargetKind::resource, "a:b", "subscribe_resource",
       R"(Shop::Resource::"a:b")"},
      {Method::subscriptions_listen, TargetKind::task, "7", "get_task", R"(Shop::Task::"7")"},
      {Method::note_resources_updated, TargetKind::resource, "a:b", "read_resource",
       R"(Shop::Resource::"a:b")"},
      {Method::note_tasks, TargetKind::task, "7", "get_task", R"(Shop::Task::"7")"},
      {Method::note_tasks_status, TargetKind::task, "7", "get_task", R"(Shop::Task::"7")"},
  };
  const Server server({});
  const auto catalog = tools(tool_with(""));
  for (const Case& c : cases) {
    CAPTURE(static_cast<int>(c.method));
    Asked asked(server);
    asked.call.method = c.method;
    asked.call.target = {c.kind, c.name};
    asked.call.pinned = catalog.find("t");
    asked.call.input_unknown = true;
    REQUIRE(asked.ask() == ErrorCode::none);
    CHECK(asked.text().action == "Shop::Action::\"" + c.action + "\"");
    CHECK(asked.text().resource == c.resource);
  }
}

TEST_CASE("question: what nobody decides about is refused") {
  struct Case {
    Method method;
    TargetKind kind;
  };
  const Case cases[] = {
      {Method::unknown, TargetKind::none},
      {Method::initialize, TargetKind::none},
      {Method::ping, TargetKind::none},
      {Method::tools_call, TargetKind::none},
      {Method::tools_call, TargetKind::prompt},
      {Method::tools_call, TargetKind::resource},
      {Method::tools_list, TargetKind::tool_list},
      {Method::resources_read, TargetKind::tool},
      {Method::prompts_get, TargetKind::resource},
      {Method::completion_complete, TargetKind::reference},
      {Method::completion_complete, TargetKind::tool},
      {Method::subscriptions_listen, TargetKind::subscription_set},
      {Method::tasks_get, TargetKind::none},
      {Method::roots_list, TargetKind::tool},
      {Method::note_progress, TargetKind::none},
      {Method::logging_set_level, TargetKind::none},
  };
  const Server server({});
  const auto catalog = tools(tool_with(""));
  for (const Case& c : cases) {
    Asked asked(server);
    asked.call.method = c.method;
    asked.call.target = {c.kind, "t"};
    asked.call.pinned = catalog.find("t");
    CHECK(asked.ask() == ErrorCode::method_unknown);
    CHECK(asked.request.principal == mcpgov::policy::kNoEntity);
  }
}

TEST_CASE("question: unknown and unusable tools are refused, whatever policies say") {
  const Server server({});
  Asked asked(server);
  CHECK(asked.tool(nullptr, "{}") == ErrorCode::tool_unknown);
  const auto broken = tools(R"([{"name":"t"}])", Origin::claimed);
  Asked other(server);
  other.call.claimed = broken.find("t");
  CHECK(other.tool(nullptr, "{}") == ErrorCode::tool_schema_invalid);
  other.call.input_unknown = true;
  CHECK(other.tool(nullptr, "{}") == ErrorCode::tool_schema_invalid);

  world::Setting natural;
  natural.unknown_tools = mcpgov::request::UnknownTools::natural;
  const Server lenient(natural);
  Asked third(lenient);
  third.call.claimed = broken.find("t");
  CHECK(third.tool(nullptr, "{}") == ErrorCode::tool_schema_invalid);
}

TEST_CASE("question: the pinned list decides the types, whichever list was seen first") {
  const auto pinned = tools(tool_with(R"("p":{"type":"number"})"));
  const auto claimed = tools(tool_with(R"("p":{"type":"string"})"), Origin::claimed);
  const Server server(
      {"permit(principal, action, resource) when { context.input.p == "
       "decimal(\"1.0\") };"});
  for (const bool seen : {false, true}) {
    Asked asked(server);
    if (seen) asked.call.claimed = claimed.find("t");
    REQUIRE(asked.tool(&pinned, R"({"p":1})") == ErrorCode::none);
    CHECK(asked.allowed());
    CHECK(asked.tool(&pinned, R"({"p":"1"})") == ErrorCode::argument_type);
  }
  const auto same = tools(tool_with(R"("p":{"type":"number"})"), Origin::claimed);
  Asked asked(server);
  asked.call.claimed = same.find("t");
  REQUIRE(asked.tool(nullptr, R"({"p":1})") == ErrorCode::none);
  CHECK(asked.allowed());
}

TEST_CASE("question: the hints are those of the list that gives them") {
  const std::string with = R"([{"name":"t","inputSchema":{"type":"object"},"title":"T",
      "annotations":{"readOnlyHint":true,"destructiveHint":false}}])";
  const std::string without = R"([{"name":"t","inputSchema":{"type":"object"}}])";
  const auto pinned = tools(without);
  const auto claimed = tools(with, Origin::claimed);
  const Server server(
      {R"(permit(principal, action, resource) when { context.pinned.readOnlyHint };)"});
  Asked asked(server);
  asked.call.claimed = claimed.find("t");
  REQUIRE(asked.tool(&pinned, "{}") == ErrorCode::none);
  CHECK_FALSE(asked.allowed());  // a claim of the server does not stand for a review
  asked.detail = Detail::everything;
  REQUIRE(asked.tool(&pinned, "{}") == ErrorCode::none);
  CHECK(asked.text().context ==
        R"({claimed: {destructiveHint: false, readOnlyHint: true, title: "T"}, input: {}, )"
        R"(pinned: {}, session: {time: datetime("1970-01-01").offset(duration("0ms")), )"
        R"(transport: "stdio"}})");
  const auto reviewed = tools(with);
  asked.call.claimed = nullptr;
  REQUIRE(asked.tool(&reviewed, "{}") == ErrorCode::none);
  CHECK(asked.allowed());
}

TEST_CASE("question: a tool is in call_tool, and in what the store says") {
  world::Setting setting;
  setting.entities = R"([
      {"uid":{"type":"Shop::Action","id":"t"},"attrs":{},
       "parents":[{"type":"Shop::Action","id":"dangerous"}]},
      {"uid":{"type":"Shop::Action","id":"call_tool"},"attrs":{},
       "parents":[{"type":"Shop::Action","id":"anything"}]}])";
  setting.policies = R"(permit(principal, action in Shop::Action::"call_tool", resource);
                        forbid(principal, action in Shop::Action::"dangerous", resource);)";
  const auto catalog = tools(tool_with(""));
  const Server dangerous(setting);
  Asked asked(dangerous);
  REQUIRE(asked.tool(&catalog, "{}") == ErrorCode::none);
  CHECK_FALSE(asked.allowed());

  setting.policies = R"(permit(principal, action in Shop::Action::"anything", resource);)";
  const Server any(setting);
  Asked second(any);
  REQUIRE(second.tool(&catalog, "{}") == ErrorCode::none);
  CHECK(second.allowed());

  const Server plain({R"(permit(principal, action in Shop::Action::"call_tool", resource);)"});
  Asked third(plain);
  REQUIRE(third.tool(&catalog, "{}") == ErrorCode::none);
  CHECK(third.allowed());
  REQUIRE(
      third.message(R"({"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"t"}})") ==
      ErrorCode::none);
  CHECK_FALSE(third.allowed());
}

TEST_CASE("question: a tool called like an action that is no tool is not permitted as it") {
  const Server server({R"(permit(principal, action == Shop::Action::"read_resource", resource);
                          permit(principal, action == Shop::Action::"tool:elicit", resource);)"});
  const auto catalog = tools(R"([{"name":"read_resource","inputSchema":{"type":"object"}},
                                 {"name":"elicit","inputSchema":{"type":"object"}}])");
  Asked asked(server);
  asked.call.method = Method::tools_call;
  asked.call.target = {TargetKind::tool, "read_resource"};
  asked.call.pinned = catalog.find("read_resource");
  REQUIRE(asked.ask() == ErrorCode::none);
  CHECK(asked.text().action == R"(Shop::Action::"tool:read_resource")");
  CHECK_FALSE(asked.allowed());
  asked.call.target = {TargetKind::tool, "elicit"};
  asked.call.pinned = catalog.find("elicit");
  REQUIRE(asked.ask() == ErrorCode::none);
  CHECK(asked.allowed());
}

TEST_CASE("question: resources have the parts of their URI, and are in the server") {
  struct Case {
    std::string uri;
    std::string condition;
  };
  const Case cases[] = {
      {"file:///etc/motd", R"(resource.scheme == "file" && resource.host == "" &&
                              resource.path == "/etc/motd")"},
      {"https://ann@db.example.com:8443/a/b?c=/d#e",
       R"(resource.scheme == "https" && resource.host == "db.example.com" &&
          resource.path == "/a/b")"},
      {"https://[2001:db8::1]:8443/a",
       R"(resource.host == "[2001:db8::1]" && resource.path == "/a")"},
      {"https://db.example.com", R"(resource.host == "db.example.com" && resource.path == "")"},
      {"urn:isbn:1",
       R"(!(resource has host) && resource.scheme == "urn" && resource.path == "isbn:1")"},
      {"https://good.example@evil.example/a", R"(resource.host == "evil.example")"},
      {"x:?a", R"(resource.path == "" && !(resource has host))"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.uri);
    const Server server(
        {"permit(principal, action, resource in Shop::McpServer::\"shop\") when { " + c.condition +
         " };"});
    Asked asked(server);
    asked.call.method = Method::resources_read;
    asked.call.target = {TargetKind::resource, c.uri};
    REQUIRE(asked.ask() == ErrorCode::none);
    CHECK(asked.allowed());
  }
}

TEST_CASE("question: what the store knows of a resource is added, and its URI stays its URI") {
  world::Setting setting;
  setting.entities = R"([
      {"uid":{"type":"Shop::Resource","id":"file:///a"},"attrs":{"owner":"ann","path":"/etc/motd"},
       "parents":[{"type":"Shop::Folder","id":"root"}]},
      {"uid":{"type":"Shop::McpServer","id":"shop"},"attrs":{},
       "parents":[{"type":"Shop::Zone","id":"inner"}]}])";
  setting.policies = R"(permit(principal, action, resource in Shop::Folder::"root") when {
      resource in Shop::Zone::"inner" && resource in Shop::McpServer::"shop" &&
      resource.owner == "ann" && resource.path == "/a" };)";
  const Server server(setting);
  Asked asked(server);
  REQUIRE(
      asked.message(
          R"({"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///a"}})") ==
      ErrorCode::none);
  CHECK(asked.allowed());
}

TEST_CASE("question: arguments of prompts are strings") {
  const Server server({"permit(principal, action, resource) when { context.input.a == \"1\" };"});
  Asked asked(server);
  const auto get = [&](const std::string& arguments) {
    return asked.message(R"({"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"p")" +
                         arguments + "}}");
  };
  CHECK(get(R"(,"arguments":{"a":1})") != ErrorCode::none);
  CHECK(get(R"(,"arguments":{"b":null})") != ErrorCode::none);
  CHECK(get(R"(,"arguments":["a"])") != ErrorCode::none);
  REQUIRE(get("") == ErrorCode::none);
  CHECK_FALSE(asked.allowed());
  REQUIRE(get(R"(,"arguments":{"a":"1"})") == ErrorCode::none);
  CHECK(asked.allowed());
}

TEST_CASE("question: the room itself refuses prompt arguments that are no strings") {
  const Server server({});
  simdjson::dom::parser parser;
  for (const std::string text : {R"({"a":1})", R"({"a":{}})", R"(["a"])", "\"a\""}) {
    CAPTURE(text);
    simdjson::dom::element arguments = parser.parse(text);
    Asked asked(server);
    asked.call.method = Method::prompts_get;
    asked.call.target = {TargetKind::prompt, "p"};
    asked.call.arguments = &arguments;
    asked.call.arguments_text = text;
    CHECK(asked.ask() == ErrorCode::argument_type);
    world::Setting setting;
    setting.unknown_tools = mcpgov::request::UnknownTools::natural;
    const Server natural(setting);
    Asked call(natural);
    call.call.method = Method::tools_call;
    call.call.target = {TargetKind::tool, "t"};
    call.call.arguments = &arguments;
    call.call.arguments_text = text;
    CHECK(call.ask() == (text[0] == '{' ? ErrorCode::none : ErrorCode::argument_type));
  }
}

TEST_CASE("question: the session is in the context as far as it is known") {
  const auto catalog = tools(tool_with(""));
  const Server server({R"(permit(principal, action, resource) when {
      context.session has source_ip && context.session.source_ip.isInRange(ip("10.0.0.0/8")) };)"});
  Asked asked(server);
  struct Case {
    const char* address;
    bool allowed;
  };
  const Case cases[] = {{"", false},         {"10.1.2.3 ", false},      {"10.0.0.0/8", false},
                        {"11.1.2.3", false}, {"2001:db8::1", false},    {"localhost", false},
                        {"10.1.2.3", true},  {"::ffff:10.1.2.3", true}, {"::ffff:a01:203", true}};
  for (const Case& c : cases) {
    CAPTURE(std::string(c.address));
    asked.session.source_ip = c.address;
    REQUIRE(asked.tool(&catalog, "{}") == ErrorCode::none);
    CHECK(asked.allowed() == c.allowed);
  }
  const mcpgov::Actor pod{mcpgov::CallerKind::workload, "spiffe://example.com", "/pod"};
  asked.session = {
      "s-1", "host", 1'700'000'000'123, "192.0.2.7", mcpgov::Transport::streamable_http, &pod};
  asked.detail = Detail::everything;
  REQUIRE(asked.tool(&catalog, "{}") == ErrorCode::none);
  CHECK(asked.text().context ==
        R"({input: {}, pinned: {}, session: {id: "s-1", source: "host", )"
        R"(source_ip: ip("192.0.2.7/32"), )"
        R"(time: datetime("1970-01-01").offset(duration("1700000000123ms")), )"
        R"(transport: "streamable_http"}, workload: Shop::Workload::"spiffe://example.com#/pod"})");
}

TEST_CASE("question: arguments that are not given yet leave every possibility open") {
  const Server server({R"(permit(principal, action == Shop::Action::"t", resource)
                            when { context.input.p == 1 };)"});
  const auto catalog = tools(tool_with(R"("p":{"type":"integer"})"));
  Asked asked(server);
  asked.call.method = Method::tools_list;
  asked.call.target = {TargetKind::tool, "t"};
  asked.call.pinned = catalog.find("t");
  asked.call.input_unknown = true;
  REQUIRE(asked.ask() == ErrorCode::none);
  mcpgov::Arena arena;
  const auto possible =
      server.engine().possible(asked.request, mcpgov::policy::ErrorRule::forbid, arena);
  CHECK(possible.some);
  CHECK_FALSE(possible.certain);
  CHECK_FALSE(asked.allowed());
}

TEST_CASE("question: no namespace is a namespace too") {
  world::Setting setting;
  setting.space = "";
  setting.policies = R"(permit(principal == User::"https://login.example.com#ann",
      action == Action::"t", resource == McpServer::"shop")
      when { context.input.p == t::Input::p::"x" };)";
  const Server server(setting);
  const auto catalog = tools(tool_with(R"("p":{"type":"string","enum":["x"]})"));
  Asked asked(server);
  REQUIRE(asked.tool(&catalog, R"({"p":"x"})") == ErrorCode::none);
  CHECK(asked.allowed());
}

}  // namespace
