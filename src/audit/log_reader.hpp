// Reading what logs have stored: one log, or all below a directory, also while they are written.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "audit/frame.hpp"
#include "audit/log_folder.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// Where a reader of one log goes on: the leaf to be read next.
struct Position {
  std::uint64_t seq = 1;
};

enum class ReadState : std::uint8_t {
  frame,    // there is one
  end,      // nothing more for now; ask again when the log has grown
  damaged,  // the bytes that follow cannot be relied on; error() says where and why
};

// The frames of one log, in order, from open and from compressed segments. Reads files that an
// attacker may have written: every length has a limit, and what does not fit is `damaged`.
// Threads: one thread at a time.
class LogReader {
 public:
  // log: the log's folder; where the log goes on elsewhere is found (find_folders), also later.
  // Errors: file_unreadable, audit_damaged.
  static Result<LogReader> open(const std::string& log, Position from = {});
  // Of these folders and no others. Errors: as above.
  static Result<LogReader> open(const LogFolders& log, Position from = {});
  LogReader(LogReader&&) noexcept;
  LogReader& operator=(LogReader&&) noexcept;
  ~LogReader();

  // The next frame of any type. Its payload lives until the next call.
  ReadState next(Frame& frame);
  // After damaged: goes on with the next frame that is whole, of this segment or of a later one,
  // wherever it stands in the order. False: there is none. Never for a verdict on the log.
  bool skip_damage();
  // The frame that next() gave last, as file, offset in the uncompressed segment, and segment.
  const std::string& segment_file() const noexcept;
  std::uint64_t offset() const noexcept;
  const SegmentHeader& segment() const noexcept;
  Position position() const noexcept;  // after the last leaf
  const Error& error() const noexcept;

  struct Parts;

 private:
  static Result<LogReader> start(std::unique_ptr<Parts> parts, Position from);
  explicit LogReader(std::unique_ptr<Parts> parts) noexcept;
  std::unique_ptr<Parts> parts_;
};

// The logs below a directory, oldest first. Errors: file_unreadable.
struct LogEntry {
  std::string name;            // `<boot>-<pid>-<uuid>`
  std::string folder;          // with the directory
  bool alive = false;          // a process has it open
  std::uint64_t begin_ns = 0;  // of its first segment; 0: not known
};
Result<std::vector<LogEntry>> list_logs(const std::string& directory);

}  // namespace mcpgov::audit
