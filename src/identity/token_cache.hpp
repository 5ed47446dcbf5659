// Tokens that were verified, so that the next request with one of them costs a comparison.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/os_memory.hpp"
#include "mcpgov/identity.hpp"

namespace mcpgov::identity {

// What was found out about a token. Threads: immutable once shared.
struct VerifiedToken {
  Caller caller;
  std::uint64_t expires_s = 0;        // when it ends, and what vouches for it
  std::uint32_t issuer = 0;           // its place; trust domains come behind the issuers
  std::uint64_t keys_generation = 0;  // of the keys that vouch for it
  // Possession to be proven in each request (RFC 7800 `cnf`); empty: none.
  std::string key_thumbprint;
  std::string certificate_thumbprint;
};

// A keyed hash picks a set of slots; a hit needs the whole token to be equal, because a hash can be
// made to collide and a signature belongs to many texts for some readers. Bounded: a new token
// takes the place of one that has ended or was not used for longest in its set. Memory for `tokens`
// slots of kTokenBytes, taken when first used; it is outside core dumps and zeroed when a token
// leaves.
//
// Reading takes no lock: a reader announces itself in the slot, looks again whether the slot still
// is what it was, and then reads; a writer empties the tag first and touches the slot only when
// nobody is announced, or else leaves it for later. Both announce and look in one total order
// (sequential consistency), so one of them sees the other.
// Threads: thread-safe.
class TokenCache {
 public:
  // Longer tokens are verified each time. With 4 KiB a slot is one page.
  static constexpr std::size_t kTokenBytes = 4096;

  // tokens: slots, rounded up to whole sets; 0: nothing is kept. max_age_s: how long an entry is
  // believed whatever the token says. Throws: std::bad_alloc.
  TokenCache(std::uint32_t tokens, std::uint32_t max_age_s);
  TokenCache(const TokenCache&) = delete;
  TokenCache& operator=(const TokenCache&) = delete;
  ~TokenCache();

  // Null when the token is not there or its time is over. Never allocates, never waits.
  std::shared_ptr<const VerifiedToken> find(std::string_view token,
                                            std::uint64_t now_s) const noexcept;

  // Keeps a token that was verified at now_s, unless all places are being read at this moment.
  void insert(std::string_view token, std::shared_ptr<const VerifiedToken> verified,
              std::uint64_t now_s) noexcept;

  // Bytes of address space for slots and tokens.
  std::size_t bytes() const noexcept;

 private:
  static constexpr std::size_t kWays = 8;

  // tag: hash of the token; 0: empty, and everything else belongs to the writer who holds the lock.
  struct alignas(64) Slot {
    std::atomic<std::uint64_t> tag{0};
    mutable std::atomic<std::uint32_t> readers{0};
    mutable std::atomic<std::uint32_t> used_s{0};  // low bits of the time of the last hit
    std::uint32_t size = 0;                        // of the token; not 0 with tag 0: to be wiped
    std::uint64_t ends_s = 0;
    std::shared_ptr<const VerifiedToken> verified;
  };

  std::uint64_t hash(std::string_view token) const noexcept;
  Slot* set_of(std::uint64_t tag) const noexcept;
  char* bytes_of(const Slot& slot) const noexcept;
  bool clear(Slot& slot) noexcept;
  Slot* place(Slot* set, std::uint64_t now_s) noexcept;

  std::array<std::uint64_t, 4> key_{};  // of the hash, random
  std::size_t sets_ = 0;
  std::uint32_t max_age_s_;
  std::unique_ptr<Slot[]> slots_;
  SecretPages tokens_;
  std::mutex writing_;
};

}  // namespace mcpgov::identity
