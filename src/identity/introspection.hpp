// Opaque tokens: asking their issuer about them (RFC 7662), and the forms of GitHub and Google.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "identity/settings.hpp"
#include "identity/strict_json.hpp"
#include "mcpgov/identity.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// An answer holds claims of one token and nothing else; tokens themselves have at most 16 KiB.
constexpr std::size_t kIntrospectionBytes = std::size_t{64} * 1024;

constexpr std::size_t kNobodyToAsk = ~std::size_t{0};

// The place of the issuer whose endpoint is asked about an opaque token. The token names none, so
// this is a matter of settings: GitHub's prefixes (`gho_`, `ghu_`) belong to the issuer with the
// GitHub form, Google's (`ya29.`) to that with the Google form, and all others to that with RFC
// 7662. What has a prefix is sent to nobody else. kNobodyToAsk: the settings have no such issuer.
std::size_t issuer_to_ask(std::span<const IssuerSettings> issuers, std::string_view token) noexcept;

// At most one issuer has each form. Errors: identity_setting.
Result<void> check_who_is_asked(std::span<const IssuerSettings> issuers);

// The question. endpoint: of the issuer's metadata, used where the settings have no `url` and the
// form is RFC 7662; the other forms have fixed ones (`url` is then the base of GitHub's API, or
// Google's endpoint). The client authenticates with Basic (RFC 6749 section 2.3.1). kind and all
// but `number` are set. Without any endpoint, url is empty and there is nothing to fetch.
// Throws: std::bad_alloc.
Fetch introspection_fetch(const IssuerSettings& settings, std::string_view endpoint,
                          std::string_view token);

// Reads the answer into claims for check_introspected() and map_introspected(); they live in
// scratch. Nothing but `active: true` counts as that (GitHub: status 200).
// Errors: token_inactive (the issuer does not know the token, or no longer), identity_answer.
// Throws: std::bad_alloc.
ErrorCode read_introspection(const IssuerSettings& settings, const FetchAnswer& answer,
                             StrictJson& scratch, JsonObject& claims);

}  // namespace mcpgov::identity
