// The facts of the report for programs.
// Tested by tests/cli/report_page_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/report_page.hpp"
#include "cli/report_plots.hpp"

namespace mcpgov::cli {

namespace {

constexpr std::size_t kRows = 100;
constexpr std::size_t kText = 80;

// Bounded, so that long texts of callers cannot make the page large.
Json words(std::string_view text) {
  return shortened(text, kText);
}

Json to_json(const Use& use) {
  return {{"messages", use.calls},
          {"allowed", use.allowed},
          {"observed", use.observed},
          {"denied", use.denied},
          {"pending", use.pending},
          {"failed", use.failed},
          {"unknown", use.unknown},
          {"destructive", use.destructive},
          {"writes", use.writes},
          {"open_world", use.open_world},
          {"bytes_sent", use.bytes_in},
          {"bytes_received", use.bytes_out},
          {"tokens_sent", use.tokens_in},
          {"tokens_received", use.tokens_out},
          {"first", time_text(use.first_us)},
          {"last", time_text(use.last_us)}};
}

Json to_json(const std::map<std::string, NamedCount>& table) {
  Json out = Json::array();
  std::vector<std::pair<std::string, NamedCount>> rows(table.begin(), table.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
  if (rows.size() > kRows) rows.resize(kRows);
  for (const auto& [name, count] : rows) {
    out.push_back({{"name", words(name)}, {"messages", count.count}});
  }
  return out;
}

Json callers_json(const Facts& facts) {
  Json out = Json::array();
  for (const std::uint32_t i : by_use(facts.callers, kRows)) {
    const CallerFacts& caller = facts.callers[i];
    Json row = {{"kind", words(caller.kind)},
                {"issuer", words(caller.issuer)},
                {"subject", words(caller.subject)},
                {"sessions", caller.sessions.count()},
                {"targets", caller.targets.count()}};
    row.update(to_json(caller.use));
    out.push_back(std::move(row));
  }
  return out;
}

Json tools_json(const Facts& facts) {
  Json out = Json::array();
  for (const std::uint32_t i : by_use(facts.tools, kRows)) {
    const ToolFacts& tool = facts.tools[i];
    Json row = {{"server", words(tool.server)},
                {"name", words(tool.name)},
                {"class", audit::class_name(tool.tool_class)},
                {"open_world", tool.open_world},
                {"callers", tool.callers.count()},
                {"latency_p50_ns", tool.latency_ns.quantile(0.5)},
                {"latency_p99_ns", tool.latency_ns.quantile(0.99)}};
    row.update(to_json(tool.use));
    out.push_back(std::move(row));
  }
  return out;
}

Json findings_json(const Facts& facts, const Proofs& proofs) {
  static constexpr const char* kSeverities[] = {"note", "warning", "serious"};
  Json out = Json::array();
  for (std::size_t i = 0; i < kRules; ++i) {
    const RuleText& text = rule_text(static_cast<Rule>(i));
    Json rows = Json::array();
    for (const Finding& row : facts.findings[i].rows) {
      rows.push_back({{"time", time_text(row.time_us)},
                      {"who", words(row.who)},
                      {"what", words(row.what)},
                      {"number", row.count},
                      {"baseline", words(row.baseline)},
                      {"event", words(row.event_id)}});
      const auto place = proofs.places.find(row.event_id);
      if (place == proofs.places.end()) continue;
      rows.back().update({{"log", words(place->second.log)},
                          {"seq", place->second.seq},
                          {"leaf", place->second.leaf},
                          {"checkpoint", place->second.checkpoint}});
    }
    out.push_back({{"rule", text.title},
                   {"severity", kSeverities[static_cast<std::size_t>(text.severity)]},
                   {"asks", text.asks},
                   {"total", facts.findings[i].total},
                   {"rows", std::move(rows)}});
  }
  return out;
}

Json logs_json(const Evidence& evidence) {
  static constexpr const char* kProven[] = {"unchecked", "yes", "no"};
  Json out = Json::array();
  for (const LogEvidence& log : evidence.logs) {
    if (out.size() == kRows) break;
    out.push_back({{"name", words(log.name)},
                   {"first_seq", log.first_seq},
                   {"last_seq", log.last_seq},
                   {"events", log.events},
                   {"gaps", log.gaps},
                   {"lost", log.lost},
                   {"checkpoints", log.checkpoints},
                   {"last_checkpoint",
                    {{"size", log.last_checkpoint.size},
                     {"root", log.last_checkpoint.root},
                     {"key", log.last_checkpoint.key}}},
                   {"root", log.root},
                   {"proven", kProven[static_cast<std::size_t>(log.proven)]},
                   {"verdict", words(log.verdict)},
                   {"damage", words(log.damage)}});
  }
  return out;
}

Json timeline_json(const Facts& facts) {
  const Timeline timeline = timeline_of(facts.hours);
  Json out = Json::array();
  for (std::size_t i = 0; i < timeline.bars.size(); ++i) {
    const auto& verdicts = timeline.bars[i].verdicts;
    const std::uint64_t hour = timeline.start_hour + i * timeline.step_hours;
    out.push_back({{"time", time_text(hour * kHourUs)},
                   {"allowed", verdicts[0]},
                   {"observed", verdicts[1]},
                   {"denied", verdicts[2]},
                   {"pending", verdicts[3]}});
  }
  return {{"step_hours", timeline.step_hours}, {"bars", std::move(out)}};
}

}  // namespace

std::string facts_json(const Facts& facts, const Evidence& evidence, const Proofs& proofs) {
  Json out = {{"v", 1},
              {"made", time_text(evidence.made_us)},
              {"mcpgov", evidence.version},
              {"source", words(evidence.source)},
              {"logs", logs_json(evidence)},
              {"messages", to_json(facts.all)},
              {"callers_total", facts.callers.size() - 1},
              {"callers", callers_json(facts)},
              {"tools_total", facts.tools.size() - 1},
              {"tools", tools_json(facts)},
              {"servers_total", facts.servers.size() - 1},
              {"sessions_total", facts.session_names.count()},
              {"reasons", to_json(facts.reasons)},
              {"policies", to_json(facts.policies)},
              {"methods", to_json(facts.methods)},
              {"outcomes", to_json(facts.outcomes)},
              {"snapshots", to_json(facts.snapshots)},
              {"timeline", timeline_json(facts)},
              {"findings", findings_json(facts, proofs)}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace mcpgov::cli
