// The table of profiles, and what each does that a table cannot say. docs/identity-providers.md
// tells users the same.
// Tested by tests/identity/profile_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/profile_rows.hpp"

#include <algorithm>
#include <string>

#include "identity/claim_values.hpp"
#include "identity/pointer.hpp"

namespace mcpgov::identity {

namespace {

// RFC 9068 section 2.2: a client that acts for itself is its own subject.
ErrorCode finish_generic(const JsonObject& claims, const ClaimMap&, Caller& caller) {
  const std::string_view sub = claim_text(claims, "/sub");
  const bool itself = !sub.empty() && sub == caller.client;
  caller.kind = itself ? CallerKind::workload : CallerKind::user;
  return ErrorCode::none;
}

// The string there, or nothing. False: there is something else.
bool take_text(const JsonObject& claims, std::string_view pointer, std::string_view& out) noexcept {
  out = claim_text(claims, pointer);
  return out.data() != nullptr || !has_claim(claims, pointer);
}

// Facts are integers between spaces, in any order, most of them unknown.
bool has_fact(std::string_view facts, std::string_view wanted) noexcept {
  while (!facts.empty()) {
    const std::string_view fact = facts.substr(0, facts.find(' '));
    if (fact == wanted) return true;
    facts.remove_prefix(std::min(facts.size(), fact.size() + 1));
  }
  return false;
}

// Microsoft Entra, "Access token claims reference" and "Token claims reference for agent IDs":
// idtyp is an optional claim, and without it tokens of applications are those without scopes.
// Facts: 11 is an agent identity, 13 the user account of an agent.
ErrorCode finish_entra(const JsonObject& claims, const ClaimMap& own, Caller& caller) {
  const std::string_view tid = claim_text(claims, "/tid");
  const std::string_view oid = claim_text(claims, "/oid");
  if (own.subject.empty()) {
    if (!is_guid(tid) || !is_guid(oid)) return ErrorCode::token_claim;
    caller.subject.assign(tid).append("/").append(oid);
  }
  std::erase(caller.scopes, "/");
  std::string_view scp;
  std::string_view idtyp;
  std::string_view actor_facts;
  std::string_view subject_facts;
  if (!take_text(claims, "/scp", scp) || !take_text(claims, "/idtyp", idtyp) ||
      !take_text(claims, "/xms_act_fct", actor_facts) ||
      !take_text(claims, "/xms_sub_fct", subject_facts)) {
    return ErrorCode::token_claim;
  }
  if (!idtyp.empty() && idtyp != "app" && idtyp != "user") return ErrorCode::token_type;
  const bool application = idtyp.empty() ? scp.empty() || scp == "/" : idtyp == "app";
  const bool by_agent = has_fact(actor_facts, "11");
  if (application) {
    const bool agent = by_agent || has_fact(subject_facts, "11");
    caller.kind = agent ? CallerKind::agent : CallerKind::workload;
    return ErrorCode::none;
  }
  caller.kind = has_fact(subject_facts, "13") ? CallerKind::agent : CallerKind::user;
  if (by_agent) {
    if (caller.client.empty()) return ErrorCode::token_claim;
    caller.actors.insert(caller.actors.begin(), {CallerKind::agent, caller.issuer, caller.client});
  }
  return ErrorCode::none;
}

// `sub` is the login of a user, which can change; a client's is its id, and then there is no `uid`.
ErrorCode finish_okta(const JsonObject& claims, const ClaimMap&, Caller& caller) {
  if (has_claim(claims, "/uid")) {
    caller.kind = CallerKind::user;
    return ErrorCode::none;
  }
  const std::string_view sub = claim_text(claims, "/sub");
  if (sub.empty() || sub != caller.client) return ErrorCode::token_claim;
  caller.kind = CallerKind::workload;
  return ErrorCode::none;
}

// `:` parts a client from its role, so it is escaped wherever else it could be taken for that.
std::string escaped(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ':') {
      out += "%3A";
    } else if (c == '%') {
      out += "%25";
    } else {
      out += c;
    }
  }
  return out;
}

ErrorCode keycloak_roles(const JsonObject& claims, Caller& caller) {
  if (read_names(claims, "/realm_access/roles", caller.roles) == Reading::malformed) {
    return ErrorCode::token_claim;
  }
  for (std::string& role : caller.roles) role = escaped(role);
  const auto access = find(claims, "/resource_access");
  if (!access || access->is_null()) return ErrorCode::none;
  if (!access->is_object()) return ErrorCode::token_claim;
  for (const auto& [client, rights] : JsonObject(*access)) {
    if (!rights.is_object()) return ErrorCode::token_claim;
    std::vector<std::string> roles;
    const Reading reading = read_names(JsonObject(rights), "/roles", roles);
    if (reading == Reading::malformed) return ErrorCode::token_claim;
    for (const std::string& role : roles) caller.roles.push_back(escaped(client) + ":" + role);
  }
  return ErrorCode::none;
}

// A service account is a user whose name Keycloak makes of the client's. Users who may choose their
// names could take such a one, but only the scope of service accounts writes `client_id` besides.
bool is_keycloak_service(const JsonObject& claims, const Caller& caller) {
  constexpr std::string_view kPrefix = "service-account-";
  std::string_view name = claim_text(claims, "/preferred_username");
  if (name.empty()) name = claim_text(claims, "/username");
  if (caller.client.empty() || !name.starts_with(kPrefix)) return false;
  name.remove_prefix(kPrefix.size());
  std::string_view id = claim_text(claims, "/client_id");
  if (id.empty()) id = claim_text(claims, "/clientId");
  return id == caller.client && same_without_case(name, id);
}

ErrorCode finish_keycloak(const JsonObject& claims, const ClaimMap& own, Caller& caller) {
  if (own.roles.empty()) {
    if (const ErrorCode code = keycloak_roles(claims, caller); code != ErrorCode::none) return code;
  }
  caller.kind = is_keycloak_service(claims, caller) ? CallerKind::workload : CallerKind::user;
  return ErrorCode::none;
}

ErrorCode finish_auth0(const JsonObject& claims, const ClaimMap&, Caller& caller) {
  const bool itself =
      claim_text(claims, "/gty") == "client-credentials" ||
      (!caller.client.empty() && claim_text(claims, "/sub") == caller.client + "@clients");
  caller.kind = itself ? CallerKind::workload : CallerKind::user;
  return ErrorCode::none;
}

// Service accounts ask for tokens themselves, or are known by an address nobody else can have. The
// tokeninfo endpoint writes booleans as strings.
ErrorCode finish_google(const JsonObject& claims, const ClaimMap&, Caller& caller) {
  const std::string_view sub = claim_text(claims, "/sub");
  const auto verified = find(claims, "/email_verified");
  const bool sure =
      verified && (claim_text(claims, "/email_verified") == "true" ||
                   (verified->is_bool() && bool(verified->get_bool().value_unsafe())));
  const bool account = (!sub.empty() && sub == claim_text(claims, "/azp")) ||
                       (sure && claim_text(claims, "/email").ends_with(".gserviceaccount.com"));
  caller.kind = account ? CallerKind::workload : CallerKind::user;
  return ErrorCode::none;
}

// Kubernetes, "Managing Service Accounts": the subject says namespace and name, and the private
// claims, where there are any, must say the same.
ErrorCode finish_kubernetes(const JsonObject& claims, const ClaimMap&, Caller& caller) {
  constexpr std::string_view kPrefix = "system:serviceaccount:";
  std::string_view subject = claim_text(claims, "/sub");
  if (!subject.starts_with(kPrefix)) return ErrorCode::token_claim;
  subject.remove_prefix(kPrefix.size());
  const std::size_t colon = subject.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon + 1 == subject.size() ||
      subject.find(':', colon + 1) != std::string_view::npos) {
    return ErrorCode::token_claim;
  }
  if (has_claim(claims, "/kubernetes.io") &&
      (claim_text(claims, "/kubernetes.io/namespace") != subject.substr(0, colon) ||
       claim_text(claims, "/kubernetes.io/serviceaccount/name") != subject.substr(colon + 1))) {
    return ErrorCode::token_claim;
  }
  caller.kind = CallerKind::workload;
  return ErrorCode::none;
}

ErrorCode finish_workload(const JsonObject&, const ClaimMap&, Caller& caller) {
  caller.kind = CallerKind::workload;
  return ErrorCode::none;
}

ErrorCode finish_github(const JsonObject& claims, const ClaimMap&, Caller& caller) {
  const std::string_view type = claim_text(claims, "/user/type");
  if (type != "User" && type != "Bot") return ErrorCode::token_claim;
  caller.kind = type == "User" ? CallerKind::user : CallerKind::workload;
  return ErrorCode::none;
}

constexpr AttributePlace kGenericAttributes[] = {{"entitlements", "/entitlements"}};
// The tenant of a session is what the host says; these are for policies (see claims.tenant).
constexpr AttributePlace kEntraAttributes[] = {{"tid", "/tid"}};
constexpr AttributePlace kAuth0Attributes[] = {{"org_id", "/org_id"}};
constexpr AttributePlace kGoogleAttributes[] = {{"hd", "/hd"}};
constexpr AttributePlace kKubernetesAttributes[] = {
    {"namespace", "/kubernetes.io/namespace"},
    {"service_account", "/kubernetes.io/serviceaccount/name"},
    {"service_account_uid", "/kubernetes.io/serviceaccount/uid"},
    {"pod", "/kubernetes.io/pod/name"},
    {"pod_uid", "/kubernetes.io/pod/uid"},
    {"node", "/kubernetes.io/node/name"},
};
// Ids before names: a repository or owner that is gone leaves its name to others.
constexpr AttributePlace kActionsAttributes[] = {
    {"repository_id", "/repository_id"},
    {"repository", "/repository"},
    {"repository_owner_id", "/repository_owner_id"},
    {"repository_owner", "/repository_owner"},
    {"repository_visibility", "/repository_visibility"},
    {"actor_id", "/actor_id"},
    {"ref", "/ref"},
    {"ref_protected", "/ref_protected"},
    {"sha", "/sha"},
    {"environment", "/environment"},
    {"event_name", "/event_name"},
    {"job_workflow_ref", "/job_workflow_ref"},
    {"workflow_ref", "/workflow_ref"},
    {"run_id", "/run_id"},
    {"runner_environment", "/runner_environment"},
};

constexpr ProfileRow kGeneric = {
    .subject = {"/sub"},
    .client = {"/client_id", "/azp"},
    .scopes = {"/scope", "/scp"},
    .groups = {"/groups"},
    .roles = {"/roles"},
    .session = "/sid",
    .token_id = {"/jti"},
    .attributes = kGenericAttributes,
    .finish = finish_generic,
};
constexpr ProfileRow kEntra = {
    .subject = {},  // of `tid` and `oid`
    .client = {"/azp", "/appid"},
    .scopes = {"/scp"},
    .groups = {"/groups"},
    .roles = {"/roles"},
    .session = "/sid",
    .token_id = {"/uti", "/jti"},
    .access_token_has = {"/azp", "/appid"},
    .attributes = kEntraAttributes,
    .finish = finish_entra,
};
constexpr ProfileRow kOkta = {
    .subject = {"/uid", "/sub"},
    .client = {"/cid", "/client_id"},
    .scopes = {"/scp", "/scope"},
    .groups = {"/groups"},
    .roles = {},
    .session = {},
    .token_id = {"/jti"},
    .access_token_has = {"/cid"},
    .finish = finish_okta,
};
constexpr ProfileRow kKeycloak = {
    .subject = {"/sub"},
    .client = {"/azp", "/client_id"},
    .scopes = {"/scope"},
    .groups = {"/groups"},
    .roles = {},  // of realm_access and resource_access
    .session = "/sid",
    .token_id = {"/jti"},
    .access_token_has = {"/typ"},
    .finish = finish_keycloak,
};
// `permissions` is what the user may do, which is more than what the client was allowed to ask for
// (`scope`): as scopes they would lift that bound.
constexpr ProfileRow kAuth0 = {
    .subject = {"/sub"},
    .client = {"/azp", "/client_id"},
    .scopes = {"/scope"},
    .groups = {},
    .roles = {"/permissions"},
    .session = {},
    .token_id = {"/jti"},
    .access_token_has = {"/azp", "/client_id"},
    .attributes = kAuth0Attributes,
    .finish = finish_auth0,
};
constexpr ProfileRow kGoogle = {
    .subject = {"/sub"},
    .client = {"/azp"},
    .scopes = {"/scope"},
    .groups = {},
    .roles = {},
    .session = {},
    .token_id = {"/jti"},
    .id_tokens = true,
    .attributes = kGoogleAttributes,
    .finish = finish_google,
};
constexpr ProfileRow kKubernetes = {
    .subject = {"/sub"},
    .client = {},
    .scopes = {},
    .groups = {},
    .roles = {},
    .session = {},
    .token_id = {"/jti"},
    .attributes = kKubernetesAttributes,
    .finish = finish_kubernetes,
};
constexpr ProfileRow kActions = {
    .subject = {"/sub"},
    .client = {},
    .scopes = {},
    .groups = {},
    .roles = {},
    .session = {},
    .token_id = {"/jti"},
    .attributes = kActionsAttributes,
    .finish = finish_workload,
};
// GitHub's answer about a token of an application: not claims, but what the API knows.
constexpr ProfileRow kGithub = {
    .subject = {"/user/id"},
    .client = {"/app/client_id"},
    .scopes = {"/scopes"},
    .groups = {},
    .roles = {},
    .session = {},
    .token_id = {},
    .subject_is_number = true,
    .finish = finish_github,
};

}  // namespace

const ProfileRow& profile_row(Profile profile) noexcept {
  switch (profile) {
    case Profile::generic: return kGeneric;
    case Profile::entra: return kEntra;
    case Profile::okta: return kOkta;
    case Profile::keycloak: return kKeycloak;
    case Profile::auth0: return kAuth0;
    case Profile::google: return kGoogle;
    case Profile::kubernetes: return kKubernetes;
    case Profile::github_actions: return kActions;
  }
  return kGeneric;
}

const ProfileRow& introspection_row(const IssuerSettings& settings) noexcept {
  const auto form =
      settings.introspection ? settings.introspection->form : IntrospectionForm::rfc7662;
  if (form == IntrospectionForm::github) return kGithub;
  return form == IntrospectionForm::google ? kGoogle : profile_row(settings.profile);
}

}  // namespace mcpgov::identity
