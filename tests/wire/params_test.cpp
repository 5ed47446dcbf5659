// What a message acts on: targets, handles, tokens, subscriptions.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "wire/support.hpp"

namespace mcpgov::wire::test {
namespace {

struct Case {
  const char* name;
  std::string body;
  ErrorCode code;
};

TEST_CASE("params: a target that is missing or of another type is refused") {
  const auto bad = ErrorCode::params_invalid;
  const Case cases[] = {
      {"a call without params", R"({"jsonrpc":"2.0","id":1,"method":"tools/call"})", bad},
      {"a call without a name", request("tools/call", R"("arguments":{})"), bad},
      {"a name that is null", request("tools/call", R"("name":null)"), bad},
      {"a name that is a number", request("tools/call", R"("name":1)"), bad},
      {"a name in an array", request("tools/call", R"("name":["t"])"), bad},
      {"arguments that are null", request("tools/call", R"("name":"t","arguments":null)"), bad},
      {"arguments in an array", request("tools/call", R"("name":"t","arguments":[])"), bad},
      {"arguments as text", request("tools/call", R"("name":"t","arguments":"{}")"), bad},
      {"task that is true", request("tools/call", R"("name":"t","task":true)"), bad},
      {"input responses as array", request("tools/call", R"("name":"t","inputResponses":[])"), bad},
      {"request state as object", request("tools/call", R"("name":"t","requestState":{})"), bad},
      {"_meta as array", request("tools/call", R"("name":"t","_meta":[])"), bad},
      {"a progress token of true",
       request("tools/call", R"("name":"t","_meta":{"progressToken":true})"), bad},
      {"a progress token of 1.5",
       request("tools/call", R"("name":"t","_meta":{"progressToken":1.5})"), bad},
      {"a prompt without a name", request("prompts/get", ""), bad},
      {"a prompt with array arguments", request("prompts/get", R"("name":"p","arguments":[])"),
       bad},
      {"a read without a URI", request("resources/read", R"("name":"x")"), bad},
      {"a URI that is an object", request("resources/read", R"("uri":{})"), bad},
      {"a subscription without a URI", request("resources/subscribe", ""), bad},
      {"an unsubscription without a URI", request("resources/unsubscribe", ""), bad},
      {"a task without an id", request("tasks/get", ""), bad},
      {"a task id that is a number", request("tasks/cancel", R"("taskId":7)"), bad},
      {"an empty task id", request("tasks/result", R"("taskId":"")"), bad},
      {"a task id with a line break", request("tasks/get", R"("taskId":"a\nb")"), bad},
      {"an endless task id", request("tasks/get", R"("taskId":")" + std::string(1025, 'x') + "\""),
       bad},
      {"a completion without a reference", request("completion/complete", ""), bad},
      {"a reference that is text", request("completion/complete", R"("ref":"p")"), bad},
      {"a reference without a type", request("completion/complete", R"("ref":{"name":"p"})"), bad},
      {"a reference of unknown type",
       request("completion/complete", R"("ref":{"type":"ref/tool","name":"t"})"), bad},
      {"a prompt reference without a name",
       request("completion/complete", R"("ref":{"type":"ref/prompt","uri":"a:b"})"), bad},
      {"a resource reference without a URI",
       request("completion/complete", R"("ref":{"type":"ref/resource","name":"p"})"), bad},
      {"a cursor that is a number", request("tools/list", R"("cursor":1)"), bad},
      {"a cursor that is null", request("resources/list", R"("cursor":null)"), bad},
      {"initialize without a version", request("initialize", R"("clientInfo":{"name":"c"})"), bad},
      {"initialize without a client", request("initialize", R"("protocolVersion":"2025-06-18")"),
       bad},
      {"a listener without a set", modern("subscriptions/listen"), bad},
      {"a set that is an array", modern("subscriptions/listen", R"("notifications":[])"), bad},
      {"subscriptions that are text",
       modern("subscriptions/listen", R"("notifications":{"resourceSubscriptions":"a:b"})"), bad},
      {"a subscription that is a number",
       modern("subscriptions/listen", R"("notifications":{"resourceSubscriptions":[1]})"), bad},
      {"a flag that is text",
       modern("subscriptions/listen", R"("notifications":{"toolsListChanged":"yes"})"), bad},
      {"another flag that is null",
       modern("subscriptions/listen", R"("notifications":{"promptsListChanged":null})"), bad},
      {"task ids as object", modern("subscriptions/listen", R"("notifications":{"taskIds":{}})"),
       bad},
      {"a cancelled id of 1.5",
       R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1.5}})", bad},
      {"a cancelled id of null",
       R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":null}})", bad},
      {"progress without a token",
       R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1}})", bad},
      {"an empty name", request("tools/call", R"("name":"")"), ErrorCode::name_invalid},
      {"a name with a zero width space", request("tools/call", R"("name":"re\u200bad")"),
       ErrorCode::name_invalid},
      {"a prompt that ends in a space", request("prompts/get", R"("name":"p ")"),
       ErrorCode::name_invalid},
      {"a reference with a control character",
       request("completion/complete", R"("ref":{"type":"ref/prompt","name":"\u0007"})"),
       ErrorCode::name_invalid},
      {"a read with dot segments", request("resources/read", R"("uri":"file:///a/../b")"),
       ErrorCode::uri_not_normal},
      {"a subscription without a scheme", request("resources/subscribe", R"("uri":"/a")"),
       ErrorCode::uri_not_normal},
      {"a reference with a backslash",
       request("completion/complete", R"("ref":{"type":"ref/resource","uri":"a:\\b"})"),
       ErrorCode::uri_not_normal},
      {"a template with a space",
       request("completion/complete", R"("ref":{"type":"ref/resource","uri":"a:{x} "})"),
       ErrorCode::uri_not_normal},
  };
  Parser parser;
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Refusal refusal = refusal_of(parser, c.body, stdio());
    CHECK(refusal.code == c.code);
    CHECK(refusal.rpc_code == -32602);
  }
}

TEST_CASE("params: targets are decoded and of the right kind") {
  struct Row {
    std::string body;
    TargetKind kind;
    const char* name;
  };
  const Row rows[] = {
      {request("tools/call", R"("name":"gr\u00fc\u00df \/ x")"), TargetKind::tool, "grüß / x"},
      {request("prompts/get", R"("name":"p")"), TargetKind::prompt, "p"},
      {request("resources/read", R"("uri":"test:\/\/static\/resource\/1")"), TargetKind::resource,
       "test://static/resource/1"},
      {request("completion/complete", R"("ref":{"type":"ref/prompt","name":"p"})"),
       TargetKind::prompt, "p"},
      {request("completion/complete", R"("ref":{"type":"ref/resource","uri":"a:b"})"),
       TargetKind::resource, "a:b"},
      {request("completion/complete", R"("ref":{"type":"ref/resource","uri":"test://t/{id}/d"})"),
       TargetKind::resource_template, "test://t/{id}/d"},
      {request("tasks/get", R"("taskId":"a b")"), TargetKind::task, "a b"},
      {request("tools/list", ""), TargetKind::tool_list, ""},
      {request("resources/templates/list", ""), TargetKind::resource_template_list, ""},
      {request("ping", R"("name":"t","uri":"u")"), TargetKind::none, ""},
  };
  Parser parser;
  for (const Row& row : rows) {
    CAPTURE(row.body);
    const Batch batch = parser.parse(row.body, stdio());
    REQUIRE(batch.messages.size() == 1);
    CHECK(batch.messages[0].refusal.code == ErrorCode::none);
    CHECK(batch.messages[0].target.kind == row.kind);
    CHECK(batch.messages[0].target.name == row.name);
  }
}

TEST_CASE("params: facts beside the target") {
  Parser parser;
  Batch batch = parser.parse(
      request("tools/call",
              R"("name":"t","arguments":{},"task":{"ttl":1},"_meta":{"progressToken":"p",)"
              R"("traceparent":"00-a-b-01","tracestate":"v=1",)"
              R"("io.modelcontextprotocol/related-task":{"taskId":"r"}})"),
      stdio(Revision::v2025_11_25));
  REQUIRE(batch.messages.size() == 1);
  const Message& call = batch.messages[0];
  CHECK(call.task_augmented);
  CHECK(call.progress_token.text == "p");
  CHECK(call.traceparent == "00-a-b-01");
  CHECK(call.tracestate == "v=1");
  CHECK(call.related_task == "r");
  CHECK(call.arguments == "{}");

  batch = parser.parse(request("tools/list", R"("cursor":"")"), stdio());
  CHECK(batch.messages[0].has_cursor);
  CHECK(batch.messages[0].cursor.empty());
  batch = parser.parse(request("tools/list", R"("cursor":"a\tb")"), stdio());
  CHECK(batch.messages[0].cursor == "a\tb");
  batch = parser.parse(request("tools/list", ""), stdio());
  CHECK(!batch.messages[0].has_cursor);

  batch = parser.parse(
      request("initialize", R"("protocolVersion":"2025-06-18","clientInfo":{"name":"me"})"),
      stdio());
  CHECK(batch.messages[0].protocol_version == "2025-06-18");
  CHECK(batch.messages[0].client_name == "me");

  batch = parser.parse(
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9}})", stdio());
  CHECK(batch.messages[0].cancelled.integer == 9);
  CHECK(batch.messages[0].cancelled.present());

  batch = parser.parse(modern("tools/call", R"("name":"t","inputResponses":{},"requestState":"s")"),
                       stdio());
  CHECK(batch.messages[0].refusal.code == ErrorCode::none);
  CHECK(batch.messages[0].has_input_responses);
  CHECK(batch.messages[0].has_request_state);
  CHECK(batch.messages[0].protocol_version == "2026-07-28");
}

TEST_CASE("params: each entry of a listener is judged alone, with its bytes") {
  Parser parser;
  const std::string body =
      modern("subscriptions/listen",
             R"("notifications":{"taskIds":[ "t1" , ""],"toolsListChanged":true,)"
             R"("resourceSubscriptions":["file:///a", "file:///a/../b","x:\u0079"]})");
  const Batch batch = parser.parse(body, stdio());
  REQUIRE(batch.messages.size() == 1);
  const Message& message = batch.messages[0];
  CHECK(message.refusal.code == ErrorCode::none);
  REQUIRE(message.listen.size() == 5);
  CHECK(message.listen[0].kind == TargetKind::resource);
  CHECK(message.listen[0].name == "file:///a");
  CHECK(message.listen[0].raw == R"("file:///a")");
  CHECK(!message.listen[0].refusal.refused());
  CHECK(message.listen[1].refusal.code == ErrorCode::uri_not_normal);
  CHECK(message.raw.substr(message.listen[1].refusal.offset, 16) == R"("file:///a/../b")");
  CHECK(message.listen[2].name == "x:y");
  CHECK(message.listen[2].raw == R"("x:\u0079")");
  CHECK(message.listen[3].kind == TargetKind::task);
  CHECK(message.listen[3].raw == R"("t1")");
  CHECK(message.listen[4].refusal.code == ErrorCode::params_invalid);
}

}  // namespace
}  // namespace mcpgov::wire::test
