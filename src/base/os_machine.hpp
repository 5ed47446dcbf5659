// Which machine and process this is, and what a thread of ours may be here.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace mcpgov {

// Eight hexadecimal digits that change with every start of the machine; zeros where it does not
// say. Throws: std::bad_alloc.
std::string boot_name();

std::uint64_t process_id() noexcept;

// For the thread that calls: its name in the system's lists (at most 15 bytes), no signals, which
// are the host's business, and, if it is patient, only what others leave of the processor.
void settle_thread(const char* name, bool patient) noexcept;

}  // namespace mcpgov
