// Tests of net/sink_http.hpp, and of what sinks of HTTP make of their answers.
//
// SPDX-License-Identifier: Apache-2.0
#include "net/sink_http.hpp"

#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/base64.hpp"
#include "crypto/hmac.hpp"
#include "net/sink_transport.hpp"
#include "net/sink_world.hpp"
#include "support/certificates.hpp"
#include "support/web_server.hpp"

namespace {

using namespace mcpgov;
using net::Fate;
using nlohmann::json;
using test::CertificateSpec;
using test::http_reply;
using test::TestCertificate;
using test::WebServer;

// Answers one after the other, then the last again; keeps what was asked.
class Script {
 public:
  explicit Script(std::vector<std::string> replies) : replies_(std::move(replies)) {}
  WebServer::Reply reply() {
    return [this](const std::string& request) {
      const std::lock_guard hold(lock_);
      requests_.push_back(request);
      const std::string out = replies_.front();
      if (replies_.size() > 1) replies_.erase(replies_.begin());
      return out;
    };
  }
  std::vector<std::string> requests() {
    const std::lock_guard hold(lock_);
    return requests_;
  }
  static std::string body(const std::string& request) {
    return request.substr(request.find("\r\n\r\n") + 4);
  }
  // Of a field of the head, which is there.
  static std::string field(const std::string& request, const std::string& name) {
    const std::size_t at = request.find("\r\n" + name + ": ");
    REQUIRE(at != std::string::npos);
    const std::size_t begin = at + name.size() + 4;
    return request.substr(begin, request.find("\r\n", begin) - begin);
  }

 private:
  std::mutex lock_;
  std::vector<std::string> replies_;
  std::vector<std::string> requests_;
};

net::Batch batch_of(int records) {
  net::Batch out;
  out.log = "1f-7-aa";
  out.checkpoint = test::note_of("mcpgov/1f-7-aa", 9);
  static std::vector<std::string> kept;
  for (int i = 1; i <= records; ++i) {
    kept.push_back(test::MemoryLogs::event(std::string(31, '0') + std::to_string(i), i == 2));
    out.add({static_cast<std::uint64_t>(i), 1'700'000'000'123'456'789, audit::FrameType::event, 0,
             kept.back()});
    out.last_seq = static_cast<std::uint64_t>(i);
  }
  return out;
}

net::SinkSettings settings_of(net::SinkType type, const std::string& url) {
  net::SinkSettings out;
  out.name = "siem";
  out.type = type;
  out.url = url;
  out.timeout_ms = 20'000;
  out.token = "0123-abcd";
  return out;
}

TEST_CASE("what a status says about records, about us, and about now") {
  const struct {
    int status;
    Fate fate;
  } cases[] = {
      {0, Fate::again},     {200, Fate::taken},   {202, Fate::taken},   {204, Fate::taken},
      {301, Fate::closed},  {307, Fate::closed},  {400, Fate::refused}, {401, Fate::closed},
      {403, Fate::closed},  {404, Fate::closed},  {405, Fate::closed},  {408, Fate::again},
      {413, Fate::refused}, {415, Fate::refused}, {422, Fate::refused}, {429, Fate::again},
      {431, Fate::refused}, {500, Fate::again},   {501, Fate::closed},  {502, Fate::again},
      {503, Fate::again},   {504, Fate::again},   {505, Fate::closed},  {100, Fate::closed}};
  for (const auto& each : cases) {
    CAPTURE(each.status);
    CHECK(net::judge({each.status, {}, 0, "cause"}).fate == each.fate);
  }
  CHECK(net::judge({0, {}, 0, "cause"}).why == "cause");
  CHECK(net::judge({503, {}, 7000, {}}).after_ms == 7000);
}

TEST_CASE("URLs and fields that are not in order are refused when a sink is set up") {
  const auto code = [](net::SinkSettings settings) {
    const auto made = net::make_webhook(settings);
    return made ? ErrorCode::none : made.error().code;
  };
  const net::SinkSettings good = settings_of(net::SinkType::webhook, "https://siem.example.com/in");
  CHECK(code(good) == ErrorCode::none);
  for (const char* url : {"", "siem.example.com", "ftp://siem.example.com/", "http://10.0.0.1/in",
                          "https://u:p@siem.example.com/", "https://siem.example.com/#a",
                          "file:///etc/passwd", "https://127.1/", "https://a b/"}) {
    CAPTURE(std::string(url));
    CHECK(code(settings_of(net::SinkType::webhook, url)) == ErrorCode::audit_sink);
  }
  CHECK(code(settings_of(net::SinkType::webhook, "http://127.0.0.1:4318/")) == ErrorCode::none);
  net::SinkSettings plain = settings_of(net::SinkType::webhook, "http://collector:4318/");
  CHECK(code(plain) == ErrorCode::audit_sink);
  plain.plaintext = true;
  CHECK(code(plain) == ErrorCode::none);
  for (const auto& header : std::vector<std::pair<std::string, std::string>>{
           {"a b", "c"}, {"", "c"}, {"a", "b\r\nc: d"}, {"a:", "c"}, {"a", "\x80"}}) {
    net::SinkSettings bad = good;
    bad.headers = {header};
    CHECK(code(bad) == ErrorCode::audit_sink);
  }
  net::SinkSettings half = good;
  half.certificate_pem = "x";
  CHECK(code(half) == ErrorCode::audit_sink);
  net::SinkSettings weak = good;
  weak.secret = "short";
  CHECK(code(weak) == ErrorCode::audit_sink);
  weak.secret = "whsec_not base64";
  CHECK(code(weak) == ErrorCode::audit_sink);
}

TEST_CASE("TLS: the server's certificate is verified, and ours is shown") {
  const TestCertificate root = TestCertificate::make(test::authority_spec("root"));
  CertificateSpec spec;
  spec.common_name = "siem";
  spec.names = "IP:127.0.0.1";
  spec.extended = "serverAuth";
  const TestCertificate leaf = TestCertificate::make(spec, &root);
  Script script({http_reply("")});
  const WebServer server(&leaf, script.reply());
  net::SinkSettings settings = settings_of(net::SinkType::webhook, server.url());
  CHECK(net::make_webhook(settings).value()->send(batch_of(1)).fate == Fate::again);
  settings.ca_pem = root.pem();
  CHECK(net::make_webhook(settings).value()->send(batch_of(1)).fate == Fate::taken);
  settings.private_addresses = false;
  const net::Delivery refused = net::make_webhook(settings).value()->send(batch_of(1));
  CHECK(refused.fate == Fate::again);
  CHECK(refused.why == "an address of the host may not be connected to");
  CHECK(script.requests().size() == 1);
}

TEST_CASE("webhook: a batch is signed as Standard Webhooks asks, and known when it comes again") {
  Script script({http_reply("", "", 500), http_reply("", "Retry-After: 7\r\n", 429),
                 http_reply("", "", 409)});
  const WebServer server(nullptr, script.reply());
  net::SinkSettings settings = settings_of(net::SinkType::webhook, server.url("/in"));
  settings.headers = {{"Authorization", "Bearer abc"}, {"X-Empty", ""}};
  settings.secret = "whsec_" + encode_base64(std::string(32, 'k'));
  auto sink = net::make_webhook(settings).value();
  CHECK(sink->send(batch_of(2)).fate == Fate::again);
  const net::Delivery busy = sink->send(batch_of(2));
  CHECK(busy.fate == Fate::again);
  CHECK(busy.after_ms == 7000);
  CHECK(sink->send(batch_of(2)).fate == Fate::taken);  // 409: it is there
  const auto requests = script.requests();
  REQUIRE(requests.size() == 3);
  for (const std::string& request : requests) {
    CHECK(request.starts_with("POST /in HTTP/1.1\r\n"));
    CHECK(Script::field(request, "Authorization") == "Bearer abc");
    const std::string id = Script::field(request, "webhook-id");
    CHECK(id == "1f-7-aa:1-2");
    const std::string text =
        id + '.' + Script::field(request, "webhook-timestamp") + '.' + Script::body(request);
    const crypto::Digest code = crypto::hmac_sha256(std::string(32, 'k'), text);
    CHECK(Script::field(request, "webhook-signature") ==
          "v1," + encode_base64({reinterpret_cast<const char*>(code.data()), code.size()}));
  }
  const json body = json::parse(Script::body(requests[0]));
  REQUIRE(body.size() == 3);
  CHECK(body[0]["event"]["kind"] == "checkpoint");
  CHECK(body[0]["event"]["note"] == test::note_of("mcpgov/1f-7-aa", 9));
  CHECK(body[1]["seq"] == 1);
  CHECK(body[2]["event"]["decision"]["effect"] == "deny");
}

TEST_CASE("webhook: other forms are lines, and what has none for a record sends nothing") {
  Script script({http_reply("")});
  const WebServer server(nullptr, script.reply());
  net::SinkSettings settings = settings_of(net::SinkType::webhook, server.url());
  settings.format = net::SinkFormat::ocsf;
  CHECK(net::make_webhook(settings).value()->send(batch_of(2)).fate == Fate::taken);
  const std::string request = script.requests().at(0);
  CHECK(Script::field(request, "Content-Type") == "application/x-ndjson");
  CHECK(request.find("webhook-signature") == std::string::npos);
  CHECK(json::parse(Script::body(request).substr(
            0, Script::body(request).find('\n')))["class_uid"] == 6003);
  net::Batch control;
  control.log = "a";
  control.last_seq = 1;
  control.add({1, 0, audit::FrameType::config, 0, R"({"v":1,"kind":"config"})"});
  settings.format = net::SinkFormat::toolhive;
  CHECK(net::make_webhook(settings).value()->send(control).fate == Fate::taken);
  CHECK(script.requests().size() == 1);
}

TEST_CASE(
    "OTLP: logs and traces go to their paths, and what comes again is what the protocol says") {
  Script script({http_reply("{}")});
  const WebServer server(nullptr, script.reply());
  const net::SinkSettings settings = settings_of(net::SinkType::otlp, server.url("/base/"));
  for (const auto signal : {net::SinkSignal::logs, net::SinkSignal::traces}) {
    const net::Delivery answer = net::make_otlp(settings, signal).value()->send(batch_of(2));
    CHECK(answer.fate == Fate::taken);
    CHECK(answer.rejected == 0);
  }
  const auto requests = script.requests();
  CHECK(requests.at(0).starts_with("POST /base/v1/logs HTTP/1.1\r\n"));
  CHECK(requests.at(1).starts_with("POST /base/v1/traces HTTP/1.1\r\n"));
  CHECK(Script::field(requests[0], "Content-Type") == "application/json");
  const json logs = json::parse(Script::body(requests[0]));
  CHECK(logs["resourceLogs"][0]["scopeLogs"][0]["logRecords"].size() == 3);
  const json traces = json::parse(Script::body(requests[1]));
  CHECK(traces["resourceSpans"][0]["scopeSpans"][0]["spans"].size() == 2);
  const struct {
    int status;
    Fate fate;
  } cases[] = {{429, Fate::again},  {502, Fate::again},   {503, Fate::again},  {504, Fate::again},
               {500, Fate::closed}, {408, Fate::closed},  {501, Fate::closed}, {401, Fate::closed},
               {404, Fate::closed}, {400, Fate::refused}, {413, Fate::refused}};
  for (const auto& each : cases) {
    CAPTURE(each.status);
    Script failing({http_reply("", "", each.status)});
    const WebServer other(nullptr, failing.reply());
    auto sink =
        net::make_otlp(settings_of(net::SinkType::otlp, other.url()), net::SinkSignal::logs);
    CHECK(sink.value()->send(batch_of(1)).fate == each.fate);
  }
}

TEST_CASE("OTLP: what a collector rejects of a batch is counted, and odd answers count nothing") {
  const struct {
    const char* body;
    std::uint64_t rejected;
    const char* why;
  } cases[] = {
      {R"({"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"too old"}})", 2, "too old"},
      {R"({"partialSuccess":{"rejectedLogRecords":2}})", 2, ""},
      {R"({"partialSuccess":{"errorMessage":"a warning"}})", 0, "a warning"},
      {R"({"partialSuccess":{"rejectedLogRecords":"x"}})", 0, ""},
      {R"({"partialSuccess":{"rejectedLogRecords":"99999999999999999999"}})", 0, ""},
      {R"({"partialSuccess":{"rejectedLogRecords":-1}})", 0, ""},
      {R"({"partialSuccess":[]})", 0, ""},
      {R"({"partialSuccess":{"rejectedSpans":"2"}})", 0, ""},
      {"[", 0, ""},
      {"", 0, ""}};
  for (const auto& each : cases) {
    CAPTURE(std::string(each.body));
    Script script({http_reply(each.body)});
    const WebServer server(nullptr, script.reply());
    const net::Delivery answer =
        net::make_otlp(settings_of(net::SinkType::otlp, server.url()), net::SinkSignal::logs)
            .value()
            ->send(batch_of(3));
    CHECK(answer.fate == Fate::taken);
    CHECK(answer.rejected == each.rejected);
    CHECK(answer.why == each.why);
  }
}

TEST_CASE("Splunk HEC: a batch is taken when the indexers say so") {
  Script script({http_reply(R"({"text":"Success","code":0,"ackId":7})"),
                 http_reply(R"({"text":"Success","code":0,"ackId":8})"),
                 http_reply(R"({"acks":{"7":true,"8":false}})")});
  const WebServer server(nullptr, script.reply());
  auto sink = net::make_splunk_hec(settings_of(net::SinkType::splunk_hec, server.url("/"))).value();
  CHECK(sink->window() > 1);
  CHECK(sink->send(batch_of(2)).fate == Fate::handed);
  CHECK(sink->send(batch_of(1)).fate == Fate::handed);
  const net::Settled settled = sink->settle();
  CHECK(settled.batches == 1);
  CHECK(!settled.lost);
  const auto requests = script.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].starts_with("POST /services/collector/event HTTP/1.1\r\n"));
  CHECK(Script::field(requests[0], "Authorization") == "Splunk 0123-abcd");
  const std::string channel = Script::field(requests[0], "X-Splunk-Request-Channel");
  CHECK(channel.size() == 36);
  CHECK(requests[2].starts_with("POST /services/collector/ack?channel=" + channel + " "));
  CHECK(Script::body(requests[2]) == R"({"acks":[7,8]})");
  CHECK(sink->settle().batches == 0);  // not asked again at once
  CHECK(script.requests().size() == 3);
}

TEST_CASE("Splunk HEC: what is not acknowledged in time is lost, and comes again") {
  Script script({http_reply(R"({"code":0,"ackId":7})"), http_reply(R"({"acks":{"7":"yes"}})"),
                 http_reply("nonsense")});
  const WebServer server(nullptr, script.reply());
  net::SinkSettings settings = settings_of(net::SinkType::splunk_hec, server.url());
  settings.acknowledge_ms = 0;
  auto sink = net::make_splunk_hec(settings).value();
  CHECK(sink->send(batch_of(1)).fate == Fate::handed);
  const net::Settled settled = sink->settle();
  CHECK(settled.batches == 0);
  CHECK(settled.lost);
  sink->forget();
  CHECK(!sink->settle().lost);
}

TEST_CASE("Splunk HEC: codes of refusals") {
  const struct {
    int status;
    const char* body;
    Fate fate;
  } cases[] = {{403, R"({"code":1})", Fate::closed},   {401, R"({"code":2})", Fate::closed},
               {403, R"({"code":4})", Fate::closed},   {400, R"({"code":5})", Fate::refused},
               {400, R"({"code":6})", Fate::refused},  {400, R"({"code":7})", Fate::closed},
               {500, R"({"code":8})", Fate::again},    {503, R"({"code":9})", Fate::again},
               {400, R"({"code":10})", Fate::closed},  {400, R"({"code":11})", Fate::closed},
               {400, R"({"code":12})", Fate::refused}, {400, R"({"code":13})", Fate::refused},
               {400, R"({"code":14})", Fate::closed},  {400, R"({"code":15})", Fate::refused},
               {413, "too large", Fate::refused},      {400, "", Fate::refused},
               {200, R"({"code":0})", Fate::closed},   {200, "nonsense", Fate::closed}};
  for (const auto& each : cases) {
    CAPTURE(std::string(each.body));
    Script script({http_reply(each.body, "", each.status)});
    const WebServer server(nullptr, script.reply());
    auto sink = net::make_splunk_hec(settings_of(net::SinkType::splunk_hec, server.url())).value();
    CHECK(sink->send(batch_of(1)).fate == each.fate);
  }
  net::SinkSettings without = settings_of(net::SinkType::splunk_hec, "https://splunk.example.com");
  without.token = "";
  CHECK(net::make_splunk_hec(without).error().code == ErrorCode::audit_sink);
  without.token = "a\r\nb";
  CHECK(net::make_splunk_hec(without).error().code == ErrorCode::audit_sink);
}

TEST_CASE("stopping breaks an exchange off") {
  Script script({WebServer::kStall});
  const WebServer server(nullptr, script.reply());
  auto sink = net::make_webhook(settings_of(net::SinkType::webhook, server.url())).value();
  std::thread stopper([&] {
    while (script.requests().empty()) std::this_thread::yield();
    sink->stop();
  });
  const net::Delivery answer = sink->send(batch_of(1));
  stopper.join();
  CHECK(answer.fate == Fate::again);
  CHECK(answer.why == "it was broken off");
}

}  // namespace
