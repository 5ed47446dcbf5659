// What this server says about itself.
// Tested by tests/identity/resource_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/resource.hpp"

#include <nlohmann/json.hpp>

namespace mcpgov::identity {

namespace {

constexpr std::string_view kWellKnown = "/.well-known/oauth-protected-resource";

bool local(std::string_view host) {
  const std::string_view name = host.substr(0, host.find_last_of(':'));
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]" || name == "localhost" ||
         name == "127.0.0.1" || name == "[::1]";
}

// Default algorithms of proofs, where none are configured (docs/configuration.md).
AlgorithmSet proof_algorithms(const DpopSettings& dpop) {
  return dpop.algorithms.empty() ? default_algorithms() : dpop.algorithms;
}

}  // namespace

Result<ResourceMetadata> describe_resource(const Settings& settings) {
  const std::string& url = settings.resource.url;
  if (url.empty()) return ResourceMetadata{};
  const auto wrong = [](const char* sentence) {
    return Error{ErrorCode::identity_setting, sentence, {}, 0, 0};
  };
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t path = std::min(url.find('/', host), url.size());
  const std::string_view name = std::string_view(url).substr(host, path - host);
  const bool https = url.starts_with("https://");
  if (!(https || (url.starts_with("http://") && local(name))) || name.empty()) {
    return wrong("`resource.url`: expected an https URL, or http to this machine");
  }
  if (url.find_first_of("?#\"\\ ") != std::string::npos || name.find('@') != name.npos) {
    return wrong("`resource.url`: expected a URL without user, query and fragment");
  }
  const std::string rest = url.substr(path) == "/" ? "" : url.substr(path);
  ResourceMetadata out;
  out.path = std::string(kWellKnown) + rest;
  out.url = url.substr(0, path) + out.path;
  nlohmann::ordered_json json;
  json["resource"] = url;
  nlohmann::ordered_json servers = nlohmann::ordered_json::array();
  bool dpop = !settings.issuers.empty();
  bool certificates = dpop;
  for (const IssuerSettings& issuer : settings.issuers) {
    // A template names no server.
    if (issuer.issuer.find('{') == std::string::npos) servers.push_back(issuer.issuer);
    dpop = dpop && issuer.require_dpop;
    certificates = certificates && issuer.require_certificate;
  }
  if (!servers.empty()) json["authorization_servers"] = servers;
  if (!settings.resource.scopes.empty()) json["scopes_supported"] = settings.resource.scopes;
  json["bearer_methods_supported"] = {"header"};
  if (!settings.resource.name.empty()) json["resource_name"] = settings.resource.name;
  if (!settings.resource.documentation.empty()) {
    json["resource_documentation"] = settings.resource.documentation;
  }
  nlohmann::ordered_json proofs = nlohmann::ordered_json::array();
  for (auto each = Algorithm::rs256; each <= Algorithm::eddsa;
       each = static_cast<Algorithm>(static_cast<int>(each) + 1)) {
    if (proof_algorithms(settings.dpop).has(each)) proofs.push_back(algorithm_name(each));
  }
  json["dpop_signing_alg_values_supported"] = proofs;
  if (dpop) json["dpop_bound_access_tokens_required"] = true;
  if (certificates) json["tls_client_certificate_bound_access_tokens"] = true;
  out.json = json.dump();
  return out;
}

}  // namespace mcpgov::identity
