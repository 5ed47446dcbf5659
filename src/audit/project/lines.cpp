// Forms that carry the event's own members: JSON lines, webhooks and Splunk's collector.
// Tested by tests/audit/project/format_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/project/forms.hpp"
#include "audit/project/otlp.hpp"
#include "base/json_writer.hpp"

namespace mcpgov::audit {

bool append_json_line(std::string& out, const ParsedEvent& event) {
  const bool placed = !event.log.empty() || event.seq != 0;
  if (placed) {
    JsonWriter json(out);
    // A second `log` would make two readings of one line.
    if (!event.names_log) json.string("log", event.log);
    json.number("seq", event.seq);
    out += ',';
  }
  out += event.text.substr(placed ? 1 : 0);
  return true;
}

bool append_webhook(std::string& out, const ParsedEvent& event) {
  JsonWriter json(out);
  json.string("log", event.log);
  json.number("seq", event.seq);
  out.append(",\"event\":").append(event.text);
  json.finish();
  return true;
}

bool append_splunk(std::string& out, const ParsedEvent& event, const ProjectionSettings& settings) {
  JsonWriter json(out);
  // Seconds since 1970 with the microseconds as decimals.
  json.raw("time", seconds_text(event.time_us * 1000));
  if (!settings.host_name.empty()) json.string("host", settings.host_name);
  json.string("source", settings.splunk_source);
  json.string("sourcetype", settings.splunk_sourcetype);
  if (!settings.splunk_index.empty()) json.string("index", settings.splunk_index);
  out += ",\"event\":";
  append_json_line(out, event);
  // Flat, and indexed: what dashboards filter by.
  json.open_object("fields");
  json.string("kind", event.kind);
  if (event.is_message()) {
    json.string("id", event.id);
    json.string("decision", event.decided_allow ? "allow" : "deny");
    if (!event.outcome.empty()) json.string("outcome", event.outcome);
  }
  json.close_object();
  json.finish();
  return true;
}

}  // namespace mcpgov::audit
