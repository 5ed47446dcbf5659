// A log whose disk failed and that went on elsewhere: read, verified and ended as one.
//
// SPDX-License-Identifier: Apache-2.0
#if !defined(_WIN32)
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "audit/closing.hpp"
#include "audit/faulty_files.hpp"
#include "audit/log_folder.hpp"
#include "audit/log_parts.hpp"
#include "audit/log_recovery.hpp"
#include "audit/open_log.hpp"
#include "audit/query.hpp"
#include "audit/retention.hpp"
#include "audit/segment_support.hpp"

namespace mcpgov::audit {
namespace {

using test::check_intact;
using test::FaultyFiles;
using test::LogFolder;
using test::text_of;
using test::verify;
using test::write_record;

struct World : LogFolder {
  test::TemporaryFolder other;
  std::string name;  // of the log that was left

  World() { settings.spare_directory = other.path("spare"); }
  ~World() {
    const std::string ring = text_of(folder_of("ring"));
    std::error_code none;
    if (!ring.empty()) std::filesystem::remove(ring, none);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  std::string folder_of(const std::string& file) const {
    return settings.directory + "/" + name + (file.empty() ? "" : "/" + file);
  }
  std::string spare_of(const std::string& file) const {
    return settings.spare_directory + "/" + name + (file.empty() ? "" : "/" + file);
  }

  // A process writes 100 records, its disk fails, it writes 1,000 more, and dies. synced: all of
  // them are on the spare disk by then; else most of them are in its ring only.
  void leave(bool synced, const std::function<void(Log&)>& last = {}) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) ::_exit(write(synced, last));
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    REQUIRE(WEXITSTATUS(status) == 0);
    for (const auto& each : std::filesystem::directory_iterator(settings.spare_directory)) {
      name = each.path().filename();
    }
    REQUIRE_FALSE(name.empty());
  }

  const LogVerification& verified() {
    last_ = verify(settings);
    for (const LogVerification& log : last_.logs) {
      if (log.name == name) return log;
    }
    FAIL("the log is not there");
    return last_.logs.front();
  }

 private:
  int write(bool synced, const std::function<void(Log&)>& last) const {
    static FaultyFiles files;
    auto log = open_log(settings, files);
    if (!log) return 2;
    for (std::uint64_t each = 0; each < 100; ++each) {
      if (write_record(**log, each) != ErrorCode::none) return 3;
    }
    if (!(*log)->flush(10'000)) return 4;
    files.where = settings.directory + "/";
    files.writes_until = 0;
    files.write_error = files.sync_error = EIO;
    for (std::uint64_t each = 100; each < 1100; ++each) {
      if (write_record(**log, each) != ErrorCode::none) return 5;
      if (each == 200 && !(*log)->flush(10'000)) return 6;
    }
    if (synced && !(*log)->flush(10'000)) return 7;
    if (last) last(**log);
    (void)log->release();  // a process that dies closes nothing
    return 0;
  }

  Verification last_;
};

bool has(const LogVerification& log, Problem problem, bool notice = false) {
  return std::any_of(log.findings.begin(), log.findings.end(), [&](const Finding& each) {
    return each.problem == problem && each.notice == notice;
  });
}

// A log of which nobody has signed a record yet is a problem until it is recovered, and no other.
bool is_only_unsealed(const LogVerification& log) {
  return log.problems == (has(log, Problem::unsealed) ? 1 : 0);
}

// Events of a question without conditions, as `query` and the report find them.
std::uint64_t count_hits(const std::string& directory, bool newest_first, bool use_indexes = true) {
  Question question;
  question.newest_first = newest_first;
  question.limit = 100'000;
  question.use_indexes = use_indexes;
  std::uint64_t hits = 0;
  const auto count = [](void* context, const Hit&) {
    ++*static_cast<std::uint64_t*>(context);
    return true;
  };
  const auto answer = query(directory, question, count, &hits);
  REQUIRE(answer);
  CHECK(answer->damage.empty());
  return hits;
}

std::vector<Error> recover(World& world) {
  auto keys = load_keys(world.settings);
  REQUIRE(keys);
  return recover_left_logs(world.settings, local_files(), **keys).left;
}

TEST_CASE("spare: what readers get of a log that nobody has ended yet") {
  World world;
  world.leave(true);
  CHECK(std::filesystem::exists(world.spare_of("lock")));
  CHECK(test::read_events(world.settings.directory).size() == 1100);
  CHECK(count_hits(world.settings.directory, false) == 1100);
  CHECK(count_hits(world.settings.directory, true) == 1100);
  const LogVerification& log = world.verified();
  CHECK(is_only_unsealed(log));
  CHECK(log.last_seq >= 1101);
  CHECK_FALSE(log.ended);
  // The newest signed note is there, not with the log.
  const auto newest = parse_checkpoint(newest_note(find_folders(world.folder_of(""))));
  if (newest) CHECK(newest->size <= log.last_seq);
}

TEST_CASE("spare: recovery goes on where the log has gone on, and signs the whole of it") {
  for (const bool synced : {true, false}) {
    CAPTURE(synced);
    World world;
    world.leave(synced);
    { auto next = world.open(); }
    CHECK(test::read_events(world.settings.directory).size() == 1100);
    CHECK(count_hits(world.settings.directory, false) == 1100);
    check_intact(world.settings);
    const LogVerification& log = world.verified();
    CHECK(log.ended);
    CHECK(log.by_checksum_only == 0);
    CHECK_FALSE(std::filesystem::exists(world.folder_of("ring")));
    CHECK(text_of(world.folder_of("checkpoint")) == text_of(world.spare_of("checkpoint")));
    // Once more changes nothing.
    const std::string note = text_of(world.folder_of("checkpoint"));
    CHECK(recover(world).empty());
    CHECK(text_of(world.folder_of("checkpoint")) == note);
  }
}

TEST_CASE("spare: a torn end there is kept beside it and cut off") {
  World world;
  world.leave(true);
  std::string newest;
  for (const auto& each : std::filesystem::directory_iterator(world.spare_of(""))) {
    if (each.path().extension() == ".seg") newest = std::max(newest, each.path().string());
  }
  const auto found = examine_log(find_folders(world.folder_of("")), {});
  REQUIRE(found);
  CHECK(found->path == newest);
  {
    std::fstream file(newest, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(found->end));
    file << "half a frame";
  }
  { auto next = world.open(); }
  check_intact(world.settings);
  std::size_t torn = 0;
  for (const auto& each : std::filesystem::directory_iterator(world.spare_of(""))) {
    torn += each.path().string().find(".torn-") != std::string::npos ? 1 : 0;
  }
  CHECK(torn == 1);
  CHECK(test::read_events(world.settings.directory).size() == 1100);
}

TEST_CASE("spare: records that were durable there and are gone put the log in quarantine") {
  World world;
  world.leave(true, [](Log&) { std::this_thread::sleep_for(std::chrono::milliseconds(1200)); });
  const auto note = parse_checkpoint(text_of(world.spare_of("checkpoint")));
  REQUIRE(note);  // a second has passed
  const auto found = examine_log(find_folders(world.folder_of("")), {});
  REQUIRE(found);
  std::filesystem::resize_file(found->path, found->end / 2);
  CHECK(recover(world).empty());
  CHECK(std::filesystem::exists(world.folder_of("quarantine")));
  CHECK(has(world.verified(), Problem::truncated));
  CHECK(has(world.verified(), Problem::quarantined, true));
}

TEST_CASE("spare: a changed record there is found, and its end not signed again") {
  World world;
  world.leave(true);
  { auto next = world.open(); }
  std::string segment;
  for (const auto& each : std::filesystem::directory_iterator(world.spare_of(""))) {
    const std::string path = each.path().string();
    if (path.ends_with(".seg")) segment = path;
    if (path.ends_with(".zst")) segment = path;
  }
  REQUIRE_FALSE(segment.empty());
  std::string bytes = text_of(segment);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::ofstream(segment, std::ios::binary | std::ios::trunc) << bytes;
  CHECK(world.verified().problems > 0);
}

struct Foreign {
  const char* why;
  std::function<void(World&)> change;
  const char* says;  // of the sentence that recovery is left with
};

TEST_CASE("spare: a folder that may be anybody's is neither read nor written into") {
  const auto name_elsewhere = [](World& world, const std::string& place) {
    std::filesystem::rename(world.spare_of(""), place);
    std::ofstream(world.folder_of("spare"), std::ios::trunc) << place;
  };
  const Foreign cases[] = {
      {"others can write into it", [](World& world) { ::chmod(world.spare_of("").c_str(), 0777); },
       "others can write"},
      {"it is a link",
       [](World& world) {
         std::filesystem::create_directory(world.other.path("else"));
         const std::string place = world.other.path("else/" + world.name);
         std::filesystem::rename(world.spare_of(""), place);
         std::filesystem::create_symlink(place, world.spare_of(""));
       },
       "it is a link"},
      {"it is of another log",
       [](World& world) {
         World second;
         second.leave(true);
         std::filesystem::remove_all(world.spare_of(""));
         std::filesystem::copy(second.spare_of(""), world.spare_of(""));
         ::chmod(world.spare_of("").c_str(), 0700);
       },
       "another log"},
      {"its first segment is gone",
       [](World& world) {
         const auto segments = list_segments(world.spare_of(""));
         REQUIRE(segments);
         std::ofstream(world.spare_of(segments->front().name()), std::ios::trunc) << "x";
       },
       "cannot be read"},
      {"the file names a folder that is not below the spare directory",
       [&](World& world) {
         std::filesystem::create_directory(world.other.path("else"));
         name_elsewhere(world, world.other.path("else/" + world.name));
       },
       "not below the spare directory"},
      {"the file cannot be read",
       [](World& world) {
         std::filesystem::remove_all(world.spare_of(""));
         std::filesystem::remove(world.folder_of("spare"));
         std::filesystem::create_symlink("/etc/hostname", world.folder_of("spare"));
       },
       "cannot"},
      {"the spare disk is not there",
       [](World& world) {
         std::filesystem::rename(world.settings.spare_directory, world.other.path("away"));
         std::filesystem::create_directory(world.settings.spare_directory);
       },
       "cannot be read"},
      {"the settings have none any more",
       [](World& world) { world.settings.spare_directory.clear(); },
       "not below the spare directory"},
      {"the file names a folder of another name",
       [](World& world) {
         std::filesystem::remove_all(world.spare_of(""));
         std::ofstream(world.folder_of("spare"), std::ios::trunc) << "/etc";
       },
       "cannot be read"},
  };
  for (const Foreign& each : cases) {
    CAPTURE(std::string(each.why));
    World world;
    world.leave(true);
    each.change(world);
    std::map<std::string, std::string> before;
    for (const auto& file : std::filesystem::directory_iterator(world.folder_of(""))) {
      before[file.path()] = text_of(file.path());
    }
    const std::vector<Error> left = recover(world);
    REQUIRE(left.size() == 1);
    CHECK(left[0].code == ErrorCode::audit_unavailable);
    CAPTURE(left[0].message);
    CHECK(left[0].message.find(world.name) != std::string::npos);
    CHECK(left[0].message.find(each.says) != std::string::npos);
    for (const auto& file : std::filesystem::directory_iterator(world.folder_of(""))) {
      CHECK(before[file.path()] == text_of(file.path()));
    }
    CHECK_FALSE(world.verified().ended);
  }
}

TEST_CASE("spare: verify says what is not read, and what is not there") {
  World world;
  world.leave(true);
  ::chmod(world.spare_of("").c_str(), 0777);
  CHECK(has(world.verified(), Problem::foreign));
  CHECK(list_segments(find_folders(world.folder_of("")))->size() == 1);
  ::chmod(world.spare_of("").c_str(), 0700);
  CHECK(is_only_unsealed(world.verified()));
  std::filesystem::rename(world.settings.spare_directory, world.other.path("away"));
  CHECK(has(world.verified(), Problem::unreadable, true));
  // Elsewhere, for whoever verifies copies.
  auto keys = read_verifier_keys(world.settings.directory + "/signing.vkey");
  REQUIRE(keys);
  VerifyOptions options;
  options.keys = *keys;
  options.spare_directory = world.other.path("away");
  const auto log = verify_log(world.folder_of(""), options);
  REQUIRE(log);
  CHECK(is_only_unsealed(*log));
  CHECK(log->last_seq >= 1101);
}

TEST_CASE("spare: what cannot be recovered is told by the next log and by its health") {
  World world;
  world.leave(true);
  ::chmod(world.spare_of("").c_str(), 0777);
  auto next = world.open();
  CHECK(next->health().detail.find(world.name) != std::string::npos);
  REQUIRE(next->flush(10'000));
  auto reader = LogReader::open(world.settings.directory + "/" + next->health().log);
  REQUIRE(reader);
  bool told = false;
  for (Frame frame; reader->next(frame) == ReadState::frame;) {
    if (frame.type != FrameType::recovery) continue;
    const auto json = nlohmann::json::parse(frame.payload);
    told = told || json.value("left", "").find(world.name) != std::string::npos;
  }
  CHECK(told);
}

TEST_CASE("spare: a log that never went there leaves nothing there") {
  World world;
  {
    auto log = world.open();
    REQUIRE(write_record(*log, 1) == ErrorCode::none);
    world.name = log->health().log;
    CHECK(text_of(world.folder_of("spare")) == world.spare_of(""));
    CHECK(std::filesystem::is_directory(world.spare_of("")));
  }
  CHECK(recover(world).empty());
  CHECK_FALSE(std::filesystem::exists(world.spare_of("")));
  CHECK_FALSE(std::filesystem::exists(world.folder_of("spare")));
  check_intact(world.settings);
}

TEST_CASE("spare: a log at rest does not wait for a spare disk that was taken away") {
  World world;
  {
    auto log = world.open();
    REQUIRE(write_record(*log, 1) == ErrorCode::none);
    world.name = log->health().log;
  }
  std::filesystem::remove_all(world.settings.spare_directory);
  world.settings.spare_directory.clear();
  CHECK(recover(world).empty());
  CHECK(std::filesystem::exists(world.folder_of("spare")));
  CHECK(world.verified().problems == 0);
}

TEST_CASE("spare: a log that ended there stays so when the settings have no spare directory") {
  World world;
  world.leave(true);
  { auto next = world.open(); }
  world.settings.spare_directory.clear();
  CHECK(recover(world).empty());
  CHECK(world.verified().problems == 0);
  CHECK(world.verified().ended);
}

TEST_CASE("spare: a reader that follows a log goes with it") {
  World world;
  FaultyFiles files;
  auto log = world.open(files);
  world.name = log->health().log;
  for (std::uint64_t each = 0; each < 50; ++each) REQUIRE(write_record(*log, each) == ErrorCode{});
  REQUIRE(log->flush(10'000));
  auto reader = LogReader::open(world.folder_of(""));
  REQUIRE(reader);
  std::uint64_t events = 0, last = 0;
  const auto read_on = [&] {
    Frame frame;
    ReadState state = ReadState::frame;
    while ((state = reader->next(frame)) == ReadState::frame) {
      if (!is_leaf(frame.type)) continue;
      CHECK(frame.seq == last + 1);
      last = frame.seq;
      events += frame.type == FrameType::event ? 1 : 0;
    }
    CHECK(state == ReadState::end);
  };
  read_on();
  CHECK(events == 50);
  files.where = world.settings.directory + "/";
  files.writes_until = 0;
  files.write_error = files.sync_error = EIO;
  for (std::uint64_t each = 50; each < 120; ++each)
    REQUIRE(write_record(*log, each) == ErrorCode{});
  REQUIRE(log->flush(10'000));
  read_on();
  CHECK(events == 120);
  CHECK(reader->segment_file().find(world.settings.spare_directory) == 0);
  log.reset();
  read_on();
}

TEST_CASE("spare: segments there are compressed, and retention takes them as any other") {
  World world;
  world.leave(true);
  { auto next = world.open(); }
  REQUIRE(finish_segments(local_files(), world.folder_of(""), {}));
  std::size_t compressed = 0;
  for (const auto& each : std::filesystem::directory_iterator(world.spare_of(""))) {
    compressed += each.path().string().ends_with(".seg.zst") ? 1 : 0;
  }
  CHECK(compressed >= 1);
  CHECK(test::read_events(world.settings.directory).size() == 1100);
  CHECK(count_hits(world.settings.directory, false) == 1100);
  check_intact(world.settings);
  RetentionSettings settings;
  settings.bytes = 1;
  const auto retired = retire_segments(local_files(), world.settings.directory, settings, 0);
  REQUIRE(retired);
  check_intact(world.settings);
}

TEST_CASE("spare: of two segments with one number the one that was written later counts") {
  const test::TemporaryFolder folder;
  const std::string own = folder.path("one/log"), spare = folder.path("two/log");
  for (const char* each : {"one", "two", "two/log"}) {
    REQUIRE(local_files().make_folder(folder.path(each)) == 0);
  }
  test::LogMaker log(own);
  for (std::uint64_t each = 0; each < 10; ++each) log.add(test::event_text(each));
  log.close_segment();
  // The second one, three times: at home, on the spare disk, and at home again.
  const auto begin = [&](const std::string& where, std::uint32_t salt, std::uint32_t before) {
    SegmentHeader next = log.header();
    next.first_seq = 11;
    next.tree_size = 10;
    next.root = log.tree().root();
    next.edge.assign(log.tree().edge().begin(), log.tree().edge().end());
    next.salt = salt;
    next.previous_salt = before;
    std::filesystem::remove(where + "/000000000000000b.seg");
    auto made = SegmentWriter::create(local_files(), where, 1 << 16, next);
    REQUIRE(made);
  };
  std::ofstream(own + "/spare") << spare;
  begin(own, 101, log.header().salt);
  begin(spare, 102, 101);
  auto segments = list_segments(find_folders(own));
  REQUIRE(segments);
  REQUIRE(segments->size() == 2);
  CHECK(segments->back().spare);
  begin(own, 103, 102);
  segments = list_segments(find_folders(own));
  REQUIRE(segments);
  REQUIRE(segments->size() == 2);
  CHECK_FALSE(segments->back().spare);
  segments = list_segments(find_folders(own), Replaced::list);
  REQUIRE(segments);
  REQUIRE(segments->size() == 3);
  CHECK((*segments)[1].spare);
  begin(own, 104, 7);  // neither goes on from the other
  CHECK(find_folders(own).spare.empty());
  CHECK(find_folders(own).refused.find("do not follow") != std::string::npos);
}

TEST_CASE("spare: records that a reader had before their segment was given up come once") {
  const test::TemporaryFolder folder;
  const std::string own = folder.path("one/log"), spare = folder.path("two/log");
  for (const char* each : {"one", "two", "two/log"}) {
    REQUIRE(local_files().make_folder(folder.path(each)) == 0);
  }
  test::LogMaker log(own);
  for (std::uint64_t each = 0; each < 7; ++each) log.add(test::event_text(each));
  REQUIRE(log.sync());
  SegmentHeader next = log.header();
  next.previous_salt = next.salt++;
  next.first_seq = 8;
  next.tree_size = 7;
  next.root = log.tree().root();
  next.edge.assign(log.tree().edge().begin(), log.tree().edge().end());
  for (std::uint64_t each = 7; each < 10; ++each) log.add(test::event_text(each));
  REQUIRE(log.write());
  FileLock process;
  REQUIRE(process.take(own + "/lock") == 0);
  auto reader = LogReader::open(own);
  REQUIRE(reader);
  std::string told;
  const auto read_on = [&] {
    Frame frame;
    ReadState state = ReadState::frame;
    while ((state = reader->next(frame)) == ReadState::frame) {
      if (is_leaf(frame.type)) told += std::to_string(frame.seq) + " ";
    }
    CHECK(state == ReadState::end);
  };
  read_on();
  std::ofstream(own + "/spare") << spare;
  auto writer = SegmentWriter::create(local_files(), spare, 1 << 16, next);
  REQUIRE(writer);
  std::string frames;
  for (std::uint64_t seq = 8; seq < 13; ++seq) {
    append_frame(frames, {seq, 5, FrameType::event, 0, test::event_text(seq - 1)}, next.salt);
  }
  REQUIRE(writer->append(frames, 12));
  read_on();
  CHECK(told == "1 2 3 4 5 6 7 8 9 10 11 12 ");
}

TEST_CASE("spare: it cannot be the log's own directory") {
  LogFolder world;
  world.settings.spare_directory = world.settings.directory;
  const auto log = Log::open(world.settings);
  REQUIRE_FALSE(log);
  CHECK(log.error().code == ErrorCode::audit_open);
}

}  // namespace
}  // namespace mcpgov::audit
#endif
