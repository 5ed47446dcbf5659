// One schema after the other, in both of its forms.
// Tested by tests/conformance/schemas_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/conformance_schemas.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/os_file.hpp"
#include "cli/archive.hpp"
#include "cli/file_sizes.hpp"
#include "policy/cedar/schema_declarations.hpp"
#include "policy/cedar/schema_types.hpp"

namespace mcpgov::cli {
namespace {

namespace fs = std::filesystem;
using policy::Symbols;
using policy::cedar::ActionType;
using policy::cedar::Attribute;
using policy::cedar::EntityType;
using policy::cedar::Schema;
using policy::cedar::Type;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kShownFailures = 20;

// A folder of the suite: itself, or an archive of it.
class SuiteFolder {
 public:
  static Result<SuiteFolder> open(const fs::path& root, const std::string& name) {
    SuiteFolder out;
    std::error_code ignored;
    if (fs::is_directory(root / name, ignored)) {
      out.path_ = root / name;
      return out;
    }
    auto extracted = ExtractedArchive::extract(root / (name + ".tar.gz"));
    if (!extracted) return std::move(extracted).error();
    out.path_ = extracted->folder() / name;
    out.archive_.emplace(*std::move(extracted));
    return out;
  }
  const fs::path& path() const noexcept { return path_; }

 private:
  fs::path path_;
  std::optional<ExtractedArchive> archive_;
};

// Types of two schemas over the same symbols.
bool same(const Type& a, const Type& b) {
  if (a.kind != b.kind || a.entity != b.entity) return false;
  if (a.kind == policy::Kind::set) return same(*a.element, *b.element);
  return std::equal(a.attributes.begin(), a.attributes.end(), b.attributes.begin(),
                    b.attributes.end(), [](const Attribute& x, const Attribute& y) {
                      return x.name == y.name && x.required == y.required && same(*x.type, *y.type);
                    });
}

template <class T>
bool same_list(std::span<const T> a, std::span<const T> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

bool same(const EntityType& a, const EntityType& b) {
  const bool tags =
      a.tags == nullptr ? b.tags == nullptr : b.tags != nullptr && same(*a.tags, *b.tags);
  return a.name == b.name && a.enumerated == b.enumerated && same_list(a.ids, b.ids) &&
         same(a.shape, b.shape) && tags && same_list(a.ancestors, b.ancestors);
}

bool same(const ActionType& a, const ActionType& b) {
  return a.id == b.id && same_list(a.ancestors, b.ancestors) &&
         same_list(a.principals, b.principals) && same_list(a.resources, b.resources) &&
         same(a.context, b.context);
}

bool same(const Schema& a, const Schema& b) {
  const auto each = [](const auto& x, const auto& y) { return same(x, y); };
  const auto types = a.entity_types();
  const auto others = b.entity_types();
  return std::equal(types.begin(), types.end(), others.begin(), others.end(), each) &&
         std::equal(a.actions().begin(), a.actions().end(), b.actions().begin(), b.actions().end(),
                    each);
}

class SchemaRun {
 public:
  // What is wrong with a schema, or nothing.
  std::string problem(const fs::path& cedar_file, const fs::path& json_file) {
    const Result<std::string> cedar = read_file(cedar_file.string(), kDocumentBytes);
    const Result<std::string> json = read_file(json_file.string(), kDocumentBytes);
    if (!cedar) return cedar.error().text();
    if (!json) return json.error().text();
    Symbols symbols;
    const Clock::time_point start = Clock::now();
    const Result<Schema> twin = policy::cedar::read_schema(*cedar, "cedar", symbols);
    const Clock::time_point middle = Clock::now();
    if (!twin) return twin.error().text();
    const Result<Schema> schema = policy::cedar::read_schema_json(*json, "json", symbols);
    json_ += Clock::now() - middle;
    cedar_ += middle - start;
    if (!schema) return schema.error().text();
    if (!same(*twin, *schema)) return "the two forms do not mean the same";

    Arena arena;
    const auto declared = policy::cedar::parse_schema(*cedar, arena);
    if (!declared) return declared.error().text();
    const auto printed = policy::cedar::schema_json(*declared);
    if (!printed) return printed.error().text();
    if (nlohmann::json::parse(*printed) != nlohmann::json::parse(*json)) {
      return "printed as another JSON document";
    }
    if (*printed + "\n" == *json) ++equal_bytes_;
    return {};
  }

  void print(std::size_t count) const {
    const auto mean = [&](Clock::duration all) {
      return std::chrono::duration<double, std::micro>(all).count() / static_cast<double>(count);
    };
    fmt::print(
        "{} schemas, mean: Cedar syntax {:.1f} us, JSON {:.1f} us; {} printed in equal "
        "bytes\n",
        count, mean(cedar_), mean(json_), equal_bytes_);
  }

 private:
  Clock::duration cedar_{};
  Clock::duration json_{};
  std::size_t equal_bytes_ = 0;
};

}  // namespace

Result<SuiteResult> run_schemas(const SchemaSuite& suite) {
  const Result<SuiteFolder> tests = SuiteFolder::open(suite.folder, "corpus-tests");
  if (!tests) return tests.error();
  const Result<SuiteFolder> schemas = SuiteFolder::open(suite.folder, "corpus-tests-json-schemas");
  if (!schemas) return schemas.error();
  std::vector<fs::path> files;
  std::error_code cause;
  for (fs::directory_iterator at(schemas->path(), cause), end; !cause && at != end;
       at.increment(cause)) {
    const std::string name = at->path().filename().string();
    // The archive was made on a system that puts its own file, `._name`, beside each.
    if (name.ends_with(".json") && !name.starts_with(".")) files.push_back(at->path());
  }
  if (files.empty()) {
    return Error{ErrorCode::file_unreadable, "there are no schemas in this folder", suite.folder, 0,
                 0};
  }
  std::sort(files.begin(), files.end());
  SchemaRun run;
  SuiteResult out;
  for (const fs::path& file : files) {
    const std::string problem = run.problem(tests->path() / file.stem(), file);
    ++(problem.empty() ? out.passed : out.failed);
    if (!problem.empty() && (suite.verbose || out.failed <= kShownFailures)) {
      fmt::print("FAILED {}: {}\n", file.filename().string(), problem);
    } else if (suite.verbose) {
      fmt::print("passed {}\n", file.filename().string());
    }
  }
  run.print(files.size());
  return out;
}

}  // namespace mcpgov::cli
