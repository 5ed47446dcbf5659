// The governor's rules on top of the policies: erring policies, observe mode, anonymous callers,
// unknown tools, header fields that mirror arguments.
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/support.hpp"

using namespace mcpgov;
using namespace mcpgov::test;

TEST_CASE("ask: which failing policies deny is a setting, and a failing forbid does by default") {
  constexpr std::string_view kErring = R"(
    @id("all") permit(principal, action in shop::Action::"call_tool", resource);
    @id("broken-permit") permit(principal, action == shop::Action::"read_schema", resource)
    when { context.input.table + 1 == 2 };
    @id("broken-forbid") forbid(principal, action == shop::Action::"execute_query", resource)
    when { context.input.destructive };
  )";
  struct Case {
    const char* rule;
    ErrorCode permit_errs;
    ErrorCode forbid_errs;
  };
  const Case cases[] = {
      {"", ErrorCode::none, ErrorCode::policy_error},
      {"policy_errors: forbid", ErrorCode::none, ErrorCode::policy_error},
      {"policy_errors: any", ErrorCode::policy_error, ErrorCode::policy_error},
      {"policy_errors: cedar", ErrorCode::none, ErrorCode::none},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.rule));
    World world(configuration(kErring, c.rule));
    CHECK(code_name(reason_for(world, engineer(), call("read_schema", R"({"table":"t"})"))) ==
          code_name(c.permit_errs));
    CHECK(world.records.at(0)["policy_errors"][0] == "broken-permit: eval_type");
    CHECK(code_name(reason_for(world, engineer(), call("execute_query", R"({"sql":"x"})"))) ==
          code_name(c.forbid_errs));
  }
}

TEST_CASE("ask: observe mode waives policy denials until its date, and nothing else") {
  World world(configuration(kPolicies, "mode: {observe_until: 2026-11-30}"));
  CHECK(world.governor->generation().warnings.size() == 1);
  Session session = world.session(analyst());
  {
    Verdicts waived = from_client(session, call("execute_query", R"({"sql":"x"})"));
    CHECK(waived[0].allowed());
    CHECK(waived[0].reason() == ErrorCode::policy_denied);
    const auto record = world.records.last();
    CHECK(record["enforced"] == false);
    CHECK(record["allowed"] == true);
    CHECK(record["decision"] == "deny");
  }
  CHECK(reason_for(world, analyst(), call("no_such_tool")) == ErrorCode::tool_unknown);
  CHECK(reason_for(world, Caller{}, call("list_tables")) == ErrorCode::caller_missing);
  CHECK(reason_for(world, analyst(), "{") == ErrorCode::json_syntax);
  CHECK(reason_for(world, analyst(), rpc("nonsense")) == ErrorCode::method_unknown);
  world.clock.us = 1796083200000000U;  // 2026-12-01T00:00:00Z
  CHECK(reason_for(world, analyst(), call("execute_query", R"({"sql":"x"})")) ==
        ErrorCode::policy_denied);
}

TEST_CASE("ask: anonymous callers are refused unless enabled, and then need a policy for them") {
  Caller anonymous;
  anonymous.kind = CallerKind::anonymous;
  constexpr std::string_view kOpen = R"(
    permit(principal is shop::Anonymous, action == shop::Action::"list_tables", resource);
    permit(principal is shop::User, action, resource);
  )";
  SUBCASE("not enabled") {
    World world{configuration(kOpen)};
    CHECK(reason_for(world, anonymous, call("list_tables")) == ErrorCode::anonymous_not_enabled);
    Session session = world.session(anonymous);
    Verdicts verdicts = from_client(session, call("list_tables"));
    CHECK(verdicts[0].denial().http_status == 401);
  }
  SUBCASE("enabled") {
    World world{configuration(kOpen, "", "identity: {anonymous: true}")};
    CHECK(reason_for(world, anonymous, call("list_tables")) == ErrorCode::none);
    CHECK(reason_for(world, anonymous, call("read_schema")) == ErrorCode::policy_denied);
    CHECK(reason_for(world, analyst(), call("read_schema")) == ErrorCode::none);
    anonymous.roles = {"engineer"};
    CHECK(reason_for(world, anonymous, call("list_tables")) == ErrorCode::caller_invalid);
  }
  SUBCASE("a permit for everybody is refused when the configuration is loaded") {
    GovernorOptions options;
    Records records;
    options.sink = audit::to_callback(&Records::write, &records);
    auto governor = Governor::parse(
        configuration("permit(principal, action, resource);", "", "identity: {anonymous: true}"),
        "", std::move(options));
    REQUIRE_FALSE(governor);
    CHECK(governor.error().code == ErrorCode::policy_anonymous);
    CHECK(governor.error().line == 1);
  }
}

TEST_CASE("ask: unknown tools are denied, or read as JSON where the configuration says so") {
  constexpr std::string_view kNatural = R"(
    permit(principal, action == shop::Action::"anything", resource)
    when { context.input.n == 5 && context.input.list.contains("a") };
  )";
  World denying(configuration(kNatural, "", "", ""));
  CHECK(reason_for(denying, engineer(), call("anything", R"({"n":5,"list":["a"]})")) ==
        ErrorCode::tool_unknown);
  World natural(configuration(kNatural, "unknown_tools: natural", "", ""));
  CHECK(reason_for(natural, engineer(), call("anything", R"({"n":5,"list":["a"]})")) ==
        ErrorCode::none);
  CHECK(reason_for(natural, engineer(), call("anything", R"({"n":"5","list":["a"]})")) ==
        ErrorCode::policy_denied);
}

TEST_CASE("ask: header fields that mirror arguments must agree with them") {
  constexpr std::string_view kMirrored = R"([{"name":"query","inputSchema":{"type":"object",
    "properties":{"region":{"type":"string","x-mcp-header":"Region"}}}}])";
  World world(configuration("permit(principal, action, resource);", "", "", kMirrored));
  const std::string body =
      rpc("tools/call", R"({"name":"query","arguments":{"region":"eu"},"_meta":{)"
                        R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                        R"("io.modelcontextprotocol/clientCapabilities":{}}})");
  struct Case {
    const char* name;
    const char* region;  // null: no field
    ErrorCode reason;
  };
  const Case cases[] = {{"equal", "eu", ErrorCode::none},
                        {"different", "us", ErrorCode::header_mismatch},
                        {"missing", nullptr, ErrorCode::header_mismatch}};
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    std::vector<Header> headers = {{"Content-Type", "application/json"},
                                   {"MCP-Protocol-Version", "2026-07-28"},
                                   {"Mcp-Method", "tools/call"},
                                   {"Mcp-Name", "query"}};
    if (c.region != nullptr) headers.push_back({"Mcp-Param-Region", c.region});
    Session session = world.session(engineer(), Transport::streamable_http);
    Verdicts verdicts = session.receive(
        {.http = {.method = "POST", .url = "/mcp", .headers = headers}, .body = body});
    const ErrorCode reason = verdicts[0].allowed() ? ErrorCode::none : verdicts[0].reason();
    const bool refused =
        reason == ErrorCode::header_mismatch || reason == ErrorCode::header_missing;
    CHECK(refused == (c.reason != ErrorCode::none));
    if (refused) {
      CHECK(verdicts[0].denial().http_status == 400);
      CHECK(verdicts[0].denial().body.find("-32020") != std::string_view::npos);
    }
  }
}
