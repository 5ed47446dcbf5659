// Tests of net/sink_files.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "net/sink_files.hpp"

#include <cstring>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "support/temporary_folder.hpp"

namespace {

using mcpgov::ErrorCode;
using mcpgov::net::SinkFiles;
using mcpgov::net::SinkLock;
using mcpgov::test::TemporaryFolder;
using mcpgov::test::text_of;

TEST_CASE("a cursor is a decimal number on a line, for oneself alone") {
  const TemporaryFolder folder;
  const SinkFiles files = SinkFiles::open(folder.path(""), "siem").value();
  CHECK(files.cursor("log") == 0);
  CHECK(files.move_cursor("log", 18'446'744'073'709'551'615U));
  CHECK(text_of(folder.path("sinks/siem/log.cursor")) == "18446744073709551615\n");
  CHECK(files.cursor("log") == 18'446'744'073'709'551'615U);
  struct stat about = {};
  REQUIRE(stat(folder.path("sinks/siem/log.cursor").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  REQUIRE(stat(folder.path("sinks/siem").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0700);
  CHECK(files.cursors().size() == 1);
  files.drop_cursor("log");
  CHECK(files.cursors().empty());
}

TEST_CASE("a cursor that makes no sense stands at the beginning") {
  const TemporaryFolder folder;
  const SinkFiles files = SinkFiles::open(folder.path(""), "siem").value();
  for (const char* text : {"", "\n", "12", "12\n\n", "-1\n", "1 2\n", "0x1\n", "twelve\n",
                           "18446744073709551616\n", "123456789012345678901234567890123456\n"}) {
    CAPTURE(std::string(text));
    folder.write("sinks/siem/log.cursor", text);
    CHECK(files.cursor("log") == 0);
  }
}

TEST_CASE("pipes and links in place of a sink's files are neither waited for nor followed") {
  const TemporaryFolder folder;
  const SinkFiles files = SinkFiles::open(folder.path(""), "siem").value();
  const std::string sink = folder.path("sinks/siem/");
  folder.write("elsewhere", "7\n");
  for (const char* each : {"log.cursor", "log.cursor.new", "log.acked", "rejected"}) {
    CAPTURE(std::string(each));
    REQUIRE(mkfifo((sink + each).c_str(), 0600) == 0);
  }
  CHECK(files.cursor("log") == 0);
  CHECK(files.acked("log") == 0);
  CHECK(files.move_cursor("log", 5));
  CHECK(files.cursor("log") == 5);
  files.reject("log", 1, 2, 2, "no");
  REQUIRE(mkfifo(folder.path("sinks/siem.lock").c_str(), 0600) == 0);
  SinkLock lock(files.lock_path());
  static_cast<void>(lock.try_lock());  // it returns
  for (const char* each : {"log.cursor", "log.cursor.new", "rejected"}) {
    unlink((sink + each).c_str());
    REQUIRE(symlink(folder.path("elsewhere").c_str(), (sink + each).c_str()) == 0);
  }
  CHECK(files.cursor("log") == 0);
  CHECK(files.move_cursor("log", 9));
  files.reject("log", 1, 2, 2, "no");
  CHECK(text_of(folder.path("elsewhere")) == "7\n");
  CHECK(files.cursor("log") == 9);
}

TEST_CASE("a folder that cannot be made is told") {
  const TemporaryFolder folder;
  folder.write("sinks", "a file");
  const auto files = SinkFiles::open(folder.path(""), "siem");
  REQUIRE(!files);
  CHECK(files.error().code == ErrorCode::file_unreadable);
  CHECK(files.error().message.find("sinks") != std::string::npos);
}

TEST_CASE("one has the lock, and a forked child does not keep it") {
  const TemporaryFolder folder;
  const std::string path = folder.path("siem.lock");
  auto first = std::make_unique<SinkLock>(path);
  SinkLock second(path);
  CHECK(first->try_lock());
  CHECK(first->try_lock());
  CHECK(!second.try_lock());
  int hold[2] = {};
  int ready[2] = {};
  REQUIRE(pipe(hold) == 0);
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  if (child == 0) {
    close(hold[1]);
    char byte = 'r';
    // Lives until the parent closes its end.
    const bool told = write(ready[1], &byte, 1) == 1;
    _exit(told && read(hold[0], &byte, 1) == 0 && !first->held() ? 0 : 1);
  }
  char byte = 0;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  first.reset();
  CHECK(second.try_lock());
  for (const int each : {hold[1], hold[0], ready[0], ready[1]}) close(each);
  int code = 0;
  REQUIRE(waitpid(child, &code, 0) == child);
  CHECK(code == 0);
}

TEST_CASE("what was rejected is written down, up to 1 MiB") {
  const TemporaryFolder folder;
  const SinkFiles files = SinkFiles::open(folder.path(""), "siem").value();
  files.reject("log", 3, 5, 2, "HTTP 400");
  const std::string text = text_of(folder.path("sinks/siem/rejected"));
  CHECK(text.find(R"("log":"log","first":3,"last":5,"count":2,"why":"HTTP 400"})") !=
        std::string::npos);
  CHECK(text.ends_with("}\n"));
  folder.write("sinks/siem/rejected", std::string(1 << 20, '.'));
  files.reject("log", 3, 5, 2, "more");
  CHECK(text_of(folder.path("sinks/siem/rejected")).size() == 1 << 20);
}

}  // namespace
