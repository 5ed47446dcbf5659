// Tests of src/crypto/certificate.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "crypto/certificate.hpp"

#include <functional>

#include <doctest/doctest.h>
#include <openssl/err.h>

#include "support/certificates.hpp"

namespace mcpgov::crypto {
namespace {

using test::authority_spec;
using test::CertificateKey;
using test::CertificateSpec;
using test::kCertificateTime;
using test::TestCertificate;

Certificate parsed(const TestCertificate& certificate) {
  auto read = Certificate::from_der(certificate.der());
  REQUIRE(read.has_value());
  return std::move(*read);
}

TEST_CASE("certificate: what it says is told") {
  CertificateSpec spec;
  spec.common_name = "Müller, \"M\"";
  spec.names = "URI:spiffe://example.org/web,DNS:web.example.org,DNS:w,email:a@b.c,IP:10.0.0.1";
  const TestCertificate minted = TestCertificate::make(spec);
  const Certificate read = parsed(minted);
  const CertificateFacts& facts = read.facts();
  CHECK(facts.sha256 == sha256(minted.der()));
  CHECK(facts.not_before_s == spec.from_s);
  CHECK(facts.not_after_s == spec.until_s);
  CHECK_FALSE(facts.authority);
  CHECK(facts.key_usage);
  CHECK(facts.key_usage_critical);
  CHECK(facts.digital_signature);
  CHECK_FALSE(facts.key_cert_sign);
  CHECK_FALSE(facts.crl_sign);
  CHECK(facts.extended_usage);
  CHECK(facts.server_auth);
  CHECK(facts.client_auth);
  CHECK(facts.uris == std::vector<std::string>{"spiffe://example.org/web"});
  CHECK(facts.dns_names == std::vector<std::string>{"web.example.org", "w"});
  CHECK(read.subject() == "CN=M\\C3\\BCller\\, \\\"M\\\"");
  // SubjectPublicKeyInfo of P-256 has 91 bytes and stands in the certificate as it is.
  CHECK(read.public_key().size() == 91);
  CHECK(minted.der().find(read.public_key()) != std::string::npos);
}

TEST_CASE("certificate: what it does not say is false and empty") {
  CertificateSpec spec;
  spec.common_name = spec.names = spec.basic = spec.usage = spec.extended = "";
  spec.from_s = -86'400;           // 1969-12-31
  spec.until_s = 253'402'300'799;  // 9999-12-31, RFC 5280 section 4.1.2.5
  const Certificate read = parsed(TestCertificate::make(spec));
  CHECK(read.facts().not_before_s == spec.from_s);
  CHECK(read.facts().not_after_s == spec.until_s);
  CHECK_FALSE(read.facts().key_usage);
  CHECK_FALSE(read.facts().digital_signature);
  CHECK_FALSE(read.facts().key_cert_sign);
  CHECK_FALSE(read.facts().extended_usage);
  CHECK_FALSE(read.facts().server_auth);
  CHECK(read.facts().uris.empty());
  CHECK(read.subject().empty());

  const Certificate authority = parsed(TestCertificate::make(authority_spec("root")));
  CHECK(authority.facts().authority);
  CHECK(authority.facts().key_cert_sign);
  CHECK(authority.facts().crl_sign);
  CHECK_FALSE(authority.facts().digital_signature);
}

TEST_CASE("certificate: malformed ones are refused, and OpenSSL's errors are not left behind") {
  const std::string der = TestCertificate::make({}).der();
  const auto with = [](const char* name, const char* value) {
    CertificateSpec spec;
    spec.more.emplace_back(name, value);
    return TestCertificate::make(spec).der();
  };
  const auto named = [](const char* names) {
    CertificateSpec spec;
    spec.names = names;
    return TestCertificate::make(spec).der();
  };
  // The outer length with one superfluous byte is BER, which some readers take.
  std::string ber = der;
  REQUIRE(ber.substr(0, 2) == "\x30\x82");
  ber[1] = '\x83';
  ber.insert(2, 1, '\0');
  struct Case {
    const char* name;
    std::string bytes;
  };
  const Case cases[] = {
      {"nothing", ""},
      {"one byte", "0"},
      {"text", "-----BEGIN CERTIFICATE-----"},
      {"the last byte is missing", der.substr(0, der.size() - 1)},
      {"a byte follows", der + '\0'},
      {"two certificates", der + der},
      {"BER that is no DER", ber},
      {"larger than the limit", with("nsComment", std::string(kCertificateBytes, 'a').c_str())},
      {"names stand twice", with("subjectAltName", "URI:spiffe://example.org/admin")},
      {"key usage stands twice", with("keyUsage", "digitalSignature")},
      {"extended key usage stands twice", with("extendedKeyUsage", "clientAuth")},
      {"basic constraints stand twice", with("basicConstraints", "CA:FALSE")},
  };
  // An error of the host's own TLS stays the only one.
  ERR_clear_error();
  ERR_raise(ERR_LIB_USER, 7);
  const unsigned long of_host = ERR_peek_error();
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    CHECK_FALSE(Certificate::from_der(c.bytes).has_value());
    CHECK(ERR_peek_error() == of_host);
    CHECK(ERR_peek_last_error() == of_host);
  }
  ERR_clear_error();
  for (const char forbidden : {'\0', '\n', '\x7f', '\x80', ' '}) {
    CAPTURE(static_cast<int>(forbidden));
    std::string bytes = named("URI:spiffe://example.org/web");
    bytes[bytes.find("/web") + 2] = forbidden;
    CHECK_FALSE(Certificate::from_der(bytes).has_value());
    bytes = named("URI:spiffe://example.org/web,DNS:example");
    bytes[bytes.find("\x07"
                     "example") +
          3] = forbidden;
    CHECK_FALSE(Certificate::from_der(bytes).has_value());
  }
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("certificate: every byte changed gives no crash, and the facts of what was read") {
  const std::string der = TestCertificate::make({}).der();
  int readable = 0;
  for (std::size_t at = 0; at < der.size(); ++at) {
    std::string bytes = der;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    const auto read = Certificate::from_der(bytes);
    if (!read) continue;
    ++readable;
    CHECK(read->facts().sha256 == sha256(bytes));
  }
  CHECK(readable > 100);  // of 400: serial number, key and signature
}

// One hierarchy: root, intermediate, leaf.
struct Hierarchy {
  CertificateSpec root_spec = authority_spec("root");
  CertificateSpec middle_spec = authority_spec("middle");
  CertificateSpec leaf_spec;

  ChainVerdict verdict(std::uint64_t now_s = kCertificateTime) const {
    const TestCertificate root = TestCertificate::make(root_spec);
    const TestCertificate middle = TestCertificate::make(middle_spec, &root);
    const TestCertificate leaf = TestCertificate::make(leaf_spec, &middle);
    std::vector<Certificate> authorities;
    authorities.push_back(parsed(root));
    std::vector<Certificate> others;
    others.push_back(parsed(middle));
    const auto anchors = TrustAnchors::from(authorities);
    REQUIRE(anchors.has_value());
    return anchors->verify(parsed(leaf), others, now_s);
  }
};

TEST_CASE("chain: each rule of a path refuses alone") {
  struct Case {
    const char* name;
    ChainVerdict verdict;
    std::function<void(Hierarchy&)> change;
  };
  constexpr std::int64_t kNow = static_cast<std::int64_t>(kCertificateTime);
  const Case cases[] = {
      {"all in order", ChainVerdict::trusted, [](Hierarchy&) {}},
      {"RSA of 2,048 bits", ChainVerdict::trusted,
       [](Hierarchy& h) { h.middle_spec.key = CertificateKey::rsa2048; }},
      {"no extended key usage", ChainVerdict::trusted,
       [](Hierarchy& h) { h.leaf_spec.extended = ""; }},
      {"the leaf ends in a second", ChainVerdict::trusted,
       [](Hierarchy& h) { h.leaf_spec.until_s = kNow + 1; }},
      {"the leaf ends now", ChainVerdict::expired,
       [](Hierarchy& h) { h.leaf_spec.until_s = kNow; }},
      {"the intermediate has ended", ChainVerdict::expired,
       [](Hierarchy& h) { h.middle_spec.until_s = kNow - 1; }},
      {"the root has ended", ChainVerdict::expired,
       [](Hierarchy& h) { h.root_spec.until_s = kNow - 1; }},
      {"the leaf begins in a second", ChainVerdict::not_yet_valid,
       [](Hierarchy& h) { h.leaf_spec.from_s = kNow + 1; }},
      {"the intermediate begins in a second", ChainVerdict::not_yet_valid,
       [](Hierarchy& h) { h.middle_spec.from_s = kNow + 1; }},
      {"the intermediate is no authority", ChainVerdict::untrusted,
       [](Hierarchy& h) { h.middle_spec.basic = "critical,CA:FALSE"; }},
      {"the intermediate has no basic constraints", ChainVerdict::untrusted,
       [](Hierarchy& h) { h.middle_spec.basic = ""; }},
      {"the intermediate may not sign certificates", ChainVerdict::untrusted,
       [](Hierarchy& h) { h.middle_spec.usage = "critical,cRLSign"; }},
      {"the root allows no intermediate", ChainVerdict::untrusted,
       [](Hierarchy& h) { h.root_spec.basic += ",pathlen:0"; }},
      {"the intermediate is not for clients", ChainVerdict::untrusted,
       [](Hierarchy& h) { h.middle_spec.extended = "codeSigning"; }},
      {"the leaf is for servers only", ChainVerdict::untrusted,
       [](Hierarchy& h) { h.leaf_spec.extended = "serverAuth"; }},
      {"a critical extension that nobody knows", ChainVerdict::untrusted,
       [](Hierarchy& h) {
         h.leaf_spec.more = {{"1.2.3.4", "critical,ASN1:NULL"}};
       }},
      {"a name outside the constraints", ChainVerdict::untrusted,
       [](Hierarchy& h) {
         h.middle_spec.more = {{"nameConstraints", "critical,permitted;URI:example.com"}};
       }},
      {"a name within the constraints", ChainVerdict::trusted,
       [](Hierarchy& h) {
         h.middle_spec.more = {{"nameConstraints", "critical,permitted;URI:example.org"}};
       }},
      {"the leaf's key is weak", ChainVerdict::untrusted,
       [](Hierarchy& h) { h.leaf_spec.key = CertificateKey::rsa1024; }},
      {"the intermediate's key is weak", ChainVerdict::untrusted,
       [](Hierarchy& h) { h.middle_spec.key = CertificateKey::rsa1024; }},
      {"the leaf is signed over SHA-1", ChainVerdict::untrusted,
       [](Hierarchy& h) { h.leaf_spec.digest = "SHA1"; }},
      {"the intermediate is signed over SHA-1", ChainVerdict::untrusted,
       [](Hierarchy& h) { h.middle_spec.digest = "SHA1"; }},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    Hierarchy hierarchy;
    c.change(hierarchy);
    ERR_clear_error();
    CHECK(hierarchy.verdict() == c.verdict);
    CHECK(ERR_peek_error() == 0);
  }
}

TEST_CASE("chain: only what leads to an anchor is trusted") {
  const TestCertificate root = TestCertificate::make(authority_spec("root"));
  const TestCertificate twin = TestCertificate::make(authority_spec("root"));  // another key
  const TestCertificate middle = TestCertificate::make(authority_spec("middle"), &root);
  const TestCertificate leaf = TestCertificate::make({}, &middle);
  const TestCertificate selfmade = TestCertificate::make({});
  const auto list = [](std::initializer_list<const TestCertificate*> some) {
    std::vector<Certificate> certificates;
    for (const TestCertificate* each : some) certificates.push_back(parsed(*each));
    return certificates;
  };
  struct Case {
    const char* name;
    std::vector<Certificate> anchors;
    const TestCertificate* leaf;
    std::vector<Certificate> others;
    ChainVerdict verdict;
  };
  const Case cases[] = {
      {"over the intermediate", list({&root}), &leaf, list({&middle}), ChainVerdict::trusted},
      {"others that do not matter", list({&twin, &root}), &leaf, list({&selfmade, &middle, &root}),
       ChainVerdict::trusted},
      {"the anchor is the intermediate", list({&middle}), &leaf, {}, ChainVerdict::trusted},
      {"the intermediate is missing", list({&root}), &leaf, {}, ChainVerdict::untrusted},
      {"the root was only sent along", list({&twin}), &leaf, list({&middle, &root}),
       ChainVerdict::untrusted},
      {"no anchor at all", {}, &leaf, list({&middle, &root}), ChainVerdict::untrusted},
      {"a leaf that signed itself", list({&root}), &selfmade, {}, ChainVerdict::untrusted},
      {"a leaf that signed itself, sent twice", list({&root}), &selfmade, list({&selfmade}),
       ChainVerdict::untrusted},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    const auto anchors = TrustAnchors::from(c.anchors);
    REQUIRE(anchors.has_value());
    CHECK(anchors->empty() == c.anchors.empty());
    CHECK(anchors->verify(parsed(*c.leaf), c.others, kCertificateTime) == c.verdict);
  }
}

TEST_CASE("chain: a leaf is no anchor, and more certificates than the limit are refused") {
  std::vector<Certificate> leaves;
  leaves.push_back(parsed(TestCertificate::make({})));
  CHECK_FALSE(TrustAnchors::from(leaves).has_value());

  const TestCertificate root = TestCertificate::make(authority_spec("root"));
  const TestCertificate leaf = TestCertificate::make({}, &root);
  std::vector<Certificate> authorities;
  authorities.push_back(parsed(root));
  const auto anchors = TrustAnchors::from(authorities);
  REQUIRE(anchors.has_value());
  std::vector<Certificate> others;
  while (others.size() < kChainCertificates - 1) others.push_back(parsed(root));
  CHECK(anchors->verify(parsed(leaf), others, kCertificateTime) == ChainVerdict::trusted);
  others.push_back(parsed(root));
  CHECK(anchors->verify(parsed(leaf), others, kCertificateTime) == ChainVerdict::untrusted);
}

TEST_CASE("PEM: blocks of certificates and nothing else") {
  const TestCertificate a = TestCertificate::make({});
  const TestCertificate b = TestCertificate::make({});
  CHECK(certificates_of_pem(a.pem(), 1) == std::vector<std::string>{a.der()});
  CHECK(certificates_of_pem(a.pem() + b.pem(), 2) == std::vector<std::string>{a.der(), b.der()});
  CHECK(certificates_of_pem("\r\n" + a.pem() + "\n\n" + b.pem(), 2).size() == 2);
  std::string no_end = a.pem();
  no_end.resize(no_end.size() - 2);
  std::string no_digit = a.pem();
  no_digit[40] = '!';
  const std::string refused[] = {
      "",
      "\n",
      a.pem() + b.pem() + a.pem(),
      "Subject: CN=a\n" + a.pem(),
      a.pem() + "x",
      no_end,
      no_digit,
      "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
      "-----BEGIN CERTIFICATE-----\nZg=\n-----END CERTIFICATE-----\n",
      "-----BEGIN PRIVATE KEY-----\nZg==\n-----END PRIVATE KEY-----\n",
      "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n\nZg==\n-----END CERTIFICATE-----\n",
      "-----BEGIN CERTIFICATE-----\n" + std::string(3 * kCertificateBytes, 'A') +
          "\n-----END CERTIFICATE-----\n",
  };
  for (const std::string& text : refused) {
    CAPTURE(text.substr(0, 60));
    CHECK(certificates_of_pem(text, 2).empty());
  }
}

}  // namespace
}  // namespace mcpgov::crypto
