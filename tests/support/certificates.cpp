// Minting certificates with OpenSSL.
//
// SPDX-License-Identifier: Apache-2.0
#include "support/certificates.hpp"

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace mcpgov::test {
namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "cannot make a test certificate: %s\n", what);
  std::abort();
}

std::shared_ptr<EVP_PKEY> new_key(CertificateKey kind) {
  EVP_PKEY* key = nullptr;
  if (kind == CertificateKey::p256) {
    key = EVP_EC_gen("P-256");
  } else {
    const std::size_t bits = kind == CertificateKey::rsa1024 ? 1024 : 2048;
    key = EVP_RSA_gen(static_cast<unsigned int>(bits));
  }
  require(key != nullptr, "key");
  return {key, EVP_PKEY_free};
}

void extend(X509* certificate, X509V3_CTX& context, const std::string& name,
            const std::string& value) {
  if (value.empty()) return;
  X509_EXTENSION* made = X509V3_EXT_nconf(nullptr, &context, name.c_str(), value.c_str());
  require(made != nullptr, name.c_str());
  require(X509_add_ext(certificate, made, -1) == 1, "extension");
  X509_EXTENSION_free(made);
}

void describe(X509* certificate, const CertificateSpec& spec, EVP_PKEY* key, X509* issuer) {
  static long serial = 0;
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  ASN1_TIME_set(X509_getm_notBefore(certificate), static_cast<std::time_t>(spec.from_s));
  ASN1_TIME_set(X509_getm_notAfter(certificate), static_cast<std::time_t>(spec.until_s));
  X509_set_pubkey(certificate, key);
  if (!spec.common_name.empty()) {
    const auto* name = reinterpret_cast<const unsigned char*>(spec.common_name.data());
    X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8,
                               name, static_cast<int>(spec.common_name.size()), -1, 0);
  }
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  extend(certificate, context, "basicConstraints", spec.basic);
  extend(certificate, context, "subjectKeyIdentifier", "hash");
  if (issuer != certificate) extend(certificate, context, "authorityKeyIdentifier", "keyid");
  extend(certificate, context, "keyUsage", spec.usage);
  extend(certificate, context, "extendedKeyUsage", spec.extended);
  extend(certificate, context, "subjectAltName", spec.names);
  for (const auto& [name, value] : spec.more) extend(certificate, context, name, value);
}

}  // namespace

CertificateSpec authority_spec(const std::string& name, const std::string& path) {
  CertificateSpec spec;
  spec.common_name = name;
  spec.names = "URI:spiffe://example.org";
  spec.basic = "critical,CA:TRUE" + path;
  spec.usage = "critical,keyCertSign,cRLSign";
  spec.extended = "";
  return spec;
}

TestCertificate TestCertificate::make(const CertificateSpec& spec,
                                      const TestCertificate* authority) {
  TestCertificate made;
  made.key_ = new_key(spec.key);
  made.certificate_ = {X509_new(), X509_free};
  X509* certificate = made.certificate_.get();
  require(certificate != nullptr, "memory");
  X509* issuer = authority == nullptr ? certificate : authority->certificate_.get();
  describe(certificate, spec, made.key_.get(), issuer);
  EVP_PKEY* signer = authority == nullptr ? made.key_.get() : authority->key_.get();
  require(X509_sign(certificate, signer, EVP_get_digestbyname(spec.digest.c_str())) > 0, "sign");
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  require(size > 0, "DER");
  made.der_.assign(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return made;
}

std::string TestCertificate::base64() const {
  std::string text((der_.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(der_.data()),
                                   static_cast<int>(der_.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string TestCertificate::pem() const {
  const std::string encoded = base64();
  std::string text = "-----BEGIN CERTIFICATE-----\n";
  for (std::size_t at = 0; at < encoded.size(); at += 64) text += encoded.substr(at, 64) + "\n";
  return text + "-----END CERTIFICATE-----\n";
}

std::string percent_encoded(const std::string& text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      encoded += c;
      continue;
    }
    char escape[4];
    std::snprintf(escape, sizeof escape, "%%%02X", static_cast<unsigned>(c) & 0xffU);
    encoded += escape;
  }
  return encoded;
}

}  // namespace mcpgov::test
