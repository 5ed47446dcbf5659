// JSON of set-up: configuration, schemas, entities. Strict, with positions. Not for request time.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include "mcpgov/result.hpp"

namespace mcpgov {

// Zero admits nothing. members: items of all objects and arrays together.
struct JsonLimits {
  std::size_t bytes = 16 * 1024 * 1024;
  std::uint32_t depth = 64;
  std::size_t members = 5'000'000;
};

// Reads one JSON text (RFC 8259). A member named twice is an error, because readers differ in
// which one they believe; so are bytes after the value and numbers beyond a double's range.
// text: borrowed for the call. file: for errors. code: what every error carries.
// Errors: the code given, with line and column, never with bytes of the text.
// Throws: std::bad_alloc.
Result<nlohmann::json> parse_json(std::string_view text, const JsonLimits& limits,
                                  std::string_view file, ErrorCode code = ErrorCode::json_syntax);

}  // namespace mcpgov
