// The names a schema declares, by namespace; and its types, of which equal ones are made once.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "base/hash.hpp"
#include "policy/cedar/schema_types.hpp"

namespace mcpgov::policy::cedar {

inline constexpr std::uint32_t kAbsent = 0xffffffff;

// What a name of one namespace stands for: numbers of declarations, or kAbsent.
struct SchemaMeaning {
  std::uint32_t space;
  std::string_view name;
  std::uint32_t common = kAbsent;
  std::uint32_t entity = kAbsent;
  std::uint32_t action = kAbsent;  // in a table of its own, where names are ids
};

// Open addressing. The hash is seeded with an address, as that of Symbols is.
class SchemaNames {
 public:
  SchemaMeaning* find(std::uint32_t space, std::string_view name) noexcept {
    if (slots_.empty()) return nullptr;
    const std::uint32_t item = slots_[slot(space, name)];
    return item == kAbsent ? nullptr : &items_[item];
  }

  // Finds or adds. Valid until the next call.
  SchemaMeaning& at(std::uint32_t space, std::string_view name) {
    if ((items_.size() + 1) * 2 > slots_.size()) grow();
    std::uint32_t& item = slots_[slot(space, name)];
    if (item == kAbsent) {
      item = static_cast<std::uint32_t>(items_.size());
      items_.push_back({space, name});
    }
    return items_[item];
  }

 private:
  std::size_t slot(std::uint32_t space, std::string_view name) const noexcept {
    const std::uint64_t seed = reinterpret_cast<std::uintptr_t>(this);
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash_bytes(name, mix(seed, space + std::uint64_t{1})) & mask;
    while (slots_[at] != kAbsent) {
      const SchemaMeaning& item = items_[slots_[at]];
      if (item.space == space && item.name == name) break;
      at = (at + 1) & mask;
    }
    return at;
  }
  void grow() {
    const std::size_t count = slots_.empty() ? 32 : slots_.size() * 2;
    slots_.assign(count, kAbsent);
    for (std::uint32_t i = 0; i < items_.size(); ++i) {
      slots_[slot(items_[i].space, items_[i].name)] = i;
    }
  }

  std::vector<SchemaMeaning> items_;
  std::vector<std::uint32_t> slots_;
};

// Equal types have equal addresses, so that comparing them costs one step however deep they are.
class TypeTable {
 public:
  explicit TypeTable(Arena& arena) noexcept : arena_(arena) {}

  const Type* entity(NameId name) { return made({Kind::entity, name, nullptr, {}}, 0); }
  const Type* set(const Type* element) {
    return made({Kind::set, kNoName, element, {}}, depth(element) + 1);
  }
  // attributes: sorted by name; copied when the type is new.
  const Type* record(std::span<const Attribute> attributes);

  // Sets and records inside each other. type: built in, or made here.
  static int depth(const Type* type) noexcept;

 private:
  // The type comes first, so that its address is also that of the whole.
  struct Made {
    Type type;
    int depth;
    std::uint64_t hash;
  };
  const Type* made(const Type& type, int depth);
  void grow();

  Arena& arena_;
  std::vector<const Made*> slots_;
  std::size_t count_ = 0;
};

}  // namespace mcpgov::policy::cedar
