// Indexes with right checksums and wrong content: no crash, no hit that is none, no record lost by
// a reader that begins where the index says.
//
// The input is laid over the bytes of a good index, and its checksums are made right again.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "audit/closing.hpp"
#include "audit/index_layout.hpp"
#include "audit/log_reader.hpp"
#include "audit/query.hpp"
#include "audit/segment_writer.hpp"
#include "base/crc32c.hpp"
#include "base/little_endian.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::audit;
using namespace mcpgov::audit::index_layout;

constexpr std::uint64_t kRecords = 600;

void must(bool holds) {
  if (!holds) std::abort();
}

std::string event(std::uint64_t number) {
  return "{\"v\":1,\"kind\":\"call\",\"id\":\"" + std::to_string(number) +
         "\",\"time\":\"2026-11-20T08:24:32.664720Z\",\"server\":\"shop\",\"session\":{\"id\":\"s" +
         std::to_string(number / 9) + "\",\"source\":\"token\"},\"padding\":\"" +
         std::string(400, 'x') + "\"}";
}

struct World {
  std::string directory;
  std::string log;
  std::string path;
  std::string good;

  World() {
    const bool memory = std::filesystem::is_directory("/dev/shm");
    directory = memory ? "/dev/shm/mcpgov-fuzz-XXXXXX" : "/tmp/mcpgov-fuzz-XXXXXX";
    must(::mkdtemp(directory.data()) != nullptr);
    log = directory + "/log";
    must(local_files().make_folder(log) == 0);
    SegmentHeader header;
    header.salt = 5;
    auto writer = SegmentWriter::create(local_files(), log, 1 << 20, header);
    must(writer.has_value());
    std::string frames;
    for (std::uint64_t seq = 1; seq <= kRecords; ++seq) {
      append_frame(frames, {seq, seq, FrameType::event, 0, event(seq)}, header.salt);
    }
    must(writer->append(frames, kRecords));
    std::string trailer;
    append_frame(trailer, {kRecords, 1, FrameType::trailer, 0, "{\"v\":1}"}, header.salt);
    must(writer->close(trailer));
    must(finish_segments(local_files(), log, {}).has_value());
    path = log + '/' + segment_name(1).substr(0, 16) + ".idx";
    std::ifstream in(path, std::ios::binary);
    good.assign(std::istreambuf_iterator<char>(in), {});
    must(good.size() > kHeader);
  }
  ~World() { std::filesystem::remove_all(directory); }
};

void mend(std::string& bytes) {
  char* const at = bytes.data();
  const std::size_t chunks = get_little<std::uint32_t>(at + kChunksAt);
  const std::size_t pages = get_little<std::uint32_t>(at + kPagesAt);
  const std::size_t places = chunks * kPlace;
  if (kHeader + places <= bytes.size()) {
    put_little(at + kPlacesSumAt, crc32c(0, std::string_view(bytes).substr(kHeader, places)));
    for (std::size_t page = 0; page < pages; ++page) {
      const std::size_t begin = kHeader + places + page * kPage;
      if (begin + kPage > bytes.size()) break;
      put_little(at + begin, crc32c(0, std::string_view(bytes).substr(begin + 4, kPage - 4)));
    }
  }
  put_little(at + kSumAt, crc32c(0, std::string_view(bytes).substr(kUuidAt, kHeader - kUuidAt)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  std::string bytes = world.good;
  // Three bytes each: a place, and what is put there.
  for (std::size_t each = 0; each + 3 <= size; each += 3) {
    const std::size_t place = (data[each] * 256U + data[each + 1]) % bytes.size();
    bytes[place] = static_cast<char>(data[each + 2]);
  }
  if (size % 3 != 0) bytes.resize(kHeader + (bytes.size() - kHeader) * data[0] / 256);
  mend(bytes);
  std::ofstream(world.path, std::ios::binary) << bytes;

  Question question;
  question.session = "s7";
  const OnHit is_right = [](void*, const Hit& hit) {
    must(hit.seq >= 63 && hit.seq < 72);
    must(hit.payload == event(hit.seq));
    return true;
  };
  const auto answer = query(world.directory, question, is_right, nullptr);
  must(answer.has_value() && answer->hits <= 9 && answer->damage.empty());
  question.use_indexes = false;
  const auto all = query(world.directory, question, is_right, nullptr);
  must(all.has_value() && all->hits == 9);

  auto reader = LogReader::open(world.log, {kRecords - 20});
  must(reader.has_value());
  std::uint64_t next = kRecords - 20;
  for (Frame frame; reader->next(frame) == ReadState::frame;) {
    if (is_leaf(frame.type)) must(frame.seq == next++);
  }
  must(next == kRecords + 1);
  return 0;
}
