// The two symbol tables: open addressing, power-of-two sizes, linear probes.
// Tested by tests/policy/symbols_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/symbols.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace mcpgov::policy {
namespace {

constexpr std::uint32_t kNone = 0xffffffff;
constexpr std::uint64_t kTypeFactor = 0x9e3779b97f4a7c15U;  // 2^64 / golden ratio

std::uint32_t tag_of(std::uint64_t hash) noexcept {
  return static_cast<std::uint32_t>(hash >> 32);
}

// The item with that hash for which same(item) holds, or kNone. At most half of the slots are
// taken, so the loop ends.
template <class Same>
std::uint32_t probe(const SymbolSlot* slots, std::uint32_t count, std::uint64_t hash, Same same) {
  const std::uint32_t mask = count - 1;
  const std::uint32_t tag = tag_of(hash);
  for (std::uint32_t at = static_cast<std::uint32_t>(hash) & mask;; at = (at + 1) & mask) {
    const SymbolSlot& slot = slots[at];
    if (slot.item == kNone) return kNone;
    if (slot.tag == tag && same(slot.item)) return slot.item;
  }
}

void place(SymbolSlot* slots, std::uint32_t count, std::uint64_t hash, std::uint32_t item) {
  const std::uint32_t mask = count - 1;
  std::uint32_t at = static_cast<std::uint32_t>(hash) & mask;
  while (slots[at].item != kNone) at = (at + 1) & mask;
  slots[at] = {tag_of(hash), item};
}

constexpr std::uint32_t raw(NameId name) noexcept {
  return static_cast<std::uint32_t>(name);
}
constexpr std::uint32_t raw(EntityId id) noexcept {
  return static_cast<std::uint32_t>(id);
}

// Items in order of their ids, and the slots that find them.
template <class Item>
struct Index {
  std::vector<Item> items;
  std::vector<SymbolSlot> slots = std::vector<SymbolSlot>(64, SymbolSlot{0, kNone});

  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(items.size()); }
  std::uint32_t capacity() const noexcept { return static_cast<std::uint32_t>(slots.size()); }

  template <class Same>
  std::uint32_t find(std::uint64_t hash, Same same) const noexcept {
    return probe(slots.data(), capacity(), hash, same);
  }

  // What can throw comes first: a failed insertion leaves the table as it was.
  std::uint32_t insert(const Item& item) {
    if (2 * (items.size() + 1) > slots.size()) grow();
    items.push_back(item);
    place(slots.data(), capacity(), item.hash, size() - 1);
    return size() - 1;
  }

 private:
  void grow() {
    std::vector<SymbolSlot> wider(slots.size() * 2, SymbolSlot{0, kNone});
    for (std::uint32_t i = 0; i < size(); ++i) {
      place(wider.data(), static_cast<std::uint32_t>(wider.size()), items[i].hash, i);
    }
    slots = std::move(wider);
  }
};

struct FrozenName {
  std::string_view text;
  std::uint64_t hash;
};

struct FrozenUid {
  NameId type;
  std::string_view id;
  std::uint64_t hash;
};

}  // namespace

struct Symbols::Tables {
  Arena text;
  Index<FrozenName> names;
  Index<FrozenUid> uids;
  std::uint64_t seed = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(this));
};

Symbols::Symbols() : tables_(std::make_unique<Tables>()) {}
Symbols::~Symbols() = default;
Symbols::Symbols(Symbols&&) noexcept = default;
Symbols& Symbols::operator=(Symbols&&) noexcept = default;

std::uint64_t Symbols::hash_of(std::string_view text) const noexcept {
  return hash_bytes(text, tables_->seed);
}

std::uint64_t Symbols::hash_of(NameId type, std::string_view id) const noexcept {
  return hash_bytes(id, tables_->seed ^ ((raw(type) + 1ULL) * kTypeFactor));
}

NameId Symbols::find_name(std::string_view text, std::uint64_t hash) const noexcept {
  const auto& names = tables_->names;
  return NameId{
      names.find(hash, [&](std::uint32_t i) { return same_text(names.items[i].text, text); })};
}

EntityId Symbols::find_entity(NameId type, std::string_view id, std::uint64_t hash) const noexcept {
  const auto& uids = tables_->uids;
  return EntityId{uids.find(hash, [&](std::uint32_t i) {
    return uids.items[i].type == type && same_text(uids.items[i].id, id);
  })};
}

NameId Symbols::find_name(std::string_view text) const noexcept {
  return find_name(text, hash_of(text));
}

EntityId Symbols::find_entity(NameId type, std::string_view id) const noexcept {
  return find_entity(type, id, hash_of(type, id));
}

NameId Symbols::name(std::string_view text) {
  const std::uint64_t hash = hash_of(text);
  if (const NameId known = find_name(text, hash); known != kNoName) return known;
  return NameId{tables_->names.insert({tables_->text.copy(text), hash})};
}

EntityId Symbols::entity(NameId type, std::string_view id) {
  const std::uint64_t hash = hash_of(type, id);
  if (const EntityId known = find_entity(type, id, hash); known != kNoEntity) return known;
  return EntityId{tables_->uids.insert({type, tables_->text.copy(id), hash})};
}

std::string_view Symbols::text(NameId name) const noexcept {
  return tables_->names.items[raw(name)].text;
}
NameId Symbols::type(EntityId entity) const noexcept {
  return tables_->uids.items[raw(entity)].type;
}
std::string_view Symbols::id(EntityId entity) const noexcept {
  return tables_->uids.items[raw(entity)].id;
}
std::uint32_t Symbols::name_count() const noexcept {
  return tables_->names.size();
}
std::uint32_t Symbols::entity_count() const noexcept {
  return tables_->uids.size();
}

template <class T, class Same>
std::uint32_t RequestSymbols::find(const Table<T>& table, std::uint64_t hash, Same same) noexcept {
  if (table.index != nullptr) {
    return probe(table.index, table.slots, hash,
                 [&](std::uint32_t i) { return same(table.items[i]); });
  }
  for (std::uint32_t i = 0; i < table.size; ++i) {
    if (table.items[i].hash == hash && same(table.items[i])) return i;
  }
  return kNone;
}

template <class T>
void RequestSymbols::append(Table<T>& table, const T& item) {
  if (table.size == table.capacity) {
    const std::uint32_t capacity = std::max(8U, table.capacity * 2);
    T* wider = arena_->array<T>(capacity);
    std::copy(table.items, table.items + table.size, wider);
    table.items = wider;
    table.capacity = capacity;
  }
  if (table.size >= kLinear && 2 * (table.size + 1) > table.slots) {
    const std::uint32_t slots = std::max(4 * kLinear, table.slots * 2);
    SymbolSlot* index = arena_->array<SymbolSlot>(slots);
    std::fill(index, index + slots, SymbolSlot{0, kNone});
    for (std::uint32_t i = 0; i < table.size; ++i) place(index, slots, table.items[i].hash, i);
    table.index = index;
    table.slots = slots;
  }
  table.items[table.size] = item;
  if (table.index != nullptr) place(table.index, table.slots, item.hash, table.size);
  ++table.size;
}

NameId RequestSymbols::name(std::string_view text) {
  const std::uint64_t hash = frozen_->hash_of(text);
  if (const NameId known = frozen_->find_name(text, hash); known != kNoName) return known;
  const std::uint32_t base = frozen_->name_count();
  const std::uint32_t here =
      find(names_, hash, [&](const Name& n) { return same_text(n.text, text); });
  if (here != kNone) return NameId{base + here};
  append(names_, Name{arena_->copy(text), hash});
  return NameId{base + names_.size - 1};
}

EntityId RequestSymbols::entity(NameId type, std::string_view id) {
  const std::uint64_t hash = frozen_->hash_of(type, id);
  // A type that the request brought along cannot be part of a frozen uid.
  if (raw(type) < frozen_->name_count()) {
    const EntityId known = frozen_->find_entity(type, id, hash);
    if (known != kNoEntity) return known;
  }
  const std::uint32_t base = frozen_->entity_count();
  const std::uint32_t here =
      find(uids_, hash, [&](const Uid& u) { return u.type == type && same_text(u.id, id); });
  if (here != kNone) return EntityId{base + here};
  append(uids_, Uid{type, arena_->copy(id), hash});
  return EntityId{base + uids_.size - 1};
}

std::string_view RequestSymbols::text(NameId name) const noexcept {
  const std::uint32_t base = frozen_->name_count();
  return raw(name) < base ? frozen_->text(name) : names_.items[raw(name) - base].text;
}

NameId RequestSymbols::type(EntityId entity) const noexcept {
  const std::uint32_t base = frozen_->entity_count();
  return raw(entity) < base ? frozen_->type(entity) : uids_.items[raw(entity) - base].type;
}

std::string_view RequestSymbols::id(EntityId entity) const noexcept {
  const std::uint32_t base = frozen_->entity_count();
  return raw(entity) < base ? frozen_->id(entity) : uids_.items[raw(entity) - base].id;
}

void RequestSymbols::define(EntityId entity, const Entity& facts) {
  const std::uint64_t hash = mix(raw(entity) + 1ULL, kTypeFactor);
  const std::uint32_t here =
      find(definitions_, hash, [&](const Definition& d) { return d.entity == entity; });
  if (here != kNone) {
    definitions_.items[here].facts = facts;
    return;
  }
  append(definitions_, Definition{entity, facts, hash});
}

const Entity* RequestSymbols::defined(EntityId entity) const noexcept {
  if (definitions_.size == 0) return nullptr;
  const std::uint64_t hash = mix(raw(entity) + 1ULL, kTypeFactor);
  const std::uint32_t here =
      find(definitions_, hash, [&](const Definition& d) { return d.entity == entity; });
  return here == kNone ? nullptr : &definitions_.items[here].facts;
}

}  // namespace mcpgov::policy
