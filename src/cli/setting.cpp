// What the commands have in common.
// Tested by tests/cli/command_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/setting.hpp"

#include <algorithm>
#include <cstdio>

#include "base/os_file.hpp"

namespace mcpgov::cli {

namespace {

constexpr std::size_t kConfigBytes = 4 * 1024 * 1024;  // as Governor::open
constexpr std::size_t kCallerBytes = 64 * 1024;        // as Caller::from_json

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash == 0 ? 1 : slash);
}

std::string names_of(const std::vector<ServerConfig>& servers) {
  std::string out;
  for (const ServerConfig& server : servers) out += (out.empty() ? "`" : ", `") + server.name + "`";
  return out.empty() ? "none" : out;
}

}  // namespace

GovernorOptions without_records(std::uint64_t& now_us) {
  GovernorOptions out;
  out.sink = audit::to_callback([](void*, std::string_view) noexcept { return true; }, nullptr);
  out.now_us = [](void* now) noexcept { return *static_cast<std::uint64_t*>(now); };
  out.now_context = &now_us;
  return out;
}

Result<Config> load_config(const std::string& path) {
  const auto text = read_file(path, kConfigBytes);
  if (!text) return text.error();
  return read_config(*text, path, folder_of(path));
}

Result<std::string> choose_server(const Config& config, const Place& place) {
  const std::vector<ServerConfig>* servers = &config.servers;
  if (!place.tenant.empty()) {
    const auto found =
        std::find_if(config.tenants.begin(), config.tenants.end(),
                     [&](const TenantConfig& tenant) { return tenant.name == place.tenant; });
    if (found == config.tenants.end()) {
      return Error{ErrorCode::tenant_unknown, "there is no tenant `" + place.tenant + "`",
                   place.config, 0, 0};
    }
    servers = &found->servers;
  }
  if (place.server.empty()) {
    if (servers->size() == 1) return servers->front().name;
    return Error{ErrorCode::server_unknown,
                 "name the server with --server; there are: " + names_of(*servers), place.config, 0,
                 0};
  }
  const bool known = std::any_of(servers->begin(), servers->end(), [&](const ServerConfig& server) {
    return server.name == place.server;
  });
  if (known) return place.server;
  return Error{ErrorCode::server_unknown,
               "there is no server `" + place.server + "`; there are: " + names_of(*servers),
               place.config, 0, 0};
}

Result<Caller> read_caller(const std::string& given) {
  if (given.empty()) return Caller{};
  if (given[0] != '@') return Caller::from_json(given);
  const auto text = read_file(given.substr(1), kCallerBytes);
  if (!text) return text.error();
  auto caller = Caller::from_json(*text);
  if (caller) return caller;
  Error error = caller.error();
  error.file = given.substr(1);
  return error;
}

Result<std::string> read_input(const std::string& path, std::size_t max_bytes) {
  if (path != "-") return read_file(path, max_bytes);
  std::string out;
  char part[65536];
  for (std::size_t got = 1; got != 0;) {
    got = std::fread(part, 1, sizeof part, stdin);
    out.append(part, got);
    if (out.size() > max_bytes) {
      return Error{ErrorCode::file_unreadable, "standard input is too large", "-", 0, 0};
    }
  }
  if (std::ferror(stdin) == 0) return out;
  return Error{ErrorCode::file_unreadable, "standard input cannot be read", "-", 0, 0};
}

void tell(std::string_view line) {
  std::string out = "mcpgov: ";
  for (const char c : line) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (!control) {
      out += c;
      continue;
    }
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned char>(c));
    out += escaped;
  }
  out += '\n';
  // One call, so that lines of others on the same stream do not fall into it.
  std::fwrite(out.data(), 1, out.size(), stderr);
}

int fail(const Error& error) {
  tell(error.text());
  return kFailed;
}

}  // namespace mcpgov::cli
