// Memory that outlives the process, by mmap of a file.
// Tested by tests/base/shared_memory_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "base/os_shared_memory.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#endif
#if defined(__linux__)
#include <sys/vfs.h>
#endif

namespace mcpgov {

namespace {

Error cannot(ErrorCode code, const char* what, const std::string& path, int cause) {
  return {code, std::string("cannot ") + what + " `" + path + "`: " + std::strerror(cause), path, 0,
          0};
}

}  // namespace

SharedMemory::SharedMemory(SharedMemory&& other) noexcept {
  *this = std::move(other);
}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
  std::swap(begin_, other.begin_);
  std::swap(size_, other.size_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(on_memory_, other.on_memory_);
  path_.swap(other.path_);
  return *this;
}

SharedMemory::~SharedMemory() {
  release();
}

#if defined(_WIN32)

Result<SharedMemory> SharedMemory::create(const std::string& path, std::size_t) {
  return cannot(ErrorCode::audit_open, "share", path, ENOSYS);
}
bool SharedMemory::take(std::size_t, std::size_t) noexcept {
  return false;
}
void SharedMemory::remove() noexcept {}
void SharedMemory::forget() noexcept {}
void SharedMemory::release() noexcept {}
Result<LeftMemory> LeftMemory::open(const std::string& path) {
  return cannot(ErrorCode::file_unreadable, "read", path, ENOSYS);
}
LeftMemory::LeftMemory(LeftMemory&&) noexcept {}
LeftMemory& LeftMemory::operator=(LeftMemory&&) noexcept {
  return *this;
}
LeftMemory::~LeftMemory() = default;
bool LeftMemory::read(std::uint64_t, char*, std::size_t) const noexcept {
  return false;
}

#else

namespace {

bool is_memory([[maybe_unused]] int descriptor) noexcept {
#if defined(__linux__)
  // statfs(2): f_type of tmpfs and ramfs.
  constexpr unsigned long kTmpfs = 0x01021994;
  constexpr unsigned long kRamfs = 0x858458f6;
  struct statfs facts = {};
  if (::fstatfs(descriptor, &facts) != 0) return false;
  const auto type = static_cast<unsigned long>(facts.f_type) & 0xffffffffU;
  return type == kTmpfs || type == kRamfs;
#else
  return false;
#endif
}

}  // namespace

Result<SharedMemory> SharedMemory::create(const std::string& path, std::size_t bytes) {
  SharedMemory made;
  made.descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (made.descriptor_ < 0) return cannot(ErrorCode::audit_open, "create", path, errno);
  made.path_ = path;
  void* at = MAP_FAILED;
  if (::ftruncate(made.descriptor_, static_cast<off_t>(bytes)) == 0) {
    at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, made.descriptor_, 0);
  }
  if (at == MAP_FAILED) {
    const int cause = errno;
    made.remove();
    return cannot(ErrorCode::audit_open, "map", path, cause);
  }
  made.begin_ = static_cast<char*>(at);
  made.size_ = bytes;
  made.on_memory_ = is_memory(made.descriptor_);
  // Where the kernel knows neither, dumps are larger and a child must be careful by itself.
#if defined(MADV_DONTDUMP)
  (void)::madvise(at, bytes, MADV_DONTDUMP);
#endif
#if defined(MADV_DONTFORK)
  (void)::madvise(at, bytes, MADV_DONTFORK);
#endif
  return made;
}

bool SharedMemory::take(std::size_t offset, std::size_t bytes) noexcept {
  if (offset > size_ || bytes > size_ - offset) return false;
#if defined(__APPLE__)
  // A hole that the system cannot fill is only noticed by touching it; writing says so instead.
  constexpr char kZeros[4096] = {};
  for (std::size_t at = 0; at < bytes; at += sizeof kZeros) {
    const auto place = static_cast<off_t>(offset + at);
    if (::pwrite(descriptor_, kZeros, sizeof kZeros, place) != ssize_t{sizeof kZeros}) return false;
  }
#else
  int failed = EINTR;
  while (failed == EINTR) {
    failed = ::posix_fallocate(descriptor_, static_cast<off_t>(offset), static_cast<off_t>(bytes));
  }
  if (failed != 0) return false;
#endif
  // Both also enter the pages into the page table, so that nobody waits for that later.
  if (::mlock(begin_ + offset, bytes) == 0) return true;
#if defined(MADV_POPULATE_WRITE)
  (void)::madvise(begin_ + offset, bytes, MADV_POPULATE_WRITE);
#elif defined(__linux__)
  (void)::madvise(begin_ + offset, bytes, 23);  // MADV_POPULATE_WRITE of Linux 5.14
#endif
  return true;
}

void SharedMemory::remove() noexcept {
  if (!path_.empty()) (void)::unlink(path_.c_str());
  path_.clear();
}

void SharedMemory::forget() noexcept {
#if !defined(MADV_DONTFORK)
  if (begin_ != nullptr) (void)::munmap(begin_, size_);
#endif
  // Nothing is mapped there, or by now something else is.
  begin_ = nullptr;
  size_ = 0;
  path_.clear();
  release();
}

void SharedMemory::release() noexcept {
  if (begin_ != nullptr) (void)::munmap(begin_, size_);
  if (descriptor_ >= 0) (void)::close(descriptor_);
  begin_ = nullptr;
  size_ = 0;
  descriptor_ = -1;
}

Result<LeftMemory> LeftMemory::open(const std::string& path) {
  LeftMemory left;
  // Without O_NONBLOCK a pipe put there by somebody would make us wait for its writer.
  left.descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (left.descriptor_ < 0) return cannot(ErrorCode::file_unreadable, "read", path, errno);
  struct stat facts = {};
  if (::fstat(left.descriptor_, &facts) != 0) {
    return cannot(ErrorCode::file_unreadable, "read", path, errno);
  }
  const bool ours = facts.st_uid == ::geteuid() || ::geteuid() == 0;
  if (!S_ISREG(facts.st_mode) || !ours) {
    return cannot(ErrorCode::file_unreadable, "trust", path, EPERM);
  }
  left.size_ = static_cast<std::uint64_t>(facts.st_size);
  return left;
}

LeftMemory::LeftMemory(LeftMemory&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

LeftMemory& LeftMemory::operator=(LeftMemory&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

LeftMemory::~LeftMemory() {
  if (descriptor_ >= 0) (void)::close(descriptor_);
}

bool LeftMemory::read(std::uint64_t offset, char* to, std::size_t bytes) const noexcept {
  while (bytes > 0) {
    const ssize_t got = ::pread(descriptor_, to, bytes, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    offset += static_cast<std::uint64_t>(got);
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

#endif

}  // namespace mcpgov
