// What a log stores of arguments and results: levels, digests, redaction, encryption.
// Tested by tests/audit/capture_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/capture.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "audit/content_keys.hpp"
#include "audit/detectors.hpp"
#include "audit/frame.hpp"
#include "audit/redact.hpp"
#include "audit/redact_names.hpp"
#include "audit/redact_places.hpp"
#include "crypto/hmac.hpp"

namespace mcpgov::audit {

namespace {

// Two milliseconds at about a byte a nanosecond, of which reading takes one and a try of a pattern
// some hundred.
constexpr std::uint64_t kMostWork = 2'000'000;
constexpr std::size_t kMostTenants = 1024;

struct ReadyRule {
  std::string tool;
  Level arguments;
  Level result;
  std::uint64_t full_until_s;
  Places keep;
};

// Of one tenant: values of different uses never have the same digest.
struct TenantKeys {
  crypto::KeyedSha256 arguments;
  crypto::KeyedSha256 result;
  crypto::KeyedSha256 value;
};

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void append_member(std::string& out, std::string_view name, std::uint64_t number) {
  out += ",\"";
  out += name;
  out += "\":";
  append_number(out, number);
}

// HMAC(secret, "mcpgov digest v1" 0 use 0 tenant)
crypto::KeyedSha256 derive(const crypto::KeyedSha256& secret, std::string_view use,
                           std::string_view tenant) {
  std::string label = "mcpgov digest v1";
  label += '\0';
  label += use;
  label += '\0';
  label += tenant;
  const crypto::Digest key = secret.code(label);
  return crypto::KeyedSha256({reinterpret_cast<const char*>(key.data()), key.size()});
}

Result<ReadyRule> ready(const CaptureRule& rule) {
  Result<Places> keep = Places::make(rule.keep, "keep");
  if (!keep) return keep.error();
  return ReadyRule{rule.tool, rule.arguments, rule.result, rule.full_until_s, *std::move(keep)};
}

Result<NameRules> ready_names(const CaptureSettings& settings) {
  std::vector<std::string> names = settings.names;
  for (const std::string& each : names) {
    if (each.empty()) return Error{ErrorCode::audit_capture, "names: one is empty", {}, 0, 0};
  }
  if (settings.default_detectors) {
    for (const std::string_view each : secret_names()) names.emplace_back(each);
  }
  return NameRules(std::move(names));
}

}  // namespace

struct Capture::Parts {
  std::vector<ReadyRule> rules;
  Places drop;
  NameRules names;
  Detectors detectors;
  Redactor redactor;
  std::size_t value_bytes;
  std::size_t content_bytes;
  crypto::KeyedSha256 secret;
  ContentKeys* content_keys;
  CountTokens count_tokens;
  void* count_context;
  std::unordered_map<std::string, TenantKeys> tenants;
  const TenantKeys* last = nullptr;  // of last_tenant
  std::string last_tenant;
  std::string json;
  std::string value;
  std::string scratch;
  Tally tally;

  Parts(std::vector<ReadyRule> ready_rules, Places places, NameRules name_rules, Detectors found,
        const CaptureSettings& settings, std::string_view digest_secret)
      : rules(std::move(ready_rules)),
        drop(std::move(places)),
        names(std::move(name_rules)),
        detectors(std::move(found)),
        redactor(detectors, names),
        value_bytes(settings.value_bytes),
        content_bytes(settings.content_bytes),
        secret(digest_secret) {}

  Level level_of(std::string_view tool, bool is_result, std::uint64_t time_s,
                 const Places** keep) const noexcept;
  const TenantKeys& keys_of(std::string_view tenant);
  void write_sizes(const Content& content);
  bool write_keys(const RedactOrder& order);
  bool write_value(const Content& content, const RedactOrder& order);
  bool seal_value(std::string_view tenant);
  void write_found();
};

Level Capture::Parts::level_of(std::string_view tool, bool is_result, std::uint64_t time_s,
                               const Places** keep) const noexcept {
  for (const ReadyRule& rule : rules) {
    if (!fits(rule.tool, tool, false)) continue;
    *keep = &rule.keep;
    const Level level = is_result ? rule.result : rule.arguments;
    const bool over = level == Level::full && rule.full_until_s != 0 && time_s >= rule.full_until_s;
    return over ? Level::redacted : level;
  }
  *keep = nullptr;
  return Level::metadata;
}

const TenantKeys& Capture::Parts::keys_of(std::string_view tenant) {
  if (last != nullptr && last_tenant == tenant) return *last;
  last_tenant = tenant;
  // Tenants come from the configuration; a host that makes them up must not fill the memory.
  if (tenants.size() >= kMostTenants) tenants.clear();
  const auto found = tenants.find(last_tenant);
  if (found != tenants.end()) return *(last = &found->second);
  const TenantKeys keys = {derive(secret, "arguments", tenant), derive(secret, "result", tenant),
                           derive(secret, "value", tenant)};
  return *(last = &tenants.emplace(last_tenant, keys).first->second);
}

void Capture::Parts::write_sizes(const Content& content) {
  // The host's count is of what is here; of a cut text the estimate is closer.
  const bool counted = count_tokens != nullptr && content.text.size() == content.bytes;
  json += "{\"bytes\":";
  append_number(json, content.bytes);
  append_member(json, "tokens",
                counted ? count_tokens(count_context, content.text) : content.bytes / 4);
  json += counted ? R"(,"tokens_by":"host")" : R"(,"tokens_by":"estimate")";
  if (content.text.empty()) return;
  const TenantKeys& keys = keys_of(content.tenant);
  json += ",\"digest\":\"";
  append_digest(json, content.is_result ? keys.result : keys.arguments, content.text);
  json += '"';
  if (content.text.size() < content.bytes) {
    append_member(json, "digest_bytes", content.text.size());
  }
}

bool Capture::Parts::write_keys(const RedactOrder& order) {
  scratch.clear();
  Work work{0, kMostWork};
  if (!redactor.write_keys(order, scratch, tally, work)) return false;
  if (scratch.empty()) return true;
  json += ",\"keys\":";
  json += scratch;
  return true;
}

bool Capture::Parts::write_value(const Content& content, const RedactOrder& order) {
  value.clear();
  Work work{0, kMostWork};
  if (redactor.run(order, value, tally, work) == RedactEnd::failed) return false;
  if (content_keys != nullptr) return seal_value(content.tenant);
  json += ",\"value\":";
  json += value;
  return true;
}

bool Capture::Parts::seal_value(std::string_view tenant) {
  scratch.clear();
  if (!seal_content(*content_keys, tenant, value, scratch)) return false;
  json += ",\"sealed\":";
  json += scratch;
  return true;
}

void Capture::Parts::write_found() {
  bool any = false;
  const auto write = [&](std::string_view name, std::uint32_t count) {
    if (count == 0) return;
    json += any ? ",\"" : ",\"found\":{\"";
    json += name;
    json += "\":";
    append_number(json, count);
    any = true;
  };
  for (std::size_t i = 0; i < tally.by_detector.size(); ++i) {
    write(detectors.name(static_cast<std::uint16_t>(i)), tally.by_detector[i]);
  }
  write("name", tally.by_name);
  write("drop", tally.dropped);
  if (any) json += '}';
}

Capture::Capture(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
Capture::Capture(Capture&&) noexcept = default;
Capture& Capture::operator=(Capture&&) noexcept = default;
Capture::~Capture() = default;

Result<Capture> Capture::make(const CaptureSettings& settings, std::string_view digest_secret,
                              ContentKeys* content_keys, CountTokens count_tokens,
                              void* count_context) {
  std::vector<ReadyRule> rules;
  for (const CaptureRule& each : settings.rules) {
    Result<ReadyRule> rule = ready(each);
    if (!rule) return rule.error();
    rules.push_back(*std::move(rule));
  }
  Result<Places> drop = Places::make(settings.drop, "drop");
  if (!drop) return drop.error();
  Result<NameRules> names = ready_names(settings);
  if (!names) return names.error();
  Result<Detectors> detectors = Detectors::make(settings);
  if (!detectors) return detectors.error();
  auto parts = std::make_unique<Parts>(std::move(rules), *std::move(drop), *std::move(names),
                                       *std::move(detectors), settings, digest_secret);
  parts->content_keys = content_keys;
  parts->count_tokens = count_tokens;
  parts->count_context = count_context;
  return Capture(std::move(parts));
}

bool Capture::wants(std::string_view tool, bool is_result) const noexcept {
  const Places* keep = nullptr;
  return parts_->level_of(tool, is_result, 0, &keep) != Level::none;
}

bool Capture::wants_all() const noexcept {
  return std::none_of(parts_->rules.begin(), parts_->rules.end(), [](const ReadyRule& rule) {
    return rule.arguments == Level::none || rule.result == Level::none;
  });
}

Captured Capture::operator()(const Content& content) {
  Parts& parts = *parts_;
  parts.json.clear();
  parts.tally.clear();
  const Places* keep = nullptr;
  const Level level = parts.level_of(content.tool, content.is_result, content.time_s, &keep);
  if (level == Level::none || (content.bytes == 0 && content.text.empty())) return {};

  parts.write_sizes(content);
  std::uint16_t flags = 0;
  if (!content.text.empty()) {
    RedactOrder order;
    order.text = content.text;
    order.cut = content.text.size() < content.bytes;
    order.drop = &parts.drop;
    order.value_bytes = parts.value_bytes;
    order.content_bytes = parts.content_bytes;
    order.digests = &parts.keys_of(content.tenant).value;
    std::size_t good = parts.json.size();
    // Names are searched at every level: a name that is a secret is no name.
    bool done = content.is_result || parts.write_keys(order);
    if (done && level >= Level::fields) {
      good = parts.json.size();
      parts.tally.clear();  // the names are in the value again
      order.detect = level != Level::full;
      order.keep = level == Level::fields ? keep : nullptr;
      done = parts.write_value(content, order);
    }
    if (!done) {
      parts.json.resize(good);
      parts.tally.clear();
      flags |= kCaptureFailed;
    }
  }
  if (parts.tally.cut) {
    parts.json += ",\"cut\":true";
    flags |= content.is_result ? kResultCut : kArgumentsCut;
  }
  if (parts.tally.any()) flags |= kRedacted;
  parts.write_found();
  parts.json += '}';
  return {parts.json, flags};
}

bool Capture::drop_places(std::string_view text, std::string& out) const {
  if (parts_->drop.empty() && !parts_->drop.root()) {
    out += text;
    return true;
  }
  return audit::drop_places(parts_->drop, text, out);
}

}  // namespace mcpgov::audit
