// What of an issuer's settings belongs to claims, and comparing issuers and audiences with it.
// Tested by tests/identity/claim_settings_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "identity/claim_values.hpp"
#include "identity/claims.hpp"
#include "identity/fetch_url.hpp"
#include "identity/pointer.hpp"
#include "identity/token_types.hpp"

namespace mcpgov::identity {

namespace {

constexpr std::string_view kTenantId = "{tenantid}";
constexpr std::uint32_t kMostLeeway = 120;

Error wrong(std::string sentence) {
  return {ErrorCode::identity_setting, std::move(sentence), {}, 0, 0};
}

Result<void> check_issuer(const IssuerSettings& settings) {
  const std::string_view issuer = settings.issuer;
  if (!is_claim_name(issuer)) return wrong("`issuer` is empty, too long or holds a control code");
  const std::size_t at = issuer.find(kTenantId);
  const bool pattern = at != std::string_view::npos;
  if (pattern && issuer.find(kTenantId, at + 1) != std::string_view::npos) {
    return wrong("`issuer` holds `{tenantid}` twice");
  }
  const bool entra = settings.profile == Profile::entra;
  if (pattern && !entra) return wrong("`{tenantid}` needs the profile `entra`");
  if (!entra && !settings.tenants.empty()) return wrong("`tenants` need the profile `entra`");
  for (const std::string& tenant : settings.tenants) {
    if (!is_guid(tenant)) return wrong("a tenant is an id of lower-case hexadecimal digits");
  }
  if (settings.leeway_s > kMostLeeway) return wrong("`leeway_s` is more than 120");
  for (const std::string& type : settings.types) {
    if (!is_claim_name(type)) return wrong("a type is empty");
    if (is_no_access_token(type)) return wrong("`" + type + "` is no type of access tokens");
  }
  for (const std::string& audience : settings.audiences) {
    if (!is_claim_name(audience)) return wrong("an audience is empty or malformed");
  }
  for (const std::string& scope : settings.required_scopes) {
    if (!is_claim_name(scope) || scope.find(' ') != std::string::npos) {
      return wrong("a required scope is empty or holds a space");
    }
  }
  return {};
}

// Names that policies know as facts of the principal (docs/request.md).
constexpr std::string_view kFacts[] = {"issuer", "subject", "client",
                                       "tenant", "scopes",  "groups_complete"};

Result<void> check_map(const ClaimMap& map) {
  for (const std::string* pointer : {&map.subject, &map.groups, &map.roles, &map.scopes,
                                     &map.tenant, &map.client, &map.session}) {
    if (pointer->empty()) continue;
    if (auto checked = check_pointer(*pointer); !checked) return checked;
  }
  for (const auto& [name, pointer] : map.attributes) {
    if (!is_claim_name(name)) return wrong("the name of an attribute is empty or malformed");
    if (std::find(std::begin(kFacts), std::end(kFacts), name) != std::end(kFacts)) {
      return wrong("`" + name + "` is no name for an attribute");
    }
    const auto same = [&wanted = name](const auto& each) { return each.first == wanted; };
    if (std::count_if(map.attributes.begin(), map.attributes.end(), same) > 1) {
      return wrong("the attribute `" + name + "` is there twice");
    }
    if (auto checked = check_pointer(pointer); !checked) return checked;
  }
  return {};
}

Result<void> check_required(const std::vector<RequiredClaim>& claims) {
  StrictJson json;
  for (const RequiredClaim& claim : claims) {
    if (auto checked = check_pointer(claim.pointer); !checked) return checked;
    for (const std::string& value : claim.values) {
      const bool read = json.read(std::string(R"({"":)").append(value).append("}"), {});
      const auto wanted = read ? member(json.root(), "") : std::nullopt;
      if (!wanted || json.root().size() != 1 || wanted->is_object() || wanted->is_array() ||
          wanted->is_null()) {
        return wrong("a required claim is compared with a string, a number or a boolean");
      }
    }
  }
  return {};
}

Result<void> check_introspection(const IssuerSettings& settings) {
  const IntrospectionSettings& asking = *settings.introspection;
  const bool google = asking.form == IntrospectionForm::google;
  if (settings.issuer.find(kTenantId) != std::string::npos) {
    return wrong("introspection needs one issuer, without `{tenantid}`");
  }
  if (!google && (!is_claim_name(asking.client_id) || asking.client_secret.empty())) {
    return wrong("introspection needs `client_id` and `client_secret` (RFC 7662 section 2.1)");
  }
  if (google && settings.audiences.empty()) {
    return wrong("introspection by Google names no issuer, so `audiences` are needed");
  }
  if (!asking.url.empty() && !may_fetch(asking.url, settings.reach.private_addresses)) {
    return wrong("`url` of introspection is no https URL");
  }
  return {};
}

Result<void> check_overage(const IssuerSettings& settings) {
  if (settings.overage == Overage::refuse) return {};
  if (settings.profile != Profile::entra) return wrong("groups are resolved for Entra ID only");
  if (!may_fetch(settings.directory_url, settings.reach.private_addresses)) {
    return wrong("`directory` is no https URL");
  }
  if (settings.directory_secret.empty()) return wrong("the directory needs a secret");
  // The secret opens one directory, and ids of other tenants mean nothing there.
  if (settings.issuer.find(kTenantId) != std::string::npos && settings.tenants.size() != 1) {
    return wrong("groups are resolved for one tenant, so `tenants` has to name it");
  }
  return {};
}

struct HttpUrl {
  std::string_view scheme;
  std::string_view host;
  std::string_view port;  // empty: the default
  std::string_view rest;
};

// False for what is no http(s) URL, and for one with user information: it is compared as it is.
bool split(std::string_view text, HttpUrl& out) noexcept {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return false;
  out.scheme = text.substr(0, colon);
  const bool secure = same_without_case(out.scheme, "https");
  if (!secure && !same_without_case(out.scheme, "http")) return false;
  text.remove_prefix(colon + 3);
  std::string_view authority = text.substr(0, text.find_first_of("/?#"));
  out.rest = text.substr(authority.size());
  if (authority.empty() || authority.find('@') != std::string_view::npos) return false;
  const std::size_t bracket = authority.rfind(']');
  const std::size_t port = authority.rfind(':');
  if (port != std::string_view::npos && (bracket == std::string_view::npos || port > bracket)) {
    out.port = authority.substr(port + 1);
    authority = authority.substr(0, port);
  }
  if (out.port == (secure ? "443" : "80")) out.port = {};
  out.host = authority;
  return true;
}

}  // namespace

bool is_issuer(std::string_view settings, std::string_view iss, std::string_view& tenant) noexcept {
  tenant = {};
  const std::size_t at = settings.find(kTenantId);
  if (at == std::string_view::npos) return !settings.empty() && settings == iss;
  constexpr std::size_t kGuid = 36;
  const std::string_view after = settings.substr(at + kTenantId.size());
  if (iss.size() != at + kGuid + after.size() || iss.substr(0, at) != settings.substr(0, at) ||
      iss.substr(at + kGuid) != after || !is_guid(iss.substr(at, kGuid))) {
    return false;
  }
  tenant = iss.substr(at, kGuid);
  return true;
}

bool same_audience(std::string_view a, std::string_view b) noexcept {
  if (a == b) return true;
  HttpUrl one;
  HttpUrl other;
  return split(a, one) && split(b, other) && same_without_case(one.scheme, other.scheme) &&
         same_without_case(one.host, other.host) && one.port == other.port &&
         one.rest == other.rest;
}

Result<void> check_claim_settings(const IssuerSettings& settings) {
  if (auto checked = check_issuer(settings); !checked) return checked;
  if (auto checked = check_map(settings.claims); !checked) return checked;
  if (auto checked = check_required(settings.required); !checked) return checked;
  if (settings.introspection) {
    if (auto checked = check_introspection(settings); !checked) return checked;
  }
  return check_overage(settings);
}

}  // namespace mcpgov::identity
