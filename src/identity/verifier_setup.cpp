// Setting up a verifier, what it fetches, and what it takes of the answers.
// Tested by tests/identity/verifier_test.cpp and tests/identity/verifier_sources_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <new>

#include "base/os_fork.hpp"
#include "crypto/random.hpp"
#include "identity/claims.hpp"
#include "identity/introspection.hpp"
#include "identity/profile.hpp"
#include "identity/settings_json.hpp"
#include "identity/verifier_state.hpp"

namespace mcpgov::identity {

namespace {

// How long the groups of the directory are believed: as long as a verified token is, by default.
constexpr std::uint64_t kGroupsAge_s = 300;
// Between a useless answer and the next question, so that nobody makes us hammer who is in trouble.
constexpr std::uint64_t kPause_s = 2;
// Callers whose groups are remembered; each has up to 1,000 names of 36 bytes.
constexpr std::size_t kGroupEntries = 1024;

// Whoever verifies nothing needs no tables for it.
bool verifies_tokens(const Settings& settings) {
  return !settings.issuers.empty() || !settings.trust_domains.empty();
}

FailureSettings failures_of(const Settings& settings) {
  FailureSettings out = settings.failures;
  if (!verifies_tokens(settings) && settings.api_keys.empty()) out.peers = 8;
  return out;
}

std::uint64_t random_seed() {
  std::uint64_t out = 0;
  // Without randomness keys could be made that share a bucket, which costs time only.
  (void)crypto::random_bytes({reinterpret_cast<std::uint8_t*>(&out), sizeof out});
  return out;
}

Error at(std::string_view list, std::size_t number, Error error) {
  error.message = "`" + std::string(list) + "[" + std::to_string(number) + "]`: " + error.message;
  return error;
}

Error setting(const char* sentence) {
  return {ErrorCode::identity_setting, sentence, {}, 0, 0};
}

}  // namespace

Verifier::State::State(Settings given)
    : settings(std::move(given)),
      cache_(verifies_tokens(settings) ? settings.cache.tokens : 0, settings.cache.max_age_s),
      failures_(failures_of(settings), settings.issuers.size() + settings.trust_domains.size()),
      opaque_(std::max<std::size_t>(settings.cache.tokens, 64), random_seed()),
      groups_(kGroupEntries, random_seed()) {}

Result<void> Verifier::State::set_up() {
  auto described = describe_resource(settings);
  if (!described) return described.error();
  resource = *std::move(described);
  if (!settings.resource.url.empty()) audiences_.push_back(settings.resource.url);
  for (const IssuerSettings& each : settings.issuers) {
    if (auto added = add_issuer(each); !added) {
      return at("issuers", issuers_.size(), added.error());
    }
  }
  for (const TrustDomainSettings& each : settings.trust_domains) {
    if (auto added = add_domain(each); !added) {
      return at("trust_domains", domains_.size(), added.error());
    }
  }
  return set_up_rest();
}

Result<void> Verifier::State::add_issuer(const IssuerSettings& each) {
  for (const Issuer& other : issuers_) {
    if (other.settings.issuer == each.issuer) return setting("the issuer is named twice");
  }
  if (auto checked = check_claim_settings(each); !checked) return checked.error();
  auto keys = KeySource::make(each);
  if (!keys) return keys.error();
  const AlgorithmSet algorithms = each.algorithms.empty() ? default_algorithms() : each.algorithms;
  issuers_.push_back({each, algorithms, *std::move(keys)});
  return {};
}

Result<void> Verifier::State::add_domain(const TrustDomainSettings& each) {
  for (const Domain& other : domains_) {
    if (other.settings.name == each.name) return setting("the trust domain is named twice");
  }
  auto source = BundleSource::make(each);
  if (!source) return source.error();
  domains_.push_back(
      {each, each.audiences.empty() ? audiences_ : each.audiences, *std::move(source)});
  return {};
}

Result<void> Verifier::State::set_up_rest() {
  if (auto asked = check_who_is_asked(settings.issuers); !asked) return asked.error();
  auto keys = ApiKeys::make(settings.api_keys);
  if (!keys) return keys.error();
  api_keys_ = *std::move(keys);
  if (settings.forwarded) {
    auto rules = ForwardedRules::from(*settings.forwarded);
    if (!rules) {
      Error error = rules.error();
      error.message = "`forwarded_certificates`: " + error.message;
      return error;
    }
    forwarded_ = *std::move(rules);
  }
  if (settings.client_certificates && domains_.empty()) {
    return setting("`client_certificates`: needs at least one of `trust_domains`");
  }
  auto proofs = ProofChecker::make(settings.dpop, settings.resource.url);
  if (!proofs) {
    // Proofs name the URL of this server, so without any none can be checked; who demands them has
    // to say it.
    const bool demanded = !settings.dpop.base_url.empty() ||
                          std::any_of(settings.issuers.begin(), settings.issuers.end(),
                                      [](const IssuerSettings& each) { return each.require_dpop; });
    if (demanded || !settings.resource.url.empty()) {
      Error error = proofs.error();
      error.message = "`dpop`: " + error.message;
      return error;
    }
    return {};
  }
  proofs_ = *std::move(proofs);
  return {};
}

void Verifier::State::hold() noexcept {
  gate_.lock();
  held_in_ = fork_generation();
}

// A read-write lock knows its writer by the thread's number, which is another one in the child, so
// that unlocking there would count as a reader's (glibc, pthread_rwlock_unlock): the child, which
// has one thread, makes the lock anew.
void Verifier::State::release() noexcept {
  if (held_in_ == fork_generation()) {
    gate_.unlock();
  } else {
    new (&gate_) std::shared_mutex;
  }
}

std::vector<Fetch> Verifier::State::due(std::uint64_t now_us) {
  const std::shared_lock hold(gate_);
  std::vector<Fetch> out;
  for (const Issuer& each : issuers_) {
    if (auto fetch = each.keys->due(now_us)) out.push_back(*std::move(fetch));
  }
  for (const Domain& each : domains_) {
    if (auto fetch = each.source->due(now_us)) out.push_back(*std::move(fetch));
  }
  return out;
}

Result<void> Verifier::State::accept(const Fetch& fetch, const FetchAnswer& answer,
                                     std::uint64_t now_us) {
  const std::shared_lock hold(gate_);
  if (fetch.kind == FetchKind::groups) return accept_groups(fetch, answer, now_us);
  if (fetch.kind == FetchKind::trust_bundle) {
    for (const Domain& each : domains_) {
      if ("spiffe://" + each.settings.name == fetch.issuer) {
        return each.source->accept(fetch, answer, now_us);
      }
    }
  }
  for (std::size_t i = 0; i < issuers_.size(); ++i) {
    if (issuers_[i].settings.issuer != fetch.issuer) continue;
    if (fetch.kind == FetchKind::introspection) {
      return accept_introspection(issuers_[i], i, fetch, answer, now_us);
    }
    return issuers_[i].keys->accept(fetch, answer, now_us);
  }
  return Error{ErrorCode::identity_answer, "nobody waits for this answer", {}, 0, 0};
}

namespace {

// From an answer to what is kept of it, or why it is refused. token: digest of the token.
ErrorCode read_opaque(const IssuerSettings& settings, std::span<const std::string> audiences,
                      const FetchAnswer& answer, std::uint64_t now_s, const crypto::Digest& token,
                      VerifiedToken& out) {
  StrictJson scratch;
  JsonObject claims;
  ErrorCode code = read_introspection(settings, answer, scratch, claims);
  if (code != ErrorCode::none) return code;
  Times times;
  code = check_introspected(claims, settings, audiences, now_s, times);
  if (code != ErrorCode::none) return code;
  bool groups_left_out = false;
  code = map_introspected(claims, settings, out.caller, groups_left_out);
  if (code != ErrorCode::none) return code;
  if (groups_left_out) return ErrorCode::groups_incomplete;
  Confirmation bound;
  code = read_confirmation(claims, bound);
  if (code != ErrorCode::none) return code;
  out.key_thumbprint = std::move(bound.key);
  out.certificate_thumbprint = std::move(bound.certificate);
  out.caller.evidence.kind = EvidenceKind::introspection;
  if (out.caller.evidence.token_id.empty()) {
    out.caller.evidence.token_id = crypto::hex(token).substr(0, 32);
  }
  out.expires_s = std::min(times.expires_s, now_s + settings.introspection->cache_s);
  return ErrorCode::none;
}

}  // namespace

Result<void> Verifier::State::accept_introspection(const Issuer& issuer, std::size_t number,
                                                   const Fetch& fetch, const FetchAnswer& answer,
                                                   std::uint64_t now_us) {
  const Error useless{ErrorCode::identity_answer, "the token's issuer gave no answer", {}, 0, 0};
  const auto asked = opaque_.asked(fetch.number);
  if (!asked || !issuer.settings.introspection) return useless;
  const std::uint64_t now_s = now_us / 1'000'000;
  auto verified = std::make_shared<VerifiedToken>();
  const ErrorCode code = read_opaque(issuer.settings, audiences_, answer, now_s, *asked, *verified);
  if (code == ErrorCode::identity_answer) {
    opaque_.refuse(fetch.number, ErrorCode::identity_waits, now_s + kPause_s);
    return useless;
  }
  if (code != ErrorCode::none) {
    opaque_.refuse(fetch.number, code, now_s + issuer.settings.introspection->negative_cache_s);
    return {};
  }
  verified->issuer = static_cast<std::uint32_t>(number);
  verified->keys_generation = generation_of(number);
  // At least until the request that waits for it is looked at again.
  const std::uint64_t until_s = std::max(verified->expires_s, now_s + 1);
  opaque_.keep(fetch.number, std::move(verified), until_s);
  return {};
}

Result<void> Verifier::State::accept_groups(const Fetch& fetch, const FetchAnswer& answer,
                                            std::uint64_t now_us) {
  const Error useless{ErrorCode::identity_answer, "the directory gave no groups", {}, 0, 0};
  if (!groups_.asked(fetch.number)) return useless;
  StrictJson scratch;
  auto groups = std::make_shared<std::vector<std::string>>();
  const ErrorCode code = read_overage(answer, scratch, *groups);
  if (code == ErrorCode::groups_incomplete) {
    groups_.refuse(fetch.number, code, now_us / 1'000'000 + kGroupsAge_s);
    return {};
  }
  if (code != ErrorCode::none) {
    groups_.refuse(fetch.number, ErrorCode::identity_waits, now_us / 1'000'000 + kPause_s);
    return useless;
  }
  groups_.keep(fetch.number, std::move(groups), now_us / 1'000'000 + kGroupsAge_s);
  return {};
}

void Verifier::State::inherit(const State& former) {
  if (this == &former) return;
  for (const Issuer& each : issuers_) {
    for (const Issuer& other : former.issuers_) {
      if (other.settings == each.settings) each.keys->inherit(*other.keys);
    }
  }
  for (const Domain& each : domains_) {
    for (const Domain& other : former.domains_) {
      if (other.settings == each.settings) each.source->inherit(*other.source);
    }
  }
  if (proofs_ && former.proofs_) proofs_->inherit(*former.proofs_);
}

}  // namespace mcpgov::identity
