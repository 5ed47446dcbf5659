// What a policy of a text is called.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "mcpgov/policy.hpp"
#include "policy/cedar/ast.hpp"

namespace mcpgov::policy::cedar {

// Its annotation `id` where `ids` says so and it has one; else `SOURCE#policyN`, N from 0.
// out: its room is used again. Throws: std::bad_alloc.
void write_id(std::string& out, const Source& source, const ParsedPolicy& policy,
              std::size_t number, Ids ids);

inline std::string id_of(const Source& source, const ParsedPolicy& policy, std::size_t number,
                         Ids ids) {
  std::string out;
  write_id(out, source, policy, number, ids);
  return out;
}

}  // namespace mcpgov::policy::cedar
