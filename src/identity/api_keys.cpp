// API keys, of which the configuration knows the SHA-256 only.
// Tested by tests/identity/api_keys_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/api_keys.hpp"

#include <algorithm>

#include "crypto/random.hpp"
#include "identity/base64url.hpp"
#include "identity/claim_values.hpp"

namespace mcpgov::identity {

namespace {

constexpr std::size_t kLongestPrefix = 32;

Error wrong(const ApiKeySettings& key, std::string_view why,
            ErrorCode code = ErrorCode::identity_setting) {
  std::string sentence = "the API key `";
  sentence.append(key.id.substr(0, 100)).append("` ").append(why);
  return {code, std::move(sentence), {}, 0, 0};
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool read_digest(std::string_view text, crypto::Digest& out) noexcept {
  if (text.size() != 2 * out.size()) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_digit(text[2 * i]);
    const int low = hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

std::string_view bytes_of(const crypto::Digest& digest) noexcept {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

Result<ApiKeys> ApiKeys::make(std::vector<ApiKeySettings> keys) {
  ApiKeys out;
  for (ApiKeySettings& key : keys) {
    if (!is_claim_name(key.id)) return wrong(key, "has an `id` that is empty or malformed");
    if (std::count_if(keys.begin(), keys.end(), [&](const auto& k) { return k.id == key.id; }) >
        1) {
      return wrong(key, "is there twice");
    }
    Key made{{}, key.expires_s, nullptr};
    if (!read_digest(key.sha256, made.digest)) {
      return wrong(key, "has no `sha256` of 64 hexadecimal digits", ErrorCode::identity_key);
    }
    Caller caller = key.caller;
    caller.evidence = {};
    caller.evidence.kind = EvidenceKind::api_key;
    caller.evidence.key_id = key.id;
    if (auto checked = check(caller); !checked) return wrong(key, checked.error().message);
    if (caller.kind == CallerKind::anonymous) return wrong(key, "stands for nobody");
    made.caller = std::make_shared<const Caller>(std::move(caller));
    out.keys_.push_back(std::move(made));
  }
  const auto by_digest = [](const Key& a, const Key& b) { return a.digest < b.digest; };
  std::sort(out.keys_.begin(), out.keys_.end(), by_digest);
  const auto same = [](const Key& a, const Key& b) { return a.digest == b.digest; };
  const auto twice = std::adjacent_find(out.keys_.begin(), out.keys_.end(), same);
  if (twice != out.keys_.end()) {
    return Error{ErrorCode::identity_key,
                 "`" + twice->caller->evidence.key_id + "` and `" +
                     std::next(twice)->caller->evidence.key_id + "` are the same API key",
                 {},
                 0,
                 0};
  }
  return out;
}

ErrorCode ApiKeys::find(std::string_view shown, std::uint64_t now_s,
                        std::shared_ptr<const Caller>& out, std::uint64_t& expires_s,
                        Trace* trace) const {
  const auto refused = [&](const char* why) {
    if (trace != nullptr) trace->failed("API key", why);
    return ErrorCode::api_key_unknown;
  };
  if (shown.size() < kShortestApiKey || shown.size() > kLongestApiKey) {
    return refused("it is shorter or longer than keys are");
  }
  const crypto::Digest digest = crypto::sha256(shown);
  const auto at = std::lower_bound(
      keys_.begin(), keys_.end(), digest,
      [](const Key& key, const crypto::Digest& wanted) { return key.digest < wanted; });
  if (at == keys_.end() ||
      !crypto::equal_in_constant_time(bytes_of(at->digest), bytes_of(digest))) {
    return refused("no key of the configuration has its digest");
  }
  if (at->expires_s != 0 && now_s >= at->expires_s) return refused("it has expired");
  out = at->caller;
  expires_s = at->expires_s;
  if (trace != nullptr) trace->passed("API key", at->caller->evidence.key_id);
  return ErrorCode::none;
}

Result<NewApiKey> new_api_key(std::string_view prefix) {
  const bool plain = std::all_of(prefix.begin(), prefix.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  if (!plain || prefix.size() > kLongestPrefix) {
    return Error{ErrorCode::identity_setting,
                 "a prefix has at most 32 letters, digits, `_` and `-`",
                 {},
                 0,
                 0};
  }
  std::array<std::uint8_t, 32> random{};
  if (!crypto::random_bytes(random)) {
    return Error{ErrorCode::internal, "the system has no randomness", {}, 0, 0};
  }
  NewApiKey out;
  out.key = prefix;
  out.key += encode_base64url({reinterpret_cast<const char*>(random.data()), random.size()});
  out.sha256 = crypto::hex(crypto::sha256(out.key));
  return out;
}

}  // namespace mcpgov::identity
