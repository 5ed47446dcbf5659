// Which policies can match a request at all, found without looking at the others.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/arena.hpp"
#include "policy/cedar/ast.hpp"
#include "policy/cedar/evaluate.hpp"
#include "policy/entities.hpp"
#include "policy/request.hpp"

namespace mcpgov::policy::cedar {

// A policy as the decision needs it: its scope, and where its program begins.
struct CompiledPolicy {
  std::uint32_t entry = kAlways;
  bool forbid = false;
  ActionScope action = ActionScope::any;
  Scope principal;
  Scope resource;
  std::uint32_t first_action = 0;  // in PolicyTable::actions
  std::uint32_t action_count = 0;
};

struct PolicyTable {
  std::vector<CompiledPolicy> policies;
  std::vector<EntityId> actions;

  std::span<const EntityId> actions_of(const CompiledPolicy& policy) const noexcept {
    return std::span(actions).subspan(policy.first_action, policy.action_count);
  }
};

// Policies that may match, forbids before permits, each in source order.
struct Bucket {
  std::span<const PolicyNumber> forbids;
  std::span<const PolicyNumber> permits;
};

// The buckets of one request; grows in the arena and keeps its room.
class Candidates {
 public:
  explicit Candidates(Arena& arena) noexcept : arena_(&arena) {}
  void clear() noexcept { size_ = 0; }
  void add(const Bucket& bucket);
  std::span<const Bucket> buckets() const noexcept { return {items_, size_}; }
  std::size_t policies() const noexcept;

 private:
  Arena* arena_;
  Bucket* items_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
};

// Scope constraints cannot fail, so a policy whose scope does not match adds neither to the effect
// nor to reasons or errors: leaving it out is exact.
//
// Two steps: the action, with its groups, selects groups of policies; in each, policies are filed
// under one key, the entity or type their scope names, on the side that tells more of them apart.
// A request asks for its own keys only: its principal and resource, their ancestors and types.
// Threads: immutable once built, share freely.
class Index {
 public:
  // entities: outlive the index. entity_count: of all that have an id. Throws: std::bad_alloc.
  void build(const PolicyTable& table, const Entities& entities, std::uint32_t entity_count);

  // Adds every bucket that can hold a match; a policy may appear in two of them.
  // action, principal and resource must be known.
  void find(Evaluation& evaluation, const Request& request, Candidates& out) const;

 private:
  enum class Key : std::uint8_t { principal, resource, principal_type, resource_type };
  struct Stored {  // a bucket as places in numbers_
    std::uint32_t first = 0;
    std::uint32_t forbids = 0;
    std::uint32_t count = 0;
  };
  struct Group {
    Stored unkeyed;
    std::uint8_t keys = 0;  // bit per Key: whether anything is filed under it
  };
  // Of the many ancestors of an entity, those that policies are filed under.
  struct Lineage {
    std::span<const EntityId> all;
    std::uint32_t first = 0;  // in key_ancestors_
    std::uint32_t count = 0;
  };
  struct Slot {
    std::uint64_t key = 0;  // 0: empty
    Stored bucket;
  };
  struct Filed {
    std::uint32_t group;
    std::uint64_t key;  // 0: none
    bool forbid;
    PolicyNumber policy;
  };

  static std::uint64_t key_of(std::uint32_t group, Key kind, std::uint32_t id) noexcept {
    return (std::uint64_t{group} << 34 | std::uint64_t{static_cast<std::uint8_t>(kind)} << 32 |
            id) +
           1;
  }
  std::uint32_t group_of(EntityId action);
  std::uint64_t choose_key(std::uint32_t group, const CompiledPolicy& policy, Key preferred);
  void store(std::span<const Filed> filed);
  void prune(const Entities& entities, std::uint32_t entity_count);
  // At least those of `all` that are keys. all: the ancestors of the entity, wherever they are
  // from.
  std::span<const EntityId> worth_a_look(EntityId entity,
                                         std::span<const EntityId> all) const noexcept;
  void insert(std::uint64_t key, const Stored& bucket);
  void find_in(std::uint32_t group, Evaluation& evaluation, const Request& request,
               Candidates& out) const;
  void find_entity(std::uint32_t group, Key kind, EntityId entity, Evaluation& evaluation,
                   Candidates& out) const;
  void find_key(std::uint64_t key, Candidates& out) const;
  void add(const Stored& bucket, Candidates& out) const;
  bool is_key(EntityId entity, Key kind) const noexcept {
    const auto at = static_cast<std::uint32_t>(entity);
    return at < used_.size() && (used_[at] >> static_cast<unsigned>(kind) & 1) != 0;
  }

  std::vector<Group> groups_;  // the first: any action
  std::vector<std::uint32_t> group_by_action_;
  std::vector<std::uint8_t> used_;  // by entity: bit per Key, whether some group files under it
  std::vector<std::uint32_t> lineage_by_entity_;  // 1 + position in lineages_, or 0
  std::vector<Lineage> lineages_;
  std::vector<EntityId> key_ancestors_;
  std::vector<Slot> slots_;  // open addressing, a power of two
  std::vector<PolicyNumber> numbers_;
};

}  // namespace mcpgov::policy::cedar
