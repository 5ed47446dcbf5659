// Audit lines as ToolHive writes them, for those who read them already.
// Tested by tests/audit/project/shapes_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>
#include <utility>

#include "audit/project/forms.hpp"
#include "audit/project/meaning.hpp"
#include "base/json_writer.hpp"
#include "base/os_time.hpp"

namespace mcpgov::audit {

namespace {

// toolhive-core, audit event types.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kTypes = {{
    {"initialize", "mcp_initialize"},
    {"tools/call", "mcp_tool_call"},
    {"tools/list", "mcp_tools_list"},
    {"resources/read", "mcp_resource_read"},
    {"resources/list", "mcp_resources_list"},
    {"prompts/get", "mcp_prompt_get"},
    {"prompts/list", "mcp_prompts_list"},
    {"notifications/message", "mcp_notification"},
    {"notifications/roots/list_changed", "mcp_roots_list_changed"},
    {"ping", "mcp_ping"},
    {"logging/setLevel", "mcp_logging"},
    {"completion/complete", "mcp_completion"},
}};

std::string_view type_of(std::string_view method) {
  for (const auto& [name, type] : kTypes) {
    if (name == method) return type;
  }
  return "mcp_request";
}

std::string_view outcome_of(const ParsedEvent& event) {
  if (refused(event) || event.outcome == "pending") return "denied";
  if (event.rpc_code != 0) return "application_error";
  if (event.outcome == "completed" || event.outcome == "input_required") return "success";
  if (event.outcome == "failed" || event.outcome == "cancelled") return "failure";
  return "error";
}

// Milliseconds, as Go's log writes them here.
std::string time_of(std::uint64_t time_us) {
  char text[kTimestampSize];
  write_timestamp(time_us, text);
  return std::string(text, 23) + "Z";
}

// The id in groups of 8, 4, 4, 4 and 12 digits.
std::string uuid_of(std::string_view id) {
  std::string out(id);
  if (out.size() != 32) return out;
  for (const std::size_t at : std::array<std::size_t, 4>{20, 16, 12, 8}) out.insert(at, 1, '-');
  return out;
}

void subjects(JsonWriter& out, const ParsedEvent& event) {
  out.open_object("subjects");
  const bool known = !event.caller.subject.empty();
  out.string("user", known ? event.caller.subject : std::string_view("anonymous"));
  if (known) out.string("user_id", event.caller.subject);
  const std::size_t slash = event.claimed.find('/');
  if (!event.claimed.empty()) out.string("client_name", event.claimed.substr(0, slash));
  if (slash != std::string_view::npos) {
    out.string("client_version", event.claimed.substr(slash + 1));
  }
  out.close_object();
  if (event.actors.empty()) return;
  out.open_object("delegation");
  out.open_array("chain");
  for (const ParsedParty& actor : event.actors) {
    out.open_object({});
    if (!actor.issuer.empty()) out.string("iss", actor.issuer);
    if (!actor.subject.empty()) out.string("sub", actor.subject);
    out.close_object();
  }
  out.close_array();
  out.boolean("truncated", false);
  out.number("omitted", 0);
  out.boolean("malformed", false);
  out.close_object();
}

void target(JsonWriter& out, const ParsedEvent& event) {
  out.open_object("target");
  out.string("method", event.method);
  if (!event.target.empty()) out.string("name", event.target);
  const std::string_view kind = event.target_kind;
  out.string("type", kind.empty() || kind == "task" ? std::string_view("endpoint") : kind);
  out.close_object();
}

void metadata(JsonWriter& out, const ParsedEvent& event) {
  out.open_object("metadata");
  out.open_object("extra");
  out.number("duration_ms", event.latency_ns / 1'000'000);
  out.string("transport", event.transport == "http_sse" ? std::string_view("sse")
                          : event.transport == "stdio"  ? std::string_view("stdio")
                                                        : std::string_view("http"));
  if (event.reply_bytes != 0) out.number("response_size_bytes", event.reply_bytes);
  if (!event.server.empty()) out.string("backend_name", event.server);
  if (event.rpc_code != 0) out.raw("jsonrpc_error_code", std::to_string(event.rpc_code));
  out.close_object();
  out.close_object();
  if (event.arguments.value.empty() && event.result.value.empty()) return;
  out.open_object("data");
  if (!event.arguments.value.empty()) out.raw("request", event.arguments.value);
  if (!event.result.value.empty()) out.raw("response", event.result.value);
  out.close_object();
}

}  // namespace

bool append_toolhive(std::string& out, const ParsedEvent& event,
                     const ProjectionSettings& settings) {
  if (!event.is_call()) return false;
  const std::string ended = time_of(event.time_us + event.latency_ns / 1000);
  JsonWriter json(out);
  json.string("time", ended);
  json.string("level", "AUDIT");
  json.string("msg", "audit_event");
  json.string("audit_id", uuid_of(event.id));
  json.string("type", type_of(event.method));
  json.string("logged_at", ended);
  json.string("outcome", outcome_of(event));
  json.string("component", settings.toolhive_component.empty()
                               ? event.server
                               : std::string_view(settings.toolhive_component));
  json.open_object("source");
  json.string("type", event.transport == "stdio" ? "local" : "network");
  json.string("value", event.peer);
  json.close_object();
  subjects(json, event);
  target(json, event);
  metadata(json, event);
  json.finish();
  return true;
}

}  // namespace mcpgov::audit
