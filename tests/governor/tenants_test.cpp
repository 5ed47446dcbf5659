// Tenants: selection, and that nothing crosses.
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/support.hpp"

using namespace mcpgov;
using namespace mcpgov::test;

namespace {

// Both tenants have a server `shop` with the same tools; only one lets its engineers query.
std::string two_tenants() {
  const auto tenant = [](const char* name, const char* permitted) {
    const std::string policies =
        "permit(principal, action " + std::string(permitted) +
        ", resource);\npermit(principal, action == shop::Action::\"get_task\", resource);";
    return std::string("  ") + name + ": {servers: {shop: {tools: {text: " + json_text(kTools) +
           "}, policies: [{text: " + json_text(policies) + "}]}}}\n";
  };
  return configuration("") + "tenants:\n" + tenant("acme", "in shop::Action::\"call_tool\"") +
         tenant("globex", "== shop::Action::\"list_tables\"");
}

constexpr std::string_view kMeta =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientCapabilities":{}})";

}  // namespace

TEST_CASE("tenants: the same caller, server and tool are decided by the tenant's own policies") {
  World world(two_tenants());
  struct Case {
    const char* tenant;
    std::string body;
    ErrorCode reason;
  };
  const std::string query = call("execute_query", R"({"sql":"x"})");
  const Case cases[] = {
      {"acme", query, ErrorCode::none},
      {"globex", query, ErrorCode::policy_denied},
      {"", query, ErrorCode::policy_denied},
      {"ACME", query, ErrorCode::tenant_unknown},
      {"acme ", query, ErrorCode::tenant_unknown},
      {"globex", call("list_tables"), ErrorCode::none},
      {"", call("list_tables"), ErrorCode::policy_denied},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.tenant));
    Session session = world.session(engineer(), Transport::stdio, c.tenant);
    Verdicts verdicts = from_client(session, c.body);
    CHECK(code_name(verdicts[0].allowed() ? ErrorCode::none : verdicts[0].reason()) ==
          code_name(c.reason));
  }
}

TEST_CASE("tenants: a caller of one tenant is nobody in another's session") {
  World world(two_tenants());
  Caller eve = engineer();
  eve.tenant = "acme";
  Session own = world.session(eve, Transport::stdio, "acme");
  Verdicts allowed = from_client(own, call("list_tables"));
  CHECK(allowed[0].allowed());
  Session foreign = world.session(eve, Transport::stdio, "globex");
  Verdicts denied = from_client(foreign, call("list_tables"));
  CHECK(denied[0].reason() == ErrorCode::caller_invalid);
}

TEST_CASE("tenants: equal subjects, tools and task ids do not meet") {
  World world(two_tenants());
  const std::string create =
      rpc("tools/call", R"({"name":"list_tables","arguments":{},)" + std::string(kMeta) + "}");
  const std::string get = rpc("tasks/get", R"({"taskId":"t",)" + std::string(kMeta) + "}", 2);
  Session acme = world.session(engineer(), Transport::stdio, "acme");
  Session globex = world.session(engineer(), Transport::stdio, "globex");
  {
    Verdicts verdicts = from_client(acme, create);
    Reply reply = acme.reply(verdicts[0]);
    reply.feed(result(R"({"resultType":"task","taskId":"t"})"));
    CHECK(reply.end().find("taskId") != std::string_view::npos);
  }
  Verdicts mine = from_client(acme, get);
  CHECK(mine[0].allowed());
  Verdicts theirs = from_client(globex, get);
  CHECK(theirs[0].reason() == ErrorCode::not_task_owner);
  // The other tenant's server may use the same id for a task of its own.
  Verdicts verdicts = from_client(globex, create);
  Reply reply = globex.reply(verdicts[0]);
  reply.feed(result(R"({"resultType":"task","taskId":"t"})"));
  CHECK(reply.end().find("taskId") != std::string_view::npos);
  Verdicts both =
      from_client(acme, rpc("tasks/get", R"({"taskId":"t",)" + std::string(kMeta) + "}", 3));
  CHECK(both[0].allowed());
}

TEST_CASE("tenants: records name the tenant") {
  World world(two_tenants());
  Session session = world.session(engineer(), Transport::stdio, "globex");
  Verdicts verdicts = from_client(session, call("nope"));
  CHECK(world.records.last()["tenant"] == "globex");
  CHECK(verdicts[0].reason() == ErrorCode::tool_unknown);
}
