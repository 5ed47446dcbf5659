// Open Cybersecurity Schema Framework: API Activity (class 6003).
// Tested by tests/audit/project/shapes_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/project/forms.hpp"
#include "audit/project/meaning.hpp"
#include "base/json_writer.hpp"

namespace mcpgov::audit {

namespace {

struct Named {
  std::uint64_t id;
  std::string_view name;
};

void named(JsonWriter& out, std::string_view id_key, std::string_view name_key, Named value) {
  out.number(id_key, value.id);
  out.string(name_key, value.name);
}

void text_if(JsonWriter& out, std::string_view key, std::string_view value) {
  if (!value.empty()) out.string(key, value);
}

// By the reviewed class of the tool: what a tool says about itself does not count.
Named activity(const ParsedEvent& event) {
  if (event.tool_class == "read_only") return {2, "Read"};
  if (event.tool_class == "write") return {3, "Update"};
  if (event.tool_class == "destructive") return {4, "Delete"};
  if (event.target_kind == "tool" || !event.is_message()) return {99, "Execute"};
  const bool reads = event.method.ends_with("/list") || event.method.ends_with("/get") ||
                     event.method.ends_with("/read");
  return reads ? Named{2, "Read"} : Named{99, "Other"};
}

Named severity(const ParsedEvent& event) {
  switch (weight(event)) {
    case Weight::usual: break;
    case Weight::refused:
    case Weight::trouble: return {3, "Medium"};
    case Weight::refused_destructive: return {4, "High"};
    case Weight::broken: return {5, "Critical"};
  }
  return {1, "Informational"};
}

Named status(const ParsedEvent& event) {
  std::string digits;
  if (event.outcome.empty() || event.outcome == "unknown" || event.outcome == "pending") {
    return {0, "Unknown"};
  }
  const bool failed =
      !error_type(event, digits).empty() || event.rpc_code != 0 || event.outcome == "cancelled";
  return failed ? Named{2, "Failure"} : Named{1, "Success"};
}

// What was done about it (profile security_control).
void control(JsonWriter& out, const ParsedEvent& event) {
  const bool changed = event.items_removed != 0;
  Named action = changed ? Named{4, "Modified"} : Named{1, "Allowed"};
  Named disposition = changed ? Named{11, "Corrected"} : Named{1, "Allowed"};
  if (event.outcome == "pending") {
    action = {2, "Denied"};
    disposition = {14, "Delayed"};
  } else if (!event.allowed) {
    action = {2, "Denied"};
    disposition = {2, "Blocked"};
  } else if (!event.enforced) {
    action = {3, "Observed"};
    disposition = {15, "Detected"};
  } else if (!event.approver.empty()) {
    disposition = {8, "Approved"};
  }
  named(out, "action_id", "action", action);
  named(out, "disposition_id", "disposition", disposition);
  out.open_array("authorizations");
  for (const std::string_view policy : event.policies) {
    out.open_object({});
    out.string("decision", event.decided_allow ? "allow" : "deny");
    out.open_object("policy");
    out.string("uid", policy);
    text_if(out, "version", event.policy_digest);
    out.boolean("is_applied", event.enforced);
    out.string("type", "cedar");
    out.close_object();
    out.close_object();
  }
  if (event.policies.empty()) {
    out.open_object({});
    out.string("decision", event.decided_allow ? "allow" : "deny");
    out.close_object();
  }
  out.close_array();
}

void metadata(JsonWriter& out, const ParsedEvent& event, bool newest) {
  out.open_object("metadata");
  out.string("version", newest ? "1.9.0-dev" : "1.8.0");
  out.open_object("product");
  out.string("name", "mcpgov");
  out.string("vendor_name", "mcpgov");
  out.string("version", product_version());
  out.open_object("feature");
  out.string("name", "audit");
  out.close_object();
  out.close_object();
  out.open_array("profiles");
  if (event.is_message()) out.element("ai_operation");
  out.element("security_control");
  if (!event.trace_id.empty()) out.element("trace");
  out.close_array();
  text_if(out, "uid", event.id);
  text_if(out, "correlation_uid", event.trace_id);
  out.string("event_code", "mcp." + std::string(event.is_message() ? event.method : event.kind));
  if (event.seq != 0) out.number("sequence", event.seq);
  text_if(out, "tenant_uid", event.tenant);
  out.string("log_name", event.log.empty() ? std::string_view("mcpgov") : event.log);
  out.boolean("is_truncated", event.arguments.cut || event.result.cut || !event.cut.empty());
  out.close_object();
}

// At least one of user, session and app_name is required: the product speaks where there is none.
void actor(JsonWriter& out, const ParsedEvent& event) {
  out.open_object("actor");
  if (!event.caller.subject.empty()) {
    out.open_object("user");
    out.string("uid", event.caller.subject);
    named(out, "type_id", "type",
          event.caller.kind == "user" ? Named{1, "User"} : Named{3, "System"});
    text_if(out, "domain", event.caller.issuer);
    out.close_object();
  }
  if (!event.session.empty()) {
    out.open_object("session");
    out.string("uid", event.session);
    text_if(out, "issuer", event.session_source);
    out.close_object();
  }
  const std::string_view claimed = event.claimed.substr(0, event.claimed.find('/'));
  out.string("app_name", claimed.empty() ? std::string_view("mcpgov") : claimed);
  text_if(out, "app_uid", event.client);
  out.close_object();
}

void content(JsonWriter& out, const ParsedContent& content) {
  if (content.json.empty()) return;
  out.open_object("data");
  out.number("size", content.bytes);
  out.number("tokens", content.tokens);
  text_if(out, "hmac", content.digest);
  if (!content.value.empty()) out.raw("value", content.value);
  out.close_object();
}

void api(JsonWriter& out, const ParsedEvent& event) {
  out.open_object("api");
  out.string("operation",
             event.is_message() ? operation_name(event) : "mcpgov/" + std::string(event.kind));
  if (!event.server.empty()) {
    out.open_object("service");
    out.string("name", event.server);
    out.close_object();
  }
  // Its `uid` is required.
  const std::string request = request_text(event.request_id);
  if (event.is_message()) {
    out.open_object("request");
    out.string("uid", request.empty() ? event.id : std::string_view(request));
    content(out, event.arguments);
    out.close_object();
  }
  if (event.is_call()) {
    out.open_object("response");
    out.raw("code", std::to_string(event.rpc_code));
    text_if(out, "message", event.outcome);
    std::string digits;
    text_if(out, "error", error_type(event, digits));
    content(out, event.result);
    out.close_object();
  }
  out.close_object();
}

void trace(JsonWriter& out, const ParsedEvent& event) {
  if (event.trace_id.empty()) return;
  out.open_object("trace");
  out.string("uid", event.trace_id);
  if (event.is_call() && !event.span_id.empty()) {
    out.open_object("span");
    out.string("uid", event.span_id);
    text_if(out, "parent_uid", event.parent_id);
    out.number("start_time", event.time_us / 1000);
    out.number("end_time", (event.time_us + event.latency_ns / 1000) / 1000);
    out.number("duration", event.latency_ns / 1'000'000);
    out.string("operation", operation_name(event));
    out.close_object();
  }
  out.close_object();
}

void places(JsonWriter& out, const ParsedEvent& event) {
  out.open_object("src_endpoint");
  // `unix` and names of sockets are no addresses.
  const bool address = event.peer.find_first_of(".:") != std::string_view::npos;
  if (address) out.string("ip", event.peer);
  out.string("svc_name", event.is_message() ? "mcp-client" : "mcpgov");
  out.close_object();
  if (!event.server.empty()) {
    out.open_object("dst_endpoint");
    out.string("svc_name", event.server);
    out.close_object();
  }
  if (event.target.empty()) return;
  out.open_array("resources");
  out.open_object({});
  out.string("name", event.target);
  out.string("type", "mcp." + std::string(event.target_kind));
  out.close_object();
  out.close_array();
}

// Facts that the schema has no place for.
void rest(JsonWriter& out, const ParsedEvent& event) {
  out.open_object("unmapped");
  out.open_object("mcpgov");
  out.string("kind", event.kind);
  if (event.is_message()) {
    text_if(out, "reason", event.reason == "none" ? std::string_view() : event.reason);
    text_if(out, "class", event.tool_class);
    out.boolean("enforced", event.enforced);
    text_if(out, "outcome", event.outcome);
    text_if(out, "snapshot", event.snapshot);
    text_if(out, "approver", event.approver);
    out.number("latency_ns", event.latency_ns);
    out.number("decision_ns", event.decision_ns);
  }
  if (!event.actors.empty()) {
    out.open_array("actors");
    for (const ParsedParty& each : event.actors) out.element(each.subject);
    out.close_array();
  }
  out.close_object();
  out.close_object();
}

void context(JsonWriter& out, const ParsedEvent& event) {
  out.open_object("message_context");
  named(out, "ai_role_id", "ai_role", {3, "Tool"});
  out.open_object("service");
  out.string("name", event.server.empty() ? std::string_view("mcpgov") : event.server);
  out.close_object();
  if (!event.session.empty()) out.string("uid", event.session);
  out.close_object();
}

}  // namespace

bool append_ocsf(std::string& out, const ParsedEvent& event, const ProjectionSettings& settings) {
  const bool newest = settings.ocsf == OcsfVersion::v1_9_0_dev;
  const Named what = activity(event);
  JsonWriter json(out);
  metadata(json, event, newest);
  named(json, "category_uid", "category_name", {6, "Application Activity"});
  named(json, "class_uid", "class_name", {6003, "API Activity"});
  named(json, "activity_id", "activity_name", what);
  json.number("type_uid", 600300 + what.id);
  named(json, "severity_id", "severity", severity(event));
  json.number("time", event.time_us / 1000);
  named(json, "status_id", "status", status(event));
  if (event.rpc_code != 0) json.string("status_code", std::to_string(event.rpc_code));
  text_if(json, "status_detail", event.outcome_reason);
  if (event.is_message()) control(json, event);
  json.boolean("is_alert",
               weight(event) >= Weight::refused_destructive && weight(event) != Weight::trouble);
  actor(json, event);
  // New in 1.9: the agent that called, told from the user it called for.
  if (newest && event.caller.kind == "agent") {
    json.open_object("ai_agent");
    json.string("uid", event.caller.subject);
    json.string("name", event.caller.subject);
    text_if(json, "instance_uid", event.session);
    json.close_object();
  }
  if (event.is_message()) context(json, event);
  api(json, event);
  places(json, event);
  trace(json, event);
  rest(json, event);
  json.finish();
  return true;
}

}  // namespace mcpgov::audit
