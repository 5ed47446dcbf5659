// Events from their canonical JSON.
// Tested by tests/cli/report_gather_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/report_event.hpp"

#include <charconv>

#include <simdjson.h>

namespace mcpgov::cli {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

std::string_view text(const object& from, std::string_view key) {
  std::string_view out;
  return from[key].get(out) == simdjson::SUCCESS ? out : std::string_view{};
}

std::uint64_t number(const object& from, std::string_view key) {
  std::uint64_t out = 0;
  return from[key].get(out) == simdjson::SUCCESS ? out : 0;
}

bool flag(const object& from, std::string_view key) {
  bool out = false;
  return from[key].get(out) == simdjson::SUCCESS && out;
}

bool inside(const object& from, std::string_view key, object& out) {
  return from[key].get(out) == simdjson::SUCCESS;
}

audit::ToolClass class_of(std::string_view name) {
  using audit::ToolClass;
  for (const ToolClass each :
       {ToolClass::unclassified, ToolClass::read_only, ToolClass::write, ToolClass::destructive}) {
    if (name == audit::class_name(each)) return each;
  }
  return ToolClass::none;
}

// The first actor is the one who acts now (RFC 8693 section 4.1).
void read_agent(const object& caller, ReportEvent& out) {
  simdjson::dom::array actors;
  object party;
  const bool acting = caller["actors"].get(actors) == simdjson::SUCCESS && actors.size() > 0 &&
                      actors.at(0).get(party) == simdjson::SUCCESS;
  if (acting || inside(caller, "workload", party)) {
    out.agent = text(party, "subject");
    out.agent_issuer = text(party, "issuer");
    return;
  }
  out.agent = out.client;
}

void read_caller(const object& event, ReportEvent& out) {
  object caller;
  if (!inside(event, "caller", caller)) return;
  out.caller_kind = text(caller, "kind");
  out.issuer = text(caller, "issuer");
  out.subject = text(caller, "subject");
  out.client = text(caller, "client");
  out.claimed = text(caller, "claimed");
  read_agent(caller, out);
}

void read_decision(const object& event, ReportEvent& out) {
  object decision;
  if (!inside(event, "decision", decision)) return;
  out.effect = text(decision, "effect");
  out.reason = text(decision, "reason");
  out.approver = text(decision, "approver");
  out.snapshot = text(decision, "snapshot");
  out.decided_ns = number(decision, "latency_ns");
  const bool allowed = flag(decision, "allowed");
  out.verdict = out.outcome == "pending" ? Verdict::pending
                : !allowed               ? Verdict::denied
                : out.effect == "deny"   ? Verdict::observed
                                         : Verdict::allowed;
  simdjson::dom::array policies;
  if (decision["policies"].get(policies) != simdjson::SUCCESS) return;
  for (const element policy : policies) {
    std::string_view id;
    if (policy.get(id) == simdjson::SUCCESS) out.policies.push_back(id);
  }
}

void read_content(const object& event, std::string_view key, ReportContent& out) {
  out.bytes = out.tokens = 0;
  out.digest = {};
  out.found.clear();
  object content;
  if (!inside(event, key, content)) return;
  out.bytes = number(content, "bytes");
  out.tokens = number(content, "tokens");
  out.digest = text(content, "digest");
  object found;
  if (!inside(content, "found", found)) return;
  for (const auto [name, count] : found) {
    std::uint64_t times = 0;
    if (count.get(times) == simdjson::SUCCESS && times > 0) out.found.emplace_back(name, times);
  }
}

// Digits at text[at, at + count); false: they are not.
bool digits(std::string_view text, std::size_t at, std::size_t count, int& out) {
  if (at + count > text.size()) return false;
  const char* first = text.data() + at;
  return std::from_chars(first, first + count, out).ptr == first + count;
}

// Days from 1970-01-01 in the proleptic Gregorian calendar, by counting from 1 March, so that the
// leap day is the last of its year.
std::int64_t days_since_1970(int year, int month, int day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t m = (month + 9) % 12;
  return 365 * y + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 1 - 719'468;
}

}  // namespace

std::uint64_t parse_event_time(std::string_view text) noexcept {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const bool read = text.size() >= 20 && text.size() <= 32 && digits(text, 0, 4, year) &&
                    digits(text, 5, 2, month) && digits(text, 8, 2, day) &&
                    digits(text, 11, 2, hour) && digits(text, 14, 2, minute) &&
                    digits(text, 17, 2, second);
  if (!read || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':' || text.back() != 'Z') {
    return 0;
  }
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
      second > 60 || hour < 0 || minute < 0 || second < 0) {
    return 0;
  }
  std::uint64_t micros = 0;
  if (text[19] == '.') {
    std::uint64_t unit = 100'000;
    for (std::size_t i = 20; i + 1 < text.size(); ++i, unit /= 10) {
      if (text[i] < '0' || text[i] > '9') return 0;
      micros += static_cast<std::uint64_t>(text[i] - '0') * unit;
    }
  } else if (text.size() != 20) {
    return 0;
  }
  const std::int64_t days = days_since_1970(year, month, day);
  const std::int64_t seconds = days * 86'400 + hour * 3'600 + minute * 60 + second;
  return static_cast<std::uint64_t>(seconds) * 1'000'000 + micros;
}

struct EventReader::Parts {
  simdjson::dom::parser parser;
};

EventReader::EventReader() : parts_(std::make_unique<Parts>()) {}
EventReader::~EventReader() = default;

bool EventReader::read(std::string_view json, ReportEvent& out) {
  object event;
  if (parts_->parser.parse(json.data(), json.size()).get(event) != simdjson::SUCCESS) return false;
  const std::string_view kind = text(event, "kind");
  if (kind != "call" && kind != "intent") return false;
  out.policies.clear();
  out.intent = kind == "intent";
  out.id = text(event, "id");
  out.time_us = parse_event_time(text(event, "time"));
  out.tenant = text(event, "tenant");
  out.server = text(event, "server");
  out.transport = text(event, "transport");
  out.protocol = text(event, "protocol");
  out.method = text(event, "method");
  out.target = text(event, "target");
  out.target_kind = text(event, "target_kind");
  object part;
  const bool tool = inside(event, "tool", part);
  out.tool_class = tool ? class_of(text(part, "class")) : audit::ToolClass::none;
  out.open_world = tool && flag(part, "open_world");
  out.caller_kind = out.issuer = out.subject = out.client = out.claimed = {};
  out.agent = out.agent_issuer = {};
  read_caller(event, out);
  out.session = inside(event, "session", part) ? text(part, "id") : std::string_view{};
  out.peer = text(event, "peer");
  out.trace_id = inside(event, "trace", part) ? text(part, "trace_id") : std::string_view{};
  out.outcome = text(event, "outcome");
  out.effect = out.reason = out.approver = out.snapshot = {};
  out.decided_ns = 0;
  out.verdict = Verdict::denied;
  read_decision(event, out);
  read_content(event, "arguments", out.arguments);
  read_content(event, "result", out.result);
  out.latency_ns = number(event, "latency_ns");
  out.reply_bytes = number(event, "reply_bytes");
  out.items = number(event, "items");
  out.items_removed = number(event, "items_removed");
  out.reconstructed = flag(event, "reconstructed");
  return out.time_us != 0;
}

}  // namespace mcpgov::cli
