// How often credentials may be refused.
// Tested by tests/identity/failure_buckets_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/failure_buckets.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "base/hash.hpp"
#include "crypto/random.hpp"
#include "identity/addresses.hpp"

namespace mcpgov::identity {

FailureBuckets::FailureBuckets(const FailureSettings& settings, std::size_t issuers)
    : peer_rate_{static_cast<double>(settings.peer_burst), settings.peer_per_s / 1e6},
      issuer_rate_{static_cast<double>(settings.issuer_burst), settings.issuer_per_s / 1e6},
      peers_((settings.peers + kWays - 1) / kWays * kWays),
      issuers_(issuers + 1) {
  (void)crypto::random_bytes({reinterpret_cast<std::uint8_t*>(&seed_), sizeof seed_});
  for (Bucket& each : issuers_) each.left = issuer_rate_.burst;
}

// A clock that stepped back fills nothing.
double FailureBuckets::filled(const Bucket& bucket, const Rate& rate,
                              std::uint64_t now_us) noexcept {
  const double passed = now_us > bucket.at_us ? static_cast<double>(now_us - bucket.at_us) : 0;
  return std::min(rate.burst, bucket.left + passed * rate.per_us);
}

std::uint32_t FailureBuckets::wait_s(double left, const Rate& rate) noexcept {
  if (left >= 1) return 0;
  const double seconds = std::ceil((1 - left) / rate.per_us / 1e6);
  return static_cast<std::uint32_t>(std::clamp(seconds, 1.0, 3600.0));
}

// What is no address, such as `unix`, is compared as text.
std::uint64_t FailureBuckets::hash_of(std::string_view peer) const noexcept {
  if (peer.empty()) return 0;
  constexpr std::array<std::uint8_t, 12> kIPv4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  constexpr std::size_t kNetwork = 8;  // bytes of a /64
  std::string_view counted = peer;
  const std::optional<Address> address = parse_address(peer);
  if (address) {
    const bool ipv4 = std::equal(kIPv4.begin(), kIPv4.end(), address->begin());
    counted = {reinterpret_cast<const char*>(address->data()), ipv4 ? address->size() : kNetwork};
  }
  const std::uint64_t hash = hash_bytes(counted, seed_);
  return hash == 0 ? 1 : hash;
}

FailureBuckets::Bucket* FailureBuckets::find(std::uint64_t peer) noexcept {
  Bucket* const set = &peers_[peer % (peers_.size() / kWays) * kWays];
  for (std::size_t i = 0; i < kWays; ++i) {
    if (set[i].peer == peer) return &set[i];
  }
  return nullptr;
}

FailureBuckets::Bucket& FailureBuckets::take(std::uint64_t peer, std::uint64_t now_us) noexcept {
  if (Bucket* const known = find(peer)) return *known;
  Bucket* const set = &peers_[peer % (peers_.size() / kWays) * kWays];
  const auto fullness = [&](const Bucket& each) {
    return each.peer == 0 ? peer_rate_.burst + 1 : filled(each, peer_rate_, now_us);
  };
  Bucket* const place = std::max_element(set, set + kWays, [&](const Bucket& a, const Bucket& b) {
    return fullness(a) < fullness(b);
  });
  *place = {peer, peer_rate_.burst, now_us};
  return *place;
}

void FailureBuckets::spend_one(Bucket& bucket, const Rate& rate, std::uint64_t now_us) noexcept {
  bucket.left = std::max(0.0, filled(bucket, rate, now_us) - 1);
  bucket.at_us = std::max(bucket.at_us, now_us);
}

std::uint32_t FailureBuckets::peer_wait_s(std::string_view peer, std::uint64_t now_us) noexcept {
  const std::uint64_t hash = hash_of(peer);
  if (hash == 0) return 0;
  const std::lock_guard hold(lock_);
  const Bucket* const known = find(hash);
  return known == nullptr ? 0 : wait_s(filled(*known, peer_rate_, now_us), peer_rate_);
}

std::uint32_t FailureBuckets::issuer_wait_s(std::size_t issuer, std::uint64_t now_us) noexcept {
  const std::lock_guard hold(lock_);
  const Bucket& bucket = issuers_[std::min(issuer, issuers_.size() - 1)];
  return wait_s(filled(bucket, issuer_rate_, now_us), issuer_rate_);
}

void FailureBuckets::spend(std::string_view peer, std::size_t issuer,
                           std::uint64_t now_us) noexcept {
  spend_peer(peer, now_us);
  const std::lock_guard hold(lock_);
  spend_one(issuers_[std::min(issuer, issuers_.size() - 1)], issuer_rate_, now_us);
}

void FailureBuckets::spend_peer(std::string_view peer, std::uint64_t now_us) noexcept {
  const std::uint64_t hash = hash_of(peer);
  if (hash == 0) return;
  const std::lock_guard hold(lock_);
  spend_one(take(hash, now_us), peer_rate_, now_us);
}

}  // namespace mcpgov::identity
