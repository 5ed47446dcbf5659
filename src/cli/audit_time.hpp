// Times on the command line: a moment, or how long ago.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "mcpgov/result.hpp"

namespace mcpgov::cli {

// `2026-11-20T10:00:00Z` with or without decimals, `2026-11-20`, or ago: `90s`, `15m`, `24h`, `7d`,
// `2w`. Microseconds since 1970; an empty text is 0. Errors: audit_query.
Result<std::uint64_t> read_moment(std::string_view text, std::uint64_t now_us);

// Microseconds since 1970 of `2026-11-20T08:24:32.664720Z`, with any
// number of decimals. 0: it is no such time.
std::uint64_t parse_time(std::string_view text) noexcept;

}  // namespace mcpgov::cli
