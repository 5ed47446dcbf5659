// Ways in which a log once lost what it had been given, or let go on what had to wait.
//
// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <filesystem>
#include <string>
#include <thread>

#include "audit/faulty_files.hpp"
#include "audit/log_parts.hpp"
#include "audit/open_log.hpp"

using namespace mcpgov;
using namespace mcpgov::audit;
using namespace mcpgov::test;

namespace {

// A message that ends at once; recorded also while nothing else may begin.
ErrorCode write_closed(Log& log, std::uint64_t number, bool allowed = false) {
  Record record;
  const std::string id = id_of(number, 77);
  record.id = id;
  record.time_us = 1763620000000000 + number;
  record.method = "notifications/progress";
  record.allowed = record.decision = allowed;
  Completion completion;
  completion.outcome = allowed ? Outcome::completed : Outcome::denied;
  Ticket ticket;
  return log.begin(record, &completion, ticket);
}

void wait_for(const Log& log, State state) {
  for (int tries = 0; tries < 1000 && log.health().state != state; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  REQUIRE(log.health().state == state);
}

}  // namespace

TEST_CASE("log losses: a disk that works again just as the log is closed loses nothing") {
  for (const std::uint64_t count : {500U, 20'000U}) {
    CAPTURE(count);
    LogFolder folder;
    folder.settings.ring_bytes = 64 << 20;
    FaultyFiles files;
    std::uint64_t taken = 0;
    {
      auto log = folder.open(files);
      files.write_error = files.sync_error = files.allocate_error = ENOSPC;
      files.writes_until = 0;
      REQUIRE(write_closed(*log, taken++) == ErrorCode::none);
      wait_for(*log, State::failed);
      while (taken < count) REQUIRE(write_closed(*log, taken++) == ErrorCode::none);
      files.write_error = files.sync_error = files.allocate_error = 0;
    }
    { auto next = folder.open(); }  // takes over what was left in memory
    CHECK(read_events(folder.settings.directory).size() == taken);
    check_intact(folder.settings);
  }
}

TEST_CASE(
    "log losses: a log that cannot be written lets nothing go on, with or without an answer") {
  LogFolder folder;
  FaultyFiles files;
  auto log = folder.open(files);
  CHECK(write_closed(*log, 0, true) == ErrorCode::none);
  files.write_error = files.sync_error = files.allocate_error = EIO;
  files.writes_until = 0;
  CHECK(write_closed(*log, 1) == ErrorCode::none);
  wait_for(*log, State::failed);
  CHECK(write_record(*log, 1) == ErrorCode::audit_unavailable);
  CHECK(write_closed(*log, 2, true) == ErrorCode::audit_unavailable);
  CHECK(write_closed(*log, 3) == ErrorCode::none);  // a denial is recorded while there is room
}

TEST_CASE("log losses: retention takes no sink for served that it cannot ask") {
  TemporaryFolder folder;
  const std::string directory = folder.path("");
  CHECK(lowest_unsent(directory, "a") == ~std::uint64_t{0});  // there are no sinks
  folder.write("sinks/siem/other.cursor", "7\n");
  CHECK(lowest_unsent(directory, "a") == 1);
  folder.write("sinks/siem/a.cursor", "7\n");
  folder.write("sinks/siem.lock", "");
  CHECK(lowest_unsent(directory, "a") == 8);
  for (const char* half : {"", "\n", "7", "7x\n", "-7\n", " 7\n", "18446744073709551616\n"}) {
    CAPTURE(std::string(half));
    folder.write("sinks/siem/a.cursor", half);
    CHECK(lowest_unsent(directory, "a") == 1);
  }
  for (int each = 0; each < 1000; ++each)
    folder.write("sinks/" + std::to_string(each) + ".lock", "");
  CHECK(lowest_unsent(directory, "a") == 0);
  TemporaryFolder wrong;
  wrong.write("sinks", "a file");
  CHECK(lowest_unsent(wrong.path(""), "a") == 0);
}

TEST_CASE("log losses: one process at a time tidies a directory, and the others wait their turn") {
  LogFolder folder;
  folder.settings.segment_bytes = 512 * 1024;
  FileLock other;
  REQUIRE(std::filesystem::create_directory(folder.settings.directory));
  REQUIRE(other.take(folder.settings.directory + "/tidy.lock") == 0);
  auto log = folder.open();
  const std::string first =
      folder.settings.directory + "/" + log->health().log + "/" + "0000000000000001.seg";
  for (std::uint64_t number = 0; number < 2000; ++number) {
    REQUIRE(write_record(*log, number) == ErrorCode::none);
  }
  REQUIRE(log->flush(10'000));
  for (int looks = 0; looks < 50; ++looks) {  // far longer than it would take
    REQUIRE(std::filesystem::exists(first));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  other.release();
  for (int tries = 0; tries < 1000 && std::filesystem::exists(first); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK_FALSE(std::filesystem::exists(first));
  CHECK(std::filesystem::exists(first + ".zst"));
  CHECK(read_events(folder.settings.directory).size() == 2000);
}
