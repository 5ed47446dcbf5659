// Literals, variables, entities, calls, sets and records.
// Tested by tests/policy/parser_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "policy/cedar/parser.hpp"

namespace mcpgov::policy::cedar {

NodeId Parser::literal(const Value& value) {
  ast_->literals.push_back(value);
  return node(NodeKind::literal, static_cast<std::uint32_t>(ast_->literals.size() - 1));
}

NodeId Parser::primary() {
  start_ = now_.offset;
  switch (now_.token) {
    case Token::number: {
      if (now_.number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        fail(ErrorCode::policy_integer_range, "the integer does not fit 64 bits");
        return 0;
      }
      const auto value = static_cast<std::int64_t>(now_.number);
      advance();
      return literal(Value::of_integer(value));
    }
    case Token::string: return literal(Value::of_string(plain_string()));
    case Token::identifier: return named();
    case Token::left_bracket: advance(); return set();
    case Token::left_brace: advance(); return record();
    case Token::left_paren: {
      advance();
      const NodeId inner = expr();
      expect(Token::right_paren);
      return inner;
    }
    case Token::slot:
      fail(ErrorCode::policy_slot, "a slot can stand only in the scope of a policy");
      return 0;
    default: unexpected("an expression"); return 0;
  }
}

NodeId Parser::named() {
  const std::uint32_t offset = now_.offset;
  if (accept_word("true")) return literal(Value::of_boolean(true));
  if (accept_word("false")) return literal(Value::of_boolean(false));
  if (at_word("if")) {
    fail(ErrorCode::policy_syntax, "`if` as an operand needs parentheses");
    return 0;
  }
  const Path path = this->path();
  if (failed_) return 0;
  if (path.of_entity) {
    const EntityId entity = entity_behind(path);
    return failed_ ? 0 : literal(Value::of_entity(entity));
  }
  const std::string_view name = path.text;
  constexpr std::string_view kVariables[] = {"principal", "action", "resource", "context"};
  for (std::uint32_t i = 0; i < std::size(kVariables); ++i) {
    if (name != kVariables[i]) continue;
    if (at(Token::left_paren)) break;
    return node(NodeKind::variable, i);
  }
  if (accept(Token::left_paren)) return call(name, offset);
  fail_at(offset, ErrorCode::policy_syntax,
          "`" + std::string(name) + "` is no variable; an entity is written `Type::\"id\"`");
  return 0;
}

NodeId Parser::call(std::string_view name, std::uint32_t offset) {
  const ExtensionFunction* function = find_extension_function(name);
  if (function == nullptr || function->style != CallStyle::function) {
    fail_at(offset, ErrorCode::policy_unknown_function,
            "`" + std::string(name) + "` is not a function");
    return 0;
  }
  std::uint32_t count = 0;
  const std::uint32_t first = list_until(Token::right_paren, count);
  return starting_at(
      offset,
      node(NodeKind::call, static_cast<std::uint32_t>(function - extension_functions().data()),
           first, count));
}

// Items go to pending_. A comma may follow the last item but not stand alone.
void Parser::read_list(Token close) {
  while (!failed_ && !at(close)) {
    pending_.push_back(expr());
    if (!accept(Token::comma)) break;
  }
  expect(close);
}

std::uint32_t Parser::list_until(Token close, std::uint32_t& count) {
  const std::size_t first = pending_.size();
  read_list(close);
  return keep(first, count);
}

NodeId Parser::set() {
  const std::uint32_t start = start_;
  std::uint32_t count = 0;
  const std::uint32_t first = list_until(Token::right_bracket, count);
  return starting_at(start, node(NodeKind::set, first, count));
}

NameId Parser::record_key() {
  const std::string_view key =
      at(Token::string) ? plain_string() : identifier("the name of an attribute");
  return failed_ ? kNoName : symbols_.name(key);
}

// The fields are kept, and so evaluated, in the order of their names: which of several errors comes
// out is part of the language.
NodeId Parser::record() {
  struct Pair {
    std::string_view key;
    NodeId value;
    std::uint32_t name;
  };
  std::vector<Pair> pairs;
  const std::uint32_t start = start_;
  const std::uint32_t offset = now_.offset;
  while (!failed_ && !at(Token::right_brace)) {
    const NameId key = record_key();
    expect(Token::colon);
    const NodeId value = expr();
    if (failed_) return 0;
    pairs.push_back({symbols_.text(key), value, static_cast<std::uint32_t>(key)});
    if (!accept(Token::comma)) break;
  }
  if (!expect(Token::right_brace)) return 0;
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.key < b.key; });
  const std::size_t first = pending_.size();
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i > 0 && pairs[i].name == pairs[i - 1].name) {
      fail_at(offset, ErrorCode::policy_duplicate_key, "a record names a key twice");
      return 0;
    }
    pending_.push_back(pairs[i].name);
    pending_.push_back(pairs[i].value);
  }
  std::uint32_t count = 0;
  const std::uint32_t list = keep(first, count);
  return starting_at(start, node(NodeKind::record, list, count / 2));
}

}  // namespace mcpgov::policy::cedar
