// Workloads that prove who they are with a document of SPIFFE: a certificate (X509-SVID), one that
// a trusted proxy has seen, or a token (JWT-SVID).
//
// All three give the same caller: kind workload, issuer `spiffe://<trust domain>`, subject the
// whole SPIFFE ID. A policy thus names trust domain and workload together, and a workload is the
// same whichever document it shows.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "identity/compact.hpp"
#include "identity/forwarded_certificate.hpp"
#include "identity/trace.hpp"
#include "identity/trust_bundle.hpp"
#include "mcpgov/identity.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// One trust domain of the configuration, borrowed for the call.
// bundle: null: not fetched yet. audiences: of its JWT-SVIDs.
struct TrustDomain {
  std::string_view name;
  const TrustBundle* bundle = nullptr;
  std::span<const std::string> audiences = {};
};

// Who is calling, and until when the document says so (seconds since 1970, leeway included; 0: not
// said).
struct Workload {
  Caller caller;
  std::uint64_t expires_s = 0;
};

// leaf: DER of the client's certificate; others: of those sent with it, in any order. The host's
// TLS stack has proven possession of the key, and has not necessarily verified anything. Spec:
// X509-SVID sections 2 to 5. The path has to lead to an authority of the trust domain that the
// SPIFFE ID names, whatever other domains are trusted. Errors: certificate_invalid (DER, more than
// kChainCertificates, not exactly one URI, no SPIFFE ID or one without path, an authority's
// certificate, key usage, extended key usage, its time), certificate_untrusted (the domain is not
// configured, or no path), identity_waits (no bundle yet). Throws: std::bad_alloc.
ErrorCode check_x509_svid(std::string_view leaf, std::span<const std::string_view> others,
                          std::span<const TrustDomain> domains, std::uint64_t now_s, Workload& out,
                          Trace* trace = nullptr);

// told: present. Where the proxy passes on the certificate itself and the trust domain is
// configured, it is checked as above. Otherwise the proxy's word counts, which has verified it: the
// only URI it tells has to be a SPIFFE ID with a path; where trust domains are configured, of one
// of them. Errors: as above; certificate_invalid also where certificate and URI contradict each
// other. Throws: std::bad_alloc.
ErrorCode check_forwarded_svid(const ForwardedCertificate& told,
                               std::span<const TrustDomain> domains, std::uint64_t now_s,
                               Workload& out, Trace* trace = nullptr);

// Whether a token that was read calls its sender by a SPIFFE ID. Nothing is verified.
bool names_spiffe_id(const Compact& token) noexcept;

// token: read with Use::jwt_svid, which refuses other headers and algorithms. Spec: JWT-SVID
// sections 2 to 4; `nbf` and `iat` are checked where they are there, `iss` is not looked at.
// Errors: token_type, token_claim (`sub`; `exp` missing; a time that is none), token_issuer (the
// domain is not configured), identity_waits, token_algorithm, token_key_unknown, token_signature,
// token_audience, token_expired, token_not_yet_valid. Throws: std::bad_alloc.
ErrorCode check_jwt_svid(const Compact& token, std::span<const TrustDomain> domains,
                         std::uint64_t now_s, std::uint32_t leeway_s, Workload& out,
                         Trace* trace = nullptr);

}  // namespace mcpgov::identity
