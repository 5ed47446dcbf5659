// The configuration as plain values: what docs/configuration.md describes, read and checked.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mcpgov/audit.hpp"
#include "mcpgov/identity.hpp"
#include "mcpgov/request.hpp"
#include "mcpgov/result.hpp"
#include "mcpgov/wire.hpp"
#include "policy/request.hpp"

namespace mcpgov {

// A document of the configuration: a file, or text that stands in the configuration itself.
// name: the path as configured, or `<inline>`; text: its content, read while the configuration is.
struct Document {
  std::string name;
  std::string text;
};

enum class ListRule : std::uint8_t { some, certain };
enum class DenialForm : std::uint8_t { unauthorized, as_unknown, as_result };

// What to do with a method whatever the table says. `decide` is possible only for methods that have
// a mapping to an action.
enum class Treatment : std::uint8_t { pass, filter, decide, deny };

// What happens to a method when nothing is configured (docs/flow.md has the table in words).
Treatment default_treatment(wire::Method method) noexcept;

struct MethodOverride {
  wire::Method method;
  Treatment treatment;
};

struct ServerConfig {
  std::string name;
  std::string entity_namespace;  // a Cedar namespace; by default the name
  std::vector<Document> policies;
  std::optional<Document> entities;
  std::optional<Document> tools;
  request::UnknownTools unknown_tools = request::UnknownTools::deny;
  ListRule lists = ListRule::some;
  DenialForm denials = DenialForm::unauthorized;
  policy::ErrorRule policy_errors = policy::ErrorRule::forbid;
  std::uint64_t observe_until_us = 0;  // 0: enforce
  std::vector<MethodOverride> methods;
  std::vector<std::string> approvals;  // tools whose calls wait for an approval
};

struct TenantConfig {
  std::string name;
  std::vector<ServerConfig> servers;
};

// What becomes of a message whose record cannot be written.
enum class OnAuditFailure : std::uint8_t { deny, allow_marked, halt };

struct AuditConfig {
  std::string file;        // empty: no sink of its own
  audit::LogSettings log;  // without a directory: none
  std::string sinks_json;  // for the room `net`, which reads them: {directory, base, sinks}
  // Below the log's `sinks/`: what retention goes by, so they are there before the log is.
  std::vector<std::string> sink_folders;
  bool required = true;  // there must be a sink
  // By audit::ToolClass; zero denies.
  std::array<OnAuditFailure, audit::kToolClasses> on_failure = {};
  audit::LineArguments arguments = audit::LineArguments::none;
};

struct LimitsConfig {
  wire::Limits wire;
  std::size_t reply_bytes = 32 * 1024 * 1024;  // of one answer that must be held back and read
  std::uint32_t open_requests = 1024;          // per session and direction
  std::size_t open_bytes = 64 * 1024 * 1024;   // of these requests together
  std::uint32_t tasks = 65536;                 // whose owners are remembered, per tenant
};

struct Config {
  std::vector<ServerConfig> servers;
  std::vector<TenantConfig> tenants;
  bool anonymous = false;
  Caller stdio;                                // kind none: the host brings the caller
  std::optional<identity::Verifier> verifier;  // over HTTP; without issuers it knows nobody
  std::string handle_key;                      // for cursors; empty: random, per process
  AuditConfig audit;
  LimitsConfig limits;
  std::string digest_text;  // everything that was read, in order, for the digest of the generation
};

// Reads YAML (of which JSON is a part). file: for messages, and its folder is where relative paths
// start. Reads the files it names, at most 16 MiB each.
// Errors: config_*, file_unreadable, caller_invalid, identity_*, with file, line and column.
Result<Config> read_config(std::string_view text, const std::string& file,
                           const std::string& directory);

}  // namespace mcpgov
