// The context paths that policies can read.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/cedar_world.hpp"

namespace mcpgov::policy::cedar {
namespace {

// `a(b* c)`: names sorted, `*` where the whole value is read.
std::string text_of(const Engine& engine, const ReadPath& path) {
  std::vector<std::string> children;
  for (const ReadPath& child : path.children) {
    children.push_back(std::string(engine.symbols().text(child.name)) + text_of(engine, child));
  }
  std::sort(children.begin(), children.end());
  std::string out = path.whole ? "*" : "";
  if (children.empty()) return out;
  out += "(";
  for (const std::string& child : children) out += (out.back() == '(' ? "" : " ") + child;
  return out + ")";
}

}  // namespace

TEST_CASE("reads: every way a policy gets at the context") {
  struct Case {
    const char* condition;
    const char* reads;
  };
  const Case cases[] = {
      {"true", ""},
      {"principal.a.b == resource.c", ""},
      {"context.a == 1", "(a*)"},
      {"context.a.b.c == 1 && context[\"a\"].d", "(a(b(c*) d*))"},
      {"context has a", "(a)"},
      {"context has a && context.a == 1", "(a*)"},
      {"context has a.b.c", "(a(b(c)))"},
      {"context.a has b", "(a(b))"},
      {"context.a.contains(context.b)", "(a* b*)"},
      {"context.a.containsAll(context.b) || context.c.isEmpty()", "(a* b* c*)"},
      {"context == {a: 1}", "*"},
      {"principal.x == context", "*"},
      {"(if context.a then context.b else context.c).d == 1", "(a* b* c*)"},
      {"(if true then context else {}).a == 1", "*"},
      {"{x: context.a}.x.b == 1", "(a*)"},
      {"[context.a, context.b].isEmpty()", "(a* b*)"},
      {"ip(context.a).isInRange(ip(context.b))", "(a* b*)"},
      {"principal.hasTag(context.a) || context.b.hasTag(\"x\")", "(a* b*)"},
      {"principal.getTag(context.a) == context.b.getTag(\"x\")", "(a* b*)"},
      {"-context.a + context.b * context.c < context.d", "(a* b* c* d*)"},
      {"!context.a || context.b && context.c", "(a* b* c*)"},
      {"context.a like \"*\" && context.b is U && context.c is U in context.d", "(a* b* c* d*)"},
      {"principal in context.a || context.b in principal", "(a* b*)"},
      {"context.a", "(a*)"},
      {"context.a.b == 1 && context.a == {}", "(a*(b*))"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.condition));
    Result<Engine> engine =
        engine_of("permit(principal, action, resource) when { " + std::string(c.condition) + " };");
    REQUIRE(engine.has_value());
    CHECK(text_of(*engine, engine->reads()) == c.reads);
    Result<Engine> inside = engine_of("forbid(principal, action, resource) unless { (" +
                                      std::string(c.condition) + ") == (1 == 1) };");
    REQUIRE(inside.has_value());
    CHECK(text_of(*inside, inside->reads()) == c.reads);
  }
}

TEST_CASE("reads: paths of all policies are joined, sorted by name") {
  Result<Engine> engine = engine_of(
      "permit(principal, action, resource) when { context.z.a == 1 };"
      "permit(principal, action, resource) when { context.z.b == 1 } unless { context has y };");
  REQUIRE(engine.has_value());
  CHECK(text_of(*engine, engine->reads()) == "(y z(a* b*))");
  const std::span<const ReadPath> children = engine->reads().children;
  CHECK(std::is_sorted(children.begin(), children.end(),
                       [](const ReadPath& a, const ReadPath& b) { return a.name < b.name; }));
}

TEST_CASE("reads: a path deeper than any value ends in a whole value") {
  std::string path = "context";
  for (int i = 0; i < 5000; ++i) path += ".a";
  Result<Engine> engine =
      engine_of("permit(principal, action, resource) when { " + path + " == 1 };");
  REQUIRE(engine.has_value());
  const ReadPath* at = &engine->reads();
  int depth = 0;
  for (; !at->children.empty(); at = &at->children[0]) ++depth;
  CHECK(depth == kMaxValueDepth);
  CHECK(at->whole);
}

}  // namespace mcpgov::policy::cedar
