// Key sets, and checking a token's signature with one.
// Tested by tests/identity/key_set_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/key_set.hpp"

#include <algorithm>
#include <utility>

namespace mcpgov::identity {
namespace {

// 100 keys with 20 members each, and chains of certificates.
constexpr StrictLimits kLimits{kLongestKeySet, 16, 10'000};

Error malformed(std::string sentence) {
  return {ErrorCode::identity_keys, std::move(sentence), {}, 0, 0};
}

bool ids_differ(const std::vector<Key>& keys) {
  std::vector<std::string_view> ids;
  for (const Key& each : keys) {
    if (!each.id().empty()) ids.push_back(each.id());
  }
  std::sort(ids.begin(), ids.end());
  return std::adjacent_find(ids.begin(), ids.end()) == ids.end();
}

}  // namespace

Result<KeySet> KeySet::read(std::string_view text, const KeyRules& rules) {
  StrictJson json;
  if (!json.read(text, kLimits)) return malformed("it is no JSON object that can be read");
  const auto list = member(json.root(), "keys");
  if (!list || !list->is_array()) return malformed("`keys` is no list");
  const simdjson::dom::array jwks(*list);
  KeySet out;
  std::size_t index = 0;
  for (const JsonElement each : jwks) {
    if (index == kMostKeys) return malformed("it holds more than 100 keys");
    const std::string place = "keys[" + std::to_string(index++) + "]: ";
    if (!each.is_object()) return malformed(place + "no JSON object");
    const JsonObject jwk(each);
    if (has_private_members(jwk)) return malformed(place + "it holds a private or secret key");
    Result<std::optional<Key>> key = read_jwk(jwk, rules);
    if (!key) {
      Error why = std::move(key).error();
      why.message.insert(0, place);
      if (!rules.pass_over_bad) return why;
      out.passed_over_.push_back(std::move(why.message));
    } else if (!*key) {
      out.passed_over_.push_back(place + "it is for something else");
    } else {
      out.keys_.push_back(**std::move(key));
    }
  }
  if (!ids_differ(out.keys_)) return malformed("two of its keys have the same id");
  if (out.keys_.empty() && !rules.may_be_empty)
    return malformed("it holds no key that can be used");
  return out;
}

Result<KeySet> KeySet::from_secrets(const std::vector<Secret>& secrets) {
  KeySet out;
  for (const Secret& each : secrets) {
    if (!is_symmetric(each.algorithm)) {
      return Error{ErrorCode::identity_key, "a secret is for HS256, HS384 or HS512", {}, 0, 0};
    }
    const crypto::Hash hash = each.algorithm == Algorithm::hs256   ? crypto::Hash::sha256
                              : each.algorithm == Algorithm::hs384 ? crypto::Hash::sha384
                                                                   : crypto::Hash::sha512;
    Result<crypto::HmacKey> key = crypto::HmacKey::make(hash, each.bytes);
    if (!key) return std::move(key).error();
    if (each.id.empty() && secrets.size() > 1) return malformed("one of several secrets has no id");
    out.keys_.emplace_back(std::string(each.id), each.algorithm, *std::move(key));
  }
  if (!ids_differ(out.keys_)) return malformed("two secrets have the same id");
  if (out.keys_.empty()) return malformed("there is no secret");
  return out;
}

const Key* KeySet::key_for(const Compact& token) const noexcept {
  const Key* found = nullptr;
  for (const Key& each : keys_) {
    const bool nameless_secret = each.id().empty() && is_symmetric(each.algorithm());
    if (token.kid && !nameless_secret) {
      if (each.id() == *token.kid) return &each;
    } else if (each.algorithm() == token.algorithm) {
      if (found != nullptr) return nullptr;
      found = &each;
    }
  }
  return found;
}

ErrorCode check_signature(const Compact& token, const KeySet& keys, AlgorithmSet allowed,
                          const Key*& used) noexcept {
  used = nullptr;
  if (!allowed.has(token.algorithm)) return ErrorCode::token_algorithm;
  const Key* key = keys.key_for(token);
  if (key == nullptr) return ErrorCode::token_key_unknown;
  if (key->algorithm() != token.algorithm) return ErrorCode::token_algorithm;
  if (!key->verify(token.signing_input, token.signature)) return ErrorCode::token_signature;
  used = key;
  return ErrorCode::none;
}

}  // namespace mcpgov::identity
