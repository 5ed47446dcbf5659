// Expressions of JSON policies.
// Tested by tests/policy/est_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "policy/cedar/est_names.hpp"
#include "policy/cedar/est_read.hpp"
#include "policy/cedar/lexer.hpp"
#include "policy/cedar/value_json.hpp"

namespace mcpgov::policy::cedar {

struct EstReader::Operator {
  enum class Form : std::uint8_t {
    value,
    variable,
    slot,
    unary,
    binary,
    opposite,  // of the comparison `kind`
    chain,
    spine,
    has,
    like,
    is,
    choice,
    set,
    record,
  };
  std::string_view name;
  Form form;
  NodeKind kind = NodeKind::literal;
  Spelling spelling = Spelling::plain;
};

const EstReader::Operator* EstReader::find_operator(std::string_view name) noexcept {
  using Form = Operator::Form;
  static constexpr Operator kOperators[] = {
      {"Value", Form::value},
      {"Var", Form::variable},
      {"Slot", Form::slot},
      {"!", Form::unary, NodeKind::negation},
      {"neg", Form::unary, NodeKind::minus},
      {"isEmpty", Form::unary, NodeKind::is_empty},
      {"==", Form::binary, NodeKind::equal},
      {"!=", Form::opposite, NodeKind::equal, Spelling::not_equal},
      {"in", Form::binary, NodeKind::in},
      {"<", Form::binary, NodeKind::less},
      {"<=", Form::binary, NodeKind::less_equal},
      {">", Form::opposite, NodeKind::less_equal, Spelling::greater},
      {">=", Form::opposite, NodeKind::less, Spelling::greater_equal},
      {"&&", Form::chain, NodeKind::all_of},
      {"||", Form::chain, NodeKind::any_of},
      {"+", Form::spine, NodeKind::add},
      {"-", Form::spine, NodeKind::subtract},
      {"*", Form::spine, NodeKind::multiply},
      {".", Form::spine, NodeKind::get},
      {"contains", Form::binary, NodeKind::contains},
      {"containsAll", Form::binary, NodeKind::contains_all},
      {"containsAny", Form::binary, NodeKind::contains_any},
      {"getTag", Form::binary, NodeKind::get_tag},
      {"hasTag", Form::binary, NodeKind::has_tag},
      {"has", Form::has},
      {"like", Form::like},
      {"is", Form::is},
      {"if-then-else", Form::choice},
      {"Set", Form::set},
      {"Record", Form::record},
  };
  const auto* found = std::find_if(std::begin(kOperators), std::end(kOperators),
                                   [&](const Operator& each) { return each.name == name; });
  return found == std::end(kOperators) ? nullptr : found;
}

bool EstReader::too_deep(const JsonNode& node, int depth) {
  if (depth < kMaxTreeHeight) return false;
  fail(node, ErrorCode::policy_too_deep, "the expression nests too deep");
  return true;
}

bool EstReader::add(const JsonNode& at, Node node, NodeId& out) {
  node.offset = at.offset;
  ast_->nodes.push_back(node);
  const int height = height_of(*ast_, node);
  if (height > kMaxTreeHeight) {
    return fail(at, ErrorCode::policy_too_deep, "the expression nests too deep");
  }
  ast_->heights.push_back(static_cast<std::uint16_t>(height));
  out = static_cast<NodeId>(ast_->nodes.size() - 1);
  return true;
}

std::uint32_t EstReader::keep(const std::vector<std::uint32_t>& list) {
  const auto first = static_cast<std::uint32_t>(ast_->lists.size());
  ast_->lists.insert(ast_->lists.end(), list.begin(), list.end());
  return first;
}

bool EstReader::expr(const JsonNode& node, int depth, NodeId& out) {
  if (too_deep(node, depth)) return false;
  if (node.type != JsonNode::Type::object || node.size != 1) {
    return fail(node, ErrorCode::policy_json_operator,
                "wanted an expression: an object with one member");
  }
  const JsonMember& member = node.members().front();
  const Operator* op = find_operator(member.key);
  return op != nullptr ? operation(*op, member, depth, out) : call(member, depth, out);
}

bool EstReader::operation(const Operator& op, const JsonMember& member, int depth, NodeId& out) {
  const JsonNode& body = member.value;
  NodeId left = 0;
  NodeId right = 0;
  switch (op.form) {
    case Operator::Form::value: return value(body, depth, out);
    case Operator::Form::variable: return variable(body, out);
    case Operator::Form::slot:
      return fail(body, ErrorCode::policy_slot, "a slot can stand only in the scope of a policy");
    case Operator::Form::unary:
      return members(body, {"arg"}, 1) && operand(body, "arg", depth, left) &&
             add(body, {op.kind, left}, out);
    case Operator::Form::binary:
    case Operator::Form::opposite:
      if (!members(body, {"left", "right"}, 2) || !operand(body, "left", depth, left) ||
          !operand(body, "right", depth, right) || !add(body, {op.kind, left, right}, out)) {
        return false;
      }
      if (op.form == Operator::Form::binary) return true;
      return add(body, {NodeKind::negation, out, 0, 0, 0, op.spelling}, out);
    case Operator::Form::chain: return chain(op, member, depth, out);
    case Operator::Form::spine: return spine(member, depth, out);
    case Operator::Form::has: return has(body, depth, out);
    case Operator::Form::like: return like(body, depth, out);
    case Operator::Form::is: return is(body, depth, out);
    case Operator::Form::choice: return choice(body, depth, out);
    case Operator::Form::set: return set(body, depth, out);
    case Operator::Form::record: return record(body, depth, out);
  }
  return false;
}

bool EstReader::operand(const JsonNode& object, std::string_view name, int depth, NodeId& out) {
  return expr(*object.find(name), depth + 1, out);
}

bool EstReader::variable(const JsonNode& body, NodeId& out) {
  std::string_view name;
  if (!string(body, name)) return false;
  for (std::uint32_t i = 0; i < 4; ++i) {
    if (name == variable_name(i)) return add(body, {NodeKind::variable, i}, out);
  }
  return fail(body, ErrorCode::policy_json_operator, "wanted the name of a variable");
}

// Arithmetic and attributes lean to the left as far as their text is long, so that side is followed
// in a loop.
bool EstReader::spine(const JsonMember& first, int depth, NodeId& out) {
  std::vector<const JsonMember*> open;
  const JsonMember* at = &first;
  const JsonNode* base = nullptr;
  while (base == nullptr) {
    const bool get = at->key == ".";
    if (!members(at->value, {"left", get ? "attr" : "right"}, 2)) return false;
    open.push_back(at);
    const JsonNode& left = *at->value.find("left");
    base = &left;
    if (left.type != JsonNode::Type::object || left.size != 1) break;
    const Operator* below = find_operator(left.members().front().key);
    if (below == nullptr || below->form != Operator::Form::spine) break;
    at = &left.members().front();
    base = nullptr;
  }
  if (!expr(*base, depth + 1, out)) return false;
  for (; !open.empty(); open.pop_back()) {
    const JsonNode& body = open.back()->value;
    Node node{find_operator(open.back()->key)->kind, out};
    if (node.kind == NodeKind::get) {
      std::string_view name;
      if (!string(*body.find("attr"), name)) return false;
      node.b = static_cast<std::uint32_t>(symbols_.name(name));
    } else if (!operand(body, "right", depth, node.b)) {
      return false;
    }
    if (!add(body, node, out)) return false;
  }
  return true;
}

// `{"&&": {"left": {"&&": …}, "right": …}}` is one chain.
bool EstReader::chain(const Operator& op, const JsonMember& first, int depth, NodeId& out) {
  std::vector<const JsonNode*> operands;  // the last one first
  for (const JsonMember* at = &first;;) {
    if (!members(at->value, {"left", "right"}, 2)) return false;
    operands.push_back(at->value.find("right"));
    const JsonNode& left = *at->value.find("left");
    if (left.type == JsonNode::Type::object && left.size == 1 &&
        left.members().front().key == op.name) {
      at = &left.members().front();
      continue;
    }
    operands.push_back(&left);
    break;
  }
  std::vector<std::uint32_t> list;
  for (auto each = operands.rbegin(); each != operands.rend(); ++each) {
    NodeId operand = 0;
    if (!expr(**each, depth + 1, operand)) return false;
    list.push_back(operand);
  }
  const auto count = static_cast<std::uint32_t>(list.size());
  return add(first.value, {op.kind, keep(list), count}, out);
}

bool EstReader::choice(const JsonNode& body, int depth, NodeId& out) {
  Node node{NodeKind::choice};
  return members(body, {"if", "then", "else"}, 3) && operand(body, "if", depth, node.a) &&
         operand(body, "then", depth, node.b) && operand(body, "else", depth, node.c) &&
         add(body, node, out);
}

// The attribute is a name, or a path of at least one. Other members are ignored, as the reference
// engine does.
bool EstReader::has(const JsonNode& body, int depth, NodeId& out) {
  const JsonNode* left = body.find("left");
  const JsonNode* attribute = body.find("attr");
  if (left == nullptr || attribute == nullptr) {
    return fail(body, ErrorCode::policy_json_shape, "missing member `left` or `attr`");
  }
  std::vector<std::uint32_t> names;
  const bool path = attribute->type == JsonNode::Type::array && attribute->size > 0;
  for (const JsonNode& each : path ? attribute->items() : std::span(attribute, 1)) {
    std::string_view name;
    if (!string(each, name)) return false;
    names.push_back(static_cast<std::uint32_t>(symbols_.name(name)));
  }
  Node node{NodeKind::has};
  if (!expr(*left, depth + 1, node.a)) return false;
  node.b = keep(names);
  node.c = static_cast<std::uint32_t>(names.size());
  if (path) node.spelling = Spelling::constant;
  return add(body, node, out);
}

bool EstReader::is(const JsonNode& body, int depth, NodeId& out) {
  NameId type = kNoName;
  if (!members(body, {"left", "entity_type", "in"}, 2) ||
      !type_name(*body.find("entity_type"), type)) {
    return false;
  }
  Node node{NodeKind::is};
  node.b = static_cast<std::uint32_t>(type);
  if (!operand(body, "left", depth, node.a)) return false;
  const JsonNode* in = body.find("in");
  if (in != nullptr && in->type != JsonNode::Type::null) {
    node.kind = NodeKind::is_in;
    if (!expr(*in, depth + 1, node.c)) return false;
  }
  return add(body, node, out);
}

bool EstReader::like(const JsonNode& body, int depth, NodeId& out) {
  if (!members(body, {"left", "pattern"}, 2)) return false;
  const JsonNode& pattern = *body.find("pattern");
  if (pattern.type != JsonNode::Type::array) {
    return fail(pattern, ErrorCode::policy_json_shape, "wanted a list");
  }
  std::vector<std::string> pieces(1);
  for (const JsonNode& each : pattern.items()) {
    const JsonNode* literal = each.find_string("Literal");
    if (each.type == JsonNode::Type::string && each.string() == "Wildcard") {
      pieces.emplace_back();
    } else if (literal != nullptr && each.size == 1) {
      pieces.back() += literal->string();
    } else {
      return fail(each, ErrorCode::policy_json_shape,
                  "wanted `Wildcard` or an object with the member `Literal`");
    }
  }
  Node node{NodeKind::like};
  if (!operand(body, "left", depth, node.a)) return false;
  auto* kept = arena_.array<std::string_view>(pieces.size());
  for (std::size_t i = 0; i < pieces.size(); ++i) kept[i] = arena_.copy(pieces[i]);
  node.b = static_cast<std::uint32_t>(ast_->patterns.size());
  ast_->patterns.emplace_back(kept, pieces.size());
  return add(body, node, out);
}

bool EstReader::set(const JsonNode& body, int depth, NodeId& out) {
  if (body.type != JsonNode::Type::array) {
    return fail(body, ErrorCode::policy_json_shape, "wanted a list");
  }
  std::vector<std::uint32_t> items(body.size);
  for (std::uint32_t i = 0; i < body.size; ++i) {
    if (!expr(body.items()[i], depth + 1, items[i])) return false;
  }
  return add(body, {NodeKind::set, keep(items), body.size}, out);
}

bool EstReader::record(const JsonNode& body, int depth, NodeId& out) {
  if (body.type != JsonNode::Type::object) {
    return fail(body, ErrorCode::policy_json_shape, "wanted an object");
  }
  std::vector<std::uint32_t> pairs;
  for (const JsonMember* member : by_name(body)) {
    NodeId value = 0;
    if (!expr(member->value, depth + 1, value)) return false;
    pairs.push_back(static_cast<std::uint32_t>(symbols_.name(member->key)));
    pairs.push_back(value);
  }
  return add(body, {NodeKind::record, keep(pairs), body.size}, out);
}

// Any key that is no operator is an extension function, of either style.
bool EstReader::call(const JsonMember& member, int depth, NodeId& out) {
  const ExtensionFunction* function = find_extension_function(member.key);
  if (function == nullptr) {
    return fail_at(member.offset, ErrorCode::policy_json_operator,
                   "the member is neither an operator nor an extension function");
  }
  const JsonNode& body = member.value;
  if (body.type != JsonNode::Type::array) {
    return fail(body, ErrorCode::policy_json_shape, "wanted a list of arguments");
  }
  std::vector<std::uint32_t> arguments(body.size);
  for (std::uint32_t i = 0; i < body.size; ++i) {
    if (!expr(body.items()[i], depth + 1, arguments[i])) return false;
  }
  const auto number = static_cast<std::uint32_t>(function - extension_functions().data());
  return add(body, {NodeKind::call, number, keep(arguments), body.size}, out);
}

}  // namespace mcpgov::policy::cedar
