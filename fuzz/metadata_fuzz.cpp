// What issuers and trust domains answer, of any bytes: metadata whose keys may be fetched, or
// nothing; a bundle whose keys have ids, or nothing.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "identity/fetch_url.hpp"
#include "identity/key_source.hpp"
#include "identity/trust_bundle.hpp"

using namespace mcpgov;
using namespace mcpgov::identity;

namespace {

constexpr std::uint64_t kNow = 1'790'000'000'000'000;

void require(bool holds) {
  if (!holds) std::abort();
}

void metadata(std::string_view body, bool private_addresses) {
  IssuerSettings settings;
  settings.issuer = "https://login.example.com";
  settings.reach.private_addresses = private_addresses;
  auto source = KeySource::make(settings);
  require(source.has_value());
  const auto fetch = (*source)->due(kNow);
  require(fetch.has_value() && fetch->kind == FetchKind::metadata);
  const auto taken = (*source)->accept(*fetch, {fetch->number, 200, body, 0}, kNow);
  require((*source)->keys(kNow) == nullptr);
  if (!taken) {
    require(taken.error().code == ErrorCode::identity_metadata ||
            taken.error().code == ErrorCode::identity_issuer_mismatch ||
            taken.error().code == ErrorCode::identity_answer);
    return;
  }
  const auto keys = (*source)->due(kNow);
  require(keys.has_value() && keys->kind == FetchKind::keys);
  require(may_fetch(keys->url, private_addresses));
  const std::string introspection = (*source)->introspection_url();
  require(introspection.empty() || may_fetch(introspection, private_addresses));
}

}  // namespace

// The first byte chooses.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  if (bytes[0] % 4 < 2) {
    metadata(body, bytes[0] % 4 == 1);
    return 0;
  }
  const auto bundle = TrustBundle::read("example.org", body);
  if (!bundle) {
    require(bundle.error().code == ErrorCode::identity_bundle);
    return 0;
  }
  for (const Key& each : bundle->token_keys().keys()) require(!each.id().empty());
  return 0;
}
