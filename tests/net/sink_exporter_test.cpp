// Tests of net/sink_exporter.hpp: what becomes of batches, whatever a sink says to them.
//
// SPDX-License-Identifier: Apache-2.0
#include "net/sink_exporter.hpp"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "base/os_time.hpp"
#include "net/sink_world.hpp"

namespace {

using namespace mcpgov;
using net::Fate;
using test::MemoryLogs;
using test::TemporaryFolder;
using test::text_of;
using test::ToldSink;

constexpr std::uint64_t kLong = 20'000'000'000;  // ns

struct World {
  TemporaryFolder folder;
  MemoryLogs logs;
  ToldSink sink;
  net::SinkSettings settings;
  net::SinkHost host = {};

  World() {
    settings.name = "siem";
    settings.retry_ms = settings.longest_retry_ms = settings.period_ms = 1;
  }
  std::unique_ptr<net::Exporter> start() {
    net::ExporterParts parts;
    parts.settings = settings;
    parts.name = settings.name;
    parts.transport = sink.transport();
    parts.source = logs.source();
    auto out = std::make_unique<net::Exporter>(
        std::move(parts), net::SinkFiles::open(folder.path(""), "siem").value(), host);
    out->start();
    return out;
  }
  std::string cursor(const std::string& log) const {
    return text_of(folder.path("sinks/siem/" + log + ".cursor"));
  }
  std::string acked(const std::string& log) const {
    return text_of(folder.path("sinks/siem/" + log + ".acked"));
  }
};

// Everything is taken, or the test fails.
net::SinkStatus drain(net::Exporter& exporter) {
  exporter.drain();
  CHECK(exporter.wait(steady_clock_ns() + kLong));
  exporter.end();
  return exporter.status();
}

TEST_CASE("what is there and what comes is taken, and the cursor follows") {
  World world;
  for (int i = 0; i < 3; ++i) world.logs.add("a", "x");
  auto exporter = world.start();
  world.sink.wait_for(3);
  world.logs.add("a", "x");
  exporter->wake();
  const net::SinkStatus status = drain(*exporter);
  CHECK(world.sink.wait_for(4) == std::vector<std::string>{"a/1", "a/2", "a/3", "a/4"});
  CHECK(world.sink.notes().size() == 2);
  CHECK(status.name == "siem");
  CHECK(status.exporting);
  CHECK(status.sent == 4);
  CHECK(status.retries == 0);
  CHECK(status.behind_ms == 0);
  CHECK(status.error.empty());
  CHECK(world.cursor("a") == "4\n");
  CHECK(world.acked("a") == "4\n");
}

TEST_CASE("draining waits for the checkpoint that covers the rest, and says so where none comes") {
  constexpr std::uint64_t kShort = 50'000'000;  // ns
  World world;
  world.logs.add("a", "x");
  world.logs.add("a", "x", false, false);
  auto exporter = world.start();
  world.sink.wait_for(1);
  exporter->drain();
  CHECK(!exporter->wait(steady_clock_ns() + kShort));
  world.logs.change("a", [](MemoryLogs::Log& log) { log.sealed = 2; });
  world.logs.add("a", "x", false, false);  // of a log that goes on: nobody waits for this one
  drain(*exporter);
  CHECK(world.sink.wait_for(2) == std::vector<std::string>{"a/1", "a/2"});
  exporter.reset();
  auto next = world.start();
  next->drain();
  CHECK(!next->wait(steady_clock_ns() + kShort));
  next->end();
  CHECK(!next->wait(steady_clock_ns()));
  CHECK(world.cursor("a") == "2\n");
}

TEST_CASE("a sink that fails is asked again, until it takes the same records") {
  World world;
  for (int i = 0; i < 3; ++i) world.logs.add("a", "x");
  world.sink.answers = {{Fate::again, 0, 0, "HTTP 503"},
                        {Fate::closed, 0, 0, "HTTP 401"},
                        {Fate::again, 0, 1, "HTTP 429"}};
  auto exporter = world.start();
  const net::SinkStatus status = drain(*exporter);
  CHECK(world.sink.sends() == 4);
  CHECK(world.sink.wait_for(3).size() == 3);
  CHECK(status.retries == 3);
  CHECK(status.sent == 3);
  CHECK(status.error.empty());
}

TEST_CASE("a sink that stays away loses nothing, and stopping does not wait for it") {
  World world;
  world.settings.longest_retry_ms = 3'600'000;
  world.logs.add("a", "x");
  world.sink.answers = {{Fate::closed, 0, 0, "HTTP 401"}};
  auto exporter = world.start();
  world.sink.wait_for_sends(1);
  exporter->drain();
  CHECK(!exporter->wait(steady_clock_ns()));
  exporter->end();
  const net::SinkStatus status = exporter->status();
  CHECK(status.error == "HTTP 401");
  CHECK(status.behind_ms > 0);
  CHECK(world.cursor("a").empty());
  auto next = world.start();
  CHECK(!next->status().exporting);
  exporter.reset();  // the lock is free now
  drain(*next);
  CHECK(world.sink.wait_for(1) == std::vector<std::string>{"a/1"});
}

TEST_CASE("one bad record is set aside, and the others arrive in their order") {
  World world;
  for (int i = 1; i <= 9; ++i) world.logs.add("a", std::to_string(i));
  world.sink.poison = {MemoryLogs::event("4")};
  auto exporter = world.start();
  const net::SinkStatus status = drain(*exporter);
  CHECK(world.sink.wait_for(8) ==
        std::vector<std::string>{"a/1", "a/2", "a/3", "a/5", "a/6", "a/7", "a/8", "a/9"});
  CHECK(status.sent == 8);
  CHECK(status.rejected == 1);
  CHECK(world.cursor("a") == "9\n");
  CHECK(world.acked("a") == "3\n");  // who waits for the fourth must not go on
  CHECK(text_of(world.folder.path("sinks/siem/rejected")).find(R"("first":4,"last":4,"count":1)") !=
        std::string::npos);
}

TEST_CASE("what a sink rejects of a batch that it took is counted and never sent again") {
  World world;
  for (int i = 0; i < 3; ++i) world.logs.add("a", "x");
  world.sink.answers = {{Fate::taken, 2, 0, "too old"}};
  auto exporter = world.start();
  const net::SinkStatus status = drain(*exporter);
  CHECK(world.sink.sends() == 1);
  CHECK(status.sent == 1);
  CHECK(status.rejected == 2);
  CHECK(world.acked("a").empty());  // nobody knows which two
  CHECK(text_of(world.folder.path("sinks/siem/rejected")).find("too old") != std::string::npos);
}

TEST_CASE("the cursor moves when the sink has settled, and not before") {
  World world;
  world.settings.batch_records = 1;
  world.sink.hands = true;
  world.sink.window = 2;
  for (int i = 0; i < 3; ++i) world.logs.add("a", "x");
  auto exporter = world.start();
  world.sink.wait_for(2);
  CHECK(world.sink.sends() == 2);  // the window is full
  CHECK(world.cursor("a").empty());
  CHECK(world.acked("a").empty());
  world.sink.settle(1);
  world.sink.wait_for(3);
  CHECK(world.cursor("a") == "1\n");
  world.sink.settle(2);
  CHECK(drain(*exporter).sent == 3);
  CHECK(world.cursor("a") == "3\n");
}

TEST_CASE("what was handed over and got lost comes again, in order") {
  World world;
  world.settings.batch_records = 2;
  world.sink.hands = true;
  world.sink.window = 8;
  for (int i = 0; i < 6; ++i) world.logs.add("a", "x");
  auto exporter = world.start();
  world.sink.wait_for(6);
  world.sink.settle(1);
  world.sink.lose();
  const auto took = world.sink.wait_for(10);
  CHECK(std::vector<std::string>(took.begin() + 6, took.end()) ==
        std::vector<std::string>{"a/3", "a/4", "a/5", "a/6"});
  world.sink.settle(2);
  const net::SinkStatus status = drain(*exporter);
  CHECK(status.sent == 6);
  CHECK(status.retries == 1);
}

TEST_CASE("of two that serve the same sink one does, and the other goes on when it ends") {
  World world;
  world.logs.add("a", "x");
  auto first = world.start();
  world.sink.wait_for(1);
  auto second = world.start();
  drain(*first);
  world.logs.add("a", "x");
  first.reset();
  second->wake();
  world.sink.wait_for(2);
  CHECK(drain(*second).exporting);
  CHECK(world.sink.wait_for(2) == std::vector<std::string>{"a/1", "a/2"});
}

TEST_CASE("the host hears how far each log was taken") {
  World world;
  std::string heard;
  world.host = {
      &heard, nullptr,
      [](void* context, std::string_view sink, std::string_view log, std::uint64_t seq) noexcept {
        *static_cast<std::string*>(context) +=
            std::string(sink) + '/' + std::string(log) + '/' + std::to_string(seq) + ' ';
      }};
  world.logs.add("a", "x");
  world.logs.add("a", "x");
  auto exporter = world.start();
  drain(*exporter);
  CHECK(heard == "siem/a/2 ");
}

}  // namespace
