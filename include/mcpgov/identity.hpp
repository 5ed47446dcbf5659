// Who is calling: the principal of every decision and every record.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mcpgov/result.hpp"
#include "mcpgov/wire.hpp"

namespace mcpgov {

// What stands behind a call. The zero value is no identity, which is always refused.
enum class CallerKind : std::uint8_t { none = 0, anonymous, user, agent, workload };

// `none`, `anonymous`, `user`, `agent`, `workload`. Static storage.
MCPGOV_API std::string_view kind_name(CallerKind kind) noexcept;

// A party that acts for the caller (RFC 8693 section 4.1). Only the outermost one may drive policy.
// Threads: thread-compatible.
struct Actor {
  CallerKind kind = CallerKind::agent;
  std::string issuer;
  std::string subject;
  friend bool operator==(const Actor&, const Actor&) = default;
};

// A further fact about the caller, vouched for by the issuer. json: one JSON value, at most 4 KiB.
// Threads: thread-compatible.
struct Claim {
  std::string name;
  std::string json;
  friend bool operator==(const Claim&, const Claim&) = default;
};

// What vouched for the caller.
enum class EvidenceKind : std::uint8_t {
  host = 0,               // the program that embeds the library
  configuration,          // the configuration names the caller of stdio
  token,                  // a signed token
  introspection,          // the issuer, asked about an opaque token
  api_key,                // a key of the configuration
  certificate,            // a client certificate of the TLS connection
  forwarded_certificate,  // one that a trusted proxy has seen
};

// `host`, `configuration`, `token`, … Static storage.
MCPGOV_API std::string_view evidence_name(EvidenceKind kind) noexcept;

// For the record: what a verifier saw, without anything that could be used again.
// Threads: thread-compatible.
struct Evidence {
  EvidenceKind kind = EvidenceKind::host;
  std::string
      token_id;        // `jti` or `uti`, or the first 128 bits of the token's SHA-256, hexadecimal
  std::string key_id;  // `kid` of the key that signed, or id of the API key
  std::string algorithm;  // of the signature: `RS256`
  std::string bound_to;   // thumbprint of the key or certificate whose possession was proven
  friend bool operator==(const Evidence&, const Evidence&) = default;
};

// A verified caller. Identity is (issuer, subject) - with the tenant where there is one - and never
// the subject alone, an e-mail address or a display name. Whoever fills this in vouches for it:
// the host (it authenticated the connection), the configuration (stdio), or identity::Verifier.
// Threads: thread-compatible.
struct Caller {
  CallerKind kind = CallerKind::none;
  std::string issuer;   // for example https://login.example.com; required except for anonymous
  std::string subject;  // the issuer's stable id of the caller; required except for anonymous
  std::string tenant;   // empty: none. Must equal the session's tenant
  std::string client;   // OAuth client or application id, as verified; empty: not known
  std::vector<std::string> groups;
  std::vector<std::string> roles;
  std::vector<std::string> scopes;
  bool groups_complete = true;  // false: the issuer left groups out (Entra ID's groups overage)
  std::vector<Actor> actors;    // outermost first
  std::vector<Claim> claims;    // become attributes of the principal
  std::string agent_session;    // id of the agent's session, and who says so
  std::string agent_session_source;
  Actor workload{CallerKind::none, {}, {}};  // what the call comes from; kind none: not known
  std::string acr;                           // authentication context class (OpenID Connect Core)
  std::vector<std::string> amr;              // authentication methods (RFC 8176)
  std::uint64_t auth_time_s = 0;             // when the user signed in, since 1970; 0: not known
  Evidence evidence;
  friend bool operator==(const Caller&, const Caller&) = default;

  // Reads {"kind":"user","issuer":"…","subject":"…","tenant","client","groups":[…],"roles":[…],
  // "scopes":[…],"groups_complete":true,"actors":[{kind,issuer,subject}],"claims":{name:value},
  // "agent_session","agent_session_source"}; unknown and duplicate members are errors.
  // json: borrowed for the call, at most 64 KiB.
  // Errors: caller_invalid, with line and column where the text is no JSON.
  MCPGOV_API static Result<Caller> from_json(std::string_view json);
};

// Whether the caller is complete: a kind, issuer and subject unless anonymous, no control
// characters, at most 1,024 bytes a name, 1,000 groups and roles each, 100 claims, 8 actors.
// Errors: caller_missing (kind none), caller_invalid.
MCPGOV_API Result<void> check(const Caller& caller);

// The same without a sentence, for the request path: never allocates.
MCPGOV_API ErrorCode check_code(const Caller& caller) noexcept;

namespace identity {

// What a request shows about its sender, borrowed for the call.
// http: method, URL and every header field as received. url: absolute, or the target of the request
// line. peer: address of the peer, without port; `unix` for a local socket; empty: not known.
// certificate, chain: DER of the client certificate of the TLS connection, which the host's TLS
// stack has not necessarily verified, and of the certificates sent with it; empty: none.
struct Presented {
  HttpHead http = {};
  std::string_view peer = {};
  std::string_view certificate = {};
  std::span<const std::string_view> chain = {};
};

enum class FetchKind : std::uint8_t { metadata, keys, introspection, groups, trust_bundle };

// One HTTP exchange that the verifier needs and does not do itself. Redirects are not followed.
// url: https, or http to loopback where the configuration allows it.
// private_addresses: whether the host may resolve to loopback, private or link-local addresses.
// secret: true when headers or body hold credentials; do not log them.
// Threads: thread-compatible.
struct Fetch {
  FetchKind kind = FetchKind::keys;
  std::uint32_t number = 0;  // for the answer
  std::string issuer;
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::size_t max_bytes = 256 * 1024;  // of the answer; more is a failure
  std::uint32_t timeout_ms = 5000;
  bool private_addresses = false;
  bool secret = false;
  std::string ca_pem;      // trust these authorities only; empty: the system's
  std::string pin_sha256;  // base64 SHA-256 of the server's public key; empty: not pinned
};

// What came back, borrowed for the call. status 0: nothing did. max_age_s: of Cache-Control; 0: not
// given.
struct FetchAnswer {
  std::uint32_t number = 0;
  int status = 0;
  std::string_view body = {};
  std::uint32_t max_age_s = 0;
};

// What came of the credentials of one request.
// caller: null when they are refused, absent, or wait for the fetches of `pending`.
// http_status, challenge: what to answer then (RFC 6750 section 3, RFC 9449 section 7.1, RFC 9728
// section 5.1): the value of WWW-Authenticate. dpop_nonce: value of DPoP-Nonce; also with a caller.
// expires_s: when the caller must show credentials again, seconds since 1970; 0: never.
// Threads: thread-compatible.
struct Identification {
  std::shared_ptr<const Caller> caller;
  ErrorCode reason = ErrorCode::caller_missing;
  int http_status = 401;
  std::uint32_t retry_after_s = 0;  // 0: not said
  std::uint64_t expires_s = 0;
  std::string challenge;
  std::string dpop_nonce;
  std::vector<Fetch> pending;
};

// One step of explain(): what was looked at, whether it was in order, and why. No secrets.
// Threads: thread-compatible.
struct Check {
  std::string what;
  bool passed = false;
  std::string detail;
};

// Hands over a document that the settings name. source: `file`, or of a secret `secret_file` or
// `env`; name: the path or the variable. Errors: file_unreadable. context: passed through.
using ReadDocument = Result<std::string> (*)(void* context, std::string_view source,
                                             const std::string& name);

// Makes callers of credentials: signed and opaque tokens of several issuers, proofs of possession,
// certificates, API keys (docs/identity.md). Does no I/O: what it needs from the network are
// fetches for the host, or for net::, to run. Copies share what was fetched and cached.
// Threads: thread-safe, but for inherit().
class MCPGOV_API Verifier {
 public:
  // settings_json: the section `identity` of the configuration (docs/configuration.md) as JSON.
  // read: null: every document must stand in the settings.
  // Errors: identity_setting (its sentence starts with the place, such as `issuers[0].keys`),
  // identity_key, identity_keys, identity_bundle, file_unreadable, json_syntax.
  static Result<Verifier> from_json(std::string_view settings_json, ReadDocument read = nullptr,
                                    void* context = nullptr);

  // now_us: microseconds since 1970. Never throws: exhausted memory is a refusal.
  Identification identify(const Presented& presented, std::uint64_t now_us) const noexcept;

  // The same beside the cache, with each step told. Uses up a proof of possession, as identify().
  Identification explain(const Presented& presented, std::uint64_t now_us,
                         std::vector<Check>& steps) const;

  // What should be fetched now so that no request has to wait: metadata, keys and trust bundles
  // that are missing or old. Each is handed out once until it is answered or its time is over.
  // Throws: std::bad_alloc.
  [[nodiscard]] std::vector<Fetch> due(std::uint64_t now_us) const;

  // Takes the answer to a fetch of due() or of an identification. What was known stays when the
  // answer is useless. Errors: identity_metadata, identity_keys, identity_bundle,
  // identity_issuer_mismatch, identity_answer (a status other than 200, or a body that cannot be
  // read). Throws: std::bad_alloc.
  Result<void> accept(const Fetch& fetch, const FetchAnswer& answer, std::uint64_t now_us) const;

  // Takes over keys and trust bundles that another verifier has fetched, where the settings are the
  // same, and the proofs that were used. To be called before anybody else uses this one.
  void inherit(const Verifier& former);

  // Around a fork, for hosts that fork while other threads verify: between the two no lock inside
  // is held by anybody else, so that the child can go on. Governors do it by themselves.
  void hold_for_fork() const noexcept;
  void release_after_fork() const noexcept;

  // All scopes of the resource, in the order in which step-up drops them.
  [[nodiscard]] std::span<const std::string> scopes() const noexcept MCPGOV_LIFETIME_BOUND;
  // The value of WWW-Authenticate for a refusal that is not the verifier's own. error: such as
  // `insufficient_scope`. Throws: std::bad_alloc.
  [[nodiscard]] std::string challenge(std::string_view error,
                                      std::span<const std::string> scopes) const;

  // Protected resource metadata (RFC 9728 section 3.2) as JSON; empty: `resource` is not set.
  [[nodiscard]] std::string_view resource_metadata() const noexcept MCPGOV_LIFETIME_BOUND;
  // Where it is to be served: the path `/.well-known/oauth-protected-resource…`.
  [[nodiscard]] std::string_view resource_metadata_path() const noexcept MCPGOV_LIFETIME_BOUND;

  Verifier(const Verifier&) = default;
  Verifier& operator=(const Verifier&) = default;
  Verifier(Verifier&&) noexcept = default;
  Verifier& operator=(Verifier&&) noexcept = default;
  ~Verifier();

  class State;

 private:
  explicit Verifier(std::shared_ptr<State> state) noexcept;
  std::shared_ptr<State> state_;
};

}  // namespace identity

}  // namespace mcpgov
