// Tests of mcpgov/net.hpp: sinks of logs on the disk, and of sinks of lines and of syslog.
//
// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <set>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "audit/checkpoint.hpp"
#include "audit/segment_support.hpp"
#include "mcpgov/net.hpp"
#include "net/sink_world.hpp"
#include "support/web_server.hpp"

namespace {

using namespace mcpgov;
using nlohmann::json;
using test::LogMaker;
using test::TemporaryFolder;
using test::text_of;

constexpr std::uint32_t kLong = 20'000;  // ms

// A log of `count` events, sealed as its process would.
void make_log(const TemporaryFolder& folder, const std::string& name, int count) {
  std::filesystem::create_directories(folder.path("logs"));
  LogMaker log(folder.path(name));
  for (int i = 1; i <= count; ++i) {
    log.add(test::event_text(static_cast<std::uint64_t>(i), "s-1", "query_orders", "alice",
                             i % 3 == 0 ? "deny" : "allow"));
  }
  log.close_segment();
  const auto signer = audit::Signer::from_seed(std::string(32, 's'));
  folder.write(name + "/checkpoint",
               signer->sign({"test.example/log", log.tree().size(), log.tree().root()}));
}

net::SinkSettings file_sink(const TemporaryFolder& folder) {
  net::SinkSettings out;
  out.name = "lines";
  out.type = net::SinkType::file;
  out.url = folder.path("lines.jsonl");
  out.period_ms = 5;
  return out;
}

std::vector<json> lines_of(const std::string& path) {
  std::vector<json> out;
  const std::string text = text_of(path);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    REQUIRE(end != std::string::npos);
    out.push_back(json::parse(text.substr(at, end - at)));
    at = end + 1;
  }
  return out;
}

TEST_CASE("records of all logs below a directory arrive, each log in order and sealed before") {
  const TemporaryFolder folder;
  make_log(folder, "logs/1-7-a", 1200);
  make_log(folder, "logs/1-8-b", 3);
  auto sinks = net::Sinks::start(folder.path("logs"), {file_sink(folder)});
  REQUIRE(sinks);
  CHECK(sinks->stop(kLong));
  const std::vector<json> lines = lines_of(folder.path("lines.jsonl"));
  std::map<std::string, std::uint64_t> next;
  std::map<std::string, std::uint64_t> sealed;
  for (const json& line : lines) {
    const std::string log = line["log"];
    if (line["kind"] == "checkpoint") {
      sealed[log] = line["seq"];
      continue;
    }
    CHECK(line["seq"] == ++next[log]);
    CHECK(sealed[log] >= next[log]);
    CHECK(line["id"].is_string());
  }
  CHECK(next["1-7-a"] == 1200);
  CHECK(next["1-8-b"] == 3);
  CHECK(text_of(folder.path("logs/sinks/lines/1-7-a.cursor")) == "1200\n");
  CHECK(sinks->status().at(0).sent == 1203);
  CHECK(sinks->stop(0));
  // A second start finds nothing to do.
  auto again = net::Sinks::start(folder.path("logs"), {file_sink(folder)});
  CHECK(again->stop(kLong));
  CHECK(lines_of(folder.path("lines.jsonl")).size() == lines.size());
}

TEST_CASE("a file that is moved away is made anew, and one that cannot be written is told") {
  const TemporaryFolder folder;
  make_log(folder, "logs/1-7-a", 2);
  net::SinkSettings settings = file_sink(folder);
  settings.url = folder.path("missing/lines.jsonl");
  settings.retry_ms = 1;
  settings.longest_retry_ms = 5;
  auto sinks = net::Sinks::start(folder.path("logs"), {settings});
  REQUIRE(sinks);
  std::string error;
  while ((error = sinks->status().at(0).error).empty()) std::this_thread::yield();
  CHECK(error.find("cannot open") != std::string::npos);
  CHECK(sinks->status().at(0).behind_ms > 0);
  folder.write("missing/other", "");
  sinks->wake();
  CHECK(sinks->stop(kLong));
  CHECK(lines_of(settings.url).size() == 3);
}

TEST_CASE("settings that cannot be used are told by name") {
  const TemporaryFolder folder;
  const auto why = [&](auto change, std::vector<net::SinkSettings> more = {}) {
    net::SinkSettings settings = file_sink(folder);
    change(settings);
    more.push_back(settings);
    const auto sinks = net::Sinks::start(folder.path(""), more);
    if (sinks) return std::string();
    CHECK(sinks.error().code == ErrorCode::audit_sink);
    return sinks.error().message;
  };
  CHECK(why([](auto&) {}).empty());
  CHECK(why([](auto& s) { s.name = ""; }).find("name") != std::string::npos);
  CHECK(why([](auto& s) { s.name = "../x"; }).find("name") != std::string::npos);
  CHECK(why([](auto& s) { s.name = "A"; }).find("name") != std::string::npos);
  CHECK(why([](auto& s) { s.name = std::string(65, 'a'); }).find("name") != std::string::npos);
  CHECK(why([](auto& s) { s.url = ""; }).find("url") != std::string::npos);
  CHECK(why([](auto& s) { s.batch_records = 1001; }).find("batch_records") != std::string::npos);
  CHECK(why([](auto& s) { s.batch_bytes = 0; }).find("batch_bytes") != std::string::npos);
  CHECK(why([](auto& s) { s.period_ms = 0; }).find("time") != std::string::npos);
  CHECK(why([](auto& s) { s.longest_retry_ms = 1; }).find("longest") != std::string::npos);
  CHECK(why([](auto&) {}, {file_sink(folder)}).find("twice") != std::string::npos);
  const auto otlp = [](auto& s) {
    s.type = net::SinkType::otlp;
    s.url = "https://collector.example.com:4318";
  };
  CHECK(why([&](auto& s) { otlp(s), s.signals = {}; }).find("signals") != std::string::npos);
  CHECK(why([&](auto& s) { otlp(s), s.signals = {net::SinkSignal::metrics}; }).find("metrics") !=
        std::string::npos);
  const auto syslog = [&](const char* url) {
    return why([&](auto& s) { s.type = net::SinkType::syslog, s.url = url; });
  };
  CHECK(syslog("tls://logs.example.com:6514").empty());
  CHECK(syslog("tcp://127.0.0.1:601").empty());
  for (const char* url :
       {"", "logs.example.com:6514", "udp://127.0.0.1:514", "tls://logs.example.com",
        "tls://logs.example.com:6514/x", "tcp://logs.example.com:601", "tls://:1"}) {
    CAPTURE(std::string(url));
    CHECK(!syslog(url).empty());
  }
  CHECK(why([](auto& s) {
          s.type = net::SinkType::syslog, s.url = "tcp://127.0.0.1:601";
          s.format = net::SinkFormat::ocsf;
        }).find("format") != std::string::npos);
  CHECK(!why([](auto& s) { s.type = net::SinkType::kafka; }).empty());
}

TEST_CASE("a directory that cannot be used is told") {
  const TemporaryFolder folder;
  folder.write("file", "");
  const auto sinks = net::Sinks::start(folder.path("file"), {file_sink(folder)});
  REQUIRE(!sinks);
  CHECK(sinks.error().code == ErrorCode::file_unreadable);
}

TEST_CASE("metrics are sent, for a last time when the sinks stop") {
  std::mutex lock;
  std::string asked;
  const test::WebServer server(nullptr, [&](const std::string& request) {
    const std::lock_guard hold(lock);
    asked = request;
    return test::http_reply("{}");
  });
  const TemporaryFolder folder;
  net::SinkSettings settings = file_sink(folder);
  settings.type = net::SinkType::otlp;
  settings.url = server.url();
  settings.signals = {net::SinkSignal::metrics};
  const net::SinkHost host = {
      nullptr, [](void*) { return std::string(R"({"resourceMetrics":[]})"); }, nullptr};
  auto sinks = net::Sinks::start(folder.path(""), {settings}, host);
  REQUIRE(sinks);
  CHECK(sinks->status().at(0).name == "lines.metrics");
  CHECK(sinks->stop(kLong));
  CHECK(asked.starts_with("POST /v1/metrics HTTP/1.1\r\n"));
  CHECK(asked.ends_with(R"({"resourceMetrics":[]})"));
}

TEST_CASE("a forked child has no sinks, and its parent's go on") {
  const TemporaryFolder folder;
  make_log(folder, "logs/1-7-a", 2);
  auto sinks = net::Sinks::start(folder.path("logs"), {file_sink(folder)});
  REQUIRE(sinks);
  const pid_t child = fork();
  if (child == 0) {
    sinks->wake();
    const bool none = sinks->status().empty() && !sinks->stop(kLong);
    _exit(none ? 0 : 1);
  }
  int code = 0;
  REQUIRE(waitpid(child, &code, 0) == child);
  CHECK(code == 0);
  CHECK(sinks->status().size() == 1);
  CHECK(sinks->stop(kLong));
  CHECK(lines_of(folder.path("lines.jsonl")).size() == 3);
}

// Takes connections and their bytes; resets the first of them when told to.
class TcpServer {
 public:
  TcpServer() {
    listening_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(bind(listening_, any, size) == 0);
    REQUIRE(listen(listening_, 8) == 0);
    REQUIRE(getsockname(listening_, any, &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~TcpServer() {
    shutdown(listening_, SHUT_RDWR);
    thread_.join();
    close(listening_);
  }
  std::string url() const { return "tcp://127.0.0.1:" + std::to_string(port_); }
  // Closes a connection after so many bytes, and forgets them, as a server that dies does.
  void lose_after(std::size_t bytes) { lose_after_ = bytes; }
  std::string wait_for(std::size_t messages) {
    std::unique_lock hold(lock_);
    changed_.wait(hold, [&] { return count(text_) >= messages; });
    return text_;
  }

  // Whole messages of octet counting.
  static std::vector<std::string> messages(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
      const std::size_t blank = text.find(' ');
      if (blank == std::string_view::npos) break;
      const std::size_t size = std::stoul(std::string(text.substr(0, blank)));
      if (text.size() < blank + 1 + size) break;
      out.emplace_back(text.substr(blank + 1, size));
      text.remove_prefix(blank + 1 + size);
    }
    return out;
  }

 private:
  static std::size_t count(std::string_view text) { return messages(text).size(); }

  void serve() {
    while (true) {
      const int one = accept(listening_, nullptr, nullptr);
      if (one < 0) return;
      std::string got;
      char bytes[4096];
      long size = 0;
      while ((size = recv(one, bytes, sizeof bytes, 0)) > 0) {
        got.append(bytes, static_cast<std::size_t>(size));
        if (lose_after_ != 0 && got.size() >= lose_after_) break;
        const std::lock_guard hold(lock_);
        if (lose_after_ == 0) text_ = got;
        changed_.notify_all();
      }
      lose_after_ = 0;
      close(one);
    }
  }

  int listening_ = -1;
  int port_ = 0;
  std::atomic<std::size_t> lose_after_ = 0;
  std::mutex lock_;
  std::condition_variable changed_;
  std::string text_;
  std::thread thread_;
};

TEST_CASE("syslog: messages are counted, and what a lost connection took comes again") {
  const TemporaryFolder folder;
  make_log(folder, "logs/1-7-a", 20);
  TcpServer server;
  server.lose_after(3000);
  net::SinkSettings settings = file_sink(folder);
  settings.type = net::SinkType::syslog;
  settings.url = server.url();
  settings.batch_records = 5;
  settings.retry_ms = settings.longest_retry_ms = 1;
  auto sinks = net::Sinks::start(folder.path("logs"), {settings});
  REQUIRE(sinks);
  const std::string text = server.wait_for(21);
  CHECK(sinks->stop(kLong));
  std::set<std::string> ids;
  for (const std::string& message : TcpServer::messages(text)) {
    CHECK(message.starts_with("<10"));
    const std::size_t at = message.find(R"("id":")");
    if (at != std::string::npos) ids.insert(message.substr(at + 6, 32));
  }
  CHECK(ids.size() == 20);
  CHECK(text_of(folder.path("logs/sinks/lines/1-7-a.cursor")) == "20\n");
}

}  // namespace
