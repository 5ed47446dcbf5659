// Tests: what is true, false, either or an error of two values.
// Tested by tests/policy/evaluate_test.cpp, possible_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/evaluate.hpp"

namespace mcpgov::policy::cedar {
namespace {

bool is_composite(const Value& value) noexcept {
  return value.kind == Kind::set || value.kind == Kind::record;
}

bool is_comparable(Kind kind) noexcept {
  return kind == Kind::integer || kind == Kind::datetime || kind == Kind::duration;
}

}  // namespace

// A canonical set has its unknown items first and its sets and records last, so that most sets
// need two looks.
bool has_unknown(const Value& value) noexcept {
  if (value.kind == Kind::unknown) return true;
  if (value.kind == Kind::record) {
    for (const Field& field : value.record()) {
      if (has_unknown(field.value)) return true;
    }
  } else if (value.kind == Kind::set && value.size > 0) {
    const std::span<const Value> items = value.set();
    if (items.front().kind == Kind::unknown) return true;
    for (std::size_t i = items.size(); i-- > 0 && is_composite(items[i]);) {
      if (has_unknown(items[i])) return true;
    }
  }
  return false;
}

// When every value must be known, one that is not is an error.
Evaluation::Truth Evaluation::not_known(bool can_fail) noexcept {
  if (!unknowns_) return wrong_type();
  if (can_fail) outcomes_ |= kFailed;
  return Truth::maybe;
}

// Of an unknown value that has to be of this kind, or of one that is not.
Evaluation::Truth Evaluation::not_known(const Value& value, Kind wanted) noexcept {
  const Kind kind = kind_of(value);
  return kind == wanted || kind == Kind::unknown ? not_known(kind != wanted) : wrong_type();
}

Evaluation::Truth Evaluation::wrong_type() noexcept {
  error_ = ErrorCode::eval_type;
  return Truth::failed;
}

Evaluation::Truth Evaluation::test(const Value& value) noexcept {
  if (value.kind == Kind::boolean) return value.boolean() ? Truth::yes : Truth::no;
  return not_known(value, Kind::boolean);
}

Evaluation::Truth Evaluation::equal_to(const Value& a, const Value& b) noexcept {
  const Kind kinds[] = {kind_of(a), kind_of(b)};
  if (kinds[0] != kinds[1] && kinds[0] != Kind::unknown && kinds[1] != Kind::unknown) {
    return Truth::no;
  }
  if (a.kind == Kind::unknown || b.kind == Kind::unknown) return not_known(false);
  if (is_composite(a) && (has_unknown(a) || has_unknown(b))) return not_known(false);
  return equal(a, b) ? Truth::yes : Truth::no;
}

Evaluation::Truth Evaluation::less(const Value& a, const Value& b, bool or_equal) noexcept {
  const Kind left = kind_of(a);
  const Kind right = kind_of(b);
  for (const Kind kind : {left, right}) {
    if (kind != Kind::unknown && !is_comparable(kind)) return wrong_type();
  }
  if (left == Kind::unknown || right == Kind::unknown) return not_known(true);
  if (left != right) return wrong_type();
  if (a.kind == Kind::unknown || b.kind == Kind::unknown) return not_known(false);
  return (or_equal ? a.integer <= b.integer : a.integer < b.integer) ? Truth::yes : Truth::no;
}

Evaluation::Truth Evaluation::in(const Value& left, const Value& right) {
  const Kind container = kind_of(right);
  if (kind_of(left) != Kind::entity && kind_of(left) != Kind::unknown) return wrong_type();
  const bool can_fail = kind_of(left) == Kind::unknown;
  if (right.kind == Kind::set) {
    if (right.size == 0) return can_fail ? not_known(true) : Truth::no;
    // Unknown items come first in a canonical set.
    std::uint32_t known = 0;
    bool any_kind = false;
    for (; known < right.size && right.items[known].kind == Kind::unknown; ++known) {
      const Kind kind = kind_of(right.items[known]);
      if (kind != Kind::unknown && kind != Kind::entity) return wrong_type();
      any_kind = any_kind || kind == Kind::unknown;
    }
    // Entities are one run behind them, so its ends tell whether there is anything else.
    const Value& last = right.items[right.size - 1];
    if (known < right.size &&
        (right.items[known].kind != Kind::entity || last.kind != Kind::entity)) {
      return wrong_type();
    }
    if (known > 0) return not_known(can_fail || any_kind);
    return left.kind == Kind::unknown ? not_known(can_fail) : in_set(left.entity(), right);
  }
  if (container != Kind::entity && container != Kind::set && container != Kind::unknown) {
    return wrong_type();
  }
  if (left.kind == Kind::unknown || right.kind == Kind::unknown) {
    return not_known(can_fail || container != Kind::entity);
  }
  return is_in(left.entity(), right.entity()) ? Truth::yes : Truth::no;
}

Evaluation::Truth Evaluation::in_set(EntityId left, const Value& right) {
  for (const Value& each : right.set()) {
    if (is_in(left, each.entity())) return Truth::yes;
  }
  return Truth::no;
}

Evaluation::Truth Evaluation::is(const Value& value, NameId type) noexcept {
  if (value.kind != Kind::entity) return not_known(value, Kind::entity);
  return request_.symbols->type(value.entity()) == type ? Truth::yes : Truth::no;
}

Evaluation::Truth Evaluation::like(const Value& value, const LikePattern& pattern) noexcept {
  if (value.kind != Kind::string) return not_known(value, Kind::string);
  return pattern.matches(value.string()) ? Truth::yes : Truth::no;
}

Evaluation::Truth Evaluation::has(const Value& value, NameId name) {
  if (value.kind == Kind::record) {
    return value.field(name) != nullptr ? Truth::yes : Truth::no;
  }
  if (kind_of(value) == Kind::record) return not_known(false);
  if (value.kind != Kind::entity) return not_known(value, Kind::entity);
  const Entity* known = facts(value.entity());
  if (known == nullptr) return Truth::no;
  if (known->attributes.kind == Kind::unknown) return not_known(false);
  return known->attributes.field(name) != nullptr ? Truth::yes : Truth::no;
}

Evaluation::Truth Evaluation::contains(const Value& set, const Value& item) noexcept {
  if (set.kind != Kind::set) return not_known(set, Kind::set);
  const bool found = policy::contains(set.set(), item);
  if (has_unknown(item)) return set.size == 0 ? Truth::no : not_known(false);
  if (found) return Truth::yes;
  return has_unknown(set) ? not_known(false) : Truth::no;
}

// Whether the answer is already settled by what is not known of two sets.
bool Evaluation::sets_open(const Value& a, const Value& b, Truth& out) noexcept {
  bool can_fail = false;
  for (const Value* each : {&a, &b}) {
    const Kind kind = kind_of(*each);
    if (kind == Kind::unknown) can_fail = true;
    if (kind == Kind::unknown || kind == Kind::set) continue;
    out = wrong_type();
    return true;
  }
  if (!has_unknown(a) && !has_unknown(b)) return false;
  out = not_known(can_fail);
  return true;
}

Evaluation::Truth Evaluation::contains_all(const Value& set, const Value& items) noexcept {
  if (Truth open; sets_open(set, items, open)) return open;
  for (const Value& item : items.set()) {
    if (!policy::contains(set.set(), item)) return Truth::no;
  }
  return Truth::yes;
}

Evaluation::Truth Evaluation::contains_any(const Value& set, const Value& items) noexcept {
  if (Truth open; sets_open(set, items, open)) return open;
  for (const Value& item : items.set()) {
    if (policy::contains(set.set(), item)) return Truth::yes;
  }
  return Truth::no;
}

// A set with unknown items has at least one item.
Evaluation::Truth Evaluation::is_empty(const Value& set) noexcept {
  if (set.kind != Kind::set) return not_known(set, Kind::set);
  return set.size == 0 ? Truth::yes : Truth::no;
}

Evaluation::Truth Evaluation::has_tag(const Value& entity, const Value& tag) {
  const Kind kind = kind_of(entity);
  const Kind name = kind_of(tag);
  if (kind != Kind::unknown && kind != Kind::entity) return wrong_type();
  if (name != Kind::unknown && name != Kind::string) return wrong_type();
  if (entity.kind == Kind::unknown || tag.kind == Kind::unknown) {
    return not_known(kind == Kind::unknown || name == Kind::unknown);
  }
  const Entity* known = facts(entity.entity());
  if (known == nullptr) return Truth::no;
  if (known->tags.kind == Kind::unknown) return not_known(false);
  return find_tag(*known, tag.string()) != nullptr ? Truth::yes : Truth::no;
}

}  // namespace mcpgov::policy::cedar
