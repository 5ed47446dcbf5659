// Strict UTF-8.
//
// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.hpp"

#include <string>

#include <doctest/doctest.h>

namespace mcpgov {
namespace {

TEST_CASE("utf8: what is not valid is found where it starts") {
  struct Case {
    const char* name;
    std::string text;
    std::size_t at;
  };
  const Case cases[] = {
      {"a lone continuation", "a\x80", 1},
      {"an overlong slash", "\xc0\xaf", 0},
      {"an overlong slash of three", "\xe0\x80\xaf", 0},
      {"an overlong U+FFFF", "\xf0\x8f\xbf\xbf", 0},
      {"a surrogate", "ab\xed\xa0\x80", 2},
      {"the last surrogate", "\xed\xbf\xbf", 0},
      {"above U+10FFFF", "\xf4\x90\x80\x80", 0},
      {"a lead of five", "\xf8\x88\x80\x80\x80", 0},
      {"0xFE", "\xfe", 0},
      {"truncated at two", "\xc3", 0},
      {"truncated at three", "\xe2\x82", 0},
      {"truncated at four", "\xf0\x9f\x98", 0},
      {"a letter in the middle",
       "\xe2"
       "a\x82",
       0},
      {"behind eight letters", "12345678\xff", 8},
      {"within the ninth byte", "123456789\xc3(", 9},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(find_invalid_utf8(c.text) == c.at);
  }
}

TEST_CASE("utf8: every scalar value decodes to itself") {
  const auto encode = [](char32_t point) {
    std::string out;
    const auto add = [&](char32_t byte) { out += static_cast<char>(byte); };
    if (point < 0x80) {
      add(point);
    } else if (point < 0x800) {
      add(0xc0 | point >> 6), add(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
      add(0xe0 | point >> 12), add(0x80 | (point >> 6 & 0x3f)), add(0x80 | (point & 0x3f));
    } else {
      add(0xf0 | point >> 18), add(0x80 | (point >> 12 & 0x3f));
      add(0x80 | (point >> 6 & 0x3f)), add(0x80 | (point & 0x3f));
    }
    return out;
  };
  std::size_t wrong = 0;
  for (char32_t point = 0; point <= 0x10ffff; ++point) {
    const std::string text = encode(point);
    const CodePoint decoded = decode_utf8(text);
    const bool surrogate = point >= 0xd800 && point <= 0xdfff;
    const bool right =
        surrogate ? decoded.size == 0 : decoded.size == text.size() && decoded.value == point;
    if (!right) ++wrong;
  }
  CHECK(wrong == 0);
  CHECK(decode_utf8("").size == 0);
  CHECK(find_invalid_utf8("") == 0);
  const std::string mixed = "grün 😀 and more than eight letters";
  CHECK(find_invalid_utf8(mixed) == mixed.size());
}

}  // namespace
}  // namespace mcpgov
