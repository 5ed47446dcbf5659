// Retention: the oldest closed segments go, nothing else, and each leaves what verification needs.
//
// SPDX-License-Identifier: Apache-2.0
#if !defined(_WIN32)
#include "audit/retention.hpp"

#include <filesystem>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "audit/closing.hpp"
#include "audit/log_folder.hpp"
#include "audit/segment_support.hpp"

namespace mcpgov::audit {
namespace {

using test::FailingFiles;
using test::LogMaker;
using test::read_log;
using test::TemporaryFolder;
using test::text_of;

constexpr std::uint64_t kDay = 86'400'000'000'000;
constexpr std::uint64_t kBegin = 1'763'620'000'000'000'000;

// Logs `a` and `b` with a segment of 10 records for each of four days; both are closed.
struct World {
  TemporaryFolder folder{test::memory()};
  std::string directory = folder.path("logs");

  World() {
    REQUIRE(local_files().make_folder(directory) == 0);
    for (const char* name : {"a", "b"}) {
      LogMaker log(directory + '/' + name);
      for (std::uint64_t day = 0; day < 4; ++day) {
        log.set_time_ns(kBegin + day * kDay + (*name == 'b' ? kDay / 2 : 0));
        for (int each = 0; each < 10; ++each) log.add(test::event_text(log.tree().size() + 1));
        log.note(FrameType::checkpoint, "note of day " + std::to_string(day));
        log.close_segment();
      }
      REQUIRE(finish_segments(local_files(), log.folder(), {}));
    }
  }

  std::uint64_t first(const char* name) const {
    const auto segments = list_segments(directory + '/' + name);
    REQUIRE(segments);
    return segments->empty() ? 0 : segments->front().first_seq;
  }
};

TEST_CASE("without a limit everything stays") {
  const World world;
  const auto done = retire_segments(local_files(), world.directory, {}, kBegin + 1000 * kDay);
  REQUIRE(done);
  CHECK(done->segments == 0);
  CHECK(world.first("a") == 1);
}

TEST_CASE("what is older than the days goes, segment by segment") {
  const World world;
  RetentionSettings settings;
  settings.days = 2;
  auto done =
      retire_segments(local_files(), world.directory, settings, kBegin + 3 * kDay + kDay / 4);
  REQUIRE(done);
  CHECK(done->segments == 3);
  CHECK(done->bytes > 0);
  CHECK(world.first("a") == 21);
  CHECK(world.first("b") == 11);
  const auto read = read_log(world.directory + "/a");
  CHECK(read.error == "");
  CHECK(read.seqs.front() == 21);
  CHECK(read.seqs.size() == 20);
  // Later everything of a dead log may go; what it signed stays.
  done = retire_segments(local_files(), world.directory, settings, kBegin + 100 * kDay);
  REQUIRE(done);
  CHECK(done->logs == 2);
  CHECK(world.first("a") == 0);
  CHECK(std::filesystem::exists(world.directory + "/a/retired"));
}

TEST_CASE("each segment that goes leaves a line with its trailer and its last checkpoint") {
  const World world;
  RetentionSettings settings;
  settings.days = 1;
  REQUIRE(retire_segments(local_files(), world.directory, settings, kBegin + 100 * kDay));
  const std::string text = text_of(world.directory + "/a/retired");
  std::istringstream lines(text);
  std::string line, former_link;
  std::uint64_t day = 0;
  for (; std::getline(lines, line); ++day) {
    const auto json = nlohmann::json::parse(line);
    CHECK(json["kind"] == "retired");
    CHECK(json["first_seq"] == day * 10 + 1);
    CHECK(json["last_seq"] == day * 10 + 10);
    CHECK(json["trailer"]["last_seq"] == day * 10 + 10);
    CHECK(json["checkpoint"] == "note of day " + std::to_string(day));
    if (day != 0) CHECK(json["previous_segment"] == former_link);
    former_link = json["link"];
  }
  CHECK(day == 4);
}

TEST_CASE("too many bytes are brought down by the oldest of all logs") {
  const World world;
  std::uint64_t total = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world.directory)) {
    if (entry.is_regular_file()) total += entry.file_size();
  }
  RetentionSettings settings;
  settings.bytes = total / 2;
  const auto done = retire_segments(local_files(), world.directory, settings, kBegin);
  REQUIRE(done);
  CHECK(done->segments >= 4);
  CHECK(done->segments <= 5);
  CHECK(world.first("a") >= 21);
  CHECK(world.first("b") >= 21);
}

TEST_CASE("what a sink has not taken stays, with all that follows it in its log") {
  const World world;
  RetentionSettings settings;
  settings.days = 1;
  settings.exported = [](void*, std::string_view log) noexcept {
    return log == "a" ? std::uint64_t{15} : ~std::uint64_t{0};
  };
  const auto done = retire_segments(local_files(), world.directory, settings, kBegin + 100 * kDay);
  REQUIRE(done);
  CHECK(done->held_back);
  CHECK(world.first("a") == 11);
  CHECK(world.first("b") == 0);
}

TEST_CASE("the newest segment of a live log, an open one and a log in quarantine stay") {
  const World world;
  FileLock lock;
  REQUIRE(lock.take(world.directory + "/a/lock") == 0);
  world.folder.write("logs/b/quarantine", "damage");
  LogMaker open(world.directory + "/c");
  open.add(test::event_text(1));
  REQUIRE(open.sync());
  RetentionSettings settings;
  settings.days = 1;
  settings.bytes = 1;
  const auto done = retire_segments(local_files(), world.directory, settings, kBegin + 100 * kDay);
  REQUIRE(done);
  CHECK(done->segments == 3);
  CHECK(world.first("a") == 31);
  CHECK(world.first("b") == 1);
  CHECK(world.first("c") == 1);
}

TEST_CASE("nothing goes whose line cannot be kept, and a line is written once") {
  const World world;
  RetentionSettings settings;
  settings.days = 1;
  FailingFiles files;
  files.write_error = ENOSPC;
  const auto refused = retire_segments(files, world.directory, settings, kBegin + 100 * kDay);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::audit_unavailable);
  CHECK(world.first("a") == 1);
  const std::string kept = text_of(world.directory + "/a/" + name_of(1, ".seg.zst"));
  const std::string index = text_of(world.directory + "/a/" + name_of(1, ".idx"));
  settings.days = 99;
  REQUIRE(retire_segments(local_files(), world.directory, settings, kBegin + 99 * kDay + kDay / 4));
  CHECK(world.first("a") == 11);
  // It died between the line and the removal.
  world.folder.write("logs/a/" + name_of(1, ".seg.zst"), kept);
  world.folder.write("logs/a/" + name_of(1, ".idx"), index);
  const std::string lines = text_of(world.directory + "/a/retired");
  REQUIRE(retire_segments(local_files(), world.directory, settings, kBegin + 99 * kDay + kDay / 4));
  CHECK(world.first("a") == 11);
  CHECK(text_of(world.directory + "/a/retired") == lines);
  CHECK(retire_segments(local_files(), world.folder.path("none"), settings, kBegin).error().code ==
        ErrorCode::file_unreadable);
}

}  // namespace
}  // namespace mcpgov::audit
#endif
