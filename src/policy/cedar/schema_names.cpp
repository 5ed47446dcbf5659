// Types made once.
// Tested by tests/policy/schema_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/schema_names.hpp"

#include <algorithm>

namespace mcpgov::policy::cedar {
namespace {

constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15U;  // 2^64 / golden ratio

std::uint64_t address(const void* at) noexcept {
  return reinterpret_cast<std::uintptr_t>(at);
}

// Parts of a type are made already, so that comparing them is comparing addresses.
std::uint64_t hash_of(const Type& type) noexcept {
  std::uint64_t hash = mix(static_cast<std::uint64_t>(type.kind) + 1, kFactor);
  hash = mix(hash ^ static_cast<std::uint32_t>(type.entity), kFactor);
  hash = mix(hash ^ address(type.element), kFactor);
  for (const Attribute& each : type.attributes) {
    const std::uint64_t name = static_cast<std::uint32_t>(each.name);
    hash = mix(hash ^ (name * 2 + (each.required ? 1 : 0)), kFactor);
    hash = mix(hash ^ address(each.type), kFactor);
  }
  return hash;
}

bool same_parts(const Type& a, const Type& b) noexcept {
  return a.kind == b.kind && a.entity == b.entity && a.element == b.element &&
         std::equal(a.attributes.begin(), a.attributes.end(), b.attributes.begin(),
                    b.attributes.end(), [](const Attribute& x, const Attribute& y) {
                      return x.name == y.name && x.required == y.required && x.type == y.type;
                    });
}

}  // namespace

const Type* TypeTable::record(std::span<const Attribute> attributes) {
  int deepest = 0;
  for (const Attribute& each : attributes) deepest = std::max(deepest, depth(each.type));
  return made({Kind::record, kNoName, nullptr, attributes}, deepest + 1);
}

int TypeTable::depth(const Type* type) noexcept {
  if (type->kind != Kind::set && type->kind != Kind::record) return 0;
  return reinterpret_cast<const Made*>(type)->depth;
}

const Type* TypeTable::made(const Type& type, int depth) {
  if ((count_ + 1) * 2 > slots_.size()) grow();
  const std::uint64_t hash = hash_of(type);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; slots_[at] != nullptr; at = (at + 1) & mask) {
    if (slots_[at]->hash == hash && same_parts(slots_[at]->type, type)) return &slots_[at]->type;
  }
  Made* made = arena_.create<Made>(type, depth, hash);
  made->type.attributes = arena_.copy(type.attributes);
  slots_[at] = made;
  ++count_;
  return &made->type;
}

void TypeTable::grow() {
  std::vector<const Made*> old(slots_.empty() ? 32 : slots_.size() * 2, nullptr);
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Made* made : old) {
    if (made == nullptr) continue;
    std::size_t at = made->hash & mask;
    while (slots_[at] != nullptr) at = (at + 1) & mask;
    slots_[at] = made;
  }
}

}  // namespace mcpgov::policy::cedar
