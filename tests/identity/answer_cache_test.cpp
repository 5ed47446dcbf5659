// Tests of identity/answer_cache.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/answer_cache.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace mcpgov::identity {
namespace {

using Cache = AnswerCache<std::string>;

crypto::Digest key(int number) {
  return crypto::sha256(std::to_string(number));
}

std::shared_ptr<const std::string> value(const char* text) {
  return std::make_shared<const std::string>(text);
}

TEST_CASE("answers: one asks, others wait, then all know until it ends") {
  Cache cache(8, 1);
  const auto first = cache.look_up(key(1), 100, 6);
  CHECK(first.standing == Standing::ask);
  CHECK(first.ticket != 0);
  CHECK(cache.asked(first.ticket) == key(1));
  const auto second = cache.look_up(key(1), 105, 6);
  CHECK(second.standing == Standing::waiting);
  CHECK(second.ticket == first.ticket);
  CHECK(cache.look_up(key(2), 105, 6).standing == Standing::ask);
  CHECK(cache.keep(first.ticket, value("ann"), 160));
  CHECK_FALSE(cache.asked(first.ticket).has_value());
  const auto known = cache.look_up(key(1), 159, 6);
  CHECK(known.standing == Standing::known);
  CHECK(*known.value == "ann");
  CHECK(cache.look_up(key(1), 160, 6).standing == Standing::ask);
}

TEST_CASE("answers: refusals are remembered with their reason, and for their time") {
  Cache cache(8, 1);
  const auto asked = cache.look_up(key(1), 100, 6);
  CHECK(cache.refuse(asked.ticket, ErrorCode::token_inactive, 105));
  const auto found = cache.look_up(key(1), 104, 6);
  CHECK(found.standing == Standing::refused);
  CHECK(found.reason == ErrorCode::token_inactive);
  CHECK(found.value == nullptr);
  CHECK(cache.look_up(key(1), 105, 6).standing == Standing::ask);
}

TEST_CASE("answers: a question without answer is asked again") {
  Cache cache(8, 1);
  const auto lost = cache.look_up(key(1), 100, 6);
  const auto next = cache.look_up(key(1), 106, 6);
  CHECK(next.standing == Standing::ask);
  CHECK(next.ticket != lost.ticket);
  CHECK_FALSE(cache.keep(lost.ticket, value("late"), 200));
  CHECK(cache.look_up(key(1), 106, 6).standing == Standing::waiting);
  CHECK(cache.give_up(next.ticket));
  CHECK(cache.look_up(key(1), 106, 6).standing == Standing::ask);
  CHECK(cache.look_up(key(1), 50, 6).standing == Standing::ask);  // the clock stepped back
}

TEST_CASE("answers: to nothing that was asked change nothing") {
  Cache cache(8, 1);
  CHECK_FALSE(cache.keep(0, value("x"), 200));
  CHECK_FALSE(cache.keep(7, value("x"), 200));
  CHECK_FALSE(cache.refuse(7, ErrorCode::token_inactive, 200));
  const auto asked = cache.look_up(key(1), 100, 6);
  CHECK(cache.keep(asked.ticket, value("ann"), 200));
  CHECK_FALSE(cache.refuse(asked.ticket, ErrorCode::token_inactive, 200));  // twice answered
  CHECK(cache.look_up(key(1), 100, 6).standing == Standing::known);
  CHECK(cache.size() == 1);
}

TEST_CASE("answers: worthless questions are bounded and throw out no value") {
  Cache cache(8, 1);
  const auto asked = cache.look_up(key(0), 100, 6);
  CHECK(cache.keep(asked.ticket, value("ann"), 200));
  for (int i = 1; i < 1000; ++i) {
    const auto bad = cache.look_up(key(i), 100, 6);
    if (i % 2 == 0) cache.refuse(bad.ticket, ErrorCode::token_inactive, 105);
  }
  CHECK(cache.size() == 5);
  CHECK(cache.look_up(key(0), 100, 6).standing == Standing::known);
}

TEST_CASE("answers: of values the one longest not used makes room") {
  Cache cache(4, 1);
  for (int i = 0; i < 2; ++i) {
    cache.keep(cache.look_up(key(i), 100, 6).ticket, value("x"), 200);
  }
  CHECK(cache.look_up(key(0), 100, 6).standing == Standing::known);
  cache.keep(cache.look_up(key(2), 100, 6).ticket, value("x"), 200);
  CHECK(cache.look_up(key(0), 100, 6).standing == Standing::known);
  CHECK(cache.look_up(key(2), 100, 6).standing == Standing::known);
  CHECK(cache.look_up(key(1), 100, 6).standing == Standing::ask);
}

TEST_CASE("answers: of many threads one asks") {
  Cache cache(64, 1);
  std::atomic<int> asked{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 16; ++i) {
        const auto found = cache.look_up(key(i), 100, 6);
        if (found.standing != Standing::ask) continue;
        ++asked;
        cache.keep(found.ticket, value("x"), 200);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(asked == 16);
}

}  // namespace
}  // namespace mcpgov::identity
