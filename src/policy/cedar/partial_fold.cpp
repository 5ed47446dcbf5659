// Conditions and what is evaluated lazily: `&&`, `||`, `if`, `is … in` and paths behind `has`.
// Tested by tests/policy/partial_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/partial_fold.hpp"

#include <algorithm>

namespace mcpgov::policy::cedar {
namespace {

constexpr Outcomes kEither = kSatisfied | kUnmatched;

Outcomes swapped(Outcomes outcomes) noexcept {
  Outcomes out = outcomes & kFailed;
  if ((outcomes & kSatisfied) != 0) out |= kUnmatched;
  if ((outcomes & kUnmatched) != 0) out |= kSatisfied;
  return out;
}

}  // namespace

Folder::Folder(Evaluation& evaluation, const PartialRequest& request, Symbols& names, Arena& arena)
    : evaluation_(evaluation), request_(request), names_(names), arena_(arena) {}

Outcomes Folder::fold(const Ast& ast, std::span<const Condition> conditions, Ast& out,
                      std::vector<Condition>& left) {
  ast_ = &ast;
  out_ = &out;
  parts_.clear();
  parts_.reserve(ast.nodes.size());
  mark_tested(conditions);
  // Operands stand before what uses them, so nothing recurses.
  for (NodeId id = 0; id < ast.nodes.size(); ++id) parts_.push_back(part(id));
  Outcomes outcomes = 0;
  for (const Condition& each : conditions) {
    Part& body = parts_[each.body];
    const Outcomes came = each.unless ? swapped(tested(body)) : tested(body);
    outcomes |= came & (kUnmatched | kFailed);
    if (came == kSatisfied) continue;
    left.push_back({write(body), each.unless});
    if ((came & kSatisfied) == 0) return outcomes;  // nothing behind it is evaluated
  }
  return outcomes | kSatisfied;
}

// Users stand behind their operands.
void Folder::mark_tested(std::span<const Condition> conditions) {
  tested_.assign(ast_->nodes.size(), false);
  for (const Condition& each : conditions) tested_[each.body] = true;
  for (NodeId id = static_cast<NodeId>(ast_->nodes.size()); id-- > 0;) {
    const Node& node = at(id);
    switch (node.kind) {
      case NodeKind::negation: tested_[node.a] = true; break;
      case NodeKind::all_of:
      case NodeKind::any_of:
        for (const NodeId operand : ast_->list(node.a, node.b)) tested_[operand] = true;
        break;
      case NodeKind::choice:
        tested_[node.a] = true;
        tested_[node.b] = tested_[node.c] = tested_[id];
        break;
      default: break;
    }
  }
}

Folder::Part Folder::part(NodeId id) {
  switch (at(id).kind) {
    case NodeKind::literal: return literal(id);
    case NodeKind::variable: return variable(id);
    case NodeKind::all_of: return chain(id, true);
    case NodeKind::any_of: return chain(id, false);
    case NodeKind::negation: return negation(id);
    case NodeKind::choice: return choice(id);
    case NodeKind::is_in: return is_in(id);
    case NodeKind::has: return has(id);
    case NodeKind::call: return call(id);
    case NodeKind::set:
    case NodeKind::record: return collection(id);
    default: return strict(id);
  }
}

// What can come of it where only true and false do not fail.
Outcomes Folder::tested(const Part& part) const noexcept {
  if (part.fails) return kFailed;
  const Outcomes may_fail = part.may_fail ? kFailed : Outcomes{0};
  if (part.value.kind == Kind::boolean) {
    return may_fail | (part.value.boolean() ? kSatisfied : kUnmatched);
  }
  if (part.value.kind != Kind::unknown) return kFailed;
  switch (kind_of(part.value)) {
    case Kind::boolean: return may_fail | kEither;
    case Kind::unknown: return kEither | kFailed;
    default: return kFailed;
  }
}

Folder::Part Folder::of_outcomes(Outcomes outcomes) const noexcept {
  Part out;
  out.fails = outcomes == kFailed;
  out.may_fail = (outcomes & kFailed) != 0;
  const Outcomes truth = outcomes & kEither;
  out.value = truth == kEither ? unknown_of(Kind::boolean) : Value::of_boolean(truth == kSatisfied);
  return out;
}

// Fails, because a test of it does.
Folder::Part Folder::only_failing(const Part& part) {
  Part out;
  out.fails = true;
  Part tested = part;
  const NodeId operands[] = {add_truth(true), write(tested)};
  out.node = part.fails ? part.node : add_chain(NodeKind::all_of, operands);
  return out;
}

// `&&` goes on while operands are true, `||` while they are false.
Folder::Part Folder::chain(NodeId id, bool all) {
  const Outcomes goes_on = all ? kSatisfied : kUnmatched;
  const Outcomes stops = all ? kUnmatched : kSatisfied;
  Outcomes outcomes = 0;
  bool reaches_end = true;
  std::vector<NodeId> kept;  // operands
  for (const NodeId operand : ast_->list(at(id).a, at(id).b)) {
    const Outcomes came = tested(parts_[operand]);
    outcomes |= came & (stops | kFailed);
    if (came == goes_on) continue;
    kept.push_back(operand);
    reaches_end = (came & goes_on) != 0;
    if (!reaches_end) break;  // nothing behind it is evaluated
  }
  if (reaches_end) outcomes |= goes_on;
  if (outcomes == kFailed && kept.size() == 1) return only_failing(parts_[kept.front()]);
  Part out = of_outcomes(outcomes);
  if (out.known()) return out;
  if (kept.size() == 1) {
    const Part& only = parts_[kept.front()];
    if (tested_[id] || kind_of(only.value) == Kind::boolean) {
      out.node = write_operand(kept.front());
      return out;
    }
  }
  const bool needs_neutral = kept.size() == 1;
  std::vector<NodeId> written;
  if (needs_neutral) written.push_back(add_truth(all));
  for (const NodeId operand : kept) written.push_back(write_operand(operand));
  out.node = add_chain(at(id).kind, written);
  return out;
}

Folder::Part Folder::negation(NodeId id) {
  const Part& operand = parts_[at(id).a];
  if (operand.fails) return operand;
  Part out = of_outcomes(swapped(tested(operand)));
  if (!out.known()) out.node = copy(id);
  return out;
}

Folder::Part Folder::choice(NodeId id) {
  const Part& test = parts_[at(id).a];
  const Outcomes came = tested(test);
  if (came == kFailed) return only_failing(test);
  const Part& yes = parts_[at(id).b];
  const Part& no = parts_[at(id).c];
  if (came == kSatisfied) return yes;
  if (came == kUnmatched) return no;
  Part out;
  out.may_fail = (came & kFailed) != 0;
  // The ways that can be gone and that do not certainly fail.
  const Part* ways[2];
  std::size_t count = 0;
  for (const auto& [way, taken] : {std::pair{&yes, kSatisfied}, std::pair{&no, kUnmatched}}) {
    if ((came & taken) == 0) continue;
    if (way->fails || way->may_fail) out.may_fail = true;
    if (!way->fails) ways[count++] = way;
  }
  out.fails = count == 0;
  if (count > 0) {
    out.value = count == 1 ? ways[0]->value : either(ways[0]->value, ways[1]->value);
    if (count == 1 || ways[0]->type == ways[1]->type) out.type = ways[0]->type;
  }
  if (!out.known()) out.node = copy(id);
  return out;
}

// The container is evaluated only for entities of the type.
Folder::Part Folder::is_in(NodeId id) {
  const Node& node = at(id);
  const Part& entity = parts_[node.a];
  if (entity.fails) return entity;
  const Part& container = parts_[node.c];
  Value registers[2] = {entity.value, container.value};
  Node test = node;
  test.kind = NodeKind::is;
  const auto type = static_cast<std::uint32_t>(in_request(NameId{node.b}));
  const Outcomes is = possible_by_type(test, entity, container,
                                       evaluation_.step({Op::is, false, 0, type, 0}, registers));
  Outcomes in = kFailed;
  if (!container.fails) {
    test.kind = NodeKind::in;
    in = possible_by_type(test, entity, container,
                          evaluation_.step({Op::in, false, 0, 0, 0}, registers));
    if (container.may_fail) in |= kFailed;
  }
  Outcomes outcomes = is & (kUnmatched | kFailed);
  if ((is & kSatisfied) != 0) outcomes |= in;
  if (entity.may_fail) outcomes |= kFailed;
  Part out = of_outcomes(outcomes);
  if (out.known()) return out;
  if (is != kSatisfied) {
    out.node = copy(id);
  } else if (container.fails && !entity.may_fail) {
    out.node = container.node;
  } else {
    out.node = add({NodeKind::in, write_operand(node.a), write_operand(node.c)});
  }
  return out;
}

// `x has a.b` is `x has a && x.a has b`: names that are certainly there become part of x.
Folder::Part Folder::has(NodeId id) {
  const Node node = at(id);
  Part now = parts_[node.a];
  if (now.fails) return now;
  std::span<const std::uint32_t> names = ast_->list(node.b, node.c);
  Outcomes came = 0;
  for (;; names = names.subspan(1)) {
    const auto name = static_cast<std::uint32_t>(in_request(NameId{names.front()}));
    came = evaluation_.step({Op::has, false, 0, name, 0}, &now.value);
    came = possible_by_type({NodeKind::has, 0, names.front()}, now, now, came);
    if (came != kSatisfied || names.size() == 1) break;
    Part next;
    next.value = now.value;
    next.may_fail = now.may_fail;
    evaluation_.step({Op::get, false, 0, name, 0}, &next.value);
    give_type({NodeKind::get, 0, names.front()}, now, next);
    if (!next.known()) next.node = add({NodeKind::get, write(now), names.front()});
    now = next;
  }
  if (came == (kSatisfied | kUnmatched) && names.size() > 1 && rest_may_fail(now, names)) {
    came |= kFailed;
  }
  if (now.may_fail) came |= kFailed;
  Part out = of_outcomes(came);
  if (!out.known()) {
    const NodeId of = write(now);
    out.node = add({NodeKind::has, of, add_list(names), static_cast<std::uint32_t>(names.size())});
  }
  return out;
}

}  // namespace mcpgov::policy::cedar
