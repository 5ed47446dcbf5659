// Where the trust bundle of a trust domain comes from.
// Tested by tests/identity/verifier_sources_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/bundle_source.hpp"

#include "identity/fetch_url.hpp"

namespace mcpgov::identity {

namespace {

// SPIFFE Trust Domain and Bundle, section 4.3, leaves it to us where `spiffe_refresh_hint` is not
// there, and SPIRE publishes 5 minutes. A bundle that cannot be had again is believed for an hour.
constexpr RefreshRules kRules{300, 3600, 30};
constexpr std::size_t kBundleBytes = kLongestKeySet;

}  // namespace

BundleSource::BundleSource(const TrustDomainSettings& settings)
    : settings_(settings), schedule_(kRules) {}

Result<std::unique_ptr<BundleSource>> BundleSource::make(const TrustDomainSettings& settings) {
  std::unique_ptr<BundleSource> out(new BundleSource(settings));
  if (settings.bundle_url.empty()) {
    auto bundle = TrustBundle::read(settings.name, settings.bundle_text);
    if (!bundle) return bundle.error();
    out->bundle_ = std::make_shared<const TrustBundle>(*std::move(bundle));
    return out;
  }
  if (!may_fetch(settings.bundle_url, settings.reach.private_addresses)) {
    return Error{ErrorCode::identity_setting, "the URL of the bundle cannot be fetched", {}, 0, 0};
  }
  // The name is checked before anything is fetched.
  if (auto empty = TrustBundle::read(settings.name, R"({"keys":[]})"); !empty) {
    return empty.error();
  }
  return out;
}

BundleNow BundleSource::bundle(std::uint64_t now_us) const noexcept {
  const std::lock_guard hold(lock_);
  const bool ours = settings_.bundle_url.empty();
  const std::uint64_t until_us = ours ? ~std::uint64_t{0} : good_until_us_;
  const bool old = now_us >= until_us;
  return {old ? nullptr : bundle_, until_us, generation_.load(std::memory_order_relaxed)};
}

std::optional<Fetch> BundleSource::due(std::uint64_t now_us) {
  if (settings_.bundle_url.empty()) return std::nullopt;
  const std::lock_guard hold(lock_);
  const std::uint32_t number = schedule_.begin(now_us, settings_.reach.timeout_ms);
  if (number == 0) return std::nullopt;
  Fetch out;
  out.kind = FetchKind::trust_bundle;
  out.number = number;
  out.issuer = "spiffe://" + settings_.name;
  out.url = settings_.bundle_url;
  out.headers = {{"accept", "application/json"}};
  out.max_bytes = kBundleBytes;
  out.timeout_ms = settings_.reach.timeout_ms;
  out.private_addresses = settings_.reach.private_addresses;
  out.ca_pem = settings_.reach.ca_pem;
  out.pin_sha256 = settings_.reach.pin_sha256;
  return out;
}

Result<void> BundleSource::accept(const Fetch& fetch, const FetchAnswer& answer,
                                  std::uint64_t now_us) {
  const std::lock_guard hold(lock_);
  if (!schedule_.is_under_way(fetch.number)) {
    return Error{ErrorCode::identity_answer, "nobody waits for this bundle", {}, 0, 0};
  }
  if (answer.status != 200 || answer.body.size() > kBundleBytes) {
    schedule_.failed(now_us);
    return Error{ErrorCode::identity_answer, "the bundle did not come", {}, 0, 0};
  }
  auto bundle = TrustBundle::read(settings_.name, answer.body);
  if (!bundle) {
    schedule_.failed(now_us);
    return bundle.error();
  }
  schedule_.succeeded(now_us, bundle->refresh_hint_s());
  good_until_us_ = schedule_.good_until_us();
  if (bundle_ == nullptr || text_ != answer.body) {
    bundle_ = std::make_shared<const TrustBundle>(*std::move(bundle));
    text_ = answer.body;
    generation_.fetch_add(1, std::memory_order_release);
  }
  return {};
}

void BundleSource::inherit(const BundleSource& former) {
  if (this == &former) return;
  const std::scoped_lock hold(lock_, former.lock_);
  schedule_ = former.schedule_;
  schedule_.abandon();
  bundle_ = former.bundle_;
  good_until_us_ = former.good_until_us_;
  text_ = former.text_;
}

}  // namespace mcpgov::identity
