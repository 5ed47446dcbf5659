// The rules that see each event as it comes.
// Tested by tests/cli/report_rules_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/report_watch.hpp"

#include <algorithm>

namespace mcpgov::cli {

namespace {

constexpr std::uint64_t kStormUs = 60'000'000;
constexpr std::size_t kStormArguments = 5;
constexpr std::size_t kPast = 32;
constexpr std::uint64_t kFlowUs = 1'800'000'000;
// Of tables that only rules need. Beyond it a rule says that it did not see everything.
constexpr std::size_t kRemembered = 200'000;

std::uint64_t pair_key(std::uint32_t caller, std::uint32_t tool) {
  return std::uint64_t{caller} << 32 | tool;
}

// What capture took out for other reasons than that it is secret: places that are always left out,
// and what half of all texts about people hold.
bool is_secret(std::string_view detector) {
  return detector != "drop" && detector != "email" && detector != "phone";
}

void left_out(RuleFindings& rule) {
  if (rule.limits.empty()) {
    rule.limits =
        "There were more callers, tools or sessions than this rule can remember; what came "
        "after them was not looked at.";
  }
}

}  // namespace

bool matches(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

void CallerClock::add(std::uint32_t caller, const ReportEvent& event, std::size_t limit) {
  if (caller == Names::kOthers) return;
  const std::uint64_t base = std::uint64_t{caller} << 32;
  const std::uint64_t hour = base | (event.time_us / kHourUs & 0xffffffff);
  if (hours.size() < limit || hours.count(hour) != 0) {
    ++hours[hour];
  } else {
    ++left_out;
  }
  if (event.verdict != Verdict::denied) return;
  const std::uint64_t slot = base | (event.time_us / kDenialUs & 0xffffffff);
  if (denials.size() >= limit && denials.count(slot) == 0) {
    ++left_out;
    return;
  }
  Cell& cell = denials[slot];
  if (cell.count++ == 0) cell.first_id = event.id;
}

Watch::Watch(Facts& facts, std::vector<std::string> sensitive)
    : facts_(&facts), sensitive_(std::move(sensitive)) {}

void Watch::see(const ReportEvent& event, std::uint32_t caller, std::uint32_t tool,
                PairFacts* pair) {
  see_twice(event, caller);
  see_secrets(event, caller, tool);
  see_flow(event, caller, tool);
  if (caller == Names::kOthers || tool == Names::kOthers || pair == nullptr) return;
  if (event.verdict == Verdict::denied) see_denial(event, caller, tool);
  if (event.verdict == Verdict::allowed) see_allowed(event, caller, tool, *pair);
}

void Watch::see_twice(const ReportEvent& event, std::uint32_t caller) {
  if (event.id.empty() || !ids_.again(text_hash(event.id))) return;
  facts_->of(Rule::twice)
      .add({event.time_us, caller_text(facts_->callers[caller]), std::string(event.method),
            "every id once", std::string(event.id)});
}

void Watch::see_secrets(const ReportEvent& event, std::uint32_t caller, std::uint32_t tool) {
  RuleFindings& rule = facts_->of(Rule::secrets);
  for (const auto& [detector, times] : event.found) {
    if (!is_secret(detector)) continue;
    std::string key = std::to_string(tool) + ' ' + std::string(detector.substr(0, 64));
    const auto known = secret_rows_.find(key);
    if (known != secret_rows_.end()) {
      if (known->second < rule.rows.size()) rule.rows[known->second].count += times;
      continue;
    }
    if (secret_rows_.size() >= kRemembered) return left_out(rule);
    secret_rows_.emplace(std::move(key), rule.total);
    rule.add({event.time_us, caller_text(facts_->callers[caller]),
              tool_text(facts_->tools[tool]) + ": " + std::string(detector), "none expected",
              std::string(event.id), times});
  }
}

void Watch::see_denial(const ReportEvent& event, std::uint32_t caller, std::uint32_t tool) {
  RuleFindings& rule = facts_->of(Rule::retry_storm);
  const std::uint64_t key = pair_key(caller, tool);
  if (past_.size() >= kRemembered && past_.count(key) == 0) return left_out(rule);
  Past& past = past_[key];
  past.denied_under = text_hash(event.snapshot);
  if (event.arguments.digest.empty()) return;
  const std::uint64_t now = event.time_us;
  std::erase_if(past.denials, [now](const Denial& d) { return d.time_us + kStormUs < now; });
  if (past.denials.size() == kPast) past.denials.erase(past.denials.begin());
  past.denials.push_back({now, text_hash(event.arguments.digest)});
  std::vector<std::uint64_t> different;
  for (const Denial& each : past.denials) different.push_back(each.digest);
  std::sort(different.begin(), different.end());
  different.erase(std::unique(different.begin(), different.end()), different.end());
  if (different.size() < kStormArguments) return;
  const bool goes_on = now <= past.storm_until_us;
  past.storm_until_us = now + kStormUs;
  if (goes_on) {
    if (past.storm_row < rule.rows.size()) ++rule.rows[past.storm_row].count;
    return;
  }
  past.storm_row = rule.total;
  rule.add({past.denials.front().time_us, caller_text(facts_->callers[caller]),
            tool_text(facts_->tools[tool]), "fewer than 5 different arguments in 60 s",
            std::string(event.id), past.denials.size()});
}

void Watch::see_allowed(const ReportEvent& event, std::uint32_t caller, std::uint32_t tool,
                        const PairFacts& pair) {
  // The pair counts this event already.
  if (pair.ran != 1 || pair.denied == 0) return;
  const auto past = past_.find(pair_key(caller, tool));
  if (past == past_.end() || past->second.denied_under == text_hash(event.snapshot)) return;
  facts_->of(Rule::newly_allowed)
      .add({event.time_us, caller_text(facts_->callers[caller]), tool_text(facts_->tools[tool]),
            std::to_string(pair.denied) + " denied before, none allowed", std::string(event.id)});
}

bool Watch::is_sensitive(const ReportEvent& event) const {
  for (const auto& [detector, times] : event.found) {
    if (is_secret(detector)) return true;
  }
  return std::any_of(sensitive_.begin(), sensitive_.end(), [&event](const std::string& pattern) {
    return !event.target.empty() && matches(pattern, event.target);
  });
}

void Watch::see_flow(const ReportEvent& event, std::uint32_t caller, std::uint32_t tool) {
  if (event.verdict == Verdict::denied || event.verdict == Verdict::pending) return;
  const std::string session(event.session.empty() ? event.trace_id : event.session);
  if (session.empty()) return;
  RuleFindings& rule = facts_->of(Rule::exfiltration);
  const auto read = reads_.find(session);
  const bool goes_out = event.open_world && event.tool != audit::ToolClass::read_only;
  if (goes_out && read != reads_.end() && !read->second.told &&
      event.time_us >= read->second.time_us && event.time_us - read->second.time_us <= kFlowUs) {
    read->second.told = true;
    rule.add({event.time_us, caller_text(facts_->callers[caller]),
              read->second.tool + ", then " + tool_text(facts_->tools[tool]),
              "the read: " + read->second.id, std::string(event.id)});
  }
  if (!is_sensitive(event)) return;
  if (reads_.size() >= kRemembered && read == reads_.end()) return left_out(rule);
  reads_[session] = {event.time_us, tool_text(facts_->tools[tool]), std::string(event.id), false};
}

void Watch::finish() {
  if (!ids_.full()) return;
  facts_->of(Rule::twice).limits =
      "Only the first " + std::to_string(ids_.size()) + " ids were compared.";
}

}  // namespace mcpgov::cli
