// Tests of mcpgov/net.hpp: what a governor and its verdicts wait for.
//
// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "governor/support.hpp"
#include "mcpgov/net.hpp"
#include "support/tokens.hpp"
#include "support/web_server.hpp"

namespace {

using namespace mcpgov;  // NOLINT(google-build-using-namespace)
using mcpgov::test::http_reply;
using mcpgov::test::TestKey;
using mcpgov::test::WebServer;
using mcpgov::test::World;

constexpr std::uint64_t kNow = 1795132800;  // of test::Clock
constexpr std::string_view kCall =
    R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_schema"}})";

// An issuer on this machine, and a governor that trusts it.
struct Place {
  explicit Place(bool up = true)
      : issuer(nullptr, [this, up](const std::string& request) {
          ++asked;
          if (!up) return http_reply("{}", "", 500);
          const bool metadata = request.find("well-known") != std::string::npos;
          return http_reply(metadata ? R"({"issuer":")" + issuer.url("") + R"(","jwks_uri":")" +
                                           issuer.url("/keys") + "\"}"
                                     : key.jwk_set());
        }) {}

  std::string configuration(const std::string& controls = "") const {
    const std::string name = issuer.url("");
    return test::configuration(
        "permit(principal == shop::User::\"" + name + "#ann\", action, resource);", "",
        "identity:\n  resource: {url: https://mcp.example.com/mcp}\n  issuers:\n    - issuer: " +
            name + "\n      network: {private_addresses: true}\n" + controls);
  }
  std::string token() const {
    return key.token(nlohmann::json{
        {"iss", issuer.url("")},
        {"sub", "ann"},
        {"aud", "https://mcp.example.com/mcp"},
        {"exp",
         kNow + 600}}.dump());
  }

  TestKey key = TestKey::ec();
  std::atomic<int> asked{0};
  WebServer issuer;
};

Verdict ask(Session& session, const std::string& token) {
  const std::string value = "Bearer " + token;
  const std::vector<Header> headers = {{"content-type", "application/json"},
                                       {"accept", "application/json, text/event-stream"},
                                       {"authorization", value}};
  Verdicts verdicts =
      session.receive({.http = {"POST", "https://mcp.example.com/mcp", headers}, .body = kCall});
  return std::move(verdicts[0]);
}

TEST_CASE("complete: metadata and keys are fetched, and the verdict decided again") {
  Place place;
  World world(place.configuration());
  Session session = world.session({}, Transport::streamable_http);
  Verdict waiting = ask(session, place.token());
  REQUIRE(waiting.reason() == ErrorCode::identity_waits);
  Verdict verdict = net::complete(session, std::move(waiting), 20'000);
  CHECK(verdict.allowed());
  CHECK(place.asked == 2);
}

TEST_CASE("complete: an issuer that does not answer leaves a denial") {
  Place place(false);
  World world(place.configuration());
  Session session = world.session({}, Transport::streamable_http);
  Verdict verdict = net::complete(session, ask(session, place.token()), 20'000);
  CHECK_FALSE(verdict.allowed());
  CHECK(verdict.reason() == ErrorCode::identity_waits);
  CHECK(place.asked <= 8);
}

TEST_CASE("complete: what waits for people, or for nothing, comes back as it is") {
  Place place;
  World world(place.configuration("controls: {approvals: {shop: [read_schema]}}\n"));
  Session session = world.session({}, Transport::streamable_http);
  Verdict verdict = net::complete(session, ask(session, place.token()), 20'000);
  CHECK(verdict.reason() == ErrorCode::approval_required);
  REQUIRE(verdict.pending().size() == 1);
  CHECK(verdict.pending()[0].kind == StepKind::approval);
  Verdict denied = net::complete(session, ask(session, "x"), 20'000);
  CHECK(denied.reason() == ErrorCode::token_malformed);
  CHECK_FALSE(net::complete(session, Verdict(), 20'000).allowed());
}

TEST_CASE("errands of a governor: keys are there before anybody asks, and after a reload too") {
  Place place;
  World world(place.configuration());
  // The clock of the errands is the system's; keys are believed from now on.
  world.clock.us = kNow * 1'000'000;
  CHECK(net::run_errands(net::errands_of(*world.governor), 20'000));
  CHECK(place.asked == 2);
  REQUIRE(world.governor->replace(place.configuration(), ""));
  CHECK(net::run_errands(net::errands_of(*world.governor), 20'000));
  CHECK(place.asked == 2);
}

}  // namespace
