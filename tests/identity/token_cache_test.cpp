// Tests of identity/token_cache.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/token_cache.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace {

using mcpgov::identity::TokenCache;
using mcpgov::identity::VerifiedToken;

std::string token(int number, std::size_t size = 1000) {
  std::string text = "token-" + std::to_string(number) + "-";
  for (std::size_t i = text.size(); i < size; ++i) {
    text.push_back(static_cast<char>('a' + (i * 7 + static_cast<std::size_t>(number)) % 26));
  }
  return text;
}

std::shared_ptr<const VerifiedToken> of(const std::string& subject, std::uint64_t expires_s) {
  auto out = std::make_shared<VerifiedToken>();
  out->caller.subject = subject;
  out->expires_s = expires_s;
  return out;
}

TEST_CASE("token cache: only the whole token is a hit") {
  TokenCache cache(64, 300);
  const std::string good = token(1);
  cache.insert(good, of("ann", 2000), 1000);
  REQUIRE(cache.find(good, 1001));
  CHECK(cache.find(good, 1001)->caller.subject == "ann");
  for (std::size_t at = 0; at < good.size(); at += 13) {
    std::string other = good;
    other[at] = other[at] == 'x' ? 'y' : 'x';
    CHECK_FALSE(cache.find(other, 1001));
  }
  CHECK_FALSE(cache.find(good.substr(1), 1001));
  CHECK_FALSE(cache.find(good.substr(0, good.size() - 1), 1001));
  CHECK_FALSE(cache.find(good + "x", 1001));
  CHECK_FALSE(cache.find("", 1001));
}

TEST_CASE("token cache: a token ends with itself and with the longest age") {
  TokenCache cache(64, 300);
  cache.insert(token(1), of("short", 1100), 1000);
  CHECK(cache.find(token(1), 1099));
  CHECK_FALSE(cache.find(token(1), 1100));
  cache.insert(token(2), of("long", 99'999), 1000);
  CHECK(cache.find(token(2), 1299));
  CHECK_FALSE(cache.find(token(2), 1300));
}

TEST_CASE("token cache: replaced and oversized tokens") {
  TokenCache cache(64, 300);
  cache.insert(token(1), of("old", 2000), 1000);
  cache.insert(token(1), of("new", 2000), 1000);
  CHECK(cache.find(token(1), 1001)->caller.subject == "new");
  const std::string large = token(3, TokenCache::kTokenBytes + 1);
  cache.insert(large, of("large", 2000), 1000);
  CHECK_FALSE(cache.find(large, 1001));
  const std::string just = token(3, TokenCache::kTokenBytes);
  cache.insert(just, of("just", 2000), 1000);
  CHECK(cache.find(just, 1001));
  TokenCache none(0, 300);
  none.insert(token(1), of("none", 2000), 1000);
  CHECK_FALSE(none.find(token(1), 1001));
}

TEST_CASE("token cache: a flood of tokens neither grows it nor drives out the ones in use") {
  TokenCache cache(64, 300);
  const std::size_t before = cache.bytes();
  cache.insert(token(0), of("kept", 99'999), 1000);
  int kept = 0;
  for (int i = 1; i <= 5000; ++i) {
    const auto now = static_cast<std::uint64_t>(1000 + i / 50);
    cache.insert(token(i), of("flood", 99'999), now);
    kept += cache.find(token(0), now) != nullptr;
  }
  CHECK(cache.bytes() == before);
  // All of one second look alike, so one of many neighbours may take the place of the one in use.
  CHECK(kept > 0);
  int left = 0;
  for (int i = 1; i <= 5000; ++i) left += cache.find(token(i), 1100) != nullptr;
  CHECK(left <= 64);
  CHECK(left > 32);
}

TEST_CASE("token cache: readers and writers at once see whole entries only") {
  TokenCache cache(16, 300);
  constexpr int kTokens = 64;
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::atomic<int> hits{0};
  std::vector<std::thread> threads;
  for (int reader = 0; reader < 3; ++reader) {
    threads.emplace_back([&] {
      while (!stop.load()) {
        for (int i = 0; i < kTokens; ++i) {
          const auto found = cache.find(token(i, 200), 1000);
          if (!found) continue;
          ++hits;
          if (found->caller.subject != std::to_string(i)) ++wrong;
        }
      }
    });
  }
  for (int round = 0; round < 200 || hits.load() < 100; ++round) {
    for (int i = 0; i < kTokens; ++i) {
      cache.insert(token(i, 200), of(std::to_string(i), 2000), 1000);
    }
  }
  stop = true;
  for (std::thread& each : threads) each.join();
  CHECK(wrong.load() == 0);
  CHECK(hits.load() >= 100);
}

}  // namespace
