// One event in each form; format.hpp makes batches of them.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "audit/project/parsed_event.hpp"
#include "audit/project/settings.hpp"

namespace mcpgov::audit {

// Each appends one event without separators, and says nothing that the event does not hold. False:
// the form has nothing for this event, and nothing was appended. Throws: std::bad_alloc.

// LogRecord of the OpenTelemetry protocol. Body: the event's own text, so that whoever has it can
// compute the leaf of the log's tree again.
bool append_otlp_log(std::string& out, const ParsedEvent& event,
                     const ProjectionSettings& settings);
// Span of a call: SERVER for what a client sent, CLIENT for what the server did.
bool append_otlp_span(std::string& out, const ParsedEvent& event,
                      const ProjectionSettings& settings);
// Resource and scope around them: `{"resourceLogs":[…{"logRecords":[` and its end.
void open_otlp(std::string& out, bool spans, const ProjectionSettings& settings);
void close_otlp(std::string& out);

bool append_ocsf(std::string& out, const ParsedEvent& event, const ProjectionSettings& settings);
bool append_ecs(std::string& out, const ParsedEvent& event, const ProjectionSettings& settings);
bool append_cef(std::string& out, const ParsedEvent& event);
bool append_splunk(std::string& out, const ParsedEvent& event, const ProjectionSettings& settings);
// One RFC 5424 message, at most settings.syslog_bytes, without framing.
bool append_syslog(std::string& out, const ParsedEvent& event, const ProjectionSettings& settings);
bool append_toolhive(std::string& out, const ParsedEvent& event,
                     const ProjectionSettings& settings);
// `{"log":…,"seq":…,` and the event's own members; the stored bytes are `{` and what follows.
bool append_json_line(std::string& out, const ParsedEvent& event);
bool append_webhook(std::string& out, const ParsedEvent& event);

}  // namespace mcpgov::audit
