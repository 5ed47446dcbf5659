// Why simdjson refused a text, and where: its errors carry no position.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "mcpgov/result.hpp"

namespace mcpgov::wire {

struct Diagnosis {
  ErrorCode code = ErrorCode::json_syntax;
  std::size_t offset = 0;
};

// The first fault of a text that is already refused. It never decides: a text in which it finds no
// fault is still refused, as json_syntax at 0.
// Linear, without recursion; containers deeper than `depth` give message_too_deep.
// Codes: json_syntax, utf8_invalid, trailing_bytes, message_too_deep, number_out_of_range.
Diagnosis diagnose(std::string_view text, std::size_t depth);

// The offset of the first `\u` escape of half a surrogate pair in a valid JSON text, or npos.
// Decoders disagree about it: some refuse, some give U+FFFD, some give invalid UTF-8 (RFC 8259
// §8.2).
std::size_t find_unpaired_surrogate(std::string_view text) noexcept;

}  // namespace mcpgov::wire
