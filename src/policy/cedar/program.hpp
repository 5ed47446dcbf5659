// What policies are compiled to: one flat list of instructions over a small file of registers.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/arena.hpp"
#include "mcpgov/result.hpp"
#include "policy/cedar/ast.hpp"
#include "policy/cedar/pattern.hpp"
#include "policy/value.hpp"

namespace mcpgov::policy::cedar {

// In the comments r is register `r`, s the register behind it. Jumps go forward only, so a program
// ends, and three-valued evaluation can follow both ways of a jump in one pass.
enum class Op : std::uint8_t {
  // Values.
  constant,      // r = constants[a]
  variable,      // r = the variable a
  context_get,   // r = context.a
  get,           // r = r.a
  negate,        // r = -r
  add,           // r = r + s
  subtract,      // r = r - s
  multiply,      // r = r * s
  get_tag,       // r = r.getTag(s)
  call,          // r = extension function a of `target` arguments, from r on
  set_begin,     // r = an empty set with room for a items
  set_push,      // adds s to r
  set_end,       // r is complete
  record_begin,  // r = an empty record with room for a fields
  record_put,    // r.a = s
  record_end,    // r is complete
  // Control.
  jump,       // to target; the result of both ways is in r
  leave,      // to target; no result
  error,      // the policy fails with code a
  satisfied,  // the policy applies
  unmatched,  // the policy does not apply
  // Tests: to target if the answer is `when`, else on.
  test,          // r
  equal,         // r == s
  equal_to,      // r == constants[a]
  less,          // r < s
  less_equal,    // r <= s
  in,            // r in s
  in_entity,     // r in entity a
  is,            // r is a
  like,          // r like patterns[a]
  has,           // r has a
  context_has,   // context has a
  contains,      // r.contains(s)
  contains_all,  // r.containsAll(s)
  contains_any,  // r.containsAny(s)
  is_empty,      // r.isEmpty()
  has_tag,       // r.hasTag(s)
};

struct Instruction {
  Op op;
  bool when = false;
  std::uint16_t r = 0;
  std::uint32_t a = 0;
  std::uint32_t target = 0;
};
static_assert(sizeof(Instruction) == 12);

// The programs of all policies of a set, one behind the other.
// Threads: immutable once built, share freely.
struct Program {
  std::vector<Instruction> code;
  std::vector<Value> constants;
  std::vector<LikePattern> patterns;
  std::uint32_t registers = 1;   // the most any policy needs
  std::uint32_t most_forks = 0;  // the most tests any policy has
  std::unique_ptr<Arena> constant_arena = std::make_unique<Arena>();  // text and items of the above
};

// Appends the program of the policy's conditions (not of its scope, which the index and the engine
// test). Gives its first instruction. The tree may be forgotten afterwards.
// Constants are computed here only where that cannot fail; what fails, fails when it is evaluated.
// Throws: std::bad_alloc.
std::uint32_t compile(const Ast& ast, const ParsedPolicy& policy, Program& program);

// Where `compile` put nothing: a policy without conditions always applies.
inline constexpr std::uint32_t kAlways = 0xffffffff;

}  // namespace mcpgov::policy::cedar
