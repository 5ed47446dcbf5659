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

// Appends programs to one Program. Keeps its memory from policy to policy.
// Constants are computed here only where that cannot fail; what fails, fails when it is evaluated.
// Borrowed: the program. Throws: std::bad_alloc.
class Compiler {
 public:
  explicit Compiler(Program& program) noexcept : program_(program) {}

  // Compiles the policy's conditions (not its scope, which the index and the engine test). Gives
  // the first instruction. The tree may be forgotten afterwards.
  std::uint32_t compile(const Ast& ast, const ParsedPolicy& policy);

 private:
  // The jumps that will go to a place not yet known, chained through their targets.
  struct Label {
    std::uint32_t last = 0xffffffff;
  };

  const Node& at(NodeId id) const { return ast_->nodes[id]; }
  // The constant a node is, or null.
  const Value* folded(NodeId id) const {
    return folded_[id].kind == Kind::unknown ? nullptr : &folded_[id];
  }
  std::uint32_t here() const { return static_cast<std::uint32_t>(program_.code.size()); }
  void emit(Op op, std::uint32_t r, std::uint32_t a = 0, std::uint32_t target = 0);
  void test(Op op, std::uint32_t r, std::uint32_t a, Label& label, bool when);
  void jump(Op op, std::uint32_t r, Label& label);
  void bind(const Label& label);

  void fold();
  Value folded_call(const Node& node);
  Value folded_set(const Node& node);
  Value folded_record(const Node& node);
  std::uint32_t constant(const Value& value);

  void condition(NodeId id, std::uint32_t r, Label& label, bool when);
  bool relation(const Node& node, std::uint32_t r, Label& label, bool when);
  void operands(const Node& node, bool all, std::uint32_t r, Label& label, bool when);
  void choice(const Node& node, std::uint32_t r, Label& label, bool when);
  void equality(const Node& node, std::uint32_t r, Label& label, bool when);
  void membership(NodeId container, std::uint32_t r, Label& label, bool when);
  void presence(const Node& node, std::uint32_t r, Label& label, bool when);

  void value(NodeId id, std::uint32_t r);
  bool is_spine(NodeId id) const;
  void spine_step(const Node& node, std::uint32_t r);
  void leaf(NodeId id, std::uint32_t r);
  void truth(NodeId id, std::uint32_t r);
  void call(const Node& node, std::uint32_t r);
  void set(const Node& node, std::uint32_t r);
  void record(const Node& node, std::uint32_t r);

  Program& program_;
  const Ast* ast_ = nullptr;
  std::vector<Value> folded_;  // by node; unknown: no constant
  std::vector<NodeId> spine_;  // left operands waiting, of every level of recursion
  std::uint32_t forks_ = 0;
};

// Where compile() put nothing: a policy without conditions always applies.
inline constexpr std::uint32_t kAlways = 0xffffffff;

}  // namespace mcpgov::policy::cedar
