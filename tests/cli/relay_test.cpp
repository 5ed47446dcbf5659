// A governed conversation, line by line, without a process.
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/relay.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace {

using mcpgov::cli::Relay;

constexpr std::uint64_t kSecond = 1'000'000'000;

// ann may call `echo`, unless its text says secret, and `sum`; the server may ask for roots.
constexpr const char* kConfig = R"(
version: 1
servers:
  demo:
    namespace: Demo
    policies:
      - text: |
          permit (principal, action == Demo::Action::"echo", resource)
          unless { context.input.text like "*secret*" };
          permit (principal, action == Demo::Action::"sum", resource)
          when { context.input.a == decimal("1.0") };
          permit (principal, action == Demo::Action::"list_roots", resource);
  reviewed:
    namespace: Demo
    policies: [{text: 'permit (principal, action == Demo::Action::"echo", resource);'}]
    tools: {text: '[{"name": "echo", "inputSchema": {"type": "object"}}]'}
identity: {stdio: {kind: user, issuer: idp, subject: ann}}
)";

constexpr const char* kEcho =
    R"({"name":"echo","inputSchema":{"type":"object","properties":{"text":{"type":"string"}}}})";
constexpr const char* kSum =
    R"({"name":"sum","inputSchema":{"type":"object","properties":{"a":{"type":"number"}}}})";
// The same name with another type: what the policy compares with is no longer there.
constexpr const char* kOtherSum =
    R"({"name":"sum","inputSchema":{"type":"object","properties":{"a":{"type":"string"}}}})";

const std::string kInitialize =
    R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-03-26",)"
    R"("capabilities":{},"clientInfo":{"name":"c","version":"1"}}})";
const std::string kInitializeAnswer =
    R"({"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-03-26","capabilities":{},)"
    R"("serverInfo":{"name":"s","version":"1"}}})";
const std::string kInitialized = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";
const std::string kListChanged = R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})";
const std::string kPing = R"({"jsonrpc":"2.0","id":"p","method":"ping"})";
const std::string kList = R"({"jsonrpc":"2.0","id":"l","method":"tools/list"})";
const std::string kRoots = R"({"jsonrpc":"2.0","id":"r","method":"roots/list"})";
const std::string kRootsAnswer = R"({"jsonrpc":"2.0","id":"r","result":{"roots":[]}})";

std::string echo(int id, const std::string& text) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
         R"(,"method":"tools/call","params":{"name":"echo","arguments":{"text":")" + text +
         R"("}}})";
}

std::string sum(int id) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
         R"(,"method":"tools/call","params":{"name":"sum","arguments":{"a":1}}})";
}

std::string denied(const std::string& id) {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"error":{"code":403,"message":"Unauthorized"}})" +
         "\n";
}

bool take_line(void* lines, std::string_view line) noexcept {
  static_cast<std::vector<std::string>*>(lines)->emplace_back(line);
  return true;
}

mcpgov::Governor open(std::vector<std::string>& records) {
  mcpgov::GovernorOptions options;
  options.sink = mcpgov::audit::to_callback(&take_line, &records);
  auto governor = mcpgov::Governor::parse(kConfig, {}, std::move(options));
  REQUIRE_MESSAGE(governor, governor.error().text());
  return *std::move(governor);
}

struct Talk {
  std::vector<std::string> records;
  mcpgov::Governor governor = open(records);
  Relay relay;
  std::uint64_t now = 100 * kSecond;

  explicit Talk(const std::string& server = "demo") : relay(governor, options(server)) {}

  static Relay::Options options(const std::string& server) {
    Relay::Options out;
    out.session.server = server;
    out.id_prefix = "own:";
    return out;
  }

  void client(const std::string& line) { relay.from_client(line, now); }
  void server(const std::string& line) { relay.from_server(line, now); }
  std::string to_client() { return std::exchange(relay.to_client, {}); }
  std::string to_server() { return std::exchange(relay.to_server, {}); }
  void answer_listing(int number, const std::string& tools) {
    server(R"({"jsonrpc":"2.0","id":"own:)" + std::to_string(number) + R"(","result":{"tools":[)" +
           tools + "]}}");
  }
  // Up to the point where the client may ask for something.
  void shake_hands() {
    client(kInitialize);
    server(kInitializeAnswer);
    client(kInitialized);
    to_client();
    to_server();
  }
};

std::string own_list(int number) {
  return R"({"jsonrpc":"2.0","id":"own:)" + std::to_string(number) +
         R"(","method":"tools/list","params":{}})" + "\n";
}

}  // namespace

TEST_CASE("relay: the handshake passes unchanged, and our own listing follows it") {
  Talk t;
  t.client(kInitialize);
  CHECK(t.to_server() == kInitialize + "\n");
  t.server(kInitializeAnswer);
  CHECK(t.to_client() == kInitializeAnswer + "\n");
  t.client(kInitialized);
  CHECK(t.to_server() == kInitialized + "\n" + own_list(1));
  CHECK(t.relay.deadline_ns() == t.now + 10 * kSecond);
  t.answer_listing(1, kEcho);
  CHECK(t.to_client() == "");  // what we asked, the client never hears
  CHECK_FALSE(t.relay.deadline_ns());
}

TEST_CASE("relay: calls wait for the tools, in order, and answers pass meanwhile") {
  Talk t;
  t.shake_hands();
  t.server(kRoots);
  CHECK(t.to_client() == kRoots + "\n");
  t.client(kPing);
  CHECK(t.to_server() == kPing + "\n");  // nothing waits yet
  t.client(echo(1, "one"));
  t.client(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
  t.client(echo(2, "a secret"));
  CHECK(t.to_server() == "");
  CHECK(t.relay.holds_back());
  t.client(kRootsAnswer);
  CHECK(t.to_server() == kRootsAnswer + "\n");
  t.answer_listing(1, kEcho);
  CHECK(t.to_server() ==
        echo(1, "one") + "\n" +
            R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})" +
            "\n");
  CHECK(t.to_client() == denied("2"));
  CHECK_FALSE(t.relay.holds_back());
  t.server(R"({"jsonrpc":"2.0","id":1,"result":{"content":[]}})");
  CHECK(t.to_client() == "");  // it was cancelled, so nobody waits for it
}

TEST_CASE("relay: a list is filtered, and waits for the tools too") {
  Talk t;
  t.shake_hands();
  t.client(kList);
  CHECK(t.to_server() == "");
  const std::string all = std::string(kEcho) + "," + R"({"name":"x","inputSchema":{}})";
  t.answer_listing(1, all);
  CHECK(t.to_server() == kList + "\n");
  t.server(R"({"jsonrpc":"2.0","id":"l","result":{"tools":[)" + all + "]}}");
  CHECK(t.to_client() ==
        R"({"jsonrpc":"2.0","id":"l","result":{"tools":[)" + std::string(kEcho) + "]}}\n");
}

TEST_CASE("relay: a listing that cannot be had denies every call") {
  struct Case {
    const char* name;
    const char* answer;  // empty: none comes in time
  };
  const Case cases[] = {
      {"no answer", ""},
      {"an error", R"({"jsonrpc":"2.0","id":"own:1","error":{"code":-32603,"message":"no"}})"},
      {"no tools at all", R"({"jsonrpc":"2.0","id":"own:1","error":{"code":-32601,"message":""}})"},
      {"an object for a list", R"({"jsonrpc":"2.0","id":"own:1","result":{"tools":{}}})"},
      {"two tools of one name",
       R"({"jsonrpc":"2.0","id":"own:1","result":{"tools":[{"name":"echo","inputSchema":{"type":)"
       R"("object"}},{"name":"echo","inputSchema":{"type":"object"}}]}})"},
      {"a refused answer",
       R"({"jsonrpc":"2.0","id":"own:1","result":{"tools":[]},"error":{"code":1,"message":""}})"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    Talk t;
    t.shake_hands();
    t.client(echo(1, "one"));
    if (*c.answer != 0) t.server(c.answer);
    t.now += 10 * kSecond;
    t.relay.tick(t.now);
    CHECK(t.to_server() == "");
    CHECK(t.to_client() == denied("1"));
    CHECK(t.relay.notes.empty() == (std::string(c.name) == "no tools at all"));
    // An answer that comes too late reaches nobody and changes nothing.
    t.answer_listing(1, kEcho);
    CHECK(t.to_client() == "");
    t.client(echo(2, "two"));
    CHECK(t.to_client() == denied("2"));
  }
}

TEST_CASE("relay: when the server's list changes, calls are judged by the new one") {
  Talk t;
  t.shake_hands();
  t.answer_listing(1, kSum);
  t.client(sum(1));
  CHECK(t.to_server() == sum(1) + "\n");
  t.server(kListChanged);
  CHECK(t.to_client() == kListChanged + "\n");
  CHECK(t.to_server() == own_list(2));
  t.client(sum(2));
  CHECK(t.to_server() == "");
  t.server(kListChanged);  // again, while we ask
  t.answer_listing(2, kSum);
  CHECK(t.to_server() == own_list(3));
  t.answer_listing(3, kOtherSum);
  CHECK(t.to_server() == "");  // 1 is no text: the call no longer fits
  CHECK(t.to_client() == kListChanged + "\n" + denied("2"));
}

TEST_CASE("relay: a list that never stops changing does not hold calls for ever") {
  Talk t;
  t.shake_hands();
  t.client(sum(1));
  const std::uint64_t deadline = *t.relay.deadline_ns();
  for (int round = 1; round <= 20 && t.relay.deadline_ns(); ++round) {
    t.now += kSecond;
    t.server(kListChanged);
    t.answer_listing(round, kSum);
    t.relay.tick(t.now);
  }
  CHECK_FALSE(t.relay.deadline_ns());
  CHECK(t.now <= deadline + kSecond);
}

TEST_CASE("relay: a modern request needs no handshake, a probe asks for nothing") {
  const std::string meta = R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                           R"("io.modelcontextprotocol/clientCapabilities":{}})";
  Talk t;
  const std::string probe =
      R"({"jsonrpc":"2.0","id":1,"method":"server/discover","params":{)" + meta + "}}";
  t.client(probe);
  CHECK(t.to_server() == probe + "\n");
  const std::string call = R"({"jsonrpc":"2.0","id":2,"method":"tools/call",)"
                           R"("params":{"name":"echo","arguments":{"text":"x"},)" +
                           meta + "}}";
  t.client(call);
  const std::string asked = t.to_server();
  CHECK(asked.find(R"("io.modelcontextprotocol/protocolVersion":"2026-07-28")") !=
        std::string::npos);
  CHECK(asked.find("tools/call") == std::string::npos);
  t.server(R"({"jsonrpc":"2.0","id":"own:1","result":{"resultType":"complete","tools":[)" +
           std::string(kEcho) + R"(],"ttlMs":0,"cacheScope":"private"}})");
  CHECK(t.to_server() == call + "\n");
}

TEST_CASE("relay: reviewed tools need no listing") {
  Talk t("reviewed");
  t.client(kInitialize);
  t.server(kInitializeAnswer);
  t.client(kInitialized);
  CHECK(t.to_server() == kInitialize + "\n" + kInitialized + "\n");
  t.client(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}})");
  CHECK(t.to_server() != "");
  t.client(R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"other"}})");
  CHECK(t.to_server() == "");
}

TEST_CASE("relay: what is denied goes back to whoever asked, and nothing else does") {
  struct Case {
    const char* name;
    bool from_client;
    std::string line;
    std::string to_client;
    std::string to_server;
  };
  const Case cases[] = {
      {"an unknown tool", true,
       R"({"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"rm"}})", denied("5"), ""},
      {"a prompt", true, R"({"jsonrpc":"2.0","id":5,"method":"prompts/get","params":{"name":"p"}})",
       denied("5"), ""},
      {"an answer nobody waits for", true, R"({"jsonrpc":"2.0","id":77,"result":{}})", "", ""},
      {"a notification nobody knows", true, R"({"jsonrpc":"2.0","method":"notifications/x"})", "",
       ""},
      {"the server asks for the model", false,
       R"({"jsonrpc":"2.0","id":6,"method":"sampling/createMessage",)"
       R"("params":{"messages":[],"maxTokens":1}})",
       "", denied("6")},
      {"an answer to nothing", false, R"({"jsonrpc":"2.0","id":77,"result":{}})", "", ""},
      {"a notification of the server that nobody knows", false,
       R"({"jsonrpc":"2.0","method":"notifications/x"})", "", ""},
      {"what is no JSON, from the server", false, "Debug: started", "", ""},
      {"a blank line", true, " \t\r", "", ""},
      {"a blank line of the server", false, "", "", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    Talk t;
    t.shake_hands();
    t.answer_listing(1, kEcho);
    (c.from_client) ? t.client(c.line) : t.server(c.line);
    CHECK(t.to_client() == c.to_client);
    CHECK(t.to_server() == c.to_server);
  }
}

TEST_CASE("relay: what cannot be read is answered with a reason and never passed on") {
  const std::string lines[] = {"{",
                               "null",
                               "[]",
                               "{}",
                               R"({"jsonrpc":"2.0","id":1})",
                               R"({"jsonrpc":"2.0","id":1,"method":"tools/call","Method":"ping"})",
                               R"({"jsonrpc":"2.0","id":1,"id":2,"method":"ping"})"};
  for (const std::string& line : lines) {
    CAPTURE(line);
    Talk t;
    t.shake_hands();
    t.answer_listing(1, kEcho);
    t.client(line);
    CHECK(t.to_server() == "");
    CHECK(t.to_client().find("\"error\"") != std::string::npos);
  }
}

TEST_CASE("relay: of a batch the allowed messages go on together") {
  Talk t;
  t.shake_hands();
  t.answer_listing(1, kEcho);
  t.client("[" + echo(1, "a") + "," + echo(2, "secret") + "," + echo(3, "c") + "]");
  CHECK(t.to_server() == "[" + echo(1, "a") + "," + echo(3, "c") + "]\n");
  std::string denial = denied("2");
  denial.pop_back();
  CHECK(t.to_client() == "[" + denial + "]\n");
  const std::string answers =
      R"([{"jsonrpc":"2.0","id":1,"result":{"content":[]}},{"jsonrpc":"2.0","id":9,"result":{}}])";
  t.server(answers);
  CHECK(t.to_client() == R"([{"jsonrpc":"2.0","id":1,"result":{"content":[]}}])"
                         "\n");
}

TEST_CASE("relay: every message has a record, our own requests have none") {
  Talk t;
  t.shake_hands();
  t.answer_listing(1, kEcho);
  t.client(echo(1, "a"));
  t.client(echo(2, "secret"));
  t.server(R"({"jsonrpc":"2.0","id":1,"result":{"content":[]}})");
  // initialize (2 lines), initialized, call (2 lines), denied call.
  CHECK(t.records.size() == 6);
  for (const std::string& record : t.records) {
    CHECK(record.find("own:") == std::string::npos);
  }
}

TEST_CASE("relay: a client that floods us while it waits is asked to stop") {
  Talk t;
  t.shake_hands();
  const std::string big = echo(1, std::string(1'000'000, 'x'));
  for (int count = 0; count < 4; ++count) t.client(big);
  CHECK_FALSE(t.relay.held_enough());
  t.client(big);
  CHECK(t.relay.held_enough());
  t.answer_listing(1, kEcho);
  CHECK_FALSE(t.relay.held_enough());
}
