// The keys of a SPIFFE trust domain: authorities that sign X.509-SVIDs, and keys of JWT-SVIDs.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "crypto/certificate.hpp"
#include "identity/algorithm.hpp"
#include "identity/key_set.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// JWT-SVID section 2.1: of RSA, PSS and ECDSA all sizes, and nothing else.
constexpr AlgorithmSet svid_algorithms() noexcept {
  return AlgorithmSet()
      .with(Algorithm::rs256)
      .with(Algorithm::rs384)
      .with(Algorithm::rs512)
      .with(Algorithm::es256)
      .with(Algorithm::es384)
      .with(Algorithm::es512)
      .with(Algorithm::ps256)
      .with(Algorithm::ps384)
      .with(Algorithm::ps512);
}

// Spec: SPIFFE Trust Domain and Bundle, section 4; X509-SVID section 6; JWT-SVID section 5.
// Threads: immutable after construction, share freely.
class TrustBundle {
 public:
  // text: a JWK set. Entries of other kinds (`kty`, `use`) are passed over, as are authorities
  // without certificate and keys without id. An empty list is a bundle that revokes everything.
  // Errors: identity_bundle (the trust domain's name, JSON, `keys`, a certificate that is malformed
  // or no authority, `spiffe_sequence`, `spiffe_refresh_hint`). Throws: std::bad_alloc.
  static Result<TrustBundle> read(std::string_view trust_domain, std::string_view text);

  const std::string& trust_domain() const noexcept { return trust_domain_; }
  const crypto::TrustAnchors& authorities() const noexcept { return authorities_; }
  const KeySet& token_keys() const noexcept { return token_keys_; }
  // Grows with each version; empty: not said.
  std::optional<std::uint64_t> sequence() const noexcept { return sequence_; }
  // How often the publisher wants to be asked again, in seconds; 0: not said.
  std::uint32_t refresh_hint_s() const noexcept { return refresh_hint_s_; }

 private:
  TrustBundle(std::string trust_domain, crypto::TrustAnchors authorities, KeySet token_keys)
      : trust_domain_(std::move(trust_domain)),
        authorities_(std::move(authorities)),
        token_keys_(std::move(token_keys)) {}

  std::string trust_domain_;
  crypto::TrustAnchors authorities_;
  KeySet token_keys_;
  std::optional<std::uint64_t> sequence_;
  std::uint32_t refresh_hint_s_ = 0;
};

}  // namespace mcpgov::identity
