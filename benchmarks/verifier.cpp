// What a caller costs with everything: credentials, signature, claims, profile; from the cache; and
// when strangers flood. `./run bench identity` sets verification beside other libraries.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include "mcpgov/identity.hpp"
#include "support/tokens.hpp"

namespace {

using namespace mcpgov;  // NOLINT(google-build-using-namespace)
using identity::Verifier;
using nlohmann::json;
using test::TestKey;

constexpr std::uint64_t kNow = 1'790'000'000;

void require(bool holds) {
  if (!holds) std::abort();
}

// As an issuer with a few groups sends them: 1 KiB with an RSA signature of 2,048 bits.
json claims() {
  return {{"iss", "https://issuer.example/realms/main"},
          {"sub", "5f1c9a3e-0d7b-4f0a-9b8e-2f6d1c7a4e90"},
          {"aud", "https://mcp.example.com/mcp"},
          {"exp", kNow + 3600},
          {"iat", kNow},
          {"jti", "9b2f4c1d-7e8a-4b3c-9d5e-6f7a8b9c0d1e"},
          {"client_id", "agent"},
          {"scope", "tools:read tools:call"},
          {"groups", {"analysts", "engineers", "oncall", "payments-readers", "payments-writers"}},
          {"name", "Ann Example"},
          {"preferred_username", "ann.example@corp.example"},
          {"amr", {"pwd", "mfa"}},
          {"acr", "urn:mace:incommon:iap:silver"}};
}

// limited: by the buckets of the defaults; otherwise by none that matters.
Verifier verifier_of(const TestKey& key, int cached, bool limited = false) {
  json failures = json::object();
  if (!limited) {
    failures = {{"peer_burst", 1'000'000},
                {"peer_per_s", 1e6},
                {"issuer_burst", 10'000'000},
                {"issuer_per_s", 1e6}};
  }
  const json settings = {
      {"resource", {{"url", "https://mcp.example.com/mcp"}}},
      {"cache", {{"tokens", cached}, {"max_age_s", 3600}}},
      {"failures", failures},
      {"issuers", json::array({json{{"issuer", "https://issuer.example/realms/main"},
                                    {"keys", {{"text", key.jwk_set()}}}}})}};
  auto made = Verifier::from_json(settings.dump());
  require(made.has_value());
  return *std::move(made);
}

struct Request {
  explicit Request(const std::string& token)
      : value("Bearer " + token),
        headers{{"content-type", "application/json"}, {"authorization", value}} {}
  identity::Presented presented() const {
    return {.http = {"POST", "https://mcp.example.com/mcp", headers}, .peer = "192.0.2.7"};
  }
  std::string value;
  std::vector<Header> headers;
};

// Without the cache.
void whole(benchmark::State& state, const std::string& algorithm) {
  const TestKey key = TestKey::of(algorithm);
  const Verifier verifier = verifier_of(key, 0);
  const Request request(key.token(claims().dump()));
  for (auto _ : state) {
    require(verifier.identify(request.presented(), kNow * 1'000'000).caller != nullptr);
  }
  state.counters["bytes"] = static_cast<double>(request.value.size());
}

// The same token in all threads, or one of each thread's own.
void hit(benchmark::State& state, bool shared) {
  static const TestKey key = TestKey::rsa();
  static const Verifier verifier = verifier_of(key, 4096);
  json mine = claims();
  if (!shared) mine["jti"] = "thread " + std::to_string(state.thread_index());
  const Request request(key.token(mine.dump()));
  require(verifier.identify(request.presented(), kNow * 1'000'000).caller != nullptr);
  for (auto _ : state) {
    benchmark::DoNotOptimize(verifier.identify(request.presented(), kNow * 1'000'000));
  }
  state.counters["bytes"] = static_cast<double>(request.value.size());
}

double resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word == "VmRSS:" && status >> word) return std::stod(word);
  }
  return 0;
}

// 100,000 tokens with wrong signatures, no two alike, from one peer.
void flood(benchmark::State& state, bool limited) {
  const TestKey key = TestKey::rsa();
  const std::string token = key.token(claims().dump());
  const Verifier verifier = verifier_of(key, 4096, limited);
  std::vector<Request> requests;
  constexpr int kTokens = 100'000;
  const std::size_t signature = token.rfind('.') + 1;
  for (int i = 0; i < kTokens; ++i) {
    std::string other = token;
    for (int digit = i, at = 0; at < 4; digit /= 26, ++at) {
      other[signature + 10 + static_cast<std::size_t>(at)] = static_cast<char>('a' + digit % 26);
    }
    requests.emplace_back(other);
  }
  const double before = resident_kib();
  std::size_t next = 0;
  for (auto _ : state) {
    require(verifier.identify(requests[next++ % kTokens].presented(), kNow * 1'000'000).caller ==
            nullptr);
  }
  state.counters["grown_KiB"] = resident_kib() - before;
}

BENCHMARK_CAPTURE(whole, RS256, "RS256");
BENCHMARK_CAPTURE(whole, PS256, "PS256");
BENCHMARK_CAPTURE(whole, ES256, "ES256");
BENCHMARK_CAPTURE(whole, EdDSA, "EdDSA");
BENCHMARK_CAPTURE(hit, shared, true)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK_CAPTURE(hit, own, false)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK_CAPTURE(flood, unlimited, false)->Iterations(100'000);
BENCHMARK_CAPTURE(flood, limited, true)->Iterations(100'000);

}  // namespace

BENCHMARK_MAIN();
