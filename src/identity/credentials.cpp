// Finding the credentials in the header fields of a request.
// Tested by tests/identity/credentials_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/credentials.hpp"

#include <algorithm>
#include <array>

namespace mcpgov::identity {

namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same_name(std::string_view name, std::string_view wanted) noexcept {
  return name.size() == wanted.size() && lower(name[0]) == wanted[0] &&
         std::equal(name.begin(), name.end(), wanted.begin(),
                    [](char a, char b) { return lower(a) == b; });
}

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// b64token of RFC 6750 section 2.1.
constexpr std::array<bool, 256> kTokenBytes = [] {
  std::array<bool, 256> out{};
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                       "0123456789-._~+/=")) {
    out[static_cast<unsigned char>(c)] = true;
  }
  return out;
}();

}  // namespace

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return kTokenBytes[static_cast<unsigned char>(c)];
  });
}

std::string_view only_field(const HttpHead& http, std::string_view name, bool& several) noexcept {
  std::string_view found;
  bool seen = false;
  several = false;
  for (const Header& header : http.headers) {
    if (!same_name(header.name, name)) continue;
    several = several || seen;
    seen = true;
    found = header.value;
  }
  return found;
}

ErrorCode read_credentials(const HttpHead& http, Credentials& out) noexcept {
  out = {};
  bool several = false;
  const std::string_view authorization = trimmed(only_field(http, "authorization", several));
  bool several_keys = false;
  const std::string_view key = trimmed(only_field(http, "x-api-key", several_keys));
  // Two answers to the question who calls are none.
  if (several || several_keys || (!authorization.empty() && !key.empty())) {
    return ErrorCode::credentials_malformed;
  }
  if (!key.empty()) {
    out = {Scheme::api_key, key};
    return ErrorCode::none;
  }
  if (authorization.empty()) return ErrorCode::none;
  const std::size_t space = std::min(authorization.find(' '), authorization.size());
  const std::string_view scheme = authorization.substr(0, space);
  const std::string_view token = trimmed(authorization.substr(space));
  if (token.empty()) return ErrorCode::credentials_malformed;
  if (same_name(scheme, "bearer")) {
    out = {Scheme::bearer, token};
  } else if (same_name(scheme, "dpop")) {
    out = {Scheme::dpop, token};
  } else {
    return ErrorCode::credentials_malformed;
  }
  return ErrorCode::none;
}

}  // namespace mcpgov::identity
