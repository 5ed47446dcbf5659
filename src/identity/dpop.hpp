// Proofs that the sender of a token has the key that the token is bound to (DPoP, RFC 9449).
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "identity/algorithm.hpp"
#include "identity/compact.hpp"
#include "identity/proof_nonces.hpp"
#include "identity/replay_store.hpp"
#include "identity/request_url.hpp"
#include "identity/settings.hpp"
#include "identity/trace.hpp"
#include "mcpgov/result.hpp"
#include "mcpgov/wire.hpp"

namespace mcpgov::identity {

// RFC 9449 sets no limit. A proof with an RSA key of 3,072 bits has 1.5 KiB.
inline constexpr std::size_t kProofBytes = 8 * 1024;
inline constexpr std::size_t kProofIdBytes = 256;  // of `jti`; a UUID has 36

// What a proof is held against, borrowed for the call.
// token: the access token as it was sent. thumbprint: Confirmation::key of that token.
struct ProofQuestion {
  const HttpHead& http;
  std::string_view token;
  std::string_view thumbprint;
  std::uint64_t now_s = 0;
};

// Threads: thread-safe but for inherit(). Copies share the proofs that were used.
class ProofChecker {
 public:
  // resource_url: whose scheme, host and port clients use unless the settings name others.
  // Errors: identity_setting (URLs; algorithms without public key; a window or number of proofs of
  // zero), internal (no random bytes). Throws: std::bad_alloc.
  static Result<ProofChecker> make(const DpopSettings& settings, std::string_view resource_url);

  // All checks of RFC 9449 section 4.3, the cheap ones first; that a bound token is not sent as
  // bearer token is check_scheme()'s. A `nonce` that nobody asked for is not looked at.
  // nonce: set when the client is to use it from now on (`DPoP-Nonce`): because the proof had none
  // that is known, or one that soon ends. Untouched otherwise.
  // Errors: proof_missing; proof_invalid; proof_nonce (none, or one that is not known);
  // token_binding (the key of the proof is not that of the token); proof_replayed; proofs_exhausted
  // (no room to remember it). Throws: std::bad_alloc.
  ErrorCode check(const ProofQuestion& question, std::string& nonce, Trace* trace = nullptr) const;

  AlgorithmSet algorithms() const noexcept { return algorithms_; }

  // Goes on with the used proofs and the nonces of a former checker, so that a proof that it took
  // is not taken again. Its number of proofs stays, and so does the period of its nonces.
  void inherit(const ProofChecker& former) noexcept;

 private:
  struct Shared;

  ProofChecker(AlgorithmSet algorithms, std::uint32_t window_s, bool require_nonce,
               ExternalOrigin origin, std::shared_ptr<Shared> shared) noexcept;
  const char* broken_claim(const ProofQuestion& question, const JsonObject& claims,
                           std::uint64_t& until_s) const;
  ErrorCode check_nonce(const JsonObject& claims, std::uint64_t now_s, std::string& nonce,
                        std::uint64_t& until_s) const;

  AlgorithmSet algorithms_;
  std::uint32_t window_s_;
  bool require_nonce_;
  ExternalOrigin origin_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace mcpgov::identity
