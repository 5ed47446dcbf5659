// A ring used by many threads at once, by threads that end, and in a forked child.
//
// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "audit/log_support.hpp"
#include "audit/ring.hpp"
#include "support/temporary_folder.hpp"

using namespace mcpgov;
using namespace mcpgov::audit;
using namespace mcpgov::test;

namespace {

std::unique_ptr<Ring> make_ring(const std::string& path, std::uint64_t bytes) {
  auto made = Ring::create({path, bytes, 5000, {}});
  REQUIRE(made);
  return *std::move(made);
}

// The log's thread: takes and frees until told to stop and nothing is left.
struct Reader {
  Ring& ring;
  std::atomic<bool> stop{false};
  std::multiset<std::string> ids;
  std::thread thread;

  explicit Reader(Ring& of) : ring(of), thread([this] { run(); }) {}
  void finish() {
    stop = true;
    thread.join();
  }
  void run() {
    std::vector<TakenRun> out(64);
    for (bool last = false;;) {
      const std::size_t count = ring.take(out);
      for (std::size_t at = 0; at < count; ++at) {
        ids.emplace(ring.head(out[at].block).id, 32);
        ring.free(out[at].block);
      }
      if (count != 0) continue;
      if (last) return;
      last = stop;
      std::this_thread::yield();
    }
  }
};

void one_record(Ring& ring, std::uint64_t number, std::uint64_t group, std::string_view content) {
  Record record;
  const std::string id = id_of(number, group);
  record.id = id;
  record.server = "shop";
  Completion completion;
  completion.outcome = Outcome::completed;
  Ticket ticket;
  if (ring.begin(record, nullptr, {content, false}, 0, ticket) != ErrorCode::none) std::abort();
  if (!ring.end(ticket, completion, {content, false})) std::abort();
}

// Every id exactly once.
void check_ids(const std::multiset<std::string>& ids, std::size_t count) {
  CHECK(ids.size() == count);
  CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == count);
}

}  // namespace

TEST_CASE("ring threads: every record of every thread is taken exactly once") {
  TemporaryFolder folder;
  auto ring = make_ring(folder.path("ring"), 4 << 20);
  Reader reader(*ring);
  std::vector<std::thread> threads;
  // More than there are lanes: the rest shares one.
  for (std::uint64_t group = 0; group < 12; ++group) {
    threads.emplace_back([&ring, group] {
      const std::string content(group * 100, 'x');
      for (std::uint64_t number = 0; number < 2000; ++number) {
        one_record(*ring, number, group, content);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  reader.finish();
  check_ids(reader.ids, 12 * 2000);
  CHECK(ring->use().begun == 12 * 2000);
  CHECK(ring->use().ended == 12 * 2000);
  CHECK(ring->use().bytes == 0);
}

TEST_CASE("ring threads: records end on other threads than they began") {
  TemporaryFolder folder;
  auto ring = make_ring(folder.path("ring"), 8 << 20);
  Reader reader(*ring);
  constexpr std::size_t kRecords = 4000;
  std::vector<Ticket> tickets(kRecords);
  std::atomic<std::size_t> begun{0};
  std::thread beginner([&] {
    for (std::size_t number = 0; number < kRecords; ++number) {
      Record record;
      const std::string id = id_of(number);
      record.id = id;
      if (ring->begin(record, nullptr, {}, 0, tickets[number]) != ErrorCode::none) std::abort();
      begun.store(number + 1, std::memory_order_release);
    }
  });
  std::vector<std::thread> enders;
  for (std::size_t group = 0; group < 2; ++group) {
    enders.emplace_back([&, group] {
      for (std::size_t number = group; number < kRecords; number += 2) {
        while (begun.load(std::memory_order_acquire) <= number) std::this_thread::yield();
        if (!ring->end(tickets[number], {}, {"content", false})) std::abort();
      }
    });
  }
  beginner.join();
  for (std::thread& thread : enders) thread.join();
  reader.finish();
  check_ids(reader.ids, kRecords);
}

TEST_CASE("ring threads: thousands of short threads use the lanes of those before them") {
  TemporaryFolder folder;
  auto ring = make_ring(folder.path("ring"), 2 << 20);
  Reader reader(*ring);
  for (std::uint64_t group = 0; group < 2000; ++group) {
    std::thread([&ring, group] { one_record(*ring, 1, group, "[1]"); }).join();
  }
  reader.finish();
  check_ids(reader.ids, 2000);
}

TEST_CASE("ring threads: several rings in one thread, and rings that end before it") {
  TemporaryFolder folder;
  auto first = make_ring(folder.path("first"), 2 << 20);
  auto second = make_ring(folder.path("second"), 2 << 20);
  std::atomic<int> step{0};
  std::thread user([&] {
    for (std::uint64_t number = 0; number < 100; ++number) {
      one_record(*first, number, 1, {});
      one_record(*second, number, 2, {});
    }
    step = 1;
    while (step != 2) std::this_thread::yield();
    for (std::uint64_t number = 0; number < 100; ++number) one_record(*second, number, 3, {});
  });
  while (step != 1) std::this_thread::yield();
  std::vector<TakenRun> out(1000);
  CHECK(first->take(out) == 100);
  first.reset();
  first = make_ring(folder.path("third"), 2 << 20);
  one_record(*first, 1, 4, {});
  CHECK(first->take(out) == 1);
  step = 2;
  user.join();
  CHECK(second->take(out) == 200);
}

TEST_CASE("ring threads: a thread that is ending still writes, in the common lane") {
  TemporaryFolder folder;
  auto ring = make_ring(folder.path("ring"), 2 << 20);
  struct Late {
    Ring* ring = nullptr;
    ~Late() {
      if (ring != nullptr) one_record(*ring, 2, 1, "late");
    }
  };
  std::thread([&ring] {
    // Made before the lane, so destroyed after it.
    static thread_local Late late;
    late.ring = ring.get();
    one_record(*ring, 1, 1, {});
  }).join();
  std::vector<TakenRun> out(10);
  CHECK(ring->take(out) == 2);
}

TEST_CASE("ring threads: a forked child lets go of the ring and can make its own") {
  TemporaryFolder folder;
  auto ring = make_ring(folder.path("ring"), 2 << 20);
  one_record(*ring, 1, 1, {});
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ring->forget();
    auto own = Ring::create({folder.path("own"), 2 << 20, 0, {}});
    if (!own) ::_exit(1);
    one_record(**own, 2, 1, {});
    std::vector<TakenRun> out(10);
    std::thread([&own] { one_record(**own, 3, 1, {}); }).join();
    ::_exit((*own)->take(out) == 2 ? 0 : 2);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  std::vector<TakenRun> out(10);
  CHECK(ring->take(out) == 1);
}
