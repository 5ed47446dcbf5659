// What a formatted policy looks like: its words as a document.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "policy/cedar/format_document.hpp"
#include "policy/cedar/format_tokens.hpp"

namespace mcpgov::policy::cedar {

// Follows the grammar through words that the parser has accepted, so it looks for no errors; its
// recursion is bounded by the parser's kMaxExpressionDepth.
// Borrowed: words. Threads: one thread.
class Layout {
 public:
  // keep_every_comment: also those of a trailing comma, which the reference formatter drops
  // together with the comma.
  Layout(Words& words, std::uint32_t indent, bool keep_every_comment)
      : words_(words), indent_(indent), keep_every_comment_(keep_every_comment) {}

  // The next policy: true and its document, or false at the end.
  bool next(Document& out);

 private:
  // format_layout.cpp: policies, scopes, conditions.
  const Word& word() const { return words_.words[at_]; }
  Token token(std::size_t ahead = 0) const;
  bool at_keyword(std::string_view keyword) const;
  void annotation();
  void effect();
  void scope();
  void last_comma();
  void variable();
  void condition();

  // A word with its comments. Behind it: what stands there when no comment ends the line.
  enum class Behind : std::uint8_t { nothing, space, line, hard_line };
  void put(Behind behind = Behind::nothing);
  void leading();
  void trailing(Behind behind = Behind::nothing);

  // format_expression.cpp
  void expression();
  void any_of();
  void all_of();
  void relation();
  void sum();
  void product();
  void unary();
  void member();
  bool at_access() const;
  void access();
  void primary();
  void list(Token close);
  void set();
  void record();
  void name();
  void dropped_comma();

  Words& words_;
  std::uint32_t indent_;
  bool keep_every_comment_;
  std::size_t at_ = 0;
  std::vector<std::string_view> carried_;  // comments of a word that is not written, for the next
  std::size_t led_ = static_cast<std::size_t>(-1);  // the word whose leading comments are put
  Document* out_ = nullptr;
};

}  // namespace mcpgov::policy::cedar
