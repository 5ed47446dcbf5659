// The words of a policy text with the comments that stand around each of them.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "policy/cedar/lexer.hpp"

namespace mcpgov::policy::cedar {

// Borrowed from the source text, as are all comments.
struct Word {
  Token token = Token::end;
  std::string_view text;  // as it is written; strings with their quotes
  // Comments on lines of their own before it: Words::comments[first_leading …].
  std::uint32_t first_leading = 0;
  std::uint32_t leading_count = 0;
  // The rest of its line, if that is a comment.
  std::string_view trailing;

  bool commented() const noexcept { return leading_count != 0 || !trailing.empty(); }
};

struct Words {
  std::vector<Word> words;
  std::vector<std::string_view> comments;
  std::uint32_t first_at_end = 0;  // comments after the line of the last word: from here on

  std::span<const std::string_view> leading(const Word& word) const {
    return std::span(comments).subspan(word.first_leading, word.leading_count);
  }
  std::span<const std::string_view> at_end() const {
    return std::span(comments).subspan(first_at_end);
  }
};

// text: one that the parser accepts. What follows a word up to the end of its line belongs to it,
// the lines after that to the next word.
Words words_of(std::string_view text);

// Without white space (Unicode's) at both ends.
std::string_view trimmed(std::string_view text) noexcept;

}  // namespace mcpgov::policy::cedar
