// How often credentials may be refused before they are not looked at any more.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "identity/settings.hpp"

namespace mcpgov::identity {

// Token buckets, one per peer and one per issuer. A refusal spends one token of either; an empty
// bucket refuses before any signature is computed. Peers are remembered in a table of fixed size,
// where the one that failed least makes room; IPv6 peers count as their /64 network, which is what
// one subscriber has. A peer that is not known has no bucket, only the issuer's.
// Threads: thread-safe. No allocation after construction.
class FailureBuckets {
 public:
  // issuers: how many; index `issuers` stands for tokens of no issuer that is trusted.
  // Throws: std::bad_alloc.
  FailureBuckets(const FailureSettings& settings, std::size_t issuers);

  // Seconds to wait, at least 1, when the peer's bucket is empty; 0: go on.
  std::uint32_t peer_wait_s(std::string_view peer, std::uint64_t now_us) noexcept;
  std::uint32_t issuer_wait_s(std::size_t issuer, std::uint64_t now_us) noexcept;

  void spend(std::string_view peer, std::size_t issuer, std::uint64_t now_us) noexcept;
  void spend_peer(std::string_view peer, std::uint64_t now_us) noexcept;

 private:
  struct Rate {
    double burst;
    double per_us;
  };
  struct Bucket {
    std::uint64_t peer = 0;  // hash; 0: nobody's
    double left = 0;
    std::uint64_t at_us = 0;  // when `left` was right
  };
  static constexpr std::size_t kWays = 8;

  static double filled(const Bucket& bucket, const Rate& rate, std::uint64_t now_us) noexcept;
  static std::uint32_t wait_s(double left, const Rate& rate) noexcept;
  std::uint64_t hash_of(std::string_view peer) const noexcept;
  Bucket* find(std::uint64_t peer) noexcept;
  Bucket& take(std::uint64_t peer, std::uint64_t now_us) noexcept;
  static void spend_one(Bucket& bucket, const Rate& rate, std::uint64_t now_us) noexcept;

  Rate peer_rate_;
  Rate issuer_rate_;
  std::uint64_t seed_ = 0;
  std::mutex lock_;
  std::vector<Bucket> peers_;
  std::vector<Bucket> issuers_;
};

}  // namespace mcpgov::identity
