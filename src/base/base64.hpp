// Standard base64 with padding: encoded, decoded, or compared without decoding into memory.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mcpgov {

enum class Base64Match : std::uint8_t { equal, different, malformed };

// Whether `encoded` is the base64 (RFC 4648 §4) of `plain`. Malformed: a character outside the
// alphabet, missing or misplaced padding, or bits set that no encoder sets (RFC 4648 §3.5).
// Malformed wins over different, wherever in the text it is.
Base64Match match_base64(std::string_view encoded, std::string_view plain) noexcept;

// Appends the bytes to `plain`. False, with `plain` as it was: malformed, as above.
// Throws: std::bad_alloc.
bool decode_base64(std::string_view encoded, std::string& plain);

// Throws: std::bad_alloc.
std::string encode_base64(std::string_view plain);

}  // namespace mcpgov
