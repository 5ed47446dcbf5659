// The question every policy language answers, and the answer.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "mcpgov/policy.hpp"
#include "mcpgov/result.hpp"
#include "policy/symbols.hpp"
#include "policy/value.hpp"

namespace mcpgov::policy {

// May this principal do this action on this resource in this context? Ids are those of `symbols`,
// which also carries the entities that only this request knows.
// context: a record; fields may be unknown for three-valued evaluation.
// Borrowed: everything. Threads: one thread.
struct Request {
  EntityId principal = kNoEntity;
  EntityId action = kNoEntity;
  EntityId resource = kNoEntity;
  Value context;
  const RequestSymbols* symbols = nullptr;
};

using PolicyNumber = std::uint32_t;  // position in the policy set, in source order

struct PolicyError {
  PolicyNumber policy;
  ErrorCode code;
};

// reasons: determining policies, in source order (all satisfied forbids, or else all satisfied
// permits). errors: policies that failed, in source order; they never changed the effect.
// Borrowed from the arena of the evaluation.
struct Decision {
  Effect effect = Effect::deny;
  std::span<const PolicyNumber> reasons;
  std::span<const PolicyError> errors;
};

// Which failing policies deny, beyond what the language says (Cedar skips them).
enum class ErrorRule : std::uint8_t {
  forbid,  // a failing forbid denies: a prohibition that could not be evaluated must not vanish
  any,     // any failing policy denies
  cedar,   // none
};

// What three-valued evaluation knows. Default: nothing is possible.
struct Possible {
  bool some = false;     // false only if no value of the unknowns can be allowed
  bool certain = false;  // true only if every value of the unknowns is allowed
};

// A part of the context that some policy can read: a tree of attribute names below `context`.
// whole: the complete value below this name may be read. Without it only `children` are, and a
// node without either is read for its presence only.
struct ReadPath {
  NameId name;
  bool whole = false;
  std::span<const ReadPath> children;  // sorted by name
};

}  // namespace mcpgov::policy
