// The published goldens of Cedar's formatter, run against ours.
// Tested by tests/conformance/formatter_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/conformance_formatter.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "base/os_file.hpp"
#include "cli/file_sizes.hpp"
#include "mcpgov/cedar.hpp"

namespace mcpgov::cli {

namespace {

namespace fs = std::filesystem;

// A golden: what follows the head of the snapshot file, and the name of the input in that head.
struct Golden {
  std::string name;
  std::string input;
  std::string expected;
};

struct WrongGolden {
  std::string_view name;
  std::string_view reason;
};

constexpr WrongGolden kWrong[] = {
    {"cedar_policy_formatter__pprint__fmt__tests__cli_sample_data_format@tiny_sandboxes__sample7__"
     "policy.cedar.snap",
     "left over from an older release, which wrote records without spaces; the golden "
     "`format_files@` of the same input has what release 4.12 writes"},
};

Error unreadable(const fs::path& file, const char* what) {
  return {ErrorCode::file_unreadable, what, file.string(), 0, 0};
}

// Goldens end with or without a line end, by the tool that recorded them.
std::string without_line_ends(std::string text) {
  text.erase(text.find_last_not_of('\n') + 1);
  text.erase(0, text.find_first_not_of('\n'));
  return text;
}

Result<Golden> read_golden(const fs::path& file) {
  const Result<std::string> text = read_file(file.string(), kDocumentBytes);
  if (!text) return text.error();
  constexpr std::string_view kHeadEnd = "\n---\n";
  constexpr std::string_view kInput = "\ninput_file: ";
  const std::size_t head_end = text->find(kHeadEnd);
  const std::size_t input = text->find(kInput);
  if (head_end == std::string::npos || input > head_end) {
    return unreadable(file, "the golden names no input");
  }
  const std::size_t begin = input + kInput.size();
  return Golden{file.filename().string(), text->substr(begin, text->find('\n', begin) - begin),
                without_line_ends(text->substr(head_end + kHeadEnd.size()))};
}

Result<std::vector<Golden>> read_goldens(const std::string& folder) {
  std::vector<Golden> out;
  for (const char* part : {"snapshots", "cli-snapshots"}) {
    std::error_code cause;
    for (fs::directory_iterator at(fs::path(folder) / part, cause), end; !cause && at != end;
         at.increment(cause)) {
      if (at->path().extension() != ".snap") continue;
      Result<Golden> golden = read_golden(at->path());
      if (!golden) return golden.error();
      out.push_back(*std::move(golden));
    }
  }
  if (out.empty()) return unreadable(folder, "there are no goldens in this folder");
  std::sort(out.begin(), out.end(),
            [](const Golden& a, const Golden& b) { return a.name < b.name; });
  return out;
}

// Not all inputs are published beside their goldens. A golden is laid out already, so where the
// input is missing, formatting the golden must change nothing.
Result<std::string> input_of(const Golden& golden, const std::string& folder) {
  const bool own = golden.input.find("cedar-policy-formatter/tests/") != std::string::npos;
  const fs::path file = fs::path(folder) / fs::path(golden.input).filename();
  return own ? read_file(file.string(), kDocumentBytes) : Result<std::string>(golden.expected);
}

bool passes(const Golden& golden, const std::string& input) {
  const Result<std::string> laid_out =
      policy::format({golden.input, input}, {80, 2, policy::FormatOptions::Comments::as_reference});
  if (!laid_out) {
    std::printf("FAILED %s: %s\n", golden.name.c_str(), laid_out.error().text().c_str());
    return false;
  }
  const std::string text = without_line_ends(*laid_out);
  if (text == golden.expected) return true;
  const auto at =
      std::mismatch(text.begin(), text.end(), golden.expected.begin(), golden.expected.end());
  std::printf("FAILED %s: line %td differs\n", golden.name.c_str(),
              std::count(text.begin(), at.first, '\n') + 1);
  return false;
}

}  // namespace

Result<SuiteResult> run_formatter(const FormatterSuite& suite) {
  const Result<std::vector<Golden>> goldens = read_goldens(suite.folder);
  if (!goldens) return goldens.error();
  SuiteResult out;
  for (const Golden& golden : *goldens) {
    const auto wrong =
        std::find_if(std::begin(kWrong), std::end(kWrong),
                     [&](const WrongGolden& each) { return each.name == golden.name; });
    if (wrong != std::end(kWrong)) {
      std::printf("left out %s: %s\n", golden.name.c_str(), std::string(wrong->reason).c_str());
      continue;
    }
    const Result<std::string> input = input_of(golden, suite.folder);
    if (!input) return input.error();
    const bool passed = passes(golden, *input);
    if (passed && suite.verbose) std::printf("passed %s\n", golden.name.c_str());
    ++(passed ? out.passed : out.failed);
  }
  return out;
}

}  // namespace mcpgov::cli
