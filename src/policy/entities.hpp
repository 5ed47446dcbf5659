// The frozen entity store: attributes, tags and the transitively closed hierarchy.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/arena.hpp"
#include "mcpgov/result.hpp"
#include "policy/symbols.hpp"
#include "policy/value.hpp"

namespace mcpgov::policy {

// Every entity a snapshot knows. An entity may be mentioned (as a parent, an attribute, a literal
// of a policy) without being known; it then has no attributes, tags or ancestors. Threads:
// immutable, share freely.
class Entities {
 public:
  Entities() = default;

  // What is known of it, or null. One bounds check and one load.
  const Entity* find(EntityId id) const noexcept {
    const auto at = static_cast<std::uint32_t>(id);
    if (at >= by_id_.size() || by_id_[at].attributes.kind == Kind::unknown) return nullptr;
    return &by_id_[at];
  }
  // All that are known, in the order they were added.
  std::span<const EntityId> ids() const noexcept { return ids_; }

 private:
  friend class EntitiesBuilder;
  std::unique_ptr<Arena> arena_;  // owns what the values point to
  std::vector<Entity> by_id_;     // unknown attributes: not known
  std::vector<EntityId> ids_;
};

// Collects entities, then closes the hierarchy.
// Threads: one thread. Throws: std::bad_alloc only.
class EntitiesBuilder {
 public:
  EntitiesBuilder();

  // Where the values, and the parents given to add(), must live.
  Arena& arena() noexcept { return *arena_; }

  // attributes, tags: records. parents: in any order, repetitions allowed; sorted in place.
  // False when the entity was added before with other facts; the same facts again change nothing.
  bool add(EntityId id, const Value& attributes, const Value& tags, std::span<EntityId> parents);

  // Whether it was added.
  bool has(EntityId id) const noexcept;

  // The store. On failure `culprit` names an entity of the cycle, or the one whose ancestors exceed
  // the limit. The builder is spent either way.
  // Errors: entities_cycle; entities_too_large (more than kMaxAncestors pairs, or kMaxSteps).
  Result<Entities> build(EntityId& culprit);

  // Pairs of entity and ancestor. A chain of n has n²/2 of them, so the size of the text alone does
  // not bound the closure; this is 128 MiB.
  static constexpr std::size_t kMaxAncestors = std::size_t{1} << 25;
  // Ways of two steps or more from an entity to an ancestor, which may be many for one pair: layers
  // of w entities, each below all of the layer above, have w for each. A quarter of a second.
  static constexpr std::size_t kMaxSteps = std::size_t{1} << 28;

 private:
  std::vector<std::uint32_t> topological_order(EntityId& culprit) const;
  // What is wrong with the entity, or null.
  const char* close(std::uint32_t index, std::vector<EntityId>& scratch, std::vector<bool>& seen);

  struct Entry {
    EntityId id;
    Entity facts;  // ancestors are the parents until the hierarchy is closed
  };
  std::unique_ptr<Arena> arena_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> index_;  // by id: position in entries_, or kAbsent
  std::size_t pairs_ = 0;
  std::size_t steps_ = 0;
  static constexpr std::uint32_t kAbsent = 0xffffffff;
};

}  // namespace mcpgov::policy
