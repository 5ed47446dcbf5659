// The report's questions 1, what is running, and 2, who has access to what.
// Tested by tests/cli/report_page_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/report_page.hpp"
#include "cli/report_plots.hpp"

namespace mcpgov::cli {

namespace {

constexpr std::size_t kServers = 60, kTools = 120, kAgents = 60, kClients = 40;
constexpr std::size_t kMapCallers = 30, kMapTools = 24, kUnused = 120;

std::string joined(const std::set<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out.empty() ? "–" : out;
}

std::string about(std::uint64_t count, bool exact) {
  return (exact ? "" : "about ") + count_text(count);
}

void distinct(Table& table, const Distinct& things) {
  table.number(things.count(), about(things.count(), things.exact()));
}

void quantile(Table& table, const Sizes& nanos, double share) {
  const std::uint64_t value = nanos.quantile(share);
  table.number(value, nanos.total() == 0 ? "–" : duration_text(value));
}

void write_servers(Html& html, const Facts& facts, const Access* access) {
  const auto rows = by_use(facts.servers, kServers);
  Table table(html, "Servers",
              {{"Server"},
               {"Configured"},
               {"Messages", true},
               {"Denied", true},
               {"Callers", true},
               {"Tools called", true},
               {"Transport"},
               {"Protocol"},
               {"Last seen (UTC)"}},
              showing(rows.size(), facts.servers.size() - 1, "by messages"));
  for (const std::uint32_t i : rows) {
    const ServerFacts& server = facts.servers[i];
    const bool shadow =
        access != nullptr && server.tenant.empty() && !access->knows_server(server.name);
    table.row(shadow ? "shadow" : nullptr);
    table.name(server.name, server.tenant.empty() ? "" : "tenant " + server.tenant);
    table.text(access == nullptr        ? "not asked"
               : !server.tenant.empty() ? "by a tenant"
               : shadow                 ? "no"
                                        : "yes");
    table.count(server.use.calls).count(server.use.denied);
    distinct(table, server.callers);
    distinct(table, server.tools);
    table.text(joined(server.transports)).text(joined(server.protocols));
    table.time(server.use.last_us);
  }
}

void write_tools(Html& html, const Facts& facts, const Access* access) {
  const auto rows = by_use(facts.tools, kTools);
  std::uint64_t largest = 1;
  for (const std::uint32_t i : rows) largest = std::max(largest, facts.tools[i].use.calls);
  Table table(html, "Tools that were called",
              {{"Tool"},
               {"Class"},
               {"Calls", true},
               {""},
               {"Denied", true},
               {"Failed", true},
               {"Callers", true},
               {"Median", true},
               {"99 %", true},
               {"Replies", true},
               {"First seen (UTC)"}},
              showing(rows.size(), facts.tools.size() - 1, "by calls"));
  for (const std::uint32_t i : rows) {
    const ToolFacts& tool = facts.tools[i];
    const bool shadow = access != nullptr && (!access->knows_server(tool.server) ||
                                              !access->knows_tool(tool.server, tool.name));
    table.row(shadow ? "shadow" : nullptr).name(tool.name, tool.server);
    std::string words(audit::class_name(tool.tool_class));
    if (tool.tool_class == audit::ToolClass::none) words = "unclassified";
    std::replace(words.begin(), words.end(), '_', ' ');
    table.markup("<span class=\"tag " + std::string(audit::class_name(tool.tool_class)) + "\">" +
                 words + "</span>" +
                 (tool.open_world ? " <span class=\"tag open\">open world</span>" : "") +
                 (shadow ? " <span class=\"tag bad\">not in the configuration</span>" : ""));
    table.count(tool.use.calls).markup(use_bar_svg(tool.use, largest));
    table.count(tool.use.denied).count(tool.use.failed);
    distinct(table, tool.callers);
    quantile(table, tool.latency_ns, 0.5);
    quantile(table, tool.latency_ns, 0.99);
    table.number(tool.use.bytes_out, bytes_text(tool.use.bytes_out));
    table.time(tool.use.first_us);
  }
}

void write_agents(Html& html, const Facts& facts) {
  const auto rows = by_use(facts.agents, kAgents);
  if (!rows.empty()) {
    Table table(html, "Agents and verified clients, who act for callers",
                {{"Agent"},
                 {"Messages", true},
                 {"Denied", true},
                 {"Callers", true},
                 {"First seen (UTC)"},
                 {"Last seen (UTC)"}},
                showing(rows.size(), facts.agents.size() - 1, "by messages"));
    for (const std::uint32_t i : rows) {
      const AgentFacts& agent = facts.agents[i];
      table.row().name(agent.name, agent.issuer).count(agent.use.calls).count(agent.use.denied);
      distinct(table, agent.callers);
      table.time(agent.use.first_us).time(agent.use.last_us);
    }
  }
  if (facts.clients.empty()) return;
  std::vector<std::pair<std::string, NamedCount>> clients(facts.clients.begin(),
                                                          facts.clients.end());
  std::stable_sort(clients.begin(), clients.end(),
                   [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
  const std::size_t shown = std::min(kClients, clients.size());
  Table table(html, "What clients call themselves (a claim, not verified)",
              {{"Client"}, {"Messages", true}, {"First seen (UTC)"}, {"Last seen (UTC)"}},
              showing(shown, clients.size(), "by messages"));
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& [name, count] = clients[i];
    table.row().name(name).count(count.count);
    table.time(count.first_us).time(count.last_us);
  }
}

// A cell of the map: used, denied, granted.
void write_cell(Html& html, const PairFacts* pair, const Say* say) {
  static const PairFacts kNever;
  const PairFacts& used = pair == nullptr ? kNever : *pair;
  int heat = 0;
  for (std::uint64_t calls = used.ran; calls != 0 && heat < 6; calls /= 6) ++heat;
  html.raw("<td class=\"h" + std::to_string(heat));
  if (used.denied != 0) html.raw(" refused");
  if (say != nullptr) {
    html.raw(*say == Say::allowed ? " granted" : *say == Say::depends ? " depends" : " none");
  }
  html.raw("\" data-v=\"" + std::to_string(used.ran + used.denied) + "\">");
  if (used.ran != 0) html.raw(count_text(used.ran));
  if (used.denied != 0) html.raw("<b>✕" + count_text(used.denied) + "</b>");
  if (used.ran + used.denied == 0 && say != nullptr && *say != Say::denied) {
    html.raw(*say == Say::allowed ? "<i title=\"granted, not used\">○</i>"
                                  : "<i title=\"granted under conditions, not used\">◌</i>");
  }
  html.raw("</td>");
}

const Say* granted(const Access* access, const ToolFacts& tool, std::uint32_t caller) {
  if (access == nullptr) return nullptr;
  const auto row = access->granted.find({tool.server, tool.name});
  const auto column = std::find(access->callers.begin(), access->callers.end(), caller);
  if (row == access->granted.end() || column == access->callers.end()) return nullptr;
  const auto at = static_cast<std::size_t>(column - access->callers.begin());
  return at < row->second.size() ? &row->second[at] : nullptr;
}

void write_map(Html& html, const Facts& facts, const Access* access) {
  const auto callers = by_use(facts.callers, kMapCallers);
  const auto tools = by_use(facts.tools, kMapTools);
  if (tools.empty()) {
    html.raw("<p class=\"none\">No tool was called.</p>");
    return;
  }
  html.raw(
      "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Callers and tools\">"
      "<table class=\"map\"><caption>Calls by caller and tool");
  const std::string cut = showing(callers.size(), facts.callers.size() - 1, "callers by messages");
  const std::string more = showing(tools.size(), facts.tools.size() - 1, "tools by calls");
  html.raw(" <small>").text(cut + (cut.empty() || more.empty() ? "" : " ") + more);
  html.raw("</small></caption><thead><tr><th scope=\"col\">Caller</th>");
  for (const std::uint32_t i : tools) {
    html.raw("<th scope=\"col\"><span title=\"").text(tool_text(facts.tools[i])).raw("\">");
    html.text(shortened(facts.tools[i].name, 24)).raw("</span></th>");
  }
  html.raw("</tr></thead><tbody>\n");
  for (const std::uint32_t caller : callers) {
    html.raw("<tr><th scope=\"row\">").text(shortened(caller_text(facts.callers[caller]), 40));
    html.raw("</th>");
    for (const std::uint32_t tool : tools) {
      const auto pair = facts.pairs.find(std::uint64_t{caller} << 32 | tool);
      write_cell(html, pair == facts.pairs.end() ? nullptr : &pair->second,
                 granted(access, facts.tools[tool], caller));
    }
    html.raw("</tr>\n");
  }
  html.raw(
      "</tbody></table></div>\n<p class=\"legend\"><span class=\"box h1\"></span>few calls "
      "<span class=\"box h5\"></span>many calls <b>✕</b> denied");
  if (access != nullptr) {
    html.raw(
        " <i>○</i> granted, never used <i>◌</i> depends on groups, claims or arguments, never "
        "used <span class=\"box none\"></span>not granted");
  }
  html.raw("</p>\n");
}

struct Unused {
  std::uint32_t caller = 0;
  const std::pair<std::string, std::string>* tool = nullptr;
  Say say = Say::denied;
};

void write_unused(Html& html, const Facts& facts, const Access& access) {
  std::set<std::pair<std::uint32_t, std::pair<std::string, std::string>>> used;
  for (const auto& [key, pair] : facts.pairs) {
    const ToolFacts& tool = facts.tools[key & 0xffffffff];
    if (pair.ran != 0)
      used.insert({static_cast<std::uint32_t>(key >> 32), {tool.server, tool.name}});
  }
  std::vector<Unused> rows;
  for (const auto& [tool, says] : access.granted) {
    for (std::size_t i = 0; i < says.size(); ++i) {
      if (says[i] != Say::allowed || used.count({access.callers[i], tool}) != 0) continue;
      rows.push_back({access.callers[i], &tool, says[i]});
    }
  }
  const std::size_t shown = std::min(kUnused, rows.size());
  if (rows.empty()) {
    html.raw(
        "<p class=\"none\">Every caller used everything that is granted to it "
        "unconditionally.</p>");
    return;
  }
  Table table(html, "Granted unconditionally and never used: candidates for least privilege",
              {{"Caller"}, {"Server"}, {"Tool"}},
              showing(shown, rows.size(), "by server and tool"));
  for (std::size_t i = 0; i < shown; ++i) {
    table.row().name(caller_text(facts.callers[rows[i].caller]));
    table.text(rows[i].tool->first).text(rows[i].tool->second);
  }
}

}  // namespace

void write_running(Html& html, const Facts& facts, const Access* access) {
  html.raw("<section id=\"running\"><h2><span>1</span> What is running?</h2>\n");
  if (access != nullptr) {
    std::uint64_t shadows = 0;
    for (std::size_t i = 1; i < facts.servers.size(); ++i) {
      const ServerFacts& server = facts.servers[i];
      if (server.tenant.empty() && !access->knows_server(server.name)) ++shadows;
    }
    html.raw("<p>Compared with <code>").text(access->config).raw("</code>: ");
    html.text(shadows == 0 ? "every server that was seen is configured there."
                           : count_text(shadows) +
                                 " of the servers that were seen are not "
                                 "configured there.");
    html.raw("</p>\n");
  }
  write_servers(html, facts, access);
  write_tools(html, facts, access);
  write_agents(html, facts);
  html.raw("</section>\n");
}

void write_access(Html& html, const Facts& facts, const Access* access) {
  html.raw("<section id=\"access\"><h2><span>2</span> Who has access to what?</h2>\n");
  if (access == nullptr) {
    html.raw(
        "<p>What was used, and what was refused. With <code>--config mcpgov.yaml</code> the "
        "report also shows what the policies grant and nobody uses.</p>\n");
  } else {
    html.raw("<p>Use against what the policies of <code>").text(access->config);
    html.raw(
        "</code> grant today. Groups, roles and claims of callers are not in the log: where "
        "they decide, a grant depends.</p>\n");
  }
  write_map(html, facts, access);
  if (access != nullptr) write_unused(html, facts, *access);
  html.raw("</section>\n");
}

}  // namespace mcpgov::cli
