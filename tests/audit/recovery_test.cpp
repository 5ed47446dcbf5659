// The end of a log whose process died: every cut, every bit of the last records, stale bytes.
//
// SPDX-License-Identifier: Apache-2.0
#if !defined(_WIN32)
#include "audit/recovery.hpp"

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "audit/closing.hpp"
#include "audit/segment_support.hpp"

namespace mcpgov::audit {
namespace {

using test::FailingFiles;
using test::LogMaker;
using test::read_log;
using test::TemporaryFolder;
using test::text_of;

constexpr std::uint64_t kNow = 1'763'630'000'000'000'000;

void put(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// A small segment: 3 records in one batch that was synced, a sync frame, 2 records that were not.
struct Small {
  std::string folder;
  std::string path;
  std::string bytes;              // of the file, without the space that was not written
  std::vector<std::size_t> ends;  // of its frames
  std::vector<Tree> trees;        // by number of leaves

  explicit Small(const TemporaryFolder& at) : folder(at.path("log")) {
    LogMaker log(folder);
    trees.push_back(log.tree());
    const auto add = [&](std::string_view payload) {
      log.add(payload);
      trees.push_back(log.tree());
    };
    for (const std::string_view each : {"{\"v\":1}", "{\"v\":1,\"a\":\"b\"}", "{\"v\":2}"})
      add(each);
    REQUIRE(log.sync());
    for (const std::string_view each : {"{\"v\":1,\"kind\":\"x\"}", "{\"v\":3}"}) add(each);
    REQUIRE(log.write());
    path = log.writer().path();
    bytes = text_of(path).substr(0, log.writer().used());
    Frame frame;
    const char* why = nullptr;
    std::size_t at_byte = kSegmentHeader;
    while (at_byte < bytes.size()) {
      REQUIRE(parse_frame(std::string_view(bytes).substr(at_byte), log.header().salt, frame, why) ==
              FrameState::whole);
      at_byte += frame_size(frame.payload.size());
      ends.push_back(at_byte);
    }
  }

  // Frames that are whole within the first `size` bytes, and the leaves among them.
  std::pair<std::size_t, std::uint64_t> within(std::size_t size) const {
    std::size_t frames = 0;
    while (frames < ends.size() && ends[frames] <= size) ++frames;
    // The fourth is the sync frame.
    return {frames, frames > 3 ? frames - 1 : frames};
  }
};

TEST_CASE("a segment cut at any byte is torn, or damaged where what is missing was durable") {
  const TemporaryFolder folder(test::memory());
  const Small small(folder);
  REQUIRE(small.ends.size() == 6);
  for (std::size_t size = 0; size <= small.bytes.size(); ++size) {
    CAPTURE(size);
    std::filesystem::remove_all(small.folder);
    std::filesystem::create_directory(small.folder);
    put(small.path, small.bytes.substr(0, size));
    const auto found = recover_log(local_files(), small.folder, {}, kNow);
    REQUIRE(found);
    if (size < kSegmentHeader) {
      CHECK(found->tail == Tail::damaged);
      CHECK(text_of(small.path) == small.bytes.substr(0, size));
      continue;
    }
    const auto [frames, leaves] = small.within(size);
    const std::size_t end = frames == 0 ? kSegmentHeader : small.ends[frames - 1];
    // The bytes behind the last frame: without a sync frame that says more, a torn tail.
    CHECK(found->tail == (size == end ? Tail::open : Tail::torn));
    CHECK(found->last_seq == leaves);
    CHECK(found->end == end);
    CHECK(found->tree.root() == small.trees[leaves].root());
    CHECK(found->durable_seq == (frames > 3 ? 3 : 0));
    CHECK(text_of(small.path) == small.bytes.substr(0, end));
    if (size != end) {
      // The last bytes of a frame may be its zeros, which are as good as not written.
      const std::string torn = small.bytes.substr(end, size - end);
      const std::string kept = text_of(small.folder + '/' + found->torn_file);
      CHECK(torn.substr(0, kept.size()) == kept);
      CHECK(torn.find_first_not_of('\0', kept.size()) == std::string::npos);
      CHECK(found->torn_digest == crypto::sha256(kept));
    }
    const auto again = recover_log(local_files(), small.folder, {}, kNow + 1);
    REQUIRE(again);
    CHECK(again->tail == Tail::open);
    CHECK(again->last_seq == leaves);
  }
}

TEST_CASE("a bit that turned in the last two records is torn, never an invented record") {
  const TemporaryFolder folder(test::memory());
  const Small small(folder);
  const std::size_t begin = small.ends[3];
  for (std::size_t bit = begin * 8; bit < small.bytes.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string bytes = small.bytes;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    put(small.path, bytes);
    const auto found = recover_log(local_files(), small.folder, {}, kNow);
    REQUIRE(found);
    const bool fourth = bit / 8 < small.ends[4];
    CHECK(found->tail == Tail::torn);
    CHECK(found->last_seq == (fourth ? 3 : 4));
    CHECK(found->tree.root() == small.trees[found->last_seq].root());
    // A record behind one that is torn is kept aside with it, and not counted in.
    CHECK(found->torn_frames == (fourth ? 1 : 0));
    CHECK(text_of(small.path) == small.bytes.substr(0, fourth ? small.ends[3] : small.ends[4]));
  }
}

TEST_CASE("a bit that turned in a record that was durable is damage, and no byte is touched") {
  const TemporaryFolder folder(test::memory());
  const Small small(folder);
  for (std::size_t bit = kSegmentHeader * 8; bit < small.ends[2] * 8; bit += 3) {
    CAPTURE(bit);
    std::string bytes = small.bytes;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    put(small.path, bytes);
    const auto found = recover_log(local_files(), small.folder, {}, kNow);
    REQUIRE(found);
    CHECK(found->tail == Tail::damaged);
    const std::uint64_t good = small.within(bit / 8).second;
    CHECK(found->last_seq == good);
    CHECK(found->lost_from == good + 1);
    CHECK(found->lost_to == 3);
    CHECK(text_of(small.path) == bytes);
    CHECK(text_of(small.folder + "/quarantine").find("durable") != std::string::npos);
  }
}

TEST_CASE("stale bytes of another segment are cut off, whatever they look like") {
  const TemporaryFolder folder(test::memory()), other(test::memory());
  const Small small(folder);
  LogMaker stale(other.path("log"));
  stale.add("{\"v\":9}");
  stale.close_segment();
  for (int each = 0; each < 8; ++each) stale.add("{\"v\":1,\"stale\":true}");
  REQUIRE(stale.sync());
  const std::string former = text_of(stale.writer().path());
  for (std::size_t at = 0; at < 200; at += 8) {
    CAPTURE(at);
    put(small.path, small.bytes + former.substr(kSegmentHeader + at, 700));
    const auto found = recover_log(local_files(), small.folder, {}, kNow);
    REQUIRE(found);
    CHECK(found->tail == Tail::torn);
    CHECK(found->last_seq == 5);
    CHECK(found->torn_frames == 0);
    CHECK(text_of(small.path) == small.bytes);
  }
  // Own frames that lie again behind the end are no records either.
  const std::string again = small.bytes + small.bytes.substr(kSegmentHeader);
  put(small.path, again);
  const auto found = recover_log(local_files(), small.folder, {}, kNow);
  REQUIRE(found);
  CHECK(found->tail == Tail::torn);
  CHECK(found->last_seq == 5);
  CHECK(found->torn_frames == 6);
}

TEST_CASE("what a checkpoint was signed for has to be there, as it was") {
  const TemporaryFolder folder;
  const Small small(folder);
  const auto verdict = [&](std::size_t bytes, const Checkpoint& signed_for) {
    put(small.path, small.bytes.substr(0, bytes));
    const Checkpoint statements[] = {signed_for};
    auto found = recover_log(local_files(), small.folder, statements, kNow);
    REQUIRE(found);
    return *found;
  };
  const std::size_t whole = small.bytes.size();
  for (std::uint64_t size = 0; size <= 5; ++size) {
    CHECK(verdict(whole, {"o", size, small.trees[size].root()}).tail == Tail::open);
  }
  Recovery found = verdict(whole, {"o", 6, {}});
  CHECK(found.tail == Tail::damaged);
  CHECK(found.lost_from == 6);
  CHECK(found.lost_to == 6);
  found = verdict(small.ends[3], {"o", 5, small.trees[5].root()});
  CHECK(found.tail == Tail::damaged);
  CHECK(found.lost_from == 4);
  CHECK(found.lost_to == 5);
  found = verdict(whole, {"o", 4, small.trees[5].root()});
  CHECK(found.tail == Tail::damaged);
  CHECK(found.damage == "the records up to 4 are not those that a checkpoint was signed for");
}

TEST_CASE("a checkpoint in the segment counts, also behind the place where the order ends") {
  const TemporaryFolder folder;
  LogMaker log(folder.path("log"));
  for (int each = 0; each < 3; ++each) log.add("{\"v\":1}");
  const auto signer = Signer::from_seed(std::string(32, 's'));
  REQUIRE(signer);
  log.note(FrameType::checkpoint, signer->sign({"test.example/log", 3, log.tree().root()}));
  REQUIRE(log.write());
  const std::string path = log.writer().path();
  std::string bytes = text_of(path);
  bytes.replace(kSegmentHeader + frame_size(7), 4, "torn");
  put(path, bytes);
  const auto found = recover_log(local_files(), folder.path("log"), {}, kNow);
  REQUIRE(found);
  CHECK(found->tail == Tail::damaged);
  CHECK(found->last_seq == 1);
  CHECK(found->lost_to == 3);
}

TEST_CASE("a log goes on where recovery has found its end") {
  const TemporaryFolder folder;
  const Small small(folder);
  put(small.path, small.bytes + "torn bytes");
  folder.write("log/next", "");
  folder.write("log/reserve", "");
  folder.write("log/checkpoint.new", "");
  auto found = recover_log(local_files(), small.folder, {}, kNow);
  REQUIRE(found);
  REQUIRE(found->tail == Tail::torn);
  CHECK(found->torn_bytes == 10);
  for (const char* name : {"next", "reserve", "checkpoint.new"}) {
    CHECK_FALSE(std::filesystem::exists(small.folder + '/' + name));
  }
  auto writer = resume_segment(local_files(), *found, 1 << 16);
  REQUIRE(writer);
  CHECK(writer->durable_seq() == 0);
  const std::string payload = recovery_payload(*found, "boot-1-uuid", kNow, 2, 1);
  CHECK(payload ==
        "{\"v\":1,\"kind\":\"recovery\",\"time_ns\":1763630000000000000,\"log\":\"boot-1-uuid\","
        "\"tail\":\"torn\",\"last_seq\":5,\"durable_seq\":3,\"replayed\":2,\"unknown\":1,"
        "\"torn_bytes\":10,\"torn_frames\":0,\"torn_sha256\":\"" +
            crypto::hex(crypto::sha256("torn bytes")) +
            "\",\"torn_file\":\"0000000000000001.torn-1763630000000000000\"}");
  std::string frames;
  append_frame(frames, {6, kNow, FrameType::recovery, 0, payload}, found->header.salt);
  REQUIRE(writer->append(frames, 6));
  REQUIRE(writer->sync());
  CHECK(writer->durable_seq() == 6);
  found->tree.append(leaf_hash(payload));
  const Trailer trailer{1, 6, found->min_time_ns, kNow, kNow, found->tree.root()};
  std::string frame;
  append_frame(frame, {6, kNow, FrameType::trailer, 0, trailer_payload(trailer)},
               found->header.salt);
  REQUIRE(writer->close(frame));
  const auto read = read_log(small.folder);
  CHECK(read.error == "");
  CHECK(read.state == ReadState::end);
  CHECK(read.seqs.size() == 6);
  const auto closed = recover_log(local_files(), small.folder, {}, kNow);
  REQUIRE(closed);
  CHECK(closed->tail == Tail::closed);
  CHECK(closed->tree.root() == found->tree.root());
  CHECK(closed->link == segment_link(closed->header, trailer_payload(trailer)));
}

TEST_CASE("only the newest segment is looked at, with the tree of those before") {
  const TemporaryFolder folder;
  LogMaker log(folder.path("log"));
  for (int each = 0; each < 7; ++each) log.add("{\"v\":1}");
  log.close_segment();
  for (int each = 0; each < 4; ++each) log.add("{\"v\":2}");
  REQUIRE(log.sync());
  auto found = recover_log(local_files(), folder.path("log"), {}, kNow);
  REQUIRE(found);
  CHECK(found->tail == Tail::open);
  CHECK(found->last_seq == 11);
  CHECK(found->tree.root() == log.tree().root());
  CHECK(found->min_time_ns == log.time_ns() - 3'000'000);
  CHECK(found->max_time_ns == log.time_ns());
  // A header whose tree is not the one of its hashes was not written by us.
  SegmentHeader header = log.header();
  header.edge[0][0] ^= 1;
  std::string bytes;
  append_segment_header(bytes, header);
  put(log.writer().path(), bytes + text_of(log.writer().path()).substr(kSegmentHeader));
  found = recover_log(local_files(), folder.path("log"), {}, kNow);
  REQUIRE(found);
  CHECK(found->tail == Tail::damaged);
  CHECK(found->damage == "the tree of its header is wrong");
}

TEST_CASE("a log at rest is known by its index, unless a checkpoint says that more was there") {
  const TemporaryFolder folder;
  LogMaker log(folder.path("log"));
  for (int each = 1; each <= 9; ++each) log.add(test::event_text(static_cast<unsigned>(each)));
  log.close_segment();
  REQUIRE(finish_segments(local_files(), log.folder(), {}));
  auto found = recover_log(local_files(), log.folder(), {}, kNow);
  REQUIRE(found);
  CHECK(found->tail == Tail::closed);
  CHECK(found->last_seq == 9);
  CHECK(found->end > kSegmentHeader);
  const Checkpoint more[] = {{"o", 10, {}}};
  found = recover_log(local_files(), log.folder(), more, kNow);
  REQUIRE(found);
  CHECK(found->tail == Tail::damaged);
  CHECK(found->lost_from == 10);
  // Without its index it is read.
  std::filesystem::remove(log.folder() + "/quarantine");
  std::filesystem::remove(log.folder() + "/0000000000000001.idx");
  found = recover_log(local_files(), log.folder(), {}, kNow);
  REQUIRE(found);
  CHECK(found->tail == Tail::closed);
  CHECK(found->tree.root() == log.tree().root());
}

TEST_CASE("a torn tail that cannot be kept aside is not cut") {
  const TemporaryFolder folder;
  const Small small(folder);
  put(small.path, small.bytes + "torn");
  FailingFiles files;
  files.write_error = ENOSPC;
  const auto found = recover_log(files, small.folder, {}, kNow);
  REQUIRE_FALSE(found);
  CHECK(found.error().code == ErrorCode::audit_unavailable);
  CHECK(text_of(small.path) == small.bytes + "torn");
}

TEST_CASE("a folder without a segment has nothing to recover") {
  const TemporaryFolder folder;
  const auto found = recover_log(local_files(), folder.path(""), {}, kNow);
  REQUIRE(found);
  CHECK(found->tail == Tail::none);
  CHECK(tail_name(found->tail) == "none");
  CHECK(recover_log(local_files(), folder.path("none"), {}, kNow).error().code ==
        ErrorCode::file_unreadable);
}

}  // namespace
}  // namespace mcpgov::audit
#endif
