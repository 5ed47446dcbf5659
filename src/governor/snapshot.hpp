// One generation: everything that decides, compiled and immutable.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "governor/config.hpp"
#include "mcpgov/catalog.hpp"
#include "policy/cedar/engine.hpp"
#include "request/mapping.hpp"

namespace mcpgov::detail {

inline constexpr std::size_t kMethods = 64;

// One server of one tenant. Threads: immutable, share freely.
struct ServerSnapshot {
  ServerSnapshot(ServerConfig config, std::unique_ptr<const policy::cedar::Engine> engine,
                 request::Mapping mapping);
  ServerSnapshot(const ServerSnapshot&) = delete;
  ServerSnapshot& operator=(const ServerSnapshot&) = delete;

  ServerConfig settings;
  std::unique_ptr<const policy::cedar::Engine> engine;
  request::Mapping mapping;  // bound to `engine`
  std::optional<catalog::Catalog> pinned;
  std::array<Treatment, kMethods> treatments;  // by wire::Method
  std::string policy_digest;  // of their texts: the first 16 hexadecimal digits of SHA-256
  std::vector<std::string_view> policy_ids;  // by policy number
  std::vector<bool> names_anonymous;         // by policy number: its scope names Anonymous
};

// Threads: immutable, share freely.
struct Snapshot {
  std::uint64_t number = 0;
  std::string digest;  // SHA-256, hexadecimal
  std::string label;   // `3:0123456789abcdef`, in every record
  Config config;       // without the texts of documents
  std::vector<std::string> warnings;
  // tenant (empty: none), then server
  std::map<std::string, std::map<std::string, std::unique_ptr<const ServerSnapshot>, std::less<>>,
           std::less<>>
      servers;

  // Null when there is no such server for that tenant; tenant_known tells which of the two.
  const ServerSnapshot* find(std::string_view tenant, std::string_view server,
                             bool& tenant_known) const noexcept;
};

// Compiles a configuration.
// Errors: policy_*, entities_*, tool_*, policy_anonymous, config_value.
Result<std::shared_ptr<const Snapshot>> build_snapshot(Config config, std::uint64_t number,
                                                       std::uint64_t now_us);

}  // namespace mcpgov::detail
