// Tests of check_claim_settings(): settings of an issuer that cannot be meant.
//
// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <string>

#include <doctest/doctest.h>

#include "identity/claims.hpp"

namespace mcpgov::identity {
namespace {

constexpr const char* kTenant = "9188040d-6c67-4c5b-b112-36a304b66dad";

struct Row {
  const char* name;
  std::function<void(IssuerSettings&)> change;
};

IssuerSettings plain() {
  IssuerSettings out;
  out.issuer = "https://idp.example";
  return out;
}

void ask(IssuerSettings& settings, IntrospectionForm form) {
  settings.introspection.emplace();
  settings.introspection->form = form;
  settings.introspection->client_id = "us";
  settings.introspection->client_secret = "s";
}

void resolve(IssuerSettings& settings) {
  settings.profile = Profile::entra;
  settings.overage = Overage::resolve;
  settings.directory_url = "https://graph.microsoft.com";
  settings.directory_secret = "s";
}

TEST_CASE("settings of claims: what is refused") {
  const Row rows[] = {
      {"no issuer", [](IssuerSettings& s) { s.issuer.clear(); }},
      {"a line break in the issuer", [](IssuerSettings& s) { s.issuer += "\n"; }},
      {"a template without Entra", [](IssuerSettings& s) { s.issuer += "/{tenantid}"; }},
      {"two templates",
       [](IssuerSettings& s) {
         s.profile = Profile::entra;
         s.issuer += "/{tenantid}/{tenantid}";
       }},
      {"tenants without Entra", [](IssuerSettings& s) { s.tenants = {kTenant}; }},
      {"a tenant by its domain",
       [](IssuerSettings& s) {
         s.profile = Profile::entra;
         s.tenants = {"contoso.com"};
       }},
      {"too much leeway", [](IssuerSettings& s) { s.leeway_s = 121; }},
      {"an empty type", [](IssuerSettings& s) { s.types = {""}; }},
      {"a type of proofs", [](IssuerSettings& s) { s.types = {"application/DPoP+jwt"}; }},
      {"an empty audience", [](IssuerSettings& s) { s.audiences = {""}; }},
      {"two scopes in one", [](IssuerSettings& s) { s.required_scopes = {"a b"}; }},
      {"an empty scope", [](IssuerSettings& s) { s.required_scopes = {""}; }},
      {"a malformed pointer", [](IssuerSettings& s) { s.claims.subject = "sub"; }},
      {"a malformed pointer to groups", [](IssuerSettings& s) { s.claims.groups = "/a~"; }},
      {"a malformed pointer of an attribute",
       [](IssuerSettings& s) {
         s.claims.attributes = {{"a", "a"}};
       }},
      {"an attribute without name",
       [](IssuerSettings& s) {
         s.claims.attributes = {{"", "/a"}};
       }},
      {"an attribute that stands for a fact",
       [](IssuerSettings& s) {
         s.claims.attributes = {{"tenant", "/a"}};
       }},
      {"an attribute twice",
       [](IssuerSettings& s) {
         s.claims.attributes = {{"a", "/a"}, {"a", "/b"}};
       }},
      {"a malformed pointer of a required claim",
       [](IssuerSettings& s) {
         s.required = {{"a", {}}};
       }},
      {"a required value that is no JSON",
       [](IssuerSettings& s) {
         s.required = {{"/a", {"x"}}};
       }},
      {"a required value that is empty",
       [](IssuerSettings& s) {
         s.required = {{"/a", {""}}};
       }},
      {"a required value that is a list",
       [](IssuerSettings& s) {
         s.required = {{"/a", {"[1]"}}};
       }},
      {"a required value that is null",
       [](IssuerSettings& s) {
         s.required = {{"/a", {"null"}}};
       }},
      {"two required values in one",
       [](IssuerSettings& s) {
         s.required = {{"/a", {R"(1,"b":2)"}}};
       }},
      {"introspection without client", [](IssuerSettings& s) { s.introspection.emplace(); }},
      {"introspection without secret",
       [](IssuerSettings& s) {
         ask(s, IntrospectionForm::rfc7662);
         s.introspection->client_secret.clear();
       }},
      {"introspection over http",
       [](IssuerSettings& s) {
         ask(s, IntrospectionForm::rfc7662);
         s.introspection->url = "http://idp.example/introspect";
       }},
      {"introspection of many tenants",
       [](IssuerSettings& s) {
         ask(s, IntrospectionForm::rfc7662);
         s.profile = Profile::entra;
         s.issuer += "/{tenantid}";
       }},
      {"Google without audience", [](IssuerSettings& s) { ask(s, IntrospectionForm::google); }},
      {"groups resolved elsewhere",
       [](IssuerSettings& s) {
         resolve(s);
         s.profile = Profile::okta;
       }},
      {"a directory over http",
       [](IssuerSettings& s) {
         resolve(s);
         s.directory_url = "http://graph.microsoft.com";
       }},
      {"a directory without secret",
       [](IssuerSettings& s) {
         resolve(s);
         s.directory_secret.clear();
       }},
      {"one directory for all tenants",
       [](IssuerSettings& s) {
         resolve(s);
         s.issuer += "/{tenantid}";
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    IssuerSettings settings = plain();
    row.change(settings);
    const auto checked = check_claim_settings(settings);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code == ErrorCode::identity_setting);
  }
}

TEST_CASE("settings of claims: what is fine") {
  const Row rows[] = {
      {"the defaults", [](IssuerSettings&) {}},
      {"the most leeway", [](IssuerSettings& s) { s.leeway_s = 120; }},
      {"all tenants",
       [](IssuerSettings& s) {
         s.profile = Profile::entra;
         s.issuer += "/{tenantid}/v2.0";
       }},
      {"pointers and required values",
       [](IssuerSettings& s) {
         s.claims.subject = "/a/b";
         s.claims.attributes = {{"a", "/a"}, {"b", "/a"}};
         s.required = {{"/a", {R"("x")", "1", "true"}}, {"/b", {}}};
       }},
      {"introspection", [](IssuerSettings& s) { ask(s, IntrospectionForm::rfc7662); }},
      {"Google",
       [](IssuerSettings& s) {
         ask(s, IntrospectionForm::google);
         s.audiences = {"x"};
       }},
      {"groups of one tenant",
       [](IssuerSettings& s) {
         resolve(s);
         s.issuer += "/{tenantid}";
         s.tenants = {kTenant};
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    IssuerSettings settings = plain();
    row.change(settings);
    CHECK(check_claim_settings(settings).has_value());
  }
}

}  // namespace
}  // namespace mcpgov::identity
