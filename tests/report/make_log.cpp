// Writes a signed log of events that come as JSON lines, as the process would have that saw them:
// for tests and demonstrations of the commands that read logs.
//
// usage: make_audit_log DIRECTORY [NAME [SEGMENT_BYTES]] < events.jsonl
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>

#include "audit/checkpoint.hpp"
#include "audit/key_file.hpp"
#include "audit/log_folder.hpp"
#include "audit/log_frames.hpp"
#include "audit/segment_writer.hpp"
#include "audit/tree.hpp"
#include "base/os_log_file.hpp"
#include "cli/report_event.hpp"

namespace {

using namespace mcpgov;

constexpr std::uint64_t kHeartbeatNs = 60'000'000'000;
constexpr std::uint64_t kSealed = 500;  // records between checkpoints

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "make_audit_log: %s\n", why.c_str());
  std::exit(1);
}

class Maker {
 public:
  Maker(std::string folder, std::string name, std::uint64_t segment_bytes, audit::Signer signer)
      : folder_(std::move(folder)), segment_bytes_(segment_bytes), signer_(std::move(signer)) {
    header_.origin = "demo.example/audit/" + name;
    for (std::size_t i = 0; i < header_.log_uuid.size(); ++i) {
      header_.log_uuid[i] = static_cast<std::uint8_t>(i < name.size() ? name[i] : 'x');
    }
    if (local_files().make_folder(folder_) != 0) stop("the folder cannot be made");
  }

  void add(std::uint64_t time_ns, audit::FrameType type, const std::string& payload) {
    if (payload.empty() || payload.size() > audit::kMaxPayload) stop("an event is too long");
    if (writer_ && writer_->room() < batch_.size() + audit::frame_size(payload.size()) + 8192) {
      seal(time_ns);
      close(time_ns);
    }
    if (!writer_) begin(time_ns);
    time_ns_ = time_ns;
    tree_.append(audit::leaf_hash(payload));
    if (first_ns_ == 0) first_ns_ = time_ns;
    audit::append_frame(batch_, {tree_.size(), time_ns, type, 0, payload}, header_.salt);
    if (tree_.size() % kSealed == 0) seal(time_ns);
  }

  void seal(std::uint64_t time_ns) {
    write();
    if (!writer_->sync()) stop("sync failed");
    const std::string note = signer_.sign({header_.origin, tree_.size(), tree_.root()});
    audit::append_frame(batch_, {tree_.size(), time_ns, audit::FrameType::checkpoint, 0, note},
                        header_.salt);
    write();
    if (replace_durably(local_files(), audit::path_in(folder_, "checkpoint"), note) != 0) {
      stop("the checkpoint cannot be written");
    }
  }

  void close(std::uint64_t time_ns) {
    write();
    const std::string payload = audit::trailer_payload(
        {header_.first_seq, tree_.size(), first_ns_, time_ns_, time_ns, tree_.root()});
    std::string frame;
    audit::append_frame(frame, {tree_.size(), time_ns, audit::FrameType::trailer, 0, payload},
                        header_.salt);
    if (!writer_->close(frame)) stop("the segment cannot be closed");
    header_.previous_segment = audit::segment_link(header_, payload);
    writer_.reset();
  }

  // Signs of life for the time in which nothing happened.
  void live_until(std::uint64_t time_ns) {
    while (time_ns_ != 0 && time_ns_ + kHeartbeatNs < time_ns) {
      const std::uint64_t now = time_ns_ + kHeartbeatNs;
      add(now, audit::FrameType::heartbeat, audit::heartbeat_payload({}, now / 1000));
    }
  }

 private:
  void begin(std::uint64_t time_ns) {
    header_.first_seq = tree_.size() + 1;
    header_.created_ns = time_ns;
    header_.previous_salt = header_.salt;
    header_.salt = 0x5A17u + static_cast<std::uint32_t>(header_.first_seq) * 2654435761u;
    header_.tree_size = tree_.size();
    header_.root = tree_.root();
    header_.edge.assign(tree_.edge().begin(), tree_.edge().end());
    auto made = audit::SegmentWriter::create(local_files(), folder_, segment_bytes_, header_);
    if (!made) stop(made.error().text());
    writer_.emplace(*std::move(made));
    first_ns_ = 0;
  }

  void write() {
    if (!batch_.empty() && !writer_->append(batch_, tree_.size())) stop("writing failed");
    batch_.clear();
  }

  std::string folder_;
  std::uint64_t segment_bytes_;
  audit::Signer signer_;
  audit::SegmentHeader header_;
  std::optional<audit::SegmentWriter> writer_;
  audit::Tree tree_;
  std::string batch_;
  std::uint64_t time_ns_ = 0, first_ns_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) stop("usage: make_audit_log DIRECTORY [NAME [SEGMENT_BYTES]] < events.jsonl");
  audit::LogSettings settings;
  settings.directory = argv[1];
  settings.origin = "demo.example/audit";
  const std::string name = argc > 2 ? argv[2] : "boot-1-demo";
  local_files().make_folder(settings.directory);
  auto signer = audit::load_or_make_signer(settings);
  if (!signer) stop(signer.error().text());
  Maker maker(settings.directory + "/" + name, name,
              argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1 << 20, *std::move(signer));
  cli::EventReader reader;
  cli::ReportEvent event;
  bool first = true;
  for (std::string line; std::getline(std::cin, line);) {
    if (line.empty()) continue;
    if (!reader.read(line, event)) stop("a line is no event");
    const std::uint64_t time_ns = event.time_us * 1000;
    if (first) {
      audit::ConfigFrame config;
      config.time_us = event.time_us;
      config.log = name;
      maker.add(time_ns, audit::FrameType::config, audit::config_payload(settings, config));
    }
    first = false;
    maker.live_until(time_ns);
    maker.add(time_ns, event.is_intent() ? audit::FrameType::intent : audit::FrameType::event,
              line);
  }
  if (first) stop("there are no events");
  maker.seal(event.time_us * 1000);
  maker.close(event.time_us * 1000);
  return 0;
}
