// Reading SPIFFE bundles.
// Tested by tests/identity/trust_bundle_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/trust_bundle.hpp"

#include <limits>
#include <vector>

#include "base/base64.hpp"
#include "identity/spiffe_id.hpp"
#include "identity/strict_json.hpp"

namespace mcpgov::identity {
namespace {

// As those of key sets, which read the same text.
constexpr StrictLimits kLimits{kLongestKeySet, 16, 10'000};

Error malformed(std::string sentence) {
  return {ErrorCode::identity_bundle, std::move(sentence), {}, 0, 0};
}

bool is_known_type(const JsonObject& entry) noexcept {
  const auto type = text_member(entry, "kty");
  return type == "RSA" || type == "EC" || type == "OKP";
}

// The first text of `x5c`. X509-SVID section 6.2: no list or an empty one passes the entry over,
// and what follows the first certificate does not count.
std::optional<JsonElement> first_certificate(const JsonObject& entry) noexcept {
  const auto list = member(entry, "x5c");
  if (!list || !list->is_array()) return std::nullopt;
  const simdjson::dom::array certificates(*list);
  if (certificates.begin() == certificates.end()) return std::nullopt;
  return *certificates.begin();
}

std::optional<crypto::Certificate> decode(const JsonElement& element) {
  if (!element.is_string()) return std::nullopt;
  std::string der;
  if (!decode_base64(element.get_string().value_unsafe(), der)) return std::nullopt;
  return crypto::Certificate::from_der(der);
}

Result<crypto::TrustAnchors> read_authorities(const JsonObject& bundle) {
  std::vector<crypto::Certificate> authorities;
  std::size_t index = 0;
  for (const JsonElement each : simdjson::dom::array(*member(bundle, "keys"))) {
    const std::string place = "keys[" + std::to_string(index++) + "]: ";
    const JsonObject entry(each);
    if (!is_known_type(entry) || text_member(entry, "use") != "x509-svid") continue;
    const auto encoded = first_certificate(entry);
    if (!encoded) continue;
    auto certificate = decode(*encoded);
    if (!certificate) return malformed(place + "`x5c` holds no certificate that can be read");
    if (!certificate->facts().authority) {
      return malformed(place + "the certificate is no authority's");
    }
    authorities.push_back(std::move(*certificate));
  }
  auto anchors = crypto::TrustAnchors::from(authorities);
  if (!anchors) return malformed("a certificate is no authority's");
  return std::move(*anchors);
}

// An integer that is not negative; value stays empty where it is absent. False: something else.
bool read_number(const JsonObject& bundle, std::string_view name,
                 std::optional<std::uint64_t>& value) noexcept {
  const auto found = member(bundle, name);
  if (!found) return true;
  std::uint64_t number = 0;
  if (found->get_uint64().get(number) != simdjson::SUCCESS) return false;
  value = number;
  return true;
}

}  // namespace

Result<TrustBundle> TrustBundle::read(std::string_view trust_domain, std::string_view text) {
  if (!is_trust_domain(trust_domain)) return malformed("the name of the trust domain is malformed");
  KeyRules rules;
  rules.algorithms = svid_algorithms();
  rules.use = "jwt-svid";
  rules.use_required = true;
  rules.id_required = true;
  rules.max_rsa_bits = 4096;  // SPIRE's `jwt_key_type` goes so far
  rules.pass_over_bad = true;
  rules.may_be_empty = true;
  auto keys = KeySet::read(text, rules);
  if (!keys) return malformed(keys.error().message);
  StrictJson json;
  if (!json.read(text, kLimits)) return malformed("it is no JSON object that can be read");
  auto authorities = read_authorities(json.root());
  if (!authorities) return authorities.error();
  TrustBundle bundle(std::string(trust_domain), std::move(*authorities), std::move(*keys));
  std::optional<std::uint64_t> hint;
  if (!read_number(json.root(), "spiffe_sequence", bundle.sequence_) ||
      !read_number(json.root(), "spiffe_refresh_hint", hint)) {
    return malformed("`spiffe_sequence` or `spiffe_refresh_hint` is no whole number");
  }
  constexpr std::uint64_t kLongest = std::numeric_limits<std::uint32_t>::max();
  bundle.refresh_hint_s_ = static_cast<std::uint32_t>(std::min(hint.value_or(0), kLongest));
  return bundle;
}

}  // namespace mcpgov::identity
