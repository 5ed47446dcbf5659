// Files of a log: exclusive, private, whole or refused; locks; names in folders.
//
// SPDX-License-Identifier: Apache-2.0
#if !defined(_WIN32)
#include "base/os_log_file.hpp"

#include <cerrno>
#include <csignal>
#include <memory>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "support/file_size_limit.hpp"
#include "support/temporary_folder.hpp"

namespace mcpgov {
namespace {

using test::TemporaryFolder;
using test::text_of;

int mode_of(const std::string& path) {
  struct stat found = {};
  return ::stat(path.c_str(), &found) == 0 ? static_cast<int>(found.st_mode & 0777) : -1;
}

TEST_CASE("a log's file is new, private and never somebody else's") {
  const TemporaryFolder folder;
  FileSystem& files = local_files();
  std::unique_ptr<LogFile> file;
  CHECK(files.create(folder.path("a"), file) == 0);
  CHECK(mode_of(folder.path("a")) == 0600);
  CHECK(files.create(folder.path("a"), file) == EEXIST);
  REQUIRE(::symlink(folder.path("a").c_str(), folder.path("link").c_str()) == 0);
  CHECK(files.create(folder.path("link"), file) == EEXIST);
  CHECK(files.open(folder.path("link"), file) == ELOOP);
  CHECK(files.open(folder.path("none"), file) == ENOENT);
  CHECK(files.create(folder.path("no/such"), file) == ENOENT);
  CHECK(files.make_folder(folder.path("logs")) == 0);
  CHECK(mode_of(folder.path("logs")) == 0700);
  CHECK(files.make_folder(folder.path("logs")) == 0);
  CHECK(files.make_folder(folder.path("a")) == EEXIST);
  CHECK(files.sync_folder(folder.path("logs")) == 0);
  CHECK(files.sync_folder(folder.path("none")) == ENOENT);
  std::uint64_t bytes = 0;
  CHECK(files.free_bytes(folder.path("logs"), bytes) == 0);
  CHECK(bytes > 0);
  CHECK(io_error_text(ENOSPC) == "No space left on device");
}

TEST_CASE("pieces are written one behind the other, at their place") {
  const TemporaryFolder folder;
  std::unique_ptr<LogFile> file;
  REQUIRE(local_files().create(folder.path("a"), file) == 0);
  CHECK(file->allocate(64) == 0);
  CHECK(text_of(folder.path("a")) == std::string(64, '\0'));
  std::vector<std::string_view> pieces(20, "ab");
  pieces[3] = "";
  CHECK(file->write_at(4, pieces) == 0);
  CHECK(file->sync() == 0);
  std::string expected(4, '\0');
  for (int each = 0; each < 19; ++each) expected += "ab";
  expected.resize(64, '\0');
  CHECK(text_of(folder.path("a")) == expected);
  CHECK(file->resize(6) == 0);
  CHECK(text_of(folder.path("a")) == expected.substr(0, 6));
  CHECK(file->write_at(0, {}) == 0);
}

TEST_CASE("a write that the system cuts short is an error, not a part of success") {
  const TemporaryFolder folder;
  std::unique_ptr<LogFile> file;
  REQUIRE(local_files().create(folder.path("a"), file) == 0);
  const std::string text(8192, 'x');
  const std::string_view pieces[] = {text, text};
  {
    const test::FileSizeLimit limit(5000);
    CHECK(file->write_at(0, pieces) == EFBIG);
    CHECK(file->allocate(6000) == EFBIG);
  }
  CHECK(text_of(folder.path("a")).size() == 5000);
  CHECK(file->write_at(0, pieces) == 0);
}

TEST_CASE("a file is replaced whole, also over what a dead process left") {
  const TemporaryFolder folder;
  const std::string path = folder.write("checkpoint", "old");
  folder.write("checkpoint.new", "half of somethi");
  CHECK(replace_durably(local_files(), path, "new") == 0);
  CHECK(text_of(path) == "new");
  CHECK(text_of(path + ".new").empty());
  CHECK(replace_durably(local_files(), folder.path("no/such"), "x") == ENOENT);
  {
    const test::FileSizeLimit limit(2);
    CHECK(replace_durably(local_files(), path, "newer") == EFBIG);
  }
  CHECK(text_of(path) == "new");
  CHECK(text_of(path + ".new").empty());
}

TEST_CASE("a file is read at places up to its end") {
  const TemporaryFolder folder;
  ReadFile file;
  CHECK(file.open(folder.path("none")) == ENOENT);
  CHECK(file.open(folder.path("")) == EINVAL);
  REQUIRE(::mkfifo(folder.path("pipe").c_str(), 0600) == 0);
  CHECK(file.open(folder.path("pipe")) == EINVAL);
  REQUIRE(file.open(folder.write("a", "0123456789")) == 0);
  char into[4];
  std::size_t got = 0;
  CHECK(file.read_at(8, into, got) == 0);
  CHECK(std::string_view(into, got) == "89");
  CHECK(file.read_at(100, into, got) == 0);
  CHECK(got == 0);
  std::uint64_t bytes = 0, changed_ns = 0;
  CHECK(file.stat(bytes, changed_ns) == 0);
  CHECK(bytes == 10);
  CHECK(changed_ns > 1'700'000'000'000'000'000U);
  CHECK(file.has_name());
  CHECK(local_files().remove(folder.path("a")) == 0);
  CHECK_FALSE(file.has_name());
}

TEST_CASE("a lock is one process's, and ends with it") {
  const TemporaryFolder folder;
  const std::string path = folder.path("lock");
  CHECK_FALSE(FileLock::is_taken(path));
  FileLock lock, other;
  CHECK(lock.take(path) == 0);
  CHECK(mode_of(path) == 0600);
  CHECK(FileLock::is_taken(path));
  CHECK(other.take(path) == EAGAIN);
  CHECK(lock.take(path) == EAGAIN);
  // Asking does not let go, as it would with locks of the process.
  CHECK(FileLock::is_taken(path));
  FileLock moved = std::move(lock);
  CHECK(moved.is_held());
  CHECK_FALSE(lock.is_held());
  moved.release();
  CHECK_FALSE(FileLock::is_taken(path));
  CHECK(other.take(path) == 0);
  CHECK(lock.take(folder.path("no/such")) == ENOENT);

  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const std::string held = folder.path("held");
  const pid_t child = ::fork();
  if (child == 0) {
    FileLock of_child;
    const char taken = of_child.take(held) == 0 ? 'y' : 'n';
    if (::write(ready[1], &taken, 1) != 1) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  char taken = 0;
  REQUIRE(::read(ready[0], &taken, 1) == 1);
  CHECK(taken == 'y');
  CHECK(FileLock::is_taken(held));
  CHECK(lock.take(held) == EAGAIN);
  REQUIRE(::kill(child, SIGKILL) == 0);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK(lock.take(held) == 0);
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("names of a folder come sorted, and not more than asked for") {
  const TemporaryFolder folder;
  for (const char* name : {"b", "a", ".c"}) folder.write(name, "");
  std::vector<std::string> names;
  CHECK(list_folder(folder.path(""), 3, names) == 0);
  CHECK(names == std::vector<std::string>{".c", "a", "b"});
  CHECK(list_folder(folder.path(""), 2, names) == E2BIG);
  CHECK(list_folder(folder.path("a"), 2, names) == ENOTDIR);
  CHECK(list_folder(folder.path("none"), 2, names) == ENOENT);
}

}  // namespace
}  // namespace mcpgov
#endif
