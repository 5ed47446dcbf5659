// Tests of net/sink_settings.hpp: sinks as a configuration has them.
//
// SPDX-License-Identifier: Apache-2.0
#include "net/sink_settings.hpp"

#include <cstdlib>
#include <string>

#include <doctest/doctest.h>

#include "support/temporary_folder.hpp"

namespace {

using namespace mcpgov;
using test::TemporaryFolder;

// Of one sink `siem`, as Governor::sinks_json() gives it.
std::string whole(const std::string& base, const std::string& sink) {
  return R"({"directory":"/logs","base":")" + base + R"(","sinks":{"siem":)" + sink + "}}";
}

TEST_CASE("settings are read, and secrets come from files and variables") {
  const TemporaryFolder folder;
  folder.write("token", "abc-def\n");
  setenv("SINK_KEY", "Bearer xyz", 1);
  const auto read = net::read_sinks(
      whole(folder.path(""),
            R"({"type":"splunk_hec","url":"https://splunk.example.com","token":{"file":"token"},)"
            R"("headers":{"A":{"env":"SINK_KEY"},"B":"plain"},"acknowledged":false,"sealed":false,)"
            R"("batch_records":10,"service":"pay","denials_only":true,"intents":true})"));
  REQUIRE(read);
  CHECK(read->directory == "/logs");
  REQUIRE(read->sinks.size() == 1);
  const net::SinkSettings& sink = read->sinks[0];
  CHECK(sink.name == "siem");
  CHECK(sink.type == net::SinkType::splunk_hec);
  CHECK(sink.token == "abc-def");
  CHECK(sink.headers.at(0).second == "Bearer xyz");
  CHECK(sink.headers.at(1).second == "plain");
  CHECK(!sink.acknowledged);
  CHECK(!sink.sealed);
  CHECK(sink.denials_only);
  CHECK(sink.intents);
  CHECK(sink.batch_records == 10);
  CHECK(sink.service == "pay");
}

TEST_CASE("each type and format has its word, and a path starts at the configuration") {
  const auto one = [](const std::string& sink) {
    const auto read = net::read_sinks(whole("/etc/mcpgov", sink));
    REQUIRE(read);
    return read->sinks.at(0);
  };
  CHECK(one(R"({"type":"otlp","url":"https://a.b"})").type == net::SinkType::otlp);
  CHECK(one(R"({"type":"syslog","url":"tls://a.b:1"})").type == net::SinkType::syslog);
  CHECK(one(R"({"type":"webhook","url":"https://a.b"})").type == net::SinkType::webhook);
  CHECK(one(R"({"type":"stdout","format":"cef"})").format == net::SinkFormat::cef);
  CHECK(one(R"({"type":"kafka","url":"a:1","topic":"t"})").topic == "t");
  CHECK(one(R"({"type":"file","path":"lines"})").url == "/etc/mcpgov/lines");
  CHECK(one(R"({"type":"otlp","url":"https://a.b","signals":["traces","metrics"]})").signals ==
        std::vector<net::SinkSignal>{net::SinkSignal::traces, net::SinkSignal::metrics});
}

TEST_CASE("the sink of mode acked gets every message at once, whatever its settings filter") {
  const auto read = [](const std::string& sink, const std::string& acked_by) {
    std::string text = whole("", sink);
    text.insert(1, R"("acked_by":")" + acked_by + R"(",)");
    return net::read_sinks(text);
  };
  const auto one =
      read(R"({"type":"file","path":"a","denials_only":true,"intents":false})", "siem");
  REQUIRE(one);
  CHECK(one->sinks.at(0).intents);
  CHECK_FALSE(one->sinks.at(0).denials_only);
  CHECK_FALSE(one->sinks.at(0).sealed);
  const struct {
    const char* sink;
    const char* acked_by;
    const char* named;
  } refused[] = {
      {R"({"type":"file","path":"a"})", "sime", "`sime`"},
      {R"({"type":"otlp","url":"https://a.b","signals":["traces"]})", "siem", "about to run"},
      {R"({"type":"otlp","url":"https://a.b","signals":["traces"]})", "siem.traces", "no sink"},
      {R"({"type":"otlp","url":"https://a.b","signals":["metrics"]})", "siem", "about to run"},
      {R"({"type":"file","path":"a","format":"toolhive"})", "siem", "about to run"},
  };
  for (const auto& each : refused) {
    CAPTURE(std::string(each.sink));
    const auto sinks = read(each.sink, each.acked_by);
    REQUIRE_FALSE(sinks);
    CHECK(sinks.error().code == ErrorCode::audit_sink);
    CHECK(sinks.error().message.find(each.named) != std::string::npos);
  }
}

TEST_CASE("a refusal says where the setting stands, or the one that it is in") {
  const auto line = [](const std::string& sink) {
    std::string text = whole("", sink);
    text.insert(text.size() - 1,
                R"(,"file":"mcpgov.yaml","lines":{"audit.sinks":7,"audit.sinks.siem":8,)"
                R"("audit.sinks.siem.headers":10,"audit.sinks.siem.secret":11})");
    const auto read = net::read_sinks(text);
    REQUIRE(!read);
    CHECK(read.error().file == "mcpgov.yaml");
    return read.error().line;
  };
  CHECK(line(R"({"type":"otlp","headers":{"A":7}})") == 10);
  CHECK(line(R"({"type":"otlp","headers":7})") == 10);
  CHECK(line(R"({"type":"otlp","secret":{"env":"X"}})") == 11);
  CHECK(line(R"({"type":"smoke"})") == 8);
  CHECK(line("7") == 8);
}

TEST_CASE("what cannot be understood is refused with the setting's name, never with its secret") {
  const struct {
    const char* sink;
    ErrorCode code;
    const char* named;
  } cases[] = {
      {R"({})", ErrorCode::audit_sink, "type"},
      {R"({"type":"smoke"})", ErrorCode::audit_sink, "type"},
      {R"({"type":"otlp","url":"https://a.b","colour":1})", ErrorCode::audit_sink, "colour"},
      {R"({"type":"otlp","signals":["smoke"]})", ErrorCode::audit_sink, "signals"},
      {R"({"type":"file","path":"a","format":"xml"})", ErrorCode::audit_sink, "format"},
      {R"({"type":"file","path":"a","batch_records":0})", ErrorCode::audit_sink, "batch_records"},
      {R"({"type":"file","path":"a","batch_records":1001})", ErrorCode::audit_sink,
       "batch_records"},
      {R"({"type":"splunk_hec","token":"in-the-clear"})", ErrorCode::audit_sink, "token"},
      // Of the wrong type.
      {R"({"type":"otlp","url":7})", ErrorCode::audit_sink, "url"},
      {R"({"type":"otlp","url":""})", ErrorCode::audit_sink, "url"},
      {R"({"type":"otlp","url":"https://a.b","signals":"logs"})", ErrorCode::audit_sink, "signals"},
      {R"({"type":"otlp","url":"https://a.b","headers":["A"]})", ErrorCode::audit_sink, "headers"},
      {R"({"type":"otlp","url":"https://a.b","sealed":"no"})", ErrorCode::audit_sink, "sealed"},
      {R"({"type":"otlp","url":"https://a.b","retry_ms":"1s"})", ErrorCode::audit_sink, "retry_ms"},
      {R"({"type":"otlp","url":"https://a.b","retry_ms":1.5})", ErrorCode::audit_sink, "retry_ms"},
      {R"({"type":"otlp","url":"https://a.b","service":{}})", ErrorCode::audit_sink, "service"},
      {R"("otlp")", ErrorCode::audit_sink, "siem"},
      {R"(null)", ErrorCode::audit_sink, "siem"},
      // Known, but not to this type.
      {R"({"type":"otlp","url":"https://a.b","secret":{"env":"X"}})", ErrorCode::audit_sink,
       "secret"},
      {R"({"type":"otlp","url":"https://a.b","format":"ocsf"})", ErrorCode::audit_sink, "format"},
      {R"({"type":"otlp","url":"https://a.b","topic":"t"})", ErrorCode::audit_sink, "topic"},
      {R"({"type":"file","path":"a","url":"https://a.b"})", ErrorCode::audit_sink, "url"},
      {R"({"type":"file","path":"a","ca":{"text":"x"}})", ErrorCode::audit_sink, "ca"},
      {R"({"type":"stdout","path":"a"})", ErrorCode::audit_sink, "path"},
      {R"({"type":"stdout","acknowledge_ms":1})", ErrorCode::audit_sink, "acknowledge_ms"},
      {R"({"type":"webhook","url":"https://a.b","token":{"env":"X"}})", ErrorCode::audit_sink,
       "token"},
      {R"({"type":"webhook","url":"https://a.b","signals":["logs"]})", ErrorCode::audit_sink,
       "signals"},
      {R"({"type":"syslog","url":"tls://a.b:1","headers":{"A":"b"}})", ErrorCode::audit_sink,
       "headers"},
      {R"({"type":"kafka","url":"a:1","topic":"t","acknowledged":false})", ErrorCode::audit_sink,
       "acknowledged"},
      {R"({"type":"splunk_hec","url":"https://a.b","properties":{}})", ErrorCode::audit_sink,
       "properties"},
      {R"({"type":"splunk_hec","url":"https://a.b","metrics_period_ms":1})", ErrorCode::audit_sink,
       "metrics_period_ms"},
  };
  for (const auto& each : cases) {
    CAPTURE(std::string(each.sink));
    const auto read = net::read_sinks(whole("", each.sink));
    REQUIRE(!read);
    CHECK(read.error().code == each.code);
    CHECK(read.error().message.find(each.named) != std::string::npos);
    CHECK(read.error().message.find("in-the-clear") == std::string::npos);
  }
  for (const char* text : {"", "[]", "null", "{", "\xff"}) {
    CHECK(net::read_sinks(text).error().code == ErrorCode::audit_sink);
  }
  for (const char* sinks : {"[]", "7", "\"otlp\""}) {
    const auto read =
        net::read_sinks(R"({"directory":"/logs","base":"","sinks":)" + std::string(sinks) + "}");
    REQUIRE(!read);
    CHECK(read.error().code == ErrorCode::audit_sink);
    CHECK(read.error().message.find("audit.sinks") != std::string::npos);
  }
  const auto missing =
      net::read_sinks(whole("", R"({"type":"splunk_hec","token":{"file":"/nowhere/token"}})"));
  REQUIRE(!missing);
  CHECK(missing.error().code == ErrorCode::file_unreadable);
}

}  // namespace
