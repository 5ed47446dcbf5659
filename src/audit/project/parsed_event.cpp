// Reading a stored event: checked as JSON first, then taken apart where it lies.
// Tested by tests/audit/project/parsed_event_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/project/parsed_event.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <new>

#include <simdjson.h>

#include "audit/frame.hpp"
#include "audit/project/event_cursor.hpp"
#include "base/json_buffer.hpp"
#include "base/json_writer.hpp"
#include "base/os_time.hpp"

namespace mcpgov::audit {

namespace {

// Content is at most 32 deep (docs/audit-format.md), below the event and its `value`.
constexpr std::size_t kDepth = 48;
// Callers have at most 8 actors; policies are as many as fit.
constexpr std::size_t kActors = 64;
// What is stored in one byte may be written as `\u0000`; what has so much of it was no event.
constexpr std::size_t kMaxExported = 4 * kMaxPayload;

// `2026-11-20T07:23:00.123456Z`, the only form that is written.
bool read_time(std::string_view text, std::uint64_t& out) noexcept {
  constexpr std::string_view kForm = "0000-00-00T00:00:00.000000Z";
  if (text.size() != kForm.size()) return false;
  for (std::size_t at = 0; at < kForm.size(); ++at) {
    const bool digit = text[at] >= '0' && text[at] <= '9';
    if (kForm[at] == '0' ? !digit : text[at] != kForm[at]) return false;
  }
  const auto number = [&](std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (; size > 0; --size, ++at) value = value * 10 + static_cast<std::uint64_t>(text[at] - '0');
    return value;
  };
  using namespace std::chrono;
  const year_month_day date{year(static_cast<int>(number(0, 4))),
                            month(static_cast<unsigned>(number(5, 2))),
                            day(static_cast<unsigned>(number(8, 2)))};
  const std::uint64_t hour = number(11, 2);
  const std::uint64_t minute = number(14, 2);
  const std::uint64_t second = number(17, 2);
  if (!date.ok() || date.year() < year(1970) || hour > 23 || minute > 59 || second > 59) {
    return false;
  }
  const auto days = static_cast<std::uint64_t>(sys_days(date).time_since_epoch().count());
  out = (((days * 24 + hour) * 60 + minute) * 60 + second) * 1'000'000 + number(20, 6);
  return true;
}

}  // namespace

struct EventParser::State {
  simdjson::dom::parser json;
  std::string decoded;  // never longer than the text, so that its bytes stay where they are
  std::vector<simdjson::dom::element> open;
  std::vector<std::string_view> names;
  char time[kTimestampSize];  // of an event that has a number instead
};

namespace {

// Takes one event apart. Each of its functions reads the value of the member `name`; false: it
// cannot be that.
class Reader {
 public:
  // decoded, time: hold what the text does not say as it is read.
  Reader(std::string_view json, std::string& decoded, char (&time)[kTimestampSize], EventForm form,
         ParsedEvent& out)
      : in_(json, decoded), time_(time), exported_(form == EventForm::exported), out_(out) {}

  bool event();

 private:
  bool time_of_recovery();
  using Name = std::string_view;

  bool head(Name name);
  bool place(Name name);
  bool caller(Name name);
  bool party(ParsedParty& out);
  bool trace(Name name);
  bool decision(Name name);
  bool content(ParsedContent& out);
  bool end(Name name);

  EventCursor in_;
  char (&time_)[kTimestampSize];
  bool exported_;
  ParsedEvent& out_;
};

bool Reader::party(ParsedParty& out) {
  return in_.object([&](Name name) {
    if (name == "kind") return in_.text(out.kind);
    if (name == "issuer") return in_.text(out.issuer);
    if (name == "subject") return in_.text(out.subject);
    return in_.skip();
  });
}

bool Reader::caller(Name name) {
  if (name == "kind") return in_.text(out_.caller.kind);
  if (name == "issuer") return in_.text(out_.caller.issuer);
  if (name == "subject") return in_.text(out_.caller.subject);
  if (name == "client") return in_.text(out_.client);
  if (name == "claimed") return in_.text(out_.claimed);
  if (name == "workload") return party(out_.workload);
  if (name == "actors") {
    return in_.array(
        [&] { return out_.actors.size() < kActors && party(out_.actors.emplace_back()); });
  }
  if (name == "evidence") {
    return in_.object(
        [&](Name inner) { return inner == "token_id" ? in_.text(out_.token_id) : in_.skip(); });
  }
  return in_.skip();
}

bool Reader::trace(Name name) {
  if (name == "trace_id") return in_.text(out_.trace_id);
  if (name == "span_id") return in_.text(out_.span_id);
  if (name == "parent_id") return in_.text(out_.parent_id);
  if (name == "state") return in_.text(out_.trace_state);
  if (name == "flags") return in_.count(out_.trace_flags) && out_.trace_flags < 256;
  return in_.skip();
}

bool Reader::decision(Name name) {
  if (name == "effect") {
    std::string_view effect;
    if (!in_.text(effect)) return false;
    out_.decided_allow = effect == "allow";
    return out_.decided_allow || effect == "deny";
  }
  if (name == "allowed") return in_.boolean(out_.allowed);
  if (name == "enforced") return in_.boolean(out_.enforced);
  if (name == "reason") return in_.text(out_.reason);
  if (name == "policies") return in_.texts(out_.policies);
  if (name == "policy_errors") return in_.texts(out_.policy_errors);
  if (name == "approver") return in_.text(out_.approver);
  if (name == "snapshot") return in_.text(out_.snapshot);
  if (name == "policy_digest") return in_.text(out_.policy_digest);
  if (name == "latency_ns") return in_.count(out_.decision_ns);
  return in_.skip();
}

bool Reader::content(ParsedContent& out) {
  const char* const start = in_.at();
  const bool read = in_.object([&](Name name) {
    if (name == "bytes") return in_.count(out.bytes);
    if (name == "tokens") return in_.count(out.tokens);
    if (name == "digest") return in_.text(out.digest);
    if (name == "cut") return in_.boolean(out.cut);
    if (name == "value") return in_.raw(out.value);
    if (name == "sealed") return in_.structure(out.sealed);
    if (name == "keys") return in_.structure(out.keys);
    if (name == "found") return in_.structure(out.found);
    return in_.skip();
  });
  if (read) out.json = {start, static_cast<std::size_t>(in_.at() - start)};
  return read;
}

// Which message it is.
bool Reader::head(Name name) {
  if (name == "id") return in_.text(out_.id);
  if (name == "tenant") return in_.text(out_.tenant);
  if (name == "server") return in_.text(out_.server);
  if (name == "transport") return in_.text(out_.transport);
  if (name == "direction") return in_.text(out_.direction);
  if (name == "protocol") return in_.text(out_.protocol);
  if (name == "method") return in_.text(out_.method);
  if (name == "target") return in_.text(out_.target);
  if (name == "target_kind") return in_.text(out_.target_kind);
  if (name == "request_id") {
    return in_.raw(out_.request_id) && out_.request_id.front() != '{' &&
           out_.request_id.front() != '[';
  }
  if (name == "tool") {
    return in_.object([&](Name inner) {
      if (inner == "class") return in_.text(out_.tool_class);
      if (inner == "open_world") return in_.boolean(out_.open_world);
      return in_.skip();
    });
  }
  return place(name);
}

// Whose it is and what was decided.
bool Reader::place(Name name) {
  if (name == "caller") return in_.object([&](Name inner) { return caller(inner); });
  if (name == "session") {
    return in_.object([&](Name inner) {
      if (inner == "id") return in_.text(out_.session);
      if (inner == "source") return in_.text(out_.session_source);
      return in_.skip();
    });
  }
  if (name == "connection") return in_.text(out_.connection);
  if (name == "peer") return in_.text(out_.peer);
  if (name == "trace") return in_.object([&](Name inner) { return trace(inner); });
  if (name == "decision") return in_.object([&](Name inner) { return decision(inner); });
  if (name == "limits") return in_.structure(out_.limits);
  if (name == "credential") return in_.structure(out_.credential);
  if (name == "arguments") return content(out_.arguments);
  if (name == "result") return content(out_.result);
  return end(name);
}

// How it ended.
bool Reader::end(Name name) {
  if (name == "outcome") return in_.text(out_.outcome);
  if (name == "outcome_reason") return in_.text(out_.outcome_reason);
  if (name == "rpc_code") return in_.integer(out_.rpc_code);
  if (name == "tool_error") return in_.boolean(out_.tool_error);
  if (name == "latency_ns") return in_.count(out_.latency_ns);
  if (name == "reply_bytes") return in_.count(out_.reply_bytes);
  if (name == "items") return in_.count(out_.items);
  if (name == "items_removed") return in_.count(out_.items_removed);
  if (name == "waited") return in_.boolean(out_.waited);
  if (name == "reconstructed") return in_.boolean(out_.reconstructed);
  if (name == "cut") return in_.texts(out_.cut);
  return in_.skip();
}

// Whoever recovers a log writes when it was as a number.
bool Reader::time_of_recovery() {
  out_.time_us /= 1000;
  if (out_.kind != "recovery" || out_.time_us == 0) return false;
  write_timestamp(out_.time_us, time_);
  out_.time = {time_, kTimestampSize};
  return true;
}

bool Reader::event() {
  std::uint64_t version = 0;
  const bool whole = in_.object([&](Name name) {
    if (name == "v") return in_.count(version) && version == 1;
    if (name == "kind") return in_.text(out_.kind);
    if (name == "log") {
      out_.names_log = true;
      return exported_ ? in_.text(out_.log) : in_.skip();
    }
    if (name == "seq" && exported_) return in_.count(out_.seq);
    if (name == "time") return in_.text(out_.time) && read_time(out_.time, out_.time_us);
    if (name == "time_ns" && out_.kind == "recovery") return in_.count(out_.time_us);
    // Stored, `kind` comes second, so that it is known which members are meant.
    if (out_.kind.empty()) return false;
    return out_.is_message() ? head(name) : in_.skip();
  });
  if (!whole || version != 1 || out_.kind.empty()) return false;
  if (out_.time.empty() && !time_of_recovery()) return false;
  return !out_.is_message() || !out_.id.empty();
}

// The log escapes whatever breaks a line or steers a terminal, so that its text can go into lines
// as it is; text that would do either was not written by a log.
bool safe_to_show(std::string_view text, std::string& scratch) {
  if (printable_ascii(text)) return true;
  scratch.clear();
  append_safe_json(scratch, text);
  return scratch == text;
}

// Readers differ in which of two equal names they believe. No stack grows with the depth, which is
// bounded anyway.
bool has_duplicates(const simdjson::dom::element& root, std::vector<simdjson::dom::element>& open,
                    std::vector<std::string_view>& names) {
  open.assign(1, root);
  const auto later = [&](const simdjson::dom::element& each) {
    if (each.is_array() || each.is_object()) open.push_back(each);
  };
  while (!open.empty()) {
    const simdjson::dom::element at = open.back();
    open.pop_back();
    if (at.is_array()) {
      for (const simdjson::dom::element each : simdjson::dom::array(at)) later(each);
      continue;
    }
    names.clear();
    for (const auto member : simdjson::dom::object(at)) {
      names.push_back(member.key);
      later(member.value);
    }
    std::sort(names.begin(), names.end());
    if (std::adjacent_find(names.begin(), names.end()) != names.end()) return true;
  }
  return false;
}

}  // namespace

EventParser::EventParser() : state_(std::make_unique<State>()) {}
EventParser::EventParser(EventParser&&) noexcept = default;
EventParser& EventParser::operator=(EventParser&&) noexcept = default;
EventParser::~EventParser() = default;

ErrorCode EventParser::parse(std::string_view text, ParsedEvent& out, EventForm form) {
  State& state = *state_;
  const std::string_view log = out.log;
  const std::uint64_t seq = out.seq;
  out = {};
  out.text = text;
  out.log = log;
  out.seq = seq;
  const bool exported = form == EventForm::exported;
  const std::size_t most = exported ? kMaxExported : kMaxPayload;
  if (text.empty() || text.size() > most || text.front() != '{') return ErrorCode::audit_damaged;
  if (!exported && !safe_to_show(text, state.decoded)) return ErrorCode::audit_damaged;
  state.decoded.clear();
  state.decoded.reserve(text.size());
  simdjson::dom::element root;
  if (state.json.capacity() < most && state.json.allocate(most, kDepth) != simdjson::SUCCESS) {
    throw std::bad_alloc();
  }
  const bool parsed =
      state.json.parse(text.data(), text.size(), true).get(root) == simdjson::SUCCESS;
  if (!parsed || has_duplicates(root, state.open, state.names)) return ErrorCode::audit_damaged;
  if (exported && root["kind"].get(out.kind) != simdjson::SUCCESS) return ErrorCode::audit_damaged;
  return Reader(text, state.decoded, state.time, form, out).event() ? ErrorCode::none
                                                                    : ErrorCode::audit_damaged;
}

}  // namespace mcpgov::audit
