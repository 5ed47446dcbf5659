// `mcpgov check`.
// Tested by tests/cli/command_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/check.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/os_file.hpp"
#include "cli/setting.hpp"
#include "mcpgov/catalog.hpp"
#include "mcpgov/cedar.hpp"
#include "mcpgov/policy.hpp"

namespace mcpgov::cli {

namespace {

constexpr std::size_t kFileBytes = 16 * 1024 * 1024;   // as documents of a configuration
constexpr std::size_t kToolsBytes = 64 * 1024 * 1024;  // as catalog::Limits

std::string count(std::size_t number, const char* one, const char* many) {
  return std::to_string(number) + " " + (number == 1 ? one : many);
}

// What may be read as something else than it is, as warnings.
void print_lints(const policy::Source& source) {
  const auto findings = policy::lint({&source, 1});
  if (!findings) return;  // told where the policies are read
  for (const policy::Finding& finding : *findings) tell(finding.text());
}

void print_lints(const std::vector<ServerConfig>& servers) {
  for (const ServerConfig& server : servers) {
    for (const Document& document : server.policies) print_lints({document.name, document.text});
  }
}

// Prints what does not fit the schema. Returns kFailed for errors among it.
int validate_policies(const policy::Source& source, const policy::Source& schema,
                      const policy::ValidationOptions& options) {
  const auto findings = policy::validate({&source, 1}, schema, options);
  if (!findings) return fail(findings.error());
  for (const policy::Finding& finding : *findings) tell(finding.text());
  return policy::passes(*findings) ? kAllowed : kFailed;
}

// Each file by itself, so that one error does not hide those of others.
int check_policies(const CheckOptions& options) {
  policy::Source schema{options.schema, {}};
  if (!options.schema.empty()) {
    auto text = read_file(options.schema, kFileBytes);
    if (!text) return fail(text.error());
    schema.text = *std::move(text);
  }
  int code = kAllowed;
  for (const std::string& file : options.policies) {
    auto text = read_file(file, kFileBytes);
    if (!text) {
      code = fail(text.error());
      continue;
    }
    const policy::Source source{file, *std::move(text)};
    const auto engine = policy::Engine::cedar({&source, 1}, {});
    if (engine) {
      std::printf("%s: %s\n", file.c_str(),
                  count(engine->policy_count(), "policy", "policies").c_str());
      print_lints(source);
      if (options.schema.empty()) continue;
      code = std::max(code, validate_policies(source, schema, options.validation));
    } else {
      code = fail(engine.error());
    }
  }
  return code;
}

// Tools that nobody can call are no error of the list, but what its reader wants to know.
int check_tools(const std::string& file) {
  const auto text = read_file(file, kToolsBytes);
  if (!text) return fail(text.error());
  const auto tools = catalog::Catalog::from_tools_json(*text, catalog::Origin::claimed, file);
  if (!tools) return fail(tools.error());
  for (const catalog::Tool& tool : tools->tools()) {
    if (tool.usable()) continue;
    tell("warning: " + file + ": calls to `" + std::string(tool.name) +
         "` are denied: " + std::string(tool.unusable));
  }
  std::printf("%s: %s\n", file.c_str(), count(tools->tools().size(), "tool", "tools").c_str());
  return kAllowed;
}

bool discard(void*, std::string_view) noexcept {
  return true;
}

// A governor opens its records; a check only asks whether there are any to open.
Result<Governor> open_without_records(const std::string& path, const Config& config) {
  const bool missing = config.audit.required && config.audit.file.empty();
  if (missing) return Governor::open(path);
  GovernorOptions options;
  options.sink = audit::to_callback(&discard, nullptr);
  return Governor::open(path, std::move(options));
}

}  // namespace

int check(const CheckOptions& options) {
  if (!options.policies.empty()) {
    const int policies = check_policies(options);
    return options.tools.empty() ? policies : std::max(policies, check_tools(options.tools));
  }
  const Result<Config> config = load_config(options.config);
  if (!config) return fail(config.error());
  const Result<Governor> governor = open_without_records(options.config, *config);
  if (!governor) return fail(governor.error());
  const Generation generation = governor->generation();
  for (const std::string& warning : generation.warnings) tell("warning: " + warning);
  std::size_t servers = config->servers.size();
  print_lints(config->servers);
  for (const TenantConfig& tenant : config->tenants) {
    servers += tenant.servers.size();
    print_lints(tenant.servers);
  }
  std::printf("%s: %s, %s, digest %s\n", options.config.c_str(),
              count(servers, "server", "servers").c_str(),
              count(generation.warnings.size(), "warning", "warnings").c_str(),
              generation.digest.substr(0, 16).c_str());
  return options.tools.empty() ? kAllowed : check_tools(options.tools);
}

}  // namespace mcpgov::cli
