// The file system of this machine, as a log needs it.
// Tested by tests/base/os_log_file_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "base/os_log_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#if !defined(_WIN32)
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>
#endif

namespace mcpgov {

std::string io_error_text(int error) {
  // Unlike strerror, safe beside other threads.
  return std::generic_category().message(error);
}

LogFile::~LogFile() = default;
FileSystem::~FileSystem() = default;

int replace_durably(FileSystem& files, const std::string& path, std::string_view bytes) {
  const std::string beside = path + ".new";
  std::unique_ptr<LogFile> file;
  int error = files.create(beside, file);
  if (error == EEXIST) {
    // What a process left that died here; names in a log's folder belong to its one writer.
    error = files.remove(beside);
    if (error == 0) error = files.create(beside, file);
  }
  if (error != 0) return error;
  const std::string_view pieces[] = {bytes};
  error = file->write_at(0, pieces);
  if (error == 0) error = file->sync();
  file.reset();
  if (error == 0) error = files.rename(beside, path);
  if (error != 0) {
    files.remove(beside);
    return error;
  }
  const std::size_t slash = path.rfind('/');
  return files.sync_folder(slash == std::string::npos ? "." : path.substr(0, slash + 1));
}

ReadFile::ReadFile(ReadFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
ReadFile& ReadFile::operator=(ReadFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}
ReadFile::~ReadFile() {
  close();
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

#if defined(_WIN32)

// There is no log on Windows yet: every operation says so, and nothing pretends to be durable.
namespace {

class NoFiles final : public FileSystem {
 public:
  int create(const std::string&, std::unique_ptr<LogFile>&) noexcept override { return ENOSYS; }
  int open(const std::string&, std::unique_ptr<LogFile>&) noexcept override { return ENOSYS; }
  int rename(const std::string&, const std::string&) noexcept override { return ENOSYS; }
  int remove(const std::string&) noexcept override { return ENOSYS; }
  int make_folder(const std::string&) noexcept override { return ENOSYS; }
  int sync_folder(const std::string&) noexcept override { return ENOSYS; }
  int free_bytes(const std::string&, std::uint64_t&) noexcept override { return ENOSYS; }
};

}  // namespace

FileSystem& local_files() noexcept {
  static NoFiles files;
  return files;
}
bool is_own_folder(const std::string&) noexcept {
  return true;
}
bool is_folder_of_same_user(const std::string&, const std::string&) noexcept {
  return true;
}
Writers writers_of(const std::string&) noexcept {
  return Writers::owner;
}
int keep_group_out(const std::string&) noexcept {
  return ENOSYS;
}
int ReadFile::open(const std::string&) noexcept {
  return ENOSYS;
}
void ReadFile::close() noexcept {}
int ReadFile::read_at(std::uint64_t, std::span<char>, std::size_t&) const noexcept {
  return ENOSYS;
}
int ReadFile::stat(std::uint64_t&, std::uint64_t&) const noexcept {
  return ENOSYS;
}
bool ReadFile::has_name() const noexcept {
  return false;
}
int FileLock::take(const std::string&) noexcept {
  return ENOSYS;
}
void FileLock::release() noexcept {}
bool FileLock::is_taken(const std::string&) noexcept {
  return false;
}
int list_folder(const std::string&, std::size_t, std::vector<std::string>&) {
  return ENOSYS;
}

#else

namespace {

class LocalFile final : public LogFile {
 public:
  explicit LocalFile(int descriptor) noexcept : descriptor_(descriptor) {}
  ~LocalFile() override { ::close(descriptor_); }

  int write_at(std::uint64_t offset, std::span<const std::string_view> pieces) noexcept override {
    std::size_t done = 0;  // of the first piece
    while (!pieces.empty()) {
      iovec parts[kParts];
      int count = 0;
      for (std::size_t each = 0; each < std::min(pieces.size(), kParts); ++each) {
        const std::string_view rest = pieces[each].substr(each == 0 ? done : 0);
        // The kernel only reads through it.
        parts[count++] = {const_cast<char*>(rest.data()), rest.size()};  // NOLINT
      }
      const ssize_t wrote = ::pwritev(descriptor_, parts, count, static_cast<off_t>(offset));
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return errno;
      offset += static_cast<std::uint64_t>(wrote);
      done += static_cast<std::size_t>(wrote);
      const bool none = wrote == 0 && done < pieces.front().size();
      while (!pieces.empty() && done >= pieces.front().size()) {
        done -= pieces.front().size();
        pieces = pieces.subspan(1);
      }
      if (none) return EIO;  // or this would go on for ever
    }
    return 0;
  }

  int sync() noexcept override {
#if defined(__APPLE__)
    return ::fcntl(descriptor_, F_FULLFSYNC) == 0 ? 0 : errno;
#else
    return ::fdatasync(descriptor_) == 0 ? 0 : errno;
#endif
  }

  int allocate(std::uint64_t bytes) noexcept override {
#if defined(__APPLE__)
    return resize(bytes);
#else
    int error = EINTR;
    while (error == EINTR) error = ::posix_fallocate(descriptor_, 0, static_cast<off_t>(bytes));
    return error;
#endif
  }

  int resize(std::uint64_t bytes) noexcept override {
    while (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) {
      if (errno != EINTR) return errno;
    }
    return 0;
  }

 private:
  static constexpr std::size_t kParts = 8;
  int descriptor_;
};

class LocalFiles final : public FileSystem {
 public:
  int create(const std::string& path, std::unique_ptr<LogFile>& file) noexcept override {
    return open_with(path, O_WRONLY | O_CREAT | O_EXCL, file);
  }
  int open(const std::string& path, std::unique_ptr<LogFile>& file) noexcept override {
    return open_with(path, O_WRONLY, file);
  }
  int rename(const std::string& from, const std::string& to) noexcept override {
    return std::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
  }
  int remove(const std::string& path) noexcept override {
    return std::remove(path.c_str()) == 0 ? 0 : errno;
  }
  int make_folder(const std::string& path) noexcept override {
    if (::mkdir(path.c_str(), 0700) == 0) return 0;
    const int error = errno;
    struct stat found = {};
    const bool there = error == EEXIST && ::stat(path.c_str(), &found) == 0;
    return there && S_ISDIR(found.st_mode) ? 0 : error;
  }
  int sync_folder(const std::string& path) noexcept override {
    const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return errno;
    const int error = ::fsync(folder) == 0 ? 0 : errno;
    ::close(folder);
    // Some file systems have no sync of folders and say so.
    return error == EINVAL ? 0 : error;
  }
  int free_bytes(const std::string& path, std::uint64_t& bytes) noexcept override {
    struct statvfs found = {};
    if (::statvfs(path.c_str(), &found) != 0) return errno;
    bytes = static_cast<std::uint64_t>(found.f_bavail) * found.f_frsize;
    return 0;
  }

 private:
  static int open_with(const std::string& path, int how, std::unique_ptr<LogFile>& file) noexcept {
    const int descriptor = ::open(path.c_str(), how | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0600);
    if (descriptor < 0) return errno;
    file.reset(new (std::nothrow) LocalFile(descriptor));
    if (file != nullptr) return 0;
    ::close(descriptor);
    return ENOMEM;
  }
};

// Locks of the open file, not of the process: an unrelated close() in this process keeps them, and
// GETLK asks without taking.
int lock_call(int descriptor, bool ask) noexcept {
#if defined(F_OFD_SETLK)
  struct flock whole = {};
  whole.l_type = ask ? F_RDLCK : F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(descriptor, ask ? F_OFD_GETLK : F_OFD_SETLK, &whole) != 0) {
    return errno == EACCES ? EAGAIN : errno;
  }
  return ask && whole.l_type != F_UNLCK ? EAGAIN : 0;
#else
  const int how = ask ? LOCK_SH : LOCK_EX;
  if (::flock(descriptor, how | LOCK_NB) != 0) return errno == EWOULDBLOCK ? EAGAIN : errno;
  return 0;
#endif
}

bool is_folder_of(const std::string& path, uid_t user) noexcept {
  struct stat found = {};
  return ::lstat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode) && found.st_uid == user &&
         (found.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

}  // namespace

FileSystem& local_files() noexcept {
  static LocalFiles files;
  return files;
}

bool is_own_folder(const std::string& path) noexcept {
  return is_folder_of(path, ::geteuid());
}

bool is_folder_of_same_user(const std::string& path, const std::string& like) noexcept {
  struct stat found = {};
  return ::stat(like.c_str(), &found) == 0 && is_folder_of(path, found.st_uid);
}

Writers writers_of(const std::string& path) noexcept {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) return Writers::owner;
  if ((found.st_mode & S_IWOTH) != 0) return Writers::everybody;
  return (found.st_mode & S_IWGRP) != 0 ? Writers::group : Writers::owner;
}

int keep_group_out(const std::string& path) noexcept {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) return errno;
  return ::chmod(path.c_str(), found.st_mode & mode_t{07777 & ~(S_IWGRP | S_IWOTH)}) == 0 ? 0
                                                                                          : errno;
}

int ReadFile::open(const std::string& path) noexcept {
  close();
  // Without O_NONBLOCK a pipe of that name would make the reader wait for its writer.
  const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (opened < 0) return errno;
  struct stat found = {};
  if (::fstat(opened, &found) != 0 || !S_ISREG(found.st_mode)) {
    ::close(opened);
    return EINVAL;
  }
  descriptor_ = opened;
  return 0;
}

void ReadFile::close() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

int ReadFile::read_at(std::uint64_t offset, std::span<char> into, std::size_t& got) const noexcept {
  got = 0;
  while (got < into.size()) {
    const ssize_t came = ::pread(descriptor_, into.data() + got, into.size() - got,
                                 static_cast<off_t>(offset + got));
    if (came < 0 && errno == EINTR) continue;
    if (came < 0) return errno;
    if (came == 0) return 0;
    got += static_cast<std::size_t>(came);
  }
  return 0;
}

int ReadFile::stat(std::uint64_t& bytes, std::uint64_t& changed_ns) const noexcept {
  struct stat found = {};
  if (::fstat(descriptor_, &found) != 0) return errno;
  bytes = static_cast<std::uint64_t>(found.st_size);
#if defined(__APPLE__)
  const timespec changed = found.st_mtimespec;
#else
  const timespec changed = found.st_mtim;
#endif
  changed_ns = static_cast<std::uint64_t>(changed.tv_sec) * 1'000'000'000U +
               static_cast<std::uint64_t>(changed.tv_nsec);
  return 0;
}

bool ReadFile::has_name() const noexcept {
  struct stat found = {};
  return ::fstat(descriptor_, &found) == 0 && found.st_nlink != 0;
}

int FileLock::take(const std::string& path) noexcept {
  if (is_held()) return EAGAIN;
  // A pipe of that name must not be waited for.
  const int opened =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (opened < 0) return errno;
  int error = lock_call(opened, false);
  // A lock on a file that somebody has removed meanwhile is one that nobody sees.
  struct stat held = {}, named = {};
  if (error == 0 && (::fstat(opened, &held) != 0 || ::lstat(path.c_str(), &named) != 0 ||
                     held.st_dev != named.st_dev || held.st_ino != named.st_ino)) {
    error = EAGAIN;
  }
  if (error != 0) {
    ::close(opened);
    return error;
  }
  descriptor_ = opened;
  return 0;
}

void FileLock::release() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

bool FileLock::is_taken(const std::string& path) noexcept {
  const int opened =
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
  if (opened < 0) return false;
  const bool taken = lock_call(opened, true) == EAGAIN;
  ::close(opened);
  return taken;
}

int list_folder(const std::string& path, std::size_t most, std::vector<std::string>& names) {
  names.clear();
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), &::closedir);
  if (folder == nullptr) return errno;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(folder.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (names.size() == most) return E2BIG;
    names.emplace_back(name);
  }
  if (errno != 0) return errno;
  std::sort(names.begin(), names.end());
  return 0;
}

#endif

}  // namespace mcpgov
