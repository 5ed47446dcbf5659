// The rule for ids, in one place.
// Tested by tests/policy/authorize_test.cpp, policy_set_test.cpp, lint_test.cpp,
// validation_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/policy_id.hpp"

namespace mcpgov::policy::cedar {

void write_id(std::string& out, const Source& source, const ParsedPolicy& policy,
              std::size_t number, Ids ids) {
  for (const AnnotationText& annotation : policy.annotations) {
    if (ids != Ids::annotated || annotation.name != "id") continue;
    out = annotation.value;
    return;
  }
  out = source.name;
  if (!source.name.empty()) out += '#';
  out.append("policy").append(std::to_string(number));
}

}  // namespace mcpgov::policy::cedar
