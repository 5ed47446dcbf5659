// What a public policy set holds, for the engine and the validator that read it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mcpgov/cedar.hpp"
#include "policy/cedar/policy_set.hpp"

namespace mcpgov::policy {

struct PolicySet::Parts {
  cedar::PolicySet set;
};

}  // namespace mcpgov::policy
