// A decision on a warm arena takes nothing from the heap, whatever its policies compute.
//
// SPDX-License-Identifier: Apache-2.0
#include "support/allocation.hpp"

#include <cstdlib>
#include <string>

#include <doctest/doctest.h>

#include "support/cedar_world.hpp"

namespace mcpgov::policy::cedar {

TEST_CASE("allocation: a warm decision, a warm outlook and a warm list allocate nothing") {
  Result<Engine> engine = engine_of(
      "permit(principal in G::\"g\", action == Action::\"act\", resource)"
      "when { context.path like \"/data/*\" && [context.n, 1].contains(1) };"
      "permit(principal, action, resource) when { {a: context.path} == {a: \"x\"} };"
      "permit(principal, action, resource) when { principal.getTag(context.path) == 1 };"
      "permit(principal, action, resource) when { ip(context.path).isLoopback() };"
      "forbid(principal, action, resource) when"
      "{ decimal(\"1.5\").lessThan(decimal(context.path)) || ip(\"::1\").isIpv4() };",
      R"([{"uid": {"type": "U", "id": "a"}, "attrs": {}, "tags": {"x": 1},
           "parents": [{"type": "G", "id": "g"}]}])");
  REQUIRE(engine.has_value());
  Asked asked(*engine, {"U", "a"}, {"Action", "act"}, {"R", "r"},
              R"({"path": "/data/report", "n": 1})");
  Arena arena;
  Request open = asked.request;
  open.context = Value{};
  const auto ask = [&] {
    arena.reset();
    const Effect effect = engine->authorize(asked.request, arena).effect;
    CHECK((engine->decide(asked.request, arena) == effect && effect == Effect::allow));
    CHECK(engine->possible(open, ErrorRule::forbid, arena).some);
    ListQuestion list(*engine, open.principal, asked.symbols(), {}, ErrorRule::forbid, arena);
    for (int item = 0; item < 10; ++item) {
      CHECK(list.probe(open.action, open.resource, open.context).some);
    }
  };
  ask();
  const std::size_t before = test::allocation_count();
  for (int round = 0; round < 100; ++round) {
    arena.reset();
    const Decision decision = engine->authorize(asked.request, arena);
    if (decision.effect != Effect::allow || decision.errors.size() != 3) std::abort();
    if (engine->decide(asked.request, arena) != Effect::allow) std::abort();
    if (!engine->possible(open, ErrorRule::forbid, arena).some) std::abort();
    ListQuestion list(*engine, open.principal, asked.symbols(), {}, ErrorRule::forbid, arena);
    for (int item = 0; item < 10; ++item) {
      if (!list.probe(open.action, open.resource, open.context).some) std::abort();
    }
  }
  CHECK(test::allocation_count() == before);
}

}  // namespace mcpgov::policy::cedar
