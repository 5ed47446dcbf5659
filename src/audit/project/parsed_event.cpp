// Reading a stored event: checked as JSON first, then taken apart where it lies.
// Tested by tests/audit/project/parsed_event_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/project/parsed_event.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <new>
#include <system_error>

#include <simdjson.h>

#include "audit/frame.hpp"
#include "wire/spans.hpp"

namespace mcpgov::audit {

namespace {

// Content is at most 32 deep (docs/audit-format.md), below the event and its `value`.
constexpr std::size_t kDepth = 48;
// Callers have at most 8 actors; policies are as many as fit.
constexpr std::size_t kActors = 64;

bool read_unsigned(std::string_view text, std::uint64_t& out) noexcept {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

bool read_signed(std::string_view text, std::int64_t& out) noexcept {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

bool read_boolean(std::string_view text, bool& out) noexcept {
  out = text == "true";
  return out || text == "false";
}

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
};

namespace {

// Takes one event apart. Each of its functions reads the member `name`; false: it cannot be that.
class Reader {
 public:
  Reader(ParsedEvent& out, std::string& decoded) : out_(out), decoded_(decoded) {}

  bool event(std::string_view text);

 private:
  // Calls `member` for each member of an object. False: a member is not what it should be.
  template <class Member>
  bool object(std::string_view json, Member&& member) {
    if (json.empty() || json.front() != '{') return false;
    wire::MemberSpans members(json);
    for (wire::MemberSpans::Member each; members.next(each);) {
      std::string_view name;
      if (!text(each.key, name) || !member(name, each.value)) return false;
    }
    return true;
  }
  template <class Element>
  bool array(std::string_view json, Element&& element) {
    if (json.empty() || json.front() != '[') return false;
    wire::ElementSpans elements(json);
    for (std::string_view each; elements.next(each);) {
      if (!element(each)) return false;
    }
    return true;
  }

  bool text(std::string_view json, std::string_view& out) {
    if (json.size() < 2 || json.front() != '"') return false;
    const std::string_view inner = json.substr(1, json.size() - 2);
    if (inner.find('\\') == std::string_view::npos) {
      out = inner;
      return true;
    }
    const std::size_t start = decoded_.size();
    if (!wire::append_decoded(json, decoded_)) return false;
    out = std::string_view(decoded_).substr(start);
    return true;
  }
  bool texts(std::string_view json, std::vector<std::string_view>& out) {
    return array(json, [&](std::string_view each) { return text(each, out.emplace_back()); });
  }
  // Objects and arrays that are passed on as they are.
  static bool structure(std::string_view json, std::string_view& out) {
    out = json;
    return json.front() == '{' || json.front() == '[';
  }

  bool head(std::string_view name, std::string_view json);
  bool place(std::string_view name, std::string_view json);
  bool caller(std::string_view json);
  bool caller_member(std::string_view name, std::string_view json);
  bool party(std::string_view json, ParsedParty& out);
  bool session(std::string_view json);
  bool trace(std::string_view json);
  bool decision(std::string_view json);
  bool content(std::string_view json, ParsedContent& out);
  bool end(std::string_view name, std::string_view json);

  ParsedEvent& out_;
  std::string& decoded_;
};

bool Reader::party(std::string_view json, ParsedParty& out) {
  return object(json, [&](std::string_view name, std::string_view value) {
    if (name == "kind") return text(value, out.kind);
    if (name == "issuer") return text(value, out.issuer);
    if (name == "subject") return text(value, out.subject);
    return true;
  });
}

bool Reader::caller_member(std::string_view name, std::string_view json) {
  if (name == "kind") return text(json, out_.caller.kind);
  if (name == "issuer") return text(json, out_.caller.issuer);
  if (name == "subject") return text(json, out_.caller.subject);
  if (name == "client") return text(json, out_.client);
  if (name == "claimed") return text(json, out_.claimed);
  if (name == "workload") return party(json, out_.workload);
  if (name == "actors") {
    return array(json, [&](std::string_view each) {
      return out_.actors.size() < kActors && party(each, out_.actors.emplace_back());
    });
  }
  if (name == "evidence") {
    return object(json, [&](std::string_view inner, std::string_view value) {
      return inner != "token_id" || text(value, out_.token_id);
    });
  }
  return true;
}

bool Reader::caller(std::string_view json) {
  return object(json, [&](std::string_view name, std::string_view value) {
    return caller_member(name, value);
  });
}

bool Reader::session(std::string_view json) {
  return object(json, [&](std::string_view name, std::string_view value) {
    if (name == "id") return text(value, out_.session);
    if (name == "source") return text(value, out_.session_source);
    return true;
  });
}

bool Reader::trace(std::string_view json) {
  return object(json, [&](std::string_view name, std::string_view value) {
    if (name == "trace_id") return text(value, out_.trace_id);
    if (name == "span_id") return text(value, out_.span_id);
    if (name == "parent_id") return text(value, out_.parent_id);
    if (name == "state") return text(value, out_.trace_state);
    if (name == "flags") return read_unsigned(value, out_.trace_flags) && out_.trace_flags < 256;
    return true;
  });
}

bool Reader::decision(std::string_view json) {
  return object(json, [&](std::string_view name, std::string_view value) {
    if (name == "effect") {
      out_.decided_allow = value == "\"allow\"";
      return out_.decided_allow || value == "\"deny\"";
    }
    if (name == "allowed") return read_boolean(value, out_.allowed);
    if (name == "enforced") return read_boolean(value, out_.enforced);
    if (name == "reason") return text(value, out_.reason);
    if (name == "policies") return texts(value, out_.policies);
    if (name == "policy_errors") return texts(value, out_.policy_errors);
    if (name == "approver") return text(value, out_.approver);
    if (name == "snapshot") return text(value, out_.snapshot);
    if (name == "policy_digest") return text(value, out_.policy_digest);
    if (name == "latency_ns") return read_unsigned(value, out_.decision_ns);
    return true;
  });
}

bool Reader::content(std::string_view json, ParsedContent& out) {
  out.json = json;
  return object(json, [&](std::string_view name, std::string_view value) {
    if (name == "bytes") return read_unsigned(value, out.bytes);
    if (name == "tokens") return read_unsigned(value, out.tokens);
    if (name == "digest") return text(value, out.digest);
    if (name == "cut") return read_boolean(value, out.cut);
    if (name == "value") out.value = value;
    if (name == "sealed") return structure(value, out.sealed);
    if (name == "keys") return structure(value, out.keys);
    if (name == "found") return structure(value, out.found);
    return true;
  });
}

// Which message it is.
bool Reader::head(std::string_view name, std::string_view json) {
  if (name == "id") return text(json, out_.id);
  if (name == "tenant") return text(json, out_.tenant);
  if (name == "server") return text(json, out_.server);
  if (name == "transport") return text(json, out_.transport);
  if (name == "direction") return text(json, out_.direction);
  if (name == "protocol") return text(json, out_.protocol);
  if (name == "method") return text(json, out_.method);
  if (name == "target") return text(json, out_.target);
  if (name == "target_kind") return text(json, out_.target_kind);
  if (name == "request_id") {
    out_.request_id = json;
    return json.front() != '{' && json.front() != '[';
  }
  if (name == "tool") {
    return object(json, [&](std::string_view inner, std::string_view value) {
      if (inner == "class") return text(value, out_.tool_class);
      if (inner == "open_world") return read_boolean(value, out_.open_world);
      return true;
    });
  }
  return place(name, json);
}

// Whose it is and what was decided.
bool Reader::place(std::string_view name, std::string_view json) {
  if (name == "caller") return caller(json);
  if (name == "session") return session(json);
  if (name == "connection") return text(json, out_.connection);
  if (name == "peer") return text(json, out_.peer);
  if (name == "trace") return trace(json);
  if (name == "decision") return decision(json);
  if (name == "limits") return structure(json, out_.limits);
  if (name == "credential") return structure(json, out_.credential);
  if (name == "arguments") return content(json, out_.arguments);
  if (name == "result") return content(json, out_.result);
  return end(name, json);
}

// How it ended.
bool Reader::end(std::string_view name, std::string_view json) {
  if (name == "outcome") return text(json, out_.outcome);
  if (name == "outcome_reason") return text(json, out_.outcome_reason);
  if (name == "rpc_code") return read_signed(json, out_.rpc_code);
  if (name == "tool_error") return read_boolean(json, out_.tool_error);
  if (name == "latency_ns") return read_unsigned(json, out_.latency_ns);
  if (name == "reply_bytes") return read_unsigned(json, out_.reply_bytes);
  if (name == "items") return read_unsigned(json, out_.items);
  if (name == "items_removed") return read_unsigned(json, out_.items_removed);
  if (name == "waited") return read_boolean(json, out_.waited);
  if (name == "reconstructed") return read_boolean(json, out_.reconstructed);
  if (name == "cut") return texts(json, out_.cut);
  return true;
}

bool Reader::event(std::string_view json) {
  bool first = false;
  const bool whole = object(json, [&](std::string_view name, std::string_view value) {
    if (name == "v") return (first = value == "1");
    if (name == "kind") return text(value, out_.kind);
    if (name == "time") return text(value, out_.time) && read_time(out_.time, out_.time_us);
    // `kind` comes second, so that it is known which members are meant.
    return !out_.kind.empty() && (!out_.is_message() || head(name, value));
  });
  if (!whole || !first || out_.kind.empty() || out_.time.empty()) return false;
  return !out_.is_message() || !out_.id.empty();
}

// Readers differ in which of two equal names they believe. Iterative; depth is bounded already.
bool has_duplicates(const simdjson::dom::element& root) {
  std::vector<simdjson::dom::element> open = {root};
  std::vector<std::string_view> names;
  while (!open.empty()) {
    const simdjson::dom::element at = open.back();
    open.pop_back();
    if (at.is_array()) {
      for (const simdjson::dom::element each : simdjson::dom::array(at)) {
        if (each.is_array() || each.is_object()) open.push_back(each);
      }
    } else if (at.is_object()) {
      names.clear();
      for (const auto member : simdjson::dom::object(at)) {
        names.push_back(member.key);
        if (member.value.is_array() || member.value.is_object()) open.push_back(member.value);
      }
      std::sort(names.begin(), names.end());
      if (std::adjacent_find(names.begin(), names.end()) != names.end()) return true;
    }
  }
  return false;
}

}  // namespace

EventParser::EventParser() : state_(std::make_unique<State>()) {}
EventParser::EventParser(EventParser&&) noexcept = default;
EventParser& EventParser::operator=(EventParser&&) noexcept = default;
EventParser::~EventParser() = default;

ErrorCode EventParser::parse(std::string_view text, ParsedEvent& out) {
  State& state = *state_;
  const std::string_view log = out.log;
  const std::uint64_t seq = out.seq;
  out = {};
  out.text = text;
  out.log = log;
  out.seq = seq;
  if (text.empty() || text.size() > kMaxPayload || text.front() != '{') {
    return ErrorCode::audit_damaged;
  }
  state.decoded.clear();
  state.decoded.reserve(text.size());
  simdjson::dom::element root;
  if (state.json.capacity() == 0 && state.json.allocate(kMaxPayload, kDepth) != simdjson::SUCCESS) {
    throw std::bad_alloc();
  }
  const bool parsed =
      state.json.parse(text.data(), text.size(), true).get(root) == simdjson::SUCCESS;
  if (!parsed || has_duplicates(root) || !Reader(out, state.decoded).event(text)) {
    return ErrorCode::audit_damaged;
  }
  return ErrorCode::none;
}

}  // namespace mcpgov::audit
