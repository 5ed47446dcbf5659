// Base64url without padding, read strictly: one text for each byte string (RFC 7515 appendix C).
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mcpgov::identity {

// Upper bound of the bytes of a text of this length.
constexpr std::size_t base64url_room(std::size_t text) noexcept {
  return text / 4 * 3 + 2;
}

// Writes the bytes to out, which has room for base64url_room(text.size()) of them, and returns how
// many; base64url_bad when the text holds padding, white space or anything else that is not of the
// alphabet, cannot be the end of an encoding, or sets bits that no encoder sets (RFC 4648
// section 3.5). Threads: thread-safe.
inline constexpr std::size_t base64url_bad = static_cast<std::size_t>(-1);
std::size_t decode_base64url(std::string_view text, char* out) noexcept;

// The same into a string, which then holds nothing when the answer is false.
// Throws: std::bad_alloc.
bool decode_base64url(std::string_view text, std::string& out);

// Throws: std::bad_alloc.
std::string encode_base64url(std::string_view bytes);

}  // namespace mcpgov::identity
