// Operators of expressions, by falling precedence: members, unary, `*`, `+ -`, relations, `&&`,
// `||`. Tested by tests/policy/parser_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "policy/cedar/parser.hpp"

namespace mcpgov::policy::cedar {

// One more level of nesting for as long as it lives.
class Parser::Depth {
 public:
  explicit Depth(Parser& parser) : parser_(parser) {
    if (++parser_.depth_ > kMaxExpressionDepth) {
      parser_.fail(ErrorCode::policy_too_deep, "expressions may nest 256 deep");
    }
  }
  ~Depth() { --parser_.depth_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

 private:
  Parser& parser_;
};

NodeId Parser::node(NodeKind kind, std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  if (failed_) return 0;  // the operands may be missing
  ast_->nodes.push_back({kind, a, b, c});
  ast_->nodes.back().offset = offset_of(ast_->nodes.back());
  const int height = height_of(*ast_, ast_->nodes.back());
  if (height > kMaxTreeHeight) fail(ErrorCode::policy_too_deep, "the expression nests too deep");
  ast_->heights.push_back(static_cast<std::uint16_t>(height));
  return static_cast<NodeId>(ast_->nodes.size() - 1);
}

std::uint32_t Parser::offset_of(const Node& node) const {
  switch (node.kind) {
    case NodeKind::literal:
    case NodeKind::variable:
    case NodeKind::set:
    case NodeKind::record: return start_;
    case NodeKind::call:
      // A method begins with its receiver.
      return extension_functions()[node.a].style == CallStyle::method
                 ? ast_->nodes[ast_->lists[node.b]].offset
                 : start_;
    case NodeKind::all_of:
    case NodeKind::any_of: return ast_->nodes[ast_->lists[node.a]].offset;
    default: return ast_->nodes[node.a].offset;
  }
}

NodeId Parser::starting_at(std::uint32_t offset, NodeId node) {
  if (!failed_) ast_->nodes[node].offset = offset;
  return node;
}

// `!=`, `>` and `>=`: the operands are still evaluated left to right.
NodeId Parser::opposite(NodeKind kind, Spelling spelling, NodeId left) {
  advance();
  const NodeId out = node(NodeKind::negation, node(kind, left, sum()));
  if (!failed_) ast_->nodes[out].spelling = spelling;
  return out;
}

std::uint32_t Parser::keep(std::size_t first, std::uint32_t& count) {
  const auto at = static_cast<std::uint32_t>(ast_->lists.size());
  const auto begin = pending_.begin() + static_cast<std::ptrdiff_t>(first);
  count = static_cast<std::uint32_t>(pending_.end() - begin);
  ast_->lists.insert(ast_->lists.end(), begin, pending_.end());
  pending_.resize(first);
  return at;
}

NodeId Parser::expr() {
  const Depth depth(*this);
  if (failed_) return 0;
  const std::uint32_t start = now_.offset;
  if (!accept_word("if")) return any_of();
  const NodeId test = expr();
  if (!accept_word("then")) unexpected("`then`");
  const NodeId yes = expr();
  if (!accept_word("else")) unexpected("`else`");
  const NodeId no = expr();
  return starting_at(start, node(NodeKind::choice, test, yes, no));
}

NodeId Parser::any_of() {
  const NodeId left = all_of();
  if (!at(Token::either)) return left;
  const std::size_t first = pending_.size();
  pending_.push_back(left);
  while (accept(Token::either)) pending_.push_back(all_of());
  std::uint32_t count = 0;
  const std::uint32_t operands = keep(first, count);
  return node(NodeKind::any_of, operands, count);
}

NodeId Parser::all_of() {
  const NodeId left = relation();
  if (!at(Token::both)) return left;
  const std::size_t first = pending_.size();
  pending_.push_back(left);
  while (accept(Token::both)) pending_.push_back(relation());
  std::uint32_t count = 0;
  const std::uint32_t operands = keep(first, count);
  return node(NodeKind::all_of, operands, count);
}

// Relations do not chain: after one, the caller sees the next operator and refuses it.
NodeId Parser::relation() {
  const NodeId left = sum();
  switch (now_.token) {
    case Token::equal: advance(); return node(NodeKind::equal, left, sum());
    case Token::less: advance(); return node(NodeKind::less, left, sum());
    case Token::less_equal: advance(); return node(NodeKind::less_equal, left, sum());
    case Token::not_equal: return opposite(NodeKind::equal, Spelling::not_equal, left);
    case Token::greater: return opposite(NodeKind::less_equal, Spelling::greater, left);
    case Token::greater_equal: return opposite(NodeKind::less, Spelling::greater_equal, left);
    case Token::identifier: break;
    default: return left;
  }
  if (accept_word("in")) return node(NodeKind::in, left, sum());
  if (accept_word("has")) return has(left);
  if (accept_word("is")) return is(left);
  if (accept_word("like")) return like(left);
  return left;
}

NodeId Parser::has(NodeId left) {
  const std::size_t first = pending_.size();
  if (at(Token::string)) {
    pending_.push_back(static_cast<std::uint32_t>(symbols_.name(plain_string())));
  } else {
    do {
      const std::string_view name = identifier("the name of an attribute");
      if (failed_) return 0;
      pending_.push_back(static_cast<std::uint32_t>(symbols_.name(name)));
    } while (accept(Token::dot));
  }
  std::uint32_t count = 0;
  const std::uint32_t names = keep(first, count);
  return node(NodeKind::has, left, names, count);
}

NodeId Parser::is(NodeId left) {
  const auto type = static_cast<std::uint32_t>(type_name());
  if (!accept_word("in")) return node(NodeKind::is, left, type);
  const NodeId container = sum();
  return node(NodeKind::is_in, left, type, container);
}

NodeId Parser::like(NodeId left) {
  if (!at(Token::string)) {
    unexpected("a pattern in quotes");
    return 0;
  }
  if (now_.plain) {
    const std::uint32_t pattern = plain_pattern(now_.text);
    advance();
    return node(NodeKind::like, left, pattern);
  }
  std::vector<std::string> pieces;
  std::size_t bad = 0;
  if (!unescape_pattern(now_.text, pieces, bad)) {
    fail_at(now_.offset + 1 + bad, ErrorCode::policy_string_escape, "invalid escape");
    return 0;
  }
  advance();
  auto* kept = arena_.array<std::string_view>(pieces.size());
  for (std::size_t i = 0; i < pieces.size(); ++i) kept[i] = arena_.copy(pieces[i]);
  ast_->patterns.emplace_back(kept, pieces.size());
  return node(NodeKind::like, left, static_cast<std::uint32_t>(ast_->patterns.size() - 1));
}

// A pattern without escapes is cut where it stands.
std::uint32_t Parser::plain_pattern(std::string_view text) {
  const auto count = static_cast<std::size_t>(std::count(text.begin(), text.end(), '*')) + 1;
  auto* pieces = arena_.array<std::string_view>(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t star = std::min(text.find('*'), text.size());
    pieces[i] = text.substr(0, star);
    text.remove_prefix(std::min(star + 1, text.size()));
  }
  ast_->patterns.emplace_back(pieces, count);
  return static_cast<std::uint32_t>(ast_->patterns.size() - 1);
}

NodeId Parser::sum() {
  NodeId left = product();
  while (at(Token::plus) || at(Token::minus)) {
    const NodeKind kind = at(Token::plus) ? NodeKind::add : NodeKind::subtract;
    advance();
    const NodeId right = product();
    left = node(kind, left, right);
  }
  return left;
}

NodeId Parser::product() {
  NodeId left = unary();
  while (accept(Token::star)) {
    const NodeId right = unary();
    left = node(NodeKind::multiply, left, right);
  }
  return left;
}

// Up to four of one sign; the two do not mix.
NodeId Parser::unary() {
  if (at(Token::minus)) return minus();
  const std::uint32_t start = now_.offset;
  int count = 0;
  while (accept(Token::bang)) {
    if (++count > 4) fail(ErrorCode::policy_syntax, "`!` may be repeated four times");
  }
  const std::uint32_t first = now_.offset;
  NodeId operand = members(primary(), first);
  while (count-- > 0) operand = starting_at(start, node(NodeKind::negation, operand));
  return operand;
}

NodeId Parser::minus() {
  const std::uint32_t start = now_.offset;
  start_ = start;
  int count = 0;
  while (accept(Token::minus)) {
    if (++count > 4) fail(ErrorCode::policy_syntax, "`-` may be repeated four times");
  }
  NodeId operand = 0;
  if (at(Token::number)) {
    // 2^63 exists only as the literal -9223372036854775808: directly behind a minus, with no
    // member behind it.
    constexpr std::uint64_t kLimit = 9223372036854775808U;
    const Lexeme number = now_;
    advance();
    const bool bare = !at(Token::dot) && !at(Token::left_bracket);
    if (number.number > kLimit || (number.number == kLimit && !bare)) {
      fail_at(number.offset, ErrorCode::policy_integer_range, "the integer does not fit 64 bits");
      return 0;
    }
    const auto positive = static_cast<std::int64_t>(number.number & (kLimit - 1));
    if (bare) {
      const std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
      operand = literal(Value::of_integer(number.number == kLimit ? lowest : -positive));
      --count;
    } else {
      operand = members(literal(Value::of_integer(positive)), number.offset);
    }
  } else {
    const std::uint32_t first = now_.offset;
    operand = members(primary(), first);
  }
  while (count-- > 0) operand = starting_at(start, node(NodeKind::minus, operand));
  return operand;
}

NodeId Parser::members(NodeId left, std::uint32_t start) {
  if (failed_) return 0;
  // The call of a function is part of the chain behind it, unless it stands in parentheses.
  const Node& head = ast_->nodes[left];
  bool chained = head.kind == NodeKind::call && head.offset == start;
  for (;; chained = true) {
    if (accept(Token::dot)) {
      const std::uint32_t offset = now_.offset;
      const std::string_view name = identifier("the name of an attribute or method");
      if (failed_) return 0;
      left = accept(Token::left_paren)
                 ? method(left, name, offset)
                 : node(NodeKind::get, left, static_cast<std::uint32_t>(symbols_.name(name)));
    } else if (accept(Token::left_bracket)) {
      const std::string_view name = plain_string();
      if (!expect(Token::right_bracket)) return 0;
      left = node(NodeKind::get, left, static_cast<std::uint32_t>(symbols_.name(name)));
    } else {
      return left;
    }
    if (failed_) return 0;
    ast_->nodes[starting_at(start, left)].chained = chained;
  }
}

NodeId Parser::built_in(NodeId receiver, NodeKind kind, std::size_t arity, std::string_view name,
                        std::uint32_t offset) {
  std::uint32_t count = 0;
  const std::uint32_t first = list_until(Token::right_paren, count);
  if (failed_) return 0;
  if (count != arity) {
    fail_at(offset, ErrorCode::policy_wrong_arity,
            "`" + std::string(name) + "` takes " + (arity == 0 ? "no argument" : "one argument"));
    return 0;
  }
  return node(kind, receiver, arity == 0 ? 0 : ast_->lists[first]);
}

NodeId Parser::method(NodeId receiver, std::string_view name, std::uint32_t offset) {
  struct BuiltIn {
    std::string_view name;
    NodeKind kind;
    std::size_t arity;
  };
  static constexpr BuiltIn kBuiltIn[] = {
      {"contains", NodeKind::contains, 1},        {"containsAll", NodeKind::contains_all, 1},
      {"containsAny", NodeKind::contains_any, 1}, {"isEmpty", NodeKind::is_empty, 0},
      {"getTag", NodeKind::get_tag, 1},           {"hasTag", NodeKind::has_tag, 1}};
  for (const BuiltIn& known : kBuiltIn) {
    if (name == known.name) return built_in(receiver, known.kind, known.arity, name, offset);
  }
  const ExtensionFunction* function = find_extension_function(name);
  if (function == nullptr || function->style != CallStyle::method) {
    fail_at(offset, ErrorCode::policy_unknown_function,
            "`" + std::string(name) + "` is not a method");
    return 0;
  }
  const std::size_t first = pending_.size();
  pending_.push_back(receiver);
  read_list(Token::right_paren);
  if (failed_) return 0;
  std::uint32_t count = 0;
  const std::uint32_t arguments = keep(first, count);
  return node(NodeKind::call, static_cast<std::uint32_t>(function - extension_functions().data()),
              arguments, count);
}

}  // namespace mcpgov::policy::cedar
