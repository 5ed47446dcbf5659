// Reading what a sink has not taken yet from all logs below a directory.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "audit/log_reader.hpp"
#include "mcpgov/net.hpp"
#include "net/sink_batch.hpp"
#include "net/sink_files.hpp"

namespace mcpgov::net {

// One log from a place on.
class LogTail {
 public:
  virtual ~LogTail() = default;
  // See audit::LogReader.
  virtual audit::ReadState next(audit::Frame& frame) = 0;
  virtual const Error& error() const noexcept = 0;
};

// The logs as a sink sees them; tests have others than those of the disk.
// Threads: one thread at a time.
class LogSource {
 public:
  virtual ~LogSource() = default;
  virtual Result<std::vector<audit::LogEntry>> logs() = 0;
  // Whether there is no such log. One that cannot be looked at may be missing in logs() for a
  // while.
  virtual bool is_gone(const std::string& name) = 0;
  virtual Result<std::unique_ptr<LogTail>> open(const audit::LogEntry& log, std::uint64_t seq) = 0;
  // The newest signed note of a log; empty: none yet.
  virtual std::string checkpoint(const audit::LogEntry& log) = 0;
};

// The logs of a directory.
std::unique_ptr<LogSource> logs_below(std::string directory);

// Gives out batches of all logs in turn, each log in its order. Two places for each log: read is
// how far batches were given out, taken how far the sink has them.
// Threads: one thread at a time. Throws: std::bad_alloc.
class SinkFeed {
 public:
  // settings, files: borrowed. skip_control, skip_intents: records of the log about itself, and of
  // calls that are about to run, are left out, for projections that have no form for them.
  SinkFeed(const SinkSettings& settings, const SinkFiles& files, std::unique_ptr<LogSource> source,
           bool skip_control, bool skip_intents = false);
  ~SinkFeed();

  // Looks for new checkpoints, and now and then for new logs, always when list is set. Empty: it
  // worked; otherwise what could not be read.
  std::string refresh(bool list = true);

  // The next batch of any log. False: there is none until the logs have grown and refresh() has
  // seen it. A batch may be without records, where all were filtered out.
  bool next(Batch& batch);

  // The sink has taken this log up to here: moves the cursor. whole: it has every message up to
  // there, so that the mark of mode `acked` moves, too, unless one before was left out: then the
  // mark stays for good, because whoever waits for that message must not go on. False: a file
  // cannot be written.
  bool taken(std::string_view log, std::uint64_t seq, bool whole);

  // Reads again from what was taken.
  void rewind();

  // Whoever wants to have all that is there now has to wait for the checkpoint that covers it:
  // looks which logs have such records. awaits_seal: whether one of them, while its process lives,
  // has made none since.
  void await_seal();
  bool awaits_seal() const noexcept;

  // When the oldest record that was not taken was stored, as far as is known; 0: all are taken.
  std::uint64_t oldest_ns() const noexcept;

  // A log that cannot be read on, or lacks records that were never taken; empty: none.
  std::string_view trouble() const noexcept;

 private:
  struct Log;
  Log* find(std::string_view name) noexcept;
  std::string list_logs();
  void look_at(Log& log);
  bool open(Log& log);
  bool read_ahead(Log& log);
  bool fill(Log& log, Batch& batch);
  bool wanted(const audit::Frame& frame) const noexcept;

  const SinkSettings& settings_;
  const SinkFiles& files_;
  std::unique_ptr<LogSource> source_;
  const bool skip_control_, skip_intents_;
  std::vector<std::unique_ptr<Log>> logs_;
  std::size_t turn_ = 0;
  std::uint64_t round_ = 0;
  std::string unlisted_;  // why the logs could not be listed
};

}  // namespace mcpgov::net
