// The bytes of refusals: exact, and telling nothing they should not.
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/support.hpp"

using namespace mcpgov;
using namespace mcpgov::test;

namespace {

struct Seen {
  int http_status;
  std::string body;
};

Seen seen(const std::string& config, Caller caller, const std::string& body) {
  World world(config);
  Session session = world.session(std::move(caller));
  Verdicts verdicts = from_client(session, body);
  CHECK_FALSE(verdicts[0].allowed());
  const Denial denial = verdicts[0].denial();
  return {denial.http_status, std::string(denial.body)};
}

}  // namespace

TEST_CASE("denials: each reason has its status and its bytes") {
  struct Case {
    const char* name;
    const char* server;
    Caller caller;
    std::string body;
    int http_status;
    const char* denial;
  };
  const std::string denied_call = call("execute_query", R"({"sql":"x"})", 5);
  const Case cases[] = {
      {"denied", "", analyst(), denied_call, 403,
       R"({"jsonrpc":"2.0","id":5,"error":{"code":403,"message":"Unauthorized"}})"},
      {"as unknown", "denials: as_unknown", analyst(), denied_call, 200,
       R"({"jsonrpc":"2.0","id":5,"error":{"code":-32602,)"
       R"("message":"Unknown tool: execute_query"}})"},
      {"really unknown", "denials: as_unknown", analyst(), call("nope", "{}", 5), 200,
       R"({"jsonrpc":"2.0","id":5,"error":{"code":-32602,"message":"Unknown tool: nope"}})"},
      {"a name that needs escapes", "denials: as_unknown", analyst(), call(R"(a\"b)", "{}", 5), 200,
       R"({"jsonrpc":"2.0","id":5,"error":{"code":-32602,"message":"Unknown tool: a\"b"}})"},
      {"as a result", "denials: as_result", analyst(), denied_call, 200,
       R"({"jsonrpc":"2.0","id":5,"result":{"content":[)"
       R"({"type":"text","text":"This call is not permitted."}],"isError":true}})"},
      {"a prompt is no tool", "denials: as_result", analyst(),
       rpc("prompts/get", R"({"name":"p"})", 5), 403,
       R"({"jsonrpc":"2.0","id":5,"error":{"code":403,"message":"Unauthorized"}})"},
      {"no identity",
       "denials: as_unknown",
       {},
       denied_call,
       401,
       R"({"jsonrpc":"2.0","id":5,"error":{"code":401,"message":"Unauthenticated"}})"},
      {"no JSON", "", analyst(), "{", 400,
       R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,)"
       R"("message":"the body is not valid JSON"}})"},
      {"an id that is a string", "", analyst(),
       R"({"jsonrpc":"2.0","id":"x\n","method":"tools/call","params":{"name":"nope"}})", 403,
       R"({"jsonrpc":"2.0","id":"x\n","error":{"code":403,"message":"Unauthorized"}})"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    const Seen got = seen(configuration(kPolicies, c.server), c.caller, c.body);
    CHECK(got.http_status == c.http_status);
    CHECK(got.body == c.denial);
  }
}

TEST_CASE("denials: a server and a tenant that are not configured look like any denial") {
  World world;
  SessionOptions options;
  options.server = "other";
  options.caller = engineer();
  Session session = world.governor->session(options);
  Verdicts verdicts = from_client(session, call("list_tables"));
  CHECK(verdicts[0].reason() == ErrorCode::server_unknown);
  CHECK(verdicts[0].denial().body ==
        R"({"jsonrpc":"2.0","id":1,"error":{"code":403,"message":"Unauthorized"}})");
  options.server = "shop";
  options.tenant = "nobody";
  Session stray = world.governor->session(options);
  Verdicts strayed = from_client(stray, call("list_tables"));
  CHECK(strayed[0].reason() == ErrorCode::tenant_unknown);
  CHECK(strayed[0].denial().body == verdicts[0].denial().body);
}

TEST_CASE("denials: bodies on HTTP") {
  World world;
  struct Case {
    const char* name;
    const char* method;
    std::vector<Header> headers;
    std::string body;
    int http_status;
  };
  const Case cases[] = {
      {"a PUT", "PUT", {}, "", 405},
      {"no content type", "POST", {}, call("list_tables"), 415},
      {"plain text", "POST", {{"content-type", "text/plain"}}, call("list_tables"), 415},
      {"a revision of the future",
       "POST",
       {{"content-type", "application/json"}, {"mcp-protocol-version", "2099-01-01"}},
       call("list_tables"),
       400},
      {"a version given twice",
       "POST",
       {{"content-type", "application/json"},
        {"mcp-protocol-version", "2025-06-18"},
        {"MCP-Protocol-Version", "2025-06-18"}},
       call("list_tables"),
       400},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    Session session = world.session(engineer(), Transport::streamable_http);
    Verdicts verdicts = session.receive(
        {.http = {.method = c.method, .url = "/mcp", .headers = c.headers}, .body = c.body});
    CHECK_FALSE(verdicts[0].allowed());
    CHECK(verdicts[0].denial().http_status == c.http_status);
  }
}
