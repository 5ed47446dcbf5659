// The heap: a warm call does not touch it, and a call whose memory runs out denies.
//
// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include "governor/support.hpp"
#include "support/allocation.hpp"

using namespace mcpgov;
using namespace mcpgov::test;

namespace {

// Takes records without remembering them, as a sink with a ring would.
class QuietSink final : public audit::Sink {
 public:
  ErrorCode begin(const audit::Record&, const audit::Completion*,
                  audit::Ticket& ticket) noexcept override {
    ticket.number = 1;
    return ErrorCode::none;
  }
  void end(const audit::Ticket&, const audit::Completion&) noexcept override {}
};

bool drop(void*, std::string_view) noexcept {
  return true;
}

Governor governor_with(std::unique_ptr<audit::Sink> sink) {
  GovernorOptions options;
  options.sink = std::move(sink);
  auto governor = Governor::parse(configuration(kPolicies, "", "limits: {open_requests: 100000}"),
                                  "", std::move(options));
  REQUIRE(governor);
  return *std::move(governor);
}

Session session_of(const Governor& governor) {
  SessionOptions options;
  options.server = "shop";
  options.caller = engineer();
  return governor.session(options);
}

const std::string kAllowed = call("execute_query", R"({"sql":"select 1","destructive":false})");
const std::string kDenied = call("execute_query", R"({"sql":"x","destructive":true})");
const std::string kUnknown = call("nope");

}  // namespace

TEST_CASE("memory: a warm receive allocates nothing, allowed, denied or unknown") {
  for (const bool lines : {false, true}) {
    CAPTURE(lines);
    Governor governor =
        governor_with(lines ? audit::to_callback(&drop, nullptr) : std::make_unique<QuietSink>());
    Session session = session_of(governor);
    for (const std::string& body : {kAllowed, kDenied, kUnknown}) {
      CAPTURE(body);
      for (int warm = 0; warm < 20; ++warm) Verdicts verdicts = from_client(session, body);
      const std::size_t before = allocation_count();
      for (int round = 0; round < 100; ++round) Verdicts verdicts = from_client(session, body);
      CHECK(allocation_count() - before == 0);
    }
  }
}

TEST_CASE("memory: nor does it with 10,000 verdicts open") {
  Governor governor = governor_with(std::make_unique<QuietSink>());
  Session session = session_of(governor);
  std::vector<std::string> bodies;
  for (int id = 0; id < 10'100; ++id) {
    bodies.push_back(call("execute_query", R"({"sql":"select 1"})", id));
  }
  std::vector<Verdicts> open;
  open.reserve(bodies.size());
  const auto fill = [&](int count) {
    for (int id = 0; id < count; ++id)
      open.push_back(from_client(session, bodies[static_cast<std::size_t>(id)]));
  };
  fill(10'100);  // warms the pool and the table
  open.clear();
  fill(10'000);
  const std::size_t before = allocation_count();
  for (int id = 10'000; id < 10'100; ++id) {
    Verdicts verdicts = from_client(session, bodies[static_cast<std::size_t>(id)]);
    if (!verdicts[0].allowed()) FAIL("denied");
  }
  CHECK(allocation_count() - before == 0);
  open.clear();
  const std::size_t again = allocation_count();
  fill(10'000);
  CHECK(allocation_count() - again == 0);
}

TEST_CASE("memory: operator new failing at every point in turn never allows and never crashes") {
  struct Case {
    const char* name;
    std::string body;
    bool allowed;
  };
  const Case cases[] = {
      {"a call that is allowed", kAllowed, true},
      {"a call that is denied", kDenied, false},
      {"an unknown tool", kUnknown, false},
      {"a list", rpc("tools/list"), true},
      {"a batch", "[" + kAllowed + "," + kDenied + "]", false},
      {"rubbish", "{\"jsonrpc\":\"2.0\",\"id\":[", false},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    std::size_t points = 0;
    for (;; ++points) {
      Records records;
      GovernorOptions options;
      options.sink = audit::to_callback(&drop, nullptr);
      auto governor = Governor::parse(configuration(), "", std::move(options));
      REQUIRE(governor);
      // A thread of its own starts cold: its parser, arena and pool allocate again.
      Session session = session_of(*governor);
      bool reached = false;
      bool allowed = false;
      std::thread([&] {
        FailingHeap heap(points);
        Verdicts verdicts = from_client(session, c.body);
        reached = heap.reached();
        for (Verdict& verdict : verdicts) {
          allowed = allowed || verdict.allowed();
          if (!verdict.allowed() && verdict.denial().body.empty()) allowed = true;
        }
      }).join();
      if (!reached) {
        CHECK(allowed == c.allowed);
        break;
      }
      // Where memory ran out on the way, the answer is no; an allocation that nothing depends on
      // may fail without one (the line of a record that is not required is none of them).
      if (!c.allowed) CHECK_FALSE(allowed);
      REQUIRE(points < 5000);
    }
    CHECK(points > 0);
  }
}

TEST_CASE("memory: a reply whose memory runs out passes nothing that it did not judge") {
  const std::string answer = result(
      R"({"tools":[{"name":"list_tables"},{"name":"execute_query"},{"name":"never_seen"}]})");
  World world;
  for (std::size_t point = 0; point < 200; ++point) {
    Session session = world.session(analyst());
    Verdicts verdicts = from_client(session, rpc("tools/list"));
    REQUIRE(verdicts[0].allowed());
    std::string out;
    {
      FailingHeap heap(point);
      Reply reply = session.reply(verdicts[0]);
      const std::string_view first = reply.feed(answer);
      char seen[512];
      std::size_t size = std::min(first.size(), sizeof seen);
      std::copy_n(first.data(), size, seen);
      const std::string_view rest = reply.end();
      const std::size_t more = std::min(rest.size(), sizeof seen - size);
      std::copy_n(rest.data(), more, seen + size);
      FailingHeap none(static_cast<std::size_t>(-1) / 2);
      out.assign(seen, size + more);
    }
    CAPTURE(point);
    CHECK(out.find("execute_query") == std::string::npos);
    CHECK(out.find("never_seen") == std::string::npos);
  }
}
