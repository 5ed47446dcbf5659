// A log whose machine's wall clock is set while it is written.
//
// SPDX-License-Identifier: Apache-2.0
#if !defined(_WIN32)
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "audit/open_log.hpp"
#include "audit/query.hpp"
#include "base/os_time.hpp"
#include "support/wall_clock.hpp"

namespace mcpgov::audit {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kDayNs = 86'400 * kSecondNs;

struct SetClock {
  explicit SetClock(std::int64_t ahead_ns) : is_set(test::set_wall_clock(ahead_ns)) {}
  ~SetClock() { test::set_wall_clock(0); }
  SetClock(const SetClock&) = delete;
  SetClock& operator=(const SetClock&) = delete;
  bool is_set;
};

void write_now(Log& log, std::uint64_t number) {
  Record record;
  const std::string id = test::id_of(number, 3);
  record.id = id;
  record.time_us = wall_clock_us();
  record.method = "tools/call";
  record.target = "read";
  record.target_kind = "tool";
  record.tool_class = ToolClass::read_only;
  record.allowed = record.decision = true;
  Completion completion;
  completion.outcome = Outcome::completed;
  Ticket ticket;
  REQUIRE(log.begin(record, nullptr, ticket) == ErrorCode::none);
  log.end(ticket, completion);
}

// The steps that the log has noticed.
std::vector<std::int64_t> steps_in(const std::string& directory) {
  std::vector<std::int64_t> steps;
  for (const test::ReadFrame& frame : test::read_leaves(directory)) {
    if (frame.json["kind"] == "clock") steps.push_back(frame.json["step_ms"].get<std::int64_t>());
  }
  return steps;
}

std::uint64_t count(const std::string& directory, std::uint64_t from_ns, std::uint64_t until_ns,
                    bool newest_first) {
  Question question;
  question.from_ns = from_ns;
  question.until_ns = until_ns;
  question.newest_first = newest_first;
  question.limit = 10'000;
  std::uint64_t hits = 0;
  const auto each = [](void* context, const Hit&) {
    ++*static_cast<std::uint64_t*>(context);
    return true;
  };
  const auto answer = query(directory, question, each, &hits);
  REQUIRE(answer);
  CHECK(answer->damage.empty());
  return hits;
}

TEST_CASE("log clock: set back or forward, the log goes on in its order and says so") {
  for (const std::int64_t step : {-2 * kDayNs, -3 * kSecondNs, 3 * kSecondNs, 2 * kDayNs}) {
    CAPTURE(step);
    test::LogFolder folder;
    const std::uint64_t begin_ns = wall_clock_us() * 1000;
    std::uint64_t set_ns = 0;
    {
      auto log = folder.open();
      for (std::uint64_t each = 0; each < 50; ++each) write_now(*log, each);
      REQUIRE(log->flush(10'000));
      const SetClock clock(step);
      if (!clock.is_set) {
        MESSAGE("SKIPPED: the clock of this system cannot be set for a test");
        return;
      }
      set_ns = wall_clock_us() * 1000;
      // The next look at the clocks is a second away at most.
      for (int tries = 0; tries < 500 && steps_in(folder.settings.directory).empty(); ++tries) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
      for (std::uint64_t each = 50; each < 80; ++each) write_now(*log, each);
      REQUIRE(log->flush(10'000));
      log.reset();
    }
    const std::vector<std::int64_t> steps = steps_in(folder.settings.directory);
    REQUIRE(steps.size() == 1);
    CHECK(std::abs(steps[0] - step / 1'000'000) < 500);
    test::check_intact(folder.settings);
    CHECK(test::read_events(folder.settings.directory).size() == 80);
    const Verification verified = test::verify(folder.settings);
    REQUIRE(verified.logs.size() == 1);
    // Older than a segment may get, or of a time that is further away than that: one more of them.
    CHECK(verified.logs[0].segments == (step == 2 * kDayNs || step == -2 * kDayNs ? 2 : 1));
    CHECK(verified.logs[0].by_checksum_only == 0);
    if (step == 3 * kSecondNs || step == -3 * kSecondNs) continue;
    for (const bool newest_first : {false, true}) {
      const std::uint64_t day = static_cast<std::uint64_t>(kDayNs);
      const std::string& directory = folder.settings.directory;
      CHECK(count(directory, begin_ns, begin_ns + day / 2, newest_first) == 50);
      CHECK(count(directory, set_ns, set_ns + day / 2, newest_first) == 30);
    }
  }
}

}  // namespace
}  // namespace mcpgov::audit
#endif
