// The parts that a schema's declarations are made of: tokens, strings, names and annotations.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "mcpgov/result.hpp"
#include "policy/cedar/lexer.hpp"
#include "policy/cedar/schema_declarations.hpp"

namespace mcpgov::policy::cedar {

// The tokens of policies and, where these have no use for it, a question mark.
class SchemaLexer {
 public:
  explicit SchemaLexer(std::string_view text) : text_(text), lexer_(text) {}

  Lexeme next() noexcept;

 private:
  std::string_view text_;
  Lexer lexer_;
  std::uint32_t base_ = 0;
};

// Lists being read, the inner ones above the outer: a finished one moves to the arena.
template <class T>
class Pile {
 public:
  std::size_t mark() const noexcept { return items_.size(); }
  void push(const T& item) { items_.push_back(item); }
  std::span<T> since(std::size_t mark) noexcept { return std::span<T>(items_).subspan(mark); }
  std::span<T> take(std::size_t mark, Arena& arena) {
    const std::span<T> out = arena.copy(std::span<const T>(since(mark)));
    items_.resize(mark);
    return out;
  }

 private:
  std::vector<T> items_;
};

// Reads token by token. Every function returns false when it fails; the first failure is kept.
// Borrowed: text and arena. Threads: one thread.
class SchemaTokens {
 public:
  SchemaTokens(std::string_view text, Arena& arena) : text_(text), arena_(arena), lexer_(text) {
    advance();
  }

  // What failed first, and where.
  Error error() const;

 protected:
  bool fail(ErrorCode code, std::string reason, std::uint32_t offset);
  bool unexpected(std::string_view wanted);

  void advance() noexcept { now_ = lexer_.next(); }
  bool word(std::string_view text) const noexcept {
    return now_.token == Token::identifier && now_.text == text;
  }
  bool take(Token token);
  bool take_if(Token token) noexcept;
  bool take_word_if(std::string_view text) noexcept;
  // The question mark behind the name of an optional attribute.
  bool take_optional_mark() noexcept;

  bool string(std::string_view& out);
  // An identifier that is no reserved word. `__cedar` is for the resolver to judge.
  bool identifier(SchemaName& out);
  // Identifier or string.
  bool name(SchemaName& out);
  bool path(SchemaName& out);
  bool annotations(std::span<const SchemaAnnotation>& out);

  std::string_view text_;
  Arena& arena_;
  SchemaLexer lexer_;
  Lexeme now_;

 private:
  std::string scratch_;
  Pile<SchemaAnnotation> annotations_;
  ErrorCode code_ = ErrorCode::none;
  std::string reason_;
  std::uint32_t offset_ = 0;
};

}  // namespace mcpgov::policy::cedar
