// Tests of identity/refresh.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/refresh.hpp"

#include <initializer_list>

#include <doctest/doctest.h>

namespace {

using mcpgov::identity::RefreshRules;
using mcpgov::identity::RefreshSchedule;

constexpr std::uint64_t kSecond = 1'000'000;
constexpr std::uint64_t kStart = 1'800'000'000 * kSecond;
constexpr std::uint32_t kTimeout = 5000;

RefreshSchedule fetched_at(std::uint64_t now_us, std::uint32_t max_age_s = 0) {
  RefreshSchedule schedule(RefreshRules{});
  CHECK(schedule.begin(now_us, kTimeout) != 0);
  schedule.succeeded(now_us, max_age_s);
  return schedule;
}

TEST_CASE("refresh: one fetch is under way at a time") {
  RefreshSchedule schedule(RefreshRules{});
  const std::uint32_t first = schedule.begin(kStart, kTimeout);
  CHECK(first != 0);
  CHECK(schedule.is_under_way(first));
  CHECK(!schedule.is_under_way(first + 1));
  CHECK(!schedule.is_under_way(0));
  CHECK(schedule.begin(kStart, kTimeout) == 0);
  CHECK(schedule.begin(kStart + 10 * kSecond, kTimeout) == 0);
  CHECK(schedule.hurry(kStart));
  schedule.succeeded(kStart + kSecond, 0);
  CHECK(!schedule.is_under_way(first));
}

TEST_CASE("refresh: a fetch that never ends is lost after twice its time, and tried again") {
  RefreshSchedule schedule(RefreshRules{});
  const std::uint32_t first = schedule.begin(kStart, kTimeout);
  const std::uint64_t lost = kStart + 11 * kSecond;
  CHECK(schedule.begin(lost - 1, kTimeout) == 0);
  CHECK(schedule.begin(lost, kTimeout) == 0);  // it was a failure: a pause first
  CHECK(!schedule.is_under_way(first));
  const std::uint32_t second = schedule.begin(lost + kSecond, kTimeout);
  CHECK(second != 0);
  CHECK(second != first);
}

TEST_CASE("refresh: after its age, and believed for a while longer") {
  RefreshSchedule schedule = fetched_at(kStart);
  CHECK(schedule.begin(kStart + 599 * kSecond, kTimeout) == 0);
  CHECK(schedule.good_until_us() == kStart + 4200 * kSecond);
  CHECK(schedule.begin(kStart + 600 * kSecond, kTimeout) != 0);
  schedule.failed(kStart + 600 * kSecond);
  CHECK(schedule.good_until_us() == kStart + 4200 * kSecond);
  CHECK(RefreshSchedule(RefreshRules{}).good_until_us() == 0);
}

TEST_CASE("refresh: a server may shorten the time to the next fetch and never lengthen it") {
  struct Row {
    std::uint32_t said_s;
    std::uint64_t age_s;
  };
  for (const Row& row : {Row{0, 600}, Row{1, 30}, Row{30, 30}, Row{100, 100}, Row{600, 600},
                         Row{601, 600}, Row{UINT32_MAX, 600}}) {
    CAPTURE(row.said_s);
    RefreshSchedule schedule = fetched_at(kStart, row.said_s);
    CHECK(schedule.begin(kStart + row.age_s * kSecond - 1, kTimeout) == 0);
    CHECK(schedule.begin(kStart + row.age_s * kSecond, kTimeout) != 0);
    CHECK(schedule.good_until_us() == kStart + 4200 * kSecond);
  }
}

TEST_CASE("refresh: pauses after failures double up to half a minute, and a success ends them") {
  RefreshSchedule schedule(RefreshRules{});
  std::uint64_t now = kStart;
  for (const std::uint64_t pause_s : {1U, 2U, 4U, 8U, 16U, 30U, 30U, 30U}) {
    CAPTURE(pause_s);
    REQUIRE(schedule.begin(now, kTimeout) != 0);
    schedule.failed(now);
    CHECK(!schedule.hurry(now));
    now += pause_s * kSecond;
    CHECK(schedule.begin(now - 1, kTimeout) == 0);
  }
  for (int i = 0; i < 100; ++i) schedule.failed(now);
  CHECK(schedule.begin(now + 30 * kSecond - 1, kTimeout) == 0);
  REQUIRE(schedule.begin(now + 30 * kSecond, kTimeout) != 0);
  schedule.succeeded(now, 0);
  REQUIRE(schedule.begin(now + 600 * kSecond, kTimeout) != 0);
  schedule.failed(now + 600 * kSecond);
  CHECK(schedule.begin(now + 601 * kSecond, kTimeout) != 0);
}

TEST_CASE("refresh: what is missing hurries it, once in a while") {
  RefreshSchedule schedule = fetched_at(kStart);
  std::uint64_t now = kStart + kSecond;
  CHECK(schedule.begin(now, kTimeout) == 0);
  CHECK(schedule.hurry(now));
  CHECK(schedule.hurry(now));  // the same fetch, not begun yet
  CHECK(schedule.begin(now, kTimeout) != 0);
  CHECK(schedule.hurry(now));  // under way
  schedule.succeeded(now, 0);
  CHECK(!schedule.hurry(now));
  CHECK(!schedule.hurry(now + 30 * kSecond - 1));
  CHECK(schedule.begin(now + 30 * kSecond - 1, kTimeout) == 0);
  now += 30 * kSecond;
  CHECK(schedule.hurry(now));
  CHECK(schedule.begin(now, kTimeout) != 0);
  schedule.failed(now);
  CHECK(!schedule.hurry(now + 2 * kSecond));
  CHECK(schedule.begin(now + 2 * kSecond, kTimeout) == 0);  // as before: at its age
  CHECK(schedule.begin(kStart + 601 * kSecond, kTimeout) != 0);
}

TEST_CASE("refresh: a second part follows at once") {
  RefreshSchedule schedule(RefreshRules{});
  const std::uint32_t first = schedule.begin(kStart, kTimeout);
  schedule.again();
  const std::uint32_t second = schedule.begin(kStart, kTimeout);
  CHECK(second != 0);
  CHECK(second != first);
  schedule.succeeded(kStart, 0);
  CHECK(schedule.begin(kStart, kTimeout) == 0);
}

TEST_CASE("refresh: a clock that steps back makes fetches due, and waits for nothing") {
  const std::uint64_t earlier = kStart - 100'000 * kSecond;
  RefreshSchedule schedule = fetched_at(kStart);
  CHECK(schedule.begin(earlier, kTimeout) != 0);
  schedule.failed(kStart);
  CHECK(schedule.begin(earlier, kTimeout) != 0);
  CHECK(schedule.begin(earlier, kTimeout) == 0);
}

}  // namespace
