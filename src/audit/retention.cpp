// Which segments may go, and the line that each leaves.
// Tested by tests/audit/retention_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/retention.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include "audit/frame_walk.hpp"
#include "audit/log_folder.hpp"
#include "audit/log_reader.hpp"
#include "audit/segment_index.hpp"
#include "audit/segment_source.hpp"
#include "base/json_writer.hpp"
#include "base/os_file.hpp"

namespace mcpgov::audit {

namespace {

constexpr std::uint64_t kDayNs = 86'400'000'000'000;

Error unavailable(const std::string& path, int error) {
  return {ErrorCode::audit_unavailable, "cannot write `" + path + "`: " + io_error_text(error),
          path, 0, 0};
}

std::uint64_t size_of(const std::string& path) {
  ReadFile file;
  std::uint64_t bytes = 0, changed_ns = 0;
  return file.open(path) == 0 && file.stat(bytes, changed_ns) == 0 ? bytes : 0;
}

bool exists(const std::string& path) {
  ReadFile file;
  return file.open(path) == 0;
}

// A segment that might go.
struct Candidate {
  std::size_t log = 0;
  std::string folder;  // the log's own or its spare one
  SegmentFile file;
  std::uint64_t last_seq = 0;
  std::uint64_t max_time_ns = 0;
  std::uint64_t bytes = 0;  // with its index

  std::string path() const { return path_in(folder, file.name()); }
  std::string index_path() const { return path_in(folder, name_of(file.first_seq, ".idx")); }
};

// What is told of a segment when it is gone: read from its end, where trailer and checkpoint are.
class Epitaph {
 public:
  static Result<std::string> write(const Candidate& candidate, std::uint64_t now_ns) {
    Epitaph epitaph;
    if (auto read = epitaph.read(candidate.path()); !read) return read.error();
    if (epitaph.trailer_.empty()) {
      return Error{ErrorCode::audit_damaged, "`" + epitaph.path_ + "` has no trailer",
                   epitaph.path_, 0, 0};
    }
    std::string line;
    JsonWriter json(line);
    const SegmentHeader& header = epitaph.header_;
    json.number("v", 1);
    json.string("kind", "retired");
    json.number("first_seq", header.first_seq);
    json.number("last_seq", candidate.last_seq);
    json.number("time_ns", now_ns);
    json.number("bytes", candidate.bytes);
    json.number("salt", header.salt);
    json.string("previous_segment", crypto::hex(header.previous_segment));
    json.string("settings", crypto::hex(header.settings));
    json.string("link", crypto::hex(segment_link(header, epitaph.trailer_)));
    json.raw("trailer", epitaph.trailer_);
    if (!epitaph.checkpoint_.empty()) json.string("checkpoint", epitaph.checkpoint_);
    json.finish();
    return line + '\n';
  }

 private:
  Result<void> read(std::string path) {
    path_ = std::move(path);
    auto source = SegmentSource::open(path_);
    if (!source) return source.error();
    if (const char* why = source->read_header(header_); why != nullptr) {
      if (source->error().code != ErrorCode::none) return source->error();
      return Error{ErrorCode::audit_damaged, "`" + path_ + "` is damaged: " + why, path_, 0, 0};
    }
    FrameWalk walk(*source, header_.salt);
    Frame frame;
    const char* why = "";
    while (walk.peek(frame, why) == FrameState::whole) {
      if (frame.type == FrameType::checkpoint) checkpoint_ = frame.payload;
      if (frame.type == FrameType::trailer) trailer_ = frame.payload;
      walk.pass(frame);
    }
    return {};
  }

  std::string path_;
  SegmentHeader header_;
  std::string trailer_, checkpoint_;
};

class Retiring {
 public:
  Retiring(FileSystem& files, const RetentionSettings& settings, std::uint64_t now_ns)
      : files_(files), settings_(settings), now_ns_(now_ns) {}

  Result<Retired> run(const std::string& directory) {
    auto logs = list_logs(directory);
    if (!logs) return logs.error();
    logs_ = std::move(*logs);
    held_.resize(logs_.size(), false);
    for (std::size_t each = 0; each < logs_.size(); ++each) list(each);
    // The oldest first, over all logs; within one they are in order, so that what is left of it
    // has no hole.
    std::stable_sort(
        candidates_.begin(), candidates_.end(),
        [](const Candidate& a, const Candidate& b) { return a.max_time_ns < b.max_time_ns; });
    for (const Candidate& each : candidates_) {
      if (!is_due(each)) continue;
      if (held_[each.log]) continue;
      if (!is_exported(each)) {
        held_[each.log] = true;
        done_.held_back = true;
        continue;
      }
      if (auto removed = remove(each); !removed) {
        held_[each.log] = true;
        if (error_.code == ErrorCode::none) error_ = removed.error();
      }
    }
    if (error_.code != ErrorCode::none) return error_;
    return done_;
  }

 private:
  // Segments of one log in order, up to the first that has to stay.
  void list(std::size_t log) {
    const LogEntry& entry = logs_[log];
    const LogFolders folders = find_folders(entry.folder);
    const auto segments = list_segments(folders);
    if (!segments) return;
    const bool quarantine = exists(path_in(entry.folder, "quarantine"));
    bool stays = quarantine;
    std::uint64_t latest = 0;
    for (std::size_t each = 0; each < segments->size(); ++each) {
      const SegmentFile& file = (*segments)[each];
      Candidate candidate{log, folders.of(file), file, 0, 0, 0};
      candidate.bytes = size_of(candidate.path()) + size_of(candidate.index_path());
      total_ += candidate.bytes;
      const bool newest = each + 1 == segments->size();
      stays = stays || (newest && entry.alive) || !measure(candidate);
      if (stays) continue;
      // A clock that was set back must not let a later segment go before an earlier one.
      candidate.max_time_ns = latest = std::max(latest, candidate.max_time_ns);
      candidates_.push_back(candidate);
    }
  }

  // Its index knows when the last record was; a segment without one is not closed, or is
  // being finished.
  static bool measure(Candidate& candidate) {
    SegmentHeader header;
    if (!read_header(candidate.path(), header)) return false;
    const auto index = SegmentIndex::open(candidate.index_path(), header);
    if (!index || !index->closed()) return false;
    candidate.last_seq = index->last_seq();
    candidate.max_time_ns = index->max_time_ns();
    return true;
  }

  bool is_due(const Candidate& candidate) const {
    const std::uint64_t keep_ns = settings_.days * kDayNs;
    const bool old =
        settings_.days != 0 && now_ns_ > keep_ns && candidate.max_time_ns < now_ns_ - keep_ns;
    return old || (settings_.bytes != 0 && total_ > settings_.bytes);
  }

  bool is_exported(const Candidate& candidate) const {
    if (settings_.exported == nullptr) return true;
    return settings_.exported(settings_.context, logs_[candidate.log].name) > candidate.last_seq;
  }

  Result<void> remove(const Candidate& candidate) {
    const std::string& folder = logs_[candidate.log].folder;
    auto line = Epitaph::write(candidate, now_ns_);
    if (!line) return line.error();
    const std::string retired = path_in(folder, "retired");
    std::string text;
    if (exists(retired)) {
      auto former = read_plain_file(retired, kMaxRetired);
      if (!former) return former.error();
      text = std::move(*former);
    }
    // A line may be there already, of a segment that could not be removed the last time.
    if (text.find("{\"v\":1,\"kind\":\"retired\",\"first_seq\":" +
                  std::to_string(candidate.file.first_seq) + ",") == std::string::npos) {
      text += *line;
      const int error = replace_durably(files_, retired, text);
      if (error != 0) return unavailable(retired, error);
    }
    const std::string path = candidate.path();
    if (const int error = files_.remove(path); error != 0) return unavailable(path, error);
    files_.remove(candidate.index_path());
    total_ -= std::min(total_, candidate.bytes);
    ++done_.segments;
    done_.bytes += candidate.bytes;
    const auto left = list_segments(find_folders(folder));
    if (left && left->empty()) ++done_.logs;
    return {};
  }

  FileSystem& files_;
  const RetentionSettings& settings_;
  std::uint64_t now_ns_;
  std::vector<LogEntry> logs_;
  std::vector<Candidate> candidates_;
  std::vector<bool> held_;  // of logs: nothing further is removed
  std::uint64_t total_ = 0;
  Retired done_;
  Error error_{ErrorCode::none, {}, {}, 0, 0};
};

}  // namespace

Result<Retired> retire_segments(FileSystem& files, const std::string& directory,
                                const RetentionSettings& settings, std::uint64_t now_ns) {
  return Retiring(files, settings, now_ns).run(directory);
}

}  // namespace mcpgov::audit
