// Encryption of stored content: AES-256-GCM with random nonces of 24 bytes (C2SP XAES-256-GCM).
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mcpgov::crypto {

inline constexpr std::size_t kSealKey = 32;
// Twice that of AES-GCM, whose random nonces of 12 bytes allow 2^32 texts with one key (NIST SP
// 800-38D section 8.3): a busy log has as many within hours. These allow 2^80.
inline constexpr std::size_t kSealNonce = 24;
inline constexpr std::size_t kSealTag = 16;  // at the end of what is sealed

using SealNonce = std::array<std::uint8_t, kSealNonce>;

// Appends text, encrypted, and its tag to out. bound: not stored, but needed to open it. False: the
// key has not 32 bytes, or there is no randomness; out is as before.
// Threads: thread-safe. Throws: std::bad_alloc.
[[nodiscard]] bool seal(std::string_view key, std::string_view bound, std::string_view text,
                        SealNonce& nonce, std::string& out);
// The same with a nonce that is given; for tests, as a nonce must never be used twice.
[[nodiscard]] bool seal_with(std::string_view key, std::string_view bound, std::string_view text,
                             const SealNonce& nonce, std::string& out);

// Appends the text to out. False: another key, another bound, or other bytes; out is as before.
// Threads: thread-safe. Throws: std::bad_alloc.
[[nodiscard]] bool open_sealed(std::string_view key, std::string_view bound, const SealNonce& nonce,
                               std::string_view sealed, std::string& out);

}  // namespace mcpgov::crypto
