// Owners of tasks.
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/tasks.hpp"

#include "governor/support.hpp"

using namespace mcpgov;
using namespace mcpgov::test;

TEST_CASE("tasks: only the caller who created a task owns it") {
  TaskOwners tasks(100);
  REQUIRE(tasks.bind("t", "s", "1", user("ann", {})));
  Caller agent = user("ann", {});
  agent.kind = CallerKind::agent;
  Caller foreign = user("ann", {});
  foreign.issuer = "other";
  Caller anonymous;
  anonymous.kind = CallerKind::anonymous;
  struct Case {
    const char* name;
    const char* tenant;
    const char* server;
    const char* task;
    Caller caller;
    bool owns;
  };
  const Case cases[] = {
      {"the creator", "t", "s", "1", user("ann", {}), true},
      {"the creator with other roles", "t", "s", "1", user("ann", {"x"}), true},
      {"another subject", "t", "s", "1", user("bob", {}), false},
      {"another issuer", "t", "s", "1", foreign, false},
      {"another kind", "t", "s", "1", agent, false},
      {"another task", "t", "s", "2", user("ann", {}), false},
      {"another server", "t", "s2", "1", user("ann", {}), false},
      {"another tenant", "", "s", "1", user("ann", {}), false},
      {"parts that join to the same text", "t", "s1", "", user("ann", {}), false},
      {"nobody", "t", "s", "1", anonymous, false},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    CHECK(tasks.owns(c.tenant, c.server, c.task, c.caller) == c.owns);
  }
}

TEST_CASE("tasks: the first binding counts, anonymous callers bind nothing, the oldest go first") {
  TaskOwners tasks(16);
  CHECK(tasks.bind("", "s", "1", user("ann", {})));
  CHECK(tasks.bind("", "s", "1", user("ann", {})));
  CHECK_FALSE(tasks.bind("", "s", "1", user("bob", {})));
  Caller anonymous;
  anonymous.kind = CallerKind::anonymous;
  CHECK_FALSE(tasks.bind("", "s", "2", anonymous));
  for (int at = 0; at < 1000; ++at) {
    CHECK(tasks.bind("", "s", "n" + std::to_string(at), user("ann", {})));
  }
  CHECK_FALSE(tasks.owns("", "s", "1", user("ann", {})));
  CHECK(tasks.owns("", "s", "n999", user("ann", {})));
}
