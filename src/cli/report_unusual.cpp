// The rules that need everything before they can say what is unusual.
// Tested by tests/cli/report_rules_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "cli/report_watch.hpp"

namespace mcpgov::cli {

namespace {

using ByCaller = std::unordered_map<std::uint32_t, std::vector<std::pair<std::uint64_t, double>>>;

// Of many findings the ones of most events, and of these the earliest.
class Largest {
 public:
  explicit Largest(RuleFindings& rule) : rule_(&rule) {}
  Largest(const Largest&) = delete;
  Largest& operator=(const Largest&) = delete;
  ~Largest() {
    const auto more = [](const Finding& a, const Finding& b) {
      return std::tuple(b.count, a.time_us, a.who, a.what) <
             std::tuple(a.count, b.time_us, b.who, b.what);
    };
    std::sort(found_.begin(), found_.end(), more);
    for (Finding& each : found_) rule_->add(std::move(each));
  }
  void add(Finding finding) { found_.push_back(std::move(finding)); }

 private:
  RuleFindings* rule_;
  std::vector<Finding> found_;
};

std::string rounded(double value) {
  const double tenth = std::round(value * 10) / 10;
  std::string out = std::to_string(tenth);
  return out.substr(0, out.find('.') + 2);
}

// Cells of one caller in the order of time.
template <typename Cells, typename Count>
ByCaller by_caller(const Cells& cells, Count count) {
  ByCaller out;
  for (const auto& [key, cell] : cells) {
    out[static_cast<std::uint32_t>(key >> 32)].emplace_back(key & 0xffffffff, count(cell));
  }
  for (auto& [caller, series] : out) std::sort(series.begin(), series.end());
  return out;
}

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

void find_first_seen(Facts& facts) {
  Largest found(facts.of(Rule::first_seen));
  for (const auto& [key, pair] : facts.pairs) {
    const CallerFacts& caller = facts.callers[key >> 32];
    const ToolFacts& tool = facts.tools[key & 0xffffffff];
    if (key >> 32 == Names::kOthers || (key & 0xffffffff) == Names::kOthers) continue;
    if (pair.first_us <= facts.learned_until_us || caller.use.first_us > facts.learned_until_us) {
      continue;
    }
    found.add({pair.first_us, caller_text(caller), tool_text(tool),
               "never in the time of learning; since then " + std::to_string(pair.ran) + " ran, " +
                   std::to_string(pair.denied) + " denied",
               pair.first_id, pair.ran + pair.denied});
  }
  if (facts.pairs_left_out != 0) {
    facts.of(Rule::first_seen).limits =
        std::to_string(facts.pairs_left_out) + " events of further pairs were not looked at.";
  }
}

// Denials of a caller in the same hour of the day, of the 14 days before, per 10 minutes.
double usual_denials(const std::vector<std::pair<std::uint64_t, double>>& series, std::uint64_t at,
                     std::uint64_t first) {
  constexpr std::uint64_t kPerDay = kDayUs / kDenialUs, kPerHour = kHourUs / kDenialUs;
  const std::uint64_t hour = at - at % kPerHour;
  double sum = 0;
  std::uint64_t days = 0;
  for (std::uint64_t back = 1; back <= 14 && hour >= first + back * kPerDay; ++back, ++days) {
    const std::uint64_t start = hour - back * kPerDay;
    auto each = std::lower_bound(series.begin(), series.end(), std::pair{start, 0.0});
    for (; each != series.end() && each->first < start + kPerHour; ++each) sum += each->second;
  }
  return days == 0 ? 0 : sum / static_cast<double>(days) / 6;
}

void find_deny_bursts(Facts& facts, const CallerClock& clock) {
  Largest found(facts.of(Rule::deny_burst));
  const ByCaller callers = by_caller(
      clock.denials, [](const CallerClock::Cell& c) { return static_cast<double>(c.count); });
  const std::uint64_t first = facts.all.first_us / kDenialUs;
  for (const auto& [caller, series] : callers) {
    std::uint64_t told_until = 0;
    for (std::size_t i = 0; i < series.size(); ++i) {
      const auto [slot, count] = series[i];
      const bool two = i + 1 < series.size() && series[i + 1].first == slot + 1;
      const double window = count + (two ? series[i + 1].second : 0);
      const double usual = usual_denials(series, slot, first);
      if (slot < told_until || window <= std::max(10.0, usual + 4 * std::sqrt(usual))) continue;
      told_until = slot + 2;
      const auto& cell = clock.denials.at(std::uint64_t{caller} << 32 | slot);
      found.add({slot * kDenialUs, caller_text(facts.callers[caller]), "in 10 min",
                 "mean of the hour: " + rounded(usual) + " in 10 min", cell.first_id,
                 static_cast<std::uint64_t>(window)});
    }
  }
}

void find_volume(Facts& facts, const CallerClock& clock) {
  Largest found(facts.of(Rule::volume));
  for (const auto& [caller, series] :
       by_caller(clock.hours, [](std::uint32_t count) { return static_cast<double>(count); })) {
    if (series.size() < 12) continue;
    std::vector<double> values;
    for (const auto& [hour, count] : series) values.push_back(count);
    const double middle = median(values);
    for (double& value : values) value = std::abs(value - middle);
    const double spread = std::max({1.4826 * median(values), std::sqrt(middle), 1.0});
    for (const auto& [hour, count] : series) {
      if (count <= 30 || count <= middle + 6 * spread) continue;
      found.add({hour * kHourUs,
                 caller_text(facts.callers[caller]),
                 "in one hour",
                 "median " + rounded(middle) + ", spread " + rounded(spread) + ", of " +
                     std::to_string(series.size()) + " hours",
                 {},
                 static_cast<std::uint64_t>(count)});
    }
  }
}

void find_off_hours(Facts& facts, const CallerClock& clock) {
  Largest found(facts.of(Rule::off_hours));
  const std::uint64_t learned = facts.learned_until_us / kHourUs;
  for (const auto& [caller, series] :
       by_caller(clock.hours, [](std::uint32_t count) { return static_cast<double>(count); })) {
    std::array<double, 24> usual = {};
    double total = 0;
    std::uint64_t days = 0, day = 0;
    for (const auto& [hour, count] : series) {
      if (hour > learned) break;
      usual[hour % 24] += count;
      total += count;
      if (days == 0 || hour / 24 != day) ++days;
      day = hour / 24;
    }
    if (total < 50 || days < 3) continue;
    for (const auto& [hour, count] : series) {
      if (hour <= learned) continue;
      if (usual[hour % 24] + usual[(hour + 1) % 24] + usual[(hour + 23) % 24] > 0) continue;
      found.add({hour * kHourUs,
                 caller_text(facts.callers[caller]),
                 "at " + std::to_string(hour % 24) + ":00 UTC",
                 "none of " + std::to_string(static_cast<std::uint64_t>(total)) + " messages on " +
                     std::to_string(days) + " days",
                 {},
                 static_cast<std::uint64_t>(count)});
    }
  }
}

void find_large_replies(Facts& facts) {
  Largest found(facts.of(Rule::large_reply));
  for (const ToolFacts& tool : facts.tools) {
    if (tool.reply_bytes.total() < 200) continue;
    const std::uint64_t usual = tool.reply_bytes.quantile(0.99);
    if (tool.largest_reply.bytes <= 8 * std::max<std::uint64_t>(usual, 1)) continue;
    const LargestReply& reply = tool.largest_reply;
    found.add({reply.time_us, caller_text(facts.callers[reply.caller]), tool_text(tool),
               "99 % of its replies have at most " + std::to_string(usual) + " bytes", reply.id,
               reply.bytes});
  }
}

void find_changed_tools(Facts& facts) {
  const std::uint64_t learned = facts.learned_until_us;
  Largest found(facts.of(Rule::changed_tool));
  for (const ServerFacts& server : facts.servers) {
    std::string before;
    for (const auto& [items, list] : server.lists) {
      if (list.first_us <= learned) before += (before.empty() ? "" : ", ") + std::to_string(items);
    }
    for (const auto& [items, list] : server.lists) {
      if (before.empty() || list.first_us <= learned) continue;
      found.add({list.first_us, server.name, "a list of " + std::to_string(items) + " tools",
                 "lists of " + before, list.first_id, list.count});
    }
  }
  for (std::size_t i = 1; i < facts.tools.size(); ++i) {
    const ToolFacts& tool = facts.tools[i];
    const auto server =
        std::find_if(facts.servers.begin() + 1, facts.servers.end(),
                     [&tool](const ServerFacts& each) { return each.name == tool.server; });
    if (tool.use.first_us <= learned || server == facts.servers.end() ||
        server->use.first_us > learned) {
      continue;
    }
    found.add({tool.use.first_us,
               tool.server,
               "first call of " + tool.name,
               "never in the time of learning",
               {},
               tool.use.calls});
  }
}

}  // namespace

void find_unusual(Facts& facts, const CallerClock& clock) {
  const std::uint64_t range = facts.all.last_us - facts.all.first_us;
  facts.learned_until_us = facts.all.first_us + std::min(7 * kDayUs, range / 2);
  find_first_seen(facts);
  find_deny_bursts(facts, clock);
  find_volume(facts, clock);
  find_off_hours(facts, clock);
  find_large_replies(facts);
  find_changed_tools(facts);
  if (clock.left_out != 0) {
    for (const Rule rule : {Rule::deny_burst, Rule::volume, Rule::off_hours}) {
      facts.of(rule).limits = std::to_string(clock.left_out) +
                              " messages beyond the limit of caller-hours were not counted.";
    }
  }
}

}  // namespace mcpgov::cli
