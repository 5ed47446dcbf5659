// An open-addressing table over one growing array of words.
// Tested by tests/policy/validation_types_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/validation/interning.hpp"

#include <algorithm>

namespace mcpgov::policy::cedar::validation {

namespace {

constexpr std::size_t kFirstSlots = 64;
// What clear() keeps: the table of one huge policy must not be swept for each small one behind it.
constexpr std::size_t kKeptSlots = 1024;

// Both halves of a product of 64 bits: every bit of the input reaches the low half.
std::uint64_t mixed(std::uint64_t a, std::uint64_t b) noexcept {
#if defined(__SIZEOF_INT128__)
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
#else
  std::uint64_t x = a ^ (b * 0x9e3779b97f4a7c15U);
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93U;
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93U;
  return x ^ (x >> 32);
#endif
}

}  // namespace

std::uint32_t Interning::hash_of(std::span<const std::uint32_t> words) const noexcept {
  std::uint64_t hash = reinterpret_cast<std::uintptr_t>(this) ^ 0x2545f4914f6cdd1dU;
  for (const std::uint32_t word : words) hash = mixed(hash ^ word, 0x9e3779b97f4a7c15U);
  return static_cast<std::uint32_t>(hash ^ words.size());
}

std::uint32_t Interning::id(std::span<const std::uint32_t> words) {
  if (slots_.size() < 2 * (entries_.size() + 1)) grow();
  const std::uint32_t hash = hash_of(words);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; slots_[at] != 0; at = (at + 1) & mask) {
    const Entry& entry = entries_[slots_[at] - 1];
    if (entry.hash == hash && std::ranges::equal(this->words(slots_[at] - 1), words)) {
      return slots_[at] - 1;
    }
  }
  entries_.push_back(
      {static_cast<std::uint32_t>(words_.size()), static_cast<std::uint32_t>(words.size()), hash});
  words_.insert(words_.end(), words.begin(), words.end());
  slots_[at] = static_cast<std::uint32_t>(entries_.size());
  return slots_[at] - 1;
}

void Interning::grow() {
  slots_.assign(std::max(kFirstSlots, 2 * slots_.size()), 0);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    std::size_t at = entries_[i].hash & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = static_cast<std::uint32_t>(i + 1);
  }
}

void Interning::clear() {
  if (entries_.empty()) return;
  if (slots_.size() > kKeptSlots) {
    slots_ = {};
    entries_ = {};
    words_ = {};
    return;
  }
  std::ranges::fill(slots_, 0);
  entries_.clear();
  words_.clear();
}

}  // namespace mcpgov::policy::cedar::validation
