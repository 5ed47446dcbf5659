// After fork: sessions of the parent deny, new ones work with a sink of their own.
//
// SPDX-License-Identifier: Apache-2.0
#if !defined(_WIN32)
#include <cstdio>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

#include "governor/support.hpp"

using namespace mcpgov;
using namespace mcpgov::test;

namespace {

// Runs `child` in a forked process; its value becomes the exit status.
template <class Child>
int in_child(Child child) {
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) ::_exit(child());
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

std::vector<nlohmann::json> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<nlohmann::json> out;
  for (std::string line; std::getline(file, line);) out.push_back(nlohmann::json::parse(line));
  return out;
}

}  // namespace

TEST_CASE("fork: the child denies on sessions of the parent and decides on its own") {
  char folder[] = "/tmp/mcpgov-fork-XXXXXX";
  REQUIRE(::mkdtemp(folder) != nullptr);
  const std::string path = std::string(folder) + "/audit.jsonl";
  auto governor = Governor::parse(configuration(kPolicies, "", "audit: {file: " + path + "}"), "");
  REQUIRE(governor);
  SessionOptions options;
  options.server = "shop";
  options.caller = engineer();
  Session session = governor->session(options);
  Verdicts parent = from_client(session, call("list_tables", "{}", 1));
  REQUIRE(parent[0].allowed());

  const int status = in_child([&] {
    Verdicts inherited = from_client(session, call("list_tables", "{}", 2));
    if (inherited[0].allowed()) return 1;
    if (inherited[0].reason() != ErrorCode::forked) return 2;
    if (inherited[0].denial().http_status != 503) return 3;
    Session own = governor->session(options);
    Verdicts fresh = from_client(own, call("list_tables", "{}", 3));
    if (!fresh[0].allowed()) return 4;
    own.await_answer(fresh[0]);
    return 0;
  });
  CHECK(status == 0);
  Verdicts after = from_client(session, call("list_tables", "{}", 4));
  CHECK(after[0].allowed());

  const auto lines = lines_of(path);
  std::vector<int> ids;
  std::vector<std::string> records;
  for (const auto& line : lines) {
    if (line["event"] != "decision") continue;
    ids.push_back(line["request_id"].get<int>());
    records.push_back(line["id"].get<std::string>());
  }
  CHECK(ids == std::vector<int>{1, 2, 3, 4});
  CHECK(records[1].substr(0, 16) != records[0].substr(0, 16));
  std::remove(path.c_str());
  ::rmdir(folder);
}

TEST_CASE("fork: a child whose sink cannot be opened again keeps denying") {
  char folder[] = "/tmp/mcpgov-fork-XXXXXX";
  REQUIRE(::mkdtemp(folder) != nullptr);
  const std::string path = std::string(folder) + "/audit.jsonl";
  auto governor = Governor::parse(configuration(kPolicies, "", "audit: {file: " + path + "}"), "");
  REQUIRE(governor);
  std::remove(path.c_str());
  REQUIRE(::rmdir(folder) == 0);  // nothing can be created there any more
  const int status = in_child([&] {
    SessionOptions options;
    options.server = "shop";
    options.caller = engineer();
    Session own = governor->session(options);
    Verdicts verdicts = from_client(own, call("list_tables"));
    if (verdicts[0].allowed()) return 1;
    if (verdicts[0].reason() != ErrorCode::forked) return 2;
    return governor->reopen() ? 3 : 0;
  });
  CHECK(status == 0);
}

TEST_CASE("fork: a child that drops what it inherited writes nothing for the parent") {
  World world;
  Session session = world.session(engineer());
  Verdicts verdicts = from_client(session, call("list_tables", "{}", 1));
  Verdicts awaited = from_client(session, call("list_tables", "{}", 2));
  session.await_answer(awaited[0]);
  const std::size_t before = world.records.size();
  const int status = in_child([&] {
    verdicts = Verdicts();
    session = Session();
    return world.records.size() == before ? 0 : 1;
  });
  CHECK(status == 0);
}
#endif
