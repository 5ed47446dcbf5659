// From the claims of an issuer to a caller.
// Tested by tests/identity/profile_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/profile.hpp"

#include <algorithm>
#include <charconv>

#include "identity/claim_values.hpp"
#include "identity/pointer.hpp"
#include "identity/profile_rows.hpp"

namespace mcpgov::identity {

namespace {

// As check(const Caller&) demands.
constexpr std::size_t kActors = 8;
constexpr std::size_t kAttributeBytes = 4096;

class Mapping {
 public:
  Mapping(const JsonObject& claims, const IssuerSettings& settings, const ProfileRow& row,
          Caller& out)
      : claims_(claims), settings_(settings), own_(settings.claims), row_(row), out_(out) {}

  // The claim at fault, for explain(); empty: none.
  std::string_view fault() const { return fault_; }

  ErrorCode run(bool& groups_left_out) {
    issuer();
    subject();
    name("client", own_.client, row_.client, out_.client);
    name("tenant", own_.tenant, {}, out_.tenant);
    name("session", own_.session, {row_.session}, out_.agent_session);
    if (!out_.agent_session.empty()) out_.agent_session_source = out_.issuer;
    list("scopes", read_scopes, own_.scopes, row_.scopes, out_.scopes);
    list("groups", read_names, own_.groups, row_.groups, out_.groups);
    list("roles", read_names, own_.roles, row_.roles, out_.roles);
    actors();
    authentication();
    attributes();
    name("token id", {}, row_.token_id, out_.evidence.token_id);
    groups_left_out = leaves_groups_out();
    out_.groups_complete = !groups_left_out;
    if (!fault_.empty()) return ErrorCode::token_claim;
    return finish();
  }

 private:
  void malformed(std::string_view what) {
    if (fault_.empty()) fault_ = what;
  }

  ErrorCode finish() {
    if (const ErrorCode code = row_.finish(claims_, own_, out_); code != ErrorCode::none) {
      malformed("kind of caller");
      return code;
    }
    if (check_code(out_) != ErrorCode::none) {
      malformed(out_.subject.empty() ? "subject" : "number of names");
      return ErrorCode::token_claim;
    }
    for (const std::string& scope : settings_.required_scopes) {
      if (std::find(out_.scopes.begin(), out_.scopes.end(), scope) == out_.scopes.end()) {
        malformed("required scope");
        return ErrorCode::token_scope;
      }
    }
    return ErrorCode::none;
  }

  // Answers without `iss` come from the one issuer that was asked.
  void issuer() {
    const auto iss = text_member(claims_, "iss");
    out_.issuer = iss && is_claim_name(*iss) ? *iss : std::string_view(settings_.issuer);
  }

  // The settings' pointer, or the first of the row that leads to something.
  std::string_view place(const std::string& own, const Places& places) const {
    if (!own.empty()) return own;
    const auto found = std::find_if(places.begin(), places.end(), [&](std::string_view each) {
      return has_claim(claims_, each);
    });
    return found == places.end() ? std::string_view() : *found;
  }

  void name(std::string_view what, const std::string& own, const Places& places, std::string& out) {
    if (read_name(claims_, place(own, places), out) == Reading::malformed) malformed(what);
  }

  using ReadList = Reading (*)(const JsonObject&, std::string_view, std::vector<std::string>&);
  void list(std::string_view what, ReadList read, const std::string& own, const Places& places,
            std::vector<std::string>& out) {
    if (read(claims_, place(own, places), out) == Reading::malformed) malformed(what);
  }

  // A whole number is an id as well where it is meant to be one, but never in `sub`, which is a
  // string (RFC 7519 section 4.1.2).
  void subject() {
    const std::string_view pointer = place(own_.subject, row_.subject);
    const bool may_count = own_.subject.empty() ? row_.subject_is_number : pointer != "/sub";
    const auto found = find(claims_, pointer);
    std::uint64_t number = 0;
    if (found && may_count && found->get_uint64().get(number) == simdjson::SUCCESS) {
      out_.subject = std::to_string(number);
    } else if (read_name(claims_, pointer, out_.subject) == Reading::malformed) {
      malformed("subject");
    }
  }

  void actors() {
    if (!member(claims_, "act")) return;
    const JsonObject* within = &claims_;
    JsonObject act;
    while (const auto next = member(*within, "act")) {
      if (out_.actors.size() == kActors || next->get(act) != simdjson::SUCCESS) {
        return malformed("act");
      }
      Actor actor{CallerKind::agent, out_.issuer, {}};
      const auto issuer = member(act, "iss");
      if (read_name(act, "/sub", actor.subject) != Reading::sound ||
          (issuer && read_name(act, "/iss", actor.issuer) != Reading::sound)) {
        return malformed("act");
      }
      // Policy sees the outermost one. An issuer vouches for its own parties, and for those of
      // others only where the settings say so; inner ones are history.
      if (out_.actors.empty() && actor.issuer != out_.issuer && !may_name(actor.issuer)) {
        return malformed("act");
      }
      out_.actors.push_back(std::move(actor));
      within = &act;
    }
  }

  bool may_name(const std::string& issuer) const {
    const std::vector<std::string>& others = settings_.actor_issuers;
    return std::find(others.begin(), others.end(), issuer) != others.end();
  }

  void authentication() {
    double signed_in = 0;
    if (read_name(claims_, "/acr", out_.acr) == Reading::malformed) malformed("acr");
    if (read_names(claims_, "/amr", out_.amr) == Reading::malformed) malformed("amr");
    if (read_time(claims_, "/auth_time", signed_in) == Reading::malformed) malformed("auth_time");
    out_.auth_time_s = static_cast<std::uint64_t>(signed_in);
  }

  void attributes() {
    for (const auto& [name, pointer] : own_.attributes) attribute(name, pointer);
    for (const AttributePlace& each : row_.attributes) {
      const auto same = [&](const Claim& claim) { return claim.name == each.name; };
      if (std::none_of(out_.claims.begin(), out_.claims.end(), same)) {
        attribute(each.name, each.pointer);
      }
    }
  }

  void attribute(std::string_view name, std::string_view pointer) {
    const auto found = find(claims_, pointer);
    if (!found || found->is_null()) return;
    std::string json = simdjson::minify(*found);
    if (json.size() > kAttributeBytes) return malformed("attribute");
    out_.claims.push_back({std::string(name), std::move(json)});
  }

  // Entra ID leaves out groups of users with more than 200: it names their source in
  // `_claim_names` (OpenID Connect Core section 5.6.2), or says `hasgroups`, or `groups:src1`.
  bool leaves_groups_out() const {
    if (has_claim(claims_, "/_claim_names/groups") || has_claim(claims_, "/_claim_names/roles")) {
      return true;
    }
    const auto has = find(claims_, "/hasgroups");
    if (has && !(has->is_bool() && !bool(has->get_bool().value_unsafe()))) return true;
    for (const auto& [name, value] : claims_) {
      if (name.starts_with("groups:src")) return true;
    }
    return false;
  }

  const JsonObject& claims_;
  const IssuerSettings& settings_;
  const ClaimMap& own_;
  const ProfileRow& row_;
  Caller& out_;
  std::string_view fault_;
};

// What an operator asks whoami about.
std::string summary(const Caller& caller) {
  std::string out(kind_name(caller.kind));
  out.append(" `").append(caller.subject).append("` of `").append(caller.issuer).append("`, ");
  const auto count = [&](std::size_t number, std::string_view what) {
    out.append(std::to_string(number)).append(" ").append(what);
  };
  count(caller.groups.size(), caller.groups_complete ? "groups, " : "groups (incomplete), ");
  count(caller.roles.size(), "roles, ");
  count(caller.scopes.size(), "scopes, ");
  count(caller.actors.size(), "actors");
  return out;
}

ErrorCode map_by(const ProfileRow& row, EvidenceKind kind, const JsonObject& claims,
                 const IssuerSettings& settings, Caller& out, bool& groups_left_out, Trace* trace) {
  out = {};
  out.evidence.kind = kind;
  groups_left_out = false;
  Mapping mapping(claims, settings, row, out);
  const ErrorCode code = mapping.run(groups_left_out);
  if (trace != nullptr && code == ErrorCode::none) trace->passed("caller", summary(out));
  if (trace != nullptr && code != ErrorCode::none) {
    trace->failed("caller", std::string(mapping.fault()));
  }
  if (code != ErrorCode::none) out = {};
  return code;
}

}  // namespace

ErrorCode map_claims(const JsonObject& claims, const IssuerSettings& settings, Caller& out,
                     bool& groups_left_out, Trace* trace) {
  return map_by(profile_row(settings.profile), EvidenceKind::token, claims, settings, out,
                groups_left_out, trace);
}

ErrorCode map_introspected(const JsonObject& claims, const IssuerSettings& settings, Caller& out,
                           bool& groups_left_out, Trace* trace) {
  return map_by(introspection_row(settings), EvidenceKind::introspection, claims, settings, out,
                groups_left_out, trace);
}

}  // namespace mcpgov::identity
