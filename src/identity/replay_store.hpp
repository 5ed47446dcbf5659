// Proofs that were used, so that none is used twice (RFC 9449 section 11.1).
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "crypto/hmac.hpp"

namespace mcpgov::identity {

enum class ProofUse : std::uint8_t { first, again, full };

// Holds a keyed digest of 128 bits of each proof for as long as the proof itself would be taken.
// Nothing is forgotten earlier: when there is no room, new proofs are refused instead. Memory: 36
// to 40 bytes for each of `proofs`, taken as they come and kept; 4 MB for 100,000, which is 333
// requests a second with a window of 300 s. A restart forgets all of it.
// Threads: thread-safe; 1 lock of up to 16 is held for a table look-up.
class ReplayStore {
 public:
  // proofs: at least 1. key: 32 random bytes, so that nobody can choose digests that collide.
  // Throws: std::bad_alloc.
  ReplayStore(std::uint32_t proofs, const crypto::HmacKey& key);
  ReplayStore(const ReplayStore&) = delete;
  ReplayStore& operator=(const ReplayStore&) = delete;
  ~ReplayStore();

  // Whether this is the first time that the key with this thumbprint uses this id for this URL.
  // until_s: the last second at which such a proof would be taken. Throws: std::bad_alloc.
  ProofUse remember(std::string_view thumbprint, std::string_view jti, std::string_view url,
                    std::uint64_t until_s, std::uint64_t now_s);

  std::size_t capacity() const noexcept;

 private:
  class Shard;

  crypto::HmacKey key_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace mcpgov::identity
