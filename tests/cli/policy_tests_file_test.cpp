// Files of policy tests: what is one, and how a refusal names its place.
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_tests_file.hpp"

#include <string>

#include <doctest/doctest.h>

#include "support/temporary_folder.hpp"

using namespace mcpgov;
using namespace mcpgov::cli;

namespace {

constexpr const char* kGoverned = R"(version: 1
config: mcpgov.yaml
callers:
  ann: {kind: user, issuer: idp, subject: ann}
cases:
  - name: one
    caller: ann
    call: read
    arguments: {path: /a, depth: 2, deep: {list: [1, "2"]}}
    expect: allow
)";

constexpr const char* kPlain = R"(version: 1
policies: [p.cedar]
entities: [{uid: {type: User, id: ann}, attrs: {}, parents: []}]
cases:
  - name: one
    principal: 'Shop :: User::"an\u{6e}"'
    action: {type: Action, id: read}
    resource: Doc::""
    context: {mfa: true}
    expect: deny
    reasons: []
)";

Result<TestFile> read(const test::TemporaryFolder& folder, const std::string& text) {
  folder.write("p.cedar", "permit (principal, action, resource);");
  return read_test_file(folder.write("a.test.yaml", text));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

struct Refusal {
  const char* sentence;
  const char* from;
  const char* to;
  ErrorCode code;
  std::uint32_t line;
};

void check(const char* text, const Refusal& each) {
  CAPTURE(std::string(each.sentence));
  const test::TemporaryFolder folder;
  const Result<TestFile> file = read(folder, replaced(text, each.from, each.to));
  REQUIRE_FALSE(file.has_value());
  CHECK(code_name(file.error().code) == code_name(each.code));
  CHECK(file.error().line == each.line);
  CHECK(file.error().file.ends_with("a.test.yaml"));
}

}  // namespace

TEST_CASE("policy tests: a call becomes the message that a client would send") {
  const test::TemporaryFolder folder;
  const Result<TestFile> file = read(folder, kGoverned);
  REQUIRE_MESSAGE(file, file.error().text());
  CHECK(file->config == folder.path("mcpgov.yaml"));
  REQUIRE(file->cases.size() == 1);
  const TestCase& one = file->cases[0];
  CHECK(one.line == 6);
  CHECK(one.expected.allow);
  CHECK_FALSE(one.expected.reasons.has_value());
  REQUIRE(one.message.has_value());
  CHECK(one.message->body ==
        R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","arguments":)"
        R"({"path":"/a","depth":2,"deep":{"list":[1,"2"]}}}})");
  REQUIRE(one.message->caller.has_value());
  CHECK(one.message->caller->subject == "ann");
  CHECK(one.message->now_us == 1'795'168'800'000'000);
}

TEST_CASE("policy tests: messages are written out, without their envelope, or as exact text") {
  struct Form {
    const char* written;
    const char* body;
  };
  const Form cases[] = {
      {"message: {method: ping}", R"({"jsonrpc":"2.0","id":1,"method":"ping"})"},
      {"message: {method: notifications/initialized}",
       R"({"jsonrpc":"2.0","method":"notifications/initialized"})"},
      {"message: {method: prompts/get, params: {name: a}}",
       R"({"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"a"}})"},
      {"message: {jsonrpc: '2.0', id: 7, method: ping}",
       R"({"jsonrpc":"2.0","id":7,"method":"ping"})"},
      {"message: '{not JSON'", "{not JSON"},
      {"call: read", R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read",)"
                     R"("arguments":{}}})"},
  };
  for (const Form& each : cases) {
    CAPTURE(std::string(each.written));
    const test::TemporaryFolder folder;
    const Result<TestFile> file =
        read(folder, "version: 1\nconfig: c\ncases:\n  - {name: a, expect: deny, " +
                         std::string(each.written) + "}\n");
    REQUIRE_MESSAGE(file, file.error().text());
    CHECK(file->cases[0].message->body == each.body);
  }
}

TEST_CASE("policy tests: JSON is read too") {
  const test::TemporaryFolder folder;
  const Result<TestFile> file = read(folder,
                                     R"({"version": 1, "config": "c", "cases": [
           {"name": "a", "call": "t", "arguments": {"n": 1.5e3, "s": "1"}, "expect": "deny",
            "reasons": ["x"], "failing": [], "code": "policy_denied"}]})");
  REQUIRE_MESSAGE(file, file.error().text());
  CHECK(file->cases[0].message->body.ends_with(R"("arguments":{"n":1.5e3,"s":"1"}}})"));
  CHECK(file->cases[0].expected.reasons == std::vector<std::string>{"x"});
  CHECK(file->cases[0].expected.code == "policy_denied");
}

TEST_CASE("policy tests: Cedar requests name entities as policies do") {
  const test::TemporaryFolder folder;
  const Result<TestFile> file = read(folder, kPlain);
  REQUIRE_MESSAGE(file, file.error().text());
  REQUIRE(file->cases.size() == 1);
  REQUIRE(file->cases[0].request.has_value());
  const CedarAsk& request = *file->cases[0].request;
  CHECK(request.principal.type == "Shop::User");
  CHECK(request.principal.id == "ann");
  CHECK(request.action.id == "read");
  CHECK(request.resource.id.empty());
  CHECK(request.context_json == R"({"mfa":true})");
  CHECK(file->policies[0].text == "permit (principal, action, resource);");
  CHECK(file->entities.text.find("\"ann\"") != std::string::npos);
  CHECK(file->cases[0].expected.reasons->empty());
}

TEST_CASE("policy tests: a governed file that is none") {
  const Refusal cases[] = {
      {"no version", "version: 1\n", "", ErrorCode::config_missing_key, 1},
      {"another version", "version: 1", "version: 2", ErrorCode::config_value, 1},
      {"an unknown key", "callers:", "caller:", ErrorCode::config_unknown_key, 4},
      {"a key of the other form",
       "callers:", "policies: [p.cedar]\ncallers:", ErrorCode::config_value, 1},
      {"neither form", "config: mcpgov.yaml\n", "", ErrorCode::config_value, 1},
      {"a key twice", "expect: allow", "expect: allow\n    expect: deny",
       ErrorCode::config_duplicate_key, 11},
      {"no expectation", "    expect: allow\n", "", ErrorCode::config_missing_key, 6},
      {"an expectation that is none", "expect: allow", "expect: maybe", ErrorCode::config_value,
       10},
      {"a code of what is allowed", "expect: allow", "expect: allow\n    code: policy_denied",
       ErrorCode::config_value, 11},
      {"a caller that is not there", "caller: ann", "caller: eve", ErrorCode::config_value, 7},
      {"a caller that is none", "kind: user", "kind: cat", ErrorCode::caller_invalid, 4},
      {"a caller called nobody", "  ann:", "  nobody:", ErrorCode::config_value, 4},
      {"call and message", "call: read", "call: read\n    message: {method: ping}",
       ErrorCode::config_value, 6},
      {"arguments of a message", "call: read", "message: {method: ping}", ErrorCode::config_value,
       9},
      {"an unknown part of a message", "call: read\n    arguments:",
       "message: {method: ping, id: 1}\n    x:", ErrorCode::config_unknown_key, 9},
      {"a time that is none", "call: read", "call: read\n    time: noon", ErrorCode::config_value,
       9},
      {"the principal of a Cedar request", "call: read", "call: read\n    principal: U::\"a\"",
       ErrorCode::config_unknown_key, 9},
      {"a list of tools that is not there", "call: read", "call: read\n    claimed: none.json",
       ErrorCode::file_unreadable, 9},
      {"two cases of one name", "  - name: one",
       "  - {name: one, call: a, expect: deny}\n  - name: one", ErrorCode::config_duplicate_key, 7},
      {"no YAML", "cases:", "cases: [", ErrorCode::config_syntax, 6},
  };
  for (const Refusal& each : cases) check(kGoverned, each);
}

TEST_CASE("policy tests: a plain file that is none") {
  const Refusal cases[] = {
      {"no principal", "principal:", "resources:", ErrorCode::config_unknown_key, 6},
      {"an id without type", "Doc::\"\"", "'\"a\"'", ErrorCode::config_value, 8},
      {"a type without id", "Doc::\"\"", "Doc", ErrorCode::config_value, 8},
      {"more than an entity", "Doc::\"\"", "Doc::\"\" x", ErrorCode::config_value, 8},
      {"an escape that is none", "Doc::\"\"", "Doc::\"\\q\"", ErrorCode::config_value, 8},
      {"a policy file that is not there", "p.cedar", "q.cedar", ErrorCode::file_unreadable, 2},
      {"a code", "reasons: []", "code: policy_denied", ErrorCode::config_unknown_key, 11},
      {"no cases", "cases:", "cases: []\nx:", ErrorCode::config_unknown_key, 6},
  };
  for (const Refusal& each : cases) check(kPlain, each);
  const test::TemporaryFolder folder;
  CHECK(read(folder, "version: 1\npolicies: [p.cedar]\ncases: []\n").error().code ==
        ErrorCode::config_value);
  CHECK(read_test_file(folder.path("none.test.yaml")).error().code == ErrorCode::file_unreadable);
}
