// Processes that are killed while they record: nothing that a caller was told about is lost,
// nothing is there twice, and the log verifies. 25 kills; MCPGOV_CRASHES says how many others.
//
// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <random>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "audit/log_recovery.hpp"
#include "audit/open_log.hpp"

using namespace mcpgov;
using namespace mcpgov::audit;
using namespace mcpgov::test;
using nlohmann::json;

namespace {

constexpr std::size_t kThreads = 3;

// What callers were told, in memory that parent and child share.
struct Told {
  std::atomic<bool> opened;
  struct alignas(64) Thread {
    std::atomic<std::uint64_t> begun;  // begin() (and wait()) returned for numbers below
    std::atomic<std::uint64_t> ended;  // end() returned for numbers below
  } threads[kThreads];

  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const Thread& thread : threads) sum += thread.begun.load();
    return sum;
  }
};

struct SharedTold {
  Told* told;
  SharedTold() {
    void* const at =
        ::mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(at != MAP_FAILED);
    told = new (at) Told();
  }
  ~SharedTold() { ::munmap(told, sizeof(Told)); }
};

std::size_t crashes() {
  const char* const text = std::getenv("MCPGOV_CRASHES");
  return text == nullptr ? 25 : std::strtoul(text, nullptr, 10);
}

// Records until it is killed. A record is open for two rounds, so that there always are some.
void record_for_ever(Log& log, Told::Thread& told, std::uint64_t group, bool waits) {
  std::mt19937_64 random(group);
  std::vector<Ticket> open;
  Completion completion;
  completion.outcome = Outcome::completed;
  const std::string result = "{\"text\":\"" + std::string(3000, 'x') + "\"}";
  for (std::uint64_t number = 0;; ++number) {
    Sample sample;
    sample.id = id_of(number, group);
    sample.record.id = sample.id;
    const std::string arguments = "[\"" + std::string(random() % 2000, 'a') + "\"]";
    sample.record.arguments = arguments;
    sample.record.arguments_bytes = arguments.size();
    Ticket ticket;
    while (log.begin(sample.record, nullptr, ticket) != ErrorCode::none) std::this_thread::yield();
    if (waits && !log.wait(ticket, 60'000)) ::_exit(3);
    told.begun.store(number + 1, std::memory_order_release);
    open.push_back(ticket);
    if (open.size() <= 2) continue;
    completion.result = std::string_view(result).substr(0, random() % result.size());
    completion.result_bytes = completion.result.size();
    log.end(open.front(), completion);
    told.ended.store(number - 1, std::memory_order_release);
    open.erase(open.begin());
  }
}

[[noreturn]] void run_child(const LogSettings& settings, Told& told, bool waits) {
  auto log = Log::open(settings);
  if (!log) ::_exit(2);
  told.opened = true;
  std::vector<std::thread> threads;
  for (std::uint64_t group = 0; group < kThreads; ++group) {
    threads.emplace_back([&, group] { record_for_ever(**log, told.threads[group], group, waits); });
  }
  for (std::thread& thread : threads) thread.join();
  ::_exit(4);
}

// Kills the child once it has told of so many records, or has not even opened its log.
void kill_at(pid_t child, const Told& told, std::uint64_t records, std::uint64_t spin) {
  int status = 0;
  while (told.total() < records) {
    REQUIRE_MESSAGE(::waitpid(child, &status, WNOHANG) == 0, "the child ended: ", status);
    std::this_thread::yield();
  }
  for (std::uint64_t round = 0; round < spin; ++round)
    std::atomic_signal_fence(std::memory_order_seq_cst);
  ::kill(child, SIGKILL);
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
}

// A recovery that is killed, too: what it had done is not done again.
void kill_recovery(const LogSettings& settings, std::uint64_t spin) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto log = Log::open(settings);
    ::_exit(0);
  }
  for (std::uint64_t round = 0; round < spin; ++round) std::this_thread::yield();
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
}

void check_told(const Told& told, const std::map<std::string, json>& events) {
  std::size_t missing = 0;
  std::size_t wrong = 0;
  for (std::uint64_t group = 0; group < kThreads; ++group) {
    const std::uint64_t begun = told.threads[group].begun.load();
    const std::uint64_t ended = told.threads[group].ended.load();
    for (std::uint64_t number = 0; number < begun; ++number) {
      const auto found = events.find(id_of(number, group));
      if (found == events.end()) {
        ++missing;
        continue;
      }
      const std::string outcome = found->second["outcome"];
      // One that was just ending may have got as far as its end or not.
      if (number < ended ? outcome != "completed"
                         : outcome != "unknown" && outcome != "completed") {
        ++wrong;
      }
      if (outcome == "unknown" && !found->second.contains("reconstructed")) ++wrong;
    }
  }
  CHECK(missing == 0);
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("crash: whatever was told is found once, whenever the process is killed") {
  std::mt19937_64 random(std::random_device{}());
  std::uint64_t told_records = 0;
  std::uint64_t open_records = 0;
  const std::size_t kills = crashes();
  for (std::size_t kill = 0; kill < kills; ++kill) {
    CAPTURE(kill);
    LogFolder folder;
    LogSettings& settings = folder.settings;
    settings.segment_bytes = kill % 3 == 0 ? 512 * 1024 : 8 << 20;
    constexpr Mode kModes[] = {Mode::ring, Mode::ring, Mode::written, Mode::ring, Mode::durable};
    settings.mode = kModes[kill % 5];
    const bool waits = settings.mode != Mode::ring;
    SharedTold shared;
    Told& told = *shared.told;
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) run_child(settings, told, waits);
    kill_at(child, told, random() % (waits ? 60 : 1500), random() % 200'000);
    for (std::size_t again = kill % 4 == 1 ? 3 : 0; again > 0; --again) {
      kill_recovery(settings, random() % 300);
    }
    { auto log = folder.open(); }  // recovers
    const auto events = read_events(settings.directory);
    check_told(told, events);
    check_intact(settings);
    told_records += told.total();
    for (const auto& [id, event] : events) open_records += event["outcome"] == "unknown" ? 1 : 0;
    // Nothing is left in memory for ever.
    const auto all = list_logs(settings.directory);
    REQUIRE(all);
    for (const LogEntry& entry : *all) {
      CHECK_FALSE(std::filesystem::exists(entry.folder + "/ring"));
    }
  }
  MESSAGE(kills << " kills, " << told_records << " records told of, " << open_records
                << " found open");
}

TEST_CASE("crash: the ring of a log whose files were damaged is taken by the next one") {
  LogFolder folder;
  SharedTold shared;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) run_child(folder.settings, *shared.told, false);
  kill_at(child, *shared.told, 500, 0);
  const auto logs = list_logs(folder.settings.directory);
  REQUIRE(logs);
  REQUIRE(logs->size() == 1);
  const std::string name = logs->front().name;
  auto left = LeftRing::open(text_of(logs->front().folder + "/ring"), [&] {
    std::array<std::uint8_t, 16> uuid{};
    for (std::size_t at = 0; at < 16; ++at) {
      const std::string digits = name.substr(name.size() - 32 + 2 * at, 2);
      uuid[at] = static_cast<std::uint8_t>(std::stoul(digits, nullptr, 16));
    }
    return uuid;
  }());
  REQUIRE(left);
  REQUIRE_FALSE(left->runs().empty());
  // A header that nobody wrote: the log is set aside, but what its ring holds is not.
  const std::string segment = logs->front().folder + "/0000000000000001.seg";
  std::string bytes = text_of(segment);
  bytes[100] = static_cast<char>(bytes[100] ^ 1);
  folder.folder.write("audit/" + name + "/0000000000000001.seg", bytes);
  { auto log = folder.open(); }
  CHECK(std::filesystem::exists(logs->front().folder + "/quarantine"));
  std::size_t found = 0;
  const auto now = list_logs(folder.settings.directory);
  REQUIRE(now);
  for (const LogEntry& entry : *now) {
    if (entry.name == name) continue;
    auto reader = LogReader::open(entry.folder);
    REQUIRE(reader);
    Frame frame;
    while (reader->next(frame) == ReadState::frame) {
      if (frame.type != FrameType::event) continue;
      CHECK((frame.flags & kReconstructed) != 0);
      ++found;
    }
  }
  CHECK(found >= left->runs().size());
}

TEST_CASE("crash: a log that a process has open is not recovered by others") {
  LogFolder folder;
  auto log = folder.open();
  auto keys = load_keys(folder.settings);
  REQUIRE(keys);
  std::optional<Encoder> encoder;
  const auto refused =
      recover_left_log(folder.settings, local_files(), **keys, log->health().log, encoder);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::audit_locked);
  const LeftLogs left = recover_left_logs(folder.settings, local_files(), **keys);
  CHECK(left.recovered.empty());
  CHECK(left.left.empty());
}
