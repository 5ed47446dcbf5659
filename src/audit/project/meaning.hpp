// What an event means in words that several forms share.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "audit/project/parsed_event.hpp"

namespace mcpgov::audit {

// How much attention an event asks for.
enum class Weight : std::uint8_t { usual, refused, refused_destructive, trouble, broken };
Weight weight(const ParsedEvent& event) noexcept;

// Whether mcpgov refused it and that was enforced.
bool refused(const ParsedEvent& event) noexcept;

// Why the message failed as `error.type` of OpenTelemetry has it: a JSON-RPC code, `tool_error`,
// `mcpgov_denied`, …; empty: it did not. A server's span does not count the five codes that tell a
// client of its own mistake.
std::string_view error_type(const ParsedEvent& event, std::string& digits);

// `tools/call pay`: the method, and the target where that is a tool or a prompt.
std::string operation_name(const ParsedEvent& event);

// What a request's id is as text: a string's characters, or the number's digits.
std::string request_text(std::string_view json);

// The id of the connection's session as the protocol knows it: up to 2025-11-25, later there is
// none. Empty: not known.
std::string_view protocol_session(const ParsedEvent& event) noexcept;

// `pipe` for stdio, else `tcp`.
std::string_view network_transport(const ParsedEvent& event) noexcept;

}  // namespace mcpgov::audit
