// Names and entity uids as small integers: a frozen table in the snapshot, an overlay per request.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "policy/value.hpp"

namespace mcpgov::policy {

// Everything that policies and the entity store mention. A request string that is not here equals
// no literal of any policy. The hash is seeded with an address, so that a request cannot bring
// strings prepared to collide where addresses are randomised.
// Threads: immutable once the snapshot is built, share freely.
class Symbols {
 public:
  // Finds, or gives kNoName / kNoEntity. About 6 ns.
  NameId find_name(std::string_view text) const noexcept;
  EntityId find_entity(NameId type, std::string_view id) const noexcept;

  // Finds or adds. Only while the snapshot is built; after that, RequestSymbols takes what is new.
  // Throws: std::bad_alloc.
  NameId name(std::string_view text);
  EntityId entity(NameId type, std::string_view id);

  std::string_view text(NameId name) const noexcept;
  NameId type(EntityId entity) const noexcept;
  std::string_view id(EntityId entity) const noexcept;
  std::uint32_t name_count() const noexcept;
  std::uint32_t entity_count() const noexcept;

  Symbols();
  ~Symbols();
  Symbols(Symbols&&) noexcept;
  Symbols& operator=(Symbols&&) noexcept;

 private:
  // One hash serves both tables, so that a request hashes each of its strings once.
  friend class RequestSymbols;
  std::uint64_t hash_of(std::string_view text) const noexcept;
  std::uint64_t hash_of(NameId type, std::string_view id) const noexcept;
  NameId find_name(std::string_view text, std::uint64_t hash) const noexcept;
  EntityId find_entity(NameId type, std::string_view id, std::uint64_t hash) const noexcept;

  struct Tables;
  std::unique_ptr<Tables> tables_;
};

// A place of an open-addressing table: half of the hash, and the position of the item.
struct SymbolSlot {
  std::uint32_t tag;
  std::uint32_t item;
};

// What the store knows of one entity, or what a request says of it.
// ancestors: sorted, without duplicates, transitively closed, without the entity itself.
struct Entity {
  Value attributes;  // a record
  Value tags;        // a record
  std::span<const EntityId> ancestors;
};

// The ids of one request: those of the frozen table, and above them those the request brings along.
// Lookups of new text scan linearly, which is right for the handful a request has; the count is
// capped so that a hostile document cannot make it quadratic (above kLinear a hash index is built).
// Entities defined here hide those of the store.
// Everything handed out lives in the arena. Threads: one thread.
class RequestSymbols {
 public:
  RequestSymbols(const Symbols& frozen, Arena& arena) noexcept : frozen_(&frozen), arena_(&arena) {}

  // Finds in the frozen table or here, or adds here. text is copied. Throws: std::bad_alloc.
  NameId name(std::string_view text);
  EntityId entity(NameId type, std::string_view id);
  EntityId entity(std::string_view type, std::string_view id) { return entity(name(type), id); }

  std::string_view text(NameId name) const noexcept;
  NameId type(EntityId entity) const noexcept;
  std::string_view id(EntityId entity) const noexcept;

  // Says what an entity is for this request. The last definition counts.
  void define(EntityId entity, const Entity& facts);
  // The definition given by this request, or null (then the store is asked).
  const Entity* defined(EntityId entity) const noexcept;

  // How much the request has brought along.
  std::uint32_t own_names() const noexcept { return names_.size; }
  std::uint32_t own_entities() const noexcept { return uids_.size; }
  std::uint32_t definitions() const noexcept { return definitions_.size; }

  const Symbols& frozen() const noexcept { return *frozen_; }
  Arena& arena() const noexcept { return *arena_; }

 private:
  static constexpr std::uint32_t kLinear = 16;
  struct Name {
    std::string_view text;
    std::uint64_t hash;
  };
  struct Uid {
    NameId type;
    std::string_view id;
    std::uint64_t hash;
  };
  struct Definition {
    EntityId entity;
    Entity facts;
    std::uint64_t hash;
  };
  // Arrays in the arena that double; above kLinear items `index` is an open-addressing table.
  template <class T>
  struct Table {
    T* items = nullptr;
    std::uint32_t size = 0;
    std::uint32_t capacity = 0;
    SymbolSlot* index = nullptr;
    std::uint32_t slots = 0;
  };
  template <class T, class Same>
  static std::uint32_t find(const Table<T>& table, std::uint64_t hash, Same same) noexcept;
  template <class T>
  void append(Table<T>& table, const T& item);

  const Symbols* frozen_;
  Arena* arena_;
  Table<Name> names_;
  Table<Uid> uids_;
  Table<Definition> definitions_;
};

}  // namespace mcpgov::policy
