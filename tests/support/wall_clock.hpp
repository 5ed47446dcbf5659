// A wall clock that a test can set, for this process only.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace mcpgov::test {

// Adds to what every reader of the system's wall clock gets from now on; 0: the truth again.
// False: not on this system.
bool set_wall_clock(std::int64_t ahead_ns) noexcept;

}  // namespace mcpgov::test
