// Reading stored events: all of them come back, and what is no event is refused.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/project/parsed_event.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "audit/frame.hpp"
#include "audit/project/samples.hpp"

namespace mcpgov::audit {
namespace {

using nlohmann::json;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("parsed_event: every event that the log writes is read as it was meant") {
  EventParser parser;
  for (const std::string& text : test::sample_events()) {
    CAPTURE(text);
    ParsedEvent event;
    event.seq = 7;
    event.log = "log";
    REQUIRE(parser.parse(text, event) == ErrorCode::none);
    const json wanted = json::parse(text);
    CHECK(event.text == text);
    CHECK(event.seq == 7);
    CHECK(event.log == "log");
    CHECK(event.kind == wanted["kind"].get<std::string>());
    CHECK(event.time == wanted["time"].get<std::string>());
    if (!event.is_message()) continue;
    CHECK(event.id == wanted["id"].get<std::string>());
    CHECK(event.target == wanted.value("target", ""));
    CHECK(event.method == wanted.value("method", ""));
    CHECK(event.caller.subject == wanted["caller"].value("subject", ""));
    CHECK(event.actors.size() == wanted["caller"].value("actors", json::array()).size());
    CHECK(event.decided_allow == (wanted["decision"]["effect"] == "allow"));
    CHECK(event.allowed == wanted["decision"]["allowed"].get<bool>());
    CHECK(event.enforced == wanted["decision"]["enforced"].get<bool>());
    CHECK(event.decision_ns == wanted["decision"]["latency_ns"].get<std::uint64_t>());
    CHECK(event.policies.size() == wanted["decision"].value("policies", json::array()).size());
    CHECK(event.outcome == wanted.value("outcome", ""));
    CHECK(event.rpc_code == wanted.value("rpc_code", 0));
    CHECK(event.latency_ns == wanted.value("latency_ns", std::uint64_t{0}));
    if (wanted.contains("session"))
      CHECK(event.session == wanted["session"]["id"].get<std::string>());
    if (wanted.contains("result")) {
      CHECK(json::parse(event.result.json) == wanted["result"]);
      CHECK(event.result.bytes == wanted["result"]["bytes"].get<std::uint64_t>());
    }
  }
}

TEST_CASE("parsed_event: times are read to the microsecond") {
  EventParser parser;
  ParsedEvent event;
  REQUIRE(parser.parse(test::usual_event(), event) == ErrorCode::none);
  CHECK(event.time_us == 1'795'159'380'123'456);
}

TEST_CASE("parsed_event: text that is no event is refused") {
  const std::string usual = test::usual_event();
  const std::string deep = std::string(200, '[') + std::string(200, ']');
  const std::vector<std::string> cases = {
      "",
      "null",
      "[]",
      "{}",
      "{\"v\":1}",
      usual.substr(0, usual.size() - 1),
      usual + "}",
      usual + usual,
      "\xef\xbb\xbf" + usual,
      replaced(usual, R"("v":1)", R"("v":2)"),
      replaced(usual, R"("v":1)", R"("v":"1")"),
      replaced(usual, R"("v":1,)", ""),
      replaced(usual, R"("kind":"call")", R"("kind":7)"),
      replaced(usual, R"("kind":"call",)", ""),
      replaced(usual, R"("id":"0123456789abcdef0123456789abcdef")", R"("id":"")"),
      replaced(usual, "2026-11-20T", "2026-13-20T"),
      replaced(usual, "2026-11-20T", "2026-02-30T"),
      replaced(usual, "2026-11-20T", "1969-11-20T"),
      replaced(usual, "T07:23:00", "T25:23:00"),
      replaced(usual, "123456Z", "12345Z"),
      replaced(usual, R"("effect":"allow")", R"("effect":"maybe")"),
      replaced(usual, R"("allowed":true)", R"("allowed":1)"),
      replaced(usual, R"("caller":{)", R"("caller":[{)"),
      replaced(usual, R"("latency_ns":8200)", R"("latency_ns":-1)"),
      replaced(usual, R"("latency_ns":8200)", R"("latency_ns":1.5)"),
      replaced(usual, R"("latency_ns":8200)", R"("latency_ns":99999999999999999999)"),
      replaced(usual, R"("flags":1)", R"("flags":256)"),
      replaced(usual, R"("policies":[)", R"("policies":[1,)"),
      replaced(usual, R"("request_id":42)", R"("request_id":{})"),
      replaced(usual, R"("keys":[)", R"("keys":7,"k":[)"),
      // Readers would differ in which they believe.
      replaced(usual, R"("outcome":)", R"("outcome":"denied","outcome":)"),
      replaced(usual, R"("outcome":)", R"("outcom\u0065":"denied","outcome":)"),
      replaced(usual, R"("effect":"allow")", R"("effect":"deny","effect":"allow")"),
      replaced(usual, R"("value":{)", R"("value":{"a":1,"a":2,)"),
      replaced(usual, R"("value":{)", R"("value":{"a":)" + deep + ","),
      replaced(usual, "acme", "\xff\xfe"),
      replaced(usual, "acme", "ac\nme"),
      // What could end a line of an export, or steer a terminal.
      replaced(usual, ",\"kind\"", ",\n\"kind\""),
      usual + "\n",
      replaced(usual, "acme", "\xe2\x80\xae"),
      replaced(usual, "acme", "\xe2\x80\xa8"),
      replaced(usual, "acme", "\x7f"),
      replaced(usual, "acme", "\xc2\x85"),
      replaced(usual, "acme", "\\u12"),
      R"({"v":1,"kind":"loss","time":"yesterday"})",
      R"({"v":1,"kind":"loss"})",
      R"({"v":1,"kind":"call","id":"x","time":"2026-11-20T07:23:00.000000Z","actors":[},)",
      "{\"v\":1,\"kind\":\"loss\",\"time\":\"2026-11-20T07:23:00.000000Z\",\"x\":\"" +
          std::string(kMaxPayload, 'x') + "\"}",
  };
  EventParser parser;
  for (const std::string& text : cases) {
    CAPTURE(text.substr(0, 300));
    ParsedEvent event;
    CHECK(parser.parse(text, event) == ErrorCode::audit_damaged);
  }
  // And the reader is as good as new.
  ParsedEvent event;
  CHECK(parser.parse(usual, event) == ErrorCode::none);
}

TEST_CASE("parsed_event: every cut and every changed byte is refused or read, never more") {
  const std::string usual = test::usual_event();
  EventParser parser;
  for (std::size_t at = 0; at < usual.size(); ++at) {
    ParsedEvent event;
    CHECK(parser.parse(usual.substr(0, at), event) == ErrorCode::audit_damaged);
    for (const char byte : {'"', '{', ']', '\\', '0', '\0'}) {
      std::string changed = usual;
      changed[at] = byte;
      (void)parser.parse(changed, event);
    }
  }
}

TEST_CASE("parsed_event: what another program wrote again is read in any order and form") {
  const std::string usual = test::usual_event();
  const auto event_of = nlohmann::ordered_json::parse(usual);
  std::vector<std::string> cases = {
      R"({"log":"boot-1-demo","seq":7,)" + usual.substr(1),
      usual.substr(0, usual.size() - 1) + R"(, "seq": 7, "log": "boot-1-demo"})",
      replaced(R"({"log":"boot-1-demo","seq":7,)" + usual.substr(1), R"("call")", R"("c\u0061ll")"),
  };
  auto sorted = nlohmann::json::parse(usual);  // by name, so that `kind` comes after `caller`
  sorted["log"] = "boot-1-demo";
  sorted["seq"] = 7;
  cases.push_back(sorted.dump());
  cases.push_back(sorted.dump(2));
  for (const std::string& text : cases) {
    CAPTURE(text.substr(0, 200));
    EventParser parser;
    ParsedEvent event, stored;
    // A log's text has no place of its own: what says so is not believed.
    if (parser.parse(text, stored) == ErrorCode::none) CHECK(stored.log.empty());
    REQUIRE(parser.parse(text, event, EventForm::exported) == ErrorCode::none);
    CHECK(event.log == "boot-1-demo");
    CHECK(event.seq == 7);
    CHECK(event.is_call());
    CHECK(event.caller.subject == event_of["caller"]["subject"].get<std::string>());
    CHECK(event.latency_ns == event_of["latency_ns"].get<std::uint64_t>());
  }
}

TEST_CASE("parsed_event: a recovered log's record has its time as a number") {
  EventParser parser;
  ParsedEvent event;
  const std::string recovery =
      R"({"v":1,"kind":"recovery","time_ns":1795159380123456789,"log":"boot-1-x","tail":"torn"})";
  REQUIRE(parser.parse(recovery, event) == ErrorCode::none);
  CHECK(event.time_us == 1'795'159'380'123'456);
  CHECK(event.time == "2026-11-20T07:23:00.123456Z");
  CHECK(event.log.empty());
  for (const char* text :
       {R"({"v":1,"kind":"loss","time_ns":1795159380123456789})",
        R"({"v":1,"kind":"recovery","time_ns":-1})", R"({"v":1,"kind":"recovery","time_ns":999})",
        R"({"v":1,"kind":"recovery"})"}) {
    CAPTURE(std::string(text));
    CHECK(parser.parse(text, event) == ErrorCode::audit_damaged);
  }
}

TEST_CASE("parsed_event: exported text that is no event, or two, is refused as well") {
  const std::string usual = test::usual_event();
  const std::vector<std::string> cases = {
      "{}",
      "[]",
      usual + usual,
      replaced(usual, R"("kind":"call",)", ""),
      replaced(usual, R"("kind":"call")", R"("kind":7)"),
      replaced(usual, R"("v":1)", R"("v":1,"seq":-1)"),
      replaced(usual, R"("v":1)", R"("v":1,"seq":"7")"),
      replaced(usual, R"("v":1)", R"("v":1,"log":[])"),
      replaced(usual, R"("v":1)", R"("v":1,"kind":"heartbeat")"),
      replaced(usual, "123456Z", "123Z"),
      replaced(usual, R"("v":1)", R"("v":1,"x":")" + std::string(4 * kMaxPayload, 'x') + "\""),
  };
  EventParser parser;
  for (const std::string& text : cases) {
    CAPTURE(text.substr(0, 200));
    ParsedEvent event;
    CHECK(parser.parse(text, event, EventForm::exported) == ErrorCode::audit_damaged);
  }
  // Parts of a frame that is about no message mean something else.
  ParsedEvent event;
  const std::string other =
      R"({"server":{"a":1},"time":"2026-11-20T07:23:00.000000Z","kind":"loss","v":1})";
  REQUIRE(parser.parse(other, event, EventForm::exported) == ErrorCode::none);
  CHECK(event.kind == "loss");
}

TEST_CASE("parsed_event: text that is not ASCII is read") {
  EventParser parser;
  ParsedEvent event;
  const std::string text = replaced(test::usual_event(), "acme", "caf\xc3\xa9");
  CHECK(parser.parse(text, event) == ErrorCode::none);
  CHECK(event.tenant == "caf\xc3\xa9");
}

TEST_CASE("parsed_event: members of later versions are passed over") {
  EventParser parser;
  ParsedEvent event;
  const std::string text =
      replaced(test::usual_event(), R"("tenant":)", R"("later":{"id":[1]},"tenant":)");
  CHECK(parser.parse(text, event) == ErrorCode::none);
  CHECK(event.tenant == "acme");
}

}  // namespace
}  // namespace mcpgov::audit
