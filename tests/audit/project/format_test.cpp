// Batches: their framing, their names, and that each form is complete JSON where it should be.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/project/format.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "audit/project/samples.hpp"

namespace mcpgov::audit {
namespace {

using nlohmann::json;

constexpr Format kAll[] = {Format::json,     Format::otlp_logs, Format::otlp_traces, Format::ocsf,
                           Format::ecs,      Format::cef,       Format::splunk,      Format::syslog,
                           Format::toolhive, Format::webhook};

std::string batch(Format format, const std::vector<std::string>& events,
                  const ProjectionSettings& settings = {}) {
  EventParser parser;
  std::string out = "kept\n";
  open_batch(out, format, settings);
  std::uint64_t seq = 0;
  for (const std::string& text : events) {
    ParsedEvent event;
    event.log = "boot-1";
    event.seq = ++seq;
    REQUIRE(parser.parse(text, event) == ErrorCode::none);
    append_to_batch(out, format, event, settings);
  }
  close_batch(out, format);
  REQUIRE(out.starts_with("kept\n"));
  return out.substr(5);
}

std::vector<json> lines(const std::string& text) {
  std::vector<json> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    REQUIRE(end != std::string::npos);
    out.push_back(json::parse(text.substr(at, end - at)));
    at = end + 1;
  }
  return out;
}

// The names of all members, at any depth, twice where they are twice in one object.
bool has_duplicates(const std::string& text) {
  std::vector<std::vector<std::string>> open;
  bool twice = false;
  const json read = json::parse(text, [&](int, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) open.emplace_back();
    if (event == json::parse_event_t::object_end) open.pop_back();
    if (event == json::parse_event_t::key) {
      const auto name = value.get<std::string>();
      for (const std::string& other : open.back()) twice = twice || other == name;
      open.back().push_back(name);
    }
    return true;
  });
  return twice || read.is_discarded();
}

TEST_CASE("format: names go both ways") {
  for (const Format format : kAll) {
    CHECK(format_from(format_name(format)) == format);
    CHECK_FALSE(content_type(format).empty());
  }
  CHECK_FALSE(format_from("xml").has_value());
  CHECK_FALSE(format_from("").has_value());
  CHECK(format_name(static_cast<Format>(99)).empty());
}

TEST_CASE("format: batches without events, with one and with all are complete") {
  const std::vector<std::string> all = test::sample_events();
  for (const Format format : kAll) {
    if (format == Format::cef || format == Format::syslog) continue;
    CAPTURE(std::string(format_name(format)));
    lines(batch(format, {}));
    CHECK(lines(batch(format, {all[0]})).size() == 1);
    for (const json& line : lines(batch(format, all))) CHECK_FALSE(has_duplicates(line.dump()));
    const std::string text = batch(format, all);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      CHECK_FALSE(has_duplicates(text.substr(at, end - at)));
      at = end + 1;
    }
    CHECK(text.find("\xe2\x80\xae") == std::string::npos);
    CHECK(text.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("format: an event that a form has nothing for leaves no trace of itself") {
  const std::string loss = R"({"v":1,"kind":"loss","time":"2026-11-20T07:23:00.000000Z"})";
  const std::string usual = test::usual_event();
  for (const Format format : {Format::otlp_traces, Format::toolhive}) {
    CHECK(batch(format, {loss}) == batch(format, {}));
    CHECK(batch(format, {loss, usual, loss}).find(",,") == std::string::npos);
    CHECK(lines(batch(format, {loss, usual, loss, usual})).size() ==
          (format == Format::toolhive ? 2 : 1));
  }
}

TEST_CASE("format: lines and webhooks hold the stored text, byte by byte") {
  const std::string usual = test::usual_event();
  CHECK(batch(Format::json, {usual}) == R"({"log":"boot-1","seq":1,)" + usual.substr(1) + "\n");
  CHECK(batch(Format::webhook, {usual, usual}) == R"([{"log":"boot-1","seq":1,"event":)" + usual +
                                                      R"(},{"log":"boot-1","seq":2,"event":)" +
                                                      usual + "}]\n");
}

TEST_CASE("format: what Splunk's collector takes") {
  ProjectionSettings settings;
  settings.splunk_index = "ai";
  settings.host_name = "host-7";
  const json read = json::parse(batch(Format::splunk, {test::usual_event()}, settings));
  CHECK(batch(Format::splunk, {test::usual_event()}, settings)
            .starts_with(R"({"time":1795159380.123456000,"host":"host-7","source":"mcpgov",)"
                         R"("sourcetype":"mcpgov:audit","index":"ai","event":{"log":"boot-1")"));
  CHECK(read["fields"]["decision"] == "allow");
  for (const json& each : lines(batch(Format::splunk, test::sample_events()))) {
    for (const auto& [name, value] : each["fields"].items()) CHECK(value.is_string());
    CHECK(each["event"].is_object());
  }
}

TEST_CASE("format: sealed and redacted content passes as it is, and nothing else appears") {
  ProjectionSettings settings;
  settings.content_on_spans = settings.identity_on_spans = true;
  const std::vector<std::string> all = test::sample_events();
  for (const Format format : kAll) {
    const std::string text = batch(format, all, settings);
    if (format == Format::json || format == Format::webhook || format == Format::splunk) {
      CHECK(text.find(R"({"$redacted":"names","len":9})") != std::string::npos);
      CHECK(text.find(R"("sealed":{"key":"acme/1","nonce":"AAAA","text":"BBBB"})") !=
            std::string::npos);
    }
  }
}

}  // namespace
}  // namespace mcpgov::audit
