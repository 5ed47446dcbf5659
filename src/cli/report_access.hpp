// What the policies of a configuration grant to the callers whom the logs know.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/open_answer.hpp"
#include "cli/report_facts.hpp"

namespace mcpgov::cli {

// granted: by server and tool, for the callers of `callers`, in their order. A caller's groups,
// roles and claims are not in the log: where they decide, the answer is `depends`.
struct Access {
  static constexpr std::size_t kCallers = 40;
  static constexpr std::size_t kTools = 400;

  std::string config;                                  // the file
  std::set<std::string> servers;                       // of the configuration
  std::map<std::string, std::set<std::string>> tools;  // by server, where it pins a list
  std::vector<std::uint32_t> callers;                  // numbers of Facts::callers
  std::map<std::pair<std::string, std::string>, std::vector<Say>> granted;
  bool cut = false;  // there were more callers or tools

  bool knows_server(const std::string& server) const { return servers.count(server) != 0; }
  bool knows_tool(const std::string& server, const std::string& tool) const;
  // Tools that the caller may or, depending on more, might use.
  std::uint64_t reach(std::uint32_t caller) const;
};

// Errors: those of reading the configuration.
Result<Access> read_access(const std::string& config, const Facts& facts);

}  // namespace mcpgov::cli
