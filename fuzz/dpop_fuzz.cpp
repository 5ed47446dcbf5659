// Proofs whose header and claims are any text, signed by the right key: one that is taken says all
// that RFC 9449 section 4.3 asks for, and is not taken again. The same text as URL.
//
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "identity/dpop.hpp"
#include "identity/strict_json.hpp"
#include "support/tokens.hpp"

using namespace mcpgov;
using namespace mcpgov::identity;

namespace {

constexpr std::string_view kToken = "token";
constexpr std::uint64_t kNow = 1'800'000'000;

void require(bool holds) {
  if (!holds) std::abort();
}

ErrorCode check(const ProofChecker& checker, const std::string& proof) {
  static const std::string thumbprint = test::TestKey::ec().thumbprint();
  const Header headers[] = {{"DPoP", proof}};
  std::string nonce;
  return checker.check({{"POST", "/mcp", headers}, kToken, thumbprint, kNow}, nonce);
}

void check_taken(std::string_view header, std::string_view claims) {
  StrictJson json;
  require(json.read(header, {}));
  require(text_member(json.root(), "alg") == "ES256");
  require(json.read(claims, {}));
  require(text_member(json.root(), "htm") == "POST");
  require(text_member(json.root(), "ath") == test::base64url(test::sha256_bytes(kToken)));
  require(!text_member(json.root(), "jti")->empty());
  double issued = 0;
  require(member(json.root(), "iat")->get_double().get(issued) == simdjson::SUCCESS);
  require(std::abs(issued - static_cast<double>(kNow)) <= 300);
  std::string url;
  require(normalize_url(*text_member(json.root(), "htu"), url));
  require(url == "https://mcp.example/mcp");
}

// header, a line break, claims. `JWK` in the header stands for the key.
void prove(std::string_view text) {
  static const test::TestKey key = test::TestKey::ec();
  static const std::string jwk = key.jwk(true);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return;
  std::string header(text.substr(0, line));
  if (const std::size_t at = header.find("JWK"); at != std::string::npos) {
    header.replace(at, 3, jwk);
  }
  const std::string_view claims = text.substr(line + 1);
  DpopSettings settings;
  settings.base_url = "https://mcp.example";
  settings.proofs = 4;
  const ProofChecker checker = *ProofChecker::make(settings, "");
  const std::string proof = key.sign(header, claims);
  if (check(checker, proof) != ErrorCode::none) return;
  check_taken(header, claims);
  require(check(checker, proof) == ErrorCode::proof_replayed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  prove(text);
  static const ProofChecker checker = *ProofChecker::make({}, "https://mcp.example");
  require(check(checker, std::string(text)) != ErrorCode::none);
  std::string url;
  if (normalize_url(text, url)) {
    std::string again;
    require(normalize_url(url, again) && again == url);
  }
  return 0;
}
