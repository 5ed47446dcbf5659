// What the commands have in common: the configuration, the server meant, the caller, error lines.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "governor/config.hpp"
#include "mcpgov/governor.hpp"

namespace mcpgov::cli {

// Exit codes of the commands. `run` gives its server's own once that has been started.
inline constexpr int kAllowed = 0;
inline constexpr int kFailed = 1;        // configuration, policy, message, command line
inline constexpr int kDenied = 2;        // of `authorize`
inline constexpr int kAuditMisuse = 2;   // command line of `audit`
inline constexpr int kNotStarted = 127;  // of `run`, as shells tell it

// What all commands about a server take.
struct Place {
  std::string config = "mcpgov.yaml";
  std::string server;
  std::string tenant;
  std::string caller;  // JSON, or `@` and a file with it; empty: the configuration's
};

// The configuration as plain values, for what the governor keeps to itself.
// Errors: those of read_config.
Result<Config> load_config(const std::string& path);

// The server that is meant: the named one, or the only one there is. Errors: server_unknown,
// tenant_unknown.
Result<std::string> choose_server(const Config& config, const Place& place);

// Of a governor that answers questions: its records go nowhere, and its time is what now_us says,
// which is borrowed.
GovernorOptions without_records(std::uint64_t& now_us);

// kind none when nothing is given. Errors: caller_invalid, file_unreadable.
Result<Caller> read_caller(const std::string& given);

// A whole file, or standard input for `-`. Errors: file_unreadable.
Result<std::string> read_input(const std::string& path, std::size_t max_bytes);

// One line on standard error; line breaks and control characters inside it are escaped.
void tell(std::string_view line);
// The error as one such line; gives kFailed.
int fail(const Error& error);

}  // namespace mcpgov::cli
