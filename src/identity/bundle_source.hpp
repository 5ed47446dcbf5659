// Where the trust bundle of a trust domain comes from: the settings or a URL.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "identity/refresh.hpp"
#include "identity/settings.hpp"
#include "identity/trust_bundle.hpp"

namespace mcpgov::identity {

// The bundle at one time. What it vouched for may be believed until good_until_us (microseconds
// since 1970), and while BundleSource::generation() is this one.
struct BundleNow {
  std::shared_ptr<const TrustBundle> bundle;  // null: none was fetched yet, or it is too old
  std::uint64_t good_until_us = 0;
  std::uint64_t generation = 0;
};

// Does no I/O, as KeySource. Threads: thread-safe.
class BundleSource {
 public:
  // Errors: identity_bundle; identity_setting (a URL that may not be fetched).
  static Result<std::unique_ptr<BundleSource>> make(const TrustDomainSettings& settings);

  BundleNow bundle(std::uint64_t now_us) const noexcept;
  // Changes with every bundle that differs from the one before. Starts at 1.
  std::uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }

  std::optional<Fetch> due(std::uint64_t now_us);
  // Errors: identity_answer, identity_bundle; what was known stays then.
  Result<void> accept(const Fetch& fetch, const FetchAnswer& answer, std::uint64_t now_us);
  void inherit(const BundleSource& former);

 private:
  explicit BundleSource(const TrustDomainSettings& settings);

  const TrustDomainSettings settings_;
  mutable std::mutex lock_;  // what follows
  RefreshSchedule schedule_;
  std::shared_ptr<const TrustBundle> bundle_;
  std::uint64_t good_until_us_ = 0;  // of a fetched one
  std::string text_;                 // of that
  std::atomic<std::uint64_t> generation_{1};
};

}  // namespace mcpgov::identity
