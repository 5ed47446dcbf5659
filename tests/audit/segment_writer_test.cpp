// Segment files: space, order of bytes, and what becomes of a disk that fails.
//
// SPDX-License-Identifier: Apache-2.0
#if !defined(_WIN32)
#include "audit/segment_writer.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

#include "audit/segment_support.hpp"

namespace mcpgov::audit {
namespace {

using test::FailingFiles;
using test::LogMaker;
using test::read_log;
using test::TemporaryFolder;
using test::text_of;

std::string first_segment(const TemporaryFolder& folder) {
  return folder.path("log/0000000000000001.seg");
}

TEST_CASE("a segment is named by its first record and prepared under another name") {
  CHECK(segment_name(1) == "0000000000000001.seg");
  CHECK(segment_name(0xABCDEF0123456789) == "abcdef0123456789.seg");
  const TemporaryFolder folder;
  {
    auto prepared = PreparedSegment::make(local_files(), folder.path(""), 256 * 1024);
    REQUIRE(prepared);
    CHECK(std::filesystem::file_size(folder.path("next")) == 256 * 1024);
    auto again = PreparedSegment::make(local_files(), folder.path(""), 1);
    REQUIRE(again);
    SegmentHeader header;
    header.salt = 5;
    auto writer = SegmentWriter::create(std::move(*again), header);
    REQUIRE(writer);
    CHECK(writer->path() == folder.path("") + segment_name(1));
  }
  CHECK_FALSE(std::filesystem::exists(folder.path("next")));
  CHECK(std::filesystem::file_size(folder.path(segment_name(1))) == 64 * 1024);
}

TEST_CASE("batches, sync frames and the trailer follow each other, and space is given back") {
  const TemporaryFolder folder;
  LogMaker log(folder.path("log"));
  for (int batch = 0; batch < 3; ++batch) {
    for (int each = 0; each < 4; ++each) log.add("{\"v\":1}");
    REQUIRE(log.sync());
  }
  CHECK(log.writer().durable_seq() == 12);
  log.close_segment();
  const auto read = read_log(folder.path("log"));
  CHECK(read.error == "");
  CHECK(read.seqs.size() == 12);
  // Each sync but the last is told by the batch behind it; the trailer needs none.
  CHECK(read.others ==
        std::vector<FrameType>{FrameType::sync, FrameType::sync, FrameType::trailer});
  const std::uint64_t end = log.time_ns();
  const Trailer trailer{1, 12, end - 11'000'000, end, end, log.tree().root()};
  CHECK(std::filesystem::file_size(first_segment(folder)) ==
        kSegmentHeader + 12 * frame_size(7) + 2 * frame_size(35) +
            frame_size(trailer_payload(trailer).size()));
}

TEST_CASE("a sync without news costs nothing") {
  const TemporaryFolder folder;
  FailingFiles files;
  LogMaker log(folder.path("log"), files);
  log.add("{\"v\":1}");
  REQUIRE(log.sync());
  const int syncs = files.syncs, writes = files.writes;
  CHECK(log.writer().sync());
  CHECK(log.writer().append("", 1));
  CHECK(files.syncs == syncs);
  CHECK(files.writes == writes);
  log.note(FrameType::checkpoint, "x");
  REQUIRE(log.sync());
  CHECK(files.syncs == syncs + 1);
}

TEST_CASE("a full segment refuses without a system call, and keeps room for its trailer") {
  const TemporaryFolder folder;
  FailingFiles files;
  LogMaker log(folder.path("log"), files, 64 * 1024);
  log.begin_segment();
  CHECK_FALSE(log.writer().half_full());
  const std::string payload(1000, 'x');
  while (log.writer().room() >= frame_size(payload.size()) + frame_size(64)) {
    log.add(payload);
    REQUIRE(log.sync());
  }
  CHECK(log.writer().half_full());
  CHECK(log.writer().room() < 1200);
  const std::uint64_t last = log.tree().size();
  log.close_segment();
  CHECK(read_log(folder.path("log")).seqs.size() == last);
}

TEST_CASE("after a failed write or sync a segment is never touched again") {
  for (const bool sync : {false, true}) {
    for (const int error : {EIO, ENOSPC, EDQUOT}) {
      CAPTURE(sync);
      CAPTURE(error);
      const TemporaryFolder folder;
      FailingFiles files;
      LogMaker log(folder.path("log"), files);
      log.add("{\"v\":1}");
      REQUIRE(log.sync());
      log.add("{\"v\":2}");
      (sync ? files.sync_error : files.write_error) = error;
      CHECK_FALSE(log.sync());
      CHECK(log.writer().suspect());
      CHECK(log.writer().failure().error == error);
      CHECK(log.writer().failure().text() ==
            std::string(sync ? "sync: " : "write: ") + io_error_text(error));
      CHECK(log.writer().durable_seq() == 1);
      // The kernel would report success now, for bytes that it has dropped.
      files.write_error = files.sync_error = 0;
      const int calls = files.syncs + files.writes;
      CHECK_FALSE(log.writer().sync());
      CHECK_FALSE(log.writer().append("x", 2));
      CHECK_FALSE(log.writer().close("x"));
      CHECK(files.syncs + files.writes == calls);
    }
  }
}

TEST_CASE("what a failed disk did not confirm is written again in a new segment, once") {
  for (const bool half : {false, true}) {
    CAPTURE(half);
    const TemporaryFolder folder;
    FailingFiles files;
    LogMaker log(folder.path("log"), files);
    log.add("{\"v\":1}");
    REQUIRE(log.sync());
    const SegmentHeader failed = log.header();
    log.add("{\"v\":2}");
    log.add("{\"v\":3}");
    files.write_error = EIO;
    files.half_a_write = half;
    CHECK_FALSE(log.write());
    files.write_error = 0;

    std::string unconfirmed = log.batch();
    SegmentHeader next = failed;
    next.first_seq = log.writer().durable_seq() + 1;
    next.tree_size = 1;
    Tree tree;
    tree.append(leaf_hash("{\"v\":1}"));
    next.root = tree.root();
    next.edge.assign(tree.edge().begin(), tree.edge().end());
    next.salt = failed.salt + 1;
    next.previous_segment = segment_link(failed, {});
    auto writer = SegmentWriter::create(files, folder.path("log"), 1 << 20, next);
    REQUIRE(writer);
    reseal_frames(unconfirmed, next.salt);
    REQUIRE(writer->append(unconfirmed, 3));
    REQUIRE(writer->sync());
    const auto read = read_log(folder.path("log"));
    CHECK(read.error == "");
    CHECK(read.seqs == std::vector<std::uint64_t>{1, 2, 3});
    CHECK(read.payloads.back() == "{\"v\":3}");
  }
}

TEST_CASE("a segment that cannot be made says why and leaves nothing") {
  const TemporaryFolder folder;
  FailingFiles files;
  const auto make = [&] {
    return SegmentWriter::create(files, folder.path(""), 1 << 20, SegmentHeader());
  };
  const auto refused = [&](const char* what) {
    auto made = make();
    CAPTURE(std::string(what));
    REQUIRE_FALSE(made);
    CHECK(made.error().code == ErrorCode::audit_unavailable);
    CHECK(made.error().message.find(io_error_text(ENOSPC)) != std::string::npos);
    CHECK(std::filesystem::is_empty(folder.path("")));
  };
  files.allocate_error = ENOSPC;
  refused("allocate");
  files.allocate_error = 0;
  files.write_error = ENOSPC;
  refused("header");
  files.write_error = 0;
  files.sync_error = ENOSPC;
  refused("sync");
  files.sync_error = 0;
  files.rename_error = ENOSPC;
  refused("name");
  files.rename_error = 0;
  files.create_error = ENOSPC;
  refused("create");
}

TEST_CASE("the reserve is space that is given back once") {
  const TemporaryFolder folder;
  auto reserve = DiskReserve::take(local_files(), folder.path(""), 128 * 1024);
  REQUIRE(reserve);
  CHECK(reserve->is_held());
  CHECK(std::filesystem::file_size(folder.path("reserve")) == 128 * 1024);
  DiskReserve moved = std::move(*reserve);
  CHECK(moved.release());
  CHECK_FALSE(moved.release());
  CHECK_FALSE(std::filesystem::exists(folder.path("reserve")));
  auto none = DiskReserve::take(local_files(), folder.path(""), 0);
  REQUIRE(none);
  CHECK_FALSE(none->release());
  FailingFiles files;
  files.allocate_error = ENOSPC;
  CHECK(DiskReserve::take(files, folder.path(""), 4096).error().code ==
        ErrorCode::audit_unavailable);
}

// A file system of one megabyte, where this process may make one.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& path) : path_(path) {
    std::filesystem::create_directory(path);
    const std::string command = "mount -t tmpfs -o size=1m mcpgov-test '" + path + "' 2>/dev/null";
    mounted_ = ::geteuid() == 0 && std::system(command.c_str()) == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) mounted_ = std::system(("umount '" + path_ + "'").c_str()) != 0;
  }
  bool mounted() const { return mounted_; }

 private:
  std::string path_;
  bool mounted_ = false;
};

TEST_CASE("a full disk is known before it matters, and its last records have room") {
  const TemporaryFolder folder;
  const SmallDisk disk(folder.path("disk"));
  if (!disk.mounted()) {
    MESSAGE("SKIPPED: a full disk needs the right to mount a file system");
    return;
  }
  const std::string log_folder = folder.path("disk/log");
  LogMaker log(log_folder, local_files(), 256 * 1024);
  auto reserve = DiskReserve::take(local_files(), log_folder, 512 * 1024);
  REQUIRE(reserve);
  log.begin_segment();
  // 256 KiB are left of it with the root folder's page: no room for the next segment.
  log.add("{\"v\":1}");
  REQUIRE(log.sync());
  folder.write("disk/filler", std::string(128 * 1024, 'x'));
  auto next = PreparedSegment::make(local_files(), log_folder, 256 * 1024);
  REQUIRE_FALSE(next);
  CHECK(next.error().code == ErrorCode::audit_unavailable);
  CHECK_FALSE(std::filesystem::exists(log_folder + "/next"));
  // What is allocated can still be filled to its end.
  const std::string payload(1000, 'x');
  while (log.writer().room() >= frame_size(payload.size()) + frame_size(64)) {
    log.add(payload);
    REQUIRE(log.sync());
  }
  log.close_segment();
  CHECK(reserve->release());
  log.begin_segment();
  log.add("{\"v\":1,\"kind\":\"loss\"}", FrameType::loss);
  REQUIRE(log.sync());
  log.close_segment();
  const auto read = read_log(log_folder);
  CHECK(read.state == ReadState::end);
  CHECK(read.seqs.size() == log.tree().size());
}

}  // namespace
}  // namespace mcpgov::audit
#endif
