// The report's questions 3, who did what when, 4, blast radius, and 5, what is unusual.
// Tested by tests/cli/report_page_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/report_page.hpp"
#include "cli/report_plots.hpp"

namespace mcpgov::cli {

namespace {

constexpr std::size_t kCallers = 80, kNames = 40, kSessions = 40, kClocks = 25, kRadius = 40;

using Named = std::pair<std::string, NamedCount>;

void write_names(Html& html, const std::map<std::string, NamedCount>& table,
                 std::string_view caption, const char* title) {
  if (table.empty()) return;
  std::vector<Named> rows(table.begin(), table.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Named& a, const Named& b) { return a.second.count > b.second.count; });
  const std::size_t shown = std::min(kNames, rows.size());
  std::uint64_t largest = rows.front().second.count;
  Table out(html, caption, {{title}, {"Messages", true}, {""}, {"Last (UTC)"}},
            showing(shown, rows.size(), "by messages"));
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& [name, count] = rows[i];
    out.row().name(name).count(count.count);
    out.markup(share_bar_svg(count.count, largest, "allowed"));
    out.time(count.last_us);
  }
}

void write_callers(Html& html, const Facts& facts) {
  const auto rows = by_use(facts.callers, kCallers);
  std::uint64_t largest = 1;
  for (const std::uint32_t i : rows) largest = std::max(largest, facts.callers[i].use.calls);
  Table table(html, "Callers",
              {{"Caller"},
               {"Kind"},
               {"Messages", true},
               {""},
               {"Denied", true},
               {"Failed", true},
               {"Sessions", true},
               {"First (UTC)"},
               {"Last (UTC)"}},
              showing(rows.size(), facts.callers.size() - 1, "by messages"));
  for (const std::uint32_t i : rows) {
    const CallerFacts& caller = facts.callers[i];
    table.row().name(caller_text(caller), caller.issuer).text(caller.kind);
    table.count(caller.use.calls).markup(use_bar_svg(caller.use, largest));
    table.count(caller.use.denied).count(caller.use.failed);
    table.number(caller.sessions.count(),
                 (caller.sessions.exact() ? "" : "about ") + count_text(caller.sessions.count()));
    table.time(caller.use.first_us).time(caller.use.last_us);
  }
}

void write_clock(Html& html, const Facts& facts) {
  const auto rows = by_use(facts.callers, kClocks);
  if (rows.empty()) return;
  html.raw(
      "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Hours\"><table "
      "class=\"map clock\"><caption>Messages by hour of the day (UTC)");
  html.raw(" <small>").text(showing(rows.size(), facts.callers.size() - 1, "by messages"));
  html.raw("</small></caption><thead><tr><th scope=\"col\">Caller</th>");
  for (int hour = 0; hour < 24; ++hour) {
    html.raw("<th scope=\"col\">" + std::to_string(hour) + "</th>");
  }
  html.raw("</tr></thead><tbody>\n");
  for (const std::uint32_t i : rows) {
    const CallerFacts& caller = facts.callers[i];
    const std::uint64_t largest = *std::max_element(caller.by_hour.begin(), caller.by_hour.end());
    html.raw("<tr><th scope=\"row\">").text(shortened(caller_text(caller), 40)).raw("</th>");
    for (const std::uint64_t count : caller.by_hour) {
      const std::uint64_t heat =
          count == 0 ? 0 : 1 + count * 5 / std::max<std::uint64_t>(largest, 1);
      html.raw("<td class=\"h" + std::to_string(std::min<std::uint64_t>(heat, 6)) + "\" data-v=\"" +
               std::to_string(count) + "\">" + (count == 0 ? "" : count_text(count)) + "</td>");
    }
    html.raw("</tr>\n");
  }
  html.raw("</tbody></table></div>\n");
}

using Session = std::pair<const std::string, SessionFacts>;

std::vector<const Session*> top_sessions(const Facts& facts, std::size_t most) {
  std::vector<const Session*> rows;
  for (const Session& each : facts.sessions) rows.push_back(&each);
  const std::size_t shown = std::min(most, rows.size());
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(shown), rows.end(),
                    [](const Session* a, const Session* b) {
                      const std::uint64_t left = a->second.use.calls, right = b->second.use.calls;
                      return left != right ? left > right : a->first < b->first;
                    });
  rows.resize(shown);
  return rows;
}

void write_sessions(Html& html, const Facts& facts) {
  if (facts.sessions.empty()) return;
  const auto rows = top_sessions(facts, kSessions);
  std::string note = showing(rows.size(), facts.session_names.count(), "by messages");
  if (!facts.session_names.exact() && !note.empty()) note.insert(note.find("of ") + 3, "about ");
  Table table(html, "Sessions",
              {{"Session"},
               {"Caller"},
               {"Agent"},
               {"Messages", true},
               {"Denied", true},
               {"Tools", true},
               {"Address"},
               {"First (UTC)"},
               {"Last (UTC)"}},
              note);
  for (const Session* row : rows) {
    const SessionFacts& session = row->second;
    table.row().name(shortened(row->first, 40)).text(caller_text(facts.callers[session.caller]));
    table.text(session.agent.empty() ? "–" : session.agent);
    table.count(session.use.calls).count(session.use.denied).count(session.tools.count());
    table.text(session.second_peer.empty() ? session.peer
                                           : session.peer + ", " + session.second_peer);
    table.time(session.use.first_us).time(session.use.last_us);
  }
}

void radius_row(Table& table, const Use& use, const std::string& reachable,
                const Distinct& targets) {
  table.text(reachable);
  table.number(targets.count(), (targets.exact() ? "" : "about ") + count_text(targets.count()));
  const std::uint64_t ran = use.allowed + use.observed;
  table.count(ran).number(use.destructive, share_text(use.destructive, ran));
  table.markup(harm_bar_svg(use));
  table.number(use.writes, share_text(use.writes, ran));
  table.number(use.open_world, share_text(use.open_world, ran));
  table.number(use.bytes_in, bytes_text(use.bytes_in));
  table.number(use.bytes_out, bytes_text(use.bytes_out));
}

constexpr std::initializer_list<Column> kRadiusColumns = {
    {"Who"}, {"Tools"},       {"Targets", true},    {"Ran", true},  {"Destructive", true},
    {""},    {"Write", true}, {"Open world", true}, {"Sent", true}, {"Received", true}};

std::uint64_t tools_used(const Facts& facts, std::uint32_t caller) {
  return static_cast<std::uint64_t>(std::count_if(
      facts.pairs.begin(), facts.pairs.end(),
      [caller](const auto& pair) { return pair.first >> 32 == caller && pair.second.ran != 0; }));
}

void write_finding_rows(Html& html, const RuleFindings& rule, const std::string& source,
                        const Proofs& proofs) {
  Table table(html, "What was found",
              {{"Time (UTC)"}, {"Who"}, {"What"}, {"Number", true}, {"Compared with"}, {"Event"}},
              showing(rule.rows.size(), rule.total, "in the order of time"));
  for (const Finding& row : rule.rows) {
    table.row().name(time_text(row.time_us)).text(row.who).text(row.what).count(row.count);
    std::string event;
    Html cell(event);
    if (!row.event_id.empty()) {
      cell.raw("<code>").text(shortened(row.event_id, 36)).raw("</code>");
    }
    write_place(cell, proofs, source, row.event_id);
    table.text(row.baseline).markup(event);
  }
}

void write_rule(Html& html, const Facts& facts, std::size_t number, const std::string& source,
                const Proofs& proofs) {
  static constexpr const char* kSeverities[] = {"note", "warning", "serious"};
  const RuleFindings& rule = facts.findings[number];
  const RuleText& text = rule_text(static_cast<Rule>(number));
  const char* severity = kSeverities[static_cast<std::size_t>(text.severity)];
  html.raw("<details class=\"rule ").raw(severity).raw("\" id=\"rule-");
  html.raw(std::to_string(number)).raw("\" open><summary><h3>");
  html.text(text.title).raw("</h3> <span class=\"tag ").raw(severity).raw("\">").raw(severity);
  html.raw("</span> <span class=\"number\">").raw(count_text(rule.total)).raw("</span></summary>");
  html.raw("<p>").text(text.asks).raw("</p>");
  if (!rule.limits.empty()) html.raw("<p class=\"limits\">").text(rule.limits).raw("</p>");
  write_finding_rows(html, rule, source, proofs);
  html.raw("</details>\n");
}

}  // namespace

void write_activity(Html& html, const Facts& facts) {
  html.raw("<section id=\"activity\"><h2><span>3</span> Who did what, and when?</h2>\n");
  const Timeline timeline = timeline_of(facts.hours);
  html.raw("<h3>Messages by time, in steps of ").raw(std::to_string(timeline.step_hours));
  html.raw(" h (UTC)</h3>\n").raw(timeline_svg(timeline));
  html.raw(
      "<p class=\"legend\"><span class=\"box allowed\"></span>allowed <span class=\"box "
      "observed\"></span>would be denied (observed) <span class=\"box pending\"></span>waits "
      "for a step <span class=\"box denied\"></span>denied</p>\n");
  write_callers(html, facts);
  write_clock(html, facts);
  write_sessions(html, facts);
  html.raw("<div class=\"pair\">");
  write_names(html, facts.reasons, "Why messages were denied, observed or had to wait", "Reason");
  write_names(html, facts.policies, "Policies that decided", "Policy");
  write_names(html, facts.methods, "Methods", "Method");
  write_names(html, facts.outcomes, "How messages ended", "Outcome");
  write_names(html, facts.approvers, "Who approved", "Approver");
  html.raw("</div>\n<div class=\"pair\"><div><h3>How long tools took</h3>");
  html.raw(latency_svg(facts.latency_ns, "Calls of tools by time"));
  html.raw("<p>Half within ").text(duration_text(facts.latency_ns.quantile(0.5)));
  html.raw(", 99 % within ").text(duration_text(facts.latency_ns.quantile(0.99)));
  html.raw(".</p></div>\n<div><h3>How long decisions took</h3>");
  html.raw(latency_svg(facts.decided_ns, "Decisions by time"));
  html.raw("<p>Half within ").text(duration_text(facts.decided_ns.quantile(0.5)));
  html.raw(", 99 % within ").text(duration_text(facts.decided_ns.quantile(0.99)));
  html.raw(".</p></div></div>\n</section>\n");
}

void write_blast_radius(Html& html, const Facts& facts, const Access* access) {
  html.raw(
      "<section id=\"radius\"><h2><span>4</span> What could a compromised caller or server "
      "reach?</h2>\n<p>What each has done is the least that it can do");
  html.raw(access == nullptr ? "; with <code>--config</code> the policies say the most.</p>\n"
                             : "; the policies say the most.</p>\n");
  html.raw(
      "<p class=\"legend\">Of what ran: <span class=\"box denied\"></span>destructive <span "
      "class=\"box observed\"></span>writing</p>\n");
  {
    const auto rows = by_use(facts.callers, kRadius);
    Table table(html, "If this caller were compromised", kRadiusColumns,
                showing(rows.size(), facts.callers.size() - 1, "by messages"));
    for (const std::uint32_t i : rows) {
      const CallerFacts& caller = facts.callers[i];
      std::string tools = count_text(tools_used(facts, i)) + " used";
      if (access != nullptr) tools += ", " + count_text(access->reach(i)) + " reachable";
      table.row().name(caller_text(caller), caller.issuer);
      radius_row(table, caller.use, tools, caller.targets);
    }
  }
  if (!facts.sessions.empty()) {
    const auto rows = top_sessions(facts, kRadius / 2);
    Table table(html, "If this session were taken over", kRadiusColumns,
                showing(rows.size(), facts.session_names.count(), "by messages"));
    for (const Session* row : rows) {
      table.row().name(shortened(row->first, 40), caller_text(facts.callers[row->second.caller]));
      radius_row(table, row->second.use, count_text(row->second.tools.count()) + " used",
                 row->second.targets);
    }
  }
  const auto rows = by_use(facts.servers, kRadius);
  Table table(html, "If this server were compromised: what its callers sent it and got from it",
              kRadiusColumns, showing(rows.size(), facts.servers.size() - 1, "by messages"));
  for (const std::uint32_t i : rows) {
    const ServerFacts& server = facts.servers[i];
    table.row().name(server.name, count_text(server.callers.count()) + " callers");
    radius_row(table, server.use, count_text(server.tools.count()) + " used", server.targets);
  }
  html.raw("</section>\n");
}

void write_glance(Html& html, const Facts& facts) {
  std::string rows;
  Html list(rows);
  for (const Severity severity : {Severity::serious, Severity::warning}) {
    for (std::size_t i = 0; i < kRules; ++i) {
      const RuleFindings& rule = facts.findings[i];
      const RuleText& text = rule_text(static_cast<Rule>(i));
      if (text.severity != severity || rule.total == 0) continue;
      const bool serious = severity == Severity::serious;
      list.raw("<li><span class=\"tag ").raw(serious ? "serious\">serious" : "warning\">warning");
      list.raw("</span> <a href=\"#rule-").raw(std::to_string(i)).raw("\">").text(text.title);
      list.raw("</a>: ").text(shortened(rule.rows.front().who, 60)).raw(", ");
      list.text(shortened(rule.rows.front().what, 120)).raw(" <small>");
      list.text(time_text(rule.rows.front().time_us));
      if (rule.total > 1) list.text(", and " + count_text(rule.total - 1) + " more");
      list.raw("</small></li>\n");
    }
  }
  html.raw("<section id=\"glance\"><h2>What needs attention</h2>\n");
  if (rows.empty()) {
    html.raw("<p class=\"none\">No rule found anything serious, nor a warning.</p>");
  } else {
    html.raw("<ul class=\"glance\">\n").raw(rows).raw("</ul>");
  }
  html.raw("</section>\n");
}

void write_unusual(Html& html, const Facts& facts, const std::string& source,
                   const Proofs& proofs) {
  html.raw("<section id=\"unusual\"><h2><span>5</span> What is unusual?</h2>\n");
  html.raw("<p>Rules that can be checked by hand, no model. The time of learning ends ");
  html.text(time_text(facts.learned_until_us))
      .raw(
          " UTC: after 7 days, or half of the range. "
          "<code>mcpgov audit query --id</code> shows an event, <code>mcpgov audit prove</code> "
          "proves it to somebody who has not the log.</p>\n");
  std::string quiet;
  for (const Severity severity : {Severity::serious, Severity::warning, Severity::note}) {
    for (std::size_t i = 0; i < kRules; ++i) {
      const RuleText& text = rule_text(static_cast<Rule>(i));
      if (text.severity != severity) continue;
      if (facts.findings[i].total != 0) {
        write_rule(html, facts, i, source, proofs);
      } else {
        quiet += "<dt>" + escape_html(text.title) + "</dt><dd>" + escape_html(text.asks) +
                 (facts.findings[i].limits.empty() ? "" : " ") +
                 escape_html(facts.findings[i].limits) + "</dd>";
      }
    }
  }
  if (!quiet.empty()) {
    html.raw("<details class=\"quiet\"><summary><h3>Rules that found nothing</h3></summary><dl>");
    html.raw(quiet).raw("</dl></details>\n");
  }
  html.raw("</section>\n");
}

}  // namespace mcpgov::cli
