// Messages that wait for their record, and messages whose record cannot be written.
//
// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstring>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "governor/support.hpp"

using namespace mcpgov;
using namespace mcpgov::test;

namespace {

// What a test sees of a log, and what the log does.
struct Book {
  struct Line {
    std::string target;
    audit::ToolClass tool_class;
    bool open_world = false;
    bool allowed = false;
    audit::Completion end;
    bool ended = false;
    int ends = 0;
  };
  std::vector<Line> lines;
  bool safe = false;     // records are as safe as they have to be
  bool failing = false;  // begin() fails
  int missed = 0;
  int waits = 0;
  std::string result;    // of the last completion
  std::string protocol;  // of the last record
};

class BookSink final : public audit::Sink {
 public:
  explicit BookSink(Book& book) : book_(book) {}

  ErrorCode begin(const audit::Record& record, const audit::Completion* closed,
                  audit::Ticket& ticket) noexcept override {
    if (book_.failing) return ErrorCode::audit_unavailable;
    Book::Line line{
        std::string(record.target), record.tool_class, record.open_world, record.allowed, {},
        closed != nullptr};
    if (closed != nullptr) line.end = *closed;
    book_.protocol = record.protocol;
    book_.lines.push_back(line);
    ticket.number = book_.lines.size();
    return ErrorCode::none;
  }
  void end(const audit::Ticket& ticket, const audit::Completion& completion) noexcept override {
    Book::Line& line = book_.lines.at(ticket.number - 1);
    line.end = completion;
    line.ended = true;
    ++line.ends;
    book_.result = completion.result;
    line.end.result = {};
  }
  bool waits(audit::ToolClass tool_class) const noexcept override {
    return tool_class == audit::ToolClass::destructive ||
           tool_class == audit::ToolClass::unclassified;
  }
  bool settled(const audit::Ticket& ticket) const noexcept override {
    return ticket.number != 0 && book_.safe;
  }
  bool wait(const audit::Ticket&, std::uint32_t) noexcept override {
    ++book_.waits;
    return book_.safe;
  }
  void missed() noexcept override { ++book_.missed; }

 private:
  Book& book_;
};

constexpr std::string_view kClasses = R"([
  {"name": "look", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": true}},
  {"name": "add", "inputSchema": {"type": "object"}, "annotations": {"destructiveHint": false}},
  {"name": "drop", "inputSchema": {"type": "object"},
   "annotations": {"destructiveHint": true, "openWorldHint": true}},
  {"name": "change", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": false}},
  {"name": "plain", "inputSchema": {"type": "object"}}])";

struct Desk {
  explicit Desk(std::string_view extra = "") : config(make(extra)) {
    GovernorOptions options;
    options.sink = std::make_unique<BookSink>(book);
    auto opened = Governor::parse(config, "", std::move(options));
    if (!opened) FAIL(opened.error().text());
    governor = std::make_unique<Governor>(*std::move(opened));
  }
  static std::string make(std::string_view extra) {
    return configuration("@id(\"all\") permit(principal, action, resource);", "", extra, kClasses);
  }
  Session session() {
    SessionOptions options;
    options.server = "shop";
    options.caller = engineer();
    return governor->session(options);
  }
  static std::vector<Answer> done(const Verdict& verdict) {
    Answer answer;
    answer.number = verdict.pending()[0].number;
    return {answer};
  }

  Book book;
  std::string config;
  std::unique_ptr<Governor> governor;
};

TEST_CASE("gate: tools are classified by their reviewed annotations alone") {
  struct Case {
    const char* tool;
    audit::ToolClass expected;
    bool open_world;
  };
  const Case cases[] = {
      {"look", audit::ToolClass::read_only, false},
      {"add", audit::ToolClass::write, false},
      {"drop", audit::ToolClass::destructive, true},
      {"change", audit::ToolClass::destructive, false},
      {"plain", audit::ToolClass::unclassified, false},
  };
  Desk desk;
  desk.book.safe = true;
  for (const Case& each : cases) {
    CAPTURE(std::string(each.tool));
    Session session = desk.session();
    (void)from_client(session, call(each.tool));
    CHECK(desk.book.lines.back().tool_class == each.expected);
    CHECK(desk.book.lines.back().open_world == each.open_world);
  }
  Session session = desk.session();
  (void)from_client(session, notification("notifications/initialized"));
  CHECK(desk.book.lines.back().tool_class == audit::ToolClass::none);
}

TEST_CASE("gate: a destructive call waits for its record, others do not") {
  Desk desk;
  Session session = desk.session();
  Verdicts waiting = from_client(session, call("drop"));
  CHECK_FALSE(waiting[0].allowed());
  CHECK(waiting[0].reason() == ErrorCode::audit_waits);
  CHECK(waiting[0].denial().http_status == 503);
  CHECK(waiting[0].denial().body.find("\"id\":1") != std::string_view::npos);
  REQUIRE(waiting[0].pending().size() == 1);
  CHECK(waiting[0].pending()[0].kind == StepKind::record);
  CHECK(desk.book.lines.size() == 1);
  CHECK_FALSE(desk.book.lines[0].ended);

  Verdicts looking = from_client(session, call("look", "{}", 2));
  CHECK(looking[0].allowed());
  CHECK(looking[0].pending().empty());
}

TEST_CASE("gate: once the record is safe the same verdict goes on, with one record") {
  Desk desk;
  Session session = desk.session();
  Verdicts verdicts = from_client(session, call("drop"));
  CHECK_FALSE(session.wait_recorded(verdicts[0], 0));
  desk.book.safe = true;
  CHECK(session.wait_recorded(verdicts[0], 0));
  Verdict verdict = session.resume(verdicts[0], Desk::done(verdicts[0]));
  REQUIRE(verdict.allowed());
  CHECK(verdict.reason() == ErrorCode::none);
  CHECK(verdict.pending().empty());
  CHECK(verdict.denial().body.empty());
  CHECK(verdict.message().bytes == call("drop"));
  Reply reply = session.reply(verdict);
  reply.feed(result(R"({"content":[],"isError":true})"));
  CHECK(reply.end() == result(R"({"content":[],"isError":true})"));
  REQUIRE(desk.book.lines.size() == 1);
  CHECK(desk.book.lines[0].ends == 1);
  CHECK(desk.book.lines[0].end.outcome == audit::Outcome::failed);
  CHECK(desk.book.lines[0].end.tool_error);
  CHECK(desk.book.result == R"({"content":[],"isError":true})");
}

TEST_CASE("gate: a word of the host that the record is safe is worth nothing") {
  Desk desk;
  Session session = desk.session();
  Verdicts verdicts = from_client(session, call("drop"));
  Answer granted = Desk::done(verdicts[0])[0];
  granted.granted = true;
  granted.by = "root";
  Verdict again = session.resume(verdicts[0], {&granted, 1});
  CHECK_FALSE(again.allowed());
  CHECK(again.reason() == ErrorCode::audit_waits);
  REQUIRE(again.pending().size() == 1);
  CHECK_FALSE(desk.book.lines[0].ended);
  Reply reply = session.reply(again);
  CHECK(reply.end().empty());
  CHECK(desk.book.lines[0].end.outcome == audit::Outcome::abandoned);
}

TEST_CASE("gate: a verdict that is dropped while it waits ends its record, and frees its id") {
  Desk desk;
  Session session = desk.session();
  { Verdicts dropped = from_client(session, call("drop")); }
  REQUIRE(desk.book.lines.size() == 1);
  CHECK(desk.book.lines[0].end.outcome == audit::Outcome::abandoned);
  CHECK(desk.book.lines[0].ends == 1);
  Verdicts again = from_client(session, call("drop"));
  CHECK(again[0].reason() == ErrorCode::audit_waits);
}

TEST_CASE("gate: while a call waits, its id is in use") {
  Desk desk;
  Session session = desk.session();
  Verdicts first = from_client(session, call("drop"));
  Verdicts second = from_client(session, call("look"));
  CHECK(second[0].reason() == ErrorCode::id_in_use);
}

TEST_CASE("gate: what waited through a reload is decided again by the new policies") {
  Desk desk;
  Session session = desk.session();
  Verdicts verdicts = from_client(session, call("drop"));
  const std::string fresh =
      configuration("@id(\"none\") forbid(principal, action, resource);", "", "", kClasses);
  REQUIRE(desk.governor->replace(fresh, ""));
  desk.book.safe = true;
  Verdict verdict = session.resume(verdicts[0], Desk::done(verdicts[0]));
  CHECK_FALSE(verdict.allowed());
  CHECK(verdict.reason() == ErrorCode::policy_forbidden);
  CHECK(desk.book.lines[0].end.outcome == audit::Outcome::abandoned);
  CHECK(desk.book.lines[0].ends == 1);
  CHECK(desk.book.lines.back().end.outcome == audit::Outcome::denied);
}

TEST_CASE("gate: the same policies in a new generation allow it, with a record of its own") {
  Desk desk;
  Session session = desk.session();
  Verdicts verdicts = from_client(session, call("drop"));
  REQUIRE(desk.governor->replace(desk.config, ""));
  desk.book.safe = true;
  Verdict verdict = session.resume(verdicts[0], Desk::done(verdicts[0]));
  CHECK(verdict.allowed());
  CHECK(desk.book.lines.back().target == "drop");
  CHECK_FALSE(desk.book.lines.back().ended);
}

TEST_CASE("gate: a record that is safe at once makes nobody wait") {
  Desk desk;
  desk.book.safe = true;
  Session session = desk.session();
  Verdicts verdicts = from_client(session, call("drop"));
  CHECK(verdicts[0].allowed());
  CHECK(verdicts[0].pending().empty());
  CHECK_FALSE(session.wait_recorded(verdicts[0], 0));
}

TEST_CASE("audit failure: by default nothing goes on without a record") {
  for (const char* tool : {"look", "add", "drop", "plain"}) {
    CAPTURE(std::string(tool));
    Desk desk;
    desk.book.failing = true;
    Session session = desk.session();
    Verdicts verdicts = from_client(session, call(tool));
    CHECK_FALSE(verdicts[0].allowed());
    CHECK(verdicts[0].reason() == ErrorCode::audit_unavailable);
    CHECK(desk.book.missed == 0);
  }
}

TEST_CASE("audit failure: a class that may go on is counted, the others still do not") {
  Desk desk("audit: {on_failure: {read_only: allow_marked}}");
  desk.book.failing = true;
  Session session = desk.session();
  Verdicts look = from_client(session, call("look"));
  CHECK(look[0].allowed());
  CHECK(desk.book.missed == 1);
  Verdicts add = from_client(session, call("add", "{}", 2));
  CHECK(add[0].reason() == ErrorCode::audit_unavailable);
  Verdicts drop = from_client(session, call("drop", "{}", 3));
  CHECK(drop[0].reason() == ErrorCode::audit_unavailable);
  CHECK(drop[0].pending().empty());
  CHECK(desk.book.missed == 1);
}

TEST_CASE("audit failure: one rule for all classes; a call that may go on does not wait either") {
  Desk desk("audit: {on_failure: allow_marked}");
  desk.book.failing = true;
  Session session = desk.session();
  Verdicts drop = from_client(session, call("drop"));
  CHECK(drop[0].allowed());
  CHECK(drop[0].pending().empty());
  CHECK(desk.book.missed == 1);
}

TEST_CASE("audit failure: halt ends the process instead of the call") {
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // not the test program's, which would report a crash
    Desk desk("audit: {on_failure: halt}");
    desk.book.failing = true;
    Session session = desk.session();
    (void)from_client(session, call("look"));
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
}

TEST_CASE("completions: what came back is told to the sink") {
  struct Case {
    const char* what;
    std::string answer;
    audit::Outcome outcome;
    std::int64_t rpc_code;
    std::string result;
  };
  const Case cases[] = {
      {"a result", result(R"({"content":[]})"), audit::Outcome::completed, 0, R"({"content":[]})"},
      {"an error", R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no"}})",
       audit::Outcome::failed, -32602, R"({"code":-32602,"message":"no"})"},
  };
  for (const bool stream : {false, true}) {
    for (const Case& each : cases) {
      CAPTURE(std::string(each.what));
      CAPTURE(stream);
      Desk desk;
      Session session = desk.session();
      Verdicts verdicts = from_client(session, call("look"));
      Reply reply = session.reply(verdicts[0]);
      if (stream) {
        reply.feed("data: " + each.answer + "\n\n");
        reply.feed("data: " +
                   notification("notifications/message", R"({"level":"info","data":1})") + "\n\n");
      } else {
        reply.feed(each.answer);
      }
      reply.end();
      CHECK(desk.book.lines[0].end.outcome == each.outcome);
      CHECK(desk.book.lines[0].end.rpc_code == each.rpc_code);
      CHECK(desk.book.lines[0].end.result_bytes == each.result.size());
      CHECK(desk.book.result == each.result);
    }
  }
}

TEST_CASE("records name the revision that the handshake agreed on") {
  Desk desk;
  Session session = desk.session();
  Verdicts greeting =
      from_client(session, rpc("initialize", R"({"protocolVersion":"2025-06-18","capabilities":{},)"
                                             R"("clientInfo":{"name":"c","version":"1"}})"));
  Reply reply = session.reply(greeting[0]);
  reply.feed(result(R"({"protocolVersion":"2025-06-18","capabilities":{},)"
                    R"("serverInfo":{"name":"s","version":"1"}})"));
  reply.end();
  (void)from_client(session, call("look", "{}", 2));
  CHECK(desk.book.protocol == "2025-06-18");
}

TEST_CASE("completions: a list says how many it had and how many were removed") {
  Desk desk;
  Session session = desk.session();
  Verdicts verdicts = from_client(session, rpc("tools/list"));
  Reply reply = session.reply(verdicts[0]);
  reply.feed(result(R"({"tools":[{"name":"look","inputSchema":{"type":"object"}},{"name":5}]})"));
  reply.end();
  CHECK(desk.book.lines[0].end.items == 2);
  CHECK(desk.book.lines[0].end.items_removed == 1);
}

}  // namespace
