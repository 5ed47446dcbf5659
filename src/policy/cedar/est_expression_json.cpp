// Expressions as JSON.
// Tested by tests/policy/est_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <span>

#include "base/json_writer.hpp"
#include "policy/cedar/est_names.hpp"
#include "policy/cedar/est_write.hpp"

namespace mcpgov::policy::cedar {
namespace {

class JsonExpression {
 public:
  JsonExpression(std::string& out, std::size_t limit, const Symbols& symbols, const Ast& ast)
      : out_(out), limit_(limit), symbols_(symbols), ast_(ast) {}

  void expr(NodeId id);

 private:
  bool fits() const noexcept { return out_.size() <= limit_; }
  const Node& at(NodeId id) const { return ast_.nodes[id]; }
  std::string_view text(std::uint32_t name) const { return symbols_.text(NameId{name}); }
  void string(std::string_view text) { append_json_string(out_, text); }
  void spine(NodeId id);
  void open_binary(std::string_view op);
  void binary(std::string_view op, NodeId left, NodeId right);
  void unary(std::string_view op, NodeId operand);
  void choice(const Node& node);
  void chain(const Node& node);
  void negation(const Node& node);
  void is(const Node& node);
  void has(const Node& node);
  void path(NodeId receiver, std::span<const std::uint32_t> names);
  void like(const Node& node);
  void call(const Node& node);
  void items(std::span<const std::uint32_t> list);
  void record(const Node& node);
  void literal(const Value& value);
  void constant(NodeId id);

  std::string& out_;
  std::size_t limit_;
  const Symbols& symbols_;
  const Ast& ast_;
};

void JsonExpression::open_binary(std::string_view op) {
  out_ += "{\"";
  out_ += op;
  out_ += R"(":{"left":)";
}

void JsonExpression::binary(std::string_view op, NodeId left, NodeId right) {
  open_binary(op);
  expr(left);
  out_ += R"(,"right":)";
  expr(right);
  out_ += "}}";
}

void JsonExpression::unary(std::string_view op, NodeId operand) {
  out_ += "{\"";
  out_ += op;
  out_ += R"(":{"arg":)";
  expr(operand);
  out_ += "}}";
}

// `a && b && c` leans to the left.
void JsonExpression::chain(const Node& node) {
  const std::span<const std::uint32_t> list = ast_.list(node.a, node.b);
  for (std::size_t i = 1; i < list.size(); ++i) {
    open_binary(node.kind == NodeKind::all_of ? "&&" : "||");
  }
  expr(list.front());
  for (const NodeId operand : list.subspan(1)) {
    out_ += R"(,"right":)";
    expr(operand);
    out_ += "}}";
  }
}

void JsonExpression::negation(const Node& node) {
  const Node& below = at(node.a);
  switch (node.spelling) {
    case Spelling::not_equal: return binary("!=", below.a, below.b);
    case Spelling::greater: return binary(">", below.a, below.b);
    case Spelling::greater_equal: return binary(">=", below.a, below.b);
    default: return unary("!", node.a);
  }
}

// receiver.a.b, as far as there are names.
void JsonExpression::path(NodeId receiver, std::span<const std::uint32_t> names) {
  for (std::size_t i = 0; i < names.size(); ++i) open_binary(".");
  expr(receiver);
  for (const std::uint32_t name : names) {
    out_ += R"(,"attr":)";
    string(text(name));
    out_ += "}}";
  }
}

void JsonExpression::has(const Node& node) {
  const std::span<const std::uint32_t> names = ast_.list(node.b, node.c);
  if (names.size() > 1 && node.spelling == Spelling::constant) {
    open_binary("has");
    expr(node.a);
    out_ += R"(,"attr":[)";
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (i > 0) out_ += ',';
      string(text(names[i]));
    }
    out_ += "]}}";
    return;
  }
  for (std::size_t i = 1; i < names.size(); ++i) open_binary("&&");
  for (std::size_t i = 0; i < names.size() && fits(); ++i) {
    if (i > 0) out_ += R"(,"right":)";
    open_binary("has");
    path(node.a, names.first(i));
    out_ += R"(,"attr":)";
    string(text(names[i]));
    out_ += "}}";
    if (i > 0) out_ += "}}";
  }
}

void JsonExpression::like(const Node& node) {
  open_binary("like");
  expr(node.a);
  out_ += R"(,"pattern":[)";
  bool first_piece = true;
  bool first = true;
  const auto element = [&] {
    if (!first) out_ += ',';
    first = false;
  };
  for (const std::string_view piece : ast_.patterns[node.b]) {
    if (!first_piece) {
      element();
      out_ += R"("Wildcard")";
    }
    first_piece = false;
    for (std::size_t at = 0; at < piece.size();) {
      const std::size_t size = scalar_size(piece, at);
      element();
      out_ += R"({"Literal":)";
      string(piece.substr(at, size));
      out_ += '}';
      at += size;
    }
  }
  out_ += "]}}";
}

void JsonExpression::items(std::span<const std::uint32_t> list) {
  out_ += '[';
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out_ += ',';
    expr(list[i]);
  }
  out_ += ']';
}

void JsonExpression::choice(const Node& node) {
  out_ += R"({"if-then-else":{"if":)";
  expr(node.a);
  out_ += R"(,"then":)";
  expr(node.b);
  out_ += R"(,"else":)";
  expr(node.c);
  out_ += "}}";
}

void JsonExpression::is(const Node& node) {
  open_binary("is");
  expr(node.a);
  out_ += R"(,"entity_type":)";
  string(text(node.b));
  if (node.kind == NodeKind::is_in) {
    out_ += R"(,"in":)";
    expr(node.c);
  }
  out_ += "}}";
}

void JsonExpression::call(const Node& node) {
  out_ += "{\"";
  out_ += extension_functions()[node.a].name;
  out_ += "\":";
  items(ast_.list(node.b, node.c));
  out_ += '}';
}

void JsonExpression::record(const Node& node) {
  out_ += R"({"Record":{)";
  bool first = true;
  for (const auto& [name, value] : fields_of(ast_, node, symbols_)) {
    if (!first) out_ += ',';
    first = false;
    string(name);
    out_ += ':';
    expr(value);
  }
  out_ += "}}";
}

void JsonExpression::literal(const Value& value) {
  switch (value.kind) {
    case Kind::boolean: out_ += value.boolean() ? "true" : "false"; return;
    case Kind::integer: out_ += std::to_string(value.integer); return;
    case Kind::string: return string(value.string());
    default:
      out_ += R"({"__entity":)";
      append_entity_json(out_, symbols_, value.entity());
      out_ += '}';
      return;
  }
}

// What stands inside a `Value`.
void JsonExpression::constant(NodeId id) {
  const Node& node = at(id);
  if (node.kind == NodeKind::literal) return literal(ast_.literals[node.a]);
  const auto list = [&](std::span<const std::uint32_t> nodes) {
    out_ += '[';
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (i > 0) out_ += ',';
      constant(nodes[i]);
    }
    out_ += ']';
  };
  if (node.kind == NodeKind::set) return list(ast_.list(node.a, node.b));
  if (node.kind == NodeKind::call) {
    const std::span<const std::uint32_t> arguments = ast_.list(node.b, node.c);
    out_ += R"({"__extn":{"fn":)";
    string(extension_functions()[node.a].name);
    out_ += arguments.size() == 1 ? R"(,"arg":)" : R"(,"args":)";
    if (arguments.size() == 1) {
      constant(arguments.front());
    } else {
      list(arguments);
    }
    out_ += "}}";
    return;
  }
  out_ += '{';
  bool first = true;
  for (const auto& [name, value] : fields_of(ast_, node, symbols_)) {
    if (!first) out_ += ',';
    first = false;
    string(name);
    out_ += ':';
    constant(value);
  }
  out_ += '}';
}

// Chains of arithmetic and attributes may be as long as the text: their left operands are opened
// and closed in a loop.
void JsonExpression::spine(NodeId id) {
  std::vector<NodeId> open;
  for (; spine_operator(at(id).kind) != nullptr; id = at(id).a) {
    open.push_back(id);
    open_binary(spine_operator(at(id).kind));
  }
  expr(id);
  for (; !open.empty() && fits(); open.pop_back()) {
    const Node& node = at(open.back());
    if (node.kind == NodeKind::get) {
      out_ += R"(,"attr":)";
      string(text(node.b));
    } else {
      out_ += R"(,"right":)";
      expr(node.b);
    }
    out_ += "}}";
  }
}

void JsonExpression::expr(NodeId id) {
  if (!fits()) return;
  const Node& node = at(id);
  const bool is_constant = node.spelling == Spelling::constant && node.kind != NodeKind::has;
  if (is_constant || node.kind == NodeKind::literal) {
    out_ += R"({"Value":)";
    constant(id);
    out_ += '}';
    return;
  }
  if (spine_operator(node.kind) != nullptr) return spine(id);
  if (const char* op = binary_operator(node.kind); op != nullptr) {
    return binary(op, node.a, node.b);
  }
  switch (node.kind) {
    case NodeKind::variable:
      out_ += R"({"Var":")";
      out_ += variable_name(node.a);
      out_ += "\"}";
      return;
    case NodeKind::all_of:
    case NodeKind::any_of: return chain(node);
    case NodeKind::negation: return negation(node);
    case NodeKind::minus: return unary("neg", node.a);
    case NodeKind::is_empty: return unary("isEmpty", node.a);
    case NodeKind::choice: return choice(node);
    case NodeKind::is:
    case NodeKind::is_in: return is(node);
    case NodeKind::like: return like(node);
    case NodeKind::has: return has(node);
    case NodeKind::call: return call(node);
    case NodeKind::set:
      out_ += R"({"Set":)";
      items(ast_.list(node.a, node.b));
      out_ += '}';
      return;
    default: return record(node);
  }
}

}  // namespace

void append_expression_json(std::string& out, std::size_t limit, const Symbols& symbols,
                            const Ast& ast, NodeId expression) {
  JsonExpression(out, limit, symbols, ast).expr(expression);
}

}  // namespace mcpgov::policy::cedar
