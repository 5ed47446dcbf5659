// The ready-made policies decide their own cases as written, and every policy decides one.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "cli/policy_tests.hpp"
#include "cli/policy_tests_file.hpp"
#include "cli/setting.hpp"

using namespace mcpgov;
using namespace mcpgov::cli;

namespace {

const std::string kPolicies = MCPGOV_SOURCE_DIR "/policies";

}  // namespace

TEST_CASE("policies: each ready-made policy decides its cases as written") {
  PolicyTestsOptions options;
  options.paths = {kPolicies};
  options.min_coverage = 100;
  options.quiet = true;
  CHECK(policy_tests(options) == kAllowed);
}

TEST_CASE("policies: no folder is without cases, and most of them deny") {
  std::size_t folders = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kPolicies)) {
    if (!entry.is_directory()) continue;
    const std::string path = entry.path() / "cases.test.yaml";
    CAPTURE(path);
    const Result<TestFile> file = read_test_file(path);
    REQUIRE_MESSAGE(file, file.error().text());
    const auto denials = std::count_if(file->cases.begin(), file->cases.end(),
                                       [](const TestCase& each) { return !each.expected.allow; });
    CHECK(file->cases.size() >= 5);
    // What must not be let through says more than what may.
    CHECK(static_cast<std::size_t>(denials) * 2 > file->cases.size());
    CHECK(std::all_of(file->cases.begin(), file->cases.end(),
                      [](const TestCase& each) { return each.expected.reasons.has_value(); }));
    ++folders;
  }
  CHECK(folders >= 6);
}
