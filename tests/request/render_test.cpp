// A question as text, for people who ask why.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "request/world.hpp"

namespace {

using mcpgov::ErrorCode;
using world::Asked;
using world::Server;
using world::tool_with;
using world::tools;

TEST_CASE("render: everything a policy could have seen is shown, in one order") {
  const auto catalog =
      tools(tool_with(R"("mode":{"type":"string","enum":["ro","rw"]},"path":{"type":"string"})"));
  const Server server({R"(permit(principal in Shop::Group::"i#staff", action, resource);)"});
  Asked asked(server);
  asked.detail = mcpgov::request::Detail::everything;
  asked.caller.issuer = "i";
  asked.caller.groups = {"staff", "all"};
  asked.caller.claims = {{"level", "3"}};
  REQUIRE(asked.tool(&catalog, R"({"path":"/a\nb","mode":"ro"})") == ErrorCode::none);
  const auto text = asked.text();
  CHECK(text.principal == R"(Shop::User::"i#ann")");
  CHECK(text.context.find(R"(input: {mode: Shop::t::Input::mode::"ro", path: "/a\nb"})") == 1);
  CHECK(text.entities ==
        "Shop::Action::\"t\" in [Shop::Action::\"call_tool\"]\n"
        "Shop::User::\"i#ann\" in [Shop::Group::\"i#all\", Shop::Group::\"i#staff\"] = "
        "{groups_complete: true, issuer: \"i\", level: 3, scopes: [], subject: \"ann\"}\n");
}

TEST_CASE("render: the example of docs/request.md is what happens") {
  const auto catalog = tools(R"([{"name": "read_file", "annotations": {"readOnlyHint": true},
      "inputSchema": {"type": "object", "required": ["path"], "properties": {
        "path": {"type": "string"}, "mode": {"type": "string", "enum": ["text", "binary"]},
        "share": {"type": "number"}}}}])");
  const Server server({R"(
      permit (principal in Shop::Group::"https://login.example.com#staff",
              action in Shop::Action::"call_tool", resource)
      when { context has pinned.readOnlyHint && context.pinned.readOnlyHint &&
             context.input.path like "/srv/*" };)"});
  Asked asked(server);
  asked.caller.groups = {"staff"};
  asked.session.id = "s-1";
  asked.session.source = "host";
  asked.session.source_ip = "192.0.2.7";
  asked.call.pinned = catalog.find("read_file");
  const auto call = [&](const std::string& path) {
    return asked.message(
        R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_file","arguments":)"
        R"({"path":")" +
        path + R"(","mode":"text","share":0.25}}})");
  };
  REQUIRE(call("/etc/passwd") == ErrorCode::none);
  CHECK_FALSE(asked.allowed());
  REQUIRE(call("/srv/a") == ErrorCode::none);
  CHECK(asked.allowed());
  asked.detail = mcpgov::request::Detail::everything;
  REQUIRE(call("/srv/a") == ErrorCode::none);
  CHECK(asked.text().context ==
        R"({input: {mode: Shop::read_file::Input::mode::"text", path: "/srv/a", )"
        R"(share: decimal("0.25")}, pinned: {readOnlyHint: true}, session: {id: "s-1", )"
        R"(source: "host", source_ip: ip("192.0.2.7/32"), )"
        R"(time: datetime("1970-01-01").offset(duration("0ms")), transport: "stdio"}})");
}

TEST_CASE("render: what is not known says so") {
  const Server server({});
  Asked asked(server);
  asked.call.method = mcpgov::wire::Method::resources_templates_list;
  asked.call.target = {mcpgov::wire::TargetKind::resource_template, "a:{b}"};
  asked.call.input_unknown = true;
  REQUIRE(asked.ask() == ErrorCode::none);
  CHECK(asked.text().resource == "unknown");
}

}  // namespace
