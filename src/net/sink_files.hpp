// What a sink keeps below the directory of the logs: its lock, its places, what it rejected.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/result.hpp"

namespace mcpgov::net {

// `sinks/<name>.lock`, held by the one process that serves the sink; the system lets go of it when
// the process ends. A forked child does not hold it.
// Threads: one thread at a time.
class SinkLock {
 public:
  explicit SinkLock(std::string path);  // Throws: std::bad_alloc.
  SinkLock(const SinkLock&) = delete;
  SinkLock& operator=(const SinkLock&) = delete;
  ~SinkLock();

  // Never waits. True: it is ours.
  bool try_lock() noexcept;
  void unlock() noexcept;
  bool held() const noexcept { return descriptor_ >= 0; }

 private:
  std::string path_;
  int descriptor_ = -1;
};

// The files of one sink. Threads: one thread at a time. Throws: std::bad_alloc.
class SinkFiles {
 public:
  // directory: of the logs. Makes `sinks/` and `sinks/<name>/`, mode 0700. Errors: file_unreadable.
  static Result<SinkFiles> open(const std::string& directory, const std::string& name);

  const std::string& lock_path() const noexcept { return lock_path_; }

  // Seq of the last leaf of the log that the sink took; 0: none, or the file makes no sense.
  std::uint64_t cursor(std::string_view log) const;
  // All of the old or all of the new. Not synced: after a power failure records come twice at
  // worst. False: it cannot be written.
  bool move_cursor(std::string_view log, std::uint64_t seq) const;
  // The mark of mode `acked`: up to here the sink really has every message, whether it wanted it or
  // not. Stands behind the cursor for good where something was left out or refused.
  std::uint64_t acked(std::string_view log) const;
  bool move_acked(std::string_view log, std::uint64_t seq) const;
  // Both.
  void drop_cursor(std::string_view log) const;
  // Logs that have a cursor or a mark.
  std::vector<std::string> cursors() const;

  // A line of JSON in `rejected`, which grows up to 1 MiB; the log still holds the records.
  void reject(std::string_view log, std::uint64_t first, std::uint64_t last, std::uint64_t count,
              std::string_view why) const;

 private:
  std::string path_of(std::string_view log, std::string_view ending) const;
  bool write_number(std::string_view log, std::string_view ending, std::uint64_t seq) const;

  std::string folder_;
  std::string lock_path_;
};

}  // namespace mcpgov::net
