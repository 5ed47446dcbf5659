// Extraction by the system's `tar`, without a shell.
// Tested by tests/conformance
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/archive.hpp"

#include <chrono>
#include <optional>
#include <stdlib.h>
#include <string>
#include <system_error>

#include "base/os_process.hpp"

namespace mcpgov::cli {
namespace {

constexpr std::chrono::seconds kLongest{120};

// True when the program ended with 0 in time. It writes nothing, so its output is readable once it
// has ended.
bool finished_well(Child& program) {
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - start < kLongest) {
    if (const std::optional<int> code = program.exit_code()) return *code == 0;
    Watch ended{.descriptor = program.output().descriptor(), .read = true};
    wait_ready({&ended, 1}, 100);
  }
  return false;  // killed by its destructor
}

}  // namespace

Result<ExtractedArchive> ExtractedArchive::extract(const std::filesystem::path& archive) {
  const auto failed = [&](const char* reason) {
    return Error{ErrorCode::file_unreadable, reason, archive.string(), 0, 0};
  };
  std::error_code problem;
  std::string name = std::filesystem::temp_directory_path(problem) / "mcpgov-suite-XXXXXX";
  if (problem || mkdtemp(name.data()) == nullptr) return failed("no temporary folder for it");
  ExtractedArchive out{std::filesystem::path(name)};

  const std::string arguments[] = {"tar", "-xzf", archive.string(), "-C", name};
  auto tar = Child::start(arguments);
  if (!tar) return failed("`tar` cannot be started");
  if (!finished_well(*tar)) return failed("`tar` cannot extract it");
  return out;
}

ExtractedArchive::~ExtractedArchive() {
  std::error_code ignored;  // a folder left in the temporary directory harms nobody
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

}  // namespace mcpgov::cli
