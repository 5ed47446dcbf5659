// Short sequences of words as small integers: equal sequences, equal ids.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <vector>

namespace mcpgov::policy::cedar::validation {

// Ids count from 0. The hash is seeded with an address, as that of Symbols.
// Threads: one thread. Throws: std::bad_alloc.
class Interning {
 public:
  Interning() = default;
  Interning(const Interning&) = delete;
  Interning& operator=(const Interning&) = delete;

  // Finds or adds.
  std::uint32_t id(std::span<const std::uint32_t> words);
  std::uint32_t id(std::initializer_list<std::uint32_t> words) {
    return id(std::span(words.begin(), words.size()));
  }
  // Until the next id().
  std::span<const std::uint32_t> words(std::uint32_t id) const noexcept {
    return {words_.data() + entries_[id].first, entries_[id].count};
  }
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(entries_.size()); }

  // Of all sequences together.
  std::size_t word_count() const noexcept { return words_.size(); }

  // Forgets everything and keeps a little memory.
  void clear();

 private:
  struct Entry {
    std::uint32_t first;
    std::uint32_t count;
    std::uint32_t hash;
  };
  std::uint32_t hash_of(std::span<const std::uint32_t> words) const noexcept;
  void grow();

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> words_;
  std::vector<std::uint32_t> slots_;  // 1 + position in entries_, or 0; a power of two of them
};

}  // namespace mcpgov::policy::cedar::validation
