// Tests of identity/resource.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/resource.hpp"

#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace {

using mcpgov::ErrorCode;
using mcpgov::identity::describe_resource;
using mcpgov::identity::Settings;

Settings of(const std::string& url) {
  Settings out;
  out.resource.url = url;
  return out;
}

TEST_CASE("resource metadata: where it stands") {
  struct Row {
    std::string url;
    std::string path;
    std::string at;
  };
  const std::string known = "/.well-known/oauth-protected-resource";
  const Row rows[] = {
      {"https://mcp.example.com", known, "https://mcp.example.com" + known},
      {"https://mcp.example.com/", known, "https://mcp.example.com" + known},
      {"https://mcp.example.com/mcp", known + "/mcp", "https://mcp.example.com" + known + "/mcp"},
      {"http://127.0.0.1:8080/a/b", known + "/a/b", "http://127.0.0.1:8080" + known + "/a/b"},
      {"http://localhost/mcp", known + "/mcp", "http://localhost" + known + "/mcp"},
      {"", "", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    const auto made = describe_resource(of(row.url));
    REQUIRE(made);
    CHECK(made->path == row.path);
    CHECK(made->url == row.at);
  }
}

TEST_CASE("resource metadata: URLs that are refused") {
  for (const std::string url :
       {"http://mcp.example.com/mcp", "mcp.example.com", "ftp://mcp.example.com", "https://",
        "https:///mcp", "https://mcp.example.com/mcp?x=1", "https://mcp.example.com/mcp#x",
        "https://ann@mcp.example.com/", "https://mcp.example.com/\"",
        "http://localhost.evil.com/"}) {
    CAPTURE(url);
    const auto made = describe_resource(of(url));
    REQUIRE_FALSE(made);
    CHECK(made.error().code == ErrorCode::identity_setting);
  }
}

TEST_CASE("resource metadata: what it says") {
  Settings settings = of("https://mcp.example.com/mcp");
  settings.issuers.resize(2);
  settings.issuers[0].issuer = "https://login.example.com";
  settings.issuers[0].require_dpop = true;
  settings.issuers[1].issuer = "https://login.microsoftonline.com/{tenantid}/v2.0";
  settings.resource.scopes = {"a", "b"};
  settings.resource.name = "Shop";
  auto made = describe_resource(settings);
  REQUIRE(made);
  auto json = nlohmann::json::parse(made->json);
  CHECK(json["resource"] == "https://mcp.example.com/mcp");
  CHECK(json["authorization_servers"] == nlohmann::json{"https://login.example.com"});
  CHECK(json["scopes_supported"] == nlohmann::json{"a", "b"});
  CHECK(json["bearer_methods_supported"] == nlohmann::json{"header"});
  CHECK(json["resource_name"] == "Shop");
  CHECK(json["dpop_signing_alg_values_supported"].size() == 4);
  CHECK_FALSE(json.contains("dpop_bound_access_tokens_required"));
  settings.issuers[1].require_dpop = true;
  made = describe_resource(settings);
  CHECK(nlohmann::json::parse(made->json)["dpop_bound_access_tokens_required"] == true);
}

}  // namespace
