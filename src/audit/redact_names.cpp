// Names with `*`, and the default names of secrets.
// Tested by tests/audit/redact_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/redact_names.hpp"

namespace mcpgov::audit {

namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// Spellings in camelCase need no line of their own, as case does not count.
constexpr std::string_view kSecretNames[] = {
    "*password*",
    "*passwd*",
    "*passphrase*",
    "*passcode*",
    "pwd",
    "*_pwd",
    "pass",
    "db_pass",
    "*secret*",
    "*token",
    "*_token_*",
    "tokens",
    "*apikey*",
    "*api_key*",
    "*api-key*",
    "*accesskey*",
    "*access_key*",
    "*access-key*",
    "*privatekey*",
    "*private_key*",
    "*private-key*",
    "*signingkey*",
    "*signing_key*",
    "*encryptionkey*",
    "*encryption_key*",
    "*masterkey*",
    "*master_key*",
    "accountkey",
    "account_key",
    "authkey",
    "auth_key",
    "*authorization*",
    "cookie",
    "cookies",
    "set-cookie",
    "set_cookie",
    "setcookie",
    "*credential*",
    "creds",
    "*connectionstring*",
    "*connection_string*",
    "*sessid",
    "session_key",
    "jwt",
    "bearer",
    "otp",
    "totp",
    "mfa_code",
    "pin",
    "pin_code",
    "cvv",
    "cvc",
    "cvv2",
    "card_number",
    "cardnumber",
    "ssn",
    "social_security*",
    "x-amz-security-token",
    "x-vault-token",
    "sas",
};

}  // namespace

bool fits(std::string_view pattern, std::string_view name, bool any_case) noexcept {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;  // the last one, and where it began to match
  std::size_t from = 0;
  while (n < name.size()) {
    const bool more = p < pattern.size();
    if (more && pattern[p] == '*') {
      star = p++;
      from = n;
    } else if (more &&
               (pattern[p] == name[n] || (any_case && lower(pattern[p]) == lower(name[n])))) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::span<const std::string_view> secret_names() noexcept {
  return kSecretNames;
}

const std::string* NameRules::find(std::string_view name) const noexcept {
  for (const std::string& pattern : patterns_) {
    if (fits(pattern, name, true)) return &pattern;
  }
  return nullptr;
}

}  // namespace mcpgov::audit
