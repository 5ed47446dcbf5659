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

Evaluation::Truth Evaluation::wrong_type() noexcept {
  error_ = ErrorCode::eval_type;
  return Truth::failed;
}

Evaluation::Truth Evaluation::test(const Value& value) noexcept {
  if (value.kind == Kind::boolean) return value.boolean() ? Truth::yes : Truth::no;
  if (value.kind == Kind::unknown) return not_known(value.size != kUnknownTruth);
  return wrong_type();
}

Evaluation::Truth Evaluation::equal_to(const Value& a, const Value& b) noexcept {
  if (a.kind != b.kind) {
    const bool unknown = a.kind == Kind::unknown || b.kind == Kind::unknown;
    return unknown ? not_known(false) : Truth::no;
  }
  if (a.kind == Kind::unknown) return not_known(false);
  if (is_composite(a) && (has_unknown(a) || has_unknown(b))) return not_known(false);
  return equal(a, b) ? Truth::yes : Truth::no;
}

Evaluation::Truth Evaluation::less(const Value& a, const Value& b, bool or_equal) noexcept {
  if (a.kind == Kind::unknown || b.kind == Kind::unknown) {
    const Kind known = a.kind == Kind::unknown ? b.kind : a.kind;
    return known == Kind::unknown || is_comparable(known) ? not_known(true) : wrong_type();
  }
  if (a.kind != b.kind || !is_comparable(a.kind)) return wrong_type();
  return (or_equal ? a.integer <= b.integer : a.integer < b.integer) ? Truth::yes : Truth::no;
}

Evaluation::Truth Evaluation::in(const Value& left, const Value& right) {
  if (left.kind != Kind::entity && left.kind != Kind::unknown) return wrong_type();
  if (right.kind == Kind::set) {
    // Entities are one run in a canonical set, so its ends tell whether there is anything else.
    if (right.size > 0) {
      const Kind first = right.items[0].kind;
      const Kind last = right.items[right.size - 1].kind;
      if (first != Kind::unknown && first != Kind::entity) return wrong_type();
      if (last != Kind::unknown && last != Kind::entity) return wrong_type();
      if (first == Kind::unknown) return not_known(true);
    }
    return left.kind == Kind::unknown ? not_known(true) : in_set(left.entity(), right);
  }
  if (right.kind != Kind::entity && right.kind != Kind::unknown) return wrong_type();
  if (left.kind == Kind::unknown || right.kind == Kind::unknown) return not_known(true);
  return is_in(left.entity(), right.entity()) ? Truth::yes : Truth::no;
}

Evaluation::Truth Evaluation::in_set(EntityId left, const Value& right) {
  for (const Value& each : right.set()) {
    if (is_in(left, each.entity())) return Truth::yes;
  }
  return Truth::no;
}

Evaluation::Truth Evaluation::is(const Value& value, NameId type) noexcept {
  if (value.kind == Kind::unknown) return not_known(true);
  if (value.kind != Kind::entity) return wrong_type();
  return request_.symbols->type(value.entity()) == type ? Truth::yes : Truth::no;
}

Evaluation::Truth Evaluation::like(const Value& value, const LikePattern& pattern) noexcept {
  if (value.kind == Kind::unknown) return not_known(true);
  if (value.kind != Kind::string) return wrong_type();
  return pattern.matches(value.string()) ? Truth::yes : Truth::no;
}

Evaluation::Truth Evaluation::has(const Value& value, NameId name) {
  if (value.kind == Kind::record) {
    return value.field(name) != nullptr ? Truth::yes : Truth::no;
  }
  if (value.kind == Kind::unknown) return not_known(true);
  if (value.kind != Kind::entity) return wrong_type();
  const Entity* known = facts(value.entity());
  if (known == nullptr) return Truth::no;
  if (known->attributes.kind == Kind::unknown) return not_known(false);
  return known->attributes.field(name) != nullptr ? Truth::yes : Truth::no;
}

Evaluation::Truth Evaluation::contains(const Value& set, const Value& item) noexcept {
  if (set.kind == Kind::unknown) return not_known(true);
  if (set.kind != Kind::set) return wrong_type();
  const bool found = policy::contains(set.set(), item);
  if (has_unknown(item)) return set.size == 0 ? Truth::no : not_known(false);
  if (found) return Truth::yes;
  return has_unknown(set) ? not_known(false) : Truth::no;
}

Evaluation::Truth Evaluation::contains_all(const Value& set, const Value& items) noexcept {
  for (const Value* each : {&set, &items}) {
    if (each->kind != Kind::unknown && each->kind != Kind::set) return wrong_type();
  }
  if (set.kind == Kind::unknown || items.kind == Kind::unknown) return not_known(true);
  if (has_unknown(set) || has_unknown(items)) return not_known(false);
  for (const Value& item : items.set()) {
    if (!policy::contains(set.set(), item)) return Truth::no;
  }
  return Truth::yes;
}

Evaluation::Truth Evaluation::contains_any(const Value& set, const Value& items) noexcept {
  for (const Value* each : {&set, &items}) {
    if (each->kind != Kind::unknown && each->kind != Kind::set) return wrong_type();
  }
  if (set.kind == Kind::unknown || items.kind == Kind::unknown) return not_known(true);
  if (has_unknown(set) || has_unknown(items)) return not_known(false);
  for (const Value& item : items.set()) {
    if (policy::contains(set.set(), item)) return Truth::yes;
  }
  return Truth::no;
}

// A set with unknown items has at least one item.
Evaluation::Truth Evaluation::is_empty(const Value& set) noexcept {
  if (set.kind == Kind::unknown) return not_known(true);
  if (set.kind != Kind::set) return wrong_type();
  return set.size == 0 ? Truth::yes : Truth::no;
}

Evaluation::Truth Evaluation::has_tag(const Value& entity, const Value& tag) {
  if (entity.kind != Kind::unknown && entity.kind != Kind::entity) return wrong_type();
  if (tag.kind != Kind::unknown && tag.kind != Kind::string) return wrong_type();
  if (entity.kind == Kind::unknown || tag.kind == Kind::unknown) return not_known(true);
  const Entity* known = facts(entity.entity());
  if (known == nullptr) return Truth::no;
  if (known->tags.kind == Kind::unknown) return not_known(false);
  return find_tag(*known, tag.string()) != nullptr ? Truth::yes : Truth::no;
}

}  // namespace mcpgov::policy::cedar
