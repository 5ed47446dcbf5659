// Client certificates that a trusted proxy has seen, told in x-forwarded-client-cert as Envoy
// writes it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/sha256.hpp"
#include "identity/addresses.hpp"
#include "identity/settings.hpp"
#include "identity/trace.hpp"
#include "mcpgov/identity.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// A chain of five certificates in PEM has some 10 KiB; servers stop at 8 to 64 KiB for all fields.
inline constexpr std::size_t kForwardedBytes = 16 * 1024;

// What one proxy says: values without quotes. The keys are those of Envoy 1.31's documentation of
// the header; others are skipped.
struct ForwardedElement {
  std::vector<std::string> by;  // URIs of the proxy's own certificate
  std::vector<std::string> uris;
  std::vector<std::string> dns_names;
  std::string hash;   // SHA-256 of the DER, hexadecimal
  std::string cert;   // PEM, percent-encoded
  std::string chain;  // the same of all certificates, the client's first
  std::string subject;
};

// All elements, first proxy first. False: malformed. Where quotes and backslashes leave two
// readings, because Envoy's documentation lets them be escaped and RFC 2253 names hold backslashes
// of their own, the value is malformed, too: the subject is what an attacker can choose.
// Throws: std::bad_alloc.
bool parse_forwarded(std::string_view value, std::vector<ForwardedElement>& out);

// The certificate of the client, as told. Empty texts (Envoy's for a certificate without URI) are
// left out.
struct ForwardedCertificate {
  bool present = false;
  std::optional<crypto::Digest> sha256;   // told, or that of the certificate
  std::vector<std::string> certificates;  // DER, the client's first; empty: not told
  std::vector<std::string> uris;          // of its subjectAltName
};

// Who may forward, and which element counts. Threads: immutable after construction, share freely.
class ForwardedRules {
 public:
  // Errors: identity_setting (proxies; hops of zero). Throws: std::bad_alloc.
  static Result<ForwardedRules> from(const ForwardedSettings& settings);

  // Whether the peer is a proxy of ours: then the client's certificate is what it tells, and its
  // own, on the connection, is not the client's.
  bool trusts(std::string_view peer) const noexcept { return proxies_.contains(peer); }

  // Reads the header of a request. To be asked only where the header would be used as, or
  // with, a credential: a request that shows something else may carry the header of a peer who may
  // not forward, which then has no meaning.
  // Errors: forwarded_untrusted (the header is there and the peer is no proxy of ours, or the
  // proxy has none of our `by` URIs), credentials_malformed (two header fields, since a proxy
  // appends to the one there is; the form; fewer elements than hops; `Hash`, `Cert` and `Chain`
  // that contradict each other). Throws: std::bad_alloc.
  ErrorCode read(const Presented& presented, ForwardedCertificate& out, Trace* trace) const;

 private:
  ForwardedRules() = default;
  ErrorCode choose(const std::vector<ForwardedElement>& elements, ForwardedCertificate& out,
                   Trace* trace) const;

  AddressSet proxies_;
  std::vector<std::string> by_;
  std::size_t hops_ = 1;
};

}  // namespace mcpgov::identity
