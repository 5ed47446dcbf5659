// Batches on their way to disks that fail, fill up and come back: nothing that was taken is lost.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/log_stream.hpp"

#include <cerrno>
#include <set>
#include <thread>
#include <unistd.h>

#include "audit/faulty_files.hpp"
#include "audit/open_log.hpp"
#include "support/allocation.hpp"

using namespace mcpgov;
using namespace mcpgov::audit;
using namespace mcpgov::test;
using nlohmann::json;

namespace {

// A stream without threads, fed with frames of text.
struct Stream {
  TemporaryFolder folder;
  FaultyFiles files;
  Signer signer = *Signer::from_seed(std::string(32, 's'));
  std::unique_ptr<LogStream> stream;
  std::uint64_t taken = 0;  // numbers that were given to batches
  std::uint64_t now = 1'000'000'000'000;

  explicit Stream(bool spare = false) {
    std::filesystem::create_directory(folder.path("log"));
    StreamSettings settings;
    settings.files = &files;
    settings.folder = folder.path("log");
    if (spare) settings.spare_folder = folder.path("spare");
    settings.segment_bytes = kMinSegment;
    settings.reserve_bytes = kMinSegment;
    settings.origin = "test";
    auto opened = LogStream::open(settings, signer, now);
    REQUIRE(opened);
    stream = *std::move(opened);
  }
  bool write(std::size_t bytes = 100) { return stream->write(next(bytes), now); }
  std::unique_ptr<Batch> next(std::size_t bytes = 100) {
    auto batch = std::make_unique<Batch>();
    const std::string payload =
        "{\"v\":1,\"text\":\"" + std::string(bytes, 'x') + std::to_string(++taken) + "\"}";
    batch->salt = stream->salt();
    batch->first_seq = batch->last_seq = taken;
    batch->min_time_ns = batch->max_time_ns = now;
    append_frame(batch->frames, {taken, now, FrameType::event, 0, payload}, batch->salt);
    batch->records = 1;
    batch->runs = {static_cast<std::uint32_t>(taken)};
    return batch;
  }
  std::vector<std::uint64_t> seqs(const char* in = "log") {
    std::vector<std::uint64_t> out;
    auto reader = LogReader::open(folder.path(in));
    REQUIRE(reader);
    Frame frame;
    while (reader->next(frame) == ReadState::frame) {
      if (is_leaf(frame.type)) out.push_back(frame.seq);
    }
    return out;
  }
  std::vector<std::uint64_t> freed() {
    std::vector<std::uint64_t> out(stream->freed().begin(), stream->freed().end());
    stream->freed().clear();
    return out;
  }
};

std::vector<std::uint64_t> up_to(std::uint64_t last, std::uint64_t first = 1) {
  std::vector<std::uint64_t> out;
  for (std::uint64_t seq = first; seq <= last; ++seq) out.push_back(seq);
  return out;
}

}  // namespace

TEST_CASE("log stream: what is synced is durable, and only then freed") {
  Stream world;
  CHECK(world.write());
  CHECK(world.write());
  CHECK(world.freed().empty());
  CHECK(world.stream->written_records() == 2);
  CHECK(world.stream->unsynced_bytes() > 0);
  CHECK(world.stream->written_seq() == 2);
  CHECK(world.stream->durable_seq() == 0);
  CHECK(world.stream->sync(world.now));
  CHECK(world.stream->durable_seq() == 2);
  CHECK(world.freed() == up_to(2));
  CHECK(world.stream->unsynced_bytes() == 0);
  CHECK(world.stream->spent().size() == 2);
  CHECK(world.stream->close(world.now));
  CHECK(world.seqs() == up_to(2));
}

TEST_CASE("log stream: a failed write or sync moves everything that was not durable elsewhere") {
  for (const bool at_sync : {false, true}) {
    for (int good = 0; good < 6; ++good) {
      CAPTURE(at_sync);
      CAPTURE(good);
      Stream world;
      for (int written = 0; written < good; ++written) {
        REQUIRE(world.write());
        if (written == 2) REQUIRE(world.stream->sync(world.now));
      }
      const std::uint64_t durable = world.stream->durable_seq();
      if (at_sync) {
        REQUIRE(world.write());
        world.files.sync_error = EIO;
      } else {
        world.files.writes_until = 0;
        world.files.write_error = EIO;
        world.files.sync_error = EIO;
        // The segment header of the new one cannot be written either: everything is held.
        CHECK_FALSE(world.write());
      }
      CHECK_FALSE(world.stream->sync(world.now));
      CHECK(world.stream->stuck());
      CHECK(world.stream->state() == State::failed);
      CHECK(world.stream->durable_seq() == durable);
      // Until it is durable elsewhere, the ring is the only place that a kill leaves it in.
      CHECK(world.stream->freed().size() == durable);
      CHECK_FALSE(world.write());
      world.files.write_error = world.files.sync_error = 0;
      world.now += 2'000'000'000;
      world.stream->tend(world.now);
      CHECK_FALSE(world.stream->stuck());
      CHECK(world.stream->durable_seq() == world.taken);
      CHECK_FALSE(world.stream->remarks().empty());
      CHECK(world.write());
      CHECK(world.stream->close(world.now));
      CHECK(world.seqs() == up_to(world.taken));
      CHECK(world.freed() == up_to(world.taken));
    }
  }
}

TEST_CASE("log stream: one fault is mended at once, without anybody waiting") {
  Stream world;
  REQUIRE(world.write());
  REQUIRE(world.stream->sync(world.now));
  REQUIRE(world.write());
  world.files.write_error = EIO;
  world.files.writes_until = 0;
  // The next write fails, those after it do not.
  std::thread mend([&] {
    while (world.files.writes_until >= 0) std::this_thread::yield();
    world.files.write_error = 0;
  });
  (void)world.write();
  mend.join();
  world.now += 2'000'000'000;
  world.stream->tend(world.now);
  CHECK(world.stream->sync(world.now));
  CHECK(world.stream->durable_seq() == 3);
  CHECK(world.stream->close(world.now));
  CHECK(world.seqs() == up_to(3));
}

TEST_CASE("log stream: when the folder's disk is gone, it goes on in the spare directory") {
  Stream world(true);
  REQUIRE(world.write());
  REQUIRE(world.stream->sync(world.now));
  world.files.where = "/log";
  world.files.write_error = EIO;
  world.files.sync_error = EIO;
  world.files.writes_until = 0;
  CHECK(world.write());
  CHECK(world.stream->sync(world.now));
  CHECK(world.stream->folder() == world.folder.path("spare"));
  CHECK(world.stream->state() == State::degraded);
  CHECK(world.stream->detail().find("spare") != std::string::npos);
  // A forked child lets go of its copy of the lock there, too.
  CHECK(FileLock::is_taken(world.folder.path("spare/lock")));
  world.stream->release_lock();
  CHECK_FALSE(FileLock::is_taken(world.folder.path("spare/lock")));
  CHECK(world.stream->close(world.now));
  CHECK(world.seqs("spare") == up_to(2, 2));
}

TEST_CASE("log stream: a clock that was set back makes nobody wait for its old time") {
  Stream world;
  REQUIRE(world.write());
  REQUIRE(world.stream->sync(world.now));
  world.files.write_error = world.files.sync_error = world.files.allocate_error = EIO;
  world.files.writes_until = 0;
  CHECK_FALSE(world.write());
  CHECK(world.stream->stuck());
  world.files.write_error = world.files.sync_error = world.files.allocate_error = 0;
  REQUIRE(world.now > 3'000'000'000);
  world.now -= 3'000'000'000;
  world.stream->tend(world.now);
  CHECK_FALSE(world.stream->stuck());
  CHECK(world.stream->durable_seq() == world.taken);
  CHECK(world.stream->close(world.now));
  CHECK(world.seqs() == up_to(world.taken));
}

TEST_CASE("log stream: a full disk is told of before it is full, and the reserve takes the rest") {
  Stream world;
  world.files.allocate_error = ENOSPC;  // no further segment
  while (world.stream->state() == State::healthy) {
    REQUIRE(world.write(20'000));
    world.stream->tend(world.now += 1'000'000'000);
  }
  CHECK(world.stream->state() == State::degraded);
  CHECK(world.taken * 20'000 < kMinSegment * 3 / 4);
  while (world.stream->state() == State::degraded) (void)world.write(20'000);
  CHECK(world.stream->state() == State::failed);
  CHECK(world.stream->stuck());  // allocating the reserve's space fails here, too
  world.files.allocate_error = 0;
  world.stream->tend(world.now += 2'000'000'000);
  CHECK_FALSE(world.stream->stuck());
  CHECK(world.stream->durable_seq() == world.taken);
  CHECK(world.stream->close(world.now));
  CHECK(world.seqs() == up_to(world.taken));
}

TEST_CASE("log stream: memory that ends at any moment loses nothing, and writes nothing twice") {
  std::size_t reached = 0;
  for (std::size_t number = 0; number < 40; ++number) {
    CAPTURE(number);
    Stream world;
    for (int batches = 0; batches < 6; ++batches) {  // three to a segment
      std::unique_ptr<Batch> batch = world.next(150'000);
      bool synced = false;
      for (int round = 0; !synced; ++round) {
        REQUIRE(round < 3);
        const FailingHeap heap(round == 0 ? number : 1'000'000);
        try {
          if (batch) (void)world.stream->write(std::move(batch), world.now);
          synced = world.stream->sync(world.now);
        } catch (const std::bad_alloc&) {
          // The next round goes on.
        }
        reached += heap.reached() ? 1 : 0;
      }
    }
    CHECK(world.stream->durable_seq() == 6);
    CHECK(world.stream->close(world.now));
    CHECK(world.seqs() == up_to(6));
    CHECK(world.freed() == up_to(6));
    CHECK(world.stream->spent().size() == 6);
  }
  CHECK(reached > 10);
}

TEST_CASE("log stream: a small disk that is really full, and has room again") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root may mount a file system");
    return;
  }
  TemporaryFolder mount;
  const std::string at = mount.path("disk");
  std::filesystem::create_directory(at);
  if (std::system(("mount -t tmpfs -o size=6m none '" + at + "' 2>/dev/null").c_str()) != 0) {
    MESSAGE("skipped: tmpfs cannot be mounted here");
    return;
  }
  std::uint64_t taken = 0;
  {
    LogFolder folder;
    folder.settings.directory = at + "/audit";
    folder.settings.segment_bytes = kMinSegment;
    folder.settings.reserve_bytes = kMinSegment;
    folder.settings.compress = false;
    folder.settings.ring_bytes = 4 << 20;
    {
      auto log = folder.open();
      bool degraded = false;
      std::uint64_t refused = 0;
      for (std::uint64_t number = 0; refused < 50; ++number) {
        REQUIRE(number < 1'000'000);
        if (write_record(*log, number, 1) == ErrorCode::none) {
          ++taken;
        } else {
          ++refused;
        }
        if (number % 200 == 0) (void)log->flush(20);
        degraded = degraded || log->health().state == State::degraded;
      }
      CHECK(degraded);
      CHECK(log->health().state == State::failed);
      CHECK(log->health().lost == 0);
      CHECK_FALSE(log->health().detail.empty());
      // A denial is still recorded.
      Sample sample;
      sample.record.allowed = sample.record.decision = false;
      sample.completion.outcome = Outcome::denied;
      Ticket ticket;
      CHECK(log->begin(sample.record, &sample.completion, ticket) == ErrorCode::none);
      REQUIRE(std::system(("mount -o remount,size=64m '" + at + "'").c_str()) == 0);
      for (int tries = 0; tries < 100 && log->health().state == State::failed; ++tries) {
        (void)log->flush(100);
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      }
      CHECK(log->health().state == State::healthy);
      CHECK(write_record(*log, 1, 2) == ErrorCode::none);
      CHECK(log->flush(10'000));
    }
    const auto events = read_events(folder.settings.directory);
    CHECK(events.size() == taken + 2);
    check_intact(folder.settings);
  }
  CHECK(std::system(("umount '" + at + "'").c_str()) == 0);
}

TEST_CASE("log stream: a log whose disk fails refuses what would go on, and keeps what it has") {
  LogFolder folder;
  FaultyFiles files;
  {
    auto log = folder.open(files);
    REQUIRE(write_record(*log, 1) == ErrorCode::none);
    REQUIRE(log->flush(10'000));
    files.write_error = files.sync_error = EIO;
    files.writes_until = 0;
    std::uint64_t number = 2;
    while (write_record(*log, number) == ErrorCode::none) {
      ++number;
      (void)log->flush(1);
    }
    CHECK(log->health().state == State::failed);
    CHECK(log->health().lost == 0);
    files.write_error = files.sync_error = 0;
    for (int tries = 0; tries < 100 && log->health().state == State::failed; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    CHECK(log->health().state == State::healthy);
    CHECK(log->flush(10'000));
    CHECK(log->health().durable == number - 1);
  }
  bool told = false;
  for (const ReadFrame& leaf : read_leaves(folder.settings.directory)) {
    told = told || (leaf.type == FrameType::recovery && leaf.json.contains("cause"));
  }
  CHECK(told);
  check_intact(folder.settings);
}

TEST_CASE("log stream: what a dying disk did not take is in the ring for the next process") {
  LogFolder folder;
  FaultyFiles files;
  std::uint64_t taken = 0;
  {
    auto log = folder.open(files);
    REQUIRE(write_record(*log, taken++) == ErrorCode::none);
    REQUIRE(log->flush(10'000));
    files.write_error = files.sync_error = EIO;
    files.writes_until = 0;
    while (write_record(*log, taken) == ErrorCode::none) {
      ++taken;
      (void)log->flush(1);
    }
  }
  { auto next = folder.open(); }
  CHECK(read_events(folder.settings.directory).size() == taken);
  check_intact(folder.settings);
}
