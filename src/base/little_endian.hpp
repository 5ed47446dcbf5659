// Numbers in files: lowest byte first on every machine.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace mcpgov {

template <class Word>
void put_little(char* at, Word word) noexcept {
  static_assert(std::is_unsigned_v<Word>);
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(at, &word, sizeof word);
  } else {
    for (std::size_t each = 0; each < sizeof word; ++each) {
      at[each] = static_cast<char>(word >> (8 * each) & 0xFF);
    }
  }
}

template <class Word>
Word get_little(const char* at) noexcept {
  static_assert(std::is_unsigned_v<Word>);
  Word word = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&word, at, sizeof word);
  } else {
    for (std::size_t each = sizeof word; each > 0; --each) {
      word = static_cast<Word>(word << 8 | static_cast<unsigned char>(at[each - 1]));
    }
  }
  return word;
}

}  // namespace mcpgov
