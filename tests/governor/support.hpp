// A governor over inline policies, with its records kept in memory.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "mcpgov/governor.hpp"

namespace mcpgov::test {

// Lines as the file sink would write them; refuses when told to.
struct Records {
  std::mutex lock;
  std::vector<std::string> lines;
  std::atomic<bool> refuse{false};

  static bool write(void* self, std::string_view line) noexcept {
    auto* const records = static_cast<Records*>(self);
    if (records->refuse) return false;
    try {
      const std::lock_guard hold(records->lock);
      records->lines.emplace_back(line);
      return true;
    } catch (const std::bad_alloc&) {
      return false;
    }
  }

  nlohmann::json at(std::size_t index) {
    const std::lock_guard hold(lock);
    REQUIRE(index < lines.size());
    return nlohmann::json::parse(lines[index]);
  }
  nlohmann::json last() {
    const std::lock_guard hold(lock);
    REQUIRE_FALSE(lines.empty());
    return nlohmann::json::parse(lines.back());
  }
  std::size_t size() {
    const std::lock_guard hold(lock);
    return lines.size();
  }
};

// 2026-11-20T00:00:00Z unless moved.
struct Clock {
  std::atomic<std::uint64_t> us{1795132800000000U};
  static std::uint64_t now(void* self) noexcept { return static_cast<Clock*>(self)->us; }
};

// The world of these tests: server `shop` with three tools.
inline constexpr std::string_view kTools = R"([
  {"name": "read_schema", "inputSchema": {"type": "object",
     "properties": {"table": {"type": "string"}}},
   "annotations": {"readOnlyHint": true}},
  {"name": "list_tables", "inputSchema": {"type": "object"}},
  {"name": "execute_query", "inputSchema": {"type": "object",
     "properties": {"sql": {"type": "string"}, "destructive": {"type": "boolean"}},
     "required": ["sql"]}}])";

inline constexpr std::string_view kPolicies = R"(
  @id("analyst")
  permit(principal in shop::Role::"idp#analyst",
         action in [shop::Action::"read_schema", shop::Action::"list_tables"], resource);
  @id("engineer")
  permit(principal in shop::Role::"idp#engineer", action in shop::Action::"call_tool", resource);
  @id("nothing-destructive")
  forbid(principal, action == shop::Action::"execute_query", resource)
  when { context.input has destructive && context.input.destructive };
)";

inline std::string indented(std::string_view text, int spaces) {
  std::string out;
  std::string pad(static_cast<std::size_t>(spaces), ' ');
  out += pad;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += pad;
  }
  return out;
}

// As a JSON string, which YAML reads as well.
inline std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump();
}

// A configuration with one server; `server_extra` and `extra` are YAML lines.
inline std::string configuration(std::string_view policies = kPolicies,
                                 std::string_view server_extra = "", std::string_view extra = "",
                                 std::string_view tools = kTools) {
  std::string out = "version: 1\nservers:\n  shop:\n    policies: [";
  if (!policies.empty()) out += "{text: " + json_text(policies) + "}";
  out += "]\n";
  if (!tools.empty()) out += "    tools: {text: " + json_text(tools) + "}\n";
  if (!server_extra.empty()) out += indented(server_extra, 4) + "\n";
  return out + std::string(extra) + "\n";
}

inline Caller user(std::string subject, std::vector<std::string> roles) {
  Caller out;
  out.kind = CallerKind::user;
  out.issuer = "idp";
  out.subject = std::move(subject);
  out.roles = std::move(roles);
  return out;
}

inline Caller analyst() {
  return user("ann", {"analyst"});
}
inline Caller engineer() {
  return user("eve", {"engineer"});
}

struct World {
  explicit World(const std::string& config = configuration()) {
    GovernorOptions options;
    options.sink = audit::to_callback(&Records::write, &records);
    options.now_us = &Clock::now;
    options.now_context = &clock;
    auto opened = Governor::parse(config, "", std::move(options));
    if (!opened) FAIL(opened.error().text());
    governor = std::make_unique<Governor>(*std::move(opened));
  }

  Session session(Caller caller, Transport transport = Transport::stdio, std::string tenant = "") {
    SessionOptions options;
    options.server = "shop";
    options.tenant = std::move(tenant);
    options.transport = transport;
    options.caller = std::move(caller);
    return governor->session(options);
  }

  Records records;
  Clock clock;
  std::unique_ptr<Governor> governor;
};

inline Verdicts from_client(Session& session, std::string_view body) {
  return session.receive({.direction = Direction::from_client, .body = body});
}
inline Verdicts from_server(Session& session, std::string_view body) {
  return session.receive({.direction = Direction::from_server, .body = body});
}

// `{"jsonrpc":"2.0","id":ID,"method":"tools/call","params":{"name":…,"arguments":…}}`
inline std::string call(std::string_view tool, std::string_view arguments = "{}", int id = 1) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
         R"(,"method":"tools/call","params":{"name":")" + std::string(tool) + R"(","arguments":)" +
         std::string(arguments) + "}}";
}

inline std::string rpc(std::string_view method, std::string_view params = "{}", int id = 1) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":")" + std::string(method) +
         R"(","params":)" + std::string(params) + "}";
}

inline std::string notification(std::string_view method, std::string_view params = "{}") {
  return R"({"jsonrpc":"2.0","method":")" + std::string(method) + R"(","params":)" +
         std::string(params) + "}";
}

inline std::string result(std::string_view json, int id = 1) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"result":)" + std::string(json) +
         "}";
}

// The decision about one message in a session of its own.
inline ErrorCode reason_for(World& world, Caller caller, std::string_view body) {
  Session session = world.session(std::move(caller));
  Verdicts verdicts = from_client(session, body);
  return verdicts[0].allowed() ? ErrorCode::none : verdicts[0].reason();
}

}  // namespace mcpgov::test
