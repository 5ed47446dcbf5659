// What a token is bound to (RFC 7800), and whether a request shows it: a client certificate (RFC
// 8705), or the scheme under which a key is proven (RFC 9449).
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "crypto/sha256.hpp"
#include "identity/strict_json.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// Thumbprints, base64url of SHA-256; empty: not bound to one. With both, both have to be shown.
struct Confirmation {
  std::string key;          // `jkt` (RFC 9449 section 6.1)
  std::string certificate;  // `x5t#S256` (RFC 8705 section 3.1)
};

// Reads the claim `cnf`, of a token or of an introspection answer alike.
// Errors: token_claim (no object, an empty one, or a thumbprint that is none); token_binding (bound
// to something else, such as `jwk` or `kid`: nobody could show it here, and passing the token on
// without would make it a bearer token). Throws: std::bad_alloc.
ErrorCode read_confirmation(const JsonObject& claims, Confirmation& out);

// thumbprint: Confirmation::certificate. required: tokens that are bound to no certificate are
// refused. shown: digest of the DER of the client certificate of this request; null: there is none.
// Errors: token_binding.
ErrorCode check_certificate_binding(std::string_view thumbprint, bool required,
                                    const crypto::Digest* shown) noexcept;

// thumbprint: Confirmation::key. dpop: the scheme of `Authorization` is DPoP, not Bearer. A bound
// token that came as bearer token would be as good as an unbound one for whoever stole it (RFC 9449
// section 7.2), and an unbound one under DPoP would only seem to be safe.
// Errors: token_binding.
ErrorCode check_scheme(std::string_view thumbprint, bool required, bool dpop) noexcept;

// base64url without padding, 43 characters. Throws: std::bad_alloc.
std::string thumbprint_text(const crypto::Digest& digest);

// Whether text is the thumbprint of digest, compared in constant time.
bool is_thumbprint_of(std::string_view text, const crypto::Digest& digest) noexcept;

}  // namespace mcpgov::identity
