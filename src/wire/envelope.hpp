// From the outline of one JSON object to a Message: shape, revision, method, target.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mcpgov/wire.hpp"
#include "wire/document.hpp"
#include "wire/http.hpp"

namespace mcpgov::wire {

// The revision of a body before its message says otherwise: negotiated, else named by the header,
// else what the transport assumes (MCP 2025-11-25 streamable HTTP, "Protocol Version Header").
Revision assumed_revision(const ParseContext& context, const HttpFacts& facts) noexcept;

// Fills `message` from state.outline. A fault ends in message.refusal.
// Throws std::bad_alloc (many entries of subscriptions/listen).
void read_envelope(Parser::State& state, const ParseContext& context, const HttpFacts& facts,
                   Message& message);

// Reads the members of `params` that the method gives a meaning; part of read_envelope.
// Returns none or what refuses the message, with the offset of the member.
Refusal read_params(Parser::State& state, Message& message);

}  // namespace mcpgov::wire
