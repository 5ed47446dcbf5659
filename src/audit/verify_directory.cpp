// All logs below a directory: each by itself, and what they say of each other.
// Tested by tests/audit/tamper_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "audit/frame_texts.hpp"
#include "audit/frame_walk.hpp"
#include "audit/log_folder.hpp"
#include "audit/log_judge.hpp"
#include "audit/log_reader.hpp"
#include "audit/segment_source.hpp"
#include "audit/verify.hpp"
#include "base/os_file.hpp"
#include "base/os_log_file.hpp"

namespace mcpgov::audit {
namespace {

using WitnessedLogs = std::map<std::string, std::vector<Witnessed>, std::less<>>;

// The log's config is its first record; where retention has removed that, it says nothing more.
bool first_config(const std::string& folder, ConfigText& out) {
  const LogFolders folders = find_folders(folder);
  const Result<std::vector<SegmentFile>> files = list_segments(folders);
  if (!files || files->empty()) return false;
  auto source = SegmentSource::open(folders.path_of(files->front()));
  SegmentHeader header;
  if (!source || source->read_header(header) != nullptr) return false;
  FrameWalk walk(*source, header.salt);
  Frame frame;
  const char* why = "";
  return walk.peek(frame, why) == FrameState::whole && frame.type == FrameType::config &&
         read_config(frame.payload, out);
}

WitnessedLogs witnessed_by(const std::vector<LogEntry>& logs) {
  WitnessedLogs out;
  for (const LogEntry& log : logs) {
    ConfigText config;
    if (!first_config(log.folder, config)) continue;
    for (const Sibling& each : config.siblings) {
      out[each.log].push_back({log.name, each.size, each.root});
    }
  }
  return out;
}

// Logs of which retention, or somebody else, has left no segment, but the newest checkpoint.
void add_empty_logs(const std::string& directory, std::vector<LogEntry>& logs) {
  std::set<std::string, std::less<>> listed;
  for (const LogEntry& log : logs) listed.insert(log.name);
  std::vector<std::string> names;
  if (list_folder(directory, kMaxLogs, names) != 0) return;
  for (const std::string& name : names) {
    const std::string folder = path_in(directory, name);
    if (listed.contains(name)) continue;
    if (read_plain_file(path_in(folder, "checkpoint"), kMaxNote))
      logs.push_back({name, folder, false});
  }
}

class Directory {
 public:
  explicit Directory(const VerifyOptions& options) : options_(options) {
    handed_in_ = open_handed_in(options, out_.findings);
  }

  Result<Verification> judge(const std::vector<LogEntry>& logs) {
    WitnessedLogs witnessed = witnessed_by(logs);
    for (const LogEntry& log : logs) {
      const auto said = witnessed.find(log.name);
      static const std::vector<Witnessed> kNothing;
      auto judged = judge_log(log.folder, options_, handed_in_,
                              said == witnessed.end() ? kNothing : said->second);
      if (!judged) return judged.error();
      out_.logs.push_back(std::move(*judged));
      if (said != witnessed.end()) witnessed.erase(said);
    }
    for (const auto& [name, by] : witnessed) report_vanished(name, by);
    find_origins();
    for (const LogVerification& log : out_.logs) {
      out_.problems += log.problems;
      out_.notices += log.notices;
    }
    out_.problems += out_.findings.size();
    return std::move(out_);
  }

 private:
  void report_vanished(const std::string& name, const std::vector<Witnessed>& by) {
    std::uint64_t size = 0;
    for (const Witnessed& each : by) size = std::max(size, each.size);
    out_.findings.push_back({Problem::vanished,
                             false,
                             name,
                             {},
                             0,
                             size == 0 ? 0U : 1U,
                             size,
                             "the log is not there; " + in_quotes(by.front().by) +
                                 " has seen it with " + std::to_string(size) + " records signed"});
  }

  // Checkpoints whose log is not there, and logs that are there twice.
  void find_origins() {
    std::map<std::string, std::string> folders;
    for (const LogVerification& log : out_.logs) {
      if (log.origin.empty()) continue;
      const auto [first, is_new] = folders.emplace(log.origin, log.name);
      if (is_new) continue;
      out_.findings.push_back({Problem::foreign,
                               false,
                               log.name,
                               {},
                               0,
                               0,
                               0,
                               "the log is that of the folder " + in_quotes(first->second)});
    }
    for (const Checkpoint& each : handed_in_) {
      if (folders.contains(each.origin)) continue;
      out_.findings.push_back({Problem::vanished,
                               false,
                               {},
                               {},
                               0,
                               1,
                               each.size,
                               "the log " + in_quotes(each.origin) +
                                   ", of which a checkpoint was handed in, is not there"});
    }
  }

  const VerifyOptions& options_;
  std::vector<Checkpoint> handed_in_;
  Verification out_;
};

}  // namespace

Result<Verification> verify_directory(const std::string& directory, const VerifyOptions& options) {
  Result<std::vector<LogEntry>> logs = list_logs(directory);
  if (!logs) return logs.error();
  add_empty_logs(directory, *logs);
  return Directory(options).judge(*logs);
}

}  // namespace mcpgov::audit
