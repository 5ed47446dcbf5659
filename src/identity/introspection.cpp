// Asking issuers about opaque tokens.
// Tested by tests/identity/introspection_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/introspection.hpp"

#include <algorithm>
#include <string>

#include "base/base64.hpp"
#include "base/json_writer.hpp"
#include "identity/token_types.hpp"

namespace mcpgov::identity {

namespace {

constexpr std::string_view kGithubApi = "https://api.github.com";
constexpr std::string_view kGoogleEndpoint = "https://oauth2.googleapis.com/tokeninfo";

// application/x-www-form-urlencoded (RFC 6749 appendix B): letters, digits and `*-._` stay, a space
// is `+`, and every other byte is escaped.
std::string form_encoded(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || c == '*' || c == '-' || c == '.' || c == '_') {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }
  return out;
}

std::string basic(const IntrospectionSettings& client) {
  return "Basic " +
         encode_base64(form_encoded(client.client_id) + ":" + form_encoded(client.client_secret));
}

// GitHub, "Identifying tokens": what follows the first of these is of no other issuer.
bool is_github_token(std::string_view token) noexcept {
  return token.starts_with("gho_") || token.starts_with("ghu_") || token.starts_with("ghp_") ||
         token.starts_with("ghs_") || token.starts_with("ghr_") || token.starts_with("github_pat_");
}

IntrospectionForm form_of(std::string_view token) noexcept {
  if (is_github_token(token)) return IntrospectionForm::github;
  return token.starts_with("ya29.") ? IntrospectionForm::google : IntrospectionForm::rfc7662;
}

bool has_form(const IssuerSettings& issuer, IntrospectionForm form) noexcept {
  return issuer.introspection && issuer.introspection->form == form;
}

std::string github_url(const IntrospectionSettings& asking) {
  std::string out(asking.url.empty() ? kGithubApi : std::string_view(asking.url));
  while (out.ends_with('/')) out.pop_back();
  return out + "/applications/" + form_encoded(asking.client_id) + "/token";
}

}  // namespace

std::size_t issuer_to_ask(std::span<const IssuerSettings> issuers,
                          std::string_view token) noexcept {
  const IntrospectionForm form = form_of(token);
  const auto found = std::find_if(issuers.begin(), issuers.end(),
                                  [&](const auto& issuer) { return has_form(issuer, form); });
  return found == issuers.end() ? kNobodyToAsk : static_cast<std::size_t>(found - issuers.begin());
}

Result<void> check_who_is_asked(std::span<const IssuerSettings> issuers) {
  for (const IntrospectionForm form :
       {IntrospectionForm::rfc7662, IntrospectionForm::github, IntrospectionForm::google}) {
    const auto count = std::count_if(issuers.begin(), issuers.end(),
                                     [&](const auto& issuer) { return has_form(issuer, form); });
    if (count > 1) {
      return Error{ErrorCode::identity_setting,
                   "two issuers have introspection of one form, and opaque tokens name none",
                   {},
                   0,
                   0};
    }
  }
  return {};
}

Fetch introspection_fetch(const IssuerSettings& settings, std::string_view endpoint,
                          std::string_view token) {
  Fetch out;
  out.kind = FetchKind::introspection;
  out.issuer = settings.issuer;
  out.method = "POST";
  out.max_bytes = kIntrospectionBytes;
  out.timeout_ms = settings.reach.timeout_ms;
  out.private_addresses = settings.reach.private_addresses;
  out.ca_pem = settings.reach.ca_pem;
  out.pin_sha256 = settings.reach.pin_sha256;
  out.secret = true;
  if (!settings.introspection) return out;
  const IntrospectionSettings& asking = *settings.introspection;
  switch (asking.form) {
    case IntrospectionForm::rfc7662:
      out.url = asking.url.empty() ? endpoint : std::string_view(asking.url);
      out.headers = {{"Accept", "application/json"},
                     {"Content-Type", "application/x-www-form-urlencoded"},
                     {"Authorization", basic(asking)}};
      out.body = "token=" + form_encoded(token) + "&token_type_hint=access_token";
      break;
    case IntrospectionForm::github:
      out.url = github_url(asking);
      // GitHub answers no request without User-Agent.
      out.headers = {{"Accept", "application/vnd.github+json"},
                     {"Content-Type", "application/json"},
                     {"User-Agent", "mcpgov"},
                     {"X-GitHub-Api-Version", "2022-11-28"},
                     {"Authorization", basic(asking)}};
      JsonWriter(out.body).string("access_token", token);
      out.body += '}';
      break;
    case IntrospectionForm::google:
      // In the body, because URLs are logged.
      out.url = asking.url.empty() ? kGoogleEndpoint : std::string_view(asking.url);
      out.headers = {{"Accept", "application/json"},
                     {"Content-Type", "application/x-www-form-urlencoded"}};
      out.body = "access_token=" + form_encoded(token);
      break;
  }
  return out;
}

ErrorCode read_introspection(const IssuerSettings& settings, const FetchAnswer& answer,
                             StrictJson& scratch, JsonObject& claims) {
  if (!settings.introspection) return ErrorCode::identity_answer;
  const IntrospectionForm form = settings.introspection->form;
  // RFC 7662 has a status for that, `active: false`; the others answer as if nothing was there.
  // GitHub: 404 for what it does not know, 422 for what cannot be a token.
  const bool unknown = answer.status == 404 || answer.status == 422;
  if (form == IntrospectionForm::github && unknown) return ErrorCode::token_inactive;
  if (form == IntrospectionForm::google && answer.status == 400) return ErrorCode::token_inactive;
  StrictLimits limits;
  limits.bytes = kIntrospectionBytes;
  if (answer.status != 200 || !scratch.read(answer.body, limits)) return ErrorCode::identity_answer;
  claims = scratch.root();
  if (form != IntrospectionForm::rfc7662) return ErrorCode::none;
  bool active = false;
  const auto said = member(claims, "active");
  if (!said || said->get_bool().get(active) != simdjson::SUCCESS) return ErrorCode::identity_answer;
  return active ? ErrorCode::none : ErrorCode::token_inactive;
}

}  // namespace mcpgov::identity
