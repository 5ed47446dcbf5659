// What the operator says about how events look to those who receive them.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcpgov::audit {

enum class OcsfVersion : std::uint8_t { v1_8_0, v1_9_0_dev };

// The same for all events of one sink. Names and texts may be any: each format escapes them.
struct ProjectionSettings {
  std::string service_name = "mcpgov";  // OTLP `service.name`, ECS `service.name`
  std::string service_version = {};
  std::string service_instance = {};
  std::string host_name = {};
  // Further attributes of the OTLP resource.
  std::vector<std::pair<std::string, std::string>> resource = {};
  std::string schema_url = {};     // of OTLP; the conventions for MCP have no stable one
  bool identity_on_spans = false;  // `user.id` and its issuer; records always have them
  bool content_on_spans = false;   // stored arguments and results as attributes of spans
  OcsfVersion ocsf = OcsfVersion::v1_8_0;
  std::string splunk_index = {};  // empty: the token's
  std::string splunk_source = "mcpgov";
  std::string splunk_sourcetype = "mcpgov:audit";
  std::uint8_t syslog_facility = 13;  // log audit (RFC 5424 section 6.2.1); 0 to 23
  std::string syslog_app_name = "mcpgov";
  std::string syslog_process = {};          // PROCID; empty: not said
  std::uint32_t syslog_enterprise = 32473;  // for examples (RFC 5612), until there is an own one
  bool syslog_cef = false;                  // the message is CEF, not JSON
  std::uint32_t syslog_bytes = 8192;        // of one message
  std::string toolhive_component = {};      // empty: the event's server
};

// Of this library, such as 0.1.0. Static storage.
std::string_view product_version() noexcept;

}  // namespace mcpgov::audit
