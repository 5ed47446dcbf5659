// Names and handles.
// Tested by tests/wire/names_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "wire/names.hpp"

#include <algorithm>
#include <iterator>

#include "base/utf8.hpp"

namespace mcpgov::wire {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Characters that are invisible, change the order of what is read, combine with their neighbour,
// or are another encoding of a character (compatibility forms). Sorted.
constexpr Range kRefused[] = {
    {0x0000, 0x001f},    // C0 controls
    {0x007f, 0x00a0},    // DEL, C1 controls, no-break space
    {0x00ad, 0x00ad},    // soft hyphen
    {0x0300, 0x036f},    // combining diacritical marks
    {0x0483, 0x0489},    // combining Cyrillic
    {0x061c, 0x061c},    // Arabic letter mark
    {0x1100, 0x11ff},    // Hangul jamo: decomposed syllables
    {0x1680, 0x1680},    // Ogham space mark
    {0x17b4, 0x17b5},    // invisible Khmer vowels
    {0x180b, 0x180f},    // Mongolian variation selectors and vowel separator
    {0x1ab0, 0x1aff},    // combining diacritical marks extended
    {0x1dc0, 0x1dff},    // combining diacritical marks supplement
    {0x2000, 0x200f},    // spaces, zero width characters, directional marks
    {0x2028, 0x202f},    // line and paragraph separators, embeddings, narrow space
    {0x205f, 0x206f},    // mathematical space, word joiner, isolates
    {0x20d0, 0x20ff},    // combining marks for symbols
    {0x212a, 0x212b},    // Kelvin and Angstrom signs
    {0x2f00, 0x2fdf},    // Kangxi radicals
    {0x3000, 0x3000},    // ideographic space
    {0x3099, 0x309a},    // combining kana sound marks
    {0x3130, 0x318f},    // Hangul compatibility jamo, the filler among them
    {0xa960, 0xa97f},    // Hangul jamo extended-A
    {0xd7b0, 0xd7ff},    // Hangul jamo extended-B
    {0xe000, 0xfaff},    // private use, CJK compatibility ideographs
    {0xfb00, 0xfb4f},    // presentation forms
    {0xfb50, 0xffff},    // Arabic forms, variation selectors, full width, BOM, specials
    {0x1bca0, 0x1bca3},  // shorthand format controls
    {0x1d165, 0x1d1ad},  // musical combining marks and format controls
    {0x1d400, 0x1d7ff},  // mathematical alphabets: letters in disguise
    {0x2f800, 0x2fa1f},  // CJK compatibility supplement
    {0xe0000, 0x10ffff}  // tags, variation selectors, private use
};

constexpr bool sorted() {
  for (std::size_t i = 1; i < std::size(kRefused); ++i) {
    if (kRefused[i].first <= kRefused[i - 1].last) return false;
  }
  return true;
}
static_assert(sorted());

bool refused(char32_t point) noexcept {
  const Range* range = std::upper_bound(
      std::begin(kRefused), std::end(kRefused), point,
      [](char32_t value, const Range& candidate) { return value < candidate.first; });
  return range != std::begin(kRefused) && point <= std::prev(range)->last;
}

bool plain(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == '/';
}

}  // namespace

ErrorCode check_name(std::string_view text) noexcept {
  if (text.empty() || text.size() > kNameBytes) return ErrorCode::name_invalid;
  if (text.front() == ' ' || text.back() == ' ') return ErrorCode::name_invalid;
  for (std::size_t at = 0; at < text.size();) {
    if (plain(text[at])) {
      ++at;
      continue;
    }
    const CodePoint point = decode_utf8(text.substr(at));
    if (point.size == 0 || refused(point.value)) return ErrorCode::name_invalid;
    at += point.size;
  }
  return ErrorCode::none;
}

ErrorCode check_handle(std::string_view text) noexcept {
  if (text.empty() || text.size() > kHandleBytes) return ErrorCode::params_invalid;
  const bool clean = std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7f;
  });
  return clean ? ErrorCode::none : ErrorCode::params_invalid;
}

}  // namespace mcpgov::wire
