// Compiling a configuration into a generation.
// Tested by tests/governor/governor_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/snapshot.hpp"

#include "crypto/sha256.hpp"
#include "governor/session_core.hpp"
#include "policy/cedar/entities_json.hpp"
#include "policy/entities.hpp"
#include "request/words.hpp"

namespace mcpgov::detail {

namespace {

using policy::cedar::Engine;

std::string place(const ServerConfig& server, const std::string& tenant) {
  return "server `" + server.name + "`" + (tenant.empty() ? "" : " of tenant `" + tenant + "`");
}

Error prefixed(Error error, const ServerConfig& server, const std::string& tenant) {
  error.message = place(server, tenant) + ": " + error.message;
  return error;
}

// What every request of this server names, whether a policy does or not: known here, it needs no
// place in the table of each request.
void intern_fixed_parts(const ServerConfig& config, policy::Symbols& symbols) {
  const auto type = [&](request::TypeWord word) {
    return symbols.name(config.entity_namespace + "::" + std::string(text_of(word)));
  };
  using enum request::TypeWord;
  for (const request::TypeWord word : {user, agent, workload, anonymous}) type(word);
  symbols.entity(type(server), config.name);
}

Result<Engine> build_engine(const ServerConfig& server) {
  std::vector<policy::Source> sources;
  for (const Document& document : server.policies) {
    sources.push_back({document.name, document.text});
  }
  policy::Symbols symbols;
  intern_fixed_parts(server, symbols);
  policy::Entities entities;
  if (server.entities) {
    auto read =
        policy::cedar::read_entities({server.entities->text, server.entities->name}, symbols);
    if (!read) return read.error();
    entities = *std::move(read);
  }
  Engine::Options options;
  options.ids = policy::Ids::annotated;
  return Engine::build(sources, std::move(symbols), std::move(entities), options);
}

// With anonymous callers enabled, a permit without a constraint on its principal would permit
// everybody on the network. Its author has to say which callers it means.
Result<void> check_anonymous(const ServerSnapshot& server) {
  constexpr std::string_view kTypes[] = {"User", "Agent", "Workload", "Anonymous", "Group", "Role"};
  for (policy::PolicyNumber at = 0; at < server.engine->policy_count(); ++at) {
    if (server.engine->forbids(at)) continue;
    bool named = false;
    for (const std::string_view type : kTypes) {
      named = named || server.engine->principal_scope_names(at, type);
    }
    if (named) continue;
    const policy::PolicyFacts facts = server.engine->policy(at);
    return Error{ErrorCode::policy_anonymous,
                 "anonymous callers are enabled, so the permit `" + std::string(facts.id) +
                     "` must name its principal, for example `principal is " +
                     server.settings.entity_namespace + "::User`",
                 std::string(facts.source), facts.line, facts.column};
  }
  return {};
}

// Configured documents are compiled by now; the texts would only take room.
void drop_texts(ServerConfig& server) {
  server.policies.clear();
  server.entities.reset();
  server.tools.reset();
}

void warn(Snapshot& snapshot, const ServerConfig& server, const std::string& tenant,
          std::uint64_t now_us) {
  const std::string where = place(server, tenant);
  if (server.policies.empty()) {
    snapshot.warnings.push_back(where + " has no policies: everything that is decided is denied");
  }
  if (server.observe_until_us > now_us) {
    snapshot.warnings.push_back(where +
                                " is in observe mode: policy denials are recorded but not "
                                "enforced");
  } else if (server.observe_until_us != 0) {
    snapshot.warnings.push_back(where +
                                " was in observe mode until its end date; policies are "
                                "enforced");
  }
}

// Texts one after the other, each with its end told, so that moving a policy between files shows.
std::string digest_of(const std::vector<Document>& policies) {
  crypto::Sha256 digest;
  for (const Document& document : policies) {
    digest.update(std::to_string(document.text.size()) + ":");
    digest.update(document.text);
  }
  return crypto::hex(digest.finish()).substr(0, 16);
}

Result<void> add_server(Snapshot& snapshot, const ServerConfig& config, const std::string& tenant,
                        std::uint64_t now_us) {
  auto built = build_engine(config);
  if (!built) return prefixed(built.error(), config, tenant);
  auto engine = std::make_unique<const Engine>(*std::move(built));
  auto mapping =
      request::Mapping::bind({config.entity_namespace, config.name, config.unknown_tools},
                             engine->symbols(), engine->entities(), engine->reads());
  if (!mapping) return prefixed(mapping.error(), config, tenant);
  auto server = std::make_unique<ServerSnapshot>(config, std::move(engine), *std::move(mapping));
  if (config.tools) {
    auto tools = catalog::Catalog::from_tools_json(config.tools->text, catalog::Origin::pinned,
                                                   config.tools->name);
    if (!tools) return prefixed(tools.error(), config, tenant);
    server->pinned = *std::move(tools);
  }
  if (snapshot.config.anonymous) {
    if (auto checked = check_anonymous(*server); !checked) {
      return prefixed(checked.error(), config, tenant);
    }
  }
  server->policy_digest = digest_of(config.policies);
  warn(snapshot, config, tenant, now_us);
  drop_texts(server->settings);
  snapshot.servers[tenant].emplace(config.name, std::move(server));
  return {};
}

}  // namespace

ServerSnapshot::ServerSnapshot(ServerConfig config, std::unique_ptr<const Engine> built,
                               request::Mapping bound)
    : settings(std::move(config)), engine(std::move(built)), mapping(std::move(bound)) {
  for (std::size_t at = 0; at < kMethods; ++at) {
    treatments[at] = default_treatment(static_cast<wire::Method>(at));
  }
  for (const MethodOverride& rule : settings.methods) {
    treatments[static_cast<std::size_t>(rule.method)] = rule.treatment;
  }
  for (policy::PolicyNumber at = 0; at < engine->policy_count(); ++at) {
    policy_ids.push_back(engine->policy(at).id);
    names_anonymous.push_back(engine->principal_scope_names(at, "Anonymous"));
  }
}

const ServerSnapshot* Snapshot::find(std::string_view tenant, std::string_view server,
                                     bool& tenant_known) const noexcept {
  const auto mine = servers.find(tenant);
  tenant_known = mine != servers.end();
  if (!tenant_known) return nullptr;
  const auto found = mine->second.find(server);
  return found == mine->second.end() ? nullptr : found->second.get();
}

Result<std::shared_ptr<const Snapshot>> build_snapshot(Config config, std::uint64_t number,
                                                       std::uint64_t now_us) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->number = number;
  snapshot->digest = crypto::hex(crypto::sha256(config.digest_text));
  snapshot->label = std::to_string(number) + ":" + snapshot->digest.substr(0, 16);
  config.digest_text.clear();
  snapshot->config = std::move(config);
  snapshot->servers[""];
  for (const ServerConfig& server : snapshot->config.servers) {
    if (auto added = add_server(*snapshot, server, "", now_us); !added) return added.error();
  }
  for (const TenantConfig& tenant : snapshot->config.tenants) {
    snapshot->servers[tenant.name];
    for (const ServerConfig& server : tenant.servers) {
      if (auto added = add_server(*snapshot, server, tenant.name, now_us); !added) {
        return added.error();
      }
    }
  }
  for (ServerConfig& server : snapshot->config.servers) drop_texts(server);
  for (TenantConfig& tenant : snapshot->config.tenants) {
    for (ServerConfig& server : tenant.servers) drop_texts(server);
  }
  return std::shared_ptr<const Snapshot>(std::move(snapshot));
}

}  // namespace mcpgov::detail
