// From a declared schema to a resolved one.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "mcpgov/result.hpp"
#include "policy/cedar/schema_declarations.hpp"
#include "policy/cedar/schema_names.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/symbols.hpp"

namespace mcpgov::policy::cedar {

// Who mentions whom, by number: the targets of i are to[first[i]] up to to[first[i + 1]].
struct Graph {
  std::vector<std::uint32_t> first;
  std::vector<std::uint32_t> to;

  // Begins the targets of the next node; once more at the end.
  void open() { first.push_back(static_cast<std::uint32_t>(to.size())); }
  std::size_t size() const noexcept { return first.size() - 1; }
  std::span<const std::uint32_t> targets(std::size_t node) const noexcept {
    return std::span(to).subspan(first[node], first[node + 1] - first[node]);
  }

  // Every node after its targets; without the nodes from which a cycle can be reached.
  std::vector<std::uint32_t> order() const;
  // A node on a cycle. order: what order() gave, and not all nodes.
  std::uint32_t on_cycle(const std::vector<std::uint32_t>& order) const;
};

// Not only equal: the same items in memory, as those of declarations made together are.
template <class T>
bool one_list(std::span<const T> a, std::span<const T> b) noexcept {
  return !a.empty() && a.data() == b.data() && a.size() == b.size();
}

// One use. Every function returns false (or null) when it fails; the first failure is kept.
// Threads: one thread.
class SchemaResolver {
 public:
  // declared, text: borrowed. text: what the offsets are of, for messages.
  SchemaResolver(const DeclaredSchema& declared, std::string_view text, Symbols& symbols);
  Result<Schema> resolve();

 private:
  struct Common {
    std::uint32_t space;
    const DeclaredCommon* declared;
    const Type* type;
  };
  struct OpenEntity {
    std::uint32_t space;
    const DeclaredEntity* declared;
    const Type* shape = nullptr;
    EntityType type;
  };
  struct OpenAction {
    std::uint32_t space;
    const DeclaredAction* declared;
    ActionType type;
  };
  enum class Wanted : std::uint8_t { either, common, entity };
  struct Found {
    std::uint32_t common = kAbsent;
    std::uint32_t entity = kAbsent;
    const Type* type = nullptr;  // of what is built in, an entity type or the type of actions
    bool any() const noexcept { return common != kAbsent || type != nullptr; }
  };

  bool fail(ErrorCode code, std::string reason, std::uint32_t offset);
  bool twice(const SchemaName& name);
  bool undeclared(const SchemaName& name);

  bool declare();
  bool declare_commons(std::uint32_t space);
  bool declare_entities(std::uint32_t space);
  bool declare_actions(std::uint32_t space);
  bool check_shadowing();
  NameId full_name(std::uint32_t space, std::string_view name);

  Found in_space(std::uint32_t space, std::string_view name, Wanted wanted);
  Found find(std::uint32_t space, std::string_view name, Wanted wanted);
  std::uint32_t find_action(std::uint32_t space, const DeclaredParent& parent);

  const Type* named_type(std::uint32_t space, const SchemaName& name, Wanted wanted);
  const Type* extension_type(const SchemaName& name);
  const Type* record(std::uint32_t space, const DeclaredType& declared);
  const Type* type(std::uint32_t space, const DeclaredType& declared);
  const Type* checked(const Type* made, const DeclaredType& declared);
  void mentions(std::uint32_t space, const DeclaredType& declared, std::vector<std::uint32_t>& out);

  bool common_types();
  bool entity_types();
  bool enumerated(OpenEntity& open);
  bool entity_number(std::uint32_t space, const SchemaName& name, std::uint32_t& out);
  bool action_types();
  bool applies_to(OpenAction& open, const OpenAction* before);
  bool applicable(std::uint32_t space, std::span<const SchemaName> names,
                  std::span<const NameId>& out);
  bool close_hierarchies();
  template <class Id, class Open, class IdOf>
  bool close(const Graph& graph, std::vector<Open>& all, IdOf id_of);
  bool within_limit(std::size_t more);
  Schema finish();

  const DeclaredSchema& declared_;
  std::string_view text_;
  Symbols& symbols_;
  std::unique_ptr<Arena> arena_;
  TypeTable types_;
  SchemaNames spaces_;  // by path
  SchemaNames names_;   // of types, by namespace
  SchemaNames ids_;     // of actions, by namespace
  std::uint32_t outside_ = kAbsent;
  std::vector<const Type*> action_types_;  // by namespace; null where it has no actions
  std::vector<Common> commons_;
  std::vector<OpenEntity> entities_;
  std::vector<OpenAction> actions_;
  Graph entity_graph_;  // to parents, as the next
  Graph action_graph_;
  std::vector<Attribute> attributes_;  // records being resolved, the inner above the outer
  std::string scratch_;
  std::size_t work_ = 0;
  ErrorCode code_ = ErrorCode::none;
  std::string reason_;
  std::uint32_t offset_ = 0;
};

}  // namespace mcpgov::policy::cedar
