// From a token to what it says, verified.
// Tested by tests/identity/verifier_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "crypto/sha256.hpp"
#include "identity/claims.hpp"
#include "identity/introspection.hpp"
#include "identity/profile.hpp"
#include "identity/spiffe_id.hpp"
#include "identity/verifier_state.hpp"

namespace mcpgov::identity {

namespace {

CompactReader& reader() {
  thread_local CompactReader mine;
  return mine;
}

TokenOutcome refused(ErrorCode reason, std::size_t issuer) {
  TokenOutcome out;
  out.reason = reason;
  out.issuer = issuer;
  return out;
}

TokenOutcome flooded(std::uint32_t wait_s) {
  TokenOutcome out;
  out.reason = ErrorCode::too_many_failures;
  out.retry_after_s = wait_s;
  return out;
}

// Names the token in records: 128 bits are as good as all of them.
std::string digest_name(std::string_view token) {
  return crypto::hex(crypto::sha256(token)).substr(0, 32);
}

void note(Trace* trace, const char* what, ErrorCode code, std::string_view good) {
  if (trace == nullptr) return;
  if (code == ErrorCode::none) {
    trace->passed(what, std::string(good));
  } else {
    trace->failed(what, std::string(code_sentence(code)));
  }
}

// Entra ID's keys say of which issuer they are, as a template where they are of all tenants.
bool speaks_for(const Key& key, const Compact& token) {
  std::string_view tenant;
  return key.issuer().empty() ||
         is_issuer(key.issuer(), text_member(token.payload, "iss").value_or(""), tenant);
}

}  // namespace

// What vouched for a token has changed when this has.
std::uint64_t Verifier::State::generation_of(std::size_t issuer) const noexcept {
  return issuer < issuers_.size() ? issuers_[issuer].keys->generation()
                                  : domains_[issuer - issuers_.size()].source->generation();
}

// A token whose keys have changed since is verified again.
std::shared_ptr<const VerifiedToken> Verifier::State::cached(const Look& look,
                                                             std::string_view token) {
  if (look.trace != nullptr) return nullptr;
  std::shared_ptr<const VerifiedToken> found = cache_.find(token, look.now_s());
  const bool old = found && generation_of(found->issuer) != found->keys_generation;
  return old ? nullptr : found;
}

TokenOutcome Verifier::State::verify(const Look& look, std::string_view token) {
  if (const std::uint32_t wait_s = failures_.peer_wait_s(look.presented.peer, look.now_us)) {
    note(look.trace, "failures", ErrorCode::too_many_failures, {});
    return flooded(wait_s);
  }
  if (!is_token(token)) {
    note(look.trace, "form", ErrorCode::credentials_malformed, {});
    return refused(ErrorCode::credentials_malformed, TokenOutcome::kNoIssuer);
  }
  // What has no two dots is no signed token, and perhaps one that its issuer knows.
  const std::size_t asked = issuer_to_ask(settings.issuers, token);
  const bool opaque = token.find('.') == std::string_view::npos || asked != kNobodyToAsk;
  if (opaque && std::count(token.begin(), token.end(), '.') != 2) {
    return verify_opaque(look, asked, token);
  }
  return verify_signed(look, token);
}

// The issuer is what the token says it is, in exactly the bytes of the settings; whether it says
// the truth, the keys of that issuer tell, and no others.
std::size_t Verifier::State::issuer_of(const Compact& token) const noexcept {
  const auto named = text_member(token.payload, "iss");
  if (!named) return TokenOutcome::kNoIssuer;
  for (std::size_t i = 0; i < issuers_.size(); ++i) {
    std::string_view tenant;
    if (is_issuer(issuers_[i].settings.issuer, *named, tenant)) return i;
  }
  return TokenOutcome::kNoIssuer;
}

// The place of the trust domain that the subject names.
std::size_t Verifier::State::domain_of(const Compact& token) const noexcept {
  const auto id = parse_spiffe_id(text_member(token.payload, "sub").value_or(""));
  for (std::size_t i = 0; id && i < domains_.size(); ++i) {
    if (domains_[i].settings.name == id->trust_domain) return issuers_.size() + i;
  }
  return TokenOutcome::kNoIssuer;
}

TokenOutcome Verifier::State::missing_key(const Look& look, std::size_t issuer,
                                          std::string_view kid) {
  TokenOutcome out = refused(ErrorCode::token_key_unknown, issuer);
  KeySource& source = *issuers_[issuer].keys;
  const MissingKey what = source.missing(kid, look.now_us);
  if (what == MissingKey::absent) return out;
  out.reason = ErrorCode::identity_waits;
  out.retry_after_s = 1;
  out.unknown_key = what == MissingKey::later && source.keys(look.now_us) != nullptr;
  if (what == MissingKey::waits) {
    if (auto fetch = source.due(look.now_us)) out.pending.push_back(*std::move(fetch));
  }
  return out;
}

TokenOutcome Verifier::State::verify_signed(const Look& look, std::string_view token) {
  Compact compact;
  const ErrorCode form = reader().read(token, Use::access_token, compact);
  note(look.trace, "form", form, compact.algorithm_name);
  if (form != ErrorCode::none) return refused(form, TokenOutcome::kNoIssuer);
  const std::size_t number = issuer_of(compact);
  if (number == TokenOutcome::kNoIssuer && !domains_.empty() && names_spiffe_id(compact)) {
    return verify_svid(look, token, domain_of(compact));
  }
  if (look.trace != nullptr) {
    const std::string named(text_member(compact.payload, "iss").value_or("none"));
    note(look.trace, "issuer",
         number == TokenOutcome::kNoIssuer ? ErrorCode::token_issuer : ErrorCode::none, named);
  }
  if (const std::uint32_t wait_s = failures_.issuer_wait_s(number, look.now_us)) {
    return flooded(wait_s);
  }
  if (number == TokenOutcome::kNoIssuer) return refused(ErrorCode::token_issuer, number);
  // An issuer without keys is asked about every token: so a session that ended ends its tokens.
  const IssuerSettings& rules = issuers_[number].settings;
  if (rules.keys == KeyOrigin::none && rules.secret.empty() && rules.introspection) {
    return verify_opaque(look, number, token);
  }
  TokenOutcome out = verify_by_issuer(look, number, compact);
  if (out.reason != ErrorCode::none) return out;
  if (out.verified->caller.evidence.token_id.empty()) {
    auto named = std::make_shared<VerifiedToken>(*out.verified);
    named->caller.evidence.token_id = digest_name(token);
    out.verified = std::move(named);
  }
  if (look.trace == nullptr) cache_.insert(token, out.verified, look.now_s());
  return out;
}

TokenOutcome Verifier::State::verify_by_issuer(const Look& look, std::size_t number,
                                               const Compact& token) {
  const Issuer& issuer = issuers_[number];
  if (!issuer.algorithms.has(token.algorithm)) {
    note(look.trace, "algorithm", ErrorCode::token_algorithm, {});
    return refused(ErrorCode::token_algorithm, number);
  }
  const std::shared_ptr<const IssuerKeys> keys = issuer.keys->keys(look.now_us);
  if (keys == nullptr) {
    note(look.trace, "keys", ErrorCode::token_key_unknown, {});
    return missing_key(look, number, {});
  }
  const std::string_view kid = token.kid.value_or(std::string_view{});
  const Key* used = nullptr;
  const ErrorCode signature = check_signature(token, keys->keys, issuer.algorithms, used);
  note(look.trace, "signature", signature, kid.empty() ? "of the only key that fits" : kid);
  if (signature == ErrorCode::token_key_unknown) return missing_key(look, number, kid);
  if (signature != ErrorCode::none) return refused(signature, number);
  if (!speaks_for(*used, token)) {
    note(look.trace, "key", ErrorCode::token_key_unknown, {});
    return refused(ErrorCode::token_key_unknown, number);
  }

  TokenOutcome out = refused(ErrorCode::none, number);
  auto verified = std::make_shared<VerifiedToken>();
  out.reason = check_and_map(look, issuer, token, *verified, out);
  if (out.reason != ErrorCode::none) return out;
  Evidence& evidence = verified->caller.evidence;
  evidence.kind = EvidenceKind::token;
  evidence.algorithm = algorithm_name(token.algorithm);
  evidence.key_id = used->id();
  verified->issuer = static_cast<std::uint32_t>(number);
  verified->keys_generation = keys->generation;
  verified->expires_s = std::min(verified->expires_s, keys->good_until_us / 1'000'000);
  out.verified = std::move(verified);
  return out;
}

// Everything that the claims have to say.
ErrorCode Verifier::State::check_and_map(const Look& look, const Issuer& issuer,
                                         const Compact& token, VerifiedToken& out,
                                         TokenOutcome& outcome) {
  Times times;
  const std::string_view typ = token.typ.value_or(std::string_view{});
  ErrorCode code = check_claims(token.payload, typ, issuer.settings, audiences_, look.now_s(),
                                times, look.trace);
  if (code != ErrorCode::none) return code;
  bool groups_left_out = false;
  code = map_claims(token.payload, issuer.settings, out.caller, groups_left_out, look.trace);
  if (code != ErrorCode::none) return code;
  if (groups_left_out) {
    code = complete_groups(look, issuer, token.payload, out.caller, outcome);
    note(look.trace, "groups", code, "of the directory");
    if (code != ErrorCode::none) return code;
  }
  Confirmation bound;
  code = read_confirmation(token.payload, bound);
  if (code != ErrorCode::none) {
    note(look.trace, "possession", code, {});
    return code;
  }
  out.key_thumbprint = std::move(bound.key);
  out.certificate_thumbprint = std::move(bound.certificate);
  out.expires_s = times.expires_s;
  return ErrorCode::none;
}

// Groups that the issuer left out come from its directory, or nobody calls: a policy that names a
// group must not decide without it.
ErrorCode Verifier::State::complete_groups(const Look& look, const Issuer& issuer,
                                           const JsonObject& claims, Caller& caller,
                                           TokenOutcome& outcome) {
  // The directory is asked for groups; roles that were left out stay so.
  const auto left_out = member(claims, "_claim_names");
  if (left_out && left_out->is_object() && member(JsonObject(*left_out), "roles")) {
    return ErrorCode::groups_incomplete;
  }
  DirectoryObject object;
  const ErrorCode named = object_with_groups(claims, issuer.settings, caller, object);
  if (named != ErrorCode::none) return named;
  const std::uint32_t wait_s = issuer.settings.reach.timeout_ms / 1000 + 1;
  const auto found = groups_.look_up(group_key(issuer.settings, object), look.now_s(), wait_s);
  switch (found.standing) {
    case Standing::known:
      caller.groups = *found.value;
      caller.groups_complete = true;
      return check_code(caller);
    case Standing::refused:
      outcome.retry_after_s = found.reason == ErrorCode::identity_waits ? 1 : 0;
      return found.reason;
    case Standing::waiting: break;
    case Standing::ask:
      outcome.pending.push_back(overage_fetch(issuer.settings, object));
      outcome.pending.back().number = found.ticket;
      break;
  }
  outcome.retry_after_s = 1;
  return ErrorCode::identity_waits;
}

// Documents of SPIFFE allow fewer headers, so the token is read once more, by their rules.
TokenOutcome Verifier::State::verify_svid(const Look& look, std::string_view token,
                                          std::size_t number) {
  if (const std::uint32_t wait_s = failures_.issuer_wait_s(number, look.now_us)) {
    note(look.trace, "failures", ErrorCode::too_many_failures, {});
    return flooded(wait_s);
  }
  if (number == TokenOutcome::kNoIssuer) {
    note(look.trace, "trust domain", ErrorCode::token_issuer, {});
    return refused(ErrorCode::token_issuer, number);
  }
  constexpr std::uint32_t kLeeway_s = 60;  // as for issuers that say nothing else
  Compact compact;
  const ErrorCode form = reader().read(token, Use::jwt_svid, compact);
  note(look.trace, "form of a JWT-SVID", form, compact.algorithm_name);
  if (form != ErrorCode::none) return refused(form, number);
  const Domains known = domains(look.now_us);
  Workload workload;
  TokenOutcome out = refused(ErrorCode::none, number);
  out.reason = check_jwt_svid(compact, known.list, look.now_s(), kLeeway_s, workload, look.trace);
  if (out.reason == ErrorCode::identity_waits || out.reason == ErrorCode::token_key_unknown) {
    std::uint32_t retry_after_s = 0;
    wait_for_bundles(look, out.pending, retry_after_s);
    if (!out.pending.empty()) out.reason = ErrorCode::identity_waits;
    if (out.reason == ErrorCode::identity_waits) out.retry_after_s = retry_after_s;
  }
  Confirmation bound;
  if (out.reason == ErrorCode::none) out.reason = read_confirmation(compact.payload, bound);
  if (out.reason == ErrorCode::none) out.reason = check_code(workload.caller);
  if (out.reason != ErrorCode::none) return out;
  const BundleNow& bundle = known.bundles[number - issuers_.size()];
  auto verified = std::make_shared<VerifiedToken>();
  verified->caller = std::move(workload.caller);
  verified->key_thumbprint = std::move(bound.key);
  verified->certificate_thumbprint = std::move(bound.certificate);
  verified->issuer = static_cast<std::uint32_t>(number);
  verified->keys_generation = bundle.generation;
  verified->expires_s = std::min(workload.expires_s, bundle.good_until_us / 1'000'000);
  if (look.trace == nullptr) cache_.insert(token, verified, look.now_s());
  out.verified = std::move(verified);
  return out;
}

TokenOutcome Verifier::State::verify_opaque(const Look& look, std::size_t number,
                                            std::string_view token) {
  if (number == kNobodyToAsk) return refused(ErrorCode::token_malformed, TokenOutcome::kNoIssuer);
  if (const std::uint32_t wait_s = failures_.issuer_wait_s(number, look.now_us)) {
    return flooded(wait_s);
  }
  const Issuer& issuer = issuers_[number];
  const std::uint32_t wait_s = issuer.settings.reach.timeout_ms / 1000 + 1;
  // A key of ours that is not known, or no longer, is nobody else's business.
  if (token.starts_with(kApiKeyPrefix)) return refused(ErrorCode::api_key_unknown, number);
  const auto found = opaque_.look_up(crypto::sha256(token), look.now_s(), wait_s);
  TokenOutcome out = refused(ErrorCode::identity_waits, number);
  switch (found.standing) {
    case Standing::known:
      out.reason = ErrorCode::none;
      out.verified = found.value;
      note(look.trace, "introspection", ErrorCode::none, "active");
      if (look.trace == nullptr) cache_.insert(token, found.value, look.now_s());
      return out;
    case Standing::refused:
      note(look.trace, "introspection", found.reason, {});
      out.reason = found.reason;
      out.retry_after_s = found.reason == ErrorCode::identity_waits ? 1 : 0;
      return out;
    case Standing::waiting: break;
    case Standing::ask: {
      Fetch fetch = introspection_fetch(issuer.settings, issuer.keys->introspection_url(), token);
      if (fetch.url.empty()) {
        // The endpoint stands in metadata that is not there yet.
        opaque_.give_up(found.ticket);
        return missing_key(look, number, {});
      }
      fetch.number = found.ticket;
      fetch.issuer = issuer.settings.issuer;
      out.pending.push_back(std::move(fetch));
      break;
    }
  }
  note(look.trace, "introspection", ErrorCode::identity_waits, {});
  out.retry_after_s = 1;
  return out;
}

}  // namespace mcpgov::identity
