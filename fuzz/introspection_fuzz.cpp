// Claims of any shape: as payload of a token and as answers of issuers. Nothing crashes, what was
// refused leaves no caller behind, and every caller that comes of them is complete.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "identity/claims.hpp"
#include "identity/introspection.hpp"
#include "identity/overage.hpp"
#include "identity/pointer.hpp"
#include "identity/profile.hpp"

using namespace mcpgov;
using namespace mcpgov::identity;

namespace {

constexpr std::uint64_t kNow = 1'800'000'000;

void require(bool holds) {
  if (!holds) std::abort();
}

// The low bits choose profile and form, the others what the settings map themselves.
IssuerSettings settings_of(std::uint8_t choice) {
  IssuerSettings out;
  out.issuer = "i";
  out.profile = static_cast<Profile>(choice & 7);
  out.audiences = {"a"};
  out.introspection.emplace();
  out.introspection->form = static_cast<IntrospectionForm>((choice >> 3) % 3);
  out.introspection->client_id = "c";
  out.introspection->client_secret = "s";
  if ((choice & 32) != 0) out.claims.subject = "/x/0";
  if ((choice & 64) != 0) {
    out.claims.groups = "/g";
    out.claims.roles = "/x";
    out.claims.tenant = "/t";
    out.claims.attributes = {{"x", "/x"}, {"y", "/x/y"}};
    out.required = {{"/x", {"1", "\"v\"", "true"}}};
  }
  if ((choice & 128) != 0 && out.profile == Profile::entra) {
    out.issuer = "i/{tenantid}";
    out.overage = Overage::resolve;
  }
  return out;
}

void require_whole(ErrorCode code, const Caller& caller) {
  require(check_code(caller) ==
          (code == ErrorCode::none ? ErrorCode::none : ErrorCode::caller_missing));
}

void try_token(const IssuerSettings& settings, const std::string& text) {
  StrictJson json;
  if (!json.read(text, {})) return;
  Times times;
  std::vector<Check> steps;
  Trace trace(steps);
  const ErrorCode checked = check_claims(json.root(), "", settings, {}, kNow, times, &trace);
  require(checked != ErrorCode::none || times.expires_s > kNow);
  // Mapped whether or not it was accepted: the mapping relies on nothing.
  Caller caller;
  bool left_out = false;
  require_whole(map_claims(json.root(), settings, caller, left_out, &trace), caller);
  DirectoryObject object;
  if (left_out && object_with_groups(json.root(), settings, caller, object) == ErrorCode::none) {
    require(overage_fetch(settings, object).url.find("..") == std::string::npos);
  }
  std::vector<std::string> groups;
  (void)read_overage({1, 200, text, 0}, json, groups);
  require(groups.size() <= 1000);
}

void try_answer(const IssuerSettings& settings, const std::string& text) {
  StrictJson json;
  JsonObject claims;
  if (read_introspection(settings, {1, 200, text, 0}, json, claims) != ErrorCode::none) return;
  Times times;
  Caller caller;
  bool left_out = false;
  const ErrorCode checked = check_introspected(claims, settings, {}, kNow, times);
  require(checked != ErrorCode::none || times.expires_s > kNow);
  require_whole(map_introspected(claims, settings, caller, left_out), caller);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const IssuerSettings settings = settings_of(bytes[0]);
  try_token(settings, text);
  try_answer(settings, text);
  StrictJson json;
  if (check_pointer(text) && json.read(R"({"a":[{"":1}],"":{"a":2}})", {})) {
    (void)find(json.root(), text);
  }
  (void)introspection_fetch(settings, "https://idp.example/introspect", text);
  return 0;
}
