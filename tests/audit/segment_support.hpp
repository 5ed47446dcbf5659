// Logs for tests: segments made frame by frame, and a file system that fails when told to.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "audit/log_folder.hpp"
#include "audit/log_reader.hpp"
#include "audit/segment_writer.hpp"
#include "audit/tree.hpp"
#include "base/os_log_file.hpp"
#include "support/temporary_folder.hpp"

namespace mcpgov::test {

// Passes on to the machine's file system but for what it is told to refuse.
class FailingFiles final : public FileSystem {
 public:
  int write_error = 0;        // of every write from now on
  bool half_a_write = false;  // then half of its bytes arrive
  int sync_error = 0, allocate_error = 0, create_error = 0, rename_error = 0;
  bool change_a_byte = false;  // and say nothing of it
  int syncs = 0, writes = 0;

  int create(const std::string& path, std::unique_ptr<LogFile>& file) noexcept override {
    if (create_error != 0) return create_error;
    const int error = local_files().create(path, file);
    if (error == 0) file = std::make_unique<File>(*this, std::move(file));
    return error;
  }
  int open(const std::string& path, std::unique_ptr<LogFile>& file) noexcept override {
    const int error = local_files().open(path, file);
    if (error == 0) file = std::make_unique<File>(*this, std::move(file));
    return error;
  }
  int rename(const std::string& from, const std::string& to) noexcept override {
    return rename_error != 0 ? rename_error : local_files().rename(from, to);
  }
  int remove(const std::string& path) noexcept override { return local_files().remove(path); }
  int make_folder(const std::string& path) noexcept override {
    return local_files().make_folder(path);
  }
  int sync_folder(const std::string& path) noexcept override {
    return local_files().sync_folder(path);
  }
  int free_bytes(const std::string& path, std::uint64_t& bytes) noexcept override {
    return local_files().free_bytes(path, bytes);
  }

 private:
  class File final : public LogFile {
   public:
    File(FailingFiles& owner, std::unique_ptr<LogFile> file)
        : owner_(owner), file_(std::move(file)) {}
    int write_at(std::uint64_t offset, std::span<const std::string_view> pieces) noexcept override {
      ++owner_.writes;
      if (owner_.change_a_byte) {
        std::string all;
        for (const std::string_view piece : pieces) all += piece;
        if (!all.empty()) all[all.size() / 2] = static_cast<char>(all[all.size() / 2] ^ 1);
        const std::string_view changed[] = {all};
        return file_->write_at(offset, changed);
      }
      if (owner_.write_error == 0) return file_->write_at(offset, pieces);
      if (owner_.half_a_write) {
        std::string all;
        for (const std::string_view piece : pieces) all += piece;
        const std::string_view half[] = {std::string_view(all).substr(0, all.size() / 2)};
        file_->write_at(offset, half);
      }
      return owner_.write_error;
    }
    int sync() noexcept override {
      ++owner_.syncs;
      return owner_.sync_error != 0 ? owner_.sync_error : file_->sync();
    }
    int allocate(std::uint64_t bytes) noexcept override {
      return owner_.allocate_error != 0 ? owner_.allocate_error : file_->allocate(bytes);
    }
    int resize(std::uint64_t bytes) noexcept override { return file_->resize(bytes); }

   private:
    FailingFiles& owner_;
    std::unique_ptr<LogFile> file_;
  };
};

// An event as a log stores it, with what questions ask for.
inline std::string event_text(std::uint64_t number, std::string_view session = "s-1",
                              std::string_view target = "query_orders",
                              std::string_view subject = "alice",
                              std::string_view effect = "allow") {
  char id[33];
  std::snprintf(id, sizeof id, "%032llx", static_cast<unsigned long long>(number));
  std::string text = "{\"v\":1,\"kind\":\"call\",\"id\":\"" + std::string(id) + "\"";
  text += ",\"time\":\"2026-11-20T08:24:32.664720Z\",\"tenant\":\"acme\",\"server\":\"shop\"";
  text += ",\"transport\":\"stdio\",\"direction\":\"from_client\",\"method\":\"tools/call\"";
  text += ",\"target\":\"" + std::string(target) + "\",\"target_kind\":\"tool\"";
  text += ",\"caller\":{\"kind\":\"user\",\"issuer\":\"https://id.example.com\",\"subject\":\"" +
          std::string(subject) + "\",\"claimed\":\"host/1.0\"}";
  text += ",\"session\":{\"id\":\"" + std::string(session) + "\",\"source\":\"token\"}";
  text += ",\"decision\":{\"effect\":\"" + std::string(effect) +
          "\",\"allowed\":true,\"enforced\":true,\"reason\":\"none\"" +
          ",\"policies\":[\"shop/permit\"],\"snapshot\":\"1\",\"latency_ns\":900}";
  text += ",\"outcome\":\"completed\",\"latency_ns\":13000000}";
  return text;
}

// Writes a log as its process would: frames in batches, segments behind each other.
class LogMaker {
 public:
  explicit LogMaker(std::string folder, FileSystem& files = local_files(),
                    std::uint64_t segment_bytes = 1 << 20, std::string origin = "test.example/log")
      : folder_(std::move(folder)), files_(files), segment_bytes_(segment_bytes) {
    CHECK(files_.make_folder(folder_) == 0);
    for (std::size_t each = 0; each < header_.log_uuid.size(); ++each) {
      header_.log_uuid[each] = static_cast<std::uint8_t>(each + 1);
    }
    header_.origin = std::move(origin);
  }

  void begin_segment() {
    header_.first_seq = tree_.size() + 1;
    header_.created_ns = time_ns_;
    header_.previous_salt = header_.salt;
    header_.salt = 0x5A17'0000U + static_cast<std::uint32_t>(header_.first_seq) * 2654435761U;
    header_.tree_size = tree_.size();
    header_.root = tree_.root();
    header_.edge.assign(tree_.edge().begin(), tree_.edge().end());
    auto made = audit::SegmentWriter::create(files_, folder_, segment_bytes_, header_);
    REQUIRE(made);
    writer_.emplace(std::move(*made));
    min_time_ns_ = max_time_ns_ = 0;
  }

  // Adds a leaf to the batch; its seq.
  std::uint64_t add(std::string_view payload, audit::FrameType type = audit::FrameType::event) {
    if (!writer_) begin_segment();
    tree_.append(audit::leaf_hash(payload));
    time_ns_ += 1'000'000;
    if (min_time_ns_ == 0) min_time_ns_ = time_ns_;
    max_time_ns_ = time_ns_;
    audit::append_frame(batch_, {tree_.size(), time_ns_, type, 0, payload}, header_.salt);
    return tree_.size();
  }
  // Adds what is no leaf.
  void note(audit::FrameType type, std::string_view payload) {
    audit::append_frame(batch_, {tree_.size(), time_ns_, type, 0, payload}, header_.salt);
  }
  bool write() {
    const bool done = writer_->append(batch_, tree_.size());
    if (done) batch_.clear();
    return done;
  }
  bool sync() { return write() && writer_->sync(); }

  void close_segment() {
    REQUIRE(sync());
    const audit::Trailer trailer{header_.first_seq, tree_.size(), min_time_ns_,
                                 max_time_ns_,      time_ns_,     tree_.root()};
    const std::string payload = audit::trailer_payload(trailer);
    std::string frame;
    audit::append_frame(frame, {tree_.size(), time_ns_, audit::FrameType::trailer, 0, payload},
                        header_.salt);
    REQUIRE(writer_->close(frame));
    header_.previous_segment = audit::segment_link(header_, payload);
    writer_.reset();
  }

  audit::SegmentWriter& writer() { return *writer_; }
  const audit::SegmentHeader& header() const { return header_; }
  audit::Tree& tree() { return tree_; }
  std::string& batch() { return batch_; }
  const std::string& folder() const { return folder_; }
  std::uint64_t time_ns() const { return time_ns_; }
  void set_time_ns(std::uint64_t time_ns) { time_ns_ = time_ns; }

 private:
  std::string folder_;
  FileSystem& files_;
  std::uint64_t segment_bytes_;
  audit::SegmentHeader header_;
  std::optional<audit::SegmentWriter> writer_;
  audit::Tree tree_;
  std::string batch_;
  std::uint64_t time_ns_ = 1'763'620'000'000'000'000;
  std::uint64_t min_time_ns_ = 0, max_time_ns_ = 0;
};

// What a reader gives: the seqs of leaves, and how it ended.
struct ReadLog {
  std::vector<std::uint64_t> seqs;
  std::vector<std::string> payloads;
  std::vector<audit::FrameType> others;
  audit::ReadState state = audit::ReadState::end;
  std::string error;
};

inline ReadLog read_log(const std::string& folder, audit::Position from = {}) {
  ReadLog read;
  auto reader = audit::LogReader::open(folder, from);
  if (!reader) {
    read.state = audit::ReadState::damaged;
    read.error = reader.error().message;
    return read;
  }
  for (;;) {
    audit::Frame frame;
    read.state = reader->next(frame);
    if (read.state != audit::ReadState::frame) break;
    if (is_leaf(frame.type)) {
      read.seqs.push_back(frame.seq);
      read.payloads.emplace_back(frame.payload);
    } else {
      read.others.push_back(frame.type);
    }
  }
  read.error = reader->error().message;
  return read;
}

}  // namespace mcpgov::test
