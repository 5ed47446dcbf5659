// The part of a configuration that says what is recorded, read from YAML.
// Tested by tests/governor/audit_settings_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/audit_settings.hpp"

#include <algorithm>

#include "audit/note.hpp"
#include "base/json_writer.hpp"

namespace mcpgov {

namespace {

using audit::ToolClass;

// By name, as docs/audit.md has them; `none` is everything that is no tool call.
ToolClass class_of(const YamlNode& node) {
  return node.choice<ToolClass>({"none", "unclassified", "read_only", "write", "destructive"});
}

ToolClass class_named(const std::string& name, const YamlNode& node) {
  for (std::size_t at = 0; at < audit::kToolClasses; ++at) {
    const auto found = static_cast<ToolClass>(at);
    if (audit::class_name(found) == name) return found;
  }
  node.fail(ErrorCode::config_unknown_key, "`" + name + "` is no class of tools");
}

OnAuditFailure failure_rule(const YamlNode& node) {
  return node.choice<OnAuditFailure>({"deny", "allow_marked", "halt"});
}

audit::Level level_of(const YamlNode& node) {
  return node.choice<audit::Level>({"none", "metadata", "fields", "redacted", "full"});
}

class AuditReader {
 public:
  AuditReader(const std::string& directory, AuditConfig& out) : directory_(directory), out_(out) {}

  void read(const YamlNode& node) {
    node.expect_keys({"file",
                      "required",
                      "arguments",
                      "directory",
                      "origin",
                      "ring_directory",
                      "ring_bytes",
                      "mode",
                      "intent",
                      "acked_by",
                      "on_failure",
                      "max_stall_ms",
                      "sync_interval_us",
                      "seal_interval_ms",
                      "heartbeat_s",
                      "segment_bytes",
                      "segment_s",
                      "reserve_bytes",
                      "retain_days",
                      "retain_bytes",
                      "compress",
                      "spare_directory",
                      "signing_key_file",
                      "digest_key_file",
                      "content_keys",
                      "sinks",
                      "capture"});
    if (node.has("file")) {
      const std::string file = node.at("file").text();
      out_.file = file == "-" ? file : absolute_path(directory_, file);
    }
    if (node.has("arguments")) {
      out_.arguments = node.at("arguments").choice<audit::LineArguments>({"none", "names", "full"});
    }
    if (node.has("required")) out_.required = node.at("required").boolean();
    if (!out_.required) out_.on_failure.fill(OnAuditFailure::allow_marked);
    if (node.has("on_failure")) failures(node.at("on_failure"));
    log(node);
    if (!out_.log.directory.empty()) sinks(node);
    if (node.has("sinks") && out_.log.directory.empty()) {
      node.at("sinks").fail(ErrorCode::config_value, "sinks read the log: set `directory`");
    }
    if (!out_.file.empty() && !out_.log.directory.empty()) {
      node.at("file").fail(ErrorCode::config_value,
                           "`file` and `directory` are two places for one record: choose one");
    }
  }

 private:
  // What they are is the room `net`'s to say; secrets stay where they are until it reads them.
  void sinks(const YamlNode& node) {
    JsonWriter out(out_.sinks_json);
    out.string("directory", out_.log.directory);
    out.string("base", directory_);
    if (out_.log.mode == audit::Mode::acked) out.string("acked_by", out_.log.acked_by);
    out.raw("sinks", node.has("sinks") ? node.at("sinks").json() : std::string("{}"));
    out.string("file", node.file());
    out.raw("lines", sink_lines(node));
    out.finish();
    if (!node.has("sinks") || !node.at("sinks").is_mapping()) return;
    for (const auto& [name, each] : node.at("sinks").entries()) sink_folders(name, each);
  }

  // Where each sink and each of its settings stands, for what `net` says of them.
  static std::string sink_lines(const YamlNode& node) {
    std::string out = "{";
    const auto add = [&out](const YamlNode& each) {
      if (out.size() > 1) out += ',';
      append_json_string(out, each.path());
      out += ':' + std::to_string(each.line());
    };
    const auto below = [](const YamlNode& each) {
      return each.is_mapping() ? each.entries() : std::vector<std::pair<std::string, YamlNode>>();
    };
    if (!node.has("sinks")) return "{}";
    add(node.at("sinks"));
    for (const auto& [name, sink] : below(node.at("sinks"))) {
      add(sink);
      for (const auto& [key, setting] : below(sink)) add(setting);
    }
    return out + '}';
  }

  // As the room `net` names them: one for each signal but metrics, which are not of the log.
  void sink_folders(const std::string& name, const YamlNode& node) {
    const bool plain = !name.empty() && name.find_first_of("./") == std::string::npos;
    if (!plain || !node.is_mapping()) return;  // `net` says what is wrong
    const bool signals = node.has("signals") && node.at("signals").is_sequence();
    if (!signals) return out_.sink_folders.push_back(name);
    for (const YamlNode& signal : node.at("signals").items()) {
      if (signal.text() == "logs") out_.sink_folders.push_back(name);
      if (signal.text() == "traces") out_.sink_folders.push_back(name + ".traces");
    }
  }

  void failures(const YamlNode& node) {
    if (!node.is_mapping()) return out_.on_failure.fill(failure_rule(node));
    for (const auto& [name, rule] : node.entries()) {
      out_.on_failure[static_cast<std::size_t>(class_named(name, rule))] = failure_rule(rule);
    }
  }

  void path(const YamlNode& node, std::string_view key, std::string& out) const {
    if (node.has(key)) out = absolute_path(directory_, node.at(key).text());
  }

  template <class Number>
  static void number(const YamlNode& node, std::string_view key, Number& out, std::uint64_t low,
                     std::uint64_t high) {
    if (node.has(key)) out = static_cast<Number>(node.at(key).number(low, high));
  }

  void log(const YamlNode& node) {
    audit::LogSettings& log = out_.log;
    path(node, "directory", log.directory);
    path(node, "ring_directory", log.ring_directory);
    path(node, "spare_directory", log.spare_directory);
    path(node, "signing_key_file", log.signing_key_file);
    path(node, "digest_key_file", log.digest_key_file);
    path(node, "content_keys", log.content_keys);
    if (node.has("origin")) origin(node.at("origin"));
    if (node.has("mode")) {
      log.mode = node.at("mode").choice<audit::Mode>({"ring", "written", "durable", "acked"});
    }
    if (node.has("intent")) intents(node.at("intent"));
    if (node.has("acked_by")) log.acked_by = node.at("acked_by").text();
    if (log.mode == audit::Mode::acked && log.acked_by.empty()) {
      node.at("mode").fail(ErrorCode::config_value,
                           "mode `acked` needs `acked_by`, the sink that has to have the record");
    }
    constexpr std::uint64_t kMiB = 1024 * 1024;
    number(node, "ring_bytes", log.ring_bytes, kMiB, 4096 * kMiB);
    number(node, "max_stall_ms", log.max_stall_ms, 0, 10'000);
    number(node, "sync_interval_us", log.sync_interval_us, 100, 10'000'000);
    number(node, "seal_interval_ms", log.seal_interval_ms, 10, 3'600'000);
    number(node, "heartbeat_s", log.heartbeat_s, 1, 86'400);
    number(node, "segment_bytes", log.segment_bytes, kMiB, 1024 * kMiB);
    number(node, "segment_s", log.segment_s, 1, 31'536'000);
    number(node, "reserve_bytes", log.reserve_bytes, 0, 1024 * kMiB);
    number(node, "retain_days", log.retain_days, 0, 36'500);
    number(node, "retain_bytes", log.retain_bytes, 0, std::uint64_t{1} << 50);
    if (node.has("compress")) log.compress = node.at("compress").boolean();
    if (node.has("capture")) capture(node.at("capture"));
  }

  void origin(const YamlNode& node) {
    out_.log.origin = node.text();
    if (!audit::is_origin(out_.log.origin)) {
      node.fail(ErrorCode::config_value,
                "an origin is a name of at most 256 bytes without white space and `+`");
    }
  }

  void intents(const YamlNode& node) {
    out_.log.intent.fill(false);
    for (const YamlNode& item : node.items()) {
      out_.log.intent[static_cast<std::size_t>(class_of(item))] = true;
    }
  }

  void capture(const YamlNode& node) {
    node.expect_keys({"arguments", "result", "tools", "drop", "names", "default_detectors",
                      "detectors", "value_bytes", "content_bytes"});
    audit::CaptureSettings& out = out_.log.capture;
    audit::CaptureRule rest;
    levels(node, rest);
    if (rest.arguments == audit::Level::full || rest.result == audit::Level::full) {
      node.fail(ErrorCode::config_value, "level `full` is for single tools, with `full_until`");
    }
    if (node.has("tools")) {
      for (const YamlNode& item : node.at("tools").items()) rule(item, rest);
    }
    out.rules.push_back(rest);
    if (node.has("drop")) out.drop = node.at("drop").texts();
    if (node.has("names")) out.names = node.at("names").texts();
    if (node.has("default_detectors")) {
      out.default_detectors = node.at("default_detectors").boolean();
    }
    if (node.has("detectors")) {
      for (const auto& [name, each] : node.at("detectors").entries()) detector(name, each);
    }
    number(node, "value_bytes", out.value_bytes, 64, 65'536);
    number(node, "content_bytes", out.content_bytes, 256, 28'672);
  }

  static void levels(const YamlNode& node, audit::CaptureRule& out) {
    if (node.has("arguments")) out.arguments = level_of(node.at("arguments"));
    if (node.has("result")) out.result = level_of(node.at("result"));
  }

  void rule(const YamlNode& node, const audit::CaptureRule& rest) {
    node.expect_keys({"tool", "arguments", "result", "keep", "full_until"});
    audit::CaptureRule out = rest;
    out.tool = node.at("tool").text();
    levels(node, out);
    if (node.has("keep")) out.keep = node.at("keep").texts();
    if (node.has("full_until")) {
      out.full_until_s = node.at("full_until").end_of_day_us() / 1'000'000;
    }
    const bool full = out.arguments == audit::Level::full || out.result == audit::Level::full;
    if (full && out.full_until_s == 0) {
      node.fail(ErrorCode::config_value, "level `full` needs `full_until`, the day it ends");
    }
    out_.log.capture.rules.push_back(std::move(out));
  }

  void detector(const std::string& name, const YamlNode& node) {
    node.expect_keys({"pattern", "keyword", "entropy"});
    audit::Detector out;
    out.name = name;
    out.pattern = node.at("pattern").text();
    if (node.has("keyword")) out.keyword = node.at("keyword").text();
    if (node.has("entropy")) out.entropy = static_cast<double>(node.at("entropy").number(0, 8));
    out_.log.capture.detectors.push_back(std::move(out));
  }

  const std::string& directory_;
  AuditConfig& out_;
};

}  // namespace

std::string absolute_path(const std::string& directory, const std::string& path) {
  const bool rooted = path.starts_with('/') || (path.size() > 1 && path[1] == ':');
  return rooted || directory.empty() ? path : directory + "/" + path;
}

void read_audit(const YamlNode& node, const std::string& directory, AuditConfig& out) {
  AuditReader(directory, out).read(node);
}

}  // namespace mcpgov
