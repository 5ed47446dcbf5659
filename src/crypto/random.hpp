// Random bytes, and comparing secrets without telling where they differ.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mcpgov::crypto {

// Fills out from the system's cryptographic generator. False: there is none, and out is all zeros;
// a caller must not go on with them. Threads: thread-safe.
[[nodiscard]] bool random_bytes(std::span<std::uint8_t> out) noexcept;

// Whether two secrets are equal, in a time that depends on their lengths only.
// Threads: thread-safe.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

}  // namespace mcpgov::crypto
