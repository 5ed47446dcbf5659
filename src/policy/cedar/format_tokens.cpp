// Splits a policy text into words and comments.
// Tested by tests/policy/format_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/format_tokens.hpp"

#include <algorithm>

namespace mcpgov::policy::cedar {
namespace {

// Comments by line: from `//` to the end of the line.
void add_comments(std::string_view text, std::vector<std::string_view>& out) {
  for (std::size_t at = text.find("//"); at != std::string_view::npos; at = text.find("//", at)) {
    const std::size_t end = std::min(text.find_first_of("\n\r", at), text.size());
    out.push_back(trimmed(text.substr(at, end - at)));
    at = end;
  }
}

std::string_view written(std::string_view source, const Lexeme& lexeme) {
  switch (lexeme.token) {
    case Token::string: return source.substr(lexeme.offset, lexeme.text.size() + 2);
    case Token::identifier:
    case Token::number:
    case Token::slot: return lexeme.text;
    default: return token_text(lexeme.token);
  }
}

// As space_length, of the last character.
std::size_t space_at_end(std::string_view text) noexcept {
  for (std::size_t size = 1; size <= 3 && size <= text.size(); ++size) {
    if (space_length(text.substr(text.size() - size)) == size) return size;
  }
  return 0;
}

}  // namespace

std::string_view trimmed(std::string_view text) noexcept {
  while (const std::size_t space = space_length(text)) text.remove_prefix(space);
  while (const std::size_t space = space_at_end(text)) text.remove_suffix(space);
  return text;
}

Words words_of(std::string_view text) {
  Words out;
  Lexer lexer(text);
  std::size_t end = 0;  // of the last word
  for (;;) {
    const Lexeme lexeme = lexer.next();
    const bool last = lexeme.token == Token::end || lexeme.token == Token::failed;
    std::string_view between = text.substr(end, lexeme.offset - end);
    if (!out.words.empty()) {
      const std::size_t line_end = std::min(between.find('\n'), between.size());
      out.words.back().trailing = trimmed(between.substr(0, line_end));
      between.remove_prefix(line_end);
    }
    const auto first = static_cast<std::uint32_t>(out.comments.size());
    add_comments(between, out.comments);
    out.first_at_end = first;
    if (last) return out;
    Word word{lexeme.token, written(text, lexeme), first, 0, {}};
    word.leading_count = static_cast<std::uint32_t>(out.comments.size()) - first;
    end = lexeme.offset + word.text.size();
    // Leading zeros say nothing about a number.
    while (word.token == Token::number && word.text.size() > 1 && word.text[0] == '0') {
      word.text.remove_prefix(1);
    }
    out.words.push_back(word);
  }
}

}  // namespace mcpgov::policy::cedar
