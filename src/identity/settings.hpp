// The section `identity` of the configuration as plain values: what docs/configuration.md
// describes.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "identity/algorithm.hpp"
#include "mcpgov/identity.hpp"

namespace mcpgov::identity {

// Where claims stand and how tokens of an issuer look.
enum class Profile : std::uint8_t {
  generic,  // RFC 9068 where the token says so, and the common claims otherwise
  entra,    // v1 and v2
  okta,
  keycloak,
  auth0,
  google,
  kubernetes,      // service accounts
  github_actions,  // OpenID Connect tokens of workflows
};

// JSON pointers (RFC 6901) that replace those of the profile; empty: the profile's.
struct ClaimMap {
  std::string subject;
  std::string groups;
  std::string roles;
  std::string scopes;
  std::string tenant;
  std::string client;
  std::string session;
  // Further claims that become attributes of the principal: their names, and where they stand.
  std::vector<std::pair<std::string, std::string>> attributes;
  friend bool operator==(const ClaimMap&, const ClaimMap&) = default;
};

// A claim that must be there; with one of these values, as JSON texts, unless there are none.
// Where the claim is a list, one of its elements must be one of them.
struct RequiredClaim {
  std::string pointer;
  std::vector<std::string> values;
  friend bool operator==(const RequiredClaim&, const RequiredClaim&) = default;
};

enum class Overage : std::uint8_t { refuse, resolve };

// What an HTTP exchange with this issuer may do.
struct Reach {
  bool private_addresses = false;
  std::string ca_pem;
  std::string pin_sha256;
  std::uint32_t timeout_ms = 5000;
  friend bool operator==(const Reach&, const Reach&) = default;
};

enum class KeyOrigin : std::uint8_t { none, text, url, discovery };

// RFC 7662, or the two forms of its kind that large issuers have.
enum class IntrospectionForm : std::uint8_t { rfc7662, github, google };

struct IntrospectionSettings {
  IntrospectionForm form = IntrospectionForm::rfc7662;
  std::string url;  // of the endpoint; empty: that of the issuer's metadata (RFC 8414)
  std::string client_id;
  std::string client_secret;
  std::uint32_t cache_s = 60;          // an answer is believed for at most so long
  std::uint32_t negative_cache_s = 5;  // a refusal as well
  friend bool operator==(const IntrospectionSettings&, const IntrospectionSettings&) = default;
};

struct IssuerSettings {
  std::string issuer;  // compared byte by byte. entra: may hold `{tenantid}`
  Profile profile = Profile::generic;
  std::vector<std::string> audiences;  // one of them must be in `aud`; empty: `resource`
  AlgorithmSet algorithms;             // empty: those of default_algorithms()
  KeyOrigin keys = KeyOrigin::discovery;
  std::string keys_text;             // a JWK set (RFC 7517 section 5)
  std::string keys_url;              // of a JWK set
  std::string secret;                // for HMAC; only with an algorithm that says so
  std::vector<std::string> types;    // `typ` must be one of them; empty: those of the profile
  std::vector<std::string> tenants;  // entra: `tid` must be one of them; empty: any that fits
  std::vector<RequiredClaim> required;
  std::vector<std::string> required_scopes;
  std::vector<std::string> actor_issuers;  // others whose parties may be the outermost actor
  std::uint32_t max_rsa_bits = 3072;       // longer keys cost us more than whoever sends tokens
  std::uint32_t leeway_s = 60;             // of clocks, at most 120
  std::uint32_t max_lifetime_s = 0;        // exp - iat; 0: not limited
  bool require_dpop = false;               // tokens that are bound to no key are refused
  bool require_certificate = false;        // tokens that are bound to no certificate are refused
  ClaimMap claims;
  Overage overage = Overage::refuse;  // of groups
  // With `resolve`: what asks the directory; see identity/overage.hpp.
  std::string directory_url;     // of Microsoft Graph, without the path
  std::string directory_secret;  // bearer token for it
  std::optional<IntrospectionSettings> introspection;
  Reach reach;
  std::uint32_t keys_max_age_s = 600;     // then they are fetched again
  std::uint32_t keys_stale_s = 3600;      // and so long believed while that fails
  std::uint32_t unknown_key_wait_s = 30;  // between two fetches because of unknown keys
  friend bool operator==(const IssuerSettings&, const IssuerSettings&) = default;
};

// A caller behind a key that is compared as SHA-256; see identity/api_keys.hpp.
struct ApiKeySettings {
  std::string id;
  std::string sha256;  // 64 hexadecimal digits
  Caller caller;
  std::uint64_t expires_s = 0;  // 0: never
};

struct TrustDomainSettings {
  std::string name;
  std::string bundle_text;  // a SPIFFE bundle (JWK set)
  std::string bundle_url;
  std::vector<std::string> audiences;  // of JWT-SVIDs; empty: `resource`
  Reach reach;
  friend bool operator==(const TrustDomainSettings&, const TrustDomainSettings&) = default;
};

// Who may tell us about client certificates (x-forwarded-client-cert).
struct ForwardedSettings {
  std::vector<std::string> proxies;  // addresses, CIDR blocks or `unix`
  std::vector<std::string> by;       // our own URIs, one of which `By` must be; empty: not compared
  std::uint32_t hops = 1;            // which element counts, from the end
};

struct DpopSettings {
  AlgorithmSet algorithms;         // empty: ES256, EdDSA, RS256, PS256
  std::uint32_t window_s = 300;    // around `iat`
  bool require_nonce = false;      // ours, in each proof
  std::uint32_t proofs = 100'000;  // remembered against replay
  std::string base_url;            // external scheme, host and port; empty: those of `resource`
};

struct CacheSettings {
  std::uint32_t tokens = 4096;
  std::uint32_t max_age_s = 300;
};

// Token buckets of failures: so many at once, then so many a second.
struct FailureSettings {
  std::uint32_t peer_burst = 20;
  double peer_per_s = 1;
  std::uint32_t issuer_burst = 1000;
  double issuer_per_s = 100;
  std::uint32_t peers = 65'536;  // remembered
};

struct ResourceSettings {
  std::string url;  // canonical URI of this server: default audience, and RFC 9728's `resource`
  std::string name;
  std::vector<std::string> scopes;  // all of them, in the order in which step-up drops them
  std::string documentation;
};

struct Settings {
  std::vector<IssuerSettings> issuers;
  std::vector<ApiKeySettings> api_keys;
  std::vector<TrustDomainSettings> trust_domains;
  std::optional<ForwardedSettings> forwarded;
  bool client_certificates = false;  // X.509-SVIDs of the TLS connection are callers
  DpopSettings dpop;
  CacheSettings cache;
  FailureSettings failures;
  ResourceSettings resource;
};

}  // namespace mcpgov::identity
