// Tokens, strings, names and annotations of a schema text.
// Tested by tests/policy/schema_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/schema_tokens.hpp"

#include <algorithm>
#include <utility>

#include "policy/cedar/joined_path.hpp"
#include "policy/cedar/json_tree.hpp"

namespace mcpgov::policy::cedar {

Lexeme SchemaLexer::next() noexcept {
  Lexeme lexeme = lexer_.next();
  lexeme.offset += base_;
  if (lexeme.token == Token::failed && lexeme.offset < text_.size() &&
      text_[lexeme.offset] == '?') {
    base_ = lexeme.offset + 1;
    lexer_ = Lexer(text_.substr(base_));
    lexeme.token = Token::slot;
    lexeme.text = {};  // a real slot has a name
  }
  return lexeme;
}

Error SchemaTokens::error() const {
  return error_at(code_, reason_, text_, offset_);
}

bool SchemaTokens::fail(ErrorCode code, std::string reason, std::uint32_t offset) {
  if (code_ == ErrorCode::none) {
    code_ = code;
    reason_ = std::move(reason);
    offset_ = offset;
  }
  return false;
}

bool SchemaTokens::unexpected(std::string_view wanted) {
  std::string found = now_.token == Token::identifier ? std::string(now_.text.substr(0, 40))
                                                      : std::string(token_text(now_.token));
  if (now_.token == Token::slot) found = "?";
  if (now_.token == Token::end) found = "the end of the text";
  if (now_.token != Token::end && now_.token != Token::failed) found = "`" + found + "`";
  return fail(ErrorCode::schema_syntax, "expected " + std::string(wanted) + ", found " + found,
              now_.offset);
}

bool SchemaTokens::take(Token token) {
  if (now_.token != token) return unexpected("`" + std::string(token_text(token)) + "`");
  advance();
  return true;
}

bool SchemaTokens::take_if(Token token) noexcept {
  if (now_.token != token) return false;
  advance();
  return true;
}

bool SchemaTokens::take_optional_mark() noexcept {
  if (now_.token != Token::slot || !now_.text.empty()) return false;
  advance();
  return true;
}

bool SchemaTokens::take_word_if(std::string_view text) noexcept {
  if (!word(text)) return false;
  advance();
  return true;
}

bool SchemaTokens::string(std::string_view& out) {
  if (now_.token != Token::string) return unexpected("a string");
  out = now_.text;
  if (out.find_first_of("\\\r") != std::string_view::npos) {
    std::size_t bad = 0;
    scratch_.clear();
    if (!unescape(now_.text, scratch_, bad)) {
      return fail(ErrorCode::schema_string_escape, "not a valid escape",
                  now_.offset + 1 + static_cast<std::uint32_t>(bad));
    }
    out = arena_.copy(scratch_);
  }
  advance();
  return true;
}

bool SchemaTokens::identifier(SchemaName& out) {
  if (now_.token != Token::identifier) return unexpected("a name");
  if (is_reserved(now_.text) && now_.text != "__cedar") {
    return fail(ErrorCode::schema_reserved_name,
                "`" + std::string(now_.text) + "` is a reserved word", now_.offset);
  }
  out = {now_.text, now_.offset};
  advance();
  return true;
}

bool SchemaTokens::name(SchemaName& out) {
  if (now_.token != Token::string) return identifier(out);
  out.offset = now_.offset;
  return string(out.text);
}

bool SchemaTokens::path(SchemaName& out) {
  if (!identifier(out)) return false;
  JoinedPath joined(out.text);
  while (take_if(Token::path)) {
    SchemaName part;
    if (!identifier(part)) return false;
    joined.add(part.text);
  }
  out.text = joined.text(arena_);
  return true;
}

bool SchemaTokens::annotations(std::span<const SchemaAnnotation>& out) {
  out = {};
  if (now_.token != Token::at) return true;
  const std::size_t mark = annotations_.mark();
  while (now_.token == Token::at) {
    advance();
    if (now_.token != Token::identifier) return unexpected("the name of an annotation");
    SchemaAnnotation read;
    read.name = now_.text;
    advance();
    if (take_if(Token::left_paren) && (!string(read.value) || !take(Token::right_paren))) {
      return false;
    }
    annotations_.push(read);
  }
  const std::span<SchemaAnnotation> all = annotations_.since(mark);
  std::sort(all.begin(), all.end(), [](const SchemaAnnotation& a, const SchemaAnnotation& b) {
    return a.name != b.name ? a.name < b.name : a.name.data() < b.name.data();
  });
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i - 1].name != all[i].name) continue;
    return fail(ErrorCode::schema_duplicate_annotation,
                "the annotation `" + std::string(all[i].name) + "` is given twice",
                static_cast<std::uint32_t>(all[i].name.data() - text_.data()));
  }
  out = annotations_.take(mark, arena_);
  return true;
}

}  // namespace mcpgov::policy::cedar
