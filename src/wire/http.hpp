// The header fields that mirror a message, and whether they agree with it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "mcpgov/wire.hpp"

namespace mcpgov::wire {

// One header field: absent, or its value without surrounding white space.
struct Field {
  std::string_view value = {};
  bool present = false;
};

// What the header fields of one HTTP request say about its message. Read once per body.
struct HttpFacts {
  Field version;                        // MCP-Protocol-Version
  Field method;                         // Mcp-Method
  Field name;                           // Mcp-Name
  Revision revision = Revision::none;   // what `version` names
  ErrorCode fault = ErrorCode::none;    // of the fields: they refuse each message of the body
  ErrorCode refused = ErrorCode::none;  // of the request: it refuses the whole body
};

// Reads the request of a client on an HTTP transport; empty facts for everything else.
// Checks: POST; one `Content-Type` of application/json in UTF-8; no protocol field twice; values of
// RFC 9110 §5.5; a protocol version that is supported.
HttpFacts read_http(const ParseContext& context) noexcept;

// Whether Mcp-Method and Mcp-Name agree with a client's message, in every revision; and in modern
// ones whether they are there. message: classified, with target and revision.
// Spec: MCP 2026-07-28 transports, "Request Metadata Headers".
ErrorCode check_agreement(const HttpFacts& facts, const Message& message) noexcept;

// Whether a field's value (plain or `=?base64?…?=`) stands for `text`.
// Returns none, header_mismatch or header_encoding.
ErrorCode match_field(std::string_view value, std::string_view text) noexcept;

// The one field of this name, compared without case. Two of them give header_duplicated, a value
// with forbidden bytes header_encoding.
ErrorCode find_field(std::span<const Header> headers, std::string_view prefix,
                     std::string_view name, Field& found) noexcept;

}  // namespace mcpgov::wire
