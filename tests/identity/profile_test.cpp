// Tests of identity/profile.hpp: tokens as the large issuers write them, and what becomes of them.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/profile.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace mcpgov::identity {
namespace {

using Names = std::vector<std::string>;

const std::string kTid = "9188040d-6c67-4c5b-b112-36a304b66dad";
const std::string kOid = "690222be-ff1a-4d56-abd1-7e4f7d38e474";

struct Outcome {
  ErrorCode code = ErrorCode::none;
  Caller caller;
  bool groups_left_out = false;
};

Outcome mapped(const IssuerSettings& settings, const std::string& claims) {
  StrictJson json;
  CAPTURE(claims);
  REQUIRE(json.read(claims, {}));
  Outcome out;
  std::vector<Check> steps;
  Trace trace(steps);
  out.code = map_claims(json.root(), settings, out.caller, out.groups_left_out, &trace);
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].passed == (out.code == ErrorCode::none));
  CHECK_FALSE(steps[0].detail.empty());
  // What is refused leaves nothing behind that could be used.
  CHECK(check_code(out.caller) ==
        (out.code == ErrorCode::none ? ErrorCode::none : ErrorCode::caller_missing));
  return out;
}

Outcome mapped(Profile profile, const std::string& claims) {
  IssuerSettings settings;
  settings.issuer = "https://idp.example";
  settings.profile = profile;
  return mapped(settings, claims);
}

// The common members, then more of them.
std::string with(const std::string& more, const std::string& sub = R"("ann")") {
  return R"({"iss":"https://idp.example","sub":)" + sub + (more.empty() ? "" : "," + more) + "}";
}

std::string json_of(const Caller& caller, std::string_view name) {
  for (const Claim& claim : caller.claims) {
    if (claim.name == name) return claim.json;
  }
  return "-";
}

TEST_CASE("generic: a token of RFC 9068") {
  const Outcome out =
      mapped(Profile::generic,
             with(R"("aud":"api","exp":1,"iat":1,"jti":"t1","client_id":"app","scope":"read write",
              "groups":["g1","g2"],"roles":["r1"],"entitlements":["e1"],"acr":"aal2",
              "amr":["pwd","otp"],"auth_time":1700000000,"sid":"s1","email":"ann@idp.example")"));
  CHECK(out.code == ErrorCode::none);
  const Caller& caller = out.caller;
  CHECK(caller.kind == CallerKind::user);
  CHECK(caller.issuer == "https://idp.example");
  CHECK(caller.subject == "ann");
  CHECK(caller.client == "app");
  CHECK(caller.tenant.empty());
  CHECK(caller.scopes == Names{"read", "write"});
  CHECK(caller.groups == Names{"g1", "g2"});
  CHECK(caller.groups_complete);
  CHECK(caller.roles == Names{"r1"});
  CHECK(json_of(caller, "entitlements") == R"(["e1"])");
  CHECK(json_of(caller, "email") == "-");
  CHECK(caller.acr == "aal2");
  CHECK(caller.amr == Names{"pwd", "otp"});
  CHECK(caller.auth_time_s == 1700000000);
  CHECK(caller.agent_session == "s1");
  CHECK(caller.agent_session_source == "https://idp.example");
  CHECK(caller.evidence.kind == EvidenceKind::token);
  CHECK(caller.evidence.token_id == "t1");
}

TEST_CASE("generic: kinds, and claims by their other names") {
  CHECK(mapped(Profile::generic, with(R"("client_id":"ann")")).caller.kind == CallerKind::workload);
  CHECK(mapped(Profile::generic, with(R"("azp":"ann")")).caller.kind == CallerKind::workload);
  CHECK(mapped(Profile::generic, with("")).caller.kind == CallerKind::user);
  const Caller both =
      mapped(Profile::generic, with(R"("client_id":"a","azp":"b","scp":["x","y"])")).caller;
  CHECK(both.client == "a");
  CHECK(both.scopes == Names{"x", "y"});
}

TEST_CASE("claims of a wrong type refuse the token, for every profile") {
  const char* const rows[] = {
      R"("scope":7)",
      R"("scope":["a b"])",
      R"("scope":["a",1])",
      R"("scope":{"a":1})",
      R"("act":"bot")",
      R"("act":null)",
      R"("act":{})",
      R"("act":[{"sub":"bot"}])",
      R"("act":{"sub":""})",
      R"("act":{"sub":7})",
      R"("act":{"sub":"bot","iss":7})",
      R"("act":{"sub":"bot","iss":null})",
      R"("act":{"sub":"bot","act":{}})",
      R"("act":{"sub":"bot","act":"x"})",
      R"("acr":1)",
      R"("amr":[1])",
      R"("amr":{"pwd":true})",
      R"("auth_time":"yesterday")",
      R"("auth_time":-1)",
      R"("jti":7)",
      R"("jti":"a\nb")",
      R"("sid":7)",
      R"("client_id":7)",
      R"("client_id":["app"])",
      R"("groups":7)",
      R"("groups":{"g1":true})",
      R"("groups":[["g1"]])",
      R"("groups":["g1",null])",
      R"("groups":["g1",""])",
      R"("groups":[{"id":"g1"}])",
      R"("roles":true)",
      R"("roles":["\u0000"])",
  };
  for (const char* row : rows) {
    CAPTURE(std::string(row));
    CHECK(mapped(Profile::generic, with(row)).code == ErrorCode::token_claim);
  }
  CHECK(mapped(Profile::generic, with("", "7")).code == ErrorCode::token_claim);
  CHECK(mapped(Profile::generic, with("", "null")).code == ErrorCode::token_claim);
  CHECK(mapped(Profile::generic, R"({"iss":"https://idp.example"})").code ==
        ErrorCode::token_claim);
}

TEST_CASE("claims of unusual forms that are read on purpose") {
  const auto groups = [](const char* claims) {
    return mapped(Profile::generic, with(claims)).caller.groups;
  };
  CHECK(groups(R"("groups":"a b,c")") == Names{"a b,c"});  // one name, never split
  CHECK(groups(R"("groups":null)").empty());
  CHECK(groups(R"("groups":[])").empty());
  CHECK(mapped(Profile::generic, with(R"("scope":"","roles":null)")).code == ErrorCode::none);
  CHECK(mapped(Profile::generic, with(R"("may_act":{"sub":"bot"})")).caller.actors.empty());
}

TEST_CASE("names: at most a thousand of each") {
  const auto groups = [](int count) {
    std::string out = R"("groups":[)";
    for (int i = 0; i < count; ++i) out += "\"g" + std::to_string(i) + "\",";
    out.back() = ']';
    return with(out);
  };
  CHECK(mapped(Profile::generic, groups(1000)).code == ErrorCode::none);
  CHECK(mapped(Profile::generic, groups(1001)).code == ErrorCode::token_claim);
}

TEST_CASE("actors: of other issuers only where the settings say so") {
  const std::string act = R"("act":{"sub":"bot","iss":"https://other.example"})";
  CHECK(mapped(Profile::generic, with(act)).code == ErrorCode::token_claim);
  IssuerSettings settings;
  settings.issuer = "https://idp.example";
  settings.actor_issuers = {"https://other.example"};
  const auto allowed = mapped(settings, with(act));
  CHECK(allowed.code == ErrorCode::none);
  REQUIRE(allowed.caller.actors.size() == 1);
  CHECK(allowed.caller.actors[0].issuer == "https://other.example");
}

TEST_CASE("actors: outermost first, with the issuer of the token unless they name one") {
  const Caller caller =
      mapped(Profile::generic,
             with(R"("act":{"sub":"bot","exp":1,"act":{"iss":"https://other.example","sub":"b2",
                     "act":{"sub":"b3"}}})"))
          .caller;
  CHECK(caller.kind == CallerKind::user);
  CHECK(caller.actors == std::vector<Actor>{{CallerKind::agent, "https://idp.example", "bot"},
                                            {CallerKind::agent, "https://other.example", "b2"},
                                            {CallerKind::agent, "https://idp.example", "b3"}});
  const auto nested = [](int depth) {
    std::string out = R"({"sub":"b"})";
    for (int i = 1; i < depth; ++i) out = R"({"sub":"b","act":)" + out + "}";
    return with(R"("act":)" + out);
  };
  CHECK(mapped(Profile::generic, nested(8)).caller.actors.size() == 8);
  CHECK(mapped(Profile::generic, nested(9)).code == ErrorCode::token_claim);
}

TEST_CASE("settings: pointers replace those of the profile") {
  IssuerSettings settings;
  settings.issuer = "https://idp.example";
  settings.profile = Profile::auth0;
  settings.claims.subject = "/ids/0";
  settings.claims.groups = "/https:~1~1example.com~1groups";
  settings.claims.roles = "/app/roles";
  settings.claims.scopes = "/perms";
  settings.claims.tenant = "/org_id";
  settings.claims.client = "/app/id";
  settings.claims.session = "/run";
  settings.claims.attributes = {{"dept", "/app/dept"}, {"org_id", "/org_name"}, {"no", "/none"}};
  const std::string claims =
      with(R"("ids":[42],"https://example.com/groups":"g","perms":["p"],"org_id":"o1",
              "org_name":"Org","run":"r1","permissions":7,"sub2":1,
              "app":{"roles":["r"],"id":"c","dept":{"name":"x","no":1.5}})");
  const Caller caller = mapped(settings, claims).caller;
  CHECK(caller.subject == "42");
  CHECK(caller.groups == Names{"g"});
  CHECK(caller.roles == Names{"r"});
  CHECK(caller.scopes == Names{"p"});
  CHECK(caller.tenant == "o1");
  CHECK(caller.client == "c");
  CHECK(caller.agent_session == "r1");
  CHECK(json_of(caller, "dept") == R"({"name":"x","no":1.5})");
  CHECK(json_of(caller, "org_id") == R"("Org")");
  CHECK(json_of(caller, "no") == "-");
  CHECK(caller.claims.size() == 2);
  settings.claims.subject = "/none";
  CHECK(mapped(settings, claims).code == ErrorCode::token_claim);  // and not `sub` instead
  settings.claims.subject = "/app";
  CHECK(mapped(settings, claims).code == ErrorCode::token_claim);
  settings.claims.subject = {};
  settings.claims.attributes = {{"big", "/big"}};
  const auto big = [](std::size_t size) {
    return with(R"("big":")" + std::string(size, 'x') + '"');
  };
  CHECK(mapped(settings, big(4094)).code == ErrorCode::none);
  CHECK(mapped(settings, big(4095)).code == ErrorCode::token_claim);
}

TEST_CASE("settings: scopes that every token needs") {
  IssuerSettings settings;
  settings.issuer = "https://idp.example";
  settings.required_scopes = {"a", "b"};
  CHECK(mapped(settings, with(R"("scope":"b c a")")).code == ErrorCode::none);
  CHECK(mapped(settings, with(R"("scope":"a")")).code == ErrorCode::token_scope);
  CHECK(mapped(settings, with(R"("scope":"A B ab")")).code == ErrorCode::token_scope);
  CHECK(mapped(settings, with("")).code == ErrorCode::token_scope);
}

// A token of Entra ID (v2) of a user, with more members.
std::string entra(const std::string& more) {
  return R"({"iss":"https://login.microsoftonline.com/)" + kTid + R"(/v2.0","sub":"pairwise",)" +
         R"("tid":")" + kTid + R"(","oid":")" + kOid + R"(","uti":"u1","ver":"2.0")" +
         (more.empty() ? "" : "," + more) + "}";
}

TEST_CASE("Entra ID: users and applications") {
  const Outcome user =
      mapped(Profile::entra, entra(R"("azp":"app","scp":"Files.Read Mail.Send","roles":["Reader"],
                               "groups":["g1"],"upn":"ann@example.com","wids":["w"])"));
  CHECK(user.caller.kind == CallerKind::user);
  CHECK(user.caller.subject == kTid + "/" + kOid);
  CHECK(user.caller.issuer == "https://login.microsoftonline.com/" + kTid + "/v2.0");
  CHECK(user.caller.client == "app");
  CHECK(user.caller.scopes == Names{"Files.Read", "Mail.Send"});
  CHECK(user.caller.roles == Names{"Reader"});
  CHECK(user.caller.groups == Names{"g1"});
  CHECK(user.caller.tenant.empty());
  CHECK(json_of(user.caller, "tid") == '"' + kTid + '"');
  CHECK(user.caller.evidence.token_id == "u1");
  CHECK(user.caller.actors.empty());
  CHECK_FALSE(user.groups_left_out);
  struct Row {
    const char* name;
    const char* more;
    CallerKind kind;
  };
  const Row rows[] = {
      {"idtyp app", R"("azp":"app","idtyp":"app","roles":["Job"])", CallerKind::workload},
      {"idtyp app with a slash for scopes", R"("azp":"app","idtyp":"app","scp":"/")",
       CallerKind::workload},
      {"no idtyp and no scopes", R"("azp":"app")", CallerKind::workload},
      {"no idtyp and a slash", R"("azp":"app","scp":"/")", CallerKind::workload},
      {"v1", R"("appid":"app","scp":"user_impersonation")", CallerKind::user},
      {"idtyp user", R"("azp":"app","idtyp":"user","scp":"a")", CallerKind::user},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    const Caller caller = mapped(Profile::entra, entra(row.more)).caller;
    CHECK(caller.kind == row.kind);
    CHECK(caller.client == "app");
    CHECK(std::count(caller.scopes.begin(), caller.scopes.end(), "/") == 0);
  }
}

TEST_CASE("Entra ID: agents") {
  const Actor bot{CallerKind::agent, "https://login.microsoftonline.com/" + kTid + "/v2.0", "bot"};
  const Caller human = mapped(Profile::entra, entra(R"("azp":"bot","idtyp":"user","scp":"a",
                              "xms_act_fct":"3 9 11","xms_par_app_azp":"blueprint")"))
                           .caller;
  CHECK(human.kind == CallerKind::user);
  CHECK(human.actors == std::vector<Actor>{bot});
  CHECK(json_of(human, "xms_par_app_azp") == "-");
  const Caller alone = mapped(Profile::entra, entra(R"("appid":"bot","idtyp":"app",
                              "xms_act_fct":"3 9 11","xms_sub_fct":"9 3 11")"))
                           .caller;
  CHECK(alone.kind == CallerKind::agent);
  CHECK(alone.actors.empty());
  const Caller account = mapped(Profile::entra, entra(R"("azp":"bot","idtyp":"user","scp":"a",
                                "xms_act_fct":"11","xms_sub_fct":"13 3")"))
                             .caller;
  CHECK(account.kind == CallerKind::agent);
  CHECK(account.actors == std::vector<Actor>{bot});
  for (const char* facts : {"1", "111", "", "1 1", "011", "11a"}) {
    CAPTURE(std::string(facts));
    const std::string more = R"("azp":"app","scp":"a","xms_act_fct":")" + std::string(facts) + '"';
    CHECK(mapped(Profile::entra, entra(more)).caller.actors.empty());
  }
}

TEST_CASE("Entra ID: what is refused") {
  const ErrorCode wrong = ErrorCode::token_claim;
  struct Row {
    const char* name;
    std::string claims;
    ErrorCode code;
  };
  const Row rows[] = {
      {"facts that are no text", entra(R"("azp":"a","scp":"a","xms_act_fct":11)"), wrong},
      {"facts in a list", entra(R"("azp":"a","scp":"a","xms_act_fct":["11"])"), wrong},
      {"facts of the subject in a list", entra(R"("azp":"a","xms_sub_fct":["13"])"), wrong},
      {"an agent without id", entra(R"("scp":"a","xms_act_fct":"11")"), wrong},
      {"a kind that is no text", entra(R"("azp":"a","idtyp":1)"), wrong},
      {"an unknown kind", entra(R"("azp":"a","idtyp":"device")"), ErrorCode::token_type},
      {"scopes in a list", entra(R"("azp":"a","scp":["a"])"), wrong},
      {"no oid", R"({"iss":"i","sub":"s","tid":")" + kTid + "\"}", wrong},
      {"no tid", R"({"iss":"i","sub":"s","oid":")" + kOid + "\"}", wrong},
      {"an oid that is no id", R"({"iss":"i","tid":")" + kTid + R"(","oid":"x/y"})", wrong},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    CHECK(code_name(mapped(Profile::entra, row.claims).code) == code_name(row.code));
  }
}

TEST_CASE("groups that are left out are never overlooked") {
  struct Row {
    const char* more;
    bool left_out;
  };
  const Row rows[] = {
      {R"("groups":["g1"])", false},
      {R"("_claim_names":{"groups":"src1"},"_claim_sources":{"src1":{"endpoint":"https://x"}})",
       true},
      {R"("groups":["g1"],"_claim_names":{"groups":"src1"})", true},
      {R"("_claim_names":{"roles":"src1"})", true},
      {R"("_claim_names":{"address":"src1"})", false},
      {R"("hasgroups":true)", true},
      {R"("hasgroups":"true")", true},
      {R"("hasgroups":1)", true},
      {R"("hasgroups":false)", false},
      {R"("groups:src1":"https://x")", true},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.more));
    for (const std::string& claims : {entra(row.more), with(row.more)}) {
      const Profile profile =
          claims.find("oid") != std::string::npos ? Profile::entra : Profile::generic;
      const Outcome out = mapped(profile, claims);
      CHECK(out.code == ErrorCode::none);
      CHECK(out.groups_left_out == row.left_out);
      CHECK(out.caller.groups_complete != row.left_out);
    }
  }
}

TEST_CASE("Okta") {
  const Caller user = mapped(Profile::okta, with(R"("cid":"app","uid":"00u1","scp":["openid","a"],
                                    "groups":["Everyone"],"jti":"AT.1","ver":1)"))
                          .caller;
  CHECK(user.kind == CallerKind::user);
  CHECK(user.subject == "00u1");  // and not `sub`, the login
  CHECK(user.client == "app");
  CHECK(user.scopes == Names{"openid", "a"});
  CHECK(user.groups == Names{"Everyone"});
  const Caller service = mapped(Profile::okta, with(R"("cid":"ann","scp":["a"])")).caller;
  CHECK(service.kind == CallerKind::workload);
  CHECK(service.subject == "ann");
  CHECK(mapped(Profile::okta, with(R"("cid":"app")")).code == ErrorCode::token_claim);
  CHECK(mapped(Profile::okta, with(R"("cid":"ann","uid":7)")).code == ErrorCode::token_claim);
  CHECK(mapped(Profile::okta, with("")).code == ErrorCode::token_claim);
}

TEST_CASE("Keycloak: roles of realm and clients cannot be taken for each other") {
  const Caller user =
      mapped(Profile::keycloak, with(R"("typ":"Bearer","azp":"web","scope":"openid a","sid":"s1",
                     "preferred_username":"ann","groups":["/a/b"],
                     "realm_access":{"roles":["admin","shop:admin","50%"]},
                     "resource_access":{"shop":{"roles":["admin","a:b"]},"a:b%":{"roles":["c"]}})"))
          .caller;
  CHECK(user.kind == CallerKind::user);
  CHECK(user.client == "web");
  CHECK(user.groups == Names{"/a/b"});
  CHECK(user.roles ==
        Names{"admin", "shop%3Aadmin", "50%25", "shop:admin", "shop:a:b", "a%3Ab%25:c"});
  IssuerSettings settings;
  settings.issuer = "https://idp.example";
  settings.profile = Profile::keycloak;
  settings.claims.roles = "/resource_access/shop/roles";
  CHECK(mapped(settings, with(R"("realm_access":{"roles":["x"]},
                                 "resource_access":{"shop":{"roles":["admin"]}})"))
            .caller.roles == Names{"admin"});
  for (const char* more :
       {R"("realm_access":{"roles":7})", R"("realm_access":{"roles":[7]})",
        R"("resource_access":[])", R"("resource_access":{"shop":["admin"]})",
        R"("resource_access":{"shop":{"roles":{"a":1}}})", R"("resource_access":{"shop":null})"}) {
    CAPTURE(std::string(more));
    CHECK(mapped(Profile::keycloak, with(more)).code == ErrorCode::token_claim);
  }
}

TEST_CASE("Keycloak: service accounts, and users who are named like them") {
  struct Row {
    const char* name;
    const char* more;
    CallerKind kind;
  };
  const Row rows[] = {
      {"a service account",
       R"("azp":"Jobs","client_id":"Jobs","preferred_username":"service-account-jobs")",
       CallerKind::workload},
      {"of an older server",
       R"("azp":"jobs","clientId":"jobs","preferred_username":"service-account-jobs")",
       CallerKind::workload},
      {"a user who took the name", R"("azp":"jobs","preferred_username":"service-account-jobs")",
       CallerKind::user},
      {"a user of a client that adds its id", R"("azp":"web","client_id":"web",
        "preferred_username":"service-account-jobs")",
       CallerKind::user},
      {"an id of another client",
       R"("azp":"web","client_id":"jobs","preferred_username":"service-account-jobs")",
       CallerKind::user},
      {"a user", R"("azp":"web","client_id":"web","preferred_username":"ann")", CallerKind::user},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    CHECK(mapped(Profile::keycloak, with(row.more)).caller.kind == row.kind);
  }
}

TEST_CASE("Auth0") {
  const Caller user =
      mapped(Profile::auth0, with(R"("azp":"app","scope":"openid a","permissions":["read:x"],
                                     "org_id":"org_1")",
                                  R"("auth0|1")"))
          .caller;
  CHECK(user.kind == CallerKind::user);
  CHECK(user.subject == "auth0|1");
  CHECK(user.scopes == Names{"openid", "a"});
  CHECK(user.roles == Names{"read:x"});
  CHECK(user.tenant.empty());
  CHECK(json_of(user, "org_id") == R"("org_1")");
  const auto kind = [](const char* more, const char* sub) {
    return mapped(Profile::auth0, with(more, sub)).caller.kind;
  };
  CHECK(kind(R"("azp":"app","gty":"client-credentials")", R"("app@clients")") ==
        CallerKind::workload);
  CHECK(kind(R"("client_id":"app")", R"("app@clients")") == CallerKind::workload);
  CHECK(kind(R"("azp":"app")", R"("other@clients")") == CallerKind::user);
  CHECK(kind(R"("azp":"app","gty":"password")", R"("auth0|1")") == CallerKind::user);
}

TEST_CASE("Google") {
  const auto kind = [](const std::string& more) {
    return mapped(Profile::google, with(more, R"("1101")")).caller.kind;
  };
  const std::string robot = R"("azp":"app","email":"r@p.iam.gserviceaccount.com",)";
  CHECK(kind(robot + R"("email_verified":true)") == CallerKind::workload);
  CHECK(kind(robot + R"("email_verified":false)") == CallerKind::user);
  CHECK(kind(robot + R"("email_verified":1)") == CallerKind::user);
  CHECK(kind(R"("azp":"app","email_verified":true,"email":"a@gserviceaccount.com.example")") ==
        CallerKind::user);
  CHECK(kind(R"("azp":"1101")") == CallerKind::workload);
  const Caller user = mapped(Profile::google, with(R"("azp":"app","hd":"example.com",
                             "email":"ann@example.com","email_verified":true)",
                                                   R"("1101")"))
                          .caller;
  CHECK(user.subject == "1101");
  CHECK(user.client == "app");
  CHECK(json_of(user, "hd") == R"("example.com")");
  CHECK(json_of(user, "email") == "-");
}

TEST_CASE("Kubernetes") {
  const std::string sub = R"("system:serviceaccount:shop:orders")";
  const Caller pod =
      mapped(Profile::kubernetes, with(R"("jti":"j1","kubernetes.io":{"namespace":"shop",
                     "node":{"name":"n1","uid":"u1"},"pod":{"name":"orders-1","uid":"u2"},
                     "serviceaccount":{"name":"orders","uid":"u3"},"warnafter":1})",
                                       sub))
          .caller;
  CHECK(pod.kind == CallerKind::workload);
  CHECK(pod.subject == "system:serviceaccount:shop:orders");
  CHECK(json_of(pod, "namespace") == R"("shop")");
  CHECK(json_of(pod, "service_account") == R"("orders")");
  CHECK(json_of(pod, "service_account_uid") == R"("u3")");
  CHECK(json_of(pod, "pod") == R"("orders-1")");
  CHECK(json_of(pod, "node") == R"("n1")");
  CHECK(mapped(Profile::kubernetes, with("", sub)).code == ErrorCode::none);
  struct Row {
    const char* sub;
    const char* more;
  };
  const Row rows[] = {
      {R"("ann")", ""},
      {R"("system:serviceaccount:")", ""},
      {R"("system:serviceaccount:shop")", ""},
      {R"("system:serviceaccount:shop:")", ""},
      {R"("system:serviceaccount::orders")", ""},
      {R"("system:serviceaccount:shop:orders:x")", ""},
      {R"("xsystem:serviceaccount:shop:orders")", ""},
      {R"("system:serviceaccount:shop:orders")",
       R"("kubernetes.io":{"namespace":"kube-system","serviceaccount":{"name":"orders"}})"},
      {R"("system:serviceaccount:shop:orders")",
       R"("kubernetes.io":{"namespace":"shop","serviceaccount":{"name":"admin"}})"},
      {R"("system:serviceaccount:shop:orders")", R"("kubernetes.io":{"namespace":"shop"})"},
      {R"("system:serviceaccount:shop:orders")", R"("kubernetes.io":"shop")"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.sub));
    CHECK(mapped(Profile::kubernetes, with(row.more, row.sub)).code == ErrorCode::token_claim);
  }
}

TEST_CASE("GitHub Actions") {
  const Caller run =
      mapped(Profile::github_actions,
             with(R"("repository":"octo/shop","repository_id":"74","repository_owner_id":"65",
                     "ref":"refs/heads/main","environment":"prod","actor":"octocat",
                     "actor_id":"12","run_id":"9","job_workflow_ref":"octo/w/.github/d.yml@v1")",
                  R"("repo:octo/shop:environment:prod")"))
          .caller;
  CHECK(run.kind == CallerKind::workload);
  CHECK(run.subject == "repo:octo/shop:environment:prod");
  CHECK(json_of(run, "repository_id") == R"("74")");
  CHECK(json_of(run, "repository_owner_id") == R"("65")");
  CHECK(json_of(run, "ref") == R"("refs/heads/main")");
  CHECK(json_of(run, "actor_id") == R"("12")");
  CHECK(json_of(run, "actor") == "-");
  CHECK(run.groups.empty());
  CHECK(run.scopes.empty());
}

}  // namespace
}  // namespace mcpgov::identity
