// Files and clocks: what cannot be read or written is said, and times have one text form.
//
// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "base/os_file.hpp"
#include "base/os_machine.hpp"
#include "base/os_time.hpp"

#if !defined(_WIN32)
#include <sys/stat.h>
#include <unistd.h>

#include "support/file_size_limit.hpp"
#include "support/temporary_folder.hpp"
#endif

namespace mcpgov {
namespace {

#if !defined(_WIN32)

using test::FileSizeLimit;
using test::TemporaryFolder;
using test::text_of;

TEST_CASE("os_file: a replaced file keeps its mode, and no link beside it is followed") {
  const TemporaryFolder folder;
  const std::string path = folder.write("f", "old");
  const std::string precious = folder.write("precious", "mine");
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  REQUIRE(::symlink(precious.c_str(), (path + ".mcpgov-new").c_str()) == 0);
  REQUIRE(replace_file(path, "new"));
  CHECK(text_of(path) == "new");
  CHECK(text_of(precious) == "mine");
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 07777) == 0600);
  CHECK_FALSE(replace_file(path + "-absent", "new"));
}

TEST_CASE("os_file: a file is read whole, byte for byte, up to its limit") {
  const TemporaryFolder folder;
  // Longer than one block of the reader, with bytes that a text mode would change.
  const std::string large = std::string(64 * 1024, 'x') + std::string("\0\r\n\xff\x1a", 5);
  for (const std::string& text : {std::string(), std::string("a"), large}) {
    const std::string path = folder.write("f", text);
    const auto read = read_file(path, text.size());
    REQUIRE(read);
    CHECK(*read == text);
  }
}

TEST_CASE("os_file: what cannot be read names the path and the cause, and shows no content") {
  const TemporaryFolder folder;
  folder.write("secret", "hunter2");
  struct Case {
    const char* name;
    std::string path;
    std::size_t limit;
    const char* cause;
  };
  const Case cases[] = {
      {"no such file", folder.path("missing"), 10, "No such file"},
      {"a folder", folder.path(""), 10, "directory"},
      {"a file used as a folder", folder.path("secret/x"), 10, "Not a directory"},
      {"no name", "", 10, "No such file"},
      {"one byte too many", folder.path("secret"), 6, "too large"},
      {"a limit of zero", folder.path("secret"), 0, "too large"},
      {"a file without an end", "/dev/zero", 100'000, "too large"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    const auto read = read_file(c.path, c.limit);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::file_unreadable);
    CHECK(read.error().file == c.path);
    CHECK(read.error().message.find("`" + c.path + "`") != std::string::npos);
    CHECK(read.error().message.find(c.cause) != std::string::npos);
    CHECK(read.error().message.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("os_file: a file is made whole, once, with its mode") {
  const TemporaryFolder folder;
  const std::string path = folder.path("key");
  const auto made = create_file(path, "first", 0600);
  REQUIRE_MESSAGE(made.has_value(), made.error().text());
  CHECK(*made);
  CHECK(text_of(path) == "first");
  struct stat about = {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  CHECK((about.st_mode & 07777) == 0600);
  CHECK(about.st_nlink == 1);
  const auto again = create_file(path, "second", 0644);
  REQUIRE(again.has_value());
  CHECK_FALSE(*again);
  CHECK(text_of(path) == "first");
  // A link counts as a file, wherever it leads: nothing is written through it.
  REQUIRE(::symlink(folder.path("elsewhere").c_str(), folder.path("link").c_str()) == 0);
  CHECK_FALSE(*create_file(folder.path("link"), "third", 0600));
  CHECK(text_of(folder.path("elsewhere")).empty());
  const auto nowhere = create_file(folder.path("missing/key"), "x", 0600);
  REQUIRE_FALSE(nowhere.has_value());
  CHECK(nowhere.error().code == ErrorCode::file_unreadable);
  CHECK(nowhere.error().message.find("missing/key") != std::string::npos);
}

TEST_CASE("os_file: of several threads that make a file, one does, and all see its bytes") {
  const TemporaryFolder folder;
  const std::string path = folder.path("key");
  std::atomic<int> made = 0;
  std::vector<std::string> seen(8);
  std::vector<std::thread> threads;
  for (std::size_t at = 0; at < seen.size(); ++at) {
    threads.emplace_back([&, at] {
      const auto mine = create_file(path, "bytes of " + std::to_string(at), 0600);
      made += mine && *mine ? 1 : 0;
      seen[at] = text_of(path);
    });
  }
  for (std::thread& each : threads) each.join();
  CHECK(made == 1);
  for (const std::string& each : seen) CHECK(each == text_of(path));
  CHECK(text_of(path).starts_with("bytes of "));
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path(".")), {}) == 1);
}

TEST_CASE("os_file: a file to append to is made for its owner alone, and never cut") {
  const TemporaryFolder folder;
  const std::string path = folder.path("log");
  std::size_t written = 0;
  {
    AppendFile file;
    REQUIRE(file.open(path));
    CHECK(file.append("one\n", written));
    CHECK(written == 4);
  }
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  AppendFile first;
  AppendFile second;
  REQUIRE(first.open(path));
  REQUIRE(second.open(path));
  CHECK(first.append("two\n", written));
  CHECK(second.append("three\n", written));
  REQUIRE(first.open(path));  // as after fork
  CHECK(first.append("four\n", written));
  CHECK(text_of(path) == "one\ntwo\nthree\nfour\n");
}

TEST_CASE("os_file: what cannot be appended to is an error that names the path") {
  const TemporaryFolder folder;
  for (const std::string& path : {folder.path("no/folder/log"), folder.path("")}) {
    AppendFile file;
    const auto opened = file.open(path);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::audit_open);
    CHECK(opened.error().message.find("`" + path + "`") != std::string::npos);
  }
}

TEST_CASE("os_file: a file that could not be opened again stays open as it was") {
  const TemporaryFolder folder;
  const std::string path = folder.path("log");
  AppendFile file;
  REQUIRE(file.open(path));
  CHECK_FALSE(file.open(folder.path("no/folder/log")));
  std::size_t written = 0;
  CHECK(file.append("kept", written));
  CHECK(text_of(path) == "kept");
}

TEST_CASE("os_file: bytes that do not fit are counted, never claimed") {
  std::size_t written = 7;
  AppendFile never_opened;
  CHECK_FALSE(never_opened.append("x", written));
  CHECK(written == 0);
  AppendFile full;
  REQUIRE(full.open("/dev/full"));
  CHECK_FALSE(full.append("x", written));
  CHECK(written == 0);

  const TemporaryFolder folder;
  AppendFile small;
  REQUIRE(small.open(folder.path("log")));
  bool whole = true;
  {
    const FileSizeLimit limit(5);
    whole = small.append("12345678", written);
  }
  CHECK_FALSE(whole);
  CHECK(written == 5);
  CHECK(text_of(folder.path("log")) == "12345");
}

#endif

TEST_CASE("os_time: a time has one text form, UTC, with microseconds") {
  struct Case {
    std::uint64_t time_us;
    const char* text;
  };
  const Case cases[] = {
      {0, "1970-01-01T00:00:00.000000Z"},
      {1, "1970-01-01T00:00:00.000001Z"},
      {86'399'999'999, "1970-01-01T23:59:59.999999Z"},
      {86'400'000'000, "1970-01-02T00:00:00.000000Z"},
      {951'782'400'000'000, "2000-02-29T00:00:00.000000Z"},    // a leap year after all
      {1'709'164'800'000'000, "2024-02-29T00:00:00.000000Z"},  // a leap year
      {4'107'542'400'000'000, "2100-03-01T00:00:00.000000Z"},  // no leap year
      {1'795'159'380'123'456, "2026-11-20T07:23:00.123456Z"},
      {253'402'300'799'999'999, "9999-12-31T23:59:59.999999Z"},
      {253'402'300'800'000'000, "9999-12-31T23:59:59.999999Z"},  // never five digits
      {UINT64_MAX, "9999-12-31T23:59:59.999999Z"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.time_us);
    char text[kTimestampSize];
    write_timestamp(c.time_us, text);
    CHECK(std::string_view(text, sizeof text) == c.text);
  }
}

TEST_CASE("os_time: the clocks run, and the steady one never backwards") {
  CHECK(wall_clock_us() > 1'700'000'000'000'000);  // November 2023; in microseconds, not seconds
  std::uint64_t last = steady_clock_ns();
  const std::uint64_t first = last;
  for (int reading = 0; reading < 1'000'000 && last == first; ++reading) {
    const std::uint64_t now = steady_clock_ns();
    REQUIRE(now >= last);
    last = now;
  }
  CHECK(last > first);
}

TEST_CASE("os_machine: the machine's start has a name, and this process a number") {
  const std::string boot = boot_name();
  CHECK(boot.size() == 8);
  CHECK(boot.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(boot == boot_name());
  CHECK(process_id() != 0);
#if !defined(_WIN32)
  CHECK(process_id() == static_cast<std::uint64_t>(::getpid()));
#endif
  std::thread([] { settle_thread("mcpgov-test", true); }).join();  // must not throw or end us
}

}  // namespace
}  // namespace mcpgov
