// Facts from events.
// Tested by tests/cli/report_gather_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/report_gather.hpp"

#include <algorithm>

namespace mcpgov::cli {

namespace {

constexpr char kBetween = '\x1f';  // of the parts of a name: no text has it unescaped in the log
constexpr std::size_t kLists = 64;
constexpr std::size_t kWords = 8;

// An address without its port: `10.0.0.1:5`, `[::1]:5`.
std::string_view host_of(std::string_view peer) {
  if (!peer.empty() && peer.front() == '[') return peer.substr(0, peer.find(']') + 1);
  const std::size_t colon = peer.rfind(':');
  const bool port = colon != std::string_view::npos && peer.find(':') == colon;
  return port ? peer.substr(0, colon) : peer;
}

void add_word(std::set<std::string>& words, std::string_view word) {
  if (!word.empty() && words.size() < kWords) words.emplace(word);
}

std::uint64_t pair_key(std::uint32_t caller, std::uint32_t tool) {
  return std::uint64_t{caller} << 32 | tool;
}

}  // namespace

Gatherer::Gatherer(std::uint64_t from_us, std::uint64_t to_us, std::vector<std::string> sensitive,
                   const GatherLimits& limits)
    : limits_(limits),
      from_us_(from_us),
      to_us_(to_us),
      caller_names_(limits.callers),
      agent_names_(limits.agents),
      tool_names_(limits.tools),
      server_names_(limits.servers),
      watch_(facts_, std::move(sensitive)) {
  facts_.callers[0].subject = "all others";
  facts_.agents[0].name = "all others";
  facts_.tools[0].name = "all others";
  facts_.servers[0].name = "all others";
}

void Gatherer::take(std::string_view json) {
  if (!reader_.read(json, event_)) {
    ++facts_.unreadable;
    return;
  }
  if (event_.time_us < from_us_ || (to_us_ != 0 && event_.time_us >= to_us_)) {
    ++facts_.outside;
    return;
  }
  if (event_.is_intent()) {
    ++facts_.intents;
    return;
  }
  count(event_);
}

void Gatherer::count(const ReportEvent& event) {
  facts_.all.add(event);
  const std::uint64_t hour = event.time_us / kHourUs;
  if (facts_.hours.size() < limits_.hours || facts_.hours.count(hour) != 0) {
    HourFacts& facts = facts_.hours[hour];
    ++facts.verdicts[static_cast<std::size_t>(event.verdict)];
    if (event.outcome == "failed") ++facts.failed;
  }
  facts_.decided_ns.add(event.decision_ns);
  target_ = 0;
  if (!event.target.empty()) {
    key_.assign(event.server).append(1, kBetween).append(event.target_kind);
    target_ = text_hash(event.target, text_hash(key_));
    facts_.targets.add(target_);
  }
  count_caller(event);
  count_tool(event);
  count_server(event);
  count_pair(event);
  count_session(event);
  count_names(event);
}

void Gatherer::count_caller(const ReportEvent& event) {
  key_.assign(event.caller.kind).append(1, kBetween).append(event.caller.issuer);
  key_.append(1, kBetween).append(event.caller.subject);
  caller_ = caller_names_.number(key_);
  if (caller_ == facts_.callers.size()) {
    CallerFacts& fresh = facts_.callers.emplace_back();
    fresh.kind = event.caller.kind;
    fresh.issuer = event.caller.issuer;
    fresh.subject = event.caller.subject;
  }
  CallerFacts& caller = facts_.callers[caller_];
  caller.use.add(event);
  ++caller.by_hour[event.time_us / kHourUs % 24];
  caller.servers.add(text_hash(event.server));
  if (target_ != 0) caller.targets.add(target_);
  if (!event.session.empty()) caller.sessions.add(text_hash(event.session));
  clock_.add(caller_, event, limits_.caller_hours);
  if (event.agent.subject.empty()) return;
  key_.assign(event.agent.issuer).append(1, kBetween).append(event.agent.subject);
  const std::uint32_t number = agent_names_.number(key_);
  if (number == facts_.agents.size()) {
    AgentFacts& fresh = facts_.agents.emplace_back();
    fresh.issuer = event.agent.issuer;
    fresh.name = event.agent.subject;
  }
  facts_.agents[number].use.add(event);
  facts_.agents[number].callers.add(number_hash(caller_));
}

void Gatherer::count_tool(const ReportEvent& event) {
  tool_ = Names::kOthers;
  if (event.target_kind != "tool" || event.method != "tools/call") return;
  key_.assign(event.server).append(1, kBetween).append(event.target);
  tool_ = tool_names_.number(key_);
  if (tool_ == facts_.tools.size()) {
    ToolFacts& fresh = facts_.tools.emplace_back();
    fresh.server = event.server;
    fresh.name = event.target;
  }
  ToolFacts& tool = facts_.tools[tool_];
  tool.use.add(event);
  tool.tool_class = std::max(tool.tool_class, event.tool);
  tool.open_world = tool.open_world || event.open_world;
  tool.callers.add(number_hash(caller_));
  if (event.verdict == Verdict::denied || event.verdict == Verdict::pending) return;
  tool.latency_ns.add(event.latency_ns);
  facts_.latency_ns.add(event.latency_ns);
  tool.reply_bytes.add(event.reply_bytes);
  if (event.reply_bytes > tool.largest_reply.bytes) {
    tool.largest_reply = {event.reply_bytes, event.time_us, caller_, std::string(event.id)};
  }
}

void Gatherer::count_server(const ReportEvent& event) {
  if (event.server.empty()) return;
  key_.assign(event.tenant).append(1, kBetween).append(event.server);
  const std::uint32_t number = server_names_.number(key_);
  if (number == facts_.servers.size()) {
    ServerFacts& fresh = facts_.servers.emplace_back();
    fresh.name = event.server;
    fresh.tenant = event.tenant;
  }
  ServerFacts& server = facts_.servers[number];
  server.use.add(event);
  server.callers.add(number_hash(caller_));
  if (tool_ != Names::kOthers) server.tools.add(text_hash(event.target));
  if (target_ != 0) server.targets.add(target_);
  add_word(server.transports, event.transport);
  add_word(server.protocols, event.protocol);
  if (event.method != "tools/list" || event.items == 0) return;
  if (server.lists.size() >= kLists && server.lists.count(event.items) == 0) return;
  ListFacts& list = server.lists[event.items];
  if (list.count++ == 0) {
    list.first_us = event.time_us;
    list.first_id = event.id;
  }
  list.removed += event.items_removed;
}

void Gatherer::count_pair(const ReportEvent& event) {
  PairFacts* pair = nullptr;
  const bool tool_call = event.target_kind == "tool" && event.method == "tools/call";
  if (tool_call) {
    const std::uint64_t key = pair_key(caller_, tool_);
    if (facts_.pairs.size() >= limits_.pairs && facts_.pairs.count(key) == 0) {
      ++facts_.pairs_left_out;
    } else {
      pair = &facts_.pairs[key];
      if (pair->first_us == 0) {
        pair->first_us = event.time_us;
        pair->first_id = event.id;
      }
      pair->last_us = std::max(pair->last_us, event.time_us);
      if (event.verdict == Verdict::denied) {
        ++pair->denied;
      } else if (event.verdict != Verdict::pending) {
        ++pair->ran;
      }
    }
  }
  watch_.see(event, caller_, tool_, pair);
}

void Gatherer::count_session(const ReportEvent& event) {
  if (event.session.empty()) return;
  facts_.session_names.add(text_hash(event.session));
  if (facts_.sessions.size() >= limits_.sessions * 2) let_sessions_go();
  SessionFacts& session = facts_.sessions[std::string(event.session)];
  if (session.use.calls == 0) {
    session.caller = caller_;
    session.agent = event.agent.subject;
  }
  session.use.add(event);
  session.servers.add(text_hash(event.server));
  if (tool_ != Names::kOthers) session.tools.add(number_hash(tool_));
  if (target_ != 0) session.targets.add(target_);
  const std::string_view host = host_of(event.peer);
  if (host.empty() || host == session.peer || host == session.second_peer) return;
  if (session.peer.empty()) {
    session.peer = host;
  } else if (session.second_peer.empty()) {
    session.second_peer = host;
    facts_.of(Rule::two_peers)
        .add({event.time_us, caller_text(facts_.callers[caller_]),
              "session " + std::string(event.session) + " from " + std::string(host),
              "before: " + session.peer, std::string(event.id)});
  }
}

// Keeps a quarter for their number of calls, and a quarter for being the latest.
void Gatherer::let_sessions_go() {
  std::vector<std::pair<std::uint64_t, const std::string*>> by_calls, by_time;
  for (const auto& [name, session] : facts_.sessions) {
    by_calls.emplace_back(session.use.calls, &name);
    by_time.emplace_back(session.use.last_us, &name);
  }
  const auto cut = [](auto& list) {
    const auto at = list.begin() + static_cast<std::ptrdiff_t>(list.size() / 4);
    std::nth_element(list.begin(), at, list.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    return at->first;
  };
  const std::uint64_t calls = cut(by_calls), time = cut(by_time);
  for (auto at = facts_.sessions.begin(); at != facts_.sessions.end();) {
    if (at->second.use.calls > calls || at->second.use.last_us > time) {
      ++at;
      continue;
    }
    facts_.other_sessions.merge(at->second.use);
    at = facts_.sessions.erase(at);
  }
}

void Gatherer::name(std::map<std::string, NamedCount>& table, std::string_view text,
                    const ReportEvent& event) const {
  if (text.empty()) return;
  auto at = table.find(std::string(text));
  if (at == table.end()) {
    const bool room = table.size() < limits_.names;
    at = table.try_emplace(room ? std::string(text) : "(all others)").first;
  }
  NamedCount& named = at->second;
  ++named.count;
  if (named.first_us == 0 || event.time_us < named.first_us) named.first_us = event.time_us;
  named.last_us = std::max(named.last_us, event.time_us);
}

void Gatherer::count_names(const ReportEvent& event) {
  name(facts_.methods, event.method, event);
  name(facts_.outcomes, event.outcome, event);
  name(facts_.snapshots, event.snapshot, event);
  name(facts_.approvers, event.approver, event);
  name(facts_.clients, event.claimed, event);
  if (event.verdict != Verdict::allowed) name(facts_.reasons, event.reason, event);
  for (const std::string_view policy : event.policies) name(facts_.policies, policy, event);
}

Facts Gatherer::finish() {
  // What shares the row of all others has no name to show.
  watch_.finish();
  find_unusual(facts_, clock_);
  for (RuleFindings& rule : facts_.findings) {
    std::stable_sort(rule.rows.begin(), rule.rows.end(),
                     [](const Finding& a, const Finding& b) { return a.time_us < b.time_us; });
  }
  return std::move(facts_);
}

}  // namespace mcpgov::cli
