// Settings of sinks as they stand in a configuration.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/net.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::net {

// What `audit.sinks` says, and where its log and its files are.
struct ConfiguredSinks {
  std::string directory;  // of the log
  std::vector<SinkSettings> sinks;
};

// text: as Governor::sinks_json() gives it. Reads the files and variables that it names.
// Errors: audit_sink (names the setting), file_unreadable.
Result<ConfiguredSinks> read_sinks(std::string_view text);

}  // namespace mcpgov::net
