// Looks characters up in ranges.
// Tested by tests/policy/lint_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/characters.hpp"

#include <algorithm>
#include <iterator>

#include "base/utf8.hpp"

namespace mcpgov::policy::cedar {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};
struct NumberedRange {
  char32_t first;
  char32_t last;
  std::uint16_t number;
};

constexpr NumberedRange kScriptRanges[] = {
#include "policy/cedar/unicode_script_ranges.inc"
};
constexpr ScriptSet kScriptSets[] = {
#include "policy/cedar/unicode_script_sets.inc"
};
constexpr Range kIdentifierRanges[] = {
#include "policy/cedar/unicode_identifier_ranges.inc"
};

// The range that holds the character, or null.
template <class AnyRange, std::size_t kCount>
const AnyRange* find(const AnyRange (&ranges)[kCount], char32_t c) noexcept {
  const AnyRange* const found =
      std::lower_bound(std::begin(ranges), std::end(ranges), c,
                       [](const AnyRange& range, char32_t wanted) { return range.last < wanted; });
  return found != std::end(ranges) && found->first <= c ? found : nullptr;
}

}  // namespace

ScriptSet scripts_of(char32_t c) noexcept {
  const NumberedRange* const range = find(kScriptRanges, c);
  return range == nullptr ? ScriptSet{} : kScriptSets[range->number];
}

bool is_single_script(std::string_view text) noexcept {
  ScriptSet common{~0ULL, ~0ULL, ~0ULL};
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    if (c.size == 0) return false;
    text.remove_prefix(c.size);
    const ScriptSet scripts = scripts_of(c.value);
    for (std::size_t word = 0; word < common.size(); ++word) common[word] &= scripts[word];
  }
  return common != ScriptSet{};
}

bool identifier_allowed(char32_t c) noexcept {
  return find(kIdentifierRanges, c) != nullptr;
}

bool changes_direction(char32_t c) noexcept {
  return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

}  // namespace mcpgov::policy::cedar
