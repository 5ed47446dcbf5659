// What once could be done to a log, or to the machine by one, and cannot be done any more.
//
// SPDX-License-Identifier: Apache-2.0
#if !defined(_WIN32)
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/closing.hpp"
#include "audit/left_ring.hpp"
#include "audit/log_folder.hpp"
#include "audit/log_parts.hpp"
#include "audit/log_recovery.hpp"
#include "audit/open_log.hpp"
#include "audit/sealed_log.hpp"

namespace mcpgov::audit {
namespace {

using test::check_intact;
using test::LogFolder;
using test::text_of;
using test::verify;
using test::write_record;

void put(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// The log of a process that records so much and then dies; the name of its folder.
std::string leave_log(const LogSettings& settings, std::uint64_t records, std::uint64_t group = 0) {
  const auto before = list_logs(settings.directory);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto log = Log::open(settings);
    if (!log) ::_exit(2);
    for (std::uint64_t each = 0; each < records; ++each) {
      if (write_record(**log, each, group) != ErrorCode::none) ::_exit(3);
    }
    ::_exit((*log)->flush(10'000) ? 0 : 4);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 0);
  const auto after = list_logs(settings.directory);
  REQUIRE(after);
  for (const LogEntry& each : *after) {
    const bool old = before && std::any_of(before->begin(), before->end(), [&](const auto& other) {
                       return other.name == each.name;
                     });
    if (!old) return each.name;
  }
  FAIL("the process has left no log");
  return {};
}

// Whether a log has a problem of this kind.
bool has_problem(const Verification& verified, const std::string& name, Problem problem) {
  for (const LogVerification& log : verified.logs) {
    for (const Finding& each : log.findings) {
      if (log.name == name && !each.notice && each.problem == problem) return true;
    }
  }
  return false;
}

const LogVerification& log_of(const Verification& verified, const std::string& name) {
  for (const LogVerification& log : verified.logs) {
    if (log.name == name) return log;
  }
  FAIL("the log is not there");
  return verified.logs.front();
}

// A log that was ended in order, compressed, with its index.
std::string make_log_at_rest(LogFolder& folder, std::uint64_t records) {
  std::string name;
  {
    auto log = folder.open();
    name = log->health().log;
    for (std::uint64_t each = 0; each < records; ++each) {
      REQUIRE(write_record(*log, each) == ErrorCode::none);
    }
  }
  const std::string path = folder.settings.directory + "/" + name;
  REQUIRE(finish_segments(local_files(), path, {}));
  REQUIRE(std::filesystem::exists(path + "/0000000000000001.seg.zst"));
  return name;
}

TEST_CASE("a log at rest is not signed again when the key has changed") {
  LogFolder folder;
  const std::string name = make_log_at_rest(folder, 50);
  const std::string checkpoint = folder.settings.directory + "/" + name + "/checkpoint";
  const std::string note = text_of(checkpoint);
  std::filesystem::remove(folder.settings.directory + "/signing.key");
  { auto log = folder.open(); }
  CHECK(text_of(checkpoint) == note);
  check_intact(folder.settings);
}

TEST_CASE("a log at rest is not signed again when the origin has changed") {
  LogFolder folder;
  const std::string name = make_log_at_rest(folder, 50);
  const std::string checkpoint = folder.settings.directory + "/" + name + "/checkpoint";
  const std::string note = text_of(checkpoint);
  folder.settings.origin = "another.example";
  { auto log = folder.open(); }
  CHECK(text_of(checkpoint) == note);
  check_intact(folder.settings);
}

TEST_CASE("a log at rest without its checkpoint gets none of a tree that nobody has read") {
  LogFolder folder;
  const std::string name = make_log_at_rest(folder, 50);
  std::filesystem::remove(folder.settings.directory + "/" + name + "/checkpoint");
  { auto log = folder.open(); }
  const Verification verified = verify(folder.settings);
  CHECK_FALSE(has_problem(verified, name, Problem::root));
}

TEST_CASE("a checkpoint of an unknown key is not replaced by one of ours") {
  LogFolder folder;
  const std::string name = make_log_at_rest(folder, 50);
  const std::string checkpoint = folder.settings.directory + "/" + name + "/checkpoint";
  const Checkpoint what = *parse_checkpoint(text_of(checkpoint));
  const std::string note = test::signer_of('x').sign(what);
  put(checkpoint, note);
  { auto log = folder.open(); }
  CHECK(text_of(checkpoint) == note);
  CHECK(has_problem(verify(folder.settings), name, Problem::signature));
}

TEST_CASE("a ring that cannot be read now stays, with its log, until it can be") {
  LogFolder folder;
  const std::string name = leave_log(folder.settings, 20);
  const std::string named = folder.settings.directory + "/" + name + "/ring";
  const std::string ring = text_of(named);
  const std::string bytes = text_of(ring);
  std::string later = bytes;
  ++later[8];  // the version
  put(ring, later);
  { auto log = folder.open(); }
  CHECK(text_of(ring) == later);
  CHECK(text_of(named) == ring);
  CHECK_FALSE(log_of(verify(folder.settings), name).ended);
  put(ring, bytes);
  { auto log = folder.open(); }
  CHECK_FALSE(std::filesystem::exists(ring));
  CHECK_FALSE(std::filesystem::exists(named));
  CHECK(log_of(verify(folder.settings), name).ended);
  CHECK(test::read_events(folder.settings.directory).size() == 20);
  check_intact(folder.settings);
}

TEST_CASE("a ring that was only being made does not keep its log from being ended") {
  LogFolder folder;
  const std::string name = leave_log(folder.settings, 5);
  const std::string ring = text_of(folder.settings.directory + "/" + name + "/ring");
  put(ring, std::string(4096, '\0'));
  { auto log = folder.open(); }
  CHECK_FALSE(std::filesystem::exists(ring));
  CHECK(log_of(verify(folder.settings), name).ended);
}

TEST_CASE("the file that names a ring names no other file to be removed") {
  LogFolder folder;
  const std::string victim = folder.folder.path("victim");
  put(victim, "not a ring");
  for (const bool has_segments : {false, true}) {
    CAPTURE(has_segments);
    const std::string name =
        has_segments ? leave_log(folder.settings, 5) : "x-1-0123456789abcdef0123456789abcdef";
    const std::string log = folder.settings.directory + "/" + name;
    std::filesystem::create_directories(log);
    const std::string ring = folder.settings.ring_directory + "/mcpgov-" + name + ".ring";
    put(log + "/ring", victim);
    { auto opened = folder.open(); }
    CHECK(text_of(victim) == "not a ring");
    std::filesystem::remove(ring);
  }
}

// A folder of a log that another key has made, moved in below the directory.
std::string move_in_foreign_log(LogFolder& folder) {
  { auto log = folder.open(); }
  LogFolder elsewhere;
  elsewhere.settings.seal_interval_ms = 3'600'000;
  const std::string name = leave_log(elsewhere.settings, 30);
  const std::string from = elsewhere.settings.directory + "/" + name;
  std::filesystem::remove(text_of(from + "/ring"));
  std::filesystem::remove(from + "/ring");
  std::filesystem::rename(from, folder.settings.directory + "/" + name);
  return name;
}

TEST_CASE("a log that was made with another key is never signed with ours") {
  LogFolder folder;
  const std::string name = move_in_foreign_log(folder);
  const std::string log = folder.settings.directory + "/" + name;
  SUBCASE("with its own note that it was opened") {}
  SUBCASE("without that note") {
    std::filesystem::remove(log + "/opened");
  }
  SUBCASE("with the note of another log of ours") {
    const auto logs = list_logs(folder.settings.directory);
    REQUIRE(logs);
    for (const LogEntry& each : *logs) {
      if (each.name != name) put(log + "/opened", text_of(each.folder + "/opened"));
    }
  }
  for (int time = 0; time < 2; ++time) {
    { auto opened = folder.open(); }
    CHECK(text_of(log + "/unsigned").find("nothing shows") == 0);
    CHECK_FALSE(std::filesystem::exists(log + "/checkpoint"));
    const Verification verified = verify(folder.settings);
    CHECK(log_of(verified, name).ended);
    CHECK(log_of(verified, name).proven.empty());
    CHECK(has_problem(verified, name, Problem::unsealed));
  }
}

TEST_CASE("an old log whose checkpoints were taken away is not signed again") {
  LogFolder folder;
  folder.settings.compress = false;
  const std::string name = leave_log(folder.settings, 30);
  const std::string log = folder.settings.directory + "/" + name;
  { auto opened = folder.open(); }
  check_intact(folder.settings);
  // The note of an empty log alone does not stand for hours of records.
  auto stored = test::take_apart(log + "/0000000000000001.seg");
  std::erase_if(stored.frames, [](const test::StoredFrame& each) {
    return each.type == FrameType::checkpoint || each.type == FrameType::trailer ||
           each.type == FrameType::recovery || each.type == FrameType::sync;
  });
  for (test::StoredFrame& each : stored.frames) {
    if (each.seq > 10) each.time_ns = stored.header.created_ns + 3'600'000'000'000;
  }
  put_together(stored);
  std::filesystem::remove(log + "/checkpoint");
  { auto opened = folder.open(); }
  CAPTURE(text_of(log + "/quarantine"));
  CHECK(text_of(log + "/unsigned").find("longer time") != std::string::npos);
  CHECK(has_problem(verify(folder.settings), name, Problem::unsealed));
}

TEST_CASE("what was signed at recovery is a problem where no process can have left it unsigned") {
  const test::TemporaryFolder folder;
  const auto signer = test::signer_of('s');
  const auto judge = [&](std::uint64_t apart_ns, std::uint64_t sealed, bool opened) {
    const std::string path = folder.path("log");
    std::filesystem::remove_all(path);
    test::LogMaker log(path);
    const std::string origin = "test.example/log";
    if (opened) put(path + "/opened", signer.sign({origin, 0, Tree().root()}));
    for (std::uint64_t each = 1; each <= 4; ++each) {
      log.add("{\"v\":1,\"kind\":\"heartbeat\"}", FrameType::heartbeat);
      if (each == 3) log.set_time_ns(log.time_ns() + apart_ns);
      if (each != sealed) continue;
      log.note(FrameType::checkpoint, signer.sign({origin, each, log.tree().root()}));
    }
    log.set_time_ns(log.time_ns() + 3'600'000'000'000);  // recovered much later, which is no harm
    log.add(R"({"v":1,"kind":"recovery","time_ns":1,"log":"log","tail":"open"})",
            FrameType::recovery);
    const std::string note = signer.sign({origin, 5, log.tree().root()});
    log.note(FrameType::checkpoint, note);
    put(path + "/checkpoint", note);
    log.close_segment();
    VerifyOptions options;
    options.keys = {{"test.example", signer.public_key()}};
    auto out = verify_log(path, options);
    REQUIRE(out);
    std::string said;
    for (const Finding& each : out->findings) {
      if (each.problem == Problem::recovered) said += each.notice ? "note " : "problem ";
    }
    return said;
  };
  constexpr std::uint64_t kSecond = 1'000'000'000;
  CHECK(judge(kSecond, 1, false) == "note ");
  CHECK(judge(60 * kSecond, 1, false) == "note ");
  CHECK(judge(70 * kSecond, 1, false) == "problem ");
  CHECK(judge(70 * kSecond, 3, false) == "note ");  // silence behind what was signed
  CHECK(judge(kSecond, 0, false) == "problem ");
  CHECK(judge(kSecond, 0, true) == "note ");
  CHECK(judge(70 * kSecond, 0, true) == "problem ");
}

TEST_CASE("a folder that others can write into is not finished, and neither is a link to one") {
  LogFolder folder;
  const std::string name = leave_log(folder.settings, 5);
  const std::string log = folder.settings.directory + "/" + name;
  REQUIRE(::chmod(log.c_str(), 0777) == 0);
  { auto opened = folder.open(); }
  CHECK_FALSE(log_of(verify(folder.settings), name).ended);
  REQUIRE(::chmod(log.c_str(), 0700) == 0);
  const std::string aside = folder.folder.path("aside");
  std::filesystem::rename(log, aside);
  std::filesystem::create_directory_symlink(aside, log);
  { auto opened = folder.open(); }
  CHECK_FALSE(log_of(verify(folder.settings), name).ended);
  std::filesystem::remove(log);
  std::filesystem::rename(aside, log);
  { auto opened = folder.open(); }
  CHECK(log_of(verify(folder.settings), name).ended);
}

TEST_CASE("no log is opened in a directory that every user can write into") {
  LogFolder folder;
  { auto log = folder.open(); }
  REQUIRE(::chmod(folder.settings.directory.c_str(), 0777) == 0);
  const auto refused = Log::open(folder.settings);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::audit_open);
  CHECK(refused.error().message.find("every user") == 0);
}

// What the log that was opened last says of keys and rights, in its first record and its health;
// verify repeats it.
std::string notices_of(LogFolder& folder, Log& log) {
  REQUIRE(log.flush(10'000));
  const std::string name = log.health().log;
  auto reader = LogReader::open(folder.settings.directory + "/" + name);
  REQUIRE(reader);
  Frame frame;
  REQUIRE(reader->next(frame) == ReadState::frame);
  const auto json = nlohmann::json::parse(frame.payload);
  std::string out;
  for (const auto& each : json.value("notices", nlohmann::json::array())) {
    out += each.get<std::string>() + "\n";
    CHECK(log.health().detail.find(each.get<std::string>()) != std::string::npos);
  }
  const Verification verified = verify(folder.settings);
  bool told = false;
  for (const Finding& each : log_of(verified, name).findings) {
    told = told || (each.notice && each.message.find("its process said") == 0);
  }
  CHECK(told == !out.empty());
  return out;
}

TEST_CASE("a directory that a group can write to is so no longer, and the log says it") {
  LogFolder folder;
  { auto log = folder.open(); }
  REQUIRE(::chmod(folder.settings.directory.c_str(), 0775) == 0);
  auto log = folder.open();
  struct stat about = {};
  REQUIRE(::stat(folder.settings.directory.c_str(), &about) == 0);
  CHECK((about.st_mode & 07777) == 0755);
  CHECK(notices_of(folder, *log).find("a group could write") == 0);
  log.reset();
  if (::geteuid() != 0) return;
  REQUIRE(::chmod(folder.settings.directory.c_str(), 0770) == 0);
  REQUIRE(::chown(folder.settings.directory.c_str(), 12345, 12345) == 0);
  REQUIRE(::chmod(folder.folder.path("").c_str(), 0755) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setegid(12345) != 0 || ::seteuid(12346) != 0) ::_exit(1);
    auto settings = folder.settings;
    const auto refused = Log::open(settings);
    const bool told = !refused && refused.error().code == ErrorCode::audit_open &&
                      refused.error().message.find("a group can write") == 0;
    ::_exit(told ? 0 : 2);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("keys that are new although there are logs are told of, once") {
  LogFolder folder;
  {
    auto log = folder.open();
    CHECK(notices_of(folder, *log).empty());
  }
  std::filesystem::remove(folder.settings.directory + "/signing.key");
  {
    auto log = folder.open();
    const std::string told = notices_of(folder, *log);
    CHECK(told.find("signing.key` was not there and is made anew") != std::string::npos);
    CHECK(told.find("the key that signs is new") != std::string::npos);
  }
  std::filesystem::remove(folder.settings.directory + "/digest.key");
  {
    auto log = folder.open();
    CHECK(notices_of(folder, *log).find("digest.key` was not there") != std::string::npos);
  }
  REQUIRE(::chmod((folder.settings.directory + "/signing.key").c_str(), 0660) == 0);
  {
    auto log = folder.open();
    CHECK(notices_of(folder, *log).find("a group had rights to the key") == 0);
  }
  auto log = folder.open();
  CHECK(notices_of(folder, *log).empty());
}

TEST_CASE("a pipe among the files of a log makes nobody wait") {
  LogFolder folder;
  const std::string name = leave_log(folder.settings, 5);
  const std::string log = folder.settings.directory + "/" + name;
  for (const char* file :
       {"checkpoint", "retired", "quarantine", "opened", "unsigned", "spare", "lock"}) {
    std::filesystem::remove(log + "/" + file);
    REQUIRE(::mkfifo((log + "/" + file).c_str(), 0600) == 0);
  }
  (void)verify(folder.settings);
  { auto opened = folder.open(); }
  CHECK(verify(folder.settings).logs.size() == 2);
  std::filesystem::remove(folder.settings.directory + "/signing.vkey");
  REQUIRE(::mkfifo((folder.settings.directory + "/signing.vkey").c_str(), 0600) == 0);
  CHECK_FALSE(Log::open(folder.settings));
}

TEST_CASE("a log finds a place beside others that look for dead ones at the same time") {
  LogFolder folder;
  { auto log = folder.open(); }
  auto keys = load_keys(folder.settings);
  REQUIRE(keys);
  // A process whose folder was taken for a dead one between its making and its lock.
  class Hasty final : public FileSystem {
   public:
    std::function<void(const std::string&)> made;
    int times = 0;
    int create(const std::string& path, std::unique_ptr<LogFile>& file) noexcept override {
      return local_files().create(path, file);
    }
    int open(const std::string& path, std::unique_ptr<LogFile>& file) noexcept override {
      return local_files().open(path, file);
    }
    int rename(const std::string& from, const std::string& to) noexcept override {
      return local_files().rename(from, to);
    }
    int remove(const std::string& path) noexcept override { return local_files().remove(path); }
    int make_folder(const std::string& path) noexcept override {
      const int error = local_files().make_folder(path);
      if (++times <= 3) made(path);
      return error;
    }
    int sync_folder(const std::string& path) noexcept override {
      return local_files().sync_folder(path);
    }
    int free_bytes(const std::string& path, std::uint64_t& bytes) noexcept override {
      return local_files().free_bytes(path, bytes);
    }
  } files;
  std::vector<FileLock> held;
  files.made = [&](const std::string& path) {
    if (files.times == 2) {
      (void)recover_left_logs(folder.settings, local_files(), **keys);
      return;
    }
    FileLock& lock = held.emplace_back();
    CHECK(lock.take(path + "/lock") == 0);
  };
  const auto place = make_place(folder.settings, files, (*keys)->signer);
  REQUIRE(place);
  CHECK(files.times == 4);
  CHECK(FileLock::is_taken(place->folder + "/lock"));
}

TEST_CASE("a lock on a file that was removed meanwhile is no lock") {
  const test::TemporaryFolder folder;
  const std::string path = folder.path("lock");
  FileLock lock;
  REQUIRE(lock.take(path) == 0);
  std::filesystem::remove(path);
  FileLock other;
  CHECK(other.take(path) == 0);
  CHECK(FileLock::is_taken(path));
}

TEST_CASE("a segment that was made endless is set aside, and read no further") {
  LogFolder folder;
  const std::string name = leave_log(folder.settings, 20);
  const std::string log = folder.settings.directory + "/" + name;
  const std::string segment = log + "/0000000000000001.seg";
  std::filesystem::resize_file(segment, std::uintmax_t{1} << 40);  // of nothing
  { auto opened = folder.open(); }
  CHECK(text_of(log + "/quarantine").find("larger than any segment") != std::string::npos);
  CHECK(std::filesystem::file_size(segment) == std::uintmax_t{1} << 40);
}

TEST_CASE("a torn tail of many blocks is kept whole, and so is its digest") {
  LogFolder folder;
  const std::string name = leave_log(folder.settings, 20);
  const std::string log = folder.settings.directory + "/" + name;
  const std::string segment = log + "/0000000000000001.seg";
  std::size_t end = kSegmentHeader;
  for (const test::StoredFrame& each : test::take_apart(segment).frames) {
    end += frame_size(each.payload.size());
  }
  std::string torn(700'001, '\0');
  for (std::size_t at = 0; at < torn.size(); ++at) torn[at] = static_cast<char>(at % 251 + 1);
  put(segment, text_of(segment).substr(0, end) + torn);
  const auto found = recover_log(local_files(), log, {}, 7);
  REQUIRE(found);
  CHECK(found->tail == Tail::torn);
  CHECK(text_of(log + "/" + found->torn_file) == torn);
  CHECK(found->torn_digest == crypto::sha256(torn));
  CHECK(std::filesystem::file_size(segment) == end);
}

TEST_CASE("checkpoints of records that are not there are not kept by the thousand") {
  const test::TemporaryFolder folder;
  const std::string path = folder.path("log");
  const auto signer = test::signer_of('s');
  test::LogMaker log(path, local_files(), 64 << 20);
  log.add("{\"v\":1}", FrameType::heartbeat);
  const std::string note = signer.sign({"test.example/log", 1000, log.tree().root()});
  for (int each = 0; each < 20'000; ++each) log.note(FrameType::checkpoint, note);
  log.close_segment();
  VerifyOptions options;
  options.keys = {{"test.example", signer.public_key()}};
  const auto out = verify_log(path, options);
  REQUIRE(out);
  CHECK(out->problems > 20'000);  // each is told of
  CHECK(out->problems < 30'000);  // and only some are kept to be told of again at the end
}

}  // namespace
}  // namespace mcpgov::audit
#endif
