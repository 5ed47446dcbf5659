// Tokens, escapes and patterns.
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/lexer.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace mcpgov::policy::cedar {
namespace {

using namespace std::string_view_literals;

std::vector<Token> tokens_of(std::string_view text) {
  Lexer lexer(text);
  std::vector<Token> out;
  for (;;) {
    out.push_back(lexer.next().token);
    if (out.back() == Token::end || out.back() == Token::failed) return out;
  }
}

}  // namespace

TEST_CASE("lexer: white space of Unicode and comments separate tokens, nothing else does") {
  struct Case {
    const char* name;
    std::string_view text;
    std::vector<Token> tokens;
  };
  const std::vector<Token> two{Token::identifier, Token::identifier, Token::end};
  const std::vector<Token> bad{Token::identifier, Token::failed};
  const Case cases[] = {
      {"nothing", "", {Token::end}},
      {"space, tab, line feed", "a \t\n b", two},
      {"vertical tab and form feed", "a\v\fb", two},
      {"next line, U+0085",
       "a\xc2\x85"
       "b",
       two},
      {"no-break space, U+00A0",
       "a\xc2\xa0"
       "b",
       two},
      {"ogham space, U+1680",
       "a\xe1\x9a\x80"
       "b",
       two},
      {"hair space, U+200A",
       "a\xe2\x80\x8a"
       "b",
       two},
      {"line separator, U+2028",
       "a\xe2\x80\xa8"
       "b",
       two},
      {"narrow no-break space, U+202F",
       "a\xe2\x80\xaf"
       "b",
       two},
      {"ideographic space, U+3000",
       "a\xe3\x80\x80"
       "b",
       two},
      {"zero width space, U+200B",
       "a\xe2\x80\x8b"
       "b",
       bad},
      {"byte order mark, U+FEFF",
       "a\xef\xbb\xbf"
       "b",
       bad},
      {"a letter beyond ASCII", "a\xc3\xa9", bad},
      {"a comment to the end", "a // b", {Token::identifier, Token::end}},
      {"a comment to a line feed", "a//x\nb", two},
      {"a comment to a carriage return", "a//x\rb", two},
      {"no block comment",
       "a /* b */",
       {Token::identifier, Token::slash, Token::star, Token::identifier, Token::star, Token::slash,
        Token::end}},
      {"a control character", "a\x01", bad},
      {"a hash", "a#", bad},
      {"one ampersand", "a&b", bad},
      {"one bar", "a|b", bad},
      {"a semicolon and a colon",
       "a;:::b",
       {Token::identifier, Token::semicolon, Token::path, Token::colon, Token::identifier,
        Token::end}},
      {"signs of two characters",
       "== != <= >= && ||",
       {Token::equal, Token::not_equal, Token::less_equal, Token::greater_equal, Token::both,
        Token::either, Token::end}},
      {"signs of one character",
       "= ! < > @ . , ( ) { } [ ] + - * %",
       {Token::assign, Token::bang, Token::less, Token::greater, Token::at, Token::dot,
        Token::comma, Token::left_paren, Token::right_paren, Token::left_brace, Token::right_brace,
        Token::left_bracket, Token::right_bracket, Token::plus, Token::minus, Token::star,
        Token::percent, Token::end}},
      {"digits before letters", "12ab", {Token::number, Token::identifier, Token::end}},
      {"letters before digits", "ab12", {Token::identifier, Token::end}},
      {"a slot", "?principal", {Token::slot, Token::end}},
      {"a lone question mark", "?", {Token::failed}},
      {"a question mark before a digit", "?1", {Token::failed}},
      {"a string left open", "\"abc", {Token::failed}},
      {"a string ended by an escaped quote", "\"abc\\\"", {Token::failed}},
      {"a backslash before a line feed", "\"a\\\nb\"", {Token::failed}},
      {"a backslash at the end", "\"a\\", {Token::failed}},
      {"a raw line feed in a string", "\"a\nb\"", {Token::string, Token::end}},
      {"a raw zero byte in a string", "\"a\0b\""sv, {Token::string, Token::end}},
      {"a zero byte outside", "a\0b"sv, bad},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK((tokens_of(c.text) == c.tokens));
  }
}

TEST_CASE("lexer: numbers are read up to 64 bits") {
  Lexer largest("0018446744073709551615");
  const Lexeme read = largest.next();
  CHECK(read.token == Token::number);
  CHECK(read.number == UINT64_MAX);
  for (const char* text :
       {"18446744073709551616", "99999999999999999999", "184467440737095516150"}) {
    Lexer lexer(text);
    CHECK(lexer.next().token == Token::failed);
    CHECK(lexer.failure() == ErrorCode::policy_integer_range);
    CHECK(lexer.next().token == Token::failed);
  }
}

TEST_CASE("escapes: the rules of Rust strings") {
  struct Case {
    const char* raw;
    std::string_view text;
  };
  const Case good[] = {
      {"", ""},
      {"abc", "abc"},
      {R"(\n\r\t\\\0\'\")", "\n\r\t\\\0'\""sv},
      {R"(\x41\x7f\x00)", "A\x7f\0"sv},
      {R"(\u{41}\u{4_1}\u{4_1_}\u{000041})", "AAAA"},
      {R"(\u{e9}\u{20AC}\u{1F600}\u{10ffff})", "\u00e9\u20ac\U0001F600\U0010ffff"},
      {"\u00e9 raw", "\u00e9 raw"},
  };
  for (const Case& c : good) {
    CAPTURE(c.raw);
    std::string out;
    std::size_t bad = 0;
    CHECK(unescape(c.raw, out, bad));
    CHECK(out == c.text);
  }
  const char* refused[] = {
      R"(\a)",         R"(\*)",       R"(\)",          R"(\x4)",   R"(\x80)",    R"(\xg1)",
      R"(\x4g)",       R"(\u)",       R"(\u41)",       R"(\u{})",  R"(\u{_41})", R"(\u{_})",
      R"(\u{110000})", R"(\u{d800})", R"(\u{dfff})",   R"(\u{41)", R"(\u{4g})",  R"(\u{0000041})",
      "raw\rreturn",   R"(\N)",       R"(\u{1234567})"};
  for (const char* raw : refused) {
    CAPTURE(raw);
    std::string out;
    std::size_t bad = 99;
    CHECK_FALSE(unescape(raw, out, bad));
    CHECK(bad <= 3);
    std::vector<std::string> pieces;
    const bool star = std::string_view(raw) == R"(\*)";
    CHECK(unescape_pattern(raw, pieces, bad) == star);
  }
}

TEST_CASE("patterns: a star is a wildcard however it is written, unless it is \\*") {
  struct Case {
    const char* raw;
    std::vector<std::string> pieces;
  };
  const Case cases[] = {
      {"", {""}},           {"*", {"", ""}},         {"a*b", {"a", "b"}},
      {R"(a\*b)", {"a*b"}}, {R"(\u{2a})", {"", ""}}, {R"(\x2a)", {"", ""}},
      {"**", {"", "", ""}}, {R"(\\*)", {"\\", ""}},  {R"(\n*\u{e9})", {"\n", "\u00e9"}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.raw);
    std::vector<std::string> pieces;
    std::size_t bad = 0;
    CHECK(unescape_pattern(c.raw, pieces, bad));
    CHECK((pieces == c.pieces));
  }
}

TEST_CASE("text: only well-formed UTF-8 is read") {
  const std::string_view good[] = {
      "", "abc", "\u00e9\u20ac\U0001F600", "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf"};
  for (const std::string_view text : good) CHECK(invalid_utf8(text) == std::string_view::npos);
  const std::string_view bad[] = {"a\x80",
                                  "a\xc0\x80",
                                  "a\xc1\xbf",
                                  "a\xc3",
                                  "a\xe0\x9f\xbf",
                                  "a\xed\xa0\x80",
                                  "a\xf0\x8f\xbf\xbf",
                                  "a\xf4\x90\x80\x80",
                                  "a\xf5\x80\x80\x80",
                                  "a\xff",
                                  "a\xe2\x82"};
  for (const std::string_view text : bad) CHECK(invalid_utf8(text) == 1);
}

TEST_CASE("text: positions count lines from 1 and columns in bytes") {
  CHECK(position_of("ab\ncd", 0).line == 1);
  CHECK(position_of("ab\ncd", 0).column == 1);
  CHECK(position_of("ab\ncd", 4).line == 2);
  CHECK(position_of("ab\ncd", 4).column == 2);
  CHECK(position_of("ab\ncd", 99).column == 3);
}

}  // namespace mcpgov::policy::cedar
