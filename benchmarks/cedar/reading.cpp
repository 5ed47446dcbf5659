// Reading policies, entities and schemas, and the published tests with every check of the official
// harness.
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "kinds.hpp"
#include "measure.hpp"
#include "policy/cedar/entities_json.hpp"
#include "policy/cedar/parser.hpp"
#include "policy/cedar/schema_request.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/cedar/validation/validator.hpp"
#include "policy/entities.hpp"

namespace mcpgov::bench {
namespace {

namespace cedar = policy::cedar;
using policy::Symbols;

// Syntax trees of all policies, kept until the end as the rivals keep theirs.
std::size_t parse_all(const std::string& text) {
  Symbols symbols;
  Arena arena;
  cedar::Parser parser("", text, symbols, arena);
  std::vector<cedar::ParsedPolicy> policies;
  cedar::Ast ast;
  for (cedar::ParsedPolicy policy; parser.next(ast, policy);) policies.push_back(std::move(policy));
  if (parser.failed()) fail(parser.error().text());
  return policies.size();
}

struct Test {
  std::string name;
  std::string policies;
  std::string schema;
  std::string entities;
  bool valid;
  std::vector<TextQuestion> questions;
  std::vector<std::string> wanted;  // as answer_text() has it
};

std::string ids(const nlohmann::json& from) {
  auto out = from.get<std::vector<std::string>>();
  std::sort(out.begin(), out.end());
  return fmt::format("{}", fmt::join(out, ","));
}

Test read_test(const std::filesystem::path& root, const std::string& name) {
  const nlohmann::json facts = file_json(root / name);
  const auto file = [&](const char* member) {
    return file_text(root.parent_path() / facts.at(member).get<std::string>());
  };
  Test out{name, file("policies"), file("schema"), file("entities"), facts.at("shouldValidate"), {},
           {}};
  for (const nlohmann::json& each : facts.at("requests")) {
    out.questions.emplace_back(each);
    out.wanted.push_back(fmt::format("{};{};{}", each.at("decision").get<std::string>(),
                                     ids(each.at("reason")), ids(each.at("errors"))));
  }
  return out;
}

enum Op { kSchema, kEntities, kPolicies, kBuild, kValidate, kRequests, kAuthorize, kOps };
constexpr const char* kOpNames[] = {"schema",   "entities", "policies", "compile",
                                    "validate", "requests", "authorize"};

// Policies as read, for the validator. An Ast each: a policy is validated by itself.
struct Parsed {
  explicit Parsed(const std::string& text, Symbols& symbols) {
    cedar::Parser parser("", text, symbols, arena);
    for (;;) {
      cedar::Ast ast;
      cedar::ParsedPolicy policy;
      if (!parser.next(ast, policy)) break;
      all.emplace_back(std::move(ast), std::move(policy));
    }
    if (parser.failed()) fail(parser.error().text());
  }
  Arena arena;
  std::vector<std::pair<cedar::Ast, cedar::ParsedPolicy>> all;
};

bool validates(const cedar::Schema& schema, const Symbols& symbols, const Parsed& policies,
               const std::string& text) {
  cedar::validation::Validator validator(schema, symbols, {});
  std::vector<policy::Finding> findings;
  for (const auto& [ast, policy] : policies.all) {
    validator.policy(ast, policy, {"policy", "", text, policy.offset, 1, 1}, findings);
  }
  return policy::passes(findings);
}

class Times {
 public:
  template <class Step>
  auto timed(Op op, Step step) {
    const Clock::time_point start = Clock::now();
    auto out = step();
    all_[op].ns.push_back(nanoseconds(start));
    return out;
  }
  void report() {
    for (std::size_t op = 0; op < kOps; ++op) {
      if (!all_[op].ns.empty()) print(all_[op].line(kOpNames[op]));
    }
  }

 private:
  std::array<Samples, kOps> all_;
};

// How many answers are wrong.
std::size_t check(const Test& test, Times& times) {
  Symbols symbols;
  const cedar::Schema schema = times.timed(
      kSchema, [&] { return must(cedar::read_schema(test.schema, test.name, symbols)); });
  policy::Entities entities = times.timed(kEntities, [&] {
    return must(cedar::read_entities({test.entities, test.name, &schema}, symbols));
  });
  const auto parsed =
      times.timed(kPolicies, [&] { return std::make_unique<Parsed>(test.policies, symbols); });
  const bool valid =
      times.timed(kValidate, [&] { return validates(schema, symbols, *parsed, test.policies); });
  std::size_t wrong = valid == test.valid ? 0 : 1;
  const policy::Source source{"", test.policies};
  const cedar::Engine engine = times.timed(kBuild, [&] {
    return must(cedar::Engine::build({&source, 1}, std::move(symbols), std::move(entities)));
  });
  const std::vector<Case> cases = times.timed(kRequests, [&] {
    std::vector<Case> out;
    for (const TextQuestion& each : test.questions) {
      out.emplace_back(engine, each, &schema);
      const auto admitted = cedar::validate_request(schema, out.back().request);
      if (!admitted) fail(test.name + ": " + admitted.error().text());
    }
    return out;
  });
  Arena arena;
  for (std::size_t at = 0; at < cases.size(); ++at) {
    arena.reset();
    const policy::Decision decision =
        times.timed(kAuthorize, [&] { return engine.authorize(cases[at].request, arena); });
    wrong += answer_text(engine, decision) != test.wanted[at] ? 1 : 0;
  }
  return wrong;
}

}  // namespace

void parse(const Folder& folder, double seconds) {
  const policy::Source source{"", folder.policies()};
  const auto count = static_cast<double>(parse_all(source.text));
  Samples samples = measure(1, seconds, [&](std::size_t) { keep(parse_all(source.text)); });
  print(samples.line("parse", count));
  samples = measure(1, seconds, [&](std::size_t) {
    keep(must(cedar::Engine::build({&source, 1}, Symbols{}, policy::Entities{})));
  });
  print(samples.line("parse, compile and index", count));
  double bytes = 0;
  const cedar::Engine engine = folder.engine(0, &bytes);
  print({{"op", "memory"}, {"bytes", bytes / count}});
}

void load(const Folder& folder, double seconds) {
  const std::string text = folder.entities(0);
  const auto count = folder.facts().at("entities").get<double>();
  const double before = heap_bytes();
  Symbols symbols;
  const policy::Entities entities = must(cedar::read_entities({text, {}, nullptr}, symbols));
  const double bytes = heap_bytes() - before;
  Samples samples = measure(1, seconds, [&](std::size_t) {
    Symbols fresh;
    keep(must(cedar::read_entities({text, {}, nullptr}, fresh)));
  });
  print(samples.line("load", count));
  print({{"op", "memory"}, {"bytes", bytes / count}});
}

// One pass to warm up, one timed.
void corpus(const Folder& folder) {
  const std::filesystem::path root = folder.facts().at("corpus").get<std::string>();
  std::vector<Test> tests;
  for (const nlohmann::json& name : file_json(folder / "tests.json")) {
    tests.push_back(read_test(root, name.get<std::string>()));
  }
  for (int pass = 0; pass < 2; ++pass) {
    std::size_t wrong = 0;
    Times times;
    const Clock::time_point begin = Clock::now();
    for (const Test& test : tests) wrong += check(test, times);
    const double total = nanoseconds(begin);
    if (pass == 0) continue;
    times.report();
    print({{"op", "corpus"},
           {"p50", total},
           {"mean", total},
           {"wrong", wrong},
           {"tests", tests.size()}});
  }
}

}  // namespace mcpgov::bench
