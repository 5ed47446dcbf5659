// Names with `*`, compared without case: of tools, and of members that hold secrets.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.hpp"

namespace mcpgov::audit {

// Whether all of `name` is of the pattern. `*`: any bytes, also none. Linear in both for one `*`,
// and never worse than their product.
bool fits(std::string_view pattern, std::string_view name, bool any_case) noexcept;

// What members of JSON are called that hold secrets, without settings (docs/audit.md lists them).
std::span<const std::string_view> secret_names() noexcept;

// The patterns of names whose values are taken out. Threads: thread-safe.
class NameRules {
 public:
  explicit NameRules(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {}

  // The first pattern that the name is of; null: none.
  const std::string* find(std::string_view name) const noexcept;

 private:
  std::vector<std::string> patterns_;
};

// Names that are of no pattern, remembered: messages repeat the same few, and comparing one with
// all patterns costs a microsecond. Compared byte by byte, so that a name made to look like another
// one is none. Threads: one thread.
class PlainNames {
 public:
  bool has(std::string_view name) const noexcept {
    if (name.size() > kLongest) return false;
    const std::size_t home = hash_bytes(name) % kSlots;
    for (std::size_t i = 0; i < kWays; ++i) {
      const Slot& slot = slots_[home + i];
      if (slot.known && same_text({slot.text, slot.size}, name)) return true;
    }
    return false;
  }
  void add(std::string_view name) noexcept {
    if (name.size() > kLongest) return;
    const std::size_t home = hash_bytes(name) % kSlots;
    std::size_t way = 0;
    while (way + 1 < kWays && slots_[home + way].known) ++way;
    if (slots_[home + way].known) way = next_++ % kWays;
    Slot& slot = slots_[home + way];
    slot.known = true;
    slot.size = static_cast<unsigned char>(name.size());
    if (!name.empty()) std::memcpy(slot.text, name.data(), name.size());
  }

 private:
  static constexpr std::size_t kLongest = 30;  // with the two others, half a cache line
  static constexpr std::size_t kSlots = 512;
  static constexpr std::size_t kWays = 4;
  struct Slot {
    bool known = false;
    unsigned char size = 0;
    char text[kLongest] = {};
  };
  std::vector<Slot> slots_ = std::vector<Slot>(kSlots + kWays);
  std::size_t next_ = 0;  // which of the ways gives way
};

}  // namespace mcpgov::audit
