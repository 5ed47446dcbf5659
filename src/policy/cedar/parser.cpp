// Policies, annotations, scopes and names.
// Tested by tests/policy/parser_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/parser.hpp"

#include <algorithm>
#include <utility>

#include "policy/cedar/joined_path.hpp"
#include "policy/cedar/quote.hpp"

namespace mcpgov::policy::cedar {
namespace {

std::string_view last_part(std::string_view path) noexcept {
  const std::size_t at = path.rfind(':');
  return at == std::string_view::npos ? path : path.substr(at + 1);
}

}  // namespace

Parser::Parser(std::string_view name, std::string_view text, Symbols& symbols, Arena& arena)
    : name_(name), text_(text), symbols_(symbols), arena_(arena), lexer_(text) {
  if (text.size() > kMaxPolicyBytes) {
    text_ = {};
    fail_at(0, ErrorCode::policy_too_large, "a policy text may have 16777216 bytes");
  } else if (const std::size_t bad = invalid_utf8(text); bad != std::string_view::npos) {
    fail_at(bad, ErrorCode::policy_token, "the policy text is not valid UTF-8");
  } else {
    advance();
  }
}

void Parser::wanted(Token token) {
  unexpected("`" + std::string(token_text(token)) + "`");
}

void Parser::fail(ErrorCode code, std::string message) {
  fail_at(now_.offset, code, std::move(message));
}

// Keeps the first error. The token that matches nothing ends every loop above us.
void Parser::fail_at(std::size_t offset, ErrorCode code, std::string message) {
  now_.token = Token::failed;
  if (failed_) return;
  failed_ = true;
  const Position at = position_of(text_, offset);
  error_ = Error{code, std::move(message), std::string(name_), at.line, at.column};
}

void Parser::unexpected(std::string_view wanted) {
  if (at(Token::failed)) {
    const ErrorCode code = lexer_.failure();
    fail(code, code == ErrorCode::policy_integer_range ? "the integer does not fit 64 bits"
                                                       : "invalid token");
    return;
  }
  const std::string_view text =
      at(Token::identifier) || at(Token::number) ? now_.text : token_text(now_.token);
  fail(ErrorCode::policy_syntax, "unexpected " +
                                     (at(Token::end) ? std::string(text) : shown(text)) +
                                     ", wanted " + std::string(wanted));
}

// An identifier that may name a type, an attribute or a function.
std::string_view Parser::identifier(std::string_view wanted) {
  if (!at(Token::identifier)) {
    unexpected(wanted);
    return {};
  }
  const std::string_view text = now_.text;
  if (is_reserved(text)) {
    fail(ErrorCode::policy_reserved_identifier, shown(text) + " is reserved");
    return {};
  }
  advance();
  return text;
}

// The characters of a string token, in the arena if an escape had to be replaced.
std::string_view Parser::unescaped(const Lexeme& string) {
  if (string.plain) return string.text;
  scratch_.clear();
  std::size_t bad = 0;
  if (!unescape(string.text, scratch_, bad)) {
    fail_at(string.offset + 1 + bad, ErrorCode::policy_string_escape, "invalid escape");
    return {};
  }
  return arena_.copy(scratch_);
}

std::string_view Parser::plain_string() {
  if (!at(Token::string)) {
    unexpected("a string");
    return {};
  }
  const std::string_view text = unescaped(now_);
  if (!failed_) advance();
  return text;
}

Parser::Path Parser::path() {
  JoinedPath joined(identifier("a name"));
  bool of_entity = false;
  while (!of_entity && accept(Token::path)) {
    of_entity = at(Token::string);
    if (!of_entity) joined.add(identifier("a name"));
    if (failed_) return {};
  }
  return {joined.text(arena_), of_entity};
}

NameId Parser::type_name() {
  const Path type = path();
  if (failed_) return kNoName;
  if (type.of_entity) {
    fail(ErrorCode::policy_syntax, "wanted the name of an entity type, not an entity");
    return kNoName;
  }
  return symbols_.name(type.text);
}

EntityId Parser::entity_behind(const Path& type) {
  const std::string_view id = plain_string();
  return failed_ ? kNoEntity : symbols_.entity(symbols_.name(type.text), id);
}

bool Parser::next(Ast& ast, ParsedPolicy& out) {
  if (failed_ || at(Token::end)) return false;
  ast_ = &ast;
  ParsedPolicy fresh;  // but for the memory of the lists
  fresh.annotations.swap(out.annotations);
  fresh.actions.swap(out.actions);
  fresh.conditions.swap(out.conditions);
  fresh.annotations.clear();
  fresh.actions.clear();
  fresh.conditions.clear();
  out = std::move(fresh);
  out.begin = now_.offset;
  annotations(out);
  out.offset = now_.offset;
  if (accept_word("forbid")) {
    out.forbid = true;
  } else if (!accept_word("permit")) {
    unexpected("`permit` or `forbid`");
    return false;
  }
  expect(Token::left_paren);
  out.principal_offset = now_.offset;
  principal_or_resource("principal", out.principal, out);
  expect(Token::comma);
  out.action_offset = now_.offset;
  action_scope(out);
  expect(Token::comma);
  out.resource_offset = now_.offset;
  principal_or_resource("resource", out.resource, out);
  accept(Token::comma);
  expect(Token::right_paren);
  conditions(out);
  out.end = now_.offset + 1;
  expect(Token::semicolon);
  return !failed_;
}

bool Parser::expression(Ast& ast, NodeId& out) {
  ast_ = &ast;
  out = expr();
  if (!failed_ && !at(Token::end)) unexpected("the end of the text");
  return !failed_;
}

void Parser::annotations(ParsedPolicy& out) {
  while (accept(Token::at)) {
    if (!at(Token::identifier)) return unexpected("the name of an annotation");
    AnnotationText annotation{now_.text, {}, true};  // any word: annotations know no reserved ones
    advance();
    if (accept(Token::left_paren)) {
      annotation.bare = false;
      annotation.value = plain_string();
      expect(Token::right_paren);
    }
    out.annotations.push_back(annotation);
  }
  if (failed_ || out.annotations.size() < 2) return;
  std::vector<std::string_view> names;
  for (const AnnotationText& each : out.annotations) names.push_back(each.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return;
  const char* const later = std::max(twice[0].data(), twice[1].data());  // both are in the text
  fail_at(static_cast<std::size_t>(later - text_.data()), ErrorCode::policy_duplicate_annotation,
          shown(*twice) + " is given twice");
}

// `==` and `in` take one entity, here or in parentheses, or the variable's own slot.
EntityId Parser::scope_entity(std::string_view variable, ParsedPolicy& out) {
  int open = 0;
  while (accept(Token::left_paren)) {
    if (++open > kMaxExpressionDepth) {
      fail(ErrorCode::policy_too_deep, "too many parentheses");
      return kNoEntity;
    }
  }
  EntityId entity = kNoEntity;
  if (at(Token::slot)) {
    if (now_.text.substr(1) != variable) {
      fail(ErrorCode::policy_slot, shown(now_.text) + " cannot stand here");
      return kNoEntity;
    }
    advance();
    out.is_template = true;
  } else if (at(Token::identifier)) {
    const Path name = path();
    if (!failed_ && !name.of_entity) {
      fail(ErrorCode::policy_scope, "wanted an entity `Type::\"id\"`");
    } else if (!failed_) {
      entity = entity_behind(name);
    }
  } else if (!at(Token::failed)) {
    fail(ErrorCode::policy_scope, "wanted an entity `Type::\"id\"` or the slot of the variable");
  } else {
    unexpected("an entity");
  }
  while (open-- > 0) expect(Token::right_paren);
  return entity;
}

void Parser::principal_or_resource(std::string_view name, Scope& scope, ParsedPolicy& out) {
  if (!accept_word(name)) return unexpected("`" + std::string(name) + "`");
  if (accept(Token::equal)) {
    scope.kind = ScopeKind::equal;
    scope.entity = scope_entity(name, out);
  } else if (accept_word("in")) {
    scope.kind = ScopeKind::in;
    scope.entity = scope_entity(name, out);
  } else if (accept_word("is")) {
    scope.kind = ScopeKind::is;
    scope.type = type_name();
    if (accept_word("in")) {
      scope.kind = ScopeKind::is_in;
      scope.entity = scope_entity(name, out);
    }
  }
  if (failed_ || at(Token::comma) || at(Token::right_paren)) return;
  if (at(Token::failed)) return unexpected("`,`");
  fail(ErrorCode::policy_scope, "the scope takes `==`, `in`, `is` or `is … in`, once per variable");
}

EntityId Parser::action_entity() {
  const std::uint32_t offset = now_.offset;
  if (at(Token::slot)) {
    fail(ErrorCode::policy_slot, "an action cannot be a slot");
    return kNoEntity;
  }
  ParsedPolicy ignored;
  const EntityId entity = scope_entity("action", ignored);
  if (!failed_ && last_part(symbols_.text(symbols_.type(entity))) != "Action") {
    fail_at(offset, ErrorCode::policy_action_type, "an action must have the type `Action`");
  }
  return entity;
}

void Parser::action_list(ParsedPolicy& out) {
  int open = 0;
  while (accept(Token::left_paren)) {
    if (++open > kMaxExpressionDepth) {
      return fail(ErrorCode::policy_too_deep, "too many parentheses");
    }
  }
  if (accept(Token::left_bracket)) {
    out.action = ActionScope::in_list;
    while (!failed_ && !at(Token::right_bracket)) {
      out.actions.push_back(action_entity());
      if (!accept(Token::comma)) break;
    }
    expect(Token::right_bracket);
  } else {
    out.action = ActionScope::in;
    out.actions.push_back(action_entity());
  }
  while (open-- > 0) expect(Token::right_paren);
}

void Parser::action_scope(ParsedPolicy& out) {
  if (!accept_word("action")) return unexpected("`action`");
  if (accept(Token::equal)) {
    out.action = ActionScope::equal;
    out.actions.push_back(action_entity());
  } else if (accept_word("in")) {
    action_list(out);
  }
  if (failed_ || at(Token::comma) || at(Token::right_paren)) return;
  if (at(Token::failed)) return unexpected("`,`");
  fail(ErrorCode::policy_scope, "the scope of `action` takes `==` or `in`, once");
}

void Parser::conditions(ParsedPolicy& out) {
  while (at_word("when") || at_word("unless")) {
    const bool unless = now_.text == "unless";
    advance();
    if (!expect(Token::left_brace)) return;
    const NodeId body = expr();
    expect(Token::right_brace);
    out.conditions.push_back({body, unless});
  }
}

}  // namespace mcpgov::policy::cedar
