// Tests of net/sink_text.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "net/sink_text.hpp"

#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "net/sink_world.hpp"

namespace {

using namespace mcpgov;
using audit::Format;
using audit::FrameType;
using nlohmann::json;

net::Batch batch_of(std::initializer_list<std::string> payloads, const std::string& note = "") {
  net::Batch out;
  out.log = "1f-7-aa";
  out.checkpoint = note;
  for (const std::string& each : payloads) {
    out.add({++out.last_seq, 1'700'000'000'000'000'000, FrameType::event, 0, each});
  }
  return out;
}

std::string text_of(const net::Batch& batch, Format format, net::SinkSettings settings = {}) {
  net::SinkText text(settings, format);
  std::string out = "before ";
  const bool any = text.append(out, batch);
  CHECK(any == (out.size() > 7));
  return out.substr(7);
}

TEST_CASE("a note goes ahead as a record of its own, with the number of leaves it covers") {
  const auto batch = batch_of({test::MemoryLogs::event("1")}, test::note_of("mcpgov/a", 9));
  const std::string text = text_of(batch, Format::json);
  const json note = json::parse(text.substr(0, text.find('\n')));
  CHECK(note["log"] == "1f-7-aa");
  CHECK(note["seq"] == 9);
  CHECK(note["kind"] == "checkpoint");
  CHECK(note["note"] == test::note_of("mcpgov/a", 9));
  CHECK(json::parse(text.substr(text.find('\n') + 1))["id"] == "1");
}

TEST_CASE("a record that cannot be told is told as such, and takes no other with it") {
  for (const char* bad : {"", "{", "[]", "null", R"({"v":1,"v":1})", "\xff"}) {
    CAPTURE(std::string(bad));
    const auto batch = batch_of({bad, test::MemoryLogs::event("2")});
    const std::string text = text_of(batch, Format::json);
    const json first = json::parse(text.substr(0, text.find('\n')));
    CHECK(first["kind"] == "unreadable");
    CHECK(first["seq"] == 1);
    CHECK(json::parse(text.substr(text.find('\n') + 1))["id"] == "2");
    CHECK(json::parse(text_of(batch, Format::webhook)).size() == 2);
    CHECK(json::parse(text_of(batch, Format::otlp_logs)).is_object());
  }
}

TEST_CASE("what a form has nothing to say about leaves no bytes") {
  const auto control = batch_of({R"({"v":1,"kind":"heartbeat","time":"2026-11-20T08:24:32Z"})"});
  CHECK(text_of(control, Format::otlp_traces).empty());
  CHECK(text_of(control, Format::toolhive).empty());
  CHECK(text_of(batch_of({}), Format::webhook).empty());
  CHECK(!text_of(control, Format::otlp_logs).empty());
}

TEST_CASE("lines one by one have no line end, for protocols that frame them") {
  net::SinkText text({}, Format::json);
  const auto batch = batch_of({test::MemoryLogs::event("1")}, test::note_of("o", 1));
  std::string out;
  CHECK(text.append_note(out, batch));
  CHECK(json::parse(out)["kind"] == "checkpoint");
  CHECK(!out.ends_with('\n'));
  out.clear();
  CHECK(text.append_record(out, batch, 0));
  CHECK(json::parse(out)["id"] == "1");
  CHECK(!out.ends_with('\n'));
  CHECK(!text.append_note(out, batch_of({})));
}

TEST_CASE("the service of the settings is what events come from") {
  net::SinkSettings settings;
  settings.service = "payments";
  const auto batch = batch_of({test::MemoryLogs::event("1")});
  CHECK(text_of(batch, Format::syslog, settings).find(" payments ") != std::string::npos);
  CHECK(json::parse(text_of(batch, Format::splunk, settings))["source"] == "payments");
  CHECK(text_of(batch, Format::otlp_logs, settings).find(R"("payments")") != std::string::npos);
  CHECK(net::line_format(net::SinkFormat::ecs) == Format::ecs);
  CHECK(net::line_format(net::SinkFormat::cef) == Format::cef);
}

}  // namespace
