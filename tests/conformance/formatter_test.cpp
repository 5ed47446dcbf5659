// The runner of the formatter's goldens sees every difference.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <doctest/doctest.h>

#include "cli/conformance_formatter.hpp"
#include "support/temporary_folder.hpp"

using namespace mcpgov;
using namespace mcpgov::cli;

namespace {

constexpr const char* kHead =
    "---\nsource: fmt.rs\ninput_file: cedar-policy-formatter/tests/a.cedar\n---\n";
constexpr const char* kLaidOut = "permit (principal, action, resource);\n";

}  // namespace

TEST_CASE("conformance: a golden passes when its input, or it itself, is laid out like it") {
  struct Case {
    const char* sentence;
    const char* input;
    std::string golden;
    bool passes;
  };
  const Case cases[] = {
      {"the input gives the golden", "permit(principal,action,resource);", kLaidOut, true},
      {"line ends at the end say nothing", "permit(principal,action,resource);",
       "permit (principal, action, resource);", true},
      {"another effect", "forbid(principal,action,resource);", kLaidOut, false},
      {"a space more", "permit(principal,action,resource);",
       "permit (principal, action,  resource);\n", false},
      {"an input that is no policy", "permit(principal,action);", kLaidOut, false},
  };
  for (const Case& each : cases) {
    CAPTURE(std::string(each.sentence));
    const test::TemporaryFolder folder;
    folder.write("a.cedar", each.input);
    folder.write("snapshots/a.snap", kHead + each.golden);
    const Result<SuiteResult> result = run_formatter({folder.path(""), false});
    REQUIRE(result.has_value());
    CHECK(result->passed == (each.passes ? 1 : 0));
    CHECK(result->failed == (each.passes ? 0 : 1));
  }
}

TEST_CASE("conformance: a golden without its input must not change") {
  const test::TemporaryFolder folder;
  folder.write("cli-snapshots/a.snap",
               "---\ninput_file: elsewhere/a.cedar\n---\n" + std::string(kLaidOut));
  folder.write("cli-snapshots/b.snap",
               "---\ninput_file: elsewhere/b.cedar\n---\npermit(principal,action,resource);\n");
  const Result<SuiteResult> result = run_formatter({folder.path(""), false});
  REQUIRE(result.has_value());
  CHECK(result->passed == 1);
  CHECK(result->failed == 1);
}

TEST_CASE("conformance: no goldens, a golden without head and a missing input are errors") {
  const test::TemporaryFolder folder;
  CHECK(run_formatter({folder.path("missing"), false}).error().code == ErrorCode::file_unreadable);
  CHECK(run_formatter({folder.path(""), false}).error().code == ErrorCode::file_unreadable);
  const std::string golden = folder.write("snapshots/a.snap", kHead + std::string(kLaidOut));
  CHECK(run_formatter({folder.path(""), false}).error().file.ends_with("a.cedar"));
  folder.write("snapshots/a.snap", kLaidOut);
  CHECK(run_formatter({folder.path(""), false}).error().file == golden);
}
