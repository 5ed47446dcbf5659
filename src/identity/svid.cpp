// Checking SPIFFE's certificates and tokens.
// Tested by tests/identity/svid_test.cpp, tests/identity/jwt_svid_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/svid.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "crypto/certificate.hpp"
#include "identity/claim_values.hpp"
#include "identity/claims.hpp"
#include "identity/confirmation.hpp"
#include "identity/spiffe_id.hpp"

namespace mcpgov::identity {
namespace {

using crypto::Certificate;
using crypto::CertificateFacts;

// Tells each step when somebody listens.
class Steps {
 public:
  explicit Steps(Trace* trace) noexcept : trace_(trace) {}
  ErrorCode refuse(ErrorCode code, const char* what, std::string_view why) const {
    if (trace_ != nullptr) trace_->failed(what, std::string(why));
    return code;
  }
  void pass(const char* what, std::string_view detail) const {
    if (trace_ != nullptr) trace_->passed(what, std::string(detail));
  }

 private:
  Trace* trace_;
};

constexpr const char* kDocument = "X509-SVID";
constexpr const char* kTrust = "trust domain";
constexpr const char* kToken = "JWT-SVID";

// 128 bits, hexadecimal: enough to find the certificate again.
std::string short_id(const crypto::Digest& digest) {
  return crypto::hex(digest).substr(0, 32);
}

void name_caller(const SpiffeId& id, Caller& caller) {
  caller.kind = CallerKind::workload;
  caller.issuer = id.issuer;
  caller.subject.assign(id.issuer).append(id.path);
  caller.workload = {CallerKind::workload, caller.issuer, caller.subject};
}

void show_certificate(const crypto::Digest& digest, EvidenceKind kind, Caller& caller) {
  caller.evidence.kind = kind;
  caller.evidence.token_id = short_id(digest);
  caller.evidence.bound_to = thumbprint_text(digest);
}

// A workload's ID has a path; without one it is the trust domain itself.
std::optional<SpiffeId> workload_id(std::string_view text) noexcept {
  const auto id = parse_spiffe_id(text);
  return id && !id->path.empty() ? id : std::nullopt;
}

const TrustDomain* find_domain(std::span<const TrustDomain> domains,
                               std::string_view name) noexcept {
  const auto found = std::find_if(domains.begin(), domains.end(),
                                  [&](const TrustDomain& each) { return each.name == name; });
  return found == domains.end() ? nullptr : &*found;
}

// The rule of X509-SVID sections 2 to 4 that a leaf breaks; null: none.
const char* broken_rule(const CertificateFacts& facts) noexcept {
  if (facts.uris.size() != 1) return "not exactly one URI in subjectAltName";
  if (!workload_id(facts.uris.front())) return "the URI is no SPIFFE ID of a workload";
  if (facts.authority) return "an authority may not authenticate";
  if (!facts.key_usage || !facts.key_usage_critical) return "no critical key usage";
  if (!facts.digital_signature) return "the key usage lacks digitalSignature";
  if (facts.key_cert_sign || facts.crl_sign) return "the key may sign certificates or CRLs";
  if (facts.extended_usage && !(facts.server_auth && facts.client_auth)) {
    return "the extended key usage lacks clientAuth or serverAuth";
  }
  return nullptr;
}

bool is_valid_at(const CertificateFacts& facts, std::uint64_t now_s) noexcept {
  const auto now = static_cast<std::int64_t>(now_s);
  return now >= facts.not_before_s && now < facts.not_after_s;
}

// leaf: breaks no rule. domain: of its SPIFFE ID.
ErrorCode check_path(const Certificate& leaf, std::span<const std::string_view> others,
                     const TrustDomain& domain, std::uint64_t now_s, const Steps& steps) {
  if (others.size() >= crypto::kChainCertificates) {
    return steps.refuse(ErrorCode::certificate_invalid, kDocument, "too many certificates");
  }
  std::vector<Certificate> intermediates;
  for (const std::string_view der : others) {
    auto each = Certificate::from_der(der);
    if (!each) {
      return steps.refuse(ErrorCode::certificate_invalid, kDocument,
                          "a further certificate cannot be read");
    }
    intermediates.push_back(std::move(*each));
  }
  switch (domain.bundle->authorities().verify(leaf, intermediates, now_s)) {
    case crypto::ChainVerdict::trusted: steps.pass(kTrust, domain.name); return ErrorCode::none;
    case crypto::ChainVerdict::expired:
    case crypto::ChainVerdict::not_yet_valid:
      return steps.refuse(ErrorCode::certificate_untrusted, kTrust,
                          "an authority's certificate is not valid now");
    case crypto::ChainVerdict::untrusted: break;
  }
  return steps.refuse(ErrorCode::certificate_untrusted, kTrust,
                      "no path to an authority of the trust domain");
}

// A token's own statements about time, as those of other tokens (claims.hpp).
ErrorCode check_times(const JsonObject& claims, std::uint64_t now_s, std::uint32_t leeway_s,
                      std::uint64_t& expires_s, const Steps& steps) {
  double expires = 0;
  double begins = 0;
  double issued = 0;
  if (read_time(claims, "/exp", expires) != Reading::sound) {
    return steps.refuse(ErrorCode::token_claim, kToken, "`exp` is missing or malformed");
  }
  if (read_time(claims, "/nbf", begins) == Reading::malformed ||
      read_time(claims, "/iat", issued) == Reading::malformed) {
    return steps.refuse(ErrorCode::token_claim, kToken, "`nbf` or `iat` is malformed");
  }
  const auto now = static_cast<double>(now_s);
  const auto leeway = static_cast<double>(leeway_s);
  const double end = std::floor(expires) + leeway;
  if (now >= end) return steps.refuse(ErrorCode::token_expired, kToken, "`exp`");
  if (std::max(begins, issued) > now + leeway) {
    return steps.refuse(ErrorCode::token_not_yet_valid, kToken, "`nbf` or `iat`");
  }
  expires_s = static_cast<std::uint64_t>(end);
  return ErrorCode::none;
}

bool names_audience(const JsonObject& claims, std::span<const std::string> ours) {
  const auto is_ours = [&](const JsonElement& each) {
    if (!each.is_string()) return false;
    const std::string_view text = each.get_string().value_unsafe();
    return std::any_of(ours.begin(), ours.end(), [&](const std::string& want) {
      return !want.empty() && same_audience(text, want);
    });
  };
  const auto audience = member(claims, "aud");
  if (!audience) return false;
  if (!audience->is_array()) return is_ours(*audience);
  const simdjson::dom::array all(*audience);
  return std::any_of(all.begin(), all.end(), is_ours);
}

bool is_svid_type(const Compact& token) noexcept {
  return !token.typ || is_type(*token.typ, "JWT") || is_type(*token.typ, "JOSE");
}

// Empty: the token has none, and the verifier puts its digest there.
std::string token_id(const Compact& token) {
  const auto id = text_member(token.payload, "jti");
  return id && is_claim_name(*id) ? std::string(*id) : std::string();
}

}  // namespace

ErrorCode check_x509_svid(std::string_view leaf, std::span<const std::string_view> others,
                          std::span<const TrustDomain> domains, std::uint64_t now_s, Workload& out,
                          Trace* trace) {
  out = {};
  const Steps steps(trace);
  const auto certificate = Certificate::from_der(leaf);
  if (!certificate) {
    return steps.refuse(ErrorCode::certificate_invalid, kDocument, "it cannot be read");
  }
  const CertificateFacts& facts = certificate->facts();
  if (const char* rule = broken_rule(facts)) {
    return steps.refuse(ErrorCode::certificate_invalid, kDocument, rule);
  }
  if (!is_valid_at(facts, now_s)) {
    return steps.refuse(ErrorCode::certificate_invalid, kDocument, "it is not valid now");
  }
  const SpiffeId id = *parse_spiffe_id(facts.uris.front());
  steps.pass(kDocument, facts.uris.front());
  const TrustDomain* domain = find_domain(domains, id.trust_domain);
  if (domain == nullptr) {
    return steps.refuse(ErrorCode::certificate_untrusted, kTrust, "it is not configured");
  }
  if (domain->bundle == nullptr) {
    return steps.refuse(ErrorCode::identity_waits, kTrust, "its bundle is not there yet");
  }
  if (const ErrorCode code = check_path(*certificate, others, *domain, now_s, steps);
      code != ErrorCode::none) {
    return code;
  }
  name_caller(id, out.caller);
  show_certificate(facts.sha256, EvidenceKind::certificate, out.caller);
  out.expires_s = static_cast<std::uint64_t>(facts.not_after_s);
  return ErrorCode::none;
}

ErrorCode check_forwarded_svid(const ForwardedCertificate& told,
                               std::span<const TrustDomain> domains, std::uint64_t now_s,
                               Workload& out, Trace* trace) {
  out = {};
  const Steps steps(trace);
  const auto id = told.uris.size() == 1 ? workload_id(told.uris.front()) : std::nullopt;
  const bool whole = !told.certificates.empty() && !domains.empty();
  // Envoy may be set to pass on the certificate and no URI.
  if (!id && !(whole && told.uris.empty())) {
    return steps.refuse(ErrorCode::certificate_invalid, "forwarded certificate",
                        "not exactly one URI that is a SPIFFE ID of a workload");
  }
  if (whole) {
    const std::vector<std::string_view> all(told.certificates.begin(), told.certificates.end());
    const ErrorCode code =
        check_x509_svid(all.front(), std::span(all).subspan(1), domains, now_s, out, trace);
    if (code != ErrorCode::none) return code;
    if (id && out.caller.subject != told.uris.front()) {
      out = {};
      return steps.refuse(ErrorCode::certificate_invalid, "forwarded certificate",
                          "the URI is not that of the certificate");
    }
    out.caller.evidence.kind = EvidenceKind::forwarded_certificate;
    return ErrorCode::none;
  }
  if (!domains.empty() && find_domain(domains, id->trust_domain) == nullptr) {
    return steps.refuse(ErrorCode::certificate_untrusted, kTrust, "it is not configured");
  }
  name_caller(*id, out.caller);
  out.caller.evidence.kind = EvidenceKind::forwarded_certificate;
  if (told.sha256) {
    show_certificate(*told.sha256, EvidenceKind::forwarded_certificate, out.caller);
  }
  steps.pass("forwarded certificate", out.caller.subject);
  return ErrorCode::none;
}

bool names_spiffe_id(const Compact& token) noexcept {
  const auto sub = text_member(token.payload, "sub");
  return sub && parse_spiffe_id(*sub);
}

ErrorCode check_jwt_svid(const Compact& token, std::span<const TrustDomain> domains,
                         std::uint64_t now_s, std::uint32_t leeway_s, Workload& out, Trace* trace) {
  out = {};
  const Steps steps(trace);
  if (!is_svid_type(token)) {
    return steps.refuse(ErrorCode::token_type, kToken, "`typ` is neither JWT nor JOSE");
  }
  const auto sub = text_member(token.payload, "sub");
  const auto id = sub ? workload_id(*sub) : std::nullopt;
  if (!id) {
    return steps.refuse(ErrorCode::token_claim, kToken, "`sub` is no SPIFFE ID of a workload");
  }
  const TrustDomain* domain = find_domain(domains, id->trust_domain);
  if (domain == nullptr) {
    return steps.refuse(ErrorCode::token_issuer, kTrust, "it is not configured");
  }
  if (domain->bundle == nullptr) {
    return steps.refuse(ErrorCode::identity_waits, kTrust, "its bundle is not there yet");
  }
  const Key* key = nullptr;
  ErrorCode code = check_signature(token, domain->bundle->token_keys(), svid_algorithms(), key);
  if (code != ErrorCode::none) {
    return steps.refuse(code, "signature", "no key of the trust domain vouches for it");
  }
  steps.pass("signature", key->id());
  if (!names_audience(token.payload, domain->audiences)) {
    return steps.refuse(ErrorCode::token_audience, kToken, "`aud` does not name us");
  }
  code = check_times(token.payload, now_s, leeway_s, out.expires_s, steps);
  if (code != ErrorCode::none) return code;
  name_caller(*id, out.caller);
  out.caller.evidence = {
      EvidenceKind::token, token_id(token), key->id(), std::string(token.algorithm_name), {}};
  steps.pass(kToken, *sub);
  return ErrorCode::none;
}

}  // namespace mcpgov::identity
