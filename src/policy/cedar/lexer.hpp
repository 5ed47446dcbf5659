// Policy text to tokens, and the escapes of strings and patterns.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/result.hpp"

namespace mcpgov::policy::cedar {

enum class Token : std::uint8_t {
  end,
  failed,  // see Lexer::failure; matches nothing, so that a parser's loops all stop
  identifier,
  number,
  string,
  slot,
  at,
  dot,
  comma,
  semicolon,
  colon,
  path,  // ::
  left_paren,
  right_paren,
  left_brace,
  right_brace,
  left_bracket,
  right_bracket,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  both,    // &&
  either,  // ||
  plus,
  minus,
  star,
  bang,
  // Not part of the grammar; lexed so that errors can name them.
  slash,
  percent,
  assign,
};

// The keyword or sign as text, for messages.
std::string_view token_text(Token token) noexcept;

struct Lexeme {
  Token token = Token::end;
  bool plain = false;  // string: it has neither escapes nor carriage returns
  std::uint32_t offset = 0;
  // identifier: its text. string: what stands between the quotes, escapes not yet replaced.
  // slot: with its question mark. Borrowed from the source.
  std::string_view text;
  std::uint64_t number = 0;
};

// Borrowed: the text, which must be valid UTF-8 (see valid_utf8). Threads: one thread.
class Lexer {
 public:
  explicit Lexer(std::string_view text) noexcept : text_(text) {}

  // At the end, and after a failure, the same lexeme again and again.
  Lexeme next() noexcept {
    Lexeme out;
    read(out);
    return out;
  }
  // The same, in place: Lexeme::plain and number are set where the token has them.
  void read(Lexeme& out) noexcept;

  // Why the last lexeme is `failed`: policy_token or policy_integer_range.
  ErrorCode failure() const noexcept { return failure_; }

 private:
  bool skip_rare_space() noexcept;
  Lexeme fail(ErrorCode code) noexcept;
  Lexeme number() noexcept;
  Lexeme string() noexcept;
  Lexeme slot() noexcept;
  Lexeme sign() noexcept;
  bool follows(char c) const noexcept { return at_ + 1 < text_.size() && text_[at_ + 1] == c; }

  std::string_view text_;
  std::size_t at_ = 0;
  ErrorCode failure_ = ErrorCode::none;
};

// The characters of a string. out: appended to. False for an invalid escape, with its offset in
// `raw` in `bad`.
bool unescape(std::string_view raw, std::string& out, std::size_t& bad);

// A pattern of `like`, cut at its wildcards: `a*b` gives {"a", "b"}, `*` gives {"", ""}.
// Escapes are replaced before wildcards are looked for, so `\u{2a}` is a wildcard; only `\*` is a
// star (the reference engine 4.12 does the same).
bool unescape_pattern(std::string_view raw, std::vector<std::string>& pieces, std::size_t& bad);

// Bytes of the white space (Unicode's White_Space) that the text begins with: one character.
std::uint32_t space_length(std::string_view text) noexcept;

// [_a-zA-Z][_a-zA-Z0-9]*
bool is_identifier(std::string_view text) noexcept;

// True for words that are no identifiers: true false if then else in is like has, and __cedar.
bool is_reserved(std::string_view word) noexcept;

struct Position {
  std::uint32_t line;
  std::uint32_t column;
};
Position position_of(std::string_view text, std::size_t offset) noexcept;
// The same, counted on from an earlier offset: the position of every policy of a long text is
// found in one pass.
Position position_after(std::string_view text, std::size_t earlier, Position at,
                        std::size_t offset) noexcept;

// Offset of the first byte that is not UTF-8, or npos.
std::size_t invalid_utf8(std::string_view text) noexcept;

}  // namespace mcpgov::policy::cedar
