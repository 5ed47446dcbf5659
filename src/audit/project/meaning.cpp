// What an event means in words that several forms share.
// Tested by tests/audit/project/shapes_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/project/meaning.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "audit/project/settings.hpp"
#include "wire/spans.hpp"

namespace mcpgov::audit {

std::string_view product_version() noexcept {
  return MCPGOV_PRODUCT_VERSION;
}

bool refused(const ParsedEvent& event) noexcept {
  if (event.outcome == "pending") return false;
  return event.outcome == "denied" || (event.is_message() && !event.allowed);
}

Weight weight(const ParsedEvent& event) noexcept {
  if (event.kind == "loss") return Weight::broken;
  if (event.kind == "recovery") return Weight::trouble;
  if (!event.is_message()) return Weight::usual;
  if (refused(event)) {
    return event.tool_class == "destructive" ? Weight::refused_destructive : Weight::refused;
  }
  if (event.outcome == "unknown") return Weight::trouble;
  return Weight::usual;
}

namespace {

// Codes of a client's own mistakes: no error of the server that answers them (OpenTelemetry,
// semantic conventions for MCP, server spans; their fifth, -32002, is of revisions to 2025-11-25).
constexpr std::array<std::int64_t, 5> kClientMistakes = {-32700, -32600, -32601, -32602, -32002};

}  // namespace

std::string_view error_type(const ParsedEvent& event, std::string& digits) {
  if (event.outcome == "cancelled") return {};
  if (refused(event)) return "mcpgov_denied";
  if (event.outcome == "withheld") return "mcpgov_withheld";
  if (event.outcome == "abandoned") return "mcpgov_abandoned";
  if (event.outcome == "unknown") return "_OTHER";
  if (event.tool_error) return "tool_error";
  if (event.rpc_code != 0) {
    const bool mistake = std::find(kClientMistakes.begin(), kClientMistakes.end(),
                                   event.rpc_code) != kClientMistakes.end();
    if (mistake && event.direction != "from_server") return {};
    digits = std::to_string(event.rpc_code);
    return digits;
  }
  return event.outcome == "failed" ? std::string_view("_OTHER") : std::string_view();
}

std::string operation_name(const ParsedEvent& event) {
  std::string name(event.method.empty() ? std::string_view("unknown") : event.method);
  const bool named = event.target_kind == "tool" || event.target_kind == "prompt";
  if (named && !event.target.empty()) name.append(" ").append(event.target);
  return name;
}

std::string request_text(std::string_view json) {
  std::string text;
  if (json.empty() || json == "null") return text;
  if (json.front() != '"') return std::string(json);
  wire::append_decoded(json, text);
  return text;
}

std::string_view protocol_session(const ParsedEvent& event) noexcept {
  // Revisions are dates and compare as text; 2026-07-28 is the first without sessions.
  if (!event.protocol.empty() && event.protocol >= "2026-07-28") return {};
  if (!event.connection.empty()) return event.connection;
  return event.session_source == "claim" || event.session_source == "protocol" ? event.session
                                                                               : std::string_view();
}

std::string_view network_transport(const ParsedEvent& event) noexcept {
  return event.transport == "stdio" ? "pipe" : "tcp";
}

}  // namespace mcpgov::audit
