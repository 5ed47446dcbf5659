// Batches of events in each format.
// Tested by tests/audit/project/format_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/project/format.hpp"

#include <array>
#include <cstddef>

#include "audit/project/forms.hpp"

namespace mcpgov::audit {

namespace {

constexpr std::array<std::string_view, 10> kNames = {
    "json", "otlp-logs", "otlp-traces", "ocsf",     "ecs",
    "cef",  "splunk",    "syslog",      "toolhive", "webhook"};

// One event, and whether the form had something to say.
bool append_form(std::string& out, Format format, const ParsedEvent& event,
                 const ProjectionSettings& settings) {
  switch (format) {
    case Format::json: return append_json_line(out, event);
    case Format::otlp_logs: return append_otlp_log(out, event, settings);
    case Format::otlp_traces: return append_otlp_span(out, event, settings);
    case Format::ocsf: return append_ocsf(out, event, settings);
    case Format::ecs: return append_ecs(out, event, settings);
    case Format::cef: return append_cef(out, event);
    case Format::splunk: return append_splunk(out, event, settings);
    case Format::syslog: {
      std::string message;
      append_syslog(message, event, settings);
      out.append(std::to_string(message.size())).append(" ").append(message);
      return true;
    }
    case Format::toolhive: return append_toolhive(out, event, settings);
    case Format::webhook: return append_webhook(out, event);
  }
  return false;
}

bool is_array(Format format) noexcept {
  return format == Format::otlp_logs || format == Format::otlp_traces || format == Format::webhook;
}

}  // namespace

std::string_view format_name(Format format) noexcept {
  const auto at = static_cast<std::size_t>(format);
  return at < kNames.size() ? kNames[at] : std::string_view();
}

std::optional<Format> format_from(std::string_view name) noexcept {
  for (std::size_t at = 0; at < kNames.size(); ++at) {
    if (kNames[at] == name) return static_cast<Format>(at);
  }
  return std::nullopt;
}

std::string_view content_type(Format format) noexcept {
  switch (format) {
    case Format::otlp_logs:
    case Format::otlp_traces:
    case Format::splunk:
    case Format::webhook: return "application/json";
    case Format::json:
    case Format::ocsf:
    case Format::ecs:
    case Format::toolhive: return "application/x-ndjson";
    case Format::cef:
    case Format::syslog: break;
  }
  return "text/plain; charset=utf-8";
}

void open_batch(std::string& out, Format format, const ProjectionSettings& settings) {
  if (format == Format::webhook) {
    out += '[';
  } else if (is_array(format)) {
    open_otlp(out, format == Format::otlp_traces, settings);
  }
}

bool append_to_batch(std::string& out, Format format, const ParsedEvent& event,
                     const ProjectionSettings& settings) {
  const std::size_t before = out.size();
  if (is_array(format) && out.back() != '[') out += ',';
  if (!append_form(out, format, event, settings)) {
    out.resize(before);
    return false;
  }
  if (!is_array(format) && format != Format::syslog) out += '\n';
  return true;
}

void close_batch(std::string& out, Format format) {
  if (format == Format::webhook) {
    out += "]\n";
  } else if (is_array(format)) {
    close_otlp(out);
  }
}

}  // namespace mcpgov::audit
