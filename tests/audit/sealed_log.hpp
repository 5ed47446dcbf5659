// A real log, sealed by a signer, and its segments taken apart and put together again as somebody
// would who wants to change it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "audit/checkpoint.hpp"
#include "audit/log_frames.hpp"
#include "audit/segment_support.hpp"
#include "audit/verify.hpp"
#include "base/os_time.hpp"
#include "support/temporary_folder.hpp"

namespace mcpgov::test {

// An event of the time that the next frame of the log has.
inline std::string timely_event(const LogMaker& log, std::uint64_t number) {
  constexpr std::string_view kTime = "2026-11-20T08:24:32.664720Z";
  std::string text = event_text(number);
  char time[kTimestampSize];
  write_timestamp((log.time_ns() + 1'000'000) / 1000, time);
  return text.replace(text.find(kTime), kTime.size(), time, sizeof time);
}

inline audit::Signer signer_of(char seed) {
  auto signer = audit::Signer::from_seed(std::string(32, seed));
  REQUIRE(signer.has_value());
  return *signer;
}

struct StoredFrame {
  audit::FrameType type = audit::FrameType::event;
  std::uint64_t seq = 0;
  std::uint64_t time_ns = 0;
  std::string payload;
};

struct StoredSegment {
  std::string path;
  audit::SegmentHeader header;
  std::vector<StoredFrame> frames;
};

// Of a raw segment that is whole.
inline StoredSegment take_apart(const std::string& path) {
  StoredSegment out;
  out.path = path;
  const std::string bytes = text_of(path);
  REQUIRE(audit::parse_segment_header(bytes, out.header) == nullptr);
  for (std::size_t at = audit::kSegmentHeader; at < bytes.size();) {
    audit::Frame frame;
    const char* why = "";
    const auto state =
        audit::parse_frame(std::string_view(bytes).substr(at), out.header.salt, frame, why);
    if (state != audit::FrameState::whole) break;
    out.frames.push_back({frame.type, frame.seq, frame.time_ns, std::string(frame.payload)});
    at += audit::frame_size(frame.payload.size());
  }
  return out;
}

// With right checksums; everything else as it is told.
inline void put_together(const StoredSegment& segment) {
  std::string bytes;
  append_segment_header(bytes, segment.header);
  for (const StoredFrame& each : segment.frames) {
    audit::append_frame(bytes, {each.seq, each.time_ns, each.type, 0, each.payload},
                        segment.header.salt);
  }
  std::ofstream(segment.path, std::ios::binary | std::ios::trunc) << bytes;
}

// Three segments of 20 events each, of which all but the last are sealed late, as a process does
// it that writes on while it signs: 63 records with config and heartbeats.
class SealedLog {
 public:
  static constexpr std::uint64_t kRecords = 63;

  explicit SealedLog(const std::string& directory, const std::string& name = "boot-1-log",
                     std::vector<audit::Sibling> siblings = {}, char seed = 's')
      : name_(name), folder_(directory + "/" + name), signer_(signer_of(seed)) {
    LogMaker maker(folder_, local_files(), 1 << 20, origin());
    audit::LogSettings settings;
    settings.origin = "test.example";
    maker.add(config_payload(settings, {0, name, {}, std::move(siblings)}),
              audit::FrameType::config);
    for (int segment = 0; segment < 3; ++segment) {
      for (std::uint64_t each = 0; each < 20; ++each) {
        maker.add(timely_event(maker, static_cast<std::uint64_t>(segment) * 100 + each));
        if (each == 4) REQUIRE(maker.sync());
        if (each == 4) due_ = {origin(), maker.tree().size(), maker.tree().root()};
        if (each == 7) seal(maker);
        if (each == 18) due_ = {origin(), maker.tree().size(), maker.tree().root()};
        if (each == 2 && segment > 0) seal(maker);
      }
      if (segment == 2) break;
      maker.add(R"({"v":1,"kind":"heartbeat"})", audit::FrameType::heartbeat);
      maker.close_segment();
    }
    due_ = {origin(), maker.tree().size(), maker.tree().root()};
    seal(maker);
    maker.close_segment();
    REQUIRE(maker.tree().size() == kRecords);
    root_ = maker.tree().root();
    checkpoint_ = text_of(folder_ + "/checkpoint");
  }

  std::string origin() const { return "test.example/" + name_; }
  const std::string& name() const { return name_; }
  const std::string& folder() const { return folder_; }
  // The newest signed note, as it was kept elsewhere.
  const std::string& checkpoint() const { return checkpoint_; }
  const audit::Digest& root() const { return root_; }
  const audit::Signer& signer() const { return signer_; }

  std::vector<std::string> paths() const {
    const auto files = audit::list_segments(folder_);
    REQUIRE(files.has_value());
    std::vector<std::string> out;
    for (const audit::SegmentFile& file : *files) out.push_back(folder_ + "/" + file.name());
    return out;
  }

  audit::VerifyOptions options() const {
    audit::VerifyOptions out;
    out.keys = {{"test.example", signer_.public_key()}};
    return out;
  }

 private:
  void seal(LogMaker& maker) {
    const std::string note = signer_.sign(due_);
    maker.note(audit::FrameType::checkpoint, note);
    REQUIRE(maker.write());
    std::ofstream(folder_ + "/checkpoint", std::ios::trunc) << note;
  }

  std::string name_;
  std::string folder_;
  audit::Signer signer_;
  audit::Checkpoint due_;
  std::string checkpoint_;
  audit::Digest root_ = {};
};

}  // namespace mcpgov::test
