// Nodes to their rules; operands and what they must be.
// Tested by tests/policy/validation_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/validation/typecheck.hpp"

#include <algorithm>

namespace mcpgov::policy::cedar::validation {

namespace {

std::string_view wanted_text(Wanted wanted) noexcept {
  switch (wanted) {
    case Wanted::boolean: return "Bool";
    case Wanted::integer: return "Long";
    case Wanted::string: return "String";
    case Wanted::decimal: return "decimal";
    case Wanted::datetime: return "datetime";
    case Wanted::duration: return "duration";
    case Wanted::ip: return "ipaddr";
    case Wanted::set: return "a set";
    case Wanted::entity: return "an entity";
    case Wanted::entity_or_record: return "an entity or a record";
    case Wanted::entity_or_entities: return "an entity or a set of entities";
    case Wanted::comparable: return "Long, datetime or duration";
  }
  return {};
}

// What the author may have had in mind; which one depends on where the operand stands and on what
// it is. The reference engine counts findings with different advice as different.
enum class Advice : std::uint8_t {
  none,
  like,
  contains,
  one,
  has,
  is,
  in,
  empty,
  only_is,
  join,
  sets
};

Advice advice_for(Use use, TypeKind kind) noexcept {
  const bool text = kind == TypeKind::string;
  switch (use) {
    case Use::other: return Advice::none;
    case Use::has:
      return kind == TypeKind::set ? Advice::contains : text ? Advice::like : Advice::none;
    case Use::like: return kind == TypeKind::entity ? Advice::is : Advice::none;
    case Use::is: return Advice::only_is;
    case Use::in: return Advice::contains;
    case Use::in_what:
      return kind == TypeKind::set ? Advice::contains : text ? Advice::like : Advice::none;
    case Use::set:
      if (kind == TypeKind::entity) return Advice::in;
      if (kind == TypeKind::record) return Advice::has;
      return text ? Advice::like : Advice::none;
    case Use::set_argument: return Advice::one;
    case Use::empty: return text ? Advice::empty : Advice::none;
    case Use::sum:
      if (text) return Advice::join;
      return kind == TypeKind::set ? Advice::sets : Advice::none;
    case Use::arithmetic: return kind == TypeKind::set ? Advice::sets : Advice::none;
  }
  return Advice::none;
}

std::string_view advice_text(Advice advice) noexcept {
  switch (advice) {
    case Advice::none: return {};
    case Advice::like: return "; `like` looks into strings";
    case Advice::contains: return "; `contains`, `containsAll` and `containsAny` look into sets";
    case Advice::one: return "; `contains` looks for a single element";
    case Advice::has: return "; `has` asks for an attribute";
    case Advice::is: return "; `is` asks for the type of an entity";
    case Advice::in: return "; `in` asks where an entity belongs";
    case Advice::empty: return "; `== \"\"` tells whether a string is empty";
    case Advice::only_is: return "; only entities can be asked for their type";
    case Advice::join: return "; strings cannot be joined";
    case Advice::sets: return "; sets cannot be added, subtracted or multiplied";
  }
  return {};
}

}  // namespace

void Checker::open(const Ast& ast) {
  ast_ = &ast;
  at_.assign(ast.nodes.size(), kNone);
  steps_ = 0;
  types_.trim();
  words_before_ = types_.words();
  suggestions_ = 0;
  has_proofs_ = std::ranges::any_of(ast.nodes, [](const Node& node) {
    return node.kind == NodeKind::has || node.kind == NodeKind::has_tag;
  });
  if (!has_proofs_) return;
  shapes_.open(ast);
  proof_ids_.clear();
  proofs_.clear();
}

// `when {a} when {b} when {c}` is `a && (b && c)`.
Answer Checker::conditions(const ParsedPolicy& policy, const Environment& environment) {
  environment_ = environment;
  context_ = kNone;
  Answer out{kTrue, true};
  std::vector<TypeId> types;
  for (const Condition& condition : policy.conditions) {
    const std::size_t before = proofs_.mark();
    Answer answer = expect(condition.body, Wanted::boolean);
    if (condition.unless) {
      proofs_.forget(before);
      answer.type = answer.type == kTrue ? kFalse : answer.type == kFalse ? kTrue : kBool;
    }
    proofs_.hold(before, proofs_.mark());
    out.ok = out.ok && answer.ok;
    types.push_back(answer.type);
    if (answer.type == kFalse) break;
  }
  proofs_.release(0, proofs_.mark());
  proofs_.forget(0);
  for (std::size_t i = types.size(); i-- > 0;) {
    const bool last = i + 1 == types.size();
    if (last || out.type == kTrue) {
      out.type = types[i];
    } else if (types[i] == kNone || out.type == kNone) {
      out.type = kBool;
    } else if (out.type != kFalse) {
      out.type = types[i] == kTrue ? out.type : kBool;
    }
  }
  return out;
}

Answer Checker::check(NodeId id) {
  ++steps_;
  if (exhausted()) return {};
  const Answer out = dispatch(id);
  at_[id] = out.type;
  return out;
}

Answer Checker::dispatch(NodeId id) {
  const Node& node = ast_->nodes[id];
  switch (node.kind) {
    case NodeKind::literal: return literal(ast_->literals[node.a]);
    case NodeKind::variable: return variable(static_cast<Var>(node.a));
    case NodeKind::all_of: return all_of(node);
    case NodeKind::any_of: return any_of(node);
    case NodeKind::negation: return negation(node);
    case NodeKind::minus: return {type_of(TypeKind::integer), expect(node.a, Wanted::integer).ok};
    case NodeKind::choice: return choice(id, node);
    case NodeKind::equal: return equal(id, node);
    case NodeKind::less:
    case NodeKind::less_equal: return less(node);
    case NodeKind::add:
    case NodeKind::subtract:
    case NodeKind::multiply: return arithmetic(id);
    case NodeKind::in: return in(operand(node.a), node.a, node.b);
    case NodeKind::is: return is(node, operand(node.a));
    case NodeKind::is_in: return is_in(node);
    case NodeKind::like: return {kBool, expect(node.a, Wanted::string, Use::like).ok};
    case NodeKind::get: return get(id);
    case NodeKind::has: return has(id, node);
    case NodeKind::contains: return contains(id, node);
    case NodeKind::contains_all:
    case NodeKind::contains_any: return contains_all(id, node);
    case NodeKind::is_empty: return {kBool, expect(node.a, Wanted::set, Use::empty).ok};
    case NodeKind::has_tag: return has_tag(node);
    case NodeKind::get_tag: return get_tag(id, node);
    case NodeKind::call: return call(id, node);
    case NodeKind::set: return set(id, node);
    case NodeKind::record: return record(node);
  }
  return {};
}

TypeId Checker::type_of_entity(EntityId entity) {
  const NameId type = symbols_.type(entity);
  if (types_.schema().entity_type(type) != nullptr) return types_.entity(type);
  return types_.schema().action(entity) != nullptr ? types_.entity(type) : kNone;
}

Answer Checker::literal(const Value& value) {
  switch (value.kind) {
    case Kind::boolean: return {value.boolean() ? kTrue : kFalse, true};
    case Kind::integer: return {type_of(TypeKind::integer), true};
    case Kind::string: return {type_of(TypeKind::string), true};
    case Kind::entity: {
      // An unknown type or action was told when all names were looked at.
      const TypeId type = type_of_entity(value.entity());
      return {type, type != kNone};
    }
    default: return {};
  }
}

Answer Checker::variable(Var variable) {
  switch (variable) {
    case Var::principal: return {types_.entity(environment_.principal), true};
    case Var::resource: return {types_.entity(environment_.resource), true};
    case Var::action: return {types_.entity(symbols_.type(environment_.action->id)), true};
    case Var::context:
      if (context_ == kNone) context_ = types_.of(environment_.action->context);
      return {context_, true};
  }
  return {};
}

// Nobody asks what it proves when an operand of such operators is true.
Answer Checker::operand(NodeId id) {
  const std::size_t before = proofs_.mark();
  const Answer out = check(id);
  proofs_.forget(before);
  return out;
}

Answer Checker::expect(NodeId id, Wanted wanted, Use use) {
  const std::size_t before = proofs_.mark();
  Answer out = check(id);
  require(out, id, wanted, use);
  if (!out.ok || wanted != Wanted::boolean) proofs_.forget(before);
  return out;
}

void Checker::require(Answer& answer, NodeId place, Wanted wanted, Use use) {
  if (answer.type != kNone && fits(answer.type, wanted)) return;
  if (answer.type != kNone) unexpected(place, wanted, answer.type, use);
  answer = {kNone, false};
}

bool Checker::fits(TypeId type, Wanted wanted) const {
  const TypeKind kind = types_.kind(type);
  if (kind == TypeKind::never) return true;
  const bool entity = kind == TypeKind::entity;
  switch (wanted) {
    case Wanted::boolean:
      return kind == TypeKind::boolean || kind == TypeKind::yes || kind == TypeKind::no;
    case Wanted::integer: return kind == TypeKind::integer;
    case Wanted::string: return kind == TypeKind::string;
    case Wanted::decimal: return kind == TypeKind::decimal;
    case Wanted::datetime: return kind == TypeKind::datetime;
    case Wanted::duration: return kind == TypeKind::duration;
    case Wanted::ip: return kind == TypeKind::ip;
    case Wanted::set: return kind == TypeKind::set;
    case Wanted::entity: return entity;
    case Wanted::entity_or_record: return entity || kind == TypeKind::record;
    case Wanted::entity_or_entities: {
      if (kind != TypeKind::set) return entity;
      const TypeKind inner = types_.kind(types_.element(type));
      return inner == TypeKind::entity || inner == TypeKind::never;
    }
    case Wanted::comparable:
      return kind == TypeKind::integer || kind == TypeKind::datetime || kind == TypeKind::duration;
  }
  return false;
}

void Checker::unexpected(NodeId place, Wanted wanted, TypeId actual, Use use) {
  const Advice advice = advice_for(use, types_.kind(actual));
  const auto word = static_cast<std::uint32_t>(wanted) | static_cast<std::uint32_t>(advice) << 8;
  const auto type = static_cast<std::uint32_t>(actual);
  if (!report_.fresh(FindingKind::unexpected_type, place, {word, type})) return;
  std::string message = "unexpected type: expected ";
  message += wanted_text(wanted);
  message += " but found " + types_.text(actual);
  message += advice_text(advice);
  report_.say(FindingKind::unexpected_type, place, offset(place), std::move(message));
}

}  // namespace mcpgov::policy::cedar::validation
