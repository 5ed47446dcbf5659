// ArcSight Common Event Format, version 0.
// Tested by tests/audit/project/cef_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/project/escapes.hpp"
#include "audit/project/forms.hpp"
#include "audit/project/meaning.hpp"
#include "mcpgov/wire.hpp"

namespace mcpgov::audit {

namespace {

// Escaped in the header are the backslash and its separator, in values the backslash and `=`
// (Implementing ArcSight CEF, "Character Encoding").
constexpr std::string_view kHeader = "\\|";
constexpr std::string_view kValue = "\\=";
// What the dictionary of keys allows for the longest of them.
constexpr std::size_t kValueBytes = 1023;

void pair(std::string& out, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  out.append(" ").append(key).append("=");
  append_escaped(out, whole_characters(value, kValueBytes), kValue, true);
}

void number(std::string& out, std::string_view key, std::uint64_t value) {
  pair(out, key, std::to_string(value));
}

// One of the six texts and three numbers whose names a sender chooses.
void custom(std::string& out, std::string_view slot, std::string_view label,
            std::string_view value) {
  if (value.empty()) return;
  pair(out, std::string(slot) + "Label", label);
  pair(out, slot, value);
}

std::string_view title(const ParsedEvent& event) {
  if (!event.is_message()) return "MCP audit log";
  if (event.outcome == "pending") return "MCP message waits for approval";
  if (refused(event)) return "MCP message denied";
  if (!event.decided_allow) return "MCP message observed";
  if (event.kind == "intent") return "MCP message about to run";
  return event.outcome == "completed" ? "MCP message allowed" : "MCP message not completed";
}

std::string_view severity(const ParsedEvent& event) {
  switch (weight(event)) {
    case Weight::usual: break;
    case Weight::refused:
    case Weight::trouble: return "6";
    case Weight::refused_destructive: return "8";
    case Weight::broken: return "10";
  }
  return "2";
}

std::string joined(const std::vector<std::string_view>& texts) {
  std::string all;
  for (const std::string_view text : texts) {
    if (!all.empty()) all += ',';
    all += text;
  }
  return all;
}

void message(std::string& out, const ParsedEvent& event) {
  std::string digits;
  const bool failed = !error_type(event, digits).empty() || event.rpc_code != 0;
  pair(out, "suid", event.caller.subject);
  pair(out, "sntdom", event.caller.issuer);
  if (event.peer.find(':') != std::string_view::npos) {
    custom(out, "c6a2", "Source IPv6 Address", event.peer);
  } else if (event.peer.find('.') != std::string_view::npos) {
    pair(out, "src", event.peer);
  }
  pair(out, "dhost", event.server);
  pair(out, "app", "mcp");
  pair(out, "act", event.allowed ? "allow" : "deny");
  if (event.is_call()) pair(out, "outcome", failed ? "failure" : "success");
  pair(out, "reason", event.reason == "none" ? event.outcome_reason : event.reason);
  pair(out, "requestMethod", event.method);
  pair(out, "request", event.target);
  custom(out, "cs1", "policyIds", joined(event.policies));
  custom(out, "cs2", "sessionId", event.session);
  std::vector<std::string_view> subjects;
  for (const ParsedParty& actor : event.actors) subjects.push_back(actor.subject);
  custom(out, "cs3", "actorIds", joined(subjects));
  custom(out, "cs4", "traceId", event.trace_id);
  custom(out, "cs5", "toolClass", event.tool_class);
  custom(out, "cs6", "decision", event.decided_allow ? "allow" : "deny");
  custom(out, "cn1", "latencyUs", std::to_string(event.latency_ns / 1000));
  custom(out, "cn2", "inputSize", std::to_string(event.arguments.bytes));
  custom(out, "cn3", "outputSize", std::to_string(event.result.bytes));
}

}  // namespace

bool append_cef(std::string& out, const ParsedEvent& event) {
  out += "CEF:0|mcpgov|mcpgov|";
  append_escaped(out, product_version(), kHeader);
  out += '|';
  // Signatures are of a known set: what anybody can send stays out of the header, whose escapes
  // many readers do not know.
  const bool known = wire::method_from(event.method) != wire::Method::unknown;
  if (event.is_message()) {
    out += known ? event.method : std::string_view("unknown");
  } else {
    append_escaped(out, event.kind, kHeader);
  }
  out.append("|").append(title(event)).append("|").append(severity(event)).append("|");
  out.append("rt=").append(std::to_string(event.time_us / 1000));
  pair(out, "externalId", event.id);
  pair(out, "deviceExternalId", event.log);
  if (event.seq != 0) number(out, "mcpgovSeq", event.seq);
  if (event.is_message()) message(out, event);
  return true;
}

}  // namespace mcpgov::audit
