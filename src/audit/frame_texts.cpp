// Reading what frames say about the log itself.
// Tested by tests/audit/frame_texts_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/frame_texts.hpp"

#include <utility>

#include "base/json.hpp"

namespace mcpgov::audit {
namespace {

// A config frame of 256 siblings has 800 members; nothing of ours is nested deeper than 4.
constexpr JsonLimits kLimits = {kMaxPayload, 16, 20'000};

// An object, or null.
nlohmann::json object_of(std::string_view text) {
  Result<nlohmann::json> read = parse_json(text, kLimits, {}, ErrorCode::audit_damaged);
  if (!read || !read->is_object()) return nullptr;
  return std::move(*read);
}

bool is_kind(const nlohmann::json& object, std::string_view kind) {
  const auto found = object.find("kind");
  return found != object.end() && found->is_string() &&
         found->get_ref<const std::string&>() == kind;
}

bool number_of(const nlohmann::json& object, const char* name, std::uint64_t& out) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_unsigned()) return false;
  out = found->get<std::uint64_t>();
  return true;
}

bool text_of(const nlohmann::json& object, const char* name, std::string& out) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return false;
  out = found->get_ref<const std::string&>();
  return true;
}

// 64 lower-case hexadecimal digits.
bool digest_of(const nlohmann::json& object, const char* name, crypto::Digest& out) {
  std::string digits;
  if (!text_of(object, name, digits) || digits.size() != 2 * out.size()) return false;
  for (std::size_t at = 0; at < digits.size(); ++at) {
    const char digit = digits[at];
    const bool number = digit >= '0' && digit <= '9';
    if (!number && (digit < 'a' || digit > 'f')) return false;
    const int value = number ? digit - '0' : digit - 'a' + 10;
    out[at / 2] = static_cast<std::uint8_t>(out[at / 2] << 4 | value);
  }
  return true;
}

}  // namespace

bool read_config(std::string_view payload, ConfigText& out) {
  const nlohmann::json object = object_of(payload);
  if (!object.is_object() || !is_kind(object, "config")) return false;
  out = {};
  if (!text_of(object, "log", out.log)) return false;
  if (const auto settings = object.find("settings"); settings != object.end()) {
    if (settings->is_object()) {
      number_of(*settings, "heartbeat_s", out.heartbeat_s);
      number_of(*settings, "seal_interval_ms", out.seal_interval_ms);
    }
  }
  const auto notices = object.find("notices");
  if (notices != object.end() && notices->is_array()) {
    for (const nlohmann::json& each : *notices) {
      if (each.is_string()) out.notices.push_back(each.get<std::string>());
    }
  }
  const auto siblings = object.find("siblings");
  if (siblings == object.end()) return true;
  if (!siblings->is_array()) return false;
  for (const nlohmann::json& each : *siblings) {
    Sibling sibling;
    if (!each.is_object() || !text_of(each, "log", sibling.log) ||
        !number_of(each, "size", sibling.size)) {
      return false;
    }
    if (sibling.size != 0 && !digest_of(each, "root", sibling.root)) return false;
    out.siblings.push_back(std::move(sibling));
  }
  return true;
}

bool read_trailer(std::string_view payload, Trailer& out) {
  const nlohmann::json object = object_of(payload);
  return object.is_object() && is_kind(object, "trailer") &&
         number_of(object, "first_seq", out.first_seq) &&
         number_of(object, "last_seq", out.last_seq) &&
         number_of(object, "min_time_ns", out.min_time_ns) &&
         number_of(object, "max_time_ns", out.max_time_ns) &&
         number_of(object, "time_ns", out.time_ns) && digest_of(object, "root", out.root);
}

bool read_sync(std::string_view payload, std::uint64_t& durable) {
  const nlohmann::json object = object_of(payload);
  return object.is_object() && is_kind(object, "sync") && number_of(object, "durable", durable);
}

bool read_retired(std::string_view line, RetiredText& out) {
  const nlohmann::json object = object_of(line);
  out = {};
  std::uint64_t salt = 0;
  if (!object.is_object() || !is_kind(object, "retired") ||
      !number_of(object, "first_seq", out.first_seq) ||
      !number_of(object, "last_seq", out.last_seq) || !number_of(object, "salt", salt) ||
      salt > 0xffffffffU || !digest_of(object, "link", out.link)) {
    return false;
  }
  out.salt = static_cast<std::uint32_t>(salt);
  text_of(object, "checkpoint", out.checkpoint);
  return true;
}

}  // namespace mcpgov::audit
