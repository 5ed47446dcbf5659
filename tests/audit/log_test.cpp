// The log of a process: what is recorded is stored, once, in order, signed; and what it refuses.
//
// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <set>
#include <sys/stat.h>
#include <thread>

#include "audit/log_parts.hpp"
#include "audit/open_log.hpp"
#include "support/allocation.hpp"

using namespace mcpgov;
using namespace mcpgov::audit;
using namespace mcpgov::test;
using nlohmann::json;

TEST_CASE("log: records of many threads are stored once each, and the log verifies") {
  LogFolder folder;
  constexpr std::uint64_t kThreads = 4;
  constexpr std::uint64_t kRecords = 3000;
  {
    auto log = folder.open();
    std::vector<std::thread> threads;
    for (std::uint64_t group = 1; group <= kThreads; ++group) {
      threads.emplace_back([&, group] {
        for (std::uint64_t number = 0; number < kRecords; ++number) {
          if (write_record(*log, number, group) != ErrorCode::none) std::abort();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    REQUIRE(log->flush(10'000));
    const Health health = log->health();
    CHECK(health.state == State::healthy);
    CHECK(health.begun == kThreads * kRecords);
    CHECK(health.ended == kThreads * kRecords);
    CHECK(health.stored == kThreads * kRecords);
    CHECK(health.durable == kThreads * kRecords);
    CHECK(health.open == 0);
    CHECK(health.lost == 0);
    CHECK(health.disk_free_bytes > 0);
    CHECK(log->metrics().find("mcpgov") != std::string::npos);
    // Two logs are two instances: else a collector takes their counts for those of one.
    const std::string instance = R"("key":"service.instance.id","value":{"stringValue":")";
    CHECK(log->metrics_otlp().find(instance + log->health().log + "\"") != std::string::npos);
  }
  const auto events = read_events(folder.settings.directory);
  CHECK(events.size() == kThreads * kRecords);
  CHECK(events.at(id_of(7, 2))["outcome"] == "completed");
  const auto leaves = read_leaves(folder.settings.directory);
  CHECK(leaves.front().type == FrameType::config);
  CHECK(leaves.back().type == FrameType::heartbeat);
  for (std::size_t at = 0; at < leaves.size(); ++at) REQUIRE(leaves[at].seq == at + 1);
  check_intact(folder.settings);
}

TEST_CASE("log: what is in a record comes out of its file") {
  LogFolder folder;
  folder.settings.capture.rules = {{"query_*", Level::redacted, Level::redacted, {}, 0}};
  Sample sample;
  {
    auto log = folder.open();
    Ticket ticket;
    REQUIRE(log->begin(sample.record, nullptr, ticket) == ErrorCode::none);
    CHECK(log->health().open == 1);
    log->end(ticket, sample.completion);
    REQUIRE(log->flush(10'000));
    CHECK(log->health().open == 0);
  }
  const json event = read_events(folder.settings.directory).at(sample.id);
  CHECK(event["caller"]["subject"] == "7c3f1c2e-5b7e");
  CHECK(event["decision"]["policies"] == json({"shop/permit-analysts", "shop/limit"}));
  CHECK(event["arguments"]["value"]["customer"] == "c-17");
  CHECK(event["arguments"]["bytes"] == sample.record.arguments_bytes);
  CHECK(event["result"]["value"] == json({{"content", json::array()}}));
  CHECK(event["outcome"] == "completed");
  CHECK(event["latency_ns"] == 912345);
  CHECK_FALSE(event.contains("waited"));
  CHECK_FALSE(event.contains("reconstructed"));
}

TEST_CASE("log: a record that ends at once has its end") {
  LogFolder folder;
  Sample sample;
  sample.record.allowed = sample.record.decision = false;
  sample.record.tool_class = ToolClass::destructive;
  sample.completion.outcome = Outcome::denied;
  {
    auto log = folder.open();
    Ticket ticket;
    REQUIRE(log->begin(sample.record, &sample.completion, ticket) == ErrorCode::none);
  }
  CHECK(read_events(folder.settings.directory).at(sample.id)["outcome"] == "denied");
  for (const ReadFrame& leaf : read_leaves(folder.settings.directory)) {
    CHECK(leaf.type != FrameType::intent);
  }
}

TEST_CASE("log: a message of an intent class waits until its intent is durable") {
  LogFolder folder;
  Sample sample;
  sample.record.tool_class = ToolClass::destructive;
  {
    auto log = folder.open();
    CHECK(log->waits(ToolClass::destructive));
    CHECK(log->waits(ToolClass::unclassified));
    CHECK_FALSE(log->waits(ToolClass::read_only));
    CHECK_FALSE(log->waits(ToolClass::none));
    Ticket ticket;
    REQUIRE(log->begin(sample.record, nullptr, ticket) == ErrorCode::none);
    REQUIRE(log->wait(ticket, 10'000));
    CHECK(log->settled(ticket));
    // It is in the file now, before the tool has run.
    const auto leaves = read_leaves(folder.settings.directory);
    CHECK(leaves.back().type == FrameType::intent);
    CHECK(leaves.back().json["id"] == sample.id);
    CHECK(leaves.back().json["kind"] == "intent");
    log->end(ticket, sample.completion);
    CHECK_FALSE(log->settled(ticket));
    Ticket never;
    CHECK_FALSE(log->settled(never));
    CHECK_FALSE(log->wait(never, 1));
  }
  CHECK(read_events(folder.settings.directory).at(sample.id)["waited"] == true);
  check_intact(folder.settings);
}

TEST_CASE("log: in the modes written and durable every message that goes on waits") {
  for (const Mode mode : {Mode::written, Mode::durable}) {
    LogFolder folder;
    folder.settings.mode = mode;
    Sample sample;
    sample.record.tool_class = ToolClass::none;
    auto log = folder.open();
    CHECK(log->waits(ToolClass::none));
    CHECK(log->waits(ToolClass::read_only));
    Ticket ticket;
    REQUIRE(log->begin(sample.record, nullptr, ticket) == ErrorCode::none);
    CHECK(log->wait(ticket, 10'000));
    log->end(ticket, sample.completion);
  }
}

TEST_CASE("log: in mode acked a message waits for the sink that is named") {
  LogFolder folder;
  folder.settings.mode = Mode::acked;
  folder.settings.acked_by = "siem";
  Sample sample;
  sample.record.tool_class = ToolClass::read_only;
  auto log = folder.open();
  Ticket ticket;
  REQUIRE(log->begin(sample.record, nullptr, ticket) == ErrorCode::none);
  CHECK_FALSE(log->wait(ticket, 50));
  const std::string sink = folder.settings.directory + "/sinks/siem";
  std::filesystem::create_directories(sink);
  // Its cursor also passes over what it did not want, or refused.
  std::ofstream(sink + "/" + log->health().log + ".cursor") << "1000\n";
  CHECK_FALSE(log->wait(ticket, 50));
  std::ofstream(sink + "/" + log->health().log + ".acked") << "10";  // cut off
  CHECK_FALSE(log->wait(ticket, 50));
  std::ofstream(sink + "/" + log->health().log + ".acked") << "1000\n";
  CHECK(log->wait(ticket, 10'000));
  log->end(ticket, sample.completion);
}

TEST_CASE("log: records that nobody ended are closed as unknown with the log") {
  LogFolder folder;
  Sample sample;
  {
    auto log = folder.open();
    Ticket ticket;
    REQUIRE(log->begin(sample.record, nullptr, ticket) == ErrorCode::none);
  }
  CHECK(read_events(folder.settings.directory).at(sample.id)["outcome"] == "unknown");
  check_intact(folder.settings);
}

TEST_CASE("log: segments rotate by size, each follows the other, and the whole verifies") {
  LogFolder folder;
  folder.settings.segment_bytes = 512 * 1024;
  {
    auto log = folder.open();
    for (std::uint64_t number = 0; number < 5000; ++number) {
      REQUIRE(write_record(*log, number) == ErrorCode::none);
    }
  }
  CHECK(read_events(folder.settings.directory).size() == 5000);
  const Verification verified = verify(folder.settings);
  REQUIRE(verified.logs.size() == 1);
  CHECK(verified.logs[0].segments >= 3);
  CHECK(verified.logs[0].ended);
  check_intact(folder.settings);
}

TEST_CASE("log: each process's log names those that were there before it") {
  LogFolder folder;
  std::string first;
  {
    auto log = folder.open();
    first = log->health().log;
    REQUIRE(write_record(*log, 1) == ErrorCode::none);
  }
  auto second = folder.open();
  REQUIRE(second->health().log != first);
  bool named = false;
  for (const ReadFrame& leaf : read_leaves(folder.settings.directory)) {
    if (leaf.type != FrameType::config || leaf.json["log"] == first) continue;
    REQUIRE(leaf.json["siblings"].size() == 1);
    CHECK(leaf.json["siblings"][0]["log"] == first);
    CHECK(leaf.json["siblings"][0]["size"] == 3);  // config, the record, the last heartbeat
    named = true;
  }
  CHECK(named);
  second.reset();
  check_intact(folder.settings);
}

TEST_CASE("log: two logs of one process do not mix") {
  LogFolder one;
  LogFolder two;
  {
    auto first = one.open();
    auto second = two.open();
    for (std::uint64_t number = 0; number < 100; ++number) {
      REQUIRE(write_record(*first, number, 1) == ErrorCode::none);
      REQUIRE(write_record(*second, number, 2) == ErrorCode::none);
    }
    first.reset();
    REQUIRE(write_record(*second, 100, 2) == ErrorCode::none);
  }
  CHECK(read_events(one.settings.directory).size() == 100);
  CHECK(read_events(two.settings.directory).size() == 101);
}

TEST_CASE("log: a log that a process has open is refused to others") {
  LogFolder folder;
  auto log = folder.open();
  const auto second = lock_log(folder.settings.directory + "/" + log->health().log);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::audit_locked);
}

TEST_CASE("log: what cannot be opened says why") {
  const auto refused = [](const LogSettings& settings) {
    const auto log = Log::open(settings);
    return log ? ErrorCode::none : log.error().code;
  };
  LogFolder folder;
  LogSettings settings = folder.settings;
  settings.directory = "";
  CHECK(refused(settings) == ErrorCode::audit_open);
  settings.directory = folder.folder.path("no/such/place");
  CHECK(refused(settings) == ErrorCode::audit_open);
  settings.directory = folder.folder.write("file", "text");
  CHECK(refused(settings) == ErrorCode::audit_open);
  settings = folder.settings;
  settings.segment_bytes = (std::uint64_t{16} << 30) + 1;
  CHECK(refused(settings) == ErrorCode::audit_open);
  settings = folder.settings;
  for (const std::string& origin :
       {std::string(), std::string("two words"), std::string("a\xc2\xa0z"), std::string("a+z"),
        std::string(kMaxOrigin + 1, 'o')}) {
    CAPTURE(origin);
    settings.origin = origin;
    CHECK(refused(settings) == ErrorCode::audit_open);
  }
  settings.origin = std::string(kMaxOrigin, 'o');
  CHECK(refused(settings) == ErrorCode::none);
  settings = folder.settings;
  settings.ring_directory = folder.folder.path("nowhere");
  CHECK(refused(settings) == ErrorCode::audit_open);
  settings = folder.settings;
  settings.mode = Mode::acked;
  settings.acked_by = "../elsewhere";
  CHECK(refused(settings) == ErrorCode::audit_open);
  settings = folder.settings;
  settings.signing_key_file = folder.folder.write("bad.key", "not a key");
  CHECK(refused(settings) == ErrorCode::file_unreadable);  // of mode 0644
  REQUIRE(::chmod(settings.signing_key_file.c_str(), 0600) == 0);
  CHECK(refused(settings) == ErrorCode::audit_key);
  settings = folder.settings;
  settings.capture.detectors = {{"broken", "(", "", 0}};
  CHECK(refused(settings) == ErrorCode::audit_capture);
  CHECK(refused(folder.settings) == ErrorCode::none);
}

TEST_CASE("log: its files are for its owner alone, and its ring goes with it") {
  LogFolder folder;
  std::string ring;
  {
    auto log = folder.open();
    const std::string own = folder.settings.directory + "/" + log->health().log;
    ring = text_of(own + "/ring");
    const auto mode = [](const std::string& path) {
      struct stat facts = {};
      REQUIRE(::stat(path.c_str(), &facts) == 0);
      return facts.st_mode & 07777;
    };
    CHECK(mode(ring) == 0600);
    CHECK(mode(own) == 0700);
    CHECK(mode(own + "/0000000000000001.seg") == 0600);
    CHECK(mode(folder.settings.directory + "/signing.key") == 0600);
    CHECK(mode(folder.settings.directory + "/digest.key") == 0600);
  }
  CHECK_FALSE(std::filesystem::exists(ring));
}

TEST_CASE("log: messages that went on without a record are counted and told") {
  LogFolder folder;
  {
    auto log = folder.open();
    for (int time = 0; time < 5; ++time) log->missed();
    CHECK(log->health().missed == 5);
    for (int tries = 0; tries < 200; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      if (read_leaves(folder.settings.directory).back().type == FrameType::loss) break;
    }
  }
  bool told = false;
  for (const ReadFrame& leaf : read_leaves(folder.settings.directory)) {
    if (leaf.type != FrameType::loss) continue;
    told = true;
    CHECK(leaf.json["missed"] == 5);
    CHECK(leaf.json["lost"] == 0);
  }
  CHECK(told);
}

TEST_CASE("log: a warm caller allocates nothing") {
  LogFolder folder;
  auto log = folder.open();
  Sample sample;
  sample.record.tool_class = ToolClass::read_only;
  const auto round = [&] {
    Ticket ticket;
    if (log->begin(sample.record, nullptr, ticket) != ErrorCode::none) std::abort();
    log->end(ticket, sample.completion);
  };
  for (int number = 0; number < 10; ++number) round();
  const std::size_t before = allocation_count();
  for (int number = 0; number < 1000; ++number) round();
  CHECK(allocation_count() == before);
}

TEST_CASE("log: places that are never stored do not enter a ring on a disk") {
  LogFolder folder;
  std::filesystem::create_directory(folder.folder.path("rings"));
  folder.settings.ring_directory = folder.folder.path("rings");
  folder.settings.capture.drop = {"/password"};
  folder.settings.capture.rules = {{"*", Level::full, Level::full, {}, 4102444800}};
  Sample sample;
  const std::string secret = std::string("hun") + "ter-two";
  const std::string arguments = R"({"user":"ann","password":")" + secret + "\"}";
  sample.record.arguments = arguments;
  sample.record.arguments_bytes = arguments.size();
  auto log = folder.open();
  Ticket ticket;
  REQUIRE(log->begin(sample.record, nullptr, ticket) == ErrorCode::none);
  const std::string own = folder.settings.directory + "/" + log->health().log;
  const std::string ring = text_of(text_of(own + "/ring"));
  CHECK(ring.find("ann") != std::string::npos);
  CHECK(ring.find(secret) == std::string::npos);
  log->end(ticket, sample.completion);
}
