// Columns of texts: each expected number is what the crate unicode-width 0.2.2 counts.
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/text_width.hpp"

#include <string>

#include <doctest/doctest.h>

namespace mcpgov::policy::cedar {
namespace {

struct Case {
  const char* sentence;
  std::u32string_view text;
  std::size_t columns;
};

constexpr Case kCases[] = {
    {"nothing takes nothing", U"", 0},
    {"control characters of ASCII count", U"tab\t", 4},
    {"letters take one", U"\u00e9t\u00e9", 3},
    {"wide letters take two", U"\u65e5\u672c", 4},
    {"full-width Latin takes two", U"\uff21", 2},
    {"half-width Katakana takes one, its marks none", U"\uff76\uff9e", 1},
    {"combining marks take none", U"e\u0301", 1},
    {"Hangul of two parts takes the columns of its first", U"\u1100\u1161", 2},
    {"what nobody sees takes none", U"\u200ba\u00ad", 1},
    {"a soft line break of two characters counts once", U"\u00e9\r\n", 2},
    {"a return and a line feed that are apart both count", U"\u00e9\n\r", 3},
    {"the sign of Khmer that is three wide", U"\u17d8", 3},
    {"an unassigned character takes one", U"\u0378", 1},
    {"an emoji takes two", U"\U0001f600", 2},
    {"a heart takes one", U"\u2764", 1},
    {"a heart as an emoji takes two", U"\u2764\ufe0f", 2},
    {"a watch as text takes one", U"\u231a\ufe0e", 1},
    {"the nearest selector counts", U"\u231a\ufe0e\ufe0f", 1},
    {"a keycap alone is a digit and a mark", U"1\u20e3", 1},
    {"a keycap before a joiner is an emoji", U"1\ufe0f\u20e3\u200d\U0001f600", 2},
    {"a family takes two", U"\U0001f469\u200d\U0001f469\u200d\U0001f467", 2},
    {"a heart within a family is joined", U"\U0001f469\u200d\u2764\ufe0f\u200d\U0001f468", 2},
    {"a heart without its selector is not", U"\U0001f469\u200d\u2764\u200d\U0001f468", 5},
    {"a joiner at the end ties nothing", U"\U0001f469\u200d", 2},
    {"a thumb with a colour of skin takes two", U"\U0001f44d\U0001f3fd", 2},
    {"a letter takes no colour of skin", U"x\U0001f3fd", 3},
    {"a flag takes two", U"\U0001f1e9\U0001f1ea", 2},
    {"half a flag takes one", U"\U0001f1e9", 1},
    {"a flag joined to an emoji", U"\U0001f1e9\U0001f1ea\u200d\U0001f600", 2},
    {"three indicators joined to an emoji", U"\U0001f1e9\U0001f1e9\U0001f1ea\u200d\U0001f600", 5},
    {"the flag of a subdivision takes two",
     U"\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f\u200d\U0001f600", 2},
    {"a tag of digits and letters",
     U"\U0001f3f4\U000e0030\U000e0031\U000e0032\U000e0067\U000e007f\u200d"
     U"\U0001f600",
     2},
    {"a tag that is too short joins nothing",
     U"\U0001f3f4\U000e0067\U000e0062\U000e007f\u200d\U0001f600", 4},
    {"lam and alef are written as one", U"\u0644\u0627", 1},
    {"alef and lam are not", U"\u0627\u0644", 2},
    {"marks between lam and alef do not separate them", U"\u0644\u064e\u0301\u0627", 1},
    {"an invisible joiner does", U"\u0644\u200d\u0627", 2},
    {"one selector between does not", U"\u0644\ufe0e\u0627", 1},
    {"two selectors of different kinds do", U"\u0644\ufe01\ufe0e\u0627", 2},
    {"alef and lamed with a joiner", U"\u05d0\u200d\u05dc", 1},
    {"alef and lamed without one", U"\u05d0\u05dc", 2},
    {"a coeng letter takes none", U"\u1780\u17d2\u1780", 1},
    {"a coeng before another letter takes none, the letter one", U"\u1780\u17d2x", 2},
    {"Buginese a, i, ya", U"\u1a15\u1a17\u200d\u1a10", 1},
    {"Tifinagh pairs", U"\u2d4f\u2d7f\u2d3e", 1},
    {"Tifinagh pairs with a joiner", U"\u2d4f\u200d\u2d3e", 1},
    {"Tifinagh joiner alone", U"\u2d7f", 1},
    {"tones of Lisu", U"\ua4f9\ua4fc", 1},
    {"Old Turkic", U"\U00010c32\u200d\U00010c03", 1},
    {"Kirat Rai vowels of three parts", U"\U00016d63\U00016d67\U00016d67", 1},
    {"Kirat Rai vowels of two parts", U"\U00016d67\U00016d67", 1},
    {"Kirat Rai vowels that do not join", U"\U00016d68\U00016d67", 2},
    {"a quotation mark of full width", U"\u201c\ufe01", 2},
    {"a quotation mark", U"\u201c", 1},
};

std::string utf8(std::u32string_view text) {
  std::string out;
  for (const char32_t c : text) {
    const auto low = [c](unsigned shift) { return static_cast<char>(0x80 | (c >> shift & 0x3f)); };
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else if (c < 0x800) {
      (out += static_cast<char>(0xc0 | c >> 6)) += low(0);
    } else if (c < 0x10000) {
      ((out += static_cast<char>(0xe0 | c >> 12)) += low(6)) += low(0);
    } else {
      (((out += static_cast<char>(0xf0 | c >> 18)) += low(12)) += low(6)) += low(0);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("text width: columns") {
  for (const Case& each : kCases) {
    CAPTURE(std::string(each.sentence));
    CHECK(text_width(utf8(each.text)) == each.columns);
  }
}

TEST_CASE("text width: a letter of ASCII behind a text changes nothing") {
  for (const Case& each : kCases) {
    CAPTURE(std::string(each.sentence));
    CHECK(text_width(utf8(each.text) + "x\xc3\xa9") ==
          text_width(utf8(each.text) + "\xc3\xa9") + 1);
  }
}

TEST_CASE("text width: bytes that are no UTF-8 take one column each") {
  CHECK(text_width("\xff") == 1);
  CHECK(text_width("\xc3") == 1);
  CHECK(text_width("\x80\x80\x80\x80\x80") == 5);
  CHECK(text_width("\xe6\x97\xa5\xa5") == 3);
  CHECK(text_width("\xf0\x9f\x98") == 3);
}

}  // namespace mcpgov::policy::cedar
