// Elastic Common Schema 8.
// Tested by tests/audit/project/shapes_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/project/forms.hpp"
#include "audit/project/meaning.hpp"
#include "base/json_writer.hpp"

namespace mcpgov::audit {

namespace {

void text_if(JsonWriter& out, std::string_view key, std::string_view value) {
  if (!value.empty()) out.string(key, value);
}

void object_if(JsonWriter& out, std::string_view key, std::string_view name,
               std::string_view value) {
  if (value.empty()) return;
  out.open_object(key);
  out.string(name, value);
  out.close_object();
}

// `success` and `failure` are the caller's: a call that was rightly refused has failed.
std::string_view outcome(const ParsedEvent& event) {
  if (event.outcome.empty() || event.outcome == "unknown" || event.outcome == "pending") {
    return "unknown";
  }
  std::string digits;
  const bool failed = !error_type(event, digits).empty() || event.rpc_code != 0;
  return failed ? "failure" : "success";
}

void event_fields(JsonWriter& out, const ParsedEvent& event) {
  out.open_object("event");
  out.string("kind", weight(event) == Weight::broken ? "alert" : "event");
  out.open_array("category");
  out.element("api");
  out.close_array();
  out.open_array("type");
  if (event.is_message()) {
    out.element("access");
    out.element(event.allowed ? "allowed" : "denied");
  } else {
    out.element("info");
  }
  out.close_array();
  out.string("action", event.is_message() && !event.method.empty() ? event.method : event.kind);
  out.string("outcome", outcome(event));
  text_if(out, "id", event.id);
  if (event.seq != 0) out.number("sequence", event.seq);
  out.string("module", "mcpgov");
  out.string("dataset", "mcpgov.audit");
  out.string("start", event.time);
  if (event.is_call()) out.number("duration", event.latency_ns);
  if (event.reason != "none") text_if(out, "reason", event.reason);
  out.close_object();
}

void people(JsonWriter& out, const ParsedEvent& event) {
  if (!event.caller.subject.empty()) {
    out.open_object("user");
    out.string("id", event.caller.subject);
    text_if(out, "domain", event.caller.issuer);
    out.close_object();
  }
  object_if(out, "client", "address", event.peer);
  object_if(out, "organization", "id", event.tenant);
}

void policies(JsonWriter& out, const ParsedEvent& event) {
  if (event.policies.empty()) return;
  out.open_object("rule");
  out.open_array("id");
  for (const std::string_view policy : event.policies) out.element(policy);
  out.close_array();
  text_if(out, "version", event.policy_digest);
  out.close_object();
}

void content(JsonWriter& out, std::string_view key, const ParsedContent& content) {
  if (content.json.empty()) return;
  out.open_object(key);
  out.number("bytes", content.bytes);
  out.number("tokens", content.tokens);
  text_if(out, "hmac", content.digest);
  // As text: objects of any shape would end in as many fields of the index.
  text_if(out, "text", content.value);
  out.close_object();
}

void own(JsonWriter& out, const ParsedEvent& event) {
  out.open_object("mcpgov");
  out.string("kind", event.kind);
  text_if(out, "log", event.log);
  if (event.is_message()) {
    out.string("decision", event.decided_allow ? "allow" : "deny");
    out.boolean("enforced", event.enforced);
    text_if(out, "outcome", event.outcome);
    text_if(out, "class", event.tool_class);
    text_if(out, "snapshot", event.snapshot);
    text_if(out, "approver", event.approver);
    out.number("decision_ns", event.decision_ns);
    object_if(out, "session", "id", event.session);
    object_if(out, "caller", "kind", event.caller.kind);
    content(out, "input", event.arguments);
    content(out, "output", event.result);
  }
  out.close_object();
}

}  // namespace

bool append_ecs(std::string& out, const ParsedEvent& event, const ProjectionSettings& settings) {
  JsonWriter json(out);
  json.string("@timestamp", event.time);
  object_if(json, "ecs", "version", "8.11.0");
  event_fields(json, event);
  people(json, event);
  policies(json, event);
  json.open_object("service");
  json.string("name", settings.service_name);
  text_if(json, "version", settings.service_version);
  json.close_object();
  object_if(json, "host", "name", settings.host_name);
  object_if(json, "server", "address", event.server);
  object_if(json, "trace", "id", event.trace_id);
  object_if(json, "span", "id", event.span_id);
  // Names that OpenTelemetry and this schema share.
  text_if(json, "mcp.method.name", event.method);
  if (event.target_kind == "tool") text_if(json, "gen_ai.tool.name", event.target);
  if (event.target_kind == "prompt") text_if(json, "gen_ai.prompt.name", event.target);
  if (event.target_kind == "resource") text_if(json, "mcp.resource.uri", event.target);
  std::string digits;
  object_if(json, "error", "type", error_type(event, digits));
  own(json, event);
  json.finish();
  return true;
}

}  // namespace mcpgov::audit
