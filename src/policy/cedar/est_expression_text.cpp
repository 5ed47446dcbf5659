// Expressions as Cedar text: in the reference engine's normal form, where every operator that is an
// operand stands in parentheses, or with those only that the grammar needs.
// Tested by tests/policy/est_test.cpp, partial_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <span>

#include "policy/cedar/est_names.hpp"
#include "policy/cedar/lexer.hpp"
#include "policy/cedar/quote.hpp"

namespace mcpgov::policy::cedar {
namespace {

bool is_plain_name(std::string_view name) noexcept {
  return is_identifier(name) && !is_reserved(name);
}

// How tightly an expression is bound, in the order of the grammar.
enum class Binding : std::uint8_t {
  expression,
  any_of,
  all_of,
  relation,
  sum,
  product,
  unary,
  member,
};

Binding binding_of(const Ast& ast, const Node& node) noexcept {
  switch (node.kind) {
    case NodeKind::choice: return Binding::expression;
    case NodeKind::any_of: return Binding::any_of;
    case NodeKind::all_of: return Binding::all_of;
    case NodeKind::add:
    case NodeKind::subtract: return Binding::sum;
    case NodeKind::multiply: return Binding::product;
    case NodeKind::minus: return Binding::unary;
    case NodeKind::negation:
      return node.spelling == Spelling::plain ? Binding::unary : Binding::relation;
    case NodeKind::equal:
    case NodeKind::less:
    case NodeKind::less_equal:
    case NodeKind::in:
    case NodeKind::is:
    case NodeKind::is_in:
    case NodeKind::like:
    case NodeKind::has: return Binding::relation;
    case NodeKind::literal: {
      // `(-1).a` is not `-1.a`.
      const Value& value = ast.literals[node.a];
      const bool negative = value.kind == Kind::integer && value.integer < 0;
      return negative ? Binding::unary : Binding::member;
    }
    default: return Binding::member;
  }
}

// Of the operands of a spine's node: the same operator may stand on the left.
Binding next_tighter(Binding binding) noexcept {
  return static_cast<Binding>(static_cast<int>(binding) + 1);
}

class TextExpression {
 public:
  TextExpression(std::string& out, std::size_t limit, const Symbols& symbols, const Ast& ast,
                 Parentheses parentheses)
      : out_(out), limit_(limit), symbols_(symbols), ast_(ast), parentheses_(parentheses) {}

  void expr(NodeId id);

 private:
  bool fits() const noexcept { return out_.size() <= limit_; }
  const Node& at(NodeId id) const { return ast_.nodes[id]; }
  std::string_view text(std::uint32_t name) const { return symbols_.text(NameId{name}); }
  bool is_bare(const Node& node) const noexcept;
  bool stands_alone(const Node& node, Binding around) const noexcept;
  void operand(NodeId id, Binding around);
  void binary(NodeId left, std::string_view op, NodeId right);
  void spine(NodeId id);
  void step(const Node& node);
  void chain(const Node& node);
  void negation(const Node& node);
  void has(const Node& node);
  void like(const Node& node);
  void call(const Node& node);
  void list(std::span<const std::uint32_t> nodes);
  void record(const Node& node);
  void literal(const Value& value);
  void name(std::string_view name);

  std::string& out_;
  std::size_t limit_;
  const Symbols& symbols_;
  const Ast& ast_;
  Parentheses parentheses_;
};

// As an operand it needs no parentheses.
bool TextExpression::is_bare(const Node& node) const noexcept {
  switch (node.kind) {
    case NodeKind::literal:
    case NodeKind::variable:
    case NodeKind::set:
    case NodeKind::record: return true;
    case NodeKind::call: return node.spelling == Spelling::constant;
    default: return false;
  }
}

bool TextExpression::stands_alone(const Node& node, Binding around) const noexcept {
  return parentheses_ == Parentheses::all ? is_bare(node) : binding_of(ast_, node) >= around;
}

void TextExpression::operand(NodeId id, Binding around) {
  if (stands_alone(at(id), around)) return expr(id);
  out_ += '(';
  expr(id);
  out_ += ')';
}

void TextExpression::name(std::string_view name) {
  if (is_plain_name(name)) {
    out_ += name;
  } else {
    append_quoted(out_, name);
  }
}

void TextExpression::binary(NodeId left, std::string_view op, NodeId right) {
  operand(left, Binding::sum);
  out_ += ' ';
  out_ += op;
  out_ += ' ';
  operand(right, Binding::sum);
}

// What follows the left operand of arithmetic or of attribute access.
void TextExpression::step(const Node& node) {
  if (node.kind == NodeKind::get) {
    const std::string_view attribute = text(node.b);
    if (is_plain_name(attribute)) {
      out_ += '.';
      out_ += attribute;
    } else {
      out_ += '[';
      append_quoted(out_, attribute);
      out_ += ']';
    }
    return;
  }
  out_ += ' ';
  out_ += spine_operator(node.kind);
  out_ += ' ';
  operand(node.b, next_tighter(binding_of(ast_, node)));
}

// In a loop, since such chains may be as long as the text.
void TextExpression::spine(NodeId id) {
  std::vector<NodeId> open;
  for (; spine_operator(at(id).kind) != nullptr; id = at(id).a) open.push_back(id);
  // Whether the step at `place` stands in parentheses below the next one.
  const auto wrapped = [&](std::size_t place) {
    return place > 0 && !stands_alone(at(open[place]), binding_of(ast_, at(open[place - 1])));
  };
  for (std::size_t place = open.size(); place-- > 0;) {
    if (wrapped(place)) out_ += '(';
  }
  operand(id, binding_of(ast_, at(open.back())));
  for (; !open.empty() && fits(); open.pop_back()) {
    step(at(open.back()));
    if (wrapped(open.size() - 1)) out_ += ')';
  }
}

void TextExpression::chain(const Node& node) {
  const std::span<const std::uint32_t> operands = ast_.list(node.a, node.b);
  const Binding around = next_tighter(binding_of(ast_, node));
  const bool nested = parentheses_ == Parentheses::all;
  if (nested) out_.append(operands.size() - 2, '(');
  operand(operands.front(), around);
  for (std::size_t i = 1; i < operands.size() && fits(); ++i) {
    out_ += node.kind == NodeKind::all_of ? " && " : " || ";
    operand(operands[i], around);
    if (nested && i + 1 < operands.size()) out_ += ')';
  }
}

void TextExpression::negation(const Node& node) {
  const Node& below = at(node.a);
  switch (node.spelling) {
    case Spelling::not_equal: return binary(below.a, "!=", below.b);
    case Spelling::greater: return binary(below.a, ">", below.b);
    case Spelling::greater_equal: return binary(below.a, ">=", below.b);
    default: out_ += '!'; return operand(node.a, Binding::member);
  }
}

// A path can be written only if its names are identifiers; else it is what the path means.
void TextExpression::has(const Node& node) {
  const std::span<const std::uint32_t> names = ast_.list(node.b, node.c);
  const bool path = std::all_of(names.begin(), names.end(),
                                [&](std::uint32_t each) { return is_plain_name(text(each)); });
  if (path || names.size() == 1) {
    operand(node.a, Binding::sum);
    out_ += " has ";
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (i > 0) out_ += '.';
      name(text(names[i]));
    }
    return;
  }
  out_.append(names.size() - 2, '(');
  for (std::size_t i = 0; i < names.size() && fits(); ++i) {
    if (i > 0) out_ += " && ";
    out_ += '(';
    if (i > 0) out_.append(i, '(');
    operand(node.a, Binding::member);
    for (std::size_t k = 0; k < i; ++k) {
      Node get{NodeKind::get};
      get.b = names[k];
      step(get);
      out_ += ')';
    }
    out_ += " has ";
    name(text(names[i]));
    out_ += ')';
    if (i > 0 && i + 1 < names.size()) out_ += ')';
  }
}

// Every character is escaped on its own, so that a combining mark is always visible.
void TextExpression::like(const Node& node) {
  operand(node.a, Binding::sum);
  out_ += " like \"";
  bool first = true;
  std::string quoted;
  for (const std::string_view piece : ast_.patterns[node.b]) {
    if (!first) out_ += '*';
    first = false;
    for (std::size_t at = 0; at < piece.size();) {
      const std::size_t size = scalar_size(piece, at);
      quoted.clear();
      append_quoted(quoted, piece.substr(at, size));
      if (piece[at] == '*') out_ += '\\';
      out_.append(quoted, 1, quoted.size() - 2);
      at += size;
    }
  }
  out_ += '"';
}

void TextExpression::list(std::span<const std::uint32_t> nodes) {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (i > 0) out_ += ", ";
    expr(nodes[i]);
  }
}

void TextExpression::call(const Node& node) {
  const ExtensionFunction& function = extension_functions()[node.a];
  std::span<const std::uint32_t> arguments = ast_.list(node.b, node.c);
  if (function.style == CallStyle::method && !arguments.empty()) {
    operand(arguments.front(), Binding::member);
    out_ += '.';
    arguments = arguments.subspan(1);
  }
  out_ += function.name;
  out_ += '(';
  list(arguments);
  out_ += ')';
}

void TextExpression::record(const Node& node) {
  out_ += '{';
  bool first = true;
  for (const auto& [key, value] : fields_of(ast_, node, symbols_)) {
    if (!first) out_ += ", ";
    first = false;
    if (node.spelling == Spelling::constant) {
      append_quoted(out_, key);
    } else {
      name(key);
    }
    out_ += ": ";
    expr(value);
  }
  out_ += '}';
}

void TextExpression::literal(const Value& value) {
  switch (value.kind) {
    case Kind::boolean: out_ += value.boolean() ? "true" : "false"; return;
    case Kind::integer:
      out_ += value.integer < 0 && parentheses_ == Parentheses::all
                  ? "(" + std::to_string(value.integer) + ")"
                  : std::to_string(value.integer);
      return;
    case Kind::string: return append_quoted(out_, value.string());
    default:
      out_ += symbols_.text(symbols_.type(value.entity()));
      out_ += "::";
      return append_quoted(out_, symbols_.id(value.entity()));
  }
}

void TextExpression::expr(NodeId id) {
  if (!fits()) return;
  const Node& node = at(id);
  if (spine_operator(node.kind) != nullptr) return spine(id);
  if (is_method(node.kind)) {
    operand(node.a, Binding::member);
    out_ += '.';
    out_ += binary_operator(node.kind);
    out_ += '(';
    expr(node.b);
    out_ += ')';
    return;
  }
  if (const char* op = binary_operator(node.kind); op != nullptr) {
    return binary(node.a, op, node.b);
  }
  switch (node.kind) {
    case NodeKind::literal: return literal(ast_.literals[node.a]);
    case NodeKind::variable: out_ += variable_name(node.a); return;
    case NodeKind::all_of:
    case NodeKind::any_of: return chain(node);
    case NodeKind::negation: return negation(node);
    case NodeKind::minus:
      // Without parentheses `-(1)` would become the literal -1.
      out_ += "-(";
      expr(node.a);
      out_ += ')';
      return;
    case NodeKind::choice:
      out_ += "if ";
      operand(node.a, Binding::expression);
      out_ += " then ";
      operand(node.b, Binding::expression);
      out_ += " else ";
      return operand(node.c, Binding::expression);
    case NodeKind::is:
    case NodeKind::is_in:
      operand(node.a, Binding::sum);
      out_ += " is ";
      out_ += text(node.b);
      if (node.kind == NodeKind::is) return;
      out_ += " in ";
      return operand(node.c, Binding::sum);
    case NodeKind::like: return like(node);
    case NodeKind::has: return has(node);
    case NodeKind::is_empty:
      operand(node.a, Binding::member);
      out_ += ".isEmpty()";
      return;
    case NodeKind::call: return call(node);
    case NodeKind::set:
      out_ += '[';
      list(ast_.list(node.a, node.b));
      out_ += ']';
      return;
    default: return record(node);
  }
}

}  // namespace

void append_expression_text(std::string& out, std::size_t limit, const Symbols& symbols,
                            const Ast& ast, NodeId expression, Parentheses parentheses) {
  TextExpression(out, limit, symbols, ast, parentheses).expr(expression);
}

}  // namespace mcpgov::policy::cedar
