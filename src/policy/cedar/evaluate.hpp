// Running the programs of policies for one request, with everything known or with unknowns.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "base/arena.hpp"
#include "mcpgov/result.hpp"
#include "policy/cedar/program.hpp"
#include "policy/entities.hpp"
#include "policy/request.hpp"

namespace mcpgov::policy::cedar {

// What can come of a policy: a set of these.
using Outcomes = std::uint8_t;
inline constexpr Outcomes kSatisfied = 1;
inline constexpr Outcomes kUnmatched = 2;
inline constexpr Outcomes kFailed = 4;

// One request, asked of any number of policies.
// Borrowed: everything given. Threads: one thread. Throws: std::bad_alloc.
class Evaluation {
 public:
  Evaluation(const Program& program, const Entities& entities, const Request& request,
             Arena& arena);

  // The same principal, asked about something else. Facts about other entities must not change.
  void turn_to(EntityId action, EntityId resource, const Value& context) noexcept;

  // The one outcome, when everything the policy reads is known; reading an unknown value fails.
  Outcomes run(std::uint32_t entry);

  // Every outcome that some value of the unknowns leads to, and perhaps others: a superset.
  Outcomes possible(std::uint32_t entry);

  // Why run() gave kFailed.
  ErrorCode error() const noexcept { return error_; }

  // e or one of its ancestors. Never fails; an entity nobody knows has no ancestors.
  bool is_in(EntityId entity, EntityId container);

  // Whether an entity was looked up that is neither principal, action nor resource.
  bool met_others() const noexcept { return met_others_; }
  void forget_others() noexcept { met_others_ = false; }

  const Entity* facts(EntityId entity);

  // What one instruction does to registers of the caller's, three-valued; constants and patterns
  // are those of the program, unless a pattern is given. Tests: kSatisfied for true, kUnmatched for
  // false. Others: kSatisfied, and the result is in the first register. kFailed as well, or alone.
  Outcomes step(const Instruction& at, Value* registers, const LikePattern* pattern = nullptr);

 private:
  // Answer of a test. `maybe` is both; `failed` ends the policy with error_.
  enum class Truth : std::uint8_t { no, yes, maybe, failed };
  // A place that a jump leads to and that has not been reached yet.
  struct Fork {
    std::uint32_t place;
    std::uint16_t r;
    bool has_result;
    Value result;
  };

  template <bool kUnknowns>
  Outcomes execute(std::uint32_t entry);
  Truth answer(const Instruction& at);
  bool compute(const Instruction& at);

  // evaluate_tests.cpp
  Truth not_known(bool can_fail) noexcept;
  Truth not_known(const Value& value, Kind wanted) noexcept;
  bool sets_open(const Value& a, const Value& b, Truth& out) noexcept;
  Truth wrong_type() noexcept;
  Truth test(const Value& value) noexcept;
  Truth equal_to(const Value& a, const Value& b) noexcept;
  Truth less(const Value& a, const Value& b, bool or_equal) noexcept;
  Truth in(const Value& left, const Value& right);
  Truth in_set(EntityId left, const Value& right);
  Truth is(const Value& value, NameId type) noexcept;
  Truth like(const Value& value, const LikePattern& pattern) noexcept;
  Truth has(const Value& value, NameId name);
  Truth contains(const Value& set, const Value& item) noexcept;
  Truth contains_all(const Value& set, const Value& items) noexcept;
  Truth contains_any(const Value& set, const Value& items) noexcept;
  Truth is_empty(const Value& set) noexcept;
  Truth has_tag(const Value& entity, const Value& tag);

  // evaluate_values.cpp
  bool fail(ErrorCode code) noexcept;
  bool give(Value& to, const Value& value) noexcept;
  bool give_unknown(Value& to, Kind kind, bool can_fail = true) noexcept;
  bool variable(Value& to, Var var);
  bool get(Value& to, const Value& from, NameId name);
  bool negate(Value& r) noexcept;
  bool arithmetic(Op op, Value& r, const Value& s) noexcept;
  bool get_tag(Value& r, const Value& tag);
  const Value* find_tag(const Entity& entity, std::string_view tag) const;
  bool call(Value& r, const Instruction& at);
  bool begin(Value& r, const Instruction& at);
  bool end_set(Value& r);
  bool end_record(Value& r);

  // evaluate.cpp
  void fork(std::uint32_t place, const Instruction* with_result);
  bool resume(std::uint32_t& at);
  void join(std::uint32_t at);

  const Program& program_;
  const Entities& entities_;
  Request request_;
  Arena& arena_;
  Value* registers_;
  std::array<EntityId, 3> near_;          // principal, action, resource
  std::array<const Entity*, 3> facts_{};  // theirs, looked up on first use
  std::uint8_t looked_up_ = 0;
  bool unknowns_ = false;  // three-valued
  bool met_others_ = false;
  ErrorCode error_ = ErrorCode::none;
  Outcomes outcomes_ = 0;
  Fork* forks_ = nullptr;  // by falling place
  std::uint32_t fork_count_ = 0;
};

// An unknown value in a register may know its kind: then `size` holds that.
inline Value unknown_of(Kind kind) noexcept {
  Value out;
  out.size = static_cast<std::uint32_t>(kind);
  return out;
}
// The kind that the value has, or will have once it is known; else Kind::unknown.
inline Kind kind_of(const Value& value) noexcept {
  return value.kind == Kind::unknown ? static_cast<Kind>(value.size) : value.kind;
}

// A value for either of two: exact where they agree, else unknown, with the kind both have.
Value either(const Value& a, const Value& b) noexcept;

// True when the value is unknown or holds something that is.
bool has_unknown(const Value& value) noexcept;

}  // namespace mcpgov::policy::cedar
