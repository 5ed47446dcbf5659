// The keys of one issuer, and the signatures that they vouch for.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "identity/algorithm.hpp"
#include "identity/compact.hpp"
#include "identity/jwk.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// Far more than any issuer publishes; Google and Entra ID have 3 to 8 keys of 2 KiB each.
inline constexpr std::size_t kMostKeys = 100;
inline constexpr std::size_t kLongestKeySet = 256 * 1024;

// A secret that issuer and verifier share, for HS256, HS384 or HS512.
struct Secret {
  Algorithm algorithm = Algorithm::none;
  std::string_view bytes;
  std::string_view id = {};  // `kid`; empty: a token's `kid` is not looked at
};

// Keys found by their id. Threads: immutable, share freely.
class KeySet {
 public:
  // A JWK set (RFC 7517 section 5) of at most 256 KiB and 100 keys. Keys for something else are
  // passed over. A set with a private or secret key is refused as a whole: whoever publishes that
  // has lost it. So is one in which two keys that could be used have the same id.
  // Errors: identity_keys; identity_key, whose sentence starts with the key's place, `keys[3]: …`.
  // Throws: std::bad_alloc.
  static Result<KeySet> read(std::string_view text, const KeyRules& rules);

  // The only way to keys of HMAC. Ids are there and differ where there are several secrets.
  // Errors: identity_key, identity_keys (none, or ids). Throws: std::bad_alloc.
  static Result<KeySet> from_secrets(const std::vector<Secret>& secrets);

  const std::vector<Key>& keys() const noexcept MCPGOV_LIFETIME_BOUND { return keys_; }
  // What was passed over and why, `keys[3]: …`, for explanations.
  const std::vector<std::string>& passed_over() const noexcept MCPGOV_LIFETIME_BOUND {
    return passed_over_;
  }

  // The key for a token: that of its `kid`; for a token without one, the only key of its algorithm.
  // Null: there is none, or more than one.
  const Key* key_for(const Compact& token) const noexcept MCPGOV_LIFETIME_BOUND;

 private:
  std::vector<Key> keys_;
  std::vector<std::string> passed_over_;
};

// Whether the token is signed by a key of the issuer, with an algorithm that the issuer may use and
// that is the key's. used: the key, when it is; its address lives as long as the set.
// Returns token_algorithm, token_key_unknown or token_signature, or none.
ErrorCode check_signature(const Compact& token, const KeySet& keys, AlgorithmSet allowed,
                          const Key*& used) noexcept;

}  // namespace mcpgov::identity
