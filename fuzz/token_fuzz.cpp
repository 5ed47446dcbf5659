// Tokens of any bytes: what the reader of compact JWS accepts has one encoding only, and says an
// algorithm.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "identity/base64url.hpp"
#include "identity/compact.hpp"

using namespace mcpgov;
using namespace mcpgov::identity;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// So that the fuzzer need not learn base64url: header and payload in plain text, a line each.
std::string encoded(std::string_view text) {
  const std::size_t end = text.find('\n');
  const std::string_view payload =
      end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return encode_base64url(text.substr(0, end)) + "." + encode_base64url(payload) + ".c2ln";
}

void check(const Compact& token, std::string_view text, Use use) {
  require(token.algorithm != Algorithm::none);
  require(algorithm_from(token.algorithm_name) == token.algorithm);
  require(!token.kid || is_key_id(*token.kid));
  require(text.starts_with(token.signing_input));
  require(std::string(token.signing_input) + "." + encode_base64url(token.signature) == text);
  require(token.signing_input.ends_with("." + encode_base64url(token.payload_bytes)));
  for (const char* name : {"crit", "b64", "zip", "enc", "cty", "jku", "x5u", "x5c"}) {
    require(!member(token.header, name));
  }
  require(member(token.header, "jwk").has_value() == (use == Use::proof));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  static CompactReader reader;
  const std::string_view rest(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  // The first byte chooses what the token is for, and its form.
  const auto use = static_cast<Use>(bytes[0] & 3);
  const std::string text = (bytes[0] & 4) != 0 ? encoded(rest) : std::string(rest);
  Compact token;
  if (reader.read(text, use, token) == ErrorCode::none) check(token, text, use);
  return 0;
}
