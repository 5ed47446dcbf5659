// How many columns of a terminal a text takes, as the crate unicode-width 0.2.2 counts ("Rules for
// determining width" in its documentation), which the reference formatter breaks lines by.
// Tested by tests/policy/text_width_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/text_width.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>

#include "base/utf8.hpp"

namespace mcpgov::policy::cedar {
namespace {

struct Range {
  char32_t first;
  char32_t last;
  std::uint16_t kind;
};
constexpr Range kRanges[] = {
#include "policy/cedar/unicode_width_ranges.inc"
};

// A kind: columns of a character that stands alone, and its properties.
constexpr unsigned kColumns = 3;
constexpr unsigned kJoins = 4;         // an emoji that a joiner ties to the next one
constexpr unsigned kShownAsEmoji = 8;  // before U+FE0F
constexpr unsigned kShownAsText = 16;  // before U+FE0E
constexpr unsigned kTakesModifier = 32;
constexpr unsigned kLam = 64;
constexpr unsigned kAlef = 128;
constexpr unsigned kBetweenLamAndAlef = 256;
constexpr unsigned kCoengLetter = 512;

unsigned kind_of(char32_t c) noexcept {
  const Range* const found =
      std::lower_bound(std::begin(kRanges), std::end(kRanges), c,
                       [](const Range& range, char32_t wanted) { return range.last < wanted; });
  return found != std::end(kRanges) && found->first <= c ? found->kind : 1;
}

// What stands behind a character, as far as it matters to its width.
enum class Next : std::uint8_t {
  plain,
  line_feed,
  emoji,
  modifier,
  regional,   // one regional indicator
  regionals,  // more of them
  joined_emoji,
  joined_keycap,
  joined_regional,  // regional indicators behind which a joiner ties an emoji: one, even, odd
  joined_even,
  joined_odd,
  tag_end,  // a flag of a subdivision, from its end: tag letters and tag digits
  letter_1,
  letter_2,
  letter_3,
  letter_4,
  letter_5,
  letter_6,
  digit_1,
  digit_2,
  digit_3,
  kirat_rai_e,
  kirat_rai_ai,
  alef,  // from here on variation selectors between do not separate
  lamed,
  buginese_ya,
  buginese_i_ya,
  tifinagh,
  tifinagh_joiner,
  lisu_tone,
  orkhon_i,
  khmer_letter,
};

struct Behind {
  Next next = Next::plain;
  bool joiner = false;  // U+200D before a letter that makes ligatures
  bool as_emoji = false;
  bool as_text = false;
  bool full_width = false;  // U+FE01

  bool lasts() const { return next >= Next::alef; }
  bool ties() const { return next == Next::joined_emoji || next == Next::joined_keycap; }
};

struct Step {
  int columns;
  Behind behind;
};

Step step(int columns, Next next = Next::plain) {
  return {columns, {next}};
}

bool between(char32_t c, char32_t first, char32_t last) {
  return c >= first && c <= last;
}
bool is_regional(char32_t c) {
  return between(c, 0x1f1e6, 0x1f1ff);
}
bool is_modifier(char32_t c) {
  return between(c, 0x1f3fb, 0x1f3ff);
}
bool is_tifinagh(char32_t c) {
  return between(c, 0x2d31, 0x2d65) || c == 0x2d6f;
}

// Combining marks that nobody sees: they do not separate the parts of a ligature.
bool is_unseen_mark(char32_t c) {
  return c == 0x34f || between(c, 0x17b4, 0x17b5) || between(c, 0x180b, 0x180d) || c == 0x180f ||
         c == 0x200d || between(c, 0xfe00, 0xfe0f) || between(c, 0xe0100, 0xe01ef);
}

// Letters that are written as one with what is behind them.
std::optional<Step> ligature(char32_t c, unsigned kind, const Behind& behind) {
  switch (behind.next) {
    case Next::alef:
      if ((kind & kLam) != 0) return step(0);
      if ((kind & kBetweenLamAndAlef) != 0) return step(0, Next::alef);
      break;
    case Next::lamed:
      if (behind.joiner && c == 0x5d0) return step(0);
      break;
    case Next::buginese_ya:
      if (behind.joiner && c == 0x1a17) return step(0, Next::buginese_i_ya);
      break;
    case Next::buginese_i_ya:
      if (c == 0x1a15) return step(0);
      break;
    case Next::tifinagh:
      if (c == 0x2d7f) return step(1, Next::tifinagh_joiner);
      if (behind.joiner && is_tifinagh(c)) return step(0);
      break;
    case Next::tifinagh_joiner:
      if (is_tifinagh(c)) return step(-1);
      break;
    case Next::lisu_tone:
      if (between(c, 0xa4f8, 0xa4fb)) return step(0);
      break;
    case Next::orkhon_i:
      if (behind.joiner && c == 0x10c32) return step(0);
      break;
    case Next::khmer_letter:
      if (c == 0x17d2) return step(-1);
      break;
    case Next::kirat_rai_e:
      if (c == 0x16d63 || c == 0x16d69) return step(0);
      if (c == 0x16d67) return step(0, Next::kirat_rai_ai);
      if (c == 0x16d68) return step(1, Next::kirat_rai_e);
      break;
    case Next::kirat_rai_ai:
      if (c == 0x16d63) return step(0);
      break;
    default: break;
  }
  return std::nullopt;
}

// Up to six letters or three digits, then the black flag.
std::optional<Step> tag(char32_t c, Next next) {
  const auto following = [next] { return static_cast<Next>(static_cast<int>(next) + 1); };
  if (next < Next::tag_end || next > Next::digit_3) return std::nullopt;
  if (next < Next::letter_6 && between(c, 0xe0061, 0xe007a)) return step(0, following());
  if (between(c, 0xe0030, 0xe0039)) {
    if (next < Next::letter_5) return step(0, Next::digit_1);
    if (next == Next::digit_1 || next == Next::digit_2) return step(0, following());
  }
  const bool complete = (next >= Next::letter_3 && next <= Next::letter_6) || next == Next::digit_3;
  if (complete && c == 0x1f3f4) return step(0, Next::emoji);
  return std::nullopt;
}

// Parts of an emoji that is shown as one.
std::optional<Step> emoji(char32_t c, unsigned kind, Next next) {
  switch (next) {
    case Next::modifier:
      if ((kind & kTakesModifier) != 0) return step(0, Next::emoji);
      if (c == 0x200d) return step(0, Next::joined_emoji);
      break;
    case Next::emoji:
      if (c == 0x200d) return step(0, Next::joined_emoji);
      break;
    case Next::regional:
      if (is_regional(c)) return step(1, Next::regionals);
      break;
    case Next::regionals:
      if (is_regional(c)) return step(1, Next::regionals);
      if (c == 0x200d) return step(0, Next::joined_emoji);
      break;
    case Next::joined_emoji:
      if (c == 0x20e3) return step(0, Next::joined_keycap);
      if (is_regional(c)) return step(1, Next::joined_regional);
      if (is_modifier(c)) return step(0, Next::modifier);
      if (c == 0xe007f) return step(0, Next::tag_end);
      if ((kind & kJoins) != 0) return step(0, Next::emoji);
      break;
    case Next::joined_regional:
      if (is_regional(c)) return step(-1, Next::joined_even);
      break;
    case Next::joined_even:
      if (is_regional(c)) return step(3, Next::joined_odd);
      if (c == 0x200d) return step(0, Next::joined_emoji);
      break;
    case Next::joined_odd:
      if (is_regional(c)) return step(-1, Next::joined_even);
      if (c == 0x200d) return step(0, Next::joined_emoji);
      break;
    default: return tag(c, next);
  }
  return std::nullopt;
}

// What a character is to the one before it.
Next next_of(char32_t c, unsigned kind) {
  if ((kind & kAlef) != 0) return Next::alef;
  if ((kind & kCoengLetter) != 0) return Next::khmer_letter;
  if (is_modifier(c)) return Next::modifier;
  if ((kind & kJoins) != 0) return Next::emoji;
  if (is_regional(c)) return Next::regional;
  if (is_tifinagh(c)) return Next::tifinagh;
  if (between(c, 0xa4fc, 0xa4fd)) return Next::lisu_tone;
  switch (c) {
    case 0x5dc: return Next::lamed;
    case 0x1a10: return Next::buginese_ya;
    case 0x10c03: return Next::orkhon_i;
    case 0x16d67: return Next::kirat_rai_e;
    case 0x16d68: return Next::kirat_rai_ai;
    default: return Next::plain;
  }
}

Step select(char32_t c, Behind behind) {
  if (!behind.lasts() && !(c == 0xfe0f && behind.ties())) behind = {};
  (c == 0xfe0f ? behind.as_emoji : c == 0xfe0e ? behind.as_text : behind.full_width) = true;
  return {0, behind};
}

Step take(char32_t c, Behind behind) {
  const unsigned kind = c > 0xa0 || behind.as_emoji ? kind_of(c) : 1;
  if (behind.as_emoji) {
    if ((kind & kShownAsEmoji) != 0) return step(behind.ties() ? 0 : 2, Next::emoji);
    behind.as_emoji = false;
    if (!behind.lasts()) behind = {};
  }
  if (c <= 0xa0) {
    if (c == '\n') return step(1, Next::line_feed);
    return step(c == '\r' && behind.next == Next::line_feed ? 0 : 1);
  }
  if (c == 0xfe0f || c == 0xfe0e || c == 0xfe01) return select(c, behind);
  if (behind.as_text) {
    if ((kind & kShownAsText) != 0) return step(1);
    behind.as_text = false;
  } else if (behind.full_width) {
    if (between(c, 0x2018, 0x2019) || between(c, 0x201c, 0x201d)) return step(2);
    behind.full_width = false;
  }
  if (behind.lasts() && behind.next != Next::alef && is_unseen_mark(c)) {
    behind.joiner = behind.joiner || c == 0x200d;
    return {0, behind};
  }
  // A selector of width that was not used up separates.
  if (!behind.full_width) {
    if (const auto found = ligature(c, kind, behind)) return *found;
    if (const auto found = emoji(c, kind, behind.next)) return *found;
  }
  return step(static_cast<int>(kind & kColumns), next_of(c, kind));
}

}  // namespace

std::size_t text_width(std::string_view text) noexcept {
  const auto wide = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  if (std::none_of(text.begin(), text.end(), wide)) return text.size();
  std::ptrdiff_t out = 0;
  Behind behind;
  while (!text.empty()) {
    std::size_t at = text.size() - 1;
    // A character has at most three bytes behind its first one.
    for (int more = 3; more > 0 && at > 0 && (text[at] & 0xc0) == 0x80; --more) --at;
    const CodePoint c = decode_utf8(text.substr(at));
    const bool valid = c.size == text.size() - at;
    const Step taken = valid ? take(c.value, behind) : step(1);
    out += taken.columns;
    behind = taken.behind;
    text.remove_suffix(valid ? c.size : 1);
  }
  return static_cast<std::size_t>(std::max<std::ptrdiff_t>(out, 0));
}

}  // namespace mcpgov::policy::cedar
