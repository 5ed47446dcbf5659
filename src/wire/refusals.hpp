// One place that says how each refusal is answered: HTTP status and JSON-RPC code.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "mcpgov/wire.hpp"

namespace mcpgov::wire {

// JSON-RPC 2.0 §5.1; the last two are of MCP 2026-07-28 (basic, "Error Codes").
inline constexpr std::int32_t kParseError = -32700;
inline constexpr std::int32_t kInvalidRequest = -32600;
inline constexpr std::int32_t kMethodNotFound = -32601;
inline constexpr std::int32_t kInvalidParams = -32602;
inline constexpr std::int32_t kInternalError = -32603;
inline constexpr std::int32_t kHeaderMismatch = -32020;
inline constexpr std::int32_t kUnsupportedRevision = -32022;

// offset: bytes into the body; offsets beyond 32 bits cannot occur (Parser::parse limits the body).
Refusal refuse(ErrorCode code, std::size_t offset, Revision revision) noexcept;

inline Refusal refuse(ErrorCode code, std::size_t offset = 0) noexcept {
  return refuse(code, offset, Revision::none);
}

}  // namespace mcpgov::wire
