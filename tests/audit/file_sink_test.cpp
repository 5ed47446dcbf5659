// Sinks of JSON lines: whole lines or none, outcomes that wait for a full disk, and their bound.
//
// SPDX-License-Identifier: Apache-2.0
#if !defined(_WIN32)
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "mcpgov/audit.hpp"
#include "support/file_size_limit.hpp"
#include "support/temporary_folder.hpp"

namespace mcpgov::audit {
namespace {

using test::FileSizeLimit;
using test::TemporaryFolder;
using test::text_of;

std::string id_of(std::size_t number) {
  std::string digits = std::to_string(number);
  return std::string(32 - digits.size(), '0') + digits;
}

Record record_of(std::string_view id) {
  Record record;
  record.id = id;
  record.server = "shop";
  record.method = "tools/call";
  record.target = "list_tables";
  return record;
}

ErrorCode begin(Sink& sink, std::string_view id, Ticket& ticket) {
  return sink.begin(record_of(id), nullptr, ticket);
}

constexpr Completion kCompleted{Outcome::completed, ErrorCode::none, 1, 2, 3, 0};

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> out;
  std::istringstream text(text_of(path));
  for (std::string line; std::getline(text, line);) out.push_back(line);
  return out;
}

// A file of its own, open as a sink.
struct Log {
  Log() : path(folder.path("audit.jsonl")), sink(opened(path)) {}
  static std::unique_ptr<Sink> opened(const std::string& path) {
    auto sink = open_file(path);
    REQUIRE(sink);
    return *std::move(sink);
  }
  std::vector<std::string> lines() const { return lines_of(path); }

  TemporaryFolder folder;
  std::string path;
  std::unique_ptr<Sink> sink;
};

// A host that refuses when it is told to.
struct Host {
  std::vector<std::string> lines;
  bool refuse = false;
  bool refuse_once = false;
  int calls = 0;
  int released = 0;

  static bool write(void* self, std::string_view line) noexcept {
    auto* const host = static_cast<Host*>(self);
    ++host->calls;
    if (host->refuse || std::exchange(host->refuse_once, false)) return false;
    host->lines.emplace_back(line);
    return true;
  }
  static void release(void* self) noexcept { ++static_cast<Host*>(self)->released; }
};

TEST_CASE("file_sink: a message that goes on has two lines with one id, others have one") {
  const Log log;
  Ticket open;
  Ticket closed;
  CHECK(begin(*log.sink, id_of(1), open) == ErrorCode::none);
  // Before the verdict is given, the line is in the file.
  CHECK(log.lines().size() == 1);
  const Completion denied{Outcome::denied, ErrorCode::policy_denied, 1, 2, 0, 0};
  CHECK(log.sink->begin(record_of(id_of(2)), &denied, closed) == ErrorCode::none);
  log.sink->end(open, kCompleted);
  const auto lines = log.lines();
  REQUIRE(lines.size() == 3);
  const auto first = nlohmann::json::parse(lines[0]);
  const auto second = nlohmann::json::parse(lines[1]);
  const auto third = nlohmann::json::parse(lines[2]);
  CHECK(first["id"] == id_of(1));
  CHECK_FALSE(first.contains("outcome"));
  CHECK(second["id"] == id_of(2));
  CHECK(second["outcome"] == "denied");
  CHECK(third["event"] == "outcome");
  CHECK(third["id"] == first["id"]);
  CHECK(text_of(log.path).back() == '\n');
  struct stat facts {};
  REQUIRE(::stat(log.path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
}

TEST_CASE("file_sink: a ticket of nothing closes nothing") {
  const Log log;
  log.sink->end(Ticket{}, kCompleted);
  CHECK(text_of(log.path).empty());
}

TEST_CASE("file_sink: a file that cannot be opened is an error of set-up") {
  const TemporaryFolder folder;
  for (const std::string& path : {folder.path("no/folder/audit.jsonl"), folder.path("")}) {
    const auto sink = open_file(path);
    REQUIRE_FALSE(sink);
    CHECK(sink.error().code == ErrorCode::audit_open);
  }
}

TEST_CASE("file_sink: a full disk refuses beginnings") {
  auto sink = open_file("/dev/full");
  REQUIRE(sink);
  Ticket ticket;
  for (int attempt = 0; attempt < 3; ++attempt) {
    CHECK(begin(**sink, id_of(1), ticket) == ErrorCode::audit_unavailable);
    CHECK(ticket.number == 0);
  }
}

// The disk is full in the middle of a line; later there is room again.
TEST_CASE("file_sink: what a full disk cut off is ended before the next line begins") {
  for (const int failures_after : {0, 1, 3}) {
    CAPTURE(failures_after);
    const Log log;
    Ticket ticket;
    REQUIRE(begin(*log.sink, id_of(1), ticket) == ErrorCode::none);
    const std::size_t whole = text_of(log.path).size();
    std::vector<ErrorCode> codes;
    {
      const FileSizeLimit limit(whole + 10);
      codes.push_back(begin(*log.sink, id_of(2), ticket));
      for (int more = 0; more < failures_after; ++more) {
        codes.push_back(begin(*log.sink, id_of(2), ticket));
      }
    }
    for (const ErrorCode code : codes) CHECK(code == ErrorCode::audit_unavailable);
    CHECK(begin(*log.sink, id_of(3), ticket) == ErrorCode::none);
    std::vector<std::string> read;
    int torn = 0;
    for (const std::string& line : log.lines()) {
      const auto json = nlohmann::json::parse(line, nullptr, false);
      if (json.is_object()) {
        read.push_back(json["id"]);
      } else if (!line.empty()) {
        ++torn;
      }
    }
    CHECK(read == std::vector<std::string>{id_of(1), id_of(3)});
    CHECK(torn == 1);
  }
}

TEST_CASE("file_sink: an outcome that finds the disk full is written once there is room") {
  const Log log;
  Ticket tickets[3];
  for (std::size_t at = 0; at < 3; ++at) {
    REQUIRE(begin(*log.sink, id_of(at), tickets[at]) == ErrorCode::none);
  }
  {
    const FileSizeLimit limit(text_of(log.path).size());
    log.sink->end(tickets[0], kCompleted);
    log.sink->end(tickets[1], kCompleted);
  }
  CHECK(log.lines().size() == 3);
  log.sink->end(tickets[2], kCompleted);
  const auto lines = log.lines();
  REQUIRE(lines.size() == 6);
  for (std::size_t at = 0; at < 3; ++at) {
    CHECK(nlohmann::json::parse(lines[3 + at])["id"] == id_of(at));
  }
}

TEST_CASE("file_sink: opening again, as after fork, keeps the file and forgets what waited") {
  const Log log;
  Ticket ticket;
  REQUIRE(begin(*log.sink, id_of(1), ticket) == ErrorCode::none);
  {
    const FileSizeLimit limit(text_of(log.path).size());
    log.sink->end(ticket, kCompleted);
  }
  // The outcome waits in the parent, too, and is the parent's to write.
  CHECK(log.sink->reopen() == ErrorCode::none);
  REQUIRE(begin(*log.sink, id_of(2), ticket) == ErrorCode::none);
  CHECK(log.lines().size() == 2);
}

TEST_CASE("file_sink: a file that is gone refuses the child") {
  auto folder = std::make_unique<TemporaryFolder>();
  auto sink = open_file(folder->path("audit.jsonl"));
  REQUIRE(sink);
  folder.reset();
  CHECK((*sink)->reopen() == ErrorCode::audit_unavailable);
}

TEST_CASE("file_sink: lines of many threads and two sinks are whole, and none is missing") {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kEach = 200;
  // Two sinks on one file are what two processes have.
  const Log log;
  const auto other = Log::opened(log.path);
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      Sink& sink = thread % 2 == 0 ? *log.sink : *other;
      for (std::size_t at = 0; at < kEach; ++at) {
        Ticket ticket;
        if (begin(sink, id_of(thread * kEach + at), ticket) != ErrorCode::none) ++refused;
        sink.end(ticket, kCompleted);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(refused == 0);
  std::map<std::string, int> seen;
  for (const std::string& line : log.lines()) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    REQUIRE(json.is_object());
    ++seen[json["id"]];
  }
  CHECK(seen.size() == kThreads * kEach);
  CHECK(std::all_of(seen.begin(), seen.end(), [](const auto& entry) { return entry.second == 2; }));
}

TEST_CASE("file_sink: a host that refuses a line refuses the beginning, and gets it no more") {
  Host host;
  const auto sink = to_callback(&Host::write, &host);
  Ticket ticket;
  host.refuse = true;
  CHECK(begin(*sink, id_of(1), ticket) == ErrorCode::audit_unavailable);
  host.refuse = false;
  CHECK(begin(*sink, id_of(2), ticket) == ErrorCode::none);
  sink->end(ticket, kCompleted);
  REQUIRE(host.lines.size() == 2);
  CHECK(host.lines[0].find(id_of(2)) != std::string::npos);
  CHECK(host.lines[0].find('\n') == std::string::npos);
}

TEST_CASE("file_sink: while outcomes wait, nothing begins before they are written") {
  Host host;
  const auto sink = to_callback(&Host::write, &host);
  Ticket ticket;
  REQUIRE(begin(*sink, id_of(1), ticket) == ErrorCode::none);
  host.refuse = true;
  sink->end(ticket, kCompleted);
  const int before = host.calls;
  CHECK(begin(*sink, id_of(2), ticket) == ErrorCode::audit_unavailable);
  CHECK(host.calls == before + 1);  // the outcome was tried, the beginning was not
  host.refuse = false;
  CHECK(begin(*sink, id_of(3), ticket) == ErrorCode::none);
  REQUIRE(host.lines.size() == 3);
  CHECK(host.lines[1].find(id_of(1)) != std::string::npos);
  CHECK(host.lines[1].find("outcome") != std::string::npos);
  CHECK(host.lines[2].find(id_of(3)) != std::string::npos);
}

TEST_CASE("file_sink: outcomes stay in their order, also when the sink comes back in between") {
  Host host;
  const auto sink = to_callback(&Host::write, &host);
  Ticket tickets[3];
  for (std::size_t at = 0; at < 3; ++at) {
    REQUIRE(begin(*sink, id_of(at), tickets[at]) == ErrorCode::none);
  }
  host.lines.clear();
  host.refuse = true;
  sink->end(tickets[0], kCompleted);
  host.refuse = false;
  host.refuse_once = true;  // what waits is refused, what comes would be taken
  sink->end(tickets[1], kCompleted);
  CHECK(host.lines.empty());
  sink->end(tickets[2], kCompleted);
  REQUIRE(host.lines.size() == 3);
  for (std::size_t at = 0; at < 3; ++at) {
    CHECK(host.lines[at].find(id_of(at)) != std::string::npos);
  }
}

TEST_CASE("file_sink: 1,024 outcomes wait, in order, and not one is lost or written twice") {
  constexpr std::size_t kKept = 1024;
  Host host;
  const auto sink = to_callback(&Host::write, &host);
  // More than once around, so that the first place of the queue is anywhere.
  for (int round = 0; round < 3; ++round) {
    std::vector<Ticket> tickets(kKept + 10);
    for (std::size_t at = 0; at < tickets.size(); ++at) {
      REQUIRE(begin(*sink, id_of(at), tickets[at]) == ErrorCode::none);
    }
    host.lines.clear();
    host.refuse = true;
    for (const Ticket& ticket : tickets) sink->end(ticket, kCompleted);
    host.refuse = false;
    Ticket next;
    REQUIRE(begin(*sink, id_of(9999), next) == ErrorCode::none);
    sink->end(next, kCompleted);
    // What goes over the bound is lost, and said to be; the bound itself never is.
    REQUIRE(host.lines.size() == 1 + kKept + 2);
    CHECK(host.lines[0] == R"({"event":"lost","outcomes":10})");
    for (std::size_t at = 0; at < kKept; ++at) {
      REQUIRE(host.lines[1 + at].find(id_of(at)) != std::string::npos);
    }
  }
}

TEST_CASE("file_sink: the host's context is released once, after the last line") {
  Host host;
  {
    const auto sink = to_callback(&Host::write, &host, &Host::release);
    Ticket ticket;
    CHECK(begin(*sink, id_of(1), ticket) == ErrorCode::none);
    CHECK(host.released == 0);
  }
  CHECK(host.released == 1);
}

}  // namespace
}  // namespace mcpgov::audit
#endif
