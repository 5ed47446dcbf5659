// The logs of a directory, as sinks read them.
// Tested by tests/net/sinks_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <sys/stat.h>
#include <utility>

#include "audit/log_folder.hpp"
#include "net/sink_feed.hpp"

namespace mcpgov::net {

namespace {

class Tail final : public LogTail {
 public:
  explicit Tail(audit::LogReader reader) : reader_(std::move(reader)) {}
  audit::ReadState next(audit::Frame& frame) override { return reader_.next(frame); }
  const Error& error() const noexcept override { return reader_.error(); }

 private:
  audit::LogReader reader_;
};

class Logs final : public LogSource {
 public:
  explicit Logs(std::string directory) : directory_(std::move(directory)) {}

  Result<std::vector<audit::LogEntry>> logs() override { return audit::list_logs(directory_); }

  bool is_gone(const std::string& name) override {
    struct stat about = {};
    return stat((directory_ + "/" + name).c_str(), &about) != 0 && errno == ENOENT;
  }

  Result<std::unique_ptr<LogTail>> open(const audit::LogEntry& log, std::uint64_t seq) override {
    auto reader = audit::LogReader::open(log.folder, {seq});
    if (!reader) return reader.error();
    return std::unique_ptr<LogTail>(std::make_unique<Tail>(std::move(reader.value())));
  }

  std::string checkpoint(const audit::LogEntry& log) override {
    return audit::newest_note(audit::find_folders(log.folder));
  }

 private:
  const std::string directory_;
};

}  // namespace

std::unique_ptr<LogSource> logs_below(std::string directory) {
  return std::make_unique<Logs>(std::move(directory));
}

}  // namespace mcpgov::net
