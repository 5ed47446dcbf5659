// `mcpgov whoami` and `mcpgov api-key`.
// Tested by tests/cli/whoami_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/whoami.hpp"

#include <cstdio>
#include <string_view>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/os_memory.hpp"
#include "base/os_time.hpp"
#include "cli/setting.hpp"
#include "identity/api_keys.hpp"
#include "mcpgov/net.hpp"

namespace mcpgov::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kTokenBytes = 64 * 1024;  // refused by its own limit, with its own words
constexpr std::uint32_t kFetch_ms = 10'000;
// Metadata, keys, introspection and groups at the most, one after the other.
constexpr int kRounds = 5;

// The header fields of the request that is asked about; they own their texts.
class Shown {
 public:
  ~Shown() {
    for (auto& [name, value] : fields_) wipe(value);
  }

  Result<void> take(const WhoamiOptions& options, std::string token) {
    if (!token.empty() && options.scheme == "bearer") {
      fields_.emplace_back("authorization", "Bearer " + token);
    } else if (!token.empty() && options.scheme == "dpop") {
      fields_.emplace_back("authorization", "DPoP " + token);
    } else if (!token.empty() && options.scheme == "api-key") {
      fields_.emplace_back("x-api-key", token);
    }
    wipe(token);
    for (const std::string& line : options.headers) {
      const std::size_t colon = line.find(':');
      if (colon == 0 || colon == std::string::npos) {
        return Error{ErrorCode::config_value, "a header is given as `Name: value`", {}, 0, 0};
      }
      const std::size_t value = line.find_first_not_of(" \t", colon + 1);
      fields_.emplace_back(line.substr(0, colon),
                           value == std::string::npos ? std::string() : line.substr(value));
    }
    for (const auto& [name, value] : fields_) headers_.push_back({name, value});
    return {};
  }
  std::span<const Header> headers() const { return headers_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
  std::vector<Header> headers_;
};

// Runs what the verifier waits for. What fails is told, and shows in the next look as well.
void fetch(const identity::Verifier& verifier, const std::vector<identity::Fetch>& fetches,
           std::uint64_t now_us, std::vector<identity::Check>& steps) {
  const std::vector<net::Answer> answers = net::run(fetches, kFetch_ms);
  for (std::size_t i = 0; i < fetches.size(); ++i) {
    const auto taken = verifier.accept(fetches[i], answers[i].of(fetches[i]), now_us);
    const bool came = answers[i].code == ErrorCode::none;
    std::string detail = fetches[i].url;
    if (!came) {
      detail += ": " + answers[i].detail;
    } else if (!taken) {
      detail += ": " + taken.error().message;
    }
    steps.push_back({"fetch", came && taken.has_value(), detail});
  }
}

identity::Identification look(const WhoamiOptions& options, const identity::Verifier& verifier,
                              const Shown& shown, std::vector<identity::Check>& steps) {
  const std::uint64_t now_us =
      options.at_s == 0 ? wall_clock_us() : options.at_s * std::uint64_t{1'000'000};
  identity::Presented presented;
  presented.http = {options.method, options.url, shown.headers()};
  presented.peer = options.peer;
  std::vector<identity::Check> fetched;
  for (int round = 0;; ++round) {
    steps = fetched;
    identity::Identification seen = verifier.explain(presented, now_us, steps);
    if (seen.pending.empty() || options.offline || round == kRounds) return seen;
    fetch(verifier, seen.pending, now_us, fetched);
  }
}

Json party(const Actor& actor) {
  return {{"kind", kind_name(actor.kind)}, {"issuer", actor.issuer}, {"subject", actor.subject}};
}

Json caller_json(const Caller& caller) {
  Json out = {
      {"kind", kind_name(caller.kind)}, {"issuer", caller.issuer}, {"subject", caller.subject}};
  const auto text = [&](const char* name, const std::string& value) {
    if (!value.empty()) out[name] = value;
  };
  const auto list = [&](const char* name, const std::vector<std::string>& values) {
    if (!values.empty()) out[name] = values;
  };
  text("tenant", caller.tenant);
  text("client", caller.client);
  list("groups", caller.groups);
  list("roles", caller.roles);
  list("scopes", caller.scopes);
  for (const Actor& actor : caller.actors) out["actors"].push_back(party(actor));
  if (caller.workload.kind != CallerKind::none) out["workload"] = party(caller.workload);
  for (const Claim& claim : caller.claims) {
    out["claims"][claim.name] = Json::parse(claim.json, nullptr, false);
  }
  text("agent_session", caller.agent_session);
  text("agent_session_source", caller.agent_session_source);
  text("acr", caller.acr);
  list("amr", caller.amr);
  if (caller.auth_time_s != 0) out["auth_time"] = caller.auth_time_s;
  Json evidence = {{"kind", evidence_name(caller.evidence.kind)}};
  if (!caller.evidence.token_id.empty()) evidence["token_id"] = caller.evidence.token_id;
  if (!caller.evidence.key_id.empty()) evidence["key_id"] = caller.evidence.key_id;
  if (!caller.evidence.algorithm.empty()) evidence["algorithm"] = caller.evidence.algorithm;
  if (!caller.evidence.bound_to.empty()) evidence["bound_to"] = caller.evidence.bound_to;
  out["evidence"] = evidence;
  return out;
}

std::string dumped(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

void print_json(const identity::Identification& seen, const std::vector<identity::Check>& steps) {
  Json out;
  for (const identity::Check& step : steps) {
    out["steps"].push_back({{"what", step.what}, {"passed", step.passed}, {"detail", step.detail}});
  }
  out["reason"] = code_name(seen.reason);
  if (seen.caller) {
    out["caller"] = caller_json(*seen.caller);
    out["expires_s"] = seen.expires_s;
  } else {
    out["status"] = seen.http_status;
    if (!seen.challenge.empty()) out["www_authenticate"] = seen.challenge;
  }
  fmt::print("{}\n", dumped(out, 2));
}

// Claims come from outside: what could move a terminal's cursor is escaped as in JSON.
std::string shown_line(const std::string& text) {
  const std::string quoted = Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
  return quoted.substr(1, quoted.size() - 2);
}

void print_text(const identity::Identification& seen, const std::vector<identity::Check>& steps) {
  for (const identity::Check& step : steps) {
    fmt::print("{} {:<16} {}\n", step.passed ? "ok    " : "FAILED", shown_line(step.what),
               shown_line(step.detail));
  }
  if (seen.caller) {
    fmt::print("\n{}\n", dumped(caller_json(*seen.caller), 2));
    return;
  }
  fmt::print("\nrefused: {} [{}]\n", code_sentence(seen.reason), code_name(seen.reason));
  fmt::print("the client sees: {}{}{}\n", seen.http_status,
             seen.challenge.empty() ? "" : ", www-authenticate: ", seen.challenge);
}

}  // namespace

int whoami(const WhoamiOptions& options) {
  auto config = load_config(options.config);
  if (!config) return fail(config.error());
  if (!config->verifier) {
    return fail({ErrorCode::config_missing_key, "the configuration has no `identity`",
                 options.config, 0, 0});
  }
  std::string token;
  if (options.scheme != "none") {
    auto read = read_input("-", kTokenBytes);
    if (!read) return fail(read.error());
    token = *std::move(read);
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  }
  Shown shown;
  if (auto taken = shown.take(options, std::move(token)); !taken) return fail(taken.error());
  std::vector<identity::Check> steps;
  const identity::Identification seen = look(options, *config->verifier, shown, steps);
  if (options.json) {
    print_json(seen, steps);
  } else {
    print_text(seen, steps);
  }
  return seen.caller ? kAllowed : kDenied;
}

int api_key(const ApiKeyOptions& options) {
  auto made = identity::new_api_key(options.prefix);
  if (!made) return fail(made.error());
  fmt::print("{}\n", made->key);
  fmt::print(
      stderr,
      "for the configuration, under `identity.api_keys`:\n"
      "  - {{id: NAME, sha256: {}, caller: {{kind: workload, issuer: ISSUER, subject: NAME}}}}\n",
      made->sha256);
  return kAllowed;
}

}  // namespace mcpgov::cli
