// A ring between one caller and the log's thread, and what is left of it after a crash.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/ring.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <set>
#include <vector>

#include <doctest/doctest.h>

#include "audit/left_ring.hpp"
#include "audit/log_support.hpp"
#include "audit/run_codec.hpp"
#include "support/allocation.hpp"
#include "support/temporary_folder.hpp"

using namespace mcpgov;
using namespace mcpgov::audit;
using namespace mcpgov::test;

namespace {

constexpr std::array<std::uint8_t, 16> kUuid = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
constexpr std::uint64_t kMiB = 1 << 20;

struct World {
  TemporaryFolder folder;
  Sample sample;
  std::unique_ptr<Ring> ring;

  explicit World(std::uint64_t bytes = 16 * kMiB, std::uint32_t stall = 0) {
    auto made = Ring::create({folder.path("ring"), bytes, stall, kUuid});
    REQUIRE(made);
    ring = *std::move(made);
  }
  Ticket begin(std::uint64_t number, std::string_view content = {}, bool intent = false) {
    Ticket ticket;
    REQUIRE(try_begin(number, ticket, content, intent) == ErrorCode::none);
    return ticket;
  }
  ErrorCode try_begin(std::uint64_t number, Ticket& ticket, std::string_view content = {},
                      bool intent = false) {
    sample.id = id_of(number);
    sample.record.id = sample.id;
    return ring->begin(sample.record, nullptr, {content, false}, intent ? kWantsIntent : 0, ticket);
  }
  bool end(const Ticket& ticket, std::string_view content = {}) {
    return ring->end(ticket, sample.completion, {content, false});
  }
  std::vector<TakenRun> take(std::size_t most = 1 << 16) {
    std::vector<TakenRun> out(most);
    out.resize(ring->take(out));
    return out;
  }
  std::string id(const TakenRun& run) { return {ring->head(run.block).id, 32}; }
  Result<LeftRing> left() { return LeftRing::open(folder.path("ring"), kUuid); }
};

}  // namespace

TEST_CASE("ring: a record is taken once, whole, and its place is used again") {
  World world;
  for (std::uint64_t number = 1; number <= 3000; ++number) {
    const Ticket ticket = world.begin(number, "[1,2]");
    CHECK(world.take().empty());
    REQUIRE(world.end(ticket, "{\"ok\":true}"));
    const auto taken = world.take();
    REQUIRE(taken.size() == 1);
    CHECK_FALSE(taken[0].intent);
    StoredRecord stored;
    const std::string_view bytes = world.ring->bytes(taken[0].block);
    REQUIRE(stored.read(bytes.data(), bytes.size()));
    REQUIRE(stored.record().id == id_of(number));
    CHECK(stored.record().arguments == "[1,2]");
    CHECK(stored.completion().outcome == Outcome::completed);
    CHECK(world.ring->content(world.ring->head(taken[0].block).end) == "{\"ok\":true}");
    CHECK(world.take().empty());
    world.ring->free(taken[0].block);
  }
  CHECK(world.ring->use().begun == 3000);
  CHECK(world.ring->use().ended == 3000);
  CHECK(world.ring->use().bytes == 0);
}

TEST_CASE("ring: a record that ends at once is taken with its end") {
  World world;
  Ticket ticket;
  REQUIRE(world.ring->begin(world.sample.record, &world.sample.completion, {}, 0, ticket,
                            {world.sample.completion.result, false}) == ErrorCode::none);
  const auto taken = world.take();
  REQUIRE(taken.size() == 1);
  CHECK(world.ring->head(taken[0].block).end.latency_ns == 912345);
  CHECK(world.ring->content(world.ring->head(taken[0].block).end) == R"({"content":[]})");
  CHECK_FALSE(world.end(ticket));
}

TEST_CASE("ring: the end finds what is left, also what has ended and whose note nobody read") {
  World world;
  const Ticket first = world.begin(1);
  const Ticket second = world.begin(2);
  REQUIRE(world.end(second));
  std::array<TakenRun, 8> out;
  REQUIRE(world.ring->take_open(out) == 2);
  CHECK(world.id(out[0]) == id_of(1));
  CHECK(world.id(out[1]) == id_of(2));
  CHECK(world.take().empty());
  CHECK(world.ring->take_open(out) == 0);
  CHECK_FALSE(world.end(first));
}

TEST_CASE("ring: more ends than there is room for notes, in small portions and with late ones") {
  World world(64 * kMiB);
  const Ticket early = world.begin(0);
  std::vector<Ticket> tickets;
  for (std::uint64_t number = 1; number <= 20'000; ++number) tickets.push_back(world.begin(number));
  for (const Ticket& ticket : tickets) REQUIRE(world.end(ticket));
  std::set<std::string> ids;
  const auto take = [&](std::size_t most) {
    const auto taken = world.take(most);
    for (const TakenRun& run : taken) CHECK(ids.insert(world.id(run)).second);
    return taken.size();
  };
  // Until the search is past the first block, whose record ends only now.
  while (ids.size() < 15'000) REQUIRE(take(1000) != 0);
  REQUIRE(world.end(early));
  while (take(1000) != 0) continue;
  CHECK(ids.size() == 20'001);
}

TEST_CASE("ring: a ticket that names no open record changes nothing") {
  World world;
  const Ticket first = world.begin(1);
  REQUIRE(world.end(first));
  CHECK_FALSE(world.end(first));  // it has ended
  const auto taken = world.take();
  CHECK_FALSE(world.end(first));  // it is in hand
  world.ring->free(taken[0].block);
  CHECK_FALSE(world.end(first));  // it is gone
  const Ticket second = world.begin(2);
  Ticket wrong = second;
  wrong.id[31] ^= 1;
  CHECK_FALSE(world.end(wrong));
  const std::uint64_t good = second.number;
  const std::uint64_t bad[] = {
      0, ~0ull, good + 1, good - 1, good + (1ull << 32), good & 0xffffffff, 1ull << 31};
  for (const std::uint64_t number : bad) {
    wrong = second;
    wrong.number = number;
    CHECK_FALSE(world.end(wrong));
    std::uint64_t seq = 0;
    ToolClass of{};
    CHECK_FALSE(world.ring->intent_seq(wrong, seq, of));
  }
  CHECK(world.take().empty());
  CHECK(world.end(second));
  CHECK(world.take().size() == 1);
}

TEST_CASE("ring: ten thousand records of one thread are open at once") {
  World world;
  std::vector<Ticket> open;
  for (std::uint64_t number = 0; number < 10000; ++number) open.push_back(world.begin(number));
  CHECK(world.ring->use().bytes >= 10000 * kBlock);
  // The oldest and the newest end, in between others come and go.
  for (std::uint64_t number = 10000; number < 20000; ++number) {
    REQUIRE(world.end(world.begin(number)));
    for (const TakenRun& run : world.take()) world.ring->free(run.block);
  }
  std::reverse(open.begin(), open.begin() + 5000);
  for (const Ticket& ticket : open) REQUIRE(world.end(ticket));
  std::set<std::string> ids;
  for (const TakenRun& run : world.take()) {
    ids.insert(world.id(run));
    world.ring->free(run.block);
  }
  CHECK(ids.size() == 10000);
  CHECK(world.ring->use().bytes == 0);
}

TEST_CASE("ring: without room a caller waits as long as it was told, and is refused") {
  World world(kMiB, 5);
  std::vector<Ticket> open;
  Ticket ticket;
  for (std::uint64_t number = 0; world.try_begin(number, ticket) == ErrorCode::none; ++number) {
    open.push_back(ticket);
  }
  CHECK(open.size() > 500);
  CHECK(world.try_begin(1, ticket) == ErrorCode::audit_unavailable);
  CHECK(world.ring->use().stalls == 2);
  CHECK(world.ring->use().stalled_ns >= 2 * 5'000'000);
  // Ends need no room, though their content does.
  for (const Ticket& one : open) REQUIRE(world.end(one, "content"));
  const auto taken = world.take();
  CHECK(taken.size() == open.size());
  for (const TakenRun& run : taken) {
    CHECK((world.ring->head(run.block).end.flags & kResultGone) != 0);
    world.ring->free(run.block);
  }
  CHECK(world.try_begin(1, ticket) == ErrorCode::none);
}

TEST_CASE("ring: content gives way before a record does") {
  World world(kMiB);
  const std::string content(60 * 1024, 'x');
  std::size_t whole = 0;
  std::size_t without = 0;
  Ticket ticket;
  for (std::uint64_t number = 0; world.try_begin(number, ticket, content) == ErrorCode::none;
       ++number) {
    REQUIRE(world.end(ticket));
    const auto taken = world.take();
    REQUIRE(taken.size() == 1);  // kept: the ring fills up
    const RunHead& head = world.ring->head(taken[0].block);
    const bool gone = (head.flags & kArgumentsGone) != 0;
    CHECK(head.arguments_size == (gone ? 0 : content.size()));
    ++(gone ? without : whole);
  }
  CHECK(whole >= 4);
  CHECK(without > 20);
}

TEST_CASE("ring: content is kept up to its limit, and what must not be kept is not") {
  World world;
  const std::string content(kMaxContent + 1, 'x');
  const Ticket ticket = world.begin(1, content);
  REQUIRE(world.end(ticket, content));
  const auto taken = world.take();
  REQUIRE(taken.size() == 1);
  CHECK(world.ring->head(taken[0].block).arguments_size == kMaxContent);
  CHECK(world.ring->content(world.ring->head(taken[0].block).end).size() == kMaxContent);
  world.ring->free(taken[0].block);
  Ticket second;
  REQUIRE(world.ring->begin(world.sample.record, nullptr, {"secret", true}, 0, second) ==
          ErrorCode::none);
  REQUIRE(world.ring->end(second, world.sample.completion, {"secret", true}));
  const auto again = world.take();
  REQUIRE(again.size() == 1);
  const RunHead& head = world.ring->head(again[0].block);
  CHECK((head.end.flags & kResultGone) != 0);
  CHECK(world.ring->content(head.end).empty());
}

TEST_CASE("ring: an intent is told at once and only while its record is open") {
  World world;
  const Ticket ticket = world.begin(1, {}, true);
  std::uint64_t seq = 7;
  ToolClass of{};
  CHECK(world.ring->intent_seq(ticket, seq, of));
  CHECK(seq == 0);
  auto taken = world.take();
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].intent);
  world.ring->head(taken[0].block).intent_seq = 12;
  CHECK(world.ring->intent_seq(ticket, seq, of));
  CHECK(seq == 12);
  CHECK(of == ToolClass::read_only);
  REQUIRE(world.end(ticket));
  CHECK_FALSE(world.ring->intent_seq(ticket, seq, of));
  taken = world.take();
  REQUIRE(taken.size() == 1);
  CHECK_FALSE(taken[0].intent);
  world.ring->free(taken[0].block);

  REQUIRE(world.end(world.begin(2, {}, true)));  // it ended before anybody looked
  taken = world.take();
  REQUIRE(taken.size() == 1);
  CHECK_FALSE(taken[0].intent);
}

TEST_CASE("ring: notes that found no place are made up for by a search") {
  World world(32 * kMiB);
  std::vector<Ticket> open;
  for (std::uint64_t number = 0; number < 5000; ++number) {
    const Ticket ticket = world.begin(number, {}, number % 10 == 0);
    if (number % 10 == 0) {
      open.push_back(ticket);
    } else {
      REQUIRE(world.end(ticket));
    }
  }
  std::set<std::string> ids;
  std::size_t intents = 0;
  for (auto taken = world.take(100); !taken.empty(); taken = world.take(100)) {
    for (const TakenRun& run : taken) {
      CHECK(ids.insert(world.id(run)).second);
      intents += run.intent ? 1 : 0;
      if (run.intent) {
        world.ring->head(run.block).intent_seq = 1;
      } else {
        world.ring->free(run.block);
      }
    }
  }
  CHECK(ids.size() == 5000);
  CHECK(intents == 500);
}

TEST_CASE("ring: a warm thread allocates nothing") {
  World world;
  const std::string content(1024, 'x');
  const auto round = [&] {
    Ticket ticket;
    (void)world.ring->begin(world.sample.record, nullptr, {content, false}, 0, ticket);
    (void)world.ring->end(ticket, world.sample.completion, {content, false});
  };
  round();
  std::array<TakenRun, 64> taken;
  const std::size_t before = allocation_count();
  for (int number = 0; number < 5000; ++number) {
    round();
    const std::size_t count = world.ring->take(taken);
    for (std::size_t at = 0; at < count; ++at) world.ring->free(taken[at].block);
  }
  CHECK(allocation_count() == before);
}

TEST_CASE("left ring: open, complete and taken records are found, those that were freed are not") {
  World world;
  REQUIRE(world.end(world.begin(1)));
  for (const TakenRun& run : world.take()) world.ring->free(run.block);
  (void)world.begin(2, "[2]");
  REQUIRE(world.end(world.begin(3, "[3]"), "result 3"));
  const auto taken = world.take();
  REQUIRE(taken.size() == 1);
  world.ring->head(taken[0].block).seq = 44;
  REQUIRE(world.end(world.begin(4)));
  auto left = world.left();
  REQUIRE(left);
  CHECK(left->torn() == 0);
  REQUIRE(left->runs().size() == 3);
  StoredRecord stored;
  std::string_view result;
  CHECK(left->runs()[0].seq == 44);  // numbered ones first
  REQUIRE(left->read(left->runs()[0], stored, result));
  CHECK(stored.record().id == id_of(3));
  CHECK(stored.record().arguments == "[3]");
  CHECK(result == "result 3");
  REQUIRE(left->read(left->runs()[1], stored, result));
  CHECK(stored.record().id == id_of(2));
  CHECK_FALSE(left->runs()[1].ended);
  CHECK(result.empty());
  REQUIRE(left->read(left->runs()[2], stored, result));
  CHECK(stored.record().id == id_of(4));
  CHECK(left->runs()[2].ended);
}

TEST_CASE("left ring: of another log, of another version, or no ring at all") {
  World world;
  auto other = kUuid;
  other[0] ^= 1;
  CHECK(LeftRing::open(world.folder.path("ring"), other).error().code == ErrorCode::audit_damaged);
  CHECK(LeftRing::open(world.folder.path("none"), kUuid).error().code ==
        ErrorCode::file_unreadable);
  const std::string bytes = text_of(world.folder.path("ring"));
  for (const std::size_t place : {0u, 8u, 12u, 16u, 24u}) {
    std::string changed = bytes;
    changed[place] = static_cast<char>(changed[place] ^ 0x40);
    CHECK_FALSE(LeftRing::open(world.folder.write("changed", changed), kUuid));
  }
  CHECK_FALSE(LeftRing::open(world.folder.write("short", bytes.substr(0, 40)), kUuid));
}

TEST_CASE("left ring: whatever an attacker writes there, nothing is read beyond it") {
  World world(kMiB);
  std::vector<Ticket> open;
  for (std::uint64_t number = 0; number < 200; ++number) {
    const Ticket ticket = world.begin(number, "[1,2,3]");
    if (number % 2 == 0) REQUIRE(world.end(ticket, "some result"));
  }
  const std::string good = text_of(world.folder.path("ring"));
  std::uint64_t state = 88172645463325252ull;
  const auto random = [&state] {
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
  };
  std::uint64_t torn = 0;
  for (int round = 0; round < 300; ++round) {
    std::string bytes = good;
    for (int change = 0; change < 200; ++change) {
      // Words, heads, and the counts of the header.
      const std::uint64_t base = random() % 4 == 0 ? 0 : kRingPage;
      const std::uint64_t place = base + random() % (base == 0 ? kRingPage : bytes.size() - base);
      bytes[place] = static_cast<char>(random());
    }
    if (round % 3 == 0) bytes.resize(bytes.size() - random() % bytes.size());
    auto left = LeftRing::open(world.folder.write("bad", bytes), kUuid);
    if (!left) continue;
    torn += left->torn();
    for (const LeftRun& run : left->runs()) {
      StoredRecord stored;
      std::string_view result;
      if (left->read(run, stored, result)) CHECK(result.size() <= kMaxContent);
    }
  }
  CHECK(torn > 0);
}
