// Certificates, PEM and trust bundles of any bytes, and changes to a workload's certificate that
// was in order: none of them makes another caller of it.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "crypto/certificate.hpp"
#include "identity/svid.hpp"
#include "identity/trust_bundle.hpp"
#include "support/certificates.hpp"

using namespace mcpgov;
using namespace mcpgov::identity;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

struct World {
  test::TestCertificate root = test::TestCertificate::make(test::authority_spec("root"));
  test::TestCertificate leaf = test::TestCertificate::make({}, &root);
  TrustBundle bundle =
      *TrustBundle::read("example.org", R"({"keys":[{"kty":"EC","use":"x509-svid","x5c":[")" +
                                            root.base64() + R"("]}]})");
};

const World& world() {
  static const World made;
  return made;
}

ErrorCode check(std::string_view leaf, std::string_view other, Workload& out) {
  const TrustDomain domains[] = {{"example.org", &world().bundle, {}}};
  const std::string_view others[] = {other};
  return check_x509_svid(leaf, others, domains, test::kCertificateTime, out);
}

void read(std::string_view bytes) {
  const auto certificate = crypto::Certificate::from_der(bytes);
  Workload out;
  const ErrorCode alone = check(bytes, world().root.der(), out);
  require(alone != ErrorCode::none && out.caller == Caller());
  // A further certificate, such as one that is like the authority's or whose key cannot be read,
  // may spoil the path; nobody becomes another by it.
  const ErrorCode beside = check(world().leaf.der(), bytes, out);
  require(certificate.has_value() || beside == ErrorCode::certificate_invalid);
  require(beside == ErrorCode::none || beside == ErrorCode::certificate_untrusted ||
          beside == ErrorCode::certificate_invalid);
  require((out.caller.subject == "spiffe://example.org/web") == (beside == ErrorCode::none));
  if (!certificate) return;
  require(bytes.size() <= crypto::kCertificateBytes);
  require(certificate->facts().sha256 == crypto::sha256(bytes));
  // Not always as it stands in the bytes: OpenSSL writes a bit string of odd length in normal form.
  certificate->public_key();
  for (const std::string& uri : certificate->facts().uris) {
    require(std::all_of(uri.begin(), uri.end(), [](char c) { return c > ' ' && c < 0x7f; }));
  }
  certificate->subject();
}

// Pairs of bytes: how far on, and what to change there.
void change(std::string_view edits) {
  std::string leaf = world().leaf.der();
  std::size_t at = 0;
  for (std::size_t i = 0; i + 1 < edits.size(); i += 2) {
    at = (at + static_cast<unsigned char>(edits[i])) % leaf.size();
    leaf[at] = static_cast<char>(leaf[at] ^ edits[i + 1]);
  }
  Workload out;
  const bool same = leaf == world().leaf.der();
  require((check(leaf, world().root.der(), out) == ErrorCode::none) == same);
  require((out.caller.subject == "spiffe://example.org/web") == same);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  read(text);
  change(text);
  require(crypto::certificates_of_pem(text, 3).size() <= 3);
  if (const auto bundle = TrustBundle::read("example.org", text); !bundle) {
    require(bundle.error().code == ErrorCode::identity_bundle);
  }
  return 0;
}
