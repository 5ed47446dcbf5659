// Reading logs: across segments, while they grow, in either form, and what cannot be relied on.
//
// SPDX-License-Identifier: Apache-2.0
#if !defined(_WIN32)
#include "audit/log_reader.hpp"

#include <filesystem>
#include <numeric>
#include <string>

#include <doctest/doctest.h>

#include "audit/closing.hpp"
#include "audit/segment_support.hpp"

namespace mcpgov::audit {
namespace {

using test::LogMaker;
using test::read_log;
using test::TemporaryFolder;
using test::text_of;

std::vector<std::uint64_t> up_to(std::uint64_t last, std::uint64_t first = 1) {
  std::vector<std::uint64_t> seqs(last + 1 - first);
  std::iota(seqs.begin(), seqs.end(), first);
  return seqs;
}

// Three closed segments of 4, 4 and 2 records.
void make_three(const TemporaryFolder& folder) {
  LogMaker log(folder.path("log"));
  for (const int count : {4, 4, 2}) {
    for (int each = 0; each < count; ++each) log.add(test::event_text(log.tree().size() + 1));
    log.note(FrameType::checkpoint, "note");
    log.close_segment();
  }
}

std::string path_of(const TemporaryFolder& folder, std::uint64_t first_seq,
                    std::string_view ending = ".seg") {
  return folder.path("log/" + name_of(first_seq, ending));
}

void change(const std::string& path, std::size_t at, std::string_view bytes) {
  std::string text = text_of(path);
  text.replace(at, bytes.size(), bytes);
  std::ofstream(path, std::ios::binary) << text;
}

TEST_CASE("a log is read in order across its segments, from any record") {
  const TemporaryFolder folder;
  make_three(folder);
  for (const bool compressed : {false, true}) {
    CAPTURE(compressed);
    if (compressed) {
      auto done = finish_segments(local_files(), folder.path("log"), {});
      REQUIRE(done);
      CHECK(done->segments == 3);
    }
    for (std::uint64_t from = 1; from <= 10; ++from) {
      const auto read = read_log(folder.path("log"), {from});
      CAPTURE(from);
      CHECK(read.error == "");
      CHECK(read.state == ReadState::end);
      CHECK(read.seqs == up_to(10, from));
    }
    CHECK(read_log(folder.path("log"), {11}).seqs.empty());
    CHECK(read_log(folder.path("log")).payloads[6] == test::event_text(7));
  }
}

TEST_CASE("a reader tells where the frame is that it gave") {
  const TemporaryFolder folder;
  make_three(folder);
  auto reader = LogReader::open(folder.path("log"), {5});
  REQUIRE(reader);
  Frame frame;
  REQUIRE(reader->next(frame) == ReadState::frame);
  CHECK(frame.type == FrameType::event);
  CHECK(reader->segment_file() == path_of(folder, 5));
  CHECK(reader->offset() == kSegmentHeader);
  CHECK(reader->segment().first_seq == 5);
  CHECK(reader->position().seq == 6);
  REQUIRE(reader->next(frame) == ReadState::frame);
  CHECK(reader->offset() == kSegmentHeader + frame_size(test::event_text(5).size()));
}

TEST_CASE("a reader follows a log that grows, across its segments") {
  const TemporaryFolder folder;
  LogMaker log(folder.path("log"));
  FileLock lock;
  REQUIRE(lock.take(folder.path("log/lock")) == 0);
  auto reader = LogReader::open(folder.path("log"));
  REQUIRE(reader);
  Frame frame;
  CHECK(reader->next(frame) == ReadState::end);
  std::uint64_t seen = 0;
  for (int round = 0; round < 30; ++round) {
    log.add(test::event_text(log.tree().size() + 1));
    REQUIRE(log.sync());
    if (round % 7 == 3) log.close_segment();
    if (round % 5 == 0) continue;
    while (reader->next(frame) == ReadState::frame) {
      if (is_leaf(frame.type)) CHECK(frame.seq == ++seen);
    }
    CHECK(reader->error().code == ErrorCode::none);
    CHECK(seen == log.tree().size());
    if (round % 7 == 4) CHECK(finish_segments(local_files(), folder.path("log"), {}));
  }
}

TEST_CASE("a half-written batch of a live log is not there yet") {
  const TemporaryFolder folder;
  LogMaker log(folder.path("log"));
  FileLock lock;
  REQUIRE(lock.take(folder.path("log/lock")) == 0);
  log.add("{\"v\":1}");
  REQUIRE(log.sync());
  const std::string path = path_of(folder, 1);
  const std::uint64_t end = log.writer().used();
  std::string next;
  append_frame(next, {2, 2, FrameType::event, 0, std::string(300, 'x')}, log.header().salt);
  for (const std::size_t part : {1U, 7U, 8U, 33U, 300U}) {
    CAPTURE(part);
    auto reader = LogReader::open(folder.path("log"));
    REQUIRE(reader);
    Frame frame;
    REQUIRE(reader->next(frame) == ReadState::frame);
    change(path, end, next.substr(0, part));
    CHECK(reader->next(frame) == ReadState::end);
    change(path, end, next);
    CHECK(reader->next(frame) == ReadState::frame);
    CHECK(frame.seq == 2);
    change(path, end, std::string(next.size(), '\0'));
  }
  change(path, end, next.substr(0, 300));
  lock.release();
  const auto read = read_log(folder.path("log"));
  CHECK(read.state == ReadState::damaged);
  CHECK(read.seqs == up_to(1));
}

TEST_CASE("what a failed segment holds beyond its successor's beginning does not count") {
  const TemporaryFolder folder;
  LogMaker log(folder.path("log"));
  for (int each = 0; each < 6; ++each) log.add("{\"v\":1}");
  REQUIRE(log.sync());
  const std::string failed = text_of(path_of(folder, 1));
  const TemporaryFolder other;
  LogMaker again(other.path("log"));
  for (int each = 0; each < 4; ++each) again.add("{\"v\":1}");
  again.close_segment();
  for (int each = 0; each < 3; ++each) again.add("{\"v\":2}");
  again.close_segment();
  // The first segment of the other log, as if it had failed with 6 records of which 4 are durable.
  folder.write("log/" + name_of(5, ".seg"), text_of(path_of(other, 5)));
  auto read = read_log(folder.path("log"));
  CHECK(read.error == "");
  CHECK(read.seqs == up_to(7));
  CHECK(read.payloads[4] == "{\"v\":2}");
  // Also when its end is garbage.
  change(path_of(folder, 1), kSegmentHeader + 4 * frame_size(7) + 3, "garbage");
  read = read_log(folder.path("log"));
  CHECK(read.error == "");
  CHECK(read.seqs == up_to(7));
  // But not when what counts is missing.
  change(path_of(folder, 1), kSegmentHeader + 3 * frame_size(7) + 3, "garbage");
  read = read_log(folder.path("log"));
  CHECK(read.state == ReadState::damaged);
  CHECK(read.seqs == up_to(3));
}

TEST_CASE("a segment that began again, or was compressed, is read on by who had it open") {
  const TemporaryFolder folder;
  LogMaker log(folder.path("log"));
  log.begin_segment();
  auto reader = LogReader::open(folder.path("log"));
  REQUIRE(reader);
  Frame frame;
  CHECK(reader->next(frame) == ReadState::end);
  LogMaker again(folder.path("log"));
  again.set_time_ns(1'800'000'000'000'000'000);
  again.add("{\"v\":1}");
  again.close_segment();
  again.add("{\"v\":2}");
  again.close_segment();
  CHECK(reader->next(frame) == ReadState::frame);
  CHECK(frame.seq == 1);
  REQUIRE(finish_segments(local_files(), folder.path("log"), {}));
  int trailers = 0;
  while (reader->next(frame) == ReadState::frame) trailers += frame.type == FrameType::trailer;
  CHECK(trailers == 2);
  CHECK(reader->position().seq == 3);
  CHECK(reader->error().message == "");
}

TEST_CASE("what is missing, moved, doubled or foreign is damage with a place") {
  const std::size_t frame = frame_size(test::event_text(1).size());
  const auto damage = [&](auto&& edit, std::string_view words, std::uint64_t good) {
    const TemporaryFolder folder(test::memory());
    make_three(folder);
    edit(folder);
    const auto read = read_log(folder.path("log"));
    CAPTURE(read.error);
    CHECK(read.state == ReadState::damaged);
    CHECK(read.error.find(words) != std::string::npos);
    CHECK(read.seqs == up_to(good));
  };
  damage([](const TemporaryFolder& f) { std::filesystem::remove(path_of(f, 5)); },
         "records before the next segment are missing", 4);
  damage(
      [&](const TemporaryFolder& f) {
        const std::string text = text_of(path_of(f, 5));
        change(path_of(f, 5), kSegmentHeader, text.substr(kSegmentHeader + frame, frame));
      },
      "out of order", 4);
  damage(
      [&](const TemporaryFolder& f) {
        change(path_of(f, 5), kSegmentHeader + frame, std::string(frame, '\0'));
      },
      "missing", 5);
  damage([&](const TemporaryFolder& f) { change(path_of(f, 9), kSegmentHeader + 50, "X"); },
         "checksum", 8);
  damage([](const TemporaryFolder& f) { change(path_of(f, 5), 100, "X"); }, "header", 4);
  damage([](const TemporaryFolder& f) { std::filesystem::resize_file(path_of(f, 9), 100); },
         "header", 8);
  damage(
      [](const TemporaryFolder& f) {
        const auto size = std::filesystem::file_size(path_of(f, 9));
        std::filesystem::resize_file(path_of(f, 9), size - 8);
      },
      "it ends within a frame", 10);
  damage(
      [](const TemporaryFolder& f) {
        const std::string text = text_of(path_of(f, 9));
        std::ofstream(path_of(f, 9), std::ios::app) << text.substr(kSegmentHeader, 300);
      },
      "it ends within a frame", 10);
  damage(
      [&](const TemporaryFolder& f) {
        const std::string text = text_of(path_of(f, 9));
        std::ofstream(path_of(f, 9), std::ios::app) << text.substr(kSegmentHeader, frame);
      },
      "something follows the trailer", 10);
  damage([](const TemporaryFolder& f) { std::filesystem::rename(path_of(f, 5), path_of(f, 6)); },
         "missing", 4);
  damage(
      [](const TemporaryFolder& f) {
        std::string page = text_of(path_of(f, 5));
        SegmentHeader header;
        REQUIRE(parse_segment_header(page, header) == nullptr);
        header.log_uuid[0] ^= 1;
        std::string made;
        append_segment_header(made, header);
        change(path_of(f, 5), 0, made);
      },
      "another log", 4);
}

TEST_CASE("the last records of a log at rest cannot be hidden by zeros") {
  const TemporaryFolder folder;
  LogMaker log(folder.path("log"), local_files(), 4 << 20);
  const std::string large(50'000, 'x');
  for (int each = 0; each < 20; ++each) log.add(large);
  REQUIRE(log.sync());
  // More than a reader looks at in one piece.
  change(path_of(folder, 1), kSegmentHeader + frame_size(large.size()),
         std::string(18 * frame_size(large.size()), '\0'));
  const auto read = read_log(folder.path("log"));
  CHECK(read.state == ReadState::damaged);
  CHECK(read.error.find("records are missing") != std::string::npos);
  CHECK(read.seqs == up_to(1));
}

TEST_CASE("a compressed segment that was changed is damage, wherever it was") {
  const TemporaryFolder folder(test::memory());
  make_three(folder);
  REQUIRE(finish_segments(local_files(), folder.path("log"), {}));
  const std::string path = path_of(folder, 5, ".seg.zst");
  const std::string good = text_of(path);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    std::ofstream(path, std::ios::binary) << bytes;
    const auto read = read_log(folder.path("log"));
    CAPTURE(at);
    // A bit of the table's descriptor that says nothing may turn.
    if (read.state == ReadState::end) {
      CHECK(read.seqs == up_to(10));
    } else {
      CHECK(read.seqs.size() < 10);
      CHECK(read.error.find(path) != std::string::npos);
    }
  }
}

TEST_CASE("logs are listed from the oldest, with who is alive") {
  const TemporaryFolder folder;
  const std::string directory = folder.path("logs");
  REQUIRE(local_files().make_folder(directory) == 0);
  folder.write("logs/sinks/collector/x.cursor", "1");
  folder.write("logs/signing.key", "secret");
  for (const auto& [name, time] : {std::pair{"b-1-1", 3U}, {"c-1-2", 1U}, {"a-1-3", 2U}}) {
    LogMaker log(directory + '/' + name);
    log.set_time_ns(time);
    log.begin_segment();
  }
  REQUIRE(local_files().make_folder(directory + "/d-1-4") == 0);
  FileLock lock;
  REQUIRE(lock.take(directory + "/d-1-4/lock") == 0);
  const auto logs = list_logs(directory);
  REQUIRE(logs);
  std::string order;
  for (const LogEntry& log : *logs) {
    order += log.name + (log.alive ? "* " : " ");
    CHECK(log.folder == directory + '/' + log.name);
  }
  CHECK(order == "c-1-2 a-1-3 b-1-1 d-1-4* ");
  CHECK(list_logs(folder.path("none")).error().code == ErrorCode::file_unreadable);
  CHECK(LogReader::open(folder.path("none")).error().code == ErrorCode::file_unreadable);
  CHECK(read_log(directory + "/d-1-4").state == ReadState::end);
}

TEST_CASE("names of segments have one form") {
  SegmentFile file;
  CHECK(parse_segment_name("00000000000000ff.seg", file));
  CHECK(file.first_seq == 255);
  CHECK(parse_segment_name("00000000000000ff.seg.zst", file));
  CHECK(file.name() == "00000000000000ff.seg.zst");
  for (const char* name :
       {"00000000000000FF.seg", "0000000000000000.seg", "ff.seg", "00000000000000ff.se",
        "00000000000000ff.seg.new", "00000000000000ff.idx", "g0000000000000ff.seg", ""}) {
    CAPTURE(std::string(name));
    CHECK_FALSE(parse_segment_name(name, file));
  }
}

}  // namespace
}  // namespace mcpgov::audit
#endif
