// The two clocks.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace mcpgov {

// Microseconds since 1970-01-01T00:00:00Z; may step back when the system's clock is set.
std::uint64_t wall_clock_us() noexcept;

// Nanoseconds of a clock that never steps back; only differences mean something.
std::uint64_t steady_clock_ns() noexcept;

struct Clocks {
  std::uint64_t wall_us;
  std::uint64_t steady_ns;
};

// Both at once. A thread that asks often reads one of them and tells the other by the difference
// to its last reading of both, at most kClockTrust ago; so the wall clock follows a correction of
// the system's time that much later.
inline constexpr std::uint64_t kClockTrust = 10'000'000;  // ns
Clocks read_clocks() noexcept;

// Writes `2026-11-20T07:03:00.123456Z`, 27 characters, into out. Years 1970 to 9999.
inline constexpr std::size_t kTimestampSize = 27;
void write_timestamp(std::uint64_t time_us, char (&out)[kTimestampSize]) noexcept;

}  // namespace mcpgov
