// Payloads of the frames that a log writes about itself.
// Tested by tests/audit/log_frames_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/log_frames.hpp"

#include "base/json_writer.hpp"
#include "base/os_machine.hpp"
#include "base/os_time.hpp"

namespace mcpgov::audit {

namespace {

void open_payload(JsonWriter& json, std::string_view kind, std::uint64_t time_us) {
  char time[kTimestampSize];
  write_timestamp(time_us, time);
  json.number("v", 1);
  json.string("kind", kind);
  json.string("time", {time, sizeof time});
}

std::string_view level_name(Level level) noexcept {
  switch (level) {
    case Level::none: return "none";
    case Level::metadata: return "metadata";
    case Level::fields: return "fields";
    case Level::redacted: return "redacted";
    case Level::full: return "full";
  }
  return "none";
}

void append_capture(JsonWriter& json, const CaptureSettings& capture) {
  json.open_object("capture");
  json.open_array("rules");
  for (const CaptureRule& rule : capture.rules) {
    std::string text = rule.tool + " ";
    text.append(level_name(rule.arguments)).append(" ").append(level_name(rule.result));
    for (const std::string& place : rule.keep) text.append(" ").append(place);
    if (rule.full_until_s != 0) text.append(" until ").append(std::to_string(rule.full_until_s));
    json.element(text);
  }
  json.close_array();
  json.open_array("drop");
  for (const std::string& place : capture.drop) json.element(place);
  json.close_array();
  json.open_array("names");
  for (const std::string& name : capture.names) json.element(name);
  json.close_array();
  json.boolean("default_detectors", capture.default_detectors);
  json.open_array("detectors");
  for (const Detector& detector : capture.detectors) json.element(detector.name);
  json.close_array();
  json.number("value_bytes", capture.value_bytes);
  json.number("content_bytes", capture.content_bytes);
  json.close_object();
}

}  // namespace

std::string_view state_name(State state) noexcept {
  switch (state) {
    case State::healthy: return "healthy";
    case State::degraded: return "degraded";
    case State::failed: return "failed";
  }
  return "failed";
}

std::string_view mode_name(Mode mode) noexcept {
  switch (mode) {
    case Mode::ring: return "ring";
    case Mode::written: return "written";
    case Mode::durable: return "durable";
    case Mode::acked: return "acked";
  }
  return "ring";
}

std::string settings_json(const LogSettings& settings) {
  std::string out;
  JsonWriter json(out);
  json.string("origin", settings.origin);
  json.string("mode", mode_name(settings.mode));
  json.open_array("intent");
  for (std::size_t at = 0; at < kToolClasses; ++at) {
    if (settings.intent[at]) json.element(class_name(static_cast<ToolClass>(at)));
  }
  json.close_array();
  if (!settings.acked_by.empty()) json.string("acked_by", settings.acked_by);
  json.number("ring_bytes", settings.ring_bytes);
  json.number("max_stall_ms", settings.max_stall_ms);
  json.number("sync_interval_us", settings.sync_interval_us);
  json.number("seal_interval_ms", settings.seal_interval_ms);
  json.number("heartbeat_s", settings.heartbeat_s);
  json.number("segment_bytes", settings.segment_bytes);
  json.number("segment_s", settings.segment_s);
  json.number("reserve_bytes", settings.reserve_bytes);
  json.number("retain_days", settings.retain_days);
  json.number("retain_bytes", settings.retain_bytes);
  json.boolean("compress", settings.compress);
  json.boolean("spare_directory", !settings.spare_directory.empty());
  json.boolean("encrypts_content", !settings.content_keys.empty());
  json.boolean("signed_by_host", settings.sign != nullptr);
  json.boolean("tokens_by_host", settings.count_tokens != nullptr);
  append_capture(json, settings.capture);
  json.finish();
  return out;
}

crypto::Digest settings_digest(const LogSettings& settings) {
  return crypto::sha256(settings_json(settings));
}

std::string config_payload(const LogSettings& settings, const ConfigFrame& config) {
  constexpr std::size_t kMaxSettings = 16 * 1024;
  const std::string text = settings_json(settings);
  std::string out;
  JsonWriter json(out);
  open_payload(json, "config", config.time_us);
  json.string("log", config.log);
  json.string("origin", settings.origin);
  json.number("process", process_id());
  if (!config.parent.empty()) json.string("parent", config.parent);
  // Thousands of rules would leave no room; their digest stands for them.
  if (text.size() <= kMaxSettings) json.raw("settings", text);
  json.string("settings_digest", crypto::hex(crypto::sha256(text)));
  const std::size_t all = config.siblings.size();
  const std::size_t left_out = all > kMaxSiblings ? all - kMaxSiblings : 0;
  std::string list = "[";
  for (std::size_t at = left_out; at < all; ++at) {
    const Sibling& sibling = config.siblings[at];
    if (list.size() > 1) list += ',';
    JsonWriter one(list);
    one.string("log", sibling.log);
    one.number("size", sibling.size);
    if (sibling.size != 0) one.string("root", crypto::hex(sibling.root));
    one.finish();
  }
  json.raw("siblings", list + "]");
  if (left_out != 0) json.number("siblings_left_out", left_out);
  if (!config.notices.empty()) {
    json.open_array("notices");
    for (const std::string& each : config.notices) json.element(each);
    json.close_array();
  }
  json.finish();
  return out;
}

std::string heartbeat_payload(const Health& health, std::uint64_t time_us) {
  std::string out;
  JsonWriter json(out);
  open_payload(json, "heartbeat", time_us);
  json.string("state", state_name(health.state));
  json.number("begun", health.begun);
  json.number("ended", health.ended);
  json.number("stored", health.stored);
  json.number("durable", health.durable);
  json.number("open", health.open);
  json.number("lost", health.lost);
  json.number("missed", health.missed);
  json.number("stalls", health.stalls);
  json.number("stalled_ns", health.stalled_ns);
  json.number("ring_bytes", health.ring_bytes);
  json.number("disk_free_bytes", health.disk_free_bytes);
  json.number("sync_p99_us", health.sync_p99_us);
  if (!health.detail.empty()) json.string("detail", health.detail);
  json.finish();
  return out;
}

std::string loss_payload(std::uint64_t lost, std::uint64_t missed, std::uint64_t time_us) {
  std::string out;
  JsonWriter json(out);
  open_payload(json, "loss", time_us);
  json.number("lost", lost);
  json.number("missed", missed);
  json.finish();
  return out;
}

std::string clock_payload(std::int64_t step_ms, std::uint64_t time_us) {
  std::string out;
  JsonWriter json(out);
  open_payload(json, "clock", time_us);
  json.raw("step_ms", std::to_string(step_ms));
  json.finish();
  return out;
}

std::string rewrite_payload(std::string_view cause, std::string_view segment,
                            std::uint64_t from_seq, std::uint64_t time_us) {
  std::string out;
  JsonWriter json(out);
  open_payload(json, "recovery", time_us);
  json.string("cause", cause);
  json.string("segment", segment);
  json.number("from_seq", from_seq);
  json.finish();
  return out;
}

}  // namespace mcpgov::audit
