// One key of an issuer, as JSON Web Key (RFC 7517) or as a secret of the configuration.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "crypto/hmac.hpp"
#include "crypto/public_key.hpp"
#include "identity/algorithm.hpp"
#include "identity/strict_json.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// Which keys are taken. What is not said is the strictest.
struct KeyRules {
  // A key is used with one algorithm of these: the one that its `alg` names, or else the one that
  // its type and curve leave. An RSA key without `alg` leaves six: it is used with the only one of
  // them that is allowed, or with RS256 where that is allowed among others. RS256 is what issuers
  // mean that leave `alg` out (OpenID Connect Core section 15.1; Entra ID's keys), and a second
  // algorithm for the same key is what RFC 8725 section 3.1 forbids.
  AlgorithmSet algorithms;
  std::string_view use = "sig";  // `use` is this, or absent
  bool use_required = false;     // not absent (SPIFFE)
  bool id_required = false;
  // Larger ones are refused: 3,072 bits cost 28 us a signature, 4,096 bits 48 us, 8,192 bits 190.
  std::uint32_t max_rsa_bits = 3072;
  // A set of an issuer that rotates: keys that are malformed or weak are passed over, as they are
  // never used, instead of taking the good ones with them.
  bool pass_over_bad = false;
  bool may_be_empty = false;  // a set of which no key is left
};

// A key with the only algorithm that it is used with. Threads: immutable, share freely.
class Key {
 public:
  Key(std::string id, Algorithm algorithm, std::variant<crypto::PublicKey, crypto::HmacKey> key)
      : id_(std::move(id)), algorithm_(algorithm), key_(std::move(key)) {}

  const std::string& id() const noexcept { return id_; }  // `kid`; empty: none
  Algorithm algorithm() const noexcept { return algorithm_; }
  // RFC 7638 with SHA-256, base64url; empty for secrets.
  const std::string& thumbprint() const noexcept { return thumbprint_; }
  // The member `issuer` that Entra ID gives each key; empty: none.
  const std::string& issuer() const noexcept { return issuer_; }

  [[nodiscard]] bool verify(std::string_view bytes, std::string_view signature) const noexcept;

 private:
  friend Result<std::optional<Key>> read_jwk(const JsonObject& jwk, const KeyRules& rules);

  std::string id_;
  std::string thumbprint_;
  std::string issuer_;
  Algorithm algorithm_;
  std::variant<crypto::PublicKey, crypto::HmacKey> key_;
};

// Whether a JWK holds what only its owner may know: RFC 7518 sections 6.2.2, 6.3.2 and 6.4,
// RFC 8037 section 2.
bool has_private_members(const JsonObject& jwk) noexcept;

// The key of a JWK; nothing when it is for something else: another `kty`, `crv`, `use`, `alg`, or
// `key_ops` without `verify` or with more than `sign` beside it. Private and symmetric keys are
// refused. Errors: identity_key. Throws: std::bad_alloc.
Result<std::optional<Key>> read_jwk(const JsonObject& jwk, const KeyRules& rules);

}  // namespace mcpgov::identity
