// Tests of callers that the configuration verifies: tokens, challenges, waiting for keys, step-up,
// handles.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "governor/support.hpp"
#include "support/tokens.hpp"

namespace {

using namespace mcpgov;  // NOLINT(google-build-using-namespace)
using mcpgov::test::Clock;
using mcpgov::test::configuration;
using mcpgov::test::json_text;
using mcpgov::test::kPolicies;
using mcpgov::test::TestKey;
using mcpgov::test::World;
using nlohmann::json;

constexpr std::uint64_t kNow = 1795132800;  // of test::Clock

const TestKey& key() {
  static const TestKey kKey = TestKey::ec().with_id("k1");
  return kKey;
}

// Identity with one issuer, `idp`, whose roles are those of the policies.
std::string identity(const std::string& keys, const std::string& more = "") {
  return "identity:\n"
         "  resource: {url: https://mcp.example.com/mcp, scopes: [admin, write, read]}\n"
         "  issuers:\n"
         "    - issuer: idp\n"
         "      keys: " +
         keys + "\n" + more;
}

std::string with_keys(const std::string& more = "") {
  return identity("{text: " + json_text(key().jwk_set()) + "}", more);
}

std::string token(const json& changes = json::object()) {
  json claims = {{"iss", "idp"},         {"sub", "ann"},
                 {"exp", kNow + 600},    {"aud", "https://mcp.example.com/mcp"},
                 {"roles", {"analyst"}}, {"scope", "read"},
                 {"jti", "token-1"}};
  claims.update(changes);
  return key().token(claims.dump());
}

constexpr std::string_view kCall = R"({"jsonrpc":"2.0","id":1,"method":"tools/call",)"
                                   R"("params":{"name":"read_schema","arguments":{"table":"t"}}})";
constexpr std::string_view kQuery =
    R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":)"
    R"({"name":"execute_query","arguments":{"sql":"s","destructive":true}}})";

// One HTTP request, as of revision 2025-06-18.
struct Post {
  explicit Post(std::string credentials, std::string session = "")
      : authorization("Bearer " + credentials), id(std::move(session)) {
    headers = {{"content-type", "application/json"},
               {"accept", "application/json, text/event-stream"},
               {"mcp-protocol-version", "2025-06-18"}};
    if (!credentials.empty()) headers.push_back({"authorization", authorization});
    if (!id.empty()) headers.push_back({"mcp-session-id", id});
  }
  Incoming incoming(std::string_view body) const {
    return {.http = {"POST", "https://mcp.example.com/mcp", headers},
            .peer = "192.0.2.7",
            .body = body};
  }
  std::string authorization;
  std::string id;
  std::vector<Header> headers;
};

Session http(World& world, std::string tenant = "") {
  return world.session({}, Transport::streamable_http, std::move(tenant));
}

std::string header(const Verdict& verdict, std::string_view name) {
  for (const Header& each : verdict.denial().headers) {
    if (each.name == name) return std::string(each.value);
  }
  return {};
}

TEST_CASE("verified callers: a token is the caller of its message, and of its record") {
  World world(configuration(kPolicies, "", with_keys()));
  Session session = http(world);
  const Post post(token());
  Verdicts verdicts = session.receive(post.incoming(kCall));
  REQUIRE(verdicts[0].allowed());
  const json record = world.records.last();
  CHECK(record["caller"]["issuer"] == "idp");
  CHECK(record["caller"]["subject"] == "ann");
  CHECK(record["caller"]["evidence"]["kind"] == "token");
  CHECK(record["caller"]["evidence"]["token_id"] == "token-1");
  CHECK(record["caller"]["evidence"]["key_id"] == "k1");
  for (const std::string& line : world.records.lines) {
    CHECK(line.find(post.authorization.substr(20, 40)) == std::string::npos);
  }
}

TEST_CASE("verified callers: refusals answer with a challenge and tell the record why") {
  World world(configuration(kPolicies, "", with_keys()));
  struct Row {
    const char* name;
    std::string credentials;
    const char* reason;
    const char* error;
  };
  const Row rows[] = {
      {"none", "", "caller_missing", ""},
      {"expired", token({{"exp", kNow - 100}}), "token_expired", "invalid_token"},
      {"for somebody else", token({{"aud", "https://other"}}), "token_audience", "invalid_token"},
      {"no token", "abc", "token_malformed", "invalid_token"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    Session session = http(world);
    const Post post(row.credentials);
    Verdicts verdicts = session.receive(post.incoming(kCall));
    REQUIRE_FALSE(verdicts[0].allowed());
    CHECK(verdicts[0].denial().http_status == 401);
    const std::string challenge = header(verdicts[0], "www-authenticate");
    CHECK(challenge.find("resource_metadata=") != std::string::npos);
    CHECK((challenge.find("error=") != std::string::npos) == (*row.error != '\0'));
    CHECK(challenge.find(row.error) != std::string::npos);
    CHECK(world.records.last()["reason"] == row.reason);
    CHECK(std::string(verdicts[0].denial().body).find("expired") == std::string::npos);
  }
}

TEST_CASE(
    "verified callers: a refused token is never anonymous, and nobody is without permission") {
  const std::string policies =
      R"(permit(principal is shop::Anonymous, action == shop::Action::"read_schema", resource);)";
  const std::string on = with_keys("  anonymous: true\n");
  World world(configuration(policies, "", on));
  Session session = http(world);
  const Post nobody("");
  CHECK(session.receive(nobody.incoming(kCall))[0].allowed());
  CHECK_FALSE(session.receive(nobody.incoming(kQuery))[0].allowed());
  const Post bad("abc");
  CHECK(session.receive(bad.incoming(kCall))[0].reason() == ErrorCode::token_malformed);
  World off(configuration(policies, "", with_keys()));
  Session closed = http(off);
  CHECK(closed.receive(nobody.incoming(kCall))[0].denial().http_status == 401);
}

TEST_CASE("verified callers: a host that names the caller is believed, stdio asks for no token") {
  World world(configuration(kPolicies, "", with_keys()));
  Session session = http(world);
  const Post post("abc");
  Incoming incoming = post.incoming(kCall);
  const Caller ann = mcpgov::test::analyst();
  incoming.caller = &ann;
  CHECK(session.receive(incoming)[0].allowed());
  Session stdio = world.session({}, Transport::stdio);
  CHECK(stdio.receive({.body = kCall})[0].reason() == ErrorCode::caller_missing);
}

TEST_CASE("verified callers: a tenant's session takes that tenant's callers alone") {
  const std::string tenants =
      "tenants:\n  acme:\n    servers:\n      shop:\n        policies: [{text: " +
      json_text(kPolicies) + "}]\n        tools: {text: " + json_text(mcpgov::test::kTools) + "}\n";
  const std::string map = "      claims: {tenant: org}\n";
  World world(configuration(kPolicies, "", with_keys(map) + tenants));
  const Post acme(token({{"org", "acme"}}));
  const Post other(token({{"org", "umbrella"}}));
  const Post none(token());
  Session mine = http(world, "acme");
  CHECK(mine.receive(acme.incoming(kCall))[0].allowed());
  CHECK(mine.receive(other.incoming(kCall))[0].reason() == ErrorCode::caller_invalid);
  CHECK(mine.receive(none.incoming(kCall))[0].denial().http_status == 403);
  // The servers at top level are nobody's, and policies see the tenant.
  Session top = http(world);
  CHECK(top.receive(other.incoming(kCall))[0].allowed());
}

// Answers all steps of a verdict as the issuer would.
Verdict answered(Session& session, Verdict& verdict) {
  std::vector<Answer> answers;
  static const std::string kMetadata =
      R"({"issuer":"https://idp.example","jwks_uri":"https://idp.example/k"})";
  static const std::string kKeys = key().jwk_set();
  for (const Step& step : verdict.pending()) {
    REQUIRE(step.kind == StepKind::fetch);
    REQUIRE(step.fetch != nullptr);
    Answer answer;
    answer.number = step.number;
    answer.fetched.status = 200;
    answer.fetched.body = step.fetch->kind == identity::FetchKind::metadata ? kMetadata : kKeys;
    answers.push_back(answer);
  }
  return session.resume(verdict, answers);
}

std::string discovering() {
  return "identity:\n  resource: {url: https://mcp.example.com/mcp}\n"
         "  issuers: [{issuer: https://idp.example}]\n";
}

TEST_CASE("verified callers: what has to be fetched is a pending step, and ignoring it denies") {
  World world(configuration(
      R"(permit(principal == shop::User::"https://idp.example#ann", action, resource);)", "",
      discovering()));
  Session session = http(world);
  const Post post(token({{"iss", "https://idp.example"}}));
  Verdicts verdicts = session.receive(post.incoming(kCall));
  Verdict verdict = std::move(verdicts[0]);
  CHECK(verdict.reason() == ErrorCode::identity_waits);
  CHECK(verdict.denial().http_status == 503);
  CHECK(header(verdict, "retry-after") == "1");
  CHECK(world.records.last()["outcome"] == "pending");
  REQUIRE(verdict.pending().size() == 1);
  verdict = answered(session, verdict);
  REQUIRE(verdict.pending().size() == 1);
  CHECK(verdict.pending()[0].fetch->kind == identity::FetchKind::keys);
  verdict = answered(session, verdict);
  CHECK(verdict.allowed());
  CHECK(world.records.last()["caller"]["subject"] == "ann");
  // From now on nothing is waited for.
  CHECK(session.receive(post.incoming(kQuery))[0].allowed());
}

TEST_CASE("verified callers: missing, doubled and useless answers deny") {
  World world(configuration(kPolicies, "", discovering()));
  const Post post(token({{"iss", "https://idp.example"}}));
  const auto pending = [&](Session& session) {
    Verdicts verdicts = session.receive(post.incoming(kCall));
    return std::move(verdicts[0]);
  };
  Session session = http(world);
  Verdict verdict = pending(session);
  REQUIRE(verdict.pending().size() == 1);
  const std::uint32_t number = verdict.pending()[0].number;
  CHECK_FALSE(session.resume(verdict, {}).allowed());
  world.clock.us += 60'000'000;
  verdict = pending(session);
  const Answer twice[] = {{.number = number}, {.number = number}};
  CHECK_FALSE(session.resume(verdict, twice).allowed());
  world.clock.us += 60'000'000;
  verdict = pending(session);
  const Answer useless[] = {{.number = number, .granted = true, .by = "me"}};
  CHECK_FALSE(session.resume(verdict, useless).allowed());
}

// `execute_query` needs a scope when it is destructive, and is listed without.
constexpr std::string_view kScoped = R"(
  @id("query")
  permit(principal, action == shop::Action::"execute_query", resource)
  when { !(context.input has destructive) || !context.input.destructive ||
         (principal.scopes.contains("write") && principal.scopes.contains("read")) };
  @id("admins")
  permit(principal, action == shop::Action::"list_tables", resource)
  when { principal.scopes.contains("admin") };
)";

TEST_CASE("step-up: the scopes that would do, and those held, for what the caller may list") {
  World world(configuration(kScoped, "", with_keys()));
  Session session = http(world);
  const Post post(token());
  Verdicts verdicts = session.receive(post.incoming(kQuery));
  REQUIRE_FALSE(verdicts[0].allowed());
  CHECK(verdicts[0].reason() == ErrorCode::scope_insufficient);
  CHECK(verdicts[0].denial().http_status == 403);
  CHECK(header(verdicts[0], "www-authenticate") ==
        "Bearer resource_metadata=\"https://mcp.example.com/.well-known/oauth-protected-resource/"
        "mcp\", scope=\"read write\", error=\"insufficient_scope\"");
  CHECK(world.records.last()["reason"] == "scope_insufficient");
  const Post better(token({{"scope", "read write"}}));
  CHECK(session.receive(better.incoming(kQuery))[0].allowed());
}

TEST_CASE("step-up: what the caller may not list is denied as if it were not there") {
  World world(configuration(kScoped, "", with_keys()));
  Session session = http(world);
  const Post post(token());
  constexpr std::string_view kHidden =
      R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"list_tables"}})";
  constexpr std::string_view kUnknown =
      R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"no_such_tool"}})";
  Verdicts hidden = session.receive(post.incoming(kHidden));
  Verdicts unknown = session.receive(post.incoming(kUnknown));
  CHECK(hidden[0].reason() == ErrorCode::policy_denied);
  CHECK(hidden[0].denial().body == unknown[0].denial().body);
  CHECK(header(hidden[0], "www-authenticate").empty());
}

TEST_CASE("step-up: a prohibition that scopes lift, and the strongest scopes dropped first") {
  constexpr std::string_view kForbidding = R"(
    permit(principal, action == shop::Action::"execute_query", resource);
    forbid(principal, action == shop::Action::"execute_query", resource)
    when { context.input has destructive && context.input.destructive }
    unless { principal.scopes.contains("admin") || principal.scopes.contains("write") };
  )";
  World world(configuration(kForbidding, "", with_keys()));
  Session session = http(world);
  Verdicts verdicts = session.receive(Post(token()).incoming(kQuery));
  CHECK(verdicts[0].reason() == ErrorCode::scope_insufficient);
  CHECK(header(verdicts[0], "www-authenticate").find("scope=\"read write\"") != std::string::npos);
}

TEST_CASE("step-up: a prohibition, a host's caller and stdio get no challenge") {
  const std::string forbidding =
      std::string(kScoped) +
      R"(forbid(principal, action, resource) when { context.input has sql };)";
  World world(configuration(forbidding, "", with_keys()));
  Session session = http(world);
  const Post post(token());
  CHECK(session.receive(post.incoming(kQuery))[0].reason() == ErrorCode::policy_forbidden);
  World free(configuration(kScoped, "", with_keys()));
  Session hosted = free.session(mcpgov::test::analyst(), Transport::streamable_http);
  CHECK(hosted.receive(post.incoming(kQuery))[0].reason() == ErrorCode::policy_denied);
}

TEST_CASE("handles: a session id belongs to the first caller who shows it") {
  World world(configuration(kPolicies, "", with_keys()));
  const std::string other = token({{"sub", "eve"}, {"jti", "token-2"}});
  Session first = http(world);
  CHECK(first.receive(Post(token(), "s-1").incoming(kCall))[0].allowed());
  CHECK(first.receive(Post(token({{"jti", "renewed"}}), "s-1").incoming(kCall))[0].allowed());
  Session thief = http(world);
  Verdicts stolen = thief.receive(Post(other, "s-1").incoming(kCall));
  CHECK(stolen[0].reason() == ErrorCode::handle_invalid);
  CHECK(stolen[0].denial().http_status == 404);
  CHECK(thief.receive(Post(other, "s-2").incoming(kCall))[0].allowed());
}

TEST_CASE("handles: a session id that two readers could read in two ways is refused") {
  World world(configuration(kPolicies, "", with_keys()));
  Session first = http(world);
  REQUIRE(first.receive(Post(token(), "s-1").incoming(kCall))[0].allowed());
  const std::string other = token({{"sub", "eve"}});
  for (const std::string id : {" s-1", "s-1 ", "s\t1", "s-1\x7f"}) {
    CAPTURE(id);
    Session session = http(world);
    CHECK_FALSE(session.receive(Post(other, id).incoming(kCall))[0].allowed());
  }
  // On GET and DELETE nothing else of the head is compared.
  for (const std::string method : {"GET", "DELETE"}) {
    CAPTURE(method);
    Post twice(other, "s-9");
    twice.headers.push_back({"Mcp-Session-Id", "s-1"});
    Incoming incoming = twice.incoming({});
    incoming.http.method = method;
    Session session = http(world);
    CHECK(session.receive(incoming)[0].reason() == ErrorCode::handle_invalid);
  }
  Post long_one(other, std::string(257, 'x'));
  Session session = http(world);
  CHECK(session.receive(long_one.incoming(kCall))[0].reason() == ErrorCode::handle_invalid);
}

TEST_CASE("handles: a cursor is good for the caller, server and list it was made for") {
  World world(configuration(kPolicies, "", with_keys()));
  Session session = http(world);
  const Post ann(token());
  constexpr std::string_view kList =
      R"({"jsonrpc":"2.0","id":5,"method":"tools/list","params":{}})";
  Verdicts verdicts = session.receive(ann.incoming(kList));
  REQUIRE(verdicts[0].allowed());
  Reply reply = session.reply(verdicts[0]);
  std::string out(
      reply.feed(R"({"jsonrpc":"2.0","id":5,"result":{"tools":[],"nextCursor":"page \"2\""}})"));
  out += reply.end();
  const std::string cursor = json::parse(out)["result"]["nextCursor"];
  CHECK(cursor != "page \"2\"");

  const auto with = [](const std::string& text, const char* method = "tools/list") {
    return json{{"jsonrpc", "2.0"}, {"id", 6}, {"method", method}, {"params", {{"cursor", text}}}}
        .dump();
  };
  const std::string body = with(cursor);
  Verdicts next = session.receive(ann.incoming(body));
  REQUIRE(next[0].allowed());
  CHECK(json::parse(next[0].message().bytes)["params"]["cursor"] == "page \"2\"");

  const Post eve(token({{"sub", "eve"}}));
  struct Row {
    const char* name;
    std::string body;
    const Post* post;
  };
  std::string changed = cursor;
  changed.back() = 'x';
  const Row rows[] = {{"of somebody else", body, &eve},
                      {"of another list", with(cursor, "prompts/list"), &ann},
                      {"changed", with(changed), &ann},
                      {"the server's own", with("page \"2\""), &ann},
                      {"empty", with(""), &ann}};
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    Verdicts refused = session.receive(row.post->incoming(row.body));
    CHECK_FALSE(refused[0].allowed());
    CHECK(refused[0].reason() == ErrorCode::handle_invalid);
    CHECK(refused[0].denial().http_status == 400);
    CHECK(json::parse(refused[0].denial().body)["error"]["code"] == -32602);
  }
}

TEST_CASE("reload: a new generation keeps fetched keys and forgets tokens") {
  World world(configuration(
      R"(permit(principal == shop::User::"https://idp.example#ann", action, resource);)", "",
      discovering()));
  Session session = http(world);
  const Post post(token({{"iss", "https://idp.example"}}));
  Verdicts verdicts = session.receive(post.incoming(kCall));
  Verdict verdict = std::move(verdicts[0]);
  while (!verdict.pending().empty()) verdict = answered(session, verdict);
  REQUIRE(verdict.allowed());
  REQUIRE(world.governor->replace(configuration(kPolicies, "", discovering()), ""));
  CHECK(session.receive(post.incoming(kCall))[0].reason() == ErrorCode::policy_denied);
  REQUIRE(world.governor->replace(
      configuration(kPolicies, "", "identity: {issuers: [{issuer: https://other.example}]}"), ""));
  CHECK(session.receive(post.incoming(kCall))[0].reason() == ErrorCode::token_issuer);
}

TEST_CASE("reload: what waited for a fetch is denied where nobody can be verified any more") {
  World world(configuration(kPolicies, "", discovering()));
  Session session = http(world);
  const Post post(token({{"iss", "https://idp.example"}}));
  Verdicts verdicts = session.receive(post.incoming(kCall));
  Verdict verdict = std::move(verdicts[0]);
  REQUIRE(verdict.pending().size() == 1);
  REQUIRE(world.governor->replace(configuration(kPolicies), ""));
  verdict = answered(session, verdict);
  CHECK_FALSE(verdict.allowed());
  CHECK(verdict.reason() == ErrorCode::caller_missing);
}

TEST_CASE("configuration: what is wrong below identity has its line") {
  const std::string text = configuration(kPolicies, "",
                                         "identity:\n  issuers:\n    - issuer: idp\n"
                                         "      keys: {text: '{}'}\n"
                                         "      leeway_s: 500\n");
  GovernorOptions options;
  mcpgov::test::Records records;
  options.sink = audit::to_callback(&mcpgov::test::Records::write, &records);
  const auto opened = Governor::parse(text, "", std::move(options));
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == ErrorCode::identity_setting);
  CHECK(opened.error().line ==
        static_cast<std::uint32_t>(
            std::count(text.begin(),
                       text.begin() + static_cast<std::ptrdiff_t>(text.find("leeway_s")), '\n') +
            1));
}

}  // namespace
