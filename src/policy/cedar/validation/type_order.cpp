// Which type lies above which.
// Tested by tests/policy/validation_types_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "policy/cedar/validation/types.hpp"

namespace mcpgov::policy::cedar::validation {

namespace {

template <class Id>
constexpr std::uint32_t number(Id id) noexcept {
  return static_cast<std::uint32_t>(id);
}
constexpr std::size_t kFieldWords = 3;
enum Question : std::uint32_t { kSubtype, kJoin };

bool same_names(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); i += kFieldWords) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

}  // namespace

// Types nest at most as deep as the schema's, plus the records and sets of a policy: both are
// limited by their readers, and so is this recursion.
bool Types::subtype(TypeId a, TypeId b) {
  if (a == b) return true;
  const TypeKind upper = kind(b);
  switch (kind(a)) {
    case TypeKind::never: return true;
    case TypeKind::yes:
    case TypeKind::no: return upper == TypeKind::boolean;
    case TypeKind::entity:
      return upper == TypeKind::entity && !strict_ &&
             std::ranges::includes(entity_types(b), entity_types(a));
    case TypeKind::set: return upper == TypeKind::set && subtype(element(a), element(b));
    case TypeKind::record: return upper == TypeKind::record && subtype_records(a, b);
    default: return false;
  }
}

bool Types::subtype_records(TypeId a, TypeId b) {
  const std::uint32_t known = pairs_.id({kSubtype, number(a), number(b)});
  if (known < outcomes_.size()) return outcomes_[known].type == kTrue;
  outcomes_.push_back({kFalse, Mismatch::none});
  if (is_open(a) && !is_open(b)) return false;
  const bool wider = is_open(b) && !strict_;
  if (!wider && !same_names(fields(a), fields(b))) return false;
  // The lists may move while fields are compared: they are looked up again each time.
  std::size_t at = 0;
  for (std::size_t i = 0; i < fields(b).size(); i += kFieldWords) {
    while (at < fields(a).size() && fields(a)[at] < fields(b)[i]) at += kFieldWords;
    if (at == fields(a).size() || fields(a)[at] != fields(b)[i]) return false;
    const bool required = fields(a)[at + 2] != 0;
    const bool wanted = fields(b)[i + 2] != 0;
    if (strict_ ? required != wanted : !required && wanted) return false;
    if (!subtype(TypeId{fields(a)[at + 1]}, TypeId{fields(b)[i + 1]})) return false;
  }
  outcomes_[known].type = kTrue;
  return true;
}

TypeId Types::join(TypeId a, TypeId b, Mismatch& why) {
  if (subtype(a, b)) return b;
  if (subtype(b, a)) return a;
  const TypeKind left = kind(a);
  const TypeKind right = kind(b);
  if ((left == TypeKind::yes || left == TypeKind::no) &&
      (right == TypeKind::yes || right == TypeKind::no)) {
    return kBool;
  }
  if (left == TypeKind::set && right == TypeKind::set) {
    const TypeId inner = join(element(a), element(b), why);
    return inner == kNone ? kNone : set(inner);
  }
  if (left == TypeKind::record && right == TypeKind::record) return join_records(a, b, why);
  if (left == TypeKind::entity && right == TypeKind::entity) return join_entities(a, b, why);
  const bool mixed = (left == TypeKind::entity && right == TypeKind::record) ||
                     (left == TypeKind::record && right == TypeKind::entity);
  why = mixed ? Mismatch::entity_record : Mismatch::different;
  return kNone;
}

// Permissive: in pairs, then pairs of those, so that n types make n log n words of unions and not
// the square of n. The order makes no difference to the bound. Strict: bounds are no longer than
// what they are bounds of.
TypeId Types::join(std::span<const TypeId> all, Mismatch& why) {
  TypeId out = type_of(TypeKind::never);
  if (strict_) {
    for (const TypeId type : all) {
      out = join(out, type, why);
      if (out == kNone) return out;
    }
    return out;
  }
  std::vector<TypeId> level(all.begin(), all.end());
  while (level.size() > 1) {
    std::size_t made = 0;
    for (std::size_t i = 0; i < level.size(); i += 2) {
      const TypeId type = i + 1 < level.size() ? join(level[i], level[i + 1], why) : level[i];
      if (type == kNone) return kNone;
      level[made++] = type;
    }
    level.resize(made);
  }
  return level.empty() ? out : level[0];
}

TypeId Types::join_entities(TypeId a, TypeId b, Mismatch& why) {
  if (strict_) {
    why = Mismatch::entity_type;
    return kNone;
  }
  std::vector<std::uint32_t> words{number(TypeKind::entity)};
  std::ranges::set_union(entity_types(a), entity_types(b), std::back_inserter(words));
  return TypeId{interning_.id(words)};
}

TypeId Types::join_records(TypeId a, TypeId b, Mismatch& why) {
  const std::uint32_t known = pairs_.id({kJoin, number(a), number(b)});
  if (known < outcomes_.size()) {
    why = outcomes_[known].why;
    return outcomes_[known].type;
  }
  outcomes_.push_back({kNone, Mismatch::record_width});
  std::vector<std::uint32_t> joined;
  Mismatch reason = Mismatch::none;
  const bool same = same_names(fields(a), fields(b));
  if (strict_ && !same) reason = Mismatch::record_width;
  std::size_t at = 0;
  for (std::size_t i = 0; reason == Mismatch::none && i < fields(a).size(); i += kFieldWords) {
    while (at < fields(b).size() && fields(b)[at] < fields(a)[i]) at += kFieldWords;
    if (at == fields(b).size() || fields(b)[at] != fields(a)[i]) continue;
    const bool required = fields(a)[i + 2] != 0;
    const bool other = fields(b)[at + 2] != 0;
    Mismatch inner = Mismatch::none;
    const TypeId type = join(TypeId{fields(a)[i + 1]}, TypeId{fields(b)[at + 1]}, inner);
    if (type == kNone) {
      if (strict_) reason = inner;
    } else if (strict_ && required != other) {
      reason = Mismatch::optionality;
    } else {
      joined.insert(joined.end(), {fields(a)[i], number(type), required && other ? 1U : 0U});
    }
  }
  if (reason != Mismatch::none) {
    outcomes_[known].why = why = reason;
    return kNone;
  }
  const bool complete = same && joined.size() == fields(a).size();
  const TypeId out = record(joined, is_open(a) || is_open(b) || !complete);
  outcomes_[known] = {out, Mismatch::none};
  return out;
}

}  // namespace mcpgov::policy::cedar::validation
