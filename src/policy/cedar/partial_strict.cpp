// Operators that evaluate all of their operands, run by the evaluator one at a time.
// Tested by tests/policy/partial_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "policy/cedar/extension.hpp"
#include "policy/cedar/partial_fold.hpp"
#include "policy/cedar/pattern.hpp"

namespace mcpgov::policy::cedar {
namespace {

// What the compiler makes of the operator when nothing is known of its operands.
Op op_of(NodeKind kind) noexcept {
  switch (kind) {
    case NodeKind::minus: return Op::negate;
    case NodeKind::equal: return Op::equal;
    case NodeKind::less: return Op::less;
    case NodeKind::less_equal: return Op::less_equal;
    case NodeKind::add: return Op::add;
    case NodeKind::subtract: return Op::subtract;
    case NodeKind::multiply: return Op::multiply;
    case NodeKind::in: return Op::in;
    case NodeKind::is: return Op::is;
    case NodeKind::like: return Op::like;
    case NodeKind::get: return Op::get;
    case NodeKind::contains: return Op::contains;
    case NodeKind::contains_all: return Op::contains_all;
    case NodeKind::contains_any: return Op::contains_any;
    case NodeKind::is_empty: return Op::is_empty;
    case NodeKind::has_tag: return Op::has_tag;
    default: return Op::get_tag;
  }
}

bool is_unary(NodeKind kind) noexcept {
  return kind == NodeKind::minus || kind == NodeKind::is || kind == NodeKind::like ||
         kind == NodeKind::get || kind == NodeKind::is_empty;
}

}  // namespace

Folder::Part Folder::literal(NodeId id) {
  Part out;
  out.value = ast_->literals[at(id).a];
  if (out.value.kind == Kind::entity) {
    out.value = Value::of_entity(in_request(out.value.entity()));
  }
  out.as_written = true;
  out.node = copy(id);
  return out;
}

Folder::Part Folder::variable(NodeId id) {
  Part out;
  const Request& asked = request_.request;
  const auto variable = static_cast<Var>(at(id).a);
  evaluation_.step({Op::variable, false, 0, at(id).a, 0}, &out.value);
  if (variable == Var::principal) out.type = type_of_entity(request_.principal_type);
  if (variable == Var::resource) out.type = type_of_entity(request_.resource_type);
  if (variable == Var::context && request_.schema != nullptr) {
    const ActionType* action = request_.schema->action(asked.action);
    if (action != nullptr) out.type = &action->context;
  }
  if (!out.known()) out.node = copy(id);
  return out;
}

// True, with the whole, if an operand certainly fails.
bool Folder::failing_operand(NodeId id, std::span<const NodeId> operands, Part& out) {
  bool may_fail_before = false;
  for (const NodeId operand : operands) {
    const Part& part = parts_[operand];
    if (part.fails) {
      // Which failure it is depends on the operands before it.
      out = part;
      if (may_fail_before) out.node = copy(id);
      return true;
    }
    may_fail_before = may_fail_before || part.may_fail;
  }
  out.may_fail = may_fail_before;
  return false;
}

// Completes the result from what the evaluator said.
void Folder::settle(NodeId id, Outcomes outcomes, Part& out) {
  if ((outcomes & kFailed) != 0) out.may_fail = true;
  out.fails = outcomes == kFailed;
  if (!out.known()) out.node = copy(id);
}

Folder::Part Folder::strict(NodeId id) {
  const Node& node = at(id);
  const NodeId operands[] = {node.a, node.b};
  const std::size_t count = is_unary(node.kind) ? 1 : 2;
  Part out;
  if (failing_operand(id, {operands, count}, out)) return out;
  const Part& left = parts_[node.a];
  const Part& right = parts_[operands[count - 1]];
  Value registers[2] = {left.value, right.value};
  const Op op = op_of(node.kind);
  Instruction instruction{op, false, 0, 0, 0};
  if (node.kind == NodeKind::get || node.kind == NodeKind::is) {
    instruction.a = static_cast<std::uint32_t>(in_request(NameId{node.b}));
  }
  Outcomes outcomes = 0;
  if (node.kind == NodeKind::like) {
    const LikePattern pattern(ast_->patterns[node.b], arena_);
    outcomes = evaluation_.step(instruction, registers, &pattern);
  } else {
    outcomes = evaluation_.step(instruction, registers);
  }
  outcomes = possible_by_type(node, left, right, outcomes);
  if (op > Op::test) {
    out.value = of_outcomes(outcomes).value;
  } else {
    out.value = registers[0];
    give_type(node, left, out);
  }
  settle(id, outcomes, out);
  return out;
}

Folder::Part Folder::call(NodeId id) {
  const Node& node = at(id);
  const std::span<const NodeId> arguments = ast_->list(node.b, node.c);
  Part out;
  if (failing_operand(id, arguments, out)) return out;
  bool as_written = true;
  auto* registers = arena_.array<Value>(arguments.size() + 1);
  registers[0] = Value{};
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    registers[i] = parts_[arguments[i]].value;
    as_written = as_written && parts_[arguments[i]].as_written;
  }
  Outcomes outcomes = kFailed;
  if (arguments.size() == extension_functions()[node.a].arity) {
    outcomes = evaluation_.step({Op::call, false, 0, node.a, node.c}, registers);
  }
  out.value = registers[0];
  settle(id, outcomes, out);
  if (as_written && out.known()) {
    out.as_written = true;
    out.node = copy(id);
  }
  return out;
}

Folder::Part Folder::collection(NodeId id) {
  const Node& node = at(id);
  const bool is_set = node.kind == NodeKind::set;
  std::vector<NodeId> items;
  for (std::uint32_t i = 0; i < node.b; ++i) {
    items.push_back(ast_->lists[is_set ? node.a + i : node.a + 2 * i + 1]);
  }
  Part out;
  if (failing_operand(id, items, out)) return out;
  bool as_written = true;
  out.value.kind = is_set ? Kind::set : Kind::record;
  out.value.size = node.b;
  auto* values = arena_.array<Value>(is_set ? node.b : 0);
  auto* fields = arena_.array<Field>(is_set ? 0 : node.b);
  for (std::uint32_t i = 0; i < node.b; ++i) {
    const Part& item = parts_[items[i]];
    as_written = as_written && item.as_written;
    if (is_set) {
      values[i] = item.value;
    } else {
      fields[i] = {in_request(NameId{ast_->lists[node.a + 2 * i]}), item.value};
    }
  }
  if (is_set) {
    out.value.items = values;
  } else {
    out.value.fields = fields;
  }
  const Op op = is_set ? Op::set_end : Op::record_end;
  settle(id, evaluation_.step({op, false, 0, 0, 0}, &out.value), out);
  if (as_written && out.known()) {
    out.as_written = true;
    out.node = copy(id);
  }
  return out;
}

}  // namespace mcpgov::policy::cedar
