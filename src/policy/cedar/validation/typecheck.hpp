// Which type an expression has in one environment, and what is wrong with it there.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "policy/cedar/ast.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/cedar/validation/capabilities.hpp"
#include "policy/cedar/validation/report.hpp"
#include "policy/cedar/validation/shapes.hpp"
#include "policy/cedar/validation/types.hpp"

namespace mcpgov::policy::cedar::validation {

// One combination that the schema admits. What fills the slots of a template cannot matter to its
// conditions, where no slot may stand.
struct Environment {
  NameId principal = kNoName;
  const ActionType* action = nullptr;
  NameId resource = kNoName;
};

// ok: nothing is wrong with the expression. The type of one that is wrong may be known all the same
// and be relied on: so one mistake is told once, and those behind it too.
struct Answer {
  TypeId type = kNone;
  bool ok = false;
};

// What an operand must be.
enum class Wanted : std::uint8_t {
  boolean,
  integer,
  string,
  decimal,
  datetime,
  duration,
  ip,
  set,
  entity,
  entity_or_record,
  entity_or_entities,  // an entity or a set of them
  comparable,          // Long, datetime, duration
};

// How a wrong operand came about, so that the right operator can be named.
enum class Use : std::uint8_t {
  other,
  has,
  like,
  is,
  in,
  in_what,
  set,
  set_argument,
  empty,
  sum,
  arithmetic
};

inline constexpr std::uint64_t kMostSteps = 32'000'000;  // of one policy
inline constexpr std::uint64_t kStepsOfWord = 8;         // of a new type

// The rules are those of the reference engine 4.12, its quirks included (docs.cedarpolicy.com,
// "Policy validation"): a boolean that is always false ends its chain unchecked.
// Borrowed: everything handed in. Threads: one thread. Throws: std::bad_alloc.
class Checker {
 public:
  Checker(Types& types, const Symbols& symbols, Report& report)
      : types_(types), symbols_(symbols), report_(report) {}

  // The next policy, whose tree must stay until the one after it.
  void open(const Ast& ast);

  // All conditions together, as `when` and `unless` join them.
  Answer conditions(const ParsedPolicy& policy, const Environment& environment);

  // The type of a node in the last environment that reached it.
  TypeId type_at(NodeId node) const noexcept { return at_[node]; }
  // Of an entity literal; kNone when the schema knows no such type, or no such action.
  TypeId type_of_entity(EntityId entity);
  TypeId join_or_report(NodeId place, std::uint32_t offset, std::span<const TypeId> all,
                        std::string_view what);

  // New types are made of words, each of which counts as some steps: at most 16 MiB of them.
  bool exhausted() const noexcept {
    return steps_ + kStepsOfWord * (types_.words() - words_before_) >= kMostSteps;
  }
  std::uint64_t steps() const noexcept { return steps_; }
  void spend(std::uint64_t steps) noexcept { steps_ += steps; }

 private:
  // Where an attribute is looked for: in an entity, in the context, or in some other record.
  struct Access {
    enum class In : std::uint8_t { entity, context, other } in = In::other;
    TypeId entity = kNone;
    std::vector<NameId> path;  // innermost last
  };
  // An expression that may stand in the text only in part: `has a.b` asks `e.a` for b.
  struct Path {
    NodeId base;
    std::span<const std::uint32_t> names;  // behind base
    std::span<const TypeId> types;         // of base.n0, base.n0.n1, …
  };

  // typecheck.cpp. Proofs of what is true when the result is lie on proofs_ above where it stood
  // before; there are none when the answer is not ok.
  Answer check(NodeId id);
  Answer dispatch(NodeId id);
  Answer operand(NodeId id);
  Answer expect(NodeId id, Wanted wanted, Use use = Use::other);
  // Checks the type of an answer: what does not fit is told at `place` and has no type.
  void require(Answer& answer, NodeId place, Wanted wanted, Use use);
  bool fits(TypeId type, Wanted wanted) const;
  void unexpected(NodeId place, Wanted wanted, TypeId actual, Use use);
  Answer literal(const Value& value);
  Answer variable(Var variable);
  std::uint32_t offset(NodeId id) const noexcept { return ast_->nodes[id].offset; }

  // typecheck_logic.cpp
  Answer both(Answer left, Answer right, std::size_t first, std::size_t middle, std::size_t& held);
  Answer all_of(const Node& node);
  Answer any_of(const Node& node);
  Answer choice(NodeId id, const Node& node);
  Answer negation(const Node& node);

  // typecheck_operators.cpp
  Answer equal(NodeId id, const Node& node);
  Answer less(const Node& node);
  Answer arithmetic(NodeId id);
  Answer sum_of(const Node& node, Answer left);
  Answer is(const Node& node, Answer operand);
  Answer is_in(const Node& node);
  Answer in(Answer left, NodeId left_id, NodeId right_id);
  TypeId type_of_in(Answer left, NodeId left_id, Answer right, NodeId right_id);
  bool type_below(TypeId left, TypeId right);
  bool action_type_below(NameId left, NameId right);
  bool strictly_equal(NodeId id, TypeId left, TypeId right, std::string_view what);
  EntityId entity_literal(NodeId id) const;

  // typecheck_sets.cpp
  Answer contains(NodeId id, const Node& node);
  Answer contains_all(NodeId id, const Node& node);
  Answer set(NodeId id, const Node& node);
  Answer record(const Node& node);
  Answer call(NodeId id, const Node& node);
  bool call_arguments(NodeId id, const Node& node);

  // typecheck_access.cpp
  Answer get(NodeId id);
  // The type of an attribute. expression: the shape of what has it; place: where to tell.
  Answer member(NodeId place, Answer owner, const Path& path, NameId name, ShapeId expression);
  Answer has(NodeId id, const Node& node);
  void unproven(NodeId id, const Node& node, Answer owner, std::span<const std::uint32_t> names);
  void spend_look(TypeId owner) noexcept;
  Answer has_step(NodeId place, Answer owner, NameId name, ShapeId expression);
  Answer has_tag(const Node& node);
  Answer get_tag(NodeId id, const Node& node);
  void untested_tag(NodeId id, TypeId entity);
  Access access(const Path& path, NameId name) const;
  std::string access_text(const Access& access) const;
  void missing(NodeId place, TypeId type, NameId name, const Access& access);
  void optional(NodeId place, const Access& access);
  std::uint32_t access_word(const Access& access) const;
  std::uint32_t attribute_proof(ShapeId expression, NameId name);
  std::uint32_t tag_proof(NodeId entity, NodeId tag);

  Types& types_;
  const Symbols& symbols_;
  Report& report_;
  Shapes shapes_;
  Capabilities proofs_;
  Interning proof_ids_;
  const Ast* ast_ = nullptr;
  Environment environment_;
  TypeId context_ = kNone;
  std::vector<TypeId> at_;
  std::vector<NodeId> chain_;  // of left operands; a stack
  std::uint64_t steps_ = 0;
  std::size_t words_before_ = 0;  // of types, when the policy began
  std::uint32_t suggestions_ = 0;
  bool has_proofs_ = false;  // the policy tests for attributes or tags at all
  std::vector<std::pair<std::uint64_t, bool>> action_types_below_;
};

}  // namespace mcpgov::policy::cedar::validation
