// Runs the language-neutral cases of this folder through the C++ API.
//
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "mcpgov/mcpgov.hpp"

using Json = nlohmann::ordered_json;

namespace {

const std::filesystem::path kFolder = std::filesystem::path(MCPGOV_SOURCE_DIR) / "tests/cases";

// A text as it is, anything else as JSON without white space.
std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string text_at(const Json& object, const char* key) {
  return object.contains(key) ? text_of(object[key]) : std::string();
}

// The index of a word; a word that is none is a mistake of the case.
template <class Enum, std::size_t kCount>
Enum word(const Json& object, const char* key, const std::array<const char*, kCount>& words) {
  if (!object.contains(key)) return static_cast<Enum>(0);
  for (std::size_t at = 0; at < kCount; ++at) {
    if (object[key] == words[at]) return static_cast<Enum>(at);
  }
  FAIL("no such word: " << object[key].dump());
  return static_cast<Enum>(0);
}

mcpgov::Caller caller_of(const Json& json) {
  auto caller = mcpgov::Caller::from_json(json.dump());
  if (!caller) FAIL(caller.error().text());
  return *std::move(caller);
}

bool keep_line(void* lines, std::string_view line) noexcept {
  static_cast<std::vector<std::string>*>(lines)->emplace_back(line);
  return true;
}

void check_verdict(const mcpgov::Verdict& verdict, const Json& expected) {
  CHECK(verdict.allowed() == expected["allowed"].get<bool>());
  CHECK(std::string(mcpgov::code_name(verdict.reason())) == text_of(expected["reason"]));
  const mcpgov::Denial denial = verdict.denial();
  if (expected.contains("status")) CHECK(denial.http_status == expected["status"].get<int>());
  if (expected.contains("denial")) CHECK(std::string(denial.body) == text_of(expected["denial"]));
  if (expected.contains("headers")) {
    Json headers = Json::array();
    for (const mcpgov::Header& field : denial.headers) {
      headers.push_back({std::string(field.name), std::string(field.value)});
    }
    CHECK(headers == expected["headers"]);
  }
  if (expected.contains("policies")) {
    Json policies = Json::array();
    for (const std::string_view id : verdict.policies()) policies.push_back(std::string(id));
    CHECK(policies == expected["policies"]);
  }
  if (expected.contains("pending")) {
    Json prompts = Json::array();
    for (const mcpgov::Step& step : verdict.pending()) {
      prompts.push_back(step.fetch == nullptr ? std::string(step.prompt)
                                              : step.fetch->method + " " + step.fetch->url);
    }
    CHECK(prompts == expected["pending"]);
  }
  const mcpgov::MessageView message = verdict.message();
  const std::pair<const char*, std::string_view> parts[] = {{"method", message.method_text},
                                                            {"target", message.target},
                                                            {"id", message.id},
                                                            {"arguments", message.arguments},
                                                            {"bytes", message.bytes}};
  for (const auto& [key, part] : parts) {
    if (expected.contains(key)) CHECK(std::string(part) == text_of(expected[key]));
  }
}

// One case: a governor, a session, and the steps.
class Run {
 public:
  Run(const Json& file, const Json& one) {
    mcpgov::GovernorOptions options;
    options.sink = mcpgov::audit::to_callback(&keep_line, &lines_);
    auto opened = mcpgov::Governor::open((kFolder / text_of(file["configuration"])).string(),
                                         std::move(options));
    if (!opened) FAIL(opened.error().text());
    governor_ = std::make_unique<mcpgov::Governor>(*std::move(opened));
    mcpgov::SessionOptions session;
    session.server = text_at(one["session"], "server");
    session.tenant = text_at(one["session"], "tenant");
    session.transport = word<mcpgov::Transport, 3>(one["session"], "transport",
                                                   {"stdio", "streamable_http", "http_sse"});
    session.id = text_at(one["session"], "id");
    if (one["session"].contains("caller")) session.caller = caller_of(one["session"]["caller"]);
    session_ = governor_->session(session);
  }

  void step(const Json& step) {
    if (step.contains("receive")) return receive(step["receive"], step);
    if (step.contains("reply")) return reply(step["reply"], step);
    if (step.contains("resume")) return resume(step["resume"], step);
    if (step.contains("await_answer")) return session_.await_answer(verdict(step["await_answer"]));
    if (step.contains("set_tools")) {
      return failed(session_.set_tools(text_of(step["set_tools"])), step);
    }
    if (step.contains("replace")) {
      return failed(governor_->replace(text_of(step["replace"]), kFolder.string()), step);
    }
    FAIL("no such step: " << step.dump());
  }

  // What the records say once everything is let go of.
  Json outcomes() {
    verdicts_ = {};
    resumed_ = {};
    session_ = {};
    Json out = Json::array();
    for (const std::string& line : lines_) {
      const Json record = Json::parse(line);
      if (record.contains("outcome")) out.push_back(record["outcome"]);
    }
    return out;
  }

 private:
  mcpgov::Verdict& verdict(const Json& what) {
    if (is_resumed_) return resumed_;
    const auto index = what["verdict"].get<std::size_t>();
    REQUIRE(index < verdicts_.size());
    return verdicts_[index];
  }

  template <class Result>
  void failed(const Result& result, const Json& step) {
    const auto code = result ? mcpgov::ErrorCode::none : result.error().code;
    CHECK(std::string(mcpgov::code_name(code)) == text_of(step["error"]));
  }

  void receive(const Json& what, const Json& expected) {
    std::string body = text_of(what["body"]);
    if (what.contains("pad_body_to")) body.resize(what["pad_body_to"].get<std::size_t>(), ' ');
    const Json http = what.value("http", Json::object());
    const std::string method = text_at(http, "method");
    const std::string url = text_at(http, "url");
    const std::string peer = text_at(what, "peer");
    const auto texts = http.value("headers", std::vector<std::array<std::string, 2>>());
    std::vector<mcpgov::Header> headers;
    for (const auto& [name, value] : texts) headers.push_back({name, value});
    mcpgov::Caller caller;
    if (what.contains("caller")) caller = caller_of(what["caller"]);
    verdicts_ = session_.receive(
        {.direction = word<mcpgov::Direction, 2>(what, "direction", {"from_client", "from_server"}),
         .http = {method, url, headers},
         .peer = peer,
         .body = body,
         .caller = what.contains("caller") ? &caller : nullptr});
    is_resumed_ = false;
    CHECK(verdicts_.batch() == expected.value("batch", false));
    REQUIRE(verdicts_.size() == expected["verdicts"].size());
    for (std::size_t at = 0; at < verdicts_.size(); ++at) {
      CAPTURE(at);
      check_verdict(verdicts_[at], expected["verdicts"][at]);
    }
  }

  void reply(const Json& what, const Json& expected) {
    const auto format =
        word<mcpgov::ReplyFormat, 3>(what, "format", {"automatic", "json", "event_stream"});
    mcpgov::Reply reply = session_.reply(verdict(what), format);
    std::string bytes;
    for (const Json& piece : what["feed"]) bytes += reply.feed(text_of(piece));
    bytes += reply.end();
    CHECK(bytes == text_of(expected["bytes"]));
    CHECK(reply.http_status() == expected["status"].get<int>());
    CHECK(std::string(mcpgov::code_name(reply.reason())) == text_of(expected["reason"]));
    CHECK(std::string(reply.to_server()) == text_at(expected, "to_server"));
  }

  void resume(const Json& what, const Json& expected) {
    std::vector<mcpgov::Answer> answers;
    std::deque<std::string> bodies;
    for (const Json& answer : what["answers"]) {
      bodies.push_back(text_at(answer, "body"));
      answers.push_back({answer["number"].get<std::uint32_t>(),
                         answer.value("granted", false),
                         answer.contains("by")
                             ? std::string_view(answer["by"].get_ref<const std::string&>())
                             : std::string_view(),
                         {0, answer.value("status", 0), bodies.back(),
                          answer.value("max_age", std::uint32_t{0})}});
    }
    resumed_ = session_.resume(verdict(what), answers);
    is_resumed_ = true;
    check_verdict(resumed_, expected["verdicts"][0]);
  }

  std::vector<std::string> lines_;  // outlives the governor, which writes to it
  std::unique_ptr<mcpgov::Governor> governor_;
  mcpgov::Session session_;
  mcpgov::Verdicts verdicts_;
  mcpgov::Verdict resumed_;
  bool is_resumed_ = false;
};

}  // namespace

TEST_CASE("cases: C++ comes to the same end as every other language") {
  std::size_t count = 0;
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".json") files.insert(entry.path());
  }
  for (const std::filesystem::path& path : files) {
    std::ifstream stream(path);
    const Json file = Json::parse(stream);
    for (const Json& one : file["cases"]) {
      const std::string name = path.filename().string() + ": " + text_of(one["name"]);
      CAPTURE(name);
      Run run(file, one);
      std::size_t number = 0;
      for (const Json& step : one["steps"]) {
        CAPTURE(number);
        run.step(step);
        ++number;
      }
      CHECK(run.outcomes() == one["outcomes"]);
      ++count;
    }
  }
  CHECK(count >= 12);
}
