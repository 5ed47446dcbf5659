// Names with `*`, compared without case: of tools, and of members that hold secrets.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
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
  bool has(std::string_view name) noexcept {
    const std::size_t found = find(name);
    if (found == kNone) return false;
    slots_[last_].next = static_cast<std::uint16_t>(found);
    last_ = found;
    return true;
  }
  // Objects of one list have their members in one order: the name that followed last time, or none.
  std::string_view expected() const noexcept { return slots_[slots_[last_].next].name(); }
  void expect_next() noexcept { last_ = slots_[last_].next; }
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
  static constexpr std::size_t kNone = ~std::size_t{0};
  static constexpr std::size_t kLongest = 28;  // with what is beside it, half a cache line
  static constexpr std::size_t kSlots = 512;
  static constexpr std::size_t kWays = 4;
  struct Slot {
    std::uint16_t next = 0;
    bool known = false;
    unsigned char size = 0;
    char text[kLongest] = {};
    std::string_view name() const noexcept { return {text, size}; }
  };

  std::size_t find(std::string_view name) const noexcept {
    if (name.size() > kLongest) return kNone;
    const std::size_t home = hash_bytes(name) % kSlots;
    for (std::size_t at = home; at < home + kWays; ++at) {
      if (slots_[at].known && same_text(slots_[at].name(), name)) return at;
    }
    return kNone;
  }

  std::vector<Slot> slots_ = std::vector<Slot>(kSlots + kWays);
  std::size_t last_ = 0;  // the name that was asked for before
  std::size_t next_ = 0;  // which of the ways gives way
};

}  // namespace mcpgov::audit
