// A log and fork: the child writes nothing of the parent's, and has a log of its own with its first
// record.
//
// SPDX-License-Identifier: Apache-2.0

// ThreadSanitizer ends children of threaded processes that start threads of their own.
#if defined(__SANITIZE_THREAD__)
#define MCPGOV_CANNOT_FORK 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MCPGOV_CANNOT_FORK 1
#endif
#endif

#if !defined(MCPGOV_CANNOT_FORK)
#include <cerrno>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "audit/faulty_files.hpp"
#include "audit/open_log.hpp"

using namespace mcpgov;
using namespace mcpgov::audit;
using namespace mcpgov::test;

namespace {

// Runs `child` in a forked process; its value becomes the exit status.
template <class Child>
int in_child(Child child) {
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) ::_exit(child());
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

std::size_t logs_in(const std::string& directory) {
  const auto logs = list_logs(directory);
  REQUIRE(logs);
  return logs->size();
}

}  // namespace

TEST_CASE("log fork: parent and children record side by side, each in its own log") {
  LogFolder folder;
  {
    auto log = folder.open();
    REQUIRE(write_record(*log, 0, 1) == ErrorCode::none);
    constexpr std::uint64_t kWorkers = 4;
    std::vector<pid_t> workers;
    for (std::uint64_t worker = 0; worker < kWorkers; ++worker) {
      const pid_t pid = ::fork();
      REQUIRE(pid >= 0);
      if (pid == 0) {
        for (std::uint64_t number = 0; number < 500; ++number) {
          if (write_record(*log, number, 10 + worker) != ErrorCode::none) ::_exit(1);
        }
        log.reset();
        ::_exit(0);
      }
      workers.push_back(pid);
    }
    for (std::uint64_t number = 1; number < 500; ++number) {
      REQUIRE(write_record(*log, number, 1) == ErrorCode::none);
    }
    for (const pid_t worker : workers) {
      int status = 0;
      REQUIRE(::waitpid(worker, &status, 0) == worker);
      CHECK(WIFEXITED(status));
      CHECK(WEXITSTATUS(status) == 0);
    }
  }
  CHECK(logs_in(folder.settings.directory) == 5);
  CHECK(read_events(folder.settings.directory).size() == 5 * 500);
  std::size_t parents = 0;
  for (const ReadFrame& leaf : read_leaves(folder.settings.directory)) {
    if (leaf.type == FrameType::config) parents += leaf.json.contains("parent") ? 1 : 0;
  }
  CHECK(parents == 4);
  check_intact(folder.settings);
}

TEST_CASE("log fork: what the parent had begun is the parent's, whatever the child does with it") {
  LogFolder folder;
  Sample sample;
  {
    auto log = folder.open();
    Ticket ticket;
    REQUIRE(log->begin(sample.record, nullptr, ticket) == ErrorCode::none);
    const int status = in_child([&] {
      log->end(ticket, sample.completion);
      if (log->settled(ticket) || log->wait(ticket, 1)) return 1;
      if (write_record(*log, 1, 7) != ErrorCode::none) return 2;
      log->end(ticket, sample.completion);  // nor is it one of the child's own
      return log->flush(10'000) && log->health().open == 0 ? 0 : 3;
    });
    CHECK(status == 0);
    CHECK(log->health().open == 1);
    sample.completion.outcome = Outcome::failed;
    log->end(ticket, sample.completion);
  }
  CHECK(read_events(folder.settings.directory).at(sample.id)["outcome"] == "failed");
}

TEST_CASE("log fork: a child that records nothing leaves no log") {
  LogFolder folder;
  auto log = folder.open();
  REQUIRE(write_record(*log, 1) == ErrorCode::none);
  CHECK(in_child([] { return 0; }) == 0);
  CHECK(in_child([&] {
          log.reset();
          return 0;
        }) == 0);
  CHECK(logs_in(folder.settings.directory) == 1);
  REQUIRE(write_record(*log, 2) == ErrorCode::none);
  CHECK(log->flush(10'000));
}

TEST_CASE("log fork: a child whose log cannot be opened is refused") {
  LogFolder folder;
  auto log = folder.open();
  const int status = in_child([&] {
    // The parent may just be making a file there.
    std::error_code busy;
    while (std::filesystem::exists(folder.settings.directory)) {
      std::filesystem::remove_all(folder.settings.directory, busy);
    }
    folder.folder.write("audit", "a file in its place");
    if (log->reopen() != ErrorCode::none) return 1;
    return write_record(*log, 1) == ErrorCode::audit_unavailable ? 0 : 2;
  });
  CHECK(status == 0);
}

TEST_CASE("log fork: a child that cannot open its log does not try for every message") {
  LogFolder folder;
  FaultyFiles files;
  auto log = folder.open(files);
  files.folders = 0;
  const int status = in_child([&] {
    files.folder_error = ENOSPC;
    for (std::uint64_t number = 0; number < 100; ++number) {
      if (write_record(*log, number) != ErrorCode::audit_unavailable) return 1;
      log->missed();
    }
    const int tries = files.folders;  // at a second for each, a machine that stands still
    if (tries == 0 || tries > 20) return 2;
    files.folder_error = 0;
    for (int waits = 0; waits < 500; ++waits) {
      if (write_record(*log, 1) == ErrorCode::none) return log->flush(10'000) ? 0 : 3;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return 4;
  });
  CHECK(status == 0);
}

TEST_CASE("log fork: the parent's end frees its lock, although a child lives on") {
  LogFolder folder;
  std::string name;
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  auto log = folder.open();
  name = log->health().log;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    char byte = 0;
    ::close(ready[1]);
    ::_exit(::read(ready[0], &byte, 1) == 0 ? 0 : 1);  // until the parent closes its end
  }
  log.reset();
  bool alive = true;
  const auto logs = list_logs(folder.settings.directory);
  REQUIRE(logs);
  for (const LogEntry& entry : *logs) {
    if (entry.name == name) alive = entry.alive;
  }
  CHECK_FALSE(alive);
  ::close(ready[1]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 0);
}
#endif
