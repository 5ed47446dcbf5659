// What `mcpgov test` found: for people, for CI servers, and which policies decided nothing.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "cli/explain.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::cli {

struct CaseResult {
  std::string name;
  std::uint32_t line = 0;
  double seconds = 0;
  std::vector<std::string> findings;  // empty: passed
};

struct FileResult {
  std::string path;
  std::vector<CaseResult> cases;
  std::string error;  // not empty: none of its cases could be run
};

struct Report {
  std::vector<FileResult> files;

  std::size_t passed() const noexcept;
  std::size_t failed() const noexcept;
  std::size_t unusable() const noexcept;  // files
};

// A line for each case, and why it failed. quiet: only those.
void print_file(const FileResult& file, bool quiet);

// The form of JUnit's XML that CI servers read. Errors: file_unreadable.
Result<void> write_junit(const Report& report, const std::string& path);

// Which policies were among the reasons of a decision. Two files of tests may test one policy: it
// is known by its place.
class Coverage {
 public:
  void add(const std::vector<NamedPolicy>& policies);
  // ids: of `policies`, which were added.
  void decided(const std::vector<NamedPolicy>& policies, std::span<const std::string> ids);

  double percent() const noexcept;  // 100 when there is no policy
  void print() const;

 private:
  using Place = std::tuple<std::string, std::uint32_t, std::uint32_t>;
  struct Entry {
    NamedPolicy policy;
    std::size_t cases = 0;
  };
  static Place place_of(const NamedPolicy& policy);
  std::size_t covered() const noexcept;

  std::map<Place, Entry> entries_;
};

}  // namespace mcpgov::cli
