// Trees to instructions. Truth values exist only as jumps until something stores them.
// Tested by tests/policy/evaluate_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "policy/cedar/program.hpp"

namespace mcpgov::policy::cedar {
namespace {

constexpr std::uint32_t kUnbound = 0xffffffff;  // Label::last

// Sets and records inside others are built when evaluated, where their depth is checked; this also
// keeps folding linear.
bool flat(const Value* value) {
  return value != nullptr && value->kind != Kind::set && value->kind != Kind::record;
}

}  // namespace

void Compiler::emit(Op op, std::uint32_t r, std::uint32_t a, std::uint32_t target) {
  program_.registers = std::max(program_.registers, r + 2);
  program_.code.push_back({op, false, static_cast<std::uint16_t>(r), a, target});
}

void Compiler::test(Op op, std::uint32_t r, std::uint32_t a, Label& label, bool when) {
  ++forks_;
  emit(op, r, a, label.last);
  program_.code.back().when = when;
  label.last = here() - 1;
}

void Compiler::jump(Op op, std::uint32_t r, Label& label) {
  ++forks_;
  emit(op, r, 0, label.last);
  label.last = here() - 1;
}

void Compiler::bind(const Label& label) {
  for (std::uint32_t at = label.last; at != kUnbound;) {
    const std::uint32_t previous = program_.code[at].target;
    program_.code[at].target = here();
    at = previous;
  }
}

// Finds the constants in one pass: operands stand before what uses them.
void Compiler::fold() {
  folded_.assign(ast_->nodes.size(), Value{});
  for (std::size_t i = 0; i < ast_->nodes.size(); ++i) {
    const Node& node = ast_->nodes[i];
    if (node.kind == NodeKind::literal) folded_[i] = ast_->literals[node.a];
    if (node.kind == NodeKind::call) folded_[i] = folded_call(node);
    if (node.kind == NodeKind::set) folded_[i] = folded_set(node);
    if (node.kind == NodeKind::record) folded_[i] = folded_record(node);
  }
}

// `ip("10.0.0.0/8")`. A call that fails stays a call.
Value Compiler::folded_call(const Node& node) {
  const ExtensionFunction& function = extension_functions()[node.a];
  if (node.c != function.arity) return {};
  Value arguments[2];
  for (std::uint32_t i = 0; i < node.c; ++i) {
    const Value* argument = folded(ast_->lists[node.b + i]);
    if (argument == nullptr) return {};
    arguments[i] = *argument;
  }
  Value out;
  if (function.call({arguments, node.c}, *program_.constant_arena, out) != ErrorCode::none) {
    return {};
  }
  return out;
}

Value Compiler::folded_set(const Node& node) {
  const std::span<const std::uint32_t> items = ast_->list(node.a, node.b);
  for (const NodeId item : items) {
    if (!flat(folded(item))) return {};
  }
  auto* values = program_.constant_arena->array<Value>(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    values[i] = copy(folded_[items[i]], *program_.constant_arena);
  }
  return Value::of_set({values, items.size()});
}

Value Compiler::folded_record(const Node& node) {
  for (std::uint32_t i = 0; i < node.b; ++i) {
    if (!flat(folded(ast_->lists[node.a + 2 * i + 1]))) return {};
  }
  auto* fields = program_.constant_arena->array<Field>(node.b);
  for (std::uint32_t i = 0; i < node.b; ++i) {
    const Value& value = folded_[ast_->lists[node.a + 2 * i + 1]];
    fields[i] = {NameId{ast_->lists[node.a + 2 * i]}, copy(value, *program_.constant_arena)};
  }
  return Value::of_record({fields, node.b});
}

std::uint32_t Compiler::constant(const Value& value) {
  program_.constants.push_back(copy(value, *program_.constant_arena));
  return static_cast<std::uint32_t>(program_.constants.size() - 1);
}

std::uint32_t Compiler::compile(const Ast& ast, const ParsedPolicy& policy) {
  if (policy.conditions.empty()) return kAlways;
  ast_ = &ast;
  forks_ = 0;
  fold();
  const std::uint32_t entry = here();
  Label unmatched;
  for (const Condition& each : policy.conditions) condition(each.body, 0, unmatched, each.unless);
  emit(Op::satisfied, 0);
  bind(unmatched);
  emit(Op::unmatched, 0);
  program_.most_forks = std::max(program_.most_forks, forks_);
  return entry;
}

// Jumps to the label if the node is `when`, else goes on. Uses registers from r on.
void Compiler::condition(NodeId id, std::uint32_t r, Label& label, bool when) {
  const Node& node = at(id);
  if (folded_[id].kind == Kind::boolean) {
    if (folded_[id].boolean() == when) jump(Op::leave, r, label);
    return;
  }
  switch (node.kind) {
    case NodeKind::negation: return condition(node.a, r, label, !when);
    case NodeKind::all_of: return operands(node, true, r, label, when);
    case NodeKind::any_of: return operands(node, false, r, label, when);
    case NodeKind::choice: return choice(node, r, label, when);
    default: break;
  }
  if (relation(node, r, label, when)) return;
  value(id, r);
  test(Op::test, r, 0, label, when);
}

bool Compiler::relation(const Node& node, std::uint32_t r, Label& label, bool when) {
  const auto one = [&](Op op, std::uint32_t a) {
    value(node.a, r);
    test(op, r, a, label, when);
    return true;
  };
  const auto two = [&](Op op) {
    value(node.a, r);
    value(node.b, r + 1);
    test(op, r, 0, label, when);
    return true;
  };
  switch (node.kind) {
    case NodeKind::equal: equality(node, r, label, when); return true;
    case NodeKind::less: return two(Op::less);
    case NodeKind::less_equal: return two(Op::less_equal);
    case NodeKind::in:
      value(node.a, r);
      membership(node.b, r, label, when);
      return true;
    case NodeKind::is: return one(Op::is, node.b);
    case NodeKind::is_in: {
      Label no;
      value(node.a, r);
      test(Op::is, r, node.b, when ? no : label, false);
      membership(node.c, r, label, when);
      bind(no);
      return true;
    }
    case NodeKind::like: {
      const auto pattern = static_cast<std::uint32_t>(program_.patterns.size());
      program_.patterns.emplace_back(ast_->patterns[node.b], *program_.constant_arena);
      return one(Op::like, pattern);
    }
    case NodeKind::has: presence(node, r, label, when); return true;
    case NodeKind::contains: return two(Op::contains);
    case NodeKind::contains_all: return two(Op::contains_all);
    case NodeKind::contains_any: return two(Op::contains_any);
    case NodeKind::is_empty: return one(Op::is_empty, 0);
    case NodeKind::has_tag: return two(Op::has_tag);
    default: return false;
  }
}

// `&&` leaves at its first false operand, `||` at its first true one.
void Compiler::operands(const Node& node, bool all, std::uint32_t r, Label& label, bool when) {
  const bool settles = !all;
  Label skip;
  const std::span<const std::uint32_t> list = ast_->list(node.a, node.b);
  for (const NodeId operand : list.first(list.size() - 1)) {
    condition(operand, r, settles == when ? label : skip, settles);
  }
  condition(list.back(), r, label, when);
  bind(skip);
}

void Compiler::choice(const Node& node, std::uint32_t r, Label& label, bool when) {
  Label otherwise;
  Label end;
  condition(node.a, r, otherwise, false);
  condition(node.b, r, label, when);
  jump(Op::leave, r, end);
  bind(otherwise);
  condition(node.c, r, label, when);
  bind(end);
}

// A constant cannot fail, so it may stand on either side.
void Compiler::equality(const Node& node, std::uint32_t r, Label& label, bool when) {
  const bool constant_left = folded(node.a) != nullptr;
  if (!constant_left && folded(node.b) == nullptr) {
    value(node.a, r);
    value(node.b, r + 1);
    return test(Op::equal, r, 0, label, when);
  }
  value(constant_left ? node.b : node.a, r);
  test(Op::equal_to, r, constant(folded_[constant_left ? node.a : node.b]), label, when);
}

void Compiler::membership(NodeId container, std::uint32_t r, Label& label, bool when) {
  const Value& constant = folded_[container];
  if (constant.kind == Kind::entity) {
    return test(Op::in_entity, r, constant.size, label, when);
  }
  value(container, r + 1);
  test(Op::in, r, 0, label, when);
}

// `x has a.b` is `x has a && x.a has b`, with x evaluated once.
void Compiler::presence(const Node& node, std::uint32_t r, Label& label, bool when) {
  const std::span<const std::uint32_t> names = ast_->list(node.b, node.c);
  const Node& base = at(node.a);
  Label no;
  const bool of_context =
      base.kind == NodeKind::variable && base.a == static_cast<std::uint32_t>(Var::context);
  if (!of_context || names.size() > 1) value(node.a, r);
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    test(Op::has, r, names[i], when ? no : label, false);
    emit(Op::get, r, names[i]);
  }
  const bool direct = of_context && names.size() == 1;
  test(direct ? Op::context_has : Op::has, r, names.back(), label, when);
  bind(no);
}

bool Compiler::is_spine(NodeId id) const {
  if (folded(id) != nullptr) return false;
  switch (at(id).kind) {
    case NodeKind::get:
    case NodeKind::add:
    case NodeKind::subtract:
    case NodeKind::multiply: return true;
    default: return false;
  }
}

// Left operands are walked in a loop: `a + b + …` and `a.b.…` may be as long as the text.
void Compiler::value(NodeId id, std::uint32_t r) {
  const std::size_t floor = spine_.size();
  for (; is_spine(id); id = at(id).a) spine_.push_back(id);
  const Node& base = at(id);
  if (spine_.size() > floor && at(spine_.back()).kind == NodeKind::get &&
      base.kind == NodeKind::variable && base.a == static_cast<std::uint32_t>(Var::context)) {
    emit(Op::context_get, r, at(spine_.back()).b);
    spine_.pop_back();
  } else {
    leaf(id, r);
  }
  for (; spine_.size() > floor; spine_.pop_back()) spine_step(at(spine_.back()), r);
}

void Compiler::spine_step(const Node& node, std::uint32_t r) {
  if (node.kind == NodeKind::get) return emit(Op::get, r, node.b);
  value(node.b, r + 1);
  switch (node.kind) {
    case NodeKind::add: return emit(Op::add, r);
    case NodeKind::subtract: return emit(Op::subtract, r);
    default: return emit(Op::multiply, r);
  }
}

void Compiler::leaf(NodeId id, std::uint32_t r) {
  if (folded(id) != nullptr) return emit(Op::constant, r, constant(folded_[id]));
  const Node& node = at(id);
  switch (node.kind) {
    case NodeKind::variable: return emit(Op::variable, r, node.a);
    case NodeKind::minus: value(node.a, r); return emit(Op::negate, r);
    case NodeKind::choice: {
      Label otherwise;
      Label end;
      condition(node.a, r, otherwise, false);
      value(node.b, r);
      jump(Op::jump, r, end);
      bind(otherwise);
      value(node.c, r);
      return bind(end);
    }
    case NodeKind::get_tag:
      value(node.a, r);
      value(node.b, r + 1);
      return emit(Op::get_tag, r);
    case NodeKind::call: return call(node, r);
    case NodeKind::set: return set(node, r);
    case NodeKind::record: return record(node, r);
    default: return truth(id, r);
  }
}

// Stores the truth of a test.
void Compiler::truth(NodeId id, std::uint32_t r) {
  Label no;
  Label end;
  condition(id, r, no, false);
  emit(Op::constant, r, constant(Value::of_boolean(true)));
  jump(Op::jump, r, end);
  bind(no);
  emit(Op::constant, r, constant(Value::of_boolean(false)));
  bind(end);
}

void Compiler::call(const Node& node, std::uint32_t r) {
  const std::span<const std::uint32_t> arguments = ast_->list(node.b, node.c);
  if (arguments.size() != extension_functions()[node.a].arity) {
    // Arguments are evaluated before they are counted.
    for (const NodeId argument : arguments) value(argument, r);
    return emit(Op::error, r, static_cast<std::uint32_t>(ErrorCode::eval_arity));
  }
  for (std::uint32_t i = 0; i < arguments.size(); ++i) value(arguments[i], r + i);
  emit(Op::call, r, node.a, node.c);
}

void Compiler::set(const Node& node, std::uint32_t r) {
  emit(Op::set_begin, r, node.b);
  for (const NodeId item : ast_->list(node.a, node.b)) {
    value(item, r + 1);
    emit(Op::set_push, r);
  }
  emit(Op::set_end, r);
}

void Compiler::record(const Node& node, std::uint32_t r) {
  emit(Op::record_begin, r, node.b);
  for (std::uint32_t i = 0; i < node.b; ++i) {
    value(ast_->lists[node.a + 2 * i + 1], r + 1);
    emit(Op::record_put, r, ast_->lists[node.a + 2 * i]);
  }
  emit(Op::record_end, r);
}

}  // namespace mcpgov::policy::cedar
