// CRC32C (Castagnoli, RFC 3720 appendix B.4): finds bytes that a disk or a torn write changed.
// It is no protection against people.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace mcpgov {

// The sum of what `former` is the sum of, followed by bytes; 0 is the sum of nothing.
// Threads: thread-safe.
std::uint32_t crc32c(std::uint32_t former, std::string_view bytes) noexcept;

// The same without the processor's instruction, for tests.
std::uint32_t crc32c_portable(std::uint32_t former, std::string_view bytes) noexcept;

}  // namespace mcpgov
