// What the verification of a signed token costs beside the signature itself: OpenSSL alone, with
// everything prepared that can be, and our reader, key set and check, without any cache.
// `./run bench identity` sets it beside other libraries.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "identity/key_set.hpp"
#include "support/tokens.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::identity;
using test::TestKey;

void require(bool holds) {
  if (!holds) std::abort();
}

// About 1 KiB with an RSA signature of 2,048 bits, as issuers with a few groups send them.
const std::string kClaims =
    R"({"iss":"https://issuer.example/realms/main","sub":"5f1c9a3e-0d7b-4f0a-9b8e-2f6d1c7a4e90",)"
    R"("aud":"https://mcp.example.com/mcp","exp":4102444800,"iat":1700000000,"nbf":1700000000,)"
    R"("jti":"9b2f4c1d-7e8a-4b3c-9d5e-6f7a8b9c0d1e","azp":"agent","scope":"tools:read tools:call",)"
    R"("tid":"2c6e1b9a-4d3f-4a7b-8c9d-0e1f2a3b4c5d","groups":["analysts","engineers","oncall"],)"
    R"("amr":["pwd","mfa"],"acr":"urn:mace:incommon:iap:silver"})";

std::string der_of(const std::string& fixed) {
  const std::size_t half = fixed.size() / 2;
  const auto* bytes = reinterpret_cast<const unsigned char*>(fixed.data());
  ECDSA_SIG* parts = ECDSA_SIG_new();
  ECDSA_SIG_set0(parts, BN_bin2bn(bytes, static_cast<int>(half), nullptr),
                 BN_bin2bn(bytes + half, static_cast<int>(half), nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(parts, &der);
  std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  ECDSA_SIG_free(parts);
  return out;
}

// The operation that nobody can leave out: signature and text lie ready in memory.
void openssl_alone(benchmark::State& state, const std::string& algorithm) {
  const TestKey key = TestKey::of(algorithm);
  const std::string token = key.token(kClaims);
  const std::string input = token.substr(0, token.rfind('.'));
  std::string signature = key.signature(input);
  if (algorithm.starts_with("ES")) signature = der_of(signature);
  const EVP_MD* digest = algorithm == "EdDSA"         ? nullptr
                         : algorithm.ends_with("384") ? EVP_sha384()
                                                      : EVP_sha256();
  for (auto _ : state) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* options = nullptr;
    require(EVP_DigestVerifyInit(context, &options, digest, nullptr, key.native()) == 1);
    if (algorithm.starts_with("PS")) {
      EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST);
    }
    require(EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature.data()),
                             signature.size(), reinterpret_cast<const unsigned char*>(input.data()),
                             input.size()) == 1);
    EVP_MD_CTX_free(context);
  }
}

void read_and_verify(benchmark::State& state, const std::string& algorithm) {
  const TestKey key = TestKey::of(algorithm);
  const std::string token = key.token(kClaims);
  const AlgorithmSet allowed = AlgorithmSet().with(algorithm_from(algorithm));
  KeyRules rules;
  rules.algorithms = allowed;
  const Result<KeySet> keys = KeySet::read(key.jwk_set(), rules);
  require(keys.has_value());
  CompactReader reader;
  for (auto _ : state) {
    Compact compact;
    const Key* used = nullptr;
    require(reader.read(token, Use::access_token, compact) == ErrorCode::none);
    require(check_signature(compact, *keys, allowed, used) == ErrorCode::none);
  }
  state.counters["bytes"] = static_cast<double>(token.size());
}

void read_only(benchmark::State& state) {
  const std::string token = TestKey::rsa().token(kClaims);
  CompactReader reader;
  for (auto _ : state) {
    Compact compact;
    require(reader.read(token, Use::access_token, compact) == ErrorCode::none);
  }
  state.counters["bytes"] = static_cast<double>(token.size());
}

// What a stranger can make us do for nothing: the signature of another text.
void refuse_signature(benchmark::State& state, const std::string& algorithm) {
  const TestKey key = TestKey::of(algorithm);
  const std::string other = key.token("{}");
  const std::string token = key.token(kClaims);
  const std::string forged = token.substr(0, token.rfind('.')) + other.substr(other.rfind('.'));
  const AlgorithmSet allowed = AlgorithmSet().with(algorithm_from(algorithm));
  KeyRules rules;
  rules.algorithms = allowed;
  const Result<KeySet> keys = KeySet::read(key.jwk_set(), rules);
  require(keys.has_value());
  CompactReader reader;
  for (auto _ : state) {
    Compact compact;
    const Key* used = nullptr;
    require(reader.read(forged, Use::access_token, compact) == ErrorCode::none);
    require(check_signature(compact, *keys, allowed, used) == ErrorCode::token_signature);
  }
}

// What a key in a proof of possession costs, which is read for every request.
void read_key(benchmark::State& state, const std::string& algorithm) {
  StrictJson json;
  require(json.read(TestKey::of(algorithm).jwk(true), {}));
  KeyRules rules;
  rules.algorithms = AlgorithmSet().with(algorithm_from(algorithm));
  for (auto _ : state) {
    const Result<std::optional<Key>> key = read_jwk(json.root(), rules);
    require(key.has_value() && key->has_value());
  }
}

BENCHMARK(read_only);
BENCHMARK_CAPTURE(openssl_alone, RS256, "RS256");
BENCHMARK_CAPTURE(read_and_verify, RS256, "RS256");
BENCHMARK_CAPTURE(openssl_alone, PS256, "PS256");
BENCHMARK_CAPTURE(read_and_verify, PS256, "PS256");
BENCHMARK_CAPTURE(openssl_alone, ES256, "ES256");
BENCHMARK_CAPTURE(read_and_verify, ES256, "ES256");
BENCHMARK_CAPTURE(openssl_alone, EdDSA, "EdDSA");
BENCHMARK_CAPTURE(read_and_verify, EdDSA, "EdDSA");
BENCHMARK_CAPTURE(openssl_alone, ES384, "ES384");
BENCHMARK_CAPTURE(read_and_verify, ES384, "ES384");
BENCHMARK_CAPTURE(refuse_signature, RS256, "RS256");
BENCHMARK_CAPTURE(refuse_signature, ES256, "ES256");
BENCHMARK_CAPTURE(read_key, ES256, "ES256");
BENCHMARK_CAPTURE(read_key, RS256, "RS256");
BENCHMARK_CAPTURE(read_key, EdDSA, "EdDSA");

// What the rivals of benchmarks/rivals/jwt-* verify: {"RS256":{"token":…,"jwk":{…}},…}.
void print_tokens() {
  const char* separator = "{";
  for (const char* algorithm : {"RS256", "PS256", "ES256", "EdDSA"}) {
    const TestKey key = TestKey::of(algorithm);
    std::printf("%s\"%s\":{\"token\":\"%s\",\"jwk\":%s}", separator, algorithm,
                key.token(kClaims).c_str(), key.jwk().c_str());
    separator = ",";
  }
  std::printf("}\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--tokens") {
    print_tokens();
    return 0;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
