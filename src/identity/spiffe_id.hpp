// SPIFFE IDs: `spiffe://<trust domain>/<path>` in their one normal spelling.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace mcpgov::identity {

// Parts of a SPIFFE ID, borrowed from its text.
struct SpiffeId {
  std::string_view trust_domain;
  std::string_view issuer;  // the text up to the path: `spiffe://example.org`
  std::string_view path;    // `/web/1`; empty: the ID of the trust domain itself
};

// Spec: SPIFFE-ID section 2. Empty: anything that is not a SPIFFE ID, or not in normal form: upper
// case in scheme or trust domain, which the specification lets a reader fold, is refused, so that
// an identity has one spelling.
std::optional<SpiffeId> parse_spiffe_id(std::string_view text) noexcept;

// Spec: SPIFFE-ID section 2.1.
bool is_trust_domain(std::string_view name) noexcept;

}  // namespace mcpgov::identity
