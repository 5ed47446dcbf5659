// Values: variables, attributes, arithmetic, calls, sets and records.
// Tested by tests/policy/evaluate_test.cpp, possible_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "policy/cedar/evaluate.hpp"

namespace mcpgov::policy::cedar {
namespace {

bool nests_deeper(const Value& value, int limit) noexcept {
  if (value.kind != Kind::set && value.kind != Kind::record) return false;
  if (limit == 0) return true;
  if (value.kind == Kind::record) {
    return std::any_of(value.fields, value.fields + value.size,
                       [&](const Field& field) { return nests_deeper(field.value, limit - 1); });
  }
  return std::any_of(value.items, value.items + value.size,
                     [&](const Value& item) { return nests_deeper(item, limit - 1); });
}

// Whether a set or record around this may exceed the depth of values once all is known. What comes
// from below the context or an entity leaves room for one level more; a whole context does not.
bool may_nest_deeply(const Value& value) noexcept {
  if (value.kind == Kind::unknown) return kind_of(value) == Kind::record;
  return (value.kind == Kind::set || value.kind == Kind::record) && has_unknown(value);
}

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
[[maybe_unused]] constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();

// Each gives true where the result does not fit.
bool add_overflows(std::int64_t a, std::int64_t b, std::int64_t& out) noexcept {
#if defined(__GNUC__)
  return __builtin_add_overflow(a, b, &out);
#else
  if (b > 0 ? a > kMax - b : a < kMin - b) return true;
  out = a + b;
  return false;
#endif
}

bool subtract_overflows(std::int64_t a, std::int64_t b, std::int64_t& out) noexcept {
#if defined(__GNUC__)
  return __builtin_sub_overflow(a, b, &out);
#else
  if (b < 0 ? a > kMax + b : a < kMin + b) return true;
  out = a - b;
  return false;
#endif
}

bool multiply_overflows(std::int64_t a, std::int64_t b, std::int64_t& out) noexcept {
#if defined(__GNUC__)
  return __builtin_mul_overflow(a, b, &out);
#else
  if (a != 0 && b != 0) {
    if ((a == -1 && b == kMin) || (b == -1 && a == kMin)) return true;
    if (a != -1 && b != -1 && (a > 0) == (b > 0) && (a > 0 ? a > kMax / b : a < kMax / b)) {
      return true;
    }
    if (a != -1 && b != -1 && (a > 0) != (b > 0) && (a > 0 ? b < kMin / a : a < kMin / b)) {
      return true;
    }
  }
  out = a * b;
  return false;
#endif
}

}  // namespace

bool Evaluation::fail(ErrorCode code) noexcept {
  error_ = code;
  return false;
}

// Unknown values arise only where the request or its entities have them: here.
bool Evaluation::give(Value& to, const Value& value) noexcept {
  if (value.kind != Kind::unknown) {
    to = value;
    return true;
  }
  to = unknown_of(kind_of(value));
  return unknowns_ || fail(ErrorCode::eval_type);
}

// The result of an operation on something unknown, which may as well fail.
bool Evaluation::give_unknown(Value& to, Kind kind, bool can_fail) noexcept {
  if (!unknowns_) return fail(ErrorCode::eval_type);
  if (can_fail) outcomes_ |= kFailed;
  to = unknown_of(kind);
  return true;
}

bool Evaluation::variable(Value& to, Var var) {
  if (var == Var::context) return give(to, request_.context);
  const EntityId entity = near_[static_cast<std::size_t>(var)];
  return give(to, entity == kNoEntity ? unknown_of(Kind::entity) : Value::of_entity(entity));
}

// to may be the same register as from.
bool Evaluation::get(Value& to, const Value& from, NameId name) {
  if (from.kind == Kind::record) {
    const Value* field = from.field(name);
    return field != nullptr ? give(to, *field) : fail(ErrorCode::eval_attribute_missing);
  }
  if (from.kind == Kind::unknown) {
    const Kind kind = kind_of(from);
    const bool fits = kind == Kind::unknown || kind == Kind::record || kind == Kind::entity;
    return fits ? give_unknown(to, Kind::unknown) : fail(ErrorCode::eval_type);
  }
  if (from.kind != Kind::entity) return fail(ErrorCode::eval_type);
  const Entity* known = facts(from.entity());
  if (known == nullptr) return fail(ErrorCode::eval_entity_missing);
  if (known->attributes.kind == Kind::unknown) return give_unknown(to, Kind::unknown);
  const Value* field = known->attributes.field(name);
  return field != nullptr ? give(to, *field) : fail(ErrorCode::eval_attribute_missing);
}

bool Evaluation::negate(Value& r) noexcept {
  const Kind kind = kind_of(r);
  if (kind != Kind::integer && kind != Kind::unknown) return fail(ErrorCode::eval_type);
  if (r.kind == Kind::unknown) return give_unknown(r, Kind::integer);
  if (r.integer == kMin) return fail(ErrorCode::eval_overflow);
  r.integer = -r.integer;
  return true;
}

bool Evaluation::arithmetic(Op op, Value& r, const Value& s) noexcept {
  for (const Value* each : {static_cast<const Value*>(&r), &s}) {
    const Kind kind = kind_of(*each);
    if (kind != Kind::integer && kind != Kind::unknown) return fail(ErrorCode::eval_type);
  }
  if (r.kind == Kind::unknown || s.kind == Kind::unknown) return give_unknown(r, Kind::integer);
  std::int64_t out = 0;
  const bool overflows = op == Op::add        ? add_overflows(r.integer, s.integer, out)
                         : op == Op::subtract ? subtract_overflows(r.integer, s.integer, out)
                                              : multiply_overflows(r.integer, s.integer, out);
  if (overflows) return fail(ErrorCode::eval_overflow);
  r.integer = out;
  return true;
}

// Tags are named by values, so the name has to be looked up. One that is in no table can only be
// the tag of an entity which came with the request.
const Value* Evaluation::find_tag(const Entity& entity, std::string_view tag) const {
  const NameId name = request_.symbols->frozen().find_name(tag);
  if (name != kNoName) return entity.tags.field(name);
  for (const Field& field : entity.tags.record()) {
    if (request_.symbols->text(field.name) == tag) return &field.value;
  }
  return nullptr;
}

bool Evaluation::get_tag(Value& r, const Value& tag) {
  const Kind kind = kind_of(r);
  const Kind name = kind_of(tag);
  if (kind != Kind::unknown && kind != Kind::entity) return fail(ErrorCode::eval_type);
  if (name != Kind::unknown && name != Kind::string) return fail(ErrorCode::eval_type);
  if (r.kind == Kind::unknown || tag.kind == Kind::unknown) return give_unknown(r, Kind::unknown);
  const Entity* known = facts(r.entity());
  if (known == nullptr) return fail(ErrorCode::eval_entity_missing);
  if (known->tags.kind == Kind::unknown) return give_unknown(r, Kind::unknown);
  const Value* found = find_tag(*known, tag.string());
  return found != nullptr ? give(r, *found) : fail(ErrorCode::eval_tag_missing);
}

bool Evaluation::call(Value& r, const Instruction& at) {
  const ExtensionFunction& function = extension_functions()[at.a];
  const std::span<const Value> arguments(&r, at.target);
  if (unknowns_) {
    bool unknown = false;
    bool can_fail = function.result != Kind::boolean;  // tests of addresses and decimals cannot
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const Kind kind = kind_of(arguments[i]);
      if (arguments[i].kind == Kind::unknown) unknown = true;
      if (kind == Kind::unknown) {
        can_fail = true;
      } else if (kind != function.parameters[i]) {
        return fail(ErrorCode::eval_type);
      }
    }
    if (unknown) return give_unknown(r, function.result, can_fail);
  }
  Value out;
  const ErrorCode code = function.call(arguments, arena_, out);
  if (code != ErrorCode::none) return fail(code);
  r = out;
  return true;
}

bool Evaluation::begin(Value& r, const Instruction& at) {
  r = Value{};
  if (at.op == Op::set_begin) {
    r.kind = Kind::set;
    r.items = arena_.array<Value>(at.a);
  } else {
    r.kind = Kind::record;
    r.fields = arena_.array<Field>(at.a);
  }
  return true;
}

bool Evaluation::end_set(Value& r) {
  if (nests_deeper(r, kMaxValueDepth)) return fail(ErrorCode::eval_depth);
  const std::span<const Value> items = r.set();
  bool unknown = false;
  Kind kind = Kind::unknown;  // of all unknown items
  for (const Value& item : items) {
    if (unknowns_ && may_nest_deeply(item)) outcomes_ |= kFailed;
    if (item.kind != Kind::unknown) continue;
    kind = unknown && kind != kind_of(item) ? Kind::unknown : kind_of(item);
    unknown = true;
  }
  auto* const own = const_cast<Value*>(r.items);
  r = Value::of_set({own, r.size});
  // Unknown items come first and are one; it must not know more than each of them.
  if (unknown) own[0] = unknown_of(kind);
  return true;
}

bool Evaluation::end_record(Value& r) {
  if (nests_deeper(r, kMaxValueDepth)) return fail(ErrorCode::eval_depth);
  for (const Field& field : r.record()) {
    if (unknowns_ && may_nest_deeply(field.value)) outcomes_ |= kFailed;
  }
  r = Value::of_record({const_cast<Field*>(r.fields), r.size});
  return true;
}

}  // namespace mcpgov::policy::cedar
