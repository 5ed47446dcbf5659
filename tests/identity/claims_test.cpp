// Tests of identity/claims.hpp: what a token must and must not say.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/claims.hpp"

#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "identity/token_types.hpp"

namespace mcpgov::identity {
namespace {

constexpr std::uint64_t kNow = 1'800'000'000;
constexpr const char* kTenant = "9188040d-6c67-4c5b-b112-36a304b66dad";

IssuerSettings settings_of(Profile profile = Profile::generic) {
  IssuerSettings out;
  out.issuer = "https://idp.example";
  out.profile = profile;
  out.audiences = {"https://mcp.example/mcp", "api://orders"};
  return out;
}

// Claims that pass, with members replaced or (value empty) taken out.
std::string claims_with(const std::vector<std::pair<std::string, std::string>>& changes) {
  std::vector<std::pair<std::string, std::string>> members = {{"iss", R"("https://idp.example")"},
                                                              {"sub", R"("ann")"},
                                                              {"aud", R"("api://orders")"},
                                                              {"exp", "1800000300"},
                                                              {"iat", "1799999999"},
                                                              {"nbf", "1799999999"}};
  for (const auto& [name, value] : changes) {
    std::erase_if(members, [&](const auto& each) { return each.first == name; });
    if (!value.empty()) members.emplace_back(name, value);
  }
  std::string out = "{";
  for (const auto& [name, value] : members) {
    out += (out.size() > 1 ? ",\"" : "\"") + name + "\":" + value;
  }
  return out + "}";
}

ErrorCode checked(const std::string& claims, const IssuerSettings& settings,
                  std::string_view typ = "JWT", Times* times = nullptr) {
  StrictJson json;
  REQUIRE(json.read(claims, {}));
  Times seen;
  std::vector<Check> steps;
  Trace trace(steps);
  const ErrorCode code = check_claims(json.root(), typ, settings, {}, kNow, seen, &trace);
  Times untraced;
  CHECK(check_claims(json.root(), typ, settings, {}, kNow, untraced) == code);
  CHECK(steps.back().passed == (code == ErrorCode::none));
  if (times != nullptr) *times = seen;
  return code;
}

struct Row {
  const char* name;
  std::vector<std::pair<std::string, std::string>> changes;
  ErrorCode code;
};

void check_rows(const std::vector<Row>& rows, const IssuerSettings& settings) {
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    CHECK(code_name(checked(claims_with(row.changes), settings)) == code_name(row.code));
  }
}

TEST_CASE("claims: issuer and subject") {
  const ErrorCode wrong = ErrorCode::token_issuer;
  check_rows(
      {
          {"as configured", {}, ErrorCode::none},
          {"no issuer", {{"iss", ""}}, wrong},
          {"null", {{"iss", "null"}}, wrong},
          {"a list with the issuer", {{"iss", R"(["https://idp.example"])"}}, wrong},
          {"a slash at the end", {{"iss", R"("https://idp.example/")"}}, wrong},
          {"another case", {{"iss", R"("https://IDP.example")"}}, wrong},
          {"the default port", {{"iss", R"("https://idp.example:443")"}}, wrong},
          {"a prefix", {{"iss", R"("https://idp.exampl")"}}, wrong},
          {"no subject", {{"sub", ""}}, ErrorCode::token_claim},
          {"an empty subject", {{"sub", R"("")"}}, ErrorCode::token_claim},
          {"a subject that is a number", {{"sub", "7"}}, ErrorCode::token_claim},
          {"a NUL in the subject", {{"sub", R"("a\u0000")"}}, ErrorCode::token_claim},
          {"a line break in the subject", {{"sub", R"("a\nb")"}}, ErrorCode::token_claim},
          {"1,024 bytes of subject",
           {{"sub", '"' + std::string(1024, 's') + '"'}},
           ErrorCode::none},
          {"1,025 bytes of subject",
           {{"sub", '"' + std::string(1025, 's') + '"'}},
           ErrorCode::token_claim},
      },
      settings_of());
}

TEST_CASE("claims: times, and what the leeway of 60 s does at the boundary") {
  check_rows(
      {
          {"no exp", {{"exp", ""}}, ErrorCode::token_claim},
          {"exp null", {{"exp", "null"}}, ErrorCode::token_claim},
          {"exp as text", {{"exp", R"("1800000300")"}}, ErrorCode::token_claim},
          {"exp negative", {{"exp", "-1"}}, ErrorCode::token_claim},
          {"exp beyond 2^53", {{"exp", "1e300"}}, ErrorCode::token_claim},
          {"exp now", {{"exp", "1800000000"}}, ErrorCode::none},
          {"expired 59 s ago", {{"exp", "1799999941"}}, ErrorCode::none},
          {"expired 60 s ago", {{"exp", "1799999940"}}, ErrorCode::token_expired},
          {"a fraction does not help", {{"exp", "1799999940.9"}}, ErrorCode::token_expired},
          {"expired long ago", {{"exp", "1"}}, ErrorCode::token_expired},
          {"milliseconds", {{"iat", "1800000000000"}}, ErrorCode::token_not_yet_valid},
          {"begins in 60 s", {{"nbf", "1800000060"}}, ErrorCode::none},
          {"begins in 61 s", {{"nbf", "1800000061"}}, ErrorCode::token_not_yet_valid},
          {"begins in 60.1 s", {{"nbf", "1800000060.1"}}, ErrorCode::token_not_yet_valid},
          {"issued in 60 s", {{"iat", "1800000060"}}, ErrorCode::none},
          {"issued in 61 s", {{"iat", "1800000061"}}, ErrorCode::token_not_yet_valid},
          {"nbf as text", {{"nbf", R"("1")"}}, ErrorCode::token_claim},
          {"iat as boolean", {{"iat", "true"}}, ErrorCode::token_claim},
          {"neither nbf nor iat", {{"nbf", ""}, {"iat", ""}}, ErrorCode::none},
      },
      settings_of());
  Times times;
  CHECK(checked(claims_with({}), settings_of(), "", &times) == ErrorCode::none);
  CHECK(times.expires_s == 1'800'000'360U);
  CHECK(times.issued_s == 1'799'999'999U);
}

TEST_CASE("claims: no leeway, and a limit of lifetime") {
  IssuerSettings settings = settings_of();
  settings.leeway_s = 0;
  settings.max_lifetime_s = 300;
  check_rows(
      {
          {"300 s", {{"iat", "1800000000"}}, ErrorCode::none},
          {"301 s", {}, ErrorCode::token_lifetime},
          {"from the fraction on", {{"iat", "1799999999.5"}}, ErrorCode::none},
          {"without iat", {{"iat", ""}}, ErrorCode::token_lifetime},
          {"expires now", {{"exp", "1800000000"}}, ErrorCode::token_expired},
          {"expires in a second", {{"exp", "1800000001"}}, ErrorCode::none},
          {"issued in a second", {{"iat", "1800000001"}}, ErrorCode::token_not_yet_valid},
      },
      settings);
}

TEST_CASE("claims: audience") {
  const ErrorCode wrong = ErrorCode::token_audience;
  check_rows(
      {
          {"the second of ours", {{"aud", R"("api://orders")"}}, ErrorCode::none},
          {"a list with one of ours", {{"aud", R"(["x","api://orders"])"}}, ErrorCode::none},
          {"a URL", {{"aud", R"("https://mcp.example/mcp")"}}, ErrorCode::none},
          {"scheme and host in capitals",
           {{"aud", R"("HTTPS://MCP.Example/mcp")"}},
           ErrorCode::none},
          {"the default port", {{"aud", R"("https://mcp.example:443/mcp")"}}, ErrorCode::none},
          {"no audience", {{"aud", ""}}, wrong},
          {"null", {{"aud", "null"}}, wrong},
          {"an empty text", {{"aud", R"("")"}}, wrong},
          {"an empty list", {{"aud", "[]"}}, wrong},
          {"somebody else", {{"aud", R"("api://billing")"}}, wrong},
          {"others only", {{"aud", R"(["a","b"])"}}, wrong},
          {"ours beside a number", {{"aud", R"(["api://orders",1])"}}, wrong},
          {"ours in a list of lists", {{"aud", R"([["api://orders"]])"}}, wrong},
          {"ours as member", {{"aud", R"({"api://orders":1})"}}, wrong},
          {"another case where it is no http URL", {{"aud", R"("API://orders")"}}, wrong},
          {"several in one text", {{"aud", R"("x api://orders")"}}, wrong},
          {"another path", {{"aud", R"("https://mcp.example/")"}}, wrong},
          {"the path in another case", {{"aud", R"("https://mcp.example/MCP")"}}, wrong},
          {"a slash more", {{"aud", R"("https://mcp.example/mcp/")"}}, wrong},
          {"a prefix", {{"aud", R"("https://mcp.example/mc")"}}, wrong},
          {"http", {{"aud", R"("http://mcp.example/mcp")"}}, wrong},
          {"another port", {{"aud", R"("https://mcp.example:444/mcp")"}}, wrong},
          {"a query", {{"aud", R"("https://mcp.example/mcp?a")"}}, wrong},
          {"user information", {{"aud", R"("https://a@mcp.example/mcp")"}}, wrong},
      },
      settings_of());
  IssuerSettings none = settings_of();
  none.audiences.clear();
  CHECK(checked(claims_with({}), none) == wrong);
  none.audiences = {""};
  CHECK(checked(claims_with({{"aud", R"("")"}}), none) == wrong);
}

TEST_CASE("claims: the default audience counts only without one of the issuer's own") {
  StrictJson json;
  REQUIRE(json.read(claims_with({{"aud", R"("https://mcp.example")"}}), {}));
  const std::string resource[] = {"https://MCP.example:443"};
  IssuerSettings settings = settings_of();
  Times times;
  CHECK(check_claims(json.root(), "", settings, resource, kNow, times) ==
        ErrorCode::token_audience);
  settings.audiences.clear();
  CHECK(check_claims(json.root(), "", settings, resource, kNow, times) == ErrorCode::none);
}

TEST_CASE("audiences: what is the same") {
  CHECK(same_audience("http://a:80/x", "HTTP://A/x"));
  CHECK(same_audience("https://[2001:DB8::1]:443", "https://[2001:db8::1]"));
  CHECK(same_audience("urn:a", "urn:a"));
  CHECK_FALSE(same_audience("urn:a", "urn:A"));
  CHECK_FALSE(same_audience("https://a:80", "https://a"));
  CHECK_FALSE(same_audience("https://a", "https://a/"));
  CHECK_FALSE(same_audience("https://u@A", "https://u@a"));
  CHECK_FALSE(same_audience("https://", "HTTPS://"));
  CHECK_FALSE(same_audience("ftp://a", "FTP://a"));
}

TEST_CASE("claims: types of the header") {
  struct Type {
    const char* typ;
    bool usual;   // without `types` in the settings
    bool listed;  // with types: [at+jwt]
  };
  const Type types[] = {
      {"", true, false},
      {"JWT", true, false},
      {"jwt", true, false},
      {"application/jwt", true, false},
      {"at+jwt", true, true},
      {"AT+JWT", true, true},
      {"application/at+jwt", true, true},
      {"Application/AT+jwt", true, true},
      {"application/application/at+jwt", false, false},
      {"at+jwt ", false, false},
      {"JOSE", false, false},
      {"x", false, false},
      {"text/at+jwt", false, false},
      {"oauth-id-jag+jwt", false, false},
      {"application/oauth-id-jag+jwt", false, false},
      {"DPoP+jwt", false, false},
      {"client-authentication+jwt", false, false},
      {"logout+jwt", false, false},
      {"secevent+jwt", false, false},
      {"token-introspection+jwt", false, false},
      {"oauth-authz-req+jwt", false, false},
      {"entity-statement+jwt", false, false},
      {"kb+jwt", false, false},
      {"wit+jwt", false, false},
  };
  IssuerSettings strict = settings_of();
  strict.types = {"at+jwt"};
  for (const Type& type : types) {
    CAPTURE(std::string(type.typ));
    const auto code = [](bool good) { return good ? ErrorCode::none : ErrorCode::token_type; };
    CHECK(checked(claims_with({}), settings_of(), type.typ) == code(type.usual));
    CHECK(checked(claims_with({}), strict, type.typ) == code(type.listed));
  }
  // Also where somebody got it into the settings.
  strict.types = {"wit+jwt"};
  CHECK(checked(claims_with({}), strict, "wit+jwt") == ErrorCode::token_type);
}

TEST_CASE("claims: tokens of another use") {
  const ErrorCode wrong = ErrorCode::token_type;
  const std::vector<Row> rows = {
      {"a nonce", {{"nonce", R"("n")"}}, wrong},
      {"the hash of a code", {{"c_hash", R"("n")"}}, wrong},
      {"the hash of an access token", {{"at_hash", R"("n")"}}, wrong},
      {"the hash of a state", {{"s_hash", R"("n")"}}, wrong},
      {"a nonce that is no text", {{"nonce", "1"}}, wrong},
      {"events",
       {{"events", R"({"http://schemas.openid.net/event/backchannel-logout":{}})"}},
       wrong},
      {"an ID token", {{"typ", R"("ID")"}}, wrong},
      {"a refresh token", {{"typ", R"("Refresh")"}}, wrong},
      {"an offline token", {{"typ", R"("Offline")"}}, wrong},
      {"a logout token", {{"typ", R"("Logout")"}}, wrong},
      {"a type that is no text", {{"typ", "1"}}, wrong},
      {"a type that is a list", {{"typ", R"(["Bearer"])"}}, wrong},
      {"Cognito's ID token", {{"token_use", R"("id")"}}, wrong},
      {"a token use that is no text", {{"token_use", "true"}}, wrong},
      {"another token name", {{"tokenName", R"("refresh_token")"}}, wrong},
      {"Bearer", {{"typ", R"("Bearer")"}}, ErrorCode::none},
      {"Cognito's access token", {{"token_use", R"("access")"}}, ErrorCode::none},
      {"nulls", {{"nonce", "null"}, {"typ", "null"}}, ErrorCode::none},
  };
  check_rows(rows, settings_of());
}

TEST_CASE("claims: what tells access tokens of large issuers from their ID tokens") {
  struct Sign {
    const char* name;
    Profile profile;
    std::vector<std::pair<std::string, std::string>> changes;
    ErrorCode code;
  };
  const std::string tid = std::string("\"") + kTenant + "\"";
  const ErrorCode wrong = ErrorCode::token_type;
  const Sign signs[] = {
      {"Entra v2", Profile::entra, {{"azp", "\"c\""}, {"tid", tid}}, ErrorCode::none},
      {"Entra v1", Profile::entra, {{"appid", "\"c\""}, {"tid", tid}}, ErrorCode::none},
      {"Entra's ID token", Profile::entra, {{"tid", tid}}, wrong},
      {"Okta", Profile::okta, {{"cid", "\"c\""}}, ErrorCode::none},
      {"Okta's ID token", Profile::okta, {}, wrong},
      {"Auth0", Profile::auth0, {{"azp", "\"c\""}}, ErrorCode::none},
      {"Auth0 of RFC 9068", Profile::auth0, {{"client_id", "\"c\""}}, ErrorCode::none},
      {"Auth0's ID token", Profile::auth0, {}, wrong},
      {"Keycloak", Profile::keycloak, {{"typ", "\"Bearer\""}}, ErrorCode::none},
      {"Keycloak with DPoP", Profile::keycloak, {{"typ", "\"DPoP\""}}, ErrorCode::none},
      {"Keycloak's ID token", Profile::keycloak, {{"typ", "\"ID\""}}, wrong},
      {"Keycloak's unknown type", Profile::keycloak, {{"typ", "\"Other\""}}, wrong},
      {"Keycloak without type", Profile::keycloak, {}, wrong},
      {"Google signs ID tokens",
       Profile::google,
       {{"at_hash", "\"h\""}, {"nonce", "\"n\""}},
       ErrorCode::none},
      {"Google's event", Profile::google, {{"events", "{}"}}, wrong},
      {"Kubernetes with a nonce", Profile::kubernetes, {{"nonce", "\"n\""}}, wrong},
  };
  for (const Sign& sign : signs) {
    CAPTURE(std::string(sign.name));
    CHECK(checked(claims_with(sign.changes), settings_of(sign.profile)) == sign.code);
  }
}

TEST_CASE("claims: issuers of many tenants") {
  const std::string other = "00000001-0000-0ff1-ce00-000000000000";
  const auto iss = [](const std::string& tenant) {
    return "\"https://login.microsoftonline.com/" + tenant + "/v2.0\"";
  };
  const auto quoted = [](const std::string& text) { return "\"" + text + "\""; };
  IssuerSettings settings = settings_of(Profile::entra);
  settings.issuer = "https://login.microsoftonline.com/{tenantid}/v2.0";
  settings.tenants = {kTenant};
  const std::pair<std::string, std::string> azp = {"azp", "\"c\""};
  const ErrorCode wrong = ErrorCode::token_issuer;
  const std::vector<Row> rows = {
      {"ours", {azp, {"iss", iss(kTenant)}, {"tid", quoted(kTenant)}}, ErrorCode::none},
      {"another tenant", {azp, {"iss", iss(other)}, {"tid", quoted(other)}}, wrong},
      {"tid of another", {azp, {"iss", iss(kTenant)}, {"tid", quoted(other)}}, wrong},
      {"issuer of another", {azp, {"iss", iss(other)}, {"tid", quoted(kTenant)}}, wrong},
      {"no tid", {azp, {"iss", iss(kTenant)}}, wrong},
      {"the template itself", {azp, {"iss", iss("{tenantid}")}, {"tid", quoted(kTenant)}}, wrong},
      {"common", {azp, {"iss", iss("common")}, {"tid", quoted(kTenant)}}, wrong},
      {"a path in its place", {azp, {"iss", iss("a/b")}, {"tid", quoted("a/b")}}, wrong},
      {"v1",
       {azp,
        {"iss", quoted("https://sts.windows.net/" + std::string(kTenant) + "/")},
        {"tid", quoted(kTenant)}},
       wrong},
      {"another version",
       {azp,
        {"iss", "\"https://login.microsoftonline.com/" + std::string(kTenant) + "/v2.1\""},
        {"tid", quoted(kTenant)}},
       wrong},
      {"more at the end",
       {azp,
        {"iss", "\"https://login.microsoftonline.com/" + std::string(kTenant) + "/v2.0/\""},
        {"tid", quoted(kTenant)}},
       wrong},
  };
  check_rows(rows, settings);
  settings.tenants.clear();
  CHECK(checked(claims_with({azp, {"iss", iss(other)}, {"tid", quoted(other)}}), settings) ==
        ErrorCode::none);
  CHECK(checked(claims_with({azp, {"iss", iss("x")}, {"tid", quoted("x")}}), settings) == wrong);
  // One tenant alone: its issuer is written out, and tid is looked at all the same.
  settings.issuer = "https://idp.example";
  settings.tenants = {kTenant};
  CHECK(checked(claims_with({azp, {"tid", quoted(kTenant)}}), settings) == ErrorCode::none);
  CHECK(checked(claims_with({azp, {"tid", quoted(other)}}), settings) == wrong);
  CHECK(checked(claims_with({azp, {"tid", "1"}}), settings) == wrong);
}

TEST_CASE("claims: required ones") {
  struct Required {
    const char* name;
    RequiredClaim claim;
    std::string value;  // of the claim `c`
    bool good;
  };
  const Required rows[] = {
      {"there", {"/c", {}}, R"("x")", true},
      {"there, though false", {"/c", {}}, "false", true},
      {"missing", {"/c", {}}, "", false},
      {"null", {"/c", {}}, "null", false},
      {"the value", {"/c", {R"("gold")"}}, R"("gold")", true},
      {"one of the values", {"/c", {R"("gold")", "7"}}, "7", true},
      {"written with an escape", {"/c", {R"("g\u006fld")"}}, R"("gold")", true},
      {"in a list", {"/c", {R"("gold")"}}, R"(["red","gold"])", true},
      {"another value", {"/c", {R"("gold")"}}, R"("Gold")", false},
      {"in a list of lists", {"/c", {R"("gold")"}}, R"([["gold"]])", false},
      {"an empty list", {"/c", {R"("gold")"}}, "[]", false},
      {"a text for a number", {"/c", {"7"}}, R"("7")", false},
      {"a number for a text", {"/c", {R"("7")"}}, "7", false},
      {"true", {"/c", {"true"}}, "true", true},
      {"false for true", {"/c", {"true"}}, "false", false},
      {"a text for true", {"/c", {"true"}}, R"("true")", false},
      {"1 for true", {"/c", {"true"}}, "1", false},
      {"the same number", {"/c", {"7"}}, "7.0", true},
      {"large ids that one double stands for",
       {"/c", {"9007199254740993"}},
       "9007199254740992",
       false},
      {"below", {"/c/d/0", {R"("x")"}}, R"({"d":["x"]})", true},
      {"elsewhere below", {"/c/d/0", {R"("x")"}}, R"({"d":["y","x"]})", false},
  };
  for (const Required& row : rows) {
    CAPTURE(std::string(row.name));
    IssuerSettings settings = settings_of();
    settings.required = {{"/sub", {}}, row.claim};
    CHECK(checked(claims_with({{"c", row.value}}), settings) ==
          (row.good ? ErrorCode::none : ErrorCode::token_claim));
  }
}

}  // namespace
}  // namespace mcpgov::identity
