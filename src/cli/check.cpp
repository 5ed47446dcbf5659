// `mcpgov check`.
// Tested by tests/cli/command_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/check.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include "base/json.hpp"
#include "base/os_file.hpp"
#include "catalog/shape.hpp"
#include "cli/file_sizes.hpp"
#include "cli/setting.hpp"
#include "mcpgov/catalog.hpp"
#include "mcpgov/cedar.hpp"
#include "mcpgov/policy.hpp"
#include "mcpgov/request.hpp"

namespace mcpgov::cli {

namespace {

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

int print_findings(const Result<std::vector<policy::Finding>>& findings) {
  if (!findings) return fail(findings.error());
  for (const policy::Finding& finding : *findings) tell(finding.text());
  return policy::passes(*findings) ? kAllowed : kFailed;
}

// Prints what does not fit the schema. Returns kFailed for errors among it.
int validate_policies(const policy::Source& source, const policy::Source& schema,
                      const policy::ValidationOptions& options) {
  return print_findings(policy::validate({&source, 1}, schema, options));
}

// JSON in place of Cedar syntax, as policy::Schema::read knows it.
bool is_json(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string::npos && text[first] == '{';
}

// A file of policies, templates and links against a schema. An engine decides by policies and
// links; here templates are welcome by themselves.
int check_set(const policy::Source& source, const policy::Schema& schema,
              const policy::ValidationOptions& options) {
  const auto set = is_json(source.text) ? policy::PolicySet::from_json(source)
                                        : policy::PolicySet::from_cedar({&source, 1});
  if (!set) return fail(set.error());
  const auto engine = policy::Engine::from(*set, {});
  if (!engine) return fail(engine.error());
  std::printf("%s: %s\n", source.name.c_str(), count(set->size(), "policy", "policies").c_str());
  print_lints(source);
  return print_findings(policy::validate(*set, schema, options));
}

// Each file by itself, so that one error does not hide those of others.
int check_policies(const CheckOptions& options) {
  std::optional<policy::Schema> schema;
  if (!options.schema.empty()) {
    auto text = read_file(options.schema, kDocumentBytes);
    if (!text) return fail(text.error());
    auto read = policy::Schema::read({options.schema, *std::move(text)});
    if (!read) return fail(read.error());
    for (const policy::SchemaWarning& warning : read->warnings()) tell(warning.text());
    schema = *std::move(read);
  }
  int code = kAllowed;
  for (const std::string& file : options.policies) {
    auto text = read_file(file, kDocumentBytes);
    if (!text) {
      code = fail(text.error());
      continue;
    }
    const policy::Source source{file, *std::move(text)};
    if (schema) {
      code = std::max(code, check_set(source, *schema, options.validation));
      continue;
    }
    const auto engine = policy::Engine::cedar({&source, 1}, {});
    if (engine) {
      std::printf("%s: %s\n", file.c_str(),
                  count(engine->policy_count(), "policy", "policies").c_str());
      print_lints(source);
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

// The list without tools that nobody can call, which check_tools() told of.
Result<policy::Source> usable(const policy::Source& tools) {
  const auto catalog =
      catalog::Catalog::from_tools_json(tools.text, catalog::Origin::claimed, tools.name);
  if (!catalog) return catalog.error();
  JsonLimits limits;
  limits.bytes = kToolsBytes;
  const auto json = parse_json(tools.text, limits, tools.name, ErrorCode::tool_list_invalid);
  if (!json) return json.error();
  const auto list = catalog::open_tool_list(*json, tools.name);
  if (!list) return list.error();
  nlohmann::json out = {{"tools", nlohmann::json::array()}};
  for (const nlohmann::json* tool : list->tools) {
    const catalog::Tool* known = catalog->find(tool->at("name").get_ref<const std::string&>());
    if (known != nullptr && known->usable()) out["tools"].push_back(*tool);
  }
  if (list->shared != nullptr) out["$defs"] = *list->shared;
  return policy::Source{tools.name, out.dump()};
}

// The schema of these tools for a namespace. stub: a file; empty: the one that is built in.
Result<policy::Source> tool_schema(const policy::Source& tools, const std::string& stub,
                                   const std::string& space) {
  Result<policy::Source> source = policy::Source{stub, {}};
  if (stub.empty()) {
    source = request::default_stub(space);
    if (!source) return source;
  } else {
    Result<std::string> text = read_file(stub, kDocumentBytes);
    if (!text) return text.error();
    source->text = *std::move(text);
  }
  const Result<policy::Source> list = usable(tools);
  if (!list) return list;
  Result<std::string> schema =
      request::tool_schema(*source, *list, request::SchemaOptions::agent());
  if (!schema) return schema.error();
  return policy::Source{"schema of " + tools.name, *std::move(schema)};
}

// Whether the policies of a server fit its tools: those of --tools, or else its reviewed list.
int validate_server(const ServerConfig& server, const CheckOptions& options) {
  policy::Source tools{options.tools, {}};
  if (!options.tools.empty()) {
    Result<std::string> text = read_file(options.tools, kToolsBytes);
    if (!text) return fail(text.error());
    tools.text = *std::move(text);
  } else if (server.tools) {
    tools = {server.tools->name, server.tools->text};
  } else {
    tell("warning: server `" + server.name + "` has no list of tools to check its policies with");
    return kAllowed;
  }
  const Result<policy::Source> schema = tool_schema(tools, options.stub, server.entity_namespace);
  if (!schema) return fail(schema.error());
  int code = kAllowed;
  for (const Document& document : server.policies) {
    code = std::max(code,
                    validate_policies({document.name, document.text}, *schema, options.validation));
  }
  return code;
}

int validate_servers(const Config& config, const CheckOptions& options) {
  if (options.tools.empty() && options.stub.empty()) return kAllowed;
  int code = kAllowed;
  for (const ServerConfig& server : config.servers) {
    code = std::max(code, validate_server(server, options));
  }
  for (const TenantConfig& tenant : config.tenants) {
    for (const ServerConfig& server : tenant.servers) {
      code = std::max(code, validate_server(server, options));
    }
  }
  return code;
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
  const int tools = options.tools.empty() ? kAllowed : check_tools(options.tools);
  return std::max(tools, validate_servers(*config, options));
}

}  // namespace mcpgov::cli
