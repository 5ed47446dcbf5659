// Tests of identity/introspection.hpp, and of claims that come from answers.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/introspection.hpp"

#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "identity/claims.hpp"
#include "identity/profile.hpp"

namespace mcpgov::identity {
namespace {

constexpr std::uint64_t kNow = 1'800'000'000;

IssuerSettings asking(IntrospectionForm form = IntrospectionForm::rfc7662) {
  IssuerSettings out;
  out.issuer = "https://idp.example";
  out.audiences = {"api://orders"};
  out.introspection.emplace();
  out.introspection->form = form;
  out.introspection->client_id = "us:1";
  out.introspection->client_secret = "p w+";
  return out;
}

std::string header(const Fetch& fetch, std::string_view name) {
  for (const auto& [each, value] : fetch.headers) {
    if (each == name) return value;
  }
  return "-";
}

TEST_CASE("introspection: the question of RFC 7662") {
  const Fetch fetch =
      introspection_fetch(asking(), "https://idp.example/introspect", "a b&token=c+%/=~\xc3\xa9");
  CHECK(fetch.kind == FetchKind::introspection);
  CHECK(fetch.method == "POST");
  CHECK(fetch.url == "https://idp.example/introspect");
  CHECK(fetch.body == "token=a+b%26token%3Dc%2B%25%2F%3D%7E%C3%A9&token_type_hint=access_token");
  CHECK(header(fetch, "Content-Type") == "application/x-www-form-urlencoded");
  // us%3A1:p+w%2B
  CHECK(header(fetch, "Authorization") == "Basic dXMlM0ExOnArdyUyQg==");
  CHECK(fetch.secret);
  CHECK(fetch.max_bytes == 65536);
  CHECK(fetch.url.find("token") == std::string::npos);
  IssuerSettings own = asking();
  own.introspection->url = "https://other.example/i";
  own.reach.timeout_ms = 900;
  own.reach.pin_sha256 = "pin";
  const Fetch there = introspection_fetch(own, "https://idp.example/introspect", "t");
  CHECK(there.url == "https://other.example/i");
  CHECK(there.timeout_ms == 900);
  CHECK(there.pin_sha256 == "pin");
  CHECK(introspection_fetch(asking(), "", "t").url.empty());
  CHECK(introspection_fetch(IssuerSettings(), "https://idp.example", "t").url.empty());
}

TEST_CASE("introspection: the questions of GitHub and Google") {
  const Fetch github =
      introspection_fetch(asking(IntrospectionForm::github), "https://ignored.example", "gho_\"x");
  CHECK(github.url == "https://api.github.com/applications/us%3A1/token");
  CHECK(github.body == R"({"access_token":"gho_\"x"})");
  CHECK(header(github, "User-Agent") == "mcpgov");
  CHECK(header(github, "Authorization").starts_with("Basic "));
  IssuerSettings enterprise = asking(IntrospectionForm::github);
  enterprise.introspection->url = "https://github.example/api/v3/";
  CHECK(introspection_fetch(enterprise, "", "gho_x").url ==
        "https://github.example/api/v3/applications/us%3A1/token");
  const Fetch google = introspection_fetch(asking(IntrospectionForm::google), "", "ya29.x/y");
  CHECK(google.url == "https://oauth2.googleapis.com/tokeninfo");
  CHECK(google.body == "access_token=ya29.x%2Fy");
  CHECK(header(google, "Authorization") == "-");
}

TEST_CASE("introspection: who is asked about a token that names no issuer") {
  std::vector<IssuerSettings> issuers(2);
  CHECK(issuer_to_ask(issuers, "opaque") == kNobodyToAsk);
  issuers.push_back(asking());
  issuers.push_back(asking(IntrospectionForm::github));
  CHECK(issuer_to_ask(issuers, "opaque") == 2);
  CHECK(issuer_to_ask(issuers, "gho_x") == 3);
  CHECK(issuer_to_ask(issuers, "ghu_x") == 3);
  CHECK(issuer_to_ask(issuers, "github_pat_x") == 3);
  // No Google form: the token is sent to nobody, and never to another issuer.
  CHECK(issuer_to_ask(issuers, "ya29.x") == kNobodyToAsk);
  issuers.push_back(asking(IntrospectionForm::google));
  CHECK(issuer_to_ask(issuers, "ya29.x") == 4);
  issuers.erase(issuers.begin() + 3);
  CHECK(issuer_to_ask(issuers, "ghp_x") == kNobodyToAsk);
  CHECK(check_who_is_asked(issuers).has_value());
  issuers.push_back(asking());
  CHECK(check_who_is_asked(issuers).error().code == ErrorCode::identity_setting);
}

TEST_CASE("introspection: answers that say no, and answers that say nothing") {
  struct Row {
    const char* name;
    int status;
    std::string body;
    ErrorCode rfc7662;
    ErrorCode github;
    ErrorCode google;
  };
  const ErrorCode useless = ErrorCode::identity_answer;
  const ErrorCode inactive = ErrorCode::token_inactive;
  const ErrorCode none = ErrorCode::none;
  const Row rows[] = {
      {"active", 200, R"({"active":true})", none, none, none},
      {"not active", 200, R"({"active":false})", inactive, none, none},
      {"not active, though it says more", 200, R"({"active":false,"sub":"ann"})", inactive, none,
       none},
      {"nothing about it", 200, "{}", useless, none, none},
      {"a text", 200, R"({"active":"true"})", useless, none, none},
      {"a number", 200, R"({"active":1})", useless, none, none},
      {"null", 200, R"({"active":null})", useless, none, none},
      {"twice", 200, R"({"active":false,"active":true})", useless, useless, useless},
      {"another case", 200, R"({"Active":true})", useless, none, none},
      {"a list", 200, R"([{"active":true}])", useless, useless, useless},
      {"no JSON", 200, "active", useless, useless, useless},
      {"an empty body", 200, "", useless, useless, useless},
      {"something after it", 200, R"({"active":true}{})", useless, useless, useless},
      {"too long", 200, R"({"active":true,"x":")" + std::string(65536, 'x') + "\"}", useless,
       useless, useless},
      {"nothing came", 0, R"({"active":true})", useless, useless, useless},
      {"created", 201, R"({"active":true})", useless, useless, useless},
      {"moved", 302, R"({"active":true})", useless, useless, useless},
      {"bad request", 400, R"({"error":"invalid_token"})", useless, useless, inactive},
      {"we are not known there", 401, R"({"error":"invalid_client"})", useless, useless, useless},
      {"forbidden", 403, R"({"active":true})", useless, useless, useless},
      {"not found", 404, R"({"message":"Not Found"})", useless, inactive, useless},
      {"too often", 429, R"({"active":true})", useless, useless, useless},
      {"failing", 503, R"({"active":true})", useless, useless, useless},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    StrictJson json;
    JsonObject claims;
    const FetchAnswer answer{1, row.status, row.body, 0};
    CHECK(read_introspection(asking(), answer, json, claims) == row.rfc7662);
    CHECK(read_introspection(asking(IntrospectionForm::github), answer, json, claims) ==
          row.github);
    CHECK(read_introspection(asking(IntrospectionForm::google), answer, json, claims) ==
          row.google);
    CHECK(read_introspection(IssuerSettings(), answer, json, claims) == useless);
  }
}

struct Outcome {
  ErrorCode code = ErrorCode::none;
  Times times;
  Caller caller;
};

Outcome caller_of(const IssuerSettings& settings, const std::string& body) {
  StrictJson json;
  JsonObject claims;
  Outcome out;
  REQUIRE(read_introspection(settings, {1, 200, body, 0}, json, claims) == ErrorCode::none);
  const std::string defaults[] = {"https://default.example"};
  out.code = check_introspected(claims, settings, defaults, kNow, out.times);
  if (out.code != ErrorCode::none) return out;
  bool left_out = false;
  out.code = map_introspected(claims, settings, out.caller, left_out);
  if (out.code == ErrorCode::none) CHECK(check(out.caller).has_value());
  return out;
}

// An answer with one member replaced or (value empty) taken out.
std::string answer_with(const std::string& name, const std::string& value) {
  std::vector<std::pair<std::string, std::string>> members = {
      {"active", "true"},        {"iss", R"("https://idp.example")"}, {"sub", R"("ann")"},
      {"client_id", R"("app")"}, {"aud", R"(["api://orders"])"},      {"exp", "1800000300"},
      {"scope", R"("a b")"},     {"token_type", R"("Bearer")"},       {"jti", R"("t1")"}};
  std::erase_if(members, [&](const auto& each) { return each.first == name; });
  if (!value.empty()) members.emplace_back(name, value);
  std::string out = "{";
  for (const auto& [each, text] : members) {
    out += (out.size() > 1 ? ",\"" : "\"") + each + "\":" + text;
  }
  return out + "}";
}

TEST_CASE("introspection: what an active token has to be besides") {
  struct Row {
    const char* name;
    const char* member;
    const char* value;
    ErrorCode code;
  };
  const Row rows[] = {
      {"a DPoP token", "token_type", R"("DPoP")", ErrorCode::none},
      {"bearer in small letters", "token_type", R"("bearer")", ErrorCode::none},
      {"no token type", "token_type", "", ErrorCode::none},
      {"a client for itself", "sub", R"("app")", ErrorCode::none},
      {"no issuer", "iss", "", ErrorCode::token_issuer},
      {"another issuer", "iss", R"("https://other.example")", ErrorCode::token_issuer},
      {"no audience", "aud", "", ErrorCode::token_audience},
      {"the default audience beside one of our own", "aud", R"("https://default.example")",
       ErrorCode::token_audience},
      {"another audience", "aud", R"("api://billing")", ErrorCode::token_audience},
      {"no end", "exp", "", ErrorCode::token_claim},
      {"an end as text", "exp", R"("1800000300")", ErrorCode::token_claim},
      {"expired", "exp", "1799999940", ErrorCode::token_expired},
      {"not yet", "nbf", "1800000061", ErrorCode::token_not_yet_valid},
      {"no subject", "sub", "", ErrorCode::token_claim},
      {"a subject that is a number", "sub", "7", ErrorCode::token_claim},
      {"a scope that is a number", "scope", "7", ErrorCode::token_claim},
      {"a refresh token", "token_type", R"("refresh_token")", ErrorCode::token_type},
      {"a token type that is no text", "token_type", "1", ErrorCode::token_type},
      {"an ID token", "at_hash", R"("h")", ErrorCode::token_type},
      {"Hydra's refresh token", "token_use", R"("refresh_token")", ErrorCode::token_type},
      {"Keycloak's refresh token", "typ", R"("Refresh")", ErrorCode::token_type},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    const Outcome out = caller_of(asking(), answer_with(row.member, row.value));
    CHECK(code_name(out.code) == code_name(row.code));
    if (out.code != ErrorCode::none) continue;
    CHECK(out.times.expires_s == kNow + 360);
    CHECK(out.caller.issuer == "https://idp.example");
    CHECK(out.caller.client == "app");
    CHECK(out.caller.scopes == std::vector<std::string>{"a", "b"});
    CHECK(out.caller.evidence.kind == EvidenceKind::introspection);
    CHECK(out.caller.evidence.token_id == "t1");
    CHECK((out.caller.kind == CallerKind::workload) == (out.caller.subject == "app"));
  }
  IssuerSettings limited = asking();
  limited.max_lifetime_s = 60;
  CHECK(caller_of(limited, answer_with("iat", "1799999999")).code == ErrorCode::token_lifetime);
  limited = asking();
  limited.required = {{"/plan", {}}};
  CHECK(caller_of(limited, answer_with("", "")).code == ErrorCode::token_claim);
  limited = asking();
  limited.required_scopes = {"c"};
  CHECK(caller_of(limited, answer_with("", "")).code == ErrorCode::token_scope);
  IssuerSettings not_asking = asking();
  not_asking.introspection.reset();
  Times times;
  CHECK(check_introspected({}, not_asking, {}, kNow, times) == ErrorCode::token_issuer);
}

TEST_CASE("introspection: Google's answers") {
  IssuerSettings google = asking(IntrospectionForm::google);
  google.issuer = "https://accounts.google.com";
  google.audiences = {"407-x.apps.googleusercontent.com"};
  const auto answer = [](const std::string& more) {
    return R"({"azp":"407-x.apps.googleusercontent.com","scope":"openid email",)"
           R"("access_type":"online","expires_in":"299")" +
           more + "}";
  };
  const std::string aud = R"(,"aud":"407-x.apps.googleusercontent.com")";
  const std::string sub = R"(,"sub":"110169484474386276334")";
  const std::string exp = R"(,"exp":"1800000299")";
  const Outcome out = caller_of(google, answer(aud + sub + exp));
  CHECK(out.code == ErrorCode::none);
  CHECK(out.times.expires_s == kNow + 359);
  CHECK(out.caller.issuer == "https://accounts.google.com");
  CHECK(out.caller.subject == "110169484474386276334");
  CHECK(out.caller.kind == CallerKind::user);
  CHECK(out.caller.scopes == std::vector<std::string>{"openid", "email"});
  CHECK(caller_of(google, answer(sub + exp)).code == ErrorCode::token_audience);
  CHECK(caller_of(google, answer(R"(,"aud":"https://default.example")" + sub + exp)).code ==
        ErrorCode::token_audience);
  CHECK(caller_of(google, answer(aud + exp)).code == ErrorCode::token_claim);
  CHECK(caller_of(google, answer(aud + sub)).code == ErrorCode::token_claim);
  CHECK(caller_of(google, answer(aud + sub + R"(,"exp":"soon")")).code == ErrorCode::token_claim);
  CHECK(caller_of(google, answer(aud + sub + R"(,"exp":"1799999000")")).code ==
        ErrorCode::token_expired);
  google.audiences.clear();  // a default audience is not enough
  CHECK(caller_of(google, answer(aud + sub + exp)).code == ErrorCode::token_audience);
  CHECK(caller_of(google, answer(R"(,"aud":"https://default.example")" + sub + exp)).code ==
        ErrorCode::token_audience);
  google.audiences = {"407-x.apps.googleusercontent.com"};
  const std::string robot = R"(,"email":"robot@p.iam.gserviceaccount.com","email_verified":)";
  CHECK(caller_of(google, answer(aud + sub + exp + robot + R"("true")")).caller.kind ==
        CallerKind::workload);
  CHECK(caller_of(google, answer(aud + sub + exp + robot + R"("false")")).caller.kind ==
        CallerKind::user);
}

TEST_CASE("introspection: GitHub's answers") {
  IssuerSettings github = asking(IntrospectionForm::github);
  github.issuer = "https://github.com";
  github.introspection->client_id = "Iv1.8a61f9b3a7aba766";
  const auto answer = [](const std::string& app, const std::string& user,
                         const std::string& expires) {
    return R"({"id":1,"app":)" + app + R"(,"token":"gho_x","scopes":["repo","user"],"user":)" +
           user + R"(,"expires_at":)" + expires + "}";
  };
  const std::string app = R"({"client_id":"Iv1.8a61f9b3a7aba766","name":"n"})";
  const std::string user = R"({"login":"octocat","id":583231,"type":"User"})";
  const Outcome out = caller_of(github, answer(app, user, "null"));
  CHECK(out.code == ErrorCode::none);
  CHECK(out.times.expires_s == kNow + 60);  // believed as long as an answer is
  CHECK(out.caller.issuer == "https://github.com");
  CHECK(out.caller.subject == "583231");
  CHECK(out.caller.client == "Iv1.8a61f9b3a7aba766");
  CHECK(out.caller.kind == CallerKind::user);
  CHECK(out.caller.scopes == std::vector<std::string>{"repo", "user"});
  CHECK(caller_of(github, answer(app, user, R"("2027-01-15T08:00:10Z")")).times.expires_s ==
        kNow + 70);
  CHECK(caller_of(github, answer(app, R"({"id":7,"type":"Bot"})", "null")).caller.kind ==
        CallerKind::workload);
  struct Row {
    const char* name;
    std::string body;
    ErrorCode code;
  };
  const ErrorCode wrong = ErrorCode::token_claim;
  const Row rows[] = {
      {"another application", answer(R"({"client_id":"other"})", user, "null"),
       ErrorCode::token_audience},
      {"no application", answer("null", user, "null"), ErrorCode::token_audience},
      {"nobody's", answer(app, "null", "null"), wrong},
      {"no id", answer(app, R"({"login":"octocat","type":"User"})", "null"), wrong},
      {"an id below zero", answer(app, R"({"id":-1,"type":"User"})", "null"), wrong},
      {"an id with a fraction", answer(app, R"({"id":1.5,"type":"User"})", "null"), wrong},
      {"an organisation", answer(app, R"({"id":7,"type":"Organization"})", "null"), wrong},
      {"no type", answer(app, R"({"id":7})", "null"), wrong},
      {"expired", answer(app, user, R"("2027-01-15T07:59:00Z")"), ErrorCode::token_expired},
      {"an end that is no date", answer(app, user, R"("soon")"), wrong},
      {"an end that is a number", answer(app, user, "1800000300"), wrong},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    CHECK(code_name(caller_of(github, row.body).code) == code_name(row.code));
  }
}

}  // namespace
}  // namespace mcpgov::identity
