// A verifier at work for the suites of this folder: identify SETTINGS.json reads one JSON object
// per line and answers each with one line.
//
// {"method","url","headers":[[name, value]],"peer","later_s"}: a request; later_s: so much later
// than now, as the verifier sees it. Answers {"reason","status","challenge","dpop_nonce",
// "fetches","caller"}, after all fetches that it waited for.
// {"upkeep":true,"later_s"}: what is due is fetched. Answers {"settled"}.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/os_time.hpp"
#include "mcpgov/identity.hpp"
#include "mcpgov/net.hpp"

namespace {

using namespace mcpgov;
using nlohmann::json;

constexpr std::uint32_t kWithin = 10'000;  // ms
constexpr int kRounds = 8;

std::uint64_t time_of(const json& line) {
  return wall_clock_us() + line.value("later_s", std::uint64_t{0}) * 1'000'000;
}

json caller_of(const Caller& caller) {
  json claims = json::object();
  for (const Claim& each : caller.claims) claims[each.name] = json::parse(each.json);
  json actors = json::array();
  for (const Actor& each : caller.actors) actors.push_back({each.issuer, each.subject});
  return {{"kind", kind_name(caller.kind)},
          {"issuer", caller.issuer},
          {"subject", caller.subject},
          {"tenant", caller.tenant},
          {"client", caller.client},
          {"groups", caller.groups},
          {"roles", caller.roles},
          {"scopes", caller.scopes},
          {"session", caller.agent_session},
          {"acr", caller.acr},
          {"claims", claims},
          {"actors", actors},
          {"evidence",
           {{"kind", evidence_name(caller.evidence.kind)},
            {"token_id", caller.evidence.token_id},
            {"key_id", caller.evidence.key_id},
            {"algorithm", caller.evidence.algorithm},
            {"bound_to", caller.evidence.bound_to}}}};
}

json identify(const identity::Verifier& verifier, const json& line) {
  const auto text = [&](const char* name) { return line.value(name, std::string()); };
  const std::string method = text("method");
  const std::string url = text("url");
  const std::string peer = text("peer");
  const auto pairs = line.value("headers", std::vector<std::pair<std::string, std::string>>());
  std::vector<Header> headers;
  for (const auto& [name, value] : pairs) headers.push_back({name, value});
  const identity::Presented presented{.http = {method, url, headers}, .peer = peer};
  std::size_t fetches = 0;
  identity::Identification found = verifier.identify(presented, time_of(line));
  for (int i = 0; i < kRounds && !found.pending.empty(); ++i) {
    fetches += found.pending.size();
    const std::vector<net::Answer> answers = net::run(found.pending, kWithin);
    for (std::size_t each = 0; each < answers.size(); ++each) {
      static_cast<void>(verifier.accept(found.pending[each], answers[each].of(found.pending[each]),
                                        time_of(line)));
    }
    found = verifier.identify(presented, time_of(line));
  }
  json out = {{"reason", found.caller ? "none" : code_name(found.reason)},
              {"status", found.http_status},
              {"challenge", found.challenge},
              {"dpop_nonce", found.dpop_nonce},
              {"fetches", fetches}};
  if (found.caller) out["caller"] = caller_of(*found.caller);
  return out;
}

// Errands at a time of the future.
struct Later {
  const identity::Verifier& verifier;
  std::uint64_t by_us;
};

json upkeep(const identity::Verifier& verifier, const json& line) {
  Later later{verifier, time_of(line) - wall_clock_us()};
  const net::Errands errands = {&later,
                                [](void* context, std::uint64_t now_us) {
                                  const Later& self = *static_cast<Later*>(context);
                                  return self.verifier.due(now_us + self.by_us);
                                },
                                [](void* context, const identity::Fetch& fetch,
                                   const net::Answer& answer, std::uint64_t now_us) {
                                  const Later& self = *static_cast<Later*>(context);
                                  const Result<void> taken = self.verifier.accept(
                                      fetch, answer.of(fetch), now_us + self.by_us);
                                  if (!taken)
                                    std::cerr << taken.error().text() << ' ' << answer.detail
                                              << '\n';
                                }};
  return {{"settled", net::run_errands(errands, kWithin)}};
}

// Secrets come from the environment.
Result<std::string> read_document(void*, std::string_view source, const std::string& name) {
  const char* const value = source == "env" ? std::getenv(name.c_str()) : nullptr;
  if (value == nullptr) return Error{ErrorCode::file_unreadable, "there is no " + name, {}, 0, 0};
  return std::string(value);
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) {
    std::cerr << "usage: identify SETTINGS.json < requests\n";
    return 2;
  }
  std::ifstream file(words[1]);
  const std::string settings((std::istreambuf_iterator<char>(file)), {});
  const Result<identity::Verifier> verifier =
      identity::Verifier::from_json(settings, &read_document);
  if (!verifier) {
    std::cerr << verifier.error().text() << '\n';
    return 2;
  }
  std::string text;
  while (std::getline(std::cin, text)) {
    const json line = json::parse(text);
    const json answer =
        line.value("upkeep", false) ? upkeep(*verifier, line) : identify(*verifier, line);
    std::cout << answer.dump() << std::endl;
  }
  return 0;
}
