// Reading `audit.sinks`, and starting what it says.
// Tested by tests/net/sink_settings_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "net/sink_settings.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/os_file.hpp"
#include "identity/settings_node.hpp"
#include "net/sink_transport.hpp"

namespace mcpgov::net {

namespace {

using identity::SettingsFailure;
using identity::SettingsNode;

constexpr std::size_t kSecretBytes = 1024 * 1024;  // a chain of certificates is far smaller

// Files start at the configuration's folder, which context is.
Result<std::string> read_document(void* context, std::string_view source,
                                  const std::string& given) {
  const std::string name(given);
  if (source == "env") {
    const char* const value = std::getenv(name.c_str());
    if (value == nullptr) {
      return Error{ErrorCode::file_unreadable, "the variable `" + name + "` is not set", {}, 0, 0};
    }
    return std::string(value);
  }
  const auto& base = *static_cast<const std::string*>(context);
  const bool rooted = name.starts_with('/') || base.empty();
  return read_file(rooted ? name : base + "/" + name, kSecretBytes);
}

void number(const SettingsNode& node, std::string_view key, std::uint32_t& out, std::uint32_t low,
            std::uint32_t high) {
  if (node.has(key)) out = node.at(key).number(low, high);
}

void flag(const SettingsNode& node, std::string_view key, bool& out) {
  if (node.has(key)) out = node.at(key).boolean();
}

void word(const SettingsNode& node, std::string_view key, std::string& out) {
  if (node.has(key)) out = node.at(key).text();
}

void secret(const SettingsNode& node, std::string_view key, std::string& out) {
  if (node.has(key)) out = node.at(key).secret();
}

// A plain text, or the secret that `{file: …}` or `{env: …}` names.
std::string value_of(const SettingsNode& node) {
  return node.is_object() ? node.secret() : node.text();
}

SinkType type_of(const SettingsNode& node) {
  return node.one_of<SinkType>({{"otlp", SinkType::otlp},
                                {"splunk_hec", SinkType::splunk_hec},
                                {"syslog", SinkType::syslog},
                                {"webhook", SinkType::webhook},
                                {"stdout", SinkType::standard_output},
                                {"file", SinkType::file},
                                {"kafka", SinkType::kafka}});
}

SinkFormat format_of(const SettingsNode& node) {
  return node.one_of<SinkFormat>({{"json", SinkFormat::json},
                                  {"ocsf", SinkFormat::ocsf},
                                  {"ecs", SinkFormat::ecs},
                                  {"cef", SinkFormat::cef},
                                  {"toolhive", SinkFormat::toolhive}});
}

SinkSignal signal_of(const SettingsNode& node) {
  return node.one_of<SinkSignal>({{"logs", SinkSignal::logs},
                                  {"traces", SinkSignal::traces},
                                  {"metrics", SinkSignal::metrics}});
}

void where(const SettingsNode& node, const std::string& base, SinkSettings& out) {
  word(node, "url", out.url);
  if (node.has("path")) {
    const std::string path = node.at("path").text();
    out.url = path.starts_with('/') || base.empty() ? path : base + "/" + path;
  }
  if (node.has("headers")) {
    for (const auto& [name, value] : node.at("headers").entries()) {
      out.headers.emplace_back(name, value_of(value));
    }
  }
  if (node.has("properties")) {
    for (const auto& [name, value] : node.at("properties").entries()) {
      out.properties.emplace_back(name, value_of(value));
    }
  }
  secret(node, "token", out.token);
  secret(node, "secret", out.secret);
  secret(node, "key", out.key_pem);
  if (node.has("ca")) out.ca_pem = node.at("ca").document();
  if (node.has("certificate")) out.certificate_pem = node.at("certificate").document();
}

void when(const SettingsNode& node, SinkSettings& out) {
  constexpr std::uint32_t kDayMs = 86'400'000;
  number(node, "batch_records", out.batch_records, 1, 1000);
  number(node, "batch_bytes", out.batch_bytes, 1024, 4U << 20);
  number(node, "timeout_ms", out.timeout_ms, 1, kDayMs);
  number(node, "retry_ms", out.retry_ms, 1, kDayMs);
  number(node, "longest_retry_ms", out.longest_retry_ms, 1, kDayMs);
  number(node, "acknowledge_ms", out.acknowledge_ms, 1, kDayMs);
  number(node, "period_ms", out.period_ms, 1, kDayMs);
  number(node, "metrics_period_ms", out.metrics_period_ms, 1, kDayMs);
}

// A setting that some types know, and these.
struct TypeSetting {
  std::string_view name;
  std::initializer_list<SinkType> types;
};
using enum SinkType;
constexpr auto kHttp = {otlp, splunk_hec, webhook};
constexpr auto kNetwork = {otlp, splunk_hec, webhook, syslog, kafka};
constexpr auto kFormats = {webhook, kafka, file, standard_output, syslog};
constexpr auto kOtlp = {otlp};
constexpr auto kSplunk = {splunk_hec};
constexpr auto kWebhook = {webhook};
constexpr auto kKafka = {kafka};
constexpr auto kFile = {file};
constexpr auto kAcknowledged = {splunk_hec, kafka};
constexpr TypeSetting kTypeSettings[] = {
    {"url", kNetwork},
    {"path", kFile},
    {"signals", kOtlp},
    {"metrics_period_ms", kOtlp},
    {"format", kFormats},
    {"headers", kHttp},
    {"token", kSplunk},
    {"acknowledged", kSplunk},
    {"secret", kWebhook},
    {"topic", kKafka},
    {"properties", kKafka},
    {"ca", kNetwork},
    {"certificate", kNetwork},
    {"key", kNetwork},
    {"plaintext", kNetwork},
    {"private_addresses", kNetwork},
    {"acknowledge_ms", kAcknowledged},
};

// One that would change nothing is refused: whoever wrote `secret` believes that it signs.
void expect_type_knows(SinkType type, const SettingsNode& node) {
  for (const TypeSetting& each : kTypeSettings) {
    const bool known = std::find(each.types.begin(), each.types.end(), type) != each.types.end();
    if (!known && node.has(each.name)) {
      node.at(each.name).fail("this type of sink has no such setting");
    }
  }
}

SinkSettings sink(const std::string& name, const SettingsNode& node, const std::string& base) {
  node.expect_keys({"type",
                    "url",
                    "path",
                    "format",
                    "signals",
                    "headers",
                    "properties",
                    "token",
                    "secret",
                    "topic",
                    "service",
                    "acknowledged",
                    "plaintext",
                    "private_addresses",
                    "ca",
                    "certificate",
                    "key",
                    "denials_only",
                    "intents",
                    "sealed",
                    "batch_records",
                    "batch_bytes",
                    "timeout_ms",
                    "retry_ms",
                    "longest_retry_ms",
                    "acknowledge_ms",
                    "period_ms",
                    "metrics_period_ms"});
  SinkSettings out;
  out.name = name;
  out.type = type_of(node.at("type"));
  expect_type_knows(out.type, node);
  where(node, base, out);
  if (node.has("format")) out.format = format_of(node.at("format"));
  if (node.has("signals")) {
    out.signals.clear();
    for (const SettingsNode& each : node.at("signals").items()) {
      out.signals.push_back(signal_of(each));
    }
  }
  word(node, "topic", out.topic);
  word(node, "service", out.service);
  flag(node, "acknowledged", out.acknowledged);
  flag(node, "plaintext", out.plaintext);
  flag(node, "private_addresses", out.private_addresses);
  flag(node, "denials_only", out.denials_only);
  flag(node, "intents", out.intents);
  flag(node, "sealed", out.sealed);
  when(node, out);
  return out;
}

// Callers wait until this one has the record that says they are about to run: it gets every
// message, and at once, whatever its settings filter. A form that has no such record cannot serve.
Result<void> make_acknowledging(const std::string& name, std::vector<SinkSettings>& sinks) {
  for (SinkSettings& each : sinks) {
    if (each.name != name) continue;
    const auto& signals = each.signals;
    const bool logs = each.type != SinkType::otlp ||
                      std::find(signals.begin(), signals.end(), SinkSignal::logs) != signals.end();
    if (!logs || each.format == SinkFormat::toolhive) {
      return sink_error(each,
                        "it has no form for calls that are about to run, `acked_by` needs it");
    }
    each.intents = true;
    each.denials_only = false;
    each.sealed = false;
    return {};
  }
  return Error{ErrorCode::audit_sink, "`acked_by`: there is no sink `" + name + "`", {}, 0, 0};
}

// Where the setting stands, or the one that it is in.
void add_position(const nlohmann::json& whole, std::string place, Error& error) {
  const auto lines = whole.find("lines");
  if (lines == whole.end() || !lines->is_object()) return;
  while (!place.empty()) {
    const auto found = lines->find(place);
    if (found != lines->end() && found->is_number_unsigned()) {
      error.file = whole.value("file", "");
      error.line = found->get<std::uint32_t>();
      return;
    }
    const std::size_t end = place.find_last_of(".[");
    place.resize(end == std::string::npos ? 0 : end);
  }
}

std::string metrics_of(void* context) {
  const audit::Log* const log = static_cast<const Governor*>(context)->log();
  return log == nullptr ? std::string() : log->metrics_otlp();
}

}  // namespace

Result<ConfiguredSinks> read_sinks(std::string_view text) {
  const nlohmann::json whole = nlohmann::json::parse(text, nullptr, false);
  if (!whole.is_object()) {
    return Error{ErrorCode::audit_sink, "the configuration has no `audit.directory`", {}, 0, 0};
  }
  ConfiguredSinks out;
  out.directory = whole.value("directory", "");
  std::string base = whole.value("base", "");
  const SettingsNode::Documents documents{&read_document, &base};
  const nlohmann::json sinks = whole.value("sinks", nlohmann::json::object());
  try {
    for (const auto& [name, node] : SettingsNode(sinks, "audit.sinks", documents).entries()) {
      out.sinks.push_back(sink(name, node, base));
    }
  } catch (const SettingsFailure& failure) {
    Error error = failure.error;
    if (error.code == ErrorCode::identity_setting) error.code = ErrorCode::audit_sink;
    add_position(whole, failure.place, error);
    return error;
  }
  const std::string acked_by = whole.value("acked_by", "");
  if (!acked_by.empty()) {
    if (auto made = make_acknowledging(acked_by, out.sinks); !made) return made.error();
  }
  return out;
}

Result<Sinks> start_sinks(const Governor& governor) {
  const auto configured = read_sinks(governor.sinks_json());
  if (!configured) return configured.error();
  SinkHost host;
  // What it is given back is const again.
  host.context = const_cast<Governor*>(&governor);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  host.metrics = &metrics_of;
  return Sinks::start(configured->directory, configured->sinks, host);
}

}  // namespace mcpgov::net
