// Where a message stands in a trace: W3C Trace Context, as MCP carries it (SEP-414).
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "mcpgov/audit.hpp"
#include "mcpgov/wire.hpp"

namespace mcpgov::detail {

// The parts of a `traceparent`, as views into it. False: it is not valid (W3C Trace Context section
// 3.2.2): the version is not 2 digits or is ff, an id is all zeros, a digit is no lower-case
// hexadecimal one, or version 00 goes on after its flags.
bool read_traceparent(std::string_view text, audit::Trace& out) noexcept;

// Of `_meta`, else of the headers; without a valid one a trace of its own begins, whose id is the
// record's. message: null for requests without a body. record_id: 32 hexadecimal digits. span_id:
// 16 bytes that the result shows, made from the record's id.
audit::Trace trace_of(const wire::Message* message, const HttpHead& http,
                      std::string_view record_id, char (&span_id)[16]) noexcept;

}  // namespace mcpgov::detail
