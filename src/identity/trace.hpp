// Telling step by step what a verifier looked at, for `mcpgov whoami`.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mcpgov/identity.hpp"

namespace mcpgov::identity {

// Null wherever nobody asks, which is always but in explain(): write `if (trace) trace->…`, so that
// a request pays for one comparison. Details never hold a token, a signature or a secret; names of
// claims, key ids, issuers and times are fine.
// Threads: one thread.
class Trace {
 public:
  explicit Trace(std::vector<Check>& steps) : steps_(&steps) {}
  void passed(std::string what, std::string detail = {}) {
    steps_->push_back({std::move(what), true, std::move(detail)});
  }
  void failed(std::string what, std::string detail) {
    steps_->push_back({std::move(what), false, std::move(detail)});
  }

 private:
  std::vector<Check>* steps_;
};

}  // namespace mcpgov::identity
