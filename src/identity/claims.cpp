// Whether the claims of a token, or of an issuer's answer about one, are acceptable.
// Tested by tests/identity/claims_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/claims.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "identity/claim_values.hpp"
#include "identity/pointer.hpp"
#include "identity/profile_rows.hpp"
#include "identity/token_types.hpp"

namespace mcpgov::identity {

namespace {

bool is_one_of(std::string_view text, const std::vector<std::string>& list) noexcept {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// `value`: one JSON value of the settings. Lists and objects equal nothing.
bool equals_setting(const JsonElement& element, std::string_view value) {
  StrictJson json;
  if (!json.read(std::string(R"({"":)").append(value).append("}"), {})) return false;
  const auto wanted = member(json.root(), "");
  if (element.is_string() && wanted->is_string()) {
    return element.get_string().value_unsafe() == wanted->get_string().value_unsafe();
  }
  if (element.is_bool() && wanted->is_bool()) {
    return bool(element.get_bool().value_unsafe()) == bool(wanted->get_bool().value_unsafe());
  }
  // Integers as such: ids can be larger than what a double tells apart.
  std::int64_t id = 0;
  std::int64_t wanted_id = 0;
  if (element.get_int64().get(id) == simdjson::SUCCESS &&
      wanted->get_int64().get(wanted_id) == simdjson::SUCCESS) {
    return id == wanted_id;
  }
  double number = 0;
  double other = 0;
  return element.get_double().get(number) == simdjson::SUCCESS &&
         wanted->get_double().get(other) == simdjson::SUCCESS && number == other;
}

// One run over the claims of one token: each check refuses with its code or returns none.
class ClaimCheck {
 public:
  ClaimCheck(const JsonObject& claims, const IssuerSettings& settings, std::uint64_t now_s,
             Trace* trace)
      : claims_(claims),
        settings_(settings),
        now_(static_cast<double>(now_s)),
        leeway_(static_cast<double>(settings.leeway_s)),
        trace_(trace) {}

  // The token says itself what it is for: header, and claims of other kinds of tokens.
  ErrorCode type(std::string_view typ) {
    const bool listed = std::any_of(settings_.types.begin(), settings_.types.end(),
                                    [&](const std::string& each) { return same_type(typ, each); });
    const bool usual = typ.empty() || same_type(typ, "JWT") || same_type(typ, "at+jwt");
    if (!(settings_.types.empty() ? usual : listed) || is_no_access_token(typ)) {
      return refused(ErrorCode::token_type, "type", "`typ` of the header");
    }
    const ProfileRow& row = profile_row(settings_.profile);
    if (const auto sign = sign_of_other_token(claims_, settings_.profile); !sign.empty()) {
      return refused(ErrorCode::token_type, "type", sign);
    }
    const Places& marks = row.access_token_has;
    const auto there = [&](std::string_view mark) { return has_claim(claims_, mark); };
    if (!marks[0].empty() && std::none_of(marks.begin(), marks.end(), there)) {
      return refused(ErrorCode::token_type, "type", "a claim that access tokens have is missing");
    }
    return passed("type", typ);
  }

  ErrorCode issuer() {
    const auto iss = text_member(claims_, "iss");
    std::string_view tenant;
    if (!iss || !is_issuer(settings_.issuer, *iss, tenant)) {
      return refused(ErrorCode::token_issuer, "issuer", iss ? *iss : "`iss` is missing");
    }
    if (settings_.profile != Profile::entra) return passed("issuer", *iss);
    const std::string_view tid = claim_text(claims_, "/tid");
    const bool fits = is_guid(tid) && (tenant.empty() || tid == tenant) &&
                      (settings_.tenants.empty() || is_one_of(tid, settings_.tenants));
    if (!fits) return refused(ErrorCode::token_issuer, "issuer", "`tid` is no tenant of these");
    return passed("issuer", *iss);
  }

  ErrorCode times(bool digits, Times& out) {
    double expires = 0;
    double begins = 0;
    double issued = 0;
    if (read_time(claims_, "/exp", expires, digits) != Reading::sound) {
      return refused(ErrorCode::token_claim, "times", "`exp` is missing or malformed");
    }
    const Reading nbf = read_time(claims_, "/nbf", begins);
    const Reading iat = read_time(claims_, "/iat", issued);
    if (nbf == Reading::malformed || iat == Reading::malformed) {
      return refused(ErrorCode::token_claim, "times", "`nbf` or `iat` is malformed");
    }
    expires = std::floor(expires);
    begins = std::ceil(begins);
    issued = std::ceil(issued);
    if (now_ >= expires + leeway_) return refused(ErrorCode::token_expired, "times", "`exp`");
    if (begins > now_ + leeway_) return refused(ErrorCode::token_not_yet_valid, "times", "`nbf`");
    if (issued > now_ + leeway_) return refused(ErrorCode::token_not_yet_valid, "times", "`iat`");
    if (settings_.max_lifetime_s != 0 &&
        (iat != Reading::sound || expires - issued > settings_.max_lifetime_s)) {
      return refused(ErrorCode::token_lifetime, "times", "`exp` - `iat`");
    }
    out.issued_s = static_cast<std::uint64_t>(issued);
    out.expires_s = static_cast<std::uint64_t>(expires + leeway_);
    return passed("times", {});
  }

  ErrorCode audience(std::span<const std::string> wanted) {
    const auto aud = member(claims_, "aud");
    const auto ours = [&](const JsonElement& each) {
      return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& want) {
        return !want.empty() && same_audience(each.get_string().value_unsafe(), want);
      });
    };
    bool found = aud && aud->is_string() && ours(*aud);
    if (aud && aud->is_array()) {
      for (const JsonElement each : simdjson::dom::array(*aud)) {
        if (!each.is_string()) return refused(ErrorCode::token_audience, "audience", "no string");
        found = found || ours(each);
      }
    }
    if (!found) return refused(ErrorCode::token_audience, "audience", "`aud` does not name us");
    return passed("audience", {});
  }

  ErrorCode subject() {
    if (!settings_.claims.subject.empty()) return ErrorCode::none;  // read when it is mapped
    const auto sub = text_member(claims_, "sub");
    if (!sub || !is_claim_name(*sub)) {
      return refused(ErrorCode::token_claim, "subject", "`sub` is missing or malformed");
    }
    return ErrorCode::none;
  }

  ErrorCode required() {
    for (const RequiredClaim& claim : settings_.required) {
      if (!is_fulfilled(claim)) return refused(ErrorCode::token_claim, "required", claim.pointer);
    }
    return settings_.required.empty() ? ErrorCode::none : passed("required", {});
  }

  // The GitHub form: the answer is about a token of exactly the application that was asked about.
  ErrorCode github(std::uint64_t now_s, Times& out) {
    if (claim_text(claims_, "/app/client_id") != settings_.introspection->client_id) {
      return refused(ErrorCode::token_audience, "audience", "another application's token");
    }
    out.expires_s = now_s + settings_.introspection->cache_s;
    if (!has_claim(claims_, "/expires_at")) return passed("times", "without end");
    const auto expires = utc_seconds(claim_text(claims_, "/expires_at"));
    if (!expires) return refused(ErrorCode::token_claim, "times", "`expires_at` is malformed");
    out.expires_s = *expires + settings_.leeway_s;
    if (now_s >= out.expires_s) return refused(ErrorCode::token_expired, "times", "`expires_at`");
    return passed("times", {});
  }

  // RFC 7662 section 2.2: `token_type` as in RFC 6749 section 7.1.
  ErrorCode introspected_type() {
    if (has_claim(claims_, "/token_type") && !is_access_token_type(claims_, "/token_type")) {
      return refused(ErrorCode::token_type, "type", "`token_type`");
    }
    if (const auto sign = sign_of_other_token(claims_, settings_.profile); !sign.empty()) {
      return refused(ErrorCode::token_type, "type", sign);
    }
    return ErrorCode::none;
  }

 private:
  ErrorCode refused(ErrorCode code, const char* what, std::string_view detail) {
    if (trace_ != nullptr) trace_->failed(what, std::string(detail));
    return code;
  }
  ErrorCode passed(const char* what, std::string_view detail) {
    if (trace_ != nullptr) trace_->passed(what, std::string(detail));
    return ErrorCode::none;
  }

  bool is_fulfilled(const RequiredClaim& claim) const {
    const auto found = find(claims_, claim.pointer);
    if (!found || found->is_null()) return false;
    if (claim.values.empty()) return true;
    const auto fits = [&](const JsonElement& each) {
      return std::any_of(claim.values.begin(), claim.values.end(),
                         [&](const std::string& value) { return equals_setting(each, value); });
    };
    if (!found->is_array()) return fits(*found);
    for (const JsonElement each : simdjson::dom::array(*found)) {
      if (fits(each)) return true;
    }
    return false;
  }

  const JsonObject& claims_;
  const IssuerSettings& settings_;
  double now_;
  double leeway_;
  Trace* trace_;
};

std::span<const std::string> audiences_of(const IssuerSettings& settings,
                                          std::span<const std::string> other) {
  return settings.audiences.empty() ? other : std::span<const std::string>(settings.audiences);
}

}  // namespace

ErrorCode check_claims(const JsonObject& claims, std::string_view typ,
                       const IssuerSettings& settings,
                       std::span<const std::string> default_audiences, std::uint64_t now_s,
                       Times& out, Trace* trace) {
  out = {};
  ClaimCheck check(claims, settings, now_s, trace);
  ErrorCode code = check.type(typ);
  if (code == ErrorCode::none) code = check.issuer();
  if (code == ErrorCode::none) code = check.times(false, out);
  if (code == ErrorCode::none) code = check.audience(audiences_of(settings, default_audiences));
  if (code == ErrorCode::none) code = check.subject();
  if (code == ErrorCode::none) code = check.required();
  return code;
}

ErrorCode check_introspected(const JsonObject& claims, const IssuerSettings& settings,
                             std::span<const std::string> default_audiences, std::uint64_t now_s,
                             Times& out, Trace* trace) {
  out = {};
  if (!settings.introspection) return ErrorCode::token_issuer;
  ClaimCheck check(claims, settings, now_s, trace);
  const IntrospectionForm form = settings.introspection->form;
  ErrorCode code = ErrorCode::none;
  if (form == IntrospectionForm::github) {
    code = check.github(now_s, out);
  } else if (form == IntrospectionForm::google) {
    code = check.times(true, out);
    if (code == ErrorCode::none) code = check.audience(settings.audiences);
  } else {
    code = check.introspected_type();
    if (code == ErrorCode::none) code = check.issuer();
    if (code == ErrorCode::none) code = check.times(false, out);
    if (code == ErrorCode::none) code = check.audience(audiences_of(settings, default_audiences));
  }
  if (code == ErrorCode::none) code = check.required();
  return code;
}

}  // namespace mcpgov::identity
