// Tests of src/audit/verify.hpp on logs that nobody has changed, in every state that a log can be
// in; tamper_test.cpp changes them.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/verify.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "audit/closing.hpp"
#include "audit/retention.hpp"
#include "audit/sealed_log.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::audit;
using namespace mcpgov::test;
namespace fs = std::filesystem;

LogVerification verified(const SealedLog& log, const VerifyOptions& options) {
  auto out = verify_log(log.folder(), options);
  REQUIRE_MESSAGE(out.has_value(), out.error().text());
  return *out;
}

// Problems as text, so that a failure shows them.
std::string problems_of(const LogVerification& log) {
  std::string out;
  for (const Finding& each : log.findings) {
    if (each.notice) continue;
    out.append(problem_name(each.problem)).append(" ").append(each.file).append(" ");
    out.append(std::to_string(each.offset)).append(": ").append(each.message).append("\n");
  }
  return out;
}

std::set<Problem> notices_of(const LogVerification& log) {
  std::set<Problem> out;
  for (const Finding& each : log.findings) {
    if (each.notice) out.insert(each.problem);
  }
  return out;
}

TEST_CASE("verify: an untouched log is proven whole, by its last checkpoint") {
  const TemporaryFolder folder;
  const SealedLog log(folder.path("."));
  const LogVerification out = verified(log, log.options());
  CHECK(problems_of(out) == "");
  CHECK(out.intact());
  CHECK(out.notices == 0);
  CHECK(out.name == log.name());
  CHECK(out.origin == log.origin());
  CHECK_FALSE(out.alive);
  CHECK(out.ended);
  CHECK(out.segments == 3);
  CHECK(out.compressed == 0);
  CHECK(out.first_seq == 1);
  CHECK(out.last_seq == SealedLog::kRecords);
  CHECK(out.leaves[static_cast<std::size_t>(FrameType::event)] == 60);
  CHECK(out.leaves[static_cast<std::size_t>(FrameType::heartbeat)] == 2);
  CHECK(out.leaves[static_cast<std::size_t>(FrameType::config)] == 1);
  CHECK(out.checkpoints == 6);
  CHECK(out.last_time_ns - out.first_time_ns == 62'000'000);
  REQUIRE(out.proven.size() == 1);
  CHECK(out.proven[0].first_seq == 1);
  CHECK(out.proven[0].last_seq == SealedLog::kRecords);
  CHECK(out.proven[0].size == SealedLog::kRecords);
  CHECK(out.by_checksum_only == 0);
}

TEST_CASE("verify: compressed segments are the same log") {
  const TemporaryFolder folder;
  const SealedLog log(folder.path("."));
  const std::uint64_t bytes = verified(log, log.options()).bytes;
  REQUIRE(finish_segments(local_files(), log.folder(), {}).has_value());
  for (const unsigned threads : {1U, 2U, 8U}) {
    VerifyOptions options = log.options();
    options.threads = threads;
    const LogVerification out = verified(log, options);
    CHECK(problems_of(out) == "");
    CHECK(out.compressed == 3);
    CHECK(out.bytes == bytes);
    CHECK(out.checkpoints == 6);
    CHECK(out.by_checksum_only == 0);
  }
}

TEST_CASE("verify: without a key nothing is proven, and nothing is wrong") {
  const TemporaryFolder folder;
  const SealedLog log(folder.path("."));
  const LogVerification out = verified(log, {});
  CHECK(problems_of(out) == "");
  CHECK(out.proven.empty());
  CHECK(out.by_checksum_only == SealedLog::kRecords);
  CHECK(notices_of(out) == std::set{Problem::signature});
}

TEST_CASE("verify: which keys vouch for a log is a matter of their names") {
  struct Case {
    const char* name;
    std::string key;
    bool vouches;
  };
  const TemporaryFolder folder;
  const SealedLog log(folder.path("."));
  const Case cases[] = {
      {"what stands before the log's own name", "test.example", true},
      {"the whole origin", "test.example/boot-1-log", true},
      {"a beginning that ends elsewhere than at a `/`", "test.exampl", false},
      {"another origin", "other.example", false},
      {"the log's own name", "boot-1-log", false},
      {"more than the origin", "test.example/boot-1-log/", false},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    VerifyOptions options;
    options.keys = {{"unrelated.example", signer_of('t').public_key()},
                    {c.key, log.signer().public_key()}};
    CHECK(verified(log, options).intact() == c.vouches);
  }
  // A former key of the same name does not get in the way of the one that signed.
  VerifyOptions rotated = log.options();
  rotated.keys.insert(rotated.keys.begin(), {"test.example", signer_of('t').public_key()});
  CHECK(verified(log, rotated).intact());
}

TEST_CASE("verify: a log that is open, of which the last records are not sealed yet") {
  const TemporaryFolder folder;
  LogMaker maker(folder.path("log"));
  const Signer signer = signer_of('s');
  FileLock lock;
  REQUIRE(lock.take(folder.path("log/lock")) == 0);
  for (std::uint64_t each = 0; each < 10; ++each) maker.add(timely_event(maker, each));
  REQUIRE(maker.sync());
  const Checkpoint sealed{"test.example/log", maker.tree().size(), maker.tree().root()};
  maker.add(timely_event(maker, 10));
  maker.note(FrameType::checkpoint, signer.sign(sealed));
  maker.add(timely_event(maker, 11));
  REQUIRE(maker.write());
  VerifyOptions options;
  options.keys = {{"test.example", signer.public_key()}};
  auto out = verify_log(folder.path("log"), options);
  REQUIRE(out.has_value());
  CHECK(problems_of(*out) == "");
  CHECK(out->alive);
  CHECK_FALSE(out->ended);
  CHECK(out->last_seq == 12);
  REQUIRE(out->proven.size() == 1);
  CHECK(out->proven[0].last_seq == 10);
  CHECK(out->proven[0].file == "0000000000000001.seg");
  CHECK(out->proven[0].offset > 4096);
  CHECK(out->by_checksum_only == 2);
  CHECK(out->notices == 0);

  // The process is gone: the same is to be known now, and is no sign of a change.
  lock.release();
  out = verify_log(folder.path("log"), options);
  CHECK(out->intact());
  CHECK(notices_of(*out) == std::set{Problem::unsealed});

  // Unsealed for minutes, it is one.
  maker.set_time_ns(maker.time_ns() + 120'000'000'000);
  maker.add(timely_event(maker, 12));
  REQUIRE(maker.write());
  out = verify_log(folder.path("log"), options);
  CHECK(problems_of(*out).starts_with("unsealed"));
}

TEST_CASE("verify: how long a dead process may have left unsealed is a matter of its interval") {
  const TemporaryFolder folder;
  const Signer signer = signer_of('s');
  VerifyOptions options;
  options.keys = {{"test.example", signer.public_key()}};
  struct Case {
    const char* name;
    std::uint64_t interval_ms, unsealed_s;
    bool intact;
  };
  const Case cases[] = {
      {"second: a minute of records", 1'000, 60, true},
      {"second: more than a minute, and what is added", 1'000, 68, false},
      {"hour: two hours of records", 3'600'000, 7'200, true},
      {"hour: more than two hours", 3'600'000, 7'266, false},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    const std::string name = std::to_string(&c - cases);
    LogMaker maker(folder.path(name), local_files(), 1 << 20, "test.example/" + name);
    LogSettings settings;
    settings.seal_interval_ms = static_cast<std::uint32_t>(c.interval_ms);
    maker.add(config_payload(settings, {0, name, {}, {}}), FrameType::config);
    const Tree& tree = maker.tree();
    maker.note(FrameType::checkpoint,
               signer.sign({"test.example/" + name, tree.size(), tree.root()}));
    maker.set_time_ns(maker.time_ns() + c.unsealed_s * 1'000'000'000);
    maker.add(timely_event(maker, 1));
    REQUIRE(maker.sync());
    const auto out = verify_log(folder.path(name), options);
    REQUIRE(out.has_value());
    CAPTURE(problems_of(*out));
    CHECK(out->intact() == c.intact);
    CHECK(out->findings.back().problem == Problem::unsealed);
  }
}

TEST_CASE("verify: what retention can write of the segments that it removed is read") {
  const TemporaryFolder folder;
  const SealedLog log(folder.path("."));
  REQUIRE(finish_segments(local_files(), log.folder(), {}).has_value());
  RetentionSettings settings;
  settings.days = 1;
  REQUIRE(retire_segments(local_files(), folder.path("."), settings, ~0ULL).has_value());
  CHECK(verified(log, log.options()).retired == SealedLog::kRecords);
  std::ofstream retired(log.folder() + "/retired", std::ios::app);
  const std::string line(1 << 20, ' ');
  for (std::size_t size = 0; size < kMaxRetired - (2 << 20); size += line.size() + 1) {
    retired << line << '\n';
  }
  retired.close();
  const LogVerification out = verified(log, log.options());
  CHECK(problems_of(out) == "");
  CHECK(out.retired == SealedLog::kRecords);
}

TEST_CASE("verify: a log without a checkpoint, and one without a record") {
  const TemporaryFolder folder;
  VerifyOptions options;
  options.keys = {{"test.example", signer_of('s').public_key()}};
  fs::create_directory(folder.path("empty"));
  auto out = verify_log(folder.path("empty"), options);
  REQUIRE(out.has_value());
  CHECK(out->intact());
  CHECK(out->last_seq == 0);
  LogMaker maker(folder.path("log"));
  maker.add(timely_event(maker, 1));
  REQUIRE(maker.write());
  out = verify_log(folder.path("log"), options);
  CHECK(problems_of(*out).starts_with("unsealed  0: no checkpoint of this log holds"));
  const auto missing = verify_log(folder.path("missing"), options);
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code == ErrorCode::file_unreadable);
}

TEST_CASE("verify: checkpoints that were kept elsewhere") {
  const TemporaryFolder folder;
  const SealedLog log(folder.path("."));
  const Tree empty;
  VerifyOptions options = log.options();
  options.against = {log.checkpoint(), log.signer().sign({log.origin(), 0, empty.root()})};
  CHECK(problems_of(verified(log, options)) == "");
  struct Case {
    const char* name;
    std::string note;
    Problem problem;
  };
  const Case cases[] = {
      {"one of more records: the log was taken back",
       log.signer().sign({log.origin(), 64, leaf_hash("x")}), Problem::truncated},
      {"one of the same size with another root: the log was written anew",
       log.signer().sign({log.origin(), 63, leaf_hash("x")}), Problem::root},
      {"one of fewer records with another root",
       log.signer().sign({log.origin(), 30, leaf_hash("x")}), Problem::root},
      {"one of another log", log.signer().sign({"test.example/other", 9, leaf_hash("x")}),
       Problem::vanished},
      {"one that another key signed", signer_of('t').sign({log.origin(), 63, log.root()}),
       Problem::signature},
      {"one that was changed", log.checkpoint() + "x", Problem::signature},
      {"text that is none", "63", Problem::signature},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    options.against = {c.note};
    const LogVerification out = verified(log, options);
    CAPTURE(problems_of(out));
    REQUIRE(out.problems == 1);
    CHECK(out.findings.back().problem == c.problem);
    CHECK(out.findings.back().log == log.name());
  }
}

TEST_CASE("verify: silence is noticed, also of a process that has the log open") {
  const TemporaryFolder folder;
  const std::string path = folder.path("log");
  LogMaker maker(path);
  LogSettings settings;
  settings.origin = "test.example";
  settings.heartbeat_s = 60;
  maker.add(config_payload(settings, {0, "log", {}, {}}), FrameType::config);
  const auto beat = [&](std::uint64_t seconds) {
    maker.set_time_ns(maker.time_ns() + seconds * 1'000'000'000);
    maker.add(R"({"v":1,"kind":"heartbeat"})", FrameType::heartbeat);
  };
  beat(60);
  beat(124);
  REQUIRE(maker.sync());
  FileLock lock;
  REQUIRE(lock.take(path + "/lock") == 0);
  VerifyOptions options;
  options.now_ns = maker.time_ns() + 120'000'000'000;
  CHECK(notices_of(*verify_log(path, options)) == std::set{Problem::signature});
  options.now_ns = maker.time_ns() + 126'000'000'000;
  CHECK(notices_of(*verify_log(path, options)) == std::set{Problem::signature, Problem::silent});
  options.now_ns = 0;
  beat(126);
  REQUIRE(maker.sync());
  const auto out = verify_log(path, options);
  CHECK(out->intact());
  CHECK(notices_of(*out) == std::set{Problem::signature, Problem::silent});
}

TEST_CASE("verify: what recovery signed for a dead process is told of") {
  const TemporaryFolder folder;
  const std::string path = folder.path("log");
  LogMaker maker(path);
  const Signer signer = signer_of('s');
  VerifyOptions options;
  options.keys = {{"test.example", signer.public_key()}};
  const auto seal = [&](bool inside) {
    const std::string note =
        signer.sign({"test.example/log", maker.tree().size(), maker.tree().root()});
    if (inside) maker.note(FrameType::checkpoint, note);
    std::ofstream(path + "/checkpoint", std::ios::trunc) << note;
  };
  for (std::uint64_t each = 0; each < 3; ++each) maker.add(timely_event(maker, each));
  seal(true);
  // That a segment was written again is no recovery.
  maker.add(R"({"v":1,"kind":"recovery","time":"","cause":"write","from_seq":2})",
            FrameType::recovery);
  seal(true);
  for (std::uint64_t each = 0; each < 3; ++each) maker.add(timely_event(maker, each));
  maker.add(R"({"v":1,"kind":"recovery","tail":"torn"})", FrameType::recovery);
  seal(true);
  maker.close_segment();
  auto out = verify_log(path, options);
  REQUIRE(out.has_value());
  CHECK(problems_of(*out) == "");
  REQUIRE(notices_of(*out) == std::set{Problem::recovered});
  CHECK(out->findings[0].first_seq == 5);
  CHECK(out->findings[0].last_seq == 8);
  CHECK(out->findings[0].file == "0000000000000001.seg");

  // The process was killed between two segments: what is signed stands in the file alone.
  maker.add(timely_event(maker, 1));
  maker.close_segment();
  CHECK(problems_of(*verify_log(path, options)).starts_with("unsealed"));
  seal(false);
  out = verify_log(path, options);
  CHECK(problems_of(*out) == "");
  REQUIRE(out->notices == 2);
  CHECK(out->findings[1].problem == Problem::recovered);
  CHECK(out->findings[1].first_seq == 9);
  CHECK(out->findings[1].last_seq == 9);
}

TEST_CASE("verify: a segment that a failing disk left behind counts up to the next one only") {
  const TemporaryFolder folder;
  const std::string path = folder.path("log");
  LogMaker maker(path);
  const Signer signer = signer_of('s');
  for (std::uint64_t each = 0; each < 5; ++each) maker.add(timely_event(maker, each));
  REQUIRE(maker.sync());
  // Written, never durable: torn in the file, and again in the segment that follows.
  const std::string first = path + "/0000000000000001.seg";
  std::string lost;
  append_frame(lost, {6, maker.time_ns(), FrameType::event, 0, timely_event(maker, 6)},
               maker.header().salt);
  {
    std::fstream file(first, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(maker.writer().used()));
    file << lost << lost.substr(0, 50);
  }
  Tree tree = maker.tree();
  SegmentHeader header = maker.header();
  header.previous_segment = segment_link(header, {});
  header.previous_salt = std::exchange(header.salt, 0x1234);
  header.first_seq = tree.size() + 1;
  header.tree_size = tree.size();
  header.root = tree.root();
  header.edge.assign(tree.edge().begin(), tree.edge().end());
  auto writer = SegmentWriter::create(local_files(), path, 1 << 20, header);
  REQUIRE(writer.has_value());
  std::string frames;
  for (std::uint64_t seq = 6; seq < 9; ++seq) {
    const std::string text = timely_event(maker, seq);
    append_frame(frames, {seq, maker.time_ns() + 1'000'000, FrameType::event, 0, text},
                 header.salt);
    tree.append(leaf_hash(text));
  }
  const std::string note = signer.sign({"test.example/log", 8, tree.root()});
  append_frame(frames, {8, maker.time_ns(), FrameType::checkpoint, 0, note}, header.salt);
  REQUIRE(writer->append(frames, 8));
  VerifyOptions options;
  options.keys = {{"test.example", signer.public_key()}};
  const auto out = verify_log(path, options);
  REQUIRE(out.has_value());
  CHECK(problems_of(*out) == "");
  CHECK(out->last_seq == 8);
  CHECK(out->by_checksum_only == 0);
}

}  // namespace
