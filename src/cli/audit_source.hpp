// Reading all logs below a directory together, roughly in the order of time.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "audit/log_reader.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::cli {

// Of the frames of several logs the one of the earliest time, again and again. At most kOpen logs
// are open at once, the oldest first: where more were written at the same time, their order is that
// of their beginnings.
// Threads: one thread.
class LogMerge {
 public:
  static constexpr std::size_t kOpen = 64;
  // Errors: file_unreadable; audit_open where the directory has no logs.
  static Result<LogMerge> open(const std::string& directory);
  LogMerge(LogMerge&&) noexcept;
  LogMerge& operator=(LogMerge&&) noexcept;
  ~LogMerge();

  const std::vector<audit::LogEntry>& logs() const noexcept { return logs_; }
  // False: there is nothing more. log: an index of logs().
  bool next(std::size_t& log, audit::Frame& frame);
  // Where a log cannot be read any further, why; one for each such log.
  struct Damage {
    std::size_t log;
    Error error;
  };
  const std::vector<Damage>& damage() const noexcept { return damage_; }

 private:
  struct Open;
  explicit LogMerge(std::vector<audit::LogEntry> logs);
  void open_more();
  bool advance(Open& open);

  std::vector<audit::LogEntry> logs_;
  std::size_t opened_ = 0;
  std::vector<std::unique_ptr<Open>> open_;  // a heap by time
  std::vector<Damage> damage_;
  bool given_ = false;  // the top of the heap was handed out, and goes on with the next call
};

// Each line of a file, or of standard input for `-`, without its end. A line of more than 1 MiB is
// given in part, so that it is not understood rather than kept. Errors: file_unreadable.
Result<void> read_lines(const std::string& path, const std::function<void(std::string_view)>& line);

bool is_folder(const std::string& path);

}  // namespace mcpgov::cli
