// What happens to the cost of one thing when everything doubles.
//
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <fmt/format.h>

#include "kinds.hpp"
#include "measure.hpp"
#include "policy/cedar/entities_json.hpp"
#include "policy/entities.hpp"

namespace mcpgov::bench {
namespace {

namespace cedar = policy::cedar;
using policy::Symbols;

// A shape that someone could write: policies, entities, and a request that meets them.
struct Shape {
  const char* name;
  std::size_t most;  // the largest size, doubled up to in four steps
  std::string (*policies)(std::size_t);
  std::string (*entities)(std::size_t);
  TextQuestion (*question)(std::size_t);
};

TextQuestion ask(const std::string& principal, const std::string& resource,
                 nlohmann::json context = nlohmann::json::object()) {
  return TextQuestion({{"principal", {{"type", "User"}, {"id", principal}}},
                       {"action", {{"type", "Action"}, {"id", "view"}}},
                       {"resource", {{"type", "Photo"}, {"id", resource}}},
                       {"context", std::move(context)}});
}

TextQuestion ask_first(std::size_t) {
  return ask("u0", "p0");
}

std::string repeated(std::size_t n, const std::string& policy) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) {
    out += fmt::format(fmt::runtime(policy), fmt::arg("i", i), fmt::arg("bits", i << 20));
  }
  return out;
}

std::string none(std::size_t) {
  return "[]";
}

std::string parent_chain(std::size_t n) {
  std::string out = "[";
  for (std::size_t i = 0; i < n; ++i) {
    out += fmt::format(R"({}{{"uid":{{"type":"User","id":"u{}"}},"attrs":{{}},"parents":[)",
                       i == 0 ? "" : ",", i);
    if (i + 1 < n) out += fmt::format(R"({{"type":"User","id":"u{}"}})", i + 1);
    out += "]}";
  }
  return out + "]";
}

std::string many_parents(std::size_t n) {
  std::string out = R"([{"uid":{"type":"User","id":"u0"},"attrs":{},"parents":[)";
  for (std::size_t i = 1; i <= n; ++i) {
    out += fmt::format(R"({}{{"type":"User","id":"u{}"}})", i == 1 ? "" : ",", i);
  }
  return out + "]}]";
}

std::string big_set(std::size_t n) {
  std::string out = R"([{"uid":{"type":"User","id":"u0"},"parents":[],"attrs":{"all":[)";
  for (std::size_t i = 0; i < n; ++i)
    out += fmt::format("{}[{},[{}]]", i == 0 ? "" : ",", n - i, i);
  return out + "]}}]";
}

// `{` is doubled: the texts are formats.
const Shape kShapes[] = {
    {"the same scope", 64'000,
     [](std::size_t n) {
       return repeated(n,
                       "permit(principal == User::\"u0\", action == Action::\"view\", resource) "
                       "when {{ context has never{i} }};\n");
     },
     none, ask_first},
    {"no scope at all", 64'000,
     [](std::size_t n) {
       return repeated(n, "permit(principal, action, resource) when {{ context has never }};\n");
     },
     none, ask_first},
    {"sequential ids", 64'000,
     [](std::size_t n) {
       return repeated(n,
                       "permit(principal == User::\"u{i}\", action == Action::\"view\", "
                       "resource == Photo::\"p{i}\");\n");
     },
     none, ask_first},
    {"ids alike but for high bits", 64'000,
     [](std::size_t n) {
       return repeated(n,
                       "permit(principal in User::\"{bits:016}aaaaaaaaaaaaaaaa\", action == "
                       "Action::\"{bits:016}\", resource);\n");
     },
     none, ask_first},
    {"one action each", 64'000,
     [](std::size_t n) {
       return repeated(n,
                       "permit(principal, action == Action::\"a{i}\", resource) "
                       "when {{ resource has a{i} && context has c{i} }};\n");
     },
     none, ask_first},
    {"a condition of n operands", 16'000,
     [](std::size_t n) {
       return "permit(principal, action, resource) when { " + repeated(n, "context has a{i} || ") +
              "false };";
     },
     none, ask_first},
    {"a set literal of n items", 16'000,
     [](std::size_t n) {
       return "permit(principal, action, resource) when { [" + repeated(n, "[{bits}, [{i}]], ") +
              "].contains(principal) };";
     },
     none, ask_first},
    {"a record literal of n fields", 16'000,
     [](std::size_t n) {
       return "permit(principal, action, resource) when { {" + repeated(n, "f{i}: {i}, ") +
              "} == principal };";
     },
     none, ask_first},
    {"a chain of n parents", 4'000,
     [](std::size_t) {
       return std::string("permit(principal in User::\"none\", action, resource);");
     },
     parent_chain, ask_first},
    {"n parents side by side", 64'000,
     [](std::size_t) {
       return std::string("permit(principal in User::\"none\", action, resource);");
     },
     many_parents, ask_first},
    {"a set attribute of n nested sets", 64'000,
     [](std::size_t) {
       return std::string(
           "permit(principal, action, resource) when { "
           "principal.all == principal.all };");
     },
     big_set, ask_first},
};

// Processor time of the fastest of a few runs: what noise adds is never negative.
template <class Step>
double fastest(int runs, Step step) {
  double best = 1e18;
  for (int i = 0; i < runs; ++i) {
    const double start = cpu_nanoseconds();
    step();
    best = std::min(best, cpu_nanoseconds() - start);
  }
  return best;
}

void measure_shape(const Shape& shape, std::size_t size, nlohmann::json& out) {
  const policy::Source source{"", shape.policies(size)};
  const std::string entities_text = shape.entities(size);
  const auto read = [&](Symbols& symbols) {
    return must(cedar::read_entities({entities_text, {}, nullptr}, symbols));
  };
  out["entities"].push_back(fastest(3, [&] {
    Symbols symbols;
    keep(read(symbols));
  }));
  const auto build = [&] {
    Symbols symbols;
    policy::Entities entities = read(symbols);
    return must(cedar::Engine::build({&source, 1}, std::move(symbols), std::move(entities)));
  };
  out["build"].push_back(fastest(3, [&] { keep(build()); }));
  const double before = heap_bytes();
  const cedar::Engine engine = build();
  out["bytes"].push_back(heap_bytes() - before);
  const Case asked(engine, shape.question(size));
  Arena arena;
  constexpr int kCalls = 16;  // reading the processor's clock costs more than a decision
  out["decide"].push_back(fastest(20,
                                  [&] {
                                    for (int i = 0; i < kCalls; ++i) {
                                      arena.reset();
                                      keep(engine.authorize(asked.request, arena));
                                    }
                                  }) /
                          kCalls);
  out["sizes"].push_back(size);
}

}  // namespace

void growth(bool quick) {
  for (const Shape& shape : kShapes) {
    nlohmann::json out{{"op", "growth"}, {"shape", shape.name}};
    const std::size_t most = quick ? shape.most / 8 : shape.most;
    for (std::size_t size = most / 8; size <= most; size *= 2) measure_shape(shape, size, out);
    print(out);
  }
}

}  // namespace mcpgov::bench
