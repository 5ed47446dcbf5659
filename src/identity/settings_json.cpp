// Reading the section `identity` of the configuration.
// Tested by tests/identity/settings_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/settings_json.hpp"

#include "base/json.hpp"
#include "identity/pointer.hpp"
#include "identity/settings_node.hpp"

namespace mcpgov::identity {

namespace {

using Node = SettingsNode;

// RFC 6749 and its family fix no bounds; a year is more than any of these durations needs.
constexpr std::uint32_t kYear = 366 * 24 * 3600;

AlgorithmSet algorithms(const Node& node) {
  AlgorithmSet out;
  for (const Node& item : node.items()) {
    const Algorithm each = algorithm_from(item.text());
    if (each == Algorithm::none) item.fail("the algorithm is not known");
    out = out.with(each);
  }
  if (out.empty()) node.fail("expected at least one algorithm");
  return out;
}

Reach reach(const Node& node) {
  node.expect_keys({"private_addresses", "ca", "pin_sha256", "timeout_ms"});
  Reach out;
  if (node.has("private_addresses")) out.private_addresses = node.at("private_addresses").boolean();
  if (node.has("ca")) {
    node.at("ca").expect_keys({"file", "text"});
    out.ca_pem = node.at("ca").document();
  }
  if (node.has("pin_sha256")) out.pin_sha256 = node.at("pin_sha256").text();
  if (node.has("timeout_ms")) out.timeout_ms = node.at("timeout_ms").number(100, 60'000);
  return out;
}

// A bare name is a member at the top, whatever is in it (`https://example.com/groups`); anything
// else is a JSON pointer.
std::string pointer(const std::string& text) {
  return text.starts_with('/') ? text : pointer_to(text);
}

std::string pointer(const Node& node) {
  return pointer(node.text());
}

ClaimMap claim_map(const Node& node) {
  node.expect_keys(
      {"subject", "groups", "roles", "scopes", "tenant", "client", "session", "attributes"});
  ClaimMap out;
  const auto take = [&](std::string_view key, std::string& into) {
    if (node.has(key)) into = pointer(node.at(key));
  };
  take("subject", out.subject);
  take("groups", out.groups);
  take("roles", out.roles);
  take("scopes", out.scopes);
  take("tenant", out.tenant);
  take("client", out.client);
  take("session", out.session);
  if (node.has("attributes")) {
    for (const auto& [name, where] : node.at("attributes").entries()) {
      out.attributes.emplace_back(name, pointer(where));
    }
  }
  return out;
}

// A value, a list of values of which it must be one, or {present: true}. A bare `true` is the
// value: `email_verified: true` must not be fulfilled by false.
std::vector<RequiredClaim> required_claims(const Node& node) {
  std::vector<RequiredClaim> out;
  for (const auto& [name, value] : node.entries()) {
    RequiredClaim claim{pointer(name), {}};
    const std::string json = value.json();
    if (value.is_object()) {
      value.expect_keys({"present"});
      if (!value.at("present").boolean()) value.fail("expected `present: true`");
    } else if (json.starts_with('[')) {
      for (const Node& item : value.items()) claim.values.push_back(item.json());
      if (claim.values.empty()) value.fail("expected at least one value");
    } else {
      claim.values.push_back(json);
    }
    out.push_back(std::move(claim));
  }
  return out;
}

IntrospectionSettings introspection(const Node& node) {
  node.expect_keys({"form", "url", "client_id", "client_secret", "cache_s", "negative_cache_s"});
  IntrospectionSettings out;
  if (node.has("form")) {
    out.form = node.at("form").one_of<IntrospectionForm>({{"rfc7662", IntrospectionForm::rfc7662},
                                                          {"github", IntrospectionForm::github},
                                                          {"google", IntrospectionForm::google}});
  }
  if (node.has("url")) out.url = node.at("url").text();
  if (node.has("client_id")) out.client_id = node.at("client_id").text();
  if (node.has("client_secret")) out.client_secret = node.at("client_secret").secret();
  if (node.has("cache_s")) out.cache_s = node.at("cache_s").number(0, 3600);
  if (node.has("negative_cache_s")) {
    out.negative_cache_s = node.at("negative_cache_s").number(0, 300);
  }
  return out;
}

void keys(const Node& node, IssuerSettings& out) {
  node.expect_keys(
      {"file", "text", "url", "discovery", "max_age_s", "stale_s", "unknown_key_wait_s"});
  const int origins = node.has("file") + node.has("text") + node.has("url") + node.has("discovery");
  if (origins > 1) node.fail("expected one of `file`, `text`, `url` and `discovery`");
  if (node.has("file") || node.has("text")) {
    out.keys = KeyOrigin::text;
    out.keys_text = node.document();
  } else if (node.has("url")) {
    out.keys = KeyOrigin::url;
    out.keys_url = node.at("url").text();
  } else if (node.has("discovery") && !node.at("discovery").boolean()) {
    out.keys = KeyOrigin::none;
  }
  if (node.has("max_age_s")) out.keys_max_age_s = node.at("max_age_s").number(30, 86'400);
  if (node.has("stale_s")) out.keys_stale_s = node.at("stale_s").number(0, 7 * 86'400);
  if (node.has("unknown_key_wait_s")) {
    out.unknown_key_wait_s = node.at("unknown_key_wait_s").number(1, 3600);
  }
}

bool required(const Node& node) {
  return node.one_of<bool>({{"required", true}, {"optional", false}});
}

void overage(const Node& node, IssuerSettings& out) {
  if (!node.is_object()) {
    out.overage = node.one_of<Overage>({{"refuse", Overage::refuse}});
    return;
  }
  node.expect_keys({"directory", "secret"});
  out.overage = Overage::resolve;
  out.directory_url = node.at("directory").text();
  out.directory_secret = node.at("secret").secret();
}

void token_rules(const Node& node, IssuerSettings& out) {
  if (node.has("audiences")) out.audiences = node.at("audiences").texts();
  if (node.has("algorithms")) out.algorithms = algorithms(node.at("algorithms"));
  if (node.has("types")) out.types = node.at("types").texts();
  if (node.has("tenants")) out.tenants = node.at("tenants").texts();
  if (node.has("required_claims")) out.required = required_claims(node.at("required_claims"));
  if (node.has("required_scopes")) out.required_scopes = node.at("required_scopes").texts();
  if (node.has("max_rsa_bits")) out.max_rsa_bits = node.at("max_rsa_bits").number(2048, 8192);
  if (node.has("actor_issuers")) out.actor_issuers = node.at("actor_issuers").texts();
  if (node.has("leeway_s")) out.leeway_s = node.at("leeway_s").number(0, 120);
  if (node.has("max_lifetime_s")) out.max_lifetime_s = node.at("max_lifetime_s").number(0, kYear);
  if (node.has("dpop")) out.require_dpop = required(node.at("dpop"));
  if (node.has("certificate_bound")) {
    out.require_certificate = required(node.at("certificate_bound"));
  }
}

// A secret is for HMAC and for nothing else, and HMAC is for an issuer with a secret.
void check_secret(const Node& node, const IssuerSettings& out) {
  bool symmetric = false;
  AlgorithmSet alone;
  for (const Algorithm each : {Algorithm::hs256, Algorithm::hs384, Algorithm::hs512}) {
    symmetric = symmetric || out.algorithms.has(each);
    if (out.algorithms.has(each)) alone = AlgorithmSet().with(each);
  }
  if (symmetric && !(alone == out.algorithms)) {
    node.fail("an HMAC algorithm is the only one in `algorithms`");
  }
  if (symmetric == out.secret.empty()) {
    node.fail("`secret` and an HMAC algorithm in `algorithms` need each other");
  }
}

IssuerSettings issuer(const Node& node) {
  node.expect_keys(
      {"issuer",         "profile",      "audiences",         "algorithms",      "keys",
       "secret",         "types",        "tenants",           "required_claims", "required_scopes",
       "actor_issuers",  "max_rsa_bits", "leeway_s",          "max_lifetime_s",  "claims",
       "groups_overage", "dpop",         "certificate_bound", "introspection",   "network"});
  IssuerSettings out;
  out.issuer = node.at("issuer").text();
  if (node.has("profile")) {
    out.profile = node.at("profile").one_of<Profile>({{"generic", Profile::generic},
                                                      {"entra", Profile::entra},
                                                      {"okta", Profile::okta},
                                                      {"keycloak", Profile::keycloak},
                                                      {"auth0", Profile::auth0},
                                                      {"google", Profile::google},
                                                      {"kubernetes", Profile::kubernetes},
                                                      {"github_actions", Profile::github_actions}});
  }
  token_rules(node, out);
  if (node.has("secret")) {
    out.secret = node.at("secret").secret();
    out.keys = KeyOrigin::none;
  }
  if (node.has("keys")) {
    if (node.has("secret")) node.at("keys").fail("an issuer has `keys` or a `secret`");
    keys(node.at("keys"), out);
  }
  check_secret(node, out);
  if (node.has("claims")) out.claims = claim_map(node.at("claims"));
  if (node.has("groups_overage")) overage(node.at("groups_overage"), out);
  if (node.has("introspection")) out.introspection = introspection(node.at("introspection"));
  if (node.has("network")) out.reach = reach(node.at("network"));
  return out;
}

ApiKeySettings api_key(const Node& node) {
  node.expect_keys({"id", "sha256", "expires_s", "caller"});
  ApiKeySettings out;
  out.id = node.at("id").text();
  out.sha256 = node.at("sha256").text();
  if (node.has("expires_s")) out.expires_s = node.at("expires_s").number(1, 0xffffffff);
  auto caller = Caller::from_json(node.at("caller").json());
  if (!caller) node.at("caller").fail(caller.error().message);
  out.caller = *std::move(caller);
  return out;
}

TrustDomainSettings trust_domain(const Node& node) {
  node.expect_keys({"name", "bundle", "audiences", "network"});
  TrustDomainSettings out;
  out.name = node.at("name").text();
  const Node bundle = node.at("bundle");
  bundle.expect_keys({"file", "text", "url"});
  if (bundle.has("url") + bundle.has("file") + bundle.has("text") != 1) {
    bundle.fail("expected one of `file`, `text` and `url`");
  }
  if (bundle.has("url")) {
    out.bundle_url = bundle.at("url").text();
  } else {
    out.bundle_text = bundle.document();
  }
  if (node.has("audiences")) out.audiences = node.at("audiences").texts();
  if (node.has("network")) out.reach = reach(node.at("network"));
  return out;
}

ForwardedSettings forwarded(const Node& node) {
  node.expect_keys({"proxies", "by", "hops"});
  ForwardedSettings out;
  out.proxies = node.at("proxies").texts();
  if (out.proxies.empty()) node.at("proxies").fail("expected at least one address");
  if (node.has("by")) out.by = node.at("by").texts();
  if (node.has("hops")) out.hops = node.at("hops").number(1, 16);
  return out;
}

DpopSettings dpop(const Node& node) {
  node.expect_keys({"algorithms", "window_s", "require_nonce", "proofs", "base_url"});
  DpopSettings out;
  if (node.has("algorithms")) {
    out.algorithms = algorithms(node.at("algorithms"));
    for (const Algorithm each : {Algorithm::hs256, Algorithm::hs384, Algorithm::hs512}) {
      if (out.algorithms.has(each)) node.at("algorithms").fail("a proof needs a public key");
    }
  }
  if (node.has("window_s")) out.window_s = node.at("window_s").number(5, 3600);
  if (node.has("require_nonce")) out.require_nonce = node.at("require_nonce").boolean();
  if (node.has("proofs")) out.proofs = node.at("proofs").number(16, 10'000'000);
  if (node.has("base_url")) out.base_url = node.at("base_url").text();
  return out;
}

FailureSettings failures(const Node& node) {
  node.expect_keys({"peer_burst", "peer_per_s", "issuer_burst", "issuer_per_s", "peers"});
  FailureSettings out;
  if (node.has("peer_burst")) out.peer_burst = node.at("peer_burst").number(1, 1'000'000);
  if (node.has("peer_per_s")) out.peer_per_s = node.at("peer_per_s").decimal(0.001, 1e6);
  if (node.has("issuer_burst")) out.issuer_burst = node.at("issuer_burst").number(1, 10'000'000);
  if (node.has("issuer_per_s")) out.issuer_per_s = node.at("issuer_per_s").decimal(0.001, 1e6);
  if (node.has("peers")) out.peers = node.at("peers").number(64, 10'000'000);
  return out;
}

ResourceSettings resource(const Node& node) {
  node.expect_keys({"url", "name", "scopes", "documentation"});
  ResourceSettings out;
  out.url = node.at("url").text();
  if (node.has("name")) out.name = node.at("name").text();
  if (node.has("scopes")) out.scopes = node.at("scopes").texts();
  if (node.has("documentation")) out.documentation = node.at("documentation").text();
  return out;
}

CacheSettings cache(const Node& node) {
  node.expect_keys({"tokens", "max_age_s"});
  CacheSettings out;
  if (node.has("tokens")) out.tokens = node.at("tokens").number(0, 1'000'000);
  if (node.has("max_age_s")) out.max_age_s = node.at("max_age_s").number(1, 3600);
  return out;
}

Settings whole(const Node& node) {
  node.expect_keys({"anonymous", "stdio", "handle_key", "resource", "issuers", "api_keys",
                    "trust_domains", "client_certificates", "forwarded_certificates", "dpop",
                    "cache", "failures"});
  Settings out;
  if (node.has("resource")) out.resource = resource(node.at("resource"));
  if (node.has("issuers")) {
    for (const Node& item : node.at("issuers").items()) out.issuers.push_back(issuer(item));
  }
  if (node.has("api_keys")) {
    for (const Node& item : node.at("api_keys").items()) out.api_keys.push_back(api_key(item));
  }
  if (node.has("trust_domains")) {
    for (const Node& item : node.at("trust_domains").items()) {
      out.trust_domains.push_back(trust_domain(item));
    }
  }
  if (node.has("client_certificates")) {
    out.client_certificates = node.at("client_certificates").boolean();
  }
  if (node.has("forwarded_certificates")) {
    out.forwarded = forwarded(node.at("forwarded_certificates"));
  }
  if (node.has("dpop")) out.dpop = dpop(node.at("dpop"));
  if (node.has("cache")) out.cache = cache(node.at("cache"));
  if (node.has("failures")) out.failures = failures(node.at("failures"));
  return out;
}

}  // namespace

Result<Settings> read_settings(std::string_view json, ReadDocument read, void* context,
                               std::string* place) {
  auto root = parse_json(json, {}, "identity", ErrorCode::json_syntax);
  if (!root) return root.error();
  try {
    const Node::Documents documents{read, context};
    return whole(Node(*root, {}, documents));
  } catch (const SettingsFailure& failure) {
    if (place != nullptr) *place = failure.place;
    return failure.error;
  }
}

}  // namespace mcpgov::identity
