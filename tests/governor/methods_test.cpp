// Every row of the method table, in both directions.
//
// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "governor/config.hpp"
#include "governor/support.hpp"

using namespace mcpgov;
using namespace mcpgov::test;

namespace {

// Permits exactly what the rows below call permitted; `guest` has no role and is permitted nothing.
constexpr std::string_view kRows = R"(
  permit(principal in shop::Role::"idp#member", action in shop::Action::"call_tool", resource);
  permit(principal in shop::Role::"idp#member", action == shop::Action::"get_prompt",
         resource == shop::Prompt::"greet");
  permit(principal in shop::Role::"idp#member", action in [shop::Action::"read_resource",
         shop::Action::"subscribe_resource"], resource)
  when { resource is shop::Resource && resource.scheme == "file" };
  permit(principal in shop::Role::"idp#member", action in [shop::Action::"list_roots",
         shop::Action::"create_message", shop::Action::"elicit"],
         resource == shop::McpServer::"shop");
  permit(principal in shop::Role::"idp#member", action in [shop::Action::"get_task",
         shop::Action::"get_task_result", shop::Action::"cancel_task",
         shop::Action::"update_task"], resource);
)";

struct Row {
  const char* method;
  const char* params;   // that a member may send
  const char* refused;  // params that are refused to a member; null: none
  Direction direction;
  ErrorCode guest;  // what becomes of the first for a caller without roles
  ErrorCode member = ErrorCode::none;
};

constexpr Direction kClient = Direction::from_client;
constexpr Direction kServer = Direction::from_server;
constexpr ErrorCode kNone = ErrorCode::none;
constexpr ErrorCode kDenied = ErrorCode::policy_denied;
constexpr ErrorCode kOwner = ErrorCode::not_task_owner;

// Revision 2025-11-25 has every legacy method.
const Row kLegacy[] = {
    {"ping", "{}", nullptr, kClient, kNone},
    {"ping", "{}", nullptr, kServer, kNone},
    {"logging/setLevel", R"({"level":"info"})", nullptr, kClient, kNone},
    {"notifications/initialized", "{}", nullptr, kClient, kNone},
    {"notifications/cancelled", R"({"requestId":9})", nullptr, kClient, kNone},
    {"notifications/cancelled", R"({"requestId":9})", nullptr, kServer, kNone},
    {"notifications/progress", R"({"progressToken":1,"progress":1})", nullptr, kClient, kNone},
    {"notifications/progress", R"({"progressToken":1,"progress":1})", nullptr, kServer, kNone},
    {"notifications/roots/list_changed", "{}", nullptr, kClient, kNone},
    {"notifications/message", R"({"level":"info","data":"x"})", nullptr, kServer, kNone},
    {"notifications/tools/list_changed", "{}", nullptr, kServer, kNone},
    {"notifications/prompts/list_changed", "{}", nullptr, kServer, kNone},
    {"notifications/resources/list_changed", "{}", nullptr, kServer, kNone},
    {"notifications/elicitation/complete", R"({"elicitationId":"e"})", nullptr, kServer, kNone},
    {"tools/list", "{}", nullptr, kClient, kNone},
    {"prompts/list", "{}", nullptr, kClient, kNone},
    {"resources/list", "{}", nullptr, kClient, kNone},
    {"resources/templates/list", "{}", nullptr, kClient, kNone},
    {"tasks/list", "{}", nullptr, kClient, kNone},
    {"tools/call", R"({"name":"list_tables","arguments":{}})", R"({"name":"nope"})", kClient,
     kDenied},
    {"prompts/get", R"({"name":"greet"})", R"({"name":"other"})", kClient, kDenied},
    {"resources/read", R"({"uri":"file:///a"})", R"({"uri":"https://a/b"})", kClient, kDenied},
    {"resources/subscribe", R"({"uri":"file:///a"})", R"({"uri":"https://a/b"})", kClient, kDenied},
    {"resources/unsubscribe", R"({"uri":"file:///a"})", R"({"uri":"https://a/b"})", kClient,
     kDenied},
    {"completion/complete",
     R"({"ref":{"type":"ref/prompt","name":"greet"},"argument":{"name":"a","value":"b"}})",
     R"({"ref":{"type":"ref/prompt","name":"other"},"argument":{"name":"a","value":"b"}})", kClient,
     kDenied},
    {"completion/complete",
     R"({"ref":{"type":"ref/resource","uri":"file:///a"},"argument":{"name":"a","value":"b"}})",
     R"({"ref":{"type":"ref/resource","uri":"x:///a"},"argument":{"name":"a","value":"b"}})",
     kClient, kDenied},
    {"tasks/get", R"({"taskId":"t"})", R"({"taskId":"t"})", kClient, kOwner, kOwner},
    {"tasks/result", R"({"taskId":"t"})", R"({"taskId":"t"})", kClient, kOwner, kOwner},
    {"tasks/cancel", R"({"taskId":"t"})", R"({"taskId":"t"})", kClient, kOwner, kOwner},
    {"tasks/get", R"({"taskId":"t"})", R"({"taskId":"t"})", kServer, kOwner, kOwner},
    {"notifications/tasks/status",
     R"({"taskId":"t","status":"working","createdAt":"2026-01-01T00:00:00Z","ttl":1})", nullptr,
     kServer, kOwner, kOwner},
    {"notifications/resources/updated", R"({"uri":"file:///a"})", R"({"uri":"https://a/b"})",
     kServer, kDenied},
    {"roots/list", "{}", nullptr, kServer, kDenied},
    {"sampling/createMessage", R"({"messages":[],"maxTokens":1})", nullptr, kServer, kDenied},
    {"elicitation/create", R"({"message":"m","requestedSchema":{"type":"object","properties":{}}})",
     nullptr, kServer, kDenied},
};

// What only 2026-07-28 has, or has differently.
const Row kModern[] = {
    {"server/discover", "", nullptr, kClient, kNone},
    {"tools/list", "", nullptr, kClient, kNone},
    {"tools/call", R"("name":"list_tables","arguments":{},)", nullptr, kClient, kDenied},
    {"tasks/get", R"("taskId":"t",)", nullptr, kClient, kOwner, kOwner},
    {"tasks/update", R"("taskId":"t","inputResponses":{},)", nullptr, kClient, kOwner, kOwner},
    {"tasks/cancel", R"("taskId":"t",)", nullptr, kClient, kOwner, kOwner},
    {"subscriptions/listen", R"("notifications":{"toolsListChanged":true},)", nullptr, kClient,
     kNone},
};

constexpr std::string_view kMeta =
    R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
    R"("io.modelcontextprotocol/clientCapabilities":{}})";

bool is_note(const Row& row) {
  return std::string_view(row.method).starts_with("notifications/");
}

std::string message(const Row& row, const char* params) {
  return is_note(row) ? notification(row.method, params) : rpc(row.method, params, 7);
}

ErrorCode outcome(Session& session, Direction direction, const std::string& body) {
  Verdicts verdicts = session.receive({.direction = direction, .body = body});
  REQUIRE(verdicts.size() == 1);
  return verdicts[0].allowed() ? ErrorCode::none : verdicts[0].reason();
}

// Walks a legacy handshake, so that the revision is negotiated.
void shake_hands(Session& session, std::string_view revision) {
  Verdicts asked = from_client(
      session,
      rpc("initialize", R"({"protocolVersion":")" + std::string(revision) +
                            R"(","capabilities":{},"clientInfo":{"name":"c","version":"1"}})"));
  REQUIRE(asked[0].allowed());
  session.await_answer(asked[0]);
  Verdicts answered = from_server(
      session, result(R"({"protocolVersion":")" + std::string(revision) +
                      R"(","capabilities":{},"serverInfo":{"name":"s","version":"1"}})"));
  REQUIRE(answered[0].allowed());
}

}  // namespace

TEST_CASE("methods: every legacy row, for a member, a guest, and what is refused to the member") {
  std::set<std::string_view> seen;
  for (const Row& row : kLegacy) {
    CAPTURE(std::string(row.method));
    CAPTURE(std::string(row.params));
    seen.insert(row.method);
    World world(configuration(kRows));
    Session member = world.session(user("m", {"member"}));
    shake_hands(member, "2025-11-25");
    CHECK(code_name(outcome(member, row.direction, message(row, row.params))) ==
          code_name(row.member));
    if (row.refused != nullptr) {
      CHECK(outcome(member, row.direction, message(row, row.refused)) != ErrorCode::none);
    }
    Session guest = world.session(user("g", {}));
    shake_hands(guest, "2025-11-25");
    CHECK(code_name(outcome(guest, row.direction, message(row, row.params))) ==
          code_name(row.guest));
    Session nobody = world.session({});
    CHECK(outcome(nobody, row.direction, message(row, row.params)) == ErrorCode::caller_missing);
  }
  seen.insert("initialize");  // by shake_hands()
  for (const wire::MethodRow& row : wire::method_table()) {
    if (row.method == wire::Method::unknown) continue;
    const bool legacy = row.allowed(wire::Revision::v2025_11_25, kClient) ||
                        row.allowed(wire::Revision::v2025_11_25, kServer);
    CAPTURE(std::string(row.name));
    CHECK(seen.contains(row.name) == legacy);
  }
}

TEST_CASE("methods: the rows of 2026-07-28") {
  for (const Row& row : kModern) {
    CAPTURE(std::string(row.method));
    World world(configuration(kRows));
    const std::string body =
        rpc(row.method, "{" + std::string(row.params) + std::string(kMeta) + "}");
    Session member = world.session(user("m", {"member"}));
    CHECK(code_name(outcome(member, kClient, body)) == code_name(row.member));
    Session guest = world.session(user("g", {}));
    CHECK(code_name(outcome(guest, kClient, body)) == code_name(row.guest));
  }
}

TEST_CASE("methods: what is in no table is denied") {
  World world(configuration(kRows));
  Session session = world.session(user("m", {"member"}));
  CHECK(outcome(session, kClient, rpc("tools/delete")) == ErrorCode::method_unknown);
  CHECK(outcome(session, kServer, rpc("tools/call", R"({"name":"x"})")) ==
        ErrorCode::method_wrong_direction);
  CHECK(outcome(session, kClient, rpc("sampling/createMessage")) ==
        ErrorCode::method_wrong_direction);
  CHECK(outcome(session, kClient, notification("notifications/nonsense")) ==
        ErrorCode::method_unknown);
}

TEST_CASE("methods: rows can be overridden by name") {
  struct Case {
    const char* methods;
    std::string body;
    Direction direction;
    ErrorCode guest;
  };
  const Case cases[] = {
      {"{ping: deny}", rpc("ping"), kClient, ErrorCode::method_denied},
      {"{tools/call: deny}", call("list_tables"), kClient, ErrorCode::method_denied},
      {"{tools/call: pass}", call("list_tables"), kClient, ErrorCode::none},
      {"{roots/list: pass}", rpc("roots/list"), kServer, ErrorCode::none},
      {"{tools/list: deny}", rpc("tools/list"), kClient, ErrorCode::method_denied},
      {"{ping: deny}", call("list_tables"), kClient, ErrorCode::policy_denied},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.methods));
    World world(configuration(kRows, "methods: " + std::string(c.methods)));
    Session guest = world.session(user("g", {}));
    CHECK(code_name(outcome(guest, c.direction, c.body)) == code_name(c.guest));
  }
}

TEST_CASE("methods: a denied notification gets no answer") {
  World world(configuration(kRows));
  Session guest = world.session(user("g", {}));
  Verdicts verdicts =
      from_server(guest, notification("notifications/resources/updated", R"({"uri":"file:///a"})"));
  CHECK_FALSE(verdicts[0].allowed());
  CHECK(verdicts[0].denial().body.empty());
}

TEST_CASE("methods: every method of the table has a treatment, and only known ones pass") {
  for (const wire::MethodRow& row : wire::method_table()) {
    CAPTURE(std::string(row.name));
    const Treatment treatment = default_treatment(row.method);
    CHECK((treatment == Treatment::deny) == (row.method == wire::Method::unknown));
  }
}
