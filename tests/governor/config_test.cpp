// The configuration: what is refused, with its place, and what is read.
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/config.hpp"

#include <cstdlib>

#include "governor/support.hpp"

using namespace mcpgov;

namespace {

Result<Config> read(std::string_view text) {
  return read_config(text, "test.yaml", "/nonexistent");
}

constexpr std::string_view kHead = "version: 1\nservers:\n  shop:\n";

}  // namespace

TEST_CASE("config: what is wrong is refused with code, file, line and column") {
  struct Case {
    const char* name;
    std::string text;
    ErrorCode code;
    unsigned line;
    unsigned column;
  };
  const std::string head(kHead);
  const Case cases[] = {
      {"nothing", "", ErrorCode::config_value, 0, 0},
      {"a list", "[1]", ErrorCode::config_value, 1, 1},
      {"a bracket that never closes", "servers: [", ErrorCode::config_syntax, 1, 1},
      {"a tab for indentation", "version: 1\nservers:\n\tshop: {}\n", ErrorCode::config_syntax, 3,
       6},
      {"no version", "servers: {shop: {}}", ErrorCode::config_missing_key, 1, 1},
      {"another version", "version: 2\nservers: {shop: {}}", ErrorCode::config_value, 1, 10},
      {"no servers", "version: 1", ErrorCode::config_missing_key, 1, 1},
      {"no server", "version: 1\nservers: {}", ErrorCode::config_value, 2, 10},
      {"an unknown key at the top", "version: 1\nservers: {shop: {}}\nserver: x",
       ErrorCode::config_unknown_key, 3, 9},
      {"an unknown key of a server", head + "    polices: []", ErrorCode::config_unknown_key, 4,
       14},
      {"a key that differs by case", head + "    Policies: []", ErrorCode::config_unknown_key, 4,
       15},
      {"a duplicate key", "version: 1\nversion: 1\nservers: {shop: {}}",
       ErrorCode::config_duplicate_key, 2, 1},
      {"a duplicate server", "version: 1\nservers: {shop: {}, shop: {}}",
       ErrorCode::config_duplicate_key, 2, 21},
      {"a name that is no namespace", "version: 1\nservers: {my-shop: {}}", ErrorCode::config_value,
       2, 20},
      {"an alias", "version: 1\nservers: {a: &x {}, b: *x}", ErrorCode::config_syntax, 2, 24},
      {"two documents", "version: 1\nservers: {shop: {}}\n---\nversion: 1",
       ErrorCode::config_syntax, 0, 0},
      {"policies that are no list", head + "    policies: x.cedar", ErrorCode::config_value, 4, 15},
      {"a policy file that is not there", head + "    policies: [x.cedar]",
       ErrorCode::file_unreadable, 4, 16},
      {"a rule that does not exist", head + "    unknown_tools: allow", ErrorCode::config_value, 4,
       20},
      {"a mapping of another product", head + "    mapping: toolhive", ErrorCode::config_value, 4,
       14},
      {"observing without an end", head + "    mode: observe", ErrorCode::config_value, 4, 11},
      {"a day that does not exist", head + "    mode: {observe_until: 2026-02-30}",
       ErrorCode::config_value, 4, 27},
      {"a method that does not exist", head + "    methods: {tools/kall: deny}",
       ErrorCode::config_unknown_key, 4, 27},
      {"deciding what no policy can", head + "    methods: {ping: decide}", ErrorCode::config_value,
       4, 21},
      {"a boolean that is a word", "version: 1\nservers: {shop: {}}\nidentity: {anonymous: yes}",
       ErrorCode::config_value, 3, 23},
      {"a caller without a subject",
       "version: 1\nservers: {shop: {}}\nidentity: {stdio: {kind: user, issuer: a}}",
       ErrorCode::caller_invalid, 3, 19},
      {"a limit above the parser's own", "version: 1\nservers: {shop: {}}\nlimits: {depth: 65}",
       ErrorCode::config_value, 3, 17},
      {"a limit of zero", "version: 1\nservers: {shop: {}}\nlimits: {open_requests: 0}",
       ErrorCode::config_value, 3, 25},
      {"an approval for a server that is not there",
       "version: 1\nservers: {shop: {}}\ncontrols: {approvals: {shap: [x]}}",
       ErrorCode::config_value, 3, 30},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    const auto config = read(c.text);
    REQUIRE_FALSE(config);
    CAPTURE(config.error().message);
    CHECK(code_name(config.error().code) == code_name(c.code));
    CHECK(config.error().line == c.line);
    CHECK(config.error().column == c.column);
    CHECK(config.error().file == "test.yaml");
  }
}

TEST_CASE("config: everything that can be set is read") {
  const auto config = read(R"(
version: 1
servers:
  shop:
    namespace: Acme::Shop
    policies: [{text: "permit(principal, action, resource);", name: a.cedar}]
    entities: {text: "[]"}
    tools: {text: "[]"}
    unknown_tools: natural
    lists: certain
    denials: as_result
    policy_errors: any
    mode: {observe_until: 2026-12-31}
    methods: {ping: deny}
  other: {}
tenants:
  acme: {servers: {shop: {lists: some}}}
identity:
  anonymous: true
  stdio: {kind: agent, issuer: idp, subject: "42", groups: [a, b], claims: {level: 3, name: "7"}}
controls:
  approvals: {shop: [pay]}
audit: {file: out.jsonl, required: false, arguments: names}
limits: {message_bytes: 1000, depth: 10, members: 100, members_from_server: 200,
         batch_messages: 3, reply_bytes: 2000, open_requests: 5, tasks: 6}
)");
  REQUIRE(config);
  const ServerConfig& shop = config->servers[0];
  CHECK(shop.entity_namespace == "Acme::Shop");
  CHECK(shop.policies[0].name == "a.cedar");
  CHECK(shop.unknown_tools == request::UnknownTools::natural);
  CHECK(shop.lists == ListRule::certain);
  CHECK(shop.denials == DenialForm::as_result);
  CHECK(shop.policy_errors == policy::ErrorRule::any);
  CHECK(shop.observe_until_us == 1798761600000000U);  // 2027-01-01T00:00:00Z
  CHECK(shop.methods.size() == 1);
  CHECK(shop.approvals == std::vector<std::string>{"pay"});
  CHECK(config->servers[1].lists == ListRule::some);
  REQUIRE(config->tenants.size() == 1);
  CHECK(config->tenants[0].servers[0].approvals == std::vector<std::string>{"pay"});
  CHECK(config->anonymous);
  CHECK(config->stdio.kind == CallerKind::agent);
  CHECK(config->stdio.subject == "42");
  CHECK(config->stdio.claims[0].json == "3");
  CHECK(config->stdio.claims[1].json == "\"7\"");
  CHECK(config->audit.file == "/nonexistent/out.jsonl");
  CHECK_FALSE(config->audit.required);
  CHECK(config->audit.arguments == audit::LineArguments::names);
  CHECK(config->limits.wire.message_bytes == 1000);
  CHECK(config->limits.wire.depth == 10);
  CHECK(config->limits.reply_bytes == 2000);
  CHECK(config->limits.open_requests == 5);
  CHECK(config->limits.tasks == 6);
}

TEST_CASE("config: JSON is read as well, and defaults are the strict ones") {
  const auto config = read(R"({"version": 1, "servers": {"shop": {"policies": []}}})");
  REQUIRE(config);
  const ServerConfig& shop = config->servers[0];
  CHECK(shop.entity_namespace == "shop");
  CHECK(shop.unknown_tools == request::UnknownTools::deny);
  CHECK(shop.policy_errors == policy::ErrorRule::forbid);
  CHECK(shop.observe_until_us == 0);
  CHECK_FALSE(config->anonymous);
  CHECK(config->audit.required);
  CHECK(config->audit.arguments == audit::LineArguments::none);
  CHECK(config->stdio.kind == CallerKind::none);
}

TEST_CASE("config: depth and size are bounded") {
  std::string deep = "version: 1\nservers: ";
  for (int at = 0; at < 100'000; ++at) deep += "[";
  const auto nested = read(deep);
  REQUIRE_FALSE(nested);
  const auto large = read("version: 1\n# " + std::string(5 * 1024 * 1024, 'x'));
  REQUIRE_FALSE(large);
  CHECK(large.error().code == ErrorCode::config_value);
}

TEST_CASE("config: the caller of stdio may stand in the environment") {
  const auto from_variable = [] {
    return read("version: 1\nservers: {a: {}}\nidentity: {stdio: {env: MCPGOV_TEST_CALLER}}\n");
  };
  ::unsetenv("MCPGOV_TEST_CALLER");
  REQUIRE_FALSE(from_variable());
  CHECK(from_variable().error().code == ErrorCode::file_unreadable);
  CHECK(from_variable().error().line == 3);
  ::setenv("MCPGOV_TEST_CALLER", R"({"kind":"user"})", 1);
  CHECK(from_variable().error().code == ErrorCode::caller_invalid);
  ::setenv("MCPGOV_TEST_CALLER", R"({"kind":"user","issuer":"os","subject":"ann"})", 1);
  const auto config = from_variable();
  REQUIRE(config);
  CHECK(config->stdio.subject == "ann");
  CHECK(config->stdio.evidence.kind == EvidenceKind::configuration);
  ::unsetenv("MCPGOV_TEST_CALLER");
}
