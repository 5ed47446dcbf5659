// The ready-made policies decide their own cases as written.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "mcpgov/mcpgov.hpp"
#include "request/iso.hpp"

namespace {

using Json = nlohmann::json;

const std::string kPolicies = MCPGOV_SOURCE_DIR "/policies/";
constexpr const char* kFolders[] = {"analyst-engineer", "read-only",     "deny-destructive",
                                    "office-hours",     "inside-folder", "quiet-server"};

Json read_json(const std::string& path) {
  std::ifstream file(path);
  REQUIRE_MESSAGE(file, path);
  return Json::parse(file);
}

bool take(void*, std::string_view) noexcept {
  return true;
}

std::uint64_t clock_of(void* now_us) noexcept {
  return *static_cast<std::uint64_t*>(now_us);
}

std::uint64_t time_of(const Json& entry) {
  const std::string text = entry.value("time", "2026-11-20T10:00:00Z");
  const auto time = mcpgov::request::iso_datetime(text);
  REQUIRE(time.code == mcpgov::ErrorCode::none);
  return static_cast<std::uint64_t>(time.value) * 1000;
}

void run_case(const std::string& folder, const std::string& server, const Json& entry) {
  std::uint64_t now_us = time_of(entry);
  mcpgov::GovernorOptions options;
  options.sink = mcpgov::audit::to_callback(&take, nullptr);
  options.now_us = &clock_of;
  options.now_context = &now_us;
  auto governor = mcpgov::Governor::open(kPolicies + folder + "/mcpgov.yaml", std::move(options));
  REQUIRE_MESSAGE(governor, governor.error().text());
  mcpgov::Session session = governor->session({.server = server});
  if (entry.contains("claimed")) {
    const auto known = session.set_tools(entry["claimed"].dump());
    REQUIRE_MESSAGE(known, known.error().text());
  }
  mcpgov::Caller caller;
  if (!entry["caller"].empty()) {
    auto read = mcpgov::Caller::from_json(entry["caller"].dump());
    REQUIRE_MESSAGE(read, read.error().text());
    caller = *std::move(read);
  }
  const std::string body = entry["message"].dump();
  const bool from_server = entry.value("from_server", false);
  mcpgov::Verdicts verdicts = session.receive(
      {.direction = from_server ? mcpgov::Direction::from_server : mcpgov::Direction::from_client,
       .body = body,
       .caller = &caller});
  const mcpgov::Verdict& verdict = *verdicts.begin();
  CHECK(verdict.allowed() == (entry["expect"] == "allow"));
  CHECK(mcpgov::code_name(verdict.reason()) == entry.value("reason", "none"));
  std::vector<std::string> policies(verdict.policies().begin(), verdict.policies().end());
  CHECK(policies == entry["policies"].get<std::vector<std::string>>());
}

}  // namespace

TEST_CASE("policies: each ready-made policy decides its cases as written") {
  for (const char* folder : kFolders) {
    const Json file = read_json(kPolicies + folder + "/cases.json");
    std::size_t denials = 0;
    for (const Json& entry : file["cases"]) {
      const std::string name = std::string(folder) + ": " + entry["name"].get<std::string>();
      CAPTURE(name);
      run_case(folder, file["server"], entry);
      denials += entry["expect"] == "deny" ? 1 : 0;
    }
    CAPTURE(std::string(folder));
    CHECK(file["cases"].size() >= 5);
    // What must not be let through says more than what may.
    CHECK(denials * 2 > file["cases"].size());
  }
}

TEST_CASE("policies: no folder is left out of the test") {
  std::size_t folders = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kPolicies)) {
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename();
    CAPTURE(name);
    CHECK(std::find(std::begin(kFolders), std::end(kFolders), name) != std::end(kFolders));
    ++folders;
  }
  CHECK(folders == std::size(kFolders));
}
