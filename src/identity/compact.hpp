// Reading a signed token in JWS compact serialization (RFC 7515 section 7.1), before anything of it
// is believed.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "identity/algorithm.hpp"
#include "identity/strict_json.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// Which header parameters a token may have depends on what it is for. In all of them `alg` is there
// and known, and what would change how the token is read or where its key comes from is refused:
// `crit` (no extension is understood here), `b64` (RFC 7797), `zip`, `enc`, `cty` (nested tokens),
// `jku`, `x5u`, `x5c` (RFC 8725 sections 3.1, 3.9, 3.10).
enum class Use : std::uint8_t {
  access_token,  // no `jwk`
  jwt_svid,      // `alg`, `kid` and `typ` only; RS*, PS* and ES* (JWT-SVID sections 2 and 3)
  proof,         // `jwk` is required (RFC 9449 section 4.2)
  bytes,         // no `jwk`; the payload may be anything and is not read
};

// Borrowed from the token and from the reader, until its next read().
struct Compact {
  Algorithm algorithm = Algorithm::none;
  std::string_view algorithm_name;      // as the header has it
  std::optional<std::string_view> kid;  // 1 to 256 bytes without control characters
  std::optional<std::string_view> typ;
  JsonObject header;
  JsonObject payload;              // Use::bytes: empty
  std::string_view payload_bytes;  // decoded
  std::string_view signing_input;  // header and payload as they were sent, with the dot
  std::string_view signature;      // decoded
};

// Keeps its memory, so that a warm reader does not allocate. Threads: one thread.
class CompactReader {
 public:
  // limits.bytes: of the whole token.
  explicit CompactReader(const StrictLimits& limits = {}) : limits_(limits) {}

  // Errors: token_too_large, token_encrypted (four dots), token_malformed (form, base64url, JSON),
  // token_algorithm (no algorithm that is known here), token_header.
  // Throws: std::bad_alloc.
  ErrorCode read(std::string_view token, Use use, Compact& out);

 private:
  ErrorCode read_header(Use use, Compact& out) const;

  StrictLimits limits_;
  StrictJson header_;
  StrictJson payload_;
  std::vector<char> bytes_;
};

// Whether a `kid` has 1 to 256 bytes and no control characters. It is opaque beyond that, and only
// ever looked up among the keys of its issuer.
bool is_key_id(std::string_view text) noexcept;

// Whether typ names the media type, such as `at+jwt`: without regard to case, and with or without
// `application/` before it (RFC 7515 section 4.1.9).
bool is_type(std::string_view typ, std::string_view type) noexcept;

}  // namespace mcpgov::identity
