// Attacks on lines: read back by the rules of each format, they are the text that was meant.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/project/escapes.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "audit/project/samples.hpp"

namespace mcpgov::audit {
namespace {

std::string escaped(std::string_view text, std::string_view special, bool newlines = false) {
  std::string out;
  append_escaped(out, text, special, newlines);
  return out;
}

TEST_CASE("escapes: each special character, and what a terminal would act on") {
  struct Case {
    const char* text;
    const char* special;
    bool newlines;
    const char* wanted;
  };
  const Case cases[] = {
      {"plain", "\\|", false, "plain"},
      {"a|b\\c", "\\|", false, "a\\|b\\\\c"},
      {"a=b|c", "\\=", true, "a\\=b|c"},
      {"a\nb\rc", "\\=", true, "a\\nb\\rc"},
      {"a\nb", "\\|", false, "a\\\\u000ab"},
      {"\x1b[2J", "\\=", true, "\\\\u001b[2J"},
      {"\x7f", "\\=", true, "\\\\u007f"},
      {"\xe2\x80\xae", "\\=", true, "\\\\u202e"},
      {"\xc2\x85", "\\\"]", false, "\\\\u0085"},
      {"a\"b]c\\", "\\\"]", false, "a\\\"b\\]c\\\\"},
      {"\xc3\xa9\xf0\x9f\x98\x80", "\\=", true, "\xc3\xa9\xf0\x9f\x98\x80"},
      {"\xff", "\\=", true, "\xef\xbf\xbd"},
      {"\xe2\x80", "\\=", true, "\xef\xbf\xbd\xef\xbf\xbd"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.text));
    CHECK(escaped(c.text, c.special, c.newlines) == c.wanted);
  }
}

TEST_CASE("escapes: no attack leaves a special character or a control character unescaped") {
  for (const std::string_view special : {"\\|", "\\=", "\\\"]"}) {
    for (const std::string& attack : test::attacks()) {
      const std::string text = escaped(attack, special, true);
      for (std::size_t at = 0; at < text.size(); ++at) {
        CHECK(static_cast<unsigned char>(text[at]) >= 0x20);
        if (text[at] == '\\') {
          ++at;  // what follows is escaped
        } else {
          CHECK(special.find(text[at]) == std::string_view::npos);
        }
      }
    }
  }
}

TEST_CASE("escapes: texts end between characters") {
  CHECK(whole_characters("abc", 3) == "abc");
  CHECK(whole_characters("abc", 2) == "ab");
  CHECK(whole_characters("a\xf0\x9f\x98\x80", 4) == "a");
  CHECK(whole_characters("a\xf0\x9f\x98\x80", 5) == "a\xf0\x9f\x98\x80");
  CHECK(whole_characters("\xc3\xa9", 1).empty());
}

TEST_CASE("escapes: header fields are printable ASCII without spaces, and never empty") {
  const auto field = [](std::string_view text, std::size_t bytes) {
    std::string out;
    append_header_field(out, text, bytes);
    return out;
  };
  CHECK(field("", 9) == "-");
  CHECK(field("host-7", 9) == "host-7");
  CHECK(field("a b\n\x1b\xc3\xa9", 99) == "a_b____");
  CHECK(field("0123456789", 4) == "0123");
}

}  // namespace
}  // namespace mcpgov::audit
