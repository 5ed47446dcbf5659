// Tests of src/identity/svid.hpp: certificates of workloads, shown and forwarded.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/svid.hpp"

#include <functional>

#include <doctest/doctest.h>

#include "identity/confirmation.hpp"
#include "support/certificates.hpp"

namespace mcpgov::identity {
namespace {

using test::authority_spec;
using test::CertificateSpec;
using test::kCertificateTime;
using test::TestCertificate;

constexpr const char* kWeb = "spiffe://example.org/web";

TrustBundle bundle_of(const std::string& name, const TestCertificate& root) {
  auto bundle = TrustBundle::read(
      name, R"({"keys":[{"kty":"EC","use":"x509-svid","x5c":[")" + root.base64() + R"("]}]})");
  REQUIRE(bundle.has_value());
  return std::move(*bundle);
}

// example.org with an intermediate, and another domain that is trusted as well.
struct World {
  TestCertificate root = TestCertificate::make(authority_spec("root"));
  TestCertificate middle = TestCertificate::make(authority_spec("middle"), &root);
  TestCertificate other_root = TestCertificate::make(authority_spec("other root"));
  TrustBundle bundle = bundle_of("example.org", root);
  TrustBundle other_bundle = bundle_of("other.example", other_root);
  std::vector<TrustDomain> domains = {
      {"other.example", &other_bundle, {}}, {"example.org", &bundle, {}}, {"late.example"}};

  TestCertificate leaf(const CertificateSpec& spec = {}) const {
    return TestCertificate::make(spec, &middle);
  }
};

const World& world() {
  static const World made;
  return made;
}

// What was refused is told once, and leaves no caller behind.
ErrorCode check_told(const std::function<ErrorCode(Workload&, Trace*)>& check, Workload& out) {
  std::vector<Check> steps;
  Trace trace(steps);
  const ErrorCode code = check(out, &trace);
  REQUIRE_FALSE(steps.empty());
  CHECK(steps.back().passed == (code == ErrorCode::none));
  Workload untold;
  CHECK(check(untold, nullptr) == code);
  CHECK(untold.caller == out.caller);
  CHECK(untold.expires_s == out.expires_s);
  if (code != ErrorCode::none) {
    CHECK(out.caller == Caller());
    CHECK(out.expires_s == 0);
  }
  return code;
}

ErrorCode shown(const std::string& leaf, const std::vector<std::string>& others, Workload& out,
                std::uint64_t now_s = kCertificateTime) {
  const std::vector<std::string_view> views(others.begin(), others.end());
  return check_told(
      [&](Workload& into, Trace* trace) {
        return check_x509_svid(leaf, views, world().domains, now_s, into, trace);
      },
      out);
}

TEST_CASE("X509-SVID: a workload is its trust domain and its whole ID") {
  const World& w = world();
  const TestCertificate leaf = w.leaf();
  Workload out;
  REQUIRE(shown(leaf.der(), {w.middle.der()}, out) == ErrorCode::none);
  const crypto::Digest digest = crypto::sha256(leaf.der());
  CHECK(out.caller.kind == CallerKind::workload);
  CHECK(out.caller.issuer == "spiffe://example.org");
  CHECK(out.caller.subject == kWeb);
  CHECK(out.caller.workload == Actor{CallerKind::workload, "spiffe://example.org", kWeb});
  CHECK(out.caller.evidence.kind == EvidenceKind::certificate);
  CHECK(out.caller.evidence.token_id == crypto::hex(digest).substr(0, 32));
  CHECK(out.caller.evidence.bound_to == thumbprint_text(digest));
  CHECK(out.expires_s == static_cast<std::uint64_t>(CertificateSpec().until_s));
  CHECK(check_code(out.caller) == ErrorCode::none);
  CHECK(shown(leaf.der(), {w.root.der(), w.middle.der()}, out) == ErrorCode::none);
}

TEST_CASE("X509-SVID: every rule of a leaf refuses alone") {
  struct Case {
    const char* name;
    ErrorCode code;
    std::function<void(CertificateSpec&)> change;
  };
  constexpr std::int64_t kNow = static_cast<std::int64_t>(kCertificateTime);
  const auto none = ErrorCode::none;
  const auto invalid = ErrorCode::certificate_invalid;
  const auto untrusted = ErrorCode::certificate_untrusted;
  const Case cases[] = {
      {"all in order", none, [](CertificateSpec&) {}},
      {"DNS names beside the URI", none,
       [](CertificateSpec& s) { s.names += ",DNS:web.example.org,DNS:w"; }},
      {"no subject", none, [](CertificateSpec& s) { s.common_name = ""; }},
      {"no extended key usage", none, [](CertificateSpec& s) { s.extended = ""; }},
      {"further key usage for RSA", none,
       [](CertificateSpec& s) { s.usage += ",keyEncipherment,keyAgreement"; }},
      {"no basic constraints", none, [](CertificateSpec& s) { s.basic = ""; }},
      {"no names", invalid, [](CertificateSpec& s) { s.names = ""; }},
      {"DNS name only", invalid, [](CertificateSpec& s) { s.names = "DNS:web.example.org"; }},
      {"two SPIFFE IDs", invalid,
       [](CertificateSpec& s) { s.names += ",URI:spiffe://example.org/admin"; }},
      {"the same SPIFFE ID twice", invalid,
       [](CertificateSpec& s) { s.names += ",URI:spiffe://example.org/web"; }},
      {"another URI beside it", invalid,
       [](CertificateSpec& s) { s.names += ",URI:https://example.org/"; }},
      {"no SPIFFE ID", invalid, [](CertificateSpec& s) { s.names = "URI:https://example.org/w"; }},
      {"the ID in upper case", invalid,
       [](CertificateSpec& s) { s.names = "URI:spiffe://Example.org/web"; }},
      {"the ID of the trust domain", invalid,
       [](CertificateSpec& s) { s.names = "URI:spiffe://example.org"; }},
      {"dot segments", invalid,
       [](CertificateSpec& s) { s.names = "URI:spiffe://example.org/a/../admin"; }},
      {"an authority", invalid, [](CertificateSpec& s) { s.basic = "critical,CA:TRUE"; }},
      {"no key usage", invalid, [](CertificateSpec& s) { s.usage = ""; }},
      {"key usage is not critical", invalid,
       [](CertificateSpec& s) { s.usage = "digitalSignature"; }},
      {"no digital signature", invalid,
       [](CertificateSpec& s) { s.usage = "critical,keyEncipherment"; }},
      {"it may sign certificates", invalid, [](CertificateSpec& s) { s.usage += ",keyCertSign"; }},
      {"it may sign CRLs", invalid, [](CertificateSpec& s) { s.usage += ",cRLSign"; }},
      {"for servers only", invalid, [](CertificateSpec& s) { s.extended = "serverAuth"; }},
      {"for clients only", invalid, [](CertificateSpec& s) { s.extended = "clientAuth"; }},
      {"for something else", invalid, [](CertificateSpec& s) { s.extended = "codeSigning"; }},
      {"it ends now", invalid, [](CertificateSpec& s) { s.until_s = kNow; }},
      {"it begins in a second", invalid, [](CertificateSpec& s) { s.from_s = kNow + 1; }},
      {"it begins now", none, [](CertificateSpec& s) { s.from_s = kNow; }},
      {"a critical extension that nobody knows", untrusted,
       [](CertificateSpec& s) {
         s.more = {{"1.2.3.4", "critical,ASN1:NULL"}};
       }},
      {"the domain is not configured", untrusted,
       [](CertificateSpec& s) { s.names = "URI:spiffe://example.com/web"; }},
      {"the domain begins like ours", untrusted,
       [](CertificateSpec& s) { s.names = "URI:spiffe://example.or/web"; }},
      {"the domain is another one, which is trusted for itself", untrusted,
       [](CertificateSpec& s) { s.names = "URI:spiffe://other.example/web"; }},
      {"the bundle of the domain is not there yet", ErrorCode::identity_waits,
       [](CertificateSpec& s) { s.names = "URI:spiffe://late.example/web"; }},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    CertificateSpec spec;
    c.change(spec);
    Workload out;
    CHECK(shown(world().leaf(spec).der(), {world().middle.der()}, out) == c.code);
  }
}

TEST_CASE("X509-SVID: paths") {
  const World& w = world();
  const TestCertificate leaf = w.leaf();
  const TestCertificate selfmade = TestCertificate::make({});
  CertificateSpec ended = authority_spec("ended");
  ended.until_s = static_cast<std::int64_t>(kCertificateTime) - 1;
  const TestCertificate ended_middle = TestCertificate::make(ended, &w.root);
  const TestCertificate of_ended = TestCertificate::make({}, &ended_middle);
  struct Case {
    const char* name;
    std::string leaf;
    std::vector<std::string> others;
    ErrorCode code;
  };
  const Case cases[] = {
      {"the intermediate is missing", leaf.der(), {}, ErrorCode::certificate_untrusted},
      {"signed by itself", selfmade.der(), {}, ErrorCode::certificate_untrusted},
      {"the intermediate has ended",
       of_ended.der(),
       {ended_middle.der()},
       ErrorCode::certificate_untrusted},
      {"an intermediate that cannot be read",
       leaf.der(),
       {w.middle.der(), "x"},
       ErrorCode::certificate_invalid},
      {"too many", leaf.der(), std::vector<std::string>(crypto::kChainCertificates, w.middle.der()),
       ErrorCode::certificate_invalid},
      {"no certificate", "", {}, ErrorCode::certificate_invalid},
      {"PEM instead of DER", leaf.pem(), {}, ErrorCode::certificate_invalid},
      {"an intermediate itself", w.middle.der(), {}, ErrorCode::certificate_invalid},
      {"the root itself", w.root.der(), {}, ErrorCode::certificate_invalid},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    Workload out;
    CHECK(shown(c.leaf, c.others, out) == c.code);
  }
  Workload out;
  CHECK(check_x509_svid(leaf.der(), {}, {}, kCertificateTime, out) ==
        ErrorCode::certificate_untrusted);
}

ErrorCode forwarded(const ForwardedCertificate& told, Workload& out,
                    std::span<const TrustDomain> domains = world().domains) {
  return check_told(
      [&](Workload& into, Trace* trace) {
        return check_forwarded_svid(told, domains, kCertificateTime, into, trace);
      },
      out);
}

ForwardedCertificate told_of(std::vector<std::string> uris,
                             std::vector<std::string> certificates = {}) {
  ForwardedCertificate told;
  told.present = true;
  told.uris = std::move(uris);
  told.certificates = std::move(certificates);
  told.sha256 = crypto::sha256(told.certificates.empty() ? "hash" : told.certificates.front());
  return told;
}

TEST_CASE(
    "forwarded SVID: the certificate is checked where it is told, else the proxy is believed") {
  const World& w = world();
  const TestCertificate leaf = w.leaf();
  const std::vector<std::string> chain = {leaf.der(), w.middle.der()};
  for (const ForwardedCertificate& told :
       {told_of({kWeb}), told_of({kWeb}, chain), told_of({}, chain)}) {
    Workload out;
    REQUIRE(forwarded(told, out) == ErrorCode::none);
    CHECK(out.caller.kind == CallerKind::workload);
    CHECK(out.caller.issuer == "spiffe://example.org");
    CHECK(out.caller.subject == kWeb);
    CHECK(out.caller.evidence.kind == EvidenceKind::forwarded_certificate);
    CHECK(out.caller.evidence.bound_to == thumbprint_text(*told.sha256));
    CHECK((out.expires_s != 0) == !told.certificates.empty());
    CHECK(check_code(out.caller) == ErrorCode::none);
  }
  ForwardedCertificate bare = told_of({kWeb});
  bare.sha256.reset();
  Workload out;
  CHECK(forwarded(bare, out) == ErrorCode::none);
  CHECK(out.caller.evidence.bound_to.empty());
  // Without trust domains of our own the proxy's verification is all there is.
  CHECK(forwarded(told_of({"spiffe://example.com/web"}, chain), out, {}) == ErrorCode::none);
  CHECK(out.caller.issuer == "spiffe://example.com");
}

TEST_CASE("forwarded SVID: refusals") {
  const World& w = world();
  const TestCertificate leaf = w.leaf();
  const TestCertificate selfmade = TestCertificate::make({});
  CertificateSpec admin;
  admin.names = "URI:spiffe://example.org/admin";
  const std::vector<std::string> chain = {leaf.der(), w.middle.der()};
  struct Case {
    const char* name;
    ForwardedCertificate told;
    ErrorCode code;
  };
  const auto invalid = ErrorCode::certificate_invalid;
  const auto untrusted = ErrorCode::certificate_untrusted;
  const Case cases[] = {
      {"nothing is told", told_of({}), invalid},
      {"two URIs", told_of({kWeb, kWeb}), invalid},
      {"two URIs and the certificate", told_of({kWeb, "https://a.example"}, chain), invalid},
      {"no SPIFFE ID", told_of({"https://example.org/web"}), invalid},
      {"no SPIFFE ID beside the certificate", told_of({"https://example.org/web"}, chain), invalid},
      {"the ID of the trust domain", told_of({"spiffe://example.org"}), invalid},
      {"an ID that is not normal", told_of({"spiffe://example.org/a/../web"}), invalid},
      {"the URI is not that of the certificate", told_of({"spiffe://example.org/admin"}, chain),
       invalid},
      {"a certificate nobody vouches for", told_of({kWeb}, {selfmade.der()}), untrusted},
      {"a certificate without its intermediate", told_of({kWeb}, {leaf.der()}), untrusted},
      {"the domain is not configured", told_of({"spiffe://example.com/web"}), untrusted},
      {"a certificate of a domain that is not there yet",
       told_of({}, {TestCertificate::make(
                        [] {
                          CertificateSpec spec;
                          spec.names = "URI:spiffe://late.example/web";
                          return spec;
                        }(),
                        &w.middle)
                        .der()}),
       ErrorCode::identity_waits},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    Workload out;
    CHECK(forwarded(c.told, out) == c.code);
  }
  Workload out;
  CHECK(forwarded(told_of({}, chain), out, {}) == ErrorCode::certificate_invalid);
}

}  // namespace
}  // namespace mcpgov::identity
