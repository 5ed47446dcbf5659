// The policies' answers for the callers of a log.
// Tested by tests/report/audit_verbs_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/report_access.hpp"

#include <algorithm>

#include "cli/open_server.hpp"

namespace mcpgov::cli {

namespace {

CallerKind kind_of(std::string_view name) {
  for (const CallerKind kind :
       {CallerKind::user, CallerKind::agent, CallerKind::workload, CallerKind::anonymous}) {
    if (name == kind_name(kind)) return kind;
  }
  return CallerKind::none;
}

request::TypeWord type_of(CallerKind kind) {
  switch (kind) {
    case CallerKind::agent: return request::TypeWord::agent;
    case CallerKind::workload: return request::TypeWord::workload;
    case CallerKind::anonymous: return request::TypeWord::anonymous;
    default: return request::TypeWord::user;
  }
}

// Certain is what is so for anyone of the caller's type; beyond that the name alone may be enough
// for a grant, but never for a refusal: groups, roles and claims are not known.
Say say_of(OpenServer& server, const CallerFacts& facts, const OpenUse& use) {
  Caller caller;
  caller.kind = kind_of(facts.kind);
  if (caller.kind == CallerKind::none) return Say::denied;
  const Result<OpenAnswer> anyone =
      server.ask(OpenCaller{type_of(caller.kind), policy::kNoEntity}, use);
  if (!anyone) return Say::depends;
  if (anyone->say != Say::depends || caller.kind == CallerKind::anonymous) return anyone->say;
  caller.issuer = facts.issuer;
  caller.subject = facts.subject;
  if (!check(caller)) return Say::depends;
  const Result<OpenAnswer> named = server.ask(caller, use);
  return named && named->say == Say::allowed ? Say::allowed : Say::depends;
}

std::vector<std::string> tools_of(const OpenServer& server, const std::string& name,
                                  const Facts& facts) {
  std::vector<std::string> out;
  for (const std::string_view tool : server.tool_names()) out.emplace_back(tool);
  const std::set<std::string> pinned(out.begin(), out.end());
  if (!pinned.empty()) return out;
  for (const ToolFacts& tool : facts.tools) {
    if (tool.server == name) out.push_back(tool.name);
  }
  return out;
}

Result<void> read_server(const std::string& config, const std::string& name, const Facts& facts,
                         Access& out) {
  Place place;
  place.config = config;
  place.server = name;
  const auto server = OpenServer::open(place, {});
  if (!server) return server.error();
  for (const std::string_view tool : (*server)->tool_names()) out.tools[name].emplace(tool);
  for (const std::string& tool : tools_of(**server, name, facts)) {
    if (out.granted.size() >= Access::kTools) {
      out.cut = true;
      break;
    }
    OpenUse use;
    use.tool = tool;
    std::vector<Say>& row = out.granted[{name, tool}];
    for (const std::uint32_t caller : out.callers) {
      row.push_back(say_of(**server, facts.callers[caller], use));
    }
  }
  return {};
}

}  // namespace

bool Access::knows_tool(const std::string& server, const std::string& tool) const {
  const auto at = tools.find(server);
  return at == tools.end() || at->second.empty() || at->second.count(tool) != 0;
}

std::uint64_t Access::reach(std::uint32_t caller) const {
  const auto at = std::find(callers.begin(), callers.end(), caller);
  if (at == callers.end()) return 0;
  const auto column = static_cast<std::size_t>(at - callers.begin());
  return static_cast<std::uint64_t>(
      std::count_if(granted.begin(), granted.end(), [column](const auto& row) {
        return column < row.second.size() && row.second[column] != Say::denied;
      }));
}

Result<Access> read_access(const std::string& config, const Facts& facts) {
  const auto read = load_config(config);
  if (!read) return read.error();
  Access out;
  out.config = config;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> callers;
  for (std::uint32_t i = 1; i < facts.callers.size(); ++i) {
    callers.emplace_back(~facts.callers[i].use.calls, i);
  }
  std::sort(callers.begin(), callers.end());
  out.cut = callers.size() > Access::kCallers;
  if (out.cut) callers.resize(Access::kCallers);
  for (const auto& [calls, number] : callers) out.callers.push_back(number);
  for (const ServerConfig& server : read->servers) out.servers.insert(server.name);
  for (const ServerConfig& server : read->servers) {
    const Result<void> done = read_server(config, server.name, facts, out);
    if (!done) return done.error();
  }
  return out;
}

}  // namespace mcpgov::cli
