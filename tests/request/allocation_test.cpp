// A warm question allocates nothing on the heap: counted, not believed.
//
// SPDX-License-Identifier: Apache-2.0
#include "support/allocation.hpp"

#include <string>

#include "request/world.hpp"

namespace {

using mcpgov::ErrorCode;
using mcpgov::test::allocation_count;
namespace request = mcpgov::request;
namespace wire = mcpgov::wire;

TEST_CASE("allocation: a warm question asks for no memory, also with claims and groups") {
  world::Setting setting;
  setting.policies = R"(
      permit(principal in Shop::Group::"https://login.example.com#staff",
             action in Shop::Action::"call_tool", resource)
      when { context.input.path like "/srv/*" && context.input.mode == Shop::t::Input::mode::"ro" &&
             principal.level > 2 && context.input.ratio.lessThan(decimal("0.5")) &&
             context.session.time < datetime("2100-01-01") };)";
  const world::Server server(setting);
  const auto catalog = world::tools(world::tool_with(
      R"("path":{"type":"string"},"mode":{"type":"string","enum":["ro","rw"]},
         "ratio":{"type":"number"},"filter":{"type":"object"})"));
  mcpgov::Caller caller = world::ann();
  caller.groups = {"staff", "other"};
  caller.claims = {{"level", "3"}, {"other", "[1,2,3]"}};
  wire::Parser parser;
  request::Scratch scratch;
  mcpgov::Arena arena;
  const std::string body =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":)"
      R"({"path":"/srv/a","mode":"ro","ratio":0.25,"filter":{"a":[1,2.5,"x"]}}}})";
  const request::SessionFacts session{
      "s", "host", 1'700'000'000'000, "10.0.0.1", mcpgov::Transport::stdio, nullptr};
  std::size_t made = 0;
  for (int round = 0; round < 10; ++round) {
    arena.reset();
    const wire::Batch batch = parser.parse(body, {});
    REQUIRE_FALSE(batch.refusal.refused());
    simdjson::dom::element arguments;
    REQUIRE(wire::arguments_tree(parser, batch.messages[0]).get(arguments) == simdjson::SUCCESS);
    const std::size_t before = allocation_count();
    mcpgov::policy::RequestSymbols symbols(server.engine().symbols(), arena);
    request::Question question(server.mapping(), &caller, session, symbols, scratch);
    request::Call call;
    call.method = batch.messages[0].method;
    call.target = batch.messages[0].target;
    call.arguments = &arguments;
    call.arguments_text = batch.messages[0].arguments;
    call.pinned = catalog.find(call.target.name);
    mcpgov::policy::Request asked;
    const ErrorCode code = question.ask(call, asked);
    made = allocation_count() - before;
    REQUIRE(code == ErrorCode::none);
    REQUIRE(server.engine().authorize(asked, arena).effect == mcpgov::policy::Effect::allow);
  }
  CHECK(made == 0);
}

}  // namespace
