// Policy text to syntax trees, one policy at a time.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "mcpgov/result.hpp"
#include "policy/cedar/ast.hpp"
#include "policy/cedar/lexer.hpp"
#include "policy/symbols.hpp"

namespace mcpgov::policy::cedar {

// Nesting of expressions (parentheses, sets, records, arguments, indices of `if`). Chains of
// operators and members do not count: they are read in loops. 256 is 23 times the deepest of the
// published corpus and needs about 250 KB of stack with AddressSanitizer.
inline constexpr int kMaxExpressionDepth = 256;
// Offsets and indices are 32 bits wide; 16 MiB is room for some 100,000 policies.
inline constexpr std::size_t kMaxPolicyBytes = 16 * 1024 * 1024;

// Reads all of Cedar's grammar, language version 4.5. Templates are read too.
// Errors are kept: after the first one nothing more is read.
// Borrowed: name and text. Strings that outlive the call go to the arena. Threads: one thread.
class Parser {
 public:
  Parser(std::string_view name, std::string_view text, Symbols& symbols, Arena& arena);

  // The next policy: true and its nodes appended to ast, or false at the end or after an error.
  // Throws: std::bad_alloc.
  bool next(Ast& ast, ParsedPolicy& out);

  // An expression and nothing else.
  bool expression(Ast& ast, NodeId& out);

  bool failed() const noexcept { return failed_; }
  const Error& error() const noexcept { return error_; }

 private:
  // parser.cpp: tokens, names, policies and scopes.
  void advance() noexcept { lexer_.read(now_); }
  bool at(Token token) const noexcept { return now_.token == token; }
  bool at_word(std::string_view word) const noexcept {
    return now_.token == Token::identifier && now_.text == word;
  }
  bool accept(Token token) noexcept {
    if (now_.token != token) return false;
    advance();
    return true;
  }
  bool accept_word(std::string_view word) noexcept {
    if (!at_word(word)) return false;
    advance();
    return true;
  }
  bool expect(Token token) {
    if (accept(token)) return true;
    wanted(token);
    return false;
  }
  void wanted(Token token);
  void fail(ErrorCode code, std::string message);
  void fail_at(std::size_t offset, ErrorCode code, std::string message);
  void unexpected(std::string_view wanted);
  std::string_view identifier(std::string_view wanted);
  std::string_view plain_string();
  std::string_view unescaped(const Lexeme& string);
  NameId type_name();
  // `A::B`, or the type of an entity: then a string is next, behind `::`. Empty after an error.
  struct Path {
    std::string_view text;
    bool of_entity = false;
  };
  Path path();
  EntityId entity_behind(const Path& type);
  void annotations(ParsedPolicy& out);
  void principal_or_resource(std::string_view name, Scope& scope, ParsedPolicy& out);
  EntityId scope_entity(std::string_view variable, ParsedPolicy& out);
  void action_scope(ParsedPolicy& out);
  EntityId action_entity();
  void action_list(ParsedPolicy& out);
  void conditions(ParsedPolicy& out);

  // parser_expression.cpp: operators and what they bind.
  class Depth;
  NodeId expr();
  NodeId any_of();
  NodeId all_of();
  NodeId relation();
  NodeId has(NodeId left);
  NodeId is(NodeId left);
  NodeId like(NodeId left);
  std::uint32_t plain_pattern(std::string_view text);
  NodeId sum();
  NodeId product();
  NodeId unary();
  NodeId minus();
  // start: where the expression in front of the members begins, its parentheses included.
  NodeId members(NodeId left, std::uint32_t start);
  NodeId method(NodeId receiver, std::string_view name, std::uint32_t offset);
  NodeId built_in(NodeId receiver, NodeKind kind, std::size_t arity, std::string_view name,
                  std::uint32_t offset);

  // parser_primary.cpp: literals, names, calls, sets and records.
  NodeId primary();
  NodeId named();
  NodeId call(std::string_view name, std::uint32_t offset);
  NodeId set();
  NodeId record();
  NameId record_key();
  // Expressions up to `close`, which is consumed. Gives their place in Ast::lists.
  std::uint32_t list_until(Token close, std::uint32_t& count);
  void read_list(Token close);
  // Moves what pending_ has from `first` on to Ast::lists.
  std::uint32_t keep(std::size_t first, std::uint32_t& count);
  NodeId node(NodeKind kind, std::uint32_t a = 0, std::uint32_t b = 0, std::uint32_t c = 0);
  // Gives the node another beginning than that of its first operand.
  NodeId starting_at(std::uint32_t offset, NodeId node);
  std::uint32_t offset_of(const Node& node) const;
  NodeId opposite(NodeKind kind, Spelling spelling, NodeId left);
  NodeId literal(const Value& value);

  std::string_view name_;
  std::string_view text_;
  Symbols& symbols_;
  Arena& arena_;
  Lexer lexer_;
  Lexeme now_;
  Ast* ast_ = nullptr;
  int depth_ = 0;
  std::uint32_t start_ = 0;  // of the literal, variable, set, record or call being read
  bool failed_ = false;
  Error error_;
  std::string scratch_;
  std::vector<std::uint32_t> pending_;  // lists being read, the inner above the outer
};

}  // namespace mcpgov::policy::cedar
