// The JSON form of a record: every member, in one order, and nothing that was not asked for.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/record_json.hpp"

#include <cstring>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

namespace mcpgov::audit {
namespace {

std::string decision_of(const Record& record, const Completion* closed = nullptr) {
  std::string line;
  append_decision(line, record, closed);
  return line;
}

TEST_CASE("record_json: a full record has every member in its order") {
  Caller caller;
  caller.kind = CallerKind::agent;
  caller.issuer = "https://login.example.com";
  caller.subject = "bot";
  caller.client = "app";
  caller.agent_session = "run-1";
  caller.agent_session_source = "host";
  caller.actors = {{CallerKind::user, "idp", "ann"}, {CallerKind::workload, "k8s", "pod"}};
  const std::string_view policies[] = {"a", "b"};
  const std::string_view errors[] = {"c: eval_type"};
  Record record;
  record.id = "0123456789abcdef0123456789abcdef";
  record.time_us = 1'795'159'380'123'456;
  record.caller = &caller;
  record.session = "s";
  record.tenant = "acme";
  record.server = "shop";
  record.transport = "stdio";
  record.direction = "from_client";
  record.method = "tools/call";
  record.target = "pay";
  record.request_id = "\"r-1\"";
  record.arguments = R"({"sum":1.50})";
  record.line_arguments = LineArguments::full;
  record.arguments_bytes = 12;
  record.allowed = true;
  record.decision = false;
  record.enforced = false;
  record.reason = ErrorCode::policy_denied;
  record.policies = policies;
  record.policy_errors = errors;
  record.approver = "olga";
  record.snapshot = "3:0123456789abcdef";
  record.decided_ns = 789;
  CHECK(decision_of(record) ==
        R"({"event":"decision","id":"0123456789abcdef0123456789abcdef",)"
        R"("time":"2026-11-20T07:23:00.123456Z","caller":{"kind":"agent",)"
        R"("issuer":"https://login.example.com","subject":"bot","client":"app",)"
        R"("agent_session":"run-1","agent_session_source":"host","actors":[)"
        R"({"kind":"user","issuer":"idp","subject":"ann"},)"
        R"({"kind":"workload","issuer":"k8s","subject":"pod"}]},"session":"s","tenant":"acme",)"
        R"("server":"shop","transport":"stdio","direction":"from_client","method":"tools/call",)"
        R"("target":"pay","request_id":"r-1","arguments_bytes":12,"arguments":{"sum":1.50},)"
        R"("decision":"deny","allowed":true,"enforced":false,"reason":"policy_denied",)"
        R"("policies":["a","b"],"policy_errors":["c: eval_type"],"approver":"olga",)"
        R"("snapshot":"3:0123456789abcdef","decided_ns":789})");
}

TEST_CASE("record_json: what is not known is left out, and an empty record denies") {
  CHECK(decision_of({}) ==
        R"({"event":"decision","id":"","time":"1970-01-01T00:00:00.000000Z",)"
        R"("caller":{"kind":"none"},"server":"","transport":"","direction":"",)"
        R"("arguments_bytes":0,"decision":"deny","allowed":false,"enforced":true,)"
        R"("reason":"none","snapshot":"","decided_ns":0})");
}

TEST_CASE("record_json: groups, roles, scopes and claims of a caller are never written") {
  Caller caller;
  caller.kind = CallerKind::user;
  caller.groups = {"hidden-group"};
  caller.roles = {"hidden-role"};
  caller.scopes = {"hidden-scope"};
  caller.claims = {{"hidden-name", "\"hidden-value\""}};
  Record record;
  record.caller = &caller;
  CHECK(decision_of(record).find("hidden") == std::string::npos);
}

TEST_CASE("record_json: a record that ends with its decision is one line with both") {
  Completion completion;
  completion.outcome = Outcome::denied;
  completion.reason = ErrorCode::tool_unknown;
  completion.latency_ns = 5;
  const std::string line = decision_of({}, &completion);
  CHECK(line.ends_with(R"("decided_ns":0,"outcome":"denied","outcome_reason":"tool_unknown",)"
                       R"("latency_ns":5})"));
}

TEST_CASE("record_json: an outcome names its record and how it ended") {
  Ticket ticket;
  std::memcpy(ticket.id, "0123456789abcdef0123456789abcdef", sizeof ticket.id);
  struct Case {
    Completion completion;
    const char* members;
  };
  const Case cases[] = {
      {{}, R"("outcome":"unknown","latency_ns":0)"},
      {{Outcome::completed, ErrorCode::none, 0, 7, 80, 2},
       R"("outcome":"completed","latency_ns":7,"reply_bytes":80,"items_removed":2)"},
      {{Outcome::withheld, ErrorCode::item_unclassified, 0, 7, 0, 0},
       R"("outcome":"withheld","outcome_reason":"item_unclassified","latency_ns":7)"},
      {{Outcome::failed, ErrorCode::none, 0, 1, 0, 0}, R"("outcome":"failed","latency_ns":1)"},
      {{Outcome::abandoned, ErrorCode::none, 0, 1, 0, 0},
       R"("outcome":"abandoned","latency_ns":1)"},
      {{Outcome::pending, ErrorCode::none, 0, 1, 0, 0}, R"("outcome":"pending","latency_ns":1)"},
      // From a host in another language, an enumerator that does not exist.
      {{static_cast<Outcome>(99), ErrorCode::none, 0, 1, 0, 0},
       R"("outcome":"unknown","latency_ns":1)"},
  };
  for (const Case& c : cases) {
    std::string line;
    append_outcome(line, ticket, c.completion);
    CHECK(line == R"({"event":"outcome","id":"0123456789abcdef0123456789abcdef",)"
                  R"("time":"1970-01-01T00:00:00.000000Z",)" +
                      std::string(c.members) + "}");
  }
}

}  // namespace
}  // namespace mcpgov::audit
