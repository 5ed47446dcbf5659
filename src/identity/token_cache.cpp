// Tokens that were verified.
// Tested by tests/identity/token_cache_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/token_cache.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "base/hash.hpp"
#include "crypto/random.hpp"

namespace mcpgov::identity {

TokenCache::TokenCache(std::uint32_t tokens, std::uint32_t max_age_s)
    : sets_((tokens + kWays - 1) / kWays), max_age_s_(max_age_s) {
  const std::span<std::uint64_t> words(key_);
  // Without randomness collisions could be made, which costs speed only: a hit compares the token.
  (void)crypto::random_bytes({reinterpret_cast<std::uint8_t*>(words.data()), words.size_bytes()});
  if (sets_ == 0) return;
  slots_ = std::make_unique<Slot[]>(sets_ * kWays);
  tokens_ = SecretPages(sets_ * kWays * kTokenBytes);
}

TokenCache::~TokenCache() {
  for (std::size_t i = 0; i < sets_ * kWays; ++i) {
    if (slots_[i].size != 0) wipe(bytes_of(slots_[i]), slots_[i].size);
  }
}

std::size_t TokenCache::bytes() const noexcept {
  return sets_ * kWays * sizeof(Slot) + tokens_.size();
}

// Four lanes, because one chain of multiplications would take 250 ns for a token of 1 KiB.
std::uint64_t TokenCache::hash(std::string_view token) const noexcept {
  constexpr std::uint64_t kOdd = 0xd6e8feb86659fd93U;
  std::array<std::uint64_t, 4> lanes = key_;
  const char* at = token.data();
  std::size_t left = token.size();
  for (; left >= 32; at += 32, left -= 32) {
    for (std::size_t i = 0; i < 4; ++i) {
      lanes[i] = mix(lanes[i] ^ load<std::uint64_t>(at + 8 * i), kOdd ^ key_[i]);
    }
  }
  const std::uint64_t folded = mix(lanes[0] ^ lanes[1], kOdd) ^ mix(lanes[2] ^ lanes[3], key_[0]);
  const std::uint64_t all = hash_bytes({at, left}, folded ^ token.size());
  return all == 0 ? 1 : all;
}

TokenCache::Slot* TokenCache::set_of(std::uint64_t tag) const noexcept {
  return &slots_[(tag >> 16) % sets_ * kWays];
}

char* TokenCache::bytes_of(const Slot& slot) const noexcept {
  return tokens_.begin() + static_cast<std::size_t>(&slot - slots_.get()) * kTokenBytes;
}

std::shared_ptr<const VerifiedToken> TokenCache::find(std::string_view token,
                                                      std::uint64_t now_s) const noexcept {
  if (sets_ == 0 || token.empty() || token.size() > kTokenBytes) return nullptr;
  const std::uint64_t tag = hash(token);
  Slot* const set = set_of(tag);
  for (std::size_t i = 0; i < kWays; ++i) {
    const Slot& slot = set[i];
    if (slot.tag.load(std::memory_order_relaxed) != tag) continue;
    std::shared_ptr<const VerifiedToken> found;
    slot.readers.fetch_add(1, std::memory_order_seq_cst);
    if (slot.tag.load(std::memory_order_seq_cst) == tag && now_s < slot.ends_s &&
        slot.size == token.size() && std::memcmp(bytes_of(slot), token.data(), token.size()) == 0) {
      found = slot.verified;
      const auto now = static_cast<std::uint32_t>(now_s);
      // Writing the same again would take the line from other readers.
      if (slot.used_s.load(std::memory_order_relaxed) != now) {
        slot.used_s.store(now, std::memory_order_relaxed);
      }
    }
    slot.readers.fetch_sub(1, std::memory_order_release);
    if (found) return found;
  }
  return nullptr;
}

// Whether the slot is empty now. The lock is held.
bool TokenCache::clear(Slot& slot) noexcept {
  slot.tag.store(0, std::memory_order_seq_cst);
  if (slot.readers.load(std::memory_order_seq_cst) != 0) return false;
  if (slot.size != 0) wipe(bytes_of(slot), slot.size);
  slot.size = 0;
  slot.verified.reset();
  return true;
}

// A slot to write to, empty; null when all are being read. The lock is held.
TokenCache::Slot* TokenCache::place(Slot* set, std::uint64_t now_s) noexcept {
  // Readers go on to change the times: each is read once, or sorting would lose its order.
  std::array<std::pair<std::uint32_t, Slot*>, kWays> order{};
  const auto now = static_cast<std::uint32_t>(now_s);
  for (std::size_t i = 0; i < kWays; ++i) {
    Slot& slot = set[i];
    const std::uint32_t used = slot.used_s.load(std::memory_order_relaxed);
    const bool free = slot.tag.load(std::memory_order_relaxed) == 0 || slot.ends_s <= now_s;
    // A reader's clock may be a second ahead.
    order[i] = {free ? ~0U : now - std::min(used, now), &slot};
  }
  std::sort(order.begin(), order.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [age, slot] : order) {
    if (clear(*slot)) return slot;
  }
  return nullptr;
}

void TokenCache::insert(std::string_view token, std::shared_ptr<const VerifiedToken> verified,
                        std::uint64_t now_s) noexcept {
  if (sets_ == 0 || token.empty() || token.size() > kTokenBytes) return;
  const std::uint64_t tag = hash(token);
  const std::lock_guard hold(writing_);
  Slot* const set = set_of(tag);
  for (std::size_t i = 0; i < kWays; ++i) {
    if (set[i].tag.load(std::memory_order_relaxed) == tag && !clear(set[i])) return;
  }
  Slot* const slot = place(set, now_s);
  if (slot == nullptr) return;
  std::memcpy(bytes_of(*slot), token.data(), token.size());
  slot->size = static_cast<std::uint32_t>(token.size());
  slot->ends_s = std::min(verified->expires_s, now_s + max_age_s_);
  slot->used_s.store(static_cast<std::uint32_t>(now_s), std::memory_order_relaxed);
  slot->verified = std::move(verified);
  slot->tag.store(tag, std::memory_order_seq_cst);
}

}  // namespace mcpgov::identity
