// Keys and tokens for tests, with OpenSSL itself.
//
// SPDX-License-Identifier: Apache-2.0
#include "support/tokens.hpp"

#include <map>
#include <mutex>
#include <stdexcept>
#include <tuple>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace mcpgov::test {
namespace {

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

const EVP_MD* digest_of(std::string_view algorithm) {
  if (algorithm.ends_with("256")) return EVP_sha256();
  if (algorithm.ends_with("384")) return EVP_sha384();
  require(algorithm.ends_with("512"), "an algorithm without a hash");
  return EVP_sha512();
}

std::size_t coordinate_size(std::string_view algorithm) {
  return algorithm == "ES256" ? 32 : algorithm == "ES384" ? 48 : 66;
}

const char* curve_of(std::string_view algorithm) {
  return algorithm == "ES256" ? "P-256" : algorithm == "ES384" ? "P-384" : "P-521";
}

std::shared_ptr<EVP_PKEY> owned(EVP_PKEY* key) {
  require(key != nullptr, "no key");
  return {key, &EVP_PKEY_free};
}

// kind: `RSA`, `EC …` or `ED25519`.
std::shared_ptr<EVP_PKEY> generated(const std::string& kind, int size, int number) {
  static std::mutex lock;
  static std::map<std::tuple<std::string, int, int>, std::shared_ptr<EVP_PKEY>> keys;
  const std::lock_guard<std::mutex> held(lock);
  auto& key = keys[{kind, size, number}];
  if (key) return key;
  if (kind == "RSA") {
    key = owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(size)));
  } else if (kind == "ED25519") {
    key = owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  } else {
    key = owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kind.c_str()));
  }
  return key;
}

// size 0: as many bytes as it takes.
std::string number_of(const EVP_PKEY* key, const char* name, std::size_t size = 0) {
  BIGNUM* number = nullptr;
  require(EVP_PKEY_get_bn_param(key, name, &number) == 1, name);
  std::string bytes(size == 0 ? static_cast<std::size_t>(BN_num_bytes(number)) : size, '\0');
  const int written = BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  BN_clear_free(number);
  require(written >= 0, name);
  return bytes;
}

std::string raw_public(const EVP_PKEY* key) {
  std::string bytes(32, '\0');
  std::size_t size = bytes.size();
  const int done =
      EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(bytes.data()), &size);
  require(done == 1 && size == 32, "no raw public key");
  return bytes;
}

std::string raw_private(const EVP_PKEY* key) {
  std::string bytes(32, '\0');
  std::size_t size = bytes.size();
  const int done =
      EVP_PKEY_get_raw_private_key(key, reinterpret_cast<unsigned char*>(bytes.data()), &size);
  require(done == 1 && size == 32, "no raw private key");
  return bytes;
}

// DER of ECDSA to R || S.
std::string fixed_form(const std::string& der, std::size_t size) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* parts = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  require(parts != nullptr, "no ECDSA signature");
  std::string out(2 * size, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  const bool done =
      BN_bn2binpad(ECDSA_SIG_get0_r(parts), bytes, static_cast<int>(size)) >= 0 &&
      BN_bn2binpad(ECDSA_SIG_get0_s(parts), bytes + size, static_cast<int>(size)) >= 0;
  ECDSA_SIG_free(parts);
  require(done, "an ECDSA signature of another size");
  return out;
}

std::string object_of(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out;
  for (const auto& [name, value] : members) {
    out += (out.empty() ? "{\"" : ",\"") + name + "\":\"" + value + "\"";
  }
  return out + "}";
}

}  // namespace

std::string base64url(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  while (out.ends_with('=')) out.pop_back();
  for (char& each : out) each = each == '+' ? '-' : each == '/' ? '_' : each;
  return out;
}

std::string sha256_bytes(std::string_view bytes) {
  std::string out(32, '\0');
  require(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()),
                     nullptr, EVP_sha256(), nullptr) == 1,
          "no SHA-256");
  return out;
}

TestKey TestKey::rsa(std::string_view algorithm, int number, int bits) {
  TestKey out;
  out.key_ = generated("RSA", bits, number);
  out.algorithm_ = algorithm;
  out.id_ = "rsa-" + std::to_string(number);
  return out;
}

TestKey TestKey::ec(std::string_view algorithm, int number) {
  TestKey out;
  out.key_ = generated(curve_of(algorithm), 0, number);
  out.algorithm_ = algorithm;
  out.id_ = "ec-" + std::to_string(number);
  return out;
}

TestKey TestKey::ed25519(int number) {
  TestKey out;
  out.key_ = generated("ED25519", 0, number);
  out.algorithm_ = "EdDSA";
  out.id_ = "ed-" + std::to_string(number);
  return out;
}

TestKey TestKey::secret(std::string_view bytes, std::string_view algorithm) {
  TestKey out;
  out.secret_ = bytes;
  out.algorithm_ = algorithm;
  return out;
}

TestKey TestKey::of(std::string_view algorithm, int number) {
  if (algorithm == "EdDSA") return ed25519(number);
  if (algorithm.starts_with("ES")) return ec(algorithm, number);
  if (!algorithm.starts_with("HS")) return rsa(algorithm, number);
  return secret(std::string(64, static_cast<char>('a' + number)), algorithm);
}

TestKey TestKey::with_id(std::string_view id) const {
  TestKey out = *this;
  out.id_ = id;
  return out;
}

TestKey TestKey::with_algorithm(std::string_view algorithm) const {
  TestKey out = *this;
  out.algorithm_ = algorithm;
  return out;
}

// In the order of their names, as thumbprints need them.
std::vector<std::pair<std::string, std::string>> TestKey::members() const {
  if (!key_) return {{"k", base64url(secret_)}, {"kty", "oct"}};
  if (EVP_PKEY_is_a(key_.get(), "RSA") == 1) {
    return {{"e", base64url(number_of(key_.get(), OSSL_PKEY_PARAM_RSA_E))},
            {"kty", "RSA"},
            {"n", base64url(number_of(key_.get(), OSSL_PKEY_PARAM_RSA_N))}};
  }
  if (EVP_PKEY_is_a(key_.get(), "ED25519") == 1) {
    return {{"crv", "Ed25519"}, {"kty", "OKP"}, {"x", base64url(raw_public(key_.get()))}};
  }
  const std::size_t size = coordinate_size(algorithm_);
  return {{"crv", curve_of(algorithm_)},
          {"kty", "EC"},
          {"x", base64url(number_of(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, size))},
          {"y", base64url(number_of(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, size))}};
}

std::string TestKey::jwk(bool bare) const {
  auto all = members();
  if (!bare) {
    all.emplace_back("alg", algorithm_);
    all.emplace_back("use", "sig");
    if (!id_.empty()) all.emplace_back("kid", id_);
  }
  return object_of(all);
}

std::string TestKey::private_jwk() const {
  auto all = members();
  if (key_ && EVP_PKEY_is_a(key_.get(), "RSA") == 1) {
    const std::pair<const char*, const char*> parts[] = {
        {"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
        {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
        {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}};
    for (const auto& [name, parameter] : parts) {
      all.emplace_back(name, base64url(number_of(key_.get(), parameter)));
    }
  } else if (key_ && EVP_PKEY_is_a(key_.get(), "ED25519") == 1) {
    all.emplace_back("d", base64url(raw_private(key_.get())));
  } else if (key_) {
    all.emplace_back("d", base64url(number_of(key_.get(), OSSL_PKEY_PARAM_PRIV_KEY,
                                              coordinate_size(algorithm_))));
  }
  all.emplace_back("alg", algorithm_);
  if (!id_.empty()) all.emplace_back("kid", id_);
  return object_of(all);
}

std::string TestKey::jwk_set() const {
  return test::jwk_set({*this});
}

std::string TestKey::thumbprint() const {
  return base64url(sha256_bytes(jwk(true)));
}

std::string TestKey::private_pem() const {
  std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  require(PEM_write_bio_PrivateKey(out.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr),
          "no PEM");
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string TestKey::signature(std::string_view input) const {
  const auto* bytes = reinterpret_cast<const unsigned char*>(input.data());
  std::string out(1024, '\0');  // RSA of 8,192 bits
  auto* room = reinterpret_cast<unsigned char*>(out.data());
  if (!key_) {
    unsigned size = 0;
    require(HMAC(digest_of(algorithm_), secret_.data(), static_cast<int>(secret_.size()), bytes,
                 input.size(), room, &size) != nullptr,
            "no HMAC");
    return out.substr(0, size);
  }
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  EVP_PKEY_CTX* options = nullptr;
  const EVP_MD* digest = algorithm_ == "EdDSA" ? nullptr : digest_of(algorithm_);
  require(EVP_DigestSignInit(context.get(), &options, digest, nullptr, key_.get()) == 1, "init");
  if (algorithm_.starts_with("PS")) {
    require(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1,
            "PSS");
  }
  std::size_t size = out.size();
  require(EVP_DigestSign(context.get(), room, &size, bytes, input.size()) == 1, "no signature");
  out.resize(size);
  return algorithm_.starts_with("ES") ? fixed_form(out, coordinate_size(algorithm_)) : out;
}

std::string TestKey::sign(std::string_view header, std::string_view payload) const {
  const std::string input = base64url(header) + "." + base64url(payload);
  return input + "." + base64url(signature(input));
}

std::string TestKey::token(std::string_view payload, std::string_view type) const {
  std::string header = R"({"alg":")" + algorithm_ + '"';
  if (!id_.empty()) header += R"(,"kid":")" + id_ + '"';
  if (!type.empty()) header += R"(,"typ":")" + std::string(type) + '"';
  return sign(header + "}", payload);
}

std::string jwk_set(const std::vector<TestKey>& keys) {
  std::string out;
  for (const TestKey& key : keys) out += (out.empty() ? "" : ",") + key.jwk();
  return R"({"keys":[)" + out + "]}";
}

}  // namespace mcpgov::test
