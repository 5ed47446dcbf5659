// One test after the other: read, build, ask, compare.
// Tested by tests/conformance
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/conformance_cedar.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/archive.hpp"
#include "policy/cedar/context_json.hpp"
#include "policy/cedar/engine.hpp"
#include "policy/cedar/entities_json.hpp"
#include "policy/cedar/schema_request.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/cedar/validation/validator.hpp"
#include "policy/entities.hpp"

namespace mcpgov::cli {
namespace {

namespace fs = std::filesystem;
using policy::cedar::Engine;
using Clock = std::chrono::steady_clock;

enum Phase { kFiles, kSchema, kEntities, kValidation, kPolicies, kRequests, kPhases };
constexpr const char* kPhaseNames[kPhases] = {"read files", "schemas",  "entities",
                                              "validation", "policies", "requests"};
constexpr std::size_t kShownFailures = 20;
constexpr std::size_t kProgressEvery = 1000;

// A test file, and the folder its paths start at.
struct TestFile {
  fs::path path;
  fs::path root;
};

std::optional<std::string> file_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

void collect(const fs::path& root, const char* below, std::vector<TestFile>& out) {
  std::error_code problem;
  for (fs::recursive_directory_iterator at(root / below, problem), end; at != end && !problem;
       at.increment(problem)) {
    const std::string name = at->path().filename().string();
    if (name.ends_with(".json") && !name.ends_with(".entities.json")) {
      out.push_back({at->path(), root});
    }
  }
}

// `{"type": …, "id": …}`
policy::EntityId entity_of(const nlohmann::json& uid, policy::RequestSymbols& symbols) {
  return symbols.entity(uid.at("type").get_ref<const std::string&>(),
                        uid.at("id").get_ref<const std::string&>());
}

std::string joined(const std::set<std::string>& ids) {
  return fmt::format("{{{}}}", fmt::join(ids, ", "));
}

class CedarRun {
 public:
  explicit CedarRun(const CedarSuite& suite) : suite_(suite) {}

  void run(const std::vector<TestFile>& files) {
    for (const TestFile& file : files) {
      const std::string name = file.path.lexically_relative(file.root).string();
      if (name.find(suite_.only) == std::string::npos) continue;
      const std::size_t before = problems_;
      try {
        test(file, name);
      } catch (const nlohmann::json::exception& problem) {
        report(name, problem.what());
      }
      ++(problems_ == before ? result_.passed : result_.failed);
      const std::size_t done = result_.passed + result_.failed;
      if (suite_.verbose) {
        fmt::print("{} {}\n", problems_ == before ? "ok  " : "FAIL", name);
      } else if (done % kProgressEvery == 0) {
        fmt::print("{} of {} tests\n", done, files.size());
        std::fflush(stdout);
      }
    }
  }

  SuiteResult result() const { return result_; }

  void print_times() const {
    fmt::print("{} requests", requests_);
    for (int i = 0; i < kPhases; ++i) {
      fmt::print(", {} {:.0f} ms", kPhaseNames[i],
                 std::chrono::duration<double, std::milli>(times_[i]).count());
    }
    fmt::print("\n");
  }

 private:
  void report(const std::string& test, const std::string& what) {
    ++problems_;
    if (suite_.verbose || problems_ <= kShownFailures) fmt::print("{}: {}\n", test, what);
    if (!suite_.verbose && problems_ == kShownFailures) fmt::print("(more are not shown)\n");
  }

  // Runs a step and adds its time to a phase.
  template <class Step>
  auto timed(Phase phase, Step step) {
    const Clock::time_point start = Clock::now();
    auto out = step();
    times_[phase] += Clock::now() - start;
    return out;
  }

  void test(const TestFile& file, const std::string& name) {
    std::string texts[4];
    nlohmann::json test;
    const bool readable = timed(kFiles, [&] {
      const auto test_text = file_text(file.path);
      if (!test_text) return false;
      test = nlohmann::json::parse(*test_text);
      constexpr const char* members[] = {"policies", "schema", "entities"};
      for (std::size_t i = 0; i < std::size(members); ++i) {
        auto text = file_text(file.root / test.at(members[i]).get_ref<const std::string&>());
        if (!text) return false;
        texts[i] = std::move(*text);
      }
      return true;
    });
    if (!readable) return report(name, "a file of the test cannot be read");

    policy::Symbols symbols;
    const auto schema =
        timed(kSchema, [&] { return policy::cedar::read_schema(texts[1], "schema", symbols); });
    if (!schema) return report(name, schema.error().text());
    auto entities = timed(kEntities, [&] {
      return policy::cedar::read_entities({texts[2], "entities", &*schema}, symbols);
    });
    if (!entities) return report(name, entities.error().text());
    const policy::Source source{"", std::move(texts[0])};
    std::vector<policy::Finding> findings;
    const auto validated = timed(kValidation, [&] {
      policy::cedar::validation::Validator validator(*schema, symbols, {});
      return validator.source(source, symbols, findings);
    });
    if (!validated) return report(name, validated.error().text());
    if (policy::passes(findings) != test.at("shouldValidate").get<bool>()) {
      report(name, findings.empty() ? "validates" : findings[0].text());
    }
    Engine::Options options;
    options.index = !suite_.index_off;
    const auto engine = timed(kPolicies, [&] {
      return Engine::build({&source, 1}, std::move(symbols), *std::move(entities), options);
    });
    if (!engine) return report(name, engine.error().text());

    std::size_t number = 0;
    for (const nlohmann::json& request : test.at("requests")) {
      ++requests_;
      const std::string problem =
          timed(kRequests, [&] { return compare(*engine, *schema, request); });
      if (!problem.empty()) report(name, fmt::format("request {}: {}", number, problem));
      ++number;
    }
  }

  // What is wrong with the answer to a request, or nothing.
  std::string compare(const Engine& engine, const policy::cedar::Schema& schema,
                      const nlohmann::json& expected) {
    arena_.reset();
    policy::RequestSymbols symbols(engine.symbols(), arena_);
    policy::Request request;
    request.principal = entity_of(expected.at("principal"), symbols);
    request.action = entity_of(expected.at("action"), symbols);
    request.resource = entity_of(expected.at("resource"), symbols);
    request.symbols = &symbols;
    const std::string text = expected.at("context").dump();
    const auto context = policy::cedar::read_context({text, &schema, request.action}, symbols);
    if (!context) return context.error().text();
    request.context = *context;
    if (expected.value("validateRequest", true)) {
      const Result<void> valid = policy::cedar::validate_request(schema, request);
      if (!valid) return valid.error().text();
    }

    const policy::Decision decision = engine.authorize(request, arena_);
    const bool allowed = decision.effect == policy::Effect::allow;
    std::set<std::string> reasons;
    std::set<std::string> errors;
    for (const auto policy : decision.reasons) reasons.emplace(engine.policy(policy).id);
    for (const auto& error : decision.errors) errors.emplace(engine.policy(error.policy).id);
    const auto wanted_reasons = expected.at("reason").get<std::set<std::string>>();
    const auto wanted_errors = expected.at("errors").get<std::set<std::string>>();
    const bool wanted = expected.at("decision") == "allow";

    std::string out;
    if (allowed != wanted) out += wanted ? "denied, " : "allowed, ";
    if (reasons != wanted_reasons) {
      out += fmt::format("reasons {} instead of {}, ", joined(reasons), joined(wanted_reasons));
    }
    if (errors != wanted_errors) {
      out += fmt::format("errors {} instead of {}, ", joined(errors), joined(wanted_errors));
    }
    if (engine.decide(request, arena_) != decision.effect) out += "decide() differs, ";
    const policy::Possible possible = engine.possible(request, policy::ErrorRule::cedar, arena_);
    if (possible.some != allowed || possible.certain != allowed) out += "possible() differs, ";
    return out.substr(0, out.empty() ? 0 : out.size() - 2);
  }

  const CedarSuite& suite_;
  Arena arena_;
  SuiteResult result_;
  Clock::duration times_[kPhases] = {};
  std::size_t requests_ = 0;
  std::size_t problems_ = 0;
};

}  // namespace

Result<SuiteResult> run_cedar(const CedarSuite& suite) {
  const fs::path root = suite.folder;
  std::optional<ExtractedArchive> archive;
  std::vector<TestFile> files;
  std::error_code ignored;
  if (fs::is_directory(root / "corpus-tests", ignored)) {
    collect(root, "corpus-tests", files);
  } else if (fs::is_regular_file(root / "corpus-tests.tar.gz", ignored)) {
    auto extracted = ExtractedArchive::extract(root / "corpus-tests.tar.gz");
    if (!extracted) return std::move(extracted).error();
    archive.emplace(*std::move(extracted));
    collect(archive->folder(), "corpus-tests", files);
  }
  collect(root, "tests", files);
  if (files.empty()) {
    return Error{ErrorCode::file_unreadable, "no tests found", suite.folder, 0, 0};
  }
  std::sort(files.begin(), files.end(),
            [](const TestFile& a, const TestFile& b) { return a.path < b.path; });
  CedarRun run(suite);
  run.run(files);
  run.print_times();
  return run.result();
}

}  // namespace mcpgov::cli
