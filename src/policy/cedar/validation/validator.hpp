// Whether a policy fits a schema: the rules put together.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mcpgov/cedar.hpp"
#include "policy/cedar/ast.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/cedar/validation/report.hpp"
#include "policy/cedar/validation/scope.hpp"
#include "policy/cedar/validation/typecheck.hpp"
#include "policy/symbols.hpp"

namespace mcpgov::policy::cedar::validation {

// Borrowed: schema and symbols; the symbols are those the policies were read with.
// Threads: one thread. Throws: std::bad_alloc.
class Validator {
 public:
  Validator(const Schema& schema, const Symbols& symbols, const ValidationOptions& options);

  // A policy or template; appends its findings by position. ast: of this policy alone.
  void policy(const Ast& ast, const ParsedPolicy& policy, const Subject& subject,
              std::vector<Finding>& out);

  // Every policy and template of a text. symbols: those of the constructor; they take new names.
  // Errors: those of reading policies.
  Result<void> source(const Source& source, Symbols& symbols, std::vector<Finding>& out);

  // A link of a template that policy() was asked about. principal, resource: kNoEntity where the
  // template has no slot.
  void link(const ParsedPolicy& linked, EntityId principal, EntityId resource,
            const Subject& subject, std::vector<Finding>& out);

 private:
  // Which variables the conditions name: environments that differ in others only are one.
  struct Mentions {
    bool principal = false;
    bool action = false;
    bool resource = false;
    bool context = false;
  };
  struct Verdict {
    bool possible = false;    // some request may satisfy the policy
    bool applicable = false;  // the scope admits some action
  };
  // Types that one action and the scope admit, while environments are gone through.
  struct Admitted {
    std::vector<NameId> principals;
    std::vector<NameId> resources;
  };

  // declared.cpp: names, wherever they stand.
  void names(const Ast& ast, const ParsedPolicy& policy);
  std::uint32_t offset_of_tested_type(const ParsedPolicy& policy, const Node& tested);
  void scope_names(const Scope& scope, Place place, std::uint32_t offset);
  void type_name(NameId type, std::uint32_t place, std::uint32_t offset);
  void entity_name(EntityId entity, std::uint32_t place, std::uint32_t offset);
  std::string uid_text(EntityId entity) const;

  // validator.cpp
  Verdict environments(const ParsedPolicy& policy);
  void admit(const ActionType& action, const EntityScope& principal, const EntityScope& resource);
  bool action_list(const ParsedPolicy& policy);
  bool conditions(const ParsedPolicy& policy, const Environment& environment, bool scope_ok);
  void inapplicable(const ParsedPolicy& policy);
  bool wider_fits(const ParsedPolicy& policy, const Scope& scope, bool principal) const;
  static Mentions mentions(const Ast& ast);

  // levels.cpp (RFC 76)
  void scope_levels(const ParsedPolicy& policy, const EntityScope& principal,
                    const ActionScopes& actions);
  void condition_levels(const ParsedPolicy& policy, const Environment& environment);
  void level_of(NodeId id);
  void member_level(NodeId id);
  void has_level(NodeId id, const Node& node);
  void in_level(NodeId id, NodeId target, NodeId other);
  void sum_level(NodeId id);
  bool is_below(const Node& node) const;
  std::uint32_t target_level(NodeId id, std::vector<NameId>& path);
  std::uint32_t record_target(NodeId id, const Node& node, std::vector<NameId>& path);
  std::span<const std::uint32_t> reached(const Node& node) const;
  void exceeds(std::uint32_t place, std::uint32_t offset, std::uint32_t target);
  void literal_target(NodeId id);
  void invariant(NodeId id);

  const Schema* schema_;
  const Symbols* symbols_;
  ValidationOptions options_;
  Report report_;
  Types types_;
  Checker checker_;
  const Ast* ast_ = nullptr;
  std::string_view text_;
  Mentions mentions_;
  Admitted admitted_;
  Interning seen_;               // environments, by what the conditions can see of them
  std::vector<Answer> answers_;  // by seen_
  EntityId level_action_ = kNoEntity;
  std::uint32_t searches_ = 0;
};

}  // namespace mcpgov::policy::cedar::validation
