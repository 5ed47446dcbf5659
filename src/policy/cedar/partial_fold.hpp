// Conditions with everything computed that is known: what is left is written to another tree.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "base/arena.hpp"
#include "policy/cedar/ast.hpp"
#include "policy/cedar/evaluate.hpp"
#include "policy/cedar/partial.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/symbols.hpp"

namespace mcpgov::policy::cedar {

// Folds only what cannot change when and how a policy fails: an operand that may fail stays, even
// where the result is known. Operators are those of the evaluator, run one by one.
// Trees come, and are written, in the ids of `names`; values are in ids of the request.
// Borrowed: everything. Threads: one thread. Throws: std::bad_alloc.
class Folder {
 public:
  Folder(Evaluation& evaluation, const PartialRequest& request, Symbols& names, Arena& arena);

  // What can come of the conditions together. out, left: what remains of them.
  Outcomes fold(const Ast& ast, std::span<const Condition> conditions, Ast& out,
                std::vector<Condition>& left);

  // Ids of `names` in the request.
  NameId in_request(NameId name) const;
  EntityId in_request(EntityId entity) const;

  // False if the schema puts no entity of that type below one of the other, nor are they the same.
  bool may_be_in(NameId type, NameId container_type) const noexcept;

 private:
  static constexpr NodeId kUnwritten = 0xffffffff;

  // What is known of a node.
  struct Part {
    Value value;                 // once it does not fail; three-valued
    const Type* type = nullptr;  // what the schema says of an unknown value, or null
    NodeId node = kUnwritten;    // in the tree that is written
    bool may_fail = false;
    bool fails = false;       // whatever the unknowns are; then `node` is written
    bool as_written = false;  // only literals below: kept in their own words
    bool known() const noexcept { return !fails && !may_fail && !has_unknown(value); }
  };

  // partial_fold.cpp: what is evaluated lazily.
  void mark_tested(std::span<const Condition> conditions);
  Part part(NodeId id);
  Outcomes tested(const Part& part) const noexcept;
  Part of_outcomes(Outcomes outcomes) const noexcept;
  Part chain(NodeId id, bool all);
  Part choice(NodeId id);
  Part negation(NodeId id);
  Part is_in(NodeId id);
  Part has(NodeId id);
  Part only_failing(const Part& part);

  // partial_strict.cpp: operators that evaluate all of their operands.
  Part literal(NodeId id);
  Part variable(NodeId id);
  Part strict(NodeId id);
  Part call(NodeId id);
  Part collection(NodeId id);
  bool failing_operand(NodeId id, std::span<const NodeId> operands, Part& out);
  void settle(NodeId id, Outcomes outcomes, Part& out);

  // partial_types.cpp: what types decide.
  NameId entity_type(const Part& part) const noexcept;
  const EntityType* declared(const Part& part) const noexcept;
  const Type* type_of_entity(NameId type);
  const Type* attribute_type(const Part& part, NameId name, Outcomes& presence) const;
  bool may_be_in(const Part& entity, const Part& container) const;
  Outcomes possible_by_type(const Node& node, const Part& left, const Part& right,
                            Outcomes outcomes);
  void give_type(const Node& node, const Part& left, Part& out);
  bool rest_may_fail(const Part& of, std::span<const std::uint32_t> names);

  // partial_write.cpp: the tree that is written.
  NodeId write(Part& part);
  NodeId write_operand(NodeId id) { return write(parts_[id]); }
  NodeId copy(NodeId id);
  NodeId add(const Node& node);
  NodeId add_chain(NodeKind kind, std::span<const NodeId> operands);
  NodeId add_truth(bool value);
  std::uint32_t add_list(std::span<const std::uint32_t> list);
  const Node& at(NodeId id) const { return ast_->nodes[id]; }

  Evaluation& evaluation_;
  const PartialRequest& request_;
  Symbols& names_;
  Arena& arena_;
  const Ast* ast_ = nullptr;
  Ast* out_ = nullptr;
  std::vector<Part> parts_;   // by node
  std::vector<bool> tested_;  // by node: what uses it fails unless it is true or false
};

}  // namespace mcpgov::policy::cedar
