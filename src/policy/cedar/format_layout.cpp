// Policies, scopes and conditions as documents.
// Tested by tests/policy/format_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/format_layout.hpp"

#include <span>

namespace mcpgov::policy::cedar {

Token Layout::token(std::size_t ahead) const {
  const std::size_t place = at_ + ahead;
  return place < words_.words.size() ? words_.words[place].token : Token::end;
}

bool Layout::at_keyword(std::string_view keyword) const {
  return token() == Token::identifier && word().text == keyword;
}

void Layout::leading() {
  if ((word().leading_count == 0 && carried_.empty()) || at_ == led_) return;
  out_->hard_line();
  const auto lines = [this](std::span<const std::string_view> comments) {
    for (const std::string_view comment : comments) {
      out_->text(comment);
      out_->hard_line();
    }
  };
  lines(carried_);
  carried_.clear();
  lines(words_.leading(word()));
}

void Layout::trailing(Behind behind) {
  if (!word().trailing.empty()) {
    out_->space();
    out_->text(word().trailing);
    behind = Behind::hard_line;
  }
  switch (behind) {
    case Behind::nothing: break;
    case Behind::space: out_->space(); break;
    case Behind::line: out_->line(); break;
    case Behind::hard_line: out_->hard_line(); break;
  }
  ++at_;
}

void Layout::put(Behind behind) {
  leading();
  out_->text(word().text);
  trailing(behind);
}

bool Layout::next(Document& out) {
  if (at_ >= words_.words.size()) return false;
  out_ = &out;
  while (token() == Token::at) annotation();
  effect();
  scope();
  put(token(1) == Token::semicolon ? Behind::nothing : Behind::hard_line);  // )
  bool first = true;
  while (token() != Token::semicolon) {
    if (!first) out_->hard_line();
    first = false;
    condition();
  }
  put();
  return true;
}

void Layout::annotation() {
  put();  // @
  put();
  if (token() != Token::left_paren) {
    out_->hard_line();
    return;
  }
  put();
  put();
  put(Behind::hard_line);
}

void Layout::effect() {
  leading();
  const std::size_t group = out_->open_group();
  out_->text(word().text);
  trailing();
  out_->line();
  put();  // (
  out_->close_group(group);
}

void Layout::scope() {
  // Where no variable is constrained they stand in one line.
  const bool plain = token(1) == Token::comma && token(3) == Token::comma &&
                     (token(5) == Token::right_paren || token(5) == Token::comma);
  const Behind behind = plain ? Behind::space : Behind::hard_line;
  const std::size_t group = out_->open_group();
  out_->open_nest(indent_);
  if (!plain) out_->hard_line();
  variable();
  put(behind);
  variable();
  put(behind);
  variable();
  if (token() == Token::comma) last_comma();
  out_->close_nest();
  if (!plain) out_->hard_line();
  out_->close_group(group);
}

void Layout::last_comma() {
  if (keep_every_comment_) return dropped_comma();
  // The reference formatter gives the parenthesis the comments of the comma.
  Word& parenthesis = words_.words[at_ + 1];
  parenthesis.first_leading = word().first_leading;
  parenthesis.leading_count = word().leading_count;
  parenthesis.trailing = word().trailing;
  ++at_;
}

void Layout::variable() {
  leading();
  const std::size_t whole = out_->open_group();
  const std::size_t left = out_->open_group();
  out_->text(word().text);
  trailing();
  if (at_keyword("is")) {
    const std::size_t outer = out_->open_group();
    out_->open_nest(indent_);
    const std::size_t inner = out_->open_group();
    out_->line();
    put();
    out_->close_group(inner);
    out_->line();
    name();
    out_->close_nest();
    out_->close_group(outer);
  }
  if (token() != Token::equal && !at_keyword("in")) {
    out_->close_group(left);
    out_->close_group(whole);
    return;
  }
  out_->line();
  put();
  out_->close_group(left);
  out_->open_nest(indent_);
  out_->line();
  expression();
  out_->close_nest();
  out_->close_group(whole);
}

void Layout::condition() {
  leading();
  const std::size_t whole = out_->open_group();
  out_->text(word().text);
  trailing(Behind::line);
  leading();
  out_->text(word().text);  // {
  const std::size_t braces = out_->open_group();
  out_->open_nest(indent_);
  trailing(Behind::line);
  // Comments before the expression end a line of the braces, but not of the expression.
  leading();
  led_ = at_;
  const std::size_t body = out_->open_group();
  expression();
  out_->close_group(body);
  out_->close_nest();
  out_->line();
  put();  // }
  out_->close_group(braces);
  out_->close_group(whole);
}

}  // namespace mcpgov::policy::cedar
