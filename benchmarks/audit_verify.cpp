// How fast is a log verified? Writes one, sealed every 50,000 records, then verifies it raw and
// compressed, with one and with two threads that read. The time of processors is what counts on a
// machine that does other work as well.
//
//   audit_verify_bench [RECORDS [BYTES]]     default: 1,000,000 records of 600 bytes
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

#include "audit/closing.hpp"
#include "audit/segment_writer.hpp"
#include "audit/verify.hpp"
#include "base/os_time.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::audit;

constexpr std::uint64_t kSegment = 64 << 20;
constexpr std::uint64_t kSealed = 50'000;
const std::string kOrigin = "bench.example/log";

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::exit(1);
}

double now_s() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

// Of all threads of this process.
double processor_s() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

// The beginning of an event, which verification compares with its frame, and digits of chance, of
// which zstd makes half.
std::string record_text(std::uint64_t number, std::uint64_t time_us, std::size_t bytes) {
  char time[kTimestampSize];
  write_timestamp(time_us, time);
  char id[33];
  std::snprintf(id, sizeof id, "%032llx", static_cast<unsigned long long>(number));
  std::string out = R"({"v":1,"kind":"call","id":")" + std::string(id) + R"(","time":")";
  out.append(time, sizeof time).append(R"(","x":")");
  std::uint64_t state = number;
  while (out.size() + 2 < bytes) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    out += "0123456789abcdef"[state >> 60];
  }
  return out + "\"}";
}

class Writer {
 public:
  Writer(std::string folder, const Signer& signer) : folder_(std::move(folder)), signer_(signer) {
    header_.origin = kOrigin;
  }

  void write(std::uint64_t records, std::size_t bytes) {
    for (std::uint64_t number = 1; number <= records; ++number) {
      if (!segment_) begin();
      time_us_ += 10;
      const std::string text = record_text(number, time_us_, bytes);
      tree_.append(leaf_hash(text));
      frame(FrameType::event, text);
      if (number % kSealed == 0 || number == records) seal();
      if (batch_.size() > 256 * 1024) flush();
      if (number == records || segment_->room() < batch_.size() + 2 * bytes + 4096) end();
    }
  }

 private:
  void frame(FrameType type, std::string_view text) {
    append_frame(batch_, {tree_.size(), time_us_ * 1000, type, 0, text}, header_.salt);
  }
  void flush() {
    require(segment_->append(batch_, tree_.size()), "the segment cannot be written");
    batch_.clear();
  }
  void seal() {
    const std::string note = signer_.sign({kOrigin, tree_.size(), tree_.root()});
    frame(FrameType::checkpoint, note);
    std::ofstream(folder_ + "/checkpoint") << note;
  }
  void begin() {
    header_.previous_salt =
        std::exchange(header_.salt, static_cast<std::uint32_t>(tree_.size() + 7));
    header_.first_seq = tree_.size() + 1;
    header_.tree_size = tree_.size();
    header_.root = tree_.root();
    header_.edge.assign(tree_.edge().begin(), tree_.edge().end());
    auto made = SegmentWriter::create(local_files(), folder_, kSegment, header_);
    require(made.has_value(), "the segment cannot be made");
    segment_.emplace(std::move(*made));
  }
  void end() {
    flush();
    const std::string trailer =
        trailer_payload({header_.first_seq, tree_.size(), 1, 2, 3, tree_.root()});
    frame(FrameType::trailer, trailer);
    require(segment_->close(batch_), "the segment cannot be closed");
    batch_.clear();
    header_.previous_segment = segment_link(header_, trailer);
    segment_.reset();
  }

  std::string folder_;
  const Signer& signer_;
  SegmentHeader header_;
  std::optional<SegmentWriter> segment_;
  Tree tree_;
  std::string batch_;
  std::uint64_t time_us_ = 1'763'620'000'000'000;
};

void measure(const std::string& folder, const char* form, VerifyOptions options) {
  for (const unsigned threads : {1U, 2U}) {
    options.threads = threads;
    double seconds = 1e9;
    double busy = 1e9;
    std::uint64_t records = 0;
    for (int round = 0; round < 3; ++round) {
      const double begin = now_s();
      const double busy_begin = processor_s();
      const auto out = verify_log(folder, options);
      seconds = std::min(seconds, now_s() - begin);
      busy = std::min(busy, processor_s() - busy_begin);
      require(out && out->intact() && out->by_checksum_only == 0, "the log is not proven");
      records = out->last_seq;
    }
    const auto count = static_cast<double>(records);
    std::printf("%-11s %u reading  %5.2f M records/s  %4.0f ns of processors for each\n", form,
                threads, count / seconds / 1e6, busy / count * 1e9);
  }
}

}  // namespace

int main(int count, char** words) {
  const std::uint64_t records = count > 1 ? std::strtoull(words[1], nullptr, 10) : 1'000'000;
  const std::size_t bytes = count > 2 ? std::strtoull(words[2], nullptr, 10) : 600;
  std::string folder = std::filesystem::temp_directory_path() / "mcpgov-verify-XXXXXX";
  require(::mkdtemp(folder.data()) != nullptr, "no temporary folder");
  const auto signer = Signer::from_seed(std::string(32, 's'));
  Writer(folder, *signer).write(records, bytes);
  VerifyOptions options;
  options.keys = {{kOrigin, signer->public_key()}};
  measure(folder, "raw", options);
  require(finish_segments(local_files(), folder, {}).has_value(), "it cannot be compressed");
  measure(folder, "compressed", options);
  std::filesystem::remove_all(folder);
  return 0;
}
