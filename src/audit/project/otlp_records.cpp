// Log records and spans of the OpenTelemetry protocol, by the semantic conventions for MCP.
// Tested by tests/audit/project/shapes_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "audit/project/forms.hpp"
#include "audit/project/meaning.hpp"
#include "audit/project/otlp.hpp"

namespace mcpgov::audit {

namespace {

bool hexadecimal(std::string_view text, std::size_t size) {
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  return digits && text.size() == size && text.find_first_not_of('0') != std::string_view::npos;
}

struct Ids {
  std::string_view trace;
  std::string_view span;
  std::string_view parent;
};

// Where a message is in a trace. Without a context that is valid it is a trace of its own.
Ids ids_of(const ParsedEvent& event) {
  if (hexadecimal(event.trace_id, 32) && hexadecimal(event.span_id, 16)) {
    return {event.trace_id, event.span_id,
            hexadecimal(event.parent_id, 16) ? event.parent_id : std::string_view()};
  }
  if (!hexadecimal(event.id, 32)) return {};
  return {event.id, event.id.substr(16), {}};
}

// What the conventions define.
void conventional(Attributes& out, const ParsedEvent& event) {
  out.text("mcp.method.name", event.method);
  if (event.target_kind == "tool") {
    out.text("gen_ai.tool.name", event.target);
    if (event.method == "tools/call") out.text("gen_ai.operation.name", "execute_tool");
  } else if (event.target_kind == "prompt") {
    out.text("gen_ai.prompt.name", event.target);
  } else if (event.target_kind == "resource") {
    out.text("mcp.resource.uri", event.target);
  }
  out.text("jsonrpc.request.id", request_text(event.request_id));
  out.text("mcp.protocol.version", event.protocol);
  out.text("mcp.session.id", protocol_session(event));
  out.text("network.transport", network_transport(event));
  if (event.transport != "stdio") out.text("network.protocol.name", "http");
  out.text("client.address", event.peer);
  if (event.rpc_code != 0) out.text("rpc.response.status_code", std::to_string(event.rpc_code));
  std::string digits;
  out.text("error.type", error_type(event, digits));
}

void content(Attributes& out, std::string_view name, const ParsedContent& content) {
  if (content.json.empty()) return;
  const std::string prefix = "mcpgov." + std::string(name);
  out.integer(prefix + ".size", content.bytes);
  out.integer(prefix + ".tokens", content.tokens);
  out.text(prefix + ".hmac", content.digest);
}

// What they do not define yet. The verdict and what was enforced are two attributes.
void governed(Attributes& out, const ParsedEvent& event) {
  out.text("mcpgov.event.id", event.id);
  if (event.seq != 0) out.integer("mcpgov.seq", event.seq);
  out.text("mcpgov.log.origin", event.log);
  out.text("mcpgov.decision", event.decided_allow ? "allow" : "deny");
  out.boolean("mcpgov.enforced", event.enforced);
  if (event.reason != "none") out.text("mcpgov.decision.reason", event.reason);
  out.texts("mcpgov.policy.ids", event.policies);
  out.text("mcpgov.policy.revision", event.policy_digest);
  out.seconds("mcpgov.decision.latency", event.decision_ns);
  out.text("mcpgov.outcome", event.outcome);
  out.text("mcpgov.outcome.reason", event.outcome_reason);
  out.text("mcpgov.tool.class", event.tool_class);
  out.text("mcpgov.direction", event.direction);
  out.text("mcpgov.server", event.server);
  out.text("mcpgov.tenant", event.tenant);
  // The agent's session, which the protocol itself no longer has.
  out.text("session.id", event.session);
  out.text("mcpgov.session.id", event.session);
  out.text("mcpgov.session.source", event.session_source);
  content(out, "input", event.arguments);
  content(out, "output", event.result);
}

void identity(Attributes& out, const ParsedEvent& event) {
  out.text("user.id", event.caller.subject);
  out.text("mcpgov.caller.kind", event.caller.kind);
  out.text("mcpgov.caller.issuer", event.caller.issuer);
  out.text("mcpgov.caller.client", event.client);
  out.text("mcpgov.client.claimed", event.claimed);
  out.text("mcpgov.approver", event.approver);
  if (event.actors.empty()) return;
  std::vector<std::string_view> subjects;
  for (const ParsedParty& actor : event.actors) subjects.push_back(actor.subject);
  out.texts("mcpgov.actors", subjects);
}

struct Severity {
  std::uint64_t number;  // opentelemetry-proto, logs.proto, SeverityNumber
  std::string_view text;
};

Severity severity_of(const ParsedEvent& event) {
  switch (weight(event)) {
    case Weight::usual: break;
    case Weight::refused:
    case Weight::refused_destructive:
    case Weight::trouble: return {13, "WARN"};
    case Weight::broken: return {17, "ERROR"};
  }
  return {9, "INFO"};
}

void status(JsonWriter& out, const ParsedEvent& event) {
  std::string digits;
  const std::string_view type = error_type(event, digits);
  out.open_object("status");
  if (!type.empty()) {
    const bool said = !event.outcome_reason.empty();
    if (said || refused(event)) out.string("message", said ? event.outcome_reason : event.reason);
    out.number("code", 2);
  }
  out.close_object();
}

}  // namespace

bool append_otlp_log(std::string& out, const ParsedEvent& event, const ProjectionSettings&) {
  JsonWriter json(out);
  append_long(json, "timeUnixNano", event.time_us * 1000);
  // When the decision or the end was seen.
  append_long(json, "observedTimeUnixNano", event.time_us * 1000 + event.latency_ns);
  const Severity severity = severity_of(event);
  json.number("severityNumber", severity.number);
  json.string("severityText", severity.text);
  json.string("eventName", "mcpgov." + std::string(event.kind));
  const Ids ids = event.is_message() ? ids_of(event) : Ids{};
  if (!ids.trace.empty()) {
    json.string("traceId", ids.trace);
    json.string("spanId", ids.span);
    json.number("flags", event.trace_flags);
  }
  json.open_object("body");
  json.string("stringValue", event.text);
  json.close_object();
  Attributes attributes(json);
  if (event.is_message()) {
    conventional(attributes, event);
    governed(attributes, event);
    identity(attributes, event);
  } else {
    if (event.seq != 0) attributes.integer("mcpgov.seq", event.seq);
    attributes.text("mcpgov.log.origin", event.log);
  }
  attributes.close();
  json.finish();
  return true;
}

bool append_otlp_span(std::string& out, const ParsedEvent& event,
                      const ProjectionSettings& settings) {
  const Ids ids = ids_of(event);
  if (!event.is_call() || ids.trace.empty()) return false;
  // trace.proto, SpanFlags: whether the parent is remote is known; it is, where there is one.
  constexpr std::uint64_t kKnown = 0x100;
  constexpr std::uint64_t kRemote = 0x200;
  JsonWriter json(out);
  json.string("traceId", ids.trace);
  json.string("spanId", ids.span);
  if (!event.trace_state.empty()) json.string("traceState", event.trace_state);
  if (!ids.parent.empty()) json.string("parentSpanId", ids.parent);
  json.number("flags", event.trace_flags | kKnown | (ids.parent.empty() ? 0 : kRemote));
  json.string("name", operation_name(event));
  // SPAN_KIND_SERVER, or CLIENT for requests that the server makes.
  json.number("kind", event.direction == "from_server" ? 3 : 2);
  append_long(json, "startTimeUnixNano", event.time_us * 1000);
  append_long(json, "endTimeUnixNano", event.time_us * 1000 + event.latency_ns);
  Attributes attributes(json);
  conventional(attributes, event);
  governed(attributes, event);
  if (settings.identity_on_spans) identity(attributes, event);
  if (settings.content_on_spans && event.target_kind == "tool") {
    attributes.text("gen_ai.tool.call.arguments", event.arguments.value);
    attributes.text("gen_ai.tool.call.result", event.result.value);
  }
  attributes.close();
  status(json, event);
  json.finish();
  return true;
}

}  // namespace mcpgov::audit
