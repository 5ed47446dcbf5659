// Tests of net/sink_feed.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "net/sink_feed.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "net/sink_world.hpp"

namespace {

using namespace mcpgov;
using audit::FrameType;
using test::MemoryLogs;
using test::TemporaryFolder;

struct World {
  TemporaryFolder folder;
  MemoryLogs logs;
  net::SinkSettings settings;
  net::SinkFiles files = net::SinkFiles::open(folder.path(""), "siem").value();

  net::SinkFeed feed(bool skip_control = false, bool skip_intents = false) {
    return {settings, files, logs.source(), skip_control, skip_intents};
  }
};

// What a feed gives out after it looked again: `log/seq` of each record, `|` after each batch.
std::string all_of(net::SinkFeed& feed, bool take = true) {
  REQUIRE(feed.refresh().empty());
  std::string out;
  net::Batch batch;
  while (feed.next(batch)) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      out += batch.log + '/' + std::to_string(batch[i].seq) + ' ';
    }
    out += '|';
    if (take) CHECK(feed.taken(batch.log, batch.last_seq, batch.whole));
  }
  return out;
}

TEST_CASE("a record leaves when a checkpoint covers it, and the checkpoint goes ahead") {
  World world;
  world.logs.add("a", "1", false, false);
  net::SinkFeed feed = world.feed();
  CHECK(all_of(feed).empty());
  world.logs.add("a", "2");
  world.logs.add("a", "3", false, false);
  REQUIRE(feed.refresh().empty());
  net::Batch batch;
  REQUIRE(feed.next(batch));
  CHECK(batch.checkpoint == test::note_of("mcpgov/a", 2));
  CHECK(batch.size() == 2);
  CHECK(batch.last_seq == 2);
  CHECK(!feed.next(batch));
  world.settings.sealed = false;
  net::SinkFeed eager = world.feed();
  CHECK(all_of(eager) == "a/1 a/2 a/3 |");
}

TEST_CASE(
    "whoever wants all that is there waits for the checkpoint that covers it, and for no other") {
  World world;
  world.logs.add("sealed", "1");
  world.logs.add("open", "1");
  world.logs.add("open", "2", false, false);
  world.logs.add("dead", "1", false, false);
  world.logs.change("dead", [](MemoryLogs::Log& log) { log.alive = false; });
  net::SinkFeed feed = world.feed();
  CHECK(all_of(feed) == "open/1 |sealed/1 |");
  feed.await_seal();
  CHECK(feed.awaits_seal());
  CHECK(all_of(feed).empty());
  CHECK(feed.awaits_seal());
  world.logs.change("open", [](MemoryLogs::Log& log) { log.sealed = 2; });
  CHECK(all_of(feed) == "open/2 |");
  CHECK(!feed.awaits_seal());
  feed.await_seal();
  CHECK(!feed.awaits_seal());
  world.logs.add("open", "3", false, false);
  REQUIRE(feed.refresh().empty());
  feed.await_seal();
  CHECK(feed.awaits_seal());
  world.logs.change("open", [](MemoryLogs::Log& log) { log.alive = false; });
  REQUIRE(feed.refresh().empty());
  CHECK(!feed.awaits_seal());  // who recovers it seals it
}

TEST_CASE("a checkpoint that is no signed note covers nothing, and is not sent") {
  World world;
  world.logs.add("a", "1");
  for (const char* note : {"mcpgov/a", "mcpgov/a\n1\nroot\n", "1\n"}) {
    CAPTURE(std::string(note));
    world.logs.change("a", [note](MemoryLogs::Log& log) { log.note = note; });
    net::SinkFeed feed = world.feed();
    CHECK(all_of(feed).empty());
  }
}

TEST_CASE("each log keeps its order, and none waits for another") {
  World world;
  world.settings.batch_records = 2;
  for (int i = 0; i < 5; ++i) world.logs.add("a", "x");
  for (int i = 0; i < 3; ++i) world.logs.add("b", "x");
  net::SinkFeed feed = world.feed();
  CHECK(all_of(feed) == "a/1 a/2 |b/1 b/2 |a/3 a/4 |b/3 |a/5 |");
  CHECK(feed.oldest_ns() == 0);
  world.logs.add("b", "x");
  CHECK(all_of(feed) == "b/4 |");
}

TEST_CASE("bytes bound a batch, but one record always goes") {
  World world;
  world.settings.batch_bytes = static_cast<std::uint32_t>(2 * MemoryLogs::event("1").size());
  for (int i = 0; i < 3; ++i) world.logs.add("a", "1");
  net::SinkFeed feed = world.feed();
  CHECK(all_of(feed) == "a/1 a/2 |a/3 |");
  world.settings.batch_bytes = 1;
  net::SinkFeed narrow = world.feed();
  world.logs.add("a", "1");
  world.logs.add("a", "1");
  CHECK(all_of(narrow) == "a/4 |a/5 |");
}

TEST_CASE("what was given out and not taken comes again, also after a new start") {
  World world;
  for (int i = 0; i < 3; ++i) world.logs.add("a", "1");
  net::SinkFeed feed = world.feed();
  CHECK(all_of(feed, false) == "a/1 a/2 a/3 |");
  CHECK(feed.oldest_ns() == 1'700'000'000'000'000'000);
  CHECK(all_of(feed, false).empty());
  feed.rewind();
  CHECK(feed.oldest_ns() != 0);
  CHECK(all_of(feed, false) == "a/1 a/2 a/3 |");
  CHECK(feed.taken("a", 2, true));
  feed.rewind();
  CHECK(all_of(feed, false) == "a/3 |");
  net::SinkFeed next_process = world.feed();
  CHECK(all_of(next_process) == "a/3 |");
  net::SinkFeed third = world.feed();
  CHECK(all_of(third).empty());
  CHECK(feed.taken("nobody", 7, true));
}

TEST_CASE("what a sink does not want is passed over, and its place moves all the same") {
  World world;
  world.logs.add("a", FrameType::config, R"({"v":1,"kind":"config"})");
  world.logs.add("a", FrameType::intent, MemoryLogs::event("1", true));
  world.logs.add("a", "1", true);
  world.logs.add("a", "2", false);
  const auto seen = [&](bool skip_control) {
    world.files.drop_cursor("a");
    net::SinkFeed feed = world.feed(skip_control);
    std::string out = all_of(feed);
    CHECK(world.files.cursor("a") == 4);
    return out;
  };
  CHECK(seen(false) == "a/1 a/3 a/4 |");
  CHECK(seen(true) == "a/3 a/4 |");
  world.settings.denials_only = true;
  CHECK(seen(true) == "a/3 |");
  world.settings.intents = true;
  CHECK(seen(true) == "a/2 a/3 |");
}

TEST_CASE("the mark of mode acked stops before the first message that the sink does not get") {
  const auto mark = [](auto change, bool skip_control = false, bool skip_intents = false) {
    World world;
    world.logs.add("a", FrameType::config, R"({"v":1,"kind":"config"})");
    world.logs.add("a", FrameType::intent, MemoryLogs::event("1"));
    world.logs.add("a", "1");
    world.settings.batch_records = 1;
    change(world);
    net::SinkFeed feed = world.feed(skip_control, skip_intents);
    all_of(feed);
    CHECK(world.files.cursor("a") == 3);
    return world.files.acked("a");
  };
  const auto intents = [](World& world) { world.settings.intents = true; };
  CHECK(mark(intents) == 3);
  CHECK(mark(intents, true) == 3);  // what the log says about itself nobody waits for
  CHECK(mark(intents, true, true) == 0);
  CHECK(mark([](World&) {}) == 1);
  CHECK(mark([&](World& world) {
          intents(world);
          world.settings.denials_only = true;
        }) == 1);
  CHECK(mark([&](World& world) {
          intents(world);
          world.logs.change("a",
                            [](MemoryLogs::Log& log) { log.leaves.erase(log.leaves.begin()); });
        }) == 0);
}

TEST_CASE("the mark of mode acked stays where it stopped, also after a new start") {
  World world;
  world.logs.add("a", "1");
  world.logs.add("a", FrameType::intent, MemoryLogs::event("2"));
  {
    net::SinkFeed feed = world.feed();
    all_of(feed);
  }
  world.settings.intents = true;
  world.logs.add("a", "3");
  net::SinkFeed feed = world.feed();
  all_of(feed);
  CHECK(world.files.cursor("a") == 3);
  CHECK(world.files.acked("a") == 0);
  world.logs.remove("a");
  world.logs.add("b", "1");
  all_of(feed);
  CHECK(world.files.cursors() == std::vector<std::string>{"b"});
  CHECK(world.files.acked("b") == 1);
}

TEST_CASE("text of a caller is not taken for the decision") {
  World world;
  world.settings.denials_only = true;
  std::string event = MemoryLogs::event("1");
  const std::string search = R"("target":"search")";
  event.replace(event.find(search), search.size(),
                R"("target":"\",\"decision\":{\"effect\":\"deny\"")");
  world.logs.add("a", FrameType::event, event);
  net::SinkFeed feed = world.feed(true);
  CHECK(all_of(feed) == "|");
}

TEST_CASE("a damaged log is told, and others go on") {
  World world;
  world.logs.add("a", "1");
  world.logs.add("b", "1");
  world.logs.change("a", [](MemoryLogs::Log& log) { log.damaged = true; });
  net::SinkFeed feed = world.feed();
  CHECK(all_of(feed) == "b/1 |");
  CHECK(feed.trouble() == "it is damaged");
  world.logs.change("a", [](MemoryLogs::Log& log) { log.damaged = false; });
  for (int i = 0; i < 24; ++i) CHECK(all_of(feed).empty());
  CHECK(all_of(feed) == "a/1 |");
  CHECK(feed.trouble().empty());
}

TEST_CASE("records that were removed before they were sent are told") {
  World world;
  for (int i = 0; i < 4; ++i) world.logs.add("a", "1");
  world.logs.change("a", [](MemoryLogs::Log& log) {
    log.leaves.erase(log.leaves.begin(), log.leaves.begin() + 2);
  });
  net::SinkFeed feed = world.feed();
  CHECK(all_of(feed) == "a/3 a/4 |");
  CHECK(feed.trouble().find("records 1 to 2 of `a`") != std::string::npos);
}

TEST_CASE("a dead log that was taken whole sleeps, until recovery adds to it") {
  World world;
  world.logs.add("a", "1");
  world.logs.change("a", [](MemoryLogs::Log& log) { log.alive = false; });
  net::SinkFeed feed = world.feed();
  CHECK(all_of(feed) == "a/1 |");
  CHECK(all_of(feed).empty());
  world.logs.add("a", "2");
  std::string out;
  for (int i = 0; i < 200 && out.empty(); ++i) out = all_of(feed);
  CHECK(out == "a/2 |");
}

TEST_CASE("the place in a log that cannot be listed for a while stays") {
  World world;
  world.logs.add("a", "1");
  world.logs.add("b", "1");
  net::SinkFeed feed = world.feed();
  CHECK(all_of(feed) == "a/1 |b/1 |");
  world.logs.change("a", [](MemoryLogs::Log& log) { log.hidden = true; });
  CHECK(all_of(feed).empty());
  net::SinkFeed next_process = world.feed();
  CHECK(all_of(next_process).empty());
  CHECK(world.files.cursor("a") == 1);
  CHECK(world.files.acked("a") == 1);
  world.logs.change("a", [](MemoryLogs::Log& log) { log.hidden = false; });
  world.logs.add("a", "2");
  CHECK(all_of(next_process) == "a/2 |");
}

TEST_CASE("the place in a log that is gone goes, too") {
  World world;
  world.logs.add("a", "1");
  world.logs.add("b", "1");
  net::SinkFeed feed = world.feed();
  all_of(feed);
  CHECK(world.files.cursor("a") == 1);
  world.logs.remove("a");
  all_of(feed);
  CHECK(world.files.cursors() == std::vector<std::string>{"b"});
}

}  // namespace
