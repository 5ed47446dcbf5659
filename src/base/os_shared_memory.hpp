// Memory that outlives the process: a file, mapped for writing, and read again after a crash.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "mcpgov/result.hpp"

namespace mcpgov {

// A new file of this process alone, mapped as shared memory, so that what is stored there is in the
// kernel's hands at once and survives the process (not the machine). Left out of core dumps. A
// forked child has nothing at these addresses: it cannot write into what is its parent's.
// Threads: as an array of char; take() from any.
class SharedMemory {
 public:
  // Makes the file, which must not exist, with mode 0600. It takes no memory before take().
  // Errors: audit_open (names the path and the cause).
  static Result<SharedMemory> create(const std::string& path, std::size_t bytes);

  SharedMemory() = default;
  SharedMemory(SharedMemory&& other) noexcept;
  SharedMemory& operator=(SharedMemory&& other) noexcept;
  // Unmaps; the file stays.
  ~SharedMemory();

  char* begin() const noexcept { return begin_; }
  std::size_t size() const noexcept { return size_; }
  const std::string& path() const noexcept { return path_; }

  // Takes memory for a range of whole pages, and locks it where the system allows that: touching
  // it afterwards cannot fail and does not wait. False: there is none, and touching it would end
  // the process.
  bool take(std::size_t offset, std::size_t bytes) noexcept;

  // Whether the file is memory itself (tmpfs, ramfs), so that its bytes never reach a disk but by
  // swapping.
  bool on_memory() const noexcept { return on_memory_; }

  // Removes the file's name.
  void remove() noexcept;
  // In a forked child: lets go of what belongs to the parent.
  void forget() noexcept;

 private:
  void release() noexcept;

  char* begin_ = nullptr;
  std::size_t size_ = 0;
  int descriptor_ = -1;
  bool on_memory_ = false;
  std::string path_;
};

// The file of a dead process, for reading. It is read, not mapped: whoever shortens it meanwhile
// cannot end this process.
// Threads: one thread.
class LeftMemory {
 public:
  // Errors: file_unreadable: absent, not a regular file, or of another user
  // (which root may read).
  static Result<LeftMemory> open(const std::string& path);
  LeftMemory(LeftMemory&& other) noexcept;
  LeftMemory& operator=(LeftMemory&& other) noexcept;
  ~LeftMemory();

  std::uint64_t size() const noexcept { return size_; }
  // False: there are not that many bytes there, or they cannot be read.
  bool read(std::uint64_t offset, char* to, std::size_t bytes) const noexcept;

 private:
  LeftMemory() = default;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace mcpgov
