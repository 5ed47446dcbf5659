// What a verifier is made of: settings, keys, caches, and the steps from credentials to a caller.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/sha256.hpp"
#include "identity/answer_cache.hpp"
#include "identity/api_keys.hpp"
#include "identity/bundle_source.hpp"
#include "identity/compact.hpp"
#include "identity/confirmation.hpp"
#include "identity/credentials.hpp"
#include "identity/dpop.hpp"
#include "identity/failure_buckets.hpp"
#include "identity/forwarded_certificate.hpp"
#include "identity/key_source.hpp"
#include "identity/overage.hpp"
#include "identity/resource.hpp"
#include "identity/settings.hpp"
#include "identity/svid.hpp"
#include "identity/token_cache.hpp"
#include "identity/trace.hpp"

namespace mcpgov::identity {

// One issuer at work. Threads: thread-safe.
struct Issuer {
  IssuerSettings settings;
  AlgorithmSet algorithms;  // that its tokens may be signed with
  std::unique_ptr<KeySource> keys;
};

// One trust domain at work. Threads: thread-safe.
struct Domain {
  TrustDomainSettings settings;
  std::vector<std::string> audiences;
  std::unique_ptr<BundleSource> source;
};

// One look at the credentials of a request. Borrowed for the call.
struct Look {
  const Presented& presented;
  std::uint64_t now_us;
  Trace* trace = nullptr;

  std::uint64_t now_s() const noexcept { return now_us / 1'000'000; }
};

// What came of a token: verified, or why not, and what has to be fetched first.
// issuer: its place, who is charged for a refusal; trust domains come behind the issuers.
struct TokenOutcome {
  static constexpr std::size_t kNoIssuer = ~std::size_t{0};

  ErrorCode reason = ErrorCode::token_malformed;
  std::shared_ptr<const VerifiedToken> verified;
  std::size_t issuer = kNoIssuer;
  std::uint32_t retry_after_s = 0;
  bool unknown_key = false;  // it waits because there are keys, and none of them is the token's
  std::vector<Fetch> pending;
};

// The client certificate of a request, of the connection or as a proxy tells.
struct ShownCertificate {
  std::optional<crypto::Digest> sha256;
  std::optional<ForwardedCertificate> forwarded;  // where it is the proxy's word
};

// Threads: thread-safe but for set_up() and inherit().
class Verifier::State {
 public:
  explicit State(Settings settings);

  // Reads keys, pointers, bundles. Errors: as Verifier::from_json.
  Result<void> set_up();

  Identification identify(const Look& look) noexcept;
  void hold() noexcept;
  void release() noexcept;
  std::vector<Fetch> due(std::uint64_t now_us);
  Result<void> accept(const Fetch& fetch, const FetchAnswer& answer, std::uint64_t now_us);
  void inherit(const State& former);

  const Settings settings;
  ResourceMetadata resource;

 private:
  // verifier_setup.cpp
  Result<void> add_issuer(const IssuerSettings& each);
  Result<void> add_domain(const TrustDomainSettings& each);
  Result<void> set_up_rest();
  Result<void> accept_introspection(const Issuer& issuer, std::size_t number, const Fetch& fetch,
                                    const FetchAnswer& answer, std::uint64_t now_us);
  Result<void> accept_groups(const Fetch& fetch, const FetchAnswer& answer, std::uint64_t now_us);

  // verifier.cpp
  Identification examine(const Look& look);
  Identification by_token(const Look& look, const Credentials& shown);
  Identification by_api_key(const Look& look, const Credentials& shown);
  Identification by_certificate(const Look& look);
  bool is_direct(const Look& look) const noexcept;
  bool needs_proof(const VerifiedToken& token) const noexcept;
  ErrorCode prove(const Look& look, const Credentials& shown, const VerifiedToken& token,
                  ShownCertificate& certificate, std::string& nonce) const;
  ErrorCode read_certificate(const Look& look, bool needed, ShownCertificate& out) const;
  ErrorCode workload_of(const Look& look, const ShownCertificate& certificate, Workload& out) const;
  void wait_for_bundles(const Look& look, std::vector<Fetch>& pending,
                        std::uint32_t& retry_after_s) const;
  std::shared_ptr<const Caller> with_workload(const Look& look, const ShownCertificate& shown,
                                              std::shared_ptr<const VerifiedToken> token) const;
  // scopes: what the issuer's tokens need; empty: all of the resource.
  Identification refuse(ErrorCode reason, bool dpop,
                        std::span<const std::string> scopes = {}) const;
  Identification too_many(std::uint32_t wait_s) const;
  Identification refused_token(const Look& look, const Credentials& shown, TokenOutcome outcome);

  // verifier_tokens.cpp
  TokenOutcome verify(const Look& look, std::string_view token);
  TokenOutcome verify_signed(const Look& look, std::string_view token);
  TokenOutcome verify_by_issuer(const Look& look, std::size_t number, const Compact& token);
  TokenOutcome verify_svid(const Look& look, std::string_view token, std::size_t number);
  TokenOutcome verify_opaque(const Look& look, std::size_t issuer, std::string_view token);
  std::size_t issuer_of(const Compact& token) const noexcept;
  std::size_t domain_of(const Compact& token) const noexcept;
  TokenOutcome missing_key(const Look& look, std::size_t issuer, std::string_view kid);
  ErrorCode check_and_map(const Look& look, const Issuer& issuer, const Compact& token,
                          VerifiedToken& out, TokenOutcome& outcome);
  ErrorCode complete_groups(const Look& look, const Issuer& issuer, const JsonObject& claims,
                            Caller& caller, TokenOutcome& outcome);
  std::shared_ptr<const VerifiedToken> cached(const Look& look, std::string_view token);
  std::uint64_t generation_of(std::size_t issuer) const noexcept;

  // The trust domains with the bundles of now, for one look.
  struct Domains {
    std::vector<BundleNow> bundles;
    std::vector<TrustDomain> list;
  };
  Domains domains(std::uint64_t now_us) const;

  // Shared by everything that takes one of the locks inside; alone only around a fork. A token of
  // the cache that needs no proof takes none.
  std::shared_mutex gate_;
  std::uint64_t held_in_ = 0;           // fork generation of hold()
  std::vector<std::string> audiences_;  // of issuers that name none
  std::vector<Issuer> issuers_;
  std::vector<Domain> domains_;
  ApiKeys api_keys_;
  std::optional<ForwardedRules> forwarded_;
  std::optional<ProofChecker> proofs_;
  TokenCache cache_;
  FailureBuckets failures_;
  AnswerCache<VerifiedToken> opaque_;
  GroupCache groups_;
};

}  // namespace mcpgov::identity
