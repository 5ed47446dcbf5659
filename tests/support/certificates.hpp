// Certificates for tests: authorities, intermediates and leaves, in order or with one defect.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

struct evp_pkey_st;
struct x509_st;

namespace mcpgov::test {

// Seconds since 1970 at which the certificates below are valid.
inline constexpr std::uint64_t kCertificateTime = 1'800'000'000;

enum class CertificateKey : std::uint8_t { p256, rsa1024, rsa2048 };

// Extensions in the syntax of OpenSSL's configuration; empty: absent. The default is the leaf of a
// SPIFFE workload.
struct CertificateSpec {
  std::string common_name = "workload";  // empty: no subject
  std::string names = "URI:spiffe://example.org/web";
  std::string basic = "critical,CA:FALSE";
  std::string usage = "critical,digitalSignature";
  std::string extended = "serverAuth,clientAuth";
  std::vector<std::pair<std::string, std::string>> more = {};  // name or OID, value
  std::int64_t from_s = 1'700'000'000;
  std::int64_t until_s = 1'900'000'000;
  CertificateKey key = CertificateKey::p256;
  std::string digest = "SHA256";
};

// An authority's specification. path: `,pathlen:0`, or empty.
CertificateSpec authority_spec(const std::string& name, const std::string& path = "");

// A certificate with its private key.
class TestCertificate {
 public:
  // authority: null: signs itself. Aborts when OpenSSL refuses the specification.
  static TestCertificate make(const CertificateSpec& spec,
                              const TestCertificate* authority = nullptr);

  const std::string& der() const { return der_; }
  std::string pem() const;     // with line breaks, RFC 7468
  std::string base64() const;  // of the DER, as in `x5c`
  evp_pkey_st* native_key() const { return key_.get(); }
  x509_st* native() const { return certificate_.get(); }

 private:
  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<x509_st> certificate_;
  std::string der_;
};

// `%` and all that a URI does not allow, as Envoy writes PEM in x-forwarded-client-cert.
std::string percent_encoded(const std::string& text);

}  // namespace mcpgov::test
