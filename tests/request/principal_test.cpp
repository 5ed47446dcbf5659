// Callers as entities: nobody becomes somebody else, and no claim becomes a fact.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "request/world.hpp"

namespace {

using mcpgov::Caller;
using mcpgov::CallerKind;
using mcpgov::ErrorCode;
using mcpgov::request::Detail;
using world::ann;
using world::Asked;
using world::Server;
using world::tool_with;
using world::tools;

bool allowed(const std::string& policies, const Caller& caller,
             const std::string& entities = "[]") {
  world::Setting setting;
  setting.policies = policies;
  setting.entities = entities;
  const Server server(setting);
  const auto catalog = tools(tool_with(""));
  Asked asked(server);
  asked.caller = caller;
  REQUIRE(asked.tool(&catalog, "{}") == ErrorCode::none);
  return asked.allowed();
}

std::string permit_when(const std::string& condition) {
  return "permit(principal, action, resource) when { " + condition + " };";
}

TEST_CASE("principal: a call without a caller is refused") {
  const Server server({});
  const auto catalog = tools(tool_with(""));
  Asked asked(server);
  asked.caller = {};
  CHECK(asked.tool(&catalog, "{}") == ErrorCode::caller_missing);
}

TEST_CASE("principal: only the very caller a policy names is permitted") {
  const std::string only_ann = R"(
      permit(principal == Shop::User::"https://login.example.com#ann", action, resource);)";
  CHECK(allowed(only_ann, ann()));
  struct Case {
    std::string name;
    void (*change)(Caller& caller);
  };
  const Case cases[] = {
      {"another issuer", [](Caller& c) { c.issuer = "https://evil.example.com"; }},
      {"another subject", [](Caller& c) { c.subject = "bob"; }},
      {"another case", [](Caller& c) { c.subject = "Ann"; }},
      {"no issuer", [](Caller& c) { c.issuer = ""; }},
      {"issuer and subject in one",
       [](Caller& c) {
         c.issuer = "";
         c.subject = "https://login.example.com#ann";
       }},
      {"the separator moved",
       [](Caller& c) {
         c.issuer = "https://login.example.com#ann";
         c.subject = "";
       }},
      {"an agent of that name", [](Caller& c) { c.kind = CallerKind::agent; }},
      {"a workload of that name", [](Caller& c) { c.kind = CallerKind::workload; }},
      {"somebody anonymous of that name", [](Caller& c) { c.kind = CallerKind::anonymous; }},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    Caller caller = ann();
    c.change(caller);
    CHECK_FALSE(allowed(only_ann, caller));
  }
}

TEST_CASE("principal: an issuer with a separator in it is not the issuer before it") {
  const std::string policy = R"(permit(principal == Shop::User::"a#b#c", action, resource);)";
  Caller caller = ann();
  caller.issuer = "a#b";
  caller.subject = "c";
  CHECK_FALSE(allowed(policy, caller));
  CHECK(allowed(R"(permit(principal == Shop::User::"a%23b#c", action, resource);)", caller));
  caller.issuer = "a%23b";
  CHECK_FALSE(allowed(R"(permit(principal == Shop::User::"a%23b#c", action, resource);)", caller));
  caller.issuer = "a";
  caller.subject = "b#c";
  CHECK(allowed(policy, caller));
}

TEST_CASE("principal: groups and roles are those of the issuer") {
  const std::string entities = R"([
      {"uid":{"type":"Shop::Group","id":"https://login.example.com#sales"},"attrs":{},
       "parents":[{"type":"Shop::Group","id":"https://login.example.com#staff"}]}])";
  const std::string staff = R"(
      permit(principal in Shop::Group::"https://login.example.com#staff", action, resource);)";
  Caller caller = ann();
  CHECK_FALSE(allowed(staff, caller, entities));
  caller.roles = {"staff"};
  CHECK_FALSE(allowed(staff, caller, entities));
  caller.groups = {"Staff", "staff ", "https://login.example.com#staff"};
  CHECK_FALSE(allowed(staff, caller, entities));
  caller.groups = {"x", "staff"};
  CHECK(allowed(staff, caller, entities));
  caller.groups = {"sales", "y"};
  CHECK(allowed(staff, caller, entities));
  caller.issuer = "https://evil.example.com";
  CHECK_FALSE(allowed(staff, caller, entities));
  caller.roles = {"admin"};
  CHECK(allowed(R"(permit(principal in Shop::Role::"https://evil.example.com#admin", action,
                          resource);)",
                caller));
}

TEST_CASE("principal: what the store knows is added to what the caller brings") {
  const std::string entities = R"([
      {"uid":{"type":"Shop::User","id":"https://login.example.com#ann"},
       "attrs":{"clearance":3,"department":"stored"},
       "parents":[{"type":"Shop::Group","id":"local"}]},
      {"uid":{"type":"Shop::Group","id":"local"},"attrs":{},
       "parents":[{"type":"Shop::Group","id":"outer"}]}])";
  Caller caller = ann();
  caller.groups = {"brought"};
  caller.claims = {{"department", "\"claimed\""}};
  CHECK(allowed(permit_when(R"(principal in Shop::Group::"outer" &&
                               principal in Shop::Group::"https://login.example.com#brought" &&
                               principal.clearance == 3)"),
                caller, entities));
  CHECK(allowed(permit_when(R"(principal.department == "claimed")"), caller, entities));
  CHECK_FALSE(allowed(permit_when(R"(principal.department == "stored")"), caller, entities));
}

TEST_CASE("principal: claims are attributes, and never stand for facts of the caller") {
  Caller caller = ann();
  caller.claims = {{"issuer", "\"https://evil.example.com\""},
                   {"subject", "\"root\""},
                   {"tenant", "\"other\""},
                   {"client", "\"trusted\""},
                   {"scopes", "[\"admin\"]"},
                   {"groups_complete", "true"},
                   {"amount", "0.25"},
                   {"nested", R"({"a":[1,2],"b":null})"}};
  caller.scopes = {"read", "read", "write"};
  caller.groups_complete = false;
  for (const char* condition :
       {R"(principal.issuer == "https://login.example.com")", R"(principal.subject == "ann")",
        R"(principal.scopes == ["write", "read"])", "!principal.groups_complete",
        R"(!(principal has tenant) && !(principal has client))",
        R"(principal.amount == decimal("0.25"))",
        R"(principal.nested == {a: [2, 1], b: Shop::Null::"null"})"}) {
    CAPTURE(std::string(condition));
    CHECK(allowed(permit_when(condition), caller));
  }
  caller.tenant = "acme";
  caller.client = "app";
  CHECK(allowed(permit_when(R"(principal.tenant == "acme" && principal.client == "app")"), caller));
}

TEST_CASE("principal: a claim that cannot be represented is left out, so that policies fail") {
  for (const char* json :
       {"", "{", "1 2", "1,2", "1],[2", "]", "[", "],[", "[1]]", "1.00001", "9223372036854775808",
        R"({"a":1,"a":2})", R"([{"a":1,"a":1}])", "\"\\ud800\"", "nul", "[1.00001]"}) {
    CAPTURE(std::string(json));
    Caller caller = ann();
    caller.claims = {{"x", json}};
    CHECK_FALSE(allowed(permit_when("principal has x"), caller));
  }
  Caller caller = ann();
  caller.claims = {{"x", "1"}, {"x", "2"}};
  CHECK(allowed(permit_when("principal.x == 1"), caller));
}

TEST_CASE("principal: anonymous callers are one principal") {
  Caller caller;
  caller.kind = CallerKind::anonymous;
  CHECK(allowed(R"(permit(principal == Shop::Anonymous::"#", action, resource);)", caller));
  CHECK(allowed("permit(principal is Shop::Anonymous, action, resource);", caller));
  CHECK_FALSE(allowed("permit(principal is Shop::User, action, resource);", caller));
}

TEST_CASE("principal: only the outermost actor is seen") {
  Caller caller = ann();
  caller.actors = {{CallerKind::agent, "https://a.example.com", "outer"},
                   {CallerKind::agent, "https://a.example.com", "inner"}};
  CHECK(allowed(permit_when(R"(context.actor == Shop::Agent::"https://a.example.com#outer" &&
                               context.actor.issuer == "https://a.example.com" &&
                               context.actor.subject == "outer")"),
                caller));
  CHECK_FALSE(allowed(permit_when(R"(context.actor == Shop::Agent::"https://a.example.com#inner")"),
                      caller));
  caller.actors.clear();
  CHECK_FALSE(allowed(permit_when("context has actor"), caller));
}

TEST_CASE("principal: an actor who is the caller keeps the caller's facts") {
  Caller caller = ann();
  caller.groups = {"g"};
  caller.actors = {{CallerKind::user, caller.issuer, caller.subject}};
  CHECK(allowed(permit_when(R"(context.actor == principal &&
                               principal in Shop::Group::"https://login.example.com#g")"),
                caller));
}

TEST_CASE("principal: a thousand groups are no trouble") {
  Caller caller = ann();
  for (int i = 0; i < 1000; ++i) caller.groups.push_back("g" + std::to_string(i));
  CHECK(allowed(R"(permit(principal in Shop::Group::"https://login.example.com#g999", action,
                          resource);)",
                caller));
  CHECK_FALSE(allowed(R"(permit(principal in Shop::Group::"https://login.example.com#g1000",
                                action, resource);)",
                      caller));
}

TEST_CASE("principal: it is made beforehand unless the caller brings names of its own") {
  struct Case {
    const char* name;
    const char* policies;
    const char* claim;  // JSON of the claim `team`
    bool prepared;
  };
  const Case cases[] = {
      {"nothing is read of the caller", "permit(principal, action, resource);", "", true},
      {"its type is mentioned", "permit(principal is Shop::User, action, resource);", "", true},
      {"a role of it is named",
       R"(permit(principal in Shop::Role::"https://login.example.com#dba", action, resource);)", "",
       true},
      {"a claim that no policy reads", "permit(principal, action, resource);", R"({"unheard": 1})",
       true},
      {"a claim of text", "permit(principal, action, resource) when { principal.team == \"a\" };",
       R"("a")", true},
      {"a claim whose members policies name",
       "permit(principal, action, resource) when { principal.team.lead };", R"({"lead": true})",
       true},
      {"a claim that is null, to a caller whom a policy names",
       "permit(principal == Shop::User::\"https://login.example.com#ann\", action, resource) "
       "when { principal.team is Shop::Null };",
       "null", false},
      {"a claim with a member nobody else names",
       "permit(principal, action, resource) when { principal.team.lead };",
       R"({"lead": true, "unheard": 1})", false},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    world::Setting setting;
    setting.policies = c.policies;
    const Server server(setting);
    Caller caller = ann();
    caller.roles = {"dba", "somebody"};
    if (*c.claim != '\0') caller.claims.push_back({"team", c.claim});
    mcpgov::request::Scratch scratch;
    const mcpgov::request::PreparedPrincipal prepared(server.mapping(), caller, scratch);
    mcpgov::Arena arena;
    mcpgov::policy::RequestSymbols symbols(server.engine().symbols(), arena);
    const mcpgov::policy::EntityId made = prepared.define_in(symbols);
    CHECK((made != mcpgov::policy::kNoEntity) == c.prepared);
    // A table that holds something already gets none: its numbers are others.
    mcpgov::policy::RequestSymbols used(server.engine().symbols(), arena);
    used.name("somethingElse");
    CHECK(prepared.define_in(used) == mcpgov::policy::kNoEntity);
  }
}

}  // namespace
