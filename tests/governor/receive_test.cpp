// The pipeline of one call.
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/support.hpp"

using namespace mcpgov;
using namespace mcpgov::test;

TEST_CASE("receive: who may call which tool with which arguments") {
  struct Case {
    const char* name;
    Caller caller;
    std::string body;
    ErrorCode reason;
  };
  const Case cases[] = {
      {"an analyst reads the schema", analyst(), call("read_schema"), ErrorCode::none},
      {"an analyst lists tables", analyst(), call("list_tables"), ErrorCode::none},
      {"an engineer executes a query", engineer(), call("execute_query", R"({"sql":"select 1"})"),
       ErrorCode::none},
      {"an engineer's query that says it is not destructive", engineer(),
       call("execute_query", R"({"sql":"select 1","destructive":false})"), ErrorCode::none},
      {"an analyst may not execute queries", analyst(),
       call("execute_query", R"({"sql":"select 1"})"), ErrorCode::policy_denied},
      {"nobody runs a destructive query", engineer(),
       call("execute_query", R"({"sql":"drop","destructive":true})"), ErrorCode::policy_forbidden},
      {"a caller without roles", user("bob", {}), call("list_tables"), ErrorCode::policy_denied},
      {"a role of that name from another issuer",
       [] {
         Caller out = analyst();
         out.issuer = "evil";
         return out;
       }(),
       call("list_tables"), ErrorCode::policy_denied},
      {"a tool nobody listed", engineer(), call("drop_everything"), ErrorCode::tool_unknown},
      {"a tool that differs by case", engineer(), call("Read_schema"), ErrorCode::tool_unknown},
      {"an argument the schema does not have", engineer(),
       call("execute_query", R"({"sql":"x","force":true})"), ErrorCode::argument_not_in_schema},
      {"an argument of another type", engineer(),
       call("execute_query", R"({"sql":"x","destructive":"true"})"), ErrorCode::argument_type},
      {"a required argument that is missing", engineer(), call("execute_query"),
       ErrorCode::argument_missing},
      {"no identity", Caller{}, call("list_tables"), ErrorCode::caller_missing},
      {"an identity without a subject", user("", {"engineer"}), call("list_tables"),
       ErrorCode::caller_invalid},
      {"an unknown method", engineer(), rpc("tools/drop"), ErrorCode::method_unknown},
      {"no JSON", engineer(), "{", ErrorCode::json_syntax},
      {"a member given twice", engineer(), R"({"jsonrpc":"2.0","id":1,"id":2,"method":"ping"})",
       ErrorCode::duplicate_member},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    World world;
    CHECK(code_name(reason_for(world, c.caller, c.body)) == code_name(c.reason));
    CHECK(world.records.size() >= 1);
  }
}

TEST_CASE("receive: a denied and an unknown tool give the same bytes") {
  World world;
  Session session = world.session(analyst());
  Verdicts denied = from_client(session, call("execute_query", R"({"sql":"x"})"));
  Verdicts unknown = from_client(session, call("no_such_tool"));
  CHECK(denied[0].denial().body == unknown[0].denial().body);
  CHECK(denied[0].denial().http_status == 403);
  CHECK(denied[0].denial().body ==
        R"({"jsonrpc":"2.0","id":1,"error":{"code":403,"message":"Unauthorized"}})");
  CHECK(denied[0].reason() != unknown[0].reason());
}

TEST_CASE("receive: the determining policies are named in the verdict and in the record") {
  World world;
  Session session = world.session(engineer());
  Verdicts allowed = from_client(session, call("execute_query", R"({"sql":"x"})"));
  REQUIRE(allowed[0].policies().size() == 1);
  CHECK(allowed[0].policies()[0] == "engineer");
  Verdicts denied =
      from_client(session, call("execute_query", R"({"sql":"x","destructive":true})", 2));
  REQUIRE(denied[0].policies().size() == 1);
  CHECK(denied[0].policies()[0] == "nothing-destructive");
  const auto record = world.records.last();
  CHECK(record["policies"][0] == "nothing-destructive");
  CHECK(record["reason"] == "policy_forbidden");
  CHECK(record["outcome"] == "denied");
  CHECK(record["caller"]["subject"] == "eve");
}

TEST_CASE("receive: the allowed message is passed on byte for byte") {
  World world;
  Session session = world.session(engineer());
  const std::string body =
      R"({ "jsonrpc" : "2.0","id":"a\u0062" , "method":"tools/call",)"
      R"("params":{"name":"execute_query","arguments":{"sql":"\u00e9"}, "x":[1, 2.50]}})";
  Verdicts verdicts = from_client(session, body);
  REQUIRE(verdicts[0].allowed());
  CHECK(verdicts[0].message().bytes == body);
  CHECK(verdicts[0].message().id == R"("a\u0062")");
  CHECK(verdicts[0].message().target == "execute_query");
  CHECK(verdicts[0].message().arguments == R"({"sql":"\u00e9"})");
}
