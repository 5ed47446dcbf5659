// Filing policies, and finding those a request can match.
// Tested by tests/policy/authorize_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/index.hpp"

#include <algorithm>
#include <bit>
#include <tuple>

#include "base/hash.hpp"

namespace mcpgov::policy::cedar {
namespace {

// Up to so many scopes are tested in the time that looking up keys would take.
constexpr std::uint32_t kSmall = 4;
// So many ancestors are looked at in the time that finding the few among them would take.
constexpr std::size_t kFewAncestors = 16;

bool names_entity(const Scope& scope) noexcept {
  return scope.kind == ScopeKind::equal || scope.kind == ScopeKind::in ||
         scope.kind == ScopeKind::is_in;
}

std::uint64_t hash_of(std::uint64_t key) noexcept {
  return mix(key, 0x9e3779b97f4a7c15U);  // 2^64 / golden ratio
}

std::uint64_t pair_of(std::uint32_t group, EntityId entity) noexcept {
  return std::uint64_t{group} << 32 | static_cast<std::uint32_t>(entity);
}

// Per group: how many entities are paired with it. Sorted, since no table of hashes could be sure
// of names that others choose.
std::vector<std::uint32_t> distinct(std::vector<std::uint64_t>& pairs, std::size_t groups) {
  std::sort(pairs.begin(), pairs.end());
  std::vector<std::uint32_t> out(groups, 0);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i == 0 || pairs[i] != pairs[i - 1]) ++out[pairs[i] >> 32];
  }
  return out;
}

}  // namespace

void Candidates::add(const Bucket& bucket) {
  if (size_ == capacity_) {
    const std::uint32_t wider = capacity_ == 0 ? 8 : capacity_ * 2;
    auto* items = arena_->array<Bucket>(wider);
    std::copy(items_, items_ + size_, items);
    items_ = items;
    capacity_ = wider;
  }
  items_[size_++] = bucket;
}

std::size_t Candidates::policies() const noexcept {
  std::size_t count = 0;
  for (const Bucket& bucket : buckets()) count += bucket.forbids.size() + bucket.permits.size();
  return count;
}

std::uint32_t Index::group_of(EntityId action) {
  std::uint32_t& group = group_by_action_[static_cast<std::uint32_t>(action)];
  if (group == 0) {
    group = static_cast<std::uint32_t>(groups_.size());
    groups_.emplace_back();
  }
  return group;
}

std::uint64_t Index::choose_key(std::uint32_t group, const CompiledPolicy& policy, Key preferred) {
  const auto file = [&](Key kind, std::uint32_t id) {
    groups_[group].keys |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind));
    if (kind == Key::principal || kind == Key::resource) {
      used_[id] |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind));
    }
    return key_of(group, kind, id);
  };
  const Key sides[] = {preferred, preferred == Key::principal ? Key::resource : Key::principal};
  for (const Key side : sides) {
    const Scope& scope = side == Key::principal ? policy.principal : policy.resource;
    if (names_entity(scope)) return file(side, static_cast<std::uint32_t>(scope.entity));
  }
  for (const Key side : sides) {
    const Scope& scope = side == Key::principal ? policy.principal : policy.resource;
    if (scope.kind != ScopeKind::is) continue;
    return file(side == Key::principal ? Key::principal_type : Key::resource_type,
                static_cast<std::uint32_t>(scope.type));
  }
  return 0;
}

void Index::build(const PolicyTable& table, const Entities& entities, std::uint32_t entity_count) {
  groups_.assign(1, Group{});
  group_by_action_.assign(entity_count, 0);
  used_.assign(entity_count, 0);
  std::vector<Filed> filed;
  for (PolicyNumber number = 0; number < table.policies.size(); ++number) {
    const CompiledPolicy& policy = table.policies[number];
    if (policy.action == ActionScope::any) filed.push_back({0, 0, policy.forbid, number});
    for (const EntityId action : table.actions_of(policy)) {
      filed.push_back({group_of(action), 0, policy.forbid, number});
    }
  }
  std::vector<std::uint32_t> sizes(groups_.size(), 0);
  std::vector<std::uint64_t> principals;
  std::vector<std::uint64_t> resources;
  for (const Filed& each : filed) {
    const CompiledPolicy& policy = table.policies[each.policy];
    ++sizes[each.group];
    if (names_entity(policy.principal)) {
      principals.push_back(pair_of(each.group, policy.principal.entity));
    }
    if (names_entity(policy.resource)) {
      resources.push_back(pair_of(each.group, policy.resource.entity));
    }
  }
  const std::vector<std::uint32_t> by_principal = distinct(principals, groups_.size());
  const std::vector<std::uint32_t> by_resource = distinct(resources, groups_.size());
  for (Filed& each : filed) {
    if (sizes[each.group] <= kSmall) continue;
    const bool resource = by_resource[each.group] > by_principal[each.group];
    each.key = choose_key(each.group, table.policies[each.policy],
                          resource ? Key::resource : Key::principal);
  }
  store(filed);
  prune(entities, entity_count);
}

// Nothing is filed under most of a thousand groups: a request then need not ask for each of them.
void Index::prune(const Entities& entities, std::uint32_t entity_count) {
  const bool entity_keys = std::ranges::any_of(used_, [](std::uint8_t keys) { return keys != 0; });
  if (!entity_keys) return;
  for (const EntityId id : entities.ids()) {
    const std::span<const EntityId> all = entities.find(id)->ancestors;
    if (all.size() <= kFewAncestors) continue;
    Lineage lineage{all, static_cast<std::uint32_t>(key_ancestors_.size()), 0};
    for (const EntityId ancestor : all) {
      if (used_[static_cast<std::uint32_t>(ancestor)] != 0) key_ancestors_.push_back(ancestor);
    }
    lineage.count = static_cast<std::uint32_t>(key_ancestors_.size()) - lineage.first;
    if (lineage.count == all.size()) {
      key_ancestors_.resize(lineage.first);
      continue;
    }
    lineages_.push_back(lineage);
    lineage_by_entity_.resize(entity_count, 0);
    lineage_by_entity_[static_cast<std::uint32_t>(id)] =
        static_cast<std::uint32_t>(lineages_.size());
  }
  key_ancestors_.shrink_to_fit();
}

// A request may say other things of an entity than the store: the list itself tells which it is.
std::span<const EntityId> Index::worth_a_look(EntityId entity,
                                              std::span<const EntityId> all) const noexcept {
  const auto at = static_cast<std::uint32_t>(entity);
  if (all.size() <= kFewAncestors || at >= lineage_by_entity_.size()) return all;
  const std::uint32_t place = lineage_by_entity_[at];
  if (place == 0) return all;
  const Lineage& known = lineages_[place - 1];
  if (known.all.data() != all.data() || known.all.size() != all.size()) return all;
  return std::span(key_ancestors_).subspan(known.first, known.count);
}

void Index::store(std::span<const Filed> unsorted) {
  std::vector<Filed> filed(unsorted.begin(), unsorted.end());
  std::sort(filed.begin(), filed.end(), [](const Filed& a, const Filed& b) {
    return std::tuple(a.group, a.key, !a.forbid, a.policy) <
           std::tuple(b.group, b.key, !b.forbid, b.policy);
  });
  std::size_t keys = 0;
  for (std::size_t i = 0; i < filed.size(); ++i) {
    if (filed[i].key != 0 && (i == 0 || filed[i].key != filed[i - 1].key)) ++keys;
  }
  // At most two thirds are taken, so that a key that is not there is seen soon.
  slots_.assign(std::bit_ceil(keys + keys / 2 + 1), Slot{});
  numbers_.reserve(filed.size());
  for (std::size_t at = 0; at < filed.size();) {
    const Filed& first = filed[at];
    Stored bucket{static_cast<std::uint32_t>(numbers_.size()), 0, 0};
    for (; at < filed.size() && filed[at].group == first.group && filed[at].key == first.key;
         ++at) {
      // A list may name one action twice.
      if (bucket.count > 0 && numbers_.back() == filed[at].policy) continue;
      numbers_.push_back(filed[at].policy);
      ++bucket.count;
      if (filed[at].forbid) ++bucket.forbids;
    }
    if (first.key == 0) {
      groups_[first.group].unkeyed = bucket;
    } else {
      insert(first.key, bucket);
    }
  }
}

void Index::insert(std::uint64_t key, const Stored& bucket) {
  std::size_t at = hash_of(key) & (slots_.size() - 1);
  while (slots_[at].key != 0) at = (at + 1) & (slots_.size() - 1);
  slots_[at] = {key, bucket};
}

void Index::add(const Stored& bucket, Candidates& out) const {
  if (bucket.count == 0) return;
  const std::span<const PolicyNumber> all = std::span(numbers_).subspan(bucket.first, bucket.count);
  out.add({all.first(bucket.forbids), all.subspan(bucket.forbids)});
}

void Index::find_key(std::uint64_t key, Candidates& out) const {
  for (std::size_t at = hash_of(key) & (slots_.size() - 1); slots_[at].key != 0;
       at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].key == key) return add(slots_[at].bucket, out);
  }
}

void Index::find_entity(std::uint32_t group, Key kind, EntityId entity, Evaluation& evaluation,
                        Candidates& out) const {
  if (is_key(entity, kind)) {
    find_key(key_of(group, kind, static_cast<std::uint32_t>(entity)), out);
  }
  const Entity* known = evaluation.facts(entity);
  if (known == nullptr) return;
  for (const EntityId ancestor : worth_a_look(entity, known->ancestors)) {
    if (is_key(ancestor, kind)) {
      find_key(key_of(group, kind, static_cast<std::uint32_t>(ancestor)), out);
    }
  }
}

void Index::find_in(std::uint32_t group, Evaluation& evaluation, const Request& request,
                    Candidates& out) const {
  const Group& in = groups_[group];
  add(in.unkeyed, out);
  const auto filed_under = [&](Key kind) {
    return (in.keys >> static_cast<unsigned>(kind) & 1) != 0;
  };
  if (filed_under(Key::principal)) {
    find_entity(group, Key::principal, request.principal, evaluation, out);
  }
  if (filed_under(Key::resource)) {
    find_entity(group, Key::resource, request.resource, evaluation, out);
  }
  if (filed_under(Key::principal_type)) {
    const NameId type = request.symbols->type(request.principal);
    find_key(key_of(group, Key::principal_type, static_cast<std::uint32_t>(type)), out);
  }
  if (filed_under(Key::resource_type)) {
    const NameId type = request.symbols->type(request.resource);
    find_key(key_of(group, Key::resource_type, static_cast<std::uint32_t>(type)), out);
  }
}

void Index::find(Evaluation& evaluation, const Request& request, Candidates& out) const {
  const auto find_action = [&](EntityId action) {
    const auto at = static_cast<std::uint32_t>(action);
    if (at >= group_by_action_.size() || group_by_action_[at] == 0) return;
    find_in(group_by_action_[at], evaluation, request, out);
  };
  find_in(0, evaluation, request, out);
  find_action(request.action);
  const Entity* known = evaluation.facts(request.action);
  if (known == nullptr) return;
  for (const EntityId group : known->ancestors) find_action(group);
}

}  // namespace mcpgov::policy::cedar
