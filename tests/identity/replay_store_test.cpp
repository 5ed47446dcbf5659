// Tests of src/identity/replay_store.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/replay_store.hpp"

#include <atomic>
#include <latch>
#include <string>
#include <thread>

#include <doctest/doctest.h>

namespace mcpgov::identity {
namespace {

crypto::HmacKey key() {
  auto made = crypto::HmacKey::make(crypto::Hash::sha256, std::string(32, 'k'));
  REQUIRE(made.has_value());
  return std::move(*made);
}

TEST_CASE("replay: a proof is taken once while it lasts") {
  ReplayStore store(100, key());
  CHECK(store.remember("key", "id", "url", 1000, 900) == ProofUse::first);
  CHECK(store.remember("key", "id", "url", 1000, 900) == ProofUse::again);
  CHECK(store.remember("key", "id", "url", 1200, 1000) == ProofUse::again);
  // Its last second is over, and with it the proof itself.
  CHECK(store.remember("key", "id", "url", 1300, 1001) == ProofUse::first);
  CHECK(store.remember("key", "id", "url", 1300, 1300) == ProofUse::again);
}

TEST_CASE("replay: key, id and URL make a proof, each by itself") {
  ReplayStore store(100, key());
  CHECK(store.remember("key", "id", "url", 1000, 900) == ProofUse::first);
  CHECK(store.remember("kez", "id", "url", 1000, 900) == ProofUse::first);
  CHECK(store.remember("key", "ie", "url", 1000, 900) == ProofUse::first);
  CHECK(store.remember("key", "id", "urm", 1000, 900) == ProofUse::first);
  CHECK(store.remember("keyi", "d", "url", 1000, 900) == ProofUse::first);
  CHECK(store.remember("key", "idu", "rl", 1000, 900) == ProofUse::first);
  CHECK(store.remember("key", "", "idurl", 1000, 900) == ProofUse::first);
  CHECK(store.remember("key", "id", "url", 1000, 900) == ProofUse::again);
}

TEST_CASE("replay: when it is full, new proofs are refused and none is forgotten") {
  for (const std::uint32_t proofs : {1U, 2U, 16U, 100U, 5000U, 40'000U}) {
    CAPTURE(proofs);
    ReplayStore store(proofs, key());
    CHECK(store.capacity() <= proofs);
    CHECK(store.capacity() + 16 > proofs);
    std::uint32_t taken = 0;
    for (std::uint32_t id = 0; id < 2 * proofs + 1000; ++id) {
      const ProofUse use = store.remember("key", std::to_string(id), "url", 1000, 900);
      REQUIRE(use != ProofUse::again);
      if (use == ProofUse::first) ++taken;
    }
    CHECK(taken == store.capacity());
    std::uint32_t known = 0;
    for (std::uint32_t id = 0; id < 2 * proofs + 1000; ++id) {
      if (store.remember("key", std::to_string(id), "url", 1000, 1000) == ProofUse::again) ++known;
    }
    CHECK(known == taken);
    // All of them have ended: there is room for as many again.
    std::uint32_t later = 0;
    for (std::uint32_t id = 0; id < 2 * proofs + 1000; ++id) {
      if (store.remember("key", std::to_string(id), "url", 2000, 1001) == ProofUse::first) ++later;
    }
    CHECK(later == taken);
  }
}

TEST_CASE("replay: room comes back as single proofs end") {
  ReplayStore store(16, key());
  for (std::uint64_t id = 0; id < 16; ++id) {
    CHECK(store.remember("key", std::to_string(id), "url", 1000 + id, 900) == ProofUse::first);
  }
  CHECK(store.remember("key", "a", "url", 2000, 1000) == ProofUse::full);
  CHECK(store.remember("key", "a", "url", 2000, 1001) == ProofUse::first);
  CHECK(store.remember("key", "b", "url", 2000, 1001) == ProofUse::full);
  CHECK(store.remember("key", "b", "url", 2000, 1003) == ProofUse::first);
  CHECK(store.remember("key", "c", "url", 2000, 1003) == ProofUse::first);
  CHECK(store.remember("key", "d", "url", 2000, 1003) == ProofUse::full);
  for (std::uint64_t id = 3; id < 16; ++id) {
    CHECK(store.remember("key", std::to_string(id), "url", 2000, 1003) == ProofUse::again);
  }
  for (const char* id : {"a", "b", "c"}) {
    CHECK(store.remember("key", id, "url", 2000, 1003) == ProofUse::again);
  }
}

TEST_CASE("replay: of many threads with the same proofs, one is the first with each") {
  constexpr int kProofs = 20'000;
  ReplayStore store(100'000, key());
  std::atomic<int> first = 0;
  std::atomic<int> again = 0;
  std::latch start(4);
  std::vector<std::thread> threads;
  for (int each = 0; each < 4; ++each) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      for (int id = 0; id < kProofs; ++id) {
        const ProofUse use = store.remember("key", std::to_string(id), "url", 1000, 900);
        if (use == ProofUse::first) ++first;
        if (use == ProofUse::again) ++again;
      }
    });
  }
  for (std::thread& each : threads) each.join();
  CHECK(first == kProofs);
  CHECK(again == 3 * kProofs);
}

}  // namespace
}  // namespace mcpgov::identity
