// From credentials to a caller: what is looked at in which order.
// Tested by tests/identity/verifier_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/challenge.hpp"
#include "identity/settings_json.hpp"
#include "identity/verifier_state.hpp"

namespace mcpgov::identity {

Identification Verifier::State::refuse(ErrorCode reason, bool dpop,
                                       std::span<const std::string> scopes) const {
  const OutwardRefusal shown = outward(reason);
  Identification out;
  out.reason = reason;
  out.http_status = shown.http_status;
  if (shown.http_status == 401 || !shown.error.empty()) {
    const AlgorithmSet proofs = dpop && proofs_ ? proofs_->algorithms() : AlgorithmSet();
    out.challenge = challenge_text({.error = shown.error,
                                    .scopes = scopes.empty() ? settings.resource.scopes : scopes,
                                    .metadata_url = resource.url,
                                    .proofs = proofs});
  }
  return out;
}

Identification Verifier::State::identify(const Look& look) noexcept {
  try {
    return examine(look);
  } catch (...) {
    Identification out;
    out.reason = ErrorCode::out_of_memory;
    out.http_status = 503;
    return out;
  }
}

Identification Verifier::State::examine(const Look& look) {
  Credentials shown;
  if (const ErrorCode read = read_credentials(look.presented.http, shown);
      read != ErrorCode::none) {
    if (look.trace != nullptr) look.trace->failed("credentials", "they are malformed");
    const std::shared_lock hold(gate_);
    failures_.spend(look.presented.peer, TokenOutcome::kNoIssuer, look.now_us);
    return refuse(read, false);
  }
  if (shown.scheme == Scheme::bearer || shown.scheme == Scheme::dpop) return by_token(look, shown);
  const std::shared_lock hold(gate_);
  return shown.scheme == Scheme::api_key ? by_api_key(look, shown) : by_certificate(look);
}

namespace {

Identification accepted(std::shared_ptr<const Caller> caller, std::uint64_t expires_s) {
  Identification out;
  out.caller = std::move(caller);
  out.reason = ErrorCode::none;
  out.http_status = 200;
  out.expires_s = expires_s;
  return out;
}

}  // namespace

Identification Verifier::State::by_token(const Look& look, const Credentials& shown) {
  std::shared_ptr<const VerifiedToken> verified = cached(look, shown.text);
  const bool plain = verified != nullptr && shown.scheme == Scheme::bearer && !forwarded_ &&
                     look.presented.certificate.empty() && !needs_proof(*verified);
  if (plain) {
    const std::uint64_t ends_s = verified->expires_s;
    const Caller* const caller = &verified->caller;
    return accepted({std::move(verified), caller}, ends_s);
  }
  const std::shared_lock hold(gate_);
  if (verified == nullptr) {
    // Clients that know only bearer tokens show their API keys as such. No token is mistaken for
    // one: its digest would have to be in the configuration.
    if (!api_keys_.empty() && shown.scheme == Scheme::bearer) {
      Identification by_key = by_api_key(look, shown);
      if (by_key.reason != ErrorCode::api_key_unknown) return by_key;
    }
    TokenOutcome outcome = verify(look, shown.text);
    if (outcome.reason != ErrorCode::none) return refused_token(look, shown, std::move(outcome));
    verified = std::move(outcome.verified);
  }
  if (needs_proof(*verified) || shown.scheme == Scheme::dpop) {
    // Proofs cost signatures, too, and a stolen token would be known to the cache.
    const std::uint32_t wait_s = failures_.peer_wait_s(look.presented.peer, look.now_us);
    if (wait_s != 0) return too_many(wait_s);
  }
  ShownCertificate certificate;
  std::string nonce;
  const ErrorCode proven = prove(look, shown, *verified, certificate, nonce);
  if (proven != ErrorCode::none) {
    // The token is good, so its issuer is not charged: whoever has one could lock out all others.
    if (proven != ErrorCode::proof_nonce) {
      failures_.spend_peer(look.presented.peer, look.now_us);
    }
    Identification out = refuse(proven, shown.scheme == Scheme::dpop);
    out.dpop_nonce = std::move(nonce);
    return out;
  }
  const std::uint64_t expires_s = verified->expires_s;
  Identification out = accepted(with_workload(look, certificate, std::move(verified)), expires_s);
  out.dpop_nonce = std::move(nonce);
  return out;
}

bool Verifier::State::needs_proof(const VerifiedToken& token) const noexcept {
  const bool of_issuer = token.issuer < settings.issuers.size();
  const bool required = of_issuer && (settings.issuers[token.issuer].require_dpop ||
                                      settings.issuers[token.issuer].require_certificate);
  return required || !token.key_thumbprint.empty() || !token.certificate_thumbprint.empty();
}

// What this request has to show beside its token. Never cached: a proof is good once.
ErrorCode Verifier::State::prove(const Look& look, const Credentials& shown,
                                 const VerifiedToken& token, ShownCertificate& certificate,
                                 std::string& nonce) const {
  const bool of_issuer = token.issuer < settings.issuers.size();
  const bool require_key = of_issuer && settings.issuers[token.issuer].require_dpop;
  const bool require_certificate = of_issuer && settings.issuers[token.issuer].require_certificate;
  const bool dpop = shown.scheme == Scheme::dpop;
  ErrorCode code = check_scheme(token.key_thumbprint, require_key, dpop);
  if (code == ErrorCode::none) {
    const bool needed = require_certificate || !token.certificate_thumbprint.empty();
    code = read_certificate(look, needed, certificate);
  }
  if (code == ErrorCode::none) {
    code = check_certificate_binding(token.certificate_thumbprint, require_certificate,
                                     certificate.sha256 ? &*certificate.sha256 : nullptr);
  }
  if (code != ErrorCode::none) {
    if (look.trace != nullptr) {
      look.trace->failed("possession", std::string(code_sentence(code)));
    }
    return code;
  }
  if (!dpop) return ErrorCode::none;
  if (!proofs_) return ErrorCode::proof_invalid;
  return proofs_->check({look.presented.http, shown.text, token.key_thumbprint, look.now_s()},
                        nonce, look.trace);
}

// Whether the certificate of the connection is the client's.
bool Verifier::State::is_direct(const Look& look) const noexcept {
  return !look.presented.certificate.empty() &&
         !(forwarded_ && forwarded_->trusts(look.presented.peer));
}

// needed: the certificate is a credential, so that one who may not tell of it is refused. Otherwise
// his word has no meaning.
ErrorCode Verifier::State::read_certificate(const Look& look, bool needed,
                                            ShownCertificate& out) const {
  if (is_direct(look)) {
    out.sha256 = crypto::sha256(look.presented.certificate);
    return ErrorCode::none;
  }
  if (!forwarded_) return ErrorCode::none;
  ForwardedCertificate told;
  const ErrorCode code = forwarded_->read(look.presented, told, look.trace);
  if (code == ErrorCode::forwarded_untrusted && !needed) return ErrorCode::none;
  if (code != ErrorCode::none || !told.present) return code;
  out.sha256 = told.sha256;
  out.forwarded = std::move(told);
  return ErrorCode::none;
}

Verifier::State::Domains Verifier::State::domains(std::uint64_t now_us) const {
  Domains out;
  for (const Domain& each : domains_) {
    out.bundles.push_back(each.source->bundle(now_us));
    out.list.push_back({each.settings.name, out.bundles.back().bundle.get(), each.audiences});
  }
  return out;
}

// The workload that the certificate names.
ErrorCode Verifier::State::workload_of(const Look& look, const ShownCertificate& shown,
                                       Workload& out) const {
  const bool direct = settings.client_certificates && is_direct(look);
  if (!direct && !shown.forwarded) return ErrorCode::caller_missing;
  const Domains known = domains(look.now_us);
  return direct ? check_x509_svid(look.presented.certificate, look.presented.chain, known.list,
                                  look.now_s(), out, look.trace)
                : check_forwarded_svid(*shown.forwarded, known.list, look.now_s(), out, look.trace);
}

// The caller of the token, and where it calls from if a certificate tells.
std::shared_ptr<const Caller> Verifier::State::with_workload(
    const Look& look, const ShownCertificate& shown,
    std::shared_ptr<const VerifiedToken> token) const {
  const bool proven = !token->key_thumbprint.empty() || !token->certificate_thumbprint.empty();
  Workload from;
  const bool named = workload_of(look, shown, from) == ErrorCode::none;
  if (!named && !proven) {
    const Caller* const caller = &token->caller;
    return {std::move(token), caller};
  }
  auto out = std::make_shared<Caller>(token->caller);
  out->evidence.bound_to =
      token->key_thumbprint.empty() ? token->certificate_thumbprint : token->key_thumbprint;
  if (named) {
    out->workload = {CallerKind::workload, from.caller.issuer, from.caller.subject};
  }
  return out;
}

Identification Verifier::State::too_many(std::uint32_t wait_s) const {
  Identification out = refuse(ErrorCode::too_many_failures, false);
  out.retry_after_s = wait_s;
  return out;
}

Identification Verifier::State::by_api_key(const Look& look, const Credentials& shown) {
  const std::uint32_t wait_s = failures_.peer_wait_s(look.presented.peer, look.now_us);
  if (wait_s != 0) return too_many(wait_s);
  // A bearer token that is no key of ours may still be a token.
  const bool key = shown.scheme == Scheme::api_key;
  std::shared_ptr<const Caller> caller;
  std::uint64_t expires_s = 0;
  const ErrorCode found =
      api_keys_.find(shown.text, look.now_s(), caller, expires_s, key ? look.trace : nullptr);
  if (found == ErrorCode::none) return accepted(std::move(caller), expires_s);
  if (key) failures_.spend(look.presented.peer, TokenOutcome::kNoIssuer, look.now_us);
  return refuse(found, false);
}

Identification Verifier::State::by_certificate(const Look& look) {
  const std::uint32_t wait_s = failures_.peer_wait_s(look.presented.peer, look.now_us);
  if (wait_s != 0) return too_many(wait_s);
  ShownCertificate shown;
  Workload workload;
  ErrorCode code = read_certificate(look, true, shown);
  if (code == ErrorCode::none) code = workload_of(look, shown, workload);
  if (code == ErrorCode::none) code = check_code(workload.caller);
  if (code == ErrorCode::none) {
    return accepted(std::make_shared<const Caller>(std::move(workload.caller)), workload.expires_s);
  }
  if (code == ErrorCode::caller_missing && look.trace != nullptr) {
    look.trace->failed("credentials", "there are none");
  }
  if (code != ErrorCode::caller_missing && code != ErrorCode::identity_waits) {
    failures_.spend(look.presented.peer, TokenOutcome::kNoIssuer, look.now_us);
  }
  Identification out = refuse(code, false);
  if (code == ErrorCode::identity_waits) wait_for_bundles(look, out.pending, out.retry_after_s);
  return out;
}

void Verifier::State::wait_for_bundles(const Look& look, std::vector<Fetch>& pending,
                                       std::uint32_t& retry_after_s) const {
  retry_after_s = 1;
  for (const Domain& each : domains_) {
    if (auto fetch = each.source->due(look.now_us)) pending.push_back(*std::move(fetch));
  }
}

Identification Verifier::State::refused_token(const Look& look, const Credentials& shown,
                                              TokenOutcome outcome) {
  const bool charged =
      outcome.reason != ErrorCode::too_many_failures && outcome.reason != ErrorCode::identity_waits;
  if (charged) failures_.spend(look.presented.peer, outcome.issuer, look.now_us);
  // Keys that nobody has are asked for as long as new ones may come.
  if (outcome.unknown_key) failures_.spend_peer(look.presented.peer, look.now_us);
  std::span<const std::string> scopes;
  if (outcome.reason == ErrorCode::token_scope && outcome.issuer < settings.issuers.size()) {
    scopes = settings.issuers[outcome.issuer].required_scopes;
  }
  Identification out = refuse(outcome.reason, shown.scheme == Scheme::dpop, scopes);
  out.retry_after_s = outcome.retry_after_s;
  out.pending = std::move(outcome.pending);
  return out;
}

Verifier::Verifier(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

Verifier::~Verifier() = default;

Result<Verifier> Verifier::from_json(std::string_view settings_json, ReadDocument read,
                                     void* context) {
  auto settings = read_settings(settings_json, read, context);
  if (!settings) return settings.error();
  auto state = std::make_shared<State>(*std::move(settings));
  if (auto ready = state->set_up(); !ready) return ready.error();
  return Verifier(std::move(state));
}

Identification Verifier::identify(const Presented& presented, std::uint64_t now_us) const noexcept {
  return state_->identify({presented, now_us});
}

Identification Verifier::explain(const Presented& presented, std::uint64_t now_us,
                                 std::vector<Check>& steps) const {
  Trace trace(steps);
  return state_->identify({presented, now_us, &trace});
}

std::vector<Fetch> Verifier::due(std::uint64_t now_us) const {
  return state_->due(now_us);
}

Result<void> Verifier::accept(const Fetch& fetch, const FetchAnswer& answer,
                              std::uint64_t now_us) const {
  return state_->accept(fetch, answer, now_us);
}

void Verifier::inherit(const Verifier& former) {
  state_->inherit(*former.state_);
}

void Verifier::hold_for_fork() const noexcept {
  state_->hold();
}

void Verifier::release_after_fork() const noexcept {
  state_->release();
}

std::span<const std::string> Verifier::scopes() const noexcept {
  return state_->settings.resource.scopes;
}

std::string Verifier::challenge(std::string_view error, std::span<const std::string> scopes) const {
  return challenge_text(
      {.error = error, .scopes = scopes, .metadata_url = state_->resource.url, .proofs = {}});
}

std::string_view Verifier::resource_metadata() const noexcept {
  return state_->resource.json;
}

std::string_view Verifier::resource_metadata_path() const noexcept {
  return state_->resource.path;
}

}  // namespace mcpgov::identity
