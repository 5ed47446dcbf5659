// Events in the forms that other systems read, one by one or as the batches their protocols take.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audit/project/parsed_event.hpp"
#include "audit/project/settings.hpp"

namespace mcpgov::audit {

// docs/audit-format.md, section "Projections". A batch is the body of one request, or a stretch of
// a file or stream.
enum class Format : std::uint8_t {
  json,         // the event with `log` and `seq`, one a line
  otlp_logs,    // ExportLogsServiceRequest as JSON; with a line end, a line of an OTLP file
  otlp_traces,  // ExportTraceServiceRequest as JSON; calls only, the same
  ocsf,         // class 6003, one object a line
  ecs,          // Elastic Common Schema, one object a line
  cef,          // ArcSight Common Event Format, one a line
  splunk,       // HTTP Event Collector: objects one after the other
  syslog,       // RFC 5424, framed by octet counting (RFC 6587 section 3.4.1)
  toolhive,     // audit lines as ToolHive writes them; calls only
  webhook,      // a JSON array of {"log","seq","event"}
};

// `json`, `otlp-logs`, …
std::string_view format_name(Format format) noexcept;
std::optional<Format> format_from(std::string_view name) noexcept;
// The media type of a batch.
std::string_view content_type(Format format) noexcept;

// A batch is open_batch, append_to_batch for each event, close_batch, on the same string. Sizes:
// nothing but open_batch and close_batch adds to what append_to_batch adds.
// Throws: std::bad_alloc, all three.
void open_batch(std::string& out, Format format, const ProjectionSettings& settings);
// False: the format has nothing to say about this event, and nothing was appended.
bool append_to_batch(std::string& out, Format format, const ParsedEvent& event,
                     const ProjectionSettings& settings);
void close_batch(std::string& out, Format format);

}  // namespace mcpgov::audit
