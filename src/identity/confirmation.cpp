// Reading `cnf`, and comparing thumbprints.
// Tested by tests/identity/confirmation_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/confirmation.hpp"

#include <array>

#include "crypto/random.hpp"
#include "identity/base64url.hpp"

namespace mcpgov::identity {
namespace {

constexpr std::size_t kThumbprintText = 43;  // base64url of 32 bytes

std::string_view bytes_of(const crypto::Digest& digest) noexcept {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// The digest that text stands for. False: it stands for none.
bool decode_thumbprint(std::string_view text, crypto::Digest& digest) noexcept {
  std::array<char, base64url_room(kThumbprintText)> bytes{};
  if (text.size() != kThumbprintText) return false;
  if (decode_base64url(text, bytes.data()) != digest.size()) return false;
  for (std::size_t at = 0; at < digest.size(); ++at) {
    digest[at] = static_cast<std::uint8_t>(bytes[at]);
  }
  return true;
}

ErrorCode read_thumbprint(const JsonElement& value, std::string& out) {
  crypto::Digest ignored{};
  if (!value.is_string()) return ErrorCode::token_claim;
  const std::string_view text = value.get_string().value_unsafe();
  if (!decode_thumbprint(text, ignored)) return ErrorCode::token_claim;
  out = text;
  return ErrorCode::none;
}

}  // namespace

ErrorCode read_confirmation(const JsonObject& claims, Confirmation& out) {
  out = {};
  const auto found = member(claims, "cnf");
  if (!found) return ErrorCode::none;
  JsonObject ways;
  if (found->get(ways) != simdjson::SUCCESS || ways.size() == 0) return ErrorCode::token_claim;
  for (const auto& [name, value] : ways) {
    ErrorCode code = ErrorCode::token_binding;
    if (name == "jkt") code = read_thumbprint(value, out.key);
    if (name == "x5t#S256") code = read_thumbprint(value, out.certificate);
    if (code != ErrorCode::none) return code;
  }
  return ErrorCode::none;
}

ErrorCode check_certificate_binding(std::string_view thumbprint, bool required,
                                    const crypto::Digest* shown) noexcept {
  if (thumbprint.empty()) return required ? ErrorCode::token_binding : ErrorCode::none;
  const bool same = shown != nullptr && is_thumbprint_of(thumbprint, *shown);
  return same ? ErrorCode::none : ErrorCode::token_binding;
}

ErrorCode check_scheme(std::string_view thumbprint, bool required, bool dpop) noexcept {
  const bool bound = !thumbprint.empty();
  return bound == dpop && (bound || !required) ? ErrorCode::none : ErrorCode::token_binding;
}

std::string thumbprint_text(const crypto::Digest& digest) {
  return encode_base64url(bytes_of(digest));
}

bool is_thumbprint_of(std::string_view text, const crypto::Digest& digest) noexcept {
  crypto::Digest named{};
  return decode_thumbprint(text, named) &&
         crypto::equal_in_constant_time(bytes_of(named), bytes_of(digest));
}

}  // namespace mcpgov::identity
