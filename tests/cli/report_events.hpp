// Canonical events made up for the tests of the report.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/os_time.hpp"

namespace mcpgov::cli::made {

inline constexpr std::uint64_t kMonday = 1'763'337'600'000'000;  // 2025-11-17T00:00:00Z
inline constexpr std::uint64_t kSecond = 1'000'000;
inline constexpr std::uint64_t kMinute = 60 * kSecond;
inline constexpr std::uint64_t kHour = 60 * kMinute;
inline constexpr std::uint64_t kDay = 24 * kHour;

struct Call {
  std::uint64_t time_us = kMonday;
  std::string subject = "ann";
  std::string tool = "read_file";
  std::string server = "files";
  std::string tool_class = "read_only";
  bool open_world = false;
  bool allowed = true;
  std::string effect = {};  // empty: as `allowed`
  std::string outcome = {};
  std::string reason = "none";
  std::string session = "s1";
  std::string peer = "10.0.0.1:5000";
  std::string snapshot = "1-aaaa";
  std::string digest = "k1:00";
  std::string found = {};  // a detector that matched in the result
  std::string agent = {};
  std::string id = {};
  std::uint64_t arguments_bytes = 100;
  std::uint64_t reply_bytes = 1000;
  std::uint64_t latency_ns = 5'000'000;
};

inline std::string timestamp(std::uint64_t time_us) {
  char text[kTimestampSize];
  write_timestamp(time_us, text);
  return {text, sizeof text};
}

// An id that no other event of the program has.
inline std::string fresh_id() {
  static std::uint64_t last = 0;
  std::string digits = std::to_string(++last);
  return std::string(32 - digits.size(), '0') + digits;
}

inline nlohmann::ordered_json to_json(const Call& call) {
  nlohmann::ordered_json out = {{"v", 1},
                                {"kind", "call"},
                                {"id", call.id.empty() ? fresh_id() : call.id},
                                {"time", timestamp(call.time_us)},
                                {"server", call.server},
                                {"transport", "streamable_http"},
                                {"direction", "from_client"},
                                {"protocol", "2025-11-25"},
                                {"method", "tools/call"},
                                {"target", call.tool},
                                {"target_kind", "tool"},
                                {"tool", {{"class", call.tool_class}}}};
  if (call.open_world) out["tool"]["open_world"] = true;
  out["caller"] = {{"kind", "user"}, {"issuer", "https://idp.example"}, {"subject", call.subject}};
  if (!call.agent.empty()) {
    out["caller"]["actors"] = {
        {{"kind", "agent"}, {"issuer", "https://idp.example"}, {"subject", call.agent}}};
  }
  if (!call.session.empty()) out["session"] = {{"id", call.session}, {"source", "claim"}};
  if (!call.peer.empty()) out["peer"] = call.peer;
  const std::string effect = !call.effect.empty() ? call.effect : call.allowed ? "allow" : "deny";
  out["decision"] = {{"effect", effect},        {"allowed", call.allowed},
                     {"enforced", true},        {"reason", call.reason},
                     {"policies", {"readers"}}, {"snapshot", call.snapshot},
                     {"policy_digest", "00ff"}, {"latency_ns", 900}};
  out["arguments"] = {{"bytes", call.arguments_bytes}, {"tokens", call.arguments_bytes / 4}};
  if (!call.digest.empty()) out["arguments"]["digest"] = call.digest;
  if (call.allowed) {
    out["result"] = {{"bytes", call.reply_bytes}, {"tokens", call.reply_bytes / 4}};
    if (!call.found.empty()) out["result"]["found"] = {{call.found, 1}};
  }
  out["outcome"] = !call.outcome.empty() ? call.outcome : call.allowed ? "completed" : "denied";
  out["latency_ns"] = call.latency_ns;
  if (call.allowed) out["reply_bytes"] = call.reply_bytes;
  return out;
}

inline std::string text(const Call& call) {
  return to_json(call).dump();
}

}  // namespace mcpgov::cli::made
