// X.509 certificates of untrusted origin (RFC 5280): reading one, and whether an authority that is
// trusted vouches for it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/sha256.hpp"

// OpenSSL's certificates; its headers stay out of this one.
struct x509_st;
struct stack_st_X509;

namespace mcpgov::crypto {

// A certificate of a client has 1 to 3 KiB; TLS stacks stop at some 100 KiB for a whole chain.
inline constexpr std::size_t kCertificateBytes = 64 * 1024;
// Leaf and intermediates. Public hierarchies have 3 certificates, SPIRE's nested ones some 5.
inline constexpr std::size_t kChainCertificates = 10;

// What a certificate says (RFC 5280 section 4.2.1). Absent extensions are false and empty.
struct CertificateFacts {
  Digest sha256{};  // of its DER: the thumbprint of RFC 8705 section 3.1
  std::int64_t not_before_s = 0;
  std::int64_t not_after_s = 0;
  bool authority = false;  // cA of basicConstraints
  bool key_usage = false;  // the extension is there
  bool key_usage_critical = false;
  bool digital_signature = false;
  bool key_cert_sign = false;
  bool crl_sign = false;
  bool extended_usage = false;  // the extension is there
  bool server_auth = false;
  bool client_auth = false;
  std::vector<std::string> uris;       // of subjectAltName, printable ASCII
  std::vector<std::string> dns_names;  // of subjectAltName, printable ASCII
};

// One certificate whose extensions are well-formed; nobody vouches for it yet.
// Threads: immutable after construction, share freely.
class Certificate {
 public:
  // Empty: not exactly one certificate in DER, larger than kCertificateBytes, an extension that is
  // malformed or stands twice, or a URI or DNS name that is not printable ASCII.
  // Throws: std::bad_alloc.
  static std::optional<Certificate> from_der(std::string_view der);

  const CertificateFacts& facts() const noexcept { return facts_; }
  // DER of the SubjectPublicKeyInfo. Throws: std::bad_alloc.
  std::string public_key() const;
  // The distinguished name in the form of RFC 2253, ASCII; for people. Throws: std::bad_alloc.
  std::string subject() const;

 private:
  friend class TrustAnchors;
  struct Free {
    void operator()(x509_st* certificate) const noexcept;
  };
  using Handle = std::unique_ptr<x509_st, Free>;

  explicit Certificate(Handle handle) noexcept : handle_(std::move(handle)) {}
  bool read_facts(std::string_view der);

  Handle handle_;
  CertificateFacts facts_;
};

enum class ChainVerdict : std::uint8_t {
  trusted,
  expired,        // it, or one above it
  not_yet_valid,  // it, or one above it
  untrusted,      // no path to an anchor, or one that RFC 5280 section 6 or our limits refuse
};

// Authorities that are trusted. None at all trust nobody.
// Threads: immutable after construction, share freely; verify() takes no lock.
class TrustAnchors {
 public:
  // Empty: one of them is no authority. Throws: std::bad_alloc.
  static std::optional<TrustAnchors> from(std::span<const Certificate> authorities);

  // Whether a path of RFC 5280 section 6 leads from leaf over some of `others`, in any order, to an
  // anchor, all of them valid at now_s (seconds since 1970), with keys of at least 112 bits of
  // security and no SHA-1, and fit for a client of TLS. An anchor need not have signed itself.
  // Revocation lists are not consulted. Throws: std::bad_alloc.
  ChainVerdict verify(const Certificate& leaf, std::span<const Certificate> others,
                      std::uint64_t now_s) const;

  bool empty() const noexcept;

 private:
  struct Free {
    void operator()(stack_st_X509* certificates) const noexcept;
  };
  using Handle = std::unique_ptr<stack_st_X509, Free>;

  explicit TrustAnchors(Handle handle) noexcept : handle_(std::move(handle)) {}
  static Handle stack_of(std::span<const Certificate> certificates);

  Handle handle_;
};

// The DER of each certificate of a PEM text (RFC 7468 section 5): nothing but blocks labelled
// CERTIFICATE, at most `most` of them. Empty: anything else, or no block at all.
// Throws: std::bad_alloc.
std::vector<std::string> certificates_of_pem(std::string_view pem, std::size_t most);

}  // namespace mcpgov::crypto
