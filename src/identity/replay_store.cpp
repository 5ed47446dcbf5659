// Proofs that were used.
// Tested by tests/identity/replay_store_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/replay_store.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <mutex>
#include <new>
#include <string>

namespace mcpgov::identity {
namespace {

using Tag = std::array<std::uint64_t, 2>;

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
// With more shards than this a small store would be full in one of them long before the others.
constexpr std::uint32_t kProofsOfShard = 1024;
constexpr std::uint32_t kMostShards = 16;

// The length comes first, so that no two lists of fields are one text.
void append_field(std::string_view field, std::string& out) {
  const std::uint64_t size = field.size();
  char bytes[sizeof size];
  std::memcpy(bytes, &size, sizeof size);
  out.append(bytes, sizeof bytes).append(field);
}

}  // namespace

// Chains of entries by tag, with a list of free ones. Threads: thread-safe.
class ReplayStore::Shard {
 public:
  explicit Shard(std::uint32_t capacity)
      : heads_(std::bit_ceil(std::size_t{capacity}), kNone), capacity_(capacity) {}

  ProofUse remember(const Tag& tag, std::uint64_t until_s, std::uint64_t now_s) {
    const std::lock_guard lock(mutex_);
    std::uint32_t& head = heads_[tag[0] & (heads_.size() - 1)];
    drop_ended(head, now_s);
    for (std::uint32_t at = head; at != kNone; at = entries_[at].next) {
      if (entries_[at].tag == tag) return ProofUse::again;
    }
    if (free_ == kNone && entries_.size() == capacity_) sweep(now_s);
    std::uint32_t place = free_;
    if (place != kNone) {
      free_ = entries_[place].next;
    } else if (entries_.size() < capacity_) {
      place = static_cast<std::uint32_t>(entries_.size());
      entries_.emplace_back();
    } else {
      return ProofUse::full;
    }
    entries_[place] = {tag, until_s, head};
    head = place;
    return ProofUse::first;
  }

  std::size_t capacity() const noexcept { return capacity_; }

 private:
  struct Entry {
    Tag tag{};
    std::uint64_t until_s = 0;
    std::uint32_t next = kNone;
  };

  void drop_ended(std::uint32_t& head, std::uint64_t now_s) noexcept {
    std::uint32_t* link = &head;
    while (*link != kNone) {
      const std::uint32_t at = *link;
      Entry& entry = entries_[at];
      if (entry.until_s >= now_s) {
        link = &entry.next;
        continue;
      }
      *link = entry.next;
      entry.next = free_;
      free_ = at;
    }
  }

  // At most once for each second: in between nothing more can have ended.
  void sweep(std::uint64_t now_s) noexcept {
    if (swept_s_ == now_s) return;
    swept_s_ = now_s;
    for (std::uint32_t& head : heads_) drop_ended(head, now_s);
  }

  std::mutex mutex_;
  std::vector<std::uint32_t> heads_;
  std::vector<Entry> entries_;
  std::size_t capacity_;
  std::uint32_t free_ = kNone;
  std::uint64_t swept_s_ = 0;
};

ReplayStore::ReplayStore(std::uint32_t proofs, const crypto::HmacKey& key) : key_(key) {
  const std::uint32_t count =
      std::bit_floor(std::clamp(proofs / kProofsOfShard, std::uint32_t{1}, kMostShards));
  const std::uint32_t each = std::max(proofs / count, std::uint32_t{1});
  for (std::uint32_t at = 0; at < count; ++at) shards_.push_back(std::make_unique<Shard>(each));
}

ReplayStore::~ReplayStore() = default;

std::size_t ReplayStore::capacity() const noexcept {
  return shards_.size() * shards_.front()->capacity();
}

ProofUse ReplayStore::remember(std::string_view thumbprint, std::string_view jti,
                               std::string_view url, std::uint64_t until_s, std::uint64_t now_s) {
  std::string text;
  text.reserve(3 * sizeof(std::uint64_t) + thumbprint.size() + jti.size() + url.size());
  append_field(thumbprint, text);
  append_field(jti, text);
  append_field(url, text);
  crypto::Digest digest{};
  if (!key_.sign(text, digest)) throw std::bad_alloc();
  Tag tag{};
  std::memcpy(tag.data(), digest.data(), sizeof tag);
  // Bits of the tag that no shard uses to find a chain.
  return shards_[tag[1] & (shards_.size() - 1)]->remember(tag, until_s, now_s);
}

}  // namespace mcpgov::identity
