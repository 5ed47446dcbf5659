// Strict UTF-8: where a text stops being valid, and one code point at a time.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace mcpgov {

// A code point and how many bytes it took; size 0 means the bytes are not valid UTF-8.
struct CodePoint {
  char32_t value = 0;
  std::size_t size = 0;
};

// The first code point of a text that is not empty. Refuses overlong forms, surrogates, values
// above U+10FFFF and truncated sequences (RFC 3629 §3, §4).
CodePoint decode_utf8(std::string_view text) noexcept;

// The offset of the first invalid byte; text.size() when all of it is valid.
std::size_t find_invalid_utf8(std::string_view text) noexcept;

}  // namespace mcpgov
