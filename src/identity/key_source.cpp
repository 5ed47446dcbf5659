// Where the keys of one issuer come from.
// Tested by tests/identity/key_source_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/key_source.hpp"

#include <algorithm>
#include <utility>

#include "identity/fetch_url.hpp"
#include "identity/strict_json.hpp"

namespace mcpgov::identity {

namespace {

constexpr std::uint64_t kSecond = 1'000'000;  // us
// Endpoints move once in years; a day later is early enough, and a failure asks at once.
constexpr std::uint64_t kMetadataAge = 86'400 * kSecond;
constexpr std::uint64_t kForever = UINT64_MAX;
// Kids of requests are remembered; more of them push out the oldest, and cost an attacker a fetch
// in `unknown_key_wait_s` each.
constexpr std::size_t kAskedKids = 64;
constexpr std::size_t kKidBytes = 256;
constexpr std::uint64_t kAbsentWaits = 5;  // times `unknown_key_wait_s`
constexpr StrictLimits kMetadataLimits = {kLongestKeySet, 16, 2000};

bool needs_metadata(const IssuerSettings& settings) noexcept {
  if (settings.keys == KeyOrigin::discovery && settings.secret.empty()) return true;
  return settings.introspection && settings.introspection->url.empty() &&
         settings.introspection->form == IntrospectionForm::rfc7662;
}

bool needs_keys(const IssuerSettings& settings) noexcept {
  return settings.secret.empty() &&
         (settings.keys == KeyOrigin::discovery || settings.keys == KeyOrigin::url);
}

Error setting(std::string message) {
  return {ErrorCode::identity_setting, std::move(message), {}, 0, 0};
}

Result<KeySet> from_secret(const IssuerSettings& settings) {
  std::vector<Secret> secrets;
  for (const Algorithm each : {Algorithm::hs256, Algorithm::hs384, Algorithm::hs512}) {
    if (settings.algorithms.has(each)) secrets.push_back({each, settings.secret});
  }
  if (secrets.size() != 1) return setting("secret: needs exactly one of HS256, HS384 and HS512");
  return KeySet::from_secrets(secrets);
}

// What of the metadata is used (RFC 8414 section 2).
struct Metadata {
  std::string keys_url;
  std::string introspection_url;
};

Result<Metadata> read_metadata(std::string_view body, std::string_view issuer,
                               bool private_addresses, bool wants_keys) {
  StrictJson json;
  if (!json.read(body, kMetadataLimits)) {
    return Error{ErrorCode::identity_metadata, "the metadata is no JSON object", {}, 0, 0};
  }
  // RFC 8414 section 3.3: identical, without any normalization.
  if (text_member(json.root(), "issuer") != issuer) {
    return Error{
        ErrorCode::identity_issuer_mismatch, "the metadata names another issuer", {}, 0, 0};
  }
  Metadata found;
  found.keys_url = text_member(json.root(), "jwks_uri").value_or("");
  found.introspection_url = text_member(json.root(), "introspection_endpoint").value_or("");
  if (wants_keys && !may_fetch(found.keys_url, private_addresses)) {
    return Error{
        ErrorCode::identity_metadata, "`jwks_uri` is missing or may not be fetched", {}, 0, 0};
  }
  if (!found.introspection_url.empty() && !may_fetch(found.introspection_url, private_addresses)) {
    return Error{
        ErrorCode::identity_metadata, "`introspection_endpoint` may not be fetched", {}, 0, 0};
  }
  return found;
}

// Whether every key of former is in fresh, with all that a signature or a claim rule looks at.
bool nothing_is_gone(const KeySet& former, const KeySet& fresh) noexcept {
  return std::all_of(former.keys().begin(), former.keys().end(), [&](const Key& old) {
    return std::any_of(fresh.keys().begin(), fresh.keys().end(), [&](const Key& key) {
      return key.id() == old.id() && key.algorithm() == old.algorithm() &&
             key.thumbprint() == old.thumbprint() && key.issuer() == old.issuer();
    });
  });
}

bool has_kid(const KeySet& keys, std::string_view kid) noexcept {
  return std::any_of(keys.keys().begin(), keys.keys().end(),
                     [&](const Key& key) { return key.id() == kid; });
}

}  // namespace

KeySource::KeySource(const IssuerSettings& settings)
    : issuer_(settings.issuer),
      reach_(settings.reach),
      algorithms_(settings.algorithms.empty() ? default_algorithms() : settings.algorithms),
      max_rsa_bits_(settings.max_rsa_bits),
      rules_{settings.keys_max_age_s, settings.keys_stale_s, settings.unknown_key_wait_s},
      discovers_(settings.keys == KeyOrigin::discovery),
      wants_keys_(needs_keys(settings)),
      wants_metadata_(needs_metadata(settings)),
      schedule_(rules_) {}

Result<std::unique_ptr<KeySource>> KeySource::make(const IssuerSettings& settings) {
  std::unique_ptr<KeySource> source(new KeySource(settings));
  if (Result<void> ready = source->set_up(settings); !ready) return std::move(ready).error();
  return source;
}

Result<void> KeySource::set_up(const IssuerSettings& settings) {
  if (wants_metadata_) {
    metadata_urls_ = metadata_urls(issuer_);
    if (metadata_urls_.empty() || !may_fetch(metadata_urls_[0], reach_.private_addresses)) {
      return setting("issuer: keys can be discovered at an https URL only");
    }
  }
  if (!settings.secret.empty()) {
    return keep(from_secret(settings));
  }
  if (settings.keys == KeyOrigin::text) {
    KeyRules rules;
    rules.algorithms = algorithms_;
    rules.max_rsa_bits = max_rsa_bits_;
    return keep(KeySet::read(settings.keys_text, rules));
  }
  if (settings.keys == KeyOrigin::url) {
    if (!may_fetch(settings.keys_url, reach_.private_addresses)) {
      return setting("keys: only https URLs are fetched");
    }
    keys_url_ = settings.keys_url;
  }
  return {};
}

Result<void> KeySource::keep(Result<KeySet> read) {
  if (!read) return std::move(read).error();
  publish(std::make_shared<IssuerKeys>(IssuerKeys{std::move(*read), 0, 0}), kForever);
  return {};
}

std::shared_ptr<const IssuerKeys> KeySource::keys(std::uint64_t now_us) const noexcept {
  const std::lock_guard hold(lock_);
  return keys_ && now_us < keys_->good_until_us ? keys_ : nullptr;
}

// --- what is missing ---------------------------------------------------------------------------

bool KeySource::was_answered(std::string_view kid, std::uint64_t now_us) const noexcept {
  // Not for longer, because a cache on the way may have answered with an old set.
  const std::uint64_t span_us = kAbsentWaits * rules_.early_wait_s * kSecond;
  return std::any_of(asked_.begin(), asked_.end(), [&](const Asked& each) {
    return each.kid == kid && each.at_us <= schedule_.answered_us() && now_us >= each.at_us &&
           now_us - each.at_us < span_us;
  });
}

void KeySource::remember(std::string_view kid, std::uint64_t now_us) {
  for (Asked& each : asked_) {
    if (each.kid == kid) {
      each.at_us = now_us;
      return;
    }
  }
  if (asked_.size() < kAskedKids) {
    asked_.push_back({std::string(kid), now_us});
    return;
  }
  asked_[asked_next_] = {std::string(kid), now_us};
  asked_next_ = (asked_next_ + 1) % kAskedKids;
}

MissingKey KeySource::missing(std::string_view kid, std::uint64_t now_us) {
  const bool may_come = kid.empty() ? wants_keys_ || wants_metadata_ : wants_keys_;
  if (!may_come || kid.size() > kKidBytes) return MissingKey::absent;
  const std::lock_guard hold(lock_);
  // Somebody else's fetch may have brought it since.
  if (keys_ && now_us < keys_->good_until_us && !kid.empty() && has_kid(keys_->keys, kid)) {
    return MissingKey::later;
  }
  if (!kid.empty() && was_answered(kid, now_us)) return MissingKey::absent;
  if (!schedule_.hurry(now_us)) return MissingKey::later;
  if (!kid.empty()) remember(kid, now_us);
  return MissingKey::waits;
}

// --- fetching ----------------------------------------------------------------------------------

Fetch KeySource::fetch_of(FetchKind kind, std::uint32_t number, const std::string& url) const {
  Fetch fetch;
  fetch.kind = kind;
  fetch.number = number;
  fetch.issuer = issuer_;
  fetch.url = url;
  fetch.headers = {{"Accept", "application/json"}};
  fetch.max_bytes = kLongestKeySet;
  fetch.timeout_ms = reach_.timeout_ms;
  fetch.private_addresses = reach_.private_addresses;
  fetch.ca_pem = reach_.ca_pem;
  fetch.pin_sha256 = reach_.pin_sha256;
  return fetch;
}

std::optional<Fetch> KeySource::due(std::uint64_t now_us) {
  if (!wants_keys_ && !wants_metadata_) return std::nullopt;
  const std::lock_guard hold(lock_);
  const std::uint32_t number = schedule_.begin(now_us, reach_.timeout_ms);
  if (number == 0) return std::nullopt;
  const bool metadata = wants_metadata_ && (now_us >= metadata_until_us_ ||
                                            metadata_until_us_ - now_us > kMetadataAge);
  return metadata ? fetch_of(FetchKind::metadata, number, metadata_urls_[place_])
                  : fetch_of(FetchKind::keys, number, keys_url_);
}

Result<void> KeySource::accept(const Fetch& fetch, const FetchAnswer& answer,
                               std::uint64_t now_us) {
  {
    const std::lock_guard hold(lock_);
    if (answer.number != fetch.number || !schedule_.is_under_way(fetch.number)) {
      return Error{ErrorCode::identity_answer, "nobody waits for this answer", {}, 0, 0};
    }
  }
  Result<void> taken = [&]() -> Result<void> {
    if (answer.status != 200 || answer.body.size() > kLongestKeySet) {
      return Error{ErrorCode::identity_answer,
                   answer.status == 0 ? "no answer"
                                      : "an answer with status " + std::to_string(answer.status),
                   {},
                   0,
                   0};
    }
    return fetch.kind == FetchKind::metadata ? accept_metadata(answer, now_us)
                                             : accept_keys(answer, now_us);
  }();
  if (taken) return {};
  return useless(fetch, std::move(taken).error(), now_us);
}

Result<void> KeySource::useless(const Fetch& fetch, Error error, std::uint64_t now_us) {
  error.message = "`" + fetch.url + "`: " + error.message;
  const std::lock_guard hold(lock_);
  if (!schedule_.is_under_way(fetch.number)) return error;
  const bool elsewhere = fetch.kind == FetchKind::metadata && place_ + 1 < metadata_urls_.size();
  if (elsewhere) {
    ++place_;
    schedule_.again();
    return error;
  }
  // Perhaps the keys are elsewhere now.
  place_ = 0;
  metadata_until_us_ = 0;
  schedule_.failed(now_us);
  return error;
}

Result<void> KeySource::accept_metadata(const FetchAnswer& answer, std::uint64_t now_us) {
  const bool discovers_keys = wants_keys_ && discovers_;
  Result<Metadata> read =
      read_metadata(answer.body, issuer_, reach_.private_addresses, discovers_keys);
  if (!read) return std::move(read).error();
  const std::lock_guard hold(lock_);
  metadata_until_us_ = now_us + kMetadataAge;
  if (discovers_keys) keys_url_ = std::move(read->keys_url);
  introspection_url_ = std::move(read->introspection_url);
  if (wants_keys_) {
    schedule_.again();
  } else {
    schedule_.succeeded(now_us, 0);
  }
  return {};
}

KeyRules KeySource::fetched_rules() const noexcept {
  KeyRules rules;
  rules.algorithms = algorithms_;
  rules.max_rsa_bits = max_rsa_bits_;
  rules.pass_over_bad = true;
  // An issuer that takes all its keys back must be obeyed at once.
  rules.may_be_empty = true;
  return rules;
}

Result<void> KeySource::accept_keys(const FetchAnswer& answer, std::uint64_t now_us) {
  Result<KeySet> read = KeySet::read(answer.body, fetched_rules());
  if (!read) return std::move(read).error();
  auto fresh = std::make_shared<IssuerKeys>(IssuerKeys{std::move(*read), 0, 0});
  const std::lock_guard hold(lock_);
  if (!schedule_.is_under_way(answer.number)) return {};
  schedule_.succeeded(now_us, answer.max_age_s);
  publish(std::move(fresh), schedule_.good_until_us());
  return {};
}

void KeySource::publish(std::shared_ptr<IssuerKeys> fresh, std::uint64_t good_until_us) noexcept {
  fresh->good_until_us = good_until_us;
  fresh->generation = generation();
  if (keys_ && !nothing_is_gone(keys_->keys, fresh->keys)) ++fresh->generation;
  // First the number: what was verified with the former keys is not found under the new one.
  generation_.store(fresh->generation, std::memory_order_release);
  keys_ = std::move(fresh);
}

std::string KeySource::introspection_url() const {
  const std::lock_guard hold(lock_);
  return introspection_url_;
}

void KeySource::inherit(const KeySource& former) {
  if (this == &former) return;
  const std::scoped_lock hold(lock_, former.lock_);
  if (!wants_keys_ && !wants_metadata_) return;
  schedule_ = former.schedule_;
  schedule_.abandon();
  place_ = former.place_;
  metadata_until_us_ = former.metadata_until_us_;
  keys_url_ = former.keys_url_;
  introspection_url_ = former.introspection_url_;
  keys_ = former.keys_;
  asked_ = former.asked_;
  asked_next_ = former.asked_next_;
  generation_.store(former.generation(), std::memory_order_release);
}

}  // namespace mcpgov::identity
