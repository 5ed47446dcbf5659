// Memory in a file: made for one process, read after its end.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <filesystem>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "base/os_shared_memory.hpp"
#include "support/temporary_folder.hpp"

using namespace mcpgov;
using mcpgov::test::TemporaryFolder;

namespace {

constexpr std::size_t kPage = 4096;

}  // namespace

TEST_CASE("shared memory: what one process stores is there after it was killed") {
  TemporaryFolder folder;
  const std::string path = folder.path("ring");
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto memory = SharedMemory::create(path, 4 * kPage);
    if (!memory || !memory->take(0, 4 * kPage)) ::_exit(1);
    std::strcpy(memory->begin() + kPage, "kept");
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  auto left = LeftMemory::open(path);
  REQUIRE(left);
  CHECK(left->size() == 4 * kPage);
  char text[5] = {};
  CHECK(left->read(kPage, text, sizeof text));
  CHECK(std::string(text) == "kept");
  CHECK_FALSE(left->read(4 * kPage - 1, text, 2));
  CHECK_FALSE(left->read(1ull << 62, text, 1));
}

TEST_CASE("shared memory: the file is this user's alone, new, and without memory at first") {
  TemporaryFolder folder;
  const std::string path = folder.path("ring");
  auto memory = SharedMemory::create(path, 256 * kPage);
  REQUIRE(memory);
  struct stat facts = {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 07777) == 0600);
  CHECK(facts.st_blocks == 0);
  CHECK(memory->take(0, 16 * kPage));
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK(facts.st_blocks * 512 >= static_cast<long>(16 * kPage));
  CHECK_FALSE(memory->take(256 * kPage, kPage));
  CHECK_FALSE(memory->take(kPage, 256 * kPage));

  const auto second = SharedMemory::create(path, kPage);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::audit_open);
  memory->remove();
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("shared memory: a name that leads elsewhere is refused") {
  TemporaryFolder folder;
  const std::string target = folder.write("target", "mine");
  const std::string link = folder.path("link");
  std::filesystem::create_symlink(target, link);
  CHECK_FALSE(SharedMemory::create(link, kPage));
  const auto read = LeftMemory::open(link);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == ErrorCode::file_unreadable);
  CHECK_FALSE(LeftMemory::open(folder.path("absent")));
  REQUIRE(::mkfifo(folder.path("pipe").c_str(), 0600) == 0);
  CHECK_FALSE(LeftMemory::open(folder.path("pipe")));
  CHECK_FALSE(SharedMemory::create(folder.path("no/such/folder"), kPage));
}

TEST_CASE("shared memory: there is nothing of the parent's for a forked child to write to") {
  TemporaryFolder folder;
  auto memory = SharedMemory::create(folder.path("ring"), kPage);
  REQUIRE(memory);
  REQUIRE(memory->take(0, kPage));
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit no_core = {0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::signal(SIGSEGV, SIG_DFL);
    *static_cast<volatile char*>(memory->begin()) = 1;
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK_FALSE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  CHECK(memory->begin()[0] == 0);

  const pid_t careful = ::fork();
  REQUIRE(careful >= 0);
  if (careful == 0) {
    memory->forget();
    ::_exit(memory->begin() == nullptr ? 0 : 1);
  }
  REQUIRE(::waitpid(careful, &status, 0) == careful);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  memory->begin()[0] = 2;  // still the parent's
  CHECK(std::filesystem::exists(memory->path()));
}

TEST_CASE("shared memory: a full file system is noticed before memory is touched") {
  if (::geteuid() != 0) return;  // needs a mount of its own, see the log's tests
  TemporaryFolder folder;
  const std::string command =
      "mount -t tmpfs -o size=64k none '" + folder.path("").substr(0) + "' 2>/dev/null";
  if (std::system(command.c_str()) != 0) {
    MESSAGE("skipped: tmpfs cannot be mounted here");
    return;
  }
  {
    auto memory = SharedMemory::create(folder.path("ring"), 64 * kPage);
    REQUIRE(memory);
    CHECK(memory->on_memory());
    CHECK(memory->take(0, 4 * kPage));
    CHECK_FALSE(memory->take(4 * kPage, 60 * kPage));
  }
  CHECK(std::system(("umount '" + folder.path("") + "'").c_str()) == 0);
}
