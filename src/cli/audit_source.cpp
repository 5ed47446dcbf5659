// Many logs as one.
// Tested by tests/cli/audit_source_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "cli/lines.hpp"

namespace mcpgov::cli {

using audit::Frame;
using audit::LogReader;
using audit::ReadState;

struct LogMerge::Open {
  std::size_t log = 0;
  LogReader reader;
  Frame frame;
};

namespace {

// For a heap whose top is the earliest; of the same time the older log's.
constexpr auto kLater = [](const auto& a, const auto& b) {
  return a->frame.time_ns != b->frame.time_ns ? a->frame.time_ns > b->frame.time_ns
                                              : a->log > b->log;
};

}  // namespace

LogMerge::LogMerge(std::vector<audit::LogEntry> logs) : logs_(std::move(logs)) {}
LogMerge::LogMerge(LogMerge&&) noexcept = default;
LogMerge& LogMerge::operator=(LogMerge&&) noexcept = default;
LogMerge::~LogMerge() = default;

Result<LogMerge> LogMerge::open(const std::string& directory) {
  auto logs = audit::list_logs(directory);
  if (!logs) return logs.error();
  if (logs->empty()) {
    return Error{ErrorCode::audit_open, "there are no logs below it", directory, 0, 0};
  }
  LogMerge out(*std::move(logs));
  out.open_more();
  return out;
}

// False: the log has nothing more.
bool LogMerge::advance(Open& open) {
  const ReadState state = open.reader.next(open.frame);
  if (state == ReadState::damaged) damage_.push_back({open.log, open.reader.error()});
  return state == ReadState::frame;
}

void LogMerge::open_more() {
  while (open_.size() < kOpen && opened_ < logs_.size()) {
    const std::size_t log = opened_++;
    auto reader = LogReader::open(logs_[log].folder);
    if (!reader) {
      damage_.push_back({log, reader.error()});
      continue;
    }
    auto open = std::make_unique<Open>(Open{log, *std::move(reader), {}});
    if (!advance(*open)) continue;
    open_.push_back(std::move(open));
    std::push_heap(open_.begin(), open_.end(), kLater);
  }
}

bool LogMerge::next(std::size_t& log, Frame& frame) {
  if (given_) {
    given_ = false;
    std::pop_heap(open_.begin(), open_.end(), kLater);
    if (advance(*open_.back())) {
      std::push_heap(open_.begin(), open_.end(), kLater);
    } else {
      open_.pop_back();
      open_more();
    }
  }
  if (open_.empty()) return false;
  given_ = true;
  log = open_.front()->log;
  frame = open_.front()->frame;
  return true;
}

Result<void> read_lines(const std::string& path,
                        const std::function<void(std::string_view)>& line) {
  constexpr std::size_t kLine = std::size_t{1} << 20;
  std::FILE* file = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  if (file == nullptr) {
    return Error{ErrorCode::file_unreadable, std::generic_category().message(errno), path, 0, 0};
  }
  Lines lines(kLine);
  std::vector<char> piece(std::size_t{1} << 16);
  std::string_view text;
  for (std::size_t got; (got = std::fread(piece.data(), 1, piece.size(), file)) != 0;) {
    lines.feed({piece.data(), got});
    while (lines.next(text)) line(text);
  }
  if (lines.rest(text)) line(text);
  const bool failed = std::ferror(file) != 0;
  if (file != stdin) std::fclose(file);
  if (failed) return Error{ErrorCode::file_unreadable, "it cannot be read", path, 0, 0};
  return {};
}

bool is_folder(const std::string& path) {
  std::error_code none;
  return std::filesystem::is_directory(path, none);
}

}  // namespace mcpgov::cli
