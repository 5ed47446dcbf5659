// Reading a signed token in compact form.
// Tested by tests/identity/compact_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/compact.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string_view>

#include "identity/base64url.hpp"

namespace mcpgov::identity {
namespace {

constexpr std::size_t kLongestKeyId = 256;

// JWS has two dots, JWE four (RFC 7516 section 9). Counts up to five, whatever the token holds.
std::size_t count_dots(std::string_view token, std::size_t (&places)[2]) noexcept {
  std::size_t count = 0;
  for (std::size_t at = 0; count < 5; ++at, ++count) {
    at = token.find('.', at);
    if (at == std::string_view::npos) break;
    if (count < 2) places[count] = at;
  }
  return count;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) noexcept {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_header_allowed(std::string_view name, Use use) noexcept {
  if (use == Use::jwt_svid) return is_one_of(name, {"alg", "kid", "typ"});
  if (name == "jwk") return use == Use::proof;
  return !is_one_of(name, {"crit", "b64", "zip", "enc", "cty", "jku", "x5u", "x5c"});
}

// Of a member that is a string where it is there; false: it is something else.
bool text_or_absent(const JsonObject& object, std::string_view name,
                    std::optional<std::string_view>& out) noexcept {
  const auto value = member(object, name);
  if (!value) return true;
  if (!value->is_string()) return false;
  out = value->get_string().value_unsafe();
  return true;
}

char lower(char each) noexcept {
  return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
}

bool equal_without_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

ErrorCode CompactReader::read(std::string_view token, Use use, Compact& out) {
  out = {};
  if (token.size() > limits_.bytes) return ErrorCode::token_too_large;
  std::size_t dots[2] = {};
  const std::size_t count = count_dots(token, dots);
  if (count == 4) return ErrorCode::token_encrypted;
  if (count != 2) return ErrorCode::token_malformed;
  const std::string_view parts[] = {token.substr(0, dots[0]),
                                    token.substr(dots[0] + 1, dots[1] - dots[0] - 1),
                                    token.substr(dots[1] + 1)};
  const std::size_t room = 3 * base64url_room(token.size());
  if (bytes_.size() < room) bytes_.resize(room);
  std::string_view decoded[3];
  char* at = bytes_.data();
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t size = decode_base64url(parts[i], at);
    if (size == base64url_bad) return ErrorCode::token_malformed;
    decoded[i] = {at, size};
    at += size;
  }
  if (!header_.read(decoded[0], limits_)) return ErrorCode::token_malformed;
  if (use != Use::bytes) {
    if (!payload_.read(decoded[1], limits_)) return ErrorCode::token_malformed;
    out.payload = payload_.root();
  }
  out.header = header_.root();
  out.payload_bytes = decoded[1];
  out.signing_input = token.substr(0, dots[1]);
  out.signature = decoded[2];
  return read_header(use, out);
}

ErrorCode CompactReader::read_header(Use use, Compact& out) const {
  for (const auto& [name, value] : out.header) {
    if (!is_header_allowed(name, use)) return ErrorCode::token_header;
  }
  std::optional<std::string_view> algorithm;
  if (!text_or_absent(out.header, "alg", algorithm) || !algorithm) {
    return ErrorCode::token_algorithm;
  }
  out.algorithm_name = *algorithm;
  out.algorithm = algorithm_from(*algorithm);
  const bool known = out.algorithm != Algorithm::none;
  const bool signs_svids = out.algorithm <= Algorithm::es512;
  if (!known || (use == Use::jwt_svid && !signs_svids)) return ErrorCode::token_algorithm;
  if (!text_or_absent(out.header, "kid", out.kid) || (out.kid && !is_key_id(*out.kid))) {
    return ErrorCode::token_header;
  }
  if (!text_or_absent(out.header, "typ", out.typ)) return ErrorCode::token_header;
  if (use == Use::proof) {
    // A secret key for a proof of possession is none (RFC 9449 section 4.3).
    if (is_symmetric(out.algorithm)) return ErrorCode::token_algorithm;
    const auto key = member(out.header, "jwk");
    if (!key || !key->is_object()) return ErrorCode::token_header;
  }
  return ErrorCode::none;
}

bool is_key_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kLongestKeyId &&
         std::none_of(text.begin(), text.end(), [](char each) {
           return static_cast<unsigned char>(each) < 0x20 || each == 0x7f;
         });
}

bool is_type(std::string_view typ, std::string_view type) noexcept {
  constexpr std::string_view kPrefix = "application/";
  if (equal_without_case(typ.substr(0, kPrefix.size()), kPrefix)) {
    typ.remove_prefix(kPrefix.size());
  }
  return equal_without_case(typ, type);
}

}  // namespace mcpgov::identity
