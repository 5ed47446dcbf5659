// Texts of JSON Schema's formats as values of policies: dates, durations, addresses, decimals.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "mcpgov/result.hpp"
#include "policy/value.hpp"

namespace mcpgov::request {

// A scalar read from text. code: none; argument_type (not of the format);
// argument_not_representable (of the format, but finer or larger than a policy value can be).
struct ScalarText {
  ErrorCode code = ErrorCode::argument_type;
  std::int64_t value = 0;
};

// ISO 8601 as RFC 3339 section 5.6 narrows it, with two liberties many writers take: a date alone,
// and a time without an offset, which is read as UTC. Milliseconds since 1970; a finer fraction is
// not representable. Leap seconds are no time of day here.
ScalarText iso_datetime(std::string_view text) noexcept;

// ISO 8601 as RFC 3339 appendix A narrows it: `P1DT12H`, `PT0.5S`. Milliseconds. A year is 365
// days and a month 30, which is what the MCP schema generator of Cedar takes them for.
ScalarText iso_duration(std::string_view text) noexcept;

// `1.50`, `-3`: a JSON number without an exponent, as 10^-4.
ScalarText decimal_text(std::string_view text) noexcept;

// An address without a prefix. An IPv6 address that maps an IPv4 one becomes that one, so that a
// rule about `10.0.0.0/8` cannot be passed by spelling.
std::optional<policy::Ip> ipv4_address(std::string_view text) noexcept;
std::optional<policy::Ip> ipv6_address(std::string_view text) noexcept;
// Either of the two.
std::optional<policy::Ip> ip_address(std::string_view text) noexcept;

}  // namespace mcpgov::request
