// What decides the cases of one file of policy tests, and what it decided.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cli/explain.hpp"
#include "cli/policy_tests_file.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::cli {

// What came of one case.
struct Outcome {
  bool allowed = false;
  ErrorCode code = ErrorCode::none;    // why a message is denied
  std::vector<std::string> reasons;    // ids of the policies that determined it
  std::vector<std::string> failing;    // ids of the policies that failed
  std::vector<std::string> sentences;  // about those
  std::vector<std::string> details;    // the request in Cedar's writing, a line each
};

// The policies and everything they need, ready to be asked. Threads: one thread.
class World {
 public:
  // Errors: those of the configuration, the policies, entities and schema.
  static Result<std::unique_ptr<World>> open(const TestFile& file);
  virtual ~World() = default;

  // Errors: what makes a case no question at all: a context that cannot be read, an unusable list
  // of tools, a message that is a batch.
  virtual Result<Outcome> ask(const TestCase& asked) = 0;

  // file: as a path from here, for reports.
  const std::vector<NamedPolicy>& policies() const noexcept { return policies_; }

 protected:
  std::vector<NamedPolicy> policies_;
};

}  // namespace mcpgov::cli
