// The loop over instructions, and how three-valued evaluation follows both ways of a test.
// Tested by tests/policy/evaluate_test.cpp, possible_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/evaluate.hpp"

#include <algorithm>
#include <utility>

namespace mcpgov::policy::cedar {

Evaluation::Evaluation(const Program& program, const Entities& entities, const Request& request,
                       Arena& arena)
    : program_(program),
      entities_(entities),
      request_(request),
      arena_(arena),
      registers_(arena.array<Value>(program.registers)),
      near_{request.principal, request.action, request.resource} {
  if (request_.context.kind == Kind::unknown) request_.context = unknown_of(Kind::record);
}

void Evaluation::turn_to(EntityId action, EntityId resource, const Value& context) noexcept {
  request_.action = action;
  request_.resource = resource;
  request_.context = context.kind == Kind::unknown ? unknown_of(Kind::record) : context;
  near_ = {request_.principal, action, resource};
  looked_up_ &= 1;  // the principal's
  met_others_ = false;
}

const Entity* Evaluation::facts(EntityId entity) {
  std::size_t near = 0;
  while (near < near_.size() && near_[near] != entity) ++near;
  if (near < near_.size() && (looked_up_ & (1U << near)) != 0) return facts_[near];
  // What the request says of an entity hides what the store says.
  const Entity* found = request_.symbols == nullptr ? nullptr : request_.symbols->defined(entity);
  if (found == nullptr) found = entities_.find(entity);
  if (near == near_.size()) {
    met_others_ = true;
  } else {
    facts_[near] = found;
    looked_up_ = static_cast<std::uint8_t>(looked_up_ | (1U << near));
  }
  return found;
}

bool Evaluation::is_in(EntityId entity, EntityId container) {
  if (entity == container) return true;
  const Entity* known = facts(entity);
  if (known == nullptr) return false;
  const std::span<const EntityId> ancestors = known->ancestors;
  constexpr std::size_t kScan = 16;  // ids of one cache line
  if (ancestors.size() <= kScan) {
    return std::find(ancestors.begin(), ancestors.end(), container) != ancestors.end();
  }
  return std::binary_search(ancestors.begin(), ancestors.end(), container);
}

Outcomes Evaluation::run(std::uint32_t entry) {
  if (entry == kAlways) return kSatisfied;
  unknowns_ = false;
  return execute<false>(entry);
}

Outcomes Evaluation::possible(std::uint32_t entry) {
  if (entry == kAlways) return kSatisfied;
  unknowns_ = true;
  outcomes_ = 0;
  fork_count_ = 0;
  if (forks_ == nullptr) forks_ = arena_.array<Fork>(program_.most_forks + std::size_t{1});
  return execute<true>(entry);
}

// With unknowns, a way that ends (in a result, a failure or a jump) is followed by the next place
// that another way leads to. Jumps go forward only, so every instruction is met at most once.
template <bool kUnknowns>
Outcomes Evaluation::execute(std::uint32_t entry) {
  std::uint32_t at = entry;
  for (;;) {
    if constexpr (kUnknowns) join(at);
    const Instruction& now = program_.code[at];
    Outcomes ended = 0;
    if (now.op >= Op::test) {
      const Truth truth = answer(now);
      if (truth == Truth::failed) {
        ended = kFailed;
      } else if (kUnknowns && truth == Truth::maybe) {
        fork(now.target, nullptr);
        ++at;
      } else {
        at = (truth == Truth::yes) == now.when ? now.target : at + 1;
      }
    } else if (now.op < Op::jump) {
      if (compute(now)) {
        ++at;
      } else {
        ended = kFailed;
      }
    } else if (now.op == Op::jump || now.op == Op::leave) {
      if constexpr (kUnknowns) {
        fork(now.target, now.op == Op::jump ? &now : nullptr);
        resume(at);  // there is a place to go on: at least the target
      } else {
        at = now.target;
      }
    } else {
      if (now.op == Op::error) error_ = static_cast<ErrorCode>(now.a);
      ended = now.op == Op::satisfied ? kSatisfied : now.op == Op::unmatched ? kUnmatched : kFailed;
    }
    if (ended == 0) continue;
    if constexpr (!kUnknowns) return ended;
    outcomes_ = static_cast<Outcomes>(outcomes_ | ended);
    if (!resume(at)) return outcomes_;
  }
}

Evaluation::Truth Evaluation::answer(const Instruction& at) {
  Value* const r = registers_ + at.r;
  switch (at.op) {
    case Op::test: return test(r[0]);
    case Op::equal: return equal_to(r[0], r[1]);
    case Op::equal_to: return equal_to(r[0], program_.constants[at.a]);
    case Op::less: return less(r[0], r[1], false);
    case Op::less_equal: return less(r[0], r[1], true);
    case Op::in: return in(r[0], r[1]);
    case Op::in_entity: return in(r[0], Value::of_entity(EntityId{at.a}));
    case Op::is: return is(r[0], NameId{at.a});
    case Op::like: return like(r[0], program_.patterns[at.a]);
    case Op::has: return has(r[0], NameId{at.a});
    case Op::context_has: return has(request_.context, NameId{at.a});
    case Op::contains: return contains(r[0], r[1]);
    case Op::contains_all: return contains_all(r[0], r[1]);
    case Op::contains_any: return contains_any(r[0], r[1]);
    case Op::is_empty: return is_empty(r[0]);
    case Op::has_tag: return has_tag(r[0], r[1]);
    default: return wrong_type();  // not reached: tests stand behind Op::test
  }
}

bool Evaluation::compute(const Instruction& at) {
  Value* const r = registers_ + at.r;
  switch (at.op) {
    case Op::constant: *r = program_.constants[at.a]; return true;
    case Op::variable: return variable(*r, static_cast<Var>(at.a));
    case Op::context_get: return get(*r, request_.context, NameId{at.a});
    case Op::get: return get(*r, *r, NameId{at.a});
    case Op::negate: return negate(*r);
    case Op::add:
    case Op::subtract:
    case Op::multiply: return arithmetic(at.op, r[0], r[1]);
    case Op::get_tag: return get_tag(r[0], r[1]);
    case Op::call: return call(*r, at);
    case Op::set_begin:
    case Op::record_begin: return begin(*r, at);
    case Op::set_push: const_cast<Value*>(r->items)[r->size++] = r[1]; return true;
    case Op::record_put:
      const_cast<Field*>(r->fields)[r->size++] = {NameId{at.a}, r[1]};
      return true;
    case Op::set_end: return end_set(*r);
    case Op::record_end: return end_record(*r);
    default: return fail(ErrorCode::internal);  // not reached: values stand before Op::jump
  }
}

Outcomes Evaluation::step(const Instruction& at, Value* registers, const LikePattern* pattern) {
  Value* const own = std::exchange(registers_, registers);
  unknowns_ = true;
  outcomes_ = 0;
  if (at.op >= Op::test) {
    switch (pattern != nullptr ? like(registers[at.r], *pattern) : answer(at)) {
      case Truth::no: outcomes_ |= kUnmatched; break;
      case Truth::yes: outcomes_ |= kSatisfied; break;
      case Truth::maybe: outcomes_ |= kSatisfied | kUnmatched; break;
      case Truth::failed: outcomes_ = kFailed; break;
    }
  } else if (compute(at)) {
    outcomes_ |= kSatisfied;
  } else {
    outcomes_ = kFailed;
  }
  registers_ = own;
  return outcomes_;
}

Value either(const Value& a, const Value& b) noexcept {
  if (!has_unknown(a) && !has_unknown(b) && equal(a, b)) return a;
  return kind_of(a) == kind_of(b) ? unknown_of(kind_of(a)) : Value{};
}

// Remembers that a way leads to a place, once per place; the results of several ways are joined.
// A place has a result on all ways or on none.
void Evaluation::fork(std::uint32_t place, const Instruction* with_result) {
  std::uint32_t at = fork_count_;
  while (at > 0 && forks_[at - 1].place < place) --at;
  const bool known = at > 0 && forks_[at - 1].place == place;
  if (!known) {
    std::copy_backward(forks_ + at, forks_ + fork_count_, forks_ + fork_count_ + 1);
    forks_[at] = {place, 0, with_result != nullptr, Value{}};
    ++fork_count_;
  } else {
    --at;
  }
  if (with_result == nullptr) return;
  const Value& result = registers_[with_result->r];
  forks_[at].r = with_result->r;
  forks_[at].result = known ? either(forks_[at].result, result) : result;
}

// Goes on at the nearest place that a way leads to. False if there is none.
bool Evaluation::resume(std::uint32_t& at) {
  if (fork_count_ == 0) return false;
  const Fork& next = forks_[--fork_count_];
  at = next.place;
  if (next.has_result) registers_[next.r] = next.result;
  return true;
}

// The way that walks into a place and those that jumped there go on as one.
void Evaluation::join(std::uint32_t at) {
  if (fork_count_ == 0 || forks_[fork_count_ - 1].place != at) return;
  const Fork& met = forks_[--fork_count_];
  if (met.has_result) registers_[met.r] = either(registers_[met.r], met.result);
}

}  // namespace mcpgov::policy::cedar
