// Files as a log needs them: made for one writer, filled at places, synced, and never trusted.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcpgov {

// Functions here return 0, or the system's number of what went wrong (errno), unless they say
// otherwise. This is its sentence.
std::string io_error_text(int error);

// A file open for writing. Virtual, so that a test can make a disk fail; called per batch.
// Threads: one thread.
class LogFile {
 public:
  LogFile() = default;
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  virtual ~LogFile();

  // Writes all pieces, one behind the other, or says why only some of their bytes are there.
  virtual int write_at(std::uint64_t offset, std::span<const std::string_view> pieces) noexcept = 0;
  // fdatasync(2); on macOS F_FULLFSYNC, because fsync leaves bytes in the drive there. After it
  // failed the kernel may have dropped the bytes and report success the next time: never go on.
  virtual int sync() noexcept = 0;
  // Takes the space, so that a later write into it needs none. What is not written reads as zeros.
  virtual int allocate(std::uint64_t bytes) noexcept = 0;
  // Cuts the file, or grows it with zeros.
  virtual int resize(std::uint64_t bytes) noexcept = 0;
};

// Threads: thread-safe.
class FileSystem {
 public:
  FileSystem() = default;
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;
  virtual ~FileSystem();

  // A new file of mode 0600; EEXIST where there is one, also as a link.
  virtual int create(const std::string& path, std::unique_ptr<LogFile>& file) noexcept = 0;
  // One that exists, for writing; links are not followed (ELOOP).
  virtual int open(const std::string& path, std::unique_ptr<LogFile>& file) noexcept = 0;
  // Replaces what is there.
  virtual int rename(const std::string& from, const std::string& to) noexcept = 0;
  virtual int remove(const std::string& path) noexcept = 0;
  // Mode 0700. It may exist (then its mode stays); folders above it must.
  virtual int make_folder(const std::string& path) noexcept = 0;
  // Makes names durable: after create, rename, remove.
  virtual int sync_folder(const std::string& path) noexcept = 0;
  // What an ordinary process may still write to the file system that holds path.
  virtual int free_bytes(const std::string& path, std::uint64_t& bytes) noexcept = 0;
};

// Whether this is a folder, not a link to one, that belongs to this user and that nobody else can
// write into.
bool is_own_folder(const std::string& path) noexcept;
// The same of the user that the folder `like` belongs to.
bool is_folder_of_same_user(const std::string& path, const std::string& like) noexcept;
// Who can write into the folder.
enum class Writers { owner, group, everybody };
Writers writers_of(const std::string& path) noexcept;
// Takes the right to write from the group of a folder; EPERM where it is another user's.
int keep_group_out(const std::string& path) noexcept;

// Of this machine. Static storage.
FileSystem& local_files() noexcept;

// Writes `bytes` beside `path`, syncs, puts it in place, and syncs the folder. Throws: bad_alloc.
int replace_durably(FileSystem& files, const std::string& path, std::string_view bytes);

// A file open for reading at places. Not mapped: a file that another cuts meanwhile, or a disk
// that fails, would end the process (SIGBUS). Threads: thread-safe but for open and close.
class ReadFile {
 public:
  ReadFile() = default;
  ReadFile(ReadFile&& other) noexcept;
  ReadFile& operator=(ReadFile&& other) noexcept;
  ~ReadFile();

  // Only plain files (EINVAL); never waits.
  int open(const std::string& path) noexcept;
  void close() noexcept;
  bool is_open() const noexcept { return descriptor_ >= 0; }
  // got: fewer than asked for only at the end of the file.
  int read_at(std::uint64_t offset, std::span<char> into, std::size_t& got) const noexcept;
  // Bytes, and the time of its last change in nanoseconds since 1970.
  int stat(std::uint64_t& bytes, std::uint64_t& changed_ns) const noexcept;
  // False once it was removed, or replaced by another.
  bool has_name() const noexcept;

 private:
  int descriptor_ = -1;
};

// A lock of a whole file that ends with the process, or with the last copy of the descriptor: a
// forked child must release() its copy. Threads: one thread.
class FileLock {
 public:
  FileLock() = default;
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock() { release(); }

  // Makes the file (0600) where it is missing and never waits: EAGAIN when another has it, also
  // another FileLock of this process.
  int take(const std::string& path) noexcept;
  // Closes this descriptor. Without copies elsewhere, the lock is gone.
  void release() noexcept;
  bool is_held() const noexcept { return descriptor_ >= 0; }

  // Whether somebody has it, without taking it. False also where there is no such file.
  static bool is_taken(const std::string& path) noexcept;

 private:
  int descriptor_ = -1;
};

// Names in a folder, without `.` and `..`, sorted; at most `most` of them (E2BIG beyond).
// Throws: std::bad_alloc.
int list_folder(const std::string& path, std::size_t most, std::vector<std::string>& names);

}  // namespace mcpgov
