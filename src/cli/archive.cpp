// Extraction by the system's `tar`, without a shell.
// Tested by tests/conformance
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/archive.hpp"

#include <chrono>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string>
#include <sys/wait.h>
#include <system_error>
#include <thread>

extern char** environ;

namespace mcpgov::cli {
namespace {

constexpr std::chrono::seconds kLongest{120};

// True when the process ended with 0 in time.
bool finished_well(pid_t process) {
  const auto start = std::chrono::steady_clock::now();
  int status = 0;
  for (;;) {
    const pid_t ended = waitpid(process, &status, WNOHANG);
    if (ended == process) return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (ended < 0 || std::chrono::steady_clock::now() - start > kLongest) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  kill(process, SIGKILL);
  waitpid(process, &status, 0);
  return false;
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

  std::string source = archive.string();
  std::string tar = "tar";
  std::string flags = "-xzf";
  std::string into = "-C";
  char* const arguments[] = {tar.data(),  flags.data(), source.data(),
                             into.data(), name.data(),  nullptr};
  pid_t process = 0;
  if (posix_spawnp(&process, "tar", nullptr, nullptr, arguments, environ) != 0) {
    return failed("`tar` cannot be started");
  }
  if (!finished_well(process)) return failed("`tar` cannot extract it");
  return out;
}

ExtractedArchive::~ExtractedArchive() {
  std::error_code ignored;  // a folder left in the temporary directory harms nobody
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

}  // namespace mcpgov::cli
