// Checking proofs of possession.
// Tested by tests/identity/dpop_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/dpop.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "crypto/random.hpp"
#include "crypto/sha256.hpp"
#include "identity/claim_values.hpp"
#include "identity/confirmation.hpp"
#include "identity/jwk.hpp"
#include "wire/http.hpp"

namespace mcpgov::identity {

struct ProofChecker::Shared {
  Shared(std::uint32_t proofs, const crypto::HmacKey& store_key, crypto::HmacKey nonce_key,
         std::uint32_t period_s)
      : used(proofs, store_key), nonces(std::move(nonce_key), period_s) {}
  ReplayStore used;
  ProofNonces nonces;
};

namespace {

constexpr const char* kStep = "proof of possession";

ErrorCode refuse(Trace* trace, ErrorCode code, const char* why) {
  if (trace != nullptr) trace->failed(kStep, why);
  return code;
}

Error refused(const char* why) {
  return {ErrorCode::identity_setting, why, {}, 0, 0};
}

// 32 bytes, as long as SHA-256's digest (RFC 2104 section 3). Empty: no random bytes.
std::optional<crypto::HmacKey> random_key() {
  std::array<std::uint8_t, 32> bytes{};
  if (!crypto::random_bytes(bytes)) return std::nullopt;
  auto key = crypto::HmacKey::make(crypto::Hash::sha256,
                                   {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!key) return std::nullopt;
  return std::move(*key);
}

// The proof itself, before anything that it says is looked at; why: set when there is none.
ErrorCode read_proof(const HttpHead& http, CompactReader& reader, Compact& proof,
                     const char*& why) {
  wire::Field field;
  const ErrorCode found = wire::find_field(http.headers, "", "dpop", field);
  if (!field.present) {
    why = "there is no field `DPoP`";
    return ErrorCode::proof_missing;
  }
  if (found != ErrorCode::none) {
    why = "two fields `DPoP`, or bytes that none may hold";
    return ErrorCode::proof_invalid;
  }
  if (reader.read(field.value, Use::proof, proof) != ErrorCode::none) {
    why = "it is no signed token with its public key in the header";
    return ErrorCode::proof_invalid;
  }
  return ErrorCode::none;
}

// The key in the header, if it may sign with the algorithm of the header. It is made for that one
// only.
std::optional<Key> key_of(const Compact& proof) {
  KeyRules rules;
  rules.algorithms = AlgorithmSet().with(proof.algorithm);
  auto key = read_jwk(JsonObject(*member(proof.header, "jwk")), rules);
  if (!key) return std::nullopt;
  return std::move(*key);
}

// This thread's reader, which keeps its memory.
CompactReader& reader() {
  thread_local CompactReader reused(StrictLimits{kProofBytes, 8, 200});
  return reused;
}

}  // namespace

ProofChecker::ProofChecker(AlgorithmSet algorithms, std::uint32_t window_s, bool require_nonce,
                           ExternalOrigin origin, std::shared_ptr<Shared> shared) noexcept
    : algorithms_(algorithms),
      window_s_(window_s),
      require_nonce_(require_nonce),
      origin_(std::move(origin)),
      shared_(std::move(shared)) {}

Result<ProofChecker> ProofChecker::make(const DpopSettings& settings,
                                        std::string_view resource_url) {
  const AlgorithmSet algorithms =
      settings.algorithms.empty() ? default_algorithms() : settings.algorithms;
  for (const Algorithm each : {Algorithm::hs256, Algorithm::hs384, Algorithm::hs512}) {
    if (algorithms.has(each)) return refused("a proof needs an algorithm with a public key");
  }
  if (settings.window_s == 0 || settings.proofs == 0) {
    return refused("`window_s` and `proofs` are at least 1");
  }
  auto origin = ExternalOrigin::from(settings.base_url, resource_url);
  if (!origin) return origin.error();
  const auto store_key = random_key();
  auto nonce_key = random_key();
  if (!store_key || !nonce_key) {
    return Error{ErrorCode::internal, "the system has no random bytes", {}, 0, 0};
  }
  // Taken in two periods, a nonce lives no longer than the window.
  const std::uint32_t period_s = std::max(settings.window_s / 2, std::uint32_t{1});
  auto shared =
      std::make_shared<Shared>(settings.proofs, *store_key, std::move(*nonce_key), period_s);
  return ProofChecker(algorithms, settings.window_s, settings.require_nonce, std::move(*origin),
                      std::move(shared));
}

void ProofChecker::inherit(const ProofChecker& former) noexcept {
  shared_ = former.shared_;
}

// What is wrong with the claims; null: nothing. until_s: the last second at which `iat` is within
// the window.
const char* ProofChecker::broken_claim(const ProofQuestion& question, const JsonObject& claims,
                                       std::uint64_t& until_s) const {
  const auto jti = text_member(claims, "jti");
  if (!jti || jti->empty() || jti->size() > kProofIdBytes) return "`jti` is missing or too long";
  const auto htm = text_member(claims, "htm");
  if (!htm || htm->empty() || *htm != question.http.method) return "`htm` is not the method";
  std::string ours;
  std::string theirs;
  if (!origin_.url_of(question.http.url, ours)) return "our own URL is not known";
  const auto htu = text_member(claims, "htu");
  if (!htu || !normalize_url(*htu, theirs) || theirs != ours) return "`htu` is not the URL";
  double issued = 0;
  if (read_time(claims, "/iat", issued) != Reading::sound) return "`iat` is missing or malformed";
  const auto window = static_cast<double>(window_s_);
  if (std::abs(issued - static_cast<double>(question.now_s)) > window) {
    return "`iat` is not within the window";
  }
  until_s = static_cast<std::uint64_t>(issued + window);
  const auto ath = text_member(claims, "ath");
  if (!ath || !is_thumbprint_of(*ath, crypto::sha256(question.token))) {
    return "`ath` is not the digest of the token";
  }
  return nullptr;
}

ErrorCode ProofChecker::check_nonce(const JsonObject& claims, std::uint64_t now_s,
                                    std::string& nonce, std::uint64_t& until_s) const {
  if (!require_nonce_) return ErrorCode::none;
  std::uint64_t nonce_until_s = 0;
  const auto age =
      shared_->nonces.age(text_member(claims, "nonce").value_or(""), now_s, nonce_until_s);
  if (age != NonceAge::current) nonce = shared_->nonces.current(now_s);
  if (age == NonceAge::unknown) return ErrorCode::proof_nonce;
  until_s = std::min(until_s, nonce_until_s);
  return ErrorCode::none;
}

ErrorCode ProofChecker::check(const ProofQuestion& question, std::string& nonce,
                              Trace* trace) const {
  Compact proof;
  const char* why = nullptr;
  if (const ErrorCode code = read_proof(question.http, reader(), proof, why);
      code != ErrorCode::none) {
    return refuse(trace, code, why);
  }
  if (!proof.typ || !is_type(*proof.typ, "dpop+jwt")) {
    return refuse(trace, ErrorCode::proof_invalid, "`typ` is not dpop+jwt");
  }
  if (!algorithms_.has(proof.algorithm)) {
    return refuse(trace, ErrorCode::proof_invalid, "the algorithm is not allowed");
  }
  std::uint64_t until_s = 0;
  if (const char* claim = broken_claim(question, proof.payload, until_s)) {
    return refuse(trace, ErrorCode::proof_invalid, claim);
  }
  if (check_nonce(proof.payload, question.now_s, nonce, until_s) != ErrorCode::none) {
    return refuse(trace, ErrorCode::proof_nonce, "it has none of our nonces");
  }
  const auto key = key_of(proof);
  if (!key) {
    return refuse(trace, ErrorCode::proof_invalid, "`jwk` is no public key for the algorithm");
  }
  if (!crypto::equal_in_constant_time(key->thumbprint(), question.thumbprint)) {
    return refuse(trace, ErrorCode::token_binding, "the token is bound to another key");
  }
  if (!key->verify(proof.signing_input, proof.signature)) {
    return refuse(trace, ErrorCode::proof_invalid, "the signature is wrong");
  }
  // Last, so that nobody but the owner of the key fills the store.
  switch (shared_->used.remember(key->thumbprint(), *text_member(proof.payload, "jti"),
                                 *text_member(proof.payload, "htu"), until_s, question.now_s)) {
    case ProofUse::first: break;
    case ProofUse::again: return refuse(trace, ErrorCode::proof_replayed, "it was used before");
    case ProofUse::full:
      return refuse(trace, ErrorCode::proofs_exhausted, "no room to remember it");
  }
  if (trace != nullptr) trace->passed(kStep, "key " + key->thumbprint());
  return ErrorCode::none;
}

}  // namespace mcpgov::identity
