// Collecting entities and closing their hierarchy, parents before children and without recursion.
// Tested by tests/policy/entities_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/entities.hpp"

#include <algorithm>

namespace mcpgov::policy {

EntitiesBuilder::EntitiesBuilder() : arena_(std::make_unique<Arena>()) {}

bool EntitiesBuilder::has(EntityId id) const noexcept {
  const auto at = static_cast<std::uint32_t>(id);
  return at < index_.size() && index_[at] != kAbsent;
}

bool EntitiesBuilder::add(EntityId id, const Value& attributes, const Value& tags,
                          std::span<EntityId> parents) {
  std::sort(parents.begin(), parents.end());
  const auto end = std::unique(parents.begin(), parents.end());
  const std::span<const EntityId> distinct(parents.data(),
                                           static_cast<std::size_t>(end - parents.begin()));
  const auto at = static_cast<std::uint32_t>(id);
  if (has(id)) {
    const Entity& known = entries_[index_[at]].facts;
    return equal(known.attributes, attributes) && equal(known.tags, tags) &&
           std::equal(known.ancestors.begin(), known.ancestors.end(), distinct.begin(),
                      distinct.end());
  }
  if (at >= index_.size()) index_.resize(at + std::size_t{1}, kAbsent);
  entries_.push_back({id, {attributes, tags, distinct}});
  index_[at] = static_cast<std::uint32_t>(entries_.size() - 1);
  return true;
}

// Positions in entries_, every parent before its children; shorter than entries_ if there is a
// cycle, of which `culprit` is then a member.
std::vector<std::uint32_t> EntitiesBuilder::topological_order(EntityId& culprit) const {
  const std::size_t count = entries_.size();
  std::vector<std::uint32_t> waiting(count);    // parents not yet placed
  std::vector<std::uint32_t> first(count + 1);  // children of i: children[first[i]..first[i+1])
  for (std::size_t i = 0; i < count; ++i) {
    for (const EntityId parent : entries_[i].facts.ancestors) {
      if (!has(parent)) continue;
      ++waiting[i];
      ++first[index_[static_cast<std::uint32_t>(parent)] + std::size_t{1}];
    }
  }
  for (std::size_t i = 0; i < count; ++i) first[i + 1] += first[i];
  std::vector<std::uint32_t> children(first[count]);
  std::vector<std::uint32_t> next(first.begin(), first.end() - 1);
  for (std::size_t i = 0; i < count; ++i) {
    for (const EntityId parent : entries_[i].facts.ancestors) {
      if (!has(parent)) continue;
      children[next[index_[static_cast<std::uint32_t>(parent)]]++] = static_cast<std::uint32_t>(i);
    }
  }

  std::vector<std::uint32_t> order;
  order.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (waiting[i] == 0) order.push_back(i);
  }
  for (std::size_t done = 0; done < order.size(); ++done) {
    const std::uint32_t parent = order[done];
    for (std::uint32_t k = first[parent]; k < first[parent + std::size_t{1}]; ++k) {
      if (--waiting[children[k]] == 0) order.push_back(children[k]);
    }
  }
  if (order.size() == count) return order;

  // Whatever waits has a parent that waits; following such parents `count` times ends in a cycle.
  std::size_t at = 0;
  while (waiting[at] == 0) ++at;
  for (std::size_t step = 0; step < count; ++step) {
    for (const EntityId parent : entries_[at].facts.ancestors) {
      const std::uint32_t up = has(parent) ? index_[static_cast<std::uint32_t>(parent)] : kAbsent;
      if (up == kAbsent || waiting[up] == 0) continue;
      at = up;
      break;
    }
  }
  culprit = entries_[at].id;
  return order;
}

// Adds to the parents of one entity what lies above them, which is closed already.
const char* EntitiesBuilder::close(std::uint32_t index, std::vector<EntityId>& scratch,
                                   std::vector<bool>& seen) {
  Entity& facts = entries_[index].facts;
  scratch.clear();
  const auto take = [&](EntityId id) {
    const auto at = static_cast<std::uint32_t>(id);
    if (at >= seen.size()) seen.resize(at + std::size_t{1});
    if (seen[at]) return;
    seen[at] = true;
    scratch.push_back(id);
  };
  for (const EntityId parent : facts.ancestors) {
    take(parent);
    if (!has(parent)) continue;
    const Entry& above = entries_[index_[static_cast<std::uint32_t>(parent)]];
    steps_ += above.facts.ancestors.size();
    if (steps_ > kMaxSteps)
      return "the hierarchy has more than 2^28 ways from entities to ancestors";
    for (const EntityId ancestor : above.facts.ancestors) take(ancestor);
  }
  for (const EntityId id : scratch) seen[static_cast<std::uint32_t>(id)] = false;
  pairs_ += scratch.size();
  if (pairs_ > kMaxAncestors)
    return "the hierarchy has more than 2^25 pairs of an entity and an ancestor";
  if (scratch.size() == facts.ancestors.size()) return nullptr;  // the parents were all there is
  std::sort(scratch.begin(), scratch.end());
  facts.ancestors = arena_->copy(std::span<const EntityId>(scratch));
  return nullptr;
}

Result<Entities> EntitiesBuilder::build(EntityId& culprit) {
  const std::vector<std::uint32_t> order = topological_order(culprit);
  if (order.size() != entries_.size()) {
    return Error{ErrorCode::entities_cycle, "the hierarchy of the entities has a cycle", {}, 0, 0};
  }
  std::vector<EntityId> scratch;
  std::vector<bool> seen;
  for (const std::uint32_t index : order) {
    const char* wrong = close(index, scratch, seen);
    if (wrong == nullptr) continue;
    culprit = entries_[index].id;
    return Error{ErrorCode::entities_too_large, wrong, {}, 0, 0};
  }
  Entities out;
  out.by_id_.resize(index_.size());
  out.ids_.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    out.by_id_[static_cast<std::uint32_t>(entry.id)] = entry.facts;
    out.ids_.push_back(entry.id);
  }
  out.arena_ = std::move(arena_);
  return out;
}

}  // namespace mcpgov::policy
