// `mcpgov test`.
// Tested by tests/cli/policy_tests_test.py
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_tests.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <utility>

#include "base/os_time.hpp"
#include "cli/policy_tests_report.hpp"
#include "cli/policy_tests_world.hpp"
#include "cli/setting.hpp"

namespace mcpgov::cli {

namespace {

namespace fs = std::filesystem;

bool is_test_file(const std::string& name) {
  return name.ends_with(".test.yaml") || name.ends_with(".test.yml") ||
         name.ends_with(".test.json");
}

Error no_tests(const std::string& path) {
  return {ErrorCode::file_unreadable, "there are no *.test.yaml, *.test.yml or *.test.json here",
          path, 0, 0};
}

// Files as named; folders with what lies in and below them, by name.
Result<std::vector<std::string>> find_files(const std::vector<std::string>& paths) {
  std::vector<std::string> out;
  for (const std::string& path : paths) {
    std::error_code cause;
    if (!fs::is_directory(path, cause)) {
      out.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    for (fs::recursive_directory_iterator at(path, cause), end; !cause && at != end;
         at.increment(cause)) {
      if (is_test_file(at->path().filename())) found.push_back(at->path());
    }
    if (cause) return Error{ErrorCode::file_unreadable, cause.message(), path, 0, 0};
    if (found.empty()) return no_tests(path);
    std::sort(found.begin(), found.end());
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

std::string joined(std::vector<std::string> ids) {
  std::string out;
  for (const std::string& id : ids) out += (out.empty() ? "`" : ", `") + id + "`";
  return out.empty() ? "none" : out;
}

// A line for what was expected of some policies and did not come.
void compare_ids(const char* what, const std::optional<std::vector<std::string>>& expected,
                 const std::vector<std::string>& came, std::vector<std::string>& out) {
  if (!expected) return;
  std::vector<std::string> a = *expected;
  std::vector<std::string> b = came;
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  if (a != b) {
    out.push_back(std::string("expected ") + what + ": " + joined(*expected) +
                  "; came: " + joined(came));
  }
}

std::string decision_text(const Outcome& outcome) {
  std::string out = outcome.allowed ? "allow" : "deny";
  if (outcome.code != ErrorCode::none) {
    out += ": " + std::string(code_sentence(outcome.code)) + " [" +
           std::string(code_name(outcome.code)) + "]";
  }
  return out;
}

// Empty when the case came out as written.
std::vector<std::string> differences(const Expectation& expected, const Outcome& outcome) {
  std::vector<std::string> out;
  if (expected.allow != outcome.allowed) {
    out.push_back(std::string("expected: ") + (expected.allow ? "allow" : "deny") +
                  "; came: " + decision_text(outcome));
  }
  if (!expected.code.empty() && expected.code != code_name(outcome.code)) {
    out.push_back("expected the code " + expected.code +
                  "; came: " + std::string(code_name(outcome.code)));
  }
  compare_ids("reasons", expected.reasons, outcome.reasons, out);
  compare_ids("failing", expected.failing, outcome.failing, out);
  if (out.empty()) return out;
  if (!expected.reasons) out.push_back("decided by: " + joined(outcome.reasons));
  for (const std::string& sentence : outcome.sentences) out.push_back("failed: " + sentence);
  out.insert(out.end(), outcome.details.begin(), outcome.details.end());
  return out;
}

CaseResult run_case(World& world, const TestCase& each, Coverage& coverage) {
  CaseResult out;
  out.name = each.name;
  out.line = each.line;
  const std::uint64_t begin = steady_clock_ns();
  const Result<Outcome> outcome = world.ask(each);
  out.seconds = static_cast<double>(steady_clock_ns() - begin) * 1e-9;
  if (!outcome) {
    out.findings.push_back("cannot be asked: " + outcome.error().text());
    return out;
  }
  coverage.decided(world.policies(), outcome->reasons);
  out.findings = differences(each.expected, *outcome);
  return out;
}

// Nothing when none of its cases is asked for.
Result<FileResult> run_file(const std::string& path, const PolicyTestsOptions& options,
                            Coverage& coverage) {
  FileResult out;
  out.path = path;
  const Result<TestFile> file = read_test_file(path);
  if (!file) return file.error();
  const Result<std::unique_ptr<World>> world = World::open(*file);
  if (!world) return world.error();
  coverage.add((*world)->policies());
  for (const TestCase& each : file->cases) {
    const std::string name = path + ": " + each.name;
    if (name.find(options.filter) == std::string::npos) continue;
    out.cases.push_back(run_case(**world, each, coverage));
  }
  return out;
}

}  // namespace

int policy_tests(const PolicyTestsOptions& options) {
  const Result<std::vector<std::string>> files = find_files(options.paths);
  if (!files) return fail(files.error());
  Report report;
  Coverage coverage;
  for (const std::string& path : *files) {
    Result<FileResult> result = run_file(path, options, coverage);
    if (!result) {
      fail(result.error());
      result = FileResult{path, {}, result.error().text()};
    } else {
      print_file(*result, options.quiet);
    }
    report.files.push_back(*std::move(result));
  }
  const bool covered = options.coverage || options.min_coverage;
  if (covered) coverage.print();
  std::printf("%zu passed, %zu failed\n", report.passed(), report.failed());
  if (!options.junit.empty()) {
    if (const auto written = write_junit(report, options.junit); !written) {
      return fail(written.error());
    }
  }
  if (report.unusable() != 0) return kFailed;
  if (report.passed() + report.failed() == 0) {
    tell("no case was run" +
         (options.filter.empty() ? "" : "; `" + options.filter + "` is in none"));
    return kFailed;
  }
  if (options.min_coverage && coverage.percent() < *options.min_coverage) {
    tell("too few policies decide a case");
    return kUnexpected;
  }
  return report.failed() == 0 ? kAllowed : kUnexpected;
}

}  // namespace mcpgov::cli
