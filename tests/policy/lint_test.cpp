// Which texts are warned about: each verdict is the reference engine's (4.12).
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "mcpgov/cedar.hpp"
#include "policy/cedar/characters.hpp"

namespace mcpgov::policy {
namespace {

std::vector<Finding> findings(std::string text) {
  const Source source{"f.cedar", std::move(text)};
  const Result<std::vector<Finding>> out = lint({&source, 1});
  REQUIRE_MESSAGE(out, out.error().text());
  return *out;
}

std::string condition(std::string_view body) {
  return "permit(principal, action, resource)\nwhen { " + std::string(body) + " };";
}

}  // namespace

TEST_CASE("lint: texts that look like something else") {
  struct Case {
    const char* sentence;
    std::string text;
    const char* kind;  // empty: no warning
  };
  // \xd0\xb0 is the Cyrillic letter that looks like an `a`.
  const Case cases[] = {
      {"plain text", condition("context.a == \"plain\""), ""},
      {"one script that is not Latin", condition("context.a == \"\xd0\xb0\xd0\xb1\""), ""},
      {"Japanese is one writing system",
       condition("context.a == \"\xe6\x97\xa5\xe6\x9c\xac\xe3\x81\xae\xe3\x82\xab\""), ""},
      {"signs and digits belong to all scripts", condition("context.a == \"\xd0\xb0-1 \""), ""},
      {"Latin and Cyrillic", condition("context.a == \"p\xd0\xb0ypal\""), "MixedScriptString"},
      {"an unknown character", condition("context.a == \"\xcd\xb8\""), "MixedScriptString"},
      {"a pattern of two scripts", condition("context.a like \"*p\xd0\xb0y*\""),
       "MixedScriptString"},
      {"a control of direction", condition("context.a == \"user\xe2\x80\xae admin\""),
       "BidiCharsInString"},
      {"a pattern is warned about as it is printed, controls escaped",
       condition("context.a like \"user\xe2\x80\xae admin\""), ""},
      {"a control in an id", "permit(principal == User::\"a\xe2\x81\xa6\", action, resource);",
       "BidiCharsInIdentifier"},
      {"an id of two scripts", "permit(principal, action == Action::\"p\xd0\xb0y\", resource);",
       "MixedScriptIdentifier"},
      {"one of a list of actions",
       "permit(principal, action in [Action::\"a\", Action::\"p\xd0\xb0y\"], resource);",
       "MixedScriptIdentifier"},
      {"an attribute of two scripts", condition("context[\"p\xd0\xb0y\"] == 1"),
       "MixedScriptIdentifier"},
      {"the same behind has", condition("context has \"p\xd0\xb0y\""), "MixedScriptIdentifier"},
      {"a key of a record", condition("{\"p\xd0\xb0y\": 1} == context"), "MixedScriptIdentifier"},
      {"an emoji in an id", "permit(principal, action, resource == Doc::\"\xf0\x9f\x98\x80\");",
       "ConfusableIdentifier"},
      {"the same in a string", condition("context.a == \"\xf0\x9f\x98\x80\""), ""},
      {"a line feed in an id", "permit(principal, action, resource == Doc::\"a\\n\");",
       "ConfusableIdentifier"},
      {"a deletion in an attribute", condition("context has \"a\\u{7f}\""), "ConfusableIdentifier"},
      {"a line feed in a string", condition("context.a == \"a\\n\""), ""},
      {"spaces and signs in an id", "permit(principal, action, resource == Doc::\" ~!\");", ""},
      {"an annotation is for people", "@note(\"p\xd0\xb0y\")" + condition("true"), ""},
  };
  for (const Case& each : cases) {
    CAPTURE(std::string(each.sentence));
    const std::vector<Finding> found = findings(each.text);
    REQUIRE(found.size() == (*each.kind == '\0' ? 0 : 1));
    if (found.empty()) continue;
    CHECK(finding_kind_text(found[0].kind) == each.kind);
    CHECK(found[0].severity == Severity::warning);
    CHECK(passes(found));
  }
}

TEST_CASE("lint: a finding names policy, line and column, and shows no control character") {
  const std::vector<Finding> found =
      findings(condition("true") + "\n@id(\"second\")\n" +
               condition("context.a == \"\xe2\x80\xae\" ||\n  context.b == \"p\xd0\xb0y\" ||\n"
                         "  context.c == \"p\xd0\xb0y\""));
  REQUIRE(found.size() == 3);
  CHECK(found[0].policy == "second");
  CHECK(found[0].file == "f.cedar");
  CHECK(found[0].line == 5);
  CHECK(found[0].column == 21);
  CHECK(found[0].message.find("\xe2\x80\xae") == std::string::npos);
  CHECK(found[0].message.find("U+202E") != std::string::npos);
  CHECK(found[1].line == 6);
  CHECK(found[2].line == 7);
}

TEST_CASE("lint: what is no policy is an error") {
  const Source source{"f.cedar", "permit("};
  CHECK(lint({&source, 1}).error().code == ErrorCode::policy_syntax);
}

TEST_CASE("lint: characters") {
  CHECK(cedar::is_single_script(""));
  CHECK(cedar::is_single_script("abc"));
  CHECK_FALSE(cedar::is_single_script("\xff"));
  CHECK(cedar::identifier_allowed(U'\u00e9'));
  CHECK_FALSE(cedar::identifier_allowed(U'\u200b'));
}

}  // namespace mcpgov::policy
