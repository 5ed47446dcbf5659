// Writing JSON text into memory of a fixed size.
// Tested by tests/base/json_buffer_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "base/json_buffer.hpp"

#include <string>

#include "base/hash.hpp"
#include "base/json_writer.hpp"

namespace mcpgov {

namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101U;
constexpr std::uint64_t kTops = 0x8080808080808080U;

// Bytes of `word` that are zero have their top bit set, and perhaps bytes after the first of them.
constexpr std::uint64_t zeros(std::uint64_t word) noexcept {
  return (word - kOnes) & ~word;
}

// Whether each byte is printable ASCII other than the quote and the backslash. Lanes only carry
// into each other behind a byte that is refused anyway.
constexpr bool plain_word(std::uint64_t word) noexcept {
  return ((word | (word - kOnes * 0x20) | (word + kOnes) | zeros(word ^ (kOnes * '"')) |
           zeros(word ^ (kOnes * '\\'))) &
          kTops) == 0;
}

constexpr bool plain_byte(char byte) noexcept {
  return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

}  // namespace

bool printable_ascii(std::string_view json) noexcept {
  std::size_t at = 0;
  for (; json.size() - at >= 8; at += 8) {
    const auto word = load<std::uint64_t>(json.data() + at);
    if (((word | (word - kOnes * 0x20) | (word + kOnes)) & kTops) != 0) return false;
  }
  for (; at < json.size(); ++at) {
    if (json[at] < 0x20 || json[at] == 0x7f) return false;
  }
  return true;
}

// Eight bytes at a time; the last ones as a word that overlaps what is written already, because
// most texts are short and their lengths differ.
void JsonBuffer::quoted(std::string_view value) {
  if (!fits(value.size())) return;
  *at_++ = '"';
  const char* from = value.data();
  const char* const end = from + value.size();
  for (; end - from >= 8; from += 8, at_ += 8) {
    const auto word = load<std::uint64_t>(from);
    if (!plain_word(word)) return unsafe_rest({from, static_cast<std::size_t>(end - from)});
    std::memcpy(at_, &word, sizeof word);
  }
  const auto left = static_cast<std::size_t>(end - from);
  if (left != 0 && value.size() >= 8) {
    const auto word = load<std::uint64_t>(end - 8);
    if (!plain_word(word)) return unsafe_rest({from, left});
    std::memcpy(at_ + left - 8, &word, sizeof word);
    at_ += left;
  } else if (left >= 4) {
    const auto first = load<std::uint32_t>(from);
    const auto last = load<std::uint32_t>(end - 4);
    if (!plain_word(std::uint64_t{last} << 32 | first)) return unsafe_rest({from, left});
    std::memcpy(at_, &first, sizeof first);
    std::memcpy(at_ + left - 4, &last, sizeof last);
    at_ += left;
  } else {
    for (; from != end; ++from) {
      if (!plain_byte(*from)) return unsafe_rest({from, static_cast<std::size_t>(end - from)});
      *at_++ = *from;
    }
  }
  *at_++ = '"';
}

// The escaped form may be six times as long.
void JsonBuffer::unsafe_rest(std::string_view value) {
  thread_local std::string escaped;
  escaped.clear();
  append_json_string(escaped, value);
  if (!fits(escaped.size())) return;
  copy(std::string_view(escaped).substr(1));
}

void JsonBuffer::raw(std::string_view key, std::string_view json) {
  name(key);
  if (printable_ascii(json)) {
    if (fits(json.size())) copy(json);
    return;
  }
  thread_local std::string safe;
  safe.clear();
  append_safe_json(safe, json);
  if (fits(safe.size())) copy(safe);
}

}  // namespace mcpgov
