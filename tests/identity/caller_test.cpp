// Callers: what makes one complete, every limit from both sides, and the JSON form.
//
// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "mcpgov/identity.hpp"

namespace mcpgov {
namespace {

Caller ann() {
  Caller out;
  out.kind = CallerKind::user;
  out.issuer = "idp";
  out.subject = "ann";
  return out;
}

Caller nobody() {
  Caller out;
  out.kind = CallerKind::anonymous;
  return out;
}

std::vector<std::string> many(std::size_t count) {
  return std::vector<std::string>(count, "g");
}

const std::string kLongest(1024, 'n');
const std::string kTooLong(1025, 'n');

TEST_CASE("caller: what is at its limit is complete") {
  struct Case {
    const char* name;
    std::function<void(Caller&)> change;
  };
  const Case cases[] = {
      {"issuer and subject", [](Caller&) {}},
      {"an agent", [](Caller& c) { c.kind = CallerKind::agent; }},
      {"a workload", [](Caller& c) { c.kind = CallerKind::workload; }},
      {"anonymous", [](Caller& c) { c = nobody(); }},
      {"anonymous with a tenant", [](Caller& c) { (c = nobody()).tenant = "acme"; }},
      {"the longest names",
       [](Caller& c) { c.issuer = c.subject = c.tenant = c.client = c.agent_session = kLongest; }},
      {"as many groups, roles and scopes as possible",
       [](Caller& c) { c.groups = c.roles = c.scopes = many(1000); }},
      {"as many claims as possible, each as large as possible",
       [](Caller& c) {
         c.claims.assign(100, {"n", std::string(4096, '1')});
       }},
      {"as many actors as possible",
       [](Caller& c) {
         c.actors.assign(8, {CallerKind::agent, "idp", "bot"});
       }},
      {"letters of other scripts", [](Caller& c) { c.subject = "\xe6\x9d\x8e \xc3\xa9"; }},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    Caller caller = ann();
    c.change(caller);
    CHECK(check_code(caller) == ErrorCode::none);
    CHECK(check(caller).has_value());
  }
}

TEST_CASE("caller: everything else is refused, by code and by sentence") {
  struct Case {
    const char* name;
    std::function<void(Caller&)> change;
    const char* sentence;  // a part of it
  };
  const Case cases[] = {
      {"a kind that does not exist", [](Caller& c) { c.kind = static_cast<CallerKind>(5); },
       "kind"},
      {"no issuer", [](Caller& c) { c.issuer.clear(); }, "`issuer`"},
      {"no subject", [](Caller& c) { c.subject.clear(); }, "`subject`"},
      {"an issuer too long", [](Caller& c) { c.issuer = kTooLong; }, "`issuer`"},
      {"a subject too long", [](Caller& c) { c.subject = kTooLong; }, "`subject`"},
      {"a tenant too long", [](Caller& c) { c.tenant = kTooLong; }, "`tenant`"},
      {"a client too long", [](Caller& c) { c.client = kTooLong; }, "`client`"},
      {"a session too long", [](Caller& c) { c.agent_session = kTooLong; }, "`agent_session`"},
      {"a source too long", [](Caller& c) { c.agent_session_source = kTooLong; },
       "`agent_session_source`"},
      {"a line feed in the subject", [](Caller& c) { c.subject = "ann\nbob"; }, "`subject`"},
      {"a nul in the issuer", [](Caller& c) { c.issuer = std::string("i\0dp", 4); }, "`issuer`"},
      {"a delete in the tenant", [](Caller& c) { c.tenant = "a\x7f"; }, "`tenant`"},
      {"invalid UTF-8 in the subject", [](Caller& c) { c.subject = "\xff"; }, "`subject`"},
      {"too many groups", [](Caller& c) { c.groups = many(1001); }, "`groups`"},
      {"too many roles", [](Caller& c) { c.roles = many(1001); }, "`roles`"},
      {"too many scopes", [](Caller& c) { c.scopes = many(1001); }, "`scopes`"},
      {"a group without a name",
       [](Caller& c) {
         c.groups = {"a", ""};
       },
       "`groups`"},
      {"a role too long", [](Caller& c) { c.roles = {kTooLong}; }, "`roles`"},
      {"a scope with a tab", [](Caller& c) { c.scopes = {"a\tb"}; }, "`scopes`"},
      {"too many actors",
       [](Caller& c) {
         c.actors.assign(9, {CallerKind::agent, "idp", "bot"});
       },
       "`actors`"},
      {"an actor without a kind",
       [](Caller& c) {
         c.actors = {{CallerKind::none, "i", "s"}};
       },
       "actor"},
      {"an anonymous actor",
       [](Caller& c) {
         c.actors = {{CallerKind::anonymous, "i", "s"}};
       },
       "actor"},
      {"an actor of no known kind",
       [](Caller& c) {
         c.actors = {{static_cast<CallerKind>(9), "i", "s"}};
       },
       "actor"},
      {"an actor without an issuer",
       [](Caller& c) {
         c.actors = {{CallerKind::user, "", "s"}};
       },
       "actor"},
      {"an actor without a subject",
       [](Caller& c) {
         c.actors = {{CallerKind::user, "i", ""}};
       },
       "actor"},
      {"too many claims",
       [](Caller& c) {
         c.claims.assign(101, {"n", "1"});
       },
       "`claims`"},
      {"a claim without a name",
       [](Caller& c) {
         c.claims = {{"", "1"}};
       },
       "claim"},
      {"a claim with a name too long",
       [](Caller& c) {
         c.claims = {{kTooLong, "1"}};
       },
       "claim"},
      {"a claim without a value",
       [](Caller& c) {
         c.claims = {{"n", ""}};
       },
       "claim"},
      {"a claim too large",
       [](Caller& c) {
         c.claims = {{"n", std::string(4097, '1')}};
       },
       "claim"},
      {"anonymous with an issuer", [](Caller& c) { (c = nobody()).issuer = "i"; }, "anonymous"},
      {"anonymous with a subject", [](Caller& c) { (c = nobody()).subject = "s"; }, "anonymous"},
      {"anonymous with groups", [](Caller& c) { (c = nobody()).groups = {"g"}; }, "anonymous"},
      {"anonymous with roles", [](Caller& c) { (c = nobody()).roles = {"r"}; }, "anonymous"},
      {"anonymous with scopes", [](Caller& c) { (c = nobody()).scopes = {"s"}; }, "anonymous"},
      {"anonymous with a client", [](Caller& c) { (c = nobody()).client = "c"; }, "anonymous"},
      {"anonymous with claims",
       [](Caller& c) {
         (c = nobody()).claims = {{"n", "1"}};
       },
       "anonymous"},
      {"anonymous with actors",
       [](Caller& c) {
         (c = nobody()).actors = {{CallerKind::agent, "i", "s"}};
       },
       "anonymous"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    Caller caller = ann();
    c.change(caller);
    CHECK(check_code(caller) == ErrorCode::caller_invalid);
    const auto checked = check(caller);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == ErrorCode::caller_invalid);
    CHECK(checked.error().message.find(c.sentence) != std::string::npos);
  }
}

TEST_CASE("caller: one that nobody filled in is missing, whatever else it says") {
  Caller caller;
  CHECK(check_code(caller) == ErrorCode::caller_missing);
  caller = ann();
  caller.kind = CallerKind::none;
  CHECK(check_code(caller) == ErrorCode::caller_missing);
  const auto checked = check(caller);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().code == ErrorCode::caller_missing);
}

TEST_CASE("caller: kinds have names") {
  CHECK(kind_name(CallerKind::none) == "none");
  CHECK(kind_name(CallerKind::anonymous) == "anonymous");
  CHECK(kind_name(CallerKind::user) == "user");
  CHECK(kind_name(CallerKind::agent) == "agent");
  CHECK(kind_name(CallerKind::workload) == "workload");
  CHECK(kind_name(static_cast<CallerKind>(200)) == "none");
}

TEST_CASE("caller: the JSON form reads every member") {
  const auto read = Caller::from_json(R"({
    "kind": "agent", "issuer": "https://login.example.com", "subject": "bot", "tenant": "acme",
    "client": "app", "groups": ["a", "b"], "roles": ["r"], "scopes": ["s"],
    "groups_complete": false, "actors": [{"kind": "user", "issuer": "idp", "subject": "ann"},
                                         {"subject": "pod", "issuer": "k8s", "kind": "workload"}],
    "claims": {"level": 3, "tags": ["x", {"y": null}]},
    "agent_session": "run-1", "agent_session_source": "host"})");
  REQUIRE(read);
  Caller expected;
  expected.kind = CallerKind::agent;
  expected.issuer = "https://login.example.com";
  expected.subject = "bot";
  expected.tenant = "acme";
  expected.client = "app";
  expected.groups = {"a", "b"};
  expected.roles = {"r"};
  expected.scopes = {"s"};
  expected.groups_complete = false;
  expected.actors = {{CallerKind::user, "idp", "ann"}, {CallerKind::workload, "k8s", "pod"}};
  expected.claims = {{"level", "3"}, {"tags", R"(["x",{"y":null}])"}};
  expected.agent_session = "run-1";
  expected.agent_session_source = "host";
  CHECK(*read == expected);
}

TEST_CASE("caller: the shortest JSON form is kind, issuer and subject, and groups are complete") {
  const auto read = Caller::from_json(R"({"kind":"user","issuer":"idp","subject":"ann"})");
  REQUIRE(read);
  CHECK(*read == ann());
  CHECK(read->groups_complete);
}

TEST_CASE("caller: JSON that is not exactly a caller is refused") {
  const auto with = [](std::string_view member) {
    return R"({"kind":"user","issuer":"idp","subject":"ann",)" + std::string(member) + "}";
  };
  struct Case {
    const char* name;
    std::string json;
    ErrorCode code = ErrorCode::caller_invalid;
  };
  const Case cases[] = {
      {"nothing", ""},
      {"no JSON", "kind: user"},
      {"a list", "[]"},
      {"null", "null"},
      {"an empty object", "{}", ErrorCode::caller_missing},
      {"bytes after it", R"({"kind":"anonymous"} x)"},
      {"no kind", R"({"issuer":"idp","subject":"ann"})", ErrorCode::caller_missing},
      {"a kind that does not exist", R"({"kind":"admin","issuer":"i","subject":"s"})"},
      {"the kind none", R"({"kind":"none","issuer":"i","subject":"s"})"},
      {"a kind in capitals", R"({"kind":"User","issuer":"i","subject":"s"})"},
      {"a kind that is a number", R"({"kind":2,"issuer":"i","subject":"s"})"},
      {"no subject", R"({"kind":"user","issuer":"idp"})"},
      {"no issuer", R"({"kind":"user","subject":"ann"})"},
      {"a subject that is a number", R"({"kind":"user","issuer":"idp","subject":7})"},
      {"an unknown member", with(R"("email":"ann@example.com")")},
      {"a member that differs by case", with(R"("Roles":["admin"])")},
      {"a member twice", with(R"("roles":["a"],"roles":["b"])")},
      {"groups that are a text", with(R"("groups":"admin")")},
      {"groups that are an object", with(R"("groups":{"0":"admin"})")},
      {"a group that is a number", with(R"("groups":[1])")},
      {"roles that are null", with(R"("roles":null)")},
      {"groups_complete as a text", with(R"("groups_complete":"true")")},
      {"groups_complete as null", with(R"("groups_complete":null)")},
      {"actors that are an object", with(R"("actors":{})")},
      {"an actor without a kind", with(R"("actors":[{"issuer":"i","subject":"s"}])")},
      {"an actor with a member more",
       with(R"("actors":[{"kind":"user","issuer":"i","subject":"s","x":1}])")},
      {"an actor with another member",
       with(R"("actors":[{"kind":"user","issuer":"i","name":"s"}])")},
      {"an actor that is a text", with(R"("actors":["bot"])")},
      {"an actor of no kind", with(R"("actors":[{"kind":"none","issuer":"i","subject":"s"}])")},
      {"claims that are a list", with(R"("claims":[1])")},
      {"claims that are a text", with(R"("claims":"x")")},
      {"a claim twice", with(R"("claims":{"a":1,"a":2})")},
      {"a claim too large", with(R"("claims":{"a":")" + std::string(4096, 'x') + "\"}")},
      {"a line feed in a name", with(R"("tenant":"a\nb")")},
      {"too large", with(R"("groups":[")" + std::string(64 * 1024, 'x') + "\"]")},
      {"too deep",
       with("\"claims\":{\"a\":" + std::string(1000, '[') + std::string(1000, ']') + "}")},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    const auto read = Caller::from_json(c.json);
    REQUIRE_FALSE(read);
    CHECK(code_name(read.error().code) == code_name(c.code));
    CHECK_FALSE(read.error().message.empty());
  }
}

TEST_CASE("caller: text that is no JSON is refused with its place") {
  const auto read = Caller::from_json("{\"kind\": \"user\",\n  \"issuer\": }");
  REQUIRE_FALSE(read);
  CHECK(read.error().line == 2);
  CHECK(read.error().column > 0);
}

}  // namespace
}  // namespace mcpgov
