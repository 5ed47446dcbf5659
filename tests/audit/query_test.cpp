// Questions: every field, order, limits, indexes that are missing or lie, damage on the way.
//
// SPDX-License-Identifier: Apache-2.0
#if !defined(_WIN32)
#include "audit/query.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "audit/closing.hpp"
#include "audit/log_folder.hpp"
#include "audit/segment_index.hpp"
#include "audit/segment_source.hpp"
#include "audit/segment_support.hpp"

namespace mcpgov::audit {
namespace {

using test::LogMaker;
using test::TemporaryFolder;
using test::text_of;

struct Asking {
  std::vector<std::string> hits;  // `log:seq`
  std::vector<std::uint64_t> times;
  std::string last;
  std::size_t stop_after = ~0ULL;
  Answer answer;
  std::string error;
};

Asking ask(const std::string& directory, const Question& question, std::size_t stop_after = ~0ULL) {
  Asking asking;
  asking.stop_after = stop_after;
  const OnHit on_hit = [](void* context, const Hit& hit) {
    auto& to = *static_cast<Asking*>(context);
    to.hits.push_back(std::string(hit.log) + ':' + std::to_string(hit.seq));
    to.times.push_back(hit.time_ns);
    to.last = hit.payload;
    return to.hits.size() < to.stop_after;
  };
  auto answer = query(directory, question, on_hit, &asking);
  if (answer) {
    asking.answer = *answer;
  } else {
    asking.error = answer.error().message;
  }
  return asking;
}

// The log `a`: 2,400 events in three segments of 800, of 24 sessions, 6 tools and 3 callers.
void fill(LogMaker& log, std::uint64_t segments = 3) {
  for (std::uint64_t each = 1; each <= segments * 800; ++each) {
    const std::uint64_t seq = log.tree().size() + 1;
    log.add(test::event_text(seq, "s-" + std::to_string(seq / 100),
                             "tool-" + std::to_string(seq % 6),
                             seq % 3 == 0 ? "alice" : (seq % 3 == 1 ? "bob" : "carol"),
                             seq % 50 == 0 ? "deny" : "allow"));
    if (each % 800 == 0) log.close_segment();
  }
}

struct World {
  TemporaryFolder folder{test::memory()};
  std::string directory = folder.path("logs");
  std::string log = directory + "/a";

  explicit World(bool finish) {
    REQUIRE(local_files().make_folder(directory) == 0);
    LogMaker maker(log);
    fill(maker);
    if (finish) REQUIRE(finish_segments(local_files(), log, {}));
  }
};

TEST_CASE("every field is asked alike of indexed, compressed and plain segments") {
  const World plain(false), finished(true);
  Question session, caller, full, tool, decision, server, outcome, policy, tenant, method, id, many;
  session.session = "s-7";
  caller.caller = "alice";
  full.caller = "https://id.example.com#bob";
  tool.target = "tool-5";
  decision.decision = "deny";
  server.server = "shop";
  outcome.outcome = "completed";
  policy.policy = "shop/permit";
  tenant.tenant = "acme";
  method.method = "tools/call";
  id.id = "000000000000000000000000000007d0";
  many.session = "s-15";
  many.caller = "alice";
  many.target = "tool-3";
  const struct {
    Question question;
    std::size_t hits;
  } rows[] = {{session, 100}, {caller, 800},   {full, 800},       {tool, 400},    {decision, 48},
              {server, 2400}, {outcome, 2400}, {policy, 2400},    {tenant, 2400}, {method, 2400},
              {id, 1},        {many, 17},      {Question(), 2400}};
  for (const auto& row : rows) {
    const Asking a = ask(plain.directory, row.question), b = ask(finished.directory, row.question);
    CHECK(a.error == "");
    CHECK(a.hits.size() == row.hits);
    CHECK(a.hits == b.hits);
    CHECK(a.last == b.last);
    CHECK(a.answer.hits == row.hits);
    CHECK(a.answer.indexed == 0);
    CHECK(b.answer.indexed == 3);
    CHECK(a.answer.damage.empty());
    CHECK(b.answer.damage.empty());
    Question backwards = row.question;
    backwards.newest_first = true;
    for (const World* world : {&plain, &finished}) {
      Asking back = ask(world->directory, backwards);
      std::reverse(back.hits.begin(), back.hits.end());
      CHECK(back.hits == a.hits);
    }
  }
  // An index spares what it is there for.
  CHECK(ask(plain.directory, id).answer.frames == 2403);
  CHECK(ask(finished.directory, id).answer.frames < 300);
}

TEST_CASE("what nobody did is not found, and a value counts under its own field only") {
  const World world(true);
  for (const bool use_indexes : {true, false}) {
    Question question;
    question.use_indexes = use_indexes;
    question.session = "tool-5";
    CHECK(ask(world.directory, question).hits.empty());
    question.session = "s-";
    CHECK(ask(world.directory, question).hits.empty());
    question.session = "S-7";
    CHECK(ask(world.directory, question).hits.empty());
    // All of these values stand in events of tool-5, but not in these places.
    question.session = "tool-5";
    question.target = "tool-5";
    CHECK(ask(world.directory, question).hits.empty());
    question.target = "";
    question.session = "";
    question.caller = "https://evil.example.com#bob";
    CHECK(ask(world.directory, question).hits.empty());
  }
}

TEST_CASE("time is asked with its beginning and without its end") {
  const World world(true);
  const std::uint64_t begin = 1'763'620'000'000'000'000;
  Question question;
  question.from_ns = begin + 900 * 1'000'000;
  question.until_ns = begin + 910 * 1'000'000;
  Asking found = ask(world.directory, question);
  CHECK(found.hits.size() == 10);
  CHECK(found.hits.front() == "a:900");
  CHECK(found.answer.frames < 900);
  question.until_ns = question.from_ns;
  CHECK(ask(world.directory, question).error == "the time of the question is empty");
}

TEST_CASE("limits and callbacks end the answer, from either end") {
  const World world(true);
  Question question;
  question.caller = "bob";
  question.limit = 5;
  Asking found = ask(world.directory, question);
  CHECK(found.hits == std::vector<std::string>{"a:1", "a:4", "a:7", "a:10", "a:13"});
  CHECK(found.answer.cut);
  CHECK(found.answer.frames < 400);
  question.newest_first = true;
  found = ask(world.directory, question);
  CHECK(found.hits == std::vector<std::string>{"a:2398", "a:2395", "a:2392", "a:2389", "a:2386"});
  CHECK(found.answer.frames < 400);
  question.limit = 800;
  CHECK_FALSE(ask(world.directory, question).answer.cut);
  question.limit = 0;
  CHECK(ask(world.directory, question).hits.empty());
  question.limit = ~0ULL;
  found = ask(world.directory, question, 3);
  CHECK(found.hits.size() == 3);
  CHECK(found.answer.cut);
}

TEST_CASE("logs are merged by time, also the one that is written now") {
  const World world(true);
  LogMaker live(world.directory + "/b");
  live.set_time_ns(1'763'620'000'500'500'000);
  FileLock lock;
  REQUIRE(lock.take(world.directory + "/b/lock") == 0);
  for (std::uint64_t each = 1; each <= 20; ++each) live.add(test::event_text(each, "s-live"));
  REQUIRE(live.sync());
  Asking found = ask(world.directory, {});
  CHECK(found.hits.size() == 2420);
  CHECK(std::is_sorted(found.times.begin(), found.times.end()));
  Question question;
  question.newest_first = true;
  found = ask(world.directory, question);
  CHECK(found.hits.size() == 2420);
  CHECK(std::is_sorted(found.times.rbegin(), found.times.rend()));
  question.session = "s-live";
  CHECK(ask(world.directory, question).hits.size() == 20);
  // The next batch is there with the next question.
  live.add(test::event_text(21, "s-live"));
  REQUIRE(live.sync());
  CHECK(ask(world.directory, question).hits.size() == 21);
}

TEST_CASE("intents are asked for, and other records are no events") {
  const TemporaryFolder folder(test::memory());
  REQUIRE(local_files().make_folder(folder.path("logs")) == 0);
  LogMaker log(folder.path("logs/a"));
  log.add("{\"v\":1,\"kind\":\"config\"}", FrameType::config);
  log.add(test::event_text(1), FrameType::intent);
  log.add(test::event_text(1));
  log.add("no JSON at all");
  log.close_segment();
  Question question;
  CHECK(ask(folder.path("logs"), question).hits == std::vector<std::string>{"a:3", "a:4"});
  question.intents = true;
  question.server = "shop";
  CHECK(ask(folder.path("logs"), question).hits == std::vector<std::string>{"a:2", "a:3"});
}

TEST_CASE("values with characters that JSON escapes are found") {
  const TemporaryFolder folder(test::memory());
  REQUIRE(local_files().make_folder(folder.path("logs")) == 0);
  LogMaker log(folder.path("logs/a"));
  log.add(test::event_text(1, "a\\\"b\\\\c"));
  log.add(test::event_text(2, "gr\\u00fcn"));
  log.add(test::event_text(3, "plain"));
  log.close_segment();
  for (const bool finish : {false, true}) {
    if (finish) REQUIRE(finish_segments(local_files(), log.folder(), {}));
    Question question;
    question.session = "a\"b\\c";
    CHECK(ask(folder.path("logs"), question).hits == std::vector<std::string>{"a:1"});
    question.session = "gr\xC3\xBCn";
    CHECK(ask(folder.path("logs"), question).hits == std::vector<std::string>{"a:2"});
    question.session = "plain";
    CHECK(ask(folder.path("logs"), question).hits == std::vector<std::string>{"a:3"});
  }
}

TEST_CASE("an index that is missing, damaged or wrong costs time and no hit") {
  const World world(true);
  Question question;
  question.target = "tool-2";
  const std::vector<std::string> right = ask(world.directory, question).hits;
  REQUIRE(right.size() == 400);
  const std::string path = world.log + '/' + name_of(801, ".idx");
  const std::string good = text_of(path);
  const auto same = [&] {
    for (const bool backwards : {false, true}) {
      Question turned = question;
      turned.newest_first = backwards;
      Asking found = ask(world.directory, turned);
      if (backwards) std::reverse(found.hits.begin(), found.hits.end());
      CHECK(found.hits == right);
      CHECK(found.answer.indexed == 2);
      CHECK(found.answer.damage.empty());
    }
  };
  std::filesystem::remove(path);
  same();
  std::ofstream(path, std::ios::binary) << good.substr(0, 1000);
  same();
  // Pages and lists with wrong sums are noticed when they are read.
  std::string turned = good;
  for (std::size_t at = 400; at < turned.size(); at += 50) turned[at] = '!';
  std::ofstream(path, std::ios::binary) << turned;
  same();
  // Right sums and wrong places: chunks that begin within a frame.
  EventParser parser;
  ParsedEvent event;
  const std::string text = test::event_text(801, "s-8", "tool-2");
  REQUIRE(parser.parse(text, event) == ErrorCode::none);
  auto source = SegmentSource::open(world.log + '/' + name_of(801, ".seg.zst"));
  REQUIRE(source);
  std::string page(kSegmentHeader, '\0');
  std::size_t got = 0;
  REQUIRE(source->read_at(0, page, got));
  SegmentHeader header;
  REQUIRE(parse_segment_header(page, header) == nullptr);
  for (const std::uint64_t offset : {4096ULL, 4100ULL, 1ULL << 60}) {
    IndexBuilder wrong;
    for (std::uint64_t chunk = 0; chunk < 3; ++chunk) {
      wrong.begin_chunk(offset + chunk * 1000);
      wrong.add({801 + chunk * 10, 1'763'620'001'000'000'000, FrameType::event, 0, text}, &event);
    }
    std::ofstream(path, std::ios::binary) << wrong.finish(header, true);
    same();
    CHECK(LogReader::open(world.log, {1500}).has_value());
    CHECK(test::read_log(world.log, {1500}).seqs.size() == 901);
  }
}

TEST_CASE("an index gives the same hits in the same order as reading everything does") {
  const World world(true);
  struct Case {
    const char* name;
    std::string caller, target, decision, session;
  };
  const Case cases[] = {{"all", {}, {}, {}, {}},
                        {"one in four", {}, "tool-2", {}, {}},
                        {"who and what", "carol", "tool-1", {}, {}},
                        {"common ones", "carol", {}, "allow", {}},
                        {"ones that never meet", {}, "tool-2", "deny", {}},
                        {"rare and common", {}, "tool-1", {}, "s-8"}};
  for (const Case& each : cases) {
    CAPTURE(std::string(each.name));
    Question question;
    question.caller = each.caller;
    question.target = each.target;
    question.decision = each.decision;
    question.session = each.session;
    for (const bool backwards : {false, true}) {
      question.newest_first = backwards;
      question.use_indexes = true;
      const Asking fast = ask(world.directory, question);
      question.use_indexes = false;
      const Asking slow = ask(world.directory, question);
      CHECK(fast.hits == slow.hits);
      CHECK(fast.answer.indexed == 3);
      CHECK(slow.answer.indexed == 0);
      // Nothing but hits is looked at, where there is anything to look for.
      if (each.name != std::string("all")) CHECK(fast.answer.frames == fast.hits.size());
    }
  }
}

TEST_CASE("a damaged segment is noted, and the others answer") {
  for (const bool finish : {false, true}) {
    const World world(finish);
    const std::string path = world.log + '/' + name_of(801, finish ? ".seg.zst" : ".seg");
    std::string bytes = text_of(path);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    std::ofstream(path, std::ios::binary) << bytes;
    Question question;
    question.caller = "carol";
    const Asking found = ask(world.directory, question);
    REQUIRE(found.answer.damage.size() == 1);
    CHECK(found.answer.damage[0].code == ErrorCode::audit_damaged);
    CHECK(found.answer.damage[0].message.find(path) != std::string::npos);
    // A raw segment loses a record, a compressed one a part of 128 KiB.
    CHECK(found.hits.size() >= (finish ? 700 : 799));
    CHECK(found.hits.size() < 801);
    CHECK(found.hits.back() == "a:2399");
    Question backwards = question;
    backwards.newest_first = true;
    Asking back = ask(world.directory, backwards);
    std::reverse(back.hits.begin(), back.hits.end());
    CHECK(back.hits == found.hits);
  }
}

TEST_CASE("questions that cannot be understood are refused") {
  const World world(false);
  Question question;
  question.decision = "perhaps";
  const OnHit none = [](void*, const Hit&) { return true; };
  CHECK(query(world.directory, question, none, nullptr).error().code == ErrorCode::audit_query);
  question.decision = "";
  question.id = std::string(10'000, 'x');
  CHECK(query(world.directory, question, none, nullptr).error().code == ErrorCode::audit_query);
  CHECK(query(world.folder.path("none"), {}, none, nullptr).error().code ==
        ErrorCode::file_unreadable);
}

}  // namespace
}  // namespace mcpgov::audit
#endif
