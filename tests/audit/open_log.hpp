// A log in a folder of its own, and reading back what is in one.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "audit/key_file.hpp"
#include "audit/log_open.hpp"
#include "audit/log_reader.hpp"
#include "audit/log_support.hpp"
#include "audit/verify.hpp"
#include "support/temporary_folder.hpp"

namespace mcpgov::test {

struct LogFolder {
  TemporaryFolder folder;
  audit::LogSettings settings;

  LogFolder() {
    settings.directory = folder.path("audit");
    settings.ring_directory = std::filesystem::exists("/dev/shm") ? "/dev/shm" : folder.path("");
    settings.ring_bytes = 16 << 20;
    settings.reserve_bytes = 1 << 20;
    settings.segment_bytes = 4 << 20;
    settings.sync_interval_us = 2000;
  }
  std::unique_ptr<audit::Log> open(FileSystem& files = local_files()) {
    auto log = audit::open_log(settings, files);
    if (!log) FAIL(log.error().text());
    return *std::move(log);
  }
};

// One record of a log as a reader sees it.
struct ReadFrame {
  std::uint64_t seq;
  audit::FrameType type;
  std::uint16_t flags;
  nlohmann::json json;
};

// Every leaf of every log below the directory, in order; damage is a failure.
inline std::vector<ReadFrame> read_leaves(const std::string& directory) {
  std::vector<ReadFrame> out;
  const auto logs = audit::list_logs(directory);
  if (!logs) FAIL(logs.error().text());
  for (const audit::LogEntry& entry : *logs) {
    auto reader = audit::LogReader::open(entry.folder);
    if (!reader) FAIL(reader.error().text());
    audit::Frame frame;
    for (;;) {
      const audit::ReadState state = reader->next(frame);
      if (state == audit::ReadState::damaged) FAIL(reader->error().text());
      if (state != audit::ReadState::frame) break;
      if (!audit::is_leaf(frame.type)) continue;
      out.push_back({frame.seq, frame.type, frame.flags, nlohmann::json::parse(frame.payload)});
    }
  }
  return out;
}

// Final events by id; an id that occurs twice is a failure.
inline std::map<std::string, nlohmann::json> read_events(const std::string& directory) {
  std::map<std::string, nlohmann::json> out;
  for (ReadFrame& frame : read_leaves(directory)) {
    if (frame.type != audit::FrameType::event) continue;
    const std::string id = frame.json["id"];
    if (!out.emplace(id, std::move(frame.json)).second) FAIL("twice: " << id);
  }
  return out;
}

inline audit::Verification verify(const audit::LogSettings& settings) {
  auto keys = audit::read_verifier_keys(settings.directory + "/signing.vkey");
  if (!keys) FAIL(keys.error().text());
  audit::VerifyOptions options;
  options.keys = *keys;
  auto verified = audit::verify_directory(settings.directory, options);
  if (!verified) FAIL(verified.error().text());
  return *std::move(verified);
}

// Everything is as it was written, and signed; says what is not.
inline void check_intact(const audit::LogSettings& settings) {
  const audit::Verification verified = verify(settings);
  CHECK(verified.problems == 0);
  const auto show = [](const std::vector<audit::Finding>& findings) {
    for (const audit::Finding& finding : findings) {
      if (!finding.notice) MESSAGE(finding.message << " (" << finding.file << ")");
    }
  };
  show(verified.findings);
  for (const audit::LogVerification& log : verified.logs) show(log.findings);
}

// Begins and ends one record.
inline ErrorCode write_record(audit::Log& log, std::uint64_t number, std::uint64_t group = 0) {
  audit::Record record;
  const std::string id = id_of(number, group);
  record.id = id;
  record.time_us = 1763620000000000 + number;
  record.server = "shop";
  record.method = "tools/call";
  record.target = "read";
  record.target_kind = "tool";
  record.tool_class = audit::ToolClass::read_only;
  record.allowed = record.decision = true;
  audit::Completion completion;
  completion.outcome = audit::Outcome::completed;
  completion.latency_ns = 1000 + number;
  audit::Ticket ticket;
  const ErrorCode code = log.begin(record, nullptr, ticket);
  if (code == ErrorCode::none) log.end(ticket, completion);
  return code;
}

}  // namespace mcpgov::test
