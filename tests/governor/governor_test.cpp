// Opening a governor on files, reloading it, and what its generation says.
//
// SPDX-License-Identifier: Apache-2.0
#if !defined(_WIN32)
#include <set>

#include "governor/support.hpp"
#include "support/temporary_folder.hpp"

using namespace mcpgov;
using namespace mcpgov::test;

namespace {

// A folder with a configuration that names every kind of document by a relative path.
struct Files {
  Files() {
    write("tools.json", kTools);
    write("policies/main.cedar", kPolicies);
    write("entities.json", "[]");
    write("mcpgov.yaml", configured());
  }

  static std::string configured(std::string_view audit = "audit: {file: audit.jsonl}") {
    return "version: 1\nservers:\n  shop:\n    policies: [policies/main.cedar]\n"
           "    entities: entities.json\n    tools: tools.json\n" +
           std::string(audit) + "\n";
  }

  void write(std::string_view name, std::string_view text) const { folder.write(name, text); }
  std::string path(std::string_view name = "mcpgov.yaml") const { return folder.path(name); }

  TemporaryFolder folder;
};

Governor opened(const Files& files) {
  auto governor = Governor::open(files.path());
  if (!governor) FAIL(governor.error().text());
  return *std::move(governor);
}

bool allows(const Governor& governor, Caller caller, std::string_view body) {
  SessionOptions options;
  options.server = "shop";
  options.caller = std::move(caller);
  Session session = governor.session(options);
  return from_client(session, body)[0].allowed();
}

}  // namespace

TEST_CASE("governor: relative paths start at the folder of the configuration") {
  const Files files;
  const Governor governor = opened(files);
  CHECK(allows(governor, analyst(), call("list_tables")));
  CHECK_FALSE(allows(governor, analyst(), call("execute_query", R"({"sql":"x"})")));
  const std::string records = text_of(files.path("audit.jsonl"));
  CHECK(records.find("\"list_tables\"") != std::string::npos);
  CHECK(records.find("\"execute_query\"") != std::string::npos);
}

TEST_CASE("governor: a configuration given as text takes its folder from the host") {
  const Files files;
  auto inside = Governor::parse(Files::configured(), files.folder.path(""));
  REQUIRE(inside);
  CHECK(allows(*inside, analyst(), call("list_tables")));
  const auto outside = Governor::parse(Files::configured(), files.path("policies"));
  REQUIRE_FALSE(outside);
  CHECK(outside.error().code == ErrorCode::file_unreadable);
}

TEST_CASE("governor: a file that cannot be used is an error with its place") {
  struct Case {
    const char* name;
    const char* file;
    const char* text;  // null: the file is missing
    ErrorCode code;
    const char* error_file;  // the end of its path
    unsigned line;
  };
  const Case cases[] = {
      {"no configuration", "mcpgov.yaml", nullptr, ErrorCode::file_unreadable, "mcpgov.yaml", 0},
      {"no YAML", "mcpgov.yaml", "version: [", ErrorCode::config_syntax, "mcpgov.yaml", 1},
      {"no policies", "policies/main.cedar", nullptr, ErrorCode::file_unreadable, "mcpgov.yaml", 4},
      {"malformed policies", "policies/main.cedar", "permit(\n  principal, action);",
       ErrorCode::policy_syntax, "policies/main.cedar", 2},
      {"a template", "policies/main.cedar", "permit(principal == ?principal, action, resource);",
       ErrorCode::policy_template_unlinked, "policies/main.cedar", 1},
      {"entities that are no list", "entities.json", "{}", ErrorCode::entities_shape,
       "entities.json", 1},
      {"entities that are no JSON", "entities.json", "[\n{]", ErrorCode::entities_json,
       "entities.json", 2},
      {"tools that are no JSON", "tools.json", "[\n\n}", ErrorCode::tool_list_invalid, "tools.json",
       3},
      {"a tool twice", "tools.json",
       R"([{"name":"a","inputSchema":{"type":"object"}},{"name":"a","inputSchema":{}}])",
       ErrorCode::tool_duplicate, "tools.json", 0},
      {"a tool whose schema cannot be read", "tools.json", R"([{"name":"a","inputSchema":7}])",
       ErrorCode::tool_schema_invalid, "tools.json", 0},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    const Files files;
    if (c.text == nullptr) {
      std::filesystem::remove(files.path(c.file));
    } else {
      files.write(c.file, c.text);
    }
    const auto governor = Governor::open(files.path());
    REQUIRE_FALSE(governor);
    CAPTURE(governor.error().text());
    CHECK(code_name(governor.error().code) == code_name(c.code));
    CHECK(governor.error().file.ends_with(c.error_file));
    if (c.line != 0) CHECK(governor.error().line == c.line);
  }
}

TEST_CASE("governor: records that cannot be opened refuse the governor") {
  const Files files;
  files.write("mcpgov.yaml", Files::configured("audit: {file: no/such/folder/audit.jsonl}"));
  const auto governor = Governor::open(files.path());
  REQUIRE_FALSE(governor);
  CHECK(governor.error().code == ErrorCode::audit_open);
}

TEST_CASE("governor: a reload reads the files again") {
  const Files files;
  Governor governor = opened(files);
  const std::string first = governor.generation().digest;
  CHECK(allows(governor, engineer(), call("list_tables")));
  files.write("policies/main.cedar", "forbid(principal, action, resource);");
  CHECK(allows(governor, engineer(), call("list_tables")));  // not before it is asked to
  const auto reloaded = governor.reload();
  REQUIRE(reloaded);
  CHECK(reloaded->number == 2);
  CHECK(reloaded->digest != first);
  CHECK_FALSE(allows(governor, engineer(), call("list_tables")));
}

TEST_CASE("governor: a reload of bad files keeps what decided, and says why") {
  const Files files;
  Governor governor = opened(files);
  const Generation before = governor.generation();
  files.write("policies/main.cedar", "permit(");
  const auto malformed = governor.reload();
  REQUIRE_FALSE(malformed);
  CHECK(malformed.error().code == ErrorCode::policy_syntax);
  std::filesystem::remove(files.path());
  const auto missing = governor.reload();
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::file_unreadable);
  CHECK(governor.generation().number == before.number);
  CHECK(governor.generation().digest == before.digest);
  CHECK(allows(governor, engineer(), call("list_tables")));
  // The number of a failed attempt is never used for another generation.
  files.write("policies/main.cedar", kPolicies);
  files.write("mcpgov.yaml", Files::configured());
  const auto good = governor.reload();
  REQUIRE(good);
  CHECK(good->number > before.number);
}

TEST_CASE("governor: a reload does not move the records") {
  const Files files;
  Governor governor = opened(files);
  files.write("mcpgov.yaml", Files::configured("audit: {required: false, file: other.jsonl}"));
  REQUIRE(governor.reload());
  CHECK(allows(governor, engineer(), call("list_tables")));
  CHECK(text_of(files.path("audit.jsonl")).find("\"list_tables\"") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(files.path("other.jsonl")));
}

TEST_CASE("governor: what did not come from a file cannot be read again") {
  World world;
  const auto reloaded = world.governor->reload();
  REQUIRE_FALSE(reloaded);
  CHECK(reloaded.error().code == ErrorCode::file_unreadable);
}

TEST_CASE("governor: the digest differs with every document, and with nothing else") {
  const Files files;
  const std::string first = opened(files).generation().digest;
  CHECK(first.size() == 64);
  CHECK(first.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(opened(files).generation().digest == first);
  std::set<std::string> digests = {first};
  const auto changed = [&](std::string_view name, std::string_view text) {
    files.write(name, text);
    CHECK(digests.insert(opened(files).generation().digest).second);
  };
  changed("policies/main.cedar", std::string(kPolicies) + " ");
  changed("entities.json", "[ ]");
  changed("tools.json", std::string(kTools) + "\n");
  changed("mcpgov.yaml", Files::configured() + "# a comment\n");
  files.write("policies/main.cedar", kPolicies);
  files.write("entities.json", "[]");
  files.write("tools.json", kTools);
  files.write("mcpgov.yaml", Files::configured());
  CHECK(opened(files).generation().digest == first);
}

TEST_CASE("governor: warnings name the servers that deny everything or enforce nothing") {
  struct Case {
    const char* name;
    std::string config;
    const char* warning;  // a part of it; null: none
  };
  const Case cases[] = {
      {"nothing to say", configuration(), nullptr},
      {"no policies", configuration(""), "`shop` has no policies"},
      {"observing", configuration(kPolicies, "mode: {observe_until: 2026-11-30}"),
       "`shop` is in observe mode"},
      {"no longer observing", configuration(kPolicies, "mode: {observe_until: 2026-11-01}"),
       "was in observe mode"},
      {"a tenant's server", configuration() + "tenants: {acme: {servers: {shop: {}}}}\n",
       "`shop` of tenant `acme` has no policies"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    World world(c.config);
    const auto warnings = world.governor->generation().warnings;
    REQUIRE(warnings.size() == (c.warning == nullptr ? 0 : 1));
    if (c.warning != nullptr) CHECK(warnings[0].find(c.warning) != std::string::npos);
  }
}

TEST_CASE("governor: a session of no configured server, and one without a governor, deny") {
  World world;
  SessionOptions options;
  options.server = "shap";
  options.caller = engineer();
  Session unknown = world.governor->session(options);
  Verdicts denied = from_client(unknown, call("list_tables"));
  CHECK(denied[0].reason() == ErrorCode::server_unknown);
  Session nothing;
  Verdicts never = from_client(nothing, call("list_tables"));
  CHECK_FALSE(never[0].allowed());
}
#endif
