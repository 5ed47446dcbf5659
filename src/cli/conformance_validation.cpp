// One file of verdicts after the other: strict and permissive, policies, entities and requests.
// Tested by tests/conformance
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/conformance_validation.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/archive.hpp"
#include "mcpgov/cedar.hpp"
#include "policy/cedar/context_json.hpp"
#include "policy/cedar/entities_json.hpp"
#include "policy/cedar/schema_request.hpp"
#include "policy/cedar/schema_types.hpp"
#include "policy/cedar/validation/validator.hpp"
#include "policy/entities.hpp"

namespace mcpgov::cli {
namespace {

namespace fs = std::filesystem;
using policy::Finding;
using policy::FindingKind;

constexpr std::string_view kSuffix = ".validation.json";
constexpr std::size_t kShownFailures = 20;

// Cases in which our findings differ on purpose, and why.
struct Departure {
  std::string_view name;
  std::string_view reason;
};
constexpr Departure kDepartures[] = {
    {"joined_errors",
     "the reference engine reads `e is T in f` as two copies of e and tells of an unknown type in "
     "e twice, at one place; the verdicts are equal"},
};

std::optional<std::string> file_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// The kind of a message of the reference engine, by words that no other message has.
std::optional<FindingKind> kind_of(std::string_view message) {
  struct Words {
    std::string_view words;
    FindingKind kind;
  };
  static constexpr Words kWords[] = {
      {"unrecognized entity type", FindingKind::unrecognized_entity_type},
      {"unrecognized action", FindingKind::unrecognized_action_id},
      {"unable to find an applicable action", FindingKind::invalid_action_application},
      {"unexpected type", FindingKind::unexpected_type},
      {"are not compatible", FindingKind::incompatible_types},
      {"to optional attribute", FindingKind::unsafe_optional_attribute_access},
      {"of access to tag", FindingKind::unsafe_tag_access},
      {"`.getTag()` is not allowed", FindingKind::no_tags_allowed},
      {"wrong number of arguments", FindingKind::wrong_number_arguments},
      {"argument validation", FindingKind::function_argument_validation},
      {"empty set literals", FindingKind::empty_set_forbidden},
      {"non-literal expressions", FindingKind::non_lit_ext_constructor},
      {"enumerated entity type", FindingKind::invalid_enum_entity},
      {"not found", FindingKind::unsafe_attribute_access},
  };
  for (const Words& each : kWords) {
    if (message.find(each.words) != std::string_view::npos) return each.kind;
  }
  return std::nullopt;
}

// How often each kind was told. The reference engine repeats the sentence about a tag for each type
// that the expression of its name has; we tell it once.
using Counts = std::map<FindingKind, std::size_t>;

std::string text_of(const Counts& counts) {
  std::string out;
  for (const auto& [kind, count] : counts) {
    out += fmt::format(" {}×{}", policy::finding_kind_text(kind), count);
  }
  return out.empty() ? " nothing" : out;
}

struct Case {
  std::string name;
  fs::path verdicts;
  fs::path test;  // the requests
  fs::path policies;
  fs::path schema;
  fs::path entities;
};

class ValidationRun {
 public:
  explicit ValidationRun(bool verbose) : verbose_(verbose) {}

  void run(const std::vector<Case>& cases) {
    for (const Case& each : cases) {
      const std::size_t before = problems_;
      name_ = each.name;
      try {
        check(each);
      } catch (const nlohmann::json::exception& problem) {
        report(problem.what());
      }
      ++(problems_ == before ? result_.passed : result_.failed);
    }
    for (const Departure& each : kDepartures) {
      const bool run = std::any_of(cases.begin(), cases.end(),
                                   [&](const Case& other) { return other.name == each.name; });
      if (run) fmt::print("{}: {}\n", each.name, each.reason);
    }
    fmt::print("{} policies validated twice, {} entities, {} requests; {:.1f} us per validation\n",
               validations_ / 2, entities_, requests_,
               validations_ == 0 ? 0 : micros_ / static_cast<double>(validations_));
  }
  SuiteResult result() const { return result_; }

 private:
  void report(const std::string& what) {
    ++problems_;
    if (verbose_ || problems_ <= kShownFailures) fmt::print("{}: {}\n", name_, what);
  }

  bool departs() const {
    return std::any_of(std::begin(kDepartures), std::end(kDepartures),
                       [&](const Departure& each) { return each.name == name_; });
  }

  void check(const Case& each) {
    const auto verdicts = file_text(each.verdicts);
    const auto test = file_text(each.test);
    const auto policies = file_text(each.policies);
    const auto schema_text = file_text(each.schema);
    const auto entities = file_text(each.entities);
    if (!verdicts || !test || !policies || !schema_text || !entities) {
      return report("a file of the test cannot be read");
    }
    policy::Symbols symbols;
    const auto schema = policy::cedar::read_schema(*schema_text, "schema", symbols);
    if (!schema) return report(schema.error().text());
    const auto wanted = nlohmann::json::parse(*verdicts);
    const policy::Source source{"", *policies};
    for (const bool permissive : {false, true}) {
      check_policies(source, *schema, symbols, wanted.at("policyValidation"), permissive);
    }
    check_entities(nlohmann::json::parse(*entities), *schema, symbols,
                   wanted.at("entityValidation").at("perEntity"));
    check_requests(nlohmann::json::parse(*test).at("requests"), *schema, symbols,
                   wanted.at("requestValidation"));
  }

  void check_policies(const policy::Source& source, const policy::cedar::Schema& schema,
                      policy::Symbols& symbols, const nlohmann::json& wanted, bool permissive) {
    policy::ValidationOptions options;
    options.permissive = permissive;
    options.ids = policy::Ids::positional;
    std::vector<Finding> findings;
    const auto start = std::chrono::steady_clock::now();
    policy::cedar::validation::Validator validator(schema, symbols, options);
    const Result<void> read = validator.source(source, symbols, findings);
    micros_ +=
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
    ++validations_;
    if (!read) return report(read.error().text());
    const char* mode = permissive ? "permissive" : "strict";
    if (policy::passes(findings) != wanted.at(mode).get<bool>()) {
      report(fmt::format("{}: another verdict", mode));
    }
    for (const auto& [id, verdict] : wanted.at("perPolicy").items()) {
      Counts ours;
      for (const Finding& finding : findings) {
        if (finding.policy == id && finding.severity == policy::Severity::error) {
          ++ours[finding.kind];
        }
      }
      Counts theirs;
      for (const auto& message : verdict.value(std::string(mode) + "Errors", nlohmann::json())) {
        const auto kind = kind_of(message.get_ref<const std::string&>());
        if (!kind) return report(message.get<std::string>());
        ++theirs[*kind];
      }
      if (ours.empty() != verdict.at(mode).get<bool>()) {
        report(fmt::format("{} of {}: another verdict,{}", mode, id, text_of(ours)));
      }
      for (Counts* counts : {&ours, &theirs}) {
        const auto tags = counts->find(FindingKind::unsafe_tag_access);
        if (tags != counts->end()) tags->second = 1;
      }
      if (ours != theirs && !departs()) {
        report(fmt::format("{} of {}:{} instead of{}", mode, id, text_of(ours), text_of(theirs)));
      }
    }
  }

  // Each entity by itself: the verdicts are told by entity.
  void check_entities(const nlohmann::json& entities, const policy::cedar::Schema& schema,
                      policy::Symbols& symbols, const nlohmann::json& wanted) {
    for (const auto& entity : entities) {
      const auto& uid = entity.at("uid");
      const auto& plain = uid.contains("__entity") ? uid.at("__entity") : uid;
      const std::string name =
          plain.at("type").get<std::string>() + "::" + plain.at("id").get<std::string>();
      const auto verdict = wanted.find(name);
      if (verdict == wanted.end()) continue;
      ++entities_;
      const std::string text = nlohmann::json::array({entity}).dump();
      const auto read = policy::cedar::read_entities({text, "entities", &schema}, symbols);
      const bool valid = !verdict->contains("errors");
      if (read.has_value() == valid) continue;
      report(fmt::format("entity {}: {}", name,
                         read ? verdict->at("errors").dump() : read.error().text()));
    }
  }

  void check_requests(const nlohmann::json& requests, const policy::cedar::Schema& schema,
                      const policy::Symbols& known, const nlohmann::json& wanted) {
    for (std::size_t i = 0; i < requests.size() && i < wanted.size(); ++i) {
      ++requests_;
      Arena arena;
      policy::RequestSymbols symbols(known, arena);
      const auto uid = [&](const char* role) {
        const auto& json = requests[i].at(role);
        return symbols.entity(json.at("type").get_ref<const std::string&>(),
                              json.at("id").get_ref<const std::string&>());
      };
      policy::Request request;
      request.principal = uid("principal");
      request.action = uid("action");
      request.resource = uid("resource");
      request.symbols = &symbols;
      const std::string text = requests[i].at("context").dump();
      const auto context = policy::cedar::read_context({text, &schema, request.action}, symbols);
      std::string problem = context ? "" : context.error().text();
      if (context) {
        request.context = *context;
        const Result<void> valid = policy::cedar::validate_request(schema, request);
        if (!valid) problem = valid.error().text();
      }
      if (problem.empty() == wanted[i].at("strict").get<bool>()) continue;
      report(fmt::format("request {}: {}", i, problem.empty() ? wanted[i].dump() : problem));
    }
  }

  bool verbose_;
  std::string name_;
  SuiteResult result_;
  std::size_t problems_ = 0;
  std::size_t validations_ = 0;
  std::size_t entities_ = 0;
  std::size_t requests_ = 0;
  double micros_ = 0;
};

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code problem;
  for (fs::directory_iterator at(folder, problem), end; at != end && !problem;
       at.increment(problem)) {
    const std::string name = at->path().filename().string();
    if (!name.ends_with(kSuffix) || name.starts_with("._")) continue;
    out.push_back(name.substr(0, name.size() - kSuffix.size()));
  }
  std::sort(out.begin(), out.end());
  return out;
}

Case case_in(const std::string& name, const fs::path& verdicts, const fs::path& tests) {
  return {name,
          verdicts / (name + std::string(kSuffix)),
          tests / (name + ".json"),
          tests / (name + ".cedar"),
          tests / (name + ".cedarschema"),
          tests / (name + ".entities.json")};
}

Result<SuiteResult> run_cases(const ValidationSuite& suite, const fs::path& verdicts,
                              const fs::path& tests) {
  std::vector<Case> cases;
  for (const std::string& name : names_in(verdicts)) {
    cases.push_back(case_in(name, verdicts, tests));
  }
  if (cases.empty()) {
    return Error{ErrorCode::file_unreadable, "no verdicts found", suite.folder, 0, 0};
  }
  ValidationRun run(suite.verbose);
  run.run(cases);
  return run.result();
}

}  // namespace

Result<SuiteResult> run_validation(const ValidationSuite& suite) {
  std::vector<ExtractedArchive> archives;
  fs::path folders[2];
  const char* names[] = {"corpus-tests", "corpus-tests-validation"};
  for (std::size_t i = 0; i < std::size(names); ++i) {
    folders[i] = fs::path(suite.folder) / names[i];
    std::error_code ignored;
    if (fs::is_directory(folders[i], ignored)) continue;
    auto extracted =
        ExtractedArchive::extract(fs::path(suite.folder) / (std::string(names[i]) + ".tar.gz"));
    if (!extracted) return std::move(extracted).error();
    folders[i] = fs::path(extracted->folder()) / names[i];
    archives.push_back(*std::move(extracted));
  }
  return run_cases(suite, folders[1], folders[0]);
}

Result<SuiteResult> run_validator_cases(const ValidationSuite& suite) {
  return run_cases(suite, suite.folder, suite.folder);
}

}  // namespace mcpgov::cli
