// The canonical event: every member, in one order, and always within its limit.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/event.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "audit/frame.hpp"
#include "support/allocation.hpp"

namespace mcpgov::audit {
namespace {

using nlohmann::json;

std::string text_of(const Event& event) {
  std::string out;
  append_event(out, event);
  return out;
}

Caller full_caller() {
  Caller caller;
  caller.kind = CallerKind::agent;
  caller.issuer = "https://login.example.com";
  caller.subject = "bot";
  caller.client = "app";
  caller.agent_session = "run-1";
  caller.agent_session_source = "token";
  caller.actors = {{CallerKind::user, "idp", "ann"}, {CallerKind::workload, "k8s", "pod"}};
  caller.workload = {CallerKind::workload, "spiffe://x", "spiffe://x/pod"};
  caller.acr = "phr";
  caller.auth_time_s = 1795159000;
  caller.evidence = {EvidenceKind::token, "jti-1", "key-1", "RS256", "thumb"};
  return caller;
}

TEST_CASE("event: a full call has every member in its order") {
  const Caller caller = full_caller();
  const std::string_view policies[] = {"a", "b"};
  const std::string_view errors[] = {"c: eval_type"};
  Record record;
  record.id = "0123456789abcdef0123456789abcdef";
  record.time_us = 1'795'159'380'123'456;
  record.caller = &caller;
  record.client = "desk/1.2";
  record.session = "s";
  record.tenant = "acme";
  record.server = "shop";
  record.transport = "stdio";
  record.peer = "10.0.0.1";
  record.protocol = "2026-07-28";
  record.direction = "from_client";
  record.method = "tools/call";
  record.target = "pay";
  record.target_kind = "tool";
  record.request_id = "\"r-1\"";
  record.tool_class = ToolClass::destructive;
  record.open_world = true;
  record.allowed = true;
  record.enforced = false;
  record.reason = ErrorCode::policy_denied;
  record.policies = policies;
  record.policy_errors = errors;
  record.approver = "olga";
  record.snapshot = "3:0123456789abcdef";
  record.policy_digest = "fedcba9876543210";
  record.limits = R"({"calls":1})";
  record.credential = R"({"kind":"exchange"})";
  record.decided_ns = 789;
  record.trace = {
      "0af7651916cd43dd8448eb211c80319c", "00f067aa0ba902b7", "b7ad6b7169203331", "v=1", 1, true};
  Completion completion;
  completion.outcome = Outcome::failed;
  completion.reason = ErrorCode::list_entry_removed;
  completion.rpc_code = -32002;
  completion.tool_error = true;
  completion.latency_ns = 900;
  completion.reply_bytes = 80;
  completion.items = 5;
  completion.items_removed = 2;
  Event event{EventKind::final, &record, &completion, {R"({"bytes":12})"}, {R"({"bytes":3})"}};
  event.waited = true;
  event.reconstructed = true;
  CHECK(text_of(event) ==
        R"({"v":1,"kind":"call","id":"0123456789abcdef0123456789abcdef",)"
        R"("time":"2026-11-20T07:23:00.123456Z","tenant":"acme","server":"shop",)"
        R"("transport":"stdio","direction":"from_client","protocol":"2026-07-28",)"
        R"("method":"tools/call","target":"pay","target_kind":"tool",)"
        R"("tool":{"class":"destructive","open_world":true},"request_id":"r-1",)"
        R"("caller":{"kind":"agent","issuer":"https://login.example.com","subject":"bot",)"
        R"("client":"app","actors":[{"kind":"user","issuer":"idp","subject":"ann"},)"
        R"({"kind":"workload","issuer":"k8s","subject":"pod"}],)"
        R"("workload":{"kind":"workload","issuer":"spiffe://x","subject":"spiffe://x/pod"},)"
        R"("acr":"phr","auth_time":1795159000,"evidence":{"kind":"token","token_id":"jti-1",)"
        R"("key_id":"key-1","algorithm":"RS256","bound_to":"thumb"},"claimed":"desk/1.2"},)"
        R"("session":{"id":"run-1","source":"token"},"connection":"s","peer":"10.0.0.1",)"
        R"("trace":{"trace_id":"0af7651916cd43dd8448eb211c80319c",)"
        R"("span_id":"00f067aa0ba902b7","parent_id":"b7ad6b7169203331","state":"v=1",)"
        R"("flags":1},"decision":{"effect":"deny","allowed":true,"enforced":false,)"
        R"("reason":"policy_denied","policies":["a","b"],"policy_errors":["c: eval_type"],)"
        R"("approver":"olga","snapshot":"3:0123456789abcdef",)"
        R"("policy_digest":"fedcba9876543210","latency_ns":789},"limits":{"calls":1},)"
        R"("credential":{"kind":"exchange"},"arguments":{"bytes":12},"result":{"bytes":3},)"
        R"("outcome":"failed","outcome_reason":"list_entry_removed","rpc_code":-32002,)"
        R"("tool_error":true,"latency_ns":900,"reply_bytes":80,"items":5,"items_removed":2,)"
        R"("waited":true,"reconstructed":true})");

  event.kind = EventKind::intent;
  event.completion = nullptr;
  event.result = {};
  event.waited = event.reconstructed = false;
  const json intent = json::parse(text_of(event));
  CHECK(intent["kind"] == "intent");
  CHECK_FALSE(intent.contains("outcome"));
  CHECK_FALSE(intent.contains("latency_ns"));
  CHECK(intent["decision"]["effect"] == "deny");
}

TEST_CASE("event: what is not known is left out, and a call without an end is unknown") {
  const Record record;
  CHECK(text_of({EventKind::final, &record}) ==
        R"({"v":1,"kind":"call","id":"","time":"1970-01-01T00:00:00.000000Z","transport":"",)"
        R"("direction":"","caller":{"kind":"none"},"decision":{"effect":"deny","allowed":false,)"
        R"("enforced":true,"reason":"none","snapshot":"","latency_ns":0},"outcome":"unknown",)"
        R"("latency_ns":0})");
}

TEST_CASE("event: a session that nobody vouches for is a claim, and is not said twice") {
  Caller caller = full_caller();
  Record record;
  record.session = "s";
  const auto of = [&] { return json::parse(text_of({EventKind::final, &record})); };
  CHECK(of()["session"] == json::parse(R"({"id":"s","source":"claim"})"));
  CHECK_FALSE(of().contains("connection"));
  record.caller = &caller;
  CHECK(of()["session"] == json::parse(R"({"id":"run-1","source":"token"})"));
  CHECK(of()["connection"] == "s");
  record.session = "run-1";
  CHECK_FALSE(of().contains("connection"));
  record.session = {};
  CHECK_FALSE(of().contains("connection"));
}

TEST_CASE("event: groups, roles, scopes and claims of a caller are never written") {
  Caller caller = full_caller();
  caller.groups = {"hidden-group"};
  caller.roles = {"hidden-role"};
  caller.scopes = {"hidden-scope"};
  caller.claims = {{"hidden-name", "\"hidden-value\""}};
  Record record;
  record.caller = &caller;
  CHECK(text_of({EventKind::final, &record}).find("hidden") == std::string::npos);
}

TEST_CASE(
    "event: arguments as a caller sent them are not written, only what capture made of them") {
  Record record;
  record.arguments = R"({"password":"hidden"})";
  record.line_arguments = LineArguments::full;
  Completion completion;
  completion.result = R"({"content":"hidden"})";
  CHECK(text_of({EventKind::final, &record, &completion}).find("hidden") == std::string::npos);
}

TEST_CASE("event: text of callers cannot break the line, forge a member or steer a terminal") {
  const std::string_view attacks[] = {
      "\"}\n{\"v\":1", "a\r\nb",       "\x1b[2J", "\xe2\x80\xae",
      "\xff\xfe",      "\xe2\x80\xa8", "\\\"",    std::string_view("\0", 1),
  };
  for (const std::string_view attack : attacks) {
    Record record;
    record.target = record.method = record.session = record.client = record.tenant = attack;
    record.peer = record.trace.trace_id = record.trace.state = attack;
    Event event{EventKind::final, &record};
    const std::string text = text_of(event);
    for (const char c : text) CHECK(static_cast<unsigned char>(c) >= 0x20);
    CHECK(text.find("\xe2\x80\xae") == std::string::npos);
    const json read = json::parse(text);
    CHECK(read.size() == 16);
    CHECK(read["target"] == read["method"]);
  }
}

// An event of which everything that can be long is.
struct Long {
  Caller caller = full_caller();
  std::string text;
  std::string value;
  std::vector<std::string_view> names;
  Record record;
  Completion completion;
  Event event;

  explicit Long(std::size_t size, std::size_t content) : text(size, '\x01'), names(5, text) {
    value = R"({"bytes":9,"keys":["a"],"value":")" + std::string(content, 'x') + "\"}";
    caller.actors.assign(8, {CallerKind::user, text, text});
    caller.issuer = caller.subject = caller.client = caller.agent_session = text;
    record.caller = &caller;
    record.id = record.client = record.session = record.tenant = record.server = text;
    record.transport = record.peer = record.protocol = record.direction = text;
    record.method = record.target = record.target_kind = record.approver = text;
    record.snapshot = record.policy_digest = text;
    record.policies = record.policy_errors = names;
    record.limits = record.credential = value;
    record.trace = {text, text, text, text, 1, true};
    event = {EventKind::final, &record, &completion, {value}, {value}};
  }
};

TEST_CASE("event: what does not fit is left out in a fixed order, named, and never the decision") {
  struct Case {
    std::size_t text;
    std::size_t content;
    std::vector<std::string> cut;
  };
  const Case cases[] = {
      {1, 10, {}},
      {1, 16000, {"result.value"}},
      {1, 25000, {"result.value", "arguments.value"}},
      {1, 40000, {"result.value", "arguments.value", "result", "arguments", "credential"}},
      {300,
       10,
       {"result.value", "arguments.value", "result", "arguments", "credential", "limits",
        "policy_errors", "policies", "standing"}},
      {100'000,
       100'000,
       {"result.value", "arguments.value", "result", "arguments", "credential", "limits",
        "policy_errors", "policies", "standing", "trace.state", "texts"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CAPTURE(c.content);
    Long made(c.text, c.content);
    const std::string text = text_of(made.event);
    CHECK(text.size() <= kMaxPayload);
    const json read = json::parse(text);
    CHECK(read.value("cut", std::vector<std::string>{}) == c.cut);
    CHECK(read["decision"]["effect"] == "deny");
    CHECK(read["outcome"] == "unknown");
  }
}

TEST_CASE("event: content that is too large keeps its size and digest") {
  Long made(1, 40000);
  made.record.limits = made.record.credential = {};
  const json read = json::parse(text_of(made.event));
  CHECK(read["result"] == json::parse(R"({"bytes":9,"keys":["a"]})"));
  CHECK(read["arguments"]["value"].get<std::string>().size() == 40000);
  CHECK(read["cut"] == json::parse(R"(["result.value"])"));
}

TEST_CASE("event: texts are cut between characters") {
  std::string text(255, 'a');
  text += "\xe2\x82\xac" + std::string(90000, 'b');
  Record record;
  record.target = text;
  const json read = json::parse(text_of({EventKind::final, &record}));
  CHECK(read["target"] == std::string(255, 'a'));
}

TEST_CASE("event: appends, and allocates nothing once it is warm") {
  Long made(1, 10);
  made.text = "x";
  std::string out = "kept ";
  append_event(out, made.event);
  CHECK(out.starts_with("kept {\"v\":1"));
  out.clear();
  const std::size_t before = test::allocation_count();
  append_event(out, made.event);
  CHECK(test::allocation_count() == before);
}

}  // namespace
}  // namespace mcpgov::audit
