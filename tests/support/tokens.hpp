// Keys and tokens for tests: a TestKey is what an issuer has, and can sign anything, right or
// wrong.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace mcpgov::test {

// Without padding (RFC 7515 section 2).
std::string base64url(std::string_view bytes);
std::string sha256_bytes(std::string_view bytes);

// A private key with an algorithm and a key id. Generated once per process for the same size and
// number; copies share the key. Failures of OpenSSL end the test by an exception.
class TestKey {
 public:
  // algorithm: RS256 … PS512. number: another key for each.
  static TestKey rsa(std::string_view algorithm = "RS256", int number = 0, int bits = 2048);
  // algorithm: ES256, ES384 or ES512, with the curve that belongs to it.
  static TestKey ec(std::string_view algorithm = "ES256", int number = 0);
  static TestKey ed25519(int number = 0);
  // algorithm: HS256, HS384 or HS512.
  static TestKey secret(std::string_view bytes, std::string_view algorithm = "HS256");
  // One of these by the name of the algorithm (HS*: a secret of 64 bytes).
  static TestKey of(std::string_view algorithm, int number = 0);

  // The same key with another id; empty: none.
  TestKey with_id(std::string_view id) const;
  // The same key, used with another algorithm of its kind, such as PS256 instead of RS256.
  TestKey with_algorithm(std::string_view algorithm) const;

  const std::string& id() const { return id_; }
  const std::string& algorithm() const { return algorithm_; }

  // The public key as JSON object {"kty",…,"kid","alg","use":"sig"}; of a secret:
  // {"kty":"oct","k"}. bare: only what RFC 7638 section 3.2 counts, so that this is the text of the
  // thumbprint.
  std::string jwk(bool bare = false) const;
  std::string private_jwk() const;
  // {"keys":[…]} of this key alone.
  std::string jwk_set() const;
  // RFC 7638, SHA-256, base64url.
  std::string thumbprint() const;
  // PKCS #8, for other programs. Not of secrets.
  std::string private_pem() const;
  evp_pkey_st* native() const { return key_.get(); }

  // The signature's bytes as JWS has them (ECDSA: R || S). What the algorithm is told here, the
  // header may tell otherwise.
  std::string signature(std::string_view input) const;
  // header.payload.signature of two texts, which need not be JSON.
  std::string sign(std::string_view header, std::string_view payload) const;
  // The same with the header {"alg":…,"kid":…,"typ":type}; type empty: none.
  std::string token(std::string_view payload, std::string_view type = "JWT") const;

 private:
  TestKey() = default;
  std::vector<std::pair<std::string, std::string>> members() const;

  std::shared_ptr<evp_pkey_st> key_;  // none: a secret
  std::string secret_;
  std::string algorithm_;
  std::string id_;
};

// {"keys":[…]} of several.
std::string jwk_set(const std::vector<TestKey>& keys);

}  // namespace mcpgov::test
