// The report's part that leads from findings to proofs: what their sessions did, as a graph, and
// where each event stands.
// Tested by tests/cli/report_page_test.cpp and tests/report/report_browser_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli/report_page.hpp"

namespace mcpgov::cli {

namespace {

constexpr std::size_t kNodes = 12;  // of a column; what is beyond shares the last one
constexpr int kWidth = 1000, kBox = 250, kHigh = 34, kStep = 46, kTop = 30;
constexpr int kColumn[] = {0, 375, 750};

struct Edge {
  std::uint64_t ran = 0, denied = 0;
};

struct Node {
  std::string name;
  std::uint64_t calls = 0;
  bool destructive = false;
};

// Agent → server → tool, each name once.
class Graph {
 public:
  explicit Graph(const SessionTrace& trace) {
    for (const TraceCall& call : trace.calls) {
      const bool denied = call.verdict == Verdict::denied || call.verdict == Verdict::pending;
      const std::size_t agent = node(0, call.agent.empty() ? "the caller itself" : call.agent);
      const std::size_t server = node(1, call.server.empty() ? "(no server)" : call.server);
      const std::size_t tool = node(2, call.target.empty() ? "(nothing named)" : call.target);
      if (call.tool == audit::ToolClass::destructive) nodes_[2][tool].destructive = true;
      add(edges_[0][{agent, server}], denied);
      add(edges_[1][{server, tool}], denied);
    }
  }

  std::string svg(const std::string& about) const {
    std::size_t rows = 1;
    for (const auto& column : nodes_) rows = std::max(rows, column.size());
    rows_ = rows;
    const int height = kTop + static_cast<int>(rows) * kStep;
    std::string out =
        "<div class=\"plot\" tabindex=\"0\" role=\"group\" aria-label=\"graph\"><svg "
        "class=\"trace\" "
        "viewBox=\"0 0 " +
        std::to_string(kWidth) + ' ' + std::to_string(height) + "\" role=\"img\" aria-label=\"" +
        escape_html(about) + "\">";
    static constexpr const char* kHeads[] = {"Agent", "Server", "Tool"};
    for (std::size_t i = 0; i < 3; ++i) text(out, kColumn[i], 16, "start", kHeads[i]);
    for (std::size_t i = 0; i < 2; ++i) {
      for (const auto& [ends, edge] : edges_[i]) line(out, i, ends, edge);
    }
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t at = 0; at < nodes_[i].size(); ++at) box(out, i, at);
    }
    return out + "</svg></div>\n";
  }

 private:
  static void add(Edge& edge, bool denied) { ++(denied ? edge.denied : edge.ran); }

  std::size_t node(std::size_t column, const std::string& name) {
    std::vector<Node>& nodes = nodes_[column];
    auto at = std::find_if(nodes.begin(), nodes.end(),
                           [&](const Node& each) { return each.name == name; });
    if (at == nodes.end() && nodes.size() < kNodes) at = nodes.insert(at, {name, 0, false});
    if (at == nodes.end()) {
      --at;
      at->name = "others";
    }
    ++at->calls;
    return static_cast<std::size_t>(at - nodes.begin());
  }

  // Columns of few boxes stand in the middle.
  int top(std::size_t column, std::size_t at) const {
    const int room = static_cast<int>(rows_ - nodes_[column].size()) * kStep / 2;
    return kTop + room + static_cast<int>(at) * kStep;
  }

  static void text(std::string& out, int x, int y, const char* anchor, const std::string& words) {
    out += "<text x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\" text-anchor=\"" +
           anchor + "\">" + escape_html(words) + "</text>";
  }

  void box(std::string& out, std::size_t column, std::size_t at) const {
    const Node& node = nodes_[column][at];
    const int y = top(column, at);
    out += std::string("<g><title>") + escape_html(node.name) + ": " + count_text(node.calls) +
           " calls</title><rect class=\"node" + (node.destructive ? " destructive" : "") +
           "\" rx=\"6\" x=\"" + std::to_string(kColumn[column]) + "\" y=\"" + std::to_string(y) +
           "\" width=\"" + std::to_string(kBox - 1) + "\" height=\"" + std::to_string(kHigh) +
           "\"/>";
    text(out, kColumn[column] + 10, y + 21, "start", shortened(node.name, 30));
    text(out, kColumn[column] + kBox - 10, y + 21, "end", count_text(node.calls));
    out += "</g>";
  }

  void line(std::string& out, std::size_t from, std::pair<std::size_t, std::size_t> ends,
            const Edge& edge) const {
    const int x1 = kColumn[from] + kBox, x2 = kColumn[from + 1], bend = (x2 - x1) / 2;
    const int y1 = top(from, ends.first) + kHigh / 2, y2 = top(from + 1, ends.second) + kHigh / 2;
    const char* kind = edge.denied == 0 ? "allowed" : edge.ran == 0 ? "denied" : "observed";
    const auto place = [](int x, int y) { return std::to_string(x) + ' ' + std::to_string(y); };
    const std::uint64_t all = edge.ran + edge.denied;
    const int width = all < 3 ? 1 : all < 10 ? 2 : all < 50 ? 4 : 6;
    out += std::string("<path class=\"edge ") + kind + "\" stroke-width=\"" +
           std::to_string(width) + "\" d=\"M" + place(x1, y1) + " C" + place(x1 + bend, y1) + ' ' +
           place(x2 - bend, y2) + ' ' + place(x2, y2) + "\"><title>" + count_text(edge.ran) +
           " ran, " + count_text(edge.denied) + " denied</title></path>";
  }

  std::vector<Node> nodes_[3];
  std::map<std::pair<std::size_t, std::size_t>, Edge> edges_[2];
  mutable std::size_t rows_ = 1;
};

void write_trace(Html& html, const SessionTrace& trace) {
  const std::string calls =
      count_text(trace.calls.size()) + (trace.cut ? " first calls" : " calls");
  html.raw("<h3>Session <code>").text(shortened(trace.session, 60)).raw("</code></h3>\n<p>");
  html.text(trace.caller).raw(": ").text(calls).raw(", from ");
  html.text(time_text(trace.calls.empty() ? 0 : trace.calls.front().time_us)).raw(" to ");
  html.text(time_text(trace.calls.empty() ? 0 : trace.calls.back().time_us));
  html.raw(" UTC. Shown because of <em>").text(trace.rule).raw("</em>.</p>\n");
  html.raw(Graph(trace).svg("Calls of a session from agent by server to tool"));
}

}  // namespace

void write_traces(Html& html, const Proofs& proofs) {
  if (proofs.traces.empty()) return;
  html.raw(
      "<section id=\"traces\"><h2>What these sessions did</h2>\n<p class=\"legend\">"
      "<span class=\"box allowed\"></span>all ran <span class=\"box observed\"></span>some denied "
      "<span class=\"box denied\"></span>all denied; a red frame: destructive; numbers: calls. "
      "<code>mcpgov audit query --session</code> shows the calls themselves.</p>\n");
  for (const SessionTrace& trace : proofs.traces) write_trace(html, trace);
  html.raw("</section>\n");
}

void write_place(Html& html, const Proofs& proofs, const std::string& source,
                 const std::string& event_id) {
  const auto at = proofs.places.find(event_id);
  if (at == proofs.places.end()) return;
  const EventPlace& place = at->second;
  html.raw("<details class=\"proof\"><summary>proof</summary><dl><dt>Record</dt><dd>");
  html.text(count_text(place.seq)).raw(" of ").text(place.log);
  html.raw("</dd><dt>Leaf</dt><dd><code>")
      .text(place.leaf)
      .raw("</code></dd><dt>Signed by</dt><dd>");
  if (place.checkpoint == 0) {
    html.raw("no checkpoint yet");
  } else {
    html.raw("the checkpoint of size ").text(count_text(place.checkpoint));
  }
  html.raw("</dd><dt>Prove it</dt><dd><code>").text(prove_command(source, event_id));
  html.raw("</code></dd></dl></details>");
}

}  // namespace mcpgov::cli
