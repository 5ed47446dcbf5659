// What the patterns of `like` match, compared with trying every way.
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/pattern.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "policy/cedar/lexer.hpp"
#include "support/random_cedar.hpp"

namespace mcpgov::policy::cedar {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
  Arena arena;
  std::vector<std::string> pieces;
  std::size_t bad = 0;
  REQUIRE(unescape_pattern(pattern, pieces, bad));
  const std::vector<std::string_view> views(pieces.begin(), pieces.end());
  return LikePattern(views, arena).matches(text);
}

// By definition: a wildcard takes some of the text, or none.
bool slowly(const std::vector<std::string>& pieces, std::size_t piece, std::string_view text) {
  if (!text.starts_with(pieces[piece])) return false;
  text.remove_prefix(pieces[piece].size());
  if (piece + 1 == pieces.size()) return text.empty();
  for (std::size_t skipped = 0; skipped <= text.size(); ++skipped) {
    if (slowly(pieces, piece + 1, text.substr(skipped))) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("patterns: what they match and what they do not") {
  struct Case {
    const char* pattern;
    const char* text;
    bool matches;
  };
  const Case cases[] = {
      {"", "", true},
      {"", "a", false},
      {"*", "", true},
      {"*", "anything", true},
      {"a", "a", true},
      {"a", "ab", false},
      {"a", "ba", false},
      {"a*", "a", true},
      {"a*", "ba", false},
      {"*a", "ba", true},
      {"*a", "ab", false},
      {"a*b", "ab", true},
      {"a*b", "a", false},
      {"a*a", "a", false},
      {"a*a", "aa", true},
      {"ab*ba", "aba", false},
      {"*a*b*", "xaxbx", true},
      {"*a*b*", "xbxax", false},
      {"*ab*ab*", "abab", true},
      {"*ab*ab*", "abb", false},
      {"a**b", "axb", true},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"\u00e9*", "\u00e9t\u00e9", true},
      {"*\u00e9", "\u00e8", false},
      {"/srv/*/documents/*.txt", "/srv/ann/documents/a/b.txt", true},
      {"/srv/*/documents/*.txt", "/srv/ann/document/b.txt", false},
      {"*a needle of some length*", "hay a needle of some a needle of some length hay", true},
      {"*a needle of some length*", "hay a needle of some a needle of some lengt", false},
      {"*aabaabaac*", "aabaabaabaac", true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.pattern);
    CAPTURE(c.text);
    CHECK(matches(c.pattern, c.text) == c.matches);
  }
}

TEST_CASE("patterns: greedy matching finds what trying everything finds") {
  Choices choices(std::uint64_t{42});
  int matched = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string pattern;
    std::string text;
    for (std::uint32_t i = choices.of(16); i > 0; --i) pattern += "aab*"[choices.of(4)];
    for (std::uint32_t i = choices.of(24); i > 0; --i) text += "aab"[choices.of(3)];
    std::vector<std::string> pieces;
    std::size_t bad = 0;
    REQUIRE(unescape_pattern(pattern, pieces, bad));
    CAPTURE(pattern);
    CAPTURE(text);
    const bool expected = slowly(pieces, 0, text);
    REQUIRE(matches(pattern, text) == expected);
    matched += expected ? 1 : 0;
  }
  CHECK(matched > 1000);
}

TEST_CASE("patterns: a hostile text costs no more than its length") {
  // Quadratic matching of a megabyte would take minutes.
  const std::string text(1U << 20, 'a');
  const std::string needle(1000, 'a');
  CHECK_FALSE(matches("*" + needle + "b*", text));
  std::string many = "*";
  for (int i = 0; i < 500; ++i) many += "a*";
  CHECK(matches(many, text));
  CHECK_FALSE(matches(many + "b", text));
  CHECK_FALSE(matches(many + "b*", text));
}

}  // namespace mcpgov::policy::cedar
