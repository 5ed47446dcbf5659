// `audit:` of a configuration: every key, and what is refused.
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/audit_settings.hpp"

#include <string>

#include <doctest/doctest.h>

#include "audit/note.hpp"

namespace mcpgov {
namespace {

Result<AuditConfig> read(const std::string& text) {
  try {
    AuditConfig out;
    read_audit(YamlNode::parse(text, "audit.yaml"), "/etc/mcpgov", out);
    return out;
  } catch (const ConfigFailure& failure) {
    return failure.error;
  }
}

TEST_CASE("audit settings: nothing said is the safe side") {
  const auto out = read("{directory: log}");
  REQUIRE(out);
  CHECK(out->required);
  CHECK(out->log.directory == "/etc/mcpgov/log");
  CHECK(out->log.mode == audit::Mode::ring);
  for (const OnAuditFailure rule : out->on_failure) CHECK(rule == OnAuditFailure::deny);
  const auto intends = [&](audit::ToolClass each) {
    return out->log.intent[static_cast<std::size_t>(each)];
  };
  CHECK(intends(audit::ToolClass::destructive));
  CHECK(intends(audit::ToolClass::unclassified));
  CHECK_FALSE(intends(audit::ToolClass::none));
  CHECK_FALSE(intends(audit::ToolClass::read_only));
  CHECK_FALSE(intends(audit::ToolClass::write));
  // Without a rule there is level metadata (audit::CaptureSettings).
  CHECK(out->log.capture.rules.empty());
}

TEST_CASE("audit settings: each sink has a folder for each signal that is of the log") {
  const auto folders = [](const std::string& sinks) {
    const auto out = read("directory: log\nsinks:" + sinks);
    if (!out) FAIL(out.error().text());
    return out->sink_folders;
  };
  using Names = std::vector<std::string>;
  CHECK(folders(" {}") == Names{});
  CHECK(folders("\n  siem: {type: file, path: x}") == Names{"siem"});
  CHECK(folders("\n  a: {type: otlp, signals: [logs, traces, metrics]}\n  b: {type: stdout}") ==
        Names{"a", "a.traces", "b"});
  CHECK(folders("\n  a: {type: otlp, signals: [metrics]}") == Names{});
  CHECK(folders("\n  ../up: {type: stdout}\n  ok: nothing") == Names{});
}

TEST_CASE("audit settings: the sink of mode acked is named to the sinks") {
  const auto json = [](const std::string& mode) {
    const auto out = read("directory: log\nacked_by: siem\nmode: " + mode);
    if (!out) FAIL(out.error().text());
    return out->sinks_json;
  };
  CHECK(json("acked").find(R"("acked_by":"siem")") != std::string::npos);
  CHECK(json("durable").find("acked_by") == std::string::npos);
}

TEST_CASE("audit settings: the sinks are told where each of their settings stands") {
  AuditConfig out;
  const std::string text =
      "audit:\n  directory: log\n  sinks:\n    siem:\n      type: file\n"
      "      path: x\n    more: 7\n";
  read_audit(YamlNode::parse(text, "audit.yaml").at("audit"), "/etc/mcpgov", out);
  CHECK(out.sinks_json.find(R"("file":"audit.yaml")") != std::string::npos);
  CHECK(out.sinks_json.find(R"("audit.sinks.siem.type":5)") != std::string::npos);
  CHECK(out.sinks_json.find(R"("audit.sinks.siem.path":6)") != std::string::npos);
  CHECK(out.sinks_json.find(R"("audit.sinks.more":7)") != std::string::npos);
}

TEST_CASE("audit settings: every key arrives") {
  const auto out = read(R"(
directory: log
origin: acme.example/host-7
ring_directory: /run/rings
ring_bytes: 1048576
mode: acked
acked_by: collector
intent: [write, destructive]
on_failure: {read_only: allow_marked, destructive: halt}
max_stall_ms: 7
sync_interval_us: 1000
seal_interval_ms: 2000
heartbeat_s: 30
segment_bytes: 2097152
segment_s: 3600
reserve_bytes: 0
retain_days: 400
retain_bytes: 1000000
compress: false
spare_directory: spare
signing_key_file: keys/sign
digest_key_file: /keys/digest
content_keys: keys/content
capture:
  arguments: redacted
  result: none
  tools:
    - {tool: "read_*", arguments: fields, keep: [/path]}
    - {tool: debug, arguments: full, full_until: 2026-12-31}
  drop: [/password]
  names: ["*_secret"]
  default_detectors: false
  detectors: {badge: {pattern: "B-[0-9]{6}", keyword: "B-", entropy: 2}}
  value_bytes: 100
  content_bytes: 1000
)");
  if (!out) FAIL(out.error().text());
  const audit::LogSettings& log = out->log;
  CHECK(log.origin == "acme.example/host-7");
  CHECK(log.ring_directory == "/run/rings");
  CHECK(log.ring_bytes == 1048576);
  CHECK(log.mode == audit::Mode::acked);
  CHECK(log.acked_by == "collector");
  CHECK(log.intent == std::array<bool, audit::kToolClasses>{false, false, false, true, true});
  using Rules = std::array<OnAuditFailure, audit::kToolClasses>;
  using enum OnAuditFailure;
  CHECK(out->on_failure == Rules{deny, deny, allow_marked, deny, halt});
  CHECK(log.max_stall_ms == 7);
  CHECK(log.sync_interval_us == 1000);
  CHECK(log.seal_interval_ms == 2000);
  CHECK(log.heartbeat_s == 30);
  CHECK(log.segment_bytes == 2097152);
  CHECK(log.segment_s == 3600);
  CHECK(log.reserve_bytes == 0);
  CHECK(log.retain_days == 400);
  CHECK(log.retain_bytes == 1000000);
  CHECK_FALSE(log.compress);
  CHECK(log.spare_directory == "/etc/mcpgov/spare");
  CHECK(log.signing_key_file == "/etc/mcpgov/keys/sign");
  CHECK(log.digest_key_file == "/keys/digest");
  CHECK(log.content_keys == "/etc/mcpgov/keys/content");
  const audit::CaptureSettings& capture = log.capture;
  REQUIRE(capture.rules.size() == 3);
  CHECK(capture.rules[0].tool == "read_*");
  CHECK(capture.rules[0].arguments == audit::Level::fields);
  CHECK(capture.rules[0].result == audit::Level::none);
  CHECK(capture.rules[0].keep == std::vector<std::string>{"/path"});
  CHECK(capture.rules[1].arguments == audit::Level::full);
  CHECK(capture.rules[1].full_until_s == 1798761600);  // 2027-01-01T00:00:00Z
  CHECK(capture.rules[2].tool == "*");
  CHECK(capture.rules[2].arguments == audit::Level::redacted);
  CHECK(capture.drop == std::vector<std::string>{"/password"});
  CHECK(capture.names == std::vector<std::string>{"*_secret"});
  CHECK_FALSE(capture.default_detectors);
  REQUIRE(capture.detectors.size() == 1);
  CHECK(capture.detectors[0].name == "badge");
  CHECK(capture.detectors[0].pattern == "B-[0-9]{6}");
  CHECK(capture.detectors[0].keyword == "B-");
  CHECK(capture.detectors[0].entropy == 2);
  CHECK(capture.value_bytes == 100);
  CHECK(capture.content_bytes == 1000);
}

TEST_CASE("audit settings: who goes without a record has to say so, and may name exceptions") {
  const auto out = read("{required: false, on_failure: {destructive: deny}}");
  REQUIRE(out);
  CHECK_FALSE(out->required);
  CHECK(out->on_failure[0] == OnAuditFailure::allow_marked);
  CHECK(out->on_failure[4] == OnAuditFailure::deny);
}

TEST_CASE("audit settings: what is refused, with its place") {
  struct Case {
    const char* what;
    const char* text;
    ErrorCode code;
  };
  const std::string too_long = "{origin: " + std::string(audit::kMaxOrigin + 1, 'o') + "}";
  const Case cases[] = {
      {"an unknown key", "{folder: x}", ErrorCode::config_unknown_key},
      {"a file and a directory", "{file: a, directory: b}", ErrorCode::config_value},
      {"an unknown mode", "{mode: fast}", ErrorCode::config_value},
      {"mode acked by nobody", "{mode: acked}", ErrorCode::config_value},
      {"an unknown class", "{intent: [dangerous]}", ErrorCode::config_value},
      {"a rule for an unknown class", "{on_failure: {dangerous: deny}}",
       ErrorCode::config_unknown_key},
      {"an unknown rule", "{on_failure: {write: shrug}}", ErrorCode::config_value},
      {"full content of everything", "{capture: {arguments: full}}", ErrorCode::config_value},
      {"full content of a tool for ever", "{capture: {tools: [{tool: t, result: full}]}}",
       ErrorCode::config_value},
      {"a day that there is not",
       "{capture: {tools: [{tool: t, result: full, full_until: 2026-02-30}]}}",
       ErrorCode::config_value},
      {"a rule without a tool", "{capture: {tools: [{result: none}]}}",
       ErrorCode::config_missing_key},
      {"a detector without a pattern", "{capture: {detectors: {x: {keyword: y}}}}",
       ErrorCode::config_missing_key},
      {"an origin with a space", "{origin: a b}", ErrorCode::config_value},
      {"an origin with a plus", "{origin: a+b}", ErrorCode::config_value},
      {"an origin that is too long", too_long.c_str(), ErrorCode::config_value},
      {"an origin with white space of Unicode", "{origin: \"a\\u00a0b\"}", ErrorCode::config_value},
      {"a ring that is too small", "{ring_bytes: 10}", ErrorCode::config_value},
      {"a ring without end", "{ring_bytes: 99999999999}", ErrorCode::config_value},
      {"content that no record can hold", "{capture: {content_bytes: 60000}}",
       ErrorCode::config_value},
  };
  for (const Case& each : cases) {
    CAPTURE(std::string(each.what));
    const auto out = read(each.text);
    REQUIRE_FALSE(out);
    CHECK(out.error().code == each.code);
    CHECK(out.error().line == 1);
  }
}

}  // namespace
}  // namespace mcpgov
