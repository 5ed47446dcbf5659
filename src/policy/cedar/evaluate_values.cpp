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
  to = Value{};
  return unknowns_ || fail(ErrorCode::eval_type);
}

// The result of an operation on something unknown, which may as well fail.
bool Evaluation::give_unknown(Value& to) noexcept {
  if (!unknowns_) return fail(ErrorCode::eval_type);
  outcomes_ |= kFailed;
  to = Value{};
  return true;
}

bool Evaluation::variable(Value& to, Var var) {
  if (var == Var::context) return give(to, request_.context);
  const EntityId entity = near_[static_cast<std::size_t>(var)];
  return give(to, entity == kNoEntity ? Value{} : Value::of_entity(entity));
}

// to may be the same register as from.
bool Evaluation::get(Value& to, const Value& from, NameId name) {
  if (from.kind == Kind::record) {
    const Value* field = from.field(name);
    return field != nullptr ? give(to, *field) : fail(ErrorCode::eval_attribute_missing);
  }
  if (from.kind == Kind::unknown) return give_unknown(to);
  if (from.kind != Kind::entity) return fail(ErrorCode::eval_type);
  const Entity* known = facts(from.entity());
  if (known == nullptr) return fail(ErrorCode::eval_entity_missing);
  if (known->attributes.kind == Kind::unknown) return give_unknown(to);
  const Value* field = known->attributes.field(name);
  return field != nullptr ? give(to, *field) : fail(ErrorCode::eval_attribute_missing);
}

bool Evaluation::negate(Value& r) noexcept {
  if (r.kind == Kind::unknown) return give_unknown(r);
  if (r.kind != Kind::integer) return fail(ErrorCode::eval_type);
  if (r.integer == kMin) return fail(ErrorCode::eval_overflow);
  r.integer = -r.integer;
  return true;
}

bool Evaluation::arithmetic(Op op, Value& r, const Value& s) noexcept {
  for (const Value* each : {static_cast<const Value*>(&r), &s}) {
    if (each->kind != Kind::integer && each->kind != Kind::unknown) {
      return fail(ErrorCode::eval_type);
    }
  }
  if (r.kind == Kind::unknown || s.kind == Kind::unknown) return give_unknown(r);
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
  if (r.kind != Kind::unknown && r.kind != Kind::entity) return fail(ErrorCode::eval_type);
  if (tag.kind != Kind::unknown && tag.kind != Kind::string) return fail(ErrorCode::eval_type);
  if (r.kind == Kind::unknown || tag.kind == Kind::unknown) return give_unknown(r);
  const Entity* known = facts(r.entity());
  if (known == nullptr) return fail(ErrorCode::eval_entity_missing);
  if (known->tags.kind == Kind::unknown) return give_unknown(r);
  const Value* found = find_tag(*known, tag.string());
  return found != nullptr ? give(r, *found) : fail(ErrorCode::eval_tag_missing);
}

bool Evaluation::call(Value& r, const Instruction& at) {
  const ExtensionFunction& function = extension_functions()[at.a];
  const std::span<const Value> arguments(&r, at.target);
  if (unknowns_) {
    bool unknown = false;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const Kind kind = arguments[i].kind;
      if (kind == Kind::unknown) {
        unknown = true;
      } else if (kind != function.parameters[i]) {
        return fail(ErrorCode::eval_type);
      }
    }
    if (unknown) {
      give_unknown(r);
      if (function.result == Kind::boolean) r.size = kUnknownTruth;
      return true;
    }
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
  r = Value::of_set({const_cast<Value*>(r.items), r.size});
  return true;
}

bool Evaluation::end_record(Value& r) {
  if (nests_deeper(r, kMaxValueDepth)) return fail(ErrorCode::eval_depth);
  r = Value::of_record({const_cast<Field*>(r.fields), r.size});
  return true;
}

}  // namespace mcpgov::policy::cedar
