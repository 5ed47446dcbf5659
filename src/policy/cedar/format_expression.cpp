// Expressions as documents.
// Tested by tests/policy/format_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <span>

#include "policy/cedar/format_layout.hpp"

namespace mcpgov::policy::cedar {
namespace {

bool compares(Token token) noexcept {
  switch (token) {
    case Token::equal:
    case Token::not_equal:
    case Token::less:
    case Token::less_equal:
    case Token::greater:
    case Token::greater_equal: return true;
    default: return false;
  }
}

}  // namespace

void Layout::expression() {
  if (!at_keyword("if")) return any_of();
  const std::size_t group = out_->open_group();
  for (int part = 0; part < 3; ++part) {  // if, then, else
    if (part != 0) out_->line();
    put();
    out_->open_nest(indent_);
    out_->line();
    expression();
    out_->close_nest();
  }
  out_->close_group(group);
}

void Layout::any_of() {
  all_of();
  while (token() == Token::either) {
    out_->space();
    put(Behind::line);
    all_of();
  }
}

void Layout::all_of() {
  relation();
  while (token() == Token::both) {
    out_->space();
    put(Behind::line);
    relation();
  }
}

void Layout::relation() {
  const std::size_t group = out_->open_group();
  sum();
  if (at_keyword("has") || at_keyword("like")) {
    out_->line();
    put();
    out_->line();
    out_->open_nest(indent_);
    sum();
    out_->close_nest();
    return out_->close_group(group);
  }
  if (at_keyword("is")) {
    out_->space();
    put();
    out_->space();
    out_->open_nest(indent_);
    sum();
    out_->close_nest();
    if (at_keyword("in")) {
      out_->line();
      put();
      out_->space();
      out_->open_nest(indent_);
      sum();
      out_->close_nest();
    }
    return out_->close_group(group);
  }
  // Comparisons never break, whatever their length.
  out_->drop_group(group);
  if (!compares(token()) && !at_keyword("in")) return;
  out_->space();
  put();
  out_->space();
  sum();
}

void Layout::sum() {
  const std::size_t group = out_->open_group();
  product();
  if (token() != Token::plus && token() != Token::minus) return out_->drop_group(group);
  while (token() == Token::plus || token() == Token::minus) {
    out_->space();
    put();
    out_->line();
    product();
  }
  out_->close_group(group);
}

void Layout::product() {
  const std::size_t group = out_->open_group();
  unary();
  if (token() != Token::star) return out_->drop_group(group);
  while (token() == Token::star) {
    out_->space();
    put();
    out_->line();
    unary();
  }
  out_->close_group(group);
}

void Layout::unary() {
  while (token() == Token::bang || token() == Token::minus) put();
  member();
}

void Layout::member() {
  const std::size_t group = out_->open_group();
  primary();
  if (at_access()) {
    out_->open_nest(indent_);
    access();
    while (at_access()) {
      out_->soft_line();
      access();
    }
    out_->close_nest();
  }
  out_->close_group(group);
}

bool Layout::at_access() const {
  return token() == Token::dot || token() == Token::left_paren || token() == Token::left_bracket;
}

void Layout::access() {
  if (token() == Token::dot) {
    put();
    return put();
  }
  if (token() == Token::left_bracket) {
    put();
    expression();
    return put();
  }
  put();
  if (token() != Token::right_paren) {
    out_->open_nest(indent_);
    out_->soft_line();
    list(Token::right_paren);
    out_->close_nest();
    out_->soft_line();
  }
  put();
}

void Layout::primary() {
  switch (token()) {
    case Token::left_paren: {
      const std::size_t group = out_->open_group();
      put();
      // What goes on in another line begins below the first character inside.
      out_->open_nest(1);
      expression();
      out_->close_nest();
      put();
      return out_->close_group(group);
    }
    case Token::left_bracket: return set();
    case Token::left_brace: return record();
    default: return name();
  }
}

// A literal, a slot, or a name, which may go on to an entity's id.
void Layout::name() {
  put();
  while (token() == Token::path) {
    put();
    put();
  }
}

void Layout::list(Token close) {
  for (;;) {
    expression();
    if (token() == Token::colon) {
      put();
      out_->space();
      expression();
    }
    if (token() == close) return;
    if (token(1) == close) return dropped_comma();
    put();
    out_->line();
  }
}

// A comma behind the last item is not written; what was said about it is: behind the item if that
// is the same line, else before what closes the list, where it is found when this is laid out
// again.
void Layout::dropped_comma() {
  if (!keep_every_comment_ || !word().commented()) {
    ++at_;
    return;
  }
  const bool same_line = word().leading_count == 0 && words_.words[at_ - 1].trailing.empty();
  if (same_line) return trailing();
  const std::span<const std::string_view> before = words_.leading(word());
  carried_.assign(before.begin(), before.end());
  if (!word().trailing.empty()) carried_.push_back(word().trailing);
  ++at_;
}

void Layout::set() {
  put();
  if (token() != Token::right_bracket) {
    out_->open_nest(1);
    list(Token::right_bracket);
    out_->close_nest();
  }
  put();
}

void Layout::record() {
  put();
  if (token() != Token::right_brace) {
    out_->open_nest(indent_);
    const std::size_t group = out_->open_group();
    out_->line();
    list(Token::right_brace);
    out_->line();
    out_->close_group(group);
    out_->close_nest();
  }
  put();
}

}  // namespace mcpgov::policy::cedar
