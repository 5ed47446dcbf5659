// API keys, of which the configuration knows the SHA-256 only.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/sha256.hpp"
#include "identity/settings.hpp"
#include "identity/trace.hpp"
#include "mcpgov/identity.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// 20 characters of base64 are 120 bits; what is shorter could be guessed, hash or no hash.
constexpr std::size_t kShortestApiKey = 20;
constexpr std::size_t kLongestApiKey = 512;

// Threads: immutable, share freely.
class ApiKeys {
 public:
  ApiKeys() = default;

  // Each key has an id, 64 hexadecimal digits and a complete caller that is not anonymous; no id
  // and no digest is there twice. The evidence of the callers is set here.
  // Errors: identity_setting, identity_key (the digest).
  static Result<ApiKeys> make(std::vector<ApiKeySettings> keys);

  bool empty() const noexcept { return keys_.empty(); }

  // Whose key it is. The time tells nothing about keys: what is looked up is the digest of what was
  // shown, and who learned a digest of ours bit by bit would still need the key that has it.
  // expires_s: of the key; 0: never.
  // Errors: api_key_unknown, also for keys that have expired or have an impossible length.
  // Throws: std::bad_alloc, when there is no memory for a digest.
  ErrorCode find(std::string_view shown, std::uint64_t now_s, std::shared_ptr<const Caller>& out,
                 std::uint64_t& expires_s, Trace* trace = nullptr) const;

 private:
  struct Key {
    crypto::Digest digest;
    std::uint64_t expires_s;
    std::shared_ptr<const Caller> caller;
  };
  std::vector<Key> keys_;  // by digest
};

struct NewApiKey {
  std::string key;     // for whoever is to call; 43 characters of base64url after the prefix
  std::string sha256;  // for the configuration
};

// A key of 256 random bits. prefix: at most 32 letters, digits, `_` and `-`, by which people and
// scanners for leaked secrets know it.
// Errors: identity_setting (the prefix), internal (the system has no randomness).
inline constexpr std::string_view kApiKeyPrefix = "mcpgov_";
Result<NewApiKey> new_api_key(std::string_view prefix = kApiKeyPrefix);

}  // namespace mcpgov::identity
