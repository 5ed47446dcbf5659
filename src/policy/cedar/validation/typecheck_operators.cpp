// The types of comparisons, of arithmetic, of `is` and of `in`.
// Tested by tests/policy/validation_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>

#include "policy/cedar/validation/scope.hpp"
#include "policy/cedar/validation/typecheck.hpp"

namespace mcpgov::policy::cedar::validation {

// The uid that a literal is, or that `action` is in this environment.
EntityId Checker::entity_literal(NodeId id) const {
  const Node& node = ast_->nodes[id];
  if (node.kind == NodeKind::variable && static_cast<Var>(node.a) == Var::action) {
    return environment_.action->id;
  }
  if (node.kind != NodeKind::literal) return kNoEntity;
  const Value& value = ast_->literals[node.a];
  return value.kind == Kind::entity ? value.entity() : kNoEntity;
}

// Decided for literals and for entities that cannot have the same type, and only then freed from
// the strict rule that both sides have one type.
Answer Checker::equal(NodeId id, const Node& node) {
  const Answer left = operand(node.a);
  const Answer right = operand(node.b);
  Answer out{kBool, left.ok && right.ok};
  if (left.type != kNone && right.type != kNone && types_.disjoint(left.type, right.type)) {
    out.type = kFalse;
    return out;
  }
  const EntityId left_uid = entity_literal(node.a);
  const EntityId right_uid = entity_literal(node.b);
  if (left_uid != kNoEntity && right_uid != kNoEntity) {
    out.type = left_uid == right_uid ? kTrue : kFalse;
    return out;
  }
  const bool comparable = (left_uid != kNoEntity || literal_of(*ast_, node.a).has_value()) &&
                          (right_uid != kNoEntity || literal_of(*ast_, node.b).has_value());
  if (comparable) {
    const bool uids = left_uid != kNoEntity || right_uid != kNoEntity;
    const bool same =
        !uids && policy::equal(*literal_of(*ast_, node.a), *literal_of(*ast_, node.b));
    out.type = same ? kTrue : kFalse;
    return out;
  }
  out.ok = strictly_equal(id, left.type, right.type, "the operands of `==`") && out.ok;
  return out;
}

bool Checker::strictly_equal(NodeId id, TypeId left, TypeId right, std::string_view what) {
  if (!types_.strict() || left == kNone || right == kNone) return true;
  const TypeId both[] = {left, right};
  return join_or_report(id, offset(id), both, what) != kNone;
}

TypeId Checker::join_or_report(NodeId place, std::uint32_t offset, std::span<const TypeId> all,
                               std::string_view what) {
  Mismatch why = Mismatch::none;
  const TypeId out = types_.join(all, why);
  if (out != kNone) return out;
  std::vector<TypeId> each(all.begin(), all.end());
  std::ranges::sort(each);
  each.erase(std::unique(each.begin(), each.end()), each.end());
  std::uint64_t key = std::hash<std::string_view>{}(what);
  const auto add = [&key](std::uint32_t word) {
    key = (key ^ word) * 0x9e3779b97f4a7c15U;
    key ^= key >> 29;
  };
  add(static_cast<std::uint32_t>(why));
  for (const TypeId type : each) add(static_cast<std::uint32_t>(type));
  if (!report_.fresh(FindingKind::incompatible_types, place,
                     {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)})) {
    return kNone;
  }
  std::vector<std::string> texts;
  for (const TypeId type : each) texts.push_back(types_.text(type));
  std::ranges::sort(texts);
  std::string message = "the types ";
  constexpr std::size_t kShown = 5;
  for (std::size_t i = 0; i < std::min(texts.size(), kShown); ++i) {
    if (i > 0) message += i + 1 == texts.size() ? " and " : ", ";
    message += texts[i];
  }
  if (texts.size() > kShown) message += " and " + std::to_string(texts.size() - kShown) + " more";
  message += " are not compatible, as those of " + std::string(what) + " have to be";
  switch (why) {
    case Mismatch::optionality:
      message += ": an attribute is optional in one record and required in the other";
      break;
    case Mismatch::record_width: message += ": the records have different attributes"; break;
    case Mismatch::entity_type:
      message += ": entity types differ, whatever they have in common";
      break;
    case Mismatch::entity_record: message += ": an entity is no record"; break;
    default: break;
  }
  report_.say(FindingKind::incompatible_types, place, offset, std::move(message));
  return kNone;
}

Answer Checker::less(const Node& node) {
  const Answer left = operand(node.a);
  const Answer right = operand(node.b);
  if (left.type == kNone || right.type == kNone) return {kBool, false};
  const bool left_fits = fits(left.type, Wanted::comparable);
  const bool right_fits = fits(right.type, Wanted::comparable);
  if (left_fits && right_fits && left.type == right.type) return {kBool, left.ok && right.ok};
  const auto only = [&](TypeId type) {
    switch (types_.kind(type)) {
      case TypeKind::integer: return Wanted::integer;
      case TypeKind::datetime: return Wanted::datetime;
      default: return Wanted::duration;
    }
  };
  const TypeId integer = type_of(TypeKind::integer);
  if (left.type == integer || (left_fits && right.type != integer)) {
    unexpected(node.b, only(left.type), right.type, Use::other);
  } else if (right_fits) {
    unexpected(node.a, only(right.type), left.type, Use::other);
  } else {
    unexpected(node.a, Wanted::comparable, left.type, Use::other);
    unexpected(node.b, Wanted::comparable, right.type, Use::other);
  }
  return {kBool, false};
}

// Left operands are walked in a loop: `1 + 1 + …` may be very long.
Answer Checker::arithmetic(NodeId id) {
  const std::size_t bottom = chain_.size();
  const auto is_sum = [&](NodeId each) {
    const NodeKind kind = ast_->nodes[each].kind;
    return kind == NodeKind::add || kind == NodeKind::subtract || kind == NodeKind::multiply;
  };
  NodeId at = id;
  for (; is_sum(at); at = ast_->nodes[at].a) chain_.push_back(at);
  Answer answer = operand(at);
  while (chain_.size() > bottom) {
    const NodeId each = chain_.back();
    chain_.pop_back();
    if (exhausted()) continue;
    const Node& node = ast_->nodes[each];
    const Use use = node.kind == NodeKind::add ? Use::sum : Use::arithmetic;
    require(answer, node.a, Wanted::integer, use);
    const bool right = expect(node.b, Wanted::integer, use).ok;
    answer = {type_of(TypeKind::integer), answer.ok && right};
    at_[each] = answer.type;
    ++steps_;
  }
  return answer;
}

Answer Checker::is(const Node& node, Answer operand) {
  require(operand, node.a, Wanted::entity, Use::is);
  if (types_.kind(operand.type) != TypeKind::entity) return {kBool, false};
  const auto all = types_.entity_types(operand.type);
  if (!std::ranges::binary_search(all, node.b)) return {kFalse, operand.ok};
  return {all.size() == 1 ? kTrue : kBool, operand.ok};
}

// `e is T in f` is `e is T && e in f`.
Answer Checker::is_in(const Node& node) {
  const Answer both = operand(node.a);
  const Answer left = is(node, both);
  if (left.type == kFalse) return left;
  const Answer right = in(both, node.a, node.c);
  const bool ok = left.ok && right.ok;
  if (right.type == kFalse) return {kFalse, ok};
  return {left.type == kTrue ? right.type : right.type == kTrue ? left.type : kBool, ok};
}

Answer Checker::in(Answer left, NodeId left_id, NodeId right_id) {
  require(left, left_id, Wanted::entity, Use::in);
  const Answer right = expect(right_id, Wanted::entity_or_entities, Use::in_what);
  if (!left.ok || !right.ok) return {kBool, false};
  return {type_of_in(left, left_id, right, right_id), true};
}

// Decided for actions, which have no parents but those of the schema, and for types of which none
// may lie below the other.
TypeId Checker::type_of_in(Answer left, NodeId left_id, Answer right, NodeId right_id) {
  const EntityId uid = entity_literal(left_id);
  if (uid != kNoEntity && is_action_type(symbols_.text(symbols_.type(uid)))) {
    const Node& node = ast_->nodes[right_id];
    const bool listed = node.kind == NodeKind::set;
    const NodeId single[] = {right_id};
    const auto items = listed ? ast_->list(node.a, node.b) : std::span<const std::uint32_t>(single);
    const bool literals =
        std::ranges::all_of(items, [&](NodeId item) { return entity_literal(item) != kNoEntity; });
    const ActionType* action = types_.schema().action(uid);
    if (literals && action != nullptr) {
      const bool below = std::ranges::any_of(items, [&](NodeId item) {
        const EntityId above = entity_literal(item);
        return above == uid || std::ranges::binary_search(action->ancestors, above);
      });
      return below ? kTrue : kFalse;
    }
  }
  TypeId above = right.type;
  if (types_.kind(above) == TypeKind::set) above = types_.element(above);
  if (types_.kind(left.type) != TypeKind::entity || types_.kind(above) != TypeKind::entity) {
    return kBool;
  }
  return type_below(left.type, above) ? kBool : kFalse;
}

bool Checker::type_below(TypeId left, TypeId right) {
  for (const std::uint32_t low : types_.entity_types(left)) {
    if (exhausted()) return true;
    spend(types_.entity_types(right).size());
    const bool action = is_action_type(symbols_.text(NameId{low}));
    for (const std::uint32_t high : types_.entity_types(right)) {
      if (may_lie_below(types_.schema(), NameId{low}, NameId{high})) return true;
      if (action && action_type_below(NameId{low}, NameId{high})) return true;
    }
  }
  return false;
}

// True when some action of the one type lies below one of the other.
bool Checker::action_type_below(NameId left, NameId right) {
  const std::uint64_t key =
      (std::uint64_t{static_cast<std::uint32_t>(left)} << 32) | static_cast<std::uint32_t>(right);
  for (const auto& [known, below] : action_types_below_) {
    if (known == key) return below;
  }
  const auto actions = types_.schema().actions();
  const bool below = std::ranges::any_of(actions, [&](const ActionType& action) {
    return symbols_.type(action.id) == left &&
           std::ranges::any_of(action.ancestors,
                               [&](EntityId above) { return symbols_.type(above) == right; });
  });
  action_types_below_.emplace_back(key, below);
  return below;
}

}  // namespace mcpgov::policy::cedar::validation
