// A record as a governor hands it over, and sameness of two.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mcpgov/audit.hpp"

namespace mcpgov::test {

// 32 hexadecimal digits.
inline std::string id_of(std::uint64_t number, std::uint64_t group = 0) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(group),
                static_cast<unsigned long long>(number));
  return text;
}

// Everything that a record may have; its views point into itself.
struct Sample {
  Caller caller;
  std::string id = id_of(1);
  std::string_view policies[2] = {"shop/permit-analysts", "shop/limit"};
  std::string_view errors[1] = {"shop/old: policy_type"};
  audit::Record record;
  audit::Completion completion;

  Sample() {
    caller.kind = CallerKind::user;
    caller.issuer = "https://login.example.com";
    caller.subject = "7c3f1c2e-5b7e";
    caller.client = "agent-host";
    caller.agent_session = "0198f2b4c1d27e55";
    caller.agent_session_source = "token";
    caller.actors = {{CallerKind::agent, "https://login.example.com", "planner"},
                     {CallerKind::workload, "spiffe", "spiffe://example.com/runner"}};
    caller.workload = {CallerKind::workload, "spiffe", "spiffe://example.com/gateway"};
    caller.acr = "2";
    caller.auth_time_s = 1763620000;
    caller.evidence.kind = EvidenceKind::token;
    caller.evidence.token_id = "a1b2c3d4e5f60718";
    caller.evidence.key_id = "key-1";
    caller.evidence.algorithm = "RS256";
    caller.evidence.bound_to = "thumbprint";
    record.id = id;
    record.time_us = 1763620000123456;
    record.caller = &caller;
    record.client = "host/2.1.0";
    record.session = "5f0c9e7b";
    record.tenant = "acme";
    record.server = "shop";
    record.transport = "streamable_http";
    record.peer = "10.1.2.3";
    record.protocol = "2026-07-28";
    record.direction = "from_client";
    record.method = "tools/call";
    record.target = "query_orders";
    record.target_kind = "tool";
    record.request_id = "42";
    record.arguments = R"({"customer":"c-17"})";
    record.arguments_bytes = record.arguments.size();
    record.tool_class = audit::ToolClass::read_only;
    record.open_world = true;
    record.allowed = record.decision = true;
    record.policies = policies;
    record.policy_errors = errors;
    record.approver = "https://login.example.com#boss";
    record.snapshot = "12 5e884898";
    record.policy_digest = "5e884898da280471";
    record.limits = R"({"calls":1})";
    record.credential = R"({"audience":"db"})";
    record.decided_ns = 12345;
    record.trace.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
    record.trace.span_id = "00f067aa0ba902b7";
    record.trace.parent_id = "b7ad6b7169203331";
    record.trace.state = "vendor=1";
    record.trace.flags = 1;
    record.trace.from_message = true;
    completion.outcome = audit::Outcome::completed;
    completion.time_us = record.time_us + 900;
    completion.latency_ns = 912345;
    completion.reply_bytes = 512;
    completion.items = 9;
    completion.items_removed = 2;
    completion.result = R"({"content":[]})";
    completion.result_bytes = completion.result.size();
    completion.rpc_code = -32000;
    completion.tool_error = true;
  }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;
};

}  // namespace mcpgov::test
